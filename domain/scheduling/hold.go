package scheduling

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/audit"
	"anteroom/domain/fault"
	"anteroom/domain/tenancy"
)

// record is an appointment as the verbs lock it.
type record struct {
	ID             uuid.UUID
	PractitionerID uuid.UUID
	ServiceID      uuid.UUID
	PatientID      *uuid.UUID
	Status         string
	StartsAt       time.Time
	EndsAt         time.Time
	HoldExpiresAt  *time.Time
	HoldExtended   bool
	CallID         string
	Caller         []byte
	Source         string
	Overbooked     bool
	SeriesID       *uuid.UUID
	UpdatedAt      time.Time
	SlotID         *uuid.UUID // the first slot it has
	Whole          bool       // its slots cover all of its time
}

const lockSlots = `select id from slots where clinic_id = @clinic and appointment_id = @id order by practitioner_id, starts_at for update`

const selectRecord = `select a.id, a.practitioner_id, a.service_id, a.patient_id, a.status, a.starts_at, a.ends_at, a.hold_expires_at, a.hold_extended,
  a.call_id, a.caller, a.source, a.overbooked, a.series_id, a.updated_at,
  (select x.id from slots x where x.clinic_id = @clinic and x.appointment_id = a.id order by x.starts_at limit 1) as slot_id,
  (select coalesce(sum(least(x.ends_at, a.ends_at) - x.starts_at), interval '0') >= a.ends_at - a.starts_at
     from slots x where x.clinic_id = @clinic and x.appointment_id = a.id) as whole
from appointments a where a.clinic_id = @clinic`

const lockAppointment = selectRecord + ` and a.id = @id for update of a`

// lock takes an appointment with its slots, slots first. Each is a statement of its own, so that the second sees what the first waited for.
func lock(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) (record, error) {
	args := tenancy.Args{"clinic": tx.Clinic(), "id": id}
	b := &pgx.Batch{}
	b.Queue(lockSlots, args)
	b.Queue(lockAppointment, args)
	br := tx.SendBatch(ctx, b)
	defer br.Close()
	if _, err := br.Exec(); err != nil {
		return record{}, fmt.Errorf("lock the slots: %w", err)
	}
	rows, err := br.Query()
	if err != nil {
		return record{}, fmt.Errorf("lock the appointment: %w", err)
	}
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[record])
	if tenancy.IsNone(err) {
		return record{}, fault.New(fault.NotFound, "appointment-unknown", "There is no such hold or appointment.")
	}
	if err != nil {
		return record{}, fmt.Errorf("lock the appointment: %w", err)
	}
	return r, br.Close()
}

func (r record) patients() []uuid.UUID {
	if r.PatientID == nil {
		return nil
	}
	return []uuid.UUID{*r.PatientID}
}

// ConfirmInput turns a hold into a booking.
type ConfirmInput struct {
	HoldID    uuid.UUID
	Caller    Caller    // replaces what the claim said; may be empty when the claim said it
	PatientID uuid.UUID // a known patient; uuid.Nil finds or makes the caller
}

const confirmHold = `update appointments set status = 'booked', patient_id = @patient, hold_expires_at = null, caller = null, updated_at = now()
where clinic_id = @clinic and id = @id`

const busySlots = `update slots set status = 'busy', hold_expires_at = null where clinic_id = @clinic and appointment_id = @id`

// Confirm books what is held. Confirming again answers the same appointment, with again set. A hold that has ended is Expired, with Alternatives.
func (d *Desk) Confirm(ctx context.Context, tx *tenancy.Tx, in ConfirmInput) (appointment Appointment, again bool, err error) {
	caller, err := in.Caller.clean()
	if err != nil {
		return Appointment{}, false, err
	}
	r, now, err := lockAt(ctx, tx, in.HoldID)
	if err != nil {
		return Appointment{}, false, err
	}
	if r.PatientID != nil && !frees[r.Status] {
		return d.confirmedBefore(ctx, tx, r, in.PatientID, caller)
	}
	if err := r.mustBeHeld(ctx, tx, now); err != nil {
		return Appointment{}, false, err
	}
	patient := in.PatientID
	if patient == uuid.Nil {
		if patient, err = d.patientOf(ctx, tx, r, caller); err != nil {
			return Appointment{}, false, err
		}
	}
	if err := queueConfirm(tx, r, patient); err != nil {
		return Appointment{}, false, err
	}
	tx.Announce("schedule", r.PractitionerID)
	a, err := one(ctx, tx, r.ID) // everything above travels with it
	return a, false, err
}

