package scheduling_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"anteroom/domain/fault"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
)

// course is a practice with a desk: one practitioner, hours on every day, a horizon of 400 days.
type course struct {
	*practice
	*clinic
}

func newCourse(t *testing.T, zone string, now time.Time, minutes ...int) course {
	t.Helper()
	p := newPractice(t, zone, now, 1)
	p.in(t, func(ctx context.Context, tx *tenancy.Tx) error {
		_, err := scheduling.UpdateClinic(ctx, tx, scheduling.ClinicInput{Name: "Practice", GrainMinutes: 15, HorizonDays: 400, HoldSeconds: 90})
		return err
	})
	p.week(t, 0, minutes...)
	return course{practice: p, clinic: &clinic{Database: p.Database, Scope: p.scope, desk: newDesk(t), practitioners: p.who}}
}

func (c course) input(t *testing.T, when string, every int, unit string, count int) scheduling.SeriesInput {
	t.Helper()
	return scheduling.SeriesInput{Every: every, Unit: unit, Count: count,
		First: scheduling.BookInput{PractitionerID: c.who[0], StartsAt: c.when(t, when), Service: "s30", Patient: ada, Source: scheduling.ByStaff}}
}

func (c course) preview(t *testing.T, in scheduling.SeriesInput) (list []scheduling.Occurrence) {
	t.Helper()
	c.practice.in(t, func(ctx context.Context, tx *tenancy.Tx) (err error) {
		list, err = c.desk.PreviewSeries(ctx, tx, in)
		return err
	})
	return list
}

func (c course) series(in scheduling.SeriesInput) (s scheduling.Series, err error) {
	err = c.practice.try(func(ctx context.Context, tx *tenancy.Tx) (err error) {
		s, err = c.desk.BookSeries(ctx, tx, in)
		return err
	})
	return s, err
}

func (c course) cancel(id uuid.UUID, scope string) (list []scheduling.Appointment, err error) {
	err = c.practice.try(func(ctx context.Context, tx *tenancy.Tx) (err error) {
		list, err = c.desk.CancelSeries(ctx, tx, id, scope, "test")
		return err
	})
	return list, err
}

// saysOf is an occurrence by the clinic's clock, with what is offered instead.
func (c course) saysOf(list []scheduling.Occurrence) (out []string) {
	for _, o := range list {
		line := strings.TrimSpace(o.StartsAt.In(c.loc).Format("2006-01-02 15:04") + " " + o.Outcome + " " + o.Reason)
		if o.Instead != nil {
			line += " instead " + o.Instead.StartsAt.In(c.loc).Format("15:04")
		}
		out = append(out, line)
	}
	return out
}

func TestASeriesKeepsTheWallClock(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		name, zone, first string
		every             int
		unit              string
		want              string
	}{
		{"weeks over the spring", "Europe/London", "2026-03-20 09:00", 1, "week", "2026-03-20 2026-03-27 2026-04-03 2026-04-10"},
		{"every third week over the autumn", "America/New_York", "2026-10-12 09:00", 3, "week", "2026-10-12 2026-11-02 2026-11-23 2026-12-14"},
		{"the second Tuesday", "Europe/London", "2026-03-10 09:00", 1, "month", "2026-03-10 2026-04-14 2026-05-12 2026-06-09"},
		{"every second month over the year", "Europe/London", "2026-11-10 09:00", 2, "month", "2026-11-10 2027-01-12 2027-03-09 2027-05-11"},
		{"the fifth is the last where there are four", "Europe/London", "2026-03-31 09:00", 1, "month", "2026-03-31 2026-04-28 2026-05-26 2026-06-30"},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			first, err := time.Parse("2006-01-02 15:04", x.first)
			if err != nil {
				t.Fatal(err)
			}
			c := newCourse(t, x.zone, first.AddDate(0, 0, -2), 9*60, 10*60)
			var want []string
			for _, day := range strings.Fields(x.want) {
				want = append(want, day+" 09:00 free")
			}
			in := c.input(t, x.first, x.every, x.unit, 4)
			if got := c.saysOf(c.preview(t, in)); !slices.Equal(got, want) {
				t.Errorf("preview:\n got %q\nwant %q", got, want)
			}
			s, err := c.series(in)
			if err != nil || len(s.Booked) != 4 || len(s.Skipped) != 0 {
				t.Fatalf("%+v, %v", s, err)
			}
			for i, a := range s.Booked {
				if got := a.StartsAt.In(c.loc).Format("2006-01-02 15:04") + " free"; got != want[i] || a.Status != scheduling.Booked || a.SeriesID == nil || *a.SeriesID != s.ID {
					t.Errorf("booked %s: %+v", got, a)
				}
			}
		})
	}
}

