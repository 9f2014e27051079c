package calls

import (
	"strings"
	"unicode/utf8"

	"anteroom/domain/privacy"
)

// redacted is a turn with what gives people away taken out of it.
type redacted struct {
	seq     int
	speaker string
	text    string
	at      *int64
	took    *int64
	spans   []hidden
}

// hidden is what was taken out: the place of its label in the redacted text, and the words, which must be sealed.
type hidden struct {
	starts, ends int
	kind         privacy.Kind
	words        string
	sure         float32
}

// redactAll takes out of every turn and of the summary what gives people away.
func (r *Records) redactAll(said report, k knowledge) []redacted {
	texts := make([]redacted, 0, len(said.turns)+1)
	for i, t := range said.turns {
		texts = append(texts, redacted{seq: i + 1, speaker: t.speaker, text: t.text, at: t.startsMS, took: t.tookMS})
	}
	if said.summary != "" {
		texts = append(texts, redacted{speaker: SpeakerSummary, text: said.summary})
	}
	for i, spans := range r.findAll(texts, k) {
		texts[i].takeOut(spans)
	}
	return texts
}

// findAll reads the whole talk at once, since a question by one side says what the answer of the other is. The summary is read with what was
// found in the talk.
func (r *Records) findAll(texts []redacted, k knowledge) [][]privacy.Span {
	found := make([][]privacy.Span, len(texts))
	var talk, summaries []redacted
	var places, rest []int
	for i, t := range texts {
		if t.speaker == SpeakerSummary {
			summaries, rest = append(summaries, t), append(rest, i)
		} else {
			talk, places = append(talk, t), append(places, i)
		}
	}
	for i, spans := range r.spansOf(talk, k) {
		found[places[i]] = spans
		for _, s := range spans {
			switch words := talk[i].text[s.Start:s.End]; {
			case s.Kind == privacy.Person && len(words) > 2:
				k.known.Names = append(k.known.Names, words)
			case s.Kind == privacy.Email:
				k.known.Emails = append(k.known.Emails, words)
			}
		}
	}
	if len(summaries) > 0 {
		for i, spans := range r.spansOf(summaries, k) {
			found[rest[i]] = spans
		}
	}
	return found
}

// spansOf are the spans of each text, as bytes of that text.
func (r *Records) spansOf(texts []redacted, k knowledge) [][]privacy.Span {
	var whole strings.Builder
	in := privacy.RedactInput{Known: k.known}
	for _, t := range texts {
		start := whole.Len()
		whole.WriteString(t.text)
		in.Turns = append(in.Turns, privacy.Turn{Start: start, End: whole.Len(), Speaker: t.speaker})
		whole.WriteByte('\n')
	}
	in.Text = whole.String()
	spans := r.redact(in)
	each := make([][]privacy.Span, len(texts))
	for i, turn := range in.Turns {
		for len(spans) > 0 && spans[0].End <= turn.Start {
			spans = spans[1:]
		}
		for _, s := range spans {
			from, to := max(s.Start, turn.Start), min(s.End, turn.End)
			if s.Start >= turn.End {
				break
			}
			if from < to && !k.isPublic(s.Kind, in.Text[from:to]) {
				each[i] = append(each[i], privacy.Span{Start: from - turn.Start, End: to - turn.Start, Kind: s.Kind, Score: s.Score})
			}
		}
	}
	return each
}

// takeOut puts labels in the place of the spans, which are sorted and do not overlap.
func (t *redacted) takeOut(spans []privacy.Span) {
	var out strings.Builder
	at := 0
	t.spans = nil
	for _, s := range spans {
		out.WriteString(t.text[at:s.Start])
		start := out.Len()
		out.WriteString(s.Kind.Label())
		t.spans = append(t.spans, hidden{starts: start, ends: out.Len(), kind: s.Kind, words: t.text[s.Start:s.End], sure: s.Score})
		at = s.End
	}
	out.WriteString(t.text[at:])
	t.text = out.String()
}

// sizeOf is all that is told of how long the words were.
func sizeOf(words string) string {
	switch n := utf8.RuneCountInString(words); {
	case n <= 4:
		return "short"
	case n <= 12:
		return "medium"
	}
	return "long"
}

// Where what was taken out goes.
const (
	RoutePatient = "patient" // who and how to reach them: suggested for the patient's record, and seen by the front desk
	RouteNotes   = "notes"   // medical: for those who treat
	RouteVault   = "vault"   // identifiers and all the rest
)

func routeOf(kind privacy.Kind) string {
	switch kind {
	case privacy.Person, privacy.Phone, privacy.Email, privacy.Address:
		return RoutePatient
	case privacy.Condition, privacy.Medication, privacy.Procedure:
		return RouteNotes
	}
	return RouteVault
}
