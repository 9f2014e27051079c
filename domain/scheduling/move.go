package scheduling

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/audit"
	"anteroom/domain/fault"
	"anteroom/domain/identity"
	"anteroom/domain/tenancy"
)

// MoveInput says where an appointment goes. What is left out stays.
type MoveInput struct {
	ID             uuid.UUID // booked or arrived
	PractitionerID uuid.UUID
	StartsAt       time.Time
	Service        string    // slug; another service brings its own length
	Overbook       bool      // put it there although the time is taken or outside the hours; needs the person's permission
	SeenAt         time.Time // UpdatedAt as the form showed it; zero: not checked
}

// place is where a move leads.
type place struct {
	wanted
	service uuid.UUID
}

// Move makes a new appointment that replaces the old one, and cancels the old one, in one transaction. It may overlap its own old time. One that
// arrived stays arrived on the same day, and is booked on another. A time that cannot be had is a Conflict with Alternatives, a change since SeenAt a
// Conflict "changed-meanwhile"; then nothing is changed. A move to where it is changes nothing either.
func (d *Desk) Move(ctx context.Context, tx *tenancy.Tx, in MoveInput) (Appointment, error) {
	old, err := one(ctx, tx, in.ID) // the time and the practitioner of a row never change; its status is looked at again when it is locked
	if err != nil {
		return old, err
	}
	to, err := in.target(ctx, tx, old)
	if err != nil {
		return old, err
	}
	if in.Overbook {
		if err := identity.MustOverbook(ctx, tx); err != nil {
			return old, err
		}
	}
	l, err := lockTimes(ctx, tx, []uuid.UUID{old.ID}, []wanted{to.wanted})
	if err != nil {
		return old, err
	}
	now, err := tx.Now(ctx)
	if err != nil {
		return old, err
	}
	r := l.records[old.ID]
	if r.Status == Cancelled {
		return movedBefore(ctx, tx, r, to)
	}
	if err := in.mustBeMovable(r); err != nil {
		return old, err
	}
	taken, outcome := l.take(to.wanted, now, r.ID)
	if r.stays(to) && (!r.Overbooked || outcome != TimeFree) {
		return old, nil
	}
	overbooked := outcome != TimeFree && (in.Overbook || r.covers(to))
	switch {
	case !to.from.Equal(r.StartsAt) && !to.from.After(now) && (!in.Overbook || !to.to.After(now)):
		return old, cannotHave(ctx, tx, "past", to.service, now, now)
	case outcome != TimeFree && !overbooked:
		return old, cannotHave(ctx, tx, outcome, to.service, to.from, now)
	case overbooked:
		taken = taking{}
	}
	return move(ctx, tx, r, to, taken, overbooked)
}

// target answers where the move leads. The service is looked up only where it, or who performs it, changes: one that is no longer offered may still be moved.
func (in MoveInput) target(ctx context.Context, tx *tenancy.Tx, old Appointment) (place, error) {
	to := place{wanted{old.PractitionerID, horizonSpan{old.StartsAt, old.EndsAt}}, old.ServiceID}
	length := old.EndsAt.Sub(old.StartsAt)
	if in.PractitionerID != uuid.Nil {
		to.practitioner = in.PractitionerID
	}
	if !in.StartsAt.IsZero() {
		to.from = in.StartsAt.UTC().Truncate(time.Microsecond)
	}
	service := old.Service
	if in.Service != "" {
		service = in.Service
	}
	if service != old.Service || to.practitioner != old.PractitionerID {
		p, err := mustPerform(ctx, tx, to.practitioner, service)
		if err != nil {
			return to, err
		}
		if service != old.Service {
			to.service, length = p.ServiceID, time.Duration(p.Minutes)*time.Minute
		}
	}
	to.to = to.from.Add(length)
	return to, nil
}

