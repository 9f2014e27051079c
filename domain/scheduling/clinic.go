package scheduling

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // zones load on a machine that has no zone files
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/audit"
	"anteroom/domain/fault"
	"anteroom/domain/tenancy"
)

// Clinic is what the schedule needs to know of the clinic that a transaction is inside.
type Clinic struct {
	ID           uuid.UUID `db:"clinic_id"`
	Slug         string
	Name         string
	Zone         string // IANA, for example Europe/London
	Locale       string
	Country      string // ISO 3166-1 alpha-2
	GrainMinutes int
	HorizonDays  int
	HoldSeconds  int
	Location     *time.Location `db:"-" json:"-"` // Zone, loaded
}

const selectClinic = `
select clinic_id, slug, name, zone, locale, country, grain_minutes, horizon_days, hold_seconds from clinics where clinic_id = @clinic`

// LoadClinic reads the settings of the transaction's clinic.
func LoadClinic(ctx context.Context, tx *tenancy.Tx) (Clinic, error) {
	rows, err := tx.Query(ctx, selectClinic, tenancy.Args{"clinic": tx.Clinic()})
	if err != nil {
		return Clinic{}, fmt.Errorf("load clinic: %w", err)
	}
	return collectClinic(rows)
}

func collectClinic(rows pgx.Rows) (Clinic, error) {
	c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Clinic])
	if err != nil {
		return Clinic{}, fmt.Errorf("load clinic: %w", err)
	}
	if c.Location, err = Zone(c.Zone); err != nil {
		return Clinic{}, fmt.Errorf("load clinic's zone: %w", err)
	}
	return c, nil
}

var clinicZones sync.Map // name → *time.Location: loading one reads a file

// Zone is where a clinic is, by its IANA name.
func Zone(name string) (*time.Location, error) {
	if known, ok := clinicZones.Load(name); ok {
		return known.(*time.Location), nil
	}
	if name == "" || name == "Local" { // both mean something to Go that is not the clinic's
		return nil, fmt.Errorf("%q is no zone", name)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, err
	}
	clinicZones.Store(name, loc)
	return loc, nil
}

// ClinicInput are the settings that a practice admin changes. The zone is not among them: it is chosen once, with the clinic.
type ClinicInput struct {
	Name         string
	GrainMinutes int // 5, 10, 15, 20, 30 or 60
	HorizonDays  int // 1 to 400, today included
	HoldSeconds  int // 1 to 300
}

// ClinicChange is a clinic after UpdateClinic, and what the change did to its slots.
type ClinicChange struct {
	Clinic  Clinic
	Rebuild RebuildResult
}

const updateClinic = `
update clinics set name = @name, grain_minutes = @grain, horizon_days = @horizon, hold_seconds = @hold where clinic_id = @clinic`

// UpdateClinic changes the settings; another grain or horizon rebuilds the slots in the same transaction. Faults name the field.
func UpdateClinic(ctx context.Context, tx *tenancy.Tx, in ClinicInput) (ClinicChange, error) {
	if err := in.check(); err != nil {
		return ClinicChange{}, err
	}
	if err := lockHorizon(ctx, tx); err != nil {
		return ClinicChange{}, err
	}
	before, err := LoadClinic(ctx, tx)
	if err != nil {
		return ClinicChange{}, err
	}
	after := before
	after.Name, after.GrainMinutes, after.HorizonDays, after.HoldSeconds = in.Name, in.GrainMinutes, in.HorizonDays, in.HoldSeconds
	if after == before {
		return ClinicChange{Clinic: after}, nil
	}
	_, err = tx.Exec(ctx, updateClinic, tenancy.Args{
		"clinic": tx.Clinic(), "name": in.Name, "grain": in.GrainMinutes, "horizon": in.HorizonDays, "hold": in.HoldSeconds})
	if err != nil {
		return ClinicChange{}, fmt.Errorf("update clinic: %w", err)
	}
	err = audit.Record(ctx, tx, audit.Event{Action: "clinic.updated", SubjectKind: "clinic", SubjectID: after.ID, Before: before, After: after})
	if err != nil || (after.GrainMinutes == before.GrainMinutes && after.HorizonDays == before.HorizonDays) {
		return ClinicChange{Clinic: after}, err
	}
	result, err := Rebuild(ctx, tx, RebuildInput{})
	return ClinicChange{Clinic: after, Rebuild: result}, err
}

func (in *ClinicInput) check() error {
	var bad settingFaults
	in.Name = bad.text("name", "The name", in.Name, 1, 120)
	if !slices.Contains([]int{5, 10, 15, 20, 30, 60}, in.GrainMinutes) {
		bad.add("grain_minutes", "The grain is 5, 10, 15, 20, 30 or 60 minutes.")
	}
	bad.number("horizon_days", "The horizon in days", in.HorizonDays, 1, 400)
	bad.number("hold_seconds", "The length of a hold in seconds", in.HoldSeconds, 1, 300)
	return bad.err()
}

// settingFaults gathers what is wrong with a form, so that all of it is said at once.
type settingFaults []fault.Field

func (s *settingFaults) add(field, message string) {
	*s = append(*s, fault.Field{Name: field, Message: message})
}

// text gives the value without the space around it. Lengths are in characters, as PostgreSQL's length() counts them.
func (s *settingFaults) text(field, label, value string, least, most int) string {
	value = strings.TrimSpace(value)
	n := utf8.RuneCountInString(value)
	switch {
	case !utf8.ValidString(value) || strings.ContainsRune(value, 0):
		s.add(field, label+" holds something that is not text.")
	case n < least:
		s.add(field, label+" is missing.")
	case n > most:
		s.add(field, fmt.Sprintf("%s has %d characters; %d are the most.", label, n, most))
	}
	return value
}

func (s *settingFaults) number(field, label string, value, least, most int) {
	if value < least || value > most {
		s.add(field, fmt.Sprintf("%s is between %d and %d.", label, least, most))
	}
}

func (s *settingFaults) err() error {
	if len(*s) == 0 {
		return nil
	}
	f := fault.New(fault.Invalid, "invalid-field", "%s", (*s)[0].Message)
	f.Fields = *s
	return f
}
