package scheduling_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/fault"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
)

// Every change of a setting leaves one event with digests of what was and what is.
func TestChangesOfSettingsAreAudited(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 27, 8, 0, 0, 0, time.UTC)
	p := newPractice(t, "Europe/London", now, 1)
	var service scheduling.Service
	var closure, timeOff scheduling.ClosureChange
	steps := []struct {
		action        string
		before, after bool
		fn            func(ctx context.Context, tx *tenancy.Tx) error
	}{
		{"practitioner.created", false, true, func(ctx context.Context, tx *tenancy.Tx) error {
			_, err := scheduling.CreatePractitioner(ctx, tx, scheduling.PractitionerInput{Name: "Dr New"})
			return err
		}},
		{"practitioner.updated", true, true, func(ctx context.Context, tx *tenancy.Tx) error {
			_, err := scheduling.UpdatePractitioner(ctx, tx, scheduling.PractitionerInput{ID: p.who[0], Name: "Dr Zero", Room: "2", Active: true})
			return err
		}},
		{"service.created", false, true, func(ctx context.Context, tx *tenancy.Tx) (err error) {
			service, err = scheduling.CreateService(ctx, tx, scheduling.ServiceInput{Slug: "botox", Name: "Botox", DurationMinutes: 30})
			return err
		}},
		{"service.updated", true, true, func(ctx context.Context, tx *tenancy.Tx) error {
			_, err := scheduling.UpdateService(ctx, tx, scheduling.ServiceInput{ID: service.ID, Slug: "botox", Name: "Botox", DurationMinutes: 45, Active: true})
			return err
		}},
		{"practitioner.services-set", true, true, func(ctx context.Context, tx *tenancy.Tx) error {
			_, err := scheduling.SetPractitionerServices(ctx, tx, scheduling.PractitionerServicesInput{Practitioner: p.who[0], Services: []uuid.UUID{service.ID}})
			return err
		}},
		{"service.deactivated", true, true, func(ctx context.Context, tx *tenancy.Tx) error {
			_, err := scheduling.DeactivateService(ctx, tx, service.ID)
			return err
		}},
		{"hours.set", true, true, func(ctx context.Context, tx *tenancy.Tx) error {
			_, err := scheduling.SetWeek(ctx, tx, scheduling.WeekInput{Practitioner: p.who[0], Hours: daily(540, 600)})
			return err
		}},
		{"hours-exception.set", false, true, func(ctx context.Context, tx *tenancy.Tx) error {
			_, err := scheduling.SetException(ctx, tx, scheduling.HoursException{Practitioner: p.who[0], On: now.AddDate(0, 0, 2)})
			return err
		}},
		{"hours-exception.removed", true, false, func(ctx context.Context, tx *tenancy.Tx) error {
			_, err := scheduling.RemoveException(ctx, tx, scheduling.ExceptionDay{Practitioner: p.who[0], On: now.AddDate(0, 0, 2)})
			return err
		}},
		{"closure.added", false, true, func(ctx context.Context, tx *tenancy.Tx) (err error) {
			closure, err = scheduling.AddClosure(ctx, tx, scheduling.ClosureInput{StartsAt: now, EndsAt: now.Add(time.Hour), Reason: "x"})
			return err
		}},
		{"closure.removed", true, false, func(ctx context.Context, tx *tenancy.Tx) error {
			_, err := scheduling.RemoveClosure(ctx, tx, closure.Closure.ID)
			return err
		}},
		{"time-off.added", false, true, func(ctx context.Context, tx *tenancy.Tx) (err error) {
			timeOff, err = scheduling.AddClosure(ctx, tx, scheduling.ClosureInput{Practitioner: p.who[0], StartsAt: now, EndsAt: now.Add(time.Hour), Reason: "x"})
			return err
		}},
		{"time-off.removed", true, false, func(ctx context.Context, tx *tenancy.Tx) error {
			_, err := scheduling.RemoveClosure(ctx, tx, timeOff.Closure.ID)
			return err
		}},
		{"clinic.updated", true, true, func(ctx context.Context, tx *tenancy.Tx) error {
			_, err := scheduling.UpdateClinic(ctx, tx, scheduling.ClinicInput{Name: "Renamed", GrainMinutes: 15, HorizonDays: 42, HoldSeconds: 60})
			return err
		}},
	}
	type event struct {
		Action        string
		Before, After []byte
	}
	seen := map[string]int{}
	for _, s := range steps {
		p.in(t, s.fn)
		var events []event
		p.in(t, func(ctx context.Context, tx *tenancy.Tx) error {
			rows, err := tx.Query(ctx, `select action, before, after from audit_events where action = $1 order by id desc`, s.action)
			if err != nil {
				return err
			}
			events, err = pgx.CollectRows(rows, pgx.RowToStructByName[event])
			return err
		})
		extra := map[string]int{"practitioner.created": 1, "practitioner.services-set": 1, "service.created": 1}[s.action] // newPractice's own
		seen[s.action]++
		if len(events) != seen[s.action]+extra {
			t.Errorf("%s: %d events", s.action, len(events))
			continue
		}
		e := events[0]
		if (e.Before != nil) != s.before || (e.After != nil) != s.after || slices.Equal(e.Before, e.After) {
			t.Errorf("%s: before %x, after %x", s.action, e.Before, e.After)
		}
	}
}

