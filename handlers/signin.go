package handlers

import (
	"errors"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"anteroom/domain/fault"
	"anteroom/domain/identity"
	"anteroom/domain/tenancy"
	"anteroom/views"
)

// home is the first page of the day that the person's role opens.
func (a *app) home(c *fiber.Ctx) error {
	if a.admits(of(c).member.Role, "/today") {
		return redirect(c, "/today")
	}
	if nav := a.nav(of(c).member.Role, "/"); len(nav) > 0 {
		return redirect(c, nav[0].Href)
	}
	return redirect(c, "/sessions")
}

type signInForm struct {
	Email    string `form:"email"`
	Password string `form:"password"`
	Next     string `form:"next"`
	Kept     string `form:"kept"` // a form that waits for its person, sealed
}

func (a *app) signInPage(c *fiber.Ctx) error {
	next := ownPath(c.Query("next"), "")
	if of(c).session != nil {
		return redirect(c, ownPath(next, "/"))
	}
	m := a.signInView(c, signInForm{Next: next})
	if next != "" && c.Cookies(a.sessionCookie()) != "" {
		m.Ended = "You were signed out, since this session has ended. Sign in to go on where you were; what was not saved yet is not kept."
	}
	return page(c, http.StatusOK, views.SignInPage(m))
}

func (a *app) signInView(c *fiber.Ctx, in signInForm) views.SignIn {
	m := views.SignIn{Bare: views.Bare{Title: "Sign in", CSRF: a.csrf(c)}, Email: in.Email, Next: ownPath(in.Next, ""), Kept: in.Kept}
	if a.Demo {
		m.Demo = demoLogins
	}
	return m
}

var demoLogins = func() (logins []views.DemoLogin) {
	for _, clinic := range []string{"northside", "lakeview"} {
		for _, role := range identity.Roles {
			logins = append(logins, views.DemoLogin{Email: role + "@" + clinic + ".example", Role: identity.RoleName(role)})
		}
	}
	return logins
}()

func (a *app) signIn(c *fiber.Ctx) error {
	var in signInForm
	if err := decodeForm(c, &in); err != nil {
		return err
	}
	who, clinics, err := identity.SignIn(c.UserContext(), a.DB, in.Email, in.Password, of(c).address)
	if err != nil {
		return a.signInRefused(c, in, err)
	}
	if len(clinics) == 0 {
		return page(c, http.StatusForbidden, views.NoClinicPage(views.NoClinic{Bare: views.Bare{Title: "No clinic yet", CSRF: a.csrf(c)}, Email: who.Email}))
	}
	at := clinics[0]
	if k, ok := a.openKept(in.Kept, who.ID); ok {
		if m, works := memberOf(clinics, k.Clinic.String()); works {
			at = m
		}
	}
	if err := a.openSession(c, who.ID, clinics, at); err != nil {
		return err
	}
	if err := a.inClinic(c, func(tx *tenancy.Tx) error { return identity.Enter(c.UserContext(), tx) }); err != nil {
		return errors.Join(err, a.closeSession(c)) // nobody works here unrecorded
	}
	a.takeKept(c, in.Kept)
	return redirect(c, ownPath(in.Next, "/"))
}

func (a *app) signInRefused(c *fiber.Ctx, in signInForm, err error) error {
	f := fault.As(err)
	if f == nil || f.Kind != fault.Unauthenticated && f.Kind != fault.Limited {
		return err
	}
	m := a.signInView(c, in)
	m.Error = f.Words
	if l, ok := f.Detail.(identity.Locked); ok {
		m.LockedMinutes = l.Minutes()
		setRetryAfter(c, l.Wait)
	}
	return page(c, statuses[f.Kind], views.SignInPage(m))
}

func (a *app) signOut(c *fiber.Ctx) error {
	if err := a.inClinic(c, func(tx *tenancy.Tx) error { return identity.Leave(c.UserContext(), tx) }); err != nil {
		return err
	}
	if err := a.closeSession(c); err != nil {
		return err
	}
	c.Set("Clear-Site-Data", `"cache"`)
	return redirect(c, "/sign-in")
}
