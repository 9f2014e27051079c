package calls

import (
	"context"
	"fmt"

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
	if err := mustAdminister(tx); err != nil {
		return Agent{}, err
	}
	a.Name, a.ID, a.Active = oneLine(a.Name), tenancy.NewID(), true
	switch {
	case a.Name == "" || len([]rune(a.Name)) > 80:
		return Agent{}, fault.BadField("name", "Give the agent a name of up to 80 characters.")
	case a.Direction != Inbound && a.Direction != Outbound:
		return Agent{}, fault.BadField("direction", "An agent takes calls (inbound) or makes them (outbound).")
	case len(a.VapiAssistantID) > 100 || len(a.VapiPhoneID) > 100:
		return Agent{}, fault.BadField("vapi_assistant_id", "Ids at Vapi have at most 100 characters.")
	}
	_, err := tx.Exec(ctx, `insert into agents (clinic_id, id, name, direction, vapi_assistant_id, vapi_phone_id)
values (@clinic, @id, @name, @direction, @assistant, @phone)`,
		tenancy.Args{"clinic": tx.Clinic(), "id": a.ID, "name": a.Name, "direction": a.Direction, "assistant": a.VapiAssistantID, "phone": a.VapiPhoneID})
	if err != nil {
		return Agent{}, fmt.Errorf("add an agent: %w", err)
	}
	tx.Announce(topic, a.ID)
	return a, audit.Record(ctx, tx, audit.Event{Action: "agent.added", SubjectKind: "agent", SubjectID: a.ID, After: a})
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
