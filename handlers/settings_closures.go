package handlers

import (
	"cmp"
	"net/http"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"anteroom/domain/fault"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
	"anteroom/views"
	"anteroom/views/ui"
)

const pastClosures = 90 // days for which a closure that has ended stays in the list

// wholeDays gives the first and the last day of a closure that begins and ends at midnight, and else its ends as they are.
func wholeDays(o scheduling.Closure, at *time.Location) (from, to time.Time, whole bool) {
	from, to = o.StartsAt.In(at), o.EndsAt.In(at)
	if from.Equal(midnight(from, 0)) && to.Equal(midnight(to, 0)) {
		return from, midnight(to, -1), true
	}
	return from, to, false
}

// readMoment is a date and a time of the clinic's clock. Without a time it is the midnight that begins the day, or with end the one that
// ends it. The problem, if any, is of the date or of the time.
func readMoment(date, clock string, end bool, at *time.Location) (t time.Time, badDate, badTime string) {
	day, err := parseDay(date)
	if err != nil {
		return t, notADate, ""
	}
	minutes, ok := readClock(clock)
	switch {
	case clock == "" && end:
		minutes = 24 * 60
	case clock != "" && !ok:
		return t, "", notATime
	}
	return time.Date(day.Year(), day.Month(), day.Day(), 0, minutes, 0, 0, at), "", ""
}

func problemAt(id, words string) []ui.Problem {
	if words == "" {
		return nil
	}
	return []ui.Problem{{FieldID: id, Message: words}}
}

func (a *app) listClosures(c *fiber.Ctx) error {
	return a.closuresPage(c, http.StatusOK, views.ClosureForm{}, nil)
}

func (a *app) closuresPage(c *fiber.Ctx, status int, typed views.ClosureForm, problems []ui.Problem) error {
	at, said := zone(c), a.popChange(c)
	var m views.Closures
	err := a.inClinic(c, func(tx *tenancy.Tx) error {
		m = views.Closures{Form: typed}
		now := clockOf(tx).In(at)
		all, err := scheduling.ListClosures(c.UserContext(), tx, scheduling.ClosuresInput{From: midnight(now, -pastClosures)})
		if err != nil {
			return err
		}
		for _, o := range all {
			if o.Practitioner == nil {
				k := views.Closure{ID: o.ID.String(), Reason: o.Reason, Past: !o.EndsAt.After(now)}
				k.From, k.To, k.AllDay = wholeDays(o, at)
				m.List = append(m.List, k)
			}
		}
		m.Settings.Change, err = said.view(c, tx)
		return err
	})
	if err != nil {
		return err
	}
	did := m.Settings.Change
	m.Settings = a.settings(c, "Closures")
	m.Settings.Problems, m.Settings.Change = problems, did
	return page(c, status, views.ClosuresPage(m))
}

// addClosure closes the clinic on whole days.
func (a *app) addClosure(c *fiber.Ctx) error {
	typed := views.ClosureForm{Date: posted(c, "date"), Until: posted(c, "until"), Reason: posted(c, "reason")}
	from, badFrom, _ := readMoment(typed.Date, "", false, zone(c))
	to, badTo, _ := readMoment(cmp.Or(typed.Until, typed.Date), "", true, zone(c))
	bad := problemAt("f-date", badFrom)
	ends := "f-date"
	if typed.Until != "" {
		ends = "f-until"
		bad = append(bad, problemAt("f-until", badTo)...)
	}
	if strings.TrimSpace(typed.Reason) == "" && len(bad) > 0 {
		bad = append(bad, ui.Problem{FieldID: "f-reason", Message: "The reason is missing."})
	}
	if len(bad) > 0 {
		return a.closuresPage(c, http.StatusUnprocessableEntity, typed, bad)
	}
	var did scheduling.ClosureChange
	err := a.inClinic(c, func(tx *tenancy.Tx) (err error) {
		did, err = scheduling.AddClosure(c.UserContext(), tx, scheduling.ClosureInput{StartsAt: from, EndsAt: to, Reason: typed.Reason})
		return err
	})
	if err != nil {
		return refusedIn(err, func(status int, f *fault.Fault) error {
			return a.closuresPage(c, status, typed, problemsIn(f, map[string]string{"starts_at": "f-date", "ends_at": ends, "reason": "f-reason"}))
		})
	}
	title := "Closed on " + from.Format("Mon 2 Jan 2006") + "."
	if last := midnight(to, -1); !last.Equal(from) {
		title = "Closed from " + from.Format("Mon 2 Jan 2006") + " to " + last.Format("Mon 2 Jan 2006") + "."
	}
	if err := a.flashChange(c, title, did.Rebuild); err != nil {
		return err
	}
	return seeOther(c, "/settings/closures")
}

