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
	"anteroom/domain/patients"
	"anteroom/domain/tenancy"
)

// Appointment is a patient's time with a practitioner. It holds no personal field: those are in patients.
type Appointment struct {
	ID             uuid.UUID
	PractitionerID uuid.UUID
	Practitioner   string
	Room           string
	ServiceID      uuid.UUID
	Service        string // slug
	ServiceName    string
	PatientID      *uuid.UUID
	Status         string
	StartsAt       time.Time
	EndsAt         time.Time
	HoldExpiresAt  *time.Time
	CallID         string
	Source         string
	Overbooked     bool
	SeriesID       *uuid.UUID
	ReplacesID     *uuid.UUID // the one that this was moved from
	ReplacedByID   *uuid.UUID // the one that this was moved to
	CreatedAt      time.Time
	UpdatedAt      time.Time
	Undo           *Undo `db:"-"` // set by what a person at the desk just did
}

const selectAppointment = `select a.id, a.practitioner_id, p.name as practitioner, p.room, a.service_id, s.slug as service, s.name as service_name, a.patient_id, a.status,
  a.starts_at, a.ends_at, a.hold_expires_at, a.call_id, a.source, a.overbooked, a.series_id, a.replaces_id,
  (select n.id from appointments n where n.clinic_id = @clinic and n.replaces_id = a.id and n.status <> 'entered-in-error' order by n.created_at desc limit 1) as replaced_by_id,
  a.created_at, a.updated_at
from appointments a join practitioners p on p.clinic_id = @clinic and p.id = a.practitioner_id join services s on s.clinic_id = @clinic and s.id = a.service_id
where a.clinic_id = @clinic`

func one(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) (Appointment, error) {
	rows, err := tx.Query(ctx, selectAppointment+` and a.id = @id`, tenancy.Args{"clinic": tx.Clinic(), "id": id})
	if err != nil {
		return Appointment{}, fmt.Errorf("read the appointment: %w", err)
	}
	a, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Appointment])
	if tenancy.IsNone(err) {
		return Appointment{}, fault.New(fault.NotFound, "appointment-unknown", "There is no such appointment.")
	}
	if err != nil {
		return Appointment{}, fmt.Errorf("read the appointment: %w", err)
	}
	return a, nil
}

