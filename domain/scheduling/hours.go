package scheduling

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/audit"
	"anteroom/domain/fault"
	"anteroom/domain/tenancy"
)

// HoursInterval is a stretch of a day in minutes from midnight by the clinic's clock. 1440 is the midnight that ends the day.
type HoursInterval struct {
	Starts int `db:"starts_minute"`
	Ends   int `db:"ends_minute"`
}

func (h HoursInterval) String() string {
	return fmt.Sprintf("%02d:%02d–%02d:%02d", h.Starts/60, h.Starts%60, h.Ends/60, h.Ends%60)
}

// WeeklyHours is an interval that comes back every week.
type WeeklyHours struct {
	Weekday time.Weekday
	Starts  int `db:"starts_minute"`
	Ends    int `db:"ends_minute"`
}

// WeekInput is a practitioner's whole week; no rows mean no hours.
type WeekInput struct {
	Practitioner uuid.UUID
	Hours        []WeeklyHours
}

const selectWeek = `
select weekday, starts_minute, ends_minute from weekly_hours
 where clinic_id = @clinic and practitioner_id = @practitioner order by weekday, starts_minute`

// ListWeek answers a practitioner's weekly hours, Sunday first.
func ListWeek(ctx context.Context, tx *tenancy.Tx, practitioner uuid.UUID) ([]WeeklyHours, error) {
	rows, err := tx.Query(ctx, selectWeek, tenancy.Args{"clinic": tx.Clinic(), "practitioner": practitioner})
	if err != nil {
		return nil, fmt.Errorf("list weekly hours: %w", err)
	}
	week, err := pgx.CollectRows(rows, pgx.RowToStructByName[WeeklyHours])
	if err != nil {
		return nil, fmt.Errorf("list weekly hours: %w", err)
	}
	return week, nil
}

const insertWeek = `
insert into weekly_hours (clinic_id, id, practitioner_id, weekday, starts_minute, ends_minute)
select @clinic, app.uuidv7(), @practitioner, h.weekday, h.starts, h.ends
  from unnest(@weekdays::smallint[], @starts::smallint[], @ends::smallint[]) h(weekday, starts, ends)`

// SetWeek replaces a practitioner's week and rebuilds their slots. A row that ends before it starts, overlaps another or begins or ends between the steps of
// the clinic's grain is a fault on hours.N, where N counts from 0.
func SetWeek(ctx context.Context, tx *tenancy.Tx, in WeekInput) (RebuildResult, error) {
	if err := checkHours(in.Hours); err != nil {
		return RebuildResult{}, err
	}
	if err := lockHours(ctx, tx, in.Practitioner); err != nil {
		return RebuildResult{}, err
	}
	if err := mustBeOnGrain(ctx, tx, in.Hours); err != nil {
		return RebuildResult{}, err
	}
	before, err := ListWeek(ctx, tx, in.Practitioner)
	if err != nil {
		return RebuildResult{}, err
	}
	days, starts, ends := make([]int16, len(in.Hours)), make([]int16, len(in.Hours)), make([]int16, len(in.Hours))
	for i, h := range in.Hours {
		days[i], starts[i], ends[i] = int16(h.Weekday), int16(h.Starts), int16(h.Ends) //nolint:gosec // checkHours has bounded them
	}
	args := tenancy.Args{"clinic": tx.Clinic(), "practitioner": in.Practitioner, "weekdays": days, "starts": starts, "ends": ends}
	b := &pgx.Batch{}
	b.Queue(`delete from weekly_hours where clinic_id = @clinic and practitioner_id = @practitioner`, args)
	b.Queue(insertWeek, args)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return RebuildResult{}, fmt.Errorf("set weekly hours: %w", err)
	}
	err = audit.Record(ctx, tx, audit.Event{
		Action: "hours.set", SubjectKind: "practitioner", SubjectID: in.Practitioner, Before: before, After: in.Hours})
	if err != nil {
		return RebuildResult{}, err
	}
	tx.Announce("schedule", in.Practitioner)
	return Rebuild(ctx, tx, RebuildInput{Practitioners: []uuid.UUID{in.Practitioner}})
}

// lockHours makes changes of hours wait for each other and for a rebuild that runs, and refuses a practitioner who does not exist.
func lockHours(ctx context.Context, tx *tenancy.Tx, practitioner uuid.UUID) error {
	if err := lockHorizon(ctx, tx); err != nil {
		return err
	}
	_, err := GetPractitioner(ctx, tx, practitioner)
	return err
}

