package handlers

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"anteroom/domain/calls"
	"anteroom/domain/identity"
	"anteroom/domain/patients"
	"anteroom/domain/scheduling"
	"anteroom/views"
	"anteroom/views/ui"
)

func (a *app) todayPart(c *fiber.Ctx, d day) views.TodayPart {
	m := of(c).member
	p := views.TodayPart{URL: "/today/part", CSRF: a.csrf(c), Now: d.Now.In(d.zone)}
	if len(d.Columns) == 0 {
		p.Blank = &ui.Blank{Icon: "stethoscope", Title: "Nobody sees patients here yet", Words: "The day appears here once there are practitioners with hours and services."}
		if a.admits(m.Role, "/settings/practitioners") {
			p.Blank.Do = &ui.Button{Label: "Add a practitioner", Href: "/settings/practitioners", Kind: ui.Ink}
		}
		return p
	}
	if next := d.NextChange(); !next.IsZero() {
		p.ChangesAt = next.In(d.zone)
	}
	p.Ribbon = d.ribbon()
	p.Phase = d.phase()
	for i, n := range d.Needs {
		p.Needs = append(p.Needs, d.need(m, i, n))
	}
	p.Needs = d.withLeft(m, p.Needs)
	p.Waiting, p.WaitingN = d.waitViews(m), len(d.waiting)
	for _, e := range d.Here {
		p.Here = append(p.Here, d.here(m, e))
	}
	for _, e := range d.Next {
		n := views.Next{ID: e.ID.String(), Name: d.nameOf(&e), Service: e.ServiceName, At: e.StartsAt.In(d.zone)}
		if d.own == uuid.Nil {
			n.Practitioner = d.column(e.PractitionerID).Name
		}
		if mayFollow(m, e.PractitionerID) {
			n.Arrive = &views.NeedAct{Label: "Arrived", For: n.Name, Post: "/appointments/" + n.ID + "/arrive"}
		}
		p.Next = append(p.Next, n)
	}
	for _, e := range d.Entries {
		switch e.Status {
		case scheduling.Fulfilled:
			p.Seen++
		case scheduling.NoShow:
			p.Missed++
		}
	}
	p.MoreN, p.More = d.More, dayAddress(d.from)
	p.Calls = callViews(d.calls, m, d.from, d.zone)
	return p
}

// mayFollow is whether this person takes an appointment along its day.
func mayFollow(m identity.Membership, practitioner uuid.UUID) bool {
	return books(m.Role) || m.Practitioner != nil && *m.Practitioner == practitioner
}

func (d day) column(id uuid.UUID) scheduling.Column {
	for _, p := range d.Columns {
		if p.ID == id {
			return p
		}
	}
	return scheduling.Column{Name: "Somebody who left"}
}

func (d day) nameOf(e *scheduling.Entry) string {
	if e == nil || e.PatientID == nil {
		return "No name yet"
	}
	return cmp.Or(d.Patients[*e.PatientID].Name, "No name yet")
}

// ribbon has a lane for everybody who works today or has patients.
func (d day) ribbon() views.Ribbon {
	r := views.Ribbon{FromHour: 24, ToHour: 0}
	widen := func(from, to time.Time) {
		r.FromHour, r.ToHour = widen(r.FromHour, r.ToHour, later(from, d.from), earlier(to, d.to))
	}
	for _, p := range d.Columns {
		l := views.Lane{Name: p.Name, Href: dayAddress(d.from) + "&practitioner=" + p.ID.String()}
		for _, s := range d.Places {
			if s.PractitionerID != p.ID {
				continue
			}
			from, to := s.StartsAt.In(d.zone), s.EndsAt.In(d.zone)
			if n := len(l.Hours); n > 0 && l.Hours[n-1].To.Equal(from) {
				l.Hours[n-1].To = to
			} else {
				l.Hours = append(l.Hours, views.Span{From: from, To: to})
			}
			widen(from, to)
		}
		for _, e := range d.Entries {
			if e.PractitionerID == p.ID {
				l.Bars = append(l.Bars, d.bit(e))
				widen(e.StartsAt.In(d.zone), e.EndsAt.In(d.zone))
			}
		}
		if len(l.Hours)+len(l.Bars) > 0 {
			l.Words = laneWords(l)
			r.Lanes = append(r.Lanes, l)
		}
	}
	return r
}

