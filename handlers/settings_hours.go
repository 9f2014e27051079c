package handlers

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"anteroom/domain/fault"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
	"anteroom/views"
	"anteroom/views/ui"
)

const (
	notATime = "Write the time as 09:30."
	notADate = "Give a date."
	mostRows = 200 // of hours in one form that is shown again
)

var clockTime = regexp.MustCompile(`^([01]?[0-9]|2[0-4]):([0-5][0-9])$`)

// readClock reads 9:30 as minutes from midnight; 24:00 is the midnight that ends the day.
func readClock(text string) (minutes int, ok bool) {
	m := clockTime.FindStringSubmatch(text)
	if m == nil {
		return 0, false
	}
	h, _ := strconv.Atoi(m[1])
	n, _ := strconv.Atoi(m[2])
	return h*60 + n, true
}

func clockWords(minutes int) string { return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60) }

func intervalWords(hours []scheduling.HoursInterval) string {
	var parts []string
	for _, h := range hours {
		parts = append(parts, clockWords(h.Starts)+" to "+clockWords(h.Ends))
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, ", ")
}

// isoWeekday is 1 for Monday to 7 for Sunday.
func isoWeekday(d time.Weekday) int { return (int(d)+6)%7 + 1 }

func mondayFirst(week []scheduling.WeeklyHours) []scheduling.WeeklyHours {
	week = slices.Clone(week)
	slices.SortStableFunc(week, func(a, b scheduling.WeeklyHours) int { return isoWeekday(a.Weekday) - isoWeekday(b.Weekday) })
	return week
}

// weekWords sums up a week: Mon to Fri, 31 h a week.
func weekWords(week []scheduling.WeeklyHours) string {
	if len(week) == 0 {
		return "No hours yet"
	}
	var days []int
	sum := 0
	for _, h := range mondayFirst(week) {
		if d := isoWeekday(h.Weekday); !slices.Contains(days, d) {
			days = append(days, d)
		}
		sum += h.Ends - h.Starts
	}
	var runs []string
	for i := 0; i < len(days); {
		j := i
		for j+1 < len(days) && days[j+1] == days[j]+1 {
			j++
		}
		switch j - i {
		case 0:
			runs = append(runs, dayWords(days[i]))
		case 1:
			runs = append(runs, dayWords(days[i]), dayWords(days[j]))
		default:
			runs = append(runs, dayWords(days[i])+" to "+dayWords(days[j]))
		}
		i = j + 1
	}
	words := strings.Join(runs, ", ") + ", " + strconv.Itoa(sum/60) + " h"
	if sum%60 > 0 {
		words += " " + strconv.Itoa(sum%60) + " min"
	}
	return words + " a week"
}

func dayWords(iso int) string { return time.Weekday(iso % 7).String()[:3] }

// weekForm is the week as it was typed; rows without any time are left out, so that row N of it is row N of the domain.
type weekForm struct {
	rows []views.WeeklyHours
	week []scheduling.WeeklyHours
	bad  []ui.Problem
}

func readWeek(c *fiber.Ctx) (f weekForm, err error) {
	days, starts, ends := postedAll(c, "weekday"), postedAll(c, "start"), postedAll(c, "end")
	if len(days) != len(starts) || len(days) != len(ends) || len(days) > mostRows {
		return f, fault.New(fault.Invalid, "invalid-form", "The hours could not be read. Nothing was saved.")
	}
	for i := range days {
		if starts[i] == "" && ends[i] == "" {
			continue
		}
		iso, _ := strconv.Atoi(days[i])
		from, okFrom := readClock(starts[i])
		to, okTo := readClock(ends[i])
		f.rows = append(f.rows, views.WeeklyHours{Weekday: iso, Start: starts[i], End: ends[i]})
		f.week = append(f.week, scheduling.WeeklyHours{Weekday: time.Weekday(iso % 7), Starts: from, Ends: to})
		n := len(f.rows) - 1
		switch {
		case iso < 1 || iso > 7:
			f.refuse(n, "weekday", "Choose a day of the week.")
		case !okFrom:
			f.refuse(n, "start", notATime)
		case !okTo:
			f.refuse(n, "end", notATime)
		}
	}
	return f, nil
}

func (f *weekForm) refuse(row int, field, words string) {
	f.rows[row].Error = words
	f.bad = append(f.bad, ui.Problem{FieldID: fmt.Sprintf("h%d-%s", row, field), Message: words})
}

// fault tells the rows what the domain says of hours.N.
func (f *weekForm) fault(refusal *fault.Fault) {
	for _, p := range refusal.Fields {
		if n, ok := rowOf(p.Name); ok && n < len(f.rows) {
			f.refuse(n, "start", p.Message)
		} else {
			f.bad = append(f.bad, ui.Problem{Message: p.Message})
		}
	}
}

