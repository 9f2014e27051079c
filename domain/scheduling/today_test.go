package scheduling_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"anteroom/domain/patients"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
	"anteroom/domain/tenancy/tenancytest"
)

// today is a clinic whose clock stands where the test puts it.
type today struct {
	*clinic
	t *testing.T
}

func newToday(t *testing.T, practitioners int) today {
	t.Helper()
	return today{newClinic(t, tenancytest.NewWithClock(t, at(8, 0)), practitioners), t}
}

func (d today) book(practitioner, slot int, service, name string) uuid.UUID {
	d.t.Helper()
	var id uuid.UUID
	d.in(d.t, func(ctx context.Context, tx *tenancy.Tx) error {
		a, err := d.desk.Book(ctx, tx, scheduling.BookInput{SlotID: d.slot(practitioner, slot), Service: service, Source: scheduling.ByStaff,
			Patient: patients.Details{Name: name, Phone: "+447700900123"}})
		id = a.ID
		return err
	})
	return id
}

// step takes an appointment to a state at a time, and says that it was then: the database's own clock writes updated_at.
func (d today) step(id uuid.UUID, to string, when time.Time) {
	d.t.Helper()
	d.Clock.Set(when)
	d.in(d.t, func(ctx context.Context, tx *tenancy.Tx) error {
		_, err := d.desk.Change(ctx, tx, scheduling.Transition{ID: id, To: to})
		return err
	})
	if _, err := d.Owner(d.t).Exec(d.t.Context(), `update appointments set updated_at = $2 where id = $1`, id, when); err != nil {
		d.t.Fatal(err)
	}
}

func (d today) input() scheduling.TodayInput {
	return scheduling.TodayInput{From: monday, To: monday.AddDate(0, 0, 1), Zone: "Europe/London"}
}

func (d today) load(in scheduling.TodayInput) (seen scheduling.Today) {
	d.t.Helper()
	d.in(d.t, func(ctx context.Context, tx *tenancy.Tx) (err error) {
		if seen, err = d.desk.LoadToday(ctx, tx, in); err != nil {
			return err
		}
		n, err := scheduling.CountNeeds(ctx, tx, in)
		if n != len(seen.Needs) {
			d.t.Errorf("%d needs are counted, and %d told", n, len(seen.Needs))
		}
		return err
	})
	return seen
}

func kinds(needs []scheduling.Need) []string {
	list := []string{}
	for _, n := range needs {
		list = append(list, n.Kind)
	}
	return list
}

func (d today) wantNeeds(when time.Time, want ...string) scheduling.Today {
	d.t.Helper()
	d.Clock.Set(when)
	seen := d.load(d.input())
	if got := kinds(seen.Needs); !slices.Equal(got, want) {
		d.t.Errorf("at %s: %q, want %q", when.Format("15:04:05"), got, want)
	}
	return seen
}

func TestPatientsNeedSomebodyAsTimeGoesBy(t *testing.T) {
	t.Parallel()
	d := newToday(t, 1)
	id := d.book(0, 4, "s30", "Ada Lovelace") // 10:00 to 10:30
	d.wantNeeds(at(10, 0))
	d.wantNeeds(at(10, 4))
	if next := d.wantNeeds(at(10, 4)).NextChange(); !next.Equal(at(10, 5)) {
		t.Errorf("the next change is at %v", next)
	}
	d.wantNeeds(at(10, 5), scheduling.NeedLate)
	d.wantNeeds(at(10, 29), scheduling.NeedLate)
	d.wantNeeds(at(10, 30), scheduling.NeedMissed)

	d.step(id, scheduling.Arrived, at(10, 10))
	d.wantNeeds(at(10, 24))
	d.wantNeeds(at(10, 25), scheduling.NeedWaiting)
	d.step(id, scheduling.CheckedIn, at(10, 26))
	d.wantNeeds(at(10, 39))
	d.wantNeeds(at(10, 40), scheduling.NeedOverrun)
	d.step(id, scheduling.Fulfilled, at(10, 45))
	seen := d.wantNeeds(at(10, 46))
	if len(seen.Here)+len(seen.Next) != 0 || len(seen.Entries) != 1 {
		t.Errorf("%+v", seen)
	}
}

func TestWhoComesEarlyWaitsForTheOwnTimeFirst(t *testing.T) {
	t.Parallel()
	d := newToday(t, 1)
	id := d.book(0, 8, "s30", "Ada Lovelace") // 11:00
	d.step(id, scheduling.Arrived, at(10, 20))
	d.wantNeeds(at(11, 14))
	d.wantNeeds(at(11, 15), scheduling.NeedWaiting)
}

