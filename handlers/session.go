package handlers

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"anteroom/domain/fault"
	"anteroom/domain/identity"
)

// A session ends after lifetime whatever happens, and after idle without a request. Its use is noted once in touchEvery at most: a page
// view should not cost a write.
const (
	lifetime   = 12 * time.Hour
	idle       = 60 * time.Minute
	touchEvery = time.Minute
)

// The names of what a session holds.
const (
	keyPerson = "person"
	keyClinic = "clinic"
	keyRole   = "role"
	keyCSRF   = "csrf"
	keyTheme  = "theme"
	keyOwnID  = "id"
	keySeen   = "seen" // Unix seconds
	keyFlash  = "flash"
)

// session is the part of a loaded session that every request needs. scs marks a session with an idle timeout as modified each time it is
// loaded, so this keeps its own account of what must be written.
type session struct {
	id     uuid.UUID // of the row that lists it
	person uuid.UUID
	csrf   string
	hash   string // the store's key
	dirty  bool
	fresh  bool // its token was made by this request
	quiet  bool // the page asked by itself: that is no sign of life

	mustChange bool // the password, which somebody else chose, before anything else
}

func newSessionManager(store scs.Store) *scs.SessionManager {
	m := scs.New()
	m.Store = store
	m.Codec = sessionCodec{}
	m.HashTokenInStore = true
	m.Lifetime = lifetime
	m.IdleTimeout = idle
	return m
}

func (a *app) sessionCookie() string { return a.cookieName("anteroom") }

// cookieName binds a cookie to this host alone where the address allows it (RFC 6265bis, 4.1.3.2).
func (a *app) cookieName(name string) string {
	if a.Secure {
		return "__Host-" + name
	}
	return name
}

func (a *app) cookie(name, value string) *fiber.Cookie {
	return &fiber.Cookie{Name: name, Value: value, Path: "/", Secure: a.Secure, HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode, SessionOnly: true}
}

func (a *app) dropCookie(c *fiber.Ctx, name string) {
	k := a.cookie(name, "")
	k.SessionOnly, k.Expires = false, time.Unix(1, 0)
	c.Cookie(k)
}

