package scheduling_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
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

// The promises, each as a query that finds what breaks it. They do not rest on the constraints: one of the tests takes those away.
var promises = map[string]string{
	"two appointments that occupy time overlap for a practitioner": `
select a.id::text || ' and ' || b.id::text from appointments a join appointments b
  on a.clinic_id = b.clinic_id and a.practitioner_id = b.practitioner_id and a.id < b.id and a.starts_at < b.ends_at and b.starts_at < a.ends_at
where a.status in ('pending', 'booked', 'arrived', 'checked-in', 'fulfilled') and b.status in ('pending', 'booked', 'arrived', 'checked-in', 'fulfilled')
  and coalesce(a.hold_expires_at > $1, true) and coalesce(b.hold_expires_at > $1, true)`,
	"an appointment occupies time without having its slots": `
select a.id::text from appointments a
where a.status in ('pending', 'booked', 'arrived', 'checked-in', 'fulfilled') and coalesce(a.hold_expires_at > $1, true)
  and (select coalesce(sum(least(s.ends_at, a.ends_at) - s.starts_at), interval '0') from slots s where s.clinic_id = a.clinic_id and s.appointment_id = a.id
         and s.status = case when a.status = 'pending' then 'busy-tentative' else 'busy' end) < a.ends_at - a.starts_at`,
	"a slot is stuck: taken by an appointment that does not occupy time": `
select s.id::text || ' by ' || a.status from slots s join appointments a on a.clinic_id = s.clinic_id and a.id = s.appointment_id
where (s.status = 'busy' and a.status not in ('booked', 'arrived', 'checked-in', 'fulfilled', 'noshow'))
   or (s.status = 'busy-tentative' and s.hold_expires_at > $1 and a.status <> 'pending')
   or (s.status = 'busy-tentative' and a.status not in ('pending', 'cancelled'))`,
	"a hold and its slots end at different times": `
select a.id::text from appointments a join slots s on s.clinic_id = a.clinic_id and s.appointment_id = a.id
where a.status = 'pending' and a.hold_expires_at > $1 and a.hold_expires_at <> s.hold_expires_at`,
	"an appointment without a row for how it came to its status": `
select a.id::text from appointments a where a.created_at < $1::timestamptz + interval '10 years' and a.status <> coalesce((select h.to_status from appointment_status_changes h
  where h.clinic_id = a.clinic_id and h.appointment_id = a.id order by h.at desc, h.id desc limit 1), '')`,
}

func broken(ctx context.Context, owner *pgx.Conn, now time.Time) (found []string, err error) {
	for promise, sql := range promises {
		rows, err := owner.Query(ctx, sql, now)
		if err != nil {
			return nil, err
		}
		hits, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", promise, err)
		}
		for _, h := range hits {
			found = append(found, promise+": "+h)
		}
	}
	return found, nil
}

// brokenMeanwhile looks while others work. Their clock moves on between the time that is asked with and the answer, so that what has just ended can
// look as if it had not: what is broken is found again with a later time.
func brokenMeanwhile(ctx context.Context, owner *pgx.Conn, clock *tenancytest.Clock) ([]string, error) {
	first, err := broken(ctx, owner, clock.Now())
	if err != nil || len(first) == 0 {
		return nil, err
	}
	second, err := broken(ctx, owner, clock.Now())
	return slices.DeleteFunc(second, func(hit string) bool { return !slices.Contains(first, hit) }), err
}

// front is many people and agents working at once on one clinic, remembering what they were promised.
type front struct {
	*clinic
	mu        sync.Mutex
	holds     []uuid.UUID
	until     map[uuid.UUID]time.Time // what each holder was promised
	confirmed map[uuid.UUID]bool
	cancelled map[uuid.UUID]bool // somebody asked to end it: from then on it may be gone
	broken    []string
	counts    map[string]int
}

func (f *front) did(what string) { f.mu.Lock(); f.counts[what]++; f.mu.Unlock() }

