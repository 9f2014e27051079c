package scheduling

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/audit"
	"anteroom/domain/fault"
	"anteroom/domain/tenancy"
)

// BookSeries books every time of the series that can be had, in one transaction, and answers those that it left out and why. When there is none, it is a
// Conflict "nothing-free" with Alternatives, and nothing is changed.
func (d *Desk) BookSeries(ctx context.Context, tx *tenancy.Tx, in SeriesInput) (Series, error) {
	p, err := d.planSeries(ctx, tx, in)
	if err != nil {
		return Series{}, err
	}
	times := make([]wanted, len(p.starts))
	for i := range times {
		times[i] = p.time(i)
	}
	var hold record
	var held []uuid.UUID
	if p.hold != nil {
		held = []uuid.UUID{p.hold.ID}
	}
	l, err := lockTimes(ctx, tx, held, times)
	if err != nil {
		return Series{}, err
	}
	if p.hold != nil {
		hold = l.records[p.hold.ID]
		if err := hold.mustBeHeld(ctx, tx, p.now); err != nil {
			return Series{}, err
		}
	}
	list, err := p.look(ctx, tx) // after the locks: what it says of these times stays so
	if err != nil {
		return Series{}, err
	}
	patient, err := d.patientFor(ctx, tx, p.First)
	if err != nil {
		return Series{}, err
	}
	return p.book(ctx, tx, list, patient, hold)
}

func (p seriesPlan) book(ctx context.Context, tx *tenancy.Tx, list []found, patient uuid.UUID, hold record) (Series, error) {
	s := Series{ID: tenancy.NewID()}
	b := &pgx.Batch{}
	b.Queue(`insert into appointment_series (clinic_id, id, every, unit, occurrences) values ($1, $2, $3, $4, $5)`, tx.Clinic(), s.ID, p.Every, p.Unit, p.Count)
	if p.hold != nil { // its time goes over to the first appointment
		b.Queue(`select app.end_holds($1, $2, 'booked as a series')`, tx.Clinic(), []uuid.UUID{hold.ID})
	}
	var ids []uuid.UUID
	var steps []step
	for i, f := range list {
		if f.Outcome != TimeFree {
			s.Skipped = append(s.Skipped, f.Occurrence)
			continue
		}
		id, call := tenancy.NewID(), ""
		if i == 0 {
			call = cmp.Or(hold.CallID, p.First.CallID)
		}
		ids, steps = append(ids, id), append(steps, step{id, "", Booked})
		f.taking.queue(b, tx, p.practitioner, id)
		b.Queue(insertAppointment, tenancy.Args{"clinic": tx.Clinic(), "id": id, "practitioner": p.practitioner, "service": p.ServiceID, "patient": patient, "status": Booked,
			"from": f.StartsAt, "to": f.EndsAt, "call": call, "source": p.First.Source, "overbooked": false, "replaces": nil, "series": s.ID})
		queueChange(b, tx, id, "", Booked, "")
		if err := audit.Queue(b, tx, audit.Event{Action: "appointment.booked", SubjectKind: "appointment", SubjectID: id, Patients: []uuid.UUID{patient},
			After: map[string]any{"id": id, "status": Booked, "patient": patient, "series": s.ID}}); err != nil {
			return Series{}, err
		}
	}
	if len(ids) == 0 {
		next, err := nearest(ctx, tx, p.ServiceID, p.starts[0], p.now)
		if err != nil {
			return Series{}, err
		}
		return Series{}, errNothingFree(next)
	}
	var err error
	if s.Undo, err = queueUndo(ctx, tx, b, "series", steps...); err != nil {
		return Series{}, err
	}
	if err := audit.Queue(b, tx, audit.Event{Action: "series.booked", SubjectKind: "series", SubjectID: s.ID, Patients: []uuid.UUID{patient}, After: ids}); err != nil {
		return Series{}, err
	}
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		if tenancy.IsOverlap(err) {
			return Series{}, fault.New(fault.Conflict, "slot-taken", "One of these times was taken a moment ago. Nothing was booked.").With(Alternatives{}).Because(err)
		}
		return Series{}, fmt.Errorf("book a series: %w", err)
	}
	tx.Announce("schedule", p.practitioner)
	s.Booked, err = several(ctx, tx, ids)
	for i := range s.Booked {
		s.Booked[i].Undo = s.Undo
	}
	return s, err
}

