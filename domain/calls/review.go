package calls

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/audit"
	"anteroom/domain/fault"
	"anteroom/domain/privacy"
	"anteroom/domain/tenancy"
)

// Kinds are what a reviewer can say that a piece of text is.
var Kinds = []privacy.Kind{privacy.Person, privacy.Phone, privacy.Email, privacy.Address, privacy.Location, privacy.Date, privacy.DateOfBirth, privacy.Age,
	privacy.NationalID, privacy.RecordNumber, privacy.CreditCard, privacy.BankAccount, privacy.Organization, privacy.Condition, privacy.Medication, privacy.Procedure,
	privacy.URL, privacy.IPAddress, privacy.OtherID}

// MissInput is a piece of a turn that the rules had left in. The text is given as the reviewer saw it, so that a mark on what has changed
// since is refused and not put elsewhere.
type MissInput struct {
	CallID uuid.UUID
	Seq    int // 0 is the summary
	Starts int // bytes of the redacted text
	Ends   int
	Seen   string // what stands there
	Kind   privacy.Kind
}

// MarkMiss takes out what the rules had missed, there and wherever else the same words stand in the call: sealed, counted, and found by search no
// more. It answers how many places that were. Everybody who may read calls may do it, since it only hides. Recorded as transcript.miss-marked.
func (r *Records) MarkMiss(ctx context.Context, tx *tenancy.Tx, in MissInput) (int, error) {
	if tx.Actor().Kind != tenancy.User {
		return 0, fault.New(fault.Forbidden, "people-only", "Only a person can do this.")
	}
	if !slices.Contains(Kinds, in.Kind) {
		return 0, fault.BadField("kind", "Say what it is.")
	}
	c, err := lockRecord(ctx, tx, `c.id = @id for no key update`, tenancy.Args{"clinic": tx.Clinic(), "id": in.CallID})
	if err != nil {
		return 0, err
	}
	texts, err := liveTexts(ctx, tx, c.ID)
	if err != nil {
		return 0, err
	}
	words, err := in.words(texts)
	if err != nil {
		return 0, err
	}
	keys, err := r.vault.Clinic(ctx, tx)
	if err != nil {
		return 0, fmt.Errorf("clinic keys: %w", err)
	}
	k := knowledge{patient: c.PatientID}
	if c.PatientID != nil {
		if k.key, err = patientKey(ctx, tx, r.patients, *c.PatientID); err != nil {
			return 0, err
		}
		if k.key == nil {
			return 0, fault.New(fault.Conflict, "patient-erased", "This patient was erased; their calls cannot be changed any more.")
		}
	}
	s := sealing{clinic: tx.Clinic(), call: c.ID, rules: c.RuleSet, missed: true, with: k.sealer(keys), patient: k.patient}
	for i := range texts {
		if err := texts[i].hide(words, in.Kind, &s); err != nil {
			return 0, err
		}
	}
	b := &pgx.Batch{}
	queueTexts(b, tx.Clinic(), c.ID, texts)
	s.queue(b)
	b.Queue(countSpans, tenancy.Args{"clinic": tx.Clinic(), "id": c.ID})
	if err := r.queueReview(ctx, tx, b, c); err != nil {
		return 0, err
	}
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return 0, fmt.Errorf("mark a miss: %w", err)
	}
	tx.Announce(callTopic, c.ID)
	whose := Call{PatientID: c.PatientID}
	return len(s.ids), audit.Record(ctx, tx, audit.Event{Action: "transcript.miss-marked", SubjectKind: "call", SubjectID: c.ID, Patients: whose.patients(), Reason: string(in.Kind)})
}

// words are what stands at the mark, checked.
func (in MissInput) words(texts []liveText) (string, error) {
	i := slices.IndexFunc(texts, func(t liveText) bool { return t.Seq == in.Seq })
	if i < 0 {
		return "", fault.New(fault.NotFound, "no-such-turn", "There is no such part of the call.")
	}
	t := texts[i]
	switch {
	case in.Starts < 0 || in.Ends > len(t.Text) || in.Starts >= in.Ends || !border(t.Text, in.Starts) || !border(t.Text, in.Ends), t.Text[in.Starts:in.Ends] != in.Seen:
		return "", fault.New(fault.Conflict, "text-changed", "The text has changed since you opened the page. Mark it again.")
	case slices.ContainsFunc(t.spans, func(s Span) bool { return s.Starts < in.Ends && in.Starts < s.Ends }):
		return "", fault.BadField("mark", "A part of this is hidden already. Mark only what can be read.")
	case strings.TrimSpace(in.Seen) == "":
		return "", fault.BadField("mark", "Mark the words that should not be seen.")
	}
	return strings.TrimSpace(in.Seen), nil
}

