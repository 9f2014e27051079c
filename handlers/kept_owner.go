package handlers

import (
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
)

// owner is whose session a browser had last, and in which clinic. It is kept in a sealed cookie that outlives the session, so that a form which
// was sent after the end is known to be of that person's page. It opens nothing by itself, and signing out removes it.
type owner struct {
	Person uuid.UUID
	Clinic uuid.UUID
	CSRF   string // of the session's pages
	At     time.Time
}

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
	return o, o.CSRF != ""
}

// sent says whether this form came from a page of that session: by the same rules as for a session that lives.
func (o owner) sent(a *app, c *fiber.Ctx) bool {
	return a.sameOrigin(c) && checkText(c) == nil && subtle.ConstantTimeCompare([]byte(o.CSRF), []byte(sentToken(c))) == 1
}
