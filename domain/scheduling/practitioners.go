package scheduling

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/audit"
	"anteroom/domain/fault"
	"anteroom/domain/tenancy"
)

// Practitioner is somebody who sees patients.
type Practitioner struct {
	ID       uuid.UUID
	Name     string
	Room     string
	Position int // order on the schedule, lowest first
	Active   bool
	Services []uuid.UUID // performed, in the order of their ids
}

const selectPractitioners = `
select p.id, p.name, p.room, p.position, p.active,
       coalesce((select array_agg(ps.service_id order by ps.service_id) from practitioner_services ps
                  where ps.clinic_id = p.clinic_id and ps.practitioner_id = p.id), '{}') as services
  from practitioners p
 where p.clinic_id = @clinic`

// PractitionerFilter narrows ListPractitioners. The zero filter means everybody.
type PractitionerFilter struct {
	ActiveOnly bool
	Service    uuid.UUID // only those who perform it; uuid.Nil for any
}

// ListPractitioners answers them in the order of the schedule.
func ListPractitioners(ctx context.Context, tx *tenancy.Tx, in PractitionerFilter) ([]Practitioner, error) {
	rows, err := tx.Query(ctx, selectPractitioners+`
   and (p.active or not @active_only)
   and (@service = '00000000-0000-0000-0000-000000000000'::uuid or exists (
        select from practitioner_services ps where ps.clinic_id = @clinic and ps.practitioner_id = p.id and ps.service_id = @service))
 order by p.position, p.name, p.id`,
		tenancy.Args{"clinic": tx.Clinic(), "active_only": in.ActiveOnly, "service": in.Service})
	if err != nil {
		return nil, fmt.Errorf("list practitioners: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Practitioner])
	if err != nil {
		return nil, fmt.Errorf("list practitioners: %w", err)
	}
	return list, nil
}

// GetPractitioner answers one, or a fault of kind NotFound.
func GetPractitioner(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) (Practitioner, error) {
	return onePractitioner(ctx, tx, id, "")
}

// lockPractitioner is GetPractitioner before a change. The lock leaves the key alone, so bookings go on meanwhile.
func lockPractitioner(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) (Practitioner, error) {
	return onePractitioner(ctx, tx, id, " for no key update of p")
}

func onePractitioner(ctx context.Context, tx *tenancy.Tx, id uuid.UUID, lock string) (Practitioner, error) {
	rows, err := tx.Query(ctx, selectPractitioners+" and p.id = @id"+lock, tenancy.Args{"clinic": tx.Clinic(), "id": id})
	if err != nil {
		return Practitioner{}, fmt.Errorf("get practitioner: %w", err)
	}
	p, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Practitioner])
	if tenancy.IsNone(err) {
		return Practitioner{}, fault.New(fault.NotFound, "practitioner-not-found", "There is no such practitioner.")
	}
	if err != nil {
		return Practitioner{}, fmt.Errorf("get practitioner: %w", err)
	}
	return p, nil
}

// PractitionerInput is what a practice admin says of a practitioner. ID and Active are for UpdatePractitioner: a new one is active.
type PractitionerInput struct {
	ID       uuid.UUID
	Name     string
	Room     string
	Position int
	Active   bool
}

func (in *PractitionerInput) check() error {
	var bad settingFaults
	in.Name = bad.text("name", "The name", in.Name, 1, 120)
	in.Room = bad.text("room", "The room", in.Room, 0, 60)
	bad.number("position", "The position", in.Position, 0, 9999)
	return bad.err()
}

// CreatePractitioner adds an active one, who has no hours and no services yet.
func CreatePractitioner(ctx context.Context, tx *tenancy.Tx, in PractitionerInput) (Practitioner, error) {
	if err := in.check(); err != nil {
		return Practitioner{}, err
	}
	p := Practitioner{ID: tenancy.NewID(), Name: in.Name, Room: in.Room, Position: in.Position, Active: true, Services: []uuid.UUID{}}
	_, err := tx.Exec(ctx, `insert into practitioners (clinic_id, id, name, room, position) values (@clinic, @id, @name, @room, @position)`,
		tenancy.Args{"clinic": tx.Clinic(), "id": p.ID, "name": p.Name, "room": p.Room, "position": p.Position})
	if err != nil {
		return Practitioner{}, fmt.Errorf("create practitioner: %w", err)
	}
	err = audit.Record(ctx, tx, audit.Event{Action: "practitioner.created", SubjectKind: "practitioner", SubjectID: p.ID, After: p})
	tx.Announce("schedule", p.ID)
	return p, err
}

