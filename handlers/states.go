package handlers

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"anteroom/domain/fault"
	"anteroom/views"
)

// listStates and showState are the storybook: every view in canned states, with invented people. Demo only.
func (a *app) listStates(c *fiber.Ctx) error {
	return page(c, http.StatusOK, views.StatesPage(views.Shell{Title: "States", Clinic: views.Clinic{Name: "Anteroom"}}, views.States()))
}

func (a *app) showState(c *fiber.Ctx) error {
	for _, s := range views.States() {
		if s.Name == c.Params("name") {
			return page(c, http.StatusOK, s.Component)
		}
	}
	return fault.New(fault.NotFound, "no-such-state", "There is no such state.")
}
