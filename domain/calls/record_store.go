package calls

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/text/unicode/norm"

	"anteroom/domain/privacy"
	"anteroom/domain/tenancy"
)

// entry is a call as it is about to be stored.
type entry struct {
	knowledge
	call    callRow
	said    report
	texts   []redacted
	outcome string
}

// sealer is the patient's key where the patient is known.
func (k knowledge) sealer(keys *privacy.ClinicKeys) sealer {
	if k.key != nil {
		return k.key
	}
	return keys
}

const recordCall = `update calls set
  started_at = coalesce(@started, started_at), ended_at = coalesce(@ended, ended_at, @now),
  ended_reason = case when ended_reason = '' then @reason else ended_reason end,
  outcome = @outcome, cost_cents = coalesce(@cents, cost_cents), recorded_at = coalesce(recorded_at, @now),
  rule_set = case when rule_set = '' then @rules else rule_set end, spans = spans + @spans,
  review = case when review = 'none' and @unsure then 'wanted' else review end,
  patient_id = coalesce(@patient, patient_id), caller = case when @erased then null else coalesce(@caller, caller) end,
  caller_token = case when @erased then null else caller_token end, caller_key = coalesce(@caller_key, caller_key), known = case when @erased then null else coalesce(@known, known) end
where clinic_id = @clinic and id = @id`

const insertTurns = `insert into call_turns (clinic_id, call_id, seq, speaker, text, starts_ms, took_ms)
select @clinic, @id, t.seq, t.speaker, t.text, t.at, t.took from unnest(@seqs::int[], @speakers::text[], @texts::text[], @ats::bigint[], @tooks::bigint[]) as t (seq, speaker, text, at, took)`

const insertSpans = `insert into call_spans (clinic_id, id, call_id, seq, starts, ends, kind, size, rule_set, route, suggested, missed, patient_id, sealed)
select @clinic, t.id, @call, t.seq, t.starts, t.ends, t.kind, t.size, @rules, t.route, t.suggested, @missed, @patient, t.sealed
from unnest(@ids::uuid[], @seqs::int[], @starts::int[], @ends::int[], @kinds::text[], @sizes::text[], @routes::text[], @suggests::text[], @sealed::bytea[])
  as t (id, seq, starts, ends, kind, size, route, suggested, sealed)`

const insertTools = `insert into call_tools (clinic_id, call_id, n, tool_call_id, name, starts_ms, ends_ms)
select @clinic, @id, t.n, t.tool, t.name, t.starts, t.ends from unnest(@ns::int[], @tools::text[], @names::text[], @starts::bigint[], @ends::bigint[])
  as t (n, tool, name, starts, ends) on conflict do nothing`

const insertMetrics = `insert into call_metrics (clinic_id, call_id, turn_ms, endpointing_ms, transcriber_ms, model_ms, voice_ms, from_transport_ms, to_transport_ms,
  user_interruptions, assistant_interruptions)
values (@clinic, @id, @turn, @endpointing, @transcriber, @model, @voice, @from, @to, @user, @assistant) on conflict do nothing`

const insertLatencies = `insert into call_latencies (clinic_id, call_id, n, turn_ms, endpointing_ms, transcriber_ms, model_ms, voice_ms, from_transport_ms, to_transport_ms)
select @clinic, @id, t.n - 1, t.a, t.b, t.c, t.d, t.e, t.f, t.g
from unnest(@turn::int[], @endpointing::int[], @transcriber::int[], @model::int[], @voice::int[], @from::int[], @to::int[]) with ordinality as t (a, b, c, d, e, f, g, n)
on conflict do nothing`

// Words come folded from Go; 'simple' leaves them as they are.
const indexCall = `insert into call_search (clinic_id, call_id, words) values (@clinic, @id, strip(to_tsvector('simple', @words)))
on conflict (clinic_id, call_id) do update set words = excluded.words`

