package handlers

import (
	"net/http"
	"net/url"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"anteroom/domain/fault"
	"anteroom/domain/identity"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
	"anteroom/views"
)

// showSchedule is the page of a day or a week.
func (a *app) showSchedule(c *fiber.Ctx) error {
	s, err := a.loadSchedule(c)
	if err != nil {
		return err
	}
	return page(c, http.StatusOK, views.SchedulePage(a.scheduleView(c, s)))
}

// scheduleGrid is what the page asks for when something changed: the grid and the tally.
func (a *app) scheduleGrid(c *fiber.Ctx) error {
	s, err := a.loadSchedule(c)
	if err != nil {
		return err
	}
	return page(c, http.StatusOK, views.ScheduleFragment(a.gridView(c, s)))
}

// scheduleQuery is what the address of a schedule says.
type scheduleQuery struct {
	week         bool
	date         time.Time // midnight in the clinic; zero: today
	practitioner uuid.UUID
	everyone     bool // practitioner is there and empty: all, also where one would be chosen
	service      string
	room         string // as roomSlug says it: an address holds no more of a name than small letters
}

// readScheduleQuery refuses a date that is none: to show another day would be worse, since somebody may book on it. Another view is a day.
func readScheduleQuery(c *fiber.Ctx) (q scheduleQuery, err error) {
	q.week = c.Query("view") == "week"
	q.service, q.room = c.Query("service"), c.Query("room")
	if text := c.Query("date"); text != "" {
		if q.date, err = readDate(text, zone(c)); err != nil {
			return q, err
		}
	}
	text := c.Query("practitioner")
	q.everyone = text == "" && c.Context().QueryArgs().Has("practitioner")
	if text != "" {
		if q.practitioner, err = uuid.Parse(text); err != nil {
			return q, fault.BadField("practitioner", "There is no such practitioner. Open the schedule again and choose from the list.")
		}
	}
	if m := of(c).member; q.practitioner == uuid.Nil && !q.everyone && m.Role == identity.Clinician && m.Practitioner != nil {
		q.practitioner = *m.Practitioner
	}
	return q, nil
}

func readDate(text string, zone *time.Location) (time.Time, error) {
	day, err := time.ParseInLocation(time.DateOnly, text, zone)
	if err != nil || day.Year() < 2000 || day.Year() > 2200 {
		return day, fault.BadField("date", "This is not a date such as 2026-11-24. Open the schedule again for today.")
	}
	return day, nil
}

// address is that of the page, or of its grid.
func (q scheduleQuery) address(path string) string {
	v := url.Values{"date": {q.date.Format(time.DateOnly)}}
	if q.week {
		v.Set("view", "week")
	}
	if q.practitioner != uuid.Nil || q.everyone {
		v.Set("practitioner", idOrEmpty(q.practitioner))
	}
	if q.service != "" {
		v.Set("service", q.service)
	}
	if q.room != "" {
		v.Set("room", q.room)
	}
	return path + "?" + v.Encode()
}

func idOrEmpty(id uuid.UUID) string {
	if id == uuid.Nil {
		return ""
	}
	return id.String()
}

// days are the midnights of what is shown, and the one after it.
func (q scheduleQuery) days(locale string) []time.Time {
	first, n := q.date, 1
	if q.week {
		first, n = weekStart(q.date, locale), 7
	}
	days := make([]time.Time, n+1)
	for i := range days {
		days[i] = midnight(first, i)
	}
	return days
}

// midnight is the beginning of the day n days later by the calendar: days have 23 to 25 hours.
func midnight(day time.Time, n int) time.Time {
	y, m, d := day.Date()
	return time.Date(y, m, d+n, 0, 0, 0, 0, day.Location())
}

// loaded is a schedule with what was asked for.
type loaded struct {
	scheduling.Schedule
	query scheduleQuery
	asked time.Time   // by the machine's clock; what changed later may be missing
	days  []time.Time // with the end
	zone  *time.Location
}

// loadSchedule is two round trips; a week for which nobody was chosen, and a room, is one more.
func (a *app) loadSchedule(c *fiber.Ctx) (loaded, error) {
	asked, err := readScheduleQuery(c)
	if err != nil {
		return loaded{}, err
	}
	var s loaded
	err = a.inClinic(c, func(tx *tenancy.Tx) error {
		s = loaded{query: asked, asked: time.Now(), zone: zone(c)}
		if s.query.date.IsZero() {
			s.query.date = midnight(clockOf(tx).In(s.zone), 0)
		}
		who, err := s.choose(c, tx)
		if err != nil {
			return err
		}
		s.days = s.query.days(of(c).member.Locale)
		in := scheduling.ScheduleInput{From: s.days[0], To: s.days[len(s.days)-1], Practitioners: who, Service: s.query.service, Final: true}
		s.Schedule, err = a.desk.LoadSchedule(c.UserContext(), tx, in)
		return err
	})
	return s, err
}

// choose answers whose schedule is shown; nil is everybody's. Only what is shown is read, since every view of a patient is recorded. A week
// for which nobody was chosen is that of the first.
func (s *loaded) choose(c *fiber.Ctx, tx *tenancy.Tx) ([]uuid.UUID, error) {
	q := &s.query
	first := q.week && q.practitioner == uuid.Nil && !q.everyone
	if !first && q.room == "" {
		if q.practitioner == uuid.Nil {
			return nil, nil
		}
		return []uuid.UUID{q.practitioner}, nil
	}
	list, err := scheduling.ListPractitioners(c.UserContext(), tx, scheduling.PractitionerFilter{ActiveOnly: first})
	if err != nil {
		return nil, err
	}
	who := []uuid.UUID{}
	for _, p := range list {
		if (q.room == "" || roomSlug(p.Room) == q.room) && (q.practitioner == uuid.Nil || q.practitioner == p.ID) {
			who = append(who, p.ID)
		}
	}
	switch {
	case len(who) == 0:
		who = []uuid.UUID{uuid.Nil} // nobody's
	case first:
		q.practitioner, who = who[0], who[:1]
	}
	return who, nil
}

// clockOf is the time without asking the database, which is good enough to know the date.
func clockOf(tx *tenancy.Tx) time.Time {
	if t := tx.Clock(); t != nil {
		return *t
	}
	return time.Now()
}

// backToSchedule returns to the schedule as it was, or else to a day of it; the zero day is today.
func backToSchedule(c *fiber.Ctx, day time.Time) error {
	from := c.Get(fiber.HeaderReferer)
	if isHTMX(c) {
		from = c.Get("HX-Current-URL")
	}
	to := "/schedule"
	if !day.IsZero() {
		to = dayAddress(day)
	}
	if u, err := url.Parse(from); err == nil && u.Path == "/schedule" {
		to = ownPath(u.RequestURI(), to)
	}
	return seeOther(c, to)
}

func dayAddress(day time.Time) string { return "/schedule?date=" + day.Format(time.DateOnly) }