func border(s string, at int) bool { return at == len(s) || utf8.RuneStart(s[at]) }

// liveText is a turn with the spans that stand in it.
type liveText struct {
	Seq     int
	Speaker string
	Text    string
	spans   []Span
	changed bool
}

func liveTexts(ctx context.Context, tx *tenancy.Tx, call uuid.UUID) ([]liveText, error) {
	args := tenancy.Args{"clinic": tx.Clinic(), "id": call}
	var texts []liveText
	var spans []Span
	b := &pgx.Batch{}
	b.Queue(`select seq, speaker, text from call_turns where clinic_id = @clinic and call_id = @id order by seq for update`, args).Query(func(rows pgx.Rows) (err error) {
		texts, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (t liveText, err error) { return t, row.Scan(&t.Seq, &t.Speaker, &t.Text) })
		return err
	})
	b.Queue(selectSpans+` and s.call_id = @id order by s.seq, s.starts`, args).Query(func(rows pgx.Rows) (err error) {
		spans, err = pgx.CollectRows(rows, pgx.RowToStructByNameLax[Span])
		return err
	})
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return nil, fmt.Errorf("read the turns: %w", err)
	}
	for i := range texts {
		for len(spans) > 0 && spans[0].Seq == texts[i].Seq {
			texts[i].spans, spans = append(texts[i].spans, spans[0]), spans[1:]
		}
	}
	return texts, nil
}

// hide takes the words out wherever they stand as words, outside of what is hidden already.
func (t *liveText) hide(words string, kind privacy.Kind, s *sealing) error {
	label := kind.Label()
	for from := 0; ; {
		at, end := t.find(words, from)
		if at < 0 {
			return nil
		}
		said := t.Text[at:end]
		t.Text = t.Text[:at] + label + t.Text[end:]
		shift := len(label) - len(said)
		for i := range t.spans {
			if t.spans[i].Starts >= end {
				t.spans[i].Starts += shift
				t.spans[i].Ends += shift
			}
		}
		own := hidden{starts: at, ends: at + len(label), kind: kind, words: said}
		for i, earlier := range s.seqs { // marked just before, further on in this turn
			if earlier == t.Seq && s.starts[i] >= end {
				s.starts[i] += shift
				s.ends[i] += shift
			}
		}
		if err := s.add(t.Seq, own, false); err != nil {
			return err
		}
		t.spans = append(t.spans, Span{Seq: t.Seq, Starts: own.starts, Ends: own.ends})
		t.changed = true
		from = own.ends
	}
}

// find answers where the words stand next, whatever their case: -1 when nowhere.
func (t *liveText) find(words string, from int) (at, end int) {
	for at = from; at+len(words) <= len(t.Text); at++ {
		end = at + len(words)
		if !border(t.Text, at) || !border(t.Text, end) || !strings.EqualFold(t.Text[at:end], words) || insideWord(t.Text, at) || insideWord(t.Text, end) {
			continue
		}
		if !slices.ContainsFunc(t.spans, func(s Span) bool { return s.Starts < end && at < s.Ends }) {
			return at, end
		}
	}
	return -1, -1
}

// insideWord says whether letters or digits stand on both sides.
func insideWord(s string, at int) bool {
	before, _ := utf8.DecodeLastRuneInString(s[:at])
	after, _ := utf8.DecodeRuneInString(s[at:])
	return at > 0 && at < len(s) && key(string(before)) != "" && key(string(after)) != ""
}

const updateTexts = `update call_turns t set text = n.text from unnest(@seqs::int[], @texts::text[]) as n (seq, text)
where t.clinic_id = @clinic and t.call_id = @id and t.seq = n.seq`

const moveSpans = `update call_spans s set starts = n.starts, ends = n.ends from unnest(@ids::uuid[], @starts::int[], @ends::int[]) as n (id, starts, ends)
where s.clinic_id = @clinic and s.call_id = @id and s.id = n.id`

const countSpans = `update calls set spans = (select count(*) from call_spans s where s.clinic_id = @clinic and s.call_id = @id and s.retired_at is null)
where clinic_id = @clinic and id = @id`

