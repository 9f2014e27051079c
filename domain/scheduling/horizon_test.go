package scheduling_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
)

// clockChanges are the days on which clocks change in the demo's zones (IANA tzdata); hours of the night from 0 to 6.
var clockChanges = []struct {
	zone, day string
	hours     int
}{
	{"Europe/London", "2026-03-29", 5}, {"Europe/London", "2026-10-25", 7}, {"Europe/London", "2027-03-28", 5},
	{"America/New_York", "2026-03-08", 5}, {"America/New_York", "2026-11-01", 7}, {"America/New_York", "2027-03-14", 5},
}

func TestSlotsKeepTheWallClockWhereClocksChange(t *testing.T) {
	t.Parallel()
	for _, c := range clockChanges {
		t.Run(c.zone+" "+c.day, func(t *testing.T) {
			t.Parallel()
			date, _ := time.Parse(time.DateOnly, c.day)
			p := newPractice(t, c.zone, date.AddDate(0, 0, -3), 2)
			p.week(t, 0, 9*60, 12*60, 13*60, 17*60)
			p.week(t, 1, 0, 6*60)
			for add := -1; add <= 1; add++ {
				d := date.AddDate(0, 0, add).Format(time.DateOnly)
				day := p.rows(t, 0, d)
				if len(day) != 28 || day[0].StartsAt.In(p.loc).Format("15:04") != "09:00" || day[12].StartsAt.In(p.loc).Format("15:04") != "13:00" ||
					day[27].EndsAt.In(p.loc).Format("15:04") != "17:00" {
					t.Errorf("%s: %q", d, p.say(t, 0, d))
				}
			}
			night := p.rows(t, 1, c.day)
			if len(night) != c.hours*4 {
				t.Errorf("the night has %d slots, want %d", len(night), c.hours*4)
			}
			for i := 1; i < len(night); i++ {
				if !night[i].StartsAt.Equal(night[i-1].EndsAt) {
					t.Errorf("a slot ends at %s and the next starts at %s", night[i-1].EndsAt, night[i].StartsAt)
				}
			}
			if r := p.rebuild(t); r.Added+r.Removed+r.Blocked+r.Reopened != 0 {
				t.Errorf("a second rebuild did something: %+v", r)
			}
		})
	}
}

func TestTheHorizonRolls(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "America/New_York", time.Date(2026, 10, 20, 14, 7, 0, 0, time.UTC), 2) // 10:07 in New York
	p.week(t, 0, 9*60, 12*60)
	roll := func() (r scheduling.RebuildResult) {
		p.in(t, func(ctx context.Context, tx *tenancy.Tx) (err error) { r, err = scheduling.Roll(ctx, tx); return err })
		return r
	}
	all := p.rows(t, 0, "")
	if first, last := all[0].StartsAt.In(p.loc), all[len(all)-1].StartsAt.In(p.loc); first.Format("01-02 15:04") != "10-20 10:15" || last.Format("01-02 15:04") != "11-30 11:45" {
		t.Errorf("from %s to %s: want from the next slot of today, and 42 days", first, last)
	}
	if r := roll(); r.Added != 0 {
		t.Errorf("rolled twice on a day: %+v", r)
	}
	p.Clock.Advance(48 * time.Hour)
	if r := roll(); r.Added != 24 || r.Removed != 0 || r.Blocked != 0 {
		t.Errorf("two days later: %+v, want 24 slots added", r)
	}
	if past := p.rows(t, 0, "2026-10-21"); len(past) != 12 {
		t.Errorf("%d slots of a day that has passed, want 12: the past is not touched", len(past))
	}
	p.book(t, 0, "2026-11-20 10:00")
	p.in(t, func(ctx context.Context, tx *tenancy.Tx) error { // nothing to add: it must not even wait for a change of hours
		_, err := scheduling.AddClosure(ctx, tx, scheduling.ClosureInput{StartsAt: p.Clock.Now(), EndsAt: p.Clock.Now().Add(time.Minute), Reason: "x"})
		short, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		rolled := p.WithClinic(short, p.scope, func(tx *tenancy.Tx) error { _, err := scheduling.Roll(short, tx); return err })
		return errors.Join(err, rolled)
	})
	p.in(t, func(ctx context.Context, tx *tenancy.Tx) error {
		c, err := scheduling.UpdateClinic(ctx, tx, scheduling.ClinicInput{Name: "Practice", GrainMinutes: 15, HorizonDays: 10, HoldSeconds: 90})
		if c.Rebuild.Removed != 32*12-2 || c.Rebuild.Added+len(c.Rebuild.Outside) != 0 {
			t.Errorf("a shorter horizon: %+v, want 382 slots removed", c.Rebuild)
		}
		return err
	})
	p.wants(t, 0, "2026-11-20", "10:00+15 busy open", "10:15+15 busy open") // beyond the horizon, and still within the hours
}

