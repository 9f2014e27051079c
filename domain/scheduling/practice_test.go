package scheduling_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
	"anteroom/domain/tenancy/tenancytest"
)

// practice is a clinic with a stopped clock whose practitioners have no hours yet; all perform s30.
type practice struct {
	*tenancytest.Database
	scope tenancy.Scope
	loc   *time.Location
	who   []uuid.UUID
}

func newPractice(t testing.TB, zone string, now time.Time, practitioners int) *practice {
	t.Helper()
	db := tenancytest.NewWithClock(t, now)
	p := &practice{Database: db, scope: db.Clinic(t, "Practice", zone)}
	p.in(t, func(ctx context.Context, tx *tenancy.Tx) error {
		c, err := scheduling.LoadClinic(ctx, tx)
		if err != nil {
			return err
		}
		p.loc = c.Location
		s, err := scheduling.CreateService(ctx, tx, scheduling.ServiceInput{Slug: "s30", Name: "Half an hour", DurationMinutes: 30})
		if err != nil {
			return err
		}
		for i := range practitioners {
			who, err := scheduling.CreatePractitioner(ctx, tx, scheduling.PractitionerInput{Name: fmt.Sprintf("Dr %d", i), Position: i})
			if err != nil {
				return err
			}
			p.who = append(p.who, who.ID)
			_, err = scheduling.SetPractitionerServices(ctx, tx, scheduling.PractitionerServicesInput{Practitioner: who.ID, Services: []uuid.UUID{s.ID}})
			if err != nil {
				return err
			}
		}
		return nil
	})
	return p
}

func (p *practice) try(fn func(ctx context.Context, tx *tenancy.Tx) error) error {
	ctx := context.Background()
	return p.WithClinic(ctx, p.scope, func(tx *tenancy.Tx) error { return fn(ctx, tx) })
}

func (p *practice) in(t testing.TB, fn func(ctx context.Context, tx *tenancy.Tx) error) {
	t.Helper()
	if err := p.try(fn); err != nil {
		t.Fatal(err)
	}
}

// daily are the same intervals on every day of the week, as minutes: start, end, start, end.
func daily(minutes ...int) []scheduling.WeeklyHours {
	var out []scheduling.WeeklyHours
	for d := time.Sunday; d <= time.Saturday; d++ {
		for i := 0; i < len(minutes); i += 2 {
			out = append(out, scheduling.WeeklyHours{Weekday: d, Starts: minutes[i], Ends: minutes[i+1]})
		}
	}
	return out
}

func (p *practice) week(t testing.TB, n int, minutes ...int) (r scheduling.RebuildResult) {
	t.Helper()
	p.in(t, func(ctx context.Context, tx *tenancy.Tx) (err error) {
		r, err = scheduling.SetWeek(ctx, tx, scheduling.WeekInput{Practitioner: p.who[n], Hours: daily(minutes...)})
		return err
	})
	return r
}

func (p *practice) grain(t testing.TB, minutes int) (r scheduling.RebuildResult) {
	t.Helper()
	p.in(t, func(ctx context.Context, tx *tenancy.Tx) error {
		c, err := scheduling.UpdateClinic(ctx, tx, scheduling.ClinicInput{Name: "Practice", GrainMinutes: minutes, HorizonDays: 42, HoldSeconds: 90})
		r = c.Rebuild
		return err
	})
	return r
}

func (p *practice) rebuild(t testing.TB) (r scheduling.RebuildResult) {
	t.Helper()
	p.in(t, func(ctx context.Context, tx *tenancy.Tx) (err error) {
		r, err = scheduling.Rebuild(ctx, tx, scheduling.RebuildInput{})
		return err
	})
	return r
}

type row struct {
	ID            uuid.UUID
	StartsAt      time.Time
	EndsAt        time.Time
	Status        string
	Availability  string
	AppointmentID *uuid.UUID
}