func TestSettingsThatCannotBeAreNamed(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "Europe/London", time.Date(2026, 3, 27, 8, 0, 0, 0, time.UTC), 1)
	for name, c := range map[string]struct {
		want []string
		fn   func(ctx context.Context, tx *tenancy.Tx) error
	}{
		"clinic": {[]string{"name", "grain_minutes", "horizon_days", "hold_seconds"}, func(ctx context.Context, tx *tenancy.Tx) error {
			_, err := scheduling.UpdateClinic(ctx, tx, scheduling.ClinicInput{Name: " ", GrainMinutes: 7, HorizonDays: 401, HoldSeconds: 0})
			return err
		}},
		"practitioner": {[]string{"name", "room", "position"}, func(ctx context.Context, tx *tenancy.Tx) error {
			_, err := scheduling.CreatePractitioner(ctx, tx, scheduling.PractitionerInput{Name: strings.Repeat("é", 121), Room: "\xff", Position: -1})
			return err
		}},
		"service": {[]string{"slug", "duration_minutes"}, func(ctx context.Context, tx *tenancy.Tx) error {
			_, err := scheduling.CreateService(ctx, tx, scheduling.ServiceInput{Name: "X", Slug: "Not--this", DurationMinutes: 4})
			return err
		}},
		"taken slug": {[]string{"slug"}, func(ctx context.Context, tx *tenancy.Tx) error {
			_, err := scheduling.CreateService(ctx, tx, scheduling.ServiceInput{Name: "X", Slug: "s30", DurationMinutes: 30})
			return err
		}},
		"unknown service performed": {[]string{"services"}, func(ctx context.Context, tx *tenancy.Tx) error {
			_, err := scheduling.SetPractitionerServices(ctx, tx, scheduling.PractitionerServicesInput{Practitioner: p.who[0], Services: []uuid.UUID{uuid.New()}})
			return err
		}},
	} {
		if got := fieldsOf(p.try(c.fn)); !slices.Equal(got, c.want) {
			t.Errorf("%s: faults on %v, want %v", name, got, c.want)
		}
	}
	for name, fn := range map[string]func(ctx context.Context, tx *tenancy.Tx) error{
		"practitioner": func(ctx context.Context, tx *tenancy.Tx) error {
			_, err := scheduling.UpdatePractitioner(ctx, tx, scheduling.PractitionerInput{ID: uuid.New(), Name: "X"})
			return err
		},
		"service": func(ctx context.Context, tx *tenancy.Tx) error {
			_, err := scheduling.GetService(ctx, tx, "none")
			return err
		},
		"old service": func(ctx context.Context, tx *tenancy.Tx) error {
			_, err := scheduling.DeactivateService(ctx, tx, uuid.New())
			return err
		},
	} {
		if err := p.try(fn); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: %v, want not found", name, err)
		}
	}
}

func TestPractitionersAndServicesAreListed(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "Europe/London", time.Date(2026, 3, 27, 8, 0, 0, 0, time.UTC), 2)
	p.in(t, func(ctx context.Context, tx *tenancy.Tx) error {
		s, err := scheduling.CreateService(ctx, tx, scheduling.ServiceInput{Slug: "botox", Name: "Botox", DurationMinutes: 30})
		if err != nil {
			return err
		}
		_, err = scheduling.SetPractitionerServices(ctx, tx, scheduling.PractitionerServicesInput{Practitioner: p.who[1], Services: []uuid.UUID{s.ID, s.ID}})
		if err != nil {
			return err
		}
		_, err = scheduling.UpdatePractitioner(ctx, tx, scheduling.PractitionerInput{ID: p.who[0], Name: "Dr Away", Position: 9})
		if err != nil {
			return err
		}
		all, err := scheduling.ListPractitioners(ctx, tx, scheduling.PractitionerFilter{})
		if len(all) != 2 || all[0].ID != p.who[1] || all[1].Active || !slices.Equal(all[0].Services, []uuid.UUID{s.ID}) {
			t.Errorf("all: %+v", all)
		}
		if err != nil {
			return err
		}
		perform, err := scheduling.ListPractitioners(ctx, tx, scheduling.PractitionerFilter{ActiveOnly: true, Service: s.ID})
		if len(perform) != 1 || perform[0].ID != p.who[1] {
			t.Errorf("who performs it: %+v", perform)
		}
		if err != nil {
			return err
		}
		if _, err := scheduling.DeactivateService(ctx, tx, s.ID); err != nil {
			return err
		}
		services, err := scheduling.ListServices(ctx, tx, scheduling.ServiceFilter{ActiveOnly: true})
		if len(services) != 1 || services[0].Slug != "s30" {
			t.Errorf("services: %+v", services)
		}
		return err
	})
}
