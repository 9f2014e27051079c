package calls

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/fault"
	"anteroom/domain/privacy"
	"anteroom/domain/tenancy"
)

// Difference is what another rule set made of a call.
type Difference struct {
	ID        uuid.UUID
	FromRules string
	ToRules   string
	Added     int // taken out now, and not before
	Removed   int // taken out before, and readable now
	Changes   []Change
	At        time.Time
	Actor     string
}

// Change is one of them: a place in the text as it is after the run, or, in a Comparison, as it is before.
type Change struct {
	What   string `json:"what"` // added, removed, changed
	Seq    int    `json:"seq"`
	Kind   string `json:"kind"`
	Now    string `json:"now,omitempty"` // of a changed one, and of one that is partly hidden still: what it is called now
	Starts int    `json:"starts"`
	Ends   int    `json:"ends"`
	span   uuid.UUID
}

// Span is the stored span that would be no more; uuid.Nil for what would be hidden besides.
func (c Change) Span() uuid.UUID { return c.span }

const selectReruns = `select id, from_rules, to_rules, added, removed, changes, at, actor from redaction_reruns where clinic_id = @clinic and call_id = @id order by at desc, id desc`

// RuleSet names the rules that these records are redacted by.
func (r *Records) RuleSet() string { return r.rules }

// Comparison is what this program's rules would make of a call, and nothing has been made of yet.
type Comparison struct {
	CallID    uuid.UUID
	FromRules string // that redacted it; the same as ToRules once what is hidden besides has been hidden by itself
	ToRules   string
	Turns     []ComparedTurn // those with a difference
	Print     string         // for Rerun: what was looked at
}

// ComparedTurn is a turn as it can be read now, and where it would become different.
type ComparedTurn struct {
	Said
	Changes []Change // in order
}

// Count is how many places would be added, removed or changed.
func (c Comparison) Count(what string) (n int) {
	for _, t := range c.Turns {
		for _, x := range t.Changes {
			if x.What == what {
				n++
			}
		}
	}
	return n
}

// Compare shows what this program's rules would make of a call, without making it so. What a person has marked stays hidden whatever they say. For
// those who review. A call whose patient was erased cannot be read again: Conflict. Recorded as transcript.compared.
func (r *Records) Compare(ctx context.Context, tx *tenancy.Tx, call uuid.UUID) (Comparison, error) {
	if err := mustReview(tx); err != nil {
		return Comparison{}, err
	}
	n, err := r.prepare(ctx, tx, call)
	if err != nil {
		return Comparison{}, err
	}
	c := Comparison{CallID: call, FromRules: n.call.RuleSet, ToRules: r.rules, Print: n.print()}
	if c.Turns, err = n.compared(ctx, tx, r); err != nil {
		return Comparison{}, err
	}
	return c, n.record(ctx, tx, "transcript.compared")
}

// compared are the turns with a difference, as this viewer can read them.
func (n *rerun) compared(ctx context.Context, tx *tenancy.Tx, r *Records) (list []ComparedTurn, err error) {
	mine, err := r.rightsTo(ctx, tx, n.call.ID, n.call.PatientID)
	if err != nil {
		return nil, err
	}
	for i, o := range n.before {
		changes := n.changes(i)
		if len(changes) == 0 {
			continue
		}
		t := ComparedTurn{Said: Said{Seq: o.seq, Speaker: o.speaker, Text: n.texts[i].Text}, Changes: changes}
		for _, s := range n.texts[i].spans {
			s.Mine = mine.may(s)
			t.Spans = append(t.Spans, s)
		}
		list = append(list, t)
	}
	return list, nil
}

// RerunInput is what a person has decided about a Comparison.
type RerunInput struct {
	CallID  uuid.UUID
	Seen    string      // its Print
	Keep    []uuid.UUID // spans that stay hidden although the rules would let them be read
	KeepAll bool        // nothing becomes readable, and nothing is called otherwise: only what is found besides is hidden
}