func TestExceptionsReplaceADaysHours(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "Europe/London", time.Date(2026, 3, 27, 8, 0, 0, 0, time.UTC), 1)
	p.week(t, 0, 9*60, 10*60)
	set := func(day string, hours ...scheduling.HoursInterval) (r scheduling.RebuildResult) {
		p.in(t, func(ctx context.Context, tx *tenancy.Tx) (err error) {
			r, err = scheduling.SetException(ctx, tx, scheduling.HoursException{Practitioner: p.who[0], On: p.when(t, day+" 00:00"), Hours: hours, Reason: "Course"})
			return err
		})
		return r
	}
	if r := set("2026-03-29", scheduling.HoursInterval{Starts: 9*60 + 30, Ends: 10*60 + 15}); r.Added != 1 || r.Removed != 2 {
		t.Errorf("other hours: %+v", r)
	}
	p.wants(t, 0, "2026-03-29", "09:30+15 free open", "09:45+15 free open", "10:00+15 free open")
	if r := set("2026-03-29"); r.Removed != 3 {
		t.Errorf("day off: %+v", r)
	}
	p.wants(t, 0, "2026-03-29")
	p.wants(t, 0, "2026-03-30", "09:00+15 free open", "09:15+15 free open", "09:30+15 free open", "09:45+15 free open")
	p.in(t, func(ctx context.Context, tx *tenancy.Tx) error {
		r, err := scheduling.RemoveException(ctx, tx, scheduling.ExceptionDay{Practitioner: p.who[0], On: p.when(t, "2026-03-29 00:00")})
		if r.Added != 4 {
			t.Errorf("the week's hours again: %+v", r)
		}
		return err
	})
}

func TestAClosureBlocksAndKeepsWhatIsBooked(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "Europe/London", time.Date(2026, 10, 23, 8, 0, 0, 0, time.UTC), 2)
	p.week(t, 0, 9*60, 10*60+30)
	p.week(t, 1, 9*60, 10*60)
	booked, held, second := p.book(t, 0, "2026-10-25 09:30"), p.hold(t, 0, "2026-10-25 09:00"), p.book(t, 1, "2026-10-25 09:00")
	var change scheduling.ClosureChange
	p.in(t, func(ctx context.Context, tx *tenancy.Tx) (err error) {
		change, err = scheduling.AddClosure(ctx, tx, scheduling.ClosureInput{StartsAt: p.when(t, "2026-10-25 09:20"), EndsAt: p.when(t, "2026-10-25 10:15"), Reason: "Water"})
		return err
	})
	if r := change.Rebuild; r.Added+r.Removed+r.Reopened != 0 || r.Blocked != 4+3 {
		t.Errorf("closure: %+v", r)
	}
	got, want := outsideIDs(change.Rebuild), []uuid.UUID{booked, held, second}
	for _, id := range want {
		if !slices.Contains(got, id) {
			t.Errorf("outside: %v, want %v", got, want)
		}
	}
	if len(got) != 3 || !slices.IsSortedFunc(change.Rebuild.Outside, func(a, b scheduling.Outside) int { return a.StartsAt.Compare(b.StartsAt) }) {
		t.Errorf("outside: %+v", change.Rebuild.Outside)
	}
	p.wants(t, 0, "2026-10-25", "09:00+15 busy-tentative open", "09:15+15 busy-tentative blocked", "09:30+15 busy blocked", "09:45+15 busy blocked",
		"10:00+15 busy-unavailable blocked", "10:15+15 free open")
	p.free(t, booked)
	p.wants(t, 0, "2026-10-25", "09:00+15 busy-tentative open", "09:15+15 busy-tentative blocked", "09:30+15 busy-unavailable blocked",
		"09:45+15 busy-unavailable blocked", "10:00+15 busy-unavailable blocked", "10:15+15 free open")
	p.in(t, func(ctx context.Context, tx *tenancy.Tx) error {
		r, err := scheduling.RemoveClosure(ctx, tx, change.Closure.ID)
		if r.Reopened != 7 || len(r.Outside) != 0 {
			t.Errorf("closure removed: %+v", r)
		}
		return err
	})
	p.wants(t, 0, "2026-10-25", "09:00+15 busy-tentative open", "09:15+15 busy-tentative open", "09:30+15 free open", "09:45+15 free open", "10:00+15 free open",
		"10:15+15 free open")
}

func TestTimeOffIsOnePractitioners(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "Europe/London", time.Date(2026, 3, 27, 8, 0, 0, 0, time.UTC), 2)
	p.week(t, 0, 9*60, 9*60+30)
	p.week(t, 1, 9*60, 9*60+30)
	p.in(t, func(ctx context.Context, tx *tenancy.Tx) error {
		_, err := scheduling.AddClosure(ctx, tx, scheduling.ClosureInput{Practitioner: p.who[1], StartsAt: p.when(t, "2026-03-29 00:00"), EndsAt: p.when(t, "2026-03-30 09:15"), Reason: "Leave"})
		return err
	})
	p.rebuild(t)
	p.wants(t, 0, "2026-03-29", "09:00+15 free open", "09:15+15 free open")
	p.wants(t, 1, "2026-03-29", "09:00+15 busy-unavailable blocked", "09:15+15 busy-unavailable blocked")
	p.wants(t, 1, "2026-03-30", "09:00+15 busy-unavailable blocked", "09:15+15 free open")
}

