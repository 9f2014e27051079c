package handlers

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"anteroom/domain/identity"
	"anteroom/domain/patients"
	"anteroom/domain/tenancy"
)

// patient reads the record as the domain has it.
func (f *front) patient(id uuid.UUID) (p patients.Patient) {
	f.t.Helper()
	f.in(func(ctx context.Context, tx *tenancy.Tx) (err error) {
		p, err = patients.New(f.vault).Get(ctx, tx, id)
		return err
	})
	return p
}

func (f *front) add(d patients.Details) (id uuid.UUID) {
	f.t.Helper()
	f.in(func(ctx context.Context, tx *tenancy.Tx) error {
		p, err := patients.New(f.vault).Create(ctx, tx, d)
		id = p.ID
		return err
	})
	return id
}

var patientAddress = regexp.MustCompile(`^/patients/([0-9a-f-]{36})$`)

func TestAddAPatient(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	known, _ := f.known()
	b := f.as(f.Scope, identity.FrontDesk)
	b.get("/patients/new").want(t, 200, `action="/patients"`, "Add patient", "<title>Patient")
	b.post("/patients/new", "q", "zadie o'neill 07700 900555").want(t, 200, `value="Zadie O&#39;neill"`, `value="07700 900555"`)
	b.post("/patients/new", "q", "zadie 555").want(t, 200, `value="Zadie"`).lacks(t, `value="555"`)

	wrong := []string{"name", " ", "phone", "12", "email", "nobody", "birth_date", "2035-01-01", "address", "Kept lane", "notes", "Kept note"}
	refused := b.post("/patients", wrong...).want(t, 422, "Nothing you typed is lost", "The name must not be empty.", "The phone must be a phone number", "The e-mail must be", "The date of birth must not be in the future.", "Kept lane", "Kept note", `value="12"`, `value="nobody"`)
	refused.want(t, 422, `aria-invalid="true"`, `href="#f-phone"`)
	b.post("/patients", "name", "Zadie", "birth_date", "soon").want(t, 422, "must be a date")

	twin := []string{"name", "grace adeyemi", "phone", "07700 900123", "notes", "Kept note"}
	b.post("/patients", twin...).want(t, 409, "This may be somebody you know already", `href="/patients/`+known.String()+`"`, "Same name and phone", "Add as a new patient anyway", "Kept note", `value="grace adeyemi"`)
	if n := f.count(`select count(*) from patients`); n != 1 {
		t.Fatalf("%d patients after a warning", n)
	}
	sent := b.post("/patients", append(twin, "anyway", "1")...)
	made := patientAddress.FindStringSubmatch(sent.Header.Get("Location"))
	if sent.Status != 303 || made == nil {
		t.Fatalf("%d to %q", sent.Status, sent.Header.Get("Location"))
	}
	b.get(made[0]).want(t, 200, "Patient added", "grace adeyemi", "Kept note", "This may be the same person as", "/patients/"+made[1]+"/merge/"+known.String())
	b.post("/patients/duplicates", "links", "1", "name", "Grace Adeyemi", "phone", "07700900123").want(t, 200, `id="patient-alike"`, `href="/patients/`+known.String()+`"`).lacks(t, "radio")

	o := f.doctor(f.okafor.ID)
	o.get("/patients/new").want(t, 403)
	o.post("/patients", twin...).want(t, 403)
	f.as(f.Scope, identity.Compliance).post("/patients", twin...).want(t, 403)
}

