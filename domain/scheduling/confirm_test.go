package scheduling_test

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"anteroom/domain/fault"
	"anteroom/domain/patients"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
	"anteroom/domain/tenancy/tenancytest"
)

func (c *clinic) book(in scheduling.BookInput) (a scheduling.Appointment, err error) {
	in.Source = scheduling.ByStaff
	err = c.try(func(ctx context.Context, tx *tenancy.Tx) (err error) { a, err = c.desk.Book(ctx, tx, in); return err })
	return a, err
}

func (c *clinic) as(kind string) *clinic {
	other := *c
	other.Scope.Actor = tenancy.Actor{Kind: kind, ID: tenancy.NewID(), Role: kind}
	return &other
}

// TestAHoldIsBookedForOnePatientOnly: the desk goes back, changes the name and sends the form again.
func TestAHoldIsBookedForOnePatientOnly(t *testing.T) {
	t.Parallel()
	c := newClinic(t, tenancytest.NewWithClock(t, at(8, 0)), 1)
	hold, err := c.claim(c.slot(0, 0), "s15", 0)
	if err != nil {
		t.Fatal(err)
	}
	ann := patients.Details{Name: "Ann Archer", Phone: "+447700900001"}
	first, err := c.book(scheduling.BookInput{HoldID: hold.ID, Patient: ann})
	if err != nil {
		t.Fatal(err)
	}
	if again, err := c.book(scheduling.BookInput{HoldID: hold.ID, Patient: ann}); err != nil || again.ID != first.ID {
		t.Errorf("the same patient again: %+v, %v", again, err)
	}
	_, err = c.book(scheduling.BookInput{HoldID: hold.ID, Patient: patients.Details{Name: "Ben Archer", Phone: "+447700900001"}})
	wantFault(t, err, fault.Conflict, "hold-confirmed")
	err = c.try(func(ctx context.Context, tx *tenancy.Tx) error {
		_, _, err := c.desk.Confirm(ctx, tx, scheduling.ConfirmInput{HoldID: hold.ID, Caller: scheduling.Caller{Name: "Ben Archer"}})
		return err
	})
	wantFault(t, err, fault.Conflict, "hold-confirmed")
	var patients int
	if err := c.Owner(t).QueryRow(context.Background(), `select count(*) from patients`).Scan(&patients); err != nil || patients != 1 {
		t.Errorf("%d patients, %v: a refused booking left one behind", patients, err)
	}
}

func TestFatherAndSonAreTwoPatients(t *testing.T) {
	t.Parallel()
	c := newClinic(t, tenancytest.NewWithClock(t, at(8, 0)), 1)
	father, son := monday.AddDate(-50, 0, 0), monday.AddDate(-20, 0, 0)
	seen := map[uuid.UUID]bool{}
	for i, born := range []int{0, 1, 0} {
		date := []*patients.Details{{BirthDate: &father}, {BirthDate: &son}}[born].BirthDate
		a, err := c.book(scheduling.BookInput{SlotID: c.slot(0, i), Service: "s15", Patient: patients.Details{Name: "John Smith", Phone: "+447700900002", BirthDate: date}})
		if err != nil {
			t.Fatal(err)
		}
		seen[*a.PatientID] = true
	}
	if len(seen) < 2 {
		t.Error("father and son are one record")
	}
}

func TestWhatTheDeskTookOverIsTheDesks(t *testing.T) {
	t.Parallel()
	c := newClinic(t, tenancytest.NewWithClock(t, at(8, 0)), 1)
	hold, err := c.claim(c.slot(0, 0), "s15", 0)
	if err != nil {
		t.Fatal(err)
	}
	takeOver := func() (h scheduling.Hold) {
		c.in(t, func(ctx context.Context, tx *tenancy.Tx) (err error) {
			h, err = c.desk.TakeOver(ctx, tx, hold.ID)
			return err
		})
		return h
	}
	until := takeOver().ExpiresAt
	if !until.Equal(at(8, 5)) {
		t.Errorf("the desk has it until %s", until)
	}
	c.Clock.Set(at(8, 4))
	if again := takeOver().ExpiresAt; !again.Equal(until) {
		t.Errorf("taking over again prolonged it to %s", again)
	}
	program := c.as(tenancy.Key)
	wantFault(t, program.release(hold.ID), fault.Conflict, "hold-taken-over")
	_, _, err = program.confirm(hold.ID)
	wantFault(t, err, fault.Expired, "hold-taken-over")
	if _, _, err := c.confirm(hold.ID); err != nil {
		t.Errorf("the desk cannot book it: %v", err)
	}
}

// TestASweepTellsOnce: a hold of which one slot is locked is ended by the first sweep, and not again by the next.
func TestASweepTellsOnce(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := tenancytest.NewWithClock(t, at(8, 0))
	c := newClinic(t, db, 1)
	if _, err := c.claim(c.slot(0, 0), "s30", 1); err != nil {
		t.Fatal(err)
	}
	db.Clock.Set(at(8, 1))
	owner := db.Owner(t)
	lock, err := owner.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lock.Exec(ctx, `select from slots where id = $1 for update`, c.slot(0, 1)); err != nil {
		t.Fatal(err)
	}
	sweep := func() (n int) {
		c.in(t, func(ctx context.Context, tx *tenancy.Tx) (err error) { n, err = scheduling.Sweep(ctx, tx); return err })
		return n
	}
	first := sweep()
	if err := lock.Rollback(ctx); err != nil {
		t.Fatal(err)
	}
	if second := sweep(); first != 1 || second != 0 {
		t.Errorf("the sweeps told of %d and %d ended holds, want 1 and 0", first, second)
	}
	if got := c.status(t, c.slot(0, 1)); got != scheduling.Free {
		t.Errorf("the slot that was locked is %s", got)
	}
}
