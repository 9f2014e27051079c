package scheduling_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"anteroom/domain/fault"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
	"anteroom/domain/tenancy/tenancytest"
)

func TestUndoTakesBack(t *testing.T) {
	t.Parallel()
	c := newClinic(t, tenancytest.NewWithClock(t, at(8, 0)), 2)
	a := c.bookAt(t, 0, at(9, 0), "s30")
	if a.Undo == nil || !a.Undo.Until.Equal(at(8, 0).Add(scheduling.UndoWindow)) {
		t.Fatalf("undo: %+v", a.Undo)
	}
	moved, err := c.move(scheduling.MoveInput{ID: a.ID, StartsAt: at(9, 15), PractitionerID: c.practitioners[1]})
	if err != nil {
		t.Fatal(err)
	}
	done, err := c.undo(moved.Undo)
	if err != nil || done.Kind != "move" || len(done.Appointments) != 2 || done.Appointments[0].ID != a.ID || done.Appointments[0].Status != scheduling.Booked ||
		done.Appointments[1].Status != scheduling.EnteredInError {
		t.Fatalf("%+v, %v", done, err)
	}
	if x, y := c.say(t, 0, 3), c.say(t, 1, 4); x != "bbf" || y != "ffff" {
		t.Errorf("slots: %s and %s", x, y)
	}
	again, err := c.undo(moved.Undo) // pressed twice
	if err != nil || again.Appointments[0].Status != scheduling.Booked {
		t.Errorf("twice: %+v, %v", again, err)
	}
	_, err = c.undo(a.Undo) // the booking was moved, and moved back, since
	wantFault(t, err, fault.Conflict, "changed-since")

	b := c.bookAt(t, 0, at(10, 0), "s30")
	if done, err = c.undo(b.Undo); err != nil || done.Kind != "book" || done.Appointments[0].Status != scheduling.EnteredInError || c.say(t, 0, 6) != "bbffff" {
		t.Errorf("%+v, %v, slots %s", done, err, c.say(t, 0, 6))
	}
}

// step makes a change of status and answers what undoes it.
func (c *clinic) step(t testing.TB, a scheduling.Appointment, to string) *scheduling.Undo {
	t.Helper()
	var undo *scheduling.Undo
	c.in(t, func(ctx context.Context, tx *tenancy.Tx) error {
		got, err := c.desk.Change(ctx, tx, scheduling.Transition{ID: a.ID, To: to, Reason: "test"})
		undo = got.Undo
		return err
	})
	return undo
}

func TestEveryStepOfTheDeskCanBeTakenBack(t *testing.T) {
	t.Parallel()
	db := tenancytest.NewWithClock(t, at(8, 0))
	c := newClinic(t, db, 1)
	for i, path := range [][]string{
		{scheduling.Cancelled}, {scheduling.Arrived}, {scheduling.CheckedIn}, {scheduling.NoShow}, {scheduling.EnteredInError},
		{scheduling.Arrived, scheduling.Cancelled}, {scheduling.Arrived, scheduling.Fulfilled}, {scheduling.Arrived, scheduling.Booked}, {scheduling.Arrived, scheduling.EnteredInError},
		{scheduling.CheckedIn, scheduling.Cancelled}, {scheduling.CheckedIn, scheduling.Fulfilled}, {scheduling.CheckedIn, scheduling.Arrived}, {scheduling.CheckedIn, scheduling.EnteredInError},
		{scheduling.CheckedIn, scheduling.Fulfilled, scheduling.EnteredInError}, {scheduling.CheckedIn, scheduling.Fulfilled, scheduling.CheckedIn},
		{scheduling.NoShow, scheduling.Booked}, {scheduling.NoShow, scheduling.Arrived}, {scheduling.NoShow, scheduling.EnteredInError},
	} {
		start := at(9, 0).Add(time.Duration(i) * 15 * time.Minute)
		db.Clock.Set(at(8, 0))
		a := c.bookAt(t, 0, start, "s15")
		db.Clock.Set(start)
		before := scheduling.Booked
		for j, to := range path {
			undo := c.step(t, a, to)
			if j == len(path)-1 {
				if done, err := c.undo(undo); err != nil || done.Appointments[0].Status != before {
					t.Errorf("%v: %+v, %v", path, done, err)
				}
			}
			before = to
		}
		if got := c.status(t, c.slot(0, i)); got != scheduling.Busy {
			t.Errorf("%v: the slot is %s", path, got)
		}
	}
}

func TestWhoseTimeItIsByNow(t *testing.T) {
	t.Parallel()
	db := tenancytest.NewWithClock(t, at(8, 0))
	c := newClinic(t, db, 1)
	a := c.bookAt(t, 0, at(9, 0), "s30")
	undo := c.step(t, a, scheduling.Cancelled)
	hold, err := c.claim(c.slot(0, 1), "s15", 3)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.undo(undo)
	wantFault(t, err, fault.Conflict, "time-taken")
	if got := c.get(t, a.ID); got.Status != scheduling.Cancelled || c.say(t, 0, 3) != "fhf" {
		t.Errorf("a refused undo left %s and %s", got.Status, c.say(t, 0, 3))
	}
	db.Clock.Advance(4 * time.Second) // the hold ran out: nobody has it
	if _, err := c.undo(undo); err != nil || c.say(t, 0, 3) != "bbf" {
		t.Errorf("%v, slots %s", err, c.say(t, 0, 3))
	}
	_, _, err = c.confirm(hold.ID)
	wantFault(t, err, fault.Expired, "hold-ended")
}