func rowOf(field string) (n int, ok bool) {
	number, ok := strings.CutPrefix(field, "hours.")
	if !ok {
		return 0, false
	}
	n, err := strconv.Atoi(number)
	return n, err == nil && n >= 0
}

// saveHours replaces the week.
func (a *app) saveHours(c *fiber.Ctx) error {
	id, err := idParam(c, "id")
	if err != nil {
		return err
	}
	f, err := readWeek(c)
	if err != nil {
		return err
	}
	var did scheduling.RebuildResult
	if len(f.bad) == 0 {
		err = a.inClinic(c, func(tx *tenancy.Tx) (err error) {
			did, err = scheduling.SetWeek(c.UserContext(), tx, scheduling.WeekInput{Practitioner: id, Hours: f.week})
			return err
		})
		if refusal := fault.As(err); refusal != nil && refusal.Kind == fault.Invalid {
			f.fault(refusal)
		} else if err != nil {
			return err
		}
	}
	if len(f.bad) > 0 {
		return a.practitionerPage(c, http.StatusUnprocessableEntity, f.bad, func(m *views.Practitioner) { m.Hours = f.rows })
	}
	if err := a.flashChange(c, "Hours saved.", did); err != nil {
		return err
	}
	return seeOther(c, practitionerAddress(id))
}

// readOther reads the hours of one date. bad is by the ids of the page.
func readOther(c *fiber.Ctx, today time.Time) (typed views.OtherForm, in scheduling.HoursException, bad []ui.Problem) {
	typed.Date, typed.Reason, in.Reason = posted(c, "on"), posted(c, "reason"), posted(c, "reason")
	copy(typed.Starts[:], postedAll(c, "start"))
	copy(typed.Ends[:], postedAll(c, "end"))
	var err error
	if in.On, err = parseDay(typed.Date); err != nil {
		bad = append(bad, ui.Problem{FieldID: "x-on", Message: notADate})
	} else if typed.Date < today.Format(time.DateOnly) {
		bad = append(bad, ui.Problem{FieldID: "x-on", Message: "That day has passed."})
	}
	for i := range typed.Starts {
		if i > 0 && typed.Starts[i] == "" && typed.Ends[i] == "" {
			continue
		}
		from, ok := readClock(typed.Starts[i])
		if !ok {
			bad = append(bad, ui.Problem{FieldID: fmt.Sprintf("x-start-%d", i), Message: notATime})
		}
		to, ok := readClock(typed.Ends[i])
		if !ok {
			bad = append(bad, ui.Problem{FieldID: fmt.Sprintf("x-end-%d", i), Message: notATime})
		}
		in.Hours = append(in.Hours, scheduling.HoursInterval{Starts: from, Ends: to})
	}
	return typed, in, bad
}

var otherFields = map[string]string{"hours.0": "x-start-0", "hours.1": "x-start-1", "reason": "x-reason", "on": "x-on"}

// setOtherHours gives one date hours of its own.
func (a *app) setOtherHours(c *fiber.Ctx) error {
	id, err := idParam(c, "id")
	if err != nil {
		return err
	}
	var typed views.OtherForm
	var in scheduling.HoursException
	var bad []ui.Problem
	var did scheduling.RebuildResult
	err = a.inClinic(c, func(tx *tenancy.Tx) (err error) {
		if typed, in, bad = readOther(c, clockOf(tx).In(zone(c))); len(bad) > 0 {
			return nil
		}
		in.Practitioner = id
		did, err = scheduling.SetException(c.UserContext(), tx, in)
		return err
	})
	if refusal := fault.As(err); refusal != nil && refusal.Kind == fault.Invalid {
		bad = problemsIn(refusal, otherFields)
	} else if err != nil {
		return err
	}
	if len(bad) > 0 {
		return a.practitionerPage(c, http.StatusUnprocessableEntity, bad, func(m *views.Practitioner) { m.Other = typed })
	}
	if err := a.flashChange(c, "Other hours set for "+in.On.Format("Mon 2 Jan 2006")+".", did); err != nil {
		return err
	}
	return seeOther(c, practitionerAddress(id))
}

// removeOtherHours gives the date the week's hours again.
func (a *app) removeOtherHours(c *fiber.Ctx) error {
	id, err := idParam(c, "id")
	if err != nil {
		return err
	}
	on, err := parseDay(c.Params("date"))
	if err != nil {
		return fault.New(fault.NotFound, "exception-not-found", "That day is not an exception.")
	}
	var did scheduling.RebuildResult
	err = a.inClinic(c, func(tx *tenancy.Tx) (err error) {
		did, err = scheduling.RemoveException(c.UserContext(), tx, scheduling.ExceptionDay{Practitioner: id, On: on})
		return err
	})
	if err != nil {
		return err
	}
	if err := a.flashChange(c, on.Format("Mon 2 Jan 2006")+" has the week’s hours again.", did); err != nil {
		return err
	}
	return seeOther(c, practitionerAddress(id))
}