// removeClosure opens the clinic again.
func (a *app) removeClosure(c *fiber.Ctx) error {
	id, err := idParam(c, "id")
	if err != nil {
		return err
	}
	return a.openAgain(c, id, uuid.Nil, "The clinic is open again.", "/settings/closures")
}

// openAgain removes a closure of this practitioner, or with uuid.Nil of the whole clinic.
func (a *app) openAgain(c *fiber.Ctx, id, whose uuid.UUID, title, back string) error {
	var did scheduling.RebuildResult
	err := a.inClinic(c, func(tx *tenancy.Tx) error {
		all, err := scheduling.ListClosures(c.UserContext(), tx, scheduling.ClosuresInput{})
		if err != nil {
			return err
		}
		for _, o := range all {
			of := uuid.Nil
			if o.Practitioner != nil {
				of = *o.Practitioner
			}
			if o.ID == id && of == whose {
				did, err = scheduling.RemoveClosure(c.UserContext(), tx, id)
				return err
			}
		}
		return fault.New(fault.NotFound, "closure-not-found", "There is no such closure.")
	})
	if err != nil {
		return err
	}
	if err := a.flashChange(c, title, did); err != nil {
		return err
	}
	return seeOther(c, back)
}

// addTimeOff blocks a practitioner's time.
func (a *app) addTimeOff(c *fiber.Ctx) error {
	id, err := idParam(c, "id")
	if err != nil {
		return err
	}
	typed := views.OffForm{FromDate: posted(c, "from_date"), FromTime: strings.TrimSpace(posted(c, "from_time")), ToDate: posted(c, "to_date"), ToTime: strings.TrimSpace(posted(c, "to_time")), Reason: posted(c, "reason")}
	again := func(status int, bad []ui.Problem) error {
		return a.practitionerPage(c, status, bad, func(m *views.Practitioner) { m.Off = typed })
	}
	from, badDate, badTime := readMoment(typed.FromDate, typed.FromTime, false, zone(c))
	bad := append(problemAt("f-from_date", badDate), problemAt("f-from_time", badTime)...)
	to, badDate, badTime := readMoment(typed.ToDate, typed.ToTime, true, zone(c))
	bad = append(append(bad, problemAt("f-to_date", badDate)...), problemAt("f-to_time", badTime)...)
	if len(bad) > 0 {
		return again(http.StatusUnprocessableEntity, bad)
	}
	var did scheduling.ClosureChange
	err = a.inClinic(c, func(tx *tenancy.Tx) (err error) {
		did, err = scheduling.AddClosure(c.UserContext(), tx, scheduling.ClosureInput{Practitioner: id, StartsAt: from, EndsAt: to, Reason: typed.Reason})
		return err
	})
	if err != nil {
		return refusedIn(err, func(status int, f *fault.Fault) error {
			return again(status, problemsIn(f, map[string]string{"starts_at": "f-from_date", "ends_at": "f-to_date", "reason": "f-reason"}))
		})
	}
	if err := a.flashChange(c, "Time off added.", did.Rebuild); err != nil {
		return err
	}
	return seeOther(c, practitionerAddress(id))
}

func (a *app) removeTimeOff(c *fiber.Ctx) error {
	id, err := idParam(c, "id")
	if err != nil {
		return err
	}
	off, err := idParam(c, "off")
	if err != nil {
		return err
	}
	return a.openAgain(c, off, id, "Time off removed.", practitionerAddress(id))
}
