package calls

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"anteroom/domain/audit"
	"anteroom/domain/patients"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
)

// held is what this call has held or booked.
type held struct {
	ID             uuid.UUID
	Status         string
	PractitionerID uuid.UUID
	PatientID      uuid.UUID // uuid.Nil while it is only held
	Service        string
	StartsAt       time.Time
	HoldExpiresAt  *time.Time
	Source         string // staff once the front desk has taken it over
	Reason         string // why its last status came
}

func (h held) open(now time.Time) bool {
	return h.Status == scheduling.Pending && now.Before(*h.HoldExpiresAt)
}

// Why the agent gives a time back.
const (
	chosenAnother = "another time was chosen"
	notWanted     = "the caller did not want it"
)

// gaveBack says whether it was the agent that let it go: the caller may come back to it.
func (h held) gaveBack() bool {
	return h.Status == scheduling.Cancelled && (h.Reason == chosenAnother || h.Reason == notWanted)
}

// loose says whether it is still the agent's to give back.
func (h held) loose(now time.Time) bool { return h.open(now) && h.Source == scheduling.ByAgent }

// ranOut says whether the hold ended by itself: then the caller still wants it.
func (h held) ranOut(now time.Time) bool {
	return h.Status == scheduling.Pending && !h.open(now) || h.Status == scheduling.Cancelled && h.Reason == "expired"
}

func (h held) booked() bool {
	return slices.Contains([]string{scheduling.Booked, scheduling.Arrived, scheduling.CheckedIn}, h.Status)
}

const selectHeld = `select a.id, a.status, a.practitioner_id, coalesce(a.patient_id, @none) as patient_id, s.slug as service, a.starts_at, a.hold_expires_at, a.source,
  coalesce((select h.reason from appointment_status_changes h where h.clinic_id = @clinic and h.appointment_id = a.id order by h.at desc, h.id desc limit 1), '') as reason
from appointments a join services s on s.clinic_id = @clinic and s.id = a.service_id
where a.clinic_id = @clinic and a.call_id = @call and a.call_id <> '' order by a.created_at desc, a.id desc limit 50`

func (w wanted) is(h held) bool {
	return h.StartsAt.Equal(w.startsAt) && h.Service == w.service.Slug && (w.practitionerID == uuid.Nil || h.PractitionerID == w.practitionerID)
}

// same finds the call's own booking of the time that is wanted, for the patient who is named, or else its hold. Another patient's booking is
// not the same: a parent books for one child after the other.
func (s *Switchboard) same(ctx context.Context, tx *tenancy.Tx, v visit, w wanted, list []held, name string) (held, bool, error) {
	list = slices.DeleteFunc(slices.Clone(list), func(h held) bool { return !w.is(h) })
	i, err := s.bookedFor(ctx, tx, list, name)
	if i < 0 && err == nil {
		i = slices.IndexFunc(list, func(h held) bool { return h.open(v.now) })
	}
	if i < 0 || err != nil {
		return held{}, false, err
	}
	return list[i], true, nil
}

// bookedFor is the place in the list of the booking for this patient, -1 when there is none.
func (s *Switchboard) bookedFor(ctx context.Context, tx *tenancy.Tx, list []held, name string) (int, error) {
	var ids []uuid.UUID
	for _, h := range list {
		if h.booked() {
			ids = append(ids, h.PatientID)
		}
	}
	if name == "" || len(ids) == 0 {
		return -1, nil
	}
	known, err := s.patients.Many(ctx, tx, ids)
	if err != nil {
		return -1, err
	}
	i := slices.IndexFunc(list, func(h held) bool { return h.booked() && patients.SameName(known[h.PatientID].Name, name) })
	return i, audit.Record(ctx, tx, audit.Event{Action: "patient.viewed", SubjectKind: "call", Patients: ids, Reason: "compared with the name that the caller gave"})
}
