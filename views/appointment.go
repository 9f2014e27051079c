package views

import (
	"strings"
	"time"

	"anteroom/views/ui"
)

// Appointment is the page of one appointment.
type Appointment struct {
	Shell Shell

	ID           string
	Status       string // the field's word: booked, arrived, checked-in, …
	Patient      string
	PatientURL   string // empty when the person may not open the record
	Phone        string // masked unless the role may see it
	PhoneMasked  bool
	Service      string
	Length       time.Duration
	Practitioner string
	Room         string
	From, To     time.Time
	Zone         string // in words: London time
	Notes        string
	Said         []NoteLine // about the patient, newest first
	BookedBy     ui.Actor
	CallURL      string // the call it came from
	ScheduleURL  string // the day it stands in
	Now          time.Time

	Overbooked bool
	// Hold is set while it is only held.
	Hold    *Hold
	History []StatusChange
	// Seen is what the forms of this page saw: refused when somebody changed it meanwhile.
	Seen string
	// MovedTo and MovedFrom lead along a move.
	MovedTo, MovedFrom *ui.Link
	Series             *SeriesPart
	// NoteURL is where a note is added; empty when this person may not.
	NoteURL string
	// Can says which changes are legal now and allowed for this person.
	Can AppointmentActions
	// Problem is why the last action was refused: the state had changed meanwhile.
	Problem string
}

// AppointmentActions are the changes that may be made now.
type AppointmentActions struct {
	Arrive, CheckIn, Fulfil, NoShow, Cancel, Move bool
	// Reopen is the status it can go back to, when the last step was a slip; empty when it cannot.
	Reopen string
}

func (a AppointmentActions) any() bool {
	return a.Arrive || a.CheckIn || a.Fulfil || a.NoShow || a.Cancel || a.Move || a.Reopen != ""
}

// SeriesPart is where an appointment stands among those it was booked with.
type SeriesPart struct {
	Words     string // "Every 2 weeks, 6 appointments, 2 Dec 2026 to 10 Feb 2027"
	List      []Sibling
	Following int // that can still be cancelled: this one and those after it
	All       int // that can still be cancelled
}

// NoteLine is a note with who wrote it and when.
type NoteLine struct {
	Text string
	By   string
	At   time.Time
}

// Sibling is one appointment of a series.
type Sibling struct {
	Href    string
	From    time.Time
	Status  string
	Current bool
}

// StatusChange is one step in the life of an appointment.
type StatusChange struct {
	Status string
	Moved  bool // it went to another time, or came from one
	Undone bool // the step before was taken back
	At     time.Time
	By     ui.Actor
	Why    string
}

// NewAppointment is the form that books.
type NewAppointment struct {
	Shell Shell

	Opened       bool // by somebody; not the form that comes in again while they type
	SlotID       string
	Near         string // the slot that the form was opened for
	HoldID       string // set when a hold is being completed
	Place        Place  // instead of a slot
	From, To     time.Time
	Practitioner string
	Zone         string
	Hold         *Hold // its countdown, when the slot is held for this person
	BackURL      string
	Now          time.Time
	Key          string // makes a second press of the same form book nothing more

	Services []ui.Option
	Form     BookingForm
	Problems []ui.Problem // FieldID is "f-" and the field's name
	// Times are the free starts of that day for the service; without them the slot is the only choice.
	Times []ui.Option
	// Taken is set when the time cannot be had any more: nothing that was typed is lost. Lost says why, after the time: "was taken".
	Taken bool
	Lost  string
	Next  []NextFree
	// Overbook is set for those who may put it there nevertheless; Over is what is there.
	Overbook bool
	Over     []string
	// Others are other days and practitioners to choose from, without leaving the form.
	Others *Times

	Picks      Picks        // the patients who may be meant
	Duplicates []PatientRow // who may be the same person as the new one
	Repeat     Repeat
}

// Place is a time at which there may be no slot.
type Place struct{ Practitioner, Day, Time string }

// BookingForm is what was typed, as the form sends it.
type BookingForm struct {
	Service   string
	Patient   string // the id of a known one
	Name      string
	Phone     string
	Email     string
	BirthDate string // 2006-01-02
	Notes     string
}

// Repeat is a booking that comes again, as it was typed, and what would come of it.
type Repeat struct {
	Offered     bool
	On          bool
	Every, Unit string
	Count       string
	Dates       []RepeatDate // empty until they were looked up
	Free        int
}

// RepeatDate is one date of a series.
type RepeatDate struct {
	From  time.Time
	Free  bool
	Words string // "Closed: Christmas", "Taken"
	Swap  *Swap  // another time of that day, if there is one
}

// Swap is a time that may be booked in place of one that cannot be had.
type Swap struct {
	At    time.Time
	Words string // "Book 09:45 that day"
	On    bool
}

// NextFree is a time offered instead.
type NextFree struct {
	SlotID       string
	From         time.Time
	Practitioner string
}

// nearest is the one of the next times that is offered first.
func (m NewAppointment) nearest() int {
	return nearest(m.From, len(m.Next), func(i int) time.Time { return m.Next[i].From })
}

func (m NewAppointment) problem(name string) string {
	for _, p := range m.Problems {
		if p.FieldID == "f-"+name {
			return p.Message
		}
	}
	return ""
}

// statusWords are what a person calls a status, with its glyph and meaning.
func statusWords(status string) (glyph, word string, kind ui.Kind) {
	switch status {
	case StatePending:
		return "dash", "Held", ui.Warn
	case StateBooked:
		return "ring", "Booked", ui.Accent
	case StateArrived:
		return "half", "Arrived", ui.Accent
	case StateCheckedIn:
		return "disc", "In room", ui.Accent
	case StateFulfilled:
		return "tick", "Done", ui.Plain
	case StateNoShow:
		return "cross", "No-show", ui.Bad
	case "cancelled":
		return "cross", "Cancelled", ui.Plain
	case "waitlist":
		return "clock", "On the waiting list", ui.Info
	case "proposed":
		return "dash", "Proposed", ui.Info
	case "entered-in-error":
		return "cross", "Entered in error", ui.Plain
	}
	return "dot", status, ui.Plain
}

// CancelReasons are the codes of why an appointment is cancelled. There are no others: codes are kept in clear.
func CancelReasons() []string {
	codes := make([]string, len(cancelReasons))
	for i, o := range cancelReasons {
		codes[i] = o.Value
	}
	return codes
}

// CancelReason says the code of a reason in words; false for one that there is not.
func CancelReason(value string) (words string, ok bool) {
	for _, o := range cancelReasons {
		if o.Value == value {
			return o.Label, true
		}
	}
	return "", false
}

// reopenWords say where a slip is undone to.
func reopenWords(status string) string {
	_, word, _ := statusWords(status)
	return "Back to " + strings.ToLower(word)
}

// word is what the step is called.
func (h StatusChange) word() string {
	_, word, _ := statusWords(h.Status)
	switch {
	case h.Moved && h.Status == "cancelled":
		return "Moved to another time"
	case h.Moved:
		return "Moved here"
	case h.Undone:
		return "Undone: " + strings.ToLower(word) + " again"
	}
	return word
}

// node is how a status looks in the story.
func node(status string) string {
	switch status {
	case StatePending:
		return "node is-warn"
	case StateNoShow:
		return "node is-bad"
	case "cancelled", StateFulfilled, "entered-in-error":
		return "node is-plain"
	}
	return "node"
}
