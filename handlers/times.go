package handlers

import (
	"cmp"
	"context"
	"net/url"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"anteroom/domain/fault"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
	"anteroom/views"
	"anteroom/views/ui"
)

const (
	timesDays = 7   // of free times on a page
	timesMost = 500 // on a page; whole days only, so that none looks emptier than it is
)

// timesQuery is which free times a page shows.
type timesQuery struct {
	service      string
	practitioner uuid.UUID // zero: anyone
	date         time.Time // midnight in the clinic; zero: today
}

func readTimesQuery(c *fiber.Ctx) (q timesQuery, err error) {
	q.service = c.Query("service")
	if text := c.Query("practitioner"); text != "" {
		if q.practitioner, err = uuid.Parse(text); err != nil {
			return q, fault.BadField("practitioner", "There is no such practitioner. Choose from the list.")
		}
	}
	if text := c.Query("date"); text != "" {
		q.date, err = readDate(text, zone(c))
	}
	return q, err
}

// address is that of the same page for other times; more is what else it must keep.
func (q timesQuery) address(path string, more url.Values) string {
	v := url.Values{}
	for name := range more {
		v.Set(name, more.Get(name))
	}
	set := func(name, value string) {
		if value != "" {
			v.Set(name, value)
		}
	}
	set("service", q.service)
	set("practitioner", idOrEmpty(q.practitioner))
	if !q.date.IsZero() {
		set("date", q.date.Format(time.DateOnly))
	}
	if len(v) == 0 {
		return path
	}
	return path + "?" + v.Encode()
}

// keptInAddress is for whom a time is looked for, by id.
func keptInAddress(c *fiber.Ctx) url.Values {
	keep := url.Values{}
	if who := c.Query("patient"); who != "" {
		keep.Set("patient", who)
	}
	return keep
}

// also is values with one more.
func also(v url.Values, name, value string) url.Values {
	out := url.Values{name: {value}}
	for n := range v {
		out.Set(n, v.Get(n))
	}
	return out
}

// freeTimes is what was found for a query.
type freeTimes struct {
	query         timesQuery
	services      []scheduling.Service
	practitioners []scheduling.Practitioner // who perform the service
	openings      []scheduling.Opening
	today, end    time.Time           // of what is shown
	after         *scheduling.Opening // the first one later than that
	now           time.Time
}

// service is the chosen one; false when none is, or there is none of that name.
func (f freeTimes) service() (scheduling.Service, bool) {
	for _, s := range f.services {
		if s.Slug == f.query.service {
			return s, true
		}
	}
	return scheduling.Service{}, false
}

// findTimes reads what the filter offers and what is free.
func findTimes(ctx context.Context, tx *tenancy.Tx, q timesQuery, at *time.Location) (f freeTimes, err error) {
	f.query = q
	if f.now, err = tx.Now(ctx); err != nil {
		return f, err
	}
	f.today = midnight(f.now.In(at), 0)
	if f.query.date.Before(f.today) {
		f.query.date = f.today
	}
	if f.services, err = scheduling.ListServices(ctx, tx, scheduling.ServiceFilter{ActiveOnly: true}); err != nil {
		return f, err
	}
	s, ok := f.service()
	if !ok {
		return f, nil
	}
	if f.practitioners, err = scheduling.ListPractitioners(ctx, tx, scheduling.PractitionerFilter{ActiveOnly: true, Service: s.ID}); err != nil {
		return f, err
	}
	return f, f.find(ctx, tx)
}

func (f *freeTimes) find(ctx context.Context, tx *tenancy.Tx) (err error) {
	f.end = midnight(f.query.date, timesDays)
	in := scheduling.FindInput{Service: f.query.service, Practitioner: f.query.practitioner, From: f.query.date, To: f.end, Limit: timesMost}
	if f.openings, err = scheduling.Find(ctx, tx, in); err != nil {
		return err
	}
	if len(f.openings) == timesMost {
		last := midnight(f.openings[timesMost-1].StartsAt.In(f.query.date.Location()), 0)
		if last.After(f.query.date) {
			f.end = last
			for f.openings[len(f.openings)-1].StartsAt.Compare(last) >= 0 {
				f.openings = f.openings[:len(f.openings)-1]
			}
		}
	}
	in.From, in.To, in.Limit = f.end, time.Time{}, 1
	later, err := scheduling.Find(ctx, tx, in)
	if len(later) > 0 {
		f.after = &later[0]
	}
	return err
}

// choose makes a time of the list into a link or a button.
type choose func(scheduling.Opening) views.FreeTime

