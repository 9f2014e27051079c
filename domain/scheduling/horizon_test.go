package scheduling_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
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

// clockChanges are the days on which clocks change in the demo's zones (IANA tzdata); hours of the night from 0 to 6.
var clockChanges = []struct {
	zone, day string
	hours     int
}{
	{"Europe/London", "2026-03-29", 5}, {"Europe/London", "2026-10-25", 7}, {"Europe/London", "2027-03-28", 5},
	{"America/New_York", "2026-03-08", 5}, {"America/New_York", "2026-11-01", 7}, {"America/New_York", "2027-03-14", 5},
}

func TestSlotsKeepTheWallClockWhereClocksChange(t *testing.T) {
	t.Parallel()
	for _, c := range clockChanges {
		t.Run(c.zone+" "+c.day, func(t *testing.T) {
			t.Parallel()
			date, _ := time.Parse(time.DateOnly, c.day)
			p := newPractice(t, c.zone, date.AddDate(0, 0, -3), 2)
			p.week(t, 0, 9*60, 12*60, 13*60, 17*60)
			p.week(t, 1, 0, 6*60)
			for add := -1; add <= 1; add++ {
				d := date.AddDate(0, 0, add).Format(time.DateOnly)
				day := p.rows(t, 0, d)
				if len(day) != 28 || day[0].StartsAt.In(p.loc).Format("15:04") != "09:00" || day[12].StartsAt.In(p.loc).Format("15:04") != "13:00" ||
					day[27].EndsAt.In(p.loc).Format("15:04") != "17:00" {
					t.Errorf("%s: %q", d, p.say(t, 0, d))
				}
			}
			night := p.rows(t, 1, c.day)
			if len(night) != c.hours*4 {
				t.Errorf("the night has %d slots, want %d", len(night), c.hours*4)
			}
			for i := 1; i < len(night); i++ {
				if !night[i].StartsAt.Equal(night[i-1].EndsAt) {
					t.Errorf("a slot ends at %s and the next starts at %s", night[i-1].EndsAt, night[i].StartsAt)
				}
			}
			if r := p.rebuild(t); r.Added+r.Removed+r.Blocked+r.Reopened != 0 {
				t.Errorf("a second rebuild did something: %+v", r)
			}
		})
	}
}

func TestTheHorizonRolls(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "America/New_York", time.Date(2026, 10, 20, 14, 7, 0, 0, time.UTC), 2) // 10:07 in New York
	p.week(t, 0, 9*60, 12*60)
	roll := func() (r scheduling.RebuildResult) {
		p.in(t, func(ctx context.Context, tx *tenancy.Tx) (err error) { r, err = scheduling.Roll(ctx, tx); return err })
		return r
	}
	all := p.rows(t, 0, "")
	if first, last := all[0].StartsAt.In(p.loc), all[len(all)-1].StartsAt.In(p.loc); first.Format("01-02 15:04") != "10-20 10:15" || last.Format("01-02 15:04") != "11-30 11:45" {
		t.Errorf("from %s to %s: want from the next slot of today, and 42 days", first, last)
	}
	if r := roll(); r.Added != 0 {
		t.Errorf("rolled twice on a day: %+v", r)
	}
	p.Clock.Advance(48 * time.Hour)
	if r := roll(); r.Added != 24 || r.Removed != 0 || r.Blocked != 0 {
		t.Errorf("two days later: %+v, want 24 slots added", r)
	}
	if past := p.rows(t, 0, "2026-10-21"); len(past) != 12 {
		t.Errorf("%d slots of a day that has passed, want 12: the past is not touched", len(past))
	}
	p.book(t, 0, "2026-11-20 10:00")
	p.in(t, func(ctx context.Context, tx *tenancy.Tx) error { // nothing to add: it must not even wait for a change of hours
		_, err := scheduling.AddClosure(ctx, tx, scheduling.ClosureInput{StartsAt: p.Clock.Now(), EndsAt: p.Clock.Now().Add(time.Minute), Reason: "x"})
		short, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		rolled := p.WithClinic(short, p.scope, func(tx *tenancy.Tx) error { _, err := scheduling.Roll(short, tx); return err })
		return errors.Join(err, rolled)
	})
	p.in(t, func(ctx context.Context, tx *tenancy.Tx) error {
		c, err := scheduling.UpdateClinic(ctx, tx, scheduling.ClinicInput{Name: "Practice", GrainMinutes: 15, HorizonDays: 10, HoldSeconds: 90})
		if c.Rebuild.Removed != 32*12-2 || c.Rebuild.Added+len(c.Rebuild.Outside) != 0 {
			t.Errorf("a shorter horizon: %+v, want 382 slots removed", c.Rebuild)
		}
		return err
	})
	p.wants(t, 0, "2026-11-20", "10:00+15 busy open", "10:15+15 busy open") // beyond the horizon, and still within the hours
}

