package calls

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
)

// Reply is what Vapi is answered with 200, as JSON. The zero Reply is {}.
type Reply struct {
	Results     []Result     `json:"results,omitzero"`             // of tool-calls
	AssistantID string       `json:"assistantId,omitempty"`        // of assistant-request
	Assistant   *Assistant   `json:"assistant,omitempty"`          // the same, whole, of a clinic that has none at Vapi yet
	Overrides   *Overrides   `json:"assistantOverrides,omitempty"` // of assistant-request
	Destination *Destination `json:"destination,omitempty"`        // of the two destination requests
	Documents   []Document   `json:"documents,omitzero"`           // of knowledge-base-request
	Eligible    *bool        `json:"eligible,omitempty"`           // of campaign.predial
	Error       string       `json:"error,omitempty"`              // spoken to the caller where there is no other answer
}

// Overrides are what an assistant is told for one call.
type Overrides struct {
	VariableValues map[string]string `json:"variableValues"`
}

// Destination is where a call goes next: a number, or another assistant.
type Destination struct {
	Type        string `json:"type"`
	Number      string `json:"number,omitempty"`
	AssistantID string `json:"assistantId,omitempty"`
	Message     string `json:"message,omitempty"` // said before
}

// Document is a piece of what the clinic knows of itself.
type Document struct {
	Content    string  `json:"content"`
	Similarity float64 `json:"similarity"`
	UUID       string  `json:"uuid"`
}

// assistant names who takes the call, and tells them what is remembered of the caller: the agent of the number that was called, or the first
// inbound one. One that is not connected yet is answered whole.
func (s *Switchboard) assistant(ctx context.Context, l line) (Reply, error) {
	agent := l.receiver()
	if agent == nil {
		return Reply{Error: cannotTakeCall}, nil
	}
	var values map[string]string
	var clinic scheduling.Clinic
	err := s.db.WithClinic(ctx, l.scope, func(tx *tenancy.Tx) (err error) {
		if clinic, err = s.clinic(ctx, tx); err != nil {
			return err
		}
		values, err = s.remember(ctx, tx, l, clinic)
		return err
	})
	if err != nil {
		return Reply{}, err
	}
	reply := Reply{AssistantID: agent.VapiAssistantID, Overrides: &Overrides{VariableValues: values}}
	if agent.VapiAssistantID == "" {
		reply.Assistant = NewAssistant(*agent, clinic.Name)
	}
	return reply, nil
}

func (l line) receiver() *Agent {
	if l.agent != nil && l.agent.Active && l.agent.Direction == Inbound {
		return l.agent
	}
	i := slices.IndexFunc(l.agents, func(a Agent) bool { return a.Active && a.Direction == Inbound && a.VapiAssistantID != "" })
	if i < 0 {
		i = slices.IndexFunc(l.agents, func(a Agent) bool { return a.Active && a.Direction == Inbound })
	}
	if i < 0 {
		return nil
	}
	return &l.agents[i]
}

// transfer sends the caller to the clinic's own desk.
func (s *Switchboard) transfer(ctx context.Context, l line) (Reply, error) {
	var a Account
	err := s.db.WithClinic(ctx, l.scope, func(tx *tenancy.Tx) (err error) {
		a, err = LoadAccount(ctx, tx)
		return err
	})
	if err != nil {
		return Reply{}, err
	}
	if a.TransferNumber == "" {
		return Reply{Error: "I cannot put you through just now. Would you like the clinic to call you back?"}, nil
	}
	return Reply{Destination: &Destination{Type: "number", Number: a.TransferNumber, Message: "I am putting you through to the front desk."}}, nil
}

// handoff names the clinic's other assistant.
func (l line) handoff() Reply {
	for _, a := range l.agents {
		if a.Active && a.VapiAssistantID != "" && a.VapiAssistantID != l.AssistantID {
			return Reply{Destination: &Destination{Type: "assistant", AssistantID: a.VapiAssistantID}}
		}
	}
	return Reply{Error: "There is nobody else to take over this call."}
}

