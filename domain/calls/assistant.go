package calls

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// The messages that an assistant sends us. What is not named here never leaves Vapi.
var serverMessages = []string{"status-update", "end-of-call-report", "tool-calls", "transfer-destination-request", "handoff-destination-request", "knowledge-base-request",
	"transcript", "speech-update", "conversation-update", "user-interrupted", "hang", "transfer-update", "language-change-detected"}

// toolSeconds is how long Vapi waits for a tool: ours answer in milliseconds, and a caller who waits longer hangs up.
const toolSeconds = 10

// Assistant is an assistant at Vapi as far as we make one: what Settings shows to create it with, and what a call gets of a clinic that has none.
type Assistant struct {
	Name           string         `json:"name"`
	FirstMessage   string         `json:"firstMessage"`
	Model          AssistantModel `json:"model"`
	Server         *Server        `json:"server,omitempty"`
	ServerMessages []string       `json:"serverMessages"`
}

// AssistantModel is the model with what it is told and what it can do.
type AssistantModel struct {
	Provider string             `json:"provider"`
	Model    string             `json:"model"`
	Messages []AssistantMessage `json:"messages"`
	Tools    []Tool             `json:"tools"`
}

// AssistantMessage is a part of the prompt.
type AssistantMessage struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

// Server is where an assistant sends its messages, and how.
type Server struct {
	URL            string       `json:"url"`
	TimeoutSeconds int          `json:"timeoutSeconds"`
	BackoffPlan    *BackoffPlan `json:"backoffPlan,omitempty"`
}

// BackoffPlan is how often a message is delivered again that was not answered with 2xx. Ours may be: each is done once.
type BackoffPlan struct {
	Type             string  `json:"type"`
	MaxRetries       int     `json:"maxRetries"`
	BaseDelaySeconds float64 `json:"baseDelaySeconds"`
}

// ServerFor are the settings of the server of a clinic's assistants. Where the newest live credential is not found by a secret in its usual place,
// the address names it.
func ServerFor(publicURL string, secrets []Secret, now time.Time) Server {
	address := strings.TrimRight(publicURL, "/") + "/api/webhooks/vapi"
	if i := slices.IndexFunc(secrets, func(s Secret) bool { return s.Live(now) }); i >= 0 && secrets[i].MustBeNamed() {
		address += "?" + CredentialQuery + "=" + secrets[i].ID.String()
	}
	return Server{URL: address, TimeoutSeconds: toolSeconds, BackoffPlan: &BackoffPlan{Type: "exponential", MaxRetries: 3, BaseDelaySeconds: 1}}
}

// NewAssistant is a whole assistant for an agent that has none at Vapi yet.
func NewAssistant(a Agent, clinic string) *Assistant {
	first := fmt.Sprintf("Hello, this is %s at %s. How can I help?", a.Name, clinic)
	if a.Direction == Outbound {
		first = fmt.Sprintf("Hello, this is %s from %s. You called us earlier; is now a good time?", a.Name, clinic)
	}
	return &Assistant{Name: a.Name, FirstMessage: first, ServerMessages: serverMessages,
		Model: AssistantModel{Provider: "openai", Model: "gpt-4.1", Tools: Tools(), Messages: []AssistantMessage{{Role: "system", Content: fmt.Sprintf(prompt, a.Name, clinic)}}}}
}

// prompt says how to be at the phone. What is remembered of the caller comes with each call as variables.
const prompt = `You are %s, the receptionist of %s, on the phone. Today is {{today}}, it is {{timeNow}} at the clinic. The clinic offers: {{services}}.
Speak plainly and briefly, one question at a time. Say times as the tools say them, and never an id in brackets.
Find times with find_slots before you offer any. When the caller has chosen one, hold it with claim_slot, ask for their full name, and book it with confirm_booking; or do all of it at once with book_appointment.
Never ask for the caller's phone number unless a tool asks for it. Look up and change only what the tools let you: the appointments of the number that is calling.
Before you cancel or move an appointment, say which, and let the caller agree. Read a confirmation back in full.
When no time suits, offer the waitlist with join_waitlist. For everything else, take a message with take_message. In an emergency, tell the caller to ring the emergency number at once.
Give no medical advice and no opinion on treatments.
What is known of this caller, if anything: last call {{lastCall}} about {{lastCallIntent}} ({{lastCallOutcome}}); held now: {{openHold}}; next appointment: {{nextAppointment}}. Mention it only when it helps, and an appointment only after the caller has told their name.`
