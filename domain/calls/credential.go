package calls

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/textproto"
	"regexp"
	"slices"
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

// Settings say how a credential is shown in a request. Those that its style has no use for are empty.
type Settings struct {
	Header           string `json:"header,omitempty"` // of the token, or of the signature
	Prefix           string `json:"prefix,omitempty"` // before the token, or before the signature: "Bearer ", "sha256="
	Algorithm        string `json:"algorithm,omitempty"`
	TimestampHeader  string `json:"timestamp_header,omitempty"`
	IDHeader         string `json:"id_header,omitempty"` // of a message id, when the payload has one
	Payload          string `json:"payload,omitempty"`   // what is signed, of {timestamp}, {body} and {id}
	Encoding         string `json:"encoding,omitempty"`  // hex or base64
	ToleranceSeconds int    `json:"tolerance_seconds,omitempty"`
}

// DefaultSettings are Vapi's own for a style.
func DefaultSettings(style string) Settings {
	switch style {
	case StyleBearer:
		return Settings{Header: "Authorization", Prefix: "Bearer "}
	case StyleHMAC:
		return Settings{Header: "X-Signature", Algorithm: "sha256", TimestampHeader: "X-Timestamp", Payload: "{timestamp}.{body}", Encoding: "hex", ToleranceSeconds: 300}
	}
	return Settings{}
}

var headerName = regexp.MustCompile(`^[A-Za-z0-9-]{1,60}$`)

// reserved headers are not the clinic's to fill, or hold what is not secret.
var reserved = []string{"Host", "Content-Type", "Content-Length", "Cookie", "Connection", "Transfer-Encoding", CredentialHeader, "X-Call-Id"}

func (st *Settings) check(style string) error {
	bad := fault.New(fault.Invalid, "invalid-field", "These settings cannot be used.")
	header := func(field string, value *string, optional bool) {
		*value = textproto.CanonicalMIMEHeaderKey(strings.TrimSpace(*value))
		if *value == "" && optional {
			return
		}
		if !headerName.MatchString(*value) || slices.Contains(reserved, *value) {
			bad.On(field, "A header's name is of letters, digits and hyphens, and none that every request has.")
		}
	}
	if style == StyleBearer || style == StyleHMAC {
		header("header", &st.Header, false)
		if len(st.Prefix) > 40 || strings.ContainsFunc(st.Prefix, func(r rune) bool { return r < ' ' || r > '~' }) {
			bad.On("prefix", "A prefix has at most 40 plain characters.")
		}
	}
	if style == StyleHMAC {
		header("timestamp_header", &st.TimestampHeader, false)
		header("id_header", &st.IDHeader, true)
		switch {
		case !strings.Contains(st.Payload, "{timestamp}") || !strings.Contains(st.Payload, "{body}") || len(st.Payload) > 100:
			bad.On("payload", "What is signed must hold {timestamp} and {body}: without them an old request could be sent again, or changed.")
		case strings.Contains(st.Payload, "{id}") != (st.IDHeader != ""):
			bad.On("id_header", "A header for the message id goes together with {id} in what is signed.")
		}
		if algorithms[st.Algorithm] == nil {
			bad.On("algorithm", "Choose SHA-256, SHA-512 or SHA-1.")
		}
		if st.Encoding != "hex" && st.Encoding != "base64" {
			bad.On("encoding", "Signatures are written in hex or in base64.")
		}
		if st.ToleranceSeconds < 10 || st.ToleranceSeconds > 3600 {
			bad.On("tolerance_seconds", "A request may be between 10 seconds and an hour old.")
		}
	}
	if len(bad.Fields) > 0 {
		return bad
	}
	return nil
}

// NewCredential is what a clinic asks for.
type NewCredential struct {
	ID       uuid.UUID // uuid.Nil: a new one. A form brings its own, so that one sent twice makes one secret
	Name     string    // for people
	Style    string
	Settings Settings
	Secret   string // empty means a random one; only the demo names its own
}

