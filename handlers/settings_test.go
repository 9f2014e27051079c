package handlers

import (
	"context"
	"net/url"
	"testing"
	"time"

	"github.com/google/uuid"

	"anteroom/domain/identity"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
	"anteroom/views/ui"
)

// submit sends a form whose fields may come more than once: name, value, name, value.
func (b *browser) submit(target string, fields ...string) answer {
	b.t.Helper()
	form := url.Values{ui.CSRFField: {b.csrf}}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	return b.do("POST", target, form.Encode(), "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin")
}

func hoursRow(day, start, end string) []string {
	return []string{"weekday", day, "start", start, "end", end}
}

func rowsOf(rows ...[]string) (all []string) {
	for _, r := range rows {
		all = append(all, r...)
	}
	return all
}

func (f *front) page(practitioner uuid.UUID) string {
	return "/settings/practitioners/" + practitioner.String()
}

// working gives Dr Okafor the hours that the fixture's slots have, on Mondays.
func (f *front) working(b *browser) {
	f.t.Helper()
	b.submit(f.page(f.okafor.ID)+"/hours", hoursRow("1", "09:00", "17:00")...).to(f.t, f.page(f.okafor.ID))
	b.get(f.page(f.okafor.ID)).want(f.t, 200, "Hours saved.")
}

func TestSettingsAreReadByTheDeskAndChangedByAdmins(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	var service scheduling.Service
	f.in(func(ctx context.Context, tx *tenancy.Tx) (err error) {
		service, err = scheduling.GetService(ctx, tx, "check")
		return err
	})
	pages := []string{"/settings/practitioners", f.page(f.okafor.ID), "/settings/services", "/settings/services/" + service.ID.String(), "/settings/closures"}
	changes := []string{"/settings/practitioners", f.page(f.okafor.ID), f.page(f.okafor.ID) + "/hours", f.page(f.okafor.ID) + "/services", f.page(f.okafor.ID) + "/time-off",
		f.page(f.okafor.ID) + "/other-hours", "/settings/services", "/settings/services/" + service.ID.String(), "/settings/closures"}
	office, boss := f.as(f.Scope, identity.FrontDesk), f.as(f.Scope, identity.Admin)
	office.get("/settings").to(t, "/settings/practitioners")
	for _, p := range pages {
		office.get(p).want(t, 200, "You can look; a practice admin can change this.").lacks(t, "Save hours", "Add practitioner", "Close the clinic", "Add time off", "Set other hours", "Save service")
		boss.get(p).want(t, 200, `aria-current="page"`).lacks(t, "You can look")
		for _, role := range []string{identity.Clinician, identity.Compliance} {
			f.as(f.Scope, role).get(p).want(t, 403)
		}
	}
	office.get("/settings/services/new").want(t, 403)
	before := f.count(`select count(*) from audit_events where action not like 'identity.%'`)
	for _, p := range changes {
		office.post(p, "name", "X", "active", "1").want(t, 403, "Your role does not open this page")
		boss.do("POST", p, "name=X", "Content-Type", "application/x-www-form-urlencoded").want(t, 403, "This form is out of date")
	}
	if n := f.count(`select count(*) from audit_events where action not like 'identity.%'`); n != before {
		t.Errorf("%d changes were made", n-before)
	}
}