func (d day) bit(e scheduling.Entry) views.Bit {
	b := views.Bit{State: e.Status, From: later(e.StartsAt.In(d.zone), d.from), To: earlier(e.EndsAt.In(d.zone), d.to), Over: e.Overbooked}
	if e.Status == scheduling.Booked && !e.StartsAt.After(d.Now) {
		b.State = "late"
	}
	return b
}

// laneWords is a lane for those who do not see it.
func laneWords(l views.Lane) string {
	words := "no hours today"
	if n := len(l.Hours); n > 0 {
		words = l.Hours[0].From.Format("15:04") + " to " + l.Hours[n-1].To.Format("15:04")
	}
	switch n := len(l.Bars); n {
	case 0:
		return words + ", nobody booked"
	case 1:
		return words + ", 1 appointment"
	default:
		return fmt.Sprintf("%s, %d appointments", words, n)
	}
}

// phase says where in its day the clinic is, when it is not open.
func (d day) phase() string {
	for _, b := range d.Blocks {
		if b.PractitionerID == nil && !b.StartsAt.After(d.Now) && b.EndsAt.After(d.Now) {
			return "Closed until " + when(b.EndsAt.In(d.zone), d.from) + ": " + b.Reason
		}
	}
	var opens, closes time.Time
	for _, p := range d.Places {
		if opens.IsZero() || p.StartsAt.Before(opens) {
			opens = p.StartsAt
		}
		closes = later(closes, p.EndsAt)
	}
	switch {
	case opens.IsZero() && d.own != uuid.Nil:
		return "You have no hours today"
	case opens.IsZero():
		return "Nobody has hours today"
	case d.Now.Before(opens):
		return "The first hours begin at " + opens.In(d.zone).Format("15:04")
	case !d.Now.Before(closes):
		return "The last hours ended at " + closes.In(d.zone).Format("15:04")
	}
	return ""
}

// when is a time of this day by its hour, and of another with its day.
func when(at, midnight time.Time) string {
	switch y, m, d := midnight.Date(); {
	case at.Year() == y && at.Month() == m && at.Day() == d:
		return at.Format("15:04")
	case at.Hour() == 0 && at.Minute() == 0:
		return at.Format("Mon 2 Jan")
	}
	return at.Format("Mon 2 Jan 15:04")
}

func (d day) here(m identity.Membership, e scheduling.Entry) views.Here {
	who := d.column(e.PractitionerID)
	h := views.Here{ID: e.ID.String(), Name: d.nameOf(&e), InRoom: e.Status == scheduling.CheckedIn, Since: e.UpdatedAt.In(d.zone)}
	act := views.NeedAct{Label: "Check in", For: h.Name, Post: "/appointments/" + h.ID + "/check-in"}
	h.Where = "for " + shortName(who.Name) + ", " + e.StartsAt.In(d.zone).Format("15:04")
	if h.InRoom {
		act.Label, act.Post = "Done", "/appointments/"+h.ID+"/fulfil"
		h.Where = "in " + cmp.Or(who.Room, "the room") + " with " + shortName(who.Name)
	}
	if mayFollow(m, e.PractitionerID) {
		h.Act = &act
	}
	return h
}

func callViews(list []calls.InProgress, m identity.Membership, today time.Time, zone *time.Location) (all []views.OnPhone) {
	for _, c := range list {
		v := views.OnPhone{Phone: cmp.Or(patients.MaskPhone(c.Number, m.Country), "No number"), Call: callAddress(c.ID), By: cmp.Or(c.Agent, "Voice agent"), Since: c.StartedAt.In(zone)}
		if c.HoldID != nil {
			v.Href = "/appointments/" + c.HoldID.String()
			v.Holds, v.With = "holding "+when(c.HoldStarts.In(zone), today), shortName(c.Practitioner)
		}
		all = append(all, v)
	}
	return all
}

// busyNow is whether somebody is in the room with a practitioner.
func (d day) busyNow(practitioner uuid.UUID) bool {
	return slices.ContainsFunc(d.Here, func(e scheduling.Entry) bool {
		return e.PractitionerID == practitioner && e.Status == scheduling.CheckedIn
	})
}
