package calls

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/audit"
	"anteroom/domain/fault"
	"anteroom/domain/tenancy"
)

// SecretPrefix leads every webhook secret, so that one that leaked is recognised.
const SecretPrefix = "vs_"

// topic is announced when a secret was revoked or an agent changed.
const topic = "agents"

// A revoked secret is dead at once where the announcement arrives, and after memory where it was lost.
const (
	memory  = 5 * time.Second
	inCache = 10_000
)

// Presented is what a request shows to prove that Vapi sent it.
type Presented struct {
	Header func(name string) string
}

// Authenticate answers the clinic that a request is from; the scope's address and request id are the caller's to fill. It takes the secret
// from X-Vapi-Secret or a bearer token. Everything else, an empty secret too, is fault.Unauthenticated, whatever the reason.
func (s *Switchboard) Authenticate(ctx context.Context, in Presented) (tenancy.Scope, error) {
	for _, secret := range []string{in.Header("X-Vapi-Secret"), bearer(in.Header("Authorization"))} {
		holder, ok, err := s.holder(ctx, secret)
		if err != nil {
			return tenancy.Scope{}, err
		}
		if ok {
			return tenancy.Scope{Clinic: holder.Clinic, Actor: tenancy.Actor{Kind: tenancy.Agent, ID: holder.Credential, Role: "agent"}}, nil
		}
	}
	return tenancy.Scope{}, fault.New(fault.Unauthenticated, "bad-secret", "This webhook secret is not known.")
}

// holder compares digests, in the database and in memory: how long that takes says nothing about the secret.
func (s *Switchboard) holder(ctx context.Context, secret string) (tenancy.Holder, bool, error) {
	if secret == "" || len(secret) > 200 {
		return tenancy.Holder{}, false, nil
	}
	hash := sha256.Sum256([]byte(secret))
	if h, ok := s.good.Get(hash); ok {
		return h, true, nil
	}
	h, ok, err := s.db.ClinicOfVapiSecret(ctx, hash[:])
	if ok {
		s.good.Add(hash, h)
	}
	return h, ok, err
}

func bearer(header string) string {
	scheme, token, ok := strings.Cut(header, " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// Changed forgets what it knew of a clinic whose secrets or agents changed.
func (s *Switchboard) Changed(c tenancy.Change) {
	if c.Topic != topic {
		return
	}
	s.agents.Remove(c.Clinic)
	for _, hash := range s.good.Keys() {
		if h, ok := s.good.Peek(hash); ok && h.Clinic == c.Clinic {
			s.good.Remove(hash)
		}
	}
}

// Lost forgets everything: announcements may have been missed.
func (s *Switchboard) Lost() { s.good.Purge(); s.agents.Purge() }

// IssuedSecret is the only answer that ever holds the secret.
type IssuedSecret struct {
	ID     uuid.UUID
	Secret string
}

// IssueSecret makes a webhook secret for the clinic; empty means a random one, and only the demo names its own. Admins only.
func IssueSecret(ctx context.Context, tx *tenancy.Tx, secret string) (IssuedSecret, error) {
	if err := mustAdminister(tx); err != nil {
		return IssuedSecret{}, err
	}
	issued := IssuedSecret{ID: tenancy.NewID(), Secret: secret}
	if secret == "" {
		issued.Secret = SecretPrefix + rand.Text()
	}
	hash := sha256.Sum256([]byte(issued.Secret))
	_, err := tx.Exec(ctx, `insert into vapi_credentials (clinic_id, id, secret_hash) values (@clinic, @id, @hash)`,
		tenancy.Args{"clinic": tx.Clinic(), "id": issued.ID, "hash": hash[:]})
	if err != nil {
		return IssuedSecret{}, fmt.Errorf("issue a webhook secret: %w", err)
	}
	return issued, audit.Record(ctx, tx, audit.Event{Action: "webhook-secret.issued", SubjectKind: "vapi-credential", SubjectID: issued.ID, After: issued.ID})
}

// RevokeSecret ends a secret for good. Admins only.
func RevokeSecret(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) error {
	if err := mustAdminister(tx); err != nil {
		return err
	}
	now, err := tx.Now(ctx)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `update vapi_credentials set revoked_at = @now where clinic_id = @clinic and id = @id and revoked_at is null`,
		tenancy.Args{"clinic": tx.Clinic(), "id": id, "now": now})
	if err != nil {
		return fmt.Errorf("revoke a webhook secret: %w", err)
	}
	if n == 0 {
		return fault.New(fault.NotFound, "no-such-secret", "There is no such secret, or it was revoked already.")
	}
	tx.Announce(topic, id)
	return audit.Record(ctx, tx, audit.Event{Action: "webhook-secret.revoked", SubjectKind: "vapi-credential", SubjectID: id, Before: id})
}

// Secret is a webhook secret as it can be shown: the secret itself is known to Vapi only.
type Secret struct {
	ID        uuid.UUID
	CreatedAt time.Time
	RevokedAt *time.Time
}

// ListSecrets answers the clinic's webhook secrets, the newest first, revoked ones too.
func ListSecrets(ctx context.Context, tx *tenancy.Tx) ([]Secret, error) {
	rows, err := tx.Query(ctx, `select id, created_at, revoked_at from vapi_credentials where clinic_id = @clinic order by id desc`,
		tenancy.Args{"clinic": tx.Clinic()})
	if err != nil {
		return nil, fmt.Errorf("list webhook secrets: %w", err)
	}
	secrets, err := pgx.CollectRows(rows, pgx.RowToStructByName[Secret])
	if err != nil {
		return nil, fmt.Errorf("list webhook secrets: %w", err)
	}
	return secrets, nil
}

func mustAdminister(tx *tenancy.Tx) error {
	actor := tx.Actor()
	if actor.Kind == tenancy.System || actor.Kind == tenancy.User && actor.Role == "admin" {
		return nil
	}
	return fault.New(fault.Forbidden, "admins-only", "Only a practice admin can change the voice agents and their secrets.")
}

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