func TestAnotherClinicsSettingsDoNotExist(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	f.working(f.as(f.Scope, identity.Admin))
	var service scheduling.Service
	var closure, off scheduling.ClosureChange
	f.in(func(ctx context.Context, tx *tenancy.Tx) (err error) {
		service, err = scheduling.GetService(ctx, tx, "check")
		must(t, err)
		closure, err = scheduling.AddClosure(ctx, tx, scheduling.ClosureInput{StartsAt: frontDay, EndsAt: frontDay.Add(time.Hour), Reason: "Fire drill"})
		must(t, err)
		off, err = scheduling.AddClosure(ctx, tx, scheduling.ClosureInput{Practitioner: f.okafor.ID, StartsAt: frontDay, EndsAt: frontDay.Add(time.Hour), Reason: "Dentist"})
		return err
	})
	elsewhere := frontOn(t, f.db, f.db.DB, "Europe/London", func(*app) {})
	b := elsewhere.as(elsewhere.Scope, identity.Admin)
	theirs, mine := f.page(f.okafor.ID), f.page(elsewhere.okafor.ID)
	b.get(theirs).want(t, 404).lacks(t, "Okafor")
	b.get("/settings/services/"+service.ID.String()).want(t, 404)
	b.get("/settings/closures").want(t, 200).lacks(t, "Fire drill")
	for target, fields := range map[string][]string{
		theirs:                  {"name", "Mallory", "position", "1"},
		theirs + "/hours":       hoursRow("1", "10:00", "11:00"),
		theirs + "/services":    {"service", service.ID.String()},
		theirs + "/time-off":    {"from_date", "2025-03-10", "to_date", "2025-03-10", "reason", "Leave"},
		theirs + "/other-hours": {"on", "2025-03-10", "start", "10:00", "end", "11:00"},
		theirs + "/time-off/" + off.Closure.ID.String() + "/remove":     nil,
		mine + "/time-off/" + off.Closure.ID.String() + "/remove":       nil,
		mine + "/other-hours/2025-03-10/remove":                         nil,
		mine + "/other-hours/soon/remove":                               nil,
		"/settings/services/" + service.ID.String():                     {"name", "Mallory", "slug", "m", "minutes", "15"},
		"/settings/closures/" + closure.Closure.ID.String() + "/remove": nil,
	} {
		b.submit(target, fields...).want(t, 404)
	}
	b.submit(mine+"/services", "service", service.ID.String()).want(t, 422, "One of these services does not exist")
	if n := f.count(`select count(*) from closures`); n != 2 {
		t.Errorf("%d closures are left", n)
	}
	f.as(f.Scope, identity.Admin).submit("/settings/closures/"+off.Closure.ID.String()+"/remove").want(t, 404) // it is time off, not a closure
}

// A change of hours around a booked appointment keeps it, and says so on the next page, without the patient's name.
func TestHoursChangeAroundAnAppointment(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	b := f.as(f.Scope, identity.Admin)
	f.working(b)
	booked := f.book(f.slots[2], "Grace Adeyemi")
	b.submit(f.page(f.okafor.ID)+"/hours", rowsOf(hoursRow("1", "13:00", "17:00"), hoursRow("7", "", ""), hoursRow("3", "9:00", "9:30"))...).to(t, f.page(f.okafor.ID))
	kept := f.count(`select count(*) from sessions where encode(data, 'escape') like '%Consultation%' or encode(data, 'escape') like '%Adeyemi%'`)
	if kept != 0 {
		t.Error("the session holds more than ids")
	}
	said := b.get(f.page(f.okafor.ID)).want(t, 200, "Hours saved.", "1 booked appointment now lies outside the hours", "/appointments/"+booked.ID.String(), "Mon 10 Mar 2025, 09:30, Consultation",
		`value="13:00"`, `value="09:30"`, "free slots added", "removed")
	said.lacks(t, "Grace", "Adeyemi")
	b.get(f.page(f.okafor.ID)).want(t, 200).lacks(t, "Hours saved.") // said once
	if _, a := f.patientOf(booked.ID); a.Status != scheduling.Booked || !a.StartsAt.Equal(booked.StartsAt) {
		t.Errorf("the appointment is %s at %s", a.Status, a.StartsAt)
	}
	free := f.count(`select count(*) from slots where practitioner_id = $1 and status = 'free' and starts_at < '2025-03-11' and (starts_at at time zone 'UTC')::time < '13:00'`, f.okafor.ID)
	if free != 2 { // those of Wednesday the 5th
		t.Errorf("%d free slots before the new hours", free)
	}
	if n := f.recorded("appointments.viewed", *booked.PatientID); n != 1 {
		t.Errorf("%d views recorded", n)
	}
	b.get("/settings/practitioners").want(t, 200, "Mon, Wed, 4 h 30 min a week")
}

