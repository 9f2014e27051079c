package calls

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/fault"
	"anteroom/domain/patients"
	"anteroom/domain/privacy"
	"anteroom/domain/tenancy"
)

// knowledge is what is known before the first word is read: whose call it is, and which names are the clinic's own.
type knowledge struct {
	patient *uuid.UUID          // nil: not known, or not certain
	key     *privacy.PatientKey // of the patient
	erased  bool                // the patient's key is destroyed: nothing of what they said may be kept any more
	record  patients.Details    // the patient's
	told    told                // what the tools were told
	known   privacy.Known
	public  map[string]bool // words of the names of practitioners, agents and the clinic, which are nobody's secret
}

const selectOfCall = `select distinct on (a.created_at, a.id) a.patient_id from appointments a
where a.clinic_id = @clinic and a.call_id = @call and a.call_id <> '' and a.patient_id is not null order by a.created_at, a.id`

const selectPublic = `select name from practitioners where clinic_id = @clinic union all select name from agents where clinic_id = @clinic
union all select name from clinics where clinic_id = @clinic`

func (r *Records) know(ctx context.Context, tx *tenancy.Tx, keys *privacy.ClinicKeys, c callRow, said report) (knowledge, error) {
	k := knowledge{patient: c.PatientID}
	number, err := r.callerNumber(ctx, tx, keys, c)
	if err != nil {
		return k, err
	}
	if number != "" {
		k.known.Phones = append(k.known.Phones, number)
	}
	if k.told, err = r.remember(ctx, tx, keys, c); err != nil {
		return k, err
	}
	for _, t := range said.tools {
		k.told.learn(t.arguments)
	}
	k.told.tell(&k.known)
	if err := r.findPatient(ctx, tx, c, number, &k); err != nil {
		return k, err
	}
	if k.public, err = publicNames(ctx, tx, k.known.Names); err != nil {
		return k, err
	}
	if k.patient == nil {
		return k, nil
	}
	standing, err := r.patients.Standing(ctx, tx, *k.patient)
	if err != nil {
		return k, err
	}
	k.patient = &standing
	k.key, err = patientKey(ctx, tx, r.patients, *k.patient)
	k.erased = k.key == nil
	return k, err
}

// patientKey answers nil for an erased patient.
func patientKey(ctx context.Context, tx *tenancy.Tx, d *patients.Directory, patient uuid.UUID) (*privacy.PatientKey, error) {
	key, err := d.Key(ctx, tx, patient)
	if f := fault.As(err); f != nil && f.Code == "patient-erased" {
		return nil, nil
	}
	return key, err
}

// findPatient: whoever was booked on this call; else whoever has the line's number, alone or by the name that was given.
func (r *Records) findPatient(ctx context.Context, tx *tenancy.Tx, c callRow, number string, k *knowledge) error {
	if k.patient == nil {
		rows, err := tx.Query(ctx, selectOfCall, tenancy.Args{"clinic": tx.Clinic(), "call": c.VapiCallID})
		if err != nil {
			return err
		}
		booked, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
		if err != nil {
			return err
		}
		if len(booked) > 0 {
			k.patient = &booked[0]
		}
	}
	var named []patients.Patient
	if number != "" {
		var err error
		named, err = r.patients.ByPhone(ctx, tx, number)
		if err != nil && !fault.Is(err, fault.Invalid) {
			return err
		}
	}
	if k.patient == nil {
		k.patient = alone(named, k.known.Names)
	}
	if k.patient != nil && !slices.ContainsFunc(named, func(p patients.Patient) bool { return p.ID == *k.patient }) {
		one, err := r.patients.Get(ctx, tx, *k.patient)
		if err != nil {
			return err
		}
		named = append(named, one)
	}
	for _, p := range named {
		if p.Erased {
			continue
		}
		k.add(p.Details)
		if k.patient != nil && p.ID == *k.patient {
			k.record = p.Details
		}
	}
	return nil
}

// alone is the one patient of a number. A name that was given must be theirs: phones are shared.
func alone(found []patients.Patient, names []string) *uuid.UUID {
	var one *uuid.UUID
	for i, p := range found {
		if len(names) > 0 && !slices.ContainsFunc(names, func(n string) bool { return patients.SameName(n, p.Name) }) {
			continue
		}
		if one != nil {
			return nil
		}
		one = &found[i].ID
	}
	return one
}

func (k *knowledge) add(d patients.Details) {
	k.known.Names = append(k.known.Names, d.Name)
	for list, v := range map[*[]string]string{&k.known.Phones: d.Phone, &k.known.Emails: d.Email, &k.known.Addresses: d.Address} {
		if v != "" {
			*list = append(*list, v)
		}
	}
	if d.BirthDate != nil {
		k.known.BirthDates = append(k.known.BirthDates, d.BirthDate.Format(time.DateOnly))
	}
}

// publicNames are the clinic's own words, except those that are a caller's name as well.
func publicNames(ctx context.Context, tx *tenancy.Tx, private []string) (map[string]bool, error) {
	rows, err := tx.Query(ctx, selectPublic, tenancy.Args{"clinic": tx.Clinic()})
	if err != nil {
		return nil, err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, err
	}
	public := map[string]bool{"dr": true, "doctor": true, "mr": true, "mrs": true, "ms": true, "miss": true, "nurse": true, "prof": true, "professor": true, "rn": true, "the": true}
	for _, n := range names {
		for _, w := range nameWords(n) {
			public[w] = true
		}
	}
	for _, n := range private {
		for _, w := range nameWords(n) {
			delete(public, w)
		}
	}
	return public, nil
}

func nameWords(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return key(string(r)) == "" })
}

func (k knowledge) isPublic(kind privacy.Kind, words string) bool {
	if kind != privacy.Person && kind != privacy.Organization {
		return false
	}
	parts := nameWords(words)
	for _, w := range parts {
		if !k.public[strings.TrimSuffix(w, "s")] && !k.public[w] { // "Okafor's" is two words, "s" being one
			return false
		}
	}
	return len(parts) > 0
}

// suggests says whether the words are a detail that the patient's record does not have.
func (k knowledge) suggests(speaker string, s hidden) bool {
	if speaker != SpeakerCaller || k.patient == nil {
		return false
	}
	switch s.kind {
	case privacy.Phone:
		return !sameDigits(AsWritten(s.kind, s.words), k.record.Phone)
	case privacy.Email:
		return key(AsWritten(s.kind, s.words)) != key(k.record.Email)
	case privacy.Address:
		return !strings.Contains(key(k.record.Address), key(s.words))
	}
	return false
}

// sameDigits compares as far as the shorter one goes: a number is said with or without its country.
func sameDigits(a, b string) bool {
	a, b = digitsOf(a), digitsOf(b)
	n := min(len(a), len(b), 9)
	return n >= 7 && a[len(a)-n:] == b[len(b)-n:]
}

func digitsOf(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}
