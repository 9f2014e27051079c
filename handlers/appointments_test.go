package handlers

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"anteroom/domain/identity"
	"anteroom/domain/patients"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
)

var typed = []string{"service", "consult", "name", "Grace Adeyemi-Thornbury", "phone", "07700 900123", "email", "grace@example.org", "birth_date", "1988-03-14", "notes", "Prefers the ground floor."}

// keptAll is what a refused form still shows.
var keptAll = []string{`value="Grace Adeyemi-Thornbury"`, `value="07700 900123"`, `value="grace@example.org"`, `value="1988-03-14"`, "Prefers the ground floor.", `value="consult" selected`}

func with(fields []string, more ...string) []string {
	return append(append([]string{}, fields...), more...)
}

func (f *front) patientOf(id uuid.UUID) (p patients.Patient, a scheduling.Appointment) {
	f.t.Helper()
	f.in(func(ctx context.Context, tx *tenancy.Tx) (err error) {
		a, err = scheduling.Get(ctx, tx, id)
		must(f.t, err)
		p, err = f.desk.PatientOf(ctx, tx, a)
		return err
	})
	return p, a
}

// notesOf are the notes on the record of an appointment's patient.
func (f *front) notesOf(id uuid.UUID) (texts []string) {
	f.t.Helper()
	f.in(func(ctx context.Context, tx *tenancy.Tx) error {
		a, err := scheduling.Get(ctx, tx, id)
		must(f.t, err)
		notes, err := patients.New(f.vault).Notes(ctx, tx, *a.PatientID)
		for _, n := range notes {
			texts = append(texts, n.Text)
		}
		return err
	})
	return texts
}

// newest is the appointment that was booked last.
func (f *front) newest() (id uuid.UUID) {
	f.t.Helper()
	f.in(func(ctx context.Context, tx *tenancy.Tx) error {
		return tx.QueryRow(ctx, `select id from appointments where status = 'booked' order by id desc limit 1`).Scan(&id)
	})
	return id
}

func TestBookAtTheDesk(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	b := f.as(f.Scope, identity.FrontDesk)
	form := b.get("/appointments/new?slot="+f.slots[6].String()+"&service=consult").want(t, 200, "Mon 10 March, 10:30", "Dr Adaeze Okafor", "Consultation, 30 min", "Mole check, 15 min", "London time", ">10:30<", ">16:30<")
	form.lacks(t, ">16:45<") // a consultation does not fit there any more
	b.get("/appointments/new?slot="+f.others[6].String()).want(t, 200, "Consultation, 30 min").lacks(t, "Mole check")
	b.get("/appointments/new?date=2025-03-10").want(t, 200, "What is it for?", mondayPage, "Mole check", "/appointments/new?date=2025-03-10&amp;service=check")
	b.get("/appointments/new?slot="+uuid.NewString()).want(t, 404)
	b.get("/appointments/new?slot=x").want(t, 404)

	b.post("/appointments", with(typed, "slot", f.slots[6].String())...).to(t, mondayPage)
	b.get(mondayPage).want(t, 200, "Booked Mon 10:30 with Dr Okafor", "Grace Adeyemi-Thornbury")
	id := f.newest()
	p, a := f.patientOf(id)
	if p.Name != "Grace Adeyemi-Thornbury" || p.Phone != "+447700900123" || p.Email != "grace@example.org" || p.Notes != "Prefers the ground floor." ||
		p.BirthDate == nil || p.BirthDate.Format(time.DateOnly) != "1988-03-14" || a.Source != scheduling.ByStaff || !a.StartsAt.Equal(frontDay.Add(90*time.Minute)) {
		t.Errorf("booked %+v for %+v", a, p)
	}
	page := b.get("/appointments/"+id.String()).want(t, 200, "Grace Adeyemi-Thornbury", "07700 900123", "Prefers the ground floor.", "Imogen Clarke", "Move or change", "<title>Appointment")
	page.lacks(t, "Masked for your role", "Mark as arrived") // nobody arrives a week early
	if n := f.recorded("appointment.booked", *a.PatientID); n != 1 {
		t.Errorf("%d bookings recorded", n)
	}

	// The same patient again: what is said now is added to what is known.
	b.post("/appointments", "service", "check", "name", "grace adeyemi thornbury", "phone", "+447700900123", "email", "", "notes", "Brings a friend.", "slot", f.slots[10].String()).to(t, mondayPage)
	again, _ := f.patientOf(f.newest())
	if again.ID != p.ID || again.Email != "grace@example.org" || again.Notes != "Prefers the ground floor.\nBrings a friend." {
		t.Errorf("afterwards: %+v", again)
	}
}

func TestAFormThatIsWrongKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	b := f.as(f.Scope, identity.FrontDesk)
	b.get(mondayPage)
	slot := f.slots[6].String()
	b.post("/appointments", "slot", slot, "service", "", "name", " ", "phone", "12", "email", "grace at home", "birth_date", "2035-01-01", "notes", "Kept.").
		want(t, 422, "Kept.", `value="12"`, `value="grace at home"`, `value="2035-01-01"`, "The name must not be empty.", "The phone must be a phone number", "The e-mail must be", "The date of birth must not be in the future.", `href="#f-service"`)
	bad := with(typed, "slot", slot)
	bad[5] = "07700 9001234567"
	answer := b.post("/appointments", bad...).want(t, 422, `value="Grace Adeyemi-Thornbury"`, `value="grace@example.org"`)
	if strings.Contains(answer.Header.Get("Location"), "Grace") {
		t.Error("a name in an address")
	}
	b.post("/appointments", with(typed, "slot", f.others[6].String(), "service", "check")...).want(t, 422, "This practitioner does not perform that service.", `value="07700 900123"`)
	b.post("/appointments", typed...).want(t, 422, "Choose a time first")
	var n int
	f.in(func(ctx context.Context, tx *tenancy.Tx) error {
		return tx.QueryRow(ctx, `select (select count(*) from appointments) + (select count(*) from patients)`).Scan(&n)
	})
	if n != 0 {
		t.Errorf("%d rows of refused forms", n)
	}
}

// TestALostRaceLosesNothingTyped: of two at the desk one wins, and the other sees the next free times with everything typed.
func TestALostRaceLosesNothingTyped(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	desks := []*browser{f.as(f.Scope, identity.FrontDesk), f.as(f.Scope, identity.Admin)}
	answers := make([]answer, 2)
	var wg sync.WaitGroup
	for i, b := range desks {
		wg.Go(func() { answers[i] = b.post("/appointments", with(typed, "slot", f.slots[6].String())...) })
	}
	wg.Wait()
	loser := desks[0]
	if answers[0].Status == 303 {
		answers[0], answers[1], loser = answers[1], answers[0], desks[1]
	}
	answers[1].to(t, mondayPage)
	answers[0].want(t, 409, append([]string{"10:30 was taken while you were typing.", `name="instead"`, "Try Mon 10:30 again"}, keptAll...)...)
	if answers[0].Header.Get("Location") != "" {
		t.Error("sent away")
	}
	if !strings.Contains(answers[0].Body, f.others[6].String()) {
		t.Error("the same time with the other practitioner is not offered")
	}
	// One of the times offered, with what the page still holds.
	loser.post("/appointments", with(typed, "slot", f.slots[6].String(), "instead", f.others[6].String())...).to(t, mondayPage)
	f.db.Clock.Set(frontDay.Add(7 * time.Hour))
	loser.post("/appointments", with(typed, "slot", f.slots[20].String())...).want(t, 410, append([]string{"14:00 has passed.", `name="instead"`}, keptAll...)...)
}

func TestTakeOverAHold(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	hold := f.hold(f.slots[6])
	b := f.as(f.Scope, identity.FrontDesk)
	b.get("/appointments/"+hold.ID.String()).want(t, 200, "Zebediah Quillfeather", "07700 900418", "Take over")
	f.doctor(f.okafor.ID).get("/appointments/"+hold.ID.String()).want(t, 200).lacks(t, "Take over", "900418")
	b.get("/appointments/new?hold="+hold.ID.String()).want(t, 409, "Take the hold over")
	f.doctor(f.okafor.ID).post("/holds/"+hold.ID.String()+"/take-over").want(t, 403)

	form := "/appointments/new?hold=" + hold.ID.String()
	b.get(mondayPage)
	b.post("/holds/"+hold.ID.String()+"/take-over").to(t, form)
	b.get(form).want(t, 200, `value="Zebediah Quillfeather"`, `value="07700 900418"`, "Yours for", "Consultation, 30 min").lacks(t, "Mole check")
	b.post("/appointments", "hold", hold.ID.String(), "slot", f.slots[6].String(), "service", "consult", "name", "Zebediah Quillfeather", "phone", "12").want(t, 422, "Yours for", `value="12"`, hold.ID.String())
	b.post("/appointments", "hold", hold.ID.String(), "slot", f.slots[6].String(), "service", "consult", "name", "Zebediah Quillfeather", "phone", "07700 900418").to(t, mondayPage)
	if p, a := f.patientOf(hold.ID); a.Status != scheduling.Booked || p.Name != "Zebediah Quillfeather" {
		t.Errorf("booked %+v for %+v", a, p)
	}
	b.get(form).to(t, "/appointments/"+hold.ID.String())
	b.post("/holds/"+hold.ID.String()+"/release").to(t, "/schedule")
	b.get(mondayPage).want(t, 200, "Nothing was released", "has become a booking")
}

