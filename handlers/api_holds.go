package handlers

import (
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"anteroom/domain/fault"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
)

type apiHold struct {
	ID        uuid.UUID `json:"id"`
	SlotID    uuid.UUID `json:"slot_id"`
	StartsAt  time.Time `json:"starts_at"`
	EndsAt    time.Time `json:"ends_at"`
	ExpiresAt time.Time `json:"expires_at"`
}

type apiHoldAnswer struct {
	Hold apiHold `json:"hold"`
}

func holdOf(h scheduling.Hold) apiHoldAnswer {
	return apiHoldAnswer{apiHold{ID: h.ID, SlotID: h.SlotID, StartsAt: h.StartsAt.UTC(), EndsAt: h.EndsAt.UTC(), ExpiresAt: h.ExpiresAt.UTC()}}
}

// apiConfirmHold answers POST /api/holds/:id/confirm: 201 when it booked, 200 when it had been booked before.
func (a *app) apiConfirmHold(c *fiber.Ctx) error {
	id, err := idParam(c, "id")
	if err != nil {
		return err
	}
	var said struct {
		Patient apiPatient `json:"patient"`
	}
	if err := readJSON(c, &said); err != nil {
		return err
	}
	return a.change(c, func(tx *tenancy.Tx) (int, any, error) {
		appointment, again, err := a.desk.Confirm(c.UserContext(), tx, scheduling.ConfirmInput{HoldID: id, Caller: said.Patient.caller()})
		if again {
			return fiber.StatusOK, appointmentOf(appointment), err
		}
		return fiber.StatusCreated, appointmentOf(appointment), ofPatient(err)
	})
}

// ofPatient names the patient's fields as the API does, where they are members of an object.
func ofPatient(err error) error {
	if f := fault.As(err); f != nil {
		for i, field := range f.Fields {
			if field.Name == "name" || field.Name == "phone" {
				f.Fields[i].Name = "patient." + field.Name
			}
		}
	}
	return err
}

// apiExtendHold answers POST /api/holds/:id/extend.
func (a *app) apiExtendHold(c *fiber.Ctx) error {
	id, err := idParam(c, "id")
	if err != nil {
		return err
	}
	var said struct {
		HoldSeconds *int `json:"hold_seconds"`
	}
	if err := readJSON(c, &said); err != nil {
		return err
	}
	seconds, err := holdSeconds(said.HoldSeconds)
	if err != nil {
		return err
	}
	return a.change(c, func(tx *tenancy.Tx) (int, any, error) {
		hold, err := a.desk.Extend(c.UserContext(), tx, scheduling.ExtendInput{HoldID: id, Seconds: seconds})
		return fiber.StatusOK, holdOf(hold), err
	})
}

// apiReleaseHold answers DELETE /api/holds/:id.
func (a *app) apiReleaseHold(c *fiber.Ctx) error {
	id, err := idParam(c, "id")
	if err != nil {
		return err
	}
	err = a.inClinic(c, func(tx *tenancy.Tx) error {
		return a.desk.Release(c.UserContext(), tx, id, "released through the API")
	})
	if err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}
