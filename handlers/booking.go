package handlers

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"anteroom/domain/fault"
	"anteroom/domain/patients"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
	"anteroom/views"
	"anteroom/views/ui"
)

func parseDay(text string) (time.Time, error) { return time.Parse(time.DateOnly, text) }

// newAppointment is the form that books a slot, a hold that was taken over, or a practitioner's time; without any of them, the free times.
func (a *app) newAppointment(c *fiber.Ctx) error {
	if text := c.Query("hold"); text != "" {
		id, err := uuid.Parse(text)
		if err != nil {
			return fault.New(fault.NotFound, "no-hold", "There is no such hold.")
		}
		return a.bookHeld(c, id)
	}
	f := bookingForm{Slot: c.Query("slot"), Near: c.Query("slot"), Service: c.Query("service"), Patient: c.Query("patient")}
	if f.Slot == "" && c.Query("time") != "" {
		f.Practitioner, f.Day, f.Time = c.Query("practitioner"), c.Query("day"), c.Query("time")
	}
	if !f.hasTime() {
		return a.findTime(c, http.StatusOK, "")
	}
	for _, id := range []string{f.Slot, f.Patient, f.Practitioner} {
		if id != "" && uuid.Validate(id) != nil {
			return fault.New(fault.NotFound, "no-slot", "There is no such time on the schedule.")
		}
	}
	return a.bookingPage(c, http.StatusOK, f, booking{})
}

// bookHeld prefills the form with what the caller said. The view is recorded: it is the caller's data.
func (a *app) bookHeld(c *fiber.Ctx, id uuid.UUID) error {
	var found scheduling.Appointment
	var caller scheduling.Caller
	var now time.Time
	err := a.inClinic(c, func(tx *tenancy.Tx) (err error) {
		if found, err = scheduling.Get(c.UserContext(), tx, id); err != nil {
			return err
		}
		if now, err = tx.Now(c.UserContext()); err != nil {
			return err
		}
		caller, err = a.desk.CallerOf(c.UserContext(), tx, id)
		return err
	})
	if err != nil {
		return err
	}
	f := bookingForm{Hold: id.String(), Service: found.Service, Name: caller.Name, Phone: patients.FormatPhone(caller.Phone, of(c).member.Country)}
	switch {
	case found.Status != scheduling.Pending && found.Status != scheduling.Cancelled:
		return seeOther(c, "/appointments/"+id.String()) // it was booked meanwhile
	case found.Status == scheduling.Cancelled || !found.HoldExpiresAt.After(now):
		return a.bookingPage(c, http.StatusGone, f, booking{lost: "is no longer held"})
	case found.Source != scheduling.ByStaff:
		return fault.New(fault.Conflict, "not-taken-over", "The agent still holds this time. Take the hold over on the schedule first.")
	}
	return a.bookingPage(c, http.StatusOK, f, booking{hold: heldByYou(found, now), find: caller.Phone, orFind: caller.Name})
}

// booking is what the form shows besides what was typed.
type booking struct {
	hold     *views.Hold
	problems []ui.Problem
	lost     string // why the time cannot be had: "was taken"
	next     []scheduling.FreeSlot
	find     string // whom to look for
	orFind   string // whom to look for when nobody is found by that: callers ring from other phones than their own
	warn     bool   // the new patient may be known already
	times    bool   // other times are asked for
}

// bookingPage shows the form for what was typed, with the times that are free now. htmx gets the form alone.
func (a *app) bookingPage(c *fiber.Ctx, status int, f bookingForm, b booking) error {
	var m views.NewAppointment
	err := a.inClinic(c, func(tx *tenancy.Tx) (err error) {
		m, err = a.bookingView(c, tx, f, b)
		return err
	})
	if err != nil {
		return err
	}
	if wantsPart(c) {
		m.Shell.CSRF = a.csrf(c)
		return page(c, status, views.BookingFormView(m))
	}
	m.Shell, m.Opened = a.shell(c, "Book"), true
	return page(c, status, views.NewAppointmentPage(m))
}

