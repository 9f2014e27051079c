package calls

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/audit"
	"anteroom/domain/tenancy"
)

// TokenPrefix leads every access token, so that one that leaked is recognised.
const TokenPrefix = "vt_"

// TokenLife is how long an access token is good.
const TokenLife = time.Hour

// AuthenticateClient answers the clinic of an OAuth client, by its id and its secret together. Everything else is fault.Unauthenticated.
func (s *Switchboard) AuthenticateClient(ctx context.Context, id, secret, address string) (tenancy.Scope, error) {
	client, err := uuid.Parse(id)
	if err != nil || secret == "" || len(secret) > 200 {
		return tenancy.Scope{}, errBadSecret()
	}
	hash := sha256.Sum256([]byte(secret))
	found, ok, err := s.db.VapiCredentialOfSecret(ctx, hash[:])
	if err != nil {
		return tenancy.Scope{}, err
	}
	if !ok || found.ID != client || found.Style != StyleOAuth || found.ByToken || !s.alive(credential{VapiCredential: found}) || found.OnlyVapi && !fromVapi(address) {
		return tenancy.Scope{}, errBadSecret()
	}
	return tenancy.Scope{Clinic: found.Clinic, Actor: tenancy.Actor{Kind: tenancy.Agent, ID: found.ID, Role: "agent"}}, nil
}

// IssueToken makes an access token for the client that the transaction acts for.
func IssueToken(ctx context.Context, tx *tenancy.Tx) (token string, err error) {
	now, err := tx.Now(ctx)
	if err != nil {
		return "", err
	}
	client := tx.Actor().ID
	id := tenancy.NewID()
	token = TokenPrefix + rand.Text()
	hash := sha256.Sum256([]byte(token))
	b := &pgx.Batch{}
	b.Queue(`delete from vapi_tokens where clinic_id = @clinic and expires_at <= @now`, tenancy.Args{"clinic": tx.Clinic(), "now": now})
	b.Queue(`insert into vapi_tokens (clinic_id, id, credential_id, token_hash, expires_at) values (@clinic, @id, @client, @hash, @expires)`,
		tenancy.Args{"clinic": tx.Clinic(), "id": id, "client": client, "hash": hash[:], "expires": now.Add(TokenLife)})
	if err := audit.Queue(b, tx, audit.Event{Action: "webhook-token.issued", SubjectKind: "vapi-credential", SubjectID: client, After: id}); err != nil {
		return "", err
	}
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return "", fmt.Errorf("issue an access token: %w", err)
	}
	return token, nil
}