// store writes everything in one round trip.
func (r *Records) store(ctx context.Context, tx *tenancy.Tx, keys *privacy.ClinicKeys, e entry) error {
	now, err := tx.Now(ctx)
	if err != nil {
		return err
	}
	b := &pgx.Batch{}
	args, err := r.callArgs(tx, keys, e, now)
	if err != nil {
		return err
	}
	b.Queue(recordCall, args)
	e.queueTurns(b, tx.Clinic())
	s := sealing{clinic: tx.Clinic(), call: e.call.ID, rules: r.rules, with: e.sealer(keys), patient: e.patient}
	for _, t := range e.texts {
		for _, k := range t.spans {
			if err := s.add(t.seq, k, e.suggests(t.speaker, k)); err != nil {
				return err
			}
		}
	}
	s.queue(b)
	e.queueTools(b, tx.Clinic())
	e.queueMetrics(b, tx.Clinic())
	if len(e.texts) > 0 && e.call.Turns == 0 {
		b.Queue(indexCall, tenancy.Args{"clinic": tx.Clinic(), "id": e.call.ID, "words": searchWords(e.texts)})
	}
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("store the call: %w", err)
	}
	return nil
}

func (r *Records) callArgs(tx *tenancy.Tx, keys *privacy.ClinicKeys, e entry, now time.Time) (tenancy.Args, error) {
	args := tenancy.Args{"clinic": tx.Clinic(), "id": e.call.ID, "now": now, "started": past(e.said.startedAt, now), "ended": past(e.said.endedAt, now),
		"reason": e.said.endedReason, "outcome": e.outcome, "cents": e.said.cents, "rules": "", "spans": 0, "unsure": false, "patient": e.patient, "erased": e.erased, "caller": nil, "caller_key": nil}
	if len(e.texts) > 0 {
		args["rules"] = r.rules
	}
	spans, unsure := 0, false
	for _, t := range e.texts {
		spans += len(t.spans)
		for _, s := range t.spans {
			unsure = unsure || s.sure < sureEnough
		}
	}
	args["spans"], args["unsure"] = spans, unsure
	var err error
	if args["known"], err = e.told.seal(e.call.ID, e.sealer(keys)); err != nil {
		return nil, err
	}
	if e.key == nil || e.call.CallerKey == "patient" {
		return args, nil
	}
	args["caller_key"] = "patient"
	args["caller"], err = reseal(callerField(e.call.ID), e.call.Caller, keys, e.key)
	return args, err
}

// reseal takes a value from one key to another; nothing stays nothing.
func reseal(f privacy.Field, sealed []byte, from, to sealer) ([]byte, error) {
	if sealed == nil {
		return nil, nil
	}
	plain, err := from.Open(f, sealed)
	if err != nil {
		return nil, err
	}
	return to.Seal(f, plain)
}

// sureEnough: a call with a span that the rules were less sure of is to be read by a person.
const sureEnough = 0.55

// past is a time that the platform told, unless it lies in the future.
func past(t, now time.Time) *time.Time {
	if t.IsZero() || t.After(now) {
		return nil
	}
	return &t
}

func (e entry) queueTurns(b *pgx.Batch, clinic uuid.UUID) {
	n := len(e.texts)
	if n == 0 {
		return
	}
	seqs, speakers, texts, ats, tooks := make([]int, n), make([]string, n), make([]string, n), make([]*int64, n), make([]*int64, n)
	for i, t := range e.texts {
		seqs[i], speakers[i], texts[i], ats[i], tooks[i] = t.seq, t.speaker, t.text, t.at, t.took
	}
	b.Queue(insertTurns, tenancy.Args{"clinic": clinic, "id": e.call.ID, "seqs": seqs, "speakers": speakers, "texts": texts, "ats": ats, "tooks": tooks})
}

func (e entry) queueTools(b *pgx.Batch, clinic uuid.UUID) {
	n := len(e.said.tools)
	if n == 0 {
		return
	}
	ns, tools, names, starts, ends := make([]int, n), make([]string, n), make([]string, n), make([]*int64, n), make([]*int64, n)
	for i, t := range e.said.tools {
		ns[i], tools[i], names[i], starts[i], ends[i] = i, t.id, t.name, t.startsMS, t.endsMS
	}
	b.Queue(insertTools, tenancy.Args{"clinic": clinic, "id": e.call.ID, "ns": ns, "tools": tools, "names": names, "starts": starts, "ends": ends})
}

