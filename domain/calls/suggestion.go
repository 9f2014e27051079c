package calls

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"

	"anteroom/domain/audit"
	"anteroom/domain/fault"
	"anteroom/domain/patients"
	"anteroom/domain/privacy"
	"anteroom/domain/tenancy"
)

// What became of a detail that was said on a call and that the patient's record did not have.
const (
	SuggestionOpen      = "open"
	SuggestionTaken     = "taken"
	SuggestionDismissed = "dismissed"
)

// Suggestion is such a detail: what it is, and where it was said. The words are shown by Reveal like all others.
type Suggestion struct {
	SpanID    uuid.UUID
	CallID    uuid.UUID
	PatientID uuid.UUID
	Kind      string // PHONE, EMAIL, ADDRESS
	StartedAt time.Time
}

const selectSuggestions = `select s.id as span_id, s.call_id, s.patient_id, s.kind, c.started_at from call_spans s join calls c on c.clinic_id = @clinic and c.id = s.call_id
 where s.clinic_id = @clinic and s.patient_id = @patient and s.suggested = 'open' and s.retired_at is null order by c.started_at desc, s.id`

// Suggestions are the details that a patient has said and that nobody has decided about, the newest first. The page that shows them records the view.
func Suggestions(ctx context.Context, tx *tenancy.Tx, patient uuid.UUID) ([]Suggestion, error) {
	return references[Suggestion](ctx, tx, selectSuggestions, patient)
}

// SuggestionOf answers one that is open. It says no more than the list does.
func SuggestionOf(ctx context.Context, tx *tenancy.Tx, patient, span uuid.UUID) (Suggestion, error) {
	list, err := Suggestions(ctx, tx, patient)
	if err != nil {
		return Suggestion{}, err
	}
	for _, s := range list {
		if s.SpanID == span {
			return s, nil
		}
	}
	return Suggestion{}, decidedAlready()
}

func decidedAlready() error {
	return fault.New(fault.Conflict, "decided-already", "Somebody has decided about this already.")
}

// TakeInput is a detail as it is to stand in the record: the person has seen or heard the words, and corrected them.
type TakeInput struct {
	PatientID uuid.UUID
	SpanID    uuid.UUID
	Value     string
	Seen      int // the version of the record that was seen
}

// TakeSuggestion puts a detail that was said on a call into the patient's record, in the place of what stood there, and closes the suggestion with
// all others of the same words. A bad value names its field; a record that was changed since is a Conflict. Recorded as patient.updated and
// suggestion.decided.
func (r *Records) TakeSuggestion(ctx context.Context, tx *tenancy.Tx, in TakeInput) error {
	s, err := SuggestionOf(ctx, tx, in.PatientID, in.SpanID)
	if err != nil {
		return err
	}
	p, err := r.patients.Get(ctx, tx, in.PatientID)
	if err != nil {
		return err
	}
	field := map[string]*string{string(privacy.Phone): &p.Phone, string(privacy.Email): &p.Email, string(privacy.Address): &p.Address}[s.Kind]
	if field == nil || strings.TrimSpace(in.Value) == "" {
		return fault.BadField("value", "Write what the record should hold.")
	}
	*field = in.Value
	if _, err := r.patients.Edit(ctx, tx, patients.EditInput{ID: in.PatientID, Details: p.Details, Seen: in.Seen}); err != nil {
		return err
	}
	return r.decide(ctx, tx, s, SuggestionTaken)
}

// DismissSuggestion leaves the record as it is, and closes the suggestion with all others of the same words. Recorded as suggestion.decided.
func (r *Records) DismissSuggestion(ctx context.Context, tx *tenancy.Tx, patient, span uuid.UUID) error {
	s, err := SuggestionOf(ctx, tx, patient, span)
	if err != nil {
		return err
	}
	return r.decide(ctx, tx, s, SuggestionDismissed)
}

const closeSuggestions = `update call_spans set suggested = @decision where clinic_id = @clinic and id = any(@ids::uuid[]) and suggested = 'open'`

func (r *Records) decide(ctx context.Context, tx *tenancy.Tx, s Suggestion, decision string) error {
	same, err := r.sameWords(ctx, tx, s)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, closeSuggestions, tenancy.Args{"clinic": tx.Clinic(), "ids": same, "decision": decision})
	if err != nil {
		return fmt.Errorf("decide about a suggestion: %w", err)
	}
	if n == 0 {
		return decidedAlready()
	}
	tx.Announce(callTopic, s.CallID)
	return audit.Record(ctx, tx, audit.Event{Action: "suggestion.decided", SubjectKind: "call-span", SubjectID: s.SpanID, Patients: []uuid.UUID{s.PatientID}, Reason: decision})
}

// sameWords are the open suggestions that say the same: it was told on several calls, or twice on one.
func (r *Records) sameWords(ctx context.Context, tx *tenancy.Tx, s Suggestion) ([]uuid.UUID, error) {
	keys, err := r.vault.Clinic(ctx, tx)
	if err != nil {
		return nil, fmt.Errorf("clinic keys: %w", err)
	}
	open, err := sealedSpans(ctx, tx, ` and s.patient_id = @patient and s.suggested = 'open' and s.kind = @kind`, tenancy.Args{"patient": s.PatientID, "kind": s.Kind})
	if err != nil {
		return nil, err
	}
	said := map[uuid.UUID]string{}
	for _, o := range open {
		words, err := o.open(keys)
		if err != nil {
			return nil, err
		}
		said[o.ID] = key(AsWritten(privacy.Kind(s.Kind), words))
	}
	same := []uuid.UUID{s.SpanID}
	for id, words := range said {
		if id != s.SpanID && words == said[s.SpanID] {
			same = append(same, id)
		}
	}
	return same, nil
}

var (
	spokenSigns  = map[string]string{"at": "@", "dot": ".", "point": ".", "underscore": "_", "dash": "-", "hyphen": "-", "plus": "+"}
	spokenDigits = map[string]string{"oh": "0", "o": "0", "nought": "0", "zero": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7",
		"eight": "8", "nine": "9", "plus": "+"}
)

// AsWritten is what was said as it is written, as far as that is certain: a number in digits, an e-mail address with its signs. It is a proposal that a
// person corrects; what it cannot read it leaves as it was said.
func AsWritten(kind privacy.Kind, words string) string {
	words = oneLine(words)
	switch kind {
	case privacy.Phone:
		return phoneAsWritten(words)
	case privacy.Email:
		var out strings.Builder
		for _, w := range strings.Fields(strings.ToLower(words)) {
			w = strings.TrimRight(w, ",;")
			if sign, is := spokenSigns[w]; is {
				w = sign
			}
			out.WriteString(w)
		}
		if strings.Count(out.String(), "@") == 1 {
			return out.String()
		}
	}
	return words
}

func phoneAsWritten(words string) string {
	var out strings.Builder
	times := 1
	for _, w := range strings.FieldsFunc(strings.ToLower(words), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '+' }) {
		digit, spoken := spokenDigits[w]
		switch {
		case w == "double":
			times = 2
			continue
		case w == "triple":
			times = 3
			continue
		case spoken:
			out.WriteString(strings.Repeat(digit, times))
		case strings.Trim(w, "+0123456789") == "":
			out.WriteString(w)
		case w != "and" && w != "uh" && w != "um":
			return words
		}
		times = 1
	}
	return out.String()
}