// movedBefore answers a move that was made already: the button was pressed twice. Somewhere else, it is said where the appointment is now.
func movedBefore(ctx context.Context, tx *tenancy.Tx, r record, to place) (Appointment, error) {
	old, err := one(ctx, tx, r.ID) // again: it may have been moved while this waited for the lock
	if err != nil {
		return old, err
	}
	if old.ReplacedByID == nil {
		return old, fault.New(fault.Conflict, "not-movable", "This appointment is %s, so it cannot be moved.", Words(r.Status))
	}
	now, err := one(ctx, tx, *old.ReplacedByID)
	if err != nil || now.PractitionerID == to.practitioner && now.ServiceID == to.service && now.StartsAt.Equal(to.from) && now.Status != Cancelled {
		return now, err
	}
	return now, fault.New(fault.Conflict, "changed-meanwhile", "This appointment was moved meanwhile. Look at where it is now before you move it again.")
}

func (in MoveInput) mustBeMovable(r record) error {
	switch {
	case r.Status == Pending:
		return fault.New(fault.Conflict, "still-held", "This is a hold, not a booking. Confirm or release it.")
	case r.Status != Booked && r.Status != Arrived:
		return fault.New(fault.Conflict, "not-movable", "This appointment is %s, so it cannot be moved.", Words(r.Status))
	case !in.SeenAt.IsZero() && !in.SeenAt.Equal(r.UpdatedAt):
		return fault.New(fault.Conflict, "changed-meanwhile", "Somebody changed this appointment while you had it open. Look at it again before you move it.")
	}
	return nil
}

// stays: the move changes nothing.
func (r record) stays(to place) bool {
	return r.PractitionerID == to.practitioner && r.ServiceID == to.service && r.StartsAt.Equal(to.from) && r.EndsAt.Equal(to.to)
}

// covers: it is overbooked there already, and takes no more time than it has.
func (r record) covers(to place) bool {
	return r.Overbooked && r.PractitionerID == to.practitioner && r.StartsAt.Equal(to.from) && !to.to.After(r.EndsAt)
}

func move(ctx context.Context, tx *tenancy.Tx, r record, to place, taken taking, overbooked bool) (Appointment, error) {
	c, err := LoadClinic(ctx, tx)
	if err != nil {
		return Appointment{}, err
	}
	id, status := tenancy.NewID(), r.Status
	if !horizonDay(r.StartsAt, c.Location).Equal(horizonDay(to.from, c.Location)) {
		status = Booked
	}
	b := &pgx.Batch{}
	b.Queue(`update appointments set status = 'cancelled', updated_at = now() where clinic_id = $1 and id = $2`, tx.Clinic(), r.ID)
	taken.queue(b, tx, to.practitioner, id)
	b.Queue(insertAppointment, tenancy.Args{"clinic": tx.Clinic(), "id": id, "practitioner": to.practitioner, "service": to.service, "patient": r.PatientID, "status": status,
		"from": to.from, "to": to.to, "call": r.CallID, "source": r.Source, "overbooked": overbooked, "replaces": r.ID, "series": r.SeriesID})
	b.Queue(`select app.free_slots($1, $2)`, tx.Clinic(), []uuid.UUID{r.ID})
	queueChange(b, tx, r.ID, r.Status, Cancelled, "moved")
	queueChange(b, tx, id, "", status, "moved")
	undo, err := queueUndo(ctx, tx, b, "move", step{r.ID, r.Status, Cancelled}, step{id, "", status})
	if err != nil {
		return Appointment{}, err
	}
	err = audit.Queue(b, tx, audit.Event{Action: "appointment.moved", SubjectKind: "appointment", SubjectID: r.ID, Patients: r.patients(),
		Before: map[string]any{"id": r.ID, "practitioner": r.PractitionerID, "service": r.ServiceID, "starts": r.StartsAt, "ends": r.EndsAt, "overbooked": r.Overbooked},
		After:  map[string]any{"id": id, "practitioner": to.practitioner, "service": to.service, "starts": to.from, "ends": to.to, "overbooked": overbooked}})
	if err != nil {
		return Appointment{}, err
	}
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		if tenancy.IsOverlap(err) {
			return Appointment{}, fault.New(fault.Conflict, "slot-taken", "That time was taken a moment ago. Nothing was changed.").With(Alternatives{}).Because(err)
		}
		return Appointment{}, fmt.Errorf("move: %w", err)
	}
	tx.Announce("schedule", r.PractitionerID)
	if to.practitioner != r.PractitionerID {
		tx.Announce("schedule", to.practitioner)
	}
	a, err := one(ctx, tx, id)
	a.Undo = undo
	return a, err
}
