package handlers

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"anteroom/domain/calls"
	"anteroom/domain/identity"
	"anteroom/domain/patients"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
	"anteroom/views"
)

// withLeft puts what callers left for the clinic among what needs a person: what is urgent after the clocks that run out, the others at the end.
func (d day) withLeft(m identity.Membership, needs []views.Need) []views.Need {
	urgent := slices.IndexFunc(needs, func(n views.Need) bool { return n.Tone != views.Running })
	if urgent < 0 {
		urgent = len(needs)
	}
	for _, l := range d.left {
		n := d.leftNeed(m, l)
		if l.Urgent {
			needs = slices.Insert(needs, urgent, n)
			urgent++
			continue
		}
		needs = append(needs, n)
	}
	return needs
}

func (d day) leftNeed(m identity.Membership, l calls.LeftMessage) views.Need {
	since := l.CreatedAt.In(d.zone)
	name := cmp.Or(l.Left.Name, "A caller")
	n := views.Need{ID: "left-" + l.ID.String(), Icon: "message-square", Tone: views.Quiet, Title: name + " left a message", Words: l.Left.Words, Age: &since}
	if about := aboutWords[l.About]; about != "" && l.About != "other" {
		n.Title = name + " left a message " + strings.Replace(about, "asks to be called back", "and asks to be called back", 1)
	}
	if l.Urgent {
		n.Tone, n.Title = views.TooLate, "Urgent: "+n.Title
	}
	n.Acts = append(callBack(m, name, l.Left.Phone, "/calls/"+l.CallID.String()), views.NeedAct{Label: "Done", For: "with the message of " + name, Post: "/messages/" + l.ID.String() + "/done"})
	return n
}

// callBack is the number to ring, and the call when none was left.
func callBack(m identity.Membership, name, phone, otherwise string) []views.NeedAct {
	switch {
	case phone != "":
		return []views.NeedAct{{Label: "Call", Best: true, Call: &views.Phone{Name: name, Number: patients.FormatPhone(phone, m.Country), Tel: phone}}}
	case otherwise != "":
		return []views.NeedAct{{Label: "Open", For: "the call of " + name, Href: otherwise}}
	}
	return nil
}

// mostWaiting is how much of the waitlist stands on Today, the longest waiting first.
const mostWaiting = 8

// waitViews are who would take another time.
func (d day) waitViews(m identity.Membership) (list []views.Need) {
	for _, w := range d.waiting[:min(len(d.waiting), mostWaiting)] {
		since := w.CreatedAt.In(d.zone)
		name := cmp.Or(w.Caller.Name, "Somebody")
		n := views.Need{ID: "wait-" + w.ID.String(), Icon: "hourglass", Tone: views.Quiet, Title: name + " waits for " + w.Service, Words: waitWords(w), Age: &since}
		n.Acts = append(callBack(m, name, w.Caller.Phone, ""), views.NeedAct{Label: "Done", For: "with " + name, Post: "/waitlist/" + w.ID.String() + "/done"})
		list = append(list, n)
	}
	return list
}

var dayNames = map[string]string{"mon": "Mon", "tue": "Tue", "wed": "Wed", "thu": "Thu", "fri": "Fri", "sat": "Sat", "sun": "Sun"}

// waitWords are with whom and when somebody could come.
func waitWords(w scheduling.WaitEntry) string {
	parts := []string{cmp.Or(shortName(w.Practitioner), "With anybody")}
	if w.Words != "" { // they say more than the codes
		return parts[0] + ", " + w.Words
	}
	var days []string
	for _, d := range w.Days {
		days = append(days, dayNames[d])
	}
	parts = append(parts, strings.Join(days, " "), strings.Join(w.Parts, " or "))
	if w.FromDate != nil {
		parts = append(parts, "from "+w.FromDate.Format("2 Jan"))
	}
	if w.UntilDate != nil {
		parts = append(parts, "until "+w.UntilDate.Format("2 Jan"))
	}
	words := strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
	if len(w.Days)+len(w.Parts) == 0 && w.FromDate == nil && w.UntilDate == nil {
		words += ", any time"
	}
	return words
}

// doneWithMessage ends a message that a caller left.
func (a *app) doneWithMessage(c *fiber.Ctx) error {
	id, err := idParam(c, "id")
	if err != nil {
		return err
	}
	if err := a.inClinic(c, func(tx *tenancy.Tx) error { return calls.DoneWith(c.UserContext(), tx, id) }); err != nil {
		return a.notChanged(c, err)
	}
	return a.done(c, "Message done.", "", nil, backOr(c, "/today"))
}

// doneWithWaiting takes somebody off the waitlist.
func (a *app) doneWithWaiting(c *fiber.Ctx) error {
	id, err := idParam(c, "id")
	if err != nil {
		return err
	}
	if err := a.inClinic(c, func(tx *tenancy.Tx) error { return a.desk.LeaveWaitlist(c.UserContext(), tx, id) }); err != nil {
		return a.notChanged(c, err)
	}
	return a.done(c, "Taken off the waitlist.", "", nil, backOr(c, "/today"))
}