func TestExceptionsReplaceADaysHours(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "Europe/London", time.Date(2026, 3, 27, 8, 0, 0, 0, time.UTC), 1)
	p.week(t, 0, 9*60, 10*60)
	set := func(day string, hours ...scheduling.HoursInterval) (r scheduling.RebuildResult) {
		p.in(t, func(ctx context.Context, tx *tenancy.Tx) (err error) {
			r, err = scheduling.SetException(ctx, tx, scheduling.HoursException{Practitioner: p.who[0], On: p.when(t, day+" 00:00"), Hours: hours, Reason: "Course"})
			return err
		})
		return r
	}
	if r := set("2026-03-29", scheduling.HoursInterval{Starts: 9*60 + 30, Ends: 10*60 + 20}); r.Added != 1 || r.Removed != 2 {
		t.Errorf("other hours: %+v", r)
	}
	p.wants(t, 0, "2026-03-29", "09:30+15 free open", "09:45+15 free open", "10:00+15 free open") // five minutes are left and get none
	if r := set("2026-03-29"); r.Removed != 3 {
		t.Errorf("day off: %+v", r)
	}
	p.wants(t, 0, "2026-03-29")
	p.wants(t, 0, "2026-03-30", "09:00+15 free open", "09:15+15 free open", "09:30+15 free open", "09:45+15 free open")
	p.in(t, func(ctx context.Context, tx *tenancy.Tx) error {
		r, err := scheduling.RemoveException(ctx, tx, scheduling.ExceptionDay{Practitioner: p.who[0], On: p.when(t, "2026-03-29 00:00")})
		if r.Added != 4 {
			t.Errorf("the week's hours again: %+v", r)
		}
		return err
	})
}

func TestAClosureBlocksAndKeepsWhatIsBooked(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "Europe/London", time.Date(2026, 10, 23, 8, 0, 0, 0, time.UTC), 2)
	p.week(t, 0, 9*60, 10*60+30)
	p.week(t, 1, 9*60, 10*60)
	booked, held, second := p.book(t, 0, "2026-10-25 09:30"), p.hold(t, 0, "2026-10-25 09:00"), p.book(t, 1, "2026-10-25 09:00")
	var change scheduling.ClosureChange
	p.in(t, func(ctx context.Context, tx *tenancy.Tx) (err error) {
		change, err = scheduling.AddClosure(ctx, tx, scheduling.ClosureInput{StartsAt: p.when(t, "2026-10-25 09:20"), EndsAt: p.when(t, "2026-10-25 10:15"), Reason: "Water"})
		return err
	})
	if r := change.Rebuild; r.Added+r.Removed+r.Reopened != 0 || r.Blocked != 4+3 {
		t.Errorf("closure: %+v", r)
	}
	got, want := outsideIDs(change.Rebuild), []uuid.UUID{booked, held, second}
	for _, id := range want {
		if !slices.Contains(got, id) {
			t.Errorf("outside: %v, want %v", got, want)
		}
	}
	if len(got) != 3 || !slices.IsSortedFunc(change.Rebuild.Outside, func(a, b scheduling.Outside) int { return a.StartsAt.Compare(b.StartsAt) }) {
		t.Errorf("outside: %+v", change.Rebuild.Outside)
	}
	p.wants(t, 0, "2026-10-25", "09:00+15 busy-tentative open", "09:15+15 busy-tentative blocked", "09:30+15 busy blocked", "09:45+15 busy blocked",
		"10:00+15 busy-unavailable blocked", "10:15+15 free open")
	p.free(t, booked)
	p.wants(t, 0, "2026-10-25", "09:00+15 busy-tentative open", "09:15+15 busy-tentative blocked", "09:30+15 busy-unavailable blocked",
		"09:45+15 busy-unavailable blocked", "10:00+15 busy-unavailable blocked", "10:15+15 free open")
	p.in(t, func(ctx context.Context, tx *tenancy.Tx) error {
		r, err := scheduling.RemoveClosure(ctx, tx, change.Closure.ID)
		if r.Reopened != 7 || len(r.Outside) != 0 {
			t.Errorf("closure removed: %+v", r)
		}
		return err
	})
	p.wants(t, 0, "2026-10-25", "09:00+15 busy-tentative open", "09:15+15 busy-tentative open", "09:30+15 free open", "09:45+15 free open", "10:00+15 free open",
		"10:15+15 free open")
}

