package scheduling

import (
	"context"
	"fmt"
	"strings"
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
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

const selectAppointment = `select a.id, a.practitioner_id, p.name as practitioner, p.room, a.service_id, s.slug as service, s.name as service_name, a.patient_id, a.status,
  a.starts_at, a.ends_at, a.hold_expires_at, a.call_id, a.source, a.overbooked, a.created_at, a.updated_at
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

// BookInput books in one go, as a person at the desk does.
type BookInput struct {
	SlotID    uuid.UUID // or HoldID
	HoldID    uuid.UUID // a hold that was taken over
	Service   string
	PatientID uuid.UUID        // a known patient, or
	Patient   patients.Details // a new one, or one found again by name and phone
	CallID    string
	Source    string
}

// Book claims (unless it is already held) and confirms in one transaction. A lost race is a Conflict with Alternatives; nothing is changed.
func (d *Desk) Book(ctx context.Context, tx *tenancy.Tx, in BookInput) (Appointment, error) {
	id := in.HoldID
	if id == uuid.Nil {
		hold, err := d.Claim(ctx, tx, ClaimInput{SlotID: in.SlotID, Service: in.Service, CallID: in.CallID, Source: in.Source})
		if err != nil {
			return Appointment{}, err
		}
		id = hold.ID
	} else if _, err := lock(ctx, tx, id); err != nil {
		return Appointment{}, err
	}
	patient := in.PatientID
	if patient == uuid.Nil { // after the slots: every verb locks them first
		var err error
		if patient, err = d.known(ctx, tx, in.Patient); err != nil {
			return Appointment{}, err
		}
	}
	a, _, err := d.Confirm(ctx, tx, ConfirmInput{HoldID: id, PatientID: patient})
	return a, err
}

// known finds the patient by name and phone, or makes one; details that the record lacks are added to it, a note after
// those that are there, and none is replaced.
func (d *Desk) known(ctx context.Context, tx *tenancy.Tx, said patients.Details) (uuid.UUID, error) {
	p, _, err := d.patients.FindOrCreate(ctx, tx, said.Name, said.Phone)
	if err != nil {
		return uuid.Nil, err
	}
	full := p.Details
	if said.BirthDate != nil && full.BirthDate != nil && !said.BirthDate.Equal(*full.BirthDate) { // father and son, with one telephone
		p, err = d.patients.Create(ctx, tx, said)
		return p.ID, err
	}
	if full.Email == "" {
		full.Email = said.Email
	}
	if full.BirthDate == nil {
		full.BirthDate = said.BirthDate
	}
	if full.Address == "" {
		full.Address = said.Address
	}
	if note := strings.TrimSpace(said.Notes); !strings.Contains(full.Notes, note) {
		full.Notes = strings.TrimSpace(full.Notes + "\n" + note)
	}
	if full == p.Details {
		return p.ID, nil
	}
	_, err = d.patients.Update(ctx, tx, p.ID, full)
	return p.ID, err
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
	if in.To == Cancelled && in.Reason == "" {
		return Appointment{}, fault.BadField("reason", "say why it is cancelled")
	}
	if len(in.Reason) > 300 {
		return Appointment{}, fault.BadField("reason", "must be at most 300 bytes")
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
	b := &pgx.Batch{}
	b.Queue(`update appointments set status = $3, updated_at = now() where clinic_id = $1 and id = $2`, tx.Clinic(), r.ID, in.To)
	if frees[in.To] {
		b.Queue(`select app.free_slots($1, $2)`, tx.Clinic(), []uuid.UUID{r.ID})
	}
	queueChange(b, tx, r.ID, r.Status, in.To, in.Reason)
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
	return a, audit.Record(ctx, tx, audit.Event{Action: "appointment." + in.To, SubjectKind: "appointment", SubjectID: r.ID, Patients: a.patients(), Reason: in.Reason,
		Before: map[string]any{"id": r.ID, "status": r.Status}, After: map[string]any{"id": r.ID, "status": in.To}})
}

func mustBeLegal(ctx context.Context, tx *tenancy.Tx, from, to string) error {
	var legal bool
	err := tx.QueryRow(ctx, `select exists (select from appointment_transitions where from_status = $1 and to_status = $2)`, from, to).Scan(&legal)
	if err != nil {
		return fmt.Errorf("look up the transition: %w", err)
	}
	if !legal {
		return fault.New(fault.Conflict, "illegal-transition", "An appointment that is %s cannot become %s.", Words(from), Words(to))
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

// NextStates lists what an appointment may become.
func NextStates(ctx context.Context, tx *tenancy.Tx, status string) ([]string, error) {
	rows, err := tx.Query(ctx, `select to_status from appointment_transitions where from_status = $1 order by 1`, status)
	if err != nil {
		return nil, fmt.Errorf("read the transitions: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
