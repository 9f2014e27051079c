package handlers

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"anteroom/domain/identity"
	"anteroom/views"
)

// owner is who a browser's last session was of, and in which clinic. It is kept in a sealed cookie that outlives the session, so that a form that
// comes after the end can be given back to that person and to nobody else. It opens nothing by itself, and signing out removes it.
type owner struct {
	Person uuid.UUID
	Clinic uuid.UUID
	CSRF   string // of the session's pages: the form still shows that it is of one of them
	At     time.Time
}

// ownerPurpose is what the cookie is sealed for.
const ownerPurpose = "session-owner"

func (a *app) ownerCookie() string { return a.cookieName("anteroom-was") }

// noteOwner goes with every new token of a session.
func (a *app) noteOwner(c *fiber.Ctx) error {
	s := of(c).session
	plain, err := json.Marshal(owner{Person: s.person, Clinic: of(c).member.Clinic, CSRF: s.csrf, At: time.Now()})
	if err != nil {
		return err
	}
	sealed, err := a.Vault.SealBriefly(ownerPurpose, plain)
	if err != nil {
		return err
	}
	c.Cookie(a.cookie(a.ownerCookie(), base64.RawURLEncoding.EncodeToString(sealed)))
	return nil
}

// lastOwner is whose session this browser had; false when it had none within the last day that was not signed out.
func (a *app) lastOwner(c *fiber.Ctx) (o owner, known bool) {
	sealed, err := base64.RawURLEncoding.DecodeString(c.Cookies(a.ownerCookie()))
	if err != nil || len(sealed) == 0 {
		return owner{}, false
	}
	plain, err := a.Vault.OpenBriefly(ownerPurpose, sealed)
	if err != nil || json.Unmarshal(plain, &o) != nil || time.Since(o.At) > 2*lifetime {
		return owner{}, false
	}
	return o, true
}

// lastClinic is where the person goes on: in the clinic that this browser showed them last, or else in their first.
func (a *app) lastClinic(c *fiber.Ctx, person uuid.UUID, clinics []identity.Membership) identity.Membership {
	was, known := a.lastOwner(c)
	if m, works := memberOf(clinics, was.Clinic.String()); known && works && was.Person == person {
		return m
	}
	return clinics[0]
}

// door answers whoever is not signed in: they are sent to sign in, and come back afterwards. What was typed into a form whose session has ended
// waits, sealed, on the page that asks for the password.
func (a *app) door(c *fiber.Ctx) error {
	was, known := a.lastOwner(c)
	if !known || c.Method() != fiber.MethodPost {
		return redirect(c, signInFor(c))
	}
	sealed, next, ok := a.keepForm(c, was)
	if !ok {
		return redirect(c, signInFor(c))
	}
	m := a.signInView(c, signInForm{Next: next, Kept: sealed})
	m.Ended = views.SignedOutWhileTyping
	if isHTMX(c) {
		aim(c, "body", ".bare")
		c.Set("HX-Replace-Url", "/sign-in")
	}
	return page(c, http.StatusUnauthorized, views.SignInPage(m))
}