func (f *front) anyHold(r *rand.Rand) (uuid.UUID, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.holds) == 0 {
		return uuid.Nil, false
	}
	recent := f.holds[max(0, len(f.holds)-12):] // the recent ones, so that several work on the same
	return recent[r.IntN(len(recent))], true
}

func (f *front) step(r *rand.Rand) error {
	if r.IntN(3) == 0 {
		return f.stepClaim(r)
	}
	id, ok := f.anyHold(r)
	if !ok {
		return nil
	}
	switch n := r.IntN(20); {
	case n < 8:
		return f.stepConfirm(id)
	case n < 11:
		f.mayBeGone(id)
		return f.expect("release", f.release(id))
	case n < 13:
		return f.expect("extend", f.try(func(ctx context.Context, tx *tenancy.Tx) error {
			_, err := f.desk.Extend(ctx, tx, scheduling.ExtendInput{HoldID: id, Seconds: 20})
			return err
		}))
	case n < 16:
		return f.stepCancel(id)
	case n < 17:
		f.mayBeGone(id) // not confirmed by agents any more; the workers here are people, so it goes on
		return f.expect("take over", f.try(func(ctx context.Context, tx *tenancy.Tx) error { _, err := f.desk.TakeOver(ctx, tx, id); return err }))
	case n < 18:
		f.Clock.Advance(time.Duration(r.IntN(4)) * time.Second)
		return nil
	}
	return f.expect("sweep", f.try(func(ctx context.Context, tx *tenancy.Tx) error { _, err := scheduling.Sweep(ctx, tx); return err }))
}

func (f *front) stepClaim(r *rand.Rand) error {
	services := []string{"s15", "s30", "s45", "s60"}
	hold, err := f.claim(f.slot(r.IntN(len(f.practitioners)), r.IntN(12)), services[r.IntN(4)], 1+r.IntN(8))
	if err == nil {
		f.mu.Lock()
		f.holds = append(f.holds, hold.ID)
		f.until[hold.ID] = hold.ExpiresAt
		f.mu.Unlock()
	}
	return f.expect("claim", err)
}

// stepConfirm also keeps the book of promises: a hold that nobody ended and that has time left must be confirmed.
func (f *front) stepConfirm(id uuid.UUID) error {
	_, _, err := f.confirm(id)
	f.mu.Lock()
	switch {
	case err == nil:
		f.confirmed[id] = true
	case fault.Is(err, fault.Expired) && !f.cancelled[id] && f.Clock.Now().Before(f.until[id]):
		f.broken = append(f.broken, fmt.Sprintf("a holder was refused before the hold's end: %s", id))
	}
	f.mu.Unlock()
	return f.expect("confirm", err)
}

func (f *front) stepCancel(id uuid.UUID) error {
	f.mayBeGone(id)
	return f.expect("cancel", f.change(id, scheduling.Cancelled))
}

func (f *front) mayBeGone(id uuid.UUID) { f.mu.Lock(); f.cancelled[id] = true; f.mu.Unlock() }