// several reads appointments in the order of time.
func several(ctx context.Context, tx *tenancy.Tx, ids []uuid.UUID) ([]Appointment, error) {
	rows, err := tx.Query(ctx, selectAppointment+` and a.id = any(@ids::uuid[]) order by a.starts_at, a.id`, tenancy.Args{"clinic": tx.Clinic(), "ids": ids})
	if err != nil {
		return nil, fmt.Errorf("read appointments: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Appointment])
	if err != nil {
		return nil, fmt.Errorf("read appointments: %w", err)
	}
	return list, nil
}

// Get reads an appointment, and records that it was viewed.
func Get(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) (Appointment, error) {
	a, err := one(ctx, tx, id)
	if err != nil {
		return a, err
	}
	return a, audit.Record(ctx, tx, audit.Event{Action: "appointment.viewed", SubjectKind: "appointment", SubjectID: a.ID, Patients: a.patients()})
}

func (a Appointment) patients() []uuid.UUID {
	if a.PatientID == nil {
		return nil
	}
	return []uuid.UUID{*a.PatientID}
}

// OfPatient lists a patient's appointments, newest first, at most 200. The page that shows them records the view.
func OfPatient(ctx context.Context, tx *tenancy.Tx, patient uuid.UUID) ([]Appointment, error) {
	rows, err := tx.Query(ctx, selectAppointment+` and a.patient_id = @patient order by a.starts_at desc limit 200`, tenancy.Args{"clinic": tx.Clinic(), "patient": patient})
	if err != nil {
		return nil, fmt.Errorf("read a patient's appointments: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Appointment])
	if err != nil {
		return nil, fmt.Errorf("read a patient's appointments: %w", err)
	}
	return list, nil
}

// PatientOf answers the patient of an appointment that was read with Get, which has recorded the view; the zero Patient when it has none.
func (d *Desk) PatientOf(ctx context.Context, tx *tenancy.Tx, a Appointment) (patients.Patient, error) {
	found, err := d.patients.Many(ctx, tx, a.patients())
	if err != nil || a.PatientID == nil {
		return patients.Patient{}, err
	}
	return found[*a.PatientID], nil
}

// CallerOf opens the name and number that a hold was made for; empty when none was said or the hold has ended.
func (d *Desk) CallerOf(ctx context.Context, tx *tenancy.Tx, holdID uuid.UUID) (Caller, error) {
	var sealed []byte
	if err := tx.QueryRow(ctx, `select caller from appointments where clinic_id = $1 and id = $2`, tx.Clinic(), holdID).Scan(&sealed); err != nil {
		return Caller{}, fmt.Errorf("read the caller: %w", err)
	}
	keys, err := d.vault.Clinic(ctx, tx)
	if err != nil {
		return Caller{}, fmt.Errorf("clinic keys: %w", err)
	}
	return openCaller(keys, holdID, sealed)
}

// Transition moves an appointment along the legal table. Cancelling gives its slots back, and needs a reason.
type Transition struct {
	ID     uuid.UUID
	To     string
	Reason string
}

var frees = map[string]bool{Cancelled: true, EnteredInError: true}

// Change makes the transition, with a row that says who, when and why. An illegal one is a Conflict. The same one again changes nothing.
func (d *Desk) Change(ctx context.Context, tx *tenancy.Tx, in Transition) (Appointment, error) {
	if err := checkReason(in.To, in.Reason); err != nil {
		return Appointment{}, err
	}
	r, err := lock(ctx, tx, in.ID)
	if err != nil {
		return Appointment{}, err
	}
	if r.Status == in.To {
		return one(ctx, tx, r.ID)
	}
	if r.Status == Pending { // a hold ends by Release and becomes a booking by Confirm
		return Appointment{}, fault.New(fault.Conflict, "still-held", "This is a hold, not a booking. Confirm or release it.")
	}
	if err := mustBeLegal(ctx, tx, r.Status, in.To); err != nil {
		return Appointment{}, err
	}
	if err := mustBeItsTime(ctx, tx, in.To, r.StartsAt); err != nil {
		return Appointment{}, err
	}
	b := &pgx.Batch{}
	b.Queue(`update appointments set status = $3, updated_at = now() where clinic_id = $1 and id = $2`, tx.Clinic(), r.ID, in.To)
	if frees[in.To] {
		b.Queue(`select app.free_slots($1, $2)`, tx.Clinic(), []uuid.UUID{r.ID})
	}
	queueChange(b, tx, r.ID, r.Status, in.To, in.Reason)
	kind := "status"
	if in.To == Cancelled {
		kind = "cancel"
	}
	undo, err := queueUndo(ctx, tx, b, kind, step{r.ID, r.Status, in.To})
	if err != nil {
		return Appointment{}, err
	}
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		if tenancy.IsOverlap(err) {
			return Appointment{}, fault.New(fault.Conflict, "time-taken", "Another appointment has this time now.").Because(err)
		}
		return Appointment{}, fmt.Errorf("change the status: %w", err)
	}
	tx.Announce("schedule", r.PractitionerID)
	a, err := one(ctx, tx, r.ID)
	if err != nil {
		return a, err
	}
	a.Undo = undo
	return a, audit.Record(ctx, tx, audit.Event{Action: "appointment." + in.To, SubjectKind: "appointment", SubjectID: r.ID, Patients: a.patients(), Reason: in.Reason,
		Before: map[string]any{"id": r.ID, "status": r.Status}, After: map[string]any{"id": r.ID, "status": in.To}})
}

func checkReason(to, reason string) error {
	switch {
	case to == Cancelled && reason == "":
		return fault.BadField("reason", "say why it is cancelled")
	case len(reason) > 300:
		return fault.BadField("reason", "must be at most 300 bytes")
	}
	return nil
}

func mustBeLegal(ctx context.Context, tx *tenancy.Tx, from, to string) error {
	var legal bool
	err := tx.QueryRow(ctx, `select exists (select from appointment_transitions where from_status = $1 and to_status = $2 and not undo_only)`, from, to).Scan(&legal)
	if err != nil {
		return fmt.Errorf("look up the transition: %w", err)
	}
	if !legal {
		return fault.New(fault.Conflict, "illegal-transition", "An appointment that is %s cannot become %s.", Words(from), Words(to))
	}
	return nil
}

func mustBeItsTime(ctx context.Context, tx *tenancy.Tx, to string, starts time.Time) error {
	if !ofTheDay[to] {
		return nil
	}
	now, err := tx.Now(ctx)
	if err != nil {
		return err
	}
	c, err := LoadClinic(ctx, tx)
	if err != nil {
		return err
	}
	if f := tooEarly(to, starts, now, c.Location); f != nil {
		return f
	}
	return nil
}

var ofTheDay = map[string]bool{Arrived: true, CheckedIn: true, Fulfilled: true, NoShow: true}

// tooEarly keeps slips of the hand out of the day: nobody comes before the day of their appointment by the clinic's clock, and nobody has failed to come
// before its start. What was forgotten can still be put right on a later day.
func tooEarly(to string, starts, now time.Time, zone *time.Location) *fault.Fault {
	switch {
	case to == NoShow && now.Before(starts):
		return fault.New(fault.Conflict, "too-early", "It is not time yet. An appointment can be marked a no-show from its start on.")
	case ofTheDay[to] && horizonDay(now, zone).Before(horizonDay(starts, zone)):
		return fault.New(fault.Conflict, "too-early", "This appointment is on a later day. It can be marked %s from %s on.", Words(to), starts.In(zone).Format("Monday 2 January"))
	}
	return nil
}

// Words says a status as staff say it.
func Words(status string) string {
	switch status {
	case Pending:
		return "held"
	case CheckedIn:
		return "in the room"
	case Fulfilled:
		return "done"
	case NoShow:
		return "a no-show"
	case EnteredInError:
		return "entered in error"
	}
	return status
}

func queueChange(b *pgx.Batch, tx *tenancy.Tx, id uuid.UUID, from, to, reason string) {
	b.Queue(`insert into appointment_status_changes (clinic_id, appointment_id, from_status, to_status, reason) values ($1, $2, $3, $4, $5)`,
		tx.Clinic(), id, from, to, reason)
}

// StatusChange is one step of an appointment's history.
type StatusChange struct {
	FromStatus string
	ToStatus   string
	At         time.Time
	Actor      string // kind:id
	ActorName  string // a person of the clinic, or empty
	Reason     string
}

// History lists an appointment's steps, oldest first.
func History(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) ([]StatusChange, error) {
	rows, err := tx.Query(ctx, `select h.from_status, h.to_status, h.at, h.actor, coalesce(t.name, '') as actor_name, h.reason
from appointment_status_changes h left join app.team() t on h.actor = 'user:' || t.person_id::text
where h.clinic_id = @clinic and h.appointment_id = @id order by h.at, h.id`, tenancy.Args{"clinic": tx.Clinic(), "id": id})
	if err != nil {
		return nil, fmt.Errorf("read the history: %w", err)
	}
	steps, err := pgx.CollectRows(rows, pgx.RowToStructByName[StatusChange])
	if err != nil {
		return nil, fmt.Errorf("read the history: %w", err)
	}
	return steps, nil
}

// NextStates lists what an appointment may become now.
func NextStates(ctx context.Context, tx *tenancy.Tx, a Appointment) ([]string, error) {
	rows, err := tx.Query(ctx, `select to_status from appointment_transitions where from_status = $1 and not undo_only order by 1`, a.Status)
	if err != nil {
		return nil, fmt.Errorf("read the transitions: %w", err)
	}
	states, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("read the transitions: %w", err)
	}
	now, err := tx.Now(ctx)
	if err != nil {
		return nil, err
	}
	c, err := LoadClinic(ctx, tx)
	return slices.DeleteFunc(states, func(to string) bool { return tooEarly(to, a.StartsAt, now, c.Location) != nil }), err
}
