package handlers

import (
	"net/http"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"anteroom/domain/calls"
	"anteroom/domain/fault"
	"anteroom/domain/identity"
	"anteroom/domain/patients"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
	"anteroom/views"
	"anteroom/views/ui"
)

const (
	mostVisits = 200 // of scheduling.OfPatient
	mostActs   = 12
	mostCalls  = 10
	revealFor  = time.Minute
)

// showPatient is the record. Directory.Get records the view.
func (a *app) showPatient(c *fiber.Ctx) error { return a.patientPage(c, http.StatusOK, nil) }

// patientPage shows the record; change adds to it what was refused.
func (a *app) patientPage(c *fiber.Ctx, status int, change func(*views.Patient)) error {
	id, err := idParam(c, "id")
	if err != nil {
		return err
	}
	var r loadedPatient
	err = a.inClinic(c, func(tx *tenancy.Tx) (err error) {
		r, err = a.loadPatient(c, tx, id)
		return err
	})
	switch {
	case err != nil:
		return err
	case r.MergedInto != nil:
		return seeOther(c, "/patients/"+r.MergedInto.String())
	}
	m := a.patientView(c, r)
	if change != nil {
		change(&m)
	}
	return page(c, status, views.PatientPage(m))
}

// loadedPatient is all that the record shows, as far as this role may see it.
type loadedPatient struct {
	patients.Patient
	now    time.Time
	visits []scheduling.Appointment
	notes  []patients.Note
	merges []patients.Merge
	acts   []patients.Act
	alike  []views.PatientRow
	calls  []calls.Call
	sight  bool              // sees everything of them by their role
	glass  *calls.GlassBreak // or has opened it
	said   []calls.Suggestion
}

func (a *app) loadPatient(c *fiber.Ctx, tx *tenancy.Tx, id uuid.UUID) (r loadedPatient, err error) {
	ctx, member := c.UserContext(), of(c).member
	if r.now, err = tx.Now(ctx); err != nil {
		return r, err
	}
	if r.Patient, err = a.directory.Get(ctx, tx, id); err != nil || r.MergedInto != nil {
		return r, err
	}
	if r.visits, err = scheduling.OfPatient(ctx, tx, id); err != nil || r.Erased {
		return r, err
	}
	told, err := a.records.List(ctx, tx, calls.ListInput{PatientID: id, Limit: mostCalls})
	if err != nil {
		return r, err
	}
	r.calls = told.Calls
	if r.sight, r.glass, err = a.records.Sight(ctx, tx, id); err != nil {
		return r, err
	}
	if r.notes, err = a.directory.Notes(ctx, tx, id); err != nil || !books(member.Role) {
		return r, err
	}
	if r.said, err = calls.Suggestions(ctx, tx, id); err != nil {
		return r, err
	}
	if r.merges, err = a.directory.MergesOf(ctx, tx, id); err != nil {
		return r, err
	}
	if r.acts, err = patients.Activity(ctx, tx, id, member.Role == identity.Admin, mostActs); err != nil {
		return r, err
	}
	alike, err := a.duplicates(c, tx, r.Details, id)
	for _, p := range alike {
		if len(p.Same) > 1 { // one thing alone may be a family's
			r.alike = append(r.alike, p)
		}
	}
	return r, err
}

// patientView holds the details as far as this role may see them: who books needs to reach the patient, who treats reads the notes.
func (a *app) patientView(c *fiber.Ctx, r loadedPatient) views.Patient {
	member, at := of(c).member, zone(c)
	m := views.Patient{Shell: a.shell(c, "Patient"), ID: r.ID.String(), Name: r.Name, Since: r.CreatedAt.In(at), Now: r.now.In(at), Zone: place(member.Zone) + " time",
		MoreVisits: len(r.visits) == mostVisits}
	m.Upcoming, m.Earlier, m.Cancelled = comingAndGone(r.visits, m.Now)
	if r.Erased {
		m.Denied = &ui.Blank{Icon: "eye-off", Title: "Erased", Words: "The key to this record was destroyed, so nobody can read who it was. The times of the appointments stay."}
		return m
	}
	for _, call := range r.calls {
		m.Calls = append(m.Calls, callRow(call, m.Now))
	}
	m.Glass, m.CanBreak = glassOpen(r.glass, c), len(r.calls) > 0 && !r.sight && r.glass == nil
	m.Age = age(r.BirthDate, m.Now)
	treats := slices.ContainsFunc(r.visits, func(v scheduling.Appointment) bool { return mayTreat(member, v) })
	if books(member.Role) {
		showContact(&m, r.Patient, member.Locale, member.Country)
		m.BookURL, m.CanEdit, m.Alike, m.Seen = "/appointments/new?patient="+m.ID, true, r.alike, member.Role == identity.Admin
		m.Merges, m.Activity, m.Suggestions = mergeViews(r, at), actViews(r, at), suggestionViews(r.said, at)
	} else {
		m.Masked, m.Reveal = true, &views.Reveal{Reasons: views.RevealReasons(patients.RevealReasons)}
		m.BirthDate = born(r.BirthDate, member.Locale, true)
		m.Phone, _ = phoneFor(member.Role, r.Phone, member.Country)
		m.Email, m.Address = hidden(r.Email), hidden(r.Address)
	}
	if books(member.Role) || treats {
		m.Notes, m.Log = r.Notes, logView(r.notes, treats, at)
	}
	return m
}

func showContact(m *views.Patient, p patients.Patient, locale, country string) {
	m.BirthDate, m.Email, m.Address = born(p.BirthDate, locale, false), p.Email, p.Address
	m.Phone, _ = phoneFor(identity.FrontDesk, p.Phone, country)
	if p.Phone != "" {
		m.PhoneLink = "tel:" + p.Phone
	}
}

