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
)

// enterVapi finds out which clinic Vapi speaks for. With a good secret it may ask as often as it likes: whatever is not answered with 200
// is silence for a caller.
func (a *app) enterVapi(c *fiber.Ctx) error {
	var in calls.Admission
	shows := strings.Join([]string{c.Get("X-Vapi-Secret"), c.Get(fiber.HeaderAuthorization), c.Get(calls.CredentialHeader), c.Query(calls.CredentialQuery)}, "\n")
	err := a.limits.credential(of(c).address, shows, func() (err error) {
		in, err = a.calls.Authenticate(c.UserContext(), calls.Presented{Header: func(name string) string { return c.Get(name) },
			Credential: c.Query(calls.CredentialQuery), Address: of(c).address, Body: c.BodyRaw()})
		return err
	})
	if err != nil {
		return err
	}
	of(c).act(in.Scope)
	c.Locals(admission, in)
	return nil
}

const admission = "admission"

// vapiWebhook answers every message of Vapi. The body holds what was said: it is never logged.
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
		return a.notReceived(c, err)
	}
	a.logBroken(c, broken)
	return c.JSON(reply)
}

// notReceived lets the same request come again when it was we who failed.
func (a *app) notReceived(c *fiber.Ctx, err error) error {
	if in, ok := c.Locals(admission).(calls.Admission); ok && fault.As(err) == nil {
		err = errors.Join(err, a.calls.Withdraw(c.UserContext(), in))
	}
	return err
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

// brokenTool takes the name off the error of a tool. A name that is not ours was made up by the model, perhaps from what was said.
func brokenTool(err error) (name string, cause error) {
	cause = errors.Unwrap(err)
	if cause == nil {
		return "unknown", err
	}
	names := calls.ToolNames()
	i := slices.IndexFunc(names, func(n string) bool { return strings.HasPrefix(err.Error(), "tool "+n+": ") })
	if i < 0 {
		return "unknown", cause
	}
	return names[i], cause
}
