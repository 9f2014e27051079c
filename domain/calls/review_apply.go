package calls

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/audit"
	"anteroom/domain/privacy"
	"anteroom/domain/tenancy"
)

// rerun is a call under its lock, with its words in memory, what the rules find in them, and what is about to be stored.
type rerun struct {
	call   callRow
	texts  []liveText
	before []original
	found  [][]privacy.Span

	decided bool // by a person

	sealing sealing // what is taken out besides
	after   []liveText
	stays   []uuid.UUID // the same as before, and by the rules of today
	marked  []uuid.UUID // of those, what a person had marked and the rules now find
	kept    []uuid.UUID // of those, what a person wants hidden although the rules would not
	gone    []uuid.UUID // no more
	made    []Change
	waiting int // what the rules would make besides, and nobody has decided about
}

// holds: what a person has marked stays, unless the rules now hide all of it themselves.
func (n *rerun) holds(i int, b originalSpan) bool {
	if !b.missed {
		return false
	}
	found := make([]originalSpan, len(n.found[i]))
	for j, f := range n.found[i] {
		found[j] = originalSpan{start: f.Start, end: f.End}
	}
	return !n.before[i].covered(b, found)
}

// changes are what the rules would make of a turn, where it stands in the text of now.
func (n *rerun) changes(i int) []Change {
	o := n.before[i]
	all, _ := o.lay(n.found[i], func(b originalSpan) bool { return n.holds(i, b) })
	return changesIn(o.seq, o.differ(all), o.spans, o.labels)
}

// print tells one difference from another.
func (n *rerun) print() string {
	all := []any{n.call.ID, n.call.RuleSet, n.sealing.rules}
	for i := range n.before {
		for _, c := range n.changes(i) {
			all = append(all, c, c.span)
		}
	}
	b, err := json.Marshal(all)
	if err != nil {
		panic(err) // texts and numbers
	}
	sum := sha256.Sum256(b)
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}

// apply lays what was found over a turn, and notes what is to be stored.
func (n *rerun) apply(o original, found []privacy.Span, held func(originalSpan) bool) error {
	all, marked := o.lay(found, held)
	n.marked = append(n.marked, marked...)
	plain := make([]privacy.Span, len(all))
	for i, s := range all {
		plain[i] = privacy.Span{Start: s.start, End: s.end, Kind: s.kind}
	}
	out := redacted{seq: o.seq, text: o.text}
	out.takeOut(plain)
	live := liveText{Seq: o.seq, Speaker: o.speaker, Text: out.text, changed: true}
	for i, s := range all {
		t := out.spans[i]
		live.spans = append(live.spans, Span{ID: s.id, Seq: o.seq, Starts: t.starts, Ends: t.ends})
		again := slices.ContainsFunc(found, func(f privacy.Span) bool { return f.Start == s.start && f.End == s.end && f.Kind == s.kind })
		switch {
		case s.id != uuid.Nil && (again || s.missed || n.decided):
			n.stays = append(n.stays, s.id)
		case s.id != uuid.Nil: // held until somebody decides: the rules of today did not find it
		default:
			if err := n.sealing.add(o.seq, t, false); err != nil {
				return err
			}
		}
	}
	n.after = append(n.after, live)
	for _, b := range o.spans {
		if !slices.ContainsFunc(all, func(s originalSpan) bool { return s.id == b.id }) {
			n.gone = append(n.gone, b.id)
		}
	}
	n.made = append(n.made, changesIn(o.seq, o.differ(all), all, out.spans)...)
	return nil
}

const keepSpans = `update call_spans set rule_set = @rules, missed = missed and id <> all(@marked::uuid[]) or id = any(@kept::uuid[]) where clinic_id = @clinic and id = any(@ids::uuid[])`

const retireSpans = `update call_spans set retired_at = @now where clinic_id = @clinic and id = any(@ids::uuid[])`

