package scheduling_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"anteroom/domain/patients"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
	"anteroom/domain/tenancy/tenancytest"
)

func TestVisitsAndStanding(t *testing.T) {
	t.Parallel()
	db := tenancytest.NewWithClock(t, at(8, 0))
	c, other := newClinic(t, db, 1), newClinic(t, db, 1)
	book := func(slot int) (a scheduling.Appointment) {
		c.in(t, func(ctx context.Context, tx *tenancy.Tx) (err error) {
			a, err = c.desk.Book(ctx, tx, scheduling.BookInput{SlotID: c.slot(0, slot), Service: "s15", Source: scheduling.ByStaff, Patient: patients.Details{Name: "Ada Lovelace", Phone: "+447700900123"}})
			return err
		})
		return a
	}
	first, second, gone := book(0), book(4), book(8)
	for _, to := range []string{scheduling.Arrived, scheduling.Fulfilled} {
		if err := c.change(first.ID, to); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.change(gone.ID, scheduling.Cancelled); err != nil {
		t.Fatal(err)
	}
	ids, who := []uuid.UUID{gone.ID, second.ID, first.ID, uuid.New()}, []uuid.UUID{*first.PatientID}
	db.Clock.Set(at(9, 30))
	c.in(t, func(ctx context.Context, tx *tenancy.Tx) error {
		visits, err := scheduling.VisitsOf(ctx, tx, who)
		if v := visits[who[0]]; err != nil || len(visits) != 1 || v.Last == nil || v.Next == nil || !v.Last.Equal(first.StartsAt) || !v.Next.Equal(second.StartsAt) {
			t.Errorf("visits %+v: %v", visits, err)
		}
		standing, err := scheduling.Standing(ctx, tx, ids)
		if err != nil || len(standing) != 1 || standing[0].ID != second.ID {
			t.Errorf("standing %+v: %v", standing, err)
		}
		var views int
		err = tx.QueryRow(ctx, `select count(*) from audit_events where action = 'appointments.viewed' and patients = $1`, who).Scan(&views)
		if err != nil || views != 1 {
			t.Errorf("%d views recorded: %v", views, err)
		}
		return nil
	})
	db.Clock.Set(at(10, 0).Add(time.Minute))
	c.in(t, func(ctx context.Context, tx *tenancy.Tx) error {
		visits, err := scheduling.VisitsOf(ctx, tx, who)
		if err != nil || visits[who[0]].Next != nil {
			t.Errorf("a time that has begun is the next: %+v %v", visits, err)
		}
		return nil
	})
	other.in(t, func(ctx context.Context, tx *tenancy.Tx) error {
		visits, err := scheduling.VisitsOf(ctx, tx, who)
		if err != nil || len(visits) != 0 {
			t.Errorf("another clinic's visits: %+v %v", visits, err)
		}
		standing, err := scheduling.Standing(ctx, tx, ids)
		if err != nil || len(standing) != 0 {
			t.Errorf("another clinic's appointments: %+v %v", standing, err)
		}
		weeks, err := scheduling.ListWeeks(ctx, tx)
		if err != nil || len(weeks) != 0 {
			t.Errorf("weeks %v: %v", weeks, err)
		}
		return nil
	})
}
