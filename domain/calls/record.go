package calls

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/audit"
	"anteroom/domain/fault"
	"anteroom/domain/patients"
	"anteroom/domain/privacy"
	"anteroom/domain/tenancy"
)

// Records are the calls as they are kept: redacted turns, and under seal what was taken out of them. It makes them, shows them, and guards who
// sees what.
type Records struct {
	vault    *privacy.Vault
	patients *patients.Directory
	redact   func(privacy.RedactInput) []privacy.Span
	rules    string
}

// NewRecords makes the archive of calls over the vault that seals it.
func NewRecords(v *privacy.Vault, d *patients.Directory) *Records {
	return &Records{vault: v, patients: d, redact: privacy.Redact, rules: privacy.RuleSet}
}

// WithRules is the archive under another set of rules than the program's own: tests and trials of a rule set use it.
func (r *Records) WithRules(name string, redact func(privacy.RedactInput) []privacy.Span) *Records {
	other := *r
	other.rules, other.redact = name, redact
	return &other
}

// How a call ended.
const (
	OutcomeBooked    = "booked"     // something is in the schedule because of it
	OutcomeMoved     = "moved"      // an appointment was moved, and nothing booked
	OutcomeCancelled = "cancelled"  // one was cancelled, and nothing booked or moved
	OutcomeWaitlist  = "waitlist"   // the caller waits for a time to come up
	OutcomeNotBooked = "not-booked" // there was a talk, and none of these
	OutcomeMessage   = "message"    // a message was left, and nothing booked
	OutcomeAbandoned = "abandoned"  // the caller said nothing, or next to nothing
)

// Outcomes are all of them, in the order in which one goes before another.
var Outcomes = []string{OutcomeBooked, OutcomeMoved, OutcomeCancelled, OutcomeWaitlist, OutcomeMessage, OutcomeNotBooked, OutcomeAbandoned}

// callTopic is announced when a call was recorded or what is kept of it changed.
const callTopic = "calls"

// callRow is a call as the archive locks it.
type callRow struct {
	ID         uuid.UUID
	VapiCallID string
	StartedAt  time.Time
	EndedAt    *time.Time
	Caller     []byte
	CallerKey  string
	Known      []byte
	PatientID  *uuid.UUID
	RecordedAt *time.Time
	RuleSet    string
	Turns      int  // kept by now
	Summary    bool // kept by now
}

const lockForRecord = `select c.id, c.vapi_call_id, c.started_at, c.ended_at, c.caller, c.caller_key, c.known, c.patient_id, c.recorded_at, c.rule_set,
  (select count(*)::int from call_turns t where t.clinic_id = @clinic and t.call_id = c.id and t.seq > 0) as turns,
  exists (select from call_turns t where t.clinic_id = @clinic and t.call_id = c.id and t.seq = 0) as summary
from calls c where c.clinic_id = @clinic and `

const callOfMessage = `c.vapi_call_id = (select m.vapi_call_id from call_inbox m where m.clinic_id = @clinic and m.id = @id) for no key update of c`

const lockMessage = `select id, kind, body, vapi_call_id from call_inbox where clinic_id = @clinic and id = @id for update`

// Digest makes the call of a kept message, and drops the raw bodies of that call. It may run any number of times, for any of the call's messages
// in any order: what is recorded already is only completed. Nothing remains to be done for a message that is gone.
func (r *Records) Digest(ctx context.Context, tx *tenancy.Tx, message uuid.UUID) error {
	args := tenancy.Args{"clinic": tx.Clinic(), "id": message}
	c, missing := lockRecord(ctx, tx, callOfMessage, args) // before the message: so does the webhook
	if missing != nil && !fault.Is(missing, fault.NotFound) {
		return missing
	}
	var m keptMessage
	var vapiCall string
	err := tx.QueryRow(ctx, lockMessage, args).Scan(&m.ID, &m.Kind, &m.Body, &vapiCall)
	switch {
	case tenancy.IsNone(err) || err == nil && m.Body == nil:
		return nil
	case err != nil:
		return fmt.Errorf("read a kept message: %w", err)
	case missing != nil:
		return missing
	}
	keys, err := r.vault.Clinic(ctx, tx)
	if err != nil {
		return fmt.Errorf("clinic keys: %w", err)
	}
	said, ok, err := r.read(ctx, tx, keys, c, m)
	if err != nil {
		return err
	}
	if ok {
		if err := r.record(ctx, tx, keys, c, said); err != nil {
			return err
		}
	}
	return forgetBodies(ctx, tx, vapiCall)
}

