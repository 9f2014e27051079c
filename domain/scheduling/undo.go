package scheduling

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/audit"
	"anteroom/domain/fault"
	"anteroom/domain/tenancy"
)

// UndoWindow is how long what the desk did can be taken back. Nobody is told of it before.
const UndoWindow = 10 * time.Second

// undoGrace is what an undo that was pressed in time may take on its way here.
const undoGrace = 2 * time.Second

// Undo names a change that can be taken back, and says until when.
type Undo struct {
	ChangeID uuid.UUID
	Until    time.Time
}

// step is what a change did to one appointment; from is empty when it made it.
type step struct {
	appointment uuid.UUID
	from, to    string
}

const (
	insertDeskChange = `insert into desk_changes (clinic_id, id, kind, undo_until) values (@clinic, @change, @kind, @until)`

	insertDeskSteps = `insert into desk_change_steps (clinic_id, change_id, appointment_id, from_status, to_status)
select @clinic, @change, s.id, s.was, s.became from unnest(@ids::uuid[], @was::text[], @became::text[]) s(id, was, became)`
)

// queueUndo remembers what a person did, so that they can take it back. What a program or an agent did is not.
func queueUndo(ctx context.Context, tx *tenancy.Tx, b *pgx.Batch, kind string, steps ...step) (*Undo, error) {
	if tx.Actor().Kind != tenancy.User {
		return nil, nil
	}
	now, err := tx.Now(ctx)
	if err != nil {
		return nil, err
	}
	u := &Undo{ChangeID: tenancy.NewID(), Until: now.Add(UndoWindow)}
	ids, was, became := make([]uuid.UUID, len(steps)), make([]string, len(steps)), make([]string, len(steps))
	for i, s := range steps {
		ids[i], was[i], became[i] = s.appointment, s.from, s.to
	}
	args := tenancy.Args{"clinic": tx.Clinic(), "change": u.ChangeID, "kind": kind, "until": u.Until.Add(undoGrace), "ids": ids, "was": was, "became": became}
	b.Queue(insertDeskChange, args)
	b.Queue(insertDeskSteps, args)
	return u, nil
}

// Undone is what an undo took back: the kind of change (book, move, cancel, status or series) and its appointments as they are now, those that stand first.
type Undone struct {
	Kind         string
	Appointments []Appointment
}

type deskChange struct {
	Actor     string
	Kind      string
	At        time.Time
	UndoUntil time.Time
	UndoneAt  *time.Time
	steps     []step
}

// Undo takes a change back: a move to where the appointment was, a booking as entered in error, a cancellation or a step of the day to the status before.
// Only who did it can, once; the same again answers the same. Expired "undo-over" after the window, Conflict "changed-since" when somebody went on
// meanwhile, Conflict "time-taken" when somebody else has the time by now; then nothing is changed.
func (d *Desk) Undo(ctx context.Context, tx *tenancy.Tx, changeID uuid.UUID) (Undone, error) {
	c, err := lockDeskChange(ctx, tx, changeID)
	if err != nil {
		return Undone{}, err
	}
	now, err := tx.Now(ctx)
	if err != nil {
		return Undone{}, err
	}
	switch {
	case c.Actor != tx.Actor().String():
		return Undone{}, fault.New(fault.Forbidden, "not-yours", "Somebody else did this. Only they can undo it; you can change the appointment itself.")
	case c.UndoneAt != nil:
		return c.undone(ctx, tx)
	case !now.Before(c.UndoUntil):
		return Undone{}, fault.New(fault.Expired, "undo-over", "The time to undo this is over. It stays as it is; change the appointment itself instead.")
	}
	if err := c.undo(ctx, tx, changeID, now); err != nil {
		return Undone{}, err
	}
	return c.undone(ctx, tx)
}

func lockDeskChange(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) (deskChange, error) {
	args := tenancy.Args{"clinic": tx.Clinic(), "id": id}
	rows, err := tx.Query(ctx, `select actor, kind, at, undo_until, undone_at from desk_changes where clinic_id = @clinic and id = @id for update`, args)
	if err != nil {
		return deskChange{}, fmt.Errorf("lock the change: %w", err)
	}
	c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByNameLax[deskChange])
	if tenancy.IsNone(err) {
		return c, fault.New(fault.NotFound, "change-unknown", "There is nothing to undo.")
	}
	if err != nil {
		return c, fmt.Errorf("lock the change: %w", err)
	}
	if rows, err = tx.Query(ctx, `select appointment_id, from_status, to_status from desk_change_steps where clinic_id = @clinic and change_id = @id order by appointment_id`, args); err != nil {
		return c, fmt.Errorf("read the change: %w", err)
	}
	var s step
	if _, err := pgx.ForEachRow(rows, []any{&s.appointment, &s.from, &s.to}, func() error { c.steps = append(c.steps, s); return nil }); err != nil {
		return c, fmt.Errorf("read the change: %w", err)
	}
	return c, nil
}

