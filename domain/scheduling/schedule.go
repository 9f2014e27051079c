package scheduling

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/audit"
	"anteroom/domain/patients"
	"anteroom/domain/tenancy"
)

// ScheduleInput asks for what happens between two instants.
type ScheduleInput struct {
	From, To      time.Time
	Practitioners []uuid.UUID // empty: everybody
	Service       string      // slug; not empty: Performers are answered too. Entries are of every service: each takes its time
	Final         bool        // nothing follows in this transaction: its commit travels with the last statements
}

// Column is a practitioner on the schedule.
type Column struct {
	ID     uuid.UUID
	Name   string
	Room   string
	Active bool // one who stopped may still have appointments
}

// Entry is an appointment or a hold on the schedule.
type Entry struct {
	ID             uuid.UUID
	PractitionerID uuid.UUID
	PatientID      *uuid.UUID
	Service        string
	ServiceName    string
	Status         string
	StartsAt       time.Time
	EndsAt         time.Time
	HoldExpiresAt  *time.Time
	HeldAt         time.Time
	Caller         []byte
	CallBegan      *time.Time // when the call began that made it, while it goes on
	Source         string
	Agent          string
	Overbooked     bool
	UpdatedAt      time.Time
}

// Place is a slot as the schedule shows it. All places together are the hours.
type Place struct {
	ID             uuid.UUID
	PractitionerID uuid.UUID
	Status         string // Free, Busy (held or taken) or Unavailable
	StartsAt       time.Time
	EndsAt         time.Time
}

// Block is a closure or time off with its reason.
type Block struct {
	PractitionerID *uuid.UUID // nil: the whole clinic
	StartsAt       time.Time
	EndsAt         time.Time
	Reason         string
}

// Schedule is everything a schedule page shows.
type Schedule struct {
	Now      time.Time
	Clinic   Clinic
	Services []Service // those that can be booked
	Columns  []Column  // everybody, in the order of the schedule
	Entries  []Entry   // in the order of time
	Places   []Place   // by practitioner, in the order of time
	Blocks   []Block
	Patients map[uuid.UUID]patients.Patient // those of the entries
	Callers  map[uuid.UUID]Caller           // of the holds, by appointment

	Performers []uuid.UUID // who performs the service that was asked for
}

const scheduleNow = `select coalesce(@clock::timestamptz, now()) as now`

const scheduleColumns = `select id, name, room, active from practitioners where clinic_id = @clinic order by position, name, id`

// The join to calls finds who is holding: the agent of the call that made the hold.
const scheduleEntries = `select a.id, a.practitioner_id, a.patient_id, s.slug as service, s.name as service_name, a.status, a.starts_at, a.ends_at, a.hold_expires_at,
  a.created_at as held_at, a.caller, case when c.ended_at is null then c.started_at end as call_began, a.source, coalesce(g.name, '') as agent, a.overbooked, a.updated_at
from appointments a
join services s on s.clinic_id = @clinic and s.id = a.service_id
left join calls c on c.clinic_id = @clinic and a.call_id <> '' and c.vapi_call_id = a.call_id
left join agents g on g.clinic_id = @clinic and g.id = c.agent_id
where a.clinic_id = @clinic and a.starts_at < @to and a.starts_at > @early and a.ends_at > @from
  and a.status in ('pending', 'booked', 'arrived', 'checked-in', 'fulfilled', 'noshow')
  and (a.hold_expires_at is null or a.hold_expires_at > coalesce(@clock::timestamptz, now()))
  and (cardinality(@practitioners::uuid[]) = 0 or a.practitioner_id = any(@practitioners))
order by a.starts_at, a.id`

const schedulePerformers = `select ps.practitioner_id from practitioner_services ps join services s on s.clinic_id = @clinic and s.id = ps.service_id
where ps.clinic_id = @clinic and s.slug = @service`

