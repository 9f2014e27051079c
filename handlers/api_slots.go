package handlers

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"anteroom/domain/fault"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
)

type apiSlot struct {
	ID             uuid.UUID `json:"id"`
	Practitioner   string    `json:"practitioner"`
	PractitionerID uuid.UUID `json:"practitioner_id"`
	Service        string    `json:"service"`
	StartsAt       time.Time `json:"starts_at"`
	EndsAt         time.Time `json:"ends_at"`
	Status         string    `json:"status"`
}

type apiSlots struct {
	Slots []apiSlot `json:"slots"`
}

func slotsOf(found []scheduling.Opening) apiSlots {
	slots := make([]apiSlot, len(found))
	for i, o := range found {
		slots[i] = apiSlot{ID: o.ID, Practitioner: o.Practitioner, PractitionerID: o.PractitionerID, Service: o.Service,
			StartsAt: o.StartsAt.UTC(), EndsAt: o.EndsAt.UTC(), Status: o.Status}
	}
	return apiSlots{slots}
}

// apiFindSlots answers GET /api/slots.
func (a *app) apiFindSlots(c *fiber.Ctx) error {
	in, err := slotQuery(c)
	if err != nil {
		return err
	}
	var found []scheduling.Opening
	err = a.inClinic(c, func(tx *tenancy.Tx) (err error) {
		if in.From, in.To, err = slotRange(c.UserContext(), tx, c.Query("from"), c.Query("to")); err != nil {
			return err
		}
		found, err = scheduling.Find(c.UserContext(), tx, in)
		return err
	})
	if err != nil {
		return err
	}
	return c.JSON(slotsOf(found))
}

func slotQuery(c *fiber.Ctx) (in scheduling.FindInput, err error) {
	in.Service = c.Query("service")
	if err := apiText("service", in.Service); err != nil {
		return in, err
	}
	if text := c.Query("practitioner"); text != "" {
		if in.Practitioner, err = uuid.Parse(text); err != nil {
			return in, fault.BadField("practitioner", "must be the id of a practitioner; GET /api/practitioners lists them")
		}
	}
	if text := c.Query("limit"); text != "" {
		if in.Limit, err = strconv.Atoi(text); err != nil || in.Limit < 1 {
			return in, fault.BadField("limit", "must be from 1 to 500")
		}
	}
	return in, nil
}

// slotRange reads from and to; only a date needs to know the clinic's zone. A date in to means that day's end.
func slotRange(ctx context.Context, tx *tenancy.Tx, from, to string) (start, end time.Time, err error) {
	zone := time.UTC
	if isDate(from) || isDate(to) {
		clinic, err := scheduling.LoadClinic(ctx, tx)
		if err != nil {
			return start, end, err
		}
		zone = clinic.Location
	}
	if start, err = readWhen("from", from, zone, 0); err != nil {
		return start, end, err
	}
	end, err = readWhen("to", to, zone, 1)
	return start, end, err
}

func isDate(text string) bool { return len(text) == len(time.DateOnly) }

func readWhen(field, text string, zone *time.Location, days int) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if isDate(text) {
		if day, err := time.ParseInLocation(time.DateOnly, text, zone); err == nil {
			return day.AddDate(0, 0, days), nil
		}
	}
	at, err := time.Parse(time.RFC3339, strings.Replace(text, " ", "+", 1)) // a + that was not escaped arrives as a space
	if err != nil {
		return at, fault.BadField(field, "must be a time such as 2025-03-10T14:00:00Z, or a date such as 2025-03-10")
	}
	return at, nil
}

type apiClaim struct {
	Service     string     `json:"service"`
	Patient     apiPatient `json:"patient"`
	CallID      string     `json:"call_id"`
	HoldSeconds *int       `json:"hold_seconds"`
}

func readClaim(c *fiber.Ctx) (in scheduling.ClaimInput, err error) {
	if in.SlotID, err = idParam(c, "id"); err != nil {
		return in, err
	}
	var said apiClaim
	if err := readJSON(c, &said); err != nil {
		return in, err
	}
	if err := apiText("service", said.Service); err != nil {
		return in, err
	}
	if err := apiText("call_id", said.CallID); err != nil {
		return in, err
	}
	in.Service, in.Caller, in.CallID, in.Source = said.Service, said.Patient.caller(), said.CallID, scheduling.ByAPI
	in.HoldSeconds, err = holdSeconds(said.HoldSeconds)
	return in, err
}

// apiClaimSlot answers POST /api/slots/:id/claim. Without an Idempotency-Key it is one round trip.
func (a *app) apiClaimSlot(c *fiber.Ctx) error {
	in, err := readClaim(c)
	if err != nil {
		return err
	}
	if c.Get("Idempotency-Key") == "" {
		hold, err := a.desk.ClaimNow(c.UserContext(), a.DB, scope(c), in)
		if err != nil {
			return err
		}
		return c.JSON(holdOf(hold))
	}
	return a.change(c, func(tx *tenancy.Tx) (int, any, error) {
		hold, err := a.desk.Claim(c.UserContext(), tx, in)
		return fiber.StatusOK, holdOf(hold), err
	})
}