func TestEditAPatient(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	id, _ := f.known()
	address := "/patients/" + id.String()
	one, other := f.as(f.Scope, identity.FrontDesk), f.as(f.Scope, identity.Admin)
	one.get(address+"/edit").want(t, 200, `value="Grace Adeyemi"`, `value="07700 900123"`, `value="1988-03-14"`, "4 Mill Lane", "Prefers the ground floor.", "<title>Patient")
	seen := fmt.Sprint(f.patient(id).Version)
	fields := []string{"name", "Grace Adeyemi-Thornbury", "phone", "07700 900777", "email", "grace@example.org", "birth_date", "1988-03-14", "address", "4 Mill Lane", "notes", "Brings a friend.", "seen", seen}
	one.post(address, with(fields, "phone", "12")...).want(t, 422, `value="12"`, `value="Grace Adeyemi-Thornbury"`, "The phone must be")
	one.post(address, fields...).to(t, address)
	one.get(address).want(t, 200, "Saved", "Grace Adeyemi-Thornbury", "07700 900777")

	stale := other.post(address, with(fields, "name", "Grace Other")...)
	stale.want(t, 409, "Somebody else changed this record while you were typing", `value="Grace Other"`, "Saved meanwhile: Grace Adeyemi-Thornbury", `name="seen" value="`+fmt.Sprint(f.patient(id).Version)+`"`)
	if p := f.patient(id); p.Name != "Grace Adeyemi-Thornbury" {
		t.Fatalf("the stale edit was saved: %s", p.Name)
	}
	other.post(address, with(fields, "name", "Grace Other", "seen", fmt.Sprint(f.patient(id).Version))...).to(t, address)
	if p := f.patient(id); p.Name != "Grace Other" {
		t.Errorf("saved again, the name is %s", p.Name)
	}
	one.post(address, with(fields, "seen", "")...).want(t, 422)

	f.doctor(f.okafor.ID).get(address+"/edit").want(t, 403)
	elsewhere := frontOn(t, f.db, f.db.DB, "Europe/London", func(*app) {})
	o := elsewhere.as(elsewhere.Scope, identity.Admin)
	o.get(address+"/edit").want(t, 404)
	o.post(address, fields...).want(t, 404)
	_, err := f.db.Owner(t).Exec(context.Background(), `update patients set wrapped_key = null where id = $1`, id)
	must(t, err)
	one.get(address+"/edit").to(t, address)
	one.post(address, with(fields, "seen", "5")...).want(t, 409)
}

func TestRecentlyOpenedPatients(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	id, _ := f.known()
	tom := f.add(patients.Details{Name: "Tom Achebe"})
	b := f.as(f.Scope, identity.FrontDesk)
	b.get("/patients").want(t, 200, "Find a patient").lacks(t, "Grace", "Tom")
	b.get("/patients/"+id.String()).want(t, 200)
	b.get("/patients/"+tom.String()).want(t, 200)
	list := b.get("/patients").want(t, 200, "You opened these last", "Grace Adeyemi", "07••• •••123", "Tom Achebe")
	if strings.Index(list.Body, "Tom Achebe") > strings.Index(list.Body, "Grace Adeyemi") {
		t.Error("the last one is not the first")
	}
	part := b.do("POST", "/patients/search", "_csrf="+b.csrf+"&q=", "Content-Type", "application/x-www-form-urlencoded", "HX-Request", "true", "HX-Request-Type", "partial")
	part.want(t, 200, "You opened these last")
	part = b.do("POST", "/patients/search", "_csrf="+b.csrf+"&q=g", "Content-Type", "application/x-www-form-urlencoded", "HX-Request", "true", "HX-Request-Type", "partial")
	part.want(t, 200, "Type at least two letters").lacks(t, `class="err"`)
	f.as(f.Scope, identity.FrontDesk).get("/patients").want(t, 200, "Find a patient").lacks(t, "Grace")
	if n := f.recorded("patient.listed", id); n != 2 {
		t.Errorf("%d lists recorded", n)
	}
}

