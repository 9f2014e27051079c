package handlers

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"anteroom/domain/calls"
	"anteroom/domain/fault"
	"anteroom/domain/identity"
	"anteroom/domain/patients"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
	"anteroom/views"
	"anteroom/views/ui"
)

// showAppointment is the page of one appointment, or of a hold.
func (a *app) showAppointment(c *fiber.Ctx) error { return a.appointmentPage(c, nil) }

// appointmentPage shows the appointment as it is now; refused is why the last action was not done.
func (a *app) appointmentPage(c *fiber.Ctx, refused *fault.Fault) error {
	id, err := idParam(c, "id")
	if err != nil {
		return err
	}
	var m views.Appointment
	err = a.inClinic(c, func(tx *tenancy.Tx) error {
		found, err := scheduling.Get(c.UserContext(), tx, id)
		if err != nil {
			return err
		}
		m, err = a.appointmentView(c, tx, found)
		return err
	})
	if err != nil {
		return err
	}
	m.Shell = a.shell(c, "Appointment")
	status := http.StatusOK
	if refused != nil {
		m.Problem, status = problemWords(refused, m), statuses[refused.Kind]
	}
	return page(c, status, views.AppointmentPage(m))
}

// problemWords say why something was refused, and who was faster, when that is why.
func problemWords(refused *fault.Fault, m views.Appointment) string {
	words := refused.Words
	if len(refused.Fields) > 0 {
		words = refused.Fields[0].Message
	}
	if refused.Kind != fault.Conflict || len(m.History) == 0 {
		return words
	}
	last := m.History[len(m.History)-1]
	return words + " " + last.By.Name + " changed it at " + last.At.Format("15:04") + "; this is how it stands now."
}

func (a *app) appointmentView(c *fiber.Ctx, tx *tenancy.Tx, found scheduling.Appointment) (views.Appointment, error) {
	at, ctx, member := zone(c), c.UserContext(), of(c).member
	now, err := tx.Now(ctx)
	if err != nil {
		return views.Appointment{}, err
	}
	m := views.Appointment{
		ID: found.ID.String(), Status: found.Status, Service: found.ServiceName, Length: found.EndsAt.Sub(found.StartsAt), Practitioner: found.Practitioner, Room: found.Room,
		From: found.StartsAt.In(at), To: found.EndsAt.In(at), Zone: place(member.Zone) + " time", ScheduleURL: dayAddress(found.StartsAt.In(at)), Now: now.In(at), Overbooked: found.Overbooked,
		Seen: found.UpdatedAt.Format(time.RFC3339Nano),
	}
	if err := a.describePatient(ctx, tx, &m, found, member); err != nil {
		return m, err
	}
	if found.Status == scheduling.Pending && found.HoldExpiresAt.After(now) {
		m.Hold = &views.Hold{ID: m.ID, Phone: m.Phone, PhoneEnd: m.Phone, Doing: "until " + found.HoldExpiresAt.In(at).Format("15:04:05"), ExpiresAt: *found.HoldExpiresAt,
			Total: found.HoldExpiresAt.Sub(found.UpdatedAt), CanTake: books(member.Role), CanFree: books(member.Role)}
		m.Hold.By, m.Hold.Kind = holder(found.Source, "")
	}
	steps, err := scheduling.History(ctx, tx, found.ID)
	if err != nil {
		return m, err
	}
	for _, s := range steps {
		m.History = append(m.History, views.StatusChange{Status: s.ToStatus, Moved: s.Reason == "moved", Undone: s.Reason == "undone", At: s.At.In(at), By: actorView(s.Actor, s.ActorName), Why: reasonWords(s.Reason)})
	}
	m.BookedBy.Name, m.BookedBy.Kind = holder(found.Source, "")
	if len(m.History) > 0 && found.Source == scheduling.ByStaff {
		m.BookedBy = m.History[0].By
	}
	if call, err := calls.CallOf(ctx, tx, found.ID); err != nil {
		return m, err
	} else if call != nil {
		m.CallURL = callAddress(*call)
	}
	next, err := scheduling.NextStates(ctx, tx, found)
	if err != nil {
		return m, err
	}
	m.Can = actionsOf(member, found, next)
	return m, a.describeRelated(c, tx, &m, found)
}

