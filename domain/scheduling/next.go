package scheduling

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/tenancy"
)

// NextVisit is the next appointment of a patient that is booked, or the one the patient is here for now.
type NextVisit struct {
	PatientID uuid.UUID
	ID        uuid.UUID
	StartsAt  time.Time
}

const selectNextVisits = `select distinct on (patient_id) patient_id, id, starts_at from appointments
where clinic_id = @clinic and patient_id = any(@patients::uuid[]) and ends_at > @now and status in ('booked', 'arrived', 'checked-in')
order by patient_id, starts_at`

// NextVisitsOf answers the next appointment of each of these patients who has one. The page that shows them records the view.
func NextVisitsOf(ctx context.Context, tx *tenancy.Tx, patients []uuid.UUID) (map[uuid.UUID]NextVisit, error) {
	out := make(map[uuid.UUID]NextVisit, len(patients))
	if len(patients) == 0 {
		return out, nil
	}
	now, err := tx.Now(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, selectNextVisits, tenancy.Args{"clinic": tx.Clinic(), "patients": patients, "now": now})
	if err != nil {
		return nil, fmt.Errorf("read the next visits: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[NextVisit])
	if err != nil {
		return nil, fmt.Errorf("read the next visits: %w", err)
	}
	for _, v := range list {
		out[v.PatientID] = v
	}
	return out, nil
}