// IssuedSecret is the only answer that ever holds the secret. Its id is public: it names the credential, and is the client id of OAuth.
type IssuedSecret struct {
	ID          uuid.UUID
	Style       string
	Secret      string
	MustBeNamed bool // by its id, in every request
}

const insertCredential = `insert into vapi_credentials (clinic_id, id, name, style, settings, secret_hash, sealed, replaces_id, created_at)
values (@clinic, @id, @name, @style, @settings, @hash, @sealed, @replaces, @now)`

// Issue makes a credential of any style. Faults name the field. Admins only.
func (s *Switchboard) Issue(ctx context.Context, tx *tenancy.Tx, in NewCredential) (IssuedSecret, error) {
	return s.issue(ctx, tx, in, nil)
}

func (s *Switchboard) issue(ctx context.Context, tx *tenancy.Tx, in NewCredential, replaces *uuid.UUID) (IssuedSecret, error) {
	if err := mustAdminister(tx); err != nil {
		return IssuedSecret{}, err
	}
	in.Name = oneLine(in.Name)
	switch {
	case len([]rune(in.Name)) > 80:
		return IssuedSecret{}, fault.BadField("name", "Give it a name of up to 80 characters.")
	case !slices.Contains([]string{StyleSecret, StyleBearer, StyleHMAC, StyleOAuth}, in.Style):
		return IssuedSecret{}, fault.BadField("style", "Choose how Vapi proves who it is.")
	}
	if err := in.Settings.check(in.Style); err != nil {
		return IssuedSecret{}, err
	}
	issued := IssuedSecret{ID: in.ID, Style: in.Style, Secret: in.Secret, MustBeNamed: Secret{Style: in.Style, Settings: in.Settings}.MustBeNamed()}
	if issued.ID == uuid.Nil {
		issued.ID = tenancy.NewID()
	}
	if issued.Secret == "" {
		issued.Secret = SecretPrefix + rand.Text()
	}
	now, err := tx.Now(ctx)
	if err != nil {
		return IssuedSecret{}, err
	}
	settings, err := json.Marshal(in.Settings)
	if err != nil {
		return IssuedSecret{}, err
	}
	shown := issued.Secret
	var sealed []byte
	if in.Style == StyleHMAC {
		keys, err := s.vault.Clinic(ctx, tx)
		if err != nil {
			return IssuedSecret{}, fmt.Errorf("clinic keys: %w", err)
		}
		if sealed, err = keys.Seal(signingKeyField(issued.ID), []byte(issued.Secret)); err != nil {
			return IssuedSecret{}, err
		}
		shown = rand.Text() // nobody's: a signing key is never shown as a secret
	}
	hash := sha256.Sum256([]byte(shown))
	_, err = tx.Exec(ctx, insertCredential, tenancy.Args{"clinic": tx.Clinic(), "id": issued.ID, "name": in.Name, "style": in.Style, "settings": settings, "hash": hash[:],
		"sealed": sealed, "replaces": replaces, "now": now})
	if tenancy.IsUnique(err) && in.ID != uuid.Nil {
		return IssuedSecret{}, fault.New(fault.Conflict, "issued-already", "This secret was made already, and was shown then. Make another one if nobody has it.")
	}
	if err != nil {
		return IssuedSecret{}, fmt.Errorf("issue a webhook secret: %w", err)
	}
	return issued, audit.Record(ctx, tx, audit.Event{Action: "webhook-secret.issued", SubjectKind: "vapi-credential", SubjectID: issued.ID,
		After: map[string]any{"id": issued.ID, "style": in.Style, "settings": in.Settings}})
}

// IssueSecret makes a shared secret for X-Vapi-Secret; empty means a random one. Admins only.
func IssueSecret(ctx context.Context, tx *tenancy.Tx, secret string) (IssuedSecret, error) {
	return (*Switchboard)(nil).issue(ctx, tx, NewCredential{Style: StyleSecret, Secret: secret}, nil) // needs no keys
}

