package handlers

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"anteroom/domain/calls"
	"anteroom/domain/identity"
	"anteroom/domain/patients"
	"anteroom/domain/privacy"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
	"anteroom/views"
)

// loadedCall is all that the page of a call shows.
type loadedCall struct {
	calls.Record
	now      time.Time
	standing string
	story    []calls.Step
	booked   []bookedCall
	said     []calls.Suggestion
}

// bookedCall is an appointment of the call, with its steps.
type bookedCall struct {
	scheduling.Appointment
	name  string
	steps []scheduling.StatusChange
}

// mostBooked is how many appointments of one call are told.
const mostBooked = 8

// showCall is what is kept of a call. Records.Get records the view.
func (a *app) showCall(c *fiber.Ctx) error { return a.callPage(c, http.StatusOK, nil) }

// callPage shows the call; change adds what was refused, or revealed.
func (a *app) callPage(c *fiber.Ctx, status int, change func(*views.Call)) error {
	id, err := idParam(c, "id")
	if err != nil {
		return err
	}
	var r loadedCall
	err = a.inClinic(c, func(tx *tenancy.Tx) (err error) {
		r, err = a.loadCall(c.UserContext(), tx, id, of(c).member)
		return err
	})
	if err != nil {
		return err
	}
	m := a.callView(c, r)
	if change != nil {
		change(&m)
	}
	return page(c, status, views.CallPage(m))
}

func (a *app) loadCall(ctx context.Context, tx *tenancy.Tx, id uuid.UUID, member identity.Membership) (r loadedCall, err error) {
	if r.Record, err = a.records.Get(ctx, tx, id); err != nil {
		return r, err
	}
	if r.now, err = tx.Now(ctx); err != nil {
		return r, err
	}
	if r.standing, err = calls.StandingOf(ctx, tx, id); err != nil {
		return r, err
	}
	if r.story, err = a.records.Story(ctx, tx, id); err != nil {
		return r, err
	}
	if r.PatientID != nil && books(member.Role) {
		if r.said, err = calls.Suggestions(ctx, tx, *r.PatientID); err != nil {
			return r, err
		}
		r.said = slices.DeleteFunc(r.said, func(s calls.Suggestion) bool { return s.CallID != id })
	}
	for _, booking := range r.Appointments[:min(len(r.Appointments), mostBooked)] {
		b := bookedCall{}
		if b.Appointment, err = scheduling.Get(ctx, tx, booking); err != nil {
			return r, err
		}
		if b.steps, err = scheduling.History(ctx, tx, booking); err != nil {
			return r, err
		}
		if desk.admits(member.Role) && b.PatientID != nil {
			var p patients.Patient
			if p, err = a.desk.PatientOf(ctx, tx, b.Appointment); err != nil {
				return r, err
			}
			b.name = p.Name
		}
		r.booked = append(r.booked, b)
	}
	return r, nil
}

func (a *app) callView(c *fiber.Ctx, r loadedCall) views.Call {
	member, at := of(c).member, zone(c)
	m := views.Call{Shell: a.shell(c, "Call"), ID: r.ID.String(), Began: r.StartedAt.In(at), Now: r.now.In(at), Outcome: r.Outcome, Agent: agentName(r.Call),
		Unread: r.Review == "wanted", Read: r.Review == "done", NewRules: a.records.RuleSet(), Kinds: kindOptions()}
	m.Live = goesOn(r.Call, r.now)
	if r.RecordedAt == nil && r.now.Sub(r.StartedAt) < time.Hour {
		m.Watch = callAddress(r.ID) + "/standing?seen=" + r.standing
	}
	if r.PatientID != nil && a.admits(member.Role, "/patients/:id") {
		m.PatientURL = "/patients/" + r.PatientID.String()
	}
	m.CanMark = len(r.Turns) > 0
	describeTalk(&m, r.Record)
	if watch.admits(member.Role) && r.RuleSet != "" && !m.Erased {
		m.CanRerun, m.Waiting = r.Waiting > 0 || privacy.Older(r.RuleSet, m.NewRules), r.Waiting
	}
	m.Glass = glassOpen(r.Glass, c)
	m.Facts = callFacts(r.Record, m, r.now)
	m.Blank = noTalk(r.Record, m)
	for _, b := range r.booked {
		if b.Status == scheduling.Pending && (b.HoldExpiresAt == nil || !b.HoldExpiresAt.After(r.now)) {
			continue // it ran out: the timeline tells of it
		}
		if b.Status == scheduling.Cancelled && b.PatientID == nil {
			continue // it was only ever held
		}
		v := views.CallResult{Name: b.name, Status: b.Status, From: b.StartsAt.In(at), To: b.EndsAt.In(at), Service: b.ServiceName, Practitioner: b.Practitioner}
		if a.admits(member.Role, "/appointments/:id") {
			v.Href = "/appointments/" + b.ID.String()
		}
		m.Results = append(m.Results, v)
	}
	m.Suggestions = suggestionViews(r.said, at)
	m.Story = storyOf(r, m, at)
	for _, d := range r.Reruns {
		m.Reruns = append(m.Reruns, rerunView(d, r, at))
	}
	return m
}

// callStanding is asked by a page whose call is not yet known whole: it loads anew once something has become of it.
func (a *app) callStanding(c *fiber.Ctx) error {
	id, err := idParam(c, "id")
	if err != nil {
		return err
	}
	var now string
	err = a.inClinic(c, func(tx *tenancy.Tx) (err error) {
		now, err = calls.StandingOf(c.UserContext(), tx, id)
		return err
	})
	if err != nil {
		return err
	}
	if now != c.Query("seen") {
		c.Set("HX-Refresh", "true")
	}
	return c.SendStatus(http.StatusNoContent)
}
