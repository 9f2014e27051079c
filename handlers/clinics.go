package handlers

import (
	"github.com/gofiber/fiber/v2"

	"anteroom/domain/fault"
	"anteroom/domain/identity"
	"anteroom/domain/tenancy"
)

// switchClinic goes to work at another of the person's clinics: with another token, so that a page of the one cannot act in the other.
func (a *app) switchClinic(c *fiber.Ctx) error {
	r := of(c)
	to, works := memberOf(r.clinics, posted(c, "clinic"))
	if !works {
		return fault.New(fault.NotFound, "no-such-clinic", "You do not work at that clinic.")
	}
	if to.Clinic == r.member.Clinic {
		return redirect(c, "/")
	}
	if err := a.inClinic(c, func(tx *tenancy.Tx) error { return identity.Leave(c.UserContext(), tx) }); err != nil {
		return err
	}
	if err := a.renewSession(c); err != nil {
		return err
	}
	a.enterClinic(c, to)
	if err := a.inClinic(c, func(tx *tenancy.Tx) error { return identity.Enter(c.UserContext(), tx) }); err != nil {
		return err
	}
	return redirect(c, "/")
}
