package views

import (
	"strings"
	"time"
)

// MoveAppointment is the page that changes when, with whom and for what an appointment is.
type MoveAppointment struct {
	Shell Shell

	ID           string
	Patient      string
	Status       string
	Service      string // as it is now
	Practitioner string
	From, To     time.Time
	Zone         string
	Seen         string // what the form saw: refused when somebody changed it meanwhile
	Overbooked   bool

	Times Times
	// NewService is set when another service is chosen: the time may stay.
	NewService *NewService
	Clash      *Clash
	AnyTime    *AnyTime
	// Problem is why the last try was refused.
	Problem string
}

// NewService is a change of what an appointment is for.
type NewService struct {
	Slug  string
	Words string // Mole check, 15 min
	Until time.Time
}

// Clash is a time that cannot be had, with what can instead. It says when others are there, never who.
type Clash struct {
	Title string // "Dr Okafor is not free at Tue 10:30"
	Why   string // "was taken a moment ago"
	Next  []FreeTime
	// Over is what an overbooked appointment would overlap; Overbook is set for those who may.
	Over     []string
	Overbook bool

	// The time that was refused, to try again or to overbook.
	Practitioner string
	Starts       string
	Service      string
	When         string // "Tue 10:30"
}

// nearest is the one of the next times that is offered first: Enter takes it.
func (m Clash) nearest() int {
	wanted, err := time.Parse(time.RFC3339, m.Starts)
	if err != nil {
		return 0
	}
	return nearest(wanted, len(m.Next), func(i int) time.Time { return m.Next[i].From })
}

// besideWords are what an overbooked appointment would stand beside.
func besideWords(over []string) string {
	switch len(over) {
	case 0:
		return "Nobody else is there, but it is outside the hours."
	case 1:
		return "It will stand beside " + over[0] + ". Both keep their time."
	}
	return "It will stand beside " + strings.Join(over[:len(over)-1], ", ") + " and " + over[len(over)-1] + ". All keep their time."
}
