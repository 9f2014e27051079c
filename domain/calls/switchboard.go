package calls

import (
	"context"
	"crypto/sha256"
	"errors"

	"github.com/google/uuid"
	"github.com/hashicorp/golang-lru/v2/expirable"

	"anteroom/domain/fault"
	"anteroom/domain/patients"
	"anteroom/domain/privacy"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
)

// Switchboard takes every message from Vapi and answers those that want an answer.
type Switchboard struct {
	db       *tenancy.DB
	vault    *privacy.Vault
	desk     *scheduling.Desk
	patients *patients.Directory
	good     *expirable.LRU[[sha256.Size]byte, tenancy.Holder]
	agents   *expirable.LRU[uuid.UUID, []Agent]
}

// NewSwitchboard needs to hear of changes (Changed, Lost), or a revoked secret lives on for five seconds.
func NewSwitchboard(db *tenancy.DB, v *privacy.Vault, desk *scheduling.Desk, d *patients.Directory) *Switchboard {
	return &Switchboard{db: db, vault: v, desk: desk, patients: d,
		good:   expirable.NewLRU[[sha256.Size]byte, tenancy.Holder](inCache, nil, memory),
		agents: expirable.NewLRU[uuid.UUID, []Agent](inCache, nil, memory)}
}

// Reply is what Vapi is answered with 200, as JSON. The zero Reply is {}.
type Reply struct {
	Results     []Result `json:"results,omitzero"`      // of tool-calls
	AssistantID string   `json:"assistantId,omitempty"` // of assistant-request
	Error       string   `json:"error,omitempty"`       // spoken to the caller of an assistant-request
}

const (
	// cannotTakeCall is spoken when there is no assistant to answer.
	cannotTakeCall = "I'm sorry, we cannot take your call just now. Please call again a little later."
	// cannotDoThat is spoken when something broke here.
	cannotDoThat = "I'm sorry, I could not do that just now. Offer the caller a call back from the clinic."
)

// Receive answers one message that Authenticate has admitted. A refusal is a fault.Forbidden: the message names another clinic's assistant.
//
// A tool that broke is answered with words for the caller, since Vapi hears nothing else than 200; broken then holds why, for the log.
// Each tool call is a transaction of its own, in the order sent.
func (s *Switchboard) Receive(ctx context.Context, scope tenancy.Scope, m Message) (reply Reply, broken, err error) {
	agents, err := s.agentsOf(ctx, scope)
	if err != nil {
		return Reply{}, nil, err
	}
	l, err := newLine(scope, agents, m)
	if err != nil {
		return Reply{}, nil, err
	}
	switch {
	case m.Type == AssistantRequest:
		return l.assistant(), nil, nil
	case m.Type == ToolCalls:
		reply, broken = s.answerTools(ctx, l)
		return reply, broken, nil
	}
	return Reply{}, nil, s.db.WithClinic(ctx, l.scope, func(tx *tenancy.Tx) error { return s.note(ctx, tx, l) })
}

// note takes what wants no answer: it opens and ends calls, and keeps the message.
func (s *Switchboard) note(ctx context.Context, tx *tenancy.Tx, l line) (err error) {
	switch {
	case l.CallID == "": // a call that never began
	case l.Type == CallReport, l.Type == StatusUpdate && l.Status == "ended":
		err = s.end(ctx, tx, l)
	case l.Type == StatusUpdate && l.Status == "in-progress":
		_, err = s.open(ctx, tx, l)
	}
	if err != nil {
		return err
	}
	return s.keep(ctx, tx, l, l.body)
}

func (s *Switchboard) agentsOf(ctx context.Context, scope tenancy.Scope) ([]Agent, error) {
	if known, ok := s.agents.Get(scope.Clinic); ok {
		return known, nil
	}
	var agents []Agent
	err := s.db.WithClinic(ctx, scope, func(tx *tenancy.Tx) (err error) {
		agents, err = ListAgents(ctx, tx)
		return err
	})
	if err == nil {
		s.agents.Add(scope.Clinic, agents)
	}
	return agents, err
}

// line is a message with the clinic and the agent it belongs to.
type line struct {
	Message
	scope  tenancy.Scope
	agents []Agent
	agent  *Agent // nil when it cannot be told
}

// newLine finds the agent. An assistant or a phone number that the clinic does not have is refused, once it has told us which it has: the
// secret is this clinic's and the call is another's.
func newLine(scope tenancy.Scope, agents []Agent, m Message) (line, error) {
	l := line{Message: m, scope: scope, agents: agents}
	assistant, err := pick(agents, m.AssistantID, func(a Agent) string { return a.VapiAssistantID })
	if err != nil {
		return line{}, err
	}
	phone, err := pick(agents, m.PhoneID, func(a Agent) string { return a.VapiPhoneID })
	if err != nil {
		return line{}, err
	}
	switch {
	case assistant != nil:
		l.agent = assistant
	case phone != nil:
		l.agent = phone
	default:
		l.agent = only(agents)
	}
	if l.agent != nil {
		l.scope.Actor.ID = l.agent.ID
	}
	return l, nil
}

func pick(agents []Agent, id string, of func(Agent) string) (*Agent, error) {
	if id == "" {
		return nil, nil
	}
	configured := false
	for i, a := range agents {
		if of(a) == id {
			return &agents[i], nil
		}
		configured = configured || of(a) != ""
	}
	if configured {
		return nil, fault.New(fault.Forbidden, "foreign-agent", "This assistant or phone number belongs to no agent of the clinic.")
	}
	return nil, nil
}

// only is the one active inbound agent.
func only(agents []Agent) *Agent {
	var found *Agent
	for i, a := range agents {
		if a.Active && a.Direction == Inbound {
			if found != nil {
				return nil
			}
			found = &agents[i]
		}
	}
	return found
}

// assistant names who takes the call: the agent of the number that was called, or the first inbound one that is connected.
func (l line) assistant() Reply {
	if l.agent != nil && l.agent.Active && l.agent.VapiAssistantID != "" {
		return Reply{AssistantID: l.agent.VapiAssistantID}
	}
	for _, a := range l.agents {
		if a.Active && a.Direction == Inbound && a.VapiAssistantID != "" {
			return Reply{AssistantID: a.VapiAssistantID}
		}
	}
	return Reply{Error: cannotTakeCall}
}

var errNoCall = errors.New("a message without a call")
