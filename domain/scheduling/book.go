package scheduling

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/audit"
	"anteroom/domain/fault"
	"anteroom/domain/identity"
	"anteroom/domain/patients"
	"anteroom/domain/tenancy"
)

// BookInput books in one go, as a person at the desk does: a hold, a slot, or a practitioner's time.
type BookInput struct {
	HoldID         uuid.UUID // a hold that was taken over
	SlotID         uuid.UUID
	PractitionerID uuid.UUID // with StartsAt
	StartsAt       time.Time
	Overbook       bool // put it there although the time is taken or outside the hours; needs the person's permission
	Service        string
	PatientID      uuid.UUID        // a known patient, or
	Patient        patients.Details // a new one, or one found again by name and phone
	CallID         string
	Source         string
}

// Book claims (unless it is already held) and confirms in one transaction. A time that cannot be had is a Conflict with Alternatives; nothing is changed.
func (d *Desk) Book(ctx context.Context, tx *tenancy.Tx, in BookInput) (Appointment, error) {
	a, again, err := d.book(ctx, tx, in)
	if err != nil || again {
		return a, err
	}
	b := &pgx.Batch{}
	if a.Undo, err = queueUndo(ctx, tx, b, "book", step{a.ID, "", a.Status}); err != nil || a.Undo == nil {
		return a, err
	}
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return a, fmt.Errorf("remember the booking: %w", err)
	}
	return a, nil
}

func (d *Desk) book(ctx context.Context, tx *tenancy.Tx, in BookInput) (a Appointment, again bool, err error) {
	id := in.HoldID
	if id != uuid.Nil {
		_, err = lock(ctx, tx, id)
	} else {
		id, err = d.claimFor(ctx, tx, &in)
	}
	if errors.Is(err, errOverbook) {
		a, err = d.overbook(ctx, tx, in)
		return a, false, err
	}
	if err != nil {
		return a, false, err
	}
	patient, err := d.patientFor(ctx, tx, in) // after the slots: every verb locks them first
	if err != nil {
		return a, false, err
	}
	return d.Confirm(ctx, tx, ConfirmInput{HoldID: id, PatientID: patient})
}

func (d *Desk) patientFor(ctx context.Context, tx *tenancy.Tx, in BookInput) (uuid.UUID, error) {
	if in.PatientID != uuid.Nil {
		return in.PatientID, nil
	}
	return d.known(ctx, tx, in.Patient)
}

// errOverbook: the time cannot be had, and whoever asks may have it nevertheless.
var errOverbook = errors.New("overbook")

// claimFor holds the time for the moment that the booking takes. A practitioner's time is completed to its slot, and a slot to its time.
func (d *Desk) claimFor(ctx context.Context, tx *tenancy.Tx, in *BookInput) (uuid.UUID, error) {
	if in.Overbook {
		if err := identity.MustOverbook(ctx, tx); err != nil {
			return uuid.Nil, err
		}
	}
	if in.SlotID == uuid.Nil || in.Overbook {
		if err := in.complete(ctx, tx); err != nil {
			return uuid.Nil, err
		}
	}
	if in.SlotID == uuid.Nil && in.Overbook {
		return uuid.Nil, errOverbook
	}
	if in.SlotID == uuid.Nil {
		p, err := mustPerform(ctx, tx, in.PractitionerID, in.Service)
		if err != nil {
			return uuid.Nil, err
		}
		now, err := tx.Now(ctx)
		if err != nil {
			return uuid.Nil, err
		}
		return uuid.Nil, cannotHave(ctx, tx, TimeNoHours, p.ServiceID, in.StartsAt, now)
	}
	var hold Hold
	claim := func() (err error) {
		hold, err = d.Claim(ctx, tx, ClaimInput{SlotID: in.SlotID, Service: in.Service, CallID: in.CallID, Source: in.Source})
		return err
	}
	if !in.Overbook {
		err := claim()
		return hold.ID, err
	}
	err := tx.Savepoint(ctx, claim)
	if fault.Is(err, fault.Conflict) || fault.Is(err, fault.Expired) {
		err = errOverbook
	}
	return hold.ID, err
}

const completeSlot = `select s.id, s.practitioner_id, s.starts_at from slots s
where s.clinic_id = @clinic and (s.id = @slot or @slot = @none and s.practitioner_id = @practitioner and s.starts_at = @starts)`

