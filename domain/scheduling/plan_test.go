package scheduling

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func mustZone(t interface{ Fatal(...any) }, name string) *time.Location {
	loc, err := Zone(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func day(s string) time.Time {
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return d
}

// everyDay works the same interval on every day of the week.
func everyDay(starts, ends int) workRules {
	r := workRules{active: true}
	for d := time.Sunday; d <= time.Saturday; d++ {
		r.weekly = append(r.weekly, WeeklyHours{d, starts, ends})
	}
	return r
}

func slotsOfDay(r workRules, d time.Time, loc *time.Location, grain time.Duration) []plannedSlot {
	span := horizonSpan{wallInstant(d, 0, loc), wallInstant(d, 24*60, loc)}
	return r.slots(r.working(span, loc), span, grain)
}

// The change days of 2026 and 2027 (IANA tzdata), and how long the night from midnight to six is on them.
var changeDays = []struct {
	zone, day string
	night     time.Duration
}{
	{"Europe/London", "2026-03-29", 5 * time.Hour},
	{"Europe/London", "2026-10-25", 7 * time.Hour},
	{"Europe/London", "2027-03-28", 5 * time.Hour},
	{"America/New_York", "2026-03-08", 5 * time.Hour},
	{"America/New_York", "2026-11-01", 7 * time.Hour},
	{"America/New_York", "2027-03-14", 5 * time.Hour},
	{"Australia/Lord_Howe", "2026-04-05", 6*time.Hour + 30*time.Minute},
	{"Australia/Lord_Howe", "2026-10-04", 5*time.Hour + 30*time.Minute},
	{"Asia/Kathmandu", "2026-03-29", 6 * time.Hour},
	{"Africa/Cairo", "2026-04-24", 5 * time.Hour}, // midnight itself is skipped
	{"America/Havana", "2026-11-01", 7 * time.Hour},
}

func TestANightOnWhichClocksChangeHasTheHoursItHas(t *testing.T) {
	t.Parallel()
	for _, c := range changeDays {
		t.Run(c.zone+" "+c.day, func(t *testing.T) {
			t.Parallel()
			loc, d := mustZone(t, c.zone), day(c.day)
			for _, grain := range []time.Duration{15 * time.Minute, 20 * time.Minute, 30 * time.Minute, time.Hour} {
				got := slotsOfDay(everyDay(0, 6*60), d, loc, grain)
				if want := int(c.night / grain); len(got) != want {
					t.Fatalf("grain %s: %d slots, want %d", grain, len(got), want)
				}
				for i := 1; i < len(got); i++ {
					if !got[i].from.Equal(got[i-1].to) {
						t.Errorf("grain %s: a slot ends at %s and the next starts at %s", grain, got[i-1].to.In(loc), got[i].from.In(loc))
					}
				}
				if end := got[len(got)-1].to.In(loc); c.night%grain == 0 && end.Format("15:04") != "06:00" {
					t.Errorf("grain %s: the night ends at %s", grain, end)
				}
			}
		})
	}
}

func TestNineStaysNineOnBothSidesOfAChange(t *testing.T) {
	t.Parallel()
	for _, c := range changeDays {
		loc := mustZone(t, c.zone)
		for add := -2; add <= 2; add++ {
			d := day(c.day).AddDate(0, 0, add)
			got := slotsOfDay(everyDay(9*60, 17*60), d, loc, 15*time.Minute)
			if len(got) != 32 {
				t.Fatalf("%s %s: %d slots, want 32", c.zone, d.Format(time.DateOnly), len(got))
			}
			first, last := got[0].from.In(loc).Format("2006-01-02 15:04"), got[31].to.In(loc).Format("2006-01-02 15:04")
			if want := d.Format(time.DateOnly); first != want+" 09:00" || last != want+" 17:00" {
				t.Errorf("%s: from %s to %s", c.zone, first, last)
			}
		}
	}
}

// A Sunday is the clinic's Sunday, from its midnight to its next one, and no slot of it is on another day.
func TestADayStartsAndEndsAtTheClinicsMidnight(t *testing.T) {
	t.Parallel()
	for _, c := range changeDays {
		loc, d := mustZone(t, c.zone), day(c.day)
		r := workRules{active: true, weekly: []WeeklyHours{{d.Weekday(), 0, 24 * 60}}}
		span := horizonSpan{d.AddDate(0, 0, -4), d.AddDate(0, 0, 4)}
		got := r.slots(r.working(span, loc), span, 30*time.Minute)
		if want := int((c.night + 18*time.Hour) / (30 * time.Minute)); len(got) != want {
			t.Fatalf("%s %s: %d half hours, want %d", c.zone, c.day, len(got), want)
		}
		for _, s := range got {
			if horizonDay(s.from, loc) != d {
				t.Errorf("%s: %s is not on %s", c.zone, s.from.In(loc), c.day)
			}
		}
	}
}

func TestWorkAcrossMidnightHasNoSeam(t *testing.T) {
	t.Parallel()
	loc := mustZone(t, "Europe/London")
	r := workRules{active: true, weekly: []WeeklyHours{{time.Saturday, 22 * 60, 24 * 60}, {time.Sunday, 0, 6 * 60}}}
	span := horizonSpan{day("2026-03-27"), day("2026-03-31")}
	working := r.working(span, loc)
	if got := r.slots(working, span, 30*time.Minute); len(got) != 4+10 {
		t.Errorf("%d slots, want 14", len(got))
	}
	midnight := time.Date(2026, 3, 29, 0, 0, 0, 0, loc)
	if !coveredBy(horizonSpan{midnight.Add(-time.Hour), midnight.Add(time.Hour)}, working) {
		t.Error("the hours around midnight are not covered")
	}
	if coveredBy(horizonSpan{midnight.Add(-time.Hour), midnight.Add(6 * time.Hour)}, working) { // 07:00 BST: the night has five hours
		t.Error("an hour after the end is covered")
	}
}

func TestSkippedAndRepeatedWallTimes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ zone, day, wall, want string }{
		{"Europe/London", "2026-03-29", "00:59", "2026-03-29T00:59:00Z"},
		{"Europe/London", "2026-03-29", "01:00", "2026-03-29T01:00:00Z"}, // skipped until 02:00 BST
		{"Europe/London", "2026-03-29", "01:45", "2026-03-29T01:00:00Z"},
		{"Europe/London", "2026-03-29", "02:00", "2026-03-29T01:00:00Z"},
		{"Europe/London", "2026-03-29", "02:15", "2026-03-29T01:15:00Z"},
		{"Europe/London", "2026-10-25", "01:30", "2026-10-25T00:30:00Z"}, // the first of two
		{"Europe/London", "2026-10-25", "02:00", "2026-10-25T02:00:00Z"},
		{"America/New_York", "2026-03-08", "02:30", "2026-03-08T07:00:00Z"},
		{"America/New_York", "2026-11-01", "01:00", "2026-11-01T05:00:00Z"},
		{"America/New_York", "2026-11-01", "02:00", "2026-11-01T07:00:00Z"},
		{"Asia/Kathmandu", "2026-11-01", "09:00", "2026-11-01T03:15:00Z"},
		{"Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-03T15:30:00Z"},
		{"Pacific/Kiritimati", "2026-01-01", "00:00", "2025-12-31T10:00:00Z"},
	} {
		clock, err := time.Parse("15:04", c.wall)
		if err != nil {
			t.Fatal(err)
		}
		got := wallInstant(day(c.day), clock.Hour()*60+clock.Minute(), mustZone(t, c.zone))
		if got.Format(time.RFC3339) != c.want {
			t.Errorf("%s %s %s is %s, want %s", c.zone, c.day, c.wall, got.Format(time.RFC3339), c.want)
		}
	}
}