func TestTimeOffIsOnePractitioners(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "Europe/London", time.Date(2026, 3, 27, 8, 0, 0, 0, time.UTC), 2)
	p.week(t, 0, 9*60, 9*60+30)
	p.week(t, 1, 9*60, 9*60+30)
	p.in(t, func(ctx context.Context, tx *tenancy.Tx) error {
		_, err := scheduling.AddClosure(ctx, tx, scheduling.ClosureInput{Practitioner: p.who[1], StartsAt: p.when(t, "2026-03-29 00:00"), EndsAt: p.when(t, "2026-03-30 09:15"), Reason: "Leave"})
		return err
	})
	p.rebuild(t)
	p.wants(t, 0, "2026-03-29", "09:00+15 free open", "09:15+15 free open")
	p.wants(t, 1, "2026-03-29", "09:00+15 busy-unavailable blocked", "09:15+15 busy-unavailable blocked")
	p.wants(t, 1, "2026-03-30", "09:00+15 busy-unavailable blocked", "09:15+15 free open")
}

func TestOtherHoursLeaveHeldAndBookedSlots(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "America/New_York", time.Date(2026, 10, 30, 8, 0, 0, 0, time.UTC), 1)
	p.week(t, 0, 9*60, 10*60)
	booked, held := p.book(t, 0, "2026-11-01 09:00"), p.hold(t, 0, "2026-11-01 09:30")
	r := p.week(t, 0, 14*60, 14*60+30)
	if got := outsideIDs(r); !slices.Equal(got, []uuid.UUID{booked, held}) {
		t.Errorf("outside %v, want %v and %v", got, booked, held)
	}
	p.wants(t, 0, "2026-11-01", "09:00+15 busy gone", "09:15+15 busy gone", "09:30+15 busy-tentative gone", "09:45+15 busy-tentative gone",
		"14:00+15 free open", "14:15+15 free open")
	p.wants(t, 0, "2026-11-02", "14:00+15 free open", "14:15+15 free open")
	p.free(t, booked)
	p.wants(t, 0, "2026-11-01", "09:30+15 busy-tentative gone", "09:45+15 busy-tentative gone", "14:00+15 free open", "14:15+15 free open")
	if r := p.week(t, 0, 9*60, 10*60); r.Reopened != 2 || len(r.Outside) != 0 {
		t.Errorf("hours as they were: %+v", r)
	}
	p.wants(t, 0, "2026-11-01", "09:00+15 free open", "09:15+15 free open", "09:30+15 busy-tentative open", "09:45+15 busy-tentative open")
	p.Clock.Advance(time.Hour) // the hold has ended, and nobody has swept it
	if r := p.week(t, 0); len(r.Outside) != 0 {
		t.Errorf("an ended hold is outside: %+v", r.Outside)
	}
}

func TestANewGrainGoesAroundWhatIsTaken(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "Europe/London", time.Date(2026, 3, 27, 8, 0, 0, 0, time.UTC), 1)
	p.week(t, 0, 9*60, 10*60+30)
	booked := p.book(t, 0, "2026-03-29 09:30")
	if r := p.grain(t, 20); len(r.Outside) != 0 {
		t.Errorf("a new grain left appointments outside: %+v", r)
	}
	p.wants(t, 0, "2026-03-29", "09:00+20 free open", "09:30+15 busy open", "09:45+15 busy open", "10:00+20 free open")
	p.wants(t, 0, "2026-03-30", "09:00+20 free open", "09:20+20 free open", "09:40+20 free open", "10:00+20 free open")
	p.in(t, func(ctx context.Context, tx *tenancy.Tx) error {
		c, err := scheduling.AddClosure(ctx, tx, scheduling.ClosureInput{StartsAt: p.when(t, "2026-03-29 09:50"), EndsAt: p.when(t, "2026-03-29 10:00"), Reason: "Fire drill"})
		if !slices.Equal(outsideIDs(c.Rebuild), []uuid.UUID{booked}) || c.Rebuild.Blocked != 1 {
			t.Errorf("closure beside the grid: %+v", c.Rebuild)
		}
		if err != nil {
			return err
		}
		_, err = scheduling.RemoveClosure(ctx, tx, c.Closure.ID)
		return err
	})
	p.free(t, booked)
	p.wants(t, 0, "2026-03-29", "09:00+20 free open", "09:30+15 free open", "09:45+15 free open", "10:00+20 free open")
	p.rebuild(t)
	p.wants(t, 0, "2026-03-29", "09:00+20 free open", "09:20+20 free open", "09:40+20 free open", "10:00+20 free open")
}

