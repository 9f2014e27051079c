package scheduling

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/tenancy"
)

// BesideInput asks who has a time already.
type BesideInput struct {
	PractitionerID uuid.UUID
	From, To       time.Time
	Except         uuid.UUID // an appointment that would leave
}

// Beside is a time that is occupied. It says when, never by whom.
type Beside struct {
	StartsAt time.Time
	EndsAt   time.Time
	Status   string
}

// The lower bound on the start lets the index serve the overlap: no appointment is longer.
const besideTime = `select starts_at, ends_at, status from appointments
where clinic_id = @clinic and practitioner_id = @practitioner and starts_at > @early and starts_at < @to and ends_at > @from and id <> @except
  and (status in ('booked', 'arrived', 'checked-in', 'fulfilled') or (status = 'pending' and hold_expires_at > @now))
order by starts_at, id`

// WhoIsThere lists what an overbooked appointment would stand beside.
func WhoIsThere(ctx context.Context, tx *tenancy.Tx, in BesideInput) ([]Beside, error) {
	now, err := tx.Now(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, besideTime, tenancy.Args{"clinic": tx.Clinic(), "practitioner": in.PractitionerID, "from": in.From, "to": in.To,
		"early": in.From.Add(-longestAppointment), "except": in.Except, "now": now})
	if err != nil {
		return nil, fmt.Errorf("read who is there: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Beside])
	if err != nil {
		return nil, fmt.Errorf("read who is there: %w", err)
	}
	return list, nil
}
