package scheduling

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/audit"
	"anteroom/domain/tenancy"
)

// ListWeeks answers everybody's weekly hours by practitioner, Sunday first: one query for a page that lists them.
func ListWeeks(ctx context.Context, tx *tenancy.Tx) (map[uuid.UUID][]WeeklyHours, error) {
	rows, err := tx.Query(ctx, `select practitioner_id, weekday, starts_minute, ends_minute from weekly_hours
 where clinic_id = @clinic order by practitioner_id, weekday, starts_minute`, tenancy.Args{"clinic": tx.Clinic()})
	if err != nil {
		return nil, fmt.Errorf("list everybody's hours: %w", err)
	}
	weeks := map[uuid.UUID][]WeeklyHours{}
	var who uuid.UUID
	var h WeeklyHours
	if _, err := pgx.ForEachRow(rows, []any{&who, &h.Weekday, &h.Starts, &h.Ends}, func() error {
		weeks[who] = append(weeks[who], h)
		return nil
	}); err != nil {
		return nil, fmt.Errorf("list everybody's hours: %w", err)
	}
	return weeks, nil
}

// Visits are a patient's last time here and the next one that is booked; nil when there is none.
type Visits struct {
	PatientID uuid.UUID
	Last      *time.Time
	Next      *time.Time
}

const selectVisits = `
select patient_id, max(starts_at) filter (where status in ('arrived', 'checked-in', 'fulfilled')) as last,
       min(starts_at) filter (where status = 'booked' and starts_at >= @now) as next
  from appointments where clinic_id = @clinic and patient_id = any(@patients::uuid[]) group by patient_id`

// VisitsOf answers the visits of these patients; who never had any is left out. The page that shows them records the view.
func VisitsOf(ctx context.Context, tx *tenancy.Tx, patients []uuid.UUID) (map[uuid.UUID]Visits, error) {
	out := make(map[uuid.UUID]Visits, len(patients))
	if len(patients) == 0 {
		return out, nil
	}
	now, err := tx.Now(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, selectVisits, tenancy.Args{"clinic": tx.Clinic(), "patients": patients, "now": now})
	if err != nil {
		return nil, fmt.Errorf("read visits: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Visits])
	if err != nil {
		return nil, fmt.Errorf("read visits: %w", err)
	}
	for _, v := range list {
		out[v.PatientID] = v
	}
	return out, nil
}

// Standing answers those of these appointments and holds that still occupy their time, in the order of time, and records one view of all
// of them. Ids of other clinics are left out.
func Standing(ctx context.Context, tx *tenancy.Tx, ids []uuid.UUID) ([]Appointment, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := tx.Query(ctx, selectAppointment+` and a.id = any(@ids::uuid[]) and a.status in ('pending', 'booked', 'arrived', 'checked-in')
 order by a.starts_at, a.id`, tenancy.Args{"clinic": tx.Clinic(), "ids": ids})
	if err != nil {
		return nil, fmt.Errorf("read appointments: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Appointment])
	if err != nil {
		return nil, fmt.Errorf("read appointments: %w", err)
	}
	var whose []uuid.UUID
	for _, a := range list {
		whose = append(whose, a.patients()...)
	}
	return list, audit.Record(ctx, tx, audit.Event{Action: "appointments.viewed", SubjectKind: "appointment", Patients: whose})
}
