package handlers

import (
	"errors"
	"log/slog"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5/pgconn"

	"anteroom/domain/calls"
	"anteroom/domain/fault"
	"anteroom/domain/tenancy"
)

// enterVapi finds out which clinic Vapi speaks for. With a good secret it may ask as often as it likes: whatever is not answered with 200
// is silence for a caller.
func (a *app) enterVapi(c *fiber.Ctx) error {
	var s tenancy.Scope
	err := a.limits.credential(of(c).address, func() (err error) {
		s, err = a.calls.Authenticate(c.UserContext(), calls.Presented{Header: func(name string) string { return c.Get(name) }})
		return err
	})
	if err != nil {
		return err
	}
	of(c).act(s)
	return nil
}

// vapiWebhook answers every message of Vapi. The body is read and forgotten: it holds what was said.
func (a *app) vapiWebhook(c *fiber.Ctx) error {
	m, err := calls.Parse(c.Body())
	if fault.Is(err, fault.Invalid) {
		return httpError(fiber.StatusBadRequest, "broken-json", "The body is not JSON.")
	}
	if err != nil {
		return err
	}
	if m.CallID == "" {
		m.CallID = calls.CallID(c.Get("X-Call-Id"))
	}
	reply, broken, err := a.calls.Receive(c.UserContext(), scope(c), m)
	if err != nil {
		return err
	}
	a.logBroken(c, broken)
	return c.JSON(reply)
}

// logBroken tells why tools failed, each by itself: Vapi was answered in words, with 200, so the cause is told here only.
func (a *app) logBroken(c *fiber.Ctx, broken error) {
	if many, ok := broken.(interface{ Unwrap() []error }); ok {
		for _, err := range many.Unwrap() {
			a.logBroken(c, err)
		}
		return
	}
	if broken == nil {
		return
	}
	name, cause := brokenTool(broken)
	attrs := []slog.Attr{slog.String("request", of(c).id), slog.String("tool", name), slog.String("error", withoutValues(cause))}
	var pg *pgconn.PgError
	if errors.As(cause, &pg) {
		attrs = append(attrs, slog.String("sqlstate", pg.Code))
	}
	a.Log.LogAttrs(c.UserContext(), slog.LevelError, "a tool failed", attrs...)
}

// toolNames are the tools as our assistants are told of them.
var toolNames = []string{"find_slots", "claim_slot", "confirm_booking", "book_appointment", "release_slot", "find_my_appointments", "cancel_appointment"}

// brokenTool takes the name off the error of a tool. A name that is not ours was made up by the model, perhaps from what was said.
func brokenTool(err error) (name string, cause error) {
	cause = errors.Unwrap(err)
	if cause == nil {
		return "unknown", err
	}
	i := slices.IndexFunc(toolNames, func(n string) bool { return strings.HasPrefix(err.Error(), "tool "+n+": ") })
	if i < 0 {
		return "unknown", cause
	}
	return toolNames[i], cause
}
