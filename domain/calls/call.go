package calls

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

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
	PatientID *uuid.UUID
	Service   *uuid.UUID // what it is about
	number    string     `db:"-"`
}

// The lock makes the messages of one call take turns, and leaves the key alone for the tool calls that refer to it.
const lockCall = `select id, agent_id, ended_at, caller, caller_key, patient_id, service_id as service from calls
where clinic_id = @clinic and vapi_call_id = @call for no key update`

const insertCall = `insert into calls (clinic_id, id, vapi_call_id, agent_id, started_at) values (@clinic, @id, @call, @agent, @now) on conflict do nothing`

const completeCall = `update calls set agent_id = coalesce(agent_id, @agent), caller = coalesce(caller, @caller), caller_token = coalesce(caller_token, @token) where clinic_id = @clinic and id = @id`

func callerField(id uuid.UUID) privacy.Field {
	return privacy.Field{Table: "calls", Column: "caller", Row: id}
}

// open finds the call or makes it, whatever message comes first, and keeps its agent and its caller once they are known.
func (s *Switchboard) open(ctx context.Context, tx *tenancy.Tx, l line) (call, error) {
	if l.CallID == "" {
		return call{}, errNoCall
	}
	keys, err := s.vault.Clinic(ctx, tx)
	if err != nil {
		return call{}, fmt.Errorf("clinic keys: %w", err)
	}
	c, err := takeCall(ctx, tx, l)
	if err != nil {
		return call{}, err
	}
	if c.Caller != nil {
		if c.number, err = openCaller(ctx, tx, keys, s.patients, c.ID, c.Caller, c.CallerKey, c.PatientID); err != nil {
			return call{}, err
		}
	}
	fresh := c.Caller == nil && c.CallerKey == "clinic" && l.Number != "" // once the call is a patient's, it is recorded: nothing more is learned
	if learned := fresh || c.AgentID == nil && l.agent != nil; !learned {
		return c, nil
	}
	args := tenancy.Args{"clinic": tx.Clinic(), "id": c.ID, "agent": l.agentID(), "caller": nil, "token": nil}
	if fresh {
		c.number = l.Number
		args["token"] = callerToken(keys, l.Number)
		if args["caller"], err = keys.Seal(callerField(c.ID), []byte(l.Number)); err != nil {
			return call{}, err
		}
	}
	if _, err := tx.Exec(ctx, completeCall, args); err != nil {
		return call{}, fmt.Errorf("complete the call: %w", err)
	}
	return c, nil
}

const noteIntent = `update calls set service_id = @service where clinic_id = @clinic and id = @call`

// queueIntent keeps which service the call is about: the last one that was asked for.
func queueIntent(b *pgx.Batch, tx *tenancy.Tx, c call, service uuid.UUID) {
	if service != uuid.Nil && (c.Service == nil || *c.Service != service) {
		b.Queue(noteIntent, tenancy.Args{"clinic": tx.Clinic(), "call": c.ID, "service": service})
	}
}

func (l line) agentID() *uuid.UUID {
	if l.agent == nil {
		return nil
	}
	return &l.agent.ID
}

// takeCall tries twice: another message of the call may have made it in between.
func takeCall(ctx context.Context, tx *tenancy.Tx, l line) (call, error) {
	args := tenancy.Args{"clinic": tx.Clinic(), "call": l.CallID, "id": tenancy.NewID(), "agent": l.agentID()}
	c, err := oneCall(ctx, tx, args) // the transaction opens with it
	if !tenancy.IsNone(err) {
		return c, err
	}
	if args["now"], err = tx.Now(ctx); err != nil {
		return call{}, err
	}
	made, err := tx.Exec(ctx, insertCall, args)
	if err != nil {
		return call{}, fmt.Errorf("open the call: %w", err)
	}
	if c, err = oneCall(ctx, tx, args); err != nil || made == 0 {
		return c, err
	}
	tx.Announce("schedule", uuid.Nil) // who is on the phone stands beside every page
	return c, audit.Record(ctx, tx, audit.Event{Action: "call.opened", SubjectKind: "call", SubjectID: c.ID})
}

func oneCall(ctx context.Context, tx *tenancy.Tx, args tenancy.Args) (call, error) {
	rows, err := tx.Query(ctx, lockCall, args)
	if err != nil {
		return call{}, fmt.Errorf("find the call: %w", err)
	}
	c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByNameLax[call])
	if err != nil {
		return call{}, fmt.Errorf("find the call: %w", err)
	}
	return c, nil
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
