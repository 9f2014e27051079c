package scheduling_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
)

const overlapping = `
select count(*) from slots a join slots b on b.practitioner_id = a.practitioner_id and b.id <> a.id and a.starts_at < b.ends_at and b.starts_at < a.ends_at
 where a.availability = 'open' and b.availability = 'open'`

const uncovered = `
select count(*) from appointments a where status = 'pending' and ends_at - starts_at >
  (select coalesce(sum(least(s.ends_at, a.ends_at) - s.starts_at), '0') from slots s where s.appointment_id = a.id and s.status = 'busy-tentative')`

// Four at a time change the grain or the hours while callers claim: nothing overlaps and nobody's slot is lost.
func TestRebuildsAndClaimsAtOnce(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "Europe/London", time.Date(2026, 3, 27, 8, 0, 0, 0, time.UTC), 3)
	for n := range p.who {
		p.week(t, n, 0, 3*60, 9*60, 12*60)
	}
	var wg sync.WaitGroup
	errs := make(chan error, 1000)
	for worker := range 4 {
		wg.Go(func() {
			for i := range 8 {
				grain, starts := []int{15, 20, 10, 30}[(i+worker)%4], (7+worker)*60 // on every grain
				errs <- p.try(func(ctx context.Context, tx *tenancy.Tx) error {
					if worker%2 == 0 {
						_, err := scheduling.UpdateClinic(ctx, tx, scheduling.ClinicInput{Name: "Practice", GrainMinutes: grain, HorizonDays: 10, HoldSeconds: 90})
						return err
					}
					_, err := scheduling.SetWeek(ctx, tx, scheduling.WeekInput{Practitioner: p.who[i%3], Hours: daily(0, 3*60, starts, 12*60)})
					return err
				})
			}
		})
	}
	held := make([]int, 6)
	for caller := range held {
		wg.Go(func() {
			for i := range 60 {
				var slot uuid.UUID
				err := p.try(func(ctx context.Context, tx *tenancy.Tx) error {
					return tx.QueryRow(ctx, `select id from slots where practitioner_id = $1 and status = 'free' and starts_at < '2026-04-03'
						order by md5(id::text || $2) limit 1`, p.who[(caller+i)%3], fmt.Sprint(caller, i)).Scan(&slot)
				})
				if tenancy.IsNone(err) {
					continue
				}
				errs <- err
				_, outcome, err := p.claim(slot)
				errs <- err
				if outcome == "held" {
					held[caller]++
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
	var overlaps, lost, pending int
	check := func() {
		t.Helper()
		p.in(t, func(ctx context.Context, tx *tenancy.Tx) error {
			return tx.QueryRow(ctx, `select (`+overlapping+`), (`+uncovered+`), (select count(*) from appointments where status = 'pending')`).Scan(&overlaps, &lost, &pending)
		})
		if overlaps != 0 || lost != 0 {
			t.Errorf("%d slots overlap, %d holds have lost time", overlaps, lost)
		}
	}
	check()
	total := 0
	for _, n := range held {
		total += n
	}
	if pending != total || total == 0 {
		t.Errorf("%d holds are there, %d were given", pending, total)
	}
	if r := p.rebuild(t); r.Added+r.Removed+r.Blocked+r.Reopened != 0 {
		t.Errorf("the slots do not settle: %+v", r)
	}
	t.Logf("%d holds among 32 rebuilds", total)
}

const waiting = `
select exists (select from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database()))`

// A rebuild that read the hours while somebody changes them could put the old ones back.
func TestARebuildWaitsForAChangeOfHours(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "Europe/London", time.Date(2026, 3, 27, 8, 0, 0, 0, time.UTC), 1)
	done := make(chan error, 1)
	var r scheduling.RebuildResult
	p.in(t, func(ctx context.Context, tx *tenancy.Tx) error {
		if _, err := scheduling.SetWeek(ctx, tx, scheduling.WeekInput{Practitioner: p.who[0], Hours: daily(540, 600)}); err != nil {
			return err
		}
		go func() {
			done <- p.try(func(ctx context.Context, tx *tenancy.Tx) (err error) {
				r, err = scheduling.Rebuild(ctx, tx, scheduling.RebuildInput{})
				return err
			})
		}()
		for waits := false; !waits; {
			select {
			case err := <-done:
				return errors.Join(errors.New("the rebuild did not wait"), err)
			default:
			}
			if err := tx.QueryRow(ctx, waiting).Scan(&waits); err != nil {
				return err
			}
		}
		return nil
	})
	if err := <-done; err != nil || r.Added+r.Removed != 0 {
		t.Errorf("it has not seen what it waited for: %+v, %v", r, err)
	}
}

func TestAnotherClinicsSlotsAreNotTouched(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "Europe/London", time.Date(2026, 3, 27, 8, 0, 0, 0, time.UTC), 1)
	p.week(t, 0, 9*60, 10*60)
	other := &practice{Database: p.Database, scope: p.Clinic(t, "Other", "Asia/Kathmandu")}
	other.in(t, func(ctx context.Context, tx *tenancy.Tx) error {
		r, err := scheduling.Rebuild(ctx, tx, scheduling.RebuildInput{Practitioners: p.who})
		if r.Removed+r.Added != 0 {
			t.Errorf("another clinic's rebuild: %+v", r)
		}
		if _, err := scheduling.SetWeek(ctx, tx, scheduling.WeekInput{Practitioner: p.who[0]}); err == nil {
			t.Error("another clinic set the week")
		}
		return err
	})
	if n := len(p.rows(t, 0, "")); n != 42*4 {
		t.Errorf("%d slots are left of 168", n)
	}
}

// BenchmarkRebuild measures 12 practitioners × 42 days × 40 slots: all new, nothing to do, and another grain.
func BenchmarkRebuild(b *testing.B) {
	p := newPractice(b, "Europe/London", time.Date(2026, 3, 27, 0, 0, 0, 0, time.UTC), 12)
	p.in(b, func(ctx context.Context, tx *tenancy.Tx) error {
		_, err := tx.Exec(ctx, `insert into weekly_hours (clinic_id, id, practitioner_id, weekday, starts_minute, ends_minute)
			select clinic_id, app.uuidv7(), id, d, 480, 1080 from practitioners, generate_series(0, 6) d`)
		return err
	})
	measure := func(name string, fn func()) {
		start := time.Now()
		fn()
		b.ReportMetric(float64(time.Since(start).Milliseconds()), name+"-ms")
	}
	for range b.N {
		p.in(b, func(ctx context.Context, tx *tenancy.Tx) error {
			_, err := tx.Exec(ctx, `delete from slots`)
			return err
		})
		measure("new", func() { p.rebuild(b) })
		measure("unchanged", func() { p.rebuild(b) })
		measure("roll", func() {
			p.in(b, func(ctx context.Context, tx *tenancy.Tx) error { _, err := scheduling.Roll(ctx, tx); return err })
		})
		measure("grain", func() { p.grain(b, 20) })
		p.grain(b, 15)
	}
}
