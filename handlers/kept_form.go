package handlers

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

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

// keptForm is what was typed, and where it goes.
type keptForm struct {
	Person uuid.UUID
	Clinic uuid.UUID
	Path   string
	Fields url.Values
	At     time.Time
}

// neverKept are names of fields that hold secrets: no page is to hold them, sealed or not.
var neverKept = []string{"password", "current", "new", "again", "api_key", "secret"}

// aboutTheSession are forms that mean nothing after it.
var aboutTheSession = []string{"/sign-out", "/clinics/switch", "/theme", "/letter-keys"}

// door answers whoever is not signed in with the page that asks for the password, or the way to it. A form of the session that ended waits
// there, sealed, and its page is where its person goes on.
func (a *app) door(c *fiber.Ctx) error {
	if c.Path() == "/sign-out" {
		a.dropCookie(c, a.ownerCookie())
	}
	was, known := a.lastOwner(c)
	if !known || c.Method() != fiber.MethodPost || slices.Contains(aboutTheSession, c.Path()) || !was.sent(a, c) {
		return redirect(c, signInFor(c))
	}
	sealed, err := a.sealForm(c, was)
	if err != nil {
		return err
	}
	m := a.signInView(c, signInForm{Next: a.pageOf(c), Kept: sealed})
	if sealed == "" {
		m.Ended = "You were signed out, since this session has ended. Sign in to go on where you were; what you sent last was not saved and is not kept."
	}
	if isHTMX(c) { // the page asks in place of what was there
		aim(c, "body", "body")
		c.Set("HX-Reswap", "innerHTML show:top")
		c.Set("HX-Replace-Url", "/sign-in")
	}
	return page(c, http.StatusUnauthorized, views.SignInPage(m))
}

// sealForm is the form of this request; empty when nothing was typed, or too much.
func (a *app) sealForm(c *fiber.Ctx, was owner) (sealed string, err error) {
	k := keptForm{Person: was.Person, Clinic: was.Clinic, Path: c.Path(), Fields: url.Values{}, At: time.Now()}
	c.Request().PostArgs().VisitAll(func(name, value []byte) {
		if n := string(name); n != ui.CSRFField && !slices.Contains(neverKept, n) {
			k.Fields.Add(n, string(value))
		}
	})
	if len(k.Fields) == 0 {
		return "", nil
	}
	plain, err := json.Marshal(k)
	if err != nil {
		return "", err
	}
	b, err := a.Vault.SealBriefly(keptPurpose, plain)
	if err != nil || len(b) > keptMost {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(b), nil
}

// hosts are pages into which forms of other pages are brought. Such a form comes back on a page of its own.
var hosts = append([]string{"/calls/:id"}, livePages...)

// pageOf is where the form of this request stands: the page it came from, or one that goes with its address.
func (a *app) pageOf(c *fiber.Ctx) string {
	from := ""
	if u, err := url.Parse(c.Get(fiber.HeaderReferer)); err == nil && u.Host == string(c.Request().Host()) {
		from = u.RequestURI()
	}
	at := []string{from, c.Path() + "/edit", c.Path(), c.Path() + "/new", path.Dir(c.Path()), from}
	if u, _, _ := strings.Cut(from, "?"); slices.ContainsFunc(hosts, func(h string) bool { return fiber.RoutePatternMatch(u, h) }) {
		at = at[1:]
	}
	for _, to := range at {
		if p, _, _ := strings.Cut(to, "?"); ownPath(to, "") != "" && a.isPage(p) {
			return to
		}
	}
	return "/"
}

// isPage says whether there is something to read at this path. The words new and edit are no id.
func (a *app) isPage(p string) bool {
	word := path.Base(p)
	return slices.ContainsFunc(a.table, func(r route) bool {
		return r.Method == get && !r.Stream && !r.Quiet && fiber.RoutePatternMatch(p, r.Path) && (word != "new" && word != "edit" || path.Base(r.Path) == word)
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
	a.flash(c, ui.Warn, "What was typed is not kept", "It was somebody else’s, or is more than ten minutes old. Nothing was saved.")
}