// queueTexts writes what has changed, and indexes the call anew.
func queueTexts(b *pgx.Batch, clinic, call uuid.UUID, texts []liveText) {
	var seqs, starts, ends []int
	var words []string
	var ids []uuid.UUID
	indexed := make([]redacted, len(texts))
	for i, t := range texts {
		spans := slices.SortedFunc(slices.Values(t.spans), func(a, b Span) int { return a.Starts - b.Starts })
		indexed[i] = redacted{text: t.Text}
		for _, s := range spans {
			indexed[i].spans = append(indexed[i].spans, hidden{starts: s.Starts, ends: s.Ends})
		}
		if !t.changed {
			continue
		}
		seqs, words = append(seqs, t.Seq), append(words, t.Text)
		for _, s := range spans {
			if s.ID != uuid.Nil {
				ids, starts, ends = append(ids, s.ID), append(starts, s.Starts), append(ends, s.Ends)
			}
		}
	}
	b.Queue(updateTexts, tenancy.Args{"clinic": clinic, "id": call, "seqs": seqs, "texts": words})
	b.Queue(moveSpans, tenancy.Args{"clinic": clinic, "id": call, "ids": ids, "starts": starts, "ends": ends})
	b.Queue(indexCall, tenancy.Args{"clinic": clinic, "id": call, "words": searchWords(indexed)})
}

const countReview = `insert into redaction_reviews (clinic_id, call_id, rule_set, found, missed, reviewed_at)
select @clinic, @id, @rules, count(*) filter (where not missed), count(*) filter (where missed), @now from call_spans
 where clinic_id = @clinic and call_id = @id and retired_at is null
on conflict (clinic_id, call_id, rule_set) do update set found = excluded.found, missed = excluded.missed, reviewed_at = excluded.reviewed_at`

const closeCallReview = `update calls set review = 'done' where clinic_id = @clinic and id = @id`

// queueReview counts the call as read by a person: whoever marks a miss has read it.
func (r *Records) queueReview(ctx context.Context, tx *tenancy.Tx, b *pgx.Batch, c callRow) error {
	now, err := tx.Now(ctx)
	if err != nil {
		return err
	}
	b.Queue(countReview, tenancy.Args{"clinic": tx.Clinic(), "id": c.ID, "rules": c.RuleSet, "now": now})
	b.Queue(closeCallReview, tenancy.Args{"clinic": tx.Clinic(), "id": c.ID})
	return nil
}

// MarkReviewed says that a person has read the call and found nothing more to hide. Recall is measured over such calls. Recorded as
// transcript.reviewed.
func (r *Records) MarkReviewed(ctx context.Context, tx *tenancy.Tx, call uuid.UUID) error {
	if tx.Actor().Kind != tenancy.User {
		return fault.New(fault.Forbidden, "people-only", "Only a person can do this.")
	}
	c, err := lockRecord(ctx, tx, `c.id = @id for no key update`, tenancy.Args{"clinic": tx.Clinic(), "id": call})
	if err != nil {
		return err
	}
	if c.RuleSet == "" {
		return fault.New(fault.Conflict, "nothing-recorded", "There is no transcript of this call to review.")
	}
	b := &pgx.Batch{}
	if err := r.queueReview(ctx, tx, b, c); err != nil {
		return err
	}
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("review a call: %w", err)
	}
	whose := Call{PatientID: c.PatientID}
	return audit.Record(ctx, tx, audit.Event{Action: "transcript.reviewed", SubjectKind: "call", SubjectID: c.ID, Patients: whose.patients()})
}

// Recall is how much of what should be hidden a rule set has found, measured over the calls that people have read.
type Recall struct {
	RuleSet string
	Calls   int
	Found   int
	Missed  int
}

// Share is found/(found+missed), between 0 and 1; 1 when there was nothing to find.
func (r Recall) Share() float64 {
	if r.Found+r.Missed == 0 {
		return 1
	}
	return float64(r.Found) / float64(r.Found+r.Missed)
}

// MeasureRecall answers the recall of each rule set, the newest first.
func MeasureRecall(ctx context.Context, tx *tenancy.Tx) ([]Recall, error) {
	rows, err := tx.Query(ctx, `select rule_set, count(*)::int as calls, sum(found)::int as found, sum(missed)::int as missed
from redaction_reviews where clinic_id = @clinic group by rule_set order by max(reviewed_at) desc`, tenancy.Args{"clinic": tx.Clinic()})
	if err != nil {
		return nil, fmt.Errorf("measure recall: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Recall])
	if err != nil {
		return nil, fmt.Errorf("measure recall: %w", err)
	}
	return list, nil
}
