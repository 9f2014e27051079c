package handlers

import (
	"net/http"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"anteroom/domain/calls"
	"anteroom/domain/fault"
	"anteroom/domain/patients"
	"anteroom/domain/privacy"
	"anteroom/domain/tenancy"
	"anteroom/views"
	"anteroom/views/ui"
)

// showSuggestion is a detail that was said on a call and that the record does not have: what the record has, and why somebody wants to hear the other.
func (a *app) showSuggestion(c *fiber.Ctx) error {
	return a.suggestionPage(c, http.StatusOK, func(*views.Suggestion) {})
}

// hearSuggestion shows the words for a minute, with the reason, beside a field that has them as they are written. The browser then leaves by itself.
func (a *app) hearSuggestion(c *fiber.Ctx) error {
	_, span, err := suggestionIDs(c)
	if err != nil {
		return err
	}
	why := postedReason(c)
	var shown calls.Revealed
	err = a.inClinic(c, func(tx *tenancy.Tx) (err error) {
		shown, err = a.records.Reveal(c.UserContext(), tx, span, why)
		return err
	})
	if f := fault.As(err); f != nil && f.Kind == fault.Invalid {
		return a.suggestionPage(c, http.StatusUnprocessableEntity, func(m *views.Suggestion) { m.Reason, m.Words, m.Problem = why.Code, why.Words, firstWords(f) })
	}
	if err != nil {
		return err
	}
	c.Set("Refresh", strconv.Itoa(int(calls.RevealLasts/time.Second))+"; url=/patients/"+c.Params("id"))
	return a.suggestionPage(c, http.StatusOK, func(m *views.Suggestion) {
		m.Heard, m.Until = shown.Words, shown.Until.In(zone(c))
		m.Value = calls.AsWritten(privacy.Kind(shown.Span.Kind), shown.Words)
	})
}

func suggestionIDs(c *fiber.Ctx) (patient, span uuid.UUID, err error) {
	if patient, err = idParam(c, "id"); err != nil {
		return patient, span, err
	}
	span, err = idParam(c, "span")
	return patient, span, err
}

func (a *app) suggestionPage(c *fiber.Ctx, status int, change func(*views.Suggestion)) error {
	patient, span, err := suggestionIDs(c)
	if err != nil {
		return err
	}
	var s calls.Suggestion
	var p patients.Patient
	err = a.inClinic(c, func(tx *tenancy.Tx) (err error) {
		if s, err = calls.SuggestionOf(c.UserContext(), tx, patient, span); err != nil {
			return err
		}
		p, err = a.directory.Get(c.UserContext(), tx, patient)
		return err
	})
	if f := fault.As(err); f != nil && f.Kind == fault.Conflict {
		return a.patientPage(c, statuses[f.Kind], func(m *views.Patient) { m.Problem = f.Words })
	}
	if err != nil {
		return err
	}
	m := views.Suggestion{Shell: a.shell(c, "Patient"), PatientID: patient.String(), Name: p.Name, SpanID: span.String(), Kind: s.Kind, CallURL: callAddress(s.CallID),
		At: s.StartedAt.In(zone(c)), Has: detailOf(p, s.Kind, of(c).member.Country), Version: strconv.Itoa(p.Version), Reasons: views.CallReasons(calls.ReasonCodes)}
	change(&m)
	return page(c, status, views.SuggestionPage(m))
}

// detailOf is what the record has of this kind.
func detailOf(p patients.Patient, kind, country string) string {
	switch privacy.Kind(kind) {
	case privacy.Phone:
		if p.Phone == "" {
			return ""
		}
		return patients.FormatPhone(p.Phone, country)
	case privacy.Email:
		return p.Email
	}
	return p.Address
}

// decideSuggestion puts the detail into the record, or leaves the record as it is.
func (a *app) decideSuggestion(c *fiber.Ctx) error {
	patient, span, err := suggestionIDs(c)
	if err != nil {
		return err
	}
	seen, _ := strconv.Atoi(posted(c, "version"))
	in := calls.TakeInput{PatientID: patient, SpanID: span, Value: posted(c, "value"), Seen: seen}
	taken := posted(c, "decision") == calls.SuggestionTaken
	said := "The record stays as it is."
	if taken {
		said = "The record has the new detail."
	}
	err = a.inClinic(c, func(tx *tenancy.Tx) error {
		if taken {
			return a.records.TakeSuggestion(c.UserContext(), tx, in)
		}
		return a.records.DismissSuggestion(c.UserContext(), tx, patient, span)
	})
	switch f := fault.As(err); {
	case f != nil && f.Kind == fault.Invalid:
		return a.suggestionPage(c, http.StatusUnprocessableEntity, func(m *views.Suggestion) { m.Typing, m.Value, m.FieldProblem = true, in.Value, suggestionProblem(f) })
	case f != nil && f.Code == "changed-meanwhile":
		return a.suggestionPage(c, http.StatusConflict, func(m *views.Suggestion) {
			m.Typing, m.Value, m.Problem = true, in.Value, f.Words+" What it has now stands here."
		})
	case f != nil && f.Kind == fault.Conflict:
		return a.patientPage(c, http.StatusConflict, func(m *views.Patient) { m.Problem = f.Words })
	case err != nil:
		return err
	}
	a.flash(c, ui.OK, said, "")
	return seeOther(c, "/patients/"+patient.String())
}

// suggestionProblem is what is wrong with the one field of the form, whose name is the record's in the fault.
func suggestionProblem(f *fault.Fault) string {
	words := firstWords(f)
	if len(f.Fields) > 0 && f.Fields[0].Name != "value" {
		return "This " + words + "."
	}
	return words
}

// suggestionViews are the suggestions as the pages of the patient and of the call list them.
func suggestionViews(list []calls.Suggestion, at *time.Location) (out []views.SuggestionRow) {
	for _, s := range list {
		out = append(out, views.SuggestionRow{URL: "/patients/" + s.PatientID.String() + "/suggestions/" + s.SpanID.String(), Kind: s.Kind, At: s.StartedAt.In(at)})
	}
	return out
}