func TestAPractitionerWhoStopsLosesFreeSlotsOnly(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "Europe/London", time.Date(2026, 3, 27, 8, 0, 0, 0, time.UTC), 1)
	p.week(t, 0, 9*60, 10*60)
	booked := p.book(t, 0, "2026-03-29 09:30")
	active := func(yes bool) (r scheduling.RebuildResult) {
		p.in(t, func(ctx context.Context, tx *tenancy.Tx) error {
			c, err := scheduling.UpdatePractitioner(ctx, tx, scheduling.PractitionerInput{ID: p.who[0], Name: "Dr 0", Active: yes})
			r = c.Rebuild
			return err
		})
		return r
	}
	if r := active(false); r.Removed != 42*4-2 || !slices.Equal(outsideIDs(r), []uuid.UUID{booked}) {
		t.Errorf("stopped: %+v", r)
	}
	p.wants(t, 0, "2026-03-29", "09:30+15 busy gone", "09:45+15 busy gone")
	if r := active(true); r.Added != 42*4-2 || r.Reopened != 2 {
		t.Errorf("back: %+v", r)
	}
}

const overlapping = `
select count(*) from slots a join slots b on b.practitioner_id = a.practitioner_id and b.id <> a.id and a.starts_at < b.ends_at and b.starts_at < a.ends_at
 where a.availability = 'open' and b.availability = 'open'`

const uncovered = `
select count(*) from appointments a where status = 'pending' and ends_at - starts_at >
  (select coalesce(sum(least(s.ends_at, a.ends_at) - s.starts_at), '0') from slots s where s.appointment_id = a.id and s.status = 'busy-tentative')`

