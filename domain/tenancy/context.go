package tenancy

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// ContextLife is how long a signed context may open a transaction. The database compares it with the transaction's start, so a
// transaction may run longer; a minute leaves room for clocks that differ.
const ContextLife = time.Minute

// Kinds of actor.
const (
	User   = "user"   // a person with a session
	Key    = "key"    // an API key
	Agent  = "agent"  // a voice agent, known by its clinic's webhook credential
	Link   = "link"   // a patient behind a link
	System = "system" // a job
)

// Actor is whoever does it. Kind and ID are signed into the context; the rest is recorded in the audit.
type Actor struct {
	Kind      string
	ID        uuid.UUID
	Role      string // the role it acts in: admin, frontdesk, clinician, compliance, or api, agent, system
	Address   string // where the request came from
	RequestID string
}

// String is the form that the signed context carries.
func (a Actor) String() string { return a.Kind + ":" + a.ID.String() }

// Scope is for whom a transaction is opened: always taken from a session, a credential or a job, never from a URL or a body.
type Scope struct {
	Clinic uuid.UUID
	Actor  Actor
}

// Signer makes the tenant context that app.current_clinic() verifies.
type Signer struct {
	kid string
	key []byte
}

// NewSigner takes a secret of 32 bytes or more; the same secret must have been installed with InstallContextKey.
func NewSigner(secret []byte) (*Signer, error) {
	if len(secret) < 32 {
		return nil, errors.New("the context key must have at least 32 bytes")
	}
	sum := sha256.Sum256(append([]byte("kid"), secret...))
	return &Signer{kid: hex.EncodeToString(sum[:4]), key: secret}, nil
}

// sign is the one place where a context is made.
func (s *Signer) sign(scope Scope, now time.Time) string {
	body := strings.Join([]string{"v1", s.kid, scope.Clinic.String(), scope.Actor.String(), strconv.FormatInt(now.Add(ContextLife).Unix(), 10)}, ".")
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(body))
	return body + "." + hex.EncodeToString(mac.Sum(nil))
}

// pads are the two blocks of RFC 2104, section 2, which let SQL compute HMAC-SHA-256 with two plain hashes.
func (s *Signer) pads() (ipad, opad []byte) {
	key := s.key
	if len(key) > 64 {
		sum := sha256.Sum256(key)
		key = sum[:]
	}
	ipad, opad = make([]byte, 64), make([]byte, 64)
	copy(ipad, key)
	copy(opad, key)
	for i := range ipad {
		ipad[i] ^= 0x36
		opad[i] ^= 0x5c
	}
	return ipad, opad
}

func (s Scope) validate() error {
	switch {
	case s.Clinic == uuid.Nil:
		return errors.New("a transaction needs a clinic")
	case s.Actor.Kind == "" || strings.ContainsAny(s.Actor.Kind, ".:"):
		return fmt.Errorf("a transaction needs an actor, not %q", s.Actor.Kind)
	}
	return nil
}

// NewID makes a UUIDv7 (RFC 9562): ids sort by the time they were made.
func NewID() uuid.UUID { return uuid.Must(uuid.NewV7()) }
