package patients_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"anteroom/domain/fault"
	"anteroom/domain/patients"
	"anteroom/domain/privacy"
	"anteroom/domain/tenancy"
	"anteroom/domain/tenancy/tenancytest"
)

// two is a clinic with two records of one person.
type two struct {
	t    testing.TB
	db   *tenancytest.Database
	s    tenancy.Scope
	v    *privacy.Vault
	d    *patients.Directory
	keep patients.Patient
	dup  patients.Patient
	n    int
}

var mergeDay = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func newTwo(t testing.TB) *two {
	t.Helper()
	db := tenancytest.NewWithClock(t, mergeDay)
	w := &two{t: t, db: db, s: db.Clinic(t, "A", "Europe/London"), v: vault(t)}
	w.d = patients.New(w.v)
	w.keep = create(t, db, w.s, w.d, patients.Details{Name: "Adele Grant", Phone: "07700 900418", Email: "adele@example.com", Notes: "Prefers mornings"})
	w.dup = create(t, db, w.s, w.d, patients.Details{Name: "Adele O'Brien", Phone: "07700 900777", BirthDate: date(1985, 4, 3), Address: "4 Mill Lane", Notes: "Ground floor"})
	w.exec(`insert into practitioners (clinic_id, id, name) values ($1, $1, 'Dr Okafor')`, w.s.Clinic)
	w.exec(`insert into services (clinic_id, id, slug, name, duration_minutes) values ($1, $1, 'check', 'Check', 15)`, w.s.Clinic)
	return w
}

func (w *two) exec(sql string, args ...any) {
	w.t.Helper()
	in(w.t, w.db, w.s, func(tx *tenancy.Tx) (int64, error) { return tx.Exec(ctx, sql, args...) })
}

// appointment makes one that is booked, in place of another when replaces is set.
func (w *two) appointment(patient uuid.UUID, replaces *uuid.UUID) uuid.UUID {
	w.t.Helper()
	id := tenancy.NewID()
	w.n++
	at := mergeDay.AddDate(0, 0, w.n)
	w.exec(`insert into appointments (clinic_id, id, practitioner_id, service_id, patient_id, status, starts_at, ends_at, source, replaces_id) values ($1, $2, $1, $1, $3, 'booked', $4, $5, 'staff', $6)`,
		w.s.Clinic, id, patient, at, at.Add(15*time.Minute), replaces)
	return id
}

func (w *two) patientOf(appointment uuid.UUID) (patient uuid.UUID) {
	w.t.Helper()
	in(w.t, w.db, w.s, func(tx *tenancy.Tx) (int, error) {
		return 0, tx.QueryRow(ctx, `select patient_id from appointments where clinic_id = $1 and id = $2`, w.s.Clinic, appointment).Scan(&patient)
	})
	return patient
}

func (w *two) merge(in patients.MergeInput) (m patients.Merge, err error) {
	err = w.db.WithClinic(ctx, w.s, func(tx *tenancy.Tx) (err error) { m, err = w.d.Merge(ctx, tx, in); return err })
	return m, err
}

func (w *two) undo(id uuid.UUID) error {
	return w.db.WithClinic(ctx, w.s, func(tx *tenancy.Tx) error { _, err := w.d.Unmerge(ctx, tx, id); return err })
}

func (w *two) found(query string) (ids []uuid.UUID) {
	w.t.Helper()
	for _, p := range search(w.t, w.db, w.s, w.d, query) {
		ids = append(ids, p.ID)
	}
	return ids
}

func (w *two) note(id uuid.UUID, kind, text string) {
	w.t.Helper()
	in(w.t, w.db, w.s, func(tx *tenancy.Tx) (int, error) { return 0, w.d.AddNote(ctx, tx, id, kind, text) })
}

func (w *two) notes(id uuid.UUID) (texts []string) {
	w.t.Helper()
	for _, n := range in(w.t, w.db, w.s, func(tx *tenancy.Tx) ([]patients.Note, error) { return w.d.Notes(ctx, tx, id) }) {
		texts = append(texts, n.Text)
	}
	slices.Sort(texts)
	return texts
}

func (w *two) recorded(action string) (n int) {
	w.t.Helper()
	must(w.t, w.db.Owner(w.t).QueryRow(ctx, `select count(*) from audit_events where clinic_id = $1 and action = $2`, w.s.Clinic, action).Scan(&n))
	return n
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func code(err error) string {
	if f := fault.As(err); f != nil {
		return f.Code
	}
	return ""
}
