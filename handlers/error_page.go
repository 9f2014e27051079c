package handlers

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"anteroom/views"
	"anteroom/views/ui"
)

// errorPage answers a person. Whoever is not signed in stands at the door, and comes back afterwards.
func (a *app) errorPage(c *fiber.Ctx, p *problem) error {
	c.SetUserContext(context.WithoutCancel(c.UserContext())) // the request's time is over; saying so needs none
	if p.status == http.StatusUnauthorized && !asksForEvents(c) {
		return a.door(c)
	}
	if p.fault.Code == passwordFirst && c.Method() != fiber.MethodPost && !asksForEvents(c) {
		return redirect(c, "/password")
	}
	if isHTMX(c) {
		return errorToast(c, p)
	}
	m := views.Error{Status: p.status, Words: p.fault.Words, RequestID: of(c).id, Bare: views.Bare{Title: p.title()}}
	if title := p.title(); title != titleOf(p.status) {
		m.Title = title
	}
	if of(c).session != nil {
		s := a.shell(c, p.title())
		m.Shell = &s
	}
	return page(c, p.status, views.ErrorPage(m))
}

// notMovable is the fault of an appointment that is over, asked to be somewhere else.
const notMovable = "cannot-move"

// title is of the page: a form that is out of date is nothing about anybody's role, and nobody was faster when what is over cannot be moved.
func (p *problem) title() string {
	switch p.fault.Code {
	case formCode:
		return "This form is out of date"
	case notMovable:
		return "This cannot be moved"
	}
	return titleOf(p.status)
}

// errorToast says what failed above the page, which stays as it is.
func errorToast(c *fiber.Ctx, p *problem) error {
	c.Set("HX-Retarget", "#toasts")
	c.Set("HX-Reswap", "beforeend")
	c.Set("HX-Reselect", ".toast")
	c.Set("HX-Push-Url", "false")
	return page(c, p.status, ui.Toast(ui.Bad, p.title(), p.fault.Words))
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

// asksForEvents: a stream that was answered with a page would be asked for again and again.
func asksForEvents(c *fiber.Ctx) bool { return strings.HasSuffix(c.Path(), "/events") }
