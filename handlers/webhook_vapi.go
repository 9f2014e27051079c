package handlers

import (
	"log/slog"

	"github.com/gofiber/fiber/v2"

	"anteroom/domain/calls"
	"anteroom/domain/fault"
)

// enterVapi finds out which clinic Vapi speaks for.
func (a *app) enterVapi(c *fiber.Ctx) error {
	s, err := a.calls.Authenticate(c.UserContext(), calls.Presented{Header: func(name string) string { return c.Get(name) }, Body: c.Body()})
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
	if broken != nil { // Vapi was answered in words, with 200: the cause is told here only
		a.Log.LogAttrs(c.UserContext(), slog.LevelError, "a tool failed", slog.String("request", of(c).id), slog.Any("error", broken))
	}
	return c.JSON(reply)
}