// Four at a time change the grain or the hours while callers claim: nothing overlaps and nobody's slot is lost.
func TestRebuildsAndClaimsAtOnce(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "Europe/London", time.Date(2026, 3, 27, 8, 0, 0, 0, time.UTC), 3)
	for n := range p.who {
		p.week(t, n, 0, 3*60, 9*60, 12*60)
	}
	var wg sync.WaitGroup
	errs := make(chan error, 1000)
	for worker := range 4 {
		wg.Go(func() {
			for i := range 8 {
				grain, starts := []int{15, 20, 10, 30}[(i+worker)%4], 8*60+30+worker*10
				errs <- p.try(func(ctx context.Context, tx *tenancy.Tx) error {
					if worker%2 == 0 {
						_, err := scheduling.UpdateClinic(ctx, tx, scheduling.ClinicInput{Name: "Practice", GrainMinutes: grain, HorizonDays: 10, HoldSeconds: 90})
						return err
					}
					_, err := scheduling.SetWeek(ctx, tx, scheduling.WeekInput{Practitioner: p.who[i%3], Hours: daily(0, 3*60, starts, 12*60)})
					return err
				})
			}
		})
	}
	held := make([]int, 6)
	for caller := range held {
		wg.Go(func() {
			for i := range 60 {
				var slot uuid.UUID
				err := p.try(func(ctx context.Context, tx *tenancy.Tx) error {
					return tx.QueryRow(ctx, `select id from slots where practitioner_id = $1 and status = 'free' and starts_at < '2026-04-03'
						order by md5(id::text || $2) limit 1`, p.who[(caller+i)%3], fmt.Sprint(caller, i)).Scan(&slot)
				})
				if tenancy.IsNone(err) {
					continue
				}
				errs <- err
				_, outcome, err := p.claim(slot)
				errs <- err
				if outcome == "held" {
					held[caller]++
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
	var overlaps, lost, pending int
	check := func() {
		t.Helper()
		p.in(t, func(ctx context.Context, tx *tenancy.Tx) error {
			return tx.QueryRow(ctx, `select (`+overlapping+`), (`+uncovered+`), (select count(*) from appointments where status = 'pending')`).Scan(&overlaps, &lost, &pending)
		})
		if overlaps != 0 || lost != 0 {
			t.Errorf("%d slots overlap, %d holds have lost time", overlaps, lost)
		}
	}
	check()
	total := 0
	for _, n := range held {
		total += n
	}
	if pending != total || total == 0 {
		t.Errorf("%d holds are there, %d were given", pending, total)
	}
	if r := p.rebuild(t); r.Added+r.Removed+r.Blocked+r.Reopened != 0 {
		t.Errorf("the slots do not settle: %+v", r)
	}
	t.Logf("%d holds among 32 rebuilds", total)
}

const waiting = `
select exists (select from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database()))`

// A rebuild that read the hours while somebody changes them could put the old ones back.
func TestARebuildWaitsForAChangeOfHours(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "Europe/London", time.Date(2026, 3, 27, 8, 0, 0, 0, time.UTC), 1)
	done := make(chan error, 1)
	var r scheduling.RebuildResult
	p.in(t, func(ctx context.Context, tx *tenancy.Tx) error {
		if _, err := scheduling.SetWeek(ctx, tx, scheduling.WeekInput{Practitioner: p.who[0], Hours: daily(540, 600)}); err != nil {
			return err
		}
		go func() {
			done <- p.try(func(ctx context.Context, tx *tenancy.Tx) (err error) {
				r, err = scheduling.Rebuild(ctx, tx, scheduling.RebuildInput{})
				return err
			})
		}()
		for waits := false; !waits; {
			select {
			case err := <-done:
				return errors.Join(errors.New("the rebuild did not wait"), err)
			default:
			}
			if err := tx.QueryRow(ctx, waiting).Scan(&waits); err != nil {
				return err
			}
		}
		return nil
	})
	if err := <-done; err != nil || r.Added+r.Removed != 0 {
		t.Errorf("it has not seen what it waited for: %+v, %v", r, err)
	}
}

func TestAnotherClinicsSlotsAreNotTouched(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "Europe/London", time.Date(2026, 3, 27, 8, 0, 0, 0, time.UTC), 1)
	p.week(t, 0, 9*60, 10*60)
	other := &practice{Database: p.Database, scope: p.Clinic(t, "Other", "Asia/Kathmandu")}
	other.in(t, func(ctx context.Context, tx *tenancy.Tx) error {
		r, err := scheduling.Rebuild(ctx, tx, scheduling.RebuildInput{Practitioners: p.who})
		if r.Removed+r.Added != 0 {
			t.Errorf("another clinic's rebuild: %+v", r)
		}
		if _, err := scheduling.SetWeek(ctx, tx, scheduling.WeekInput{Practitioner: p.who[0]}); err == nil {
			t.Error("another clinic set the week")
		}
		return err
	})
	if n := len(p.rows(t, 0, "")); n != 42*4 {
		t.Errorf("%d slots are left of 168", n)
	}
}

// BenchmarkRebuild measures 12 practitioners × 42 days × 40 slots: all new, nothing to do, and another grain.
func BenchmarkRebuild(b *testing.B) {
	p := newPractice(b, "Europe/London", time.Date(2026, 3, 27, 0, 0, 0, 0, time.UTC), 12)
	p.in(b, func(ctx context.Context, tx *tenancy.Tx) error {
		_, err := tx.Exec(ctx, `insert into weekly_hours (clinic_id, id, practitioner_id, weekday, starts_minute, ends_minute)
			select clinic_id, app.uuidv7(), id, d, 480, 1080 from practitioners, generate_series(0, 6) d`)
		return err
	})
	measure := func(name string, fn func()) {
		start := time.Now()
		fn()
		b.ReportMetric(float64(time.Since(start).Milliseconds()), name+"-ms")
	}
	for range b.N {
		p.in(b, func(ctx context.Context, tx *tenancy.Tx) error {
			_, err := tx.Exec(ctx, `delete from slots`)
			return err
		})
		measure("new", func() { p.rebuild(b) })
		measure("unchanged", func() { p.rebuild(b) })
		measure("roll", func() {
			p.in(b, func(ctx context.Context, tx *tenancy.Tx) error { _, err := scheduling.Roll(ctx, tx); return err })
		})
		measure("grain", func() { p.grain(b, 20) })
		p.grain(b, 15)
	}
}
