package handlers

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"anteroom/domain/fault"
	"anteroom/domain/identity"
	"anteroom/domain/tenancy"
	"anteroom/views"
	"anteroom/views/ui"
)

type passwordForm struct {
	Current string `form:"current"`
	New     string `form:"new"`
	Again   string `form:"again"`
}

var passwordFields = map[string]string{"current": "f-current", "new": "f-new", "again": "f-again"}

func (a *app) showPassword(c *fiber.Ctx) error {
	return page(c, http.StatusOK, views.PasswordPage(a.passwordView(c)))
}

// passwordView stands alone for somebody who must choose a password first: nothing of the clinic is open yet.
func (a *app) passwordView(c *fiber.Ctx) views.Password {
	if of(c).session.mustChange {
		return views.Password{First: true, Bare: views.Bare{Title: "Choose your password", CSRF: a.csrf(c)}}
	}
	return views.Password{Shell: a.shell(c, "Change password")}
}

// changePassword signs the person out everywhere but here, where the session goes on with another token.
func (a *app) changePassword(c *fiber.Ctx) error {
	var in passwordForm
	if err := decodeForm(c, &in); err != nil {
		return err
	}
	me := of(c).session
	change, err := identity.ProvePassword(c.UserContext(), a.DB, me.person, identity.PasswordChange(in), of(c).address)
	if err == nil {
		err = a.inClinic(c, func(tx *tenancy.Tx) error { return change.Save(c.UserContext(), tx, me.id) })
	}
	if err != nil {
		return a.passwordRefused(c, err)
	}
	a.standing.Forget(me.person) // other processes hear of it
	if err := a.renewSession(c); err != nil {
		return err
	}
	a.flash(c, ui.OK, "Password changed.", "Every other device has to sign in again.")
	return redirect(c, "/")
}

func (a *app) passwordRefused(c *fiber.Ctx, err error) error {
	f := fault.As(err)
	if f == nil || f.Kind != fault.Invalid && f.Kind != fault.Limited {
		return err
	}
	m := a.passwordView(c)
	if l, ok := f.Detail.(identity.Locked); ok {
		m.LockedMinutes = l.Minutes()
		setRetryAfter(c, l.Wait)
	} else {
		m.Problems = problemsIn(f, passwordFields)
	}
	return page(c, statuses[f.Kind], views.PasswordPage(m))
}
