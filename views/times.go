package views

import (
	"time"

	"anteroom/views/ui"
)

// Times are free times to choose from, by day and practitioner.
type Times struct {
	Filter TimesFilter
	Days   []TimesDay
	// Earlier and Later lead to the days before and after; empty when there is nothing to see there.
	Earlier, Later string
	// Blank says why there is nothing to choose, and the one next step.
	Blank *ui.Blank
	Now   time.Time
}

// TimesFilter is what the times are for. All of it stands in the address.
type TimesFilter struct {
	Action        string // the page itself
	Service       string
	Services      []ui.Option
	Practitioner  string // an id; empty: anyone
	Practitioners []ui.Option
	Date          string // the first day, 2006-01-02
	Hidden        []Kept
}

// Kept is a hidden field: what a form must not forget.
type Kept struct{ Name, Value string }

// TimesDay is one day that has free times.
type TimesDay struct {
	Date time.Time
	Rows []TimesRow
}

// TimesRow is what one practitioner has free on that day.
type TimesRow struct {
	Practitioner string
	Times        []FreeTime
}

// FreeTime is one start. With Href it is a link; else a button that posts Value as Name.
type FreeTime struct {
	From  time.Time
	With  string // who, where it must be said
	Href  string
	Name  string
	Value string
	Again bool // it shows the booking form again, with this time
}

// dayName is a day as it is said from now: Today, Tomorrow, or nothing besides its date.
func dayName(now, day time.Time) string {
	y, m, d := now.Date()
	switch {
	case day.Equal(time.Date(y, m, d, 0, 0, 0, 0, now.Location())):
		return "Today"
	case day.Equal(time.Date(y, m, d+1, 0, 0, 0, 0, now.Location())):
		return "Tomorrow"
	}
	return ""
}

func (d TimesDay) count() int {
	n := 0
	for _, r := range d.Rows {
		n += len(r.Times)
	}
	return n
}

// nearest is the place of the time that is least far from the one that was wanted, whichever comes first in the week.
func nearest(wanted time.Time, count int, at func(int) time.Time) int {
	best := 0
	for i := 1; i < count; i++ {
		if at(i).Sub(wanted).Abs() < at(best).Sub(wanted).Abs() {
			best = i
		}
	}
	return best
}
