package calls

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"net/netip"
	"strings"
	"time"

	"github.com/google/uuid"

	"anteroom/domain/fault"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
)

// The ways in which Vapi can prove that it speaks for a clinic.
const (
	StyleSecret = "secret" // X-Vapi-Secret, or the same as a bearer token
	StyleBearer = "bearer" // a token in a header of the clinic's choice
	StyleHMAC   = "hmac"   // a signature over timestamp and body
	StyleOAuth  = "oauth"  // client credentials, for a token that lives an hour
)

// CredentialHeader and CredentialQuery name the credential of a request that does not hold a secret by which it can be looked up. It is a public id.
const (
	CredentialHeader = "X-Anteroom-Credential"
	CredentialQuery  = "credential"
)

// A revoked secret is dead at once where the announcement arrives, and after memory where it was lost.
const (
	memory  = 5 * time.Second
	inCache = 10_000
)

// vapiAddresses is where Vapi sends from when its organisation has asked for fixed addresses.
var vapiAddresses = netip.MustParsePrefix("167.150.224.0/23")

// usedEvery is how exactly it is known when a credential was last used.
const usedEvery = 10 * time.Minute

// Presented is what a request shows to prove that Vapi sent it.
type Presented struct {
	Header     func(name string) string
	Credential string // from the URL: the public id
	Address    string // of the sender, as the proxies that are believed report it
	Body       []byte // as it was sent: signatures are over its bytes
}

// Admission is a request that was let in.
type Admission struct {
	Scope     tenancy.Scope // the address and the request id are the caller's to fill
	signature []byte
}

// credential is one that was looked up.
type credential struct {
	tenancy.VapiCredential
	settings Settings
	key      []byte // of an HMAC
}

// Authenticate answers the clinic that a request is from, by its credential alone. Everything else, an empty secret too, is
// fault.Unauthenticated, whatever the reason.
func (s *Switchboard) Authenticate(ctx context.Context, in Presented) (Admission, error) {
	c, ok, err := s.present(ctx, in)
	if err != nil {
		return Admission{}, err
	}
	if !ok || !s.alive(c) || c.OnlyVapi && !fromVapi(in.Address) {
		return Admission{}, errBadSecret()
	}
	a := Admission{Scope: tenancy.Scope{Clinic: c.Clinic, Actor: tenancy.Actor{Kind: tenancy.Agent, ID: c.ID, Role: "agent"}}}
	if c.Style == StyleHMAC {
		var fresh bool
		if a.signature, fresh, err = s.signed(ctx, a.Scope, c, in); err != nil {
			return Admission{}, err
		}
		if !fresh {
			return Admission{}, errBadSecret()
		}
	}
	return a, s.noteUse(ctx, a.Scope, c)
}

func errBadSecret() error {
	return fault.New(fault.Unauthenticated, "bad-secret", "This webhook secret is not known.")
}

// present finds the credential that the request holds the secret of; of an HMAC only which one it names, to be verified yet.
func (s *Switchboard) present(ctx context.Context, in Presented) (credential, bool, error) {
	named := in.Header(CredentialHeader)
	if named == "" {
		named = in.Credential
	}
	if named != "" {
		return s.presentNamed(ctx, in, named)
	}
	for _, secret := range []string{in.Header("X-Vapi-Secret"), bearer(in.Header("Authorization"))} {
		c, ok, err := s.bySecret(ctx, secret)
		if err != nil {
			return credential{}, false, err
		}
		if ok && (c.Style == StyleSecret || c.ByToken || c.Style == StyleBearer && c.settings.inAuthorization() && secret == c.settings.token(in)) {
			return c, true, nil
		}
	}
	return credential{}, false, nil
}

func (s *Switchboard) presentNamed(ctx context.Context, in Presented, named string) (credential, bool, error) {
	id, err := uuid.Parse(named)
	if err != nil || len(named) != 36 {
		return credential{}, false, nil
	}
	c, ok, err := s.byID(ctx, id)
	if err != nil || !ok || c.Style == StyleHMAC {
		return c, ok, err
	}
	secrets := []string{in.Header("X-Vapi-Secret"), bearer(in.Header("Authorization"))}
	switch c.Style {
	case StyleBearer:
		secrets = []string{c.settings.token(in)}
	case StyleOAuth:
		secrets = secrets[1:]
	}
	for _, secret := range secrets {
		found, ok, err := s.bySecret(ctx, secret)
		if err != nil {
			return credential{}, false, err
		}
		if ok && found.ID == c.ID && (found.Style != StyleOAuth || found.ByToken) {
			return found, true, nil
		}
	}
	return credential{}, false, nil
}