func queueConfirm(tx *tenancy.Tx, r record, patient uuid.UUID) error {
	args := tenancy.Args{"clinic": tx.Clinic(), "id": r.ID, "patient": patient}
	b := &pgx.Batch{}
	b.Queue(confirmHold, args)
	b.Queue(busySlots, args)
	queueChange(b, tx, r.ID, r.Status, Booked, "")
	err := audit.Queue(b, tx, audit.Event{Action: "appointment.booked", SubjectKind: "appointment", SubjectID: r.ID, Patients: []uuid.UUID{patient},
		Before: map[string]any{"id": r.ID, "status": r.Status}, After: map[string]any{"id": r.ID, "status": Booked, "patient": patient}})
	if err != nil {
		return err
	}
	return tx.LaterAll(b)
}

// confirmedBefore answers the booking again, unless it is now asked for somebody else: their booking would be lost without a word.
func (d *Desk) confirmedBefore(ctx context.Context, tx *tenancy.Tx, r record, patient uuid.UUID, caller Caller) (Appointment, bool, error) {
	other := fault.New(fault.Conflict, "hold-confirmed", "This hold is already booked for another patient. Choose another time for this one.")
	if patient != uuid.Nil && patient != *r.PatientID {
		return Appointment{}, false, other
	}
	if caller.Name != "" {
		known, err := d.patients.Many(ctx, tx, []uuid.UUID{*r.PatientID})
		if err != nil {
			return Appointment{}, false, err
		}
		if caller.Phone == "" {
			caller.Phone = known[*r.PatientID].Phone
		}
		p, _, err := d.patients.FindOrCreate(ctx, tx, caller.Name, caller.Phone) // one made here is undone with the refusal
		if err != nil {
			return Appointment{}, false, err
		}
		if p.ID != *r.PatientID {
			return Appointment{}, false, other
		}
	}
	a, err := one(ctx, tx, r.ID)
	return a, true, err
}

func lockAt(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) (record, time.Time, error) {
	r, err := lock(ctx, tx, id)
	if err != nil {
		return record{}, time.Time{}, err
	}
	now, err := tx.Now(ctx)
	return r, now, err
}

// patientOf finds or makes the patient that a hold is for.
func (d *Desk) patientOf(ctx context.Context, tx *tenancy.Tx, r record, caller Caller) (uuid.UUID, error) {
	keys, err := d.vault.Clinic(ctx, tx)
	if err != nil {
		return uuid.Nil, fmt.Errorf("clinic keys: %w", err)
	}
	held, err := openCaller(keys, r.ID, r.Caller)
	if err != nil {
		return uuid.Nil, fmt.Errorf("open the caller: %w", err)
	}
	if caller.Name == "" {
		caller.Name = held.Name
	}
	if caller.Phone == "" {
		caller.Phone = held.Phone
	}
	missing := fault.New(fault.Invalid, "patient-missing", "A booking needs the patient's name and phone number.")
	if caller.Name == "" {
		missing.On("patient.name", "is needed to book")
	}
	if caller.Phone == "" {
		missing.On("patient.phone", "is needed to book")
	}
	if len(missing.Fields) > 0 {
		return uuid.Nil, missing
	}
	p, _, err := d.patients.FindOrCreate(ctx, tx, caller.Name, caller.Phone)
	return p.ID, err
}

var (
	errHoldEnded = "This hold has ended. The next free times are in next_available."
	errTakenOver = "The front desk has taken over this hold and is booking it."
)

