package patients

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"anteroom/domain/privacy"
	"anteroom/domain/tenancy"
)

func field(column string, id uuid.UUID) privacy.Field {
	return privacy.Field{Table: "patients", Column: column, Row: id}
}

func (s sealed) args(clinic, id uuid.UUID, now time.Time) tenancy.Args {
	return tenancy.Args{
		"clinic": clinic, "id": id, "now": now,
		"name": s.Name, "phone": s.Phone, "email": s.Email, "birth_date": s.BirthDate, "address": s.Address, "notes": s.Notes,
	}
}

func seal(key *privacy.PatientKey, id uuid.UUID, d Details) (sealed, error) {
	var s sealed
	birth := ""
	if d.BirthDate != nil {
		birth = d.BirthDate.Format(time.DateOnly)
	}
	for _, f := range []struct {
		column, plain string
		to            *[]byte
	}{
		{"name", d.Name, &s.Name}, {"phone", d.Phone, &s.Phone}, {"email", d.Email, &s.Email},
		{"birth_date", birth, &s.BirthDate}, {"address", d.Address, &s.Address}, {"notes", d.Notes, &s.Notes},
	} {
		if f.plain == "" {
			continue
		}
		var err error
		if *f.to, err = key.Seal(field(f.column, id), []byte(f.plain)); err != nil {
			return sealed{}, err
		}
	}
	return s, nil
}

// open decrypts a row. One that was moved here from another patient or clinic does not open: that is an error, never a blank.
func (r record) open(keys *privacy.ClinicKeys) (Patient, error) {
	p := Patient{ID: r.ID, MergedInto: r.MergedInto, Version: r.Version, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt}
	if r.WrappedKey == nil {
		p.Name, p.Erased = ErasedName, true
		return p, nil
	}
	key, err := keys.Patient(r.ID, r.WrappedKey)
	if err != nil {
		return Patient{}, fmt.Errorf("patient %s: %w", r.ID, err)
	}
	var birth string
	for _, f := range []struct {
		column string
		sealed []byte
		to     *string
	}{
		{"name", r.Name, &p.Name}, {"phone", r.Phone, &p.Phone}, {"email", r.Email, &p.Email},
		{"birth_date", r.BirthDate, &birth}, {"address", r.Address, &p.Address}, {"notes", r.Notes, &p.Notes},
	} {
		if f.sealed == nil {
			continue
		}
		plain, err := key.Open(field(f.column, r.ID), f.sealed)
		if err != nil {
			return Patient{}, err
		}
		*f.to = string(plain)
	}
	if birth == "" {
		return p, nil
	}
	date, err := time.Parse(time.DateOnly, birth)
	if err != nil {
		return Patient{}, fmt.Errorf("patient %s has a birth date that cannot be read", r.ID)
	}
	p.BirthDate = &date
	return p, nil
}
