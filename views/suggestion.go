package views

import (
	"time"

	"anteroom/views/ui"
)

// SuggestionRow is a detail that was said on a call and that the patient's record does not have.
type SuggestionRow struct {
	URL  string
	Kind string
	At   time.Time // of the call
}

// Suggestion is where somebody decides about one.
type Suggestion struct {
	Shell     Shell
	PatientID string
	Name      string
	SpanID    string
	Kind      string
	CallURL   string
	At        time.Time
	Has       string // in the record; empty when it has nothing of the kind
	Version   string // of the record

	Reasons []ui.Option
	Reason  string
	Words   string
	Problem string

	Heard        string // what was said, for a minute
	Until        time.Time
	Typing       bool // the form again, without what was said
	Value        string
	FieldProblem string
}

func (m Suggestion) address() string { return "/patients/" + m.PatientID + "/suggestions/" + m.SpanID }

var newDetail = map[string]string{"PHONE": "Another phone number", "EMAIL": "Another e-mail address", "ADDRESS": "Another address"}

func (m Suggestion) title() string {
	if m.Has == "" {
		return map[string]string{"PHONE": "A phone number", "EMAIL": "An e-mail address", "ADDRESS": "An address"}[m.Kind] + " was said on a call"
	}
	return newDetail[m.Kind] + " was said on a call"
}

func (m Suggestion) detail() string {
	return map[string]string{"PHONE": "Phone", "EMAIL": "E-mail", "ADDRESS": "Address"}[m.Kind]
}