// What is said counts free slots, and nothing that somebody has.
func TestChangeCountsFreeSlots(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	b := f.as(f.Scope, identity.Admin)
	f.working(b)
	f.book(f.slots[0], "Grace Adeyemi") // two of 32
	b.submit("/settings/closures", "date", "2025-03-10", "reason", "Boiler repair").to(t, "/settings/closures")
	// Dr Chen has slots without hours; they go with the rebuild.
	b.get("/settings/closures").want(t, 200, "Closed on Mon 10 Mar 2025.", "62 free slots removed.", "1 booked appointment now lies outside", "Boiler repair")
	var id uuid.UUID
	must(t, f.db.Owner(t).QueryRow(context.Background(), `select id from closures`).Scan(&id))
	b.submit("/settings/closures/"+id.String()+"/remove").to(t, "/settings/closures")
	b.get("/settings/closures").want(t, 200, "The clinic is open again.", "30 free slots added.", "No closed days")
}

func TestHoursAreRefusedWithEverythingTyped(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	b := f.as(f.Scope, identity.Admin)
	f.working(b)
	target := f.page(f.okafor.ID) + "/hours"
	b.submit(target, rowsOf(hoursRow("2", "", ""), hoursRow("2", "08:00", "12:00"), hoursRow("2", "11:45", "13:07"))...).
		want(t, 422, "This was not saved", "overlaps row 1", `href="#h1-start"`, `id="h1-start" name="start" value="11:45"`, `value="13:07"`, `value="08:00"`)
	b.submit(target, hoursRow("2", "12:00", "08:00")...).want(t, 422, "ends before it has started", `value="12:00"`)
	b.submit(target, hoursRow("2", "noon", "13:00")...).want(t, 422, "Write the time as 09:30.", `value="noon"`, `href="#h0-start"`)
	b.submit(target, hoursRow("2", "09:00", "")...).want(t, 422, "Write the time as 09:30.", `href="#h0-end"`)
	b.submit(target, hoursRow("2", "09:00", "24:30")...).want(t, 422, "not between 00:00 and 24:00")
	b.submit(target, hoursRow("9", "09:00", "10:00")...).want(t, 422, "Choose a day of the week.")
	b.submit(target, "weekday", "1", "start", "09:00").want(t, 422, "could not be read")
	b.get(f.page(f.okafor.ID)).want(t, 200, `value="17:00"`).lacks(t, "11:45\" ", "noon")
	b.submit(target).to(t, f.page(f.okafor.ID)) // no hours at all
	b.get("/settings/practitioners").want(t, 200, "No hours yet")
}

func TestPractitioners(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	b := f.as(f.Scope, identity.Admin)
	b.submit("/settings/practitioners", "name", " ", "room", "Room 9").want(t, 422, "The name is missing.", `value="Room 9"`)
	added := b.submit("/settings/practitioners", "name", "Sanne de Vries", "room", "Room 9")
	page := added.Header.Get("Location")
	added.to(t, page)
	b.get(page).want(t, 200, "Sanne de Vries", "Practitioner added", `name="position" type="number" value="3"`, "London time")
	b.submit(page, "name", "", "room", "Room 10", "position", "first", "active", "1").want(t, 422, "The name is missing.", "between 0 and 9999", `value="Room 10"`, `value="first"`, "Sanne de Vries")
	b.submit(page, "name", "Sanne Vries", "room", "Room 10", "position", "0", "active", "1").to(t, page)
	b.get(page).want(t, 200, "Details saved", "Sanne Vries", `value="Room 10"`)

	f.working(b)
	booked := f.book(f.slots[2], "Grace Adeyemi")
	b.submit(f.page(f.okafor.ID), "name", "Dr Adaeze Okafor", "room", "Room 1", "position", "1").to(t, f.page(f.okafor.ID)) // no longer active
	b.get(f.page(f.okafor.ID)).want(t, 200, "Details saved.", "free slots removed", "1 booked appointment", "/appointments/"+booked.ID.String())
	b.get("/settings/practitioners").want(t, 200, "Not bookable")
}

