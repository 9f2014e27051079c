package calls

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/audit"
	"anteroom/domain/fault"
	"anteroom/domain/tenancy"
)

// The directions of an agent.
const (
	Inbound  = "inbound"
	Outbound = "outbound"
)

// Agent is a voice agent of a clinic. Its ids at Vapi may be empty until the clinic has connected it.
type Agent struct {
	ID              uuid.UUID
	Name            string
	Direction       string
	VapiAssistantID string
	VapiPhoneID     string
	Active          bool
}

// AddAgent makes an agent; its ID and Active are given by the clinic's house. Admins only.
func AddAgent(ctx context.Context, tx *tenancy.Tx, a Agent) (Agent, error) {
	a.ID, a.Active = tenancy.NewID(), true
	if err := a.check(ctx, tx); err != nil {
		return Agent{}, err
	}
	_, err := tx.Exec(ctx, `insert into agents (clinic_id, id, name, direction, vapi_assistant_id, vapi_phone_id)
values (@clinic, @id, @name, @direction, @assistant, @phone)`, a.args(tx))
	if err != nil {
		return Agent{}, fmt.Errorf("add an agent: %w", err)
	}
	tx.Announce(topic, a.ID)
	return a, audit.Record(ctx, tx, audit.Event{Action: "agent.added", SubjectKind: "agent", SubjectID: a.ID, After: a})
}

// ChangeAgent saves an agent's name, its ids at Vapi, and whether it is at work. Its direction stays. Admins only.
func ChangeAgent(ctx context.Context, tx *tenancy.Tx, a Agent) (Agent, error) {
	before, err := GetAgent(ctx, tx, a.ID)
	if err != nil {
		return Agent{}, err
	}
	a.Direction = before.Direction
	if err := a.check(ctx, tx); err != nil {
		return Agent{}, err
	}
	_, err = tx.Exec(ctx, `update agents set name = @name, vapi_assistant_id = @assistant, vapi_phone_id = @phone, active = @active where clinic_id = @clinic and id = @id`, a.args(tx))
	if err != nil {
		return Agent{}, fmt.Errorf("change an agent: %w", err)
	}
	tx.Announce(topic, a.ID)
	return a, audit.Record(ctx, tx, audit.Event{Action: "agent.changed", SubjectKind: "agent", SubjectID: a.ID, Before: before, After: a})
}

func (a Agent) args(tx *tenancy.Tx) tenancy.Args {
	return tenancy.Args{"clinic": tx.Clinic(), "id": a.ID, "name": a.Name, "direction": a.Direction, "assistant": a.VapiAssistantID, "phone": a.VapiPhoneID, "active": a.Active}
}

// vapiID is what ids at Vapi are made of; pasted into an address they stay one part of it.
var vapiID = regexp.MustCompile(`^[A-Za-z0-9_-]{0,100}$`)

// check refuses ids that another agent of the clinic has: a call must be one agent's.
func (a *Agent) check(ctx context.Context, tx *tenancy.Tx) error {
	if err := mustAdminister(tx); err != nil {
		return err
	}
	a.Name, a.VapiAssistantID, a.VapiPhoneID = oneLine(a.Name), strings.TrimSpace(a.VapiAssistantID), strings.TrimSpace(a.VapiPhoneID)
	bad := fault.New(fault.Invalid, "invalid-field", "This agent cannot be saved.")
	if n := len([]rune(a.Name)); n == 0 || n > 80 {
		bad.On("name", "Give the agent a name of up to 80 characters.")
	}
	if a.Direction != Inbound && a.Direction != Outbound {
		bad.On("direction", "An agent takes calls (inbound) or makes them (outbound).")
	}
	all, err := ListAgents(ctx, tx)
	if err != nil {
		return err
	}
	for _, id := range []struct {
		field, value, what string
		of                 func(Agent) string
	}{
		{"vapi_assistant_id", a.VapiAssistantID, "assistant", func(o Agent) string { return o.VapiAssistantID }},
		{"vapi_phone_id", a.VapiPhoneID, "number", func(o Agent) string { return o.VapiPhoneID }},
	} {
		switch {
		case !vapiID.MatchString(id.value):
			bad.On(id.field, "Ids at Vapi are of letters, digits and hyphens.")
		case id.value != "" && slices.ContainsFunc(all, func(o Agent) bool { return o.ID != a.ID && id.of(o) == id.value }):
			bad.On(id.field, "Another agent of the clinic has this "+id.what+".")
		}
	}
	if len(bad.Fields) > 0 {
		return bad
	}
	return nil
}

// GetAgent answers one, or a fault of kind NotFound.
func GetAgent(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) (Agent, error) {
	all, err := ListAgents(ctx, tx)
	if err != nil {
		return Agent{}, err
	}
	i := slices.IndexFunc(all, func(a Agent) bool { return a.ID == id })
	if i < 0 {
		return Agent{}, fault.New(fault.NotFound, "no-such-agent", "There is no such agent.")
	}
	return all[i], nil
}

// ListAgents answers the clinic's agents, the oldest first, inactive ones too.
func ListAgents(ctx context.Context, tx *tenancy.Tx) ([]Agent, error) {
	rows, err := tx.Query(ctx, `select id, name, direction, vapi_assistant_id, vapi_phone_id, active from agents where clinic_id = @clinic order by created_at, id`,
		tenancy.Args{"clinic": tx.Clinic()})
	if err != nil {
		return nil, fmt.Errorf("list agents: %w", err)
	}
	agents, err := pgx.CollectRows(rows, pgx.RowToStructByName[Agent])
	if err != nil {
		return nil, fmt.Errorf("list agents: %w", err)
	}
	return agents, nil
}
