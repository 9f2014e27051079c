package calls

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1" // #nosec G505 -- HMAC with SHA-1 is what some senders can do; its strength does not rest on collisions
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/privacy"
	"anteroom/domain/tenancy"
)

var algorithms = map[string]func() hash.Hash{"sha256": sha256.New, "sha512": sha512.New, "sha1": sha1.New}

func signingKeyField(id uuid.UUID) privacy.Field {
	return privacy.Field{Table: "vapi_credentials", Column: "sealed", Row: id}
}

func (s *Switchboard) signingKey(ctx context.Context, c credential) (key []byte, err error) {
	scope := tenancy.Scope{Clinic: c.Clinic, Actor: tenancy.Actor{Kind: tenancy.Agent, ID: c.ID, Role: "agent"}}
	err = s.db.WithClinic(ctx, scope, func(tx *tenancy.Tx) error {
		keys, err := s.vault.Clinic(ctx, tx)
		if err != nil {
			return fmt.Errorf("clinic keys: %w", err)
		}
		var sealed []byte
		if err := tx.QueryRow(ctx, `select sealed from vapi_credentials where clinic_id = $1 and id = $2`, tx.Clinic(), c.ID).Scan(&sealed); err != nil {
			return fmt.Errorf("read a signing key: %w", err)
		}
		key, err = keys.Open(signingKeyField(c.ID), sealed)
		return err
	})
	return key, err
}

// signed says whether the request holds a signature of this credential that is neither stale nor used before. It remembers a good one.
func (s *Switchboard) signed(ctx context.Context, scope tenancy.Scope, c credential, in Presented) (signature []byte, fresh bool, err error) {
	mac, at, ok := c.settings.verify(c.key, in)
	tolerance := time.Duration(c.settings.ToleranceSeconds) * time.Second
	now := s.db.Now()
	if !ok || now.Sub(at).Abs() > tolerance {
		return nil, false, nil
	}
	sum := sha256.Sum256(append(c.ID[:], mac...))
	err = s.db.WithClinic(ctx, scope, func(tx *tenancy.Tx) error {
		b := &pgx.Batch{}
		args := tenancy.Args{"clinic": tx.Clinic(), "signature": sum[:], "expires": at.Add(tolerance + time.Second), "now": now}
		b.Queue(`delete from vapi_signatures where clinic_id = @clinic and expires_at < @now`, args)
		b.Queue(`insert into vapi_signatures (clinic_id, signature, expires_at) values (@clinic, @signature, @expires) on conflict do nothing`, args)
		br := tx.SendBatch(ctx, b)
		_, err := br.Exec()
		if err == nil {
			tag, second := br.Exec()
			fresh, err = tag.RowsAffected() == 1, second
		}
		if closed := br.Close(); err == nil {
			err = closed
		}
		return err
	})
	if err != nil {
		return nil, false, fmt.Errorf("remember a signature: %w", err)
	}
	return sum[:], fresh, nil
}

// Withdraw takes an admission back after a failure of ours: the sender may deliver the same again.
func (s *Switchboard) Withdraw(ctx context.Context, a Admission) error {
	if a.signature == nil {
		return nil
	}
	return s.db.Once(ctx, a.Scope, func(tx *tenancy.Tx) error {
		_, err := tx.Exec(ctx, `delete from vapi_signatures where clinic_id = @clinic and signature = @signature`, tenancy.Args{"clinic": tx.Clinic(), "signature": a.signature})
		return err
	})
}

// verify answers the code and the time that were signed; ok is false when anything is missing or does not fit.
func (st Settings) verify(key []byte, in Presented) (mac []byte, at time.Time, ok bool) {
	newHash := algorithms[st.Algorithm]
	sent, prefixed := strings.CutPrefix(strings.TrimSpace(in.Header(st.Header)), st.Prefix)
	stamp := strings.TrimSpace(in.Header(st.TimestampHeader))
	at, timed := signedAt(stamp)
	if newHash == nil || len(key) == 0 || !prefixed || sent == "" || !timed {
		return nil, time.Time{}, false
	}
	id := ""
	if st.IDHeader != "" {
		if id = in.Header(st.IDHeader); id == "" {
			return nil, time.Time{}, false
		}
	}
	given, err := st.decode(sent)
	if err != nil {
		return nil, time.Time{}, false
	}
	h := hmac.New(newHash, key)
	h.Write(st.payload(stamp, id, in.Body))
	mac = h.Sum(nil)
	return mac, at, hmac.Equal(mac, given)
}

func (st Settings) decode(sent string) ([]byte, error) {
	if st.Encoding == "base64" {
		sent = strings.TrimRight(strings.NewReplacer("-", "+", "_", "/").Replace(sent), "=")
		return base64.RawStdEncoding.Strict().DecodeString(sent)
	}
	return hex.DecodeString(sent)
}

// payload fills the template in one pass: what stands in the body is never taken for a placeholder.
func (st Settings) payload(stamp, id string, body []byte) []byte {
	var out bytes.Buffer
	rest := st.Payload
	for rest != "" {
		i := strings.IndexByte(rest, '{')
		if i < 0 {
			break
		}
		out.WriteString(rest[:i])
		rest = rest[i:]
		switch {
		case strings.HasPrefix(rest, "{timestamp}"):
			out.WriteString(stamp)
			rest = rest[len("{timestamp}"):]
		case strings.HasPrefix(rest, "{body}"):
			out.Write(body)
			rest = rest[len("{body}"):]
		case strings.HasPrefix(rest, "{id}"):
			out.WriteString(id)
			rest = rest[len("{id}"):]
		default:
			out.WriteByte('{')
			rest = rest[1:]
		}
	}
	out.WriteString(rest)
	return out.Bytes()
}

// signedAt reads a time whose unit nobody documents: seconds, milliseconds or microseconds by their magnitude, or ISO 8601.
func signedAt(stamp string) (time.Time, bool) {
	if at, err := time.Parse(time.RFC3339Nano, stamp); err == nil {
		return at, true
	}
	n, err := strconv.ParseFloat(stamp, 64)
	switch {
	case err != nil || n < 1e8 || n >= 1e17: // before 1973, or no time at all; NaN too
		return time.Time{}, false
	case n < 1e11:
		n *= 1e6
	case n < 1e14:
		n *= 1e3
	}
	return time.UnixMicro(int64(n)), n == n
}