// hidden says that there is something, and not what.
func hidden(s string) string {
	if s == "" {
		return ""
	}
	return "•••"
}

// logView shows the dated notes: clinical ones are read by who treats the patient, and to others only say that they are there.
func logView(notes []patients.Note, treats bool, at *time.Location) *views.PatientLog {
	log := &views.PatientLog{Both: treats, Kind: patients.DeskNote}
	if treats {
		log.Kind = patients.ClinicalNote
	}
	for _, n := range notes {
		v := views.PatientNote{By: actorView(n.Actor, n.ActorName), At: n.At.In(at), Clinical: n.Kind == patients.ClinicalNote}
		if v.Hidden = v.Clinical && !treats; !v.Hidden {
			v.Text = n.Text
		}
		log.Notes = append(log.Notes, v)
	}
	return log
}

func mergeViews(r loadedPatient, at *time.Location) (list []views.PatientMerge) {
	for i, g := range r.merges {
		list = append(list, views.PatientMerge{ID: g.ID.String(), By: actorView(g.Actor, g.ActorName).Name, At: g.At.In(at), Until: g.UndoUntil.In(at), Can: i == 0 && r.now.Before(g.UndoUntil)})
	}
	return list
}

func actViews(r loadedPatient, at *time.Location) (list []views.PatientAct) {
	for _, e := range r.acts {
		if words, known := views.PatientActWords(e.Action); known {
			list = append(list, views.PatientAct{By: actorView(e.Actor, e.ActorName), Words: words, Why: views.RevealReason(e.Reason), At: e.At.In(at)})
		}
	}
	return list
}

// comingAndGone sorts appointments, newest first as they come, into those that are still to be, the next first, those that were, and those
// that came to nothing.
func comingAndGone(all []scheduling.Appointment, now time.Time) (coming, gone, cancelled []views.PatientAppointment) {
	for _, a := range all {
		v := views.PatientAppointment{ID: a.ID.String(), From: a.StartsAt.In(now.Location()), Service: a.ServiceName, Practitioner: a.Practitioner, Status: a.Status}
		switch {
		case slices.Contains([]string{scheduling.Cancelled, scheduling.NoShow, scheduling.EnteredInError}, a.Status):
			cancelled = append(cancelled, v)
		case a.EndsAt.After(now) && a.Status != scheduling.Fulfilled:
			coming = append(coming, v)
		default:
			gone = append(gone, v)
		}
	}
	slices.Reverse(coming)
	return coming, gone, cancelled
}

// addPatientNote adds a dated note: the desk's own, or one of who treats the patient.
func (a *app) addPatientNote(c *fiber.Ctx) error {
	id, err := idParam(c, "id")
	if err != nil {
		return err
	}
	member, kind, text := of(c).member, patients.DeskNote, posted(c, "note")
	err = a.inClinic(c, func(tx *tenancy.Tx) error {
		visits, err := scheduling.OfPatient(c.UserContext(), tx, id)
		if err != nil {
			return err
		}
		treats := slices.ContainsFunc(visits, func(v scheduling.Appointment) bool { return mayTreat(member, v) })
		if !treats && !books(member.Role) {
			return fault.New(fault.Forbidden, "not-yours", "You can write notes about your own patients. The front desk writes about the others.")
		}
		if treats && posted(c, "kind") == patients.ClinicalNote {
			kind = patients.ClinicalNote
		}
		return a.directory.AddNote(c.UserContext(), tx, id, kind, text)
	})
	if f := fault.As(err); f != nil && (f.Kind == fault.Invalid || f.Kind == fault.Conflict) {
		return a.patientPage(c, statuses[f.Kind], func(m *views.Patient) {
			if m.Log == nil {
				m.Problem = f.Words
				return
			}
			m.Log.Typed, m.Log.Kind, m.Log.Problem = text, kind, "The note "+f.Words+"."
		})
	}
	if err != nil {
		return err
	}
	a.flash(c, ui.OK, "Note added", "")
	return seeOther(c, "/patients/"+id.String()+"#notes")
}

// revealPatient shows the record whole for a minute to somebody who sees it masked, for a reason that is recorded. The browser leaves the page
// by itself, also without script.
func (a *app) revealPatient(c *fiber.Ctx) error {
	id, err := idParam(c, "id")
	if err != nil {
		return err
	}
	reason := posted(c, "reason")
	var p patients.Patient
	err = a.inClinic(c, func(tx *tenancy.Tx) (err error) {
		p, err = a.directory.Reveal(c.UserContext(), tx, id, reason)
		return err
	})
	if f := fault.As(err); f != nil && f.Kind == fault.Invalid {
		return a.patientPage(c, http.StatusUnprocessableEntity, func(m *views.Patient) { m.Problem = "Nothing was shown. " + f.Words })
	}
	if err != nil {
		return err
	}
	if p.MergedInto != nil || p.Erased {
		return seeOther(c, "/patients/"+id.String())
	}
	c.Set("Refresh", "60; url=/patients/"+id.String())
	member := of(c).member
	return a.patientPage(c, http.StatusOK, func(m *views.Patient) {
		showContact(m, p, member.Locale, member.Country)
		m.Reveal = &views.Reveal{Why: views.RevealReason(reason), Until: &ui.Countdown{ExpiresAt: m.Now.Add(revealFor), Left: revealFor, Total: revealFor, Words: "Hidden again in"}}
	})
}

// backToPatient is for whoever reloads the answer to a form of the record.
func (a *app) backToPatient(c *fiber.Ctx) error {
	id, err := idParam(c, "id")
	if err != nil {
		return err
	}
	return seeOther(c, "/patients/"+id.String())
}
