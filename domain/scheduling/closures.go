package scheduling

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/audit"
	"anteroom/domain/fault"
	"anteroom/domain/tenancy"
)

// Closure is a time in which nobody can be booked: of the whole clinic, or the time off of one practitioner.
type Closure struct {
	ID           uuid.UUID
	Practitioner *uuid.UUID `db:"practitioner_id"` // nil: the whole clinic
	StartsAt     time.Time
	EndsAt       time.Time
	Reason       string // shown to staff
}

const selectClosures = `
select id, practitioner_id, starts_at, ends_at, reason from closures where clinic_id = @clinic`

// ClosuresInput asks for closures and time off that reach into a time; zero ends are open.
type ClosuresInput struct {
	From, To time.Time
}

// ListClosures answers them in the order of time.
func ListClosures(ctx context.Context, tx *tenancy.Tx, in ClosuresInput) ([]Closure, error) {
	rows, err := tx.Query(ctx, selectClosures+` and ends_at > @from and starts_at < coalesce(@to::timestamptz, 'infinity') order by starts_at, id`,
		tenancy.Args{"clinic": tx.Clinic(), "from": in.From, "to": openEnd(in.To)})
	if err != nil {
		return nil, fmt.Errorf("list closures: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Closure])
	if err != nil {
		return nil, fmt.Errorf("list closures: %w", err)
	}
	return list, nil
}

func openEnd(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// ClosureInput closes the clinic, or gives one practitioner time off.
type ClosureInput struct {
	Practitioner     uuid.UUID // uuid.Nil: the whole clinic
	StartsAt, EndsAt time.Time
	Reason           string // 1 to 120 characters
}

// ClosureChange is the closure that was added, and what it did to the slots.
type ClosureChange struct {
	Closure Closure
	Rebuild RebuildResult
}

// AddClosure blocks the slots that it overlaps. Appointments in it are kept and answered as outside the hours.
func AddClosure(ctx context.Context, tx *tenancy.Tx, in ClosureInput) (ClosureChange, error) {
	now, err := tx.Now(ctx)
	if err != nil {
		return ClosureChange{}, err
	}
	if err := in.check(now); err != nil {
		return ClosureChange{}, err
	}
	c := Closure{ID: tenancy.NewID(), Reason: in.Reason,
		StartsAt: in.StartsAt.UTC().Truncate(time.Microsecond), EndsAt: in.EndsAt.UTC().Truncate(time.Microsecond)} // as the database keeps them
	if in.Practitioner == uuid.Nil {
		err = lockHorizon(ctx, tx)
	} else {
		c.Practitioner = &in.Practitioner
		err = lockHours(ctx, tx, in.Practitioner)
	}
	if err != nil {
		return ClosureChange{}, err
	}
	_, err = tx.Exec(ctx, `insert into closures (clinic_id, id, practitioner_id, starts_at, ends_at, reason)
		values (@clinic, @id, @practitioner, @starts, @ends, @reason)`, tenancy.Args{"clinic": tx.Clinic(),
		"id": c.ID, "practitioner": c.Practitioner, "starts": c.StartsAt, "ends": c.EndsAt, "reason": c.Reason})
	if err != nil {
		return ClosureChange{}, fmt.Errorf("add closure: %w", err)
	}
	result, err := c.changed(ctx, tx, audit.Event{Action: c.word() + ".added", After: c})
	return ClosureChange{Closure: c, Rebuild: result}, err
}

func (in *ClosureInput) check(now time.Time) error {
	var bad settingFaults
	in.Reason = bad.text("reason", "The reason", in.Reason, 1, 120)
	bad.number("starts_at", "The year", in.StartsAt.Year(), 2000, 9999)
	bad.number("ends_at", "The year", in.EndsAt.Year(), 2000, 9999)
	switch {
	case !in.EndsAt.Truncate(time.Microsecond).After(in.StartsAt.Truncate(time.Microsecond)):
		bad.add("ends_at", "The end is not after the start.")
	case !in.EndsAt.After(now):
		bad.add("ends_at", "That time has passed.")
	}
	return bad.err()
}

// RemoveClosure opens the time again. One that does not exist is NotFound.
func RemoveClosure(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) (RebuildResult, error) {
	if err := lockHorizon(ctx, tx); err != nil {
		return RebuildResult{}, err
	}
	rows, err := tx.Query(ctx, `delete from closures where clinic_id = @clinic and id = @id returning id, practitioner_id, starts_at, ends_at, reason`,
		tenancy.Args{"clinic": tx.Clinic(), "id": id})
	if err != nil {
		return RebuildResult{}, fmt.Errorf("remove closure: %w", err)
	}
	c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Closure])
	if tenancy.IsNone(err) {
		return RebuildResult{}, fault.New(fault.NotFound, "closure-not-found", "There is no such closure.")
	}
	if err != nil {
		return RebuildResult{}, fmt.Errorf("remove closure: %w", err)
	}
	return c.changed(ctx, tx, audit.Event{Action: c.word() + ".removed", Before: c})
}

func (c Closure) word() string {
	if c.Practitioner == nil {
		return "closure"
	}
	return "time-off"
}

// changed records what happened to the closure and rebuilds the slots that it can touch.
func (c Closure) changed(ctx context.Context, tx *tenancy.Tx, event audit.Event) (RebuildResult, error) {
	event.SubjectKind, event.SubjectID = "closure", c.ID
	if err := audit.Record(ctx, tx, event); err != nil {
		return RebuildResult{}, err
	}
	in := RebuildInput{From: c.StartsAt.Add(-longestGrain), To: c.EndsAt} // a slot that starts before it may reach into it
	if c.Practitioner == nil {
		tx.Announce("schedule", uuid.Nil)
	} else {
		in.Practitioners = []uuid.UUID{*c.Practitioner}
		tx.Announce("schedule", *c.Practitioner)
	}
	return Rebuild(ctx, tx, in)
}