const mostHours = 100 // rows in one form

// checkHours refuses rows that the tables would, in words and by row.
func checkHours(rows []WeeklyHours) error {
	if len(rows) > mostHours {
		return fault.BadField("hours", fmt.Sprintf("There can be at most %d rows.", mostHours))
	}
	var bad settingFaults
	for i, h := range rows {
		field, name := fmt.Sprintf("hours.%d", i), fmt.Sprintf("Row %d (%s %s)", i+1, h.Weekday, HoursInterval{h.Starts, h.Ends})
		switch {
		case h.Weekday < time.Sunday || h.Weekday > time.Saturday:
			bad.add(field, fmt.Sprintf("Row %d is not on a day of the week.", i+1))
			continue
		case h.Starts < 0 || h.Starts >= 24*60 || h.Ends < 1 || h.Ends > 24*60:
			bad.add(field, fmt.Sprintf("Row %d is not between 00:00 and 24:00.", i+1))
			continue
		case h.Ends <= h.Starts:
			bad.add(field, name+" ends before it has started.")
			continue
		}
		for j, o := range rows[:i] {
			if h.Weekday == o.Weekday && h.Starts < o.Ends && o.Starts < h.Ends {
				bad.add(field, fmt.Sprintf("%s overlaps row %d.", name, j+1))
				break
			}
		}
	}
	return bad.err()
}

// mustBeOnGrain refuses odd minutes: the day is cut into slots from where the hours begin, and 09:07 would offer patients 09:07, 09:22 and 09:37.
func mustBeOnGrain(ctx context.Context, tx *tenancy.Tx, rows []WeeklyHours) error {
	c, err := LoadClinic(ctx, tx)
	if err != nil {
		return err
	}
	step := fmt.Sprintf("in steps of %d minutes", c.GrainMinutes)
	switch c.GrainMinutes {
	case 15:
		step = "on the quarter"
	case 30:
		step = "on the half hour"
	case 60:
		step = "on the hour"
	}
	var bad settingFaults
	for i, h := range rows {
		if h.Starts%c.GrainMinutes != 0 || h.Ends%c.GrainMinutes != 0 {
			bad.add(fmt.Sprintf("hours.%d", i), fmt.Sprintf("Hours begin and end %s; row %d (%s %s) does not.", step, i+1, h.Weekday, HoursInterval{h.Starts, h.Ends}))
		}
	}
	return bad.err()
}

// HoursException is a date on which a practitioner's hours are not the week's.
type HoursException struct {
	Practitioner uuid.UUID
	On           time.Time       // the date, as midnight UTC
	Hours        []HoursInterval // none: off
	Reason       string
}

type exceptionRow struct {
	PractitionerID uuid.UUID
	OnDate         time.Time
	StartsMinute   *int
	EndsMinute     *int
	Reason         string
}

const selectExceptions = `
select e.practitioner_id, e.on_date, e.starts_minute, e.ends_minute, e.reason from hours_exceptions e
 where e.clinic_id = @clinic and e.on_date >= @day and (cardinality(@practitioners::uuid[]) = 0 or e.practitioner_id = any(@practitioners::uuid[]))
 order by e.practitioner_id, e.on_date, e.starts_minute`

// ExceptionsInput asks for the exceptions of one practitioner, or with uuid.Nil of everybody, from a date on.
type ExceptionsInput struct {
	Practitioner uuid.UUID
	From         time.Time // its date counts; zero means all there ever were
}

// ListExceptions answers exceptions by practitioner and date.
func ListExceptions(ctx context.Context, tx *tenancy.Tx, in ExceptionsInput) ([]HoursException, error) {
	whose := []uuid.UUID{}
	if in.Practitioner != uuid.Nil {
		whose = append(whose, in.Practitioner)
	}
	rows, err := tx.Query(ctx, selectExceptions, tenancy.Args{"clinic": tx.Clinic(), "day": calendarDate(in.From), "practitioners": whose})
	if err != nil {
		return nil, fmt.Errorf("list exceptions: %w", err)
	}
	return collectExceptions(rows)
}

func collectExceptions(rows pgx.Rows) ([]HoursException, error) {
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[exceptionRow])
	if err != nil {
		return nil, fmt.Errorf("list exceptions: %w", err)
	}
	var out []HoursException
	for _, r := range list {
		n := len(out)
		if n == 0 || out[n-1].Practitioner != r.PractitionerID || !out[n-1].On.Equal(r.OnDate) {
			out = append(out, HoursException{Practitioner: r.PractitionerID, On: r.OnDate.UTC(), Reason: r.Reason})
			n++
		}
		if r.StartsMinute != nil && r.EndsMinute != nil {
			out[n-1].Hours = append(out[n-1].Hours, HoursInterval{*r.StartsMinute, *r.EndsMinute})
		}
	}
	return out, nil
}