func (a *app) bookingView(c *fiber.Ctx, tx *tenancy.Tx, f bookingForm, b booking) (m views.NewAppointment, err error) {
	at, ctx := zone(c), c.UserContext()
	now, err := tx.Now(ctx)
	if err != nil {
		return m, err
	}
	o, err := loadOffer(c, tx, &f)
	if err != nil {
		return m, err
	}
	starts := o.Slot.StartsAt.In(at)
	m = views.NewAppointment{SlotID: idOrEmpty(o.Slot.ID), Near: f.Near, From: starts, To: o.Slot.EndsAt.In(at), Practitioner: o.Slot.Practitioner, Zone: place(of(c).member.Zone) + " time",
		BackURL: dayAddress(starts), Now: now.In(at), Key: newKey(), Form: f.view(), Problems: b.problems, Hold: b.hold}
	if f.Practitioner != "" {
		m.Place = views.Place{Practitioner: f.Practitioner, Day: f.Day, Time: f.Time}
	}
	if f.Hold != "" && b.lost == "" && b.hold == nil {
		held, err := scheduling.Get(ctx, tx, uuid.MustParse(f.Hold))
		if err != nil {
			return m, err
		}
		m.Hold = heldByYou(held, now)
	}
	if err := a.offer(c, tx, &m, o, f, b); err != nil {
		return m, err
	}
	if err := a.whoComes(c, tx, &m, f, b); err != nil {
		return m, err
	}
	if b.times && m.Hold == nil {
		m.Others, err = a.otherTimes(c, tx, o, f)
	}
	return m, err
}

func heldByYou(a scheduling.Appointment, now time.Time) *views.Hold {
	if a.HoldExpiresAt == nil {
		return nil
	}
	return &views.Hold{ID: a.ID.String(), By: "You", Kind: ui.Person, ExpiresAt: *a.HoldExpiresAt, Total: max(a.HoldExpiresAt.Sub(a.UpdatedAt), a.HoldExpiresAt.Sub(now))}
}

// soonest are the next free times of a service, with anybody.
func soonest(c *fiber.Ctx, tx *tenancy.Tx, service string) ([]scheduling.FreeSlot, error) {
	found, err := scheduling.Find(c.UserContext(), tx, scheduling.FindInput{Service: service, Limit: 5})
	if fault.Is(err, fault.Invalid) {
		return nil, nil // the service is gone too
	}
	list := make([]scheduling.FreeSlot, len(found))
	for i, o := range found {
		list[i] = scheduling.FreeSlot{ID: o.ID, StartsAt: o.StartsAt, EndsAt: o.EndsAt, Practitioner: o.Practitioner}
	}
	return list, err
}

// offer puts the choices into the form: services, starts of that day, or the next times when this one is lost.
func (a *app) offer(c *fiber.Ctx, tx *tenancy.Tx, m *views.NewAppointment, o scheduling.Offer, f bookingForm, b booking) error {
	at := zone(c)
	open := slices.ContainsFunc(o.Services, func(s scheduling.OfferedService) bool { return s.Fits }) // else nothing can be had there, however short
	for _, s := range o.Services {
		if m.Hold == nil || s.Slug == f.Service { // a hold is for its service
			option := serviceOption(s.Service)
			if open && !s.Fits {
				option.Label += ", too long for " + m.From.Format("15:04")
			}
			m.Services = append(m.Services, option)
		}
	}
	if m.Hold != nil {
		m.HoldID = f.Hold
		return nil
	}
	fits := false
	for _, t := range o.Openings {
		fits = fits || t.ID == o.Slot.ID
		m.Times = append(m.Times, ui.Option{Value: t.ID.String(), Label: t.StartsAt.In(at).Format("15:04")})
	}
	switch {
	case b.lost != "":
		return a.lost(c, tx, m, o, f, b)
	case fits:
		return a.preview(c, tx, m, f)
	case o.Slot.ID == uuid.Nil:
		b.lost = "is not free"
		return a.lost(c, tx, m, o, f, b)
	}
	words, err := tooShort(c, tx, o, f)
	switch {
	case err != nil:
		return err
	case words != "" && f.Service != "":
		m.SlotID = ""
		m.Problems = append(m.Problems, ui.Problem{FieldID: "f-service", Message: words})
	case len(m.Times) == 0 || words == "":
		b.lost = "is no longer free"
		return a.lost(c, tx, m, o, f, b)
	}
	if len(m.Times) == 0 {
		m.Near, b.lost = f.Near, "is too short for this"
		return a.lost(c, tx, m, o, f, b)
	}
	return nil
}

