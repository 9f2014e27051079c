package calls

import (
	"fmt"
	"testing"
	"time"

	_ "time/tzdata"
)

func TestWhatPeopleSayOfTimes(t *testing.T) {
	t.Parallel()
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 19, 9, 0, 0, 0, london) // a Thursday
	for phrase, want := range map[string]string{
		"2026-11-24T10:30:00Z":           "2026-11-24 10:30",
		"2026-06-24T10:30:00Z":           "2026-06-24 11:30", // an offset counts: London is an hour ahead then
		"2026-11-24T10:30:00-05:00":      "2026-11-24 15:30",
		"2026-11-24T10:30":               "2026-11-24 10:30",
		"2026-11-24 02:15:00":            "2026-11-24 02:15",
		"2026-11-24":                     "2026-11-24",
		"2026-02-30":                     "",
		"today":                          "2026-11-19",
		"tomorrow":                       "2026-11-20",
		"the day after tomorrow at noon": "2026-11-21 12:00",
		"tomorrow morning":               "2026-11-20 0-720",
		"this afternoon":                 "2026-11-19 720-1020",
		"Tuesday":                        "2026-11-24",
		"next Tuesday at 10:30":          "2026-11-24 10:30",
		"next Friday":                    "2026-11-27", // tomorrow would be "this Friday"
		"this Friday":                    "2026-11-20",
		"Thursday":                       "2026-11-26",
		"Monday next week":               "2026-11-23",
		"Tuesday the 24th of November at 10:30 AM":  "2026-11-24 10:30",
		"Tuesday, November 24th at 2 PM":            "2026-11-24 14:00",
		"24 November 2027, 9.15am":                  "2027-11-24 09:15",
		"January 5":                                 "2027-01-05", // the next one
		"the 3rd":                                   "2026-12-03",
		"the twenty-fourth of November at half ten": "2026-11-24 10:30",
		"half past ten":                             "10:30",
		"half past two":                             "14:30",
		"a quarter to eleven in the morning":        "10:45 0-720",
		"twenty five past nine":                     "09:25",
		"ten thirty":                                "10:30",
		"10am":                                      "10:00",
		"10 a.m.":                                   "10:00",
		"12 am":                                     "00:00",
		"12pm":                                      "12:00",
		"three o'clock":                             "15:00",
		"at 3":                                      "15:00",
		"8 in the evening":                          "20:00 1020-1440",
		"14:45":                                     "14:45",
		"25:00":                                     "",
		"whenever":                                  "",
		"someone on the phone often":                "",
		"":                                          "",
	} {
		w := ParseWhen(phrase, now, "GB")
		got := ""
		add := func(s string) {
			if got != "" {
				got += " "
			}
			got += s
		}
		if !w.Day.IsZero() {
			add(w.Day.Format(time.DateOnly))
		}
		if w.Minute >= 0 {
			add(time.Date(2026, 1, 1, 0, w.Minute, 0, 0, time.UTC).Format("15:04"))
		}
		if w.Before > 0 {
			add(fmt.Sprintf("%d-%d", w.After, w.Before))
		}
		if got != want {
			t.Errorf("%q is %q, want %q", phrase, got, want)
		}
	}
}

func TestNineOClockIsNineOClockWhenTheClocksChange(t *testing.T) {
	t.Parallel()
	york, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 10, 31, 12, 0, 0, 0, york)
	at, ok := ParseWhen("tomorrow at 9am", now, "US").Exact()
	if want := time.Date(2026, 11, 1, 14, 0, 0, 0, time.UTC); !ok || !at.Equal(want) {
		t.Errorf("got %s, want %s", at, want)
	}
}

func TestTimesAreSaidAsPatientsSayThem(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 19, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		at           time.Time
		locale, want string
	}{
		{time.Date(2026, 11, 24, 10, 30, 0, 0, time.UTC), "en-GB", "Tuesday the 24th of November at 10:30 AM"},
		{time.Date(2026, 11, 24, 14, 0, 0, 0, time.UTC), "en-US", "Tuesday, November 24th at 2 PM"},
		{time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC), "en-GB", "Tuesday the 1st of December at 12 noon"},
		{time.Date(2026, 12, 22, 12, 15, 0, 0, time.UTC), "en-GB", "Tuesday the 22nd of December at 12:15 PM"},
		{time.Date(2027, 1, 13, 9, 5, 0, 0, time.UTC), "en-GB", "Wednesday the 13th of January 2027 at 9:05 AM"},
	} {
		if got := sayTime(c.at, now, c.locale); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestNamesAreMatchedAsTheyAreHeard(t *testing.T) {
	t.Parallel()
	options := [][]string{{"rhinoplasty", "Rhinoplasty consultation"}, {"septoplasty", "Septoplasty consultation"}, {"breast-augmentation", "Breast augmentation consultation"},
		{"laser-hair-removal", "Laser hair removal"}, {"botox", "Botox"}, {"mole-check", "Mole check"}}
	for said, want := range map[string]int{"rhinoplasty": 0, "Rhino plasty": 0, "rhinoplasti": 0, "breast augmentation": 2, "BREAST-AUGMENTATION": 2, "laser": 3, "laser hair": 3,
		"a botox appointment": 4, "Mole Check": 5, "septoplasti consultation": 1, "consultation": -1, "plasty": -1, "tattoo": -1, "": -1} {
		got, ok := match(said, options)
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("%q is option %d, want %d", said, got, want)
		}
	}
}