// reasonWords are the words of a code; the steps that Anteroom takes by itself give theirs in words.
func reasonWords(reason string) string {
	if words, ok := views.CancelReason(reason); ok {
		return words
	}
	if reason == "moved" || reason == "undone" {
		return "" // the step is called so
	}
	return reason
}

// describePatient fills in who comes: the patient, or the caller of a hold as far as this role may see.
func (a *app) describePatient(ctx context.Context, tx *tenancy.Tx, m *views.Appointment, found scheduling.Appointment, member identity.Membership) error {
	if found.PatientID == nil {
		caller, err := a.desk.CallerOf(ctx, tx, found.ID)
		m.Phone, m.PhoneMasked = phoneFor(member.Role, caller.Phone, member.Country)
		m.Patient = cmp.Or(caller.Name, "No name yet")
		return err
	}
	p, err := a.desk.PatientOf(ctx, tx, found)
	m.Patient = p.Name
	m.Phone, m.PhoneMasked = phoneFor(member.Role, p.Phone, member.Country)
	if err != nil {
		return err
	}
	if !p.Erased && (books(member.Role) || mayTreat(member, found)) {
		m.Notes, m.NoteURL = p.Notes, "/appointments/"+m.ID+"/note"
		if m.Said, err = a.notesOf(ctx, tx, found, member); err != nil {
			return err
		}
	}
	if a.admits(member.Role, "/patients/:id") {
		m.PatientURL = "/patients/" + found.PatientID.String()
	}
	return err
}

// actorView is who did a step: kind:id as the database keeps it, and the name of a person of the clinic.
func actorView(actor, name string) ui.Actor {
	kind, _, _ := strings.Cut(actor, ":")
	switch kind {
	case tenancy.User:
		return ui.Actor{Kind: ui.Person, Name: cmp.Or(name, "Somebody who left")}
	case tenancy.Agent:
		return ui.Actor{Kind: ui.Agent, Name: "Voice agent"}
	case tenancy.Key:
		return ui.Actor{Kind: ui.Key, Name: "API"}
	case tenancy.Link:
		return ui.Actor{Kind: ui.ByLink, Name: "The patient"}
	}
	return ui.Actor{Kind: ui.System, Name: "Anteroom"}
}

// before is the step back that undoes a slip of the hand.
var before = map[string]string{scheduling.Arrived: scheduling.Booked, scheduling.CheckedIn: scheduling.Arrived, scheduling.Fulfilled: scheduling.CheckedIn, scheduling.NoShow: scheduling.Booked}

// actionsOf are the changes that are legal now and allowed to this person.
func actionsOf(member identity.Membership, found scheduling.Appointment, next []string) views.AppointmentActions {
	if found.Status == scheduling.Pending {
		return views.AppointmentActions{}
	}
	can := func(to string) bool { return slices.Contains(next, to) && to != before[found.Status] }
	desk := books(member.Role)
	follow := desk || mayTreat(member, found)
	act := views.AppointmentActions{
		Arrive: follow && can(scheduling.Arrived), CheckIn: follow && can(scheduling.CheckedIn), Fulfil: follow && can(scheduling.Fulfilled),
		NoShow: desk && can(scheduling.NoShow), Cancel: desk && can(scheduling.Cancelled),
		Move: desk && (found.Status == scheduling.Booked || found.Status == scheduling.Arrived),
	}
	if desk && slices.Contains(next, before[found.Status]) {
		act.Reopen = before[found.Status]
	}
	return act
}

// mayTreat is whether this is an appointment with the very person who is signed in.
func mayTreat(member identity.Membership, found scheduling.Appointment) bool {
	return member.Practitioner != nil && *member.Practitioner == found.PractitionerID
}

// stepAppointment takes an appointment one step along its day.
func (a *app) stepAppointment(to string) fiber.Handler {
	return func(c *fiber.Ctx) error {
		return a.changeAppointment(c, scheduling.Transition{To: to}, "Marked as "+scheduling.Words(to))
	}
}

func (a *app) changeAppointment(c *fiber.Ctx, t scheduling.Transition, title string) error {
	moved, err := a.transition(c, t, nil)
	if err != nil {
		return a.notChanged(c, err)
	}
	return a.done(c, title+".", "", moved.Undo, backOr(c, "/appointments/"+moved.ID.String()))
}

