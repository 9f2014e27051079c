package handlers

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"anteroom/domain/identity"
	"anteroom/domain/patients"
	"anteroom/domain/privacy"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
	"anteroom/domain/tenancy/tenancytest"
)

// front is a clinic with a schedule: two practitioners with slots from 9 to 17 on Monday the 10th; the clock stands at nine a week earlier.
type front struct {
	*site
	tenancy.Scope
	vault  *privacy.Vault
	desk   *scheduling.Desk
	okafor scheduling.Practitioner // performs a consultation (30 min) and a check (15 min)
	chen   scheduling.Practitioner // performs the consultation only
	slots  []uuid.UUID             // of Dr Okafor, in order
	others []uuid.UUID             // of Dr Chen
}

var (
	frontNow = time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC)
	frontDay = time.Date(2025, 3, 10, 9, 0, 0, 0, time.UTC)
)

func newFront(t testing.TB) *front {
	t.Helper()
	db := tenancytest.NewWithClock(t, frontNow)
	return frontOn(t, db, db.DB, "Europe/London", func(*app) {})
}

func frontOn(t testing.TB, db *tenancytest.Database, served *tenancy.DB, zone string, change func(*app)) *front {
	t.Helper()
	master, err := privacy.NewMasterKey()
	must(t, err)
	vault, err := privacy.NewVault(master)
	must(t, err)
	f := &front{site: &site{t: t, db: db, log: &safeBuffer{}}, vault: vault, Scope: db.Clinic(t, "Test", zone), desk: scheduling.NewDesk(vault, patients.New(vault))}
	ctx, stop := context.WithCancel(context.Background())
	t.Cleanup(stop)
	a := newApp(Deps{DB: served, Vault: vault, PublicURL: "http://example.com", Version: "test", Stop: ctx})
	change(a)
	f.app = newServer(a)
	f.fill()
	return f
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (f *front) in(fn func(ctx context.Context, tx *tenancy.Tx) error) {
	f.t.Helper()
	ctx := context.Background()
	must(f.t, f.db.WithClinic(ctx, f.Scope, func(tx *tenancy.Tx) error { return fn(ctx, tx) }))
}

func (f *front) fill() {
	f.t.Helper()
	f.in(func(ctx context.Context, tx *tenancy.Tx) (err error) {
		consult, err := scheduling.CreateService(ctx, tx, scheduling.ServiceInput{Slug: "consult", Name: "Consultation", DurationMinutes: 30})
		must(f.t, err)
		check, err := scheduling.CreateService(ctx, tx, scheduling.ServiceInput{Slug: "check", Name: "Mole check", DurationMinutes: 15})
		must(f.t, err)
		f.okafor, err = scheduling.CreatePractitioner(ctx, tx, scheduling.PractitionerInput{Name: "Dr Adaeze Okafor", Room: "Room 1", Position: 1})
		must(f.t, err)
		f.chen, err = scheduling.CreatePractitioner(ctx, tx, scheduling.PractitionerInput{Name: "Dr Bo Chen", Room: "Room 2", Position: 2})
		must(f.t, err)
		for who, performs := range map[uuid.UUID][]uuid.UUID{f.okafor.ID: {consult.ID, check.ID}, f.chen.ID: {consult.ID}} {
			_, err = scheduling.SetPractitionerServices(ctx, tx, scheduling.PractitionerServicesInput{Practitioner: who, Services: performs})
			must(f.t, err)
		}
		for at := frontDay; at.Before(frontDay.Add(8 * time.Hour)); at = at.Add(15 * time.Minute) {
			f.slots, f.others = append(f.slots, f.addSlot(tx, f.okafor.ID, at)), append(f.others, f.addSlot(tx, f.chen.ID, at))
		}
		return nil
	})
}

func (f *front) addSlot(tx *tenancy.Tx, practitioner uuid.UUID, at time.Time) uuid.UUID {
	f.t.Helper()
	id := tenancy.NewID()
	_, err := tx.Exec(context.Background(), `insert into slots (clinic_id, id, practitioner_id, starts_at, ends_at) values ($1, $2, $3, $4, $5)`,
		tx.Clinic(), id, practitioner, at, at.Add(15*time.Minute))
	must(f.t, err)
	return id
}

// book puts a patient into a slot.
func (f *front) book(slot uuid.UUID, name string) (a scheduling.Appointment) {
	f.t.Helper()
	f.in(func(ctx context.Context, tx *tenancy.Tx) (err error) {
		a, err = f.desk.Book(ctx, tx, scheduling.BookInput{SlotID: slot, Service: "consult", Source: scheduling.ByStaff, Patient: patients.Details{Name: name, Phone: "+447700900123"}})
		return err
	})
	return a
}

// hold is what an agent does.
func (f *front) hold(slot uuid.UUID) scheduling.Hold {
	f.t.Helper()
	h, err := f.desk.ClaimNow(context.Background(), f.db.DB, f.Scope, scheduling.ClaimInput{SlotID: slot, Service: "consult", Source: scheduling.ByAgent, CallID: "call-1", HoldSeconds: 120,
		Caller: scheduling.Caller{Name: "Zebediah Quillfeather", Phone: "+44 7700 900418"}})
	must(f.t, err)
	return h
}

// doctor is the browser of a clinician who is one of the practitioners.
func (f *front) doctor(practitioner uuid.UUID) *browser {
	f.t.Helper()
	email := "doctor-" + uuid.NewString() + "@clinic.example"
	who := f.member(f.Scope, email, identity.Clinician)
	f.in(func(ctx context.Context, tx *tenancy.Tx) error {
		return identity.AddMember(ctx, tx, identity.NewMember{Person: who, Role: identity.Clinician, Practitioner: practitioner})
	})
	b := f.browser()
	b.signIn(email)
	return b
}

// recorded counts the audit's events with this action that name this patient.
func (f *front) recorded(action string, patient uuid.UUID) (n int) {
	f.t.Helper()
	f.in(func(ctx context.Context, tx *tenancy.Tx) error {
		return tx.QueryRow(ctx, `select count(*) from audit_events where action = $1 and $2 = any(patients)`, action, patient).Scan(&n)
	})
	return n
}

func (a answer) lacks(t testing.TB, words ...string) answer {
	t.Helper()
	for _, w := range words {
		if strings.Contains(a.Body, w) {
			t.Fatalf("%q is in\n%s", w, a.Body)
		}
	}
	return a
}
