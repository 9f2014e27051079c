package calls

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/audit"
	"anteroom/domain/fault"
	"anteroom/domain/patients"
	"anteroom/domain/privacy"
	"anteroom/domain/tenancy"
)

func noSuchCall() error { return fault.New(fault.NotFound, "no-such-call", "There is no such call.") }

// callerNumber opens the line's number, whichever key seals it; empty when it was withheld, or the patient is erased.
func (r *Records) callerNumber(ctx context.Context, tx *tenancy.Tx, keys *privacy.ClinicKeys, c callRow) (string, error) {
	return openCaller(ctx, tx, keys, r.patients, c.ID, c.Caller, c.CallerKey, c.PatientID)
}

func openCaller(ctx context.Context, tx *tenancy.Tx, keys *privacy.ClinicKeys, d *patients.Directory, call uuid.UUID, sealed []byte, under string, patient *uuid.UUID) (string, error) {
	if sealed == nil {
		return "", nil
	}
	var with sealer = keys
	if under == "patient" {
		key, err := patientKey(ctx, tx, d, *patient)
		if err != nil || key == nil {
			return "", err
		}
		with = key
	}
	number, err := with.Open(callerField(call), sealed)
	return string(number), err
}

// Call is a call as the list and its page show it. It holds nothing that names the caller but the masked number.
type Call struct {
	ID          uuid.UUID
	AgentID     *uuid.UUID
	Agent       string // its name; empty when it cannot be told
	Direction   string // of the agent
	PatientID   *uuid.UUID
	StartedAt   time.Time
	EndedAt     *time.Time // nil: it goes on
	EndedReason string     // the platform's code
	Outcome     string     // empty until it is recorded
	CostCents   *int64
	RecordedAt  *time.Time
	RuleSet     string // that redacted it
	Spans       int    // how many pieces were taken out
	Review      string // none, wanted, done
	Waiting     int    // places that its rules would treat otherwise, and nobody has decided about
	Caller      string `db:"-"` // masked: 07••• •••123; empty when withheld or erased
}

// Record is everything that is kept of a call.
type Record struct {
	Call
	Summary       *Said  // nil when there is none
	Turns         []Said // in order
	Tools         []ToolUse
	Average       *Latency // nil: not told
	Interruptions Interruptions
	Latencies     []Latency    // one for each of the agent's answers
	Appointments  []uuid.UUID  // made or held on this call
	Reruns        []Difference // the newest first
	Glass         *GlassBreak  // the viewer's own that is open for this call now
}

// Interruptions is how often one side spoke into the other's words. Nil was not told.
type Interruptions struct{ ByCaller, ByAgent *int }

// Said is one turn as it can be read.
type Said struct {
	Seq      int // 0 is the summary
	Speaker  string
	Text     string
	StartsMS *int64
	TookMS   *int64
	Spans    []Span `db:"-"` // in order
}

// Span is a piece that was taken out of a turn.
type Span struct {
	ID        uuid.UUID
	CallID    uuid.UUID
	Seq       int
	Starts    int // where the label stands in the turn's text, in bytes
	Ends      int
	Kind      string // PERSON, PHONE, …
	Size      string // of what stood there: short, medium, long
	RuleSet   string
	Route     string // patient, notes, vault
	Suggested string // open, taken, dismissed: a detail for the patient's record
	Missed    bool   // a person marked it
	PatientID *uuid.UUID
	Erased    bool // the patient's key is gone: nobody can see it any more
	Mine      bool // this viewer may reveal it, with a reason
}

// ToolUse is a tool call: as the platform told of it, as we answered it, or both.
type ToolUse struct {
	Name     string
	StartsMS *int64     // in the call; nil: the report does not say
	EndsMS   *int64     // when the result came back
	At       *time.Time // when we were asked; nil: not our tool, or it has not arrived
	OwnMS    *float64   // how long we took
	Failed   bool       // we answered with an error
}

const selectCalls = `select c.id, c.agent_id, coalesce(a.name, '') as agent, coalesce(a.direction, '') as direction, c.patient_id, c.started_at, c.ended_at, c.ended_reason,
  c.outcome, c.cost_cents, c.recorded_at, c.rule_set, c.spans, c.review, c.waiting, c.caller as sealed, c.caller_key, p.wrapped_key
from calls c left join agents a on a.clinic_id = @clinic and a.id = c.agent_id left join patients p on p.clinic_id = @clinic and p.id = c.patient_id
where c.clinic_id = @clinic`

