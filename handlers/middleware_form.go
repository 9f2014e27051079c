package handlers

import (
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"net/url"
	"slices"

	"github.com/gofiber/fiber/v2"

	"anteroom/domain/fault"
	"anteroom/views/ui"
)

// formCode is the fault of a form that is too old, or did not come from a page of ours.
const formCode = "form"

var safeMethods = []string{fiber.MethodGet, fiber.MethodHead, fiber.MethodOptions}

// checkInput is what every request of a browser passes.
func (a *app) checkInput(c *fiber.Ctx) error {
	if err := a.checkForm(c); err != nil {
		return err
	}
	return checkText(c)
}

// checkForm refuses changes that did not come from a page of ours: by what the browser says of their origin, and by a token that only our
// pages know. Routes of keys and webhooks read no cookie, so nobody's browser can be made to use them.
func (a *app) checkForm(c *fiber.Ctx) error {
	if slices.Contains(safeMethods, c.Method()) {
		return a.checkWindow(c)
	}
	refused := fault.New(fault.Forbidden, formCode, "Reload the page and try again.")
	if !a.sameOrigin(c) {
		return refused
	}
	want := a.expectedToken(c)
	if want == "" || subtle.ConstantTimeCompare([]byte(want), []byte(sentToken(c))) != 1 {
		return refused
	}
	return nil
}

// sentToken is the token of the page that the request came from.
func sentToken(c *fiber.Ctx) string {
	if got := c.Get(ui.CSRFHeader); got != "" {
		return got
	}
	return posted(c, ui.CSRFField)
}

// checkWindow has a page loaded anew that asks for a part of itself after the session became another one in some other window: it would
// show one clinic's data under the name of the other.
func (a *app) checkWindow(c *fiber.Ctx) error {
	token := c.Get(ui.CSRFHeader)
	if s := of(c).session; s == nil || !isHTMX(c) || token == "" || subtle.ConstantTimeCompare([]byte(s.csrf), []byte(token)) == 1 {
		return nil
	}
	return errOtherWindow
}

// errOtherWindow is answered with nothing but the word to load the page again.
var errOtherWindow = errors.New("this page is of an earlier session")

// posted is a field of the form that was sent: never of the address, which ends up in logs and histories.
func posted(c *fiber.Ctx, name string) string {
	if v := c.Request().PostArgs().Peek(name); v != nil {
		return string(v)
	}
	if f, err := c.MultipartForm(); err == nil && len(f.Value[name]) > 0 {
		return f.Value[name][0]
	}
	return ""
}

// sameOrigin believes Sec-Fetch-Site, which pages cannot set, and else compares the origin's host with ours. Neither: no browser of this
// decade; the token decides.
func (a *app) sameOrigin(c *fiber.Ctx) bool {
	switch site := c.Get("Sec-Fetch-Site"); site {
	case "same-origin", "none":
		return true
	case "":
	default:
		return false
	}
	origin := c.Get(fiber.HeaderOrigin)
	if origin == "" {
		return true
	}
	if origin == a.PublicURL {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && u.Host == string(c.Request().Host())
}

func (a *app) expectedToken(c *fiber.Ctx) string {
	if s := of(c).session; s != nil {
		return s.csrf
	}
	return c.Cookies(a.preCookie())
}

// csrf is the token for the forms of the page that is being made. Before there is a session it is also in a cookie of its own.
func (a *app) csrf(c *fiber.Ctx) string {
	r := of(c)
	if r.session != nil {
		return r.session.csrf
	}
	if r.pre == "" {
		r.pre = c.Cookies(a.preCookie())
	}
	if len(r.pre) < 26 { // of rand.Text
		r.pre = rand.Text()
		c.Cookie(a.cookie(a.preCookie(), r.pre))
	}
	return r.pre
}

func (a *app) preCookie() string { return a.cookieName("anteroom-form") }
