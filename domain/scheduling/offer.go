package scheduling

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/fault"
	"anteroom/domain/tenancy"
)

// OfferInput asks what can be booked around a slot, or around the slot of a hold.
type OfferInput struct {
	SlotID  uuid.UUID
	HoldID  uuid.UUID // instead of SlotID; the hold may have ended
	Service string    // slug; empty or not performed by the practitioner: any single slot
	Zone    *time.Location
}

// Offer is a slot with what a person at the desk may choose from. It never says anything about another patient.
type Offer struct {
	Slot     OfferedSlot
	Services []OfferedService // those that the practitioner performs and that can be booked
	Openings []Opening        // of this practitioner on that day of the clinic, for the service
}

// OfferedService is a service, and whether it fits into what is free from the slot on.
type OfferedService struct {
	Service
	Fits bool
}

// OfferedSlot is the slot that was asked about.
type OfferedSlot struct {
	ID             uuid.UUID
	PractitionerID uuid.UUID
	Practitioner   string
	StartsAt       time.Time
	EndsAt         time.Time
}

// A hold begins with its first slot, so its start finds the slot also when the hold has given it back.
const offeredSlot = `select s.id, s.practitioner_id, p.name as practitioner, s.starts_at, s.ends_at
from slots s join practitioners p on p.clinic_id = @clinic and p.id = s.practitioner_id
where s.clinic_id = @clinic and (s.id = @slot or
  (s.practitioner_id, s.starts_at) = (select a.practitioner_id, a.starts_at from appointments a where a.clinic_id = @clinic and a.id = @hold))`

// A hold's time is its own, and as long as its service.
const offeredServices = `select v.id, v.slug, v.name, v.duration_minutes, v.active, case
    when h.id is not null then h.service_id = v.id
    else @starts::timestamptz > @now::timestamptz and app.run_is_free(@clinic, @practitioner::uuid, @starts::timestamptz, @starts::timestamptz + make_interval(mins => v.duration_minutes), @now::timestamptz) end as fits
from services v join practitioner_services ps on ps.clinic_id = @clinic and ps.service_id = v.id
left join appointments h on h.clinic_id = @clinic and h.id = @hold and h.status = 'pending' and h.hold_expires_at > @now
where v.clinic_id = @clinic and v.active and ps.practitioner_id = @practitioner order by v.name, v.id`

// LoadOffer answers NotFound when there is no such slot.
func LoadOffer(ctx context.Context, tx *tenancy.Tx, in OfferInput) (Offer, error) {
	args := tenancy.Args{"clinic": tx.Clinic(), "slot": in.SlotID, "hold": in.HoldID}
	rows, err := tx.Query(ctx, offeredSlot, args)
	if err != nil {
		return Offer{}, fmt.Errorf("read the slot: %w", err)
	}
	var o Offer
	o.Slot, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[OfferedSlot])
	if tenancy.IsNone(err) {
		return o, fault.New(fault.NotFound, "slot-unknown", "This time is no longer on the schedule.")
	}
	if err != nil {
		return o, fmt.Errorf("read the slot: %w", err)
	}
	args["practitioner"], args["starts"] = o.Slot.PractitionerID, o.Slot.StartsAt
	if args["now"], err = tx.Now(ctx); err != nil {
		return o, err
	}
	if rows, err = tx.Query(ctx, offeredServices, args); err != nil {
		return o, fmt.Errorf("read the services: %w", err)
	}
	if o.Services, err = pgx.CollectRows(rows, pgx.RowToStructByName[OfferedService]); err != nil {
		return o, fmt.Errorf("read the services: %w", err)
	}
	y, m, d := o.Slot.StartsAt.In(in.Zone).Date()
	find := FindInput{Practitioner: o.Slot.PractitionerID, From: time.Date(y, m, d, 0, 0, 0, 0, in.Zone), To: time.Date(y, m, d+1, 0, 0, 0, 0, in.Zone), Limit: 500}
	for _, s := range o.Services {
		if s.Slug == in.Service {
			find.Service = s.Slug
		}
	}
	o.Openings, err = Find(ctx, tx, find)
	return o, err
}
