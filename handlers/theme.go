package handlers

import (
	"github.com/gofiber/fiber/v2"

	"anteroom/domain/fault"
)

func (a *app) setTheme(c *fiber.Ctx) error {
	theme := posted(c, "theme")
	switch theme {
	case "light", "dark":
	case "system":
		theme = ""
	default:
		return fault.BadField("theme", "Choose light, dark, or what the device says.")
	}
	a.put(c, keyTheme, theme)
	return redirect(c, ownPath(posted(c, "back"), "/"))
}