// isTakenOver: people at the desk hold it, and this actor is none of them.
func (r record) isTakenOver(tx *tenancy.Tx) bool {
	kind := tx.Actor().Kind
	return r.Status == Pending && r.Source == ByStaff && kind != tenancy.User && kind != tenancy.System
}

func (r record) mustBeHeld(ctx context.Context, tx *tenancy.Tx, now time.Time) error {
	if r.isTakenOver(tx) {
		return fault.New(fault.Expired, "hold-taken-over", errTakenOver)
	}
	if r.Status == Pending && now.Before(*r.HoldExpiresAt) && r.Whole {
		return nil
	}
	next, err := nearest(ctx, tx, r.ServiceID, r.StartsAt, now)
	if err != nil {
		return err
	}
	return fault.New(fault.Expired, "hold-ended", errHoldEnded).With(Alternatives{Next: next})
}

// ExtendInput asks for more time.
type ExtendInput struct {
	HoldID  uuid.UUID
	Seconds int // from now; 0 means the clinic's default, at most 300
}

// Extend gives a hold more time, once.
func (d *Desk) Extend(ctx context.Context, tx *tenancy.Tx, in ExtendInput) (Hold, error) {
	if in.Seconds < 0 || time.Duration(in.Seconds)*time.Second > MaxHold {
		return Hold{}, fault.BadField("hold_seconds", "a hold lasts from 1 to 300 seconds")
	}
	r, now, err := lockAt(ctx, tx, in.HoldID)
	if err != nil {
		return Hold{}, err
	}
	if r.Status == Booked {
		return Hold{}, fault.New(fault.Conflict, "hold-confirmed", "This hold is already a booking; there is nothing to extend.")
	}
	if err := r.mustBeHeld(ctx, tx, now); err != nil {
		return Hold{}, err
	}
	if r.HoldExtended {
		return Hold{}, fault.New(fault.Conflict, "hold-extended-before", "A hold can be extended once. Confirm it before %s.", r.HoldExpiresAt.UTC().Format(time.RFC3339))
	}
	expires, err := prolong(ctx, tx, r, in.Seconds, r.Source, "slot.hold-prolonged")
	if err != nil {
		return Hold{}, err
	}
	return Hold{ID: r.ID, SlotID: *r.SlotID, PractitionerID: r.PractitionerID, ServiceID: r.ServiceID, StartsAt: r.StartsAt, EndsAt: r.EndsAt, ExpiresAt: expires}, nil
}

const prolongHold = `update appointments a set hold_expires_at = greatest(a.hold_expires_at, @now::timestamptz + make_interval(secs => coalesce(nullif(@seconds::int, 0), c.hold_seconds))),
  hold_extended = true, source = @source, updated_at = now()
from clinics c where c.clinic_id = @clinic and a.clinic_id = @clinic and a.id = @id returning a.hold_expires_at`

func prolong(ctx context.Context, tx *tenancy.Tx, r record, seconds int, source, action string) (time.Time, error) {
	now, err := tx.Now(ctx)
	if err != nil {
		return time.Time{}, err
	}
	var expires time.Time
	args := tenancy.Args{"clinic": tx.Clinic(), "id": r.ID, "now": now, "seconds": seconds, "source": source}
	if err := tx.QueryRow(ctx, prolongHold, args).Scan(&expires); err != nil {
		return time.Time{}, fmt.Errorf("prolong the hold: %w", err)
	}
	args["expires"] = expires
	if _, err := tx.Exec(ctx, `update slots set hold_expires_at = @expires where clinic_id = @clinic and appointment_id = @id`, args); err != nil {
		return time.Time{}, fmt.Errorf("prolong the slots: %w", err)
	}
	tx.Announce("schedule", r.PractitionerID)
	return expires, audit.Record(ctx, tx, audit.Event{Action: action, SubjectKind: "appointment", SubjectID: r.ID,
		Before: map[string]any{"id": r.ID, "expires": r.HoldExpiresAt}, After: map[string]any{"id": r.ID, "expires": expires}})
}