func TestOtherHoursLeaveHeldAndBookedSlots(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "America/New_York", time.Date(2026, 10, 30, 8, 0, 0, 0, time.UTC), 1)
	p.week(t, 0, 9*60, 10*60)
	booked, held := p.book(t, 0, "2026-11-01 09:00"), p.hold(t, 0, "2026-11-01 09:30")
	r := p.week(t, 0, 14*60, 14*60+30)
	if got := outsideIDs(r); !slices.Equal(got, []uuid.UUID{booked, held}) {
		t.Errorf("outside %v, want %v and %v", got, booked, held)
	}
	p.wants(t, 0, "2026-11-01", "09:00+15 busy gone", "09:15+15 busy gone", "09:30+15 busy-tentative gone", "09:45+15 busy-tentative gone",
		"14:00+15 free open", "14:15+15 free open")
	p.wants(t, 0, "2026-11-02", "14:00+15 free open", "14:15+15 free open")
	p.free(t, booked)
	p.wants(t, 0, "2026-11-01", "09:30+15 busy-tentative gone", "09:45+15 busy-tentative gone", "14:00+15 free open", "14:15+15 free open")
	if r := p.week(t, 0, 9*60, 10*60); r.Reopened != 2 || len(r.Outside) != 0 {
		t.Errorf("hours as they were: %+v", r)
	}
	p.wants(t, 0, "2026-11-01", "09:00+15 free open", "09:15+15 free open", "09:30+15 busy-tentative open", "09:45+15 busy-tentative open")
	p.Clock.Advance(time.Hour) // the hold has ended, and nobody has swept it
	if r := p.week(t, 0); len(r.Outside) != 0 {
		t.Errorf("an ended hold is outside: %+v", r.Outside)
	}
}

func TestANewGrainGoesAroundWhatIsTaken(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "Europe/London", time.Date(2026, 3, 27, 8, 0, 0, 0, time.UTC), 1)
	p.week(t, 0, 9*60, 10*60+30)
	booked := p.book(t, 0, "2026-03-29 09:30")
	if r := p.grain(t, 20); len(r.Outside) != 0 {
		t.Errorf("a new grain left appointments outside: %+v", r)
	}
	p.wants(t, 0, "2026-03-29", "09:00+20 free open", "09:30+15 busy open", "09:45+15 busy open", "10:00+20 free open")
	p.wants(t, 0, "2026-03-30", "09:00+20 free open", "09:20+20 free open", "09:40+20 free open", "10:00+20 free open")
	p.in(t, func(ctx context.Context, tx *tenancy.Tx) error {
		c, err := scheduling.AddClosure(ctx, tx, scheduling.ClosureInput{StartsAt: p.when(t, "2026-03-29 09:50"), EndsAt: p.when(t, "2026-03-29 10:00"), Reason: "Fire drill"})
		if !slices.Equal(outsideIDs(c.Rebuild), []uuid.UUID{booked}) || c.Rebuild.Blocked != 1 {
			t.Errorf("closure beside the grid: %+v", c.Rebuild)
		}
		if err != nil {
			return err
		}
		_, err = scheduling.RemoveClosure(ctx, tx, c.Closure.ID)
		return err
	})
	p.free(t, booked)
	p.wants(t, 0, "2026-03-29", "09:00+20 free open", "09:30+15 free open", "09:45+15 free open", "10:00+20 free open")
	p.rebuild(t)
	p.wants(t, 0, "2026-03-29", "09:00+20 free open", "09:20+20 free open", "09:40+20 free open", "10:00+20 free open")
}

func TestAPractitionerWhoStopsLosesFreeSlotsOnly(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "Europe/London", time.Date(2026, 3, 27, 8, 0, 0, 0, time.UTC), 1)
	p.week(t, 0, 9*60, 10*60)
	booked := p.book(t, 0, "2026-03-29 09:30")
	active := func(yes bool) (r scheduling.RebuildResult) {
		p.in(t, func(ctx context.Context, tx *tenancy.Tx) error {
			c, err := scheduling.UpdatePractitioner(ctx, tx, scheduling.PractitionerInput{ID: p.who[0], Name: "Dr 0", Active: yes})
			r = c.Rebuild
			return err
		})
		return r
	}
	if r := active(false); r.Removed != 42*4-2 || !slices.Equal(outsideIDs(r), []uuid.UUID{booked}) {
		t.Errorf("stopped: %+v", r)
	}
	p.wants(t, 0, "2026-03-29", "09:30+15 busy gone", "09:45+15 busy gone")
	if r := active(true); r.Added != 42*4-2 || r.Reopened != 2 {
		t.Errorf("back: %+v", r)
	}
}