// expect passes what may happen to anybody in a race; everything else is a bug.
func (f *front) expect(what string, err error) error {
	switch {
	case err == nil:
		f.did(what)
		return nil
	case fault.Is(err, fault.Conflict) || fault.Is(err, fault.Expired):
		f.did(what + " refused")
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}

func (f *front) lost(ctx context.Context, owner *pgx.Conn) (lost []string, err error) {
	for id := range f.confirmed {
		var status string
		if err := owner.QueryRow(ctx, `select status from appointments where id = $1`, id).Scan(&status); err != nil {
			return nil, err
		}
		if status != scheduling.Booked && !f.cancelled[id] {
			lost = append(lost, fmt.Sprintf("a confirmed booking was lost: %s is %s", id, status))
		}
	}
	return lost, nil
}

// work lets workers do steps each at once, and answers every promise that was found broken, during or after.
func work(t *testing.T, db *tenancytest.Database, c *clinic, seed uint64, workers, steps int) (found []string, counts map[string]int, err error) {
	t.Helper()
	ctx := context.Background()
	f := &front{clinic: c, until: map[uuid.UUID]time.Time{}, confirmed: map[uuid.UUID]bool{}, cancelled: map[uuid.UUID]bool{}, counts: map[string]int{}}
	owner := db.Owner(t)
	failures := make(chan error, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(seed, uint64(w)))
			for range steps {
				if err := f.step(r); err != nil {
					failures <- err
					return
				}
			}
		})
	}
	go func() { wg.Wait(); close(failures) }()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for open := true; open; { // the promises hold at every instant, not only at the end
		select {
		case e, more := <-failures:
			open, err = more, errors.Join(err, e)
		case <-tick.C:
		}
		now, e := brokenMeanwhile(ctx, owner, db.Clock)
		found, err = append(found, now...), errors.Join(err, e)
	}
	atRest, e := broken(ctx, owner, db.Clock.Now())
	found, err = append(found, atRest...), errors.Join(err, e)
	lost, e := f.lost(ctx, owner)
	return append(append(found, f.broken...), lost...), f.counts, errors.Join(err, e)
}

// TestManyAtOnce is the randomized test: claims of overlapping lengths and starts, confirmations racing expiry and release, extensions, take-overs,
// cancellations, sweeps, and a clock that jumps; many thousand operations on few slots.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	db := tenancytest.NewWithClock(t, at(8, 0))
	c := newClinic(t, db, 2)
	seed := uint64(time.Now().UnixNano())
	found, counts, err := work(t, db, c, seed, 12, 800)
	if err != nil {
		t.Errorf("seed %d: %v", seed, err)
	}
	for _, f := range found {
		t.Errorf("seed %d: %s", seed, f)
	}
	t.Logf("seed %d: %v", seed, counts)
	for _, must := range []string{"claim", "claim refused", "confirm", "confirm refused", "release", "extend", "cancel", "sweep", "take over"} {
		if counts[must] == 0 {
			t.Errorf("seed %d: nothing exercised %q: %v", seed, must, counts)
		}
	}
	db.Clock.Advance(time.Hour) // every hold has run out: after a sweep nothing may be stuck
	c.in(t, func(ctx context.Context, tx *tenancy.Tx) error { _, err := scheduling.Sweep(ctx, tx); return err })
	var stuck int
	if err := db.Owner(t).QueryRow(context.Background(), `select count(*) from slots where status = 'busy-tentative'`).Scan(&stuck); err != nil || stuck != 0 {
		t.Errorf("%d slots are stuck after the sweep, %v", stuck, err)
	}
}

// TestManyAtOnceFindsAPlantedBug takes the row locks out of the claim, and the constraint behind it away: the same work must then be caught.
func TestManyAtOnceFindsAPlantedBug(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := tenancytest.NewWithClock(t, at(8, 0))
	c := newClinic(t, db, 2)
	owner := db.Owner(t)
	var source string
	if err := owner.QueryRow(ctx, `select pg_get_functiondef(oid) from pg_proc where proname = 'claim_slot'`).Scan(&source); err != nil {
		t.Fatal(err)
	}
	const lock = "order by x.starts_at for update"
	if strings.Count(source, lock) != 1 {
		t.Fatal("the claim no longer has the lock that this test takes away")
	}
	for _, sql := range []string{strings.Replace(source, lock, "order by x.starts_at", 1), `alter table appointments drop constraint appointments_never_overlap`} {
		if _, err := owner.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	var found []string
	for seed := range uint64(10) { // each round is likely to find it; ten together cannot miss it
		var err error
		if found, _, err = work(t, db, c, seed, 12, 150); len(found) > 0 || err != nil {
			break
		}
	}
	if len(found) == 0 {
		t.Error("the work found nothing wrong with a claim that does not lock")
	}
}