func TestPractitionerServices(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	b := f.as(f.Scope, identity.Admin)
	ids := f.okafor.Services
	f.in(func(ctx context.Context, tx *tenancy.Tx) error {
		p, err := scheduling.GetPractitioner(ctx, tx, f.okafor.ID)
		ids = p.Services
		return err
	})
	page := f.page(f.chen.ID)
	b.submit(page+"/services", "service", ids[0].String(), "service", ids[1].String()).to(t, page)
	b.get(page).want(t, 200, "Services saved", `value="`+ids[0].String()+`" checked`, `value="`+ids[1].String()+`" checked`)
	b.submit(page+"/services", "service", ids[0].String(), "service", "x").want(t, 422, "One of these services does not exist", `value="`+ids[0].String()+`" checked`).
		lacks(t, `value="`+ids[1].String()+`" checked`)
	b.submit(page+"/services").to(t, page)
	b.get(page).want(t, 200).lacks(t, `checked id="s-`, `value="`+ids[0].String()+`" checked`)
}

func TestTimeOff(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	b := f.as(f.Scope, identity.Admin)
	f.working(b)
	booked := f.book(f.slots[2], "Grace Adeyemi")
	page := f.page(f.okafor.ID)
	b.submit(page+"/time-off", "from_date", "2025-03-10", "from_time", "9am", "to_date", "", "to_time", "12:00", "reason", "Dentist").
		want(t, 422, "Write the time as 09:30.", "Give a date.", `href="#f-from_time"`, `href="#f-to_date"`, `value="9am"`, `value="Dentist"`)
	b.submit(page+"/time-off", "from_date", "2025-03-10", "from_time", "12:00", "to_date", "2025-03-10", "to_time", "09:00", "reason", "").
		want(t, 422, "The end is not after the start.", "The reason is missing.", `href="#f-to_date"`, `href="#f-reason"`)
	b.submit(page+"/time-off", "from_date", "2025-03-01", "to_date", "2025-03-02", "reason", "Leave").want(t, 422, "That time has passed.")
	b.submit(page+"/time-off", "from_date", "2025-03-10", "from_time", "9:00", "to_date", "2025-03-10", "to_time", "12:00", "reason", "Dentist").to(t, page)
	b.get(page).want(t, 200, "Time off added.", "10 free slots removed.", "/appointments/"+booked.ID.String(), "Mon 10 Mar 2025, 09:00 to 12:00", "Dentist")
	b.submit(page+"/time-off", "from_date", "2025-03-31", "to_date", "2025-04-02", "reason", "Leave").to(t, page)
	b.get(page).want(t, 200, "Mon 31 Mar 2025 to Wed 2 Apr 2025")
	var id uuid.UUID
	must(t, f.db.Owner(t).QueryRow(context.Background(), `select id from closures where reason = 'Dentist'`).Scan(&id))
	b.submit(page+"/time-off/"+id.String()+"/remove").to(t, page)
	b.get(page).want(t, 200, "Time off removed.", "10 free slots added.").lacks(t, "Dentist")
	b.submit(page+"/time-off/"+id.String()+"/remove").want(t, 404)
}

func TestOtherHours(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	b := f.as(f.Scope, identity.Admin)
	f.working(b)
	page := f.page(f.okafor.ID)
	b.submit(page+"/other-hours", "on", "", "start", "10:00", "end", "ten", "start", "", "end", "", "reason", "Saturday clinic").
		want(t, 422, "Give a date.", "Write the time as 09:30.", `href="#x-on"`, `href="#x-end-0"`, `value="ten"`, `value="Saturday clinic"`)
	b.submit(page+"/other-hours", "on", "2025-03-01", "start", "10:00", "end", "11:00").want(t, 422, "That day has passed.")
	b.submit(page+"/other-hours", "on", "2025-03-15", "start", "10:00", "end", "11:00", "start", "10:30", "end", "12:00").want(t, 422, "overlaps row 1", `href="#x-start-1"`)
	b.submit(page+"/other-hours", "on", "2025-03-15", "start", "10:00", "end", "11:00", "start", "12:00", "end", "12:30", "reason", "Saturday clinic").to(t, page)
	b.get(page).want(t, 200, "Other hours set for Sat 15 Mar 2025.", "6 free slots added.", "10:00 to 11:00, 12:00 to 12:30", "Saturday clinic")
	b.submit(page+"/other-hours/2025-03-15/remove").to(t, page)
	b.get(page).want(t, 200, "Sat 15 Mar 2025 has the week’s hours again.", "6 free slots removed.")
	b.submit(page+"/other-hours/2025-03-15/remove").want(t, 404)
}

