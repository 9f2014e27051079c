package views

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"anteroom/views/ui"
)

// Call is everything that is kept of a call, as far as this person may see it.
type Call struct {
	Shell Shell
	ID    string
	Began time.Time
	Now   time.Time

	Outcome string // empty until it is recorded
	Live    bool
	Watch   string // what tells whether something has become of it since; empty once all is known
	Facts   []Fact
	Strip   *Strip

	Agent   string
	Turns   []CallTurn
	Summary *CallTurn
	Blank   *ui.Blank // instead of the conversation
	Hidden  int       // places where something was taken out
	Locked  int       // of those, what is not for this role
	Erased  bool      // the patient's key is gone

	Opened  *OpenedSpan // revealed to this answer alone
	Glass   *OpenGlass
	Problem string

	Results     []CallResult
	PatientURL  string
	Suggestions []SuggestionRow // said on this call, for those who change the record
	Story       []StoryItem
	Reruns      []CallRerun

	CanRerun bool   // reviewers, when the rules of today would make something else of it
	Waiting  int    // places that somebody is to decide about, for reviewers
	NewRules string // those of today
	Unread   bool   // a person should read whether anything was missed
	Read     bool   // somebody has
	CanMark  bool
	Kinds    []ui.Option // what a miss can be
}

// Fact is one thing about the call in the strip below the bar.
type Fact struct {
	Name  string
	Value string
	Agent bool
	Tone  string     // bad
	Runs  *time.Time // since when it grows
}

// CallTurn is what one side said.
type CallTurn struct {
	Seq     int
	Agent   bool
	Who     string
	At      string // 0:11
	Pieces  []Piece
	Latency string // 680 ms
	Slow    bool
	Missing bool // an answer whose time was not measured
	Tools   []TurnTool
}

// Piece is a part of a turn: readable text, or a place where something was taken out.
type Piece struct {
	Text string
	At   int // where the text begins in the turn, in bytes
	Span *HiddenSpan

	Change string // under other rules: added, removed, changed
	Now    string // what it would be called
}

// HiddenSpan is a chip.
type HiddenSpan struct {
	ID     string
	CallID string
	Kind   string // DATE_OF_BIRTH
	Mine   bool
	Erased bool
	Missed bool // a person marked it
	Open   *OpenedSpan
}

// OpenedSpan is what was taken out, for as long as it may be shown.
type OpenedSpan struct {
	ID    string
	Words string
	Until time.Time
	Left  time.Duration
	Why   string
}

// OpenGlass is the viewer's own hour with everything of this call, or of all calls of the patient.
type OpenGlass struct {
	ID      string
	Until   time.Time
	Why     string
	Patient bool
}

// TurnTool is a tool that was called after a turn.
type TurnTool struct {
	Name   string
	Took   string
	Failed bool
}

// CallResult is an appointment that was made or held on the call.
type CallResult struct {
	Href         string
	Name         string // of the patient, when this person may see it
	Status       string
	From, To     time.Time
	Service      string
	Practitioner string
}

// StoryItem is one step of the timeline.
type StoryItem struct {
	At     time.Time
	Day    string // its day, where that is another than the step's before
	Icon   string // empty: turns, folded into a dot
	Tone   string // is-warn, is-plain, is-bad, is-tool
	Title  string
	ID     bool // the title is a tool's name
	End    string
	Why    string
	By     *ui.Actor
	Href   string
	Solid  bool
	Recent bool
}

// CallRerun is what another rule set made of the call.
type CallRerun struct {
	From, To string
	At       time.Time
	By       ui.Actor
	Added    []CallChange
	Removed  []CallChange
	Named    []CallChange
}

// shownReruns: the rules come in a new version now and then, for years.
const shownReruns = 4

// title: under the same rules it was a person who decided about what they would let be read.
func (r CallRerun) title() string {
	if r.From == r.To {
		return "Decided about, rules " + r.To
	}
	return "Redacted again, rules " + r.From + " → " + r.To
}

// CallChange is a place that became different.
type CallChange struct {
	Seq   int
	Kind  string
	Now   string // what it is called now
	Times int
}

var kindWords = map[string]string{
	"PERSON": "name", "ADDRESS": "address", "LOCATION": "place", "PHONE": "phone", "EMAIL": "e-mail", "DATE": "date", "DATE_OF_BIRTH": "date of birth", "AGE": "age",
	"NATIONAL_ID": "national ID", "MEDICAL_RECORD_NUMBER": "record number", "CREDIT_CARD": "card number", "BANK_ACCOUNT": "bank account", "IP": "IP address", "URL": "web address",
	"ORGANIZATION": "organisation", "OTHER_ID": "other number", "CONDITION": "condition", "MEDICATION": "medication", "PROCEDURE": "procedure",
}