// calendarDate is the date that t says, whatever its zone.
func calendarDate(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

const insertException = `
insert into hours_exceptions (clinic_id, id, practitioner_id, on_date, starts_minute, ends_minute, reason)
select @clinic, app.uuidv7(), @practitioner, @day, h.starts, h.ends, @reason
  from unnest(@starts::smallint[], @ends::smallint[]) h(starts, ends)`

const deleteException = `delete from hours_exceptions where clinic_id = @clinic and practitioner_id = @practitioner and on_date = @day`

// SetException makes a date an exception, in the place of any that it was, and rebuilds that day. On counts by the date it says.
// Faults on rows are as those of SetWeek.
func SetException(ctx context.Context, tx *tenancy.Tx, in HoursException) (RebuildResult, error) {
	in.On = calendarDate(in.On)
	var bad settingFaults
	in.Reason = bad.text("reason", "The reason", in.Reason, 0, 120)
	bad.number("on", "The year", in.On.Year(), 2000, 9999)
	if err := bad.err(); err != nil {
		return RebuildResult{}, err
	}
	week := make([]WeeklyHours, len(in.Hours))
	for i, h := range in.Hours {
		week[i] = WeeklyHours{in.On.Weekday(), h.Starts, h.Ends}
	}
	if err := checkHours(week); err != nil {
		return RebuildResult{}, err
	}
	if err := mustBeOnGrain(ctx, tx, week); err != nil {
		return RebuildResult{}, err
	}
	return changeException(ctx, tx, in, "hours-exception.set")
}

// ExceptionDay names the exception of a practitioner on a date.
type ExceptionDay struct {
	Practitioner uuid.UUID
	On           time.Time
}

// RemoveException gives the date the week's hours again, and rebuilds it. A date that is no exception is NotFound.
func RemoveException(ctx context.Context, tx *tenancy.Tx, in ExceptionDay) (RebuildResult, error) {
	return changeException(ctx, tx, HoursException{Practitioner: in.Practitioner, On: calendarDate(in.On)}, "hours-exception.removed")
}

func changeException(ctx context.Context, tx *tenancy.Tx, in HoursException, action string) (RebuildResult, error) {
	if err := lockHours(ctx, tx, in.Practitioner); err != nil {
		return RebuildResult{}, err
	}
	all, err := ListExceptions(ctx, tx, ExceptionsInput{Practitioner: in.Practitioner, From: in.On})
	if err != nil {
		return RebuildResult{}, err
	}
	event := audit.Event{Action: action, SubjectKind: "practitioner", SubjectID: in.Practitioner}
	if len(all) > 0 && all[0].On.Equal(in.On) {
		event.Before = all[0]
	}
	args := tenancy.Args{"clinic": tx.Clinic(), "practitioner": in.Practitioner, "day": in.On, "reason": in.Reason}
	b := &pgx.Batch{}
	b.Queue(deleteException, args)
	if action == "hours-exception.set" {
		event.After = in
		args["starts"], args["ends"] = exceptionMinutes(in.Hours)
		b.Queue(insertException, args)
	} else if event.Before == nil {
		return RebuildResult{}, fault.New(fault.NotFound, "exception-not-found", "That day is not an exception.")
	}
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return RebuildResult{}, fmt.Errorf("change exception: %w", err)
	}
	if err := audit.Record(ctx, tx, event); err != nil {
		return RebuildResult{}, err
	}
	tx.Announce("schedule", in.Practitioner)
	c, err := LoadClinic(ctx, tx)
	if err != nil {
		return RebuildResult{}, err
	}
	return Rebuild(ctx, tx, RebuildInput{Practitioners: []uuid.UUID{in.Practitioner},
		From: wallInstant(in.On, 0, c.Location), To: wallInstant(in.On, 24*60, c.Location)})
}

// exceptionMinutes are the columns of an exception's rows: a day off is one row of nulls.
func exceptionMinutes(hours []HoursInterval) (starts, ends []*int) {
	if len(hours) == 0 {
		return []*int{nil}, []*int{nil}
	}
	for _, h := range hours {
		starts, ends = append(starts, &h.Starts), append(ends, &h.Ends)
	}
	return starts, ends
}