func (e entry) queueMetrics(b *pgx.Batch, clinic uuid.UUID) {
	if a := e.said.average; a != nil {
		b.Queue(insertMetrics, tenancy.Args{"clinic": clinic, "id": e.call.ID, "turn": a.TurnMS, "endpointing": a.EndpointingMS, "transcriber": a.TranscriberMS,
			"model": a.ModelMS, "voice": a.VoiceMS, "from": a.FromTransportMS, "to": a.ToTransportMS, "user": e.said.barged.user, "assistant": e.said.barged.assistant})
	}
	if len(e.said.latencies) == 0 {
		return
	}
	args := tenancy.Args{"clinic": clinic, "id": e.call.ID}
	for name, of := range map[string]func(Latency) *int{"turn": func(l Latency) *int { return l.TurnMS }, "endpointing": func(l Latency) *int { return l.EndpointingMS },
		"transcriber": func(l Latency) *int { return l.TranscriberMS }, "model": func(l Latency) *int { return l.ModelMS }, "voice": func(l Latency) *int { return l.VoiceMS },
		"from": func(l Latency) *int { return l.FromTransportMS }, "to": func(l Latency) *int { return l.ToTransportMS }} {
		column := make([]*int, len(e.said.latencies))
		for i, l := range e.said.latencies {
			column[i] = of(l)
		}
		args[name] = column
	}
	b.Queue(insertLatencies, args)
}

// spanField is where the words of a span are sealed.
func spanField(id uuid.UUID) privacy.Field {
	return privacy.Field{Table: "call_spans", Column: "sealed", Row: id}
}

// sealing gathers spans that are to be stored.
type sealing struct {
	clinic, call uuid.UUID
	rules        string
	missed       bool
	with         sealer
	patient      *uuid.UUID

	ids                               []uuid.UUID
	seqs, starts, ends                []int
	kinds, sizes, routes, suggestions []string
	sealed                            [][]byte
}

func (s *sealing) add(seq int, t hidden, suggested bool) error {
	id := tenancy.NewID()
	sealed, err := s.with.Seal(spanField(id), []byte(t.words))
	if err != nil {
		return err
	}
	suggestion := ""
	if suggested {
		suggestion = SuggestionOpen
	}
	s.ids, s.seqs, s.starts, s.ends = append(s.ids, id), append(s.seqs, seq), append(s.starts, t.starts), append(s.ends, t.ends)
	s.kinds, s.sizes, s.routes = append(s.kinds, string(t.kind)), append(s.sizes, sizeOf(t.words)), append(s.routes, routeOf(t.kind))
	s.suggestions, s.sealed = append(s.suggestions, suggestion), append(s.sealed, sealed)
	return nil
}

func (s *sealing) queue(b *pgx.Batch) {
	if len(s.ids) == 0 {
		return
	}
	b.Queue(insertSpans, tenancy.Args{"clinic": s.clinic, "call": s.call, "rules": s.rules, "missed": s.missed, "patient": s.patient, "ids": s.ids, "seqs": s.seqs,
		"starts": s.starts, "ends": s.ends, "kinds": s.kinds, "sizes": s.sizes, "routes": s.routes, "suggests": s.suggestions, "sealed": s.sealed})
}

// searchWords are the words by which a call is found: without labels, and without the marks on letters.
func searchWords(texts []redacted) string {
	var out strings.Builder
	for _, t := range texts {
		at := 0
		for _, s := range t.spans {
			out.WriteString(t.text[at:s.starts])
			at = s.ends
		}
		out.WriteString(t.text[at:])
		out.WriteByte(' ')
	}
	return fold(out.String())
}

// fold takes case and accents off, and all that is no letter or digit: what is typed and what was said meet there.
func fold(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r):
			return -1
		case unicode.IsLetter(r), unicode.IsDigit(r):
			return unicode.ToLower(r)
		}
		return ' '
	}, norm.NFKD.String(s))
	return strings.Join(strings.Fields(s), " ")
}