// storeKey is what scs keeps a token under with HashTokenInStore.
func storeKey(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// loadSession finds out who it is: from the cookie to the store, and from there to where that person works now. What was removed
// meanwhile is no session.
func (a *app) loadSession(c *fiber.Ctx) error {
	token := c.Cookies(a.sessionCookie())
	ctx, err := a.sessions.Load(c.UserContext(), token)
	if err != nil {
		return fmt.Errorf("load a session: %w", err)
	}
	c.SetUserContext(ctx)
	who, err := uuid.Parse(a.sessions.GetString(ctx, keyPerson))
	if err != nil {
		return nil
	}
	hash := storeKey(token)
	now, alive, err := a.standing.Of(ctx, who, hash)
	if err != nil {
		return err
	}
	member, works := memberOf(now.Clinics, a.sessions.GetString(ctx, keyClinic))
	if !alive || !works {
		return a.forgetSession(c, who, hash)
	}
	id, _ := uuid.Parse(a.sessions.GetString(ctx, keyOwnID))
	r := of(c)
	r.session = &session{id: id, person: who, hash: hash, csrf: a.sessions.GetString(ctx, keyCSRF), mustChange: now.MustChangePassword}
	r.clinics = now.Clinics
	r.actAs(who, member)
	if member.Role != a.sessions.GetString(ctx, keyRole) {
		a.put(c, keyRole, member.Role)
		if err := a.renewSession(c); err != nil && !fault.Is(err, fault.Unauthenticated) {
			return err
		}
	}
	return nil
}

func memberOf(clinics []identity.Membership, clinic string) (identity.Membership, bool) {
	for _, m := range clinics {
		if m.Clinic.String() == clinic {
			return m, true
		}
	}
	return identity.Membership{}, false
}

// forgetSession removes a session that no longer stands, as far as this request's token goes. When another request gave the session a newer
// token meanwhile, that one lives on, and so does the cookie, which holds it by now.
func (a *app) forgetSession(c *fiber.Ctx, who uuid.UUID, hash string) error {
	ended, err := a.standing.EndToken(c.UserContext(), who, hash)
	if err != nil {
		return err
	}
	if ended {
		a.dropCookie(c, a.sessionCookie())
	}
	return a.leaveSession(c)
}

// closeSession ends the session of this request because the person wants it to end, whatever its token is by now.
func (a *app) closeSession(c *fiber.Ctx) error {
	s := of(c).session
	if _, err := a.standing.End(c.UserContext(), s.person, s.id); err != nil {
		return err
	}
	a.dropCookie(c, a.sessionCookie())
	a.dropCookie(c, a.ownerCookie())
	return a.leaveSession(c)
}

// leaveSession goes on without a session, and without what the store has of this token.
func (a *app) leaveSession(c *fiber.Ctx) error {
	if err := a.sessions.Destroy(c.UserContext()); err != nil {
		return fmt.Errorf("remove a session: %w", err)
	}
	of(c).session = nil
	return nil
}

// put changes the session; it is written when the handler is done.
func (a *app) put(c *fiber.Ctx, key, value string) {
	a.sessions.Put(c.UserContext(), key, value)
	of(c).session.dirty = true
}

// renewSession gives the session another token, and keeps its end: a change of clinic does not make it live longer.
func (a *app) renewSession(c *fiber.Ctx) error {
	ctx, s := c.UserContext(), of(c).session
	end := a.sessions.Deadline(ctx)
	if err := a.sessions.RenewToken(ctx); err != nil {
		return fmt.Errorf("renew a session: %w", err)
	}
	a.sessions.SetDeadline(ctx, end)
	old := s.hash
	s.hash, s.dirty, s.fresh = storeKey(a.sessions.Token(ctx)), true, true
	s.csrf = rand.Text()
	a.put(c, keyCSRF, s.csrf)
	alive, err := a.standing.Renew(ctx, old, s.hash)
	if err != nil {
		return err
	}
	if !alive {
		return errors.Join(fault.New(fault.Unauthenticated, "ended", "This session was ended."), a.forgetSession(c, s.person, old))
	}
	return nil
}

// openSession begins a session of somebody who just proved to be them, in one of their clinics. Whatever session the browser had is
// ended: a token known before sign-in must not be worth anything after it.
func (a *app) openSession(c *fiber.Ctx, who uuid.UUID, clinics []identity.Membership, m identity.Membership) error {
	r, ctx := of(c), c.UserContext()
	if r.session != nil {
		if err := a.closeSession(c); err != nil {
			return err
		}
	}
	if err := a.sessions.RenewToken(ctx); err != nil {
		return fmt.Errorf("begin a session: %w", err)
	}
	s := &session{person: who, hash: storeKey(a.sessions.Token(ctx)), csrf: rand.Text(), fresh: true}
	id, err := a.standing.Open(ctx, who, s.hash, r.address, plain(c.Get(fiber.HeaderUserAgent)))
	if err != nil {
		return err
	}
	s.id, r.session, r.clinics = id, s, clinics
	a.put(c, keyOwnID, id.String())
	a.put(c, keyPerson, who.String())
	a.put(c, keyCSRF, s.csrf)
	a.enterClinic(c, m)
	a.dropCookie(c, a.preCookie())
	return nil
}

func (a *app) enterClinic(c *fiber.Ctx, m identity.Membership) {
	r := of(c)
	a.put(c, keyClinic, m.Clinic.String())
	a.put(c, keyRole, m.Role)
	r.actAs(r.session.person, m)
}

func unixText(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

// seen is when the use of a session was noted last; the zero time when it never was.
func (a *app) seen(ctx context.Context) time.Time {
	seconds, err := strconv.ParseInt(a.sessions.GetString(ctx, keySeen), 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(seconds, 0)
}

// saveSession writes what changed, or that the session was used. A session that was ended while this request ran stays ended.
func (a *app) saveSession(c *fiber.Ctx) error {
	s, ctx := of(c).session, c.UserContext()
	if s == nil {
		return nil
	}
	now := time.Now()
	if !s.dirty && (s.quiet || now.Sub(a.seen(ctx)) < touchEvery) {
		return nil
	}
	if !s.fresh {
		alive, err := a.standing.Seen(ctx, s.hash)
		if err != nil {
			return err
		}
		if !alive {
			return a.forgetSession(c, s.person, s.hash)
		}
	}
	a.sessions.Put(ctx, keySeen, unixText(now))
	token, _, err := a.sessions.Commit(ctx)
	if err != nil {
		return fmt.Errorf("write a session: %w", err)
	}
	if s.fresh {
		c.Cookie(a.cookie(a.sessionCookie(), token))
		return a.noteOwner(c)
	}
	return nil
}