// back is the status that an undo of the step leads to: what the change made never was.
func (s step) back() string {
	if s.from == "" {
		return EnteredInError
	}
	return s.from
}

// returns: the step gave slots away that the undo needs again.
func (s step) returns() bool { return frees[s.to] && !frees[s.back()] }

func (c deskChange) ids() (all, returning []uuid.UUID) {
	for _, s := range c.steps {
		all = append(all, s.appointment)
		if s.returns() {
			returning = append(returning, s.appointment)
		}
	}
	return all, returning
}

const timesOf = `select practitioner_id, starts_at, ends_at from appointments where clinic_id = $1 and id = any($2) and not overbooked`

func (c deskChange) undo(ctx context.Context, tx *tenancy.Tx, id uuid.UUID, now time.Time) error {
	all, returning := c.ids()
	rows, err := tx.Query(ctx, timesOf, tx.Clinic(), returning)
	if err != nil {
		return fmt.Errorf("read the times: %w", err)
	}
	var times []wanted
	var w wanted
	if _, err := pgx.ForEachRow(rows, []any{&w.practitioner, &w.from, &w.to}, func() error { times = append(times, w); return nil }); err != nil {
		return fmt.Errorf("read the times: %w", err)
	}
	l, err := lockTimes(ctx, tx, all, times)
	if err != nil {
		return err
	}
	b := &pgx.Batch{}
	b.Queue(`update desk_changes set undone_at = $3 where clinic_id = $1 and id = $2`, tx.Clinic(), id, now)
	slices.SortStableFunc(c.steps, func(x, y step) int { return compareBool(x.returns(), y.returns()) }) // what goes makes room for what returns
	for _, s := range c.steps {
		r := l.records[s.appointment]
		if r.Status != s.to || !r.UpdatedAt.Equal(c.At) {
			return fault.New(fault.Conflict, "changed-since", "The appointment was changed again since. It stays as it is now.")
		}
		if err := queueBack(b, tx, l, s, now, all); err != nil {
			return err
		}
	}
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		if tenancy.IsOverlap(err) {
			return errTimeTaken().Because(err)
		}
		return fmt.Errorf("undo: %w", err)
	}
	return nil
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

func errTimeTaken() *fault.Fault {
	return fault.New(fault.Conflict, "time-taken", "Its time was given to somebody else meanwhile, so this cannot be undone. Choose another time for the patient.")
}

// queueBack takes one step back. What the change's other appointments have counts as free: they go first.
func queueBack(b *pgx.Batch, tx *tenancy.Tx, l locked, s step, now time.Time, own []uuid.UUID) error {
	r, to := l.records[s.appointment], s.back()
	switch {
	case s.returns() && !r.Overbooked:
		taken, free := l.takeBack(wanted{r.PractitionerID, horizonSpan{r.StartsAt, r.EndsAt}}, now, own)
		if !free {
			return errTimeTaken()
		}
		taken.queue(b, tx, r.PractitionerID, r.ID)
	case frees[to]:
		b.Queue(`select app.free_slots($1, $2)`, tx.Clinic(), []uuid.UUID{r.ID})
	}
	b.Queue(`update appointments set status = $3, updated_at = now() where clinic_id = $1 and id = $2`, tx.Clinic(), r.ID, to)
	queueChange(b, tx, r.ID, s.to, to, "undone")
	tx.Announce("schedule", r.PractitionerID)
	return audit.Queue(b, tx, audit.Event{Action: "appointment.undone", SubjectKind: "appointment", SubjectID: r.ID, Patients: r.patients(),
		Before: map[string]any{"id": r.ID, "status": s.to}, After: map[string]any{"id": r.ID, "status": to}})
}

func (c deskChange) undone(ctx context.Context, tx *tenancy.Tx) (Undone, error) {
	all, _ := c.ids()
	list, err := several(ctx, tx, all)
	slices.SortStableFunc(list, func(x, y Appointment) int { return compareBool(frees[x.Status], frees[y.Status]) })
	return Undone{Kind: c.Kind, Appointments: list}, err
}