func lockRecord(ctx context.Context, tx *tenancy.Tx, where string, args tenancy.Args) (callRow, error) {
	rows, err := tx.Query(ctx, lockForRecord+where, args)
	if err != nil {
		return callRow{}, fmt.Errorf("find the call: %w", err)
	}
	c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[callRow])
	if tenancy.IsNone(err) {
		return callRow{}, noSuchCall()
	}
	if err != nil {
		return callRow{}, fmt.Errorf("find the call: %w", err)
	}
	return c, nil
}

// read takes the report; the end of a call whose report has not come is made of what was heard while it went on.
func (r *Records) read(ctx context.Context, tx *tenancy.Tx, keys *privacy.ClinicKeys, c callRow, m keptMessage) (report, bool, error) {
	if m.Kind == CallReport {
		body, err := m.open(keys)
		if err != nil {
			return report{}, false, err
		}
		said, err := readReport(body)
		return said, err == nil, err
	}
	if c.RecordedAt != nil {
		return report{}, false, nil
	}
	return r.piece(ctx, tx, keys, c)
}

const selectPieces = `select id, kind, body from call_inbox where clinic_id = @clinic and vapi_call_id = @call and body is not null
and kind in ('end-of-call-report', 'conversation-update', 'transcript') order by kind = 'end-of-call-report' desc, kind = 'conversation-update' desc, sent_at, id`

func (r *Records) piece(ctx context.Context, tx *tenancy.Tx, keys *privacy.ClinicKeys, c callRow) (report, bool, error) {
	rows, err := tx.Query(ctx, selectPieces, tenancy.Args{"clinic": tx.Clinic(), "call": c.VapiCallID})
	if err != nil {
		return report{}, false, fmt.Errorf("read the kept messages: %w", err)
	}
	pieces, err := pgx.CollectRows(rows, pgx.RowToStructByName[keptMessage])
	if err != nil {
		return report{}, false, fmt.Errorf("read the kept messages: %w", err)
	}
	var whole report
	for _, p := range pieces {
		body, err := p.open(keys)
		if err != nil {
			return report{}, false, err
		}
		if p.Kind != transcriptPiece {
			if whole, err = readReport(body); err != nil || len(whole.turns) > 0 {
				return whole, err == nil, err
			}
		} else if turn, ok := readPiece(body); ok {
			whole.turns = append(whole.turns, turn)
		}
	}
	return whole, true, nil
}

const dropBodies = `update call_inbox set body = null, processed_at = @now where clinic_id = @clinic and vapi_call_id = @call and body is not null`

func forgetBodies(ctx context.Context, tx *tenancy.Tx, vapiCall string) error {
	now, err := tx.Now(ctx)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, dropBodies, tenancy.Args{"clinic": tx.Clinic(), "call": vapiCall, "now": now}); err != nil {
		return fmt.Errorf("drop the raw messages: %w", err)
	}
	return nil
}

// How long an inbox row is kept: bodies of calls that never ended for two days, reports that could not be digested for two weeks, and the empty
// rows, by which a redelivery is known, for a month.
const sweepBodies = `update call_inbox set body = null, processed_at = @now where clinic_id = @clinic and body is not null
and received_at < @now::timestamptz - case when kind = 'end-of-call-report' then interval '14 days' else interval '2 days' end`

const sweepRows = `delete from call_inbox where clinic_id = @clinic and body is null and received_at < @now::timestamptz - interval '30 days'`