// rows are a practitioner's slots of a day by the clinic's clock; an empty day means all.
func (p *practice) rows(t testing.TB, n int, day string) []row {
	t.Helper()
	var all []row
	p.in(t, func(ctx context.Context, tx *tenancy.Tx) error {
		rows, err := tx.Query(ctx, `select id, starts_at, ends_at, status, availability, appointment_id from slots where practitioner_id = $1 order by starts_at`, p.who[n])
		if err != nil {
			return err
		}
		all, err = pgx.CollectRows(rows, pgx.RowToStructByName[row])
		return err
	})
	return slices.DeleteFunc(all, func(r row) bool { return day != "" && r.StartsAt.In(p.loc).Format(time.DateOnly) != day })
}

// say is what the slots of a day look like: "09:00 free open, …", with a length where it is not the expected one.
func (p *practice) say(t testing.TB, n int, day string) (out []string) {
	t.Helper()
	for _, r := range p.rows(t, n, day) {
		out = append(out, fmt.Sprintf("%s+%d %s %s", r.StartsAt.In(p.loc).Format("15:04"), int(r.EndsAt.Sub(r.StartsAt).Minutes()), r.Status, r.Availability))
	}
	return out
}

func (p *practice) wants(t testing.TB, n int, day string, want ...string) {
	t.Helper()
	if got := p.say(t, n, day); !slices.Equal(got, want) {
		t.Errorf("slots of %s:\n got %q\nwant %q", day, got, want)
	}
}

func (p *practice) when(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", s, p.loc)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// hold claims half an hour at a wall time, straight through the database's function.
func (p *practice) hold(t testing.TB, n int, when string) uuid.UUID {
	t.Helper()
	at := p.when(t, when)
	for _, r := range p.rows(t, n, "") {
		if r.StartsAt.Equal(at) {
			id, outcome, err := p.claim(r.ID)
			if err != nil || outcome != "held" {
				t.Fatalf("claim of %s: %s, %v", when, outcome, err)
			}
			return id
		}
	}
	t.Fatalf("no slot at %s", when)
	return uuid.Nil
}

func (p *practice) claim(slot uuid.UUID) (id uuid.UUID, outcome string, err error) {
	id = tenancy.NewID()
	err = p.try(func(ctx context.Context, tx *tenancy.Tx) error {
		return tx.QueryRow(ctx, `select outcome from app.claim_slot($1, 's30', 90, '', null, $2, 'api', 'api', '', 'test', $3)`, slot, id, tx.Clock()).Scan(&outcome)
	})
	return id, outcome, err
}

// book claims and confirms.
func (p *practice) book(t testing.TB, n int, when string) uuid.UUID {
	t.Helper()
	id, patient := p.hold(t, n, when), tenancy.NewID()
	p.in(t, func(ctx context.Context, tx *tenancy.Tx) error {
		b := &pgx.Batch{}
		b.Queue(`insert into patients (clinic_id, id) values ($1, $2)`, tx.Clinic(), patient)
		b.Queue(`update appointments set status = 'booked', hold_expires_at = null, patient_id = $2 where id = $1`, id, patient)
		b.Queue(`update slots set status = 'busy', hold_expires_at = null where appointment_id = $1`, id)
		return tx.SendBatch(ctx, b).Close()
	})
	return id
}

func (p *practice) free(t testing.TB, appointment uuid.UUID) {
	t.Helper()
	p.in(t, func(ctx context.Context, tx *tenancy.Tx) error {
		b := &pgx.Batch{}
		b.Queue(`update appointments set status = 'cancelled', hold_expires_at = null where id = $1`, appointment)
		b.Queue(`select app.free_slots($1, $2)`, tx.Clinic(), []uuid.UUID{appointment})
		return tx.SendBatch(ctx, b).Close()
	})
}

func outsideIDs(r scheduling.RebuildResult) []uuid.UUID {
	var ids []uuid.UUID
	for _, o := range r.Outside {
		ids = append(ids, o.Appointment)
	}
	return ids
}
