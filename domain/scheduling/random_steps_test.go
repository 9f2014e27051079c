package scheduling_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"anteroom/domain/fault"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
)

func (f *front) step(r *rand.Rand) error {
	switch n := r.IntN(34); {
	case n < 9:
		return f.stepClaim(r)
	case n < 10:
		f.clock.Lock()
		f.Clock.Advance(time.Duration(r.IntN(4)) * time.Second)
		f.clock.Unlock()
		return nil
	case n < 11:
		return f.expect("sweep", f.try(func(ctx context.Context, tx *tenancy.Tx) error { _, err := scheduling.Sweep(ctx, tx); return err }))
	case n < 12:
		return f.stepBook(r)
	case n < 13:
		return f.stepSeries(r)
	case n < 16:
		if c, ok := recent(f, r, &f.changes); ok {
			return f.stepUndo(c)
		}
	case n < 20:
		if id, ok := recent(f, r, &f.booked); ok {
			return f.stepMove(r, id)
		}
	case n < 21:
		if id, ok := recent(f, r, &f.booked); ok {
			return f.stepCancelSeries(r, id)
		}
	case n < 25:
		if id, ok := recent(f, r, &f.booked); ok {
			return f.stepCancel(id)
		}
	default:
		if id, ok := recent(f, r, &f.holds); ok {
			return f.stepHold(n-25, id)
		}
	}
	return nil
}

func (f *front) stepHold(n int, id uuid.UUID) error {
	switch {
	case n < 4:
		return f.stepConfirm(id)
	case n < 5:
		f.mayBeGone(id)
		return f.expect("release", f.release(id))
	case n < 6:
		return f.expect("extend", f.try(func(ctx context.Context, tx *tenancy.Tx) error {
			_, err := f.desk.Extend(ctx, tx, scheduling.ExtendInput{HoldID: id, Seconds: 20})
			return err
		}))
	case n < 8:
		return f.stepCancel(id)
	}
	f.mayBeGone(id) // not confirmed by agents any more; the workers here are people, so it goes on
	return f.expect("take over", f.try(func(ctx context.Context, tx *tenancy.Tx) error { _, err := f.desk.TakeOver(ctx, tx, id); return err }))
}

// stands keeps the book of promises for what was just booked: nobody may end it but who asks for it by its id.
func (f *front) stands(a scheduling.Appointment, also ...uuid.UUID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.booked = append(f.booked, a.ID)
	if a.SeriesID == nil { // one of a series may go with the others
		f.confirmed[a.ID] = true
	}
	if a.Undo != nil {
		f.changes = append(f.changes, change{a.Undo, append(also, a.ID)})
	}
}

func (f *front) place(r *rand.Rand) (practitioner uuid.UUID, start time.Time, service string) {
	return f.practitioners[r.IntN(len(f.practitioners))], at(9, 0).Add(time.Duration(r.IntN(12)) * 15 * time.Minute), []string{"s15", "s30", "s45", "s60"}[r.IntN(4)]
}

func (f *front) stepBook(r *rand.Rand) error {
	in := scheduling.BookInput{Patient: ada, Overbook: r.IntN(2) == 0}
	in.PractitionerID, in.StartsAt, in.Service = f.place(r)
	a, err := f.book(in)
	if err == nil {
		f.stands(a)
	}
	if a.Overbooked {
		return f.expect("overbook", err)
	}
	return f.expect("book", err)
}

func (f *front) stepMove(r *rand.Rand, id uuid.UUID) error {
	in := scheduling.MoveInput{ID: id, Overbook: r.IntN(8) == 0}
	in.PractitionerID, in.StartsAt, in.Service = f.place(r)
	f.mayBeGone(id)
	a, err := f.move(in)
	if err == nil && a.ID != id {
		f.stands(a, id)
	}
	return f.expect("move", err)
}

func (f *front) stepUndo(c change) error {
	f.mayBeGone(c.ends...)
	_, err := f.undo(c.undo)
	return f.expect("undo", err)
}

func (f *front) stepSeries(r *rand.Rand) error {
	in := scheduling.SeriesInput{Every: 1, Unit: scheduling.EveryWeek, Count: 3, First: scheduling.BookInput{Patient: ada, Source: scheduling.ByStaff}}
	in.First.PractitionerID, in.First.StartsAt, in.First.Service = f.place(r)
	var s scheduling.Series
	err := f.try(func(ctx context.Context, tx *tenancy.Tx) (err error) {
		s, err = f.desk.BookSeries(ctx, tx, in)
		return err
	})
	for _, a := range s.Booked {
		f.stands(a)
	}
	return f.expect("series", err)
}

func (f *front) stepCancelSeries(r *rand.Rand, id uuid.UUID) error {
	var gone []scheduling.Appointment
	err := f.try(func(ctx context.Context, tx *tenancy.Tx) (err error) {
		gone, err = f.desk.CancelSeries(ctx, tx, id, []string{scheduling.CancelFollowing, scheduling.CancelAll}[r.IntN(2)], "test")
		return err
	})
	if err == nil {
		f.mu.Lock()
		f.changes = append(f.changes, change{undo: gone[0].Undo})
		f.mu.Unlock()
	}
	return f.expect("cancel series", err)
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
		f.booked = append(f.booked, id)
	case fault.Is(err, fault.Expired) && !f.cancelled[id] && f.Clock.Now().Before(f.until[id]):
		f.broken = append(f.broken, fmt.Sprintf("a holder was refused before the hold's end: %s", id))
	}
	f.mu.Unlock()
	return f.expect("confirm", err)
}

func (f *front) stepCancel(id uuid.UUID) error {
	f.mayBeGone(id)
	var a scheduling.Appointment
	err := f.try(func(ctx context.Context, tx *tenancy.Tx) (err error) {
		a, err = f.desk.Change(ctx, tx, scheduling.Transition{ID: id, To: scheduling.Cancelled, Reason: "test"})
		return err
	})
	if a.Undo != nil {
		f.mu.Lock()
		f.changes = append(f.changes, change{undo: a.Undo})
		f.mu.Unlock()
	}
	return f.expect("cancel", err)
}

func (f *front) mayBeGone(ids ...uuid.UUID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, id := range ids {
		f.cancelled[id] = true
	}
}

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
