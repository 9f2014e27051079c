package views

import (
	"time"

	"anteroom/views/ui"
)

// Schedule is the page of a day or a week.
type Schedule struct {
	Shell Shell

	Week bool // else a day
	// Date is the day shown, or a day of the week shown; Heading says it in the clinic's words.
	Date    time.Time
	Heading string // "Tue 24 November 2026", "23 to 28 November 2026"

	ClockChange string // Clocks go forward at 01:00; empty on other days

	PrevURL, TodayURL, NextURL string
	IsToday                    bool // today, or this week, is what is shown
	DayURL, WeekURL            string
	BookURL                    string // empty when the person may not book
	SheetURL                   string // the same as lists, to print
	Stream                     Stream

	// The filters, as the form sends them: practitioner, service, room.
	Practitioner  string
	Service       string
	Room          string
	Practitioners []ui.Option
	Services      []ui.Option
	Rooms         []ui.Option
	// Each drops one filter and keeps the rest.
	ClearPractitionerURL string
	ClearServiceURL      string
	ClearRoomURL         string

	Grid Grid
}

// Stream is where a page hears of changes. Windows with the same Name share one; the zero Stream follows nothing.
type Stream struct{ URL, Name string }

// Grid is the part that reloads itself when something changes.
type Grid struct {
	URL   string // its own address, as a fragment
	CSRF  string
	Label string // read with the region: "Schedule, Tue 24 November 2026"

	Now              time.Time // in the clinic's zone; also the server's clock for the countdowns
	Zone             string    // short: GMT
	FromHour, ToHour int       // hours shown; blocks beyond them are cut at the edge
	Grain            int       // minutes of one slot; 15 when zero

	// Columns are practitioners (a day) or days of one practitioner (a week).
	Columns []Column
	// Rows are used for a week of everyone instead: a row per practitioner, a column per day in each.
	Rows []Row
	Week bool

	CanBook bool
	// Service is the slug of the one that is looked for, and Fits how long it takes: free places are then starts where it fits.
	Service string
	Fits    time.Duration
	// Blank replaces the grid: nobody works here yet, the day could not be loaded.
	Blank *ui.Blank
}

// Row is one practitioner's week.
type Row struct {
	Practitioner string
	Sub          string
	Href         string // the week of this practitioner alone
	Days         []Column
}

// Column is one practitioner's day.
type Column struct {
	ID           string // of the practitioner
	Practitioner string // Dr Adaeze Okafor
	Short        string // Dr Okafor: what a slot says of itself
	Room         string
	Date         time.Time // any time of that day
	Sub          string    // "Room 1, until 17:30"
	Href         string    // where the heading leads
	Hours        []Span    // when they work
	Closed       string    // the reason, when the whole day is closed
	Not          string    // why nothing is free here for the service that is looked for
	Mine         bool      // of the person who looks
	Blocks       []Block
	Slots        []Slot // free ones, on the grain
	Ghost        *Ghost // of an appointment that is being moved: the script places it; here it can be looked at
}

// Span is a time from and to.
type Span struct{ From, To time.Time }

// Slot is one free place on the grain.
type Slot struct {
	ID       string
	From, To time.Time
}

// The states of a block: the field's words for an appointment's status, and a block of time.
const (
	StatePending   = "pending" // a hold
	StateBooked    = "booked"
	StateArrived   = "arrived"
	StateCheckedIn = "checked-in" // in the room
	StateFulfilled = "fulfilled"  // done
	StateNoShow    = "noshow"
	StateBlocked   = "blocked" // busy-unavailable: lunch, time off
)

// Block is what takes time: an appointment, a hold or a block.
type Block struct {
	ID       string // of the appointment; empty for a block of time
	State    string
	From, To time.Time
	Patient  string // or what a block is for: Lunch
	Service  string
	Phone    string    // masked; on the day sheet only
	Note     string    // a third line: "In Room 1 since 10:04"
	NoteMark string    // wave (an agent), text (a message), link (a patient's link), or none
	Since    time.Time // when it came to its state; arrived says how long ago
	Hold     *Hold

	Overbooked bool      // on purpose, beside another
	Dim        bool      // of another service than the one looked for: it takes its time all the same
	Seen       time.Time // when it last changed; zero for one that cannot be moved
}

// Hold is a claim that ends by itself.
type Hold struct {
	ID        string
	Phone     string // masked: 07••• •••418
	PhoneEnd  string // shorter: •••418
	By        string // the agent's or the person's name: Ava
	Kind      ui.ActorKind
	Doing     string // "on the phone for 1:48"
	ExpiresAt time.Time
	Total     time.Duration // what the bar is full at
	CanTake   bool
	CanFree   bool
}
