// Package ui holds the components every page is made of. They take plain values
// and know nothing of the clinic; look and behaviour come from static/css and static/js.
package ui

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"anteroom/static"
)

// CSRFField is the name of the hidden input every form carries; the same token
// goes with htmx requests in the header CSRFHeader.
const (
	CSRFField  = "_csrf"
	CSRFHeader = "X-CSRF-Token"
)

// Kind says what a button, badge, banner or toast means.
type Kind string

// The kinds. Primary is used once on a page; ink is the best next action in a list.
const (
	Plain     Kind = ""
	Primary   Kind = "primary"
	Ink       Kind = "ink"
	Danger    Kind = "danger"
	Ghost     Kind = "ghost"
	Amber     Kind = "amber"
	AmberLine Kind = "amber-line"
	OK        Kind = "ok"
	Warn      Kind = "warn"
	Bad       Kind = "bad"
	Info      Kind = "info"
	Accent    Kind = "accent"
)

// Size of a button: 32 px alone, 28 in bars, 24 in blocks, 44 where a patient touches it.
type Size string

// The sizes; the zero value is 32 px.
const (
	Small Size = "sm"
	Tiny  Size = "xs"
	Large Size = "lg"
)

// Button is what a button says and does. With Href it is a link.
type Button struct {
	Label string
	Icon  string // Lucide name
	Href  string
	Kind  Kind
	Size  Size
	Name  string // submitted with Value when pressed
	Value string
	Type  string // "submit" unless said otherwise
	Form  string // id of the form it submits, when it stands outside
	Only  bool   // draw the icon only; the label is still read
	Wide  bool
	Opens string // id of the dialog it opens
}

func (b Button) class() string {
	c := []string{"btn"}
	if b.Kind != Plain {
		c = append(c, "btn-"+string(b.Kind))
	}
	if b.Size != "" {
		c = append(c, "btn-"+string(b.Size))
	}
	if b.Only {
		c = append(c, "btn-icon")
	}
	if b.Wide {
		c = append(c, "btn-wide")
	}
	return strings.Join(c, " ")
}

func (b Button) kind() string {
	if b.Type == "" {
		return "submit"
	}
	return b.Type
}

// Option is one choice of a select.
type Option struct {
	Value string
	Label string
}

// Field is one labelled control with what was typed, a hint and what is wrong with it.
type Field struct {
	Name         string
	ID           string // Name unless the page has two of them
	Label        string
	Value        string
	Type         string // text unless said otherwise: email, password, tel, date, time, number
	Hint         string
	Error        string
	Optional     bool
	Required     bool
	Autofocus    bool
	Autocomplete string
	InputMode    string
	Placeholder  string
	MaxLength    string
	Min          string
	Max          string
	Step         string
	List         string // id of a datalist
	Options      []Option
	Empty        string // the first, valueless option of a select
	Rows         string
	HideLabel    bool
	ReadOnly     bool
	AutoSubmit   bool // a script submits the form when this changes
}

func (f Field) id() string {
	if f.ID != "" {
		return f.ID
	}
	return "f-" + f.Name
}

func (f Field) kind() string {
	if f.Type == "" {
		return "text"
	}
	return f.Type
}

func (f Field) describedBy() string {
	switch {
	case f.Error != "" && f.Hint != "":
		return f.id() + "-error " + f.id() + "-hint"
	case f.Error != "":
		return f.id() + "-error"
	case f.Hint != "":
		return f.id() + "-hint"
	}
	return ""
}

// Problem is one line of the summary above a form, linked to its field.
type Problem struct {
	FieldID string
	Message string
}

// Link is a place to go: a tab, a crumb, an entry of a list.
type Link struct {
	Label   string
	Href    string
	Current bool
	Count   string
}

// Blank is an empty, denied or failed state: what it is, why, and the one next step.
type Blank struct {
	Icon  string
	Title string
	Words string
	Do    *Button
}

// Pager is where in a long list one stands.
type Pager struct {
	Words string // "1 to 50 of 1,204"
	Prev  string
	Next  string
}

// Countdown is a clock that runs out. Left is what it says without script.
type Countdown struct {
	ExpiresAt time.Time
	Left      time.Duration
	Total     time.Duration
	Words     string // read before the time: "Hold ends in"
}

// Undo is the way back from what a toast says, while there is one.
type Undo struct {
	Action string // where its form posts to
	CSRF   string
	Left   time.Duration
	Total  time.Duration
}

// ActorKind is who acts; the shape says it: people round, agents square, the system an outline.
type ActorKind string

// The actors.
const (
	Person ActorKind = "person"
	Agent  ActorKind = "agent"
	System ActorKind = "system"
	Key    ActorKind = "key"
	ByLink ActorKind = "link"
)

// Actor is who did something.
type Actor struct {
	Kind ActorKind
	Name string
}

// Initials are at most two letters of a person's name, without titles.
func Initials(name string) string {
	var out []rune
	words := strings.Fields(name)
	for i, w := range words {
		if i == 0 && len(words) > 1 && isTitle(w) {
			continue
		}
		for _, r := range w {
			if unicode.IsLetter(r) {
				out = append(out, unicode.ToUpper(r))
				break
			}
		}
	}
	if len(out) > 2 {
		out = []rune{out[0], out[len(out)-1]}
	}
	return string(out)
}

func isTitle(w string) bool {
	switch strings.TrimSuffix(strings.ToLower(w), ".") {
	case "dr", "prof", "mr", "mrs", "ms", "mx":
		return true
	}
	return false
}

// Clock formats what is left as minutes and seconds, never below zero.
func Clock(d time.Duration) string {
	s := int(max(d, 0).Round(time.Second) / time.Second)
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

func seconds(d time.Duration) string {
	return strconv.Itoa(int(max(d, 0) / time.Second))
}

func iconHref(name string) string {
	return static.Path("img/icons.svg") + "#" + name
}

func utc(t time.Time) string { return t.UTC().Format(time.RFC3339) }
