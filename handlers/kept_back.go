package handlers

import (
	"bytes"
	"strings"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/net/html"

	"anteroom/views"
)

// giveBack puts what was typed into the form of the page that is shown first after signing in; if its form is not there, the page says so and
// offers to send it as it is. Either way it is given back once.
func (a *app) giveBack(c *fiber.Ctx) error {
	s := of(c).session
	if s == nil || s.mustChange || c.Method() != fiber.MethodGet || isHTMX(c) || c.Response().StatusCode() != fiber.StatusOK ||
		!strings.HasPrefix(string(c.Response().Header.ContentType()), fiber.MIMETextHTML) {
		return nil
	}
	sealed := a.sessions.PopString(c.UserContext(), keyKept)
	if sealed == "" {
		return nil
	}
	s.dirty = true
	k, ok := a.openKept(sealed, s.person)
	if !ok || k.Clinic != of(c).member.Clinic {
		return nil
	}
	body, err := a.withKept(c, k)
	if err == nil {
		c.Response().SetBody(body)
	}
	return err
}

// withKept is the page that is about to be sent, with the form in it.
func (a *app) withKept(c *fiber.Ctx, k keptForm) ([]byte, error) {
	doc, err := html.Parse(bytes.NewReader(c.Response().Body()))
	if err != nil {
		return nil, err
	}
	m := views.KeptForm{Action: k.Path, CSRF: a.csrf(c)}
	if form := findForm(doc, k.Path); form != nil {
		fillForm(doc, form, k.Fields)
		m.Found, m.Dialog = true, showForm(form)
	} else {
		m.Fields, m.Here = k.Fields, ownPath(c.OriginalURL(), "/")
	}
	var said, out bytes.Buffer
	if err := views.KeptFormBanner(m).Render(c.UserContext(), &said); err != nil {
		return nil, err
	}
	if err := prepend(findElement(doc, "main"), said.Bytes()); err != nil {
		return nil, err
	}
	if err := html.Render(&out, doc); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