// lost offers the next times, and to those who may, this one nevertheless.
func (a *app) lost(c *fiber.Ctx, tx *tenancy.Tx, m *views.NewAppointment, o scheduling.Offer, f bookingForm, b booking) (err error) {
	m.Taken, m.Lost, m.Hold, m.HoldID, m.Times = true, b.lost, nil, "", nil
	if len(b.next) == 0 {
		if b.next, err = soonest(c, tx, f.Service); err != nil {
			return err
		}
	}
	for _, n := range b.next {
		m.Next = append(m.Next, views.NextFree{SlotID: n.ID.String(), From: n.StartsAt.In(zone(c)), Practitioner: n.Practitioner})
	}
	m.Overbook = of(c).member.MayOverbook && f.Service != "" && o.Slot.StartsAt.After(m.Now)
	if m.Overbook {
		m.Over, err = a.beside(c, tx, scheduling.MoveInput{PractitionerID: o.Slot.PractitionerID, StartsAt: o.Slot.StartsAt, Service: f.Service})
	}
	return err
}

// tooShort says how long is free from the slot, when that is less than the service takes; empty when the slot itself is not free.
func tooShort(c *fiber.Ctx, tx *tenancy.Tx, o scheduling.Offer, f bookingForm) (string, error) {
	at := zone(c)
	free, err := scheduling.Find(c.UserContext(), tx, scheduling.FindInput{Practitioner: o.Slot.PractitionerID, From: o.Slot.StartsAt, To: midnight(o.Slot.StartsAt.In(at), 1), Limit: 200})
	if err != nil {
		return "", err
	}
	until := o.Slot.StartsAt
	for _, s := range free {
		if s.StartsAt.Equal(until) {
			until = s.EndsAt
		}
	}
	for _, s := range o.Services {
		if s.Slug == f.Service && until.After(o.Slot.StartsAt) {
			return s.Name + " takes " + strconv.Itoa(s.DurationMinutes) + " min, and from " + o.Slot.StartsAt.In(at).Format("15:04") + " only " +
				strconv.Itoa(int(until.Sub(o.Slot.StartsAt).Minutes())) + " min are free. Choose another start.", nil
		}
	}
	return "", nil
}

// whoComes finds the patients that may be meant, and says who was chosen.
func (a *app) whoComes(c *fiber.Ctx, tx *tenancy.Tx, m *views.NewAppointment, f bookingForm, b booking) error {
	ctx := c.UserContext()
	if b.warn {
		rows, err := a.duplicates(c, tx, f.details(), uuid.Nil)
		if err != nil {
			return err
		}
		m.Duplicates = rows
	}
	if b.find != "" && letters(b.find) >= 2 {
		found, more, err := a.directory.Search(ctx, tx, b.find, mostSuggested)
		if err == nil && len(found) == 0 && letters(b.orFind) >= 2 {
			found, more, err = a.directory.Search(ctx, tx, b.orFind, mostSuggested)
		}
		if err != nil && !fault.Is(err, fault.Invalid) {
			return err
		}
		m.Picks = views.Picks{Searched: true, More: more, Chosen: f.Patient}
		if m.Picks.Found, err = patientRows(c, tx, found); err != nil {
			return err
		}
	}
	if f.Patient == "" || len(m.Picks.Found) > 0 {
		return nil
	}
	p, err := a.directory.Get(ctx, tx, uuid.MustParse(f.Patient))
	if err != nil {
		return err
	}
	if m.Form.Name == "" {
		m.Form.Name = p.Name
	}
	m.Picks.Chosen = f.Patient
	m.Picks.Found, err = patientRows(c, tx, []patients.Patient{p})
	return err
}
