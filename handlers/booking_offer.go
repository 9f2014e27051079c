package handlers

import (
	"slices"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"anteroom/domain/fault"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
	"anteroom/views"
)

// loadOffer reads what can be booked around the form's time. A practitioner's time at which there is a slot is that slot from here on.
func loadOffer(c *fiber.Ctx, tx *tenancy.Tx, f *bookingForm) (scheduling.Offer, error) {
	in := scheduling.OfferInput{Service: f.Service, Zone: zone(c)}
	switch {
	case f.Hold != "":
		in.HoldID = uuid.MustParse(f.Hold)
	case f.Slot != "":
		in.SlotID = uuid.MustParse(f.Slot)
	case f.Practitioner != "":
		o, err := offerAt(c, tx, f)
		if err != nil || o.Slot.ID == uuid.Nil {
			return o, err
		}
		in.SlotID = o.Slot.ID
		f.Slot, f.Practitioner, f.Day, f.Time = o.Slot.ID.String(), "", "", ""
	default:
		in.SlotID = uuid.MustParse(f.Near)
	}
	return scheduling.LoadOffer(c.UserContext(), tx, in)
}

// offerAt is the offer for a practitioner's time; its slot has no id when there is none that is free.
func offerAt(c *fiber.Ctx, tx *tenancy.Tx, f *bookingForm) (o scheduling.Offer, err error) {
	ctx, at := c.UserContext(), zone(c)
	starts, err := readStart(f.Day, f.Time, at)
	if err != nil {
		return o, err
	}
	who, err := scheduling.GetPractitioner(ctx, tx, uuid.MustParse(f.Practitioner))
	if err != nil {
		return o, err
	}
	o.Slot = scheduling.OfferedSlot{PractitionerID: who.ID, Practitioner: who.Name, StartsAt: starts, EndsAt: starts.Add(15 * time.Minute)}
	free, err := scheduling.Find(ctx, tx, scheduling.FindInput{Practitioner: who.ID, From: starts, To: starts.Add(time.Minute), Limit: 1})
	if err != nil {
		return o, err
	}
	if len(free) > 0 {
		o.Slot.ID, o.Slot.EndsAt = free[0].ID, free[0].EndsAt
		return o, nil
	}
	all, err := scheduling.ListServices(ctx, tx, scheduling.ServiceFilter{ActiveOnly: true})
	for _, s := range all {
		if slices.Contains(who.Services, s.ID) {
			o.Services = append(o.Services, scheduling.OfferedService{Service: s})
		}
	}
	return o, err
}

// findTime is the first half of a booking: what for, with whom, when. Everything chosen is in the address.
func (a *app) findTime(c *fiber.Ctx, status int, problem string) error {
	q, err := readTimesQuery(c)
	if err != nil {
		return err
	}
	keep := keptInAddress(c)
	m := views.FindTime{BackURL: "/schedule", Problem: problem}
	if !q.date.IsZero() {
		m.BackURL = dayAddress(q.date)
	}
	err = a.inClinic(c, func(tx *tenancy.Tx) error {
		free, err := findTimes(c.UserContext(), tx, q, zone(c))
		if err != nil {
			return err
		}
		m.Times = free.view("/appointments/new", keep, func(o scheduling.Opening) views.FreeTime {
			return views.FreeTime{Href: timesQuery{service: q.service}.address("/appointments/new", also(keep, "slot", o.ID.String()))}
		})
		m.Services = nil
		for _, s := range free.services {
			if q.service != "" {
				break
			}
			m.Services = append(m.Services, views.BookableService{Name: s.Name, Words: strconv.Itoa(s.DurationMinutes) + " min",
				Href: timesQuery{service: s.Slug, practitioner: q.practitioner, date: q.date}.address("/appointments/new", keep)})
		}
		if of(c).member.MayOverbook && len(free.practitioners) > 0 {
			m.AnyTime = anyTimeToBook(m.Times)
		}
		m.Patient, err = a.patientName(c, tx, keep.Get("patient"))
		return err
	})
	if err != nil {
		return err
	}
	m.Shell = a.shell(c, "Book")
	return page(c, status, views.FindTimePage(m))
}

// anyTimeToBook leads to the form for a time that is not offered; what stands in the way is said there.
func anyTimeToBook(t views.Times) *views.AnyTime {
	m := &views.AnyTime{Action: "/appointments/new", Hidden: append([]views.Kept{{Name: "service", Value: t.Filter.Service}}, t.Filter.Hidden...),
		Practitioners: t.Filter.Practitioners, Practitioner: t.Filter.Practitioner, Date: t.Filter.Date, Submit: "Look at that time",
		Words: "You may overbook. What is there already is shown before anything is booked."}
	return m
}

// patientName is for whom a time is looked for, when that is known already.
func (a *app) patientName(c *fiber.Ctx, tx *tenancy.Tx, id string) (string, error) {
	if id == "" {
		return "", nil
	}
	who, err := uuid.Parse(id)
	if err != nil {
		return "", fault.New(fault.NotFound, "no-patient", "There is no such patient.")
	}
	p, err := a.directory.Get(c.UserContext(), tx, who)
	return p.Name, err
}

// otherTimes are free times to choose from inside the form: another day, another practitioner.
func (a *app) otherTimes(c *fiber.Ctx, tx *tenancy.Tx, o scheduling.Offer, f bookingForm) (*views.Times, error) {
	q := timesQuery{service: f.Service, practitioner: o.Slot.PractitionerID, date: midnight(o.Slot.StartsAt.In(zone(c)), 0)}
	if f.From != "" {
		q.practitioner = uuid.Nil
		if f.With != "" {
			q.practitioner = uuid.MustParse(f.With)
		}
		var err error
		if q.date, err = readDate(f.From, zone(c)); err != nil {
			return nil, err
		}
	}
	free, err := findTimes(c.UserContext(), tx, q, zone(c))
	if err != nil {
		return nil, err
	}
	m := free.view("/appointments/new", nil, func(o scheduling.Opening) views.FreeTime {
		return views.FreeTime{Name: "pick", Value: o.ID.String(), Again: true}
	})
	m.Earlier, m.Later = "", "" // the form has its own day
	if m.Blank != nil {
		m.Blank.Do = nil
	}
	return &m, nil
}