// bySecret compares digests, in the database and in memory: how long that takes says nothing about the secret.
func (s *Switchboard) bySecret(ctx context.Context, secret string) (credential, bool, error) {
	if secret == "" || len(secret) > 200 {
		return credential{}, false, nil
	}
	hash := sha256.Sum256([]byte(secret))
	if c, ok := s.good.Get(hash); ok {
		return c, true, nil
	}
	found, ok, err := s.db.VapiCredentialOfSecret(ctx, hash[:])
	if err != nil || !ok {
		return credential{}, false, err
	}
	if found.Style == StyleOAuth && !found.ByToken {
		return credential{}, false, nil // a client's secret opens the token's door only
	}
	c, err := newCredential(found)
	if err == nil {
		s.good.Add(hash, c)
	}
	return c, err == nil, err
}

func (s *Switchboard) byID(ctx context.Context, id uuid.UUID) (credential, bool, error) {
	if c, ok := s.named.Get(id); ok {
		return c, true, nil
	}
	found, ok, err := s.db.VapiCredentialByID(ctx, id)
	if err != nil || !ok {
		return credential{}, false, err
	}
	c, err := newCredential(found)
	if err != nil {
		return credential{}, false, err
	}
	if c.Style == StyleHMAC {
		if c.key, err = s.signingKey(ctx, c); err != nil {
			return credential{}, false, err
		}
	}
	s.named.Add(id, c)
	return c, true, nil
}

func newCredential(found tenancy.VapiCredential) (credential, error) {
	c := credential{VapiCredential: found}
	err := json.Unmarshal(found.Settings, &c.settings)
	return c, err
}

func (s *Switchboard) alive(c credential) bool {
	return c.EndsAt == nil || s.db.Now().Before(*c.EndsAt)
}

func fromVapi(address string) bool {
	a, err := netip.ParseAddr(address)
	return err == nil && vapiAddresses.Contains(a.Unmap())
}

func bearer(header string) string {
	scheme, token, ok := strings.Cut(header, " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// inAuthorization says whether the token stands where it can be found without knowing whose it is.
func (st Settings) inAuthorization() bool {
	return strings.EqualFold(st.Header, "Authorization") && strings.EqualFold(strings.TrimSpace(st.Prefix), "Bearer")
}

// token is what the clinic's header holds after its prefix; empty when either is missing.
func (st Settings) token(in Presented) string {
	value := in.Header(st.Header)
	if len(value) < len(st.Prefix) || subtle.ConstantTimeCompare([]byte(strings.ToLower(value[:len(st.Prefix)])), []byte(strings.ToLower(st.Prefix))) == 0 {
		return ""
	}
	return strings.TrimSpace(value[len(st.Prefix):])
}

const noteUse = `update vapi_credentials set used_at = @now where clinic_id = @clinic and id = @id and (used_at is null or used_at < @before)`

// noteUse keeps when the credential was last used, so that people see which one they can end.
func (s *Switchboard) noteUse(ctx context.Context, scope tenancy.Scope, c credential) error {
	now := s.db.Now()
	if c.UsedAt != nil && now.Sub(*c.UsedAt) < usedEvery {
		return nil
	}
	if last, ok := s.used.Get(c.ID); ok && now.Sub(last) < usedEvery {
		return nil
	}
	s.used.Add(c.ID, now)
	return s.db.Once(ctx, scope, func(tx *tenancy.Tx) error {
		_, err := tx.Exec(ctx, noteUse, tenancy.Args{"clinic": tx.Clinic(), "id": c.ID, "now": now, "before": now.Add(-usedEvery)})
		return err
	})
}

// Changed forgets what it knew of a clinic whose secrets, agents or services changed.
func (s *Switchboard) Changed(c tenancy.Change) {
	if c.Topic == scheduling.ServicesTopic {
		s.services.Remove(c.Clinic)
	}
	if c.Topic != topic {
		return
	}
	s.agents.Remove(c.Clinic)
	s.foreign.Purge()
	for _, hash := range s.good.Keys() {
		if h, ok := s.good.Peek(hash); ok && h.Clinic == c.Clinic {
			s.good.Remove(hash)
		}
	}
	for _, id := range s.named.Keys() {
		if h, ok := s.named.Peek(id); ok && h.Clinic == c.Clinic {
			s.named.Remove(id)
		}
	}
}

// Lost forgets everything: announcements may have been missed.
func (s *Switchboard) Lost() {
	s.good.Purge()
	s.named.Purge()
	s.agents.Purge()
	s.services.Purge()
	s.foreign.Purge()
}
