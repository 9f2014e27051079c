package handlers

import (
	"net/http"
	"net/url"

	"github.com/gofiber/fiber/v2"

	"anteroom/views"
	"anteroom/views/ui"
)

// errorPage answers a person. Whoever is not signed in is sent to the door, and comes back afterwards.
func (a *app) errorPage(c *fiber.Ctx, p *problem) error {
	if p.status == http.StatusUnauthorized && !acceptsEvents(c) {
		return redirect(c, signInFor(c))
	}
	if isHTMX(c) {
		return errorToast(c, p)
	}
	m := views.Error{Status: p.status, Words: p.fault.Words, RequestID: of(c).id, Bare: views.Bare{Title: titleOf(p.status)}}
	if r := of(c); r.session != nil {
		s := a.shell(c, titleOf(p.status))
		m.Shell = &s
	}
	if c.UserContext().Err() != nil { // its time ran out; the answer does not need any
		c.SetUserContext(a.Stop)
	}
	return page(c, p.status, views.ErrorPage(m))
}

// errorToast says what failed above the page, which stays as it is.
func errorToast(c *fiber.Ctx, p *problem) error {
	c.Set("HX-Retarget", "#toasts")
	c.Set("HX-Reswap", "beforeend")
	c.Set("HX-Reselect", ".toast")
	c.Set("HX-Push-Url", "false")
	return page(c, p.status, ui.Toast(ui.Bad, titleOf(p.status), p.fault.Words))
}

func signInFor(c *fiber.Ctx) string {
	back := ""
	if isHTMX(c) {
		if u, err := url.Parse(c.Get("HX-Current-URL")); err == nil {
			back = u.RequestURI()
		}
	} else if c.Method() == fiber.MethodGet {
		back = c.OriginalURL()
	}
	if back = ownPath(back, ""); back == "" || back == "/" {
		return "/sign-in"
	}
	return "/sign-in?next=" + url.QueryEscape(back)
}

func acceptsEvents(c *fiber.Ctx) bool { return c.Get(fiber.HeaderAccept) == "text/event-stream" }