func TestASeriesSkipsAndSays(t *testing.T) {
	t.Parallel()
	c := newCourse(t, "Europe/London", time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC), 9*60, 11*60)
	c.practice.in(t, func(ctx context.Context, tx *tenancy.Tx) error {
		for _, x := range []scheduling.ClosureInput{
			{StartsAt: c.when(t, "2026-03-09 00:00"), EndsAt: c.when(t, "2026-03-10 00:00"), Reason: "Bank holiday"},
			{Practitioner: c.who[0], StartsAt: c.when(t, "2026-03-16 09:00"), EndsAt: c.when(t, "2026-03-16 09:45"), Reason: "Theatre list"},
		} {
			if _, err := scheduling.AddClosure(ctx, tx, x); err != nil {
				return err
			}
		}
		_, err := scheduling.SetException(ctx, tx, scheduling.HoursException{Practitioner: c.who[0], On: time.Date(2026, 3, 23, 0, 0, 0, 0, time.UTC),
			Hours: []scheduling.HoursInterval{{Starts: 9*60 + 30, Ends: 11 * 60}}})
		return err
	})
	c.practice.book(t, 0, "2026-03-30 09:15")
	c.hold(t, 0, "2026-04-06 09:00")
	in := c.input(t, "2026-03-02 09:00", 1, "week", 52)
	got := c.saysOf(c.preview(t, in))
	want := []string{"2026-03-02 09:00 free", "2026-03-09 09:00 closed Bank holiday", "2026-03-16 09:00 closed Theatre list instead 09:45", "2026-03-23 09:00 no-hours instead 09:30",
		"2026-03-30 09:00 taken instead 09:45", "2026-04-06 09:00 taken instead 09:30", "2026-04-13 09:00 free"}
	if !slices.Equal(got[:7], want) || len(got) != 52 || got[51] != "2027-02-22 09:00 free" {
		t.Fatalf("preview:\n got %q\nwant %q", got, want)
	}
	s, err := c.series(in)
	if err != nil || len(s.Booked) != 47 || !slices.Equal(c.saysOf(s.Skipped), want[1:6]) {
		t.Fatalf("%d booked, %q, %v", len(s.Booked), c.saysOf(s.Skipped), err)
	}
	if done, err := c.undo(s.Undo); err != nil || done.Kind != "series" || len(done.Appointments) != 47 || done.Appointments[0].Status != scheduling.EnteredInError {
		t.Fatalf("%+v, %v", done.Kind, err)
	}
	if again := c.saysOf(c.preview(t, in)); !slices.Equal(again, got) {
		t.Errorf("after the undo: %q", again)
	}
	beyond := c.saysOf(c.preview(t, c.input(t, "2026-03-02 09:00", 12, "month", 3)))
	if beyond[1] != "2027-03-01 09:00 free" || beyond[2] != "2028-03-06 09:00 beyond" {
		t.Errorf("beyond the horizon: %q", beyond)
	}
}

