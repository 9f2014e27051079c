package identity

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/golang-lru/v2/expirable"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/audit"
	"anteroom/domain/fault"
	"anteroom/domain/tenancy"
)

// KeyPrefix leads every API key, so that one that leaked is recognised.
const KeyPrefix = "ak_"

// keysTopic is announced when a key was revoked.
const keysTopic = "keys"

// A revoked key is dead at once where the announcement arrives, and after keyMemory where it was lost.
const (
	keyMemory   = 5 * time.Second
	keysInCache = 10_000
)

// APIKey is one key of a clinic; the token itself is known to its holder only.
type APIKey struct {
	ID        uuid.UUID  `db:"id"`
	Name      string     `db:"name"`
	Hint      string     `db:"hint"` // the last characters of the token
	CreatedAt time.Time  `db:"created_at"`
	RevokedAt *time.Time `db:"revoked_at"`
}

// NewKey is what to issue.
type NewKey struct {
	Name  string
	Token string // empty: a random one. Only the demo names its own.
}

// IssuedKey is the only answer that ever holds the token.
type IssuedKey struct {
	ID    uuid.UUID
	Token string
}

const insertKey = `insert into api_keys (clinic_id, id, name, token_hash, hint) values (@clinic, @id, @name, @hash, @hint)`

// IssueKey makes an API key for the clinic. Admins only.
func IssueKey(ctx context.Context, tx *tenancy.Tx, in NewKey) (IssuedKey, error) {
	if err := mustAdminister(tx); err != nil {
		return IssuedKey{}, err
	}
	name := strings.TrimSpace(in.Name)
	if name == "" || len([]rune(name)) > 80 {
		return IssuedKey{}, fault.BadField("name", "Give the key a name of up to 80 characters, such as the program that uses it.")
	}
	key := IssuedKey{ID: tenancy.NewID(), Token: in.Token}
	if key.Token == "" {
		key.Token = KeyPrefix + rand.Text()
	}
	_, err := tx.Exec(ctx, insertKey, tenancy.Args{"clinic": tx.Clinic(), "id": key.ID, "name": name,
		"hash": tokenHash(key.Token), "hint": key.Token[max(0, len(key.Token)-4):]})
	if err != nil {
		return IssuedKey{}, fmt.Errorf("issue a key: %w", err)
	}
	return key, audit.Record(ctx, tx, audit.Event{Action: "key.issued", SubjectKind: "api-key", SubjectID: key.ID, After: key.ID})
}

// RevokeKey ends a key for good. Admins only.
func RevokeKey(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) error {
	if err := mustAdminister(tx); err != nil {
		return err
	}
	now, err := tx.Now(ctx)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `update api_keys set revoked_at = @now where clinic_id = @clinic and id = @id and revoked_at is null`,
		tenancy.Args{"clinic": tx.Clinic(), "id": id, "now": now})
	if err != nil {
		return fmt.Errorf("revoke a key: %w", err)
	}
	if n == 0 {
		return fault.New(fault.NotFound, "no-such-key", "There is no such key, or it was revoked already.")
	}
	tx.Announce(keysTopic, id)
	return audit.Record(ctx, tx, audit.Event{Action: "key.revoked", SubjectKind: "api-key", SubjectID: id, Before: id})
}

// ListKeys are the clinic's keys, the newest first, revoked ones too.
func ListKeys(ctx context.Context, tx *tenancy.Tx) ([]APIKey, error) {
	rows, err := tx.Query(ctx, `select id, name, hint, created_at, revoked_at from api_keys where clinic_id = @clinic order by id desc`,
		tenancy.Args{"clinic": tx.Clinic()})
	if err != nil {
		return nil, fmt.Errorf("list keys: %w", err)
	}
	keys, err := pgx.CollectRows(rows, pgx.RowToStructByName[APIKey])
	if err != nil {
		return nil, fmt.Errorf("list keys: %w", err)
	}
	return keys, nil
}

// Keys authenticates API keys. It remembers good ones for a few seconds, so that the booking path pays no round trip for them.
type Keys struct {
	db   *tenancy.DB
	good *expirable.LRU[[sha256.Size]byte, tenancy.Holder]
}

// NewKeys needs to hear of changes (Changed, Lost), or a revoked key lives on for five seconds.
func NewKeys(db *tenancy.DB) *Keys {
	return &Keys{db: db, good: expirable.NewLRU[[sha256.Size]byte, tenancy.Holder](keysInCache, nil, keyMemory)}
}

// Authenticate answers for whom a key acts; the scope's address and request id are the caller's to fill. fault.Unauthenticated for
// every key that is not good, whatever the reason.
func (k *Keys) Authenticate(ctx context.Context, token string) (tenancy.Scope, error) {
	if !strings.HasPrefix(token, KeyPrefix) || len(token) > 100 {
		return tenancy.Scope{}, badKey()
	}
	hash := sha256.Sum256([]byte(token))
	holder, ok := k.good.Get(hash)
	if !ok {
		var err error
		if holder, ok, err = k.db.ClinicOfKey(ctx, hash[:]); err != nil {
			return tenancy.Scope{}, err
		}
		if !ok {
			return tenancy.Scope{}, badKey()
		}
		k.good.Add(hash, holder)
	}
	return tenancy.Scope{Clinic: holder.Clinic, Actor: tenancy.Actor{Kind: tenancy.Key, ID: holder.Credential, Role: "api"}}, nil
}

// Changed forgets a key that was revoked.
func (k *Keys) Changed(c tenancy.Change) {
	if c.Topic != keysTopic {
		return
	}
	for _, hash := range k.good.Keys() {
		if h, ok := k.good.Peek(hash); ok && h.Credential == c.ID && h.Clinic == c.Clinic {
			k.good.Remove(hash)
		}
	}
}

// Lost forgets everything: announcements may have been missed.
func (k *Keys) Lost() { k.good.Purge() }

func badKey() error {
	return fault.New(fault.Unauthenticated, "bad-key", "This API key is not known. Send one as Authorization: Bearer ak_….")
}

func tokenHash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
