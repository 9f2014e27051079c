package handlers

import (
	"context"
	"net/http"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"anteroom/domain/calls"
	"anteroom/domain/fault"
	"anteroom/domain/tenancy"
	"anteroom/views"
	"anteroom/views/ui"
)

// askGlass asks why everything of a call should be opened for an hour.
func (a *app) askGlass(c *fiber.Ctx) error {
	return a.glassForm(c, http.StatusOK, "/calls/", calls.Reason{}, "")
}

// breakGlass gives this person sight of everything of a call, for an hour that a colleague reviews.
func (a *app) breakGlass(c *fiber.Ctx) error {
	return a.openGlass(c, "/calls/", func(id uuid.UUID) calls.GlassInput { return calls.GlassInput{CallID: id} })
}

// askPatientGlass asks why everything of all calls of a patient should be opened for an hour.
func (a *app) askPatientGlass(c *fiber.Ctx) error {
	return a.glassForm(c, http.StatusOK, "/patients/", calls.Reason{}, "")
}

// breakPatientGlass is breakGlass over all calls of a patient.
func (a *app) breakPatientGlass(c *fiber.Ctx) error {
	return a.openGlass(c, "/patients/", func(id uuid.UUID) calls.GlassInput { return calls.GlassInput{PatientID: id} })
}

func (a *app) glassForm(c *fiber.Ctx, status int, of string, why calls.Reason, problem string) error {
	id, err := idParam(c, "id")
	if err != nil {
		return err
	}
	if err := a.inClinic(c, func(tx *tenancy.Tx) error { return a.glassTarget(c.UserContext(), tx, of, id) }); err != nil {
		return err
	}
	m := views.CallGlass{CSRF: a.csrf(c), Back: of + id.String(), Patient: of == "/patients/", Reasons: views.CallReasons(calls.ReasonCodes), Reason: why.Code, Words: why.Words, Problem: problem}
	if isHTMX(c) {
		return page(c, status, views.GlassDialog(m))
	}
	m.Shell = a.shell(c, "Call")
	if m.Patient {
		m.Shell = a.shell(c, "Patient")
	}
	return page(c, status, views.GlassPage(m))
}

func (a *app) openGlass(c *fiber.Ctx, of string, input func(uuid.UUID) calls.GlassInput) error {
	id, err := idParam(c, "id")
	if err != nil {
		return err
	}
	in := input(id)
	in.Reason = postedReason(c)
	var g calls.GlassBreak
	err = a.inClinic(c, func(tx *tenancy.Tx) (err error) {
		g, err = a.records.BreakGlass(c.UserContext(), tx, in)
		return err
	})
	if f := fault.As(err); f != nil && f.Kind == fault.Invalid {
		return a.glassForm(c, http.StatusUnprocessableEntity, of, in.Reason, firstWords(f))
	}
	if err != nil {
		return err
	}
	a.flash(c, ui.Warn, "Open to you until "+g.Until.In(zone(c)).Format("15:04")+".", "A reviewer reads your reason.")
	return seeOther(c, of+id.String())
}

// closeGlass ends it before the hour is over, from the page of the call or of the patient.
func (a *app) closeGlass(c *fiber.Ctx) error {
	id, err := idParam(c, "id")
	if err != nil {
		return err
	}
	var g calls.GlassBreak
	err = a.inClinic(c, func(tx *tenancy.Tx) (err error) {
		g, err = a.records.CloseGlass(c.UserContext(), tx, id)
		return err
	})
	if err != nil {
		return err
	}
	a.flash(c, ui.OK, "Closed again.", "The review is still owed.")
	if call, err := uuid.Parse(posted(c, "call")); err == nil {
		return seeOther(c, callAddress(call))
	}
	if g.CallID != nil {
		return seeOther(c, callAddress(*g.CallID))
	}
	return seeOther(c, "/patients/"+g.PatientID.String())
}

func glassOpen(g *calls.GlassBreak, c *fiber.Ctx) *views.OpenGlass {
	if g == nil {
		return nil
	}
	why := views.CallReason(g.Reason)
	if why == "" {
		why = "Another reason"
	}
	return &views.OpenGlass{ID: g.ID.String(), Until: g.Until.In(zone(c)), Why: why, Patient: g.PatientID != nil}
}

// glassTarget: what is not the clinic's cannot be opened, and is not offered.
func (a *app) glassTarget(ctx context.Context, tx *tenancy.Tx, of string, id uuid.UUID) error {
	if of == "/patients/" {
		_, err := a.directory.Standing(ctx, tx, id)
		return err
	}
	_, err := calls.StandingOf(ctx, tx, id)
	return err
}