// A date that cannot be had is booked at another time of its day, when that was chosen; what is not of a day of the series is refused.
func TestADateOfASeriesIsBookedAtAnotherTimeOfItsDay(t *testing.T) {
	t.Parallel()
	c := newCourse(t, "Europe/London", time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC), 9*60, 11*60)
	c.practice.book(t, 0, "2026-03-09 09:00")
	c.practice.book(t, 0, "2026-03-16 09:15")
	in := c.input(t, "2026-03-02 09:00", 1, "week", 4)
	in.Instead = []time.Time{c.when(t, "2026-03-09 09:30"), c.when(t, "2026-03-16 09:00")} // the second one is still not free
	want := []string{"2026-03-02 09:00 free", "2026-03-09 09:30 free", "2026-03-16 09:00 taken instead 09:45", "2026-03-23 09:00 free"}
	list := c.preview(t, in)
	if got := c.saysOf(list); !slices.Equal(got, want) {
		t.Fatalf("preview:\n got %q\nwant %q", got, want)
	}
	if !list[1].Usual.Equal(c.when(t, "2026-03-09 09:00")) || !list[0].Usual.Equal(list[0].StartsAt) {
		t.Errorf("usually %v and %v", list[0].Usual, list[1].Usual)
	}
	s, err := c.series(in)
	if err != nil || len(s.Booked) != 3 || !s.Booked[1].StartsAt.Equal(in.Instead[0]) || !slices.Equal(c.saysOf(s.Skipped), want[2:3]) {
		t.Fatalf("%+v, %v", s, err)
	}
	in.Instead = []time.Time{c.when(t, "2026-03-10 09:30")}
	if _, err := c.series(in); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "on the day") {
		t.Errorf("another day: %v", err)
	}
}

func TestWhatIsNoSeries(t *testing.T) {
	t.Parallel()
	c := newCourse(t, "Europe/London", time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC), 9*60, 11*60)
	in := c.input(t, "2026-03-02 09:00", 1, "week", 4)
	for field, change := range map[string]func(*scheduling.SeriesInput){
		"every": func(s *scheduling.SeriesInput) { s.Every = 13 }, "count": func(s *scheduling.SeriesInput) { s.Count = 53 }, "unit": func(s *scheduling.SeriesInput) { s.Unit = "day" },
		"on_taken": func(s *scheduling.SeriesInput) { s.OnTaken = "overbook" }, "overbook": func(s *scheduling.SeriesInput) { s.First.Overbook = true },
		"service": func(s *scheduling.SeriesInput) { s.First.Service = "s99" }, "practitioner": func(s *scheduling.SeriesInput) { s.First.PractitionerID = uuid.New() },
	} {
		bad := in
		change(&bad)
		if _, err := c.series(bad); !slices.Equal(fieldsOf(err), []string{field}) {
			t.Errorf("%s: %v", field, err)
		}
	}
	_, err := c.series(c.input(t, "2026-03-01 09:00", 1, "week", 4))
	wantFault(t, err, fault.Expired, "slot-past")
	_, err = c.series(c.input(t, "2026-03-02 12:00", 1, "week", 4))
	f := wantFault(t, err, fault.Conflict, "nothing-free")
	if len(f.Detail.(scheduling.Alternatives).Next) == 0 {
		t.Error("nothing is offered instead")
	}
	var left int
	if err := c.practice.Owner(t).QueryRow(context.Background(), `select (select count(*) from appointment_series) + (select count(*) from patients)`).Scan(&left); err != nil || left != 0 {
		t.Errorf("%d rows are left of what was refused, %v", left, err)
	}
}

func TestASeriesOfAHold(t *testing.T) {
	t.Parallel()
	c := newCourse(t, "Europe/London", time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC), 9*60, 11*60)
	hold := c.hold(t, 0, "2026-03-02 09:00")
	in := c.input(t, "2026-03-02 10:00", 2, "week", 3)
	in.First.HoldID = hold
	s, err := c.series(in)
	if err != nil || len(s.Booked) != 3 || !s.Booked[0].StartsAt.Equal(c.when(t, "2026-03-02 09:00")) {
		t.Fatalf("%+v, %v", s, err)
	}
	if got := c.get(t, hold); got.Status != scheduling.Cancelled {
		t.Errorf("the hold is %s", got.Status)
	}
	c.wantsBusy(t, "2026-03-02", 2)
	_, err = c.series(in)
	wantFault(t, err, fault.Expired, "hold-ended")
}

