package scheduling_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"anteroom/domain/fault"
	"anteroom/domain/identity"
	"anteroom/domain/patients"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
	"anteroom/domain/tenancy/tenancytest"
)

var ada = patients.Details{Name: "Ada Lovelace", Phone: "+447700900123"}

// bookAt books a service with a practitioner at a time.
func (c *clinic) bookAt(t testing.TB, practitioner int, start time.Time, service string) scheduling.Appointment {
	t.Helper()
	a, err := c.book(scheduling.BookInput{PractitionerID: c.practitioners[practitioner], StartsAt: start, Service: service, Patient: ada})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (c *clinic) move(in scheduling.MoveInput) (a scheduling.Appointment, err error) {
	err = c.try(func(ctx context.Context, tx *tenancy.Tx) (err error) { a, err = c.desk.Move(ctx, tx, in); return err })
	return a, err
}

func (c *clinic) undo(u *scheduling.Undo) (done scheduling.Undone, err error) {
	err = c.try(func(ctx context.Context, tx *tenancy.Tx) (err error) {
		done, err = c.desk.Undo(ctx, tx, u.ChangeID)
		return err
	})
	return done, err
}

func (c *clinic) get(t testing.TB, id uuid.UUID) (a scheduling.Appointment) {
	t.Helper()
	c.in(t, func(ctx context.Context, tx *tenancy.Tx) (err error) {
		a, err = scheduling.Get(ctx, tx, id)
		return err
	})
	return a
}

// mayOverbook makes the clinic's actor a person of the team, with or without the permission.
func (c *clinic) mayOverbook(t testing.TB, may bool) {
	t.Helper()
	c.in(t, func(ctx context.Context, tx *tenancy.Tx) error {
		person, _, err := identity.EnsurePerson(ctx, tx, identity.NewPerson{Email: c.Scope.Clinic.String() + "@test.example", Name: "Desk", PasswordHash: "none"})
		if err != nil {
			return err
		}
		c.Scope.Actor.ID = person
		return identity.AddMember(ctx, tx, identity.NewMember{Person: person, Role: identity.Admin, MayOverbook: may})
	})
}

// say gives the status of a practitioner's slots, one letter each: f free, h held, b busy, u unavailable.
func (c *clinic) say(t testing.TB, practitioner, n int) (out string) {
	t.Helper()
	letter := map[string]string{scheduling.Free: "f", scheduling.Held: "h", scheduling.Busy: "b", scheduling.Unavailable: "u"}
	for i := range n {
		out += letter[c.status(t, c.slot(practitioner, i))]
	}
	return out
}

func TestAMoveReplaces(t *testing.T) {
	t.Parallel()
	c := newClinic(t, tenancytest.NewWithClock(t, at(8, 0)), 2)
	old := c.bookAt(t, 0, at(9, 0), "s30")
	a, err := c.move(scheduling.MoveInput{ID: old.ID, PractitionerID: c.practitioners[1], StartsAt: at(10, 0), SeenAt: old.UpdatedAt})
	if err != nil {
		t.Fatal(err)
	}
	if a.Status != scheduling.Booked || !a.StartsAt.Equal(at(10, 0)) || !a.EndsAt.Equal(at(10, 30)) || a.PractitionerID != c.practitioners[1] ||
		a.ReplacesID == nil || *a.ReplacesID != old.ID || *a.PatientID != *old.PatientID || a.Source != old.Source || a.Undo == nil {
		t.Errorf("moved to %+v", a)
	}
	if was := c.get(t, old.ID); was.Status != scheduling.Cancelled || was.ReplacedByID == nil || *was.ReplacedByID != a.ID {
		t.Errorf("the old one is %+v", was)
	}
	if x, y := c.say(t, 0, 3), c.say(t, 1, 7); x != "fff" || y != "ffffbbf" {
		t.Errorf("slots: %s and %s", x, y)
	}
	c.in(t, func(ctx context.Context, tx *tenancy.Tx) error {
		for _, id := range []uuid.UUID{old.ID, a.ID} {
			steps, err := scheduling.History(ctx, tx, id)
			if err != nil || steps[len(steps)-1].Reason != "moved" {
				t.Errorf("history: %+v, %v", steps, err)
			}
		}
		var events int
		err := tx.QueryRow(ctx, `select count(*) from audit_events where action = 'appointment.moved' and subject_id = $1 and patients = array[$2::uuid]`, old.ID, *a.PatientID).Scan(&events)
		if events != 1 {
			t.Errorf("%d audit events", events)
		}
		return err
	})
}

// TestAMovePressedTwice: any number of times at once, it is moved once.
func TestAMovePressedTwice(t *testing.T) {
	t.Parallel()
	c := newClinic(t, tenancytest.NewWithClock(t, at(8, 0)), 1)
	old := c.bookAt(t, 0, at(9, 0), "s30")
	ids := make(chan uuid.UUID, 6)
	for range cap(ids) {
		go func() {
			a, err := c.move(scheduling.MoveInput{ID: old.ID, StartsAt: at(10, 0), SeenAt: old.UpdatedAt})
			if err != nil {
				t.Error(err)
			}
			ids <- a.ID
		}()
	}
	first := <-ids
	for range cap(ids) - 1 {
		if id := <-ids; id != first {
			t.Errorf("moved to %s and to %s", first, id)
		}
	}
	if got := c.say(t, 0, 6); got != "ffffbb" {
		t.Errorf("slots %s", got)
	}
	_, err := c.move(scheduling.MoveInput{ID: old.ID, StartsAt: at(11, 0)})
	wantFault(t, err, fault.Conflict, "changed-meanwhile")
}

func TestAMoveMayOverlapItself(t *testing.T) {
	t.Parallel()
	c := newClinic(t, tenancytest.NewWithClock(t, at(8, 0)), 1)
	old := c.bookAt(t, 0, at(9, 0), "s30")
	a, err := c.move(scheduling.MoveInput{ID: old.ID, StartsAt: at(9, 15)})
	if err != nil || c.say(t, 0, 4) != "fbbf" {
		t.Fatalf("%v, slots %s", err, c.say(t, 0, 4))
	}
	b, err := c.move(scheduling.MoveInput{ID: a.ID, Service: "s60"}) // longer, where it is
	if err != nil || c.say(t, 0, 6) != "fbbbbf" || !b.StartsAt.Equal(at(9, 15)) {
		t.Fatalf("%v, slots %s", err, c.say(t, 0, 6))
	}
	if b, err = c.move(scheduling.MoveInput{ID: b.ID, Service: "s15"}); err != nil || c.say(t, 0, 6) != "fbffff" {
		t.Fatalf("%v, slots %s", err, c.say(t, 0, 6))
	}
	if same, err := c.move(scheduling.MoveInput{ID: b.ID, StartsAt: at(9, 15), Service: "s15"}); err != nil || same.ID != b.ID || same.Undo != nil {
		t.Errorf("a move to where it is made %+v, %v", same, err)
	}
}

func TestWhatCannotBeMoved(t *testing.T) {
	t.Parallel()
	c := newClinic(t, tenancytest.NewWithClock(t, at(12, 0)), 2)
	a, other := c.bookAt(t, 0, at(13, 0), "s30"), c.bookAt(t, 0, at(14, 0), "s30")
	to := func(start time.Time) error {
		_, err := c.move(scheduling.MoveInput{ID: a.ID, StartsAt: start})
		return err
	}
	f := wantFault(t, to(at(13, 45)), fault.Conflict, "slot-taken")
	next := f.Detail.(scheduling.Alternatives).Next
	if len(next) == 0 || next[0].PractitionerID == uuid.Nil {
		t.Errorf("instead: %+v", next)
	}
	wantFault(t, to(at(17, 0)), fault.Conflict, "no-hours")
	wantFault(t, to(at(16, 45)), fault.Conflict, "no-hours") // the second half is after the last slot
	wantFault(t, to(at(9, 0)), fault.Expired, "slot-past")
	_, err := c.move(scheduling.MoveInput{ID: a.ID, PractitionerID: uuid.New()})
	wantFault(t, err, fault.Invalid, "")
	_, err = c.move(scheduling.MoveInput{ID: a.ID, Service: "nothing"})
	wantFault(t, err, fault.Invalid, "")
	_, err = c.move(scheduling.MoveInput{ID: uuid.New(), StartsAt: at(15, 0)})
	wantFault(t, err, fault.NotFound, "")
	_, err = c.move(scheduling.MoveInput{ID: a.ID, StartsAt: at(15, 0), SeenAt: a.UpdatedAt.Add(-time.Microsecond)})
	wantFault(t, err, fault.Conflict, "changed-meanwhile")
	if err := c.change(other.ID, scheduling.Cancelled); err != nil {
		t.Fatal(err)
	}
	_, err = c.move(scheduling.MoveInput{ID: other.ID, StartsAt: at(15, 0)})
	wantFault(t, err, fault.Conflict, "not-movable")
	if got := c.get(t, a.ID); got.Status != scheduling.Booked || got.UpdatedAt != a.UpdatedAt {
		t.Errorf("refused moves changed it: %+v", got)
	}
}

func TestArrivedStaysArrivedOnItsDayOnly(t *testing.T) {
	t.Parallel()
	c := newClinic(t, tenancytest.NewWithClock(t, at(8, 0)), 1)
	next := c.openDay(t, 0, monday.AddDate(0, 0, 1))
	a := c.bookAt(t, 0, at(9, 0), "s15")
	if err := c.change(a.ID, scheduling.Arrived); err != nil {
		t.Fatal(err)
	}
	today, err := c.move(scheduling.MoveInput{ID: a.ID, StartsAt: at(11, 0)})
	if err != nil || today.Status != scheduling.Arrived {
		t.Fatalf("%+v, %v", today, err)
	}
	tomorrow, err := c.move(scheduling.MoveInput{ID: today.ID, StartsAt: next})
	if err != nil || tomorrow.Status != scheduling.Booked {
		t.Fatalf("%+v, %v", tomorrow, err)
	}
	c.in(t, func(ctx context.Context, tx *tenancy.Tx) error { // and back: what it was
		_, err := c.desk.Undo(ctx, tx, tomorrow.Undo.ChangeID)
		return err
	})
	if got := c.get(t, today.ID); got.Status != scheduling.Arrived || got.ReplacedByID != nil {
		t.Errorf("after the undo: %+v", got)
	}
}

// openDay gives a practitioner slots from nine to ten on a day, and answers the first start.
func (c *clinic) openDay(t testing.TB, practitioner int, day time.Time) time.Time {
	t.Helper()
	c.openHours(t, practitioner, day, 1)
	return day.Add(9 * time.Hour)
}

// openHours gives a practitioner slots from nine on.
func (c *clinic) openHours(t testing.TB, practitioner int, day time.Time, hours int) {
	t.Helper()
	c.in(t, func(ctx context.Context, tx *tenancy.Tx) error {
		_, err := tx.Exec(ctx, `insert into slots (clinic_id, practitioner_id, starts_at, ends_at)
			select $1, $2, s, s + interval '15 minutes' from generate_series($3::timestamptz, $3::timestamptz + make_interval(hours => $4) - interval '15 minutes', interval '15 minutes') s`,
			tx.Clinic(), c.practitioners[practitioner], day.Add(9*time.Hour), hours)
		return err
	})
}

// TestAMoveTakesTheTimeOfAnEndedHold: nobody has swept it yet.
func TestAMoveTakesTheTimeOfAnEndedHold(t *testing.T) {
	t.Parallel()
	db := tenancytest.NewWithClock(t, at(8, 0))
	c := newClinic(t, db, 1)
	a := c.bookAt(t, 0, at(9, 0), "s30")
	hold, err := c.claim(c.slot(0, 3), "s30", 5)
	if err != nil {
		t.Fatal(err)
	}
	to := scheduling.MoveInput{ID: a.ID, StartsAt: at(9, 30)}
	_, err = c.move(to)
	wantFault(t, err, fault.Conflict, "slot-taken")
	db.Clock.Advance(5 * time.Second)
	if _, err = c.move(to); err != nil {
		t.Fatal(err)
	}
	_, _, err = c.confirm(hold.ID)
	wantFault(t, err, fault.Expired, "hold-ended")
}