func TestACallerWhoRingsFromAnotherPhoneIsFoundByName(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	hold := f.hold(f.slots[6])
	f.add(patients.Details{Name: "Zebediah Quillfeather", Phone: "+447700900777"})
	b := f.as(f.Scope, identity.FrontDesk)
	b.get(mondayPage)
	b.post("/holds/"+hold.ID.String()+"/take-over").want(t, 303)
	b.get("/appointments/new?hold="+hold.ID.String()).want(t, 200, "•••777").lacks(t, "Nobody found")
	f.add(patients.Details{Name: "Mother Quill", Phone: "+447700900418"})
	b.get("/appointments/new?hold="+hold.ID.String()).want(t, 200, "Mother Quill").lacks(t, "•••777")
}

func TestAHoldThatEnds(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	b := f.as(f.Scope, identity.FrontDesk)
	b.get(mondayPage)
	released, ended := f.hold(f.slots[2]), f.hold(f.slots[6])
	b.do("POST", "/holds/"+released.ID.String()+"/release", "_csrf="+b.csrf, "Content-Type", "application/x-www-form-urlencoded", "Referer", "http://example.com/schedule?view=week&date=2025-03-12").
		to(t, "/schedule?view=week&date=2025-03-12")
	b.get(mondayPage).want(t, 200, "Hold released", "/appointments/new?slot="+f.slots[2].String())
	b.post("/holds/"+released.ID.String()+"/release").to(t, "/schedule") // a second press
	b.post("/holds/"+uuid.NewString()+"/release").want(t, 404)

	b.post("/holds/"+ended.ID.String()+"/take-over").want(t, 303)
	f.db.Clock.Advance(10 * time.Minute)
	b.post("/holds/"+ended.ID.String()+"/take-over").to(t, "/schedule")
	b.get("/schedule").want(t, 200, "That hold has ended")
	b.get("/appointments/new?hold="+ended.ID.String()).want(t, 410, "10:30 is no longer held.", "Zebediah Quillfeather", `name="instead"`)
	b.post("/appointments", with(typed, "hold", ended.ID.String(), "slot", f.slots[6].String())...).want(t, 410, append([]string{"10:30 is no longer held.", `name="instead"`}, keptAll...)...)
	// The time is still free, so trying it again books it without the hold.
	b.post("/appointments", with(typed, "slot", f.slots[6].String())...).to(t, mondayPage)
}

func TestAnAppointmentRunsThroughItsDay(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	b, doctor := f.as(f.Scope, identity.FrontDesk), f.doctor(f.okafor.ID)
	mine, other := f.book(f.slots[2], "Grace Adeyemi"), f.book(f.others[2], "Marcus Bell")
	at := "/appointments/" + mine.ID.String()
	b.get(at).want(t, 200, at+"/cancel", at+"/move").lacks(t, at+"/arrive", at+"/check-in", at+"/no-show") // a week before
	b.post(at+"/arrive").want(t, 409, "Nothing was changed.", "It can be marked arrived from Monday 10 March on.")
	f.db.Clock.Set(frontDay.Add(20 * time.Minute))
	b.get(at).want(t, 200, at+"/arrive", at+"/check-in").lacks(t, at+"/no-show") // ten minutes before
	b.post(at+"/no-show").want(t, 409, "It is not time yet.")
	f.db.Clock.Set(frontDay.Add(30 * time.Minute))
	b.get(at).want(t, 200, at+"/arrive", at+"/check-in", at+"/no-show", at+"/cancel").lacks(t, at+"/fulfil", at+"/reopen")
	doctor.get(at).want(t, 200, at+"/arrive").lacks(t, at+"/no-show", at+"/cancel", at+"/reopen")

	b.post(at+"/arrive").to(t, at)
	b.get(at).want(t, 200, "Marked as arrived", at+"/reopen", "Back to booked", at+"/fulfil")
	doctor.post(at+"/check-in").to(t, at)
	doctor.post("/appointments/"+other.ID.String()+"/arrive").want(t, 403, "your own patients").lacks(t, "Marcus")
	doctor.post(at+"/cancel", "reason", "patient-request").want(t, 403)
	doctor.post(at+"/no-show").want(t, 403)
	doctor.post(at+"/reopen", "to", "arrived").want(t, 403)
	doctor.post(at+"/fulfil").to(t, at)
	b.post(at+"/no-show").want(t, 409, "Nothing was changed.", "An appointment that is done cannot become a no-show.", "Grace Adeyemi")
	b.post(at+"/reopen", "to", "checked-in").to(t, at)
	b.post(at+"/reopen", "to", "fulfilled").want(t, 422)
	if _, a := f.patientOf(mine.ID); a.Status != scheduling.CheckedIn {
		t.Errorf("it is %s", a.Status)
	}
	if _, a := f.patientOf(other.ID); a.Status != scheduling.Booked {
		t.Errorf("a colleague's is %s", a.Status)
	}
	b.post("/appointments/"+uuid.NewString()+"/arrive").want(t, 404)
	f.as(f.Scope, identity.Compliance).post(at+"/arrive").want(t, 403)
}

