package views

import (
	"fmt"
	"time"

	"anteroom/views/ui"
)

// Agents is the page of the voice agents, the account at Vapi, and the secrets by which Vapi is known.
type Agents struct {
	Settings  Settings
	Now       time.Time
	List      []AgentRow
	Name      string // as typed, when adding was refused
	Direction string
	Account   VapiAccount
	Secrets   []SecretRow // that open something now, the newest first
	Ended     []SecretRow
	Shut      string // why nothing of Vapi comes in, when nothing does
}

// AgentRow is one voice agent.
type AgentRow struct {
	ID        string
	Name      string
	Inbound   bool
	Active    bool
	Connected bool // it has an assistant at Vapi
}

func directionWords(inbound bool) string {
	if inbound {
		return "Takes calls"
	}
	return "Makes calls"
}

// VapiAccount is what the clinic has at Vapi.
type VapiAccount struct {
	HasKey    bool
	KeyHint   string
	CheckedAt *time.Time
	CheckOK   bool
	Check     string // what the last test met, in words
	Transfer  string // as typed, or as it is kept
	OnlyVapi  bool
}

// SecretRow is one credential. What it opens is never shown again.
type SecretRow struct {
	ID        string
	Name      string
	Style     string // "Shared secret"
	How       string // "X-Vapi-Secret, or a bearer token"
	CreatedAt time.Time
	UsedAt    *time.Time
	EndsAt    *time.Time
	RevokedAt *time.Time
}

func (s SecretRow) used(now time.Time) string {
	if s.UsedAt == nil {
		return "never"
	}
	return ago(now, *s.UsedAt)
}

func (s SecretRow) title() string {
	if s.Name != "" {
		return s.Name
	}
	return s.Style
}

func (s SecretRow) left(now time.Time) string {
	d := s.EndsAt.Sub(now)
	if d >= 48*time.Hour {
		return fmt.Sprintf("Ends in %d days", int(d.Hours()/24))
	}
	return "Ends in " + span(d.Truncate(time.Minute))
}

func (s SecretRow) ended() string {
	switch {
	case s.RevokedAt != nil:
		return "Revoked " + stamp(*s.RevokedAt)
	case s.EndsAt != nil:
		return "Ended " + stamp(*s.EndsAt)
	}
	return ""
}

// overlapChoices are how long a secret lives on that was replaced.
var overlapChoices = []ui.Option{{Value: "24h", Label: "A day"}, {Value: "1h", Label: "An hour"}, {Value: "168h", Label: "A week"}, {Value: "0s", Label: "Not at all: the old one ends now"}}

// Agent is one agent's page.
type Agent struct {
	Settings    Settings
	Now         time.Time
	ID          string
	Title       string // the name as it is kept
	Name        string // as typed, when the form was refused, like all that follows
	AssistantID string
	PhoneID     string
	Inbound     bool
	Active      bool
	Connected   bool // as it is kept
	HasKey      bool
	Tools       string // JSON to paste
	ToolCount   int
	Server      string
	Whole       string
	Snapshots   []SnapshotRow
}

// SnapshotRow is the assistant as it was.
type SnapshotRow struct {
	ID      string
	TakenAt time.Time
	Words   string // "before a push"
}

// AgentPush shows what a push or a restore would change at Vapi.
type AgentPush struct {
	Settings Settings
	ID       string
	Agent    string
	Base     string
	Changes  []AgentChange
	Restore  *time.Time // of which snapshot; nil for a push
	Action   string     // where the form goes
	Failed   string     // why there is nothing to show
}

func (p AgentPush) title() string {
	if p.Restore != nil {
		return "Restore"
	}
	return "Push"
}

func (p AgentPush) button() string {
	if p.Restore != nil {
		return "Restore " + count(len(p.Changes), "difference")
	}
	return "Push " + count(len(p.Changes), "change") + " to Vapi"
}

// AgentChange is one difference.
type AgentChange struct{ Path, Before, After string }

// NewSecret is the form of a credential.
type NewSecret struct {
	Settings Settings
	ID       string // of what is to be made, so that a form sent twice makes one
	Style    string // secret, bearer, hmac, oauth
	Name     string
	Header, Prefix, Algorithm, TimestampHeader,
	IDHeader, Payload, Encoding, Tolerance string
}

var secretStyles = []struct{ value, label, words string }{
	{"secret", "Shared secret", "Vapi sends one secret with every message, in X-Vapi-Secret or as a bearer token. The simplest, and what most clinics use."},
	{"bearer", "Bearer token", "A token in a header that you name, for a custom credential of type bearer token at Vapi."},
	{"hmac", "Signature (HMAC)", "Vapi signs every message with a key that is never sent. Old messages and messages sent twice are refused."},
	{"oauth", "OAuth 2", "Vapi asks this server for a token that lives an hour, with a client id and a client secret."},
}

func (m NewSecret) tabs() []ui.Link {
	var out []ui.Link
	for _, s := range secretStyles {
		out = append(out, ui.Link{Label: s.label, Href: "/settings/agents/secrets/new?style=" + s.value, Current: m.Style == s.value})
	}
	return out
}

func (m NewSecret) words() string {
	for _, s := range secretStyles {
		if s.value == m.Style {
			return s.words
		}
	}
	return ""
}

// IssuedSecret is the one page that ever holds the secret.
type IssuedSecret struct {
	Settings Settings
	Name     string
	Rows     []IssuedRow
	Old      string // what happens to the secret that this one replaces
}

// IssuedRow is one value to take to Vapi.
type IssuedRow struct {
	Label  string
	Value  string
	Secret bool
}
