package privacy

import (
	"strings"
	"unicode/utf8"
)

// RuleSet names the rules of Redact. Stored spans carry it: a newer one can run again over what is kept, and the difference be shown.
const RuleSet = "2026.11-8"

// Kind says what a span gives away. The words are the labels in the public log.
type Kind string

// The kinds. Which are routed where is said in the design, section 5.
const (
	Person       Kind = "PERSON"
	Address      Kind = "ADDRESS"
	Location     Kind = "LOCATION"
	Phone        Kind = "PHONE"
	Email        Kind = "EMAIL"
	Date         Kind = "DATE"
	DateOfBirth  Kind = "DATE_OF_BIRTH"
	Age          Kind = "AGE"
	NationalID   Kind = "NATIONAL_ID"
	RecordNumber Kind = "MEDICAL_RECORD_NUMBER"
	CreditCard   Kind = "CREDIT_CARD"
	BankAccount  Kind = "BANK_ACCOUNT"
	IPAddress    Kind = "IP"
	URL          Kind = "URL"
	Organization Kind = "ORGANIZATION"
	OtherID      Kind = "OTHER_ID"
	Condition    Kind = "CONDITION"
	Medication   Kind = "MEDICATION"
	Procedure    Kind = "PROCEDURE"
)

// Span is a piece of the text that must not be read: bytes, the end exclusive, both on rune borders.
type Span struct {
	Start, End int
	Kind       Kind
	Score      float32 // 0 to 1: how sure the rules are
}

// Turn is what one side said without interruption, as bytes of the text.
type Turn struct {
	Start, End int
	Speaker    string // any word, the same for the same side; empty: unknown
}

// Known is what is already known about the caller. It is found however it is said: in digits or words, spelled out, in pieces.
type Known struct {
	Names      []string // as written: "Adele Grant"
	Phones     []string
	Emails     []string
	Addresses  []string
	BirthDates []string // 1986-12-21
	IDs        []string // record, insurance and national numbers
}

// RedactInput is one call: its text, who said which part (none: labels at line starts are read), and what is known of the caller.
type RedactInput struct {
	Text  string
	Turns []Turn
	Known Known
}

// Redact finds what gives a person away. The spans are sorted, never overlap, and never cut a rune. It needs no network, no clock and
// no database, holds for any bytes, and takes time and memory proportional to the text.
//
// Three sources of knowledge, the cheapest first: what is known about the caller; shapes with checks; word lists and context, where the
// question that was asked counts as context. A failed check never releases a value whose context word stands beside it: people and speech
// engines garble digits.
func Redact(in RedactInput) []Span {
	if len(in.Text) <= longest {
		return redact(in)
	}
	var all []Span
	for at := 0; at < len(in.Text); {
		end := cutBefore(in.Text, at, at+longest)
		part := RedactInput{Text: in.Text[at:end], Known: in.Known}
		for _, t := range in.Turns {
			if t.Start < end && t.End > at {
				part.Turns = append(part.Turns, Turn{max(t.Start-at, 0), min(t.End, end) - at, t.Speaker})
			}
		}
		for _, s := range redact(part) {
			s.Start, s.End = s.Start+at, s.End+at
			all = append(all, s)
		}
		at = end
	}
	return all
}

// longest is what is read at once: ten hours of talk. A longer text is read in parts cut at lines, so that memory has a bound.
const longest = 1 << 19

// cutBefore answers where a part that begins at from and should end before to is best cut: after a line, a space, or at least a rune.
func cutBefore(s string, from, to int) int {
	if to >= len(s) {
		return len(s)
	}
	if i := strings.LastIndexByte(s[from+longest/2:to], '\n'); i >= 0 {
		return from + longest/2 + i + 1
	}
	if i := strings.LastIndexByte(s[from+longest/2:to], ' '); i >= 0 {
		return from + longest/2 + i + 1
	}
	for i := to; i > to-utf8.UTFMax; i-- {
		if utf8.RuneStart(s[i]) {
			return i
		}
	}
	return to
}

func redact(in RedactInput) []Span {
	if len(in.Text) == 0 {
		return nil
	}
	d := docs.Get().(*doc)
	defer d.forget()
	return d.find(in).settle()
}

func (d *doc) find(in RedactInput) *doc {
	d.read(in)
	d.findKnown(in.Known)
	d.findNet()
	d.findPostcodes()
	d.findDates()
	d.findNumbers()
	d.findCardRest()
	d.findPlaces()
	d.findOrganizations()
	d.findPersons()
	d.findPieces()
	d.putRight()
	d.repeatStreets()
	d.findMedical()
	return d
}

// Label is what stands in the text for a span of this kind.
func (k Kind) Label() string { return "[" + string(k) + " REDACTED]" }

// Render answers the text with every span replaced by its label. Spans that are not in order or reach outside are left out.
func Render(text string, spans []Span) string {
	out := make([]byte, 0, len(text)+16*len(spans))
	at := 0
	for _, s := range spans {
		if s.Start < at || s.End > len(text) || s.Start >= s.End {
			continue
		}
		out = append(out, text[at:s.Start]...)
		out = append(out, s.Kind.Label()...)
		at = s.End
	}
	return string(append(out, text[at:]...))
}