// sealedCall is a Call with its number and the keys to it, read in one statement: a key that is being changed never meets a value of the other.
type sealedCall struct {
	Call
	Sealed     []byte
	CallerKey  string
	WrappedKey []byte
}

func (s sealedCall) open(keys *privacy.ClinicKeys, country string) (Call, error) {
	c := s.Call
	if s.Sealed == nil || s.CallerKey == "patient" && s.WrappedKey == nil {
		return c, nil
	}
	var with sealer = keys
	if s.CallerKey == "patient" {
		key, err := keys.Patient(*s.PatientID, s.WrappedKey)
		if err != nil {
			return c, err
		}
		with = key
	}
	number, err := with.Open(callerField(c.ID), s.Sealed)
	c.Caller = patients.MaskPhone(string(number), country)
	return c, err
}

func (r *Records) collectCalls(ctx context.Context, tx *tenancy.Tx, sql string, args tenancy.Args) ([]Call, error) {
	keys, err := r.vault.Clinic(ctx, tx)
	if err != nil {
		return nil, fmt.Errorf("clinic keys: %w", err)
	}
	args["clinic"] = tx.Clinic()
	var country string
	var found []sealedCall
	b := &pgx.Batch{}
	b.Queue(`select country from clinics where clinic_id = @clinic`, args).QueryRow(func(row pgx.Row) error { return row.Scan(&country) })
	b.Queue(selectCalls+sql, args).Query(func(rows pgx.Rows) (err error) {
		found, err = pgx.CollectRows(rows, pgx.RowToStructByName[sealedCall])
		return err
	})
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return nil, fmt.Errorf("read calls: %w", err)
	}
	list := make([]Call, len(found))
	for i, s := range found {
		if list[i], err = s.open(keys, country); err != nil {
			return nil, err
		}
	}
	return list, nil
}

const selectTurns = `select seq, speaker, text, starts_ms, took_ms from call_turns where clinic_id = @clinic and call_id = @id order by seq`

const selectSpans = `select s.id, s.call_id, s.seq, s.starts, s.ends, s.kind, s.size, s.rule_set, s.route, s.suggested, s.missed, s.patient_id,
  s.patient_id is not null and p.wrapped_key is null as erased
from call_spans s left join patients p on p.clinic_id = @clinic and p.id = s.patient_id
where s.clinic_id = @clinic and s.retired_at is null`

const selectTools = `select tool_call_id, name, starts_ms, ends_ms from call_tools where clinic_id = @clinic and call_id = @id order by n`

const selectAnswered = `select tool_call_id, name, at, took_micros::float8 / 1000 as own_ms, failed from tool_calls where clinic_id = @clinic and call_id = @id order by at, id`

const selectAverage = `select turn_ms, endpointing_ms, transcriber_ms, model_ms, voice_ms, from_transport_ms, to_transport_ms, user_interruptions, assistant_interruptions
from call_metrics where clinic_id = @clinic and call_id = @id`

const selectLatencies = `select turn_ms, endpointing_ms, transcriber_ms, model_ms, voice_ms, from_transport_ms, to_transport_ms
from call_latencies where clinic_id = @clinic and call_id = @id order by n`

const selectMade = `select a.id from appointments a join calls c on c.clinic_id = @clinic and c.vapi_call_id = a.call_id
where a.clinic_id = @clinic and c.id = @id and a.call_id <> '' order by a.created_at, a.id`

// Get answers all that is kept of a call, for whoever may see calls, and records call.viewed. What was taken out is not in it: see Reveal.
func (r *Records) Get(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) (Record, error) {
	found, err := r.collectCalls(ctx, tx, ` and c.id = @id`, tenancy.Args{"id": id})
	if err != nil {
		return Record{}, err
	}
	if len(found) == 0 {
		return Record{}, noSuchCall()
	}
	rec := Record{Call: found[0]}
	if err := rec.read(ctx, tx); err != nil {
		return Record{}, fmt.Errorf("read the call: %w", err)
	}
	if err := r.mark(ctx, tx, &rec); err != nil {
		return Record{}, err
	}
	return rec, audit.Record(ctx, tx, audit.Event{Action: "call.viewed", SubjectKind: "call", SubjectID: id, Patients: rec.patients()})
}

