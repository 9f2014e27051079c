package handlers

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"anteroom/domain/calls"
	"anteroom/domain/fault"
	"anteroom/domain/tenancy"
	"anteroom/views"
)

func postedReason(c *fiber.Ctx) calls.Reason {
	return calls.Reason{Code: posted(c, "reason"), Words: strings.TrimSpace(posted(c, "words"))}
}

// askReveal asks why before it shows something: over the page, or as one of its own.
func (a *app) askReveal(c *fiber.Ctx) error { return a.spanForm(c, http.StatusOK, calls.Reason{}, nil) }

func (a *app) spanForm(c *fiber.Ctx, status int, why calls.Reason, refused *fault.Fault) error {
	span, err := a.spanOf(c)
	if err != nil {
		return err
	}
	var s calls.Span
	err = a.inClinic(c, func(tx *tenancy.Tx) (err error) {
		s, err = a.records.Hidden(c.UserContext(), tx, span)
		return err
	})
	switch {
	case err != nil:
		return err
	case s.CallID.String() != c.Params("id"):
		return fault.New(fault.NotFound, "no-such-span", "There is nothing hidden here any more.")
	case !s.Mine && !s.Erased:
		return fault.New(fault.Forbidden, "not-yours-to-reveal", "You may not see this. In an emergency you can open the call for an hour; that is reviewed.")
	}
	m := views.CallSpan{CSRF: a.csrf(c), Span: spanView(s), Reasons: views.CallReasons(calls.ReasonCodes), Reason: why.Code, Words: why.Words}
	if refused != nil {
		m.Problem = firstWords(refused)
		if len(refused.Fields) > 0 {
			m.At = refused.Fields[0].Name
		}
	}
	if isHTMX(c) {
		c.Set("HX-Retarget", "#dialogs")
		c.Set("HX-Reswap", "innerHTML")
		return page(c, status, views.SpanDialog(m))
	}
	m.Shell = a.shell(c, "Call")
	return page(c, status, views.SpanPage(m))
}

// spanOf also checks the call's id, which the pages are addressed by.
func (a *app) spanOf(c *fiber.Ctx) (uuid.UUID, error) {
	if _, err := idParam(c, "id"); err != nil {
		return uuid.Nil, err
	}
	return idParam(c, "span")
}

// reveal shows what was taken out, for a minute: with a script in its place, and else on the page, which the browser then leaves by itself.
func (a *app) reveal(c *fiber.Ctx) error {
	span, err := a.spanOf(c)
	if err != nil {
		return err
	}
	why := postedReason(c)
	var shown calls.Revealed
	var now time.Time
	err = a.inClinic(c, func(tx *tenancy.Tx) (err error) {
		if shown, err = a.records.Reveal(c.UserContext(), tx, span, why); err != nil {
			return err
		}
		now, err = tx.Now(c.UserContext())
		return err
	})
	if f := fault.As(err); f != nil && f.Kind == fault.Invalid {
		return a.spanForm(c, http.StatusUnprocessableEntity, why, f)
	}
	if err != nil {
		return err
	}
	open := views.OpenedSpan{ID: span.String(), Words: shown.Words, Until: shown.Until.In(zone(c)), Left: shown.Until.Sub(now), Why: cmp.Or(views.CallReason(why.Code), "Another reason")}
	if isHTMX(c) {
		s := spanView(shown.Span)
		s.Open = &open
		return page(c, http.StatusOK, views.RevealedChip(s))
	}
	c.Set("Refresh", strconv.Itoa(int(calls.RevealLasts/time.Second))+"; url="+callAddress(shown.Span.CallID))
	return a.callPage(c, http.StatusOK, func(m *views.Call) { showOpened(m, open) })
}

// firstWords are the first thing that is wrong with a form.
func firstWords(f *fault.Fault) string {
	if len(f.Fields) > 0 {
		return f.Fields[0].Message
	}
	return f.Words
}

func showOpened(m *views.Call, open views.OpenedSpan) {
	m.Opened = &open
	turns := m.Turns
	if m.Summary != nil {
		turns = append([]views.CallTurn{*m.Summary}, turns...)
	}
	for _, t := range turns {
		for _, p := range t.Pieces {
			if p.Span != nil && p.Span.ID == open.ID {
				p.Span.Open = &open
			}
		}
	}
}
