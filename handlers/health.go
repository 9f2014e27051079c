package handlers

import (
	"github.com/gofiber/fiber/v2"

	"anteroom/domain/fault"
)

// healthy says that the program runs; whether it can work is asked of ready.
func (a *app) healthy(c *fiber.Ctx) error {
	return c.JSON(fiber.Map{"status": "ok", "version": a.Version})
}

// ready says whether requests can be answered: a balancer sends none until then.
func (a *app) ready(c *fiber.Ctx) error {
	if err := a.Ready(c.UserContext()); err != nil {
		return fault.New(fault.Unavailable, "not-ready", "Not ready: the database does not answer, or its schema is not the program's.").Because(err)
	}
	return c.JSON(fiber.Map{"status": "ready", "version": a.Version})
}