// Rerun makes the difference that a person has seen. What they keep hidden is theirs from then on, like a mark of a miss: it counts as missed by the rules, and
// no later rule set takes it back. A call that has changed since it was compared is a Conflict. For those who review. Recorded as
// transcript.rerun, or transcript.kept with KeepAll.
func (r *Records) Rerun(ctx context.Context, tx *tenancy.Tx, in RerunInput) (Difference, error) {
	if err := mustReview(tx); err != nil {
		return Difference{}, err
	}
	n, err := r.prepare(ctx, tx, in.CallID)
	if err != nil {
		return Difference{}, err
	}
	if in.Seen != n.print() {
		return Difference{}, fault.New(fault.Conflict, "call-changed", "This call has changed since you compared. Look at the difference again.")
	}
	n.decided = true
	for i, o := range n.before {
		for _, c := range n.changes(i) {
			if c.What == ChangeRemoved && (in.KeepAll || slices.Contains(in.Keep, c.span)) {
				n.kept = append(n.kept, c.span)
			}
		}
		held := func(b originalSpan) bool { return in.KeepAll || slices.Contains(n.kept, b.id) || n.holds(i, b) }
		if err := n.apply(o, n.found[i], held); err != nil {
			return Difference{}, err
		}
	}
	action := "transcript.rerun"
	if in.KeepAll {
		action = "transcript.kept"
	}
	return n.store(ctx, tx, r, action)
}

// prepare locks a call, puts its words back in memory, and runs the rules over them.
func (r *Records) prepare(ctx context.Context, tx *tenancy.Tx, call uuid.UUID) (*rerun, error) {
	c, err := lockRecord(ctx, tx, `c.id = @id for no key update`, tenancy.Args{"clinic": tx.Clinic(), "id": call})
	if err != nil {
		return nil, err
	}
	if c.RuleSet == "" {
		return nil, fault.New(fault.Conflict, "nothing-recorded", "There is no transcript of this call.")
	}
	if privacy.Older(r.rules, c.RuleSet) {
		return nil, fault.New(fault.Conflict, "newer-rules", "Newer rules than these have redacted this call already.")
	}
	keys, err := r.vault.Clinic(ctx, tx)
	if err != nil {
		return nil, fmt.Errorf("clinic keys: %w", err)
	}
	n := &rerun{call: c}
	if n.texts, err = liveTexts(ctx, tx, c.ID); err != nil {
		return nil, err
	}
	if n.before, err = originals(ctx, tx, keys, c, n.texts); err != nil {
		return nil, err
	}
	k, err := r.know(ctx, tx, keys, c, report{})
	if err != nil {
		return nil, err
	}
	if c.PatientID == nil { // a second run takes nobody in who was not there
		k.patient, k.key = nil, nil
	}
	n.sealing = sealing{clinic: tx.Clinic(), call: c.ID, rules: r.rules, with: k.sealer(keys), patient: k.patient}
	said := make([]redacted, len(n.before))
	for i, o := range n.before {
		said[i] = redacted{seq: o.seq, speaker: o.speaker, text: o.text}
	}
	n.found = r.findAll(said, k)
	return n, nil
}

// originals puts the words back, in memory only.
func originals(ctx context.Context, tx *tenancy.Tx, keys *privacy.ClinicKeys, c callRow, texts []liveText) ([]original, error) {
	spans, err := sealedSpans(ctx, tx, ` and s.call_id = @id order by s.seq, s.starts`, tenancy.Args{"id": c.ID})
	if err != nil {
		return nil, err
	}
	out := make([]original, len(texts))
	for i, t := range texts {
		o := original{seq: t.Seq, speaker: t.Speaker}
		var whole strings.Builder
		at := 0
		for len(spans) > 0 && spans[0].Seq == t.Seq {
			s := spans[0]
			spans = spans[1:]
			if s.Erased {
				return nil, fault.New(fault.Conflict, "patient-erased", "This patient was erased; their calls cannot be read again.")
			}
			words, err := s.open(keys)
			if err != nil {
				return nil, err
			}
			whole.WriteString(t.Text[at:s.Starts])
			start := whole.Len()
			whole.WriteString(words)
			o.spans = append(o.spans, originalSpan{start: start, end: whole.Len(), kind: privacy.Kind(s.Kind), id: s.ID, missed: s.Missed})
			o.labels = append(o.labels, hidden{starts: s.Starts, ends: s.Ends})
			at = s.Ends
		}
		whole.WriteString(t.Text[at:])
		o.text = whole.String()
		out[i] = o
	}
	return out, nil
}

func sealedSpans(ctx context.Context, tx *tenancy.Tx, where string, args tenancy.Args) ([]sealedSpan, error) {
	args["clinic"] = tx.Clinic()
	rows, err := tx.Query(ctx, selectSpan+where, args)
	if err != nil {
		return nil, fmt.Errorf("read what was taken out: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByNameLax[sealedSpan])
	if err != nil {
		return nil, fmt.Errorf("read what was taken out: %w", err)
	}
	return list, nil
}
