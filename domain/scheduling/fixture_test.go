package scheduling_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/patients"
	"anteroom/domain/privacy"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
	"anteroom/domain/tenancy/tenancytest"
)

// monday is a Monday in winter, when London and UTC agree; the test clinics open at nine that day.
var monday = time.Date(2026, 12, 7, 0, 0, 0, 0, time.UTC)

func at(hour, minute int) time.Time {
	return monday.Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
}

// clinic is a clinic with open slots from 9 to 17 on Monday for each practitioner, and services of 15, 30, 45 and 60 minutes that all perform.
type clinic struct {
	*tenancytest.Database
	tenancy.Scope
	desk          *scheduling.Desk
	practitioners []uuid.UUID
	slots         map[uuid.UUID][]uuid.UUID // by practitioner, in order of time
}

func newClinic(t testing.TB, db *tenancytest.Database, practitioners int) *clinic {
	t.Helper()
	c := &clinic{Database: db, Scope: db.Clinic(t, "Test", "Europe/London"), desk: newDesk(t), slots: map[uuid.UUID][]uuid.UUID{}}
	c.in(t, func(ctx context.Context, tx *tenancy.Tx) error { return c.fill(ctx, tx, practitioners) })
	return c
}

func newDesk(t testing.TB) *scheduling.Desk {
	t.Helper()
	desk, _ := newDeskAndDirectory(t)
	return desk
}

func newDeskAndDirectory(t testing.TB) (*scheduling.Desk, *patients.Directory) {
	t.Helper()
	key, err := privacy.NewMasterKey()
	if err != nil {
		t.Fatal(err)
	}
	vault, err := privacy.NewVault(key)
	if err != nil {
		t.Fatal(err)
	}
	directory := patients.New(vault)
	return scheduling.NewDesk(vault, directory), directory
}

func (c *clinic) fill(ctx context.Context, tx *tenancy.Tx, practitioners int) error {
	b := &pgx.Batch{}
	for _, m := range []int{15, 30, 45, 60} {
		b.Queue(`insert into services (clinic_id, id, slug, name, duration_minutes) values ($1, $2, $3, $4, $5)`, c.Scope.Clinic, tenancy.NewID(), fmt.Sprintf("s%d", m), fmt.Sprintf("Service %d", m), m)
	}
	for i := range practitioners {
		p := tenancy.NewID()
		c.practitioners = append(c.practitioners, p)
		b.Queue(`insert into practitioners (clinic_id, id, name, position) values ($1, $2, $3, $4)`, c.Scope.Clinic, p, fmt.Sprintf("Dr %c", 'A'+i), i)
		b.Queue(`insert into practitioner_services (clinic_id, practitioner_id, service_id) select $1, $2, id from services where clinic_id = $1`, c.Scope.Clinic, p)
		for s := at(9, 0); s.Before(at(17, 0)); s = s.Add(15 * time.Minute) {
			id := tenancy.NewID()
			c.slots[p] = append(c.slots[p], id)
			b.Queue(`insert into slots (clinic_id, id, practitioner_id, starts_at, ends_at) values ($1, $2, $3, $4, $5)`, c.Scope.Clinic, id, p, s, s.Add(15*time.Minute))
		}
	}
	return tx.SendBatch(ctx, b).Close()
}

func (c *clinic) in(t testing.TB, fn func(ctx context.Context, tx *tenancy.Tx) error) {
	t.Helper()
	if err := c.try(fn); err != nil {
		t.Fatal(err)
	}
}

func (c *clinic) try(fn func(ctx context.Context, tx *tenancy.Tx) error) error {
	ctx := context.Background()
	return c.WithClinic(ctx, c.Scope, func(tx *tenancy.Tx) error { return fn(ctx, tx) })
}

func (c *clinic) slot(practitioner, n int) uuid.UUID {
	return c.slots[c.practitioners[practitioner]][n]
}

func (c *clinic) claim(slot uuid.UUID, service string, seconds int) (scheduling.Hold, error) {
	return c.desk.ClaimNow(context.Background(), c.DB, c.Scope, scheduling.ClaimInput{SlotID: slot, Service: service, HoldSeconds: seconds,
		Caller: scheduling.Caller{Name: "Ada Lovelace", Phone: "+44 7700 900123"}, Source: scheduling.ByAPI})
}

func (c *clinic) confirm(hold uuid.UUID) (a scheduling.Appointment, again bool, err error) {
	err = c.try(func(ctx context.Context, tx *tenancy.Tx) (err error) {
		a, again, err = c.desk.Confirm(ctx, tx, scheduling.ConfirmInput{HoldID: hold})
		return err
	})
	return a, again, err
}

func (c *clinic) release(hold uuid.UUID) error {
	return c.try(func(ctx context.Context, tx *tenancy.Tx) error {
		return c.desk.Release(ctx, tx, hold, "no longer wanted")
	})
}

func (c *clinic) change(id uuid.UUID, to string) error {
	return c.try(func(ctx context.Context, tx *tenancy.Tx) error {
		_, err := c.desk.Change(ctx, tx, scheduling.Transition{ID: id, To: to, Reason: "test"})
		return err
	})
}

func (c *clinic) status(t testing.TB, slot uuid.UUID) (status string) {
	t.Helper()
	c.in(t, func(ctx context.Context, tx *tenancy.Tx) error {
		return tx.QueryRow(ctx, `select status from slots where id = $1`, slot).Scan(&status)
	})
	return status
}