// notChanged shows the appointment as it is now, with why the change was refused; on a live page, which shows it anyway, it says only why.
func (a *app) notChanged(c *fiber.Ctx, err error) error {
	f := fault.As(err)
	if f == nil || f.Kind != fault.Conflict && f.Kind != fault.Invalid {
		return err
	}
	if fromLivePage(c) {
		return inPlace(c, statuses[f.Kind], views.Flash{Kind: ui.Warn, Title: "Nothing was changed.", Words: problemWords(f, views.Appointment{})})
	}
	if back := backOr(c, ""); back != "" {
		a.flash(c, ui.Warn, "Nothing was changed.", f.Words)
		return seeOther(c, back)
	}
	return a.appointmentPage(c, f)
}

// transition changes the status, and does what goes with it. A clinician's is undone, since nothing was committed, when the appointment
// turns out to be another's.
func (a *app) transition(c *fiber.Ctx, t scheduling.Transition, also func(*tenancy.Tx, scheduling.Appointment) error) (moved scheduling.Appointment, err error) {
	if t.ID, err = idParam(c, "id"); err != nil {
		return moved, err
	}
	member := of(c).member
	err = a.inClinic(c, func(tx *tenancy.Tx) (err error) {
		moved, err = a.desk.Change(c.UserContext(), tx, t)
		if err == nil && !books(member.Role) && !mayTreat(member, moved) {
			return fault.New(fault.Forbidden, "not-yours", "You can follow your own patients through the day. The front desk does it for the others.")
		}
		if err == nil && also != nil {
			err = also(tx, moved)
		}
		return err
	})
	return moved, err
}

// reopenAppointment undoes a slip. The form says where to: what somebody else did meanwhile is not undone.
func (a *app) reopenAppointment(c *fiber.Ctx) error {
	to := posted(c, "to")
	if !slices.Contains([]string{scheduling.Booked, scheduling.Arrived, scheduling.CheckedIn}, to) {
		return fault.BadField("to", "Open the appointment again and choose from its buttons.")
	}
	return a.changeAppointment(c, scheduling.Transition{To: to, Reason: "undone: a slip of the hand"}, "It is "+scheduling.Words(to)+" again")
}

// cancelAppointment frees the time, or the times of a series, and returns to that day.
func (a *app) cancelAppointment(c *fiber.Ctx) error {
	reason := posted(c, "reason")
	if _, ok := views.CancelReason(reason); !ok {
		return a.notChanged(c, fault.BadField("reason", "Choose why it is cancelled."))
	}
	note := strings.Join(strings.Fields(posted(c, "note")), " ")
	if utf8.RuneCountInString(note) > maxCancelNote {
		return a.notChanged(c, fault.BadField("note", fmt.Sprintf("Add at most %d characters.", maxCancelNote)))
	}
	if scope := posted(c, "scope"); scope == scheduling.CancelFollowing || scope == scheduling.CancelAll {
		return a.cancelSeries(c, scope, reason, note)
	}
	moved, err := a.transition(c, scheduling.Transition{To: scheduling.Cancelled, Reason: reason}, func(tx *tenancy.Tx, gone scheduling.Appointment) error {
		return a.noteCancelled(c, tx, gone, note)
	})
	if err != nil {
		return a.notChanged(c, err)
	}
	at := moved.StartsAt.In(zone(c))
	return a.done(c, "Cancelled "+at.Format("Mon 15:04")+" with "+shortName(moved.Practitioner)+".", "The time is free again.", moved.Undo, dayAddress(at))
}

const maxCancelNote = 300 // characters

// noteCancelled keeps what was typed about a cancellation as a note on the patient's record, which is sealed and can be erased. The history and the
// audit, which stay for good and in clear, have the reason's code only.
func (a *app) noteCancelled(c *fiber.Ctx, tx *tenancy.Tx, gone scheduling.Appointment, note string) error {
	if note == "" || gone.PatientID == nil {
		return nil
	}
	line := "Cancelled " + gone.StartsAt.In(zone(c)).Format("Mon 2 January, 15:04") + ": " + note
	return a.directory.AddNote(c.UserContext(), tx, *gone.PatientID, patients.DeskNote, line)
}
