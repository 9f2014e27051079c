package scheduling_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"anteroom/domain/fault"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
)

func fieldsOf(err error) (names []string) {
	if f := fault.As(err); f != nil && f.Kind == fault.Invalid {
		for _, x := range f.Fields {
			names = append(names, x.Name)
		}
	}
	return names
}

func TestRowsThatCannotBeHoursAreNamed(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "Europe/London", time.Date(2026, 3, 27, 8, 0, 0, 0, time.UTC), 1)
	set := func(hours ...scheduling.WeeklyHours) []string {
		return fieldsOf(p.try(func(ctx context.Context, tx *tenancy.Tx) error {
			_, err := scheduling.SetWeek(ctx, tx, scheduling.WeekInput{Practitioner: p.who[0], Hours: hours})
			return err
		}))
	}
	for _, c := range []struct {
		name  string
		hours []scheduling.WeeklyHours
		want  []string
	}{
		{"ends before it starts", []scheduling.WeeklyHours{{Weekday: 1, Starts: 540, Ends: 600}, {Weekday: 2, Starts: 540, Ends: 540}}, []string{"hours.1"}},
		{"overlaps", []scheduling.WeeklyHours{{Weekday: 1, Starts: 540, Ends: 600}, {Weekday: 2, Starts: 540, Ends: 600}, {Weekday: 1, Starts: 585, Ends: 705}}, []string{"hours.2"}},
		{"two faults", []scheduling.WeeklyHours{{Weekday: 7, Starts: 1, Ends: 2}, {Weekday: 2, Starts: -1, Ends: 600}, {Weekday: 3, Starts: 0, Ends: 1441}}, []string{"hours.0", "hours.1", "hours.2"}},
		{"odd minutes", []scheduling.WeeklyHours{{Weekday: 1, Starts: 540, Ends: 600}, {Weekday: 2, Starts: 547, Ends: 600}, {Weekday: 3, Starts: 540, Ends: 601}}, []string{"hours.1", "hours.2"}},
		{"touching is fine", []scheduling.WeeklyHours{{Weekday: 1, Starts: 600, Ends: 1440}, {Weekday: 1, Starts: 0, Ends: 600}}, nil},
	} {
		if got := set(c.hours...); !slices.Equal(got, c.want) {
			t.Errorf("%s: faults on %v, want %v", c.name, got, c.want)
		}
	}
	p.in(t, func(ctx context.Context, tx *tenancy.Tx) error {
		week, err := scheduling.ListWeek(ctx, tx, p.who[0])
		want := []scheduling.WeeklyHours{{Weekday: time.Monday, Starts: 0, Ends: 600}, {Weekday: time.Monday, Starts: 600, Ends: 1440}}
		if !slices.Equal(week, want) {
			t.Errorf("the week is %v", week)
		}
		return err
	})
	err := p.try(func(ctx context.Context, tx *tenancy.Tx) error {
		_, err := scheduling.SetException(ctx, tx, scheduling.HoursException{Practitioner: p.who[0], On: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC),
			Hours: []scheduling.HoursInterval{{Starts: 60, Ends: 120}, {Starts: 105, Ends: 135}}})
		return err
	})
	if got := fieldsOf(err); !slices.Equal(got, []string{"hours.1"}) {
		t.Errorf("exception: %v", err)
	}
}

func TestWeeksSetAtOnceDoNotMix(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "Europe/London", time.Date(2026, 3, 27, 8, 0, 0, 0, time.UTC), 1)
	errs := make(chan error)
	for i := range 8 {
		go func() {
			errs <- p.try(func(ctx context.Context, tx *tenancy.Tx) error {
				_, err := scheduling.SetWeek(ctx, tx, scheduling.WeekInput{Practitioner: p.who[0],
					Hours: []scheduling.WeeklyHours{{Weekday: 1, Starts: i * 60, Ends: i*60 + 30}, {Weekday: 2, Starts: i * 60, Ends: i*60 + 30}}})
				return err
			})
		}()
	}
	for range 8 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	p.in(t, func(ctx context.Context, tx *tenancy.Tx) error {
		week, err := scheduling.ListWeek(ctx, tx, p.who[0])
		if len(week) != 2 || week[0].Starts != week[1].Starts {
			t.Errorf("two weeks have mixed: %v", week)
		}
		return err
	})
	if r := p.rebuild(t); r.Added+r.Removed != 0 {
		t.Errorf("the slots were not those of the week: %+v", r)
	}
}

