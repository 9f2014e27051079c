package handlers

import (
	_ "embed"

	"github.com/gofiber/fiber/v2"
)

// openAPI describes the API. It is written by hand: the tests hold every route and every answer against it.
//
//go:embed openapi.json
var openAPI []byte

// apiDescription answers GET /api/openapi.json, to anybody.
func (a *app) apiDescription(c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	return c.Send(openAPI)
}