// TakeOver moves a hold from the agent to the person at the front desk, who gets five minutes to book it. The agent can no longer confirm it.
func (d *Desk) TakeOver(ctx context.Context, tx *tenancy.Tx, holdID uuid.UUID) (Hold, error) {
	r, now, err := lockAt(ctx, tx, holdID)
	if err != nil {
		return Hold{}, err
	}
	if err := r.mustBeHeld(ctx, tx, now); err != nil {
		return Hold{}, err
	}
	expires := *r.HoldExpiresAt
	if r.Source != ByStaff { // once: a hold cannot be kept for ever by taking it over again
		expires, err = prolong(ctx, tx, r, int(MaxHold.Seconds()), ByStaff, "slot.hold-taken-over")
	}
	return Hold{ID: r.ID, SlotID: *r.SlotID, PractitionerID: r.PractitionerID, ServiceID: r.ServiceID, StartsAt: r.StartsAt, EndsAt: r.EndsAt, ExpiresAt: expires}, err
}

// Release ends a hold and gives its slots back. A hold that has ended already is left as it is; a booking is a Conflict.
func (d *Desk) Release(ctx context.Context, tx *tenancy.Tx, holdID uuid.UUID, reason string) error {
	r, err := lock(ctx, tx, holdID)
	if err != nil {
		return err
	}
	switch r.Status {
	case Cancelled:
		return nil
	case Pending:
		if r.isTakenOver(tx) {
			return fault.New(fault.Conflict, "hold-taken-over", errTakenOver)
		}
		return release(ctx, tx, r, reason)
	}
	return fault.New(fault.Conflict, "hold-confirmed", "This hold is already a booking. Cancel the appointment instead.")
}

func release(ctx context.Context, tx *tenancy.Tx, r record, reason string) error {
	ids := []uuid.UUID{r.ID}
	b := &pgx.Batch{}
	b.Queue(`select app.end_holds($1, $2, $3)`, tx.Clinic(), ids, reason)
	b.Queue(`select app.free_slots($1, $2)`, tx.Clinic(), ids)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("release: %w", err)
	}
	tx.Announce("schedule", r.PractitionerID)
	return audit.Record(ctx, tx, audit.Event{Action: "slot.released", SubjectKind: "appointment", SubjectID: r.ID, Reason: reason})
}

// ReleaseCall ends every hold of a call that has ended, and answers how many there were.
func (d *Desk) ReleaseCall(ctx context.Context, tx *tenancy.Tx, callID string) (int, error) {
	if callID == "" {
		return 0, errors.New("release the holds of a call: no call")
	}
	rows, err := tx.Query(ctx, `select id from appointments where clinic_id = @clinic and call_id = @call and call_id <> '' and status = 'pending' and source <> 'staff' order by starts_at`,
		tenancy.Args{"clinic": tx.Clinic(), "call": callID})
	if err != nil {
		return 0, fmt.Errorf("find the call's holds: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return 0, fmt.Errorf("find the call's holds: %w", err)
	}
	for _, id := range ids {
		if err := d.Release(ctx, tx, id, "the call ended"); err != nil && !fault.Is(err, fault.Conflict) {
			return 0, err
		}
	}
	return len(ids), nil
}

// Sweep ends the holds that ran out, and answers how many there were. Claims do not depend on it: they take an ended hold's slot themselves.
func Sweep(ctx context.Context, tx *tenancy.Tx) (int, error) {
	rows, err := tx.Query(ctx, `select * from app.sweep_holds($1)`, tx.Clock())
	if err != nil {
		return 0, fmt.Errorf("sweep: %w", err)
	}
	ended, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return 0, fmt.Errorf("sweep: %w", err)
	}
	for _, id := range ended {
		if err := audit.Record(ctx, tx, audit.Event{Action: "slot.hold-expired", SubjectKind: "appointment", SubjectID: id}); err != nil {
			return 0, err
		}
		tx.Announce("schedule", id)
	}
	return len(ended), nil
}