func TestWhatRunsOutFirstComesFirst(t *testing.T) {
	t.Parallel()
	d := newToday(t, 2)
	late := d.book(0, 4, "s30", "Late First")
	later := d.book(1, 5, "s30", "Late Second")
	waits := d.book(0, 0, "s30", "Waits Longest")
	d.step(waits, scheduling.Arrived, at(8, 55))
	d.Clock.Set(at(10, 20))
	long, err := d.claim(d.slot(0, 20), "s30", 240)
	if err != nil {
		t.Fatal(err)
	}
	short, err := d.claim(d.slot(1, 20), "s30", 60)
	if err != nil {
		t.Fatal(err)
	}
	seen := d.load(d.input())
	var got []uuid.UUID
	for _, n := range seen.Needs {
		got = append(got, n.Entry.ID)
	}
	if want := []uuid.UUID{short.ID, long.ID, waits, late, later}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v: %q", got, want, kinds(seen.Needs))
	}
	if seen.Callers[long.ID].Phone == "" {
		t.Error("nobody knows whom the hold is for")
	}
	d.wantNeeds(at(10, 20).Add(61*time.Second), scheduling.NeedHold, scheduling.NeedWaiting, scheduling.NeedLate, scheduling.NeedLate)
}

// A caller may hold any day; the desk sees it today, with the button that takes it over.
func TestHoldsOfOtherDaysNeedSomebodyToday(t *testing.T) {
	t.Parallel()
	d := newToday(t, 1)
	d.Clock.Set(monday.Add(-60 * time.Hour))
	if _, err := d.claim(d.slot(0, 4), "s30", 120); err != nil {
		t.Fatal(err)
	}
	in := scheduling.TodayInput{From: monday.AddDate(0, 0, -3), To: monday.AddDate(0, 0, -2), Zone: "Europe/London"}
	seen := d.load(in)
	if !slices.Equal(kinds(seen.Needs), []string{scheduling.NeedHold}) || len(seen.Entries) != 0 {
		t.Errorf("%q, and %d entries of that day", kinds(seen.Needs), len(seen.Entries))
	}
}

func TestAbsencesAndOpenDaysAreTold(t *testing.T) {
	t.Parallel()
	d := newToday(t, 2)
	d.book(0, 20, "s30", "Ada Lovelace") // 14:00
	d.book(0, 24, "s30", "Grace Hopper")
	d.book(1, 20, "s30", "Mary Somerville")
	d.in(t, func(ctx context.Context, tx *tenancy.Tx) error {
		_, err := scheduling.AddClosure(ctx, tx, scheduling.ClosureInput{Practitioner: d.practitioners[0], StartsAt: at(13, 0), EndsAt: at(17, 0), Reason: "Leave"})
		return err
	})
	seen := d.wantNeeds(at(9, 0), scheduling.NeedAway)
	if n := seen.Needs[0]; n.Count != 2 || n.Practitioner != d.practitioners[0] || !n.Since.Equal(at(14, 0)) || n.Reason != "Leave" {
		t.Errorf("%+v", n)
	}
	in := d.input()
	in.Practitioner = d.practitioners[1]
	if seen := d.load(in); len(seen.Needs) != 0 || len(seen.Next) != 1 {
		t.Errorf("another’s day: %+v", seen)
	}

	// The next morning nobody has said what became of them.
	d.Clock.Set(at(32, 0))
	next := scheduling.TodayInput{From: monday.AddDate(0, 0, 1), To: monday.AddDate(0, 0, 2), Zone: "Europe/London"}
	seen = d.load(next)
	if got := kinds(seen.Needs); !slices.Equal(got, []string{scheduling.NeedOpen}) || seen.Needs[0].Count != 3 || !seen.Needs[0].Day.Equal(monday) {
		t.Errorf("%q %+v", got, seen.Needs)
	}
}

func TestTwoPatientsAtOneTimeAreTold(t *testing.T) {
	t.Parallel()
	d := newToday(t, 1)
	d.book(0, 20, "s30", "Ada Lovelace")
	beside := d.book(0, 24, "s30", "Grace Hopper")
	if _, err := d.Owner(t).Exec(t.Context(), `update appointments set overbooked = true, starts_at = $2, ends_at = $3 where id = $1`, beside, at(14, 15), at(14, 45)); err != nil {
		t.Fatal(err)
	}
	seen := d.wantNeeds(at(9, 0), scheduling.NeedClash)
	if n := seen.Needs[0]; n.Entry.ID != beside || n.With == nil || !n.With.StartsAt.Equal(at(14, 0)) {
		t.Errorf("%+v", n)
	}
	d.wantNeeds(at(14, 46), scheduling.NeedMissed, scheduling.NeedMissed)
}

// Whose name is not on the page is not read, and not recorded as viewed.
func TestOnlyWhoIsNamedIsViewed(t *testing.T) {
	t.Parallel()
	d := newToday(t, 1)
	for i, name := range []string{"A One", "B Two", "C Three", "D Four", "E Five", "F Six", "G Seven", "H Eight"} {
		d.book(0, 2*i, "s30", name)
	}
	d.Clock.Set(at(8, 30))
	seen := d.load(d.input())
	if len(seen.Next) != 6 || seen.More != 2 || len(seen.Patients) != 6 {
		t.Errorf("%d next, %d more, %d named", len(seen.Next), seen.More, len(seen.Patients))
	}
	var viewed int
	err := d.Owner(t).QueryRow(t.Context(), `select cardinality(patients) from audit_events where action = 'today.viewed' order by id desc limit 1`).Scan(&viewed)
	if err != nil || viewed != 6 {
		t.Errorf("%d are recorded as viewed: %v", viewed, err)
	}
}
