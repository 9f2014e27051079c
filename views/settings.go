package views

import (
	"fmt"
	"time"

	"anteroom/views/ui"
)

// Settings is what all settings pages share.
type Settings struct {
	Shell    Shell
	Nav      []ui.Link // Clinic, Practitioners, Services, Closures, …
	CanEdit  bool
	Problems []ui.Problem
	Change   *Change // what the last change did
}

func (s Settings) problem(id string) string {
	for _, p := range s.Problems {
		if p.FieldID == id {
			return p.Message
		}
	}
	return ""
}

// Change says what a setting did to the schedule, so nothing takes effect in silence.
type Change struct {
	Title   string // "Hours saved."
	Added   int    // free slots
	Removed int
	Outside []AffectedAppointment // booked, and now outside the hours
}

func (c Change) words() string {
	switch {
	case c.Added == 0 && c.Removed == 0:
		return "No free slot changed."
	case c.Removed == 0:
		return fmt.Sprintf("%s added.", count(c.Added, "free slot"))
	case c.Added == 0:
		return fmt.Sprintf("%s removed.", count(c.Removed, "free slot"))
	}
	return fmt.Sprintf("%s added, %s removed.", count(c.Added, "free slot"), thousands(c.Removed))
}

func (c Change) kind() ui.Kind {
	if len(c.Outside) > 0 {
		return ui.Warn
	}
	return ui.OK
}

func outsideWords(n int) string {
	if n == 1 {
		return "1 booked appointment now lies outside the hours. It stays booked until you move or cancel it:"
	}
	return thousands(n) + " booked appointments now lie outside the hours. They stay booked until you move or cancel them:"
}

// AffectedAppointment is one booked appointment a change left without hours.
type AffectedAppointment struct {
	ID      string
	From    time.Time
	Service string
}

// Practitioners is the list.
type Practitioners struct {
	Settings Settings
	List     []PractitionerRow
	Name     string // as typed, when adding was refused
	Room     string
}

// PractitionerRow is one line of the list.
type PractitionerRow struct {
	ID       string
	Name     string
	Room     string
	Hours    string // "Mon to Fri, 31 h a week"
	Services int
	Active   bool
}

// Practitioner is one practitioner's page.
type Practitioner struct {
	Settings Settings
	ID       string
	Title    string // the name as it is kept
	Name     string // as typed, when a form was refused, like all that follows
	Short    string // Dr Okafor
	Room     string
	Position string // on the schedule
	Active   bool
	Zone     string
	Hours    []WeeklyHours
	Services []ServiceChoice
	TimeOff  []TimeOff
	// Off is what was typed into the form for time off.
	Off    OffForm
	Others []OtherHours
	Other  OtherForm
}

// WeeklyHours is one row of the week: an unused one has no times.
type WeeklyHours struct {
	Weekday int    // 1 is Monday, 7 Sunday
	Start   string // 09:00
	End     string
	Error   string
}

// ServiceChoice is a service a practitioner may perform.
type ServiceChoice struct {
	ID      string
	Name    string
	Minutes int
	On      bool
}

// TimeOff is an exception to the weekly hours.
type TimeOff struct {
	ID     string
	From   time.Time
	To     time.Time
	AllDay bool
	Reason string
}

func (t TimeOff) words() string {
	from, to := t.From.Format("Mon 2 Jan 2006"), t.To.Format("Mon 2 Jan 2006")
	switch {
	case t.AllDay && from == to:
		return from
	case t.AllDay:
		return from + " to " + to
	case from == to:
		return from + ", " + hm(t.From) + " to " + hm(t.To)
	}
	return stamp(t.From) + " to " + stamp(t.To)
}

// OtherHours is a date with hours of its own.
type OtherHours struct {
	Date   string // 2026-11-28, in the address that removes it
	On     time.Time
	Hours  string // "09:00 to 13:00", "none"
	Reason string
}

// OtherForm is the form for such a date, as typed: two stretches, one on each side of a break.
type OtherForm struct {
	Date, Reason string
	Starts, Ends [2]string
}

// OffForm is the form for time off, as typed.
type OffForm struct{ FromDate, FromTime, ToDate, ToTime, Reason string }

// Services is the list of what can be booked.
type Services struct {
	Settings Settings
	List     []ServiceRow
}

// ServiceRow is one line of the list.
type ServiceRow struct {
	ID            string
	Name          string
	Slug          string
	Minutes       int
	Practitioners int
	Active        bool
}

// Service is the form of one; a new one has no ID.
type Service struct {
	Settings Settings
	ID       string
	Title    string // the name as it is kept
	Name     string // as typed, when the form was refused, like all that follows
	Slug     string
	Minutes  string
	Active   bool
}

// Closures is the list of days the whole clinic is closed.
type Closures struct {
	Settings Settings
	List     []Closure
	Form     ClosureForm
}

// Closure is one day, or several.
type Closure struct {
	ID     string
	From   time.Time
	To     time.Time
	AllDay bool
	Reason string
	Past   bool
}

// ClosureForm is what was typed.
type ClosureForm struct{ Date, Until, Reason string }

var weekdays = []ui.Option{
	{Value: "1", Label: "Monday"}, {Value: "2", Label: "Tuesday"}, {Value: "3", Label: "Wednesday"}, {Value: "4", Label: "Thursday"},
	{Value: "5", Label: "Friday"}, {Value: "6", Label: "Saturday"}, {Value: "7", Label: "Sunday"},
}

// spare is how many empty rows the hours have, so that one can be added without script.
const spare = 2

func (p Practitioner) rows() []WeeklyHours {
	rows := append([]WeeklyHours{}, p.Hours...)
	if !p.Settings.CanEdit {
		return rows
	}
	for range spare {
		rows = append(rows, WeeklyHours{Weekday: 1})
	}
	return rows
}

func quarters() []string {
	var out []string
	for m := 6 * 60; m <= 22*60; m += 15 {
		out = append(out, fmt.Sprintf("%02d:%02d", m/60, m%60))
	}
	return out
}
