package calls_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
	"anteroom/domain/tenancy/tenancytest"
)

// open gives everybody free quarters of an hour on a day, from one hour to another.
func (c *clinic) open(day time.Time, from, to int) {
	c.t.Helper()
	c.in(func(ctx context.Context, tx *tenancy.Tx) error {
		b := &pgx.Batch{}
		for m := from * 60; m < to*60; m += 15 {
			at := day.Add(time.Duration(m) * time.Minute)
			b.Queue(`insert into slots (clinic_id, practitioner_id, starts_at, ends_at) select $1, id, $2, $3 from practitioners where clinic_id = $1`, tx.Clinic(), at, at.Add(15*time.Minute))
		}
		return tx.SendBatch(ctx, b).Close()
	})
}

func TestAnAfternoonIsFoundBehindDaysOfMornings(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	for day := 1; day <= 4; day++ { // Friday to Monday, two people: 224 mornings
		c.open(thursday.Truncate(24*time.Hour).AddDate(0, 0, day), 5, 12)
	}
	k := c.call("call-1", caller)
	k.says("1: Tuesday the 24th of November at 12 noon", false, "find_slots", args{"service": "mole-check", "part_of_day": "afternoon"})
	k.says("1: Friday the 20th of November at 5 AM", false, "find_slots", args{"service": "mole-check"})
}

func TestTheNearestTimesAreOfferedHoweverFar(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	k := c.call("call-1", caller)
	ask := func(at string) string {
		return k.says("Free times for Mole check", false, "find_slots", args{"service": "mole-check", "practitioner": "okafor", "day": "2026-11-24", "time": at})
	}
	inOrder := func(said string, times ...string) {
		t.Helper()
		rest := said
		for _, at := range times {
			_, after, ok := strings.Cut(rest, " at "+at+" with")
			if !ok {
				t.Fatalf("no %s in its place: %s", at, said)
			}
			rest = after
		}
	}
	// Enough is free within an hour and a half: the five around it, by the clock.
	inOrder(ask("11:00"), "10:30 AM", "10:45 AM", "11 AM", "11:15 AM", "11:30 AM")
	// Too little is: the rest comes from farther away, on both sides.
	c.in(func(ctx context.Context, tx *tenancy.Tx) error {
		_, err := tx.Exec(ctx, `delete from slots where clinic_id = $1 and starts_at > $2 and starts_at < $3`, tx.Clinic(), tuesday.Add(9*time.Hour+15*time.Minute), tuesday.Add(13*time.Hour))
		return err
	})
	inOrder(ask("11:10"), "9 AM", "9:15 AM", "1 PM", "1:15 PM", "1:30 PM")
}

func TestAServiceIsOfferedAsItIsNow(t *testing.T) {
	t.Parallel()
	db, v := tenancytest.NewWithClock(t, thursday), newVault(t)
	one, two := addClinic(t, db, v, "vs_test_one"), addClinic(t, db, v, "vs_test_two")
	two.board = one.board // one program serves both
	var tattoo scheduling.Service
	two.in(func(ctx context.Context, tx *tenancy.Tx) (err error) {
		tattoo, err = scheduling.CreateService(ctx, tx, scheduling.ServiceInput{Name: "Tattoo removal", Slug: "tattoo", DurationMinutes: 15})
		return err
	})
	k, other := one.call("call-1", caller), two.call("call-1", caller)
	other.says("Tattoo removal", true, "find_slots", nil)
	if said := k.says("What is the appointment for", true, "find_slots", nil); strings.Contains(said, "Tattoo") {
		t.Errorf("another clinic's service is offered: %s", said)
	}
	two.in(func(ctx context.Context, tx *tenancy.Tx) error {
		_, err := scheduling.DeactivateService(ctx, tx, tattoo.ID)
		return err
	})
	two.board.Changed(tenancy.Change{Clinic: two.admin.Clinic, Topic: scheduling.ServicesTopic})
	if said := other.says("What is the appointment for", true, "find_slots", nil); strings.Contains(said, "Tattoo") {
		t.Errorf("a retired service is offered: %s", said)
	}
}

func TestADayIsOfferedFromItsMorningToItsEndHoweverManyAreFree(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	c.in(func(ctx context.Context, tx *tenancy.Tx) error {
		b := &pgx.Batch{}
		for range 20 {
			p := tenancy.NewID()
			b.Queue(`insert into practitioners (clinic_id, id, name) values ($1, $2, 'Dr Osei')`, tx.Clinic(), p)
			b.Queue(`insert into practitioner_services (clinic_id, practitioner_id, service_id) select $1, $2, id from services where clinic_id = $1`, tx.Clinic(), p)
		}
		return tx.SendBatch(ctx, b).Close()
	})
	day := thursday.Truncate(24*time.Hour).AddDate(0, 0, 1)
	c.open(day, 9, 13)
	said := c.call("call-1", caller).says("Free times for Mole check: 1: Friday the 20th of November at 9 AM", false, "find_slots", args{"service": "mole-check", "day": day.Format(time.DateOnly)})
	for _, at := range []string{"2: Friday the 20th of November at 9:45 AM", "3: Friday the 20th of November at 10:45 AM", "4: Friday the 20th of November at 11:45 AM", "5: Friday the 20th of November at 12:45 PM"} {
		if !strings.Contains(said, at) {
			t.Errorf("no %q: %s", at, said)
		}
	}
}
