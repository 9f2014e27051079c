package calls

import (
	"fmt"
	"slices"
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
		"last Friday":                    "2026-11-13",
		"last Thursday":                  "2026-11-12", // said on a Thursday
		"last Monday at ten":             "2026-11-16 10:00",
		"yesterday":                      "2026-11-18",
		"last week":                      "2026-11-09/2026-11-16",
		"three days ago":                 "2026-11-16",
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
		"next Tuesday afternoon":                    "2026-11-24 720-1020",
		"tomorrow at ten":                           "2026-11-20 10:00",
		"half past nine":                            "09:30",
		"in two weeks":                              "2026-12-03",
		"in a fortnight":                            "2026-12-03",
		"in three days at half nine":                "2026-11-22 09:30",
		"in a week's time":                          "2026-11-26",
		"a week on Monday":                          "2026-11-30",
		"a week from Tuesday":                       "2026-12-01",
		"Monday week":                               "2026-11-30",
		"a week today":                              "2026-11-26",
		"a week tomorrow at 11":                     "2026-11-27 11:00",
		"two weeks from tomorrow":                   "2026-12-04",
		"the Tuesday after next":                    "2026-12-01",
		"in a month":                                "2026-12-19",
		"this Friday after four":                    "2026-11-20 960-1440",
		"Friday before ten":                         "2026-11-20 0-600",
		"Tuesday between two and four":              "2026-11-24 840-960",
		"from ten to half past eleven on Tuesday": "2026-11-24 600-690",
		"Tuesday afternoon after three":           "2026-11-24 900-1020",
		"Wednesday at 10 or later":                "2026-11-25 600-1440",
		"not before 11 on Monday":                 "2026-11-23 660-1440",
		"by noon tomorrow":                        "2026-11-20 0-720",
		"early next Tuesday morning":              "2026-11-24 0-720",
		"late afternoon on Monday":                "2026-11-23 930-1080",
		"lunchtime tomorrow":                      "2026-11-20 720-840",
		"next week":                               "2026-11-23/2026-11-30",
		"this week":                               "2026-11-19/2026-11-23",
		"next week in the morning":                "2026-11-23/2026-11-30 0-720",
		"the weekend":                             "2026-11-21/2026-11-23",
		"next month":                              "2026-12-01/2027-01-01",
		"some time in January":                    "2027-01-01/2027-02-01",
		"the week of the 7th":                     "2026-12-07/2026-12-14",
		"12/3":                                    "2027-03-12", // the 12th of March in Britain; this year's has passed
		"12/03/2027 at 9:15":                      "2027-03-12 09:15",
		"3/25":                                    "2027-03-25", // there is no 25th month
		"24/11 at ten":                            "2026-11-24 10:00",
		"24.11.2026":                              "2026-11-24",
		"31/2":                                    "",
		"Christmas Eve":                           "2026-12-24",
		"the day after Boxing Day":                "2026-12-27",
		"New Year's Day at noon":                  "2027-01-01 12:00",
		"Easter Monday":                           "2027-03-29",
		"Good Friday":                             "2027-03-26",
		"the first Monday in December":            "2026-12-07",
		"the last Friday of the month":            "2026-11-27",
		"the second Tuesday of next month":        "2026-12-08",
		"the first Monday in March":               "2027-03-01",
		"the 19th at eight":                       "2026-12-19 08:00", // eight has passed today
		"the 19th at eleven":                      "2026-11-19 11:00",
		"November 19 at 8 am":                     "2027-11-19 08:00",
		"the 3rd of next month":                   "2026-12-03",
		"Tuesday the 1st":                         "2026-12-01",
		"29 February":                             "2028-02-29",
		"nine oh five":                            "09:05",
		"nine twenty":                             "09:20",
		"twenty past two":                         "14:20",
		"ten to four":                             "15:50",
		"quarter of ten":                          "09:45",
		"around 3ish tomorrow":                    "2026-11-20 15:00",
		"1430 hours":                              "14:30",
		"14h30":                                   "14:30",
		"midday on the 24th":                      "2026-11-24 12:00",
		"Saturday at 9.30 a.m.":                   "2026-11-21 09:30",
		"may I come on Monday?":                   "2026-11-23",
		"I was there in March once, any Tuesday":  "2027-03-01/2027-04-01",
		"as soon as possible":                     "",
		"a quarter past":                          "",
		"whenever":                                "",
		"someone on the phone often":              "",
		"":                                        "",
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
			day := w.Day.Format(time.DateOnly)
			if !w.To.IsZero() {
				day += "/" + w.To.Format(time.DateOnly)
			}
			add(day)
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

func TestAmericansSayTheMonthFirst(t *testing.T) {
	t.Parallel()
	york, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 19, 9, 0, 0, 0, york)
	for phrase, want := range map[string]string{"12/3": "2026-12-03", "12/3/27": "2027-12-03", "25/12": "2026-12-25", "2/30": "", "13/13": "", "Thanksgiving": "2026-11-26", "the day before Thanksgiving": "2026-11-25",
		"July 4th": "2027-07-04", "the Fourth of July": "2027-07-04"} {
		got := ""
		if w := ParseWhen(phrase, now, "US"); !w.Day.IsZero() {
			got = w.Day.Format(time.DateOnly)
		}
		if got != want {
			t.Errorf("%q is %q, want %q", phrase, got, want)
		}
	}
	for phrase, want := range map[string]string{"12/3 or 12/7": "Thu 3 Dec; Mon 7 Dec", "not before 12/8": "Tue 8 Dec–Mon 14 Dec", "December 1st to December 3rd": "Tue 1 Dec–Thu 3 Dec"} {
		if got := inShort(parseWishes(phrase, now, "US")); got != want {
			t.Errorf("%q is %q, want %q", phrase, got, want)
		}
	}
}

// FuzzParseWhen: whatever is said, a time is on the clock, a day is a midnight, and a range is not upside down.
func FuzzParseWhen(f *testing.F) {
	for _, s := range []string{"next Tuesday at half ten", "12/3", "in 999 months", "the 5th Monday of february", "between 4 and 2", "@99999 to @3", "from to at", "half half 10 past past", "week of week of the 3rd", "not Monday but Tuesday or the 3rd", "from Friday to Monday, not before 3", "between the 1st, 2nd or 3rd of may and except"} {
		f.Add(s)
	}
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		f.Fatal(err)
	}
	now := time.Date(2026, 10, 24, 23, 59, 0, 0, london) // the clocks change in the night
	f.Fuzz(func(t *testing.T, phrase string) {
		for _, country := range []string{"GB", "US"} {
			w := ParseWhen(phrase, now, country)
			if w.Minute < -1 || w.Minute >= daylong || w.After < 0 || w.Before < 0 || w.Before > daylong || w.Before > 0 && w.After >= w.Before {
				t.Fatalf("%q is %+v", phrase, w)
			}
			if !w.Day.IsZero() && (!w.Day.Equal(dayOf(w.Day)) || w.Day.Year() < 2000 || w.Day.Year() > 2200) || !w.To.IsZero() && !w.To.After(w.Day) {
				t.Fatalf("%q is on %s to %s", phrase, w.Day, w.To)
			}
			for _, a := range slices.Concat(parseWishes(phrase, now, country).Any, parseWishes(phrase, now, country).Not) {
				if a.empty() || a.Minute >= daylong || a.Before > daylong || a.Before > 0 && a.After >= a.Before || !a.To.IsZero() && !a.To.After(a.Day) {
					t.Fatalf("%q wishes for %+v", phrase, a)
				}
			}
		}
	})
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