// SweepInbox drops raw messages that nothing will be made of, and old empty rows. It answers how many.
func SweepInbox(ctx context.Context, tx *tenancy.Tx) (int64, error) {
	now, err := tx.Now(ctx)
	if err != nil {
		return 0, err
	}
	args := tenancy.Args{"clinic": tx.Clinic(), "now": now}
	dropped, err := tx.Exec(ctx, sweepBodies, args)
	if err != nil {
		return 0, fmt.Errorf("sweep the inbox: %w", err)
	}
	gone, err := tx.Exec(ctx, sweepRows, args)
	if err != nil {
		return 0, fmt.Errorf("sweep the inbox: %w", err)
	}
	return dropped + gone, nil
}

// record redacts what was said and stores it. A call that has its turns keeps them, with the marks and reveals on them: a second report
// only adds what was missing.
func (r *Records) record(ctx context.Context, tx *tenancy.Tx, keys *privacy.ClinicKeys, c callRow, said report) error {
	if c.Turns > 0 {
		said.turns = nil
	}
	if c.Summary {
		said.summary = ""
	}
	k, err := r.know(ctx, tx, keys, c, said)
	if err != nil {
		return err
	}
	if k.erased {
		said.turns, said.summary, said.tools = nil, "", nil
	}
	e := entry{knowledge: k, call: c, said: said, texts: r.redactAll(said, k)}
	if e.outcome, err = outcomeOf(ctx, tx, c, said); err != nil {
		return err
	}
	if err := r.store(ctx, tx, keys, e); err != nil {
		return err
	}
	tx.Announce(callTopic, c.ID)
	ev := audit.Event{Action: "call.recorded", SubjectKind: "call", SubjectID: c.ID}
	if k.patient != nil {
		ev.Patients = []uuid.UUID{*k.patient}
	}
	return audit.Record(ctx, tx, ev)
}

const askOutcome = `select
  exists (select from appointments a join appointment_status_changes h on h.clinic_id = @clinic and h.appointment_id = a.id and h.to_status = 'booked'
    where a.clinic_id = @clinic and a.call_id = @call and a.call_id <> '' and a.source = 'agent' and a.status <> 'entered-in-error') as booked,
  exists (select from tool_calls t where t.clinic_id = @clinic and t.call_id = @id and t.did = 'moved') as moved,
  exists (select from tool_calls t where t.clinic_id = @clinic and t.call_id = @id and t.did = 'cancelled') as cancelled,
  exists (select from waitlist_entries w where w.clinic_id = @clinic and w.call_id = @id) as waits,
  exists (select from call_messages m where m.clinic_id = @clinic and m.call_id = @id) as message,
  exists (select from tool_calls t where t.clinic_id = @clinic and t.call_id = @id) as used`

// outcomeOf looks at what the call did, not at what was said about it, nor at what became of it since: a report may come late, and twice.
func outcomeOf(ctx context.Context, tx *tenancy.Tx, c callRow, said report) (string, error) {
	var booked, moved, cancelled, waits, message, used bool
	if err := tx.QueryRow(ctx, askOutcome, tenancy.Args{"clinic": tx.Clinic(), "call": c.VapiCallID, "id": c.ID}).Scan(&booked, &moved, &cancelled, &waits, &message, &used); err != nil {
		return "", fmt.Errorf("ask how the call ended: %w", err)
	}
	switch {
	case booked:
		return OutcomeBooked, nil
	case moved:
		return OutcomeMoved, nil
	case cancelled:
		return OutcomeCancelled, nil
	case waits:
		return OutcomeWaitlist, nil
	case message:
		return OutcomeMessage, nil
	}
	words := 0
	for _, t := range said.turns {
		if t.speaker == SpeakerCaller {
			words += len(t.text)
		}
	}
	if !used && words < abandonedBelow && c.Turns == 0 {
		return OutcomeAbandoned, nil
	}
	return OutcomeNotBooked, nil
}

// abandonedBelow: somebody who said no more than "hello? hello?" had not begun.
const abandonedBelow = 25
