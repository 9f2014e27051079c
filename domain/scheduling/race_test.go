package scheduling_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/fault"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
	"anteroom/domain/tenancy/tenancytest"
)

// fillWith books one appointment into every slot of a practitioner, without the round trips of the verbs.
func (c *clinic) fillWith(t testing.TB, practitioner int, patient uuid.UUID) (ids []uuid.UUID) {
	t.Helper()
	c.in(t, func(ctx context.Context, tx *tenancy.Tx) error {
		b := &pgx.Batch{}
		for i, slot := range c.slots[c.practitioners[practitioner]] {
			id, start := tenancy.NewID(), at(9, 0).Add(time.Duration(i)*15*time.Minute)
			ids = append(ids, id)
			b.Queue(`insert into appointments (clinic_id, id, practitioner_id, service_id, patient_id, status, starts_at, ends_at, source)
				select $1, $2, $3, id, $4, 'booked', $5, $6, 'staff' from services where clinic_id = $1 and slug = 's15'`, tx.Clinic(), id, c.practitioners[practitioner], patient, start, start.Add(15*time.Minute))
			b.Queue(`insert into appointment_status_changes (clinic_id, appointment_id, from_status, to_status) values ($1, $2, '', 'booked')`, tx.Clinic(), id)
			b.Queue(`update slots set status = 'busy', appointment_id = $2 where clinic_id = $1 and id = $3`, tx.Clinic(), id, slot)
		}
		return tx.SendBatch(ctx, b).Close()
	})
	return ids
}

// TestOneOfAThousandWins: claims by callers and moves by the desk, all onto one slot.
func TestOneOfAThousandWins(t *testing.T) {
	t.Parallel()
	const columns = 11
	c := newClinic(t, tenancytest.NewWithClock(t, at(8, 0)), columns)
	patient := *c.bookAt(t, 0, at(16, 0), "s15").PatientID
	var movers []uuid.UUID
	for p := 1; p < columns; p++ {
		movers = append(movers, c.fillWith(t, p, patient)...)
	}
	callers := 1000 - len(movers)
	target := c.slot(0, 4)
	var mu sync.Mutex
	won := map[string]int{}
	lost := func(err error) {
		f := fault.As(err)
		if f == nil || f.Code != "slot-taken" {
			t.Errorf("a loser got %v", err)
		}
	}
	count := func(what string, err error) {
		if err != nil {
			lost(err)
			return
		}
		mu.Lock()
		won[what]++
		mu.Unlock()
	}
	var wg sync.WaitGroup
	start := make(chan struct{})
	for range callers {
		wg.Go(func() { <-start; _, err := c.claim(target, "s15", 0); count("claim", err) })
	}
	for _, id := range movers {
		wg.Go(func() {
			<-start
			_, err := c.move(scheduling.MoveInput{ID: id, PractitionerID: c.practitioners[0], StartsAt: at(10, 0)})
			count("move", err)
		})
	}
	close(start)
	wg.Wait()
	if won["claim"]+won["move"] != 1 {
		t.Errorf("winners among %d callers and %d moves: %v", callers, len(movers), won)
	}
	found, err := broken(context.Background(), c.Owner(t), at(8, 0))
	for _, f := range found {
		t.Error(f)
	}
	if err != nil {
		t.Fatal(err)
	}
	var standing int
	if err := c.Owner(t).QueryRow(context.Background(), `select count(*) from appointments where status = 'booked'`).Scan(&standing); err != nil || standing != len(movers)+1 {
		t.Errorf("%d appointments stand of %d, %v", standing, len(movers)+1, err)
	}
}

// TestTwoDesksSwap: moves that want each other's place lock in one order, so that none fails but by losing.
func TestTwoDesksSwap(t *testing.T) {
	t.Parallel()
	c := newClinic(t, tenancytest.NewWithClock(t, at(8, 0)), 2)
	for round := range 15 {
		a, b := c.bookAt(t, 0, at(9, 0), "s30"), c.bookAt(t, 1, at(10, 0), "s30")
		errs := make([]error, 2)
		var wg sync.WaitGroup
		wg.Go(func() {
			_, errs[0] = c.move(scheduling.MoveInput{ID: a.ID, PractitionerID: c.practitioners[1], StartsAt: at(10, 0)})
		})
		wg.Go(func() {
			_, errs[1] = c.move(scheduling.MoveInput{ID: b.ID, PractitionerID: c.practitioners[0], StartsAt: at(9, 0)})
		})
		wg.Wait()
		for _, err := range errs {
			if err != nil && fault.As(err) == nil {
				t.Fatalf("round %d: %v", round, err)
			}
		}
		for _, id := range []uuid.UUID{a.ID, b.ID} {
			now := c.get(t, id)
			if now.ReplacedByID != nil {
				id = *now.ReplacedByID
			}
			if err := c.change(id, scheduling.Cancelled); err != nil {
				t.Fatalf("round %d: %v", round, err)
			}
		}
		if x, y := c.say(t, 0, 6), c.say(t, 1, 6); x != "ffffff" || y != "ffffff" {
			t.Fatalf("round %d: slots %s and %s", round, x, y)
		}
	}
}
