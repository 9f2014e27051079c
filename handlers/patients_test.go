package handlers

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"anteroom/domain/identity"
	"anteroom/domain/patients"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
)

// known is a patient with everything, who has an appointment with Dr Okafor.
func (f *front) known() (patient uuid.UUID, booked scheduling.Appointment) {
	f.t.Helper()
	booked = f.book(f.slots[2], "Grace Adeyemi")
	f.in(func(ctx context.Context, tx *tenancy.Tx) error {
		born := time.Date(1988, 3, 14, 0, 0, 0, 0, time.UTC)
		_, err := patients.New(f.vault).Update(ctx, tx, *booked.PatientID, patients.Details{Name: "Grace Adeyemi", Phone: "+447700900123", Email: "grace@example.org", BirthDate: &born, Address: "4 Mill Lane", Notes: "Prefers the ground floor."})
		return err
	})
	return *booked.PatientID, booked
}

func (f *front) count(sql string, args ...any) (n int) {
	f.t.Helper()
	must(f.t, f.db.Owner(f.t).QueryRow(context.Background(), sql, args...).Scan(&n))
	return n
}

func TestPatientSearch(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	id, _ := f.known()
	b := f.as(f.Scope, identity.FrontDesk)
	b.get("/patients").want(t, 200, "Find a patient", `action="/patients/search"`)
	found := b.post("/patients/search", "q", "adey grace").want(t, 200, "Grace Adeyemi", "/patients/"+id.String(), "07••• •••123", "14 Mar 1988", "Mon 10 Mar 2025, 09:30", `value="adey grace"`).lacks(t, "900 123", "900123")
	if found.Header.Get("Location")+found.Header.Get("HX-Push-Url") != "" || found.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("the query may reach the history: %v", found.Header)
	}
	if n := f.recorded("patient.searched", id); n != 1 {
		t.Errorf("%d searches recorded", n)
	}
	if n := f.count(`select count(*) from audit_events e where to_jsonb(e)::text ilike '%adey%'`); n != 0 {
		t.Error("the audit holds what was searched for")
	}
	part := b.do("POST", "/patients/search", "_csrf="+b.csrf+"&q=grace", "Content-Type", "application/x-www-form-urlencoded", "HX-Request", "true", "HX-Request-Type", "partial")
	part.want(t, 200, `id="found"`, "Grace Adeyemi").lacks(t, "<html", "<title")
	b.post("/patients/search", "q", "07700900123").want(t, 200, "Grace Adeyemi")
	b.post("/patients/search", "q", "zebediah").want(t, 200, "Nobody found", `value="zebediah"`)
	for _, q := range []string{"", "g", " . ", "-"} {
		b.post("/patients/search", "q", q).want(t, 422, "Type at least two letters")
	}
	b.post("/patients/search", "q", strings.Repeat("ab ", 80)).want(t, 422, "too long to search for")
	b.get("/patients/search").to(t, "/patients")
}

// The parts that choose a patient inside another form.
func TestPatientsToChooseFrom(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	id, _ := f.known()
	b := f.as(f.Scope, identity.FrontDesk)
	choice := `<input type="radio" name="patient" value="` + id.String() + `"`
	b.post("/patients/suggest", "q", "ade 1988").want(t, 200, `id="patient-picks"`, choice, "Grace Adeyemi", ">born 14 Mar 1988 (36),</span> <span", ">07••• •••123,</span> <span", ">next Mon 10 Mar 2025, 09:30</span>", "Somebody new").lacks(t, "900123", "<html")
	if n := f.recorded("patient.searched", id); n != 1 {
		t.Errorf("%d searches recorded", n)
	}
	b.post("/patients/suggest", "q", "ade", "patient", id.String()).want(t, 200, choice+" checked")
	b.post("/patients/suggest", "q", "zebediah").want(t, 200, "Nobody found")
	b.post("/patients/suggest", "q", "a").want(t, 200, `id="patient-picks"`).lacks(t, "radio", "Nobody")
	b.post("/patients/suggest", "q", strings.Repeat("ab ", 80)).want(t, 200, "too long to search for")

	b.post("/patients/duplicates", "name", "grace adeyemi", "phone", "+44 7700 900123", "birth_date", "1988-03-14").want(t, 200, `id="patient-duplicates"`, choice, "Same name, phone and birth date", "Somebody new")
	b.post("/patients/duplicates", "name", "Tom Adeyemi", "phone", "07700 900123").want(t, 200, choice, "Same phone")
	b.post("/patients/duplicates", "name", "Grace Adeyemi", "birth_date", "2001-01-01").want(t, 200, `id="patient-duplicates"`).lacks(t, "Grace", "radio")
	b.post("/patients/duplicates").want(t, 200, `id="patient-duplicates"`).lacks(t, "radio")

	f.doctor(f.chen.ID).post("/patients/suggest", "q", "ade").want(t, 403).lacks(t, "Grace")
	elsewhere := frontOn(t, f.db, f.db.DB, "Europe/London", func(*app) {})
	o := elsewhere.as(elsewhere.Scope, identity.Admin)
	o.post("/patients/suggest", "q", "grace").want(t, 200, "Nobody found")
	o.post("/patients/duplicates", "name", "Grace Adeyemi", "phone", "+447700900123").want(t, 200).lacks(t, "Grace")
}