// A hold that has run out is free: the next claim takes its slot.
const schedulePlaces = `select id, practitioner_id, starts_at, ends_at,
  case when availability = 'blocked' then 'busy-unavailable'
       when status = 'free' or (status = 'busy-tentative' and hold_expires_at <= coalesce(@clock::timestamptz, now())) then 'free'
       else 'busy' end as status
from slots where clinic_id = @clinic and starts_at >= @from and starts_at < @to and availability in ('open', 'blocked')
  and (cardinality(@practitioners::uuid[]) = 0 or practitioner_id = any(@practitioners))
order by practitioner_id, starts_at`

const scheduleBlocks = `select practitioner_id, starts_at, ends_at, reason from closures where clinic_id = @clinic and starts_at < @to and ends_at > @from order by starts_at`

// longestAppointment bounds how far before a time one that reaches into it began; the services table has the same bound.
const longestAppointment = 12 * time.Hour

// LoadSchedule reads the schedule in one round trip. A second one reads the patients and records whose data was viewed.
func (d *Desk) LoadSchedule(ctx context.Context, tx *tenancy.Tx, in ScheduleInput) (Schedule, error) {
	s := Schedule{Patients: map[uuid.UUID]patients.Patient{}, Callers: map[uuid.UUID]Caller{}}
	wanted := in.Practitioners
	if wanted == nil {
		wanted = []uuid.UUID{}
	}
	args := tenancy.Args{"clinic": tx.Clinic(), "from": in.From, "to": in.To, "early": in.From.Add(-longestAppointment), "clock": tx.Clock(),
		"practitioners": wanted, "service": in.Service}
	b := &pgx.Batch{}
	b.Queue(scheduleNow, args).QueryRow(func(row pgx.Row) error { return row.Scan(&s.Now) })
	b.Queue(selectClinic, args).Query(func(rows pgx.Rows) (err error) {
		s.Clinic, err = collectClinic(rows)
		return err
	})
	queueList(b, &s.Services, 16, selectServices+` and active order by name, id`, args)
	queueList(b, &s.Columns, 16, scheduleColumns, args)
	queueList(b, &s.Entries, 64, scheduleEntries, args)
	queueList(b, &s.Places, 256, schedulePlaces, args)
	queueList(b, &s.Blocks, 8, scheduleBlocks, args)
	if in.Service != "" {
		b.Queue(schedulePerformers, args).Query(func(rows pgx.Rows) (err error) {
			s.Performers, err = pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
			return err
		})
	}
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return s, fmt.Errorf("read the schedule: %w", err)
	}
	return s, d.people(ctx, tx, &s, in.Final)
}

// queueList reads all rows of a statement into list when the batch's results are closed. expected is how many are usual: a list that grows
// row by row is copied over and over, and pages are made of these.
func queueList[T any](b *pgx.Batch, list *[]T, expected int, sql string, args tenancy.Args) {
	b.Queue(sql, args).Query(func(rows pgx.Rows) (err error) {
		*list, err = pgx.AppendRows(make([]T, 0, expected), rows, pgx.RowToStructByName[T])
		return err
	})
}

func (d *Desk) people(ctx context.Context, tx *tenancy.Tx, s *Schedule, final bool) error {
	keys, err := d.vault.Clinic(ctx, tx)
	if err != nil {
		return fmt.Errorf("clinic keys: %w", err)
	}
	seen := map[uuid.UUID]bool{}
	ids := []uuid.UUID{}
	for _, e := range s.Entries {
		if e.PatientID != nil && !seen[*e.PatientID] {
			seen[*e.PatientID] = true
			ids = append(ids, *e.PatientID)
		}
		if e.Caller != nil {
			if s.Callers[e.ID], err = openCaller(keys, e.ID, e.Caller); err != nil {
				return fmt.Errorf("open the caller of a hold: %w", err)
			}
		}
	}
	if len(ids) == 0 {
		return nil
	}
	b := &pgx.Batch{}
	if err := d.patients.QueueMany(ctx, tx, b, ids, s.Patients); err != nil {
		return err
	}
	if err := audit.Queue(b, tx, audit.Event{Action: "schedule.viewed", SubjectKind: "schedule", Patients: ids}); err != nil {
		return err
	}
	send := tx.SendBatch
	if final {
		send = tx.SendLast
	}
	if err := send(ctx, b).Close(); err != nil {
		return fmt.Errorf("read the schedule's patients: %w", err)
	}
	return nil
}
