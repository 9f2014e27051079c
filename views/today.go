package views

import (
	"fmt"
	"strconv"
	"time"

	"anteroom/views/ui"
)

// Today is the page one begins a shift with: the day at a glance, and what needs a person.
type Today struct {
	Shell   Shell
	Heading string // "Tuesday 24 November"
	Short   string // "Tue 24 Nov", where there is little room
	Sub     string // "Dr Okafor’s day" for whoever sees the own day only

	Stream  Stream
	BookURL string // empty when the person may not book
	Part    TodayPart
}

// TodayPart is what reloads itself when something changes.
type TodayPart struct {
	URL  string // its own address, as a fragment
	CSRF string
	Now  time.Time // in the clinic's zone; also the server's clock for the countdowns
	// ChangesAt is when something will need a person although nothing happens; zero when nothing will.
	ChangesAt time.Time

	Phase  string // "Opens at 08:00", "Closed today: Staff training"; empty while the clinic is open
	Ribbon Ribbon
	Needs  []Need
	// Waiting are who would take another time, the longest waiting first; WaitingN counts all of them.
	Waiting  []Need
	WaitingN int
	Here     []Here
	Next     []Next
	More     string // where the others who are expected are
	MoreN    int
	Seen     int // how many were seen today, for the end of the day
	Missed   int
	Calls    []OnPhone
	Blank    *ui.Blank // replaces everything: nobody works here yet
}

// Need is one thing that needs a person.
type Need struct {
	ID    string
	Icon  string
	Tone  NeedTone
	Title string
	Words string
	Age   *time.Time // since when; counts up
	When  string     // instead of an age: "Thu 3 Dec"
	Hold  *Hold
	Acts  []NeedAct // at most two
}

// NeedTone says how a need looks.
type NeedTone string

// Running is a clock that runs out, late one that ran out; the others are quiet.
const (
	Running NeedTone = "running"
	TooLate NeedTone = "late"
	Waits   NeedTone = "waits"
	Quiet   NeedTone = "quiet"
)

// NeedAct is what can be done: a link, a form of one button, or the number to call.
type NeedAct struct {
	Label string
	For   string // read after the label: of whom there are several
	Icon  string
	Href  string
	Post  string
	Best  bool // the next thing most people would do
	Call  *Phone
}

// Phone is a number to call.
type Phone struct {
	Name   string
	Number string // as people write it
	Tel    string // +447700900123
}

// Here is somebody in the house.
type Here struct {
	ID     string
	Name   string
	InRoom bool
	Where  string // "for Dr Okafor, 10:45" or "in Room 1 with Dr Okafor"
	Since  time.Time
	Act    *NeedAct
}

// Next is somebody who is expected.
type Next struct {
	ID           string
	Name         string
	Service      string
	Practitioner string // empty when all are of one
	At           time.Time
	Arrive       *NeedAct
}

// OnPhone is a call that goes on now.
type OnPhone struct {
	Phone string // masked
	Call  string // its page
	By    string // the agent
	Holds string // "holding 14:30", "holding Thu 14:30"; empty when it holds nothing
	With  string // whose time that is; the sidebar has no room for it, and a reader hears it there too
	Href  string // of what it holds
	Since time.Time
}

func (c OnPhone) by() string {
	if c.Holds == "" {
		return c.By
	}
	return c.By + ", "
}

// Ribbon is the day in one lane for each practitioner.
type Ribbon struct {
	FromHour, ToHour int
	Lanes            []Lane
}

// Lane is one practitioner's day.
type Lane struct {
	Name  string
	Href  string
	Words string // the lane in words
	Hours []Span
	Bars  []Bit
}

// Bit is something in a lane.
type Bit struct {
	State string // a block's states, and "late"
	From  time.Time
	To    time.Time
	Over  bool // beside another
}

// at is where a time stands in the ribbon, in percent from its beginning.
func (r Ribbon) at(day, t time.Time) float64 {
	minutes := (t.Hour()+24*daysBetween(day, t))*60 + t.Minute() - r.FromHour*60
	return min(max(float64(minutes)/float64(r.hours()*60)*100, 0), 100)
}

func (r Ribbon) hours() int { return max(r.ToHour-r.FromHour, 1) }

func percent(p float64) string { return strconv.FormatFloat(p, 'f', 2, 64) + "%" }

// marks are the hours that have a label.
func (r Ribbon) marks() []int {
	var out []int
	for h := range r.hours() {
		out = append(out, h)
	}
	return out
}

func (r Ribbon) hour(h int) string { return fmt.Sprintf("%02d:00", (r.FromHour+h)%24) }

// under says whether the label of now covers this hour's on a wide screen; ages.js measures it on every other.
func (r Ribbon) under(h int, now time.Time) bool {
	past := now.Hour()*60 + now.Minute() - (r.FromHour+h)*60
	return r.holds(now) && past > -12 && past < 36
}

func (r Ribbon) holds(now time.Time) bool { return now.Hour() >= r.FromHour && now.Hour() < r.ToHour }

// age is how long since, as the page steps it: 12 min, 1 h 5 min.
func age(now, since time.Time) string { return span(max(now.Sub(since), 0).Truncate(time.Minute)) }

// seen tells how the day went once nobody is left.
func (p TodayPart) seen() string {
	words := count(p.Seen, "patient") + " seen"
	switch p.Missed {
	case 0:
	case 1:
		words += ", 1 did not come"
	default:
		words += ", " + thousands(p.Missed) + " did not come"
	}
	return words
}

func (a NeedAct) button() ui.Button {
	b := ui.Button{Label: a.Label, Size: ui.Small}
	if a.Best {
		b.Kind = ui.Ink
	}
	return b
}
