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

// FindInput asks for free times.
type FindInput struct {
	Service      string    // slug; empty means any single slot
	Practitioner uuid.UUID // uuid.Nil means any who performs the service
	From, To     time.Time // zero: from now, to the end of the horizon
	Limit        int       // 0 means 50; at most 500
}

// Opening is a free time for a service.
type Opening struct {
	ID             uuid.UUID
	PractitionerID uuid.UUID
	Practitioner   string
	Service        string
	StartsAt       time.Time
	EndsAt         time.Time
	Status         string
}

// The run of slots is asked for in place, as in app.nearest_free: a call for every candidate costs three times as much.
const findOpenings = `
with wanted as materialized (select id, slug, duration_minutes from services where clinic_id = @clinic and slug = @service and active),
performer as materialized (
  select p.id, p.name from practitioners p where p.clinic_id = @clinic and p.active and (@practitioner::uuid = @none::uuid or p.id = @practitioner::uuid)
    and (@service = '' or exists (select from practitioner_services ps, wanted w where ps.clinic_id = @clinic and ps.practitioner_id = p.id and ps.service_id = w.id)))
select s.id, s.practitioner_id, p.name as practitioner, coalesce(w.slug, '') as service, s.starts_at,
  coalesce(s.starts_at + make_interval(mins => w.duration_minutes), s.ends_at) as ends_at, 'free' as status
from slots s join performer p on p.id = s.practitioner_id left join wanted w on true
where s.clinic_id = @clinic and s.starts_at > @now and s.starts_at >= @from and s.starts_at < @to
  and (s.status = 'free' or (s.status = 'busy-tentative' and s.hold_expires_at <= @now and s.availability = 'open'))
  and (w.id is null or make_interval(mins => w.duration_minutes) <= (
    select sum(least(x.ends_at, s.starts_at + make_interval(mins => w.duration_minutes)) - x.starts_at) from slots x
     where x.clinic_id = @clinic and x.practitioner_id = s.practitioner_id and x.starts_at >= s.starts_at and x.starts_at < s.starts_at + make_interval(mins => w.duration_minutes)
       and (x.status = 'free' or (x.status = 'busy-tentative' and x.hold_expires_at <= @now and x.availability = 'open'))))
order by s.starts_at, p.name limit @limit`

// Find answers the free times in order. An unknown service or an impossible range is Invalid.
func Find(ctx context.Context, tx *tenancy.Tx, in FindInput) ([]Opening, error) {
	now, err := tx.Now(ctx)
	if err != nil {
		return nil, err
	}
	if in.From.IsZero() {
		in.From = now
	}
	if in.To.IsZero() {
		in.To = now.AddDate(2, 0, 0)
	}
	if in.Limit == 0 {
		in.Limit = 50
	}
	switch {
	case !in.To.After(in.From):
		return nil, fault.BadField("to", "must be later than from")
	case in.Limit < 1 || in.Limit > 500:
		return nil, fault.BadField("limit", "must be from 1 to 500")
	}
	if in.Service != "" {
		if err := mustHaveService(ctx, tx, in.Service); err != nil {
			return nil, err
		}
	}
	rows, err := tx.Query(ctx, findOpenings, tenancy.Args{"clinic": tx.Clinic(), "service": in.Service, "practitioner": in.Practitioner, "none": uuid.Nil,
		"now": now, "from": in.From, "to": in.To, "limit": in.Limit})
	if err != nil {
		return nil, fmt.Errorf("find: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[Opening])
	if err != nil {
		return nil, fmt.Errorf("find: %w", err)
	}
	return found, nil
}

func mustHaveService(ctx context.Context, tx *tenancy.Tx, slug string) error {
	var known bool
	err := tx.QueryRow(ctx, `select exists (select from services where clinic_id = $1 and slug = $2 and active)`, tx.Clinic(), slug).Scan(&known)
	if err != nil {
		return fmt.Errorf("look for the service: %w", err)
	}
	if !known {
		return fault.BadField("service", "there is no such service; GET /api/services lists them")
	}
	return nil
}

// nearest gives the free times around a time that could not be had.
func nearest(ctx context.Context, tx *tenancy.Tx, service uuid.UUID, near, now time.Time) ([]FreeSlot, error) {
	rows, err := tx.Query(ctx, `select f.slot_id as id, f.starts_at, f.ends_at, f.practitioner, f.practitioner_id
from services v, app.nearest_free(v.id, v.duration_minutes, @near, @now, 5) f where v.clinic_id = @clinic and v.id = @service`,
		tenancy.Args{"clinic": tx.Clinic(), "service": service, "near": near, "now": now})
	if err != nil {
		return nil, fmt.Errorf("nearest free times: %w", err)
	}
	next, err := pgx.CollectRows(rows, pgx.RowToStructByName[FreeSlot])
	if err != nil {
		return nil, fmt.Errorf("nearest free times: %w", err)
	}
	return next, nil
}
