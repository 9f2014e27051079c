package scheduling

import (
	"context"
	"fmt"
	"regexp"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/audit"
	"anteroom/domain/fault"
	"anteroom/domain/tenancy"
)

// Service is a bookable type of appointment. The slug is also the intent that a call is searched for.
type Service struct {
	ID              uuid.UUID
	Slug            string
	Name            string
	DurationMinutes int
	Active          bool // an inactive one keeps its appointments and cannot be booked
}

// ServicesTopic is announced when a service was added or changed.
const ServicesTopic = "services"

const selectServices = `
select id, slug, name, duration_minutes, active from services where clinic_id = @clinic`

// ServiceFilter narrows ListServices. The zero filter means every service.
type ServiceFilter struct {
	ActiveOnly bool
}

// ListServices answers them by name.
func ListServices(ctx context.Context, tx *tenancy.Tx, in ServiceFilter) ([]Service, error) {
	rows, err := tx.Query(ctx, selectServices+` and (active or not @active_only) order by name, id`,
		tenancy.Args{"clinic": tx.Clinic(), "active_only": in.ActiveOnly})
	if err != nil {
		return nil, fmt.Errorf("list services: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Service])
	if err != nil {
		return nil, fmt.Errorf("list services: %w", err)
	}
	return list, nil
}

// GetService answers one by its slug, active or not, or a fault of kind NotFound.
func GetService(ctx context.Context, tx *tenancy.Tx, slug string) (Service, error) {
	return oneService(ctx, tx, ` and slug = @slug`, tenancy.Args{"clinic": tx.Clinic(), "slug": slug})
}

func oneService(ctx context.Context, tx *tenancy.Tx, where string, args tenancy.Args) (Service, error) {
	rows, err := tx.Query(ctx, selectServices+where, args)
	if err != nil {
		return Service{}, fmt.Errorf("get service: %w", err)
	}
	s, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Service])
	if tenancy.IsNone(err) {
		return Service{}, fault.New(fault.NotFound, "service-not-found", "There is no such service.")
	}
	if err != nil {
		return Service{}, fmt.Errorf("get service: %w", err)
	}
	return s, nil
}

// ServiceInput is what a practice admin says of a service. ID and Active are for UpdateService: a new one is active.
type ServiceInput struct {
	ID              uuid.UUID
	Slug            string // small letters, digits and single hyphens; unique in the clinic
	Name            string
	DurationMinutes int // 5 to 720
	Active          bool
}

var serviceSlug = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

func (in *ServiceInput) check() error {
	var bad settingFaults
	in.Name = bad.text("name", "The name", in.Name, 1, 120)
	in.Slug = bad.text("slug", "The short name", in.Slug, 1, 60)
	if in.Slug != "" && !serviceSlug.MatchString(in.Slug) {
		bad.add("slug", "The short name has small letters, digits and single hyphens only.")
	}
	bad.number("duration_minutes", "The duration in minutes", in.DurationMinutes, 5, 720)
	return bad.err()
}

// CreateService adds one that is active and that nobody performs yet.
func CreateService(ctx context.Context, tx *tenancy.Tx, in ServiceInput) (Service, error) {
	if err := in.check(); err != nil {
		return Service{}, err
	}
	s := Service{ID: tenancy.NewID(), Slug: in.Slug, Name: in.Name, DurationMinutes: in.DurationMinutes, Active: true}
	_, err := tx.Exec(ctx, `insert into services (clinic_id, id, slug, name, duration_minutes) values (@clinic, @id, @slug, @name, @minutes)`,
		tenancy.Args{"clinic": tx.Clinic(), "id": s.ID, "slug": s.Slug, "name": s.Name, "minutes": s.DurationMinutes})
	if err != nil {
		return Service{}, serviceFault("create service", err)
	}
	tx.Announce(ServicesTopic, s.ID)
	return s, audit.Record(ctx, tx, audit.Event{Action: "service.created", SubjectKind: "service", SubjectID: s.ID, After: s})
}

// UpdateService changes a service. Appointments that are booked keep their length.
func UpdateService(ctx context.Context, tx *tenancy.Tx, in ServiceInput) (Service, error) {
	if err := in.check(); err != nil {
		return Service{}, err
	}
	return changeService(ctx, tx, in.ID, "service.updated", func(s *Service) {
		s.Slug, s.Name, s.DurationMinutes, s.Active = in.Slug, in.Name, in.DurationMinutes, in.Active
	})
}

// DeactivateService ends the booking of a service; what is booked stays.
func DeactivateService(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) (Service, error) {
	return changeService(ctx, tx, id, "service.deactivated", func(s *Service) { s.Active = false })
}

func changeService(ctx context.Context, tx *tenancy.Tx, id uuid.UUID, action string, change func(*Service)) (Service, error) {
	before, err := oneService(ctx, tx, ` and id = @id for no key update`, tenancy.Args{"clinic": tx.Clinic(), "id": id})
	if err != nil {
		return Service{}, err
	}
	after := before
	change(&after)
	_, err = tx.Exec(ctx, `update services set slug = @slug, name = @name, duration_minutes = @minutes, active = @active where clinic_id = @clinic and id = @id`,
		tenancy.Args{"clinic": tx.Clinic(), "id": id, "slug": after.Slug, "name": after.Name, "minutes": after.DurationMinutes, "active": after.Active})
	if err != nil {
		return Service{}, serviceFault("update service", err)
	}
	tx.Announce(ServicesTopic, id)
	return after, audit.Record(ctx, tx, audit.Event{Action: action, SubjectKind: "service", SubjectID: id, Before: before, After: after})
}

func serviceFault(doing string, err error) error {
	if tenancy.IsUnique(err) {
		return fault.BadField("slug", "Another service has this short name.").Because(err)
	}
	return fmt.Errorf("%s: %w", doing, err)
}
