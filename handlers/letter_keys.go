package handlers

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"anteroom/domain/fault"
)

// lettersCookie says that keys of a single letter are off (WCAG 2.1.4). It outlives the session, since nobody should have to turn them off
// every morning, and it is named for the person, since several work at one computer.
func (a *app) lettersCookie(c *fiber.Ctx) string {
	return a.cookieName("anteroom-letters-" + of(c).session.person.String())
}

func (a *app) setLetterKeys(c *fiber.Ctx) error {
	name := a.lettersCookie(c)
	switch posted(c, "letters") {
	case "on":
		a.dropCookie(c, name)
	case "off":
		k := a.cookie(name, "off")
		k.SessionOnly, k.Expires = false, time.Now().AddDate(1, 0, 0)
		c.Cookie(k)
	default:
		return fault.BadField("letters", "Choose on or off.")
	}
	return redirect(c, ownPath(posted(c, "back"), "/"))
}