// Overlaps are for how long a secret that was replaced may live on.
var Overlaps = []time.Duration{0, time.Hour, 24 * time.Hour, 7 * 24 * time.Hour}

const selectForRotation = `select name, style, settings, ends_at from vapi_credentials where clinic_id = @clinic and id = @id and revoked_at is null for update`

// Rotate makes a credential like this one, and ends this one after the overlap: until then both are good. Admins only.
func (s *Switchboard) Rotate(ctx context.Context, tx *tenancy.Tx, id uuid.UUID, overlap time.Duration) (IssuedSecret, error) {
	if err := mustAdminister(tx); err != nil {
		return IssuedSecret{}, err
	}
	if !slices.Contains(Overlaps, overlap) {
		return IssuedSecret{}, fault.BadField("overlap", "Choose how long both secrets are good.")
	}
	now, err := tx.Now(ctx)
	if err != nil {
		return IssuedSecret{}, err
	}
	var in NewCredential
	var settings []byte
	var ends *time.Time
	err = tx.QueryRow(ctx, selectForRotation, tenancy.Args{"clinic": tx.Clinic(), "id": id}).Scan(&in.Name, &in.Style, &settings, &ends)
	if tenancy.IsNone(err) {
		return IssuedSecret{}, errNoSecret()
	}
	if err == nil {
		err = json.Unmarshal(settings, &in.Settings)
	}
	if err != nil {
		return IssuedSecret{}, fmt.Errorf("read a webhook secret: %w", err)
	}
	if ends != nil {
		return IssuedSecret{}, fault.New(fault.Conflict, "secret-replaced", "This secret was replaced already. Rotate the one that replaced it.")
	}
	issued, err := s.issue(ctx, tx, in, &id)
	if err != nil {
		return IssuedSecret{}, err
	}
	end := now.Add(overlap)
	_, err = tx.Exec(ctx, `update vapi_credentials set ends_at = @end where clinic_id = @clinic and id = @id`, tenancy.Args{"clinic": tx.Clinic(), "id": id, "end": end})
	if err != nil {
		return IssuedSecret{}, fmt.Errorf("end a webhook secret: %w", err)
	}
	tx.Announce(topic, id)
	return issued, audit.Record(ctx, tx, audit.Event{Action: "webhook-secret.rotated", SubjectKind: "vapi-credential", SubjectID: id, Before: id,
		After: map[string]any{"by": issued.ID, "ends": end}})
}

func errNoSecret() error {
	return fault.New(fault.NotFound, "no-such-secret", "There is no such secret, or it was revoked already.")
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
		return errNoSecret()
	}
	tx.Announce(topic, id)
	return audit.Record(ctx, tx, audit.Event{Action: "webhook-secret.revoked", SubjectKind: "vapi-credential", SubjectID: id, Before: id})
}

// Secret is a webhook secret as it can be shown: the secret itself is known to Vapi only.
type Secret struct {
	ID        uuid.UUID
	Name      string
	Style     string
	Settings  Settings
	CreatedAt time.Time
	UsedAt    *time.Time // to within some minutes
	EndsAt    *time.Time // it was replaced, and lives until then
	RevokedAt *time.Time
}

// Live says whether it opens anything now.
func (s Secret) Live(now time.Time) bool {
	return s.RevokedAt == nil && (s.EndsAt == nil || now.Before(*s.EndsAt))
}

// MustBeNamed says whether a request must tell which credential it uses: by the header CredentialHeader, or in the address.
func (s Secret) MustBeNamed() bool {
	return s.Style == StyleHMAC || s.Style == StyleBearer && !s.Settings.inAuthorization()
}

// ListSecrets answers the clinic's webhook secrets, the newest first, revoked ones too.
func ListSecrets(ctx context.Context, tx *tenancy.Tx) ([]Secret, error) {
	rows, err := tx.Query(ctx, `select id, name, style, settings, created_at, used_at, ends_at, revoked_at from vapi_credentials where clinic_id = @clinic order by id desc`,
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
