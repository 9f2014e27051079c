package calls

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/audit"
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

// Change is one of them: a place in the text as it is after the run.
type Change struct {
	What   string `json:"what"` // added, removed
	Seq    int    `json:"seq"`
	Kind   string `json:"kind"`
	Starts int    `json:"starts"`
	Ends   int    `json:"ends"`
}

const selectReruns = `select id, from_rules, to_rules, added, removed, changes, at, actor from redaction_reruns where clinic_id = @clinic and call_id = @id order by at desc, id desc`

// Outdated answers the calls that another rule set than this program's has redacted, the newest first.
func (r *Records) Outdated(ctx context.Context, tx *tenancy.Tx, most int) ([]uuid.UUID, error) {
	rows, err := tx.Query(ctx, `select id from calls where clinic_id = @clinic and recorded_at is not null and rule_set not in ('', @rules) order by started_at desc limit @most`,
		tenancy.Args{"clinic": tx.Clinic(), "rules": r.rules, "most": most})
	if err != nil {
		return nil, fmt.Errorf("find calls under older rules: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("find calls under older rules: %w", err)
	}
	return ids, nil
}

// Rerun redacts a call again under this program's rule set, and answers what became different. What a person has marked stays hidden. For those
// who review, and the program itself. A call whose patient was erased cannot be read again: Conflict. Recorded as transcript.rerun.
func (r *Records) Rerun(ctx context.Context, tx *tenancy.Tx, call uuid.UUID) (Difference, error) {
	if tx.Actor().Kind != tenancy.System {
		if err := mustReview(tx); err != nil {
			return Difference{}, err
		}
	}
	c, err := lockRecord(ctx, tx, `c.id = @id for no key update`, tenancy.Args{"clinic": tx.Clinic(), "id": call})
	if err != nil {
		return Difference{}, err
	}
	if c.RuleSet == "" {
		return Difference{}, fault.New(fault.Conflict, "nothing-recorded", "There is no transcript of this call.")
	}
	keys, err := r.vault.Clinic(ctx, tx)
	if err != nil {
		return Difference{}, fmt.Errorf("clinic keys: %w", err)
	}
	before, err := r.originals(ctx, tx, keys, c)
	if err != nil {
		return Difference{}, err
	}
	k, err := r.know(ctx, tx, keys, c, report{})
	if err != nil {
		return Difference{}, err
	}
	if c.PatientID == nil { // a second run takes nobody in who was not there
		k.patient, k.key = nil, nil
	}
	run := rerun{before: before, marked: []uuid.UUID{}, sealing: sealing{clinic: tx.Clinic(), call: c.ID, rules: r.rules, with: k.sealer(keys), patient: k.patient}}
	if err := run.again(r, k); err != nil {
		return Difference{}, err
	}
	now, err := tx.Now(ctx)
	if err != nil {
		return Difference{}, err
	}
	d := Difference{ID: tenancy.NewID(), FromRules: c.RuleSet, ToRules: r.rules, Added: len(run.sealing.ids), Removed: len(run.gone), Changes: run.changes, At: now,
		Actor: tx.Actor().String()}
	if err := run.store(ctx, tx, d, c); err != nil {
		return Difference{}, err
	}
	tx.Announce(callTopic, c.ID)
	whose := Call{PatientID: c.PatientID}
	return d, audit.Record(ctx, tx, audit.Event{Action: "transcript.rerun", SubjectKind: "call", SubjectID: c.ID, Patients: whose.patients(), Reason: r.rules})
}

// original is a turn as it was said, with the places of what had been taken out of it.
type original struct {
	seq     int
	speaker string
	text    string
	spans   []originalSpan
}

type originalSpan struct {
	start, end int
	kind       privacy.Kind
	id         uuid.UUID // of the stored span; uuid.Nil for a new one
	missed     bool
}

// originals puts the words back, in memory only.
func (r *Records) originals(ctx context.Context, tx *tenancy.Tx, keys *privacy.ClinicKeys, c callRow) ([]original, error) {
	texts, err := liveTexts(ctx, tx, c.ID)
	if err != nil {
		return nil, err
	}
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

type rerun struct {
	before  []original
	sealing sealing // what is taken out besides
	after   []liveText
	stays   []uuid.UUID // found again
	marked  []uuid.UUID // of those, what a person had marked and the rules now find
	gone    []uuid.UUID // readable now
	changes []Change
}

// again runs the rules and lays the two results over each other.
func (n *rerun) again(r *Records, k knowledge) error {
	fresh := make([]redacted, 0, len(n.before))
	for _, o := range n.before {
		fresh = append(fresh, redacted{seq: o.seq, speaker: o.speaker, text: o.text})
	}
	found := r.spansOf(fresh, k)
	for i, o := range n.before {
		if err := n.lay(o, found[i]); err != nil {
			return err
		}
	}
	return nil
}

// lay takes the new spans, and beside them what a person has marked and they do not cover.
func (n *rerun) lay(o original, spans []privacy.Span) error {
	var all []originalSpan
	for _, s := range spans {
		f := originalSpan{start: s.Start, end: s.End, kind: s.Kind}
		if i := slices.IndexFunc(o.spans, func(b originalSpan) bool { return b.start == s.Start && b.end == s.End && b.kind == s.Kind }); i >= 0 {
			f.id = o.spans[i].id
			if o.spans[i].missed {
				n.marked = append(n.marked, f.id)
			}
		}
		all = append(all, f)
	}
	for _, b := range o.spans {
		covered := slices.ContainsFunc(all, func(s originalSpan) bool { return s.start < b.end && b.start < s.end })
		if b.missed && !covered {
			all = append(all, b)
		}
	}
	slices.SortFunc(all, func(a, b originalSpan) int { return a.start - b.start })
	out := redacted{seq: o.seq, text: o.text}
	plain := make([]privacy.Span, len(all))
	for i, s := range all {
		plain[i] = privacy.Span{Start: s.start, End: s.end, Kind: s.kind}
	}
	out.takeOut(plain)
	live := liveText{Seq: o.seq, Speaker: o.speaker, Text: out.text, changed: true}
	for i, s := range all {
		t := out.spans[i]
		live.spans = append(live.spans, Span{ID: s.id, Seq: o.seq, Starts: t.starts, Ends: t.ends})
		if s.id != uuid.Nil {
			n.stays = append(n.stays, s.id)
			continue
		}
		if err := n.sealing.add(o.seq, t, false); err != nil {
			return err
		}
		n.changes = append(n.changes, Change{What: "added", Seq: o.seq, Kind: string(s.kind), Starts: t.starts, Ends: t.ends})
	}
	n.after = append(n.after, live)
	for _, b := range o.spans {
		if !slices.ContainsFunc(all, func(s originalSpan) bool { return s.id == b.id }) {
			n.gone = append(n.gone, b.id)
			start, end := shown(b, all, out.spans)
			n.changes = append(n.changes, Change{What: "removed", Seq: o.seq, Kind: string(b.kind), Starts: start, Ends: end})
		}
	}
	return nil
}

// shown is where the words of b stand in the new text: as they are, or inside of the label that took their place.
func shown(b originalSpan, all []originalSpan, labels []hidden) (start, end int) {
	start, end = b.start, b.end
	for i, s := range all {
		switch {
		case s.end <= b.start:
			shift := (labels[i].ends - labels[i].starts) - (s.end - s.start)
			start, end = start+shift, end+shift
		case s.start < b.end:
			return labels[i].starts, labels[i].ends
		}
	}
	return start, end
}

const keepSpans = `update call_spans set rule_set = @rules, missed = missed and id <> all(@marked::uuid[]) where clinic_id = @clinic and id = any(@ids::uuid[])`

const retireSpans = `update call_spans set retired_at = @now where clinic_id = @clinic and id = any(@ids::uuid[])`

const insertRerun = `insert into redaction_reruns (clinic_id, id, call_id, from_rules, to_rules, added, removed, changes, at)
values (@clinic, @id, @call, @from, @to, @added, @removed, @changes, @at)`

// A call that a person has read counts for the new rules as well, unless these let something stand: then it is to be read again.
const rereview = `update calls set rule_set = @rules, review = case when @removed > 0 and review = 'done' then 'wanted' else review end where clinic_id = @clinic and id = @id`

const recount = `insert into redaction_reviews (clinic_id, call_id, rule_set, found, missed, reviewed_at)
select @clinic, @id, @rules, count(*) filter (where not s.missed), count(*) filter (where s.missed), @now from call_spans s
 where s.clinic_id = @clinic and s.call_id = @id and s.retired_at is null and exists (select from calls c where c.clinic_id = @clinic and c.id = @id and c.review = 'done')
having count(*) > 0
on conflict (clinic_id, call_id, rule_set) do update set found = excluded.found, missed = excluded.missed, reviewed_at = excluded.reviewed_at`

func (n *rerun) store(ctx context.Context, tx *tenancy.Tx, d Difference, c callRow) error {
	args := func(more tenancy.Args) tenancy.Args {
		more["clinic"], more["rules"], more["now"] = tx.Clinic(), d.ToRules, d.At
		return more
	}
	b := &pgx.Batch{}
	b.Queue(retireSpans, args(tenancy.Args{"ids": n.gone}))
	queueTexts(b, tx.Clinic(), c.ID, n.after)
	b.Queue(keepSpans, args(tenancy.Args{"ids": n.stays, "marked": n.marked}))
	n.sealing.queue(b)
	b.Queue(insertRerun, args(tenancy.Args{"id": d.ID, "call": c.ID, "from": d.FromRules, "to": d.ToRules, "added": d.Added, "removed": d.Removed, "changes": orNone(d.Changes), "at": d.At}))
	b.Queue(rereview, args(tenancy.Args{"id": c.ID, "removed": d.Removed}))
	b.Queue(recount, args(tenancy.Args{"id": c.ID}))
	b.Queue(countSpans, args(tenancy.Args{"id": c.ID}))
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("store the second run: %w", err)
	}
	return nil
}

func orNone(changes []Change) []Change {
	if changes == nil {
		return []Change{}
	}
	return changes
}
