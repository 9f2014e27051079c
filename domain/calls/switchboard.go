package calls

import (
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"time"

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
	good     *expirable.LRU[[sha256.Size]byte, credential] // by the secret's hash
	named    *expirable.LRU[uuid.UUID, credential]         // by the public id
	used     *expirable.LRU[uuid.UUID, time.Time]
	agents   *expirable.LRU[uuid.UUID, []Agent]
	clinics  *expirable.LRU[uuid.UUID, scheduling.Clinic]
	services *expirable.LRU[uuid.UUID, []scheduling.Service]
	foreign  *expirable.LRU[elsewhere, bool]
}

// NewSwitchboard needs to hear of changes (Changed, Lost), or a revoked secret lives on for five seconds.
func NewSwitchboard(db *tenancy.DB, v *privacy.Vault, desk *scheduling.Desk, d *patients.Directory) *Switchboard {
	return &Switchboard{db: db, vault: v, desk: desk, patients: d,
		good:     expirable.NewLRU[[sha256.Size]byte, credential](inCache, nil, memory),
		named:    expirable.NewLRU[uuid.UUID, credential](inCache, nil, memory),
		used:     expirable.NewLRU[uuid.UUID, time.Time](inCache, nil, usedEvery),
		agents:   expirable.NewLRU[uuid.UUID, []Agent](inCache, nil, memory),
		clinics:  expirable.NewLRU[uuid.UUID, scheduling.Clinic](inCache, nil, memory),
		services: expirable.NewLRU[uuid.UUID, []scheduling.Service](inCache, nil, memory),
		foreign:  expirable.NewLRU[elsewhere, bool](inCache, nil, memory)}
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
// Each tool call is a transaction of its own, in the order sent. What wants no answer is kept, in the transaction that opens or ends its call.
func (s *Switchboard) Receive(ctx context.Context, scope tenancy.Scope, m Message) (reply Reply, broken, err error) {
	agents, err := s.agentsOf(ctx, scope)
	if err != nil {
		return Reply{}, nil, err
	}
	l, err := s.newLine(ctx, scope, agents, m)
	if err != nil {
		return Reply{}, nil, err
	}
	switch m.Type {
	case ToolCalls:
		reply, broken = s.answerTools(ctx, l)
		return reply, broken, nil
	case AssistantRequest:
		reply, err = s.assistant(ctx, l)
	case TransferRequest:
		reply, err = s.transfer(ctx, l)
	case HandoffRequest:
		reply = l.handoff()
	case KnowledgeRequest:
		reply, err = s.knowledge(ctx, l)
	case PreDial:
		reply = l.preDial()
	default:
		err = s.note(ctx, l)
	}
	return reply, nil, err
}

// note keeps a message that wants no answer, and does at once what cannot wait: the call is there from its first message, and what it holds is
// free when it ends.
func (s *Switchboard) note(ctx context.Context, l line) error {
	ends := l.Type == CallReport || l.Type == StatusUpdate && l.Status == "ended"
	opens := l.Type == StatusUpdate && l.Status == "in-progress"
	return s.db.WithClinic(ctx, l.scope, func(tx *tenancy.Tx) error {
		var err error
		switch {
		case l.CallID == "": // a call that never began
		case ends:
			err = s.end(ctx, tx, l)
		case opens:
			_, err = s.open(ctx, tx, l)
		}
		if err != nil {
			return err
		}
		return s.keep(ctx, tx, l, l.body)
	})
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
func (s *Switchboard) newLine(ctx context.Context, scope tenancy.Scope, agents []Agent, m Message) (line, error) {
	l := line{Message: m, scope: scope, agents: agents}
	assistant, err := pick(agents, m.AssistantID, func(a Agent) string { return a.VapiAssistantID })
	if err != nil {
		return line{}, err
	}
	phone, err := pick(agents, m.PhoneID, func(a Agent) string { return a.VapiPhoneID })
	if err != nil {
		return line{}, err
	}
	unknown := slices.Clone(m.Also)
	if assistant == nil {
		unknown = append(unknown, m.AssistantID)
	}
	if phone == nil {
		unknown = append(unknown, m.PhoneID)
	}
	for _, id := range unknown {
		if err := s.mustBeOurs(ctx, scope, agents, id); err != nil {
			return line{}, err
		}
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
		return nil, errForeign()
	}
	return nil, nil
}

func errForeign() error {
	return fault.New(fault.Forbidden, "foreign-agent", "This assistant or phone number belongs to no agent of the clinic.")
}

// elsewhere is a question: does this assistant or number belong to another clinic than this one?
type elsewhere struct {
	clinic uuid.UUID
	id     string
}

// mustBeOurs refuses an assistant or a number that is known to be another clinic's, when this clinic has not told that it is its own.
func (s *Switchboard) mustBeOurs(ctx context.Context, scope tenancy.Scope, agents []Agent, id string) error {
	if id == "" || slices.ContainsFunc(agents, func(a Agent) bool { return a.VapiAssistantID == id || a.VapiPhoneID == id }) {
		return nil
	}
	q := elsewhere{scope.Clinic, short(id, 100)}
	foreign, known := s.foreign.Get(q)
	if !known {
		var yes *bool
		err := s.db.Once(ctx, scope, func(tx *tenancy.Tx) error {
			return tx.QueryRow(ctx, `select app.vapi_agent_elsewhere($1, $1)`, q.id).Scan(&yes)
		})
		if err != nil {
			return err
		}
		foreign = yes != nil
		s.foreign.Add(q, foreign)
	}
	if foreign {
		return errForeign()
	}
	return nil
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

var errNoCall = errors.New("a message without a call")