const insertRerun = `insert into redaction_reruns (clinic_id, id, call_id, from_rules, to_rules, added, removed, changes, at)
values (@clinic, @id, @call, @from, @to, @added, @removed, @changes, @at)`

// A call that a person has read counts for the new rules as well, once nothing of it waits to be decided. Where something was let stand it is to be read again.
const rereview = `update calls set rule_set = @rules, waiting = @waiting, review = case when @removed > 0 and review = 'done' then 'wanted' else review end
where clinic_id = @clinic and id = @id`

const recount = `insert into redaction_reviews (clinic_id, call_id, rule_set, found, missed, reviewed_at)
select @clinic, @id, @rules, count(*) filter (where not s.missed), count(*) filter (where s.missed), @now from call_spans s
 where s.clinic_id = @clinic and s.call_id = @id and s.retired_at is null and exists (select from calls c where c.clinic_id = @clinic and c.id = @id and c.review = 'done' and c.waiting = 0)
having count(*) > 0
on conflict (clinic_id, call_id, rule_set) do update set found = excluded.found, missed = excluded.missed, reviewed_at = excluded.reviewed_at`

// store writes it in one round trip. A run that makes no difference and that nobody asked for only notes the rules.
func (n *rerun) store(ctx context.Context, tx *tenancy.Tx, r *Records, action string) (Difference, error) {
	now, err := tx.Now(ctx)
	if err != nil {
		return Difference{}, err
	}
	d := Difference{ID: tenancy.NewID(), FromRules: n.call.RuleSet, ToRules: r.rules, Changes: orNone(n.made), At: now, Actor: tx.Actor().String()}
	for _, c := range n.made {
		switch c.What {
		case ChangeAdded:
			d.Added++
		case ChangeRemoved:
			d.Removed++
		}
	}
	told := n.decided || len(n.made) > 0 || n.waiting > 0
	if err := n.write(ctx, tx, d, told); err != nil || !told {
		return d, err
	}
	tx.Announce(callTopic, n.call.ID)
	return d, n.record(ctx, tx, action)
}

func (n *rerun) write(ctx context.Context, tx *tenancy.Tx, d Difference, told bool) error {
	args := func(more tenancy.Args) tenancy.Args {
		more["clinic"], more["id"], more["rules"], more["now"] = tx.Clinic(), n.call.ID, d.ToRules, d.At
		return more
	}
	b := &pgx.Batch{}
	b.Queue(retireSpans, args(tenancy.Args{"ids": n.gone}))
	if len(n.made) > 0 {
		queueTexts(b, tx.Clinic(), n.call.ID, n.after)
	}
	b.Queue(keepSpans, args(tenancy.Args{"ids": n.stays, "marked": orNoIDs(n.marked), "kept": orNoIDs(n.kept)}))
	n.sealing.queue(b)
	if told {
		b.Queue(insertRerun, tenancy.Args{"clinic": tx.Clinic(), "id": d.ID, "call": n.call.ID, "from": d.FromRules, "to": d.ToRules, "added": d.Added, "removed": d.Removed,
			"changes": d.Changes, "at": d.At})
	}
	b.Queue(rereview, args(tenancy.Args{"removed": d.Removed, "waiting": n.waiting}))
	b.Queue(recount, args(tenancy.Args{}))
	b.Queue(countSpans, tenancy.Args{"clinic": tx.Clinic(), "id": n.call.ID})
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("store the second run: %w", err)
	}
	return nil
}

func (n *rerun) record(ctx context.Context, tx *tenancy.Tx, action string) error {
	whose := Call{PatientID: n.call.PatientID}
	return audit.Record(ctx, tx, audit.Event{Action: action, SubjectKind: "call", SubjectID: n.call.ID, Patients: whose.patients(), Reason: n.sealing.rules})
}

func orNone(changes []Change) []Change {
	if changes == nil {
		return []Change{}
	}
	return changes
}

func orNoIDs(ids []uuid.UUID) []uuid.UUID {
	if ids == nil {
		return []uuid.UUID{}
	}
	return ids
}