// PractitionerChange is a practitioner after UpdatePractitioner, and what the change did to the slots.
type PractitionerChange struct {
	Practitioner Practitioner
	Rebuild      RebuildResult
}

// UpdatePractitioner changes name, room, position and whether they see patients. One who stops loses the free slots; what is booked
// stays and is answered as outside the hours. One who comes back has the slots of their hours again.
func UpdatePractitioner(ctx context.Context, tx *tenancy.Tx, in PractitionerInput) (PractitionerChange, error) {
	if err := in.check(); err != nil {
		return PractitionerChange{}, err
	}
	if err := lockHorizon(ctx, tx); err != nil {
		return PractitionerChange{}, err
	}
	before, err := lockPractitioner(ctx, tx, in.ID)
	if err != nil {
		return PractitionerChange{}, err
	}
	after := before
	after.Name, after.Room, after.Position, after.Active = in.Name, in.Room, in.Position, in.Active
	change := PractitionerChange{Practitioner: after}
	_, err = tx.Exec(ctx, `update practitioners set name = @name, room = @room, position = @position, active = @active where clinic_id = @clinic and id = @id`,
		tenancy.Args{"clinic": tx.Clinic(), "id": in.ID, "name": in.Name, "room": in.Room, "position": in.Position, "active": in.Active})
	if err != nil {
		return PractitionerChange{}, fmt.Errorf("update practitioner: %w", err)
	}
	err = audit.Record(ctx, tx, audit.Event{Action: "practitioner.updated", SubjectKind: "practitioner", SubjectID: in.ID, Before: before, After: after})
	if err != nil {
		return PractitionerChange{}, err
	}
	tx.Announce("schedule", in.ID)
	if before.Active != after.Active {
		change.Rebuild, err = Rebuild(ctx, tx, RebuildInput{Practitioners: []uuid.UUID{in.ID}})
	}
	return change, err
}

// PractitionerServicesInput is everything that a practitioner performs.
type PractitionerServicesInput struct {
	Practitioner uuid.UUID
	Services     []uuid.UUID
}

// SetPractitionerServices makes the services performed exactly these. Appointments that are booked stay.
func SetPractitionerServices(ctx context.Context, tx *tenancy.Tx, in PractitionerServicesInput) (Practitioner, error) {
	before, err := lockPractitioner(ctx, tx, in.Practitioner)
	if err != nil {
		return Practitioner{}, err
	}
	after := before
	after.Services = slices.Compact(slices.SortedFunc(slices.Values(in.Services), func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) }))
	if after.Services == nil {
		after.Services = []uuid.UUID{}
	}
	args := tenancy.Args{"clinic": tx.Clinic(), "practitioner": in.Practitioner, "services": after.Services}
	var known int
	err = tx.QueryRow(ctx, `select count(*) from services where clinic_id = @clinic and id = any(@services::uuid[])`, args).Scan(&known)
	if err != nil {
		return Practitioner{}, fmt.Errorf("check services: %w", err)
	}
	if known != len(after.Services) {
		return Practitioner{}, fault.BadField("services", "One of these services does not exist.")
	}
	b := &pgx.Batch{}
	b.Queue(`delete from practitioner_services where clinic_id = @clinic and practitioner_id = @practitioner and service_id <> all(@services::uuid[])`, args)
	b.Queue(`insert into practitioner_services (clinic_id, practitioner_id, service_id)
		select @clinic, @practitioner, s from unnest(@services::uuid[]) s on conflict do nothing`, args)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return Practitioner{}, fmt.Errorf("set services performed: %w", err)
	}
	tx.Announce("schedule", in.Practitioner)
	return after, audit.Record(ctx, tx, audit.Event{
		Action: "practitioner.services-set", SubjectKind: "practitioner", SubjectID: in.Practitioner, Before: before, After: after})
}
