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

// Where is when and with whom an appointment is, without whose it is.
type Where struct {
	StartsAt     time.Time
	Practitioner string
}

// Whereabouts answers where an appointment is that another one was moved from or to.
func Whereabouts(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) (w Where, err error) {
	err = tx.QueryRow(ctx, `select a.starts_at, p.name from appointments a join practitioners p on p.clinic_id = $1 and p.id = a.practitioner_id
where a.clinic_id = $1 and a.id = $2`, tx.Clinic(), id).Scan(&w.StartsAt, &w.Practitioner)
	if tenancy.IsNone(err) {
		return w, fault.New(fault.NotFound, "appointment-unknown", "There is no such appointment.")
	}
	if err != nil {
		return w, fmt.Errorf("read where it is: %w", err)
	}
	return w, nil
}

// SeriesOf is a series with its appointments, in the order of time. One that was moved stands where it is now.
type SeriesOf struct {
	Every   int
	Unit    string // week or month
	Members []SeriesMember
}

// SeriesMember is one appointment of a series.
type SeriesMember struct {
	ID       uuid.UUID
	StartsAt time.Time
	Status   string
}

const seriesMembers = `select a.id, a.starts_at, a.status from appointments a where a.clinic_id = @clinic and a.series_id = @series
  and a.status <> 'entered-in-error' and not exists (select from appointments n where n.clinic_id = @clinic and n.replaces_id = a.id and n.status <> 'entered-in-error')
order by a.starts_at, a.id`

// GetSeries reads a series; the page that shows it has recorded whose it is.
func GetSeries(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) (s SeriesOf, err error) {
	args := tenancy.Args{"clinic": tx.Clinic(), "series": id}
	err = tx.QueryRow(ctx, `select every, unit from appointment_series where clinic_id = @clinic and id = @series`, args).Scan(&s.Every, &s.Unit)
	if err != nil {
		return s, fmt.Errorf("read the series: %w", err)
	}
	rows, err := tx.Query(ctx, seriesMembers, args)
	if err != nil {
		return s, fmt.Errorf("read the series: %w", err)
	}
	if s.Members, err = pgx.CollectRows(rows, pgx.RowToStructByName[SeriesMember]); err != nil {
		return s, fmt.Errorf("read the series: %w", err)
	}
	return s, nil
}
