package handlers

import (
	"bytes"
	"cmp"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"golang.org/x/net/html"

	"anteroom/views"
	"anteroom/views/ui"
)

// A form that was sent after its session ended is given back to the person it was of, once, when they have signed in again in time.
// Until then it is ciphertext: first in a hidden field of the page that asks for the password, then in the session.
const (
	keyKept     = "kept-form"
	keptPurpose = "kept-form"
	keptFor     = 10 * time.Minute
	keptMost    = 64 << 10 // of ciphertext
)

// keptForm is what was typed, and where it belongs.
type keptForm struct {
	Person uuid.UUID
	Clinic uuid.UUID
	Path   string // where the form goes
	Fields url.Values
	At     time.Time
}

// neverKept are never carried: a page that asks for a password must not hold another.
var neverKept = []string{"password", "current", "new", "again", "api_key"}

// keepForm seals the form of this request, and says on which page it belongs; false when nothing was typed, when it is no form of the owner's
// pages, or too large.
func (a *app) keepForm(c *fiber.Ctx, was owner) (sealed, next string, ok bool) {
	if !a.sameOrigin(c) || was.CSRF == "" || subtle.ConstantTimeCompare([]byte(sentToken(c)), []byte(was.CSRF)) != 1 || checkText(c) != nil {
		return "", "", false
	}
	k := keptForm{Person: was.Person, Clinic: was.Clinic, Path: c.Path(), Fields: url.Values{}, At: time.Now()}
	c.Request().PostArgs().VisitAll(func(name, value []byte) {
		if n := string(name); n != ui.CSRFField && !slices.Contains(neverKept, n) {
			k.Fields.Add(n, string(value))
		}
	})
	if len(k.Fields) == 0 {
		return "", "", false
	}
	plain, err := json.Marshal(k)
	if err != nil {
		return "", "", false
	}
	b, err := a.Vault.SealBriefly(keptPurpose, plain)
	if err != nil || len(b) > keptMost {
		return "", "", false
	}
	return base64.StdEncoding.EncodeToString(b), a.pageOf(c), true
}

// pageOf is where the form of this request stands: the page it came from, or one that goes with its address.
func (a *app) pageOf(c *fiber.Ctx) string {
	from := ""
	if u, err := url.Parse(c.Get(fiber.HeaderReferer)); err == nil && u.Host == string(c.Request().Host()) {
		from = u.RequestURI()
	}
	for _, at := range []string{from, c.Path(), c.Path() + "/new", path.Dir(c.Path())} {
		if p, _, _ := strings.Cut(at, "?"); ownPath(at, "") != "" && a.isPage(p) {
			return at
		}
	}
	return "/"
}

// isPage says whether there is something to read at this path.
func (a *app) isPage(p string) bool {
	return slices.ContainsFunc(a.table, func(r route) bool {
		return r.Method == get && !r.Stream && !r.Quiet && fiber.RoutePatternMatch(p, r.Path)
	})
}

// openKept is the form if it is this person's, and still fresh.
func (a *app) openKept(sealed string, person uuid.UUID) (k keptForm, ok bool) {
	b, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil || len(b) > keptMost {
		return keptForm{}, false
	}
	plain, err := a.Vault.OpenBriefly(keptPurpose, b)
	if err != nil || json.Unmarshal(plain, &k) != nil {
		return keptForm{}, false
	}
	return k, k.Person == person && time.Since(k.At) < keptFor
}

// takeKept lets the session hold a form until its page is shown. Whoever else signed in is told that there was one, and no more.
func (a *app) takeKept(c *fiber.Ctx, sealed string) {
	if sealed == "" {
		return
	}
	if k, ok := a.openKept(sealed, of(c).session.person); ok && k.Clinic == of(c).member.Clinic {
		a.put(c, keyKept, sealed)
		return
	}
	a.flash(c, ui.Warn, "The form was not kept.", "It was somebody else’s, or more than ten minutes old. Nothing was saved.")
}

// giveBack puts what was typed into the form of the page that is shown first after signing in; if its form is not there, the page says so and
// offers to send it as it is.
func (a *app) giveBack(c *fiber.Ctx) error {
	s := of(c).session
	if s == nil || c.Method() != fiber.MethodGet || isHTMX(c) || c.Response().StatusCode() != fiber.StatusOK ||
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
	doc, err := html.Parse(bytes.NewReader(c.Response().Body()))
	if err != nil {
		return err
	}
	m := views.KeptForm{Action: k.Path, Here: c.OriginalURL(), CSRF: a.csrf(c)}
	if form := cmp.Or(findForm(doc, k.Path), likeForm(doc, k.Fields)); form != nil {
		fillForm(doc, form, k.Fields)
		m.Found, m.Dialog = true, showForm(form)
	} else {
		m.Fields = k.Fields
	}
	var said, out bytes.Buffer
	if err := views.KeptFormBanner(m).Render(c.UserContext(), &said); err != nil {
		return err
	}
	if err := prepend(findElement(doc, "main"), said.Bytes()); err != nil {
		return err
	}
	if err := html.Render(&out, doc); err != nil {
		return err
	}
	c.Response().SetBody(out.Bytes())
	return nil
}