// view puts the free times into days and rows. The page's own address is path, with what it must keep besides.
func (f freeTimes) view(path string, more url.Values, pick choose) views.Times {
	q := f.query
	m := views.Times{Now: f.now.In(q.date.Location()), Filter: views.TimesFilter{Action: path, Service: q.service, Practitioner: idOrEmpty(q.practitioner), Date: q.date.Format(time.DateOnly)}}
	for name := range more {
		m.Filter.Hidden = append(m.Filter.Hidden, views.Kept{Name: name, Value: more.Get(name)})
	}
	for _, s := range f.services {
		m.Filter.Services = append(m.Filter.Services, serviceOption(s))
	}
	for _, p := range f.practitioners {
		m.Filter.Practitioners = append(m.Filter.Practitioners, ui.Option{Value: p.ID.String(), Label: p.Name})
	}
	if _, ok := f.service(); !ok {
		m.Blank = f.blank(path, more)
		return m
	}
	m.Days = f.days(pick)
	if q.date.After(f.today) {
		before := q
		if before.date = midnight(q.date, -timesDays); before.date.Before(f.today) {
			before.date = f.today
		}
		m.Earlier = before.address(path, more)
	}
	if f.after != nil {
		q.date = f.end
		m.Later = q.address(path, more)
	}
	if len(f.openings) == 0 {
		m.Blank = f.blank(path, more)
	}
	return m
}

func serviceOption(s scheduling.Service) ui.Option {
	return ui.Option{Value: s.Slug, Label: s.Name + ", " + strconv.Itoa(s.DurationMinutes) + " min"}
}

// days gathers the openings, which come in the order of time, into rows in the order of the schedule.
func (f freeTimes) days(pick choose) (days []views.TimesDay) {
	at := f.query.date.Location()
	for from := 0; from < len(f.openings); {
		day := midnight(f.openings[from].StartsAt.In(at), 0)
		to := from
		for to < len(f.openings) && f.openings[to].StartsAt.Before(midnight(day, 1)) {
			to++
		}
		d := views.TimesDay{Date: day}
		for _, p := range f.practitioners {
			row := views.TimesRow{Practitioner: p.Name}
			for _, o := range f.openings[from:to] {
				if o.PractitionerID == p.ID {
					t := pick(o)
					t.From = o.StartsAt.In(at)
					row.Times = append(row.Times, t)
				}
			}
			if len(row.Times) > 0 {
				d.Rows = append(d.Rows, row)
			}
		}
		days = append(days, d)
		from = to
	}
	return days
}

// blank says why there is nothing to choose from.
func (f freeTimes) blank(path string, more url.Values) *ui.Blank {
	s, known := f.service()
	q := f.query
	switch {
	case q.service == "":
		return nil // the page asks for it
	case !known:
		return &ui.Blank{Icon: "calendar", Title: "There is no such service", Words: "It may have been renamed, or is no longer offered. Choose another.",
			Do: &ui.Button{Label: "See the services", Href: timesQuery{practitioner: q.practitioner, date: q.date}.address(path, more)}}
	case len(f.practitioners) == 0:
		return &ui.Blank{Icon: "stethoscope", Title: "Nobody performs " + s.Name, Words: "A service can be booked when it is ticked on a practitioner’s page.",
			Do: &ui.Button{Label: "See the practitioners", Href: "/settings/practitioners"}}
	case f.after != nil:
		first := midnight(f.after.StartsAt.In(q.date.Location()), 0)
		until := midnight(f.end, -1)
		words := "The first free time after that is " + f.after.StartsAt.In(q.date.Location()).Format("Mon 2 January, 15:04") + " with " + shortName(f.after.Practitioner) + "."
		days := "Nothing is free from " + q.date.Format("Mon 2") + " to " + until.Format("Mon 2 January")
		q.date = first
		return &ui.Blank{Icon: "calendar", Title: days, Words: words, Do: &ui.Button{Label: "Show from " + first.Format("Mon 2 January"), Href: q.address(path, more)}}
	case q.practitioner != uuid.Nil:
		name := f.practitionerName()
		q.practitioner = uuid.Nil
		return &ui.Blank{Icon: "calendar", Title: cmp.Or(name, "This practitioner") + " has nothing free", Words: "Not for " + s.Name + ", as far ahead as there are hours. Others may have.",
			Do: &ui.Button{Label: "Show anyone’s times", Href: q.address(path, more)}}
	}
	return &ui.Blank{Icon: "calendar", Title: "Nothing is free for " + s.Name, Words: "Every time is taken, as far ahead as there are hours.", Do: &ui.Button{Label: "Open the schedule", Href: "/schedule"}}
}

func (f freeTimes) practitionerName() string {
	for _, p := range f.practitioners {
		if p.ID == f.query.practitioner {
			return p.Name
		}
	}
	return ""
}