func TestCancelSaysWhy(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	b := f.as(f.Scope, identity.FrontDesk)
	a := f.book(f.slots[2], "Grace Adeyemi")
	at := "/appointments/" + a.ID.String()
	b.get(at)
	b.post(at+"/cancel", "reason", "because").want(t, 422, "Choose why it is cancelled.")
	b.post(at+"/cancel", "reason", "patient-request", "note", strings.Repeat("long ", 80)).want(t, 422, "Nothing was changed.", "at most 300 characters")
	if _, kept := f.patientOf(a.ID); kept.Status != scheduling.Booked {
		t.Fatalf("it is %s", kept.Status)
	}
	b.post(at+"/cancel", "reason", "patient-request", "note", "moving \n house").to(t, mondayPage)
	b.get(mondayPage).want(t, 200, "Cancelled Mon 09:30 with Dr Okafor", "/appointments/new?slot="+f.slots[2].String()).lacks(t, "Grace")
	b.get(at).want(t, 200, "The patient asked", "Cancelled").lacks(t, at+"/cancel", at+"/arrive")
	b.post(at+"/cancel", "reason", "patient-request", "note", "moving house").to(t, mondayPage) // a second press

	if notes := f.notesOf(a.ID); len(notes) != 1 || notes[0] != "Cancelled Mon 10 March, 09:30: moving house" {
		t.Errorf("the patient's notes are %q", notes)
	}
	var history, audited, leaked int
	err := f.db.Owner(t).QueryRow(context.Background(), `select (select count(*) from appointment_status_changes where reason = 'patient-request'),
		(select count(*) from audit_events where reason = 'patient-request'),
		(select count(*) from audit_events e where e::text like '%moving%') + (select count(*) from appointment_status_changes h where h::text like '%moving%')`).Scan(&history, &audited, &leaked)
	if err != nil || history != 1 || audited != 1 || leaked != 0 {
		t.Errorf("%d in the history, %d in the audit, %d with what was typed (%v)", history, audited, leaked, err)
	}
	b.post(at+"/arrive").want(t, 409, "cannot become arrived")
}

// Two notes at once: none is lost.
func TestNotesOfCancellationsAddUp(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	b := f.as(f.Scope, identity.FrontDesk)
	notes := []string{"first", "second", "third", "fourth"}
	var wg sync.WaitGroup
	var last uuid.UUID
	for i, note := range notes {
		a := f.book(f.slots[2+3*i], "Grace Adeyemi")
		last = a.ID
		one := &browser{t: t, app: b.app, cookies: map[string]string{"anteroom": b.cookies["anteroom"]}, csrf: b.csrf}
		wg.Go(func() {
			one.post("/appointments/"+a.ID.String()+"/cancel", "reason", "other", "note", note).to(t, mondayPage)
		})
	}
	wg.Wait()
	written := strings.Join(f.notesOf(last), "\n")
	for _, note := range notes {
		if !strings.Contains(written, ": "+note) {
			t.Errorf("%q is not in %q", note, written)
		}
	}
}

// TestAppointmentsOfAnotherClinicAreNotThere: what belongs to somebody else does not exist.
func TestAppointmentsOfAnotherClinicAreNotThere(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	a, hold := f.book(f.slots[2], "Grace Adeyemi"), f.hold(f.slots[6])
	other := frontOn(t, f.db, f.db.DB, "America/New_York", func(*app) {})
	b := other.as(other.Scope, identity.Admin)
	b.get("/appointments/"+a.ID.String()).want(t, 404).lacks(t, "Grace")
	b.get("/appointments/new?slot="+f.slots[0].String()).want(t, 404)
	b.get("/appointments/new?hold="+hold.ID.String()).want(t, 404).lacks(t, "Quillfeather")
	b.post("/appointments/"+a.ID.String()+"/arrive").want(t, 404)
	b.post("/holds/"+hold.ID.String()+"/take-over").want(t, 404)
	b.post("/appointments", with(typed, "slot", f.slots[0].String())...).want(t, 404)
}