// preDial lets a number be dialled by an outbound agent that is at work, and by no other.
func (l line) preDial() Reply {
	may := l.Number != "" && slices.ContainsFunc(l.agents, func(a Agent) bool {
		return a.Active && a.Direction == Outbound && (l.AssistantID == "" || a.VapiAssistantID == "" || a.VapiAssistantID == l.AssistantID)
	})
	return Reply{Eligible: &may}
}

// knowledge answers what the clinic offers and who performs it: nothing of any patient.
func (s *Switchboard) knowledge(ctx context.Context, l line) (Reply, error) {
	reply := Reply{Documents: []Document{}}
	err := s.db.WithClinic(ctx, l.scope, func(tx *tenancy.Tx) error {
		services, err := scheduling.ListServices(ctx, tx, scheduling.ServiceFilter{ActiveOnly: true})
		if err != nil {
			return err
		}
		people, err := scheduling.ListPractitioners(ctx, tx, scheduling.PractitionerFilter{ActiveOnly: true})
		if err != nil {
			return err
		}
		reply.Documents = reply.Documents[:0]
		for _, v := range services {
			var with []string
			for _, p := range people {
				if slices.Contains(p.Services, v.ID) {
					with = append(with, p.Name)
				}
			}
			if len(with) > 0 {
				words := fmt.Sprintf("%s takes %d minutes and can be booked with %s.", v.Name, v.DurationMinutes, sayList(with, "or"))
				reply.Documents = append(reply.Documents, Document{Content: words, Similarity: likeness(l.Asked, v.Name+" "+v.Slug+" "+strings.Join(with, " ")), UUID: v.ID.String()})
			}
		}
		return nil
	})
	slices.SortStableFunc(reply.Documents, func(a, b Document) int {
		switch {
		case a.Similarity > b.Similarity:
			return -1
		case a.Similarity < b.Similarity:
			return 1
		}
		return 0
	})
	reply.Documents = reply.Documents[:min(len(reply.Documents), 10)]
	return reply, err
}

// likeness is the share of the document's words that were asked for.
func likeness(asked, about string) float64 {
	have := map[string]bool{}
	for _, w := range words(asked) {
		have[w] = true
	}
	all := words(about)
	n := 0
	for _, w := range all {
		if have[w] {
			n++
		}
	}
	if len(all) == 0 {
		return 0
	}
	return float64(n*100/len(all)) / 100
}

// recall is how long a call is remembered for the next one.
const recall = 90 * 24 * time.Hour

// remembered are the names of what an assistant may be told. Each is always there: a template would read the name of a missing one aloud.
var remembered = []string{"clinicName", "today", "timeNow", "services", "callerKnown", "openHold", "lastCall", "lastCallIntent", "lastCallOutcome", "nextAppointment"}

// remember says what is known of this caller: an open hold, the last call's intent and outcome, the next appointment. Nothing of it is told of a
// withheld number, or of one that several patients have: whoever speaks may not be whom it is about.
func (s *Switchboard) remember(ctx context.Context, tx *tenancy.Tx, l line, clinic scheduling.Clinic) (map[string]string, error) {
	values := map[string]string{}
	for _, name := range remembered {
		values[name] = ""
	}
	at, err := tx.Now(ctx)
	if err != nil {
		return nil, err
	}
	v := visit{clinic: clinic, callID: l.CallID, number: l.Number, now: at.In(clinic.Location)}
	services, err := scheduling.ListServices(ctx, tx, scheduling.ServiceFilter{ActiveOnly: true})
	if err != nil {
		return nil, err
	}
	names := make([]string, len(services))
	for i, offered := range services {
		names[i] = offered.Name
	}
	values["clinicName"], values["today"], values["timeNow"], values["services"] = clinic.Name, sayDay(v.now, time.Time{}, clinic.Locale), sayClock(v.now), sayList(names, "and")
	if l.Number == "" {
		return values, nil
	}
	known, err := s.patients.ByPhone(ctx, tx, l.Number)
	if err != nil && !isPhoneFault(err) {
		return nil, err
	}
	if len(known) > 1 {
		return values, nil
	}
	if err := s.recallCalls(ctx, tx, v, values); err != nil {
		return nil, err
	}
	if len(known) == 0 {
		return values, nil
	}
	values["callerKnown"] = "yes"
	return values, s.recallNext(ctx, tx, v, known[0].ID, values)
}
