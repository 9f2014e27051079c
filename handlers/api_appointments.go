package handlers

import (
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"anteroom/domain/fault"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
	"anteroom/views"
)

// apiAppointment says when, with whom and in which state. For whom it is stays inside.
type apiAppointment struct {
	ID             uuid.UUID `json:"id"`
	Status         string    `json:"status"`
	Service        string    `json:"service"`
	Practitioner   string    `json:"practitioner"`
	PractitionerID uuid.UUID `json:"practitioner_id"`
	StartsAt       time.Time `json:"starts_at"`
	EndsAt         time.Time `json:"ends_at"`
}

type apiAppointmentAnswer struct {
	Appointment apiAppointment `json:"appointment"`
}

func appointmentOf(a scheduling.Appointment) apiAppointmentAnswer {
	return apiAppointmentAnswer{apiAppointment{ID: a.ID, Status: a.Status, Service: a.Service, Practitioner: a.Practitioner, PractitionerID: a.PractitionerID,
		StartsAt: a.StartsAt.UTC(), EndsAt: a.EndsAt.UTC()}}
}

// apiGetAppointment answers GET /api/appointments/:id.
func (a *app) apiGetAppointment(c *fiber.Ctx) error {
	id, err := idParam(c, "id")
	if err != nil {
		return err
	}
	var found scheduling.Appointment
	err = a.inClinic(c, func(tx *tenancy.Tx) (err error) {
		found, err = scheduling.Get(c.UserContext(), tx, id)
		return err
	})
	if err != nil {
		return err
	}
	return c.JSON(appointmentOf(found))
}

// usualReason is why an appointment is cancelled when the API is not told.
const usualReason = "patient-request"

// apiCancelAppointment answers POST /api/appointments/:id/cancel.
func (a *app) apiCancelAppointment(c *fiber.Ctx) error {
	id, err := idParam(c, "id")
	if err != nil {
		return err
	}
	var said struct {
		Reason string `json:"reason"`
	}
	if err := readJSON(c, &said); err != nil {
		return err
	}
	if said.Reason == "" {
		said.Reason = usualReason
	}
	if _, ok := views.CancelReason(said.Reason); !ok { // it is kept for good and in clear: words of the caller's own could name the patient
		return fault.BadField("reason", "must be one of: "+strings.Join(views.CancelReasons(), ", "))
	}
	return a.change(c, func(tx *tenancy.Tx) (int, any, error) {
		cancelled, err := a.desk.Change(c.UserContext(), tx, scheduling.Transition{ID: id, To: scheduling.Cancelled, Reason: said.Reason})
		return fiber.StatusOK, appointmentOf(cancelled), err
	})
}
