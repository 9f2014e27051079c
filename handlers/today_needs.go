package handlers

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"anteroom/domain/identity"
	"anteroom/domain/patients"
	"anteroom/domain/scheduling"
	"anteroom/views"
)

// need is one line of what needs a person, with what this one may do about it.
func (d day) need(m identity.Membership, i int, n scheduling.Need) views.Need {
	since := n.Since.In(d.zone)
	v := views.Need{ID: fmt.Sprintf("need-%s-%d", n.Kind, i), Age: &since, Tone: views.Quiet}
	if n.Entry != nil {
		v.ID = "need-" + n.Kind + "-" + n.Entry.ID.String()
	}
	switch n.Kind {
	case scheduling.NeedHold:
		d.needHold(&v, m, n.Entry)
	case scheduling.NeedLate, scheduling.NeedMissed:
		d.needCall(&v, m, n)
	case scheduling.NeedWaiting:
		v.Icon, v.Tone, v.Title = "hourglass", views.Waits, d.nameOf(n.Entry)+" has been waiting"
		v.Words = d.slotWords(n.Entry) + d.whether(n.Entry, " has somebody in the room", " is free")
		d.step(&v, m, n.Entry, "Check in", "check-in")
	case scheduling.NeedOverrun:
		v.Icon, v.Tone, v.Title = "clock", views.Waits, d.nameOf(n.Entry)+" is still in "+cmp.Or(d.column(n.Entry.PractitionerID).Room, "the room")
		v.Words = n.Entry.ServiceName + " with " + d.short(n.Entry) + ", to end at " + since.Format("15:04")
		d.step(&v, m, n.Entry, "Done", "fulfil")
	case scheduling.NeedClash:
		v.Icon, v.Age, v.When = "users", nil, since.Format("15:04")
		v.Title = "Two patients at " + v.When + " with " + d.short(n.Entry)
		v.Words = d.nameOf(n.Entry) + " was overbooked beside " + d.nameOf(n.With)
		v.Acts = []views.NeedAct{{Label: "Open", For: "the overbooked one", Href: "/appointments/" + n.Entry.ID.String()}}
	case scheduling.NeedAway:
		d.needAway(&v, n)
	case scheduling.NeedOpen:
		d.needOpen(&v, n)
	}
	return v
}

func (d day) short(e *scheduling.Entry) string { return shortName(d.column(e.PractitionerID).Name) }

// slotWords is "10:30 Mole check, Dr Lindqvist".
func (d day) slotWords(e *scheduling.Entry) string {
	return e.StartsAt.In(d.zone).Format("15:04") + " " + e.ServiceName + ", " + d.short(e)
}

func (d day) whether(e *scheduling.Entry, busy, free string) string {
	if d.busyNow(e.PractitionerID) {
		return busy
	}
	return free
}

func (d day) needHold(v *views.Need, m identity.Membership, e *scheduling.Entry) {
	v.Hold = holdView(*e, d.Callers[e.ID], eye{country: m.Country, books: books(m.Role)}, d.Now)
	v.Icon, v.Tone, v.Age = "hourglass", views.Running, nil
	v.Title = "Hold ends: " + when(e.StartsAt.In(d.zone), d.from) + " with " + d.short(e)
	v.Words = v.Hold.Phone + " is on the phone with " + v.Hold.By + ", " + e.ServiceName
	if e.CallBegan == nil {
		v.Words = v.Hold.By + " holds it for " + v.Hold.Phone + ", " + e.ServiceName
	}
}

// needCall is somebody who has not come: the number is one press away for those who book.
func (d day) needCall(v *views.Need, m identity.Membership, n scheduling.Need) {
	v.Icon, v.Tone, v.Title = "clock", views.TooLate, d.nameOf(n.Entry)+" is late"
	v.Words = d.slotWords(n.Entry) + d.whether(n.Entry, " is with somebody else", " is free and waiting")
	if n.Kind == scheduling.NeedMissed {
		v.Icon, v.Title, v.Words = "x", d.nameOf(n.Entry)+" did not come", d.slotWords(n.Entry)
	}
	id := n.Entry.ID.String()
	if !books(m.Role) {
		v.Acts = []views.NeedAct{{Label: "Open", For: "the appointment of " + d.nameOf(n.Entry), Href: "/appointments/" + id}}
		return
	}
	if p := d.Patients[*n.Entry.PatientID]; p.Phone != "" {
		v.Acts = append(v.Acts, views.NeedAct{Label: "Call", Best: true, Call: &views.Phone{Name: p.Name, Number: patients.FormatPhone(p.Phone, m.Country), Tel: p.Phone}})
	}
	v.Acts = append(v.Acts, views.NeedAct{Label: "No-show", For: d.nameOf(n.Entry), Post: "/appointments/" + id + "/no-show", Best: len(v.Acts) == 0})
}

func (d day) step(v *views.Need, m identity.Membership, e *scheduling.Entry, label, verb string) {
	id, name := e.ID.String(), d.nameOf(e)
	if mayFollow(m, e.PractitionerID) {
		v.Acts = append(v.Acts, views.NeedAct{Label: label, For: name, Post: "/appointments/" + id + "/" + verb, Best: true})
	}
	v.Acts = append(v.Acts, views.NeedAct{Label: "Open", For: "the appointment of " + name, Href: "/appointments/" + id})
}

func (d day) needAway(v *views.Need, n scheduling.Need) {
	first := n.Since.In(d.zone)
	v.Icon, v.Age, v.When = "calendar", nil, when(first, d.from)
	who, href := "The clinic is closed", dayAddress(first)
	if n.Practitioner != uuid.Nil {
		who = shortName(d.column(n.Practitioner).Name) + " is away"
		href += "&practitioner=" + n.Practitioner.String()
	}
	v.Title = fmt.Sprintf("%s, and %s", who, stand(n.Count))
	v.Words = n.Reason + ", first " + first.Format("Mon 2 Jan 15:04") + ". The patients still expect to be seen"
	v.Acts = []views.NeedAct{{Label: "See the day", For: first.Format("Mon 2 Jan"), Href: href}}
}

func stand(n int) string {
	if n == 1 {
		return "1 booking stands"
	}
	return fmt.Sprintf("%d bookings stand", n)
}

// needOpen: the day comes as a date at midnight UTC.
func (d day) needOpen(v *views.Need, n scheduling.Need) {
	name := n.Day.Format("Mon 2 Jan")
	v.Icon, v.Age, v.When = "calendar", nil, name
	of, are := name, "appointments were"
	if y, m, day := midnight(d.from, -1).Date(); n.Day.Year() == y && n.Day.Month() == m && n.Day.Day() == day {
		of = "yesterday"
	}
	if n.Count == 1 {
		are = "appointment was"
	}
	v.ID = "need-open-" + strings.ToLower(n.Day.Format("20060102"))
	v.Title = fmt.Sprintf("%d %s never closed %s", n.Count, are, map[bool]string{true: "yesterday", false: "on " + name}[of == "yesterday"])
	v.Words = "Say of each whether it was kept, so that the day adds up"
	v.Acts = []views.NeedAct{{Label: "See the day", For: name, Href: dayAddress(n.Day)}}
}
