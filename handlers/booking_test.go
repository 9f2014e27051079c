package handlers

import (
	"context"
	"net/url"
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

func (f *front) somebody(d patients.Details) (p patients.Patient) {
	f.t.Helper()
	f.in(func(ctx context.Context, tx *tenancy.Tx) (err error) {
		p, err = patients.New(f.vault).Create(ctx, tx, d)
		return err
	})
	return p
}

func TestFindATimeToBook(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	b := f.as(f.Scope, identity.FrontDesk)
	b.get("/appointments/new").want(t, 200, "What is it for?", "Consultation", "30 min", "/appointments/new?service=check")
	b.get("/appointments/new?service=consult&date=2025-03-10").want(t, 200, "Mon 10 March", "Dr Adaeze Okafor", "Dr Bo Chen", "/appointments/new?service=consult&amp;slot="+f.slots[0].String()).
		lacks(t, "slot="+f.slots[31].String(), "A time that is not in the list") // half an hour does not fit into the last quarter
	b.get("/appointments/new?service=consult&date=2025-03-10&practitioner="+f.chen.ID.String()).want(t, 200, "slot="+f.others[0].String()).lacks(t, "slot="+f.slots[0].String())
	b.get("/appointments/new?service=check&date=2025-03-05").want(t, 200, "Mon 10 March", "Earlier days").lacks(t, "Later days")
	b.get("/appointments/new?service=check&date=2025-02-01").want(t, 200, "Mon 3 to Sun 9 March", "The first free time after that is Mon 10 March, 09:00 with Dr Okafor.", "Show from Mon 10 March")
	b.get("/appointments/new?service=check&practitioner="+f.chen.ID.String()).want(t, 200, "has nothing free", "Show anyone’s times")
	b.get("/appointments/new?service=check&date=2025-03-11").want(t, 200, "Nothing is free for Mole check", "Open the schedule")
	b.get("/appointments/new?service=gone").want(t, 200, "There is no such service", "See the services")
	b.get("/appointments/new?practitioner=x").want(t, 422)
	b.get("/appointments/new?date=soon").want(t, 422)
	b.get("/appointments/new?service=check&patient="+uuid.NewString()).want(t, 404)
	f.as(f.Scope, identity.Compliance).get("/appointments/new?service=check").want(t, 403)
}

func TestBookSomebodyKnown(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	b := f.as(f.Scope, identity.FrontDesk)
	grace := f.somebody(patients.Details{Name: "Grace Adeyemi-Thornbury", Phone: "+447700900123"})
	id := grace.ID.String()
	slot := f.slots[6].String()
	b.get("/appointments/new?service=consult&patient="+id).want(t, 200, "For", "Grace Adeyemi-Thornbury", "patient="+id)
	b.get("/appointments/new?service=consult&slot="+slot+"&patient="+id).want(t, 200, `value="Grace Adeyemi-Thornbury"`, `value="`+id+`" checked`).lacks(t, "07700 900123")

	// Without script the button finds them, with everything typed.
	b.post("/appointments/new", "do", "find", "slot", slot, "near", slot, "service", "consult", "name", "thornb", "notes", "Kept.").want(t, 200, `value="`+id+`"`, "Kept.", `value="thornb"`, "Somebody new")
	b.post("/appointments", "slot", slot, "service", "consult", "patient", id, "name", "thornb", "phone", "", "notes", "Brings a friend.").to(t, mondayPage)
	if a := f.at(f.newest()); a.PatientID == nil || *a.PatientID != grace.ID || !a.StartsAt.Equal(frontDay.Add(90*time.Minute)) {
		t.Errorf("booked %+v", a)
	}
	b.get("/appointments/"+f.newest().String()).want(t, 200, "Brings a friend.", "Imogen Clarke")
	b.post("/appointments", "slot", f.slots[10].String(), "service", "consult", "patient", uuid.NewString(), "name", "x").want(t, 404)
	b.post("/appointments", "slot", f.slots[10].String(), "service", "consult", "name", "Wendell Cho", "phone", "").want(t, 422, "The phone is needed to book somebody new.", `value="Wendell Cho"`)
	if n := f.count(`select count(*) from patients`); n != 1 {
		t.Errorf("%d patients", n)
	}
}

// Somebody who is likely known already is added a second time only by who was told so.
func TestASecondRecordIsWarnedOf(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	b := f.as(f.Scope, identity.FrontDesk)
	born := time.Date(1988, 3, 14, 0, 0, 0, 0, time.UTC)
	known := f.somebody(patients.Details{Name: "Grace Adeyemi", Phone: "+447700900123", BirthDate: &born})
	fields := []string{"slot", f.slots[6].String(), "service", "consult", "name", "Gracie Adeyemi", "phone", "07700 900123", "birth_date", "1988-03-14", "notes", "Kept."}
	warned := b.post("/appointments", fields...).want(t, 409, "This may be somebody you know already.", `value="`+known.ID.String()+`"`, `value="Gracie Adeyemi"`, "Kept.", `name="warned" value="yes"`)
	warned.lacks(t, "was taken")
	if n := f.count(`select count(*) from appointments`); n != 0 {
		t.Fatalf("%d booked", n)
	}
	if n := f.recorded("patient.searched", known.ID); n < 1 {
		t.Error("who was shown is not recorded")
	}
	b.post("/appointments", with(fields, "warned", "yes")...).to(t, mondayPage)
	fields[1] = f.slots[10].String()
	b.post("/appointments", with(fields, "patient", known.ID.String())...).to(t, mondayPage)
	if a := f.at(f.newest()); *a.PatientID != known.ID {
		t.Error("the one who was chosen is not booked")
	}
	if n := f.count(`select count(*) from patients`); n != 2 {
		t.Errorf("%d patients", n)
	}
}

// The same form sent twice, also at once, books once, and both are told so.
func TestAFormSentTwiceBooksOnce(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	b := f.as(f.Scope, identity.FrontDesk)
	b.get(mondayPage)
	fields := with(typed, "slot", f.slots[6].String(), "key", "ABCDEF")
	answers := make([]answer, 3)
	var wg sync.WaitGroup
	for i := range answers {
		one := &browser{t: t, app: b.app, cookies: map[string]string{"anteroom": b.cookies["anteroom"]}, csrf: b.csrf}
		wg.Go(func() { answers[i] = one.post("/appointments", fields...) })
	}
	wg.Wait()
	for _, a := range answers {
		a.to(t, mondayPage)
	}
	if n := f.count(`select count(*) from appointments where status = 'booked'`); n != 1 {
		t.Errorf("%d booked", n)
	}
	b.post(undoOn(t, b.get(mondayPage).want(t, 200, "Booked Mon 10:30 with Dr Okafor."))).want(t, 303)
	if n := f.count(`select count(*) from appointments where status = 'booked'`); n != 0 {
		t.Errorf("%d booked after the undo", n)
	}
}

func TestTheFormKeepsWhatIsTypedWhileTimesAreTried(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	b := f.as(f.Scope, identity.FrontDesk)
	b.get(mondayPage)
	slot := f.slots[6].String()
	b.post("/appointments/new", with(typed, "slot", slot, "near", slot, "do", "times")...).want(t, 200, append([]string{"Other times", `name="pick" value="` + f.slots[8].String()}, keptAll...)...)
	b.post("/appointments/new", with(typed, "slot", slot, "near", slot, "do", "times", "with", f.chen.ID.String(), "from", "2025-03-10")...).want(t, 200, `name="pick" value="`+f.others[8].String())
	b.post("/appointments/new", with(typed, "slot", slot, "near", slot, "pick", f.others[8].String())...).want(t, 200, append([]string{"Mon 10 March, 11:00", "Dr Bo Chen"}, keptAll...)...)
	// A start that was not chosen is asked for, and the form still knows where it was opened.
	b.post("/appointments", with(typed, "slot", "", "near", slot)...).want(t, 422, append([]string{"Choose a start."}, keptAll...)...)
	// What is free from there is too short: how long it is, is said.
	f.book(f.slots[8], "Marcus Bell")
	b.get("/appointments/new?service=consult&slot="+f.slots[7].String()).want(t, 200, "Consultation takes 30 min, and from 10:45 only 15 min are free. Choose another start.")
	// htmx gets the form alone.
	part := b.do("POST", "/appointments/new", url.Values{"_csrf": {b.csrf}, "slot": {slot}, "service": {"consult"}, "name": {"Gra"}}.Encode(), "Content-Type", "application/x-www-form-urlencoded", "HX-Request", "true", "HX-Request-Type", "partial")
	part.want(t, 200, `id="booking"`).lacks(t, "<html", "<title")
	// The field has the focus when the form is opened. A form that comes in again late must not take the focus from who types on.
	b.get("/appointments/new?slot="+slot).want(t, 200, ` autofocus`)
	part = b.do("POST", "/appointments/new", url.Values{"_csrf": {b.csrf}, "slot": {slot}, "service": {"consult"}}.Encode(), "Content-Type", "application/x-www-form-urlencoded", "HX-Request", "true", "HX-Request-Type", "partial")
	part.want(t, 200, `id="f-name"`).lacks(t, ` autofocus`)
	b.post("/appointments/new", with(typed, "slot", "x")...).want(t, 422, "Choose a time first.")
}

func TestOverbookAtTheDesk(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	b, over := f.as(f.Scope, identity.FrontDesk), f.overbooker()
	f.book(f.slots[6], "Marcus Bell")
	place := "/appointments/new?service=consult&practitioner=" + f.okafor.ID.String() + "&day=2025-03-10&time=10:45"
	b.get(place).want(t, 200, "10:45 is not free.", `name="instead"`).lacks(t, "Or overbook")
	over.get("/appointments/new?service=consult").want(t, 200, "A time that is not in the list", "You may overbook.")
	over.get(place).want(t, 200, "Or overbook", "10:30 to 11:00 (booked)", "Overbook Mon 10:45").lacks(t, "Marcus")
	over.get("/appointments/new?service=consult&practitioner="+f.okafor.ID.String()+"&day=2025-03-10&time=20:00").want(t, 200, "Nobody else is there, but it is outside the hours.")
	over.get("/appointments/new?service=consult&practitioner="+f.okafor.ID.String()+"&day=2025-03-10&time=09:00").want(t, 200, `name="slot"`, "Book Mon 09:00").lacks(t, "Or overbook")
	over.get("/appointments/new?service=consult&practitioner="+f.okafor.ID.String()+"&day=2025-03-10&time=nine").want(t, 422)
	fields := with(typed, "practitioner", f.okafor.ID.String(), "day", "2025-03-10", "time", "10:45", "overbook", "yes")
	b.post("/appointments", fields...).want(t, 403)
	over.post("/appointments", fields...).to(t, mondayPage)
	over.get(mondayPage).want(t, 200, "Booked Mon 10:45 with Dr Okafor.", "It is overbooked.")
	if a := f.at(f.newest()); !a.Overbooked {
		t.Errorf("booked %+v", a)
	}
	// A lost race may be overbooked as well, and then nothing typed is lost either.
	over.post("/appointments", with(typed, "slot", f.slots[6].String())...).want(t, 409, append([]string{"Overbook Mon 10:30"}, keptAll...)...)
}

func TestADateThatIsTakenIsBookedLaterThatDay(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	b := f.as(f.Scope, identity.FrontDesk)
	f.in(func(ctx context.Context, tx *tenancy.Tx) error {
		for q := 2; q < 4; q++ { // on the 17th from half past nine
			f.addSlot(tx, f.okafor.ID, frontDay.AddDate(0, 0, 7).Add(time.Duration(q)*15*time.Minute))
		}
		return nil
	})
	slot := f.slots[0].String()
	fields := with(typed, "slot", slot, "near", slot, "repeat", "yes", "every", "1", "unit", "week", "count", "2")
	const other = `name="at" value="2025-03-17T09:30:00Z"`
	b.post("/appointments", fields...).want(t, 200, "Mon 17 Mar 2025, 09:00", other, "Book 09:30 that day", "Book 1 of 2 dates").lacks(t, other+" checked")
	chosen := with(fields, "at", "2025-03-17T09:30:00Z")
	b.post("/appointments/new", chosen...).want(t, 200, "Mon 17 Mar 2025, 09:30", other+" checked", "Instead of 09:00", "Book all 2 dates")
	for _, bad := range []string{"soon", "2025-03-18T09:30:00Z"} {
		b.post("/appointments", with(fields, "dates", "seen", "at", bad)...).want(t, 422, append([]string{"Look at the dates again"}, keptAll...)...)
	}
	b.post("/appointments", with(chosen, "dates", "seen")...).to(t, mondayPage)
	b.get(mondayPage).want(t, 200, "Booked all 2 from Mon 10 Mar.")
}

func TestSeriesAtTheDesk(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	b := f.as(f.Scope, identity.FrontDesk)
	f.in(func(ctx context.Context, tx *tenancy.Tx) error {
		for _, week := range []int{7, 21} { // the 17th and the 31st; the 24th has no hours
			for q := range 4 {
				f.addSlot(tx, f.okafor.ID, frontDay.AddDate(0, 0, week).Add(time.Duration(q)*15*time.Minute-time.Duration(week/21)*time.Hour)) // summer time on the 31st
			}
		}
		return nil
	})
	slot := f.slots[0].String()
	fields := with(typed, "slot", slot, "near", slot, "repeat", "yes", "every", "1", "unit", "week", "count", "4")
	preview := b.post("/appointments", fields...).want(t, 200, append([]string{"Mon 10 Mar 2025, 09:00", "Mon 17 Mar 2025, 09:00", "Mon 24 Mar 2025, 09:00", "Mon 31 Mar 2025, 09:00", "Book 3 of 4 dates", `name="dates" value="seen"`}, keptAll...)...)
	if n := strings.Count(preview.Body, `<li class="is-out">`); n != 1 {
		t.Errorf("%d dates are struck out", n)
	}
	b.post("/appointments", with(fields[:len(fields)-2], "count", "1", "dates", "seen")...).want(t, 422, "The number of times must be from 2 to 52.")
	b.post("/appointments", with(fields, "dates", "seen")...).to(t, mondayPage)
	said := b.get(mondayPage).want(t, 200, "Booked 3 of 4 from Mon 10 Mar.", "Not 24 Mar:")
	last := f.newest()
	page := b.get("/appointments/"+last.String()).want(t, 200, "Part of a series", "Every week, 3 in all, 10 Mar 2025 to 31 Mar 2025", "All that are still to come, 3 in all")
	if n := strings.Count(page.Body, `class="sibling"`); n != 3 {
		t.Errorf("%d of the series are listed", n)
	}
	b.post(undoOn(t, said)).want(t, 303)
	if n := f.count(`select count(*) from appointments where status = 'booked'`); n != 0 {
		t.Fatalf("%d booked after the undo", n)
	}
	b.get("/appointments/"+last.String()).want(t, 200, "Entered in error").lacks(t, "Part of a series") // none of it stands

	b.post("/appointments", with(fields, "dates", "seen")...).to(t, mondayPage)
	var second uuid.UUID
	f.in(func(ctx context.Context, tx *tenancy.Tx) error {
		return tx.QueryRow(ctx, `select id from appointments where status = 'booked' order by starts_at offset 1 limit 1`).Scan(&second)
	})
	b.get("/appointments/"+second.String()).want(t, 200, "This and those after it, 2 in all")
	b.post("/appointments/"+second.String()+"/cancel", "reason", "patient-request", "scope", "following", "note", "moving house").to(t, "/schedule?date=2025-03-17")
	gone := b.get("/schedule?date=2025-03-17").want(t, 200, "Cancelled 2 of the series.")
	if n := f.count(`select count(*) from appointments where status = 'booked'`); n != 1 {
		t.Errorf("%d booked", n)
	}
	b.post(undoOn(t, gone)).want(t, 303)
	b.get("/schedule?date=2025-03-17").want(t, 200, "2 appointments stand again.")
	b.post("/appointments/"+second.String()+"/cancel", "reason", "patient-request", "scope", "all").to(t, "/schedule?date=2025-03-10")
	b.post("/appointments/"+second.String()+"/cancel", "reason", "patient-request", "scope", "all").want(t, 409, "None of these appointments is booked and still to come.")
	if a := f.at(second); a.Status != scheduling.Cancelled {
		t.Errorf("it is %s", a.Status)
	}
}

// A tab that was open when a patient was erased books nothing for them, and keeps the rest.
func TestNobodyErasedIsBooked(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	b := f.as(f.Scope, identity.FrontDesk)
	id := f.somebody(patients.Details{Name: "Grace Adeyemi", Phone: "+447700900123"}).ID.String()
	_, err := f.db.Owner(t).Exec(context.Background(), `update patients set wrapped_key = null where id = $1`, id)
	must(t, err)
	before := f.count(`select count(*) from appointments`)
	b.post("/appointments", "slot", f.slots[6].String(), "service", "consult", "patient", id, "name", "grace", "notes", "Brings a friend.").
		want(t, 422, "was erased, so nothing can be booked for them", `href="#f-name"`, "Brings a friend.").lacks(t, `value="`+id+`" checked`)
	if n := f.count(`select count(*) from appointments`); n != before {
		t.Errorf("%d appointments were made", n-before)
	}
}