func (c Call) patients() []uuid.UUID {
	if c.PatientID == nil {
		return nil
	}
	return []uuid.UUID{*c.PatientID}
}

func (rec *Record) read(ctx context.Context, tx *tenancy.Tx) error {
	args := tenancy.Args{"clinic": tx.Clinic(), "id": rec.ID}
	var turns []Said
	var spans []Span
	var told []toolMention
	var answered []answeredTool
	b := &pgx.Batch{}
	b.Queue(selectTurns, args).Query(func(rows pgx.Rows) (err error) {
		turns, err = pgx.CollectRows(rows, pgx.RowToStructByNameLax[Said])
		return err
	})
	b.Queue(selectSpans+` and s.call_id = @id order by s.seq, s.starts`, args).Query(func(rows pgx.Rows) (err error) {
		spans, err = pgx.CollectRows(rows, pgx.RowToStructByNameLax[Span])
		return err
	})
	b.Queue(selectTools, args).Query(func(rows pgx.Rows) (err error) {
		told, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (t toolMention, err error) {
			return t, row.Scan(&t.id, &t.name, &t.startsMS, &t.endsMS)
		})
		return err
	})
	b.Queue(selectAnswered, args).Query(func(rows pgx.Rows) (err error) {
		answered, err = pgx.CollectRows(rows, pgx.RowToStructByName[answeredTool])
		return err
	})
	b.Queue(selectAverage, args).Query(func(rows pgx.Rows) error { return rec.readAverage(rows) })
	b.Queue(selectLatencies, args).Query(func(rows pgx.Rows) (err error) {
		rec.Latencies, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Latency])
		return err
	})
	b.Queue(selectMade, args).Query(func(rows pgx.Rows) (err error) {
		rec.Appointments, err = pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
		return err
	})
	b.Queue(selectReruns, args).Query(func(rows pgx.Rows) (err error) {
		rec.Reruns, err = pgx.CollectRows(rows, pgx.RowToStructByName[Difference])
		return err
	})
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return err
	}
	rec.arrange(turns, spans)
	rec.Tools = joinTools(told, answered)
	return nil
}

func (rec *Record) readAverage(rows pgx.Rows) error {
	defer rows.Close()
	if rows.Next() {
		a, i := &Latency{}, &rec.Interruptions
		if err := rows.Scan(&a.TurnMS, &a.EndpointingMS, &a.TranscriberMS, &a.ModelMS, &a.VoiceMS, &a.FromTransportMS, &a.ToTransportMS, &i.ByCaller, &i.ByAgent); err != nil {
			return err
		}
		rec.Average = a
	}
	return rows.Err()
}

func (rec *Record) arrange(turns []Said, spans []Span) {
	for _, t := range turns {
		for len(spans) > 0 && spans[0].Seq == t.Seq {
			t.Spans, spans = append(t.Spans, spans[0]), spans[1:]
		}
		if t.Speaker == SpeakerSummary {
			rec.Summary = &t
			continue
		}
		rec.Turns = append(rec.Turns, t)
	}
}

type answeredTool struct {
	ToolCallID string
	Name       string
	At         time.Time
	OwnMS      *float64
	Failed     bool
}

// joinTools pairs what the report tells with what we answered, by the tool call's id. Ids come again with other arguments: the first goes
// with the first.
func joinTools(told []toolMention, answered []answeredTool) []ToolUse {
	uses := make([]ToolUse, 0, max(len(told), len(answered)))
	for _, t := range told {
		use := ToolUse{Name: t.name, StartsMS: t.startsMS, EndsMS: t.endsMS}
		if i := slices.IndexFunc(answered, func(a answeredTool) bool { return a.ToolCallID == t.id }); i >= 0 {
			use = use.with(answered[i])
			answered = slices.Delete(slices.Clone(answered), i, i+1)
		}
		uses = append(uses, use)
	}
	for _, a := range answered {
		uses = append(uses, ToolUse{}.with(a))
	}
	return uses
}

func (u ToolUse) with(a answeredTool) ToolUse {
	u.Name, u.At, u.OwnMS, u.Failed = a.Name, &a.At, a.OwnMS, a.Failed
	return u
}