func TestSearchGoesOnBeyondAPage(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	for i := range 53 {
		f.add(patients.Details{Name: fmt.Sprintf("Quill Person%02d", i)})
	}
	b := f.as(f.Scope, identity.FrontDesk)
	b.get("/patients")
	first := b.post("/patients/search", "q", "quill").want(t, 200, "1 to 50, and there are more", `name="skip" value="50"`, "Quill Person52").lacks(t, "Quill Person02<")
	second := b.post("/patients/search", "q", "quill", "skip", "50").want(t, 200, "51 to 53", `name="skip" value="0"`, "Quill Person02<").lacks(t, "Quill Person52<", `name="skip" value="100"`)
	if n := strings.Count(first.Body, "data-hit") + strings.Count(second.Body, "data-hit"); n != 53 {
		t.Errorf("%d patients on two pages", n)
	}
	b.post("/patients/search", "q", "quill", "skip", "-7").want(t, 200, "1 to 50")
	b.post("/patients/search", "q", "quill", "skip", "9999999").want(t, 200, "Nobody found")
}

func TestNotesAreReadByWhomTheyAreFor(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	id, _ := f.known()
	address := "/patients/" + id.String()
	desk, okafor, chen := f.as(f.Scope, identity.FrontDesk), f.doctor(f.okafor.ID), f.doctor(f.chen.ID)
	desk.get(address)
	desk.post(address+"/notes", "note", "Called back", "kind", "clinical").to(t, address+"#notes") // the desk writes no clinical notes
	desk.post(address+"/notes", "note", " ").want(t, 422, "The note must not be empty.")
	desk.post(address+"/notes", "note", strings.Repeat("long ", 500)).want(t, 422, "at most 2000 characters", "long long")
	okafor.get(address).want(t, 200, "Called back", "Who treats the patient")
	okafor.post(address+"/notes", "note", "Allergic to latex", "kind", "clinical").to(t, address+"#notes")
	okafor.get(address).want(t, 200, "Allergic to latex", "For who treats the patient")
	desk.get(address).want(t, 200, "Called back", "A clinical note, for who treats the patient").lacks(t, "latex")
	f.as(f.Scope, identity.Admin).get(address).want(t, 200, "Called back").lacks(t, "latex")
	chen.get(address).want(t, 200).lacks(t, "latex", "Called back", "Add a note")
	chen.post(address+"/notes", "note", "Mine").want(t, 403, "your own patients")
	if n := f.recorded("patient.noted", id); n != 2 {
		t.Errorf("%d notes recorded", n)
	}
}

func TestRevealNeedsAReason(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	id, _ := f.known()
	address := "/patients/" + id.String()
	chen := f.doctor(f.chen.ID)
	chen.get(address).want(t, 200, "Show for a minute").lacks(t, "900 123")
	chen.post(address+"/reveal", "reason", "curious").want(t, 422, "Choose why you need to see it.").lacks(t, "900 123", "900123", "Mill Lane")
	shown := chen.post(address+"/reveal", "reason", "calling-the-patient").want(t, 200, "07700 900123", "4 Mill Lane", "grace@example.org", "14 Mar 1988", "Shown to you for a minute", "Calling the patient about their care", "data-expires-at")
	shown.lacks(t, "ground floor") // what is good to know is for who treats
	if got := shown.Header.Get("Refresh"); got != "60; url="+address {
		t.Errorf("the page stays: %q", got)
	}
	chen.get(address).want(t, 200).lacks(t, "900 123")
	chen.get(address+"/reveal").to(t, address)
	if n := f.count(`select count(*) from audit_events where action = 'patient.revealed' and subject_id = $1 and reason = 'calling-the-patient'`, id); n != 1 {
		t.Errorf("%d reveals recorded", n)
	}
	f.as(f.Scope, identity.Admin).get(address).want(t, 200, "Who looked and what changed", "had the masked details shown", "opened the record")
	f.as(f.Scope, identity.FrontDesk).get(address).want(t, 200, "What changed", "changed the details").lacks(t, "opened the record", "had the masked details shown")
	f.as(f.Scope, identity.Compliance).post(address+"/reveal", "reason", "emergency").want(t, 403)
	elsewhere := frontOn(t, f.db, f.db.DB, "Europe/London", func(*app) {})
	elsewhere.as(elsewhere.Scope, identity.Admin).post(address+"/reveal", "reason", "emergency").want(t, 404)
}