func TestExceptionsAndClosuresAreListed(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "America/New_York", time.Date(2026, 3, 6, 8, 0, 0, 0, time.UTC), 2)
	off, other := time.Date(2026, 3, 8, 0, 0, 0, 0, p.loc), time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC)
	p.in(t, func(ctx context.Context, tx *tenancy.Tx) error {
		for _, e := range []scheduling.HoursException{
			{Practitioner: p.who[0], On: other, Hours: []scheduling.HoursInterval{{Starts: 705, Ends: 795}, {Starts: 60, Ends: 120}}, Reason: " Late "},
			{Practitioner: p.who[0], On: off},
			{Practitioner: p.who[1], On: off},
		} {
			if _, err := scheduling.SetException(ctx, tx, e); err != nil {
				return err
			}
		}
		list, err := scheduling.ListExceptions(ctx, tx, scheduling.ExceptionsInput{Practitioner: p.who[0]})
		if len(list) != 2 || len(list[0].Hours) != 0 || list[0].On.Format(time.DateOnly) != "2026-03-08" ||
			!slices.Equal(list[1].Hours, []scheduling.HoursInterval{{Starts: 60, Ends: 120}, {Starts: 705, Ends: 795}}) || list[1].Reason != "Late" {
			t.Errorf("exceptions: %+v", list)
		}
		return err
	})
	p.in(t, func(ctx context.Context, tx *tenancy.Tx) error {
		all, err := scheduling.ListExceptions(ctx, tx, scheduling.ExceptionsInput{From: other})
		if len(all) != 1 {
			t.Errorf("exceptions from Monday on: %+v", all)
		}
		return err
	})
	p.in(t, func(ctx context.Context, tx *tenancy.Tx) error {
		c, err := scheduling.AddClosure(ctx, tx, scheduling.ClosureInput{StartsAt: off, EndsAt: off.AddDate(0, 0, 1), Reason: "Snow"})
		if err != nil {
			return err
		}
		list, err := scheduling.ListClosures(ctx, tx, scheduling.ClosuresInput{From: off, To: off.Add(time.Hour)})
		if len(list) != 1 || list[0].ID != c.Closure.ID || list[0].EndsAt.Sub(list[0].StartsAt) != 23*time.Hour {
			t.Errorf("closures: %+v", list)
		}
		if list, _ := scheduling.ListClosures(ctx, tx, scheduling.ClosuresInput{From: off.AddDate(0, 0, 1)}); len(list) != 0 {
			t.Errorf("closures of the next day: %+v", list)
		}
		return err
	})
}

func TestClosuresThatCannotBe(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 27, 8, 0, 0, 0, time.UTC)
	p := newPractice(t, "Europe/London", now, 1)
	for name, c := range map[string]struct {
		in   scheduling.ClosureInput
		want []string
	}{
		"reversed":     {scheduling.ClosureInput{StartsAt: now.Add(2 * time.Hour), EndsAt: now.Add(time.Hour), Reason: "x"}, []string{"ends_at"}},
		"past":         {scheduling.ClosureInput{StartsAt: now.Add(-2 * time.Hour), EndsAt: now, Reason: "x"}, []string{"ends_at"}},
		"no reason":    {scheduling.ClosureInput{StartsAt: now, EndsAt: now.Add(time.Hour), Reason: "  "}, []string{"reason"}},
		"a nanosecond": {scheduling.ClosureInput{StartsAt: now.Add(time.Hour), EndsAt: now.Add(time.Hour + time.Nanosecond), Reason: "x"}, []string{"ends_at"}},
	} {
		err := p.try(func(ctx context.Context, tx *tenancy.Tx) error {
			_, err := scheduling.AddClosure(ctx, tx, c.in)
			return err
		})
		if got := fieldsOf(err); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, fn := range map[string]func(ctx context.Context, tx *tenancy.Tx) error{
		"remove closure": func(ctx context.Context, tx *tenancy.Tx) error {
			_, err := scheduling.RemoveClosure(ctx, tx, uuid.New())
			return err
		},
		"remove exception": func(ctx context.Context, tx *tenancy.Tx) error {
			_, err := scheduling.RemoveException(ctx, tx, scheduling.ExceptionDay{Practitioner: p.who[0], On: now})
			return err
		},
		"nobody's time off": func(ctx context.Context, tx *tenancy.Tx) error {
			_, err := scheduling.AddClosure(ctx, tx, scheduling.ClosureInput{Practitioner: uuid.New(), StartsAt: now, EndsAt: now.Add(time.Hour), Reason: "x"})
			return err
		},
	} {
		if err := p.try(fn); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: %v, want not found", name, err)
		}
	}
}