func (c course) wantsBusy(t *testing.T, day string, want int) {
	t.Helper()
	busy := 0
	for _, r := range c.rows(t, 0, day) {
		if r.Status == scheduling.Busy {
			busy++
		}
	}
	if busy != want {
		t.Errorf("%d slots of %s are busy, want %d", busy, day, want)
	}
}

func TestCancelThisTheFollowingOrAll(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		scope string
		want  string
	}{{"this", "b b b c b"}, {"following", "b b b c c"}, {"all", "b a c c c"}} {
		t.Run(x.scope, func(t *testing.T) {
			t.Parallel()
			c := newCourse(t, "Europe/London", time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC), 9*60, 11*60)
			s, err := c.series(c.input(t, "2026-03-02 09:00", 1, "week", 5))
			if err != nil {
				t.Fatal(err)
			}
			c.practice.Clock.Set(c.when(t, "2026-03-09 09:10")) // the first two are over or have begun
			if x.scope == "all" {
				c.step(t, s.Booked[1], scheduling.Arrived)
			}
			gone, err := c.cancel(s.Booked[3].ID, x.scope)
			if err != nil {
				t.Fatal(err)
			}
			states := func() string {
				var list []string
				for _, a := range s.Booked {
					list = append(list, c.get(t, a.ID).Status[:1])
				}
				return strings.Join(list, " ")
			}
			if got := states(); got != x.want || len(gone) != strings.Count(x.want, "c") {
				t.Errorf("%d cancelled: %s, want %s", len(gone), got, x.want)
			}
			c.wantsBusy(t, "2026-03-23", 0)
			if _, err := c.undo(gone[0].Undo); err != nil || strings.Contains(states(), "c") {
				t.Errorf("after the undo: %s, %v", states(), err)
			}
			c.wantsBusy(t, "2026-03-23", 2)
		})
	}
}

func TestAMovedOneStaysInItsSeries(t *testing.T) {
	t.Parallel()
	c := newCourse(t, "Europe/London", time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC), 9*60, 11*60)
	s, err := c.series(c.input(t, "2026-03-02 09:00", 1, "week", 3))
	if err != nil {
		t.Fatal(err)
	}
	moved, err := c.move(scheduling.MoveInput{ID: s.Booked[1].ID, StartsAt: c.when(t, "2026-03-10 10:00")})
	if err != nil || moved.SeriesID == nil {
		t.Fatalf("%+v, %v", moved, err)
	}
	gone, err := c.cancel(s.Booked[0].ID, "all")
	if err != nil || len(gone) != 3 || !slices.ContainsFunc(gone, func(a scheduling.Appointment) bool { return a.ID == moved.ID }) {
		t.Errorf("%d cancelled, %v", len(gone), err)
	}
	_, err = c.cancel(s.Booked[0].ID, "all")
	wantFault(t, err, fault.Conflict, "nothing-to-cancel")
	_, err = c.cancel(s.Booked[0].ID, "some")
	wantFault(t, err, fault.Invalid, "")
	alone := c.bookAt(t, 0, c.when(t, "2026-03-03 09:00"), "s30")
	_, err = c.cancel(alone.ID, "all")
	wantFault(t, err, fault.Conflict, "no-series")
}

// TestSeriesAtOnce: two desks book the same series; every time goes to one of them.
func TestSeriesAtOnce(t *testing.T) {
	t.Parallel()
	c := newCourse(t, "Europe/London", time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC), 9*60, 11*60)
	const desks, weeks = 4, 20
	booked := make(chan int, desks)
	for i := range desks {
		go func() {
			in := c.input(t, fmt.Sprintf("2026-03-%02d 09:00", 2+7*i), 1, "week", weeks)
			in.First.Patient.Name = fmt.Sprintf("Patient %c", 'A'+i)
			s, err := c.series(in)
			if err != nil && fault.As(err) == nil {
				t.Error(err)
			}
			booked <- len(s.Booked)
		}()
	}
	total := 0
	for range desks {
		total += <-booked
	}
	if total != weeks+desks-1 {
		t.Errorf("%d appointments for %d weeks", total, weeks+desks-1)
	}
}