func TestMergeTwoRecords(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	id, booked := f.known()
	other := f.add(patients.Details{Name: "Grace Thornbury", Phone: "07700 900123", BirthDate: bornOn(1988, 3, 14), Notes: "Brings a friend."})
	keep, dup := "/patients/"+other.String(), "/patients/"+id.String()
	b := f.as(f.Scope, identity.FrontDesk)
	b.get(keep).want(t, 200, "This may be the same person as", keep+"/merge/"+id.String(), "Same phone and birth date")
	b.get(keep+"/merge").want(t, 200, "Possible duplicates", "Grace Adeyemi", keep+"/merge/"+id.String())
	b.post(keep+"/merge", "q", "adeyemi").want(t, 200, "Grace Adeyemi", keep+"/merge/"+id.String())
	b.post(keep+"/merge", "q", "thornbury").want(t, 200, "Nobody else is found")
	b.post(keep+"/merge", "q", "a").want(t, 422, "at least two letters")
	b.get(keep+"/merge/"+id.String()).want(t, 200, "This record is kept", "1 appointment", "Same in both", "07700 900123", `name="name" value="other"`, `name="notes" value="both" checked`, "<title>Merge")

	seen := []string{"keep_seen", "1", "other_seen", fmt.Sprint(f.patient(id).Version)}
	b.post(keep+"/merge/"+id.String(), with(seen, "other_seen", "1")...).want(t, 409, "was changed while you compared them")
	b.post(keep+"/merge/"+id.String(), with(seen, "name", "other", "email", "other", "notes", "both")...).to(t, keep)
	b.get(keep).want(t, 200, "The two records are one", "Grace Adeyemi", "grace@example.org", "/appointments/"+booked.ID.String(), "Brings a friend.", "Prefers the ground floor.", "Undo merge").lacks(t, "may be the same person")
	b.get(dup).to(t, keep)
	b.get(dup+"/edit").to(t, keep+"/edit")
	b.get(keep+"/merge/"+id.String()).to(t, keep)
	b.post("/patients/search", "q", "thornbury").want(t, 200, "1 patient", keep).lacks(t, dup)
	if n := f.count(`select count(*) from audit_events where action = 'patient.merged' and patients @> array[$1, $2]::uuid[] and before is not null and after is not null`, id, other); n != 1 {
		t.Errorf("%d merges recorded", n)
	}

	var merge uuid.UUID
	must(t, f.db.Owner(t).QueryRow(context.Background(), `select id from patient_merges`).Scan(&merge))
	undo := keep + "/merges/" + merge.String() + "/undo"
	f.doctor(f.okafor.ID).post(undo).want(t, 403)
	elsewhere := frontOn(t, f.db, f.db.DB, "Europe/London", func(*app) {})
	elsewhere.as(elsewhere.Scope, identity.Admin).post(undo).want(t, 404)
	b.post(dup+"/merges/"+merge.String()+"/undo").want(t, 404)
	f.as(f.Scope, identity.Admin).post(undo).to(t, keep)
	b.get(keep).want(t, 200, "Grace Thornbury", "Nothing is booked.", "undid a merge").lacks(t, "/appointments/"+booked.ID.String())
	b.get(dup).want(t, 200, "Grace Adeyemi", "/appointments/"+booked.ID.String())
	b.post(undo).want(t, 409, "was undone before")

	b.post(keep+"/apart/"+id.String()).to(t, keep)
	b.get(keep).want(t, 200, "Noted: they are two people").lacks(t, "may be the same person")
	if leaked := f.count(`select count(*) from audit_events e where e::text ~* 'grace|adeyemi|thornbury|900123'`); leaked != 0 {
		t.Errorf("%d audit rows hold personal data", leaked)
	}
}

func bornOn(y int, m time.Month, d int) *time.Time {
	t := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	return &t
}