// KindWords say what was taken out: name, date of birth.
func KindWords(kind string) string {
	return cmp.Or(kindWords[kind], strings.ToLower(strings.ReplaceAll(kind, "_", " ")))
}

var callReasons = map[string]string{
	"treatment": "Treating the patient", "booking": "Booking or confirming who it is", "call-back": "Calling the patient back", "complaint": "Answering a complaint",
	"data-request": "Answering a request for data", "quality-review": "Checking the quality", "legal": "A legal duty", "emergency": "An emergency", "other": "Another reason",
}

// CallReason says a reason's code in words; empty for one that there is not.
func CallReason(code string) string { return callReasons[code] }

// CallReasons are the choices of a menu.
func CallReasons(codes []string) []ui.Option {
	list := make([]ui.Option, len(codes))
	for i, c := range codes {
		list[i] = ui.Option{Value: c, Label: CallReason(c)}
	}
	return list
}

// KindOptions are the choices of what a piece of text is.
func KindOptions(kinds []string) []ui.Option {
	list := make([]ui.Option, len(kinds))
	for i, k := range kinds {
		words := KindWords(k)
		list[i] = ui.Option{Value: k, Label: strings.ToUpper(words[:1]) + words[1:]}
	}
	return list
}

// Milliseconds is a duration as charts and rows say it: 1,184 ms.
func Milliseconds(ms int) string { return thousands(ms) + " ms" }

// CallLength is 2 min 24 s.
func CallLength(d time.Duration) string {
	s := int(d.Round(time.Second) / time.Second)
	switch {
	case s < 60:
		return fmt.Sprintf("%d s", s)
	case s%60 == 0:
		return fmt.Sprintf("%d min", s/60)
	}
	return fmt.Sprintf("%d min %d s", s/60, s%60)
}

func (s HiddenSpan) id() string { return "span-" + s.ID }

func (s HiddenSpan) href() string { return "/calls/" + s.CallID + "/spans/" + s.ID + "/reveal" }

func (t CallTurn) anchor() string { return "turn-" + strconv.Itoa(t.Seq) }

// title is when the call was, which is its name here: nothing in it tells whose it is.
func (m Call) title() string { return dayWords(m.Now, m.Began) + ", " + hm(m.Began) }

// dayWords is a day as near ones are called.
func dayWords(now, at time.Time) string {
	switch daysBetween(at, now) {
	case 0:
		return "Today"
	case 1:
		return "Yesterday"
	}
	if at.Year() == now.Year() {
		return at.Format("Mon 2 Jan")
	}
	return day(at)
}

// seconds is a length of time as attributes count it.
func seconds(d time.Duration) string { return strconv.Itoa(int(max(d, 0) / time.Second)) }

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

func places(n int) string {
	if n == 1 {
		return "1 place"
	}
	return thousands(n) + " places"
}

// CallSpan is the page, or the dialog, that asks why before it shows something.
type CallSpan struct {
	Shell   Shell
	CSRF    string
	Span    HiddenSpan
	Reasons []ui.Option
	Reason  string
	Words   string
	Problem string
	At      string // the field that the problem is with
}

func (m CallSpan) problem(field string) string {
	if field == m.At {
		return m.Problem
	}
	return ""
}

// CallGlass asks why before everything of a call, or of all calls of a patient, is opened for an hour.
type CallGlass struct {
	Shell   Shell
	CSRF    string
	Back    string // the address of the call, or of the patient
	Patient bool
	Reasons []ui.Option
	Reason  string
	Words   string
	Problem string
}

func (m CallGlass) title() string {
	if m.Patient {
		return "Open all calls of this patient for an hour?"
	}
	return "Open this call for an hour?"
}

func (m CallGlass) what() string {
	which := "this call"
	if m.Patient {
		which = "this patient’s calls"
	}
	return "You see every hidden place of " + which + " that you ask for, for one hour. It is for emergencies: your reason is read by a reviewer, who says whether it was justified."
}

func (m CallGlass) crumbs() []Crumb {
	if m.Patient {
		return []Crumb{{Label: "Patients", Href: "/patients"}, {Label: "Patient", Href: m.Back}}
	}
	return []Crumb{{Label: "Calls", Href: "/calls"}, {Label: "Call", Href: m.Back}}
}

// CallMiss is where a miss is marked without a script: first the turn, then its words.
type CallMiss struct {
	Shell   Shell
	CallID  string
	Kinds   []ui.Option
	Turns   []CallTurn
	Chosen  *CallTurn
	Text    string // of the chosen turn
	Words   []MissWord
	Kind    string   // as it was sent
	Ticked  []string // the same
	Problem string
}

// MissWord is one word of a turn, by its bytes.
type MissWord struct {
	Starts, Ends int
	Text         string
}

func (w MissWord) value() string { return strconv.Itoa(w.Starts) + "-" + strconv.Itoa(w.Ends) }
