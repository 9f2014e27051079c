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
	Starts       bool      // each start once, with one of those who are free then; of a service

	Spans []Span // with Starts, instead of From and To: the first Limit of each, in order; they do not overlap

	After, Before int            // minutes of the day in Zone that a time begins in: from After to before Before; Before 0 means any
	Zone          *time.Location // nil means UTC
}

// Span is from one instant to before another.
type Span struct{ From, To time.Time }

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

const findOpenings = `select id, practitioner_id, practitioner, starts_at, ends_at
from app.free_times(@service, @practitioner, @from, @to, @now, @zone, @after, @before, @limit)`

const findStarts = `select id, practitioner_id, practitioner, starts_at, ends_at
from app.free_starts(@service, @practitioner, @from, @to, @now, @zone, @after, @before, @limit)`

// findStartsIn is one question for all the spans: on the telephone every one of them costs.
const findStartsIn = `select f.id, f.practitioner_id, f.practitioner, f.starts_at, f.ends_at
from unnest(@froms::timestamptz[], @tos::timestamptz[]) with ordinality w (opens, closes, n),
  app.free_starts(@service, @practitioner, w.opens, w.closes, @now, @zone, @after, @before, @limit) f order by w.n, f.starts_at`

// Find answers the free times in order. An unknown service or an impossible range is Invalid.
func Find(ctx context.Context, tx *tenancy.Tx, in FindInput) ([]Opening, error) {
	now, err := tx.Now(ctx)
	if err != nil {
		return nil, err
	}
	if err := in.complete(now); err != nil {
		return nil, err
	}
	var who *uuid.UUID
	if in.Practitioner != uuid.Nil {
		who = &in.Practitioner
	}
	sql := findOpenings
	if in.Starts {
		sql = findStarts
	}
	args := tenancy.Args{"service": in.Service, "practitioner": who, "now": now, "from": in.From, "to": in.To,
		"zone": in.Zone.String(), "after": in.After, "before": in.Before, "limit": in.Limit}
	if len(in.Spans) > 0 {
		sql = findStartsIn
		args["froms"], args["tos"] = bounds(in.Spans)
	}
	rows, err := tx.Query(ctx, sql, args)
	if err != nil {
		return nil, fmt.Errorf("find: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (o Opening, err error) {
		o.Service, o.Status = in.Service, Free
		err = row.Scan(&o.ID, &o.PractitionerID, &o.Practitioner, &o.StartsAt, &o.EndsAt)
		return o, err
	})
	if err != nil {
		return nil, fmt.Errorf("find: %w", err)
	}
	if len(found) == 0 && in.Service != "" { // what has free times is there
		err = mustHaveService(ctx, tx, in.Service)
	}
	return found, err
}

func bounds(spans []Span) (from, to []time.Time) {
	for _, s := range spans {
		from, to = append(from, s.From), append(to, s.To)
	}
	return from, to
}

// complete fills in what was left open, and refuses what cannot be.
func (in *FindInput) complete(now time.Time) error {
	if len(in.Spans) == 1 { // a list is planned anew each time, which takes as long as the search
		in.From, in.To, in.Spans = in.Spans[0].From, in.Spans[0].To, nil
	}
	if in.From.IsZero() {
		in.From = now
	}
	if in.To.IsZero() {
		in.To = now.AddDate(2, 0, 0)
		if !in.To.After(in.From) { // nothing is free as far away as that
			in.To = in.From.AddDate(0, 0, 1)
		}
	}
	if in.Limit == 0 {
		in.Limit = 50
	}
	if in.Zone == nil {
		in.Zone = time.UTC
	}
	switch {
	case !in.To.After(in.From):
		return fault.BadField("to", "must be later than from")
	case in.Limit < 1 || in.Limit > 500:
		return fault.BadField("limit", "must be from 1 to 500")
	}
	return nil
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
