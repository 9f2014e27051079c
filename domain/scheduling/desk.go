// Package scheduling holds practitioners, services, hours, slots, holds and appointments, and the rule that a slot has one patient.
//
// Locks are always taken in the same order: slots by practitioner and time, then appointments. Every verb here keeps to it, so that claims,
// confirmations, moves, series, releases and sweeps never wait for each other in a circle. An undo locks its own change before them, which nothing else does.
package scheduling

import (
	"encoding/json"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"anteroom/domain/fault"
	"anteroom/domain/patients"
	"anteroom/domain/privacy"
)

// Appointment states, as in FHIR R4 Appointment.status.
const (
	Pending        = "pending" // a hold
	Booked         = "booked"
	Arrived        = "arrived"
	CheckedIn      = "checked-in" // in the room
	Fulfilled      = "fulfilled"
	Cancelled      = "cancelled"
	NoShow         = "noshow"
	EnteredInError = "entered-in-error"
)

// Slot states, as in FHIR R4 Slot.status.
const (
	Free        = "free"
	Held        = "busy-tentative"
	Busy        = "busy"
	Unavailable = "busy-unavailable"
)

// Where a booking came from.
const (
	ByAgent = "agent"
	ByAPI   = "api"
	ByStaff = "staff"
	ByLink  = "link"
)

// MaxHold is the longest a hold may be asked for.
const MaxHold = 5 * time.Minute

// Desk is where slots are claimed: it needs the vault for callers and the directory for patients.
type Desk struct {
	vault    *privacy.Vault
	patients *patients.Directory
}

// NewDesk opens the desk.
func NewDesk(v *privacy.Vault, d *patients.Directory) *Desk { return &Desk{vault: v, patients: d} }

// Caller is who a hold is for, before it is known whether that is a patient of the clinic.
type Caller struct {
	Name  string `json:"name"`
	Phone string `json:"phone"`
}

// FreeSlot is a time that can be claimed. It never says anything about anybody else's.
type FreeSlot struct {
	ID             uuid.UUID `json:"id"`
	StartsAt       time.Time `json:"starts_at"`
	EndsAt         time.Time `json:"ends_at"`
	Practitioner   string    `json:"practitioner"`
	PractitionerID uuid.UUID `json:"-"`
}

// Hold is a claim with an end.
type Hold struct {
	ID             uuid.UUID // also the id of the appointment that it becomes
	SlotID         uuid.UUID
	PractitionerID uuid.UUID
	Practitioner   string
	ServiceID      uuid.UUID
	StartsAt       time.Time
	EndsAt         time.Time
	ExpiresAt      time.Time
}

// Alternatives is the detail of a lost race: the nearest times that are free, built from slots and practitioners only.
type Alternatives struct {
	Next []FreeSlot
}

// ProblemMembers adds next_available to the problem document (RFC 9457, section 3.2), with times in UTC.
func (a Alternatives) ProblemMembers() map[string]any {
	next := make([]FreeSlot, len(a.Next))
	for i, s := range a.Next {
		s.StartsAt, s.EndsAt = s.StartsAt.UTC(), s.EndsAt.UTC()
		next[i] = s
	}
	return map[string]any{"next_available": next}
}

func callerField(appointment uuid.UUID) privacy.Field {
	return privacy.Field{Table: "appointments", Column: "caller", Row: appointment}
}

// clean trims the caller and refuses what cannot be a person's name or number. Whether the number exists in the clinic's country is
// checked when the hold is confirmed: a claim is one round trip and does not know the country.
func (c Caller) clean() (Caller, error) {
	c.Name, c.Phone = strings.TrimSpace(c.Name), strings.TrimSpace(c.Phone)
	bad := fault.New(fault.Invalid, "invalid-patient", "The patient's details cannot be used.")
	if utf8.RuneCountInString(c.Name) > 120 || strings.ContainsFunc(c.Name, unicode.IsControl) || !utf8.ValidString(c.Name) {
		bad.On("patient.name", "must be at most 120 characters on one line")
	}
	digits := 0
	for _, r := range c.Phone {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case strings.ContainsRune(" +-.()/", r):
		default:
			digits = -100
		}
	}
	if c.Phone != "" && (digits < 5 || digits > 15) {
		bad.On("patient.phone", "must be a phone number of 5 to 15 digits, for example +44 7700 900123")
	}
	if len(bad.Fields) > 0 {
		return c, bad
	}
	return c, nil
}

func (c Caller) seal(keys *privacy.ClinicKeys, appointment uuid.UUID) ([]byte, error) {
	if c == (Caller{}) {
		return nil, nil
	}
	plain, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	return keys.Seal(callerField(appointment), plain)
}

func openCaller(keys *privacy.ClinicKeys, appointment uuid.UUID, sealed []byte) (Caller, error) {
	var c Caller
	if sealed == nil {
		return c, nil
	}
	plain, err := keys.Open(callerField(appointment), sealed)
	if err != nil {
		return c, err
	}
	return c, json.Unmarshal(plain, &c)
}