func TestUndoIsOverAndNotForOthers(t *testing.T) {
	t.Parallel()
	db := tenancytest.NewWithClock(t, at(8, 0))
	c := newClinic(t, db, 1)
	a := c.bookAt(t, 0, at(9, 0), "s15")
	other := c.as(tenancy.User)
	_, err := other.undo(a.Undo)
	wantFault(t, err, fault.Forbidden, "not-yours")
	_, err = newClinic(t, db, 1).undo(a.Undo) // another clinic's
	wantFault(t, err, fault.NotFound, "")
	db.Clock.Advance(scheduling.UndoWindow + time.Second) // pressed in time, and a second on the way
	if _, err := c.undo(a.Undo); err != nil {
		t.Errorf("within the grace: %v", err)
	}
	b := c.bookAt(t, 0, at(9, 0), "s15")
	db.Clock.Advance(scheduling.UndoWindow + 2*time.Second)
	_, err = c.undo(b.Undo)
	wantFault(t, err, fault.Expired, "undo-over")
	if got := c.get(t, b.ID); got.Status != scheduling.Booked {
		t.Errorf("it is %s", got.Status)
	}
	program := c.as(tenancy.Key)
	hold, err := program.claim(c.slot(0, 4), "s15", 0)
	if err != nil {
		t.Fatal(err)
	}
	if booked, _, err := program.confirm(hold.ID); err != nil || booked.Undo != nil {
		t.Errorf("a program's booking: %+v, %v", booked.Undo, err)
	}
}

// TestOnlyAnUndoBringsBack: the database itself refuses, whatever the code does.
func TestOnlyAnUndoBringsBack(t *testing.T) {
	t.Parallel()
	c := newClinic(t, tenancytest.NewWithClock(t, at(8, 0)), 1)
	a := c.bookAt(t, 0, at(9, 0), "s15")
	undo := c.step(t, a, scheduling.Cancelled)
	wantFault(t, c.change(a.ID, scheduling.Booked), fault.Conflict, "illegal-transition")
	back := func(ctx context.Context, tx *tenancy.Tx) error {
		_, err := tx.Exec(ctx, `update appointments set status = 'booked' where id = $1`, a.ID)
		return err
	}
	if c.try(back) == nil {
		t.Error("the database let a cancelled appointment stand again")
	}
	for what, sql := range map[string]string{
		"another's":   `update desk_changes set undone_at = $2::timestamptz where id = $1`,
		"in its name": `insert into desk_changes (clinic_id, id, kind, undo_until, actor) select clinic_id, app.uuidv7(), kind, undo_until, actor from desk_changes where id = $1 and $2::timestamptz is not null`,
		"for ever":    `update desk_changes set undo_until = $2::timestamptz + interval '1 day' where id = $1`,
		"as past":     `update desk_changes set undone_in = '1' where id = $1 and $2::timestamptz is not null`,
	} {
		if err := c.as(tenancy.User).try(func(ctx context.Context, tx *tenancy.Tx) error {
			_, err := tx.Exec(ctx, sql, undo.ChangeID, at(8, 0))
			return err
		}); err == nil {
			t.Errorf("the database let somebody undo %s", what)
		}
	}
	if _, err := c.undo(undo); err != nil {
		t.Fatal(err)
	}
	c.step(t, a, scheduling.Cancelled)
	if c.try(back) == nil { // the change was undone in a transaction, but not in this one
		t.Error("the database let an old undo bring it back")
	}
	if err := c.try(func(ctx context.Context, tx *tenancy.Tx) error {
		_, err := tx.Exec(ctx, `update desk_changes set undone_at = $2 where id = $1`, undo.ChangeID, at(8, 0))
		return err
	}); err == nil {
		t.Error("the database let a change be undone twice")
	}
}

// TestAnUndoAndAnotherDesk: many press at once; one undo, or one change by somebody else, and never both.
func TestAnUndoAndAnotherDesk(t *testing.T) {
	t.Parallel()
	c := newClinic(t, tenancytest.NewWithClock(t, at(8, 0)), 1)
	other := c.as(tenancy.User)
	for round := range 12 {
		a := c.bookAt(t, 0, at(9, 0), "s30")
		undo := c.step(t, a, scheduling.Arrived)
		var undone, moved, claimed error
		var wg sync.WaitGroup
		wg.Go(func() { _, undone = c.undo(undo) })
		wg.Go(func() { _, moved = other.move(scheduling.MoveInput{ID: a.ID, StartsAt: at(11, 0)}) })
		wg.Go(func() { _, claimed = c.claim(c.slot(0, 1), "s15", 1) })
		wg.Wait()
		now := c.get(t, a.ID)
		switch {
		case undone != nil && fault.As(undone) == nil, moved != nil && fault.As(moved) == nil, claimed != nil && fault.As(claimed) == nil:
			t.Fatalf("round %d: %v, %v, %v", round, undone, moved, claimed)
		case moved != nil:
			t.Fatalf("round %d: the move was refused: %v", round, moved)
		case undone != nil:
			wantFault(t, undone, fault.Conflict, "changed-since")
		}
		if now.Status != scheduling.Cancelled || now.ReplacedByID == nil {
			t.Errorf("round %d: it is %s", round, now.Status)
		}
		c.in(t, func(ctx context.Context, tx *tenancy.Tx) error { // clear the day
			_, err := tx.Exec(ctx, `update slots set status = 'free', appointment_id = null, hold_expires_at = null where clinic_id = $1`, tx.Clinic())
			if err != nil {
				return err
			}
			_, err = tx.Exec(ctx, `update appointments set status = 'cancelled', hold_expires_at = null where clinic_id = $1 and status in ('booked', 'arrived', 'pending')`, tx.Clinic())
			return err
		})
	}
}