func TestServices(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	b := f.as(f.Scope, identity.Admin)
	b.get("/settings/services/new").want(t, 200, "New service")
	b.submit("/settings/services", "name", "Skin review", "slug", "Skin Review", "minutes", "soon", "active", "1").
		want(t, 422, "small letters, digits and single hyphens", "between 5 and 720", `value="Skin Review"`, `value="soon"`, `href="#f-slug"`, `href="#f-minutes"`)
	b.submit("/settings/services", "name", "Skin review", "slug", "check", "minutes", "20", "active", "1").want(t, 422, "Another service has this short name.")
	b.submit("/settings/services", "name", "Skin review", "slug", "skin-review", "minutes", "20").to(t, "/settings/services")
	b.get("/settings/services").want(t, 200, "Service added", "Skin review", "Not bookable", "20 min")
	var id uuid.UUID
	must(t, f.db.Owner(t).QueryRow(context.Background(), `select id from services where slug = 'check'`).Scan(&id))
	page := "/settings/services/" + id.String()
	b.get(page).want(t, 200, "Mole check", `value="15"`)
	b.submit(page, "name", "", "slug", "check", "minutes", "15", "active", "1").want(t, 422, "The name is missing.", "Mole check")
	b.submit(page, "name", "Mole check-up", "slug", "check", "minutes", "15").to(t, "/settings/services")
	b.get("/settings/services").want(t, 200, "Service saved", "It can no longer be booked. What is booked stays.", "Mole check-up")
	b.get("/settings/services/"+uuid.NewString()).want(t, 404)
}

func TestClosures(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	b := f.as(f.Scope, identity.Admin)
	b.submit("/settings/closures", "date", "", "until", "tomorrow", "reason", "").want(t, 422, "Give a date.", "The reason is missing.", `href="#f-date"`, `href="#f-until"`, `href="#f-reason"`)
	b.submit("/settings/closures", "date", "2025-03-20", "until", "2025-03-18", "reason", "Training").want(t, 422, "The end is not after the start.", `href="#f-until"`, `value="Training"`, `value="2025-03-20"`)
	b.submit("/settings/closures", "date", "2025-03-02", "reason", "Training").want(t, 422, "That time has passed.", `href="#f-date"`)
	b.submit("/settings/closures", "date", "2025-03-30", "until", "2025-03-31", "reason", "Training").to(t, "/settings/closures") // clocks go forward on the 30th
	b.get("/settings/closures").want(t, 200, "Closed from Sun 30 Mar 2025 to Mon 31 Mar 2025.", "Sun 30 Mar 2025 to Mon 31 Mar 2025", "Training")
	hours := f.count(`select extract(epoch from ends_at - starts_at)::integer / 3600 from closures`)
	if hours != 47 {
		t.Errorf("two days of which one has 23 hours are closed for %d hours", hours)
	}
}

func TestWeekWords(t *testing.T) {
	t.Parallel()
	h := func(days ...time.Weekday) (week []scheduling.WeeklyHours) {
		for _, d := range days {
			week = append(week, scheduling.WeeklyHours{Weekday: d, Starts: 540, Ends: 720}, scheduling.WeeklyHours{Weekday: d, Starts: 780, Ends: 795})
		}
		return week
	}
	for want, week := range map[string][]scheduling.WeeklyHours{
		"No hours yet":                             nil,
		"Mon to Wed, 9 h 45 min a week":            h(time.Monday, time.Tuesday, time.Wednesday),
		"Mon, Tue, Fri to Sun, 16 h 15 min a week": h(time.Sunday, time.Monday, time.Tuesday, time.Friday, time.Saturday),
		"Sun, 3 h 15 min a week":                   h(time.Sunday),
	} {
		if got := weekWords(week); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