// Whatever the zone and the day, intervals that do not overlap on paper do not overlap in time, nor do their slots.
func TestPlannedSlotsNeverOverlap(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom(changeDays).Draw(t, "change")
		loc, d := mustZone(t, c.zone), day(c.day).AddDate(0, 0, rapid.IntRange(-2, 2).Draw(t, "days"))
		grain := time.Duration(rapid.SampledFrom([]int{5, 10, 15, 20, 30, 60}).Draw(t, "grain")) * time.Minute
		r := workRules{active: true}
		for at := 0; at < 1440; {
			starts := at + rapid.IntRange(0, 300).Draw(t, "gap")
			ends := starts + rapid.IntRange(1, 300).Draw(t, "length")
			if ends > 1440 {
				break
			}
			for w := time.Sunday; w <= time.Saturday; w++ {
				r.weekly = append(r.weekly, WeeklyHours{w, starts, ends})
			}
			at = ends
		}
		span := horizonSpan{d.AddDate(0, 0, -2), d.AddDate(0, 0, 3)}
		working := r.working(span, loc)
		slots := r.slots(working, span, grain)
		for i, s := range slots {
			if i > 0 && s.from.Before(slots[i-1].to) {
				t.Fatal(fmt.Sprint(slots[i-1], " overlaps ", s))
			}
			if !coveredBy(s.horizonSpan, working) {
				t.Fatal(fmt.Sprint(s, " is outside of the hours"))
			}
		}
	})
}
