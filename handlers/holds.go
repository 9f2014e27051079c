package handlers

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"anteroom/domain/fault"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
	"anteroom/views/ui"
)

// takeOverHold gives the person at the desk five minutes to book what an agent holds.
func (a *app) takeOverHold(c *fiber.Ctx) error {
	id, err := idParam(c, "id")
	if err != nil {
		return err
	}
	var hold scheduling.Hold
	err = a.inClinic(c, func(tx *tenancy.Tx) (err error) {
		hold, err = a.desk.TakeOver(c.UserContext(), tx, id)
		return err
	})
	if fault.Is(err, fault.Expired) {
		return a.holdIsOver(c, "That hold has ended", "It ran out, was released, or was booked a moment ago.")
	}
	if err != nil {
		return err
	}
	return redirect(c, "/appointments/new?hold="+hold.ID.String())
}

// releaseHold frees the time at once.
func (a *app) releaseHold(c *fiber.Ctx) error {
	id, err := idParam(c, "id")
	if err != nil {
		return err
	}
	err = a.inClinic(c, func(tx *tenancy.Tx) error {
		return a.desk.Release(c.UserContext(), tx, id, "released at the front desk")
	})
	if fault.Is(err, fault.Conflict) {
		return a.holdIsOver(c, "Nothing was released", "The hold has become a booking. Open the appointment to cancel it.")
	}
	if err != nil {
		return err
	}
	back := backOr(c, "")
	if !isHTMX(c) || back != "" { // on the schedule the slot is seen to be free, and the page around it stays
		a.flash(c, ui.OK, "Hold released", "The time is free again.")
	}
	if back != "" {
		return seeOther(c, back)
	}
	return backToSchedule(c, time.Time{})
}

// holdIsOver is no failure of the person's: the schedule shows what became of it.
func (a *app) holdIsOver(c *fiber.Ctx, title, words string) error {
	if isHTMX(c) {
		return fault.New(fault.Conflict, "hold-over", title+". "+words)
	}
	a.flash(c, ui.Warn, title, words)
	return backToSchedule(c, time.Time{})
}