// complete finds the slot of a practitioner's time, or the time of a slot. Without hours there is no slot.
func (in *BookInput) complete(ctx context.Context, tx *tenancy.Tx) error {
	in.StartsAt = in.StartsAt.UTC().Truncate(time.Microsecond)
	err := tx.QueryRow(ctx, completeSlot, tenancy.Args{"clinic": tx.Clinic(), "slot": in.SlotID, "none": uuid.Nil, "practitioner": in.PractitionerID, "starts": in.StartsAt}).
		Scan(&in.SlotID, &in.PractitionerID, &in.StartsAt)
	if err != nil && !tenancy.IsNone(err) {
		return fmt.Errorf("look for the slot: %w", err)
	}
	return nil
}

// overbook books without any slot: the time is somebody else's, or nobody's.
func (d *Desk) overbook(ctx context.Context, tx *tenancy.Tx, in BookInput) (Appointment, error) {
	p, err := mustPerform(ctx, tx, in.PractitionerID, in.Service)
	if err != nil {
		return Appointment{}, err
	}
	now, err := tx.Now(ctx)
	if err != nil {
		return Appointment{}, err
	}
	ends := in.StartsAt.Add(time.Duration(p.Minutes) * time.Minute)
	if !ends.After(now) {
		return Appointment{}, cannotHave(ctx, tx, "past", p.ServiceID, now, now)
	}
	patient, err := d.patientFor(ctx, tx, in)
	if err != nil {
		return Appointment{}, err
	}
	id, b := tenancy.NewID(), &pgx.Batch{}
	b.Queue(insertAppointment, tenancy.Args{"clinic": tx.Clinic(), "id": id, "practitioner": in.PractitionerID, "service": p.ServiceID, "patient": patient, "status": Booked,
		"from": in.StartsAt, "to": ends, "call": in.CallID, "source": in.Source, "overbooked": true, "replaces": nil, "series": nil})
	queueChange(b, tx, id, "", Booked, "")
	err = audit.Queue(b, tx, audit.Event{Action: "appointment.overbooked", SubjectKind: "appointment", SubjectID: id, Patients: []uuid.UUID{patient},
		After: map[string]any{"id": id, "status": Booked, "patient": patient}})
	if err != nil {
		return Appointment{}, err
	}
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return Appointment{}, fmt.Errorf("overbook: %w", err)
	}
	tx.Announce("schedule", in.PractitionerID)
	return one(ctx, tx, id)
}

// known finds the patient by name and phone, or makes one; details that the record lacks are added to it, a note after
// those that are there, and none is replaced.
func (d *Desk) known(ctx context.Context, tx *tenancy.Tx, said patients.Details) (uuid.UUID, error) {
	p, _, err := d.patients.FindOrCreate(ctx, tx, said.Name, said.Phone)
	if err != nil {
		return uuid.Nil, err
	}
	if said.BirthDate != nil && p.BirthDate != nil && !said.BirthDate.Equal(*p.BirthDate) { // father and son, with one telephone
		return d.namesake(ctx, tx, said)
	}
	for {
		full := completed(p.Details, said)
		if full == p.Details {
			return p.ID, nil
		}
		_, err := d.patients.Edit(ctx, tx, patients.EditInput{ID: p.ID, Details: full, Seen: p.Version})
		f := fault.As(err)
		if f == nil || f.Code != "changed-meanwhile" {
			return p.ID, err
		}
		p, _ = f.Detail.(patients.Patient) // somebody saved the record just now: theirs is completed instead, and is locked
	}
}

func completed(full, said patients.Details) patients.Details {
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
	return full
}

// namesake is the other one of this name and phone, by the birth date; a new one when there is none yet.
func (d *Desk) namesake(ctx context.Context, tx *tenancy.Tx, said patients.Details) (uuid.UUID, error) {
	alike, err := d.patients.Duplicates(ctx, tx, said, uuid.Nil)
	if err != nil {
		return uuid.Nil, err
	}
	for _, p := range alike {
		if slices.Contains(p.Same, patients.ByName) && slices.Contains(p.Same, patients.ByPhone) && slices.Contains(p.Same, patients.ByBirthDate) {
			return p.ID, nil
		}
	}
	p, err := d.patients.Create(ctx, tx, said)
	return p.ID, err
}
