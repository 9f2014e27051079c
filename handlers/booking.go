package handlers

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"anteroom/domain/fault"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
	"anteroom/views"
	"anteroom/views/ui"
)

func parseDay(text string) (time.Time, error) { return time.Parse(time.DateOnly, text) }

// newAppointment is the form that books a slot, or a hold that was taken over.
func (a *app) newAppointment(c *fiber.Ctx) error {
	if text := c.Query("hold"); text != "" {
		id, err := uuid.Parse(text)
		if err != nil {
			return fault.New(fault.NotFound, "no-hold", "There is no such hold.")
		}
		return a.bookHeld(c, id)
	}
	text := c.Query("slot")
	if text == "" {
		return page(c, http.StatusOK, views.NewAppointmentPage(a.noSlotYet(c)))
	}
	id, err := uuid.Parse(text)
	if err != nil {
		return fault.New(fault.NotFound, "no-slot", "There is no such time on the schedule.")
	}
	return a.bookingPage(c, http.StatusOK, bookingForm{Slot: id.String(), Service: c.Query("service")}, booking{})
}

func (a *app) noSlotYet(c *fiber.Ctx) views.NewAppointment {
	m := views.NewAppointment{Shell: a.shell(c, "Book"), BackURL: "/schedule", NoSlot: true}
	if day, err := readDate(c.Query("date"), zone(c)); err == nil {
		m.BackURL = dayAddress(day)
	}
	return m
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
	f := bookingForm{Hold: id.String(), Service: found.Service, Name: caller.Name, Phone: caller.Phone}
	switch {
	case found.Status != scheduling.Pending && found.Status != scheduling.Cancelled:
		return seeOther(c, "/appointments/"+id.String()) // it was booked meanwhile
	case found.Status == scheduling.Cancelled || !found.HoldExpiresAt.After(now):
		return a.bookingPage(c, http.StatusGone, f, booking{lost: "is no longer held"})
	case found.Source != scheduling.ByStaff:
		return fault.New(fault.Conflict, "not-taken-over", "The agent still holds this time. Take the hold over on the schedule first.")
	}
	return a.bookingPage(c, http.StatusOK, f, booking{hold: heldByYou(found, now)})
}

// booking is what the form shows besides what was typed.
type booking struct {
	hold     *views.Hold
	problems []ui.Problem
	lost     string // why the time cannot be had: "was taken"
	next     []scheduling.FreeSlot
	now      time.Time
}

// bookingPage shows the form for what was typed, with the times that are free now.
func (a *app) bookingPage(c *fiber.Ctx, status int, f bookingForm, b booking) error {
	at := zone(c)
	o, b, err := a.loadBooking(c, f, b)
	if err != nil {
		return err
	}
	m := views.NewAppointment{Shell: a.shell(c, "Book"), SlotID: o.Slot.ID.String(), From: o.Slot.StartsAt.In(at), To: o.Slot.EndsAt.In(at), Practitioner: o.Slot.Practitioner,
		Zone: place(of(c).member.Zone) + " time", BackURL: dayAddress(o.Slot.StartsAt.In(at)), Now: b.now.In(at), Form: f.view(), Problems: b.problems, Hold: b.hold}
	offer(&m, o, f, b, at)
	return page(c, status, views.NewAppointmentPage(m))
}

