package calls

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"anteroom/domain/audit"
	"anteroom/domain/privacy"
	"anteroom/domain/tenancy"
)

// call is a call as the verbs lock it.
type call struct {
	ID        uuid.UUID
	AgentID   *uuid.UUID
	EndedAt   *time.Time
	Caller    []byte
	CallerKey string // what seals the caller
	Known     []byte // what the tools were told, sealed like the caller
	PatientID *uuid.UUID
	Service   *uuid.UUID // what it is about
	number    string     `db:"-"`
}

// The lock makes the messages of one call take turns, and leaves the key alone for the tool calls that refer to it.
const lockCall = `select id, agent_id, ended_at, caller, caller_key, known, patient_id, service_id as service from calls
where clinic_id = @clinic and vapi_call_id = @call for no key update`

const insertCall = `insert into calls (clinic_id, id, vapi_call_id, agent_id, caller, caller_token, started_at)
values (@clinic, @id, @call, @agent, @caller, @token, coalesce(@clock::timestamptz, now())) on conflict do nothing`

const completeCall = `update calls set agent_id = coalesce(agent_id, @agent), caller = coalesce(caller, @caller), caller_token = coalesce(caller_token, @token) where clinic_id = @clinic and id = @id`

func callerField(id uuid.UUID) privacy.Field {
	return privacy.Field{Table: "calls", Column: "caller", Row: id}
}

// open finds the call or makes it, whatever message comes first, and keeps its agent and its caller once they are known. What further asks of the
// call, by its id at Vapi, comes in the same round trip.
func (s *Switchboard) open(ctx context.Context, tx *tenancy.Tx, l line, further ...func(b *pgx.Batch)) (call, error) {
	if l.CallID == "" {
		return call{}, errNoCall
	}
	keys, err := s.vault.Clinic(ctx, tx)
	if err != nil {
		return call{}, fmt.Errorf("clinic keys: %w", err)
	}
	args, err := l.asNew(tx, keys)
	if err != nil {
		return call{}, err
	}
	c, made, err := takeCall(ctx, tx, args, further)
	if err != nil {
		return call{}, fmt.Errorf("open the call: %w", err)
	}
	if made {
		c.number = l.Number
		tx.Announce("schedule", uuid.Nil) // who is on the phone stands beside every page
		return c, audit.Record(ctx, tx, audit.Event{Action: "call.opened", SubjectKind: "call", SubjectID: c.ID})
	}
	if c.Caller != nil {
		if c.number, err = openCaller(ctx, tx, keys, s.patients, c.ID, c.Caller, c.CallerKey, c.PatientID); err != nil {
			return call{}, err
		}
	}
	return l.complete(tx, keys, c)
}

// asNew is what is kept of the line when its call is not there yet.
func (l line) asNew(tx *tenancy.Tx, keys *privacy.ClinicKeys) (args tenancy.Args, err error) {
	id := tenancy.NewID()
	args = tenancy.Args{"clinic": tx.Clinic(), "call": l.CallID, "id": id, "agent": l.agentID(), "caller": nil, "token": nil, "clock": tx.Clock()}
	if l.Number != "" {
		args["token"] = callerToken(keys, l.Number)
		args["caller"], err = keys.Seal(callerField(id), []byte(l.Number))
	}
	return args, err
}

// complete adds what an earlier message did not know.
func (l line) complete(tx *tenancy.Tx, keys *privacy.ClinicKeys, c call) (call, error) {
	fresh := c.Caller == nil && c.CallerKey == "clinic" && l.Number != "" // once the call is a patient's, it is recorded: nothing more is learned
	if learned := fresh || c.AgentID == nil && l.agent != nil; !learned {
		return c, nil
	}
	args := tenancy.Args{"clinic": tx.Clinic(), "id": c.ID, "agent": l.agentID(), "caller": nil, "token": nil}
	if fresh {
		var err error
		c.number = l.Number
		args["token"] = callerToken(keys, l.Number)
		if args["caller"], err = keys.Seal(callerField(c.ID), []byte(l.Number)); err != nil {
			return call{}, err
		}
	}
	return c, tx.Later(completeCall, args)
}

const noteLearned = `update calls set service_id = coalesce(@service, service_id), known = coalesce(@known, known) where clinic_id = @clinic and id = @call`

// queueLearned keeps which service the call is about, the last one that was asked for, and what a tool was told.
func (c call) queueLearned(b *pgx.Batch, tx *tenancy.Tx, keys *privacy.ClinicKeys, service uuid.UUID, a Arguments) error {
	args := tenancy.Args{"clinic": tx.Clinic(), "call": c.ID, "service": nil, "known": nil}
	asked := service != uuid.Nil && (c.Service == nil || *c.Service != service)
	if asked {
		args["service"] = service
	}
	known, err := c.told(keys, a)
	if err != nil {
		return err
	}
	if known != nil {
		args["known"] = known
	}
	if asked || known != nil {
		b.Queue(noteLearned, args)
	}
	return nil
}

func (l line) agentID() *uuid.UUID {
	if l.agent == nil {
		return nil
	}
	return &l.agent.ID
}

// takeCall locks the call, and makes it first when it is not there: only a call's first message waits for that. What further asks is asked again
// then, since somebody else may have made the call in the meantime, and used it.
func takeCall(ctx context.Context, tx *tenancy.Tx, args tenancy.Args, further []func(b *pgx.Batch)) (c call, made bool, err error) {
	b := &pgx.Batch{}
	found := queueTake(b, args, &c, further)
	if err = tx.SendBatch(ctx, b).Close(); err != nil || *found {
		return c, false, err
	}
	b = &pgx.Batch{}
	b.Queue(insertCall, args).Exec(func(tag pgconn.CommandTag) error {
		made = tag.RowsAffected() == 1
		return nil
	})
	found = queueTake(b, args, &c, further)
	if err = tx.SendBatch(ctx, b).Close(); err == nil && !*found {
		err = pgx.ErrNoRows
	}
	return c, made, err
}

func queueTake(b *pgx.Batch, args tenancy.Args, c *call, further []func(b *pgx.Batch)) (found *bool) {
	found = new(bool)
	b.Queue(lockCall, args).Query(func(rows pgx.Rows) error {
		list, err := pgx.CollectRows(rows, pgx.RowToStructByNameLax[call])
		if *found = len(list) == 1; *found {
			*c = list[0]
		}
		return err
	})
	for _, queue := range further {
		queue(b)
	}
	return found
}

const endCall = `update calls set ended_at = coalesce(ended_at, @at), ended_reason = case when ended_reason = '' then @reason else ended_reason end
where clinic_id = @clinic and id = @id`

// end marks the call as ended and gives back what it held. Both the status and the report say it, in either order.
func (s *Switchboard) end(ctx context.Context, tx *tenancy.Tx, l line) error {
	c, err := s.open(ctx, tx, l)
	if err != nil {
		return err
	}
	at := l.EndedAt
	if at.IsZero() {
		if at, err = tx.Now(ctx); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, endCall, tenancy.Args{"clinic": tx.Clinic(), "id": c.ID, "at": at, "reason": l.EndedReason})
	if err != nil {
		return fmt.Errorf("end the call: %w", err)
	}
	if _, err := s.desk.ReleaseCall(ctx, tx, l.CallID); err != nil {
		return err
	}
	if c.EndedAt != nil {
		return nil
	}
	tx.Announce("schedule", uuid.Nil)
	return audit.Record(ctx, tx, audit.Event{Action: "call.ended", SubjectKind: "call", SubjectID: c.ID, Reason: l.EndedReason})
}
