package scheduling_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

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
  and not a.overbooked and not b.overbooked and coalesce(a.hold_expires_at > $1, true) and coalesce(b.hold_expires_at > $1, true)`,
	"an appointment occupies time without having its slots": `
select a.id::text from appointments a
where a.status in ('pending', 'booked', 'arrived', 'checked-in', 'fulfilled') and not a.overbooked and coalesce(a.hold_expires_at > $1, true)
  and (select coalesce(sum(least(s.ends_at, a.ends_at) - s.starts_at), interval '0') from slots s where s.clinic_id = a.clinic_id and s.appointment_id = a.id
         and s.status = case when a.status = 'pending' then 'busy-tentative' else 'busy' end) < a.ends_at - a.starts_at`,
	"an overbooked appointment took a slot": `
select a.id::text from appointments a join slots s on s.clinic_id = a.clinic_id and s.appointment_id = a.id where a.overbooked and $1::timestamptz is not null`,
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
	"a patient has lost the appointment in a move, or has it twice": `
select a.id::text || ' ' || a.status from appointments a
cross join lateral (select h.reason, h.to_status from appointment_status_changes h where h.clinic_id = a.clinic_id and h.appointment_id = a.id order by h.at desc, h.id desc limit 1) h
where $1::timestamptz is not null and (h.reason = 'moved' and h.to_status = 'cancelled') is distinct from
  exists (select from appointments n where n.clinic_id = a.clinic_id and n.replaces_id = a.id and n.status <> 'entered-in-error')`,
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

// front is many people and agents working at once on one clinic, remembering what they were promised.
type front struct {
	*clinic
	clock     sync.Mutex // held by who moves the clock, and by who looks: for a look it stands
	mu        sync.Mutex
	holds     []uuid.UUID
	booked    []uuid.UUID             // what may be moved and cancelled
	changes   []change                // what may be taken back
	until     map[uuid.UUID]time.Time // what each holder was promised
	confirmed map[uuid.UUID]bool
	cancelled map[uuid.UUID]bool // somebody asked to end it: from then on it may be gone
	broken    []string
	counts    map[string]int
}

// change is what a person did, with everything that an undo of it may end.
type change struct {
	undo *scheduling.Undo
	ends []uuid.UUID
}

func (f *front) did(what string) { f.mu.Lock(); f.counts[what]++; f.mu.Unlock() }

// recent is one of the last ones, so that several work on the same.
func recent[T any](f *front, r *rand.Rand, list *[]T) (one T, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(*list) == 0 {
		return one, false
	}
	last := (*list)[max(0, len(*list)-12):]
	return last[r.IntN(len(last))], true
}

// look asks for the promises while the clock stands: what has just ended must not look as if it had not.
func (f *front) look(ctx context.Context, owner *pgx.Conn) ([]string, error) {
	f.clock.Lock()
	defer f.clock.Unlock()
	return broken(ctx, owner, f.Clock.Now())
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
		now, e := f.look(ctx, owner)
		found, err = append(found, now...), errors.Join(err, e)
	}
	atRest, e := broken(ctx, owner, db.Clock.Now())
	found, err = append(found, atRest...), errors.Join(err, e)
	lost, e := f.lost(ctx, owner)
	return append(append(found, f.broken...), lost...), f.counts, errors.Join(err, e)
}

// busyClinic is one whose people may overbook, with slots in the weeks after it as well.
func busyClinic(t *testing.T, db *tenancytest.Database) *clinic {
	t.Helper()
	c := newClinic(t, db, 2)
	c.mayOverbook(t, true)
	for p := range c.practitioners {
		for week := range 3 {
			c.openHours(t, p, monday.AddDate(0, 0, 7*(week+1)), 4)
		}
	}
	return c
}

// TestManyAtOnce is the randomized test: claims of overlapping lengths and starts, confirmations racing expiry and release, extensions, take-overs, moves,
// overbooking, series, cancellations, undos, sweeps, and a clock that jumps; many thousand operations on few slots.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	db := tenancytest.NewWithClock(t, at(8, 0))
	c := busyClinic(t, db)
	seed := uint64(time.Now().UnixNano())
	found, counts, err := work(t, db, c, seed, 12, 800)
	if err != nil {
		t.Errorf("seed %d: %v", seed, err)
	}
	for _, f := range found {
		t.Errorf("seed %d: %s", seed, f)
	}
	t.Logf("seed %d: %v", seed, counts)
	for _, must := range []string{"claim", "claim refused", "confirm", "confirm refused", "release", "extend", "cancel", "sweep", "take over",
		"book", "overbook", "move", "move refused", "undo", "undo refused", "series", "cancel series"} {
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

// TestManyAtOnceFindsAPlantedBug breaks the database's part, one way at a time, and takes the constraint behind it away: the same work must then be caught.
func TestManyAtOnceFindsAPlantedBug(t *testing.T) {
	t.Parallel()
	for bug, x := range map[string]struct{ function, good, bad string }{
		"a claim that does not lock":                {"claim_slot", "order by x.starts_at for update", "order by x.starts_at"},
		"a move that keeps its old slots":           {"free_slots", "x.appointment_id = any(appointments)", "x.appointment_id = any(appointments) and not exists (select from public.appointments n where n.clinic_id = c and n.replaces_id = any(appointments))"},
		"an end of a hold that is told of too soon": {"sweep_holds", "x.hold_expires_at <= t", "x.hold_expires_at <= t + interval '3 seconds'"},
	} {
		t.Run(bug, func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			db := tenancytest.NewWithClock(t, at(8, 0))
			c := busyClinic(t, db)
			owner := db.Owner(t)
			var source string
			if err := owner.QueryRow(ctx, `select pg_get_functiondef(oid) from pg_proc where proname = $1`, x.function).Scan(&source); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(source, x.good) {
				t.Fatalf("%s no longer has what this test breaks", x.function)
			}
			for _, sql := range []string{strings.ReplaceAll(source, x.good, x.bad), `alter table appointments drop constraint appointments_never_overlap`} {
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
				t.Error("the work found nothing wrong")
			}
		})
	}
}