func TestPatientRecord(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	id, booked := f.known()
	address := "/patients/" + id.String()
	page := f.as(f.Scope, identity.FrontDesk).get(address).want(t, 200, "Grace Adeyemi", "07700 900123", "grace@example.org", "14 Mar 1988", "4 Mill Lane", "Prefers the ground floor.",
		"/appointments/"+booked.ID.String(), "Mon 10 Mar 2025, 09:30", "Dr Adaeze Okafor", "<title>Patient")
	page.lacks(t, "Masked for your role")
	if n := f.recorded("patient.viewed", id); n != 1 {
		t.Errorf("%d views recorded", n)
	}
	f.as(f.Scope, identity.Admin).get(address).want(t, 200, "07700 900123")

	f.db.Clock.Set(booked.EndsAt)
	f.as(f.Scope, identity.FrontDesk).get(address).want(t, 200, "Nothing is booked.", "/appointments/"+booked.ID.String())
	f.db.Clock.Set(frontNow)
	f.as(f.Scope, identity.FrontDesk).get(address).want(t, 200, "No visits yet.")
	f.in(func(ctx context.Context, tx *tenancy.Tx) error {
		_, err := f.desk.Change(ctx, tx, scheduling.Transition{ID: booked.ID, To: scheduling.Cancelled, Reason: "test"})
		return err
	})
	f.as(f.Scope, identity.FrontDesk).get(address).want(t, 200, "Nothing is booked.", "/appointments/"+booked.ID.String())
}

func TestPatientsAreMaskedByRole(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	id, booked := f.known()
	secret := []string{"900123", "900 123", "grace@example.org", "14 Mar", "Mill Lane"}
	other := f.doctor(f.chen.ID)
	other.get("/patients/"+id.String()).want(t, 200, "Grace Adeyemi", "Masked for your role", "•• ••• 1988", "•••123", "/appointments/"+booked.ID.String()).lacks(t, append(secret, "ground floor")...)
	f.doctor(f.okafor.ID).get("/patients/"+id.String()).want(t, 200, "Prefers the ground floor.").lacks(t, secret...)
	other.post("/patients/search", "q", "grace").want(t, 200, "Grace Adeyemi", "•••123").lacks(t, secret...)

	watcher := f.as(f.Scope, identity.Compliance)
	for _, a := range []answer{watcher.get("/patients"), watcher.get("/patients/" + id.String()), watcher.post("/patients/search", "q", "grace")} {
		a.want(t, 403, "Your role does not open this page").lacks(t, "Grace")
	}
	if n := f.recorded("patient.viewed", id); n != 2 {
		t.Errorf("%d views recorded", n)
	}
}

func TestPatientsOfAnotherClinicDoNotExist(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	id, _ := f.known()
	elsewhere := frontOn(t, f.db, f.db.DB, "Europe/London", func(*app) {})
	b := elsewhere.as(elsewhere.Scope, identity.Admin)
	b.get("/patients/"+id.String()).want(t, 404).lacks(t, "Grace")
	b.get("/patients/"+uuid.NewString()).want(t, 404)
	b.get("/patients/grace").want(t, 404)
	b.post("/patients/search", "q", "grace").want(t, 200, "Nobody found")
}

func TestErasedPatientIsShownAsSuch(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	id, booked := f.known()
	_, err := f.db.Owner(t).Exec(context.Background(), `update patients set wrapped_key = null where id = $1`, id)
	must(t, err)
	f.as(f.Scope, identity.FrontDesk).get("/patients/"+id.String()).want(t, 200, patients.ErasedName, "The key to this record was destroyed", "/appointments/"+booked.ID.String()).
		lacks(t, "Grace", "900123", "900 123", "No number", `href="/schedule" class="btn btn-primary`)
	if n := f.recorded("patient.viewed", id); n != 1 {
		t.Errorf("%d views recorded", n)
	}
}
