package handlers

import (
	"context"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"anteroom/domain/fault"
	"anteroom/domain/tenancy"
)

// Audience says who may use a route. The zero value is nobody's, and the program does not start with it.
type Audience struct {
	name  string
	roles []string // of a person; nil: any
	enter func(a *app, c *fiber.Ctx) error
}

var (
	// public routes know nobody: no cookie is read, nothing is changed for anybody.
	public = Audience{name: "public", enter: func(*app, *fiber.Ctx) error { return nil }}
	// visitor routes are for people who may not be signed in yet: the session is there if they are.
	visitor = Audience{name: "visitor", enter: (*app).enterVisitor}
	// person routes are for everybody who is signed in, in any role.
	person = Audience{name: "person", enter: (*app).enterPerson}
	// apiKey routes are for programs, by Authorization: Bearer ak_…; no cookie is read there.
	apiKey = Audience{name: "key", enter: (*app).enterKey}
	// vapi routes are for the voice platform, by the clinic's secret.
	vapi = Audience{name: "vapi", enter: (*app).enterVapi}
)

// roles is for people in one of these roles.
func roles(names ...string) Audience {
	return Audience{name: "roles", roles: names, enter: (*app).enterPerson}
}

// admits says whether a person in this role may come in.
func (w Audience) admits(role string) bool {
	switch w.name {
	case "public", "visitor", "person":
		return true
	case "roles":
		return slices.Contains(w.roles, role)
	}
	return false
}

// guard stands before every handler: it gives the request its deadline, finds out who it is, and refuses whoever the route is not for.
func (a *app) guard(r route) fiber.Handler {
	return func(c *fiber.Ctx) error {
		ctx, cancel := context.WithTimeout(context.Background(), requestTime)
		defer cancel()
		c.SetUserContext(ctx)
		if err := r.Audience.enter(a, c); err != nil {
			return err
		}
		if r.Audience.roles != nil && !r.Audience.admits(of(c).member.Role) {
			return fault.New(fault.Forbidden, "role", "Your role does not open this page. Ask your practice admin if you need it.")
		}
		if s := of(c).session; s != nil {
			s.quiet = r.Quiet
		}
		if r.Stream { // lives as long as its page is open
			if err := a.saveSession(c); err != nil {
				return err
			}
			c.SetUserContext(context.WithoutCancel(c.UserContext())) // with the session, for a refusal; a stream ends with a.Stop
			return r.Handler(c)
		}
		err := r.Handler(c)
		if err == nil {
			err = a.giveBack(c)
		}
		if saved := a.saveSession(c); saved != nil && err == nil {
			err = saved
		}
		return err
	}
}

func (a *app) enterVisitor(c *fiber.Ctx) error {
	if err := a.loadSession(c); err != nil {
		return err
	}
	return a.checkInput(c)
}

// beforePassword is all there is for somebody whose password was chosen by somebody else, who knows it.
var beforePassword = []string{"/password", "/sign-out", "/theme"}

// passwordFirst is the fault of everything else then: a page becomes the one where it is changed.
const passwordFirst = "password-first"

func (a *app) enterPerson(c *fiber.Ctx) error {
	if err := a.loadSession(c); err != nil {
		return err
	}
	if of(c).session == nil {
		return fault.New(fault.Unauthenticated, "sign-in", "Sign in first.")
	}
	if of(c).session.mustChange && !slices.Contains(beforePassword, c.Route().Path) {
		return fault.New(fault.Forbidden, passwordFirst, "Choose a password of your own first.")
	}
	return a.checkInput(c)
}

func (a *app) enterKey(c *fiber.Ctx) error {
	token, _ := bearer(c)
	var s tenancy.Scope
	err := a.limits.credential(of(c).address, token, func() (err error) {
		s, err = a.keys.Authenticate(c.UserContext(), token)
		return err
	})
	if err != nil {
		return err
	}
	of(c).act(s)
	return a.limits.admit(s.Actor.ID)
}

func (r *request) act(s tenancy.Scope) {
	s.Actor.Address, s.Actor.RequestID = r.address, r.id
	r.scope = s
}

func (r *request) actAs(person uuid.UUID, m tenancy.Membership) {
	r.member = m
	r.act(tenancy.Scope{Clinic: m.Clinic, Actor: tenancy.Actor{Kind: tenancy.User, ID: person, Role: m.Role}})
}

func bearer(c *fiber.Ctx) (string, bool) {
	scheme, token, ok := strings.Cut(c.Get(fiber.HeaderAuthorization), " ")
	return strings.TrimSpace(token), ok && strings.EqualFold(scheme, "bearer")
}