// loadBooking reads what can be booked, the hold's clock, and the next times when this one cannot be had.
func (a *app) loadBooking(c *fiber.Ctx, f bookingForm, b booking) (o scheduling.Offer, out booking, err error) {
	in := scheduling.OfferInput{Service: f.Service, Zone: zone(c)}
	if in.HoldID, err = uuid.Parse(f.Hold); err != nil {
		in.SlotID, _ = uuid.Parse(f.Slot) // one that is no id is found nowhere
	}
	err = a.inClinic(c, func(tx *tenancy.Tx) (err error) {
		out = b
		if out.now, err = tx.Now(c.UserContext()); err != nil {
			return err
		}
		if o, err = scheduling.LoadOffer(c.UserContext(), tx, in); err != nil {
			return err
		}
		if in.HoldID != uuid.Nil && b.lost == "" && b.hold == nil {
			held, err := scheduling.Get(c.UserContext(), tx, in.HoldID)
			if err != nil {
				return err
			}
			out.hold = heldByYou(held, out.now)
		}
		if out.hold == nil && len(b.next) == 0 && (b.lost != "" || len(o.Openings) == 0) {
			out.next, err = soonest(c, tx, f.Service)
		}
		return err
	})
	return o, out, err
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
func offer(m *views.NewAppointment, o scheduling.Offer, f bookingForm, b booking, at *time.Location) {
	for _, s := range o.Services {
		if m.Hold == nil || s.Slug == f.Service { // a hold is for its service
			m.Services = append(m.Services, ui.Option{Value: s.Slug, Label: s.Name + ", " + strconv.Itoa(s.DurationMinutes) + " min"})
		}
	}
	if b.lost != "" {
		instead(m, b.lost, b.next, at)
		return
	}
	if m.Hold != nil {
		m.HoldID = f.Hold
		return
	}
	fits := false
	for _, t := range o.Openings {
		fits = fits || t.ID == o.Slot.ID
		m.Times = append(m.Times, ui.Option{Value: t.ID.String(), Label: t.StartsAt.In(at).Format("15:04")})
	}
	switch {
	case fits:
	case len(m.Times) == 0:
		instead(m, "is no longer free", b.next, at)
	default:
		m.Problems = append(m.Problems, ui.Problem{FieldID: "f-slot", Message: m.From.Format("15:04") + " is not free for this. Choose another start."})
	}
}

func instead(m *views.NewAppointment, lost string, next []scheduling.FreeSlot, at *time.Location) {
	m.Taken, m.Lost, m.Hold = true, lost, nil
	for _, n := range next {
		m.Next = append(m.Next, views.NextFree{SlotID: n.ID.String(), From: n.StartsAt.In(at), Practitioner: n.Practitioner})
	}
}

// createAppointment books. Whatever is refused, nothing that was typed is lost.
func (a *app) createAppointment(c *fiber.Ctx) error {
	var f bookingForm
	if err := c.BodyParser(&f); err != nil {
		return fault.New(fault.Invalid, "invalid-form", "The form could not be read. Nothing was booked.").Because(err)
	}
	if f.Instead != "" {
		f.Slot, f.Hold, f.Instead = f.Instead, "", ""
	}
	if f.Slot == "" && f.Hold == "" {
		return page(c, http.StatusUnprocessableEntity, views.NewAppointmentPage(a.noSlotYet(c)))
	}
	var booked scheduling.Appointment
	err := a.inClinic(c, func(tx *tenancy.Tx) error {
		problems := problemsOf(check(f), f.details().Check(of(c).member.Country, of(c).member.Zone, clockOf(tx)))
		if problems != nil {
			return problems
		}
		in := scheduling.BookInput{Service: f.Service, Patient: f.details(), Source: scheduling.ByStaff}
		if f.Hold != "" {
			in.HoldID = uuid.MustParse(f.Hold)
		} else {
			in.SlotID = uuid.MustParse(f.Slot)
		}
		var err error
		booked, err = a.desk.Book(c.UserContext(), tx, in)
		return err
	})
	if refusal := fault.As(err); refusal != nil {
		return a.notBooked(c, f, refusal)
	}
	if err != nil {
		return err
	}
	at := booked.StartsAt.In(zone(c))
	a.flash(c, ui.OK, "Booked "+at.Format("Mon 15:04")+" with "+shortName(booked.Practitioner), "")
	return seeOther(c, dayAddress(at))
}

// notBooked shows the form again with everything typed: what is wrong with it, or the times that are free instead.
func (a *app) notBooked(c *fiber.Ctx, f bookingForm, refusal *fault.Fault) error {
	b := booking{}
	switch refusal.Code {
	case "slot-taken":
		b.lost = "was taken while you were typing"
	case "slot-past":
		b.lost = "has passed"
	case "hold-ended", "hold-taken-over":
		b.lost = "is no longer held"
	}
	if b.lost != "" {
		if d, ok := refusal.Detail.(scheduling.Alternatives); ok {
			b.next = d.Next
		}
		return a.bookingPage(c, statuses[refusal.Kind], f, b)
	}
	if refusal.Kind != fault.Invalid {
		return refusal
	}
	for _, p := range refusal.Fields {
		name := strings.TrimPrefix(p.Name, "patient.")
		b.problems = append(b.problems, ui.Problem{FieldID: "f-" + name, Message: fieldWords(name, p.Message)})
	}
	return a.bookingPage(c, http.StatusUnprocessableEntity, f, b)
}

// problemsOf joins the faults of several checks into one; of a field the first problem counts.
func problemsOf(errs ...error) error {
	all := fault.New(fault.Invalid, "invalid-fields", "Some of that is not right.")
	seen := map[string]bool{}
	for _, err := range errs {
		f := fault.As(err)
		if err != nil && f == nil {
			return err
		}
		if f == nil {
			continue
		}
		for _, p := range f.Fields {
			if !seen[p.Name] {
				seen[p.Name] = true
				all.On(p.Name, p.Message)
			}
		}
	}
	if len(all.Fields) == 0 {
		return nil
	}
	return all
}

var fieldLabels = map[string]string{"name": "The name", "phone": "The phone", "email": "The e-mail", "birth_date": "The date of birth", "notes": "The notes"}

// fieldWords makes a sentence of what the domain says of a field: "must not be empty".
func fieldWords(field, message string) string {
	if field == "service" && strings.Contains(message, "does not perform") {
		return "This practitioner does not perform that service."
	}
	if field == "service" && !strings.HasPrefix(message, "This") {
		return "Choose a service that can be booked."
	}
	if strings.HasPrefix(message, "must ") || strings.HasPrefix(message, "is ") {
		return cmp.Or(fieldLabels[field], "This") + " " + message + "."
	}
	return message
}