// What CancelSeries ends.
const (
	CancelThis      = "this"
	CancelFollowing = "following" // this one and those after it
	CancelAll       = "all"
)

// CancelSeries cancels one appointment of a series, it and those after it, or all; of the others only those that are booked and to come. It answers what
// was cancelled, which one undo brings back.
func (d *Desk) CancelSeries(ctx context.Context, tx *tenancy.Tx, id uuid.UUID, scope, reason string) ([]Appointment, error) {
	if err := checkReason(Cancelled, reason); err != nil {
		return nil, err
	}
	if scope != CancelThis && scope != CancelFollowing && scope != CancelAll {
		return nil, fault.BadField("scope", "Choose this appointment, it and those after it, or all.")
	}
	if scope == CancelThis {
		a, err := d.Change(ctx, tx, Transition{ID: id, To: Cancelled, Reason: reason})
		return []Appointment{a}, err
	}
	a, err := one(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	if a.SeriesID == nil {
		return nil, fault.New(fault.Conflict, "no-series", "This appointment does not belong to a series.")
	}
	from, err := tx.Now(ctx)
	if err != nil {
		return nil, err
	}
	if scope == CancelFollowing && a.StartsAt.After(from) {
		from = a.StartsAt.Add(-time.Microsecond)
	}
	rows, err := tx.Query(ctx, `select id from appointments where clinic_id = $1 and series_id = $2 and status = 'booked' and starts_at > $3 order by starts_at`, tx.Clinic(), *a.SeriesID, from)
	if err != nil {
		return nil, fmt.Errorf("find the series: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("find the series: %w", err)
	}
	return cancelMany(ctx, tx, ids, reason)
}

func cancelMany(ctx context.Context, tx *tenancy.Tx, ids []uuid.UUID, reason string) ([]Appointment, error) {
	l, err := lockTimes(ctx, tx, ids, nil)
	if err != nil {
		return nil, err
	}
	b := &pgx.Batch{}
	var gone []uuid.UUID
	var steps []step
	for _, id := range ids {
		r := l.records[id]
		if r.Status != Booked { // somebody was faster
			continue
		}
		gone, steps = append(gone, id), append(steps, step{id, Booked, Cancelled})
		b.Queue(`update appointments set status = 'cancelled', updated_at = now() where clinic_id = $1 and id = $2`, tx.Clinic(), id)
		queueChange(b, tx, id, Booked, Cancelled, reason)
		tx.Announce("schedule", r.PractitionerID)
		if err := audit.Queue(b, tx, audit.Event{Action: "appointment.cancelled", SubjectKind: "appointment", SubjectID: id, Patients: r.patients(), Reason: reason,
			Before: map[string]any{"id": id, "status": Booked}, After: map[string]any{"id": id, "status": Cancelled}}); err != nil {
			return nil, err
		}
	}
	if len(gone) == 0 {
		return nil, fault.New(fault.Conflict, "nothing-to-cancel", "None of these appointments is booked and still to come. Nothing was changed.")
	}
	b.Queue(`select app.free_slots($1, $2)`, tx.Clinic(), gone)
	undo, err := queueUndo(ctx, tx, b, "cancel", steps...)
	if err != nil {
		return nil, err
	}
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return nil, fmt.Errorf("cancel a series: %w", err)
	}
	list, err := several(ctx, tx, gone)
	for i := range list {
		list[i].Undo = undo
	}
	return list, err
}
