package handlers

import (
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"anteroom/domain/fault"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
	"anteroom/views"
)

// clash describes a time that could not be had: why, what is free instead, and what overbooking it would mean.
func (a *app) clash(c *fiber.Ctx, tx *tenancy.Tx, in scheduling.MoveInput, refusal *fault.Fault) (views.Clash, error) {
	at, ctx := zone(c), c.UserContext()
	who, err := scheduling.GetPractitioner(ctx, tx, in.PractitionerID)
	if err != nil {
		return views.Clash{}, err
	}
	starts := in.StartsAt.In(at)
	m := views.Clash{Title: shortName(who.Name) + " is not free at " + starts.Format("Mon 15:04"), Why: cannotHave[refusal.Code], When: starts.Format("Mon 15:04"),
		Practitioner: in.PractitionerID.String(), Starts: in.StartsAt.UTC().Format(time.RFC3339), Service: in.Service}
	if d, ok := refusal.Detail.(scheduling.Alternatives); ok {
		for _, n := range d.Next {
			t := moveTo(n.PractitionerID, n.StartsAt)
			t.From = n.StartsAt.In(at)
			if n.PractitionerID != in.PractitionerID {
				t.With = shortName(n.Practitioner)
			}
			m.Next = append(m.Next, t)
		}
	}
	if m.Overbook = of(c).member.MayOverbook && refusal.Code != "slot-past"; m.Overbook {
		m.Over, err = a.beside(c, tx, in)
	}
	return m, err
}

// cannotHave says why a time cannot be had, by the code of the refusal.
var cannotHave = map[string]string{
	"slot-taken": "The time is taken, or too short for the service.",
	"closed":     "It is closed then, or time off.",
	"no-hours":   "That is outside the working hours.",
	"slot-past":  "That time has passed.",
}

// beside says in words who is there already: when, and in which state.
func (a *app) beside(c *fiber.Ctx, tx *tenancy.Tx, in scheduling.MoveInput) ([]string, error) {
	length, err := lengthOf(c, tx, in)
	if err != nil {
		return nil, err
	}
	there, err := scheduling.WhoIsThere(c.UserContext(), tx, scheduling.BesideInput{PractitionerID: in.PractitionerID, From: in.StartsAt, To: in.StartsAt.Add(length), Except: in.ID})
	if err != nil {
		return nil, err
	}
	var words []string
	for _, b := range there {
		words = append(words, b.StartsAt.In(zone(c)).Format("15:04")+" to "+b.EndsAt.In(zone(c)).Format("15:04")+" ("+scheduling.Words(b.Status)+")")
	}
	return words, nil
}

// lengthOf is how long the service takes; without one, the appointment as it is.
func lengthOf(c *fiber.Ctx, tx *tenancy.Tx, in scheduling.MoveInput) (time.Duration, error) {
	if in.Service != "" {
		s, err := scheduling.GetService(c.UserContext(), tx, in.Service)
		return time.Duration(s.DurationMinutes) * time.Minute, err
	}
	if in.ID == uuid.Nil {
		return 15 * time.Minute, nil
	}
	found, err := scheduling.Get(c.UserContext(), tx, in.ID)
	return found.EndsAt.Sub(found.StartsAt), err
}
