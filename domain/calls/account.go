package calls

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/nyaruka/phonenumbers"

	"anteroom/domain/audit"
	"anteroom/domain/fault"
	"anteroom/domain/privacy"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
)

// Account is what a clinic has at Vapi, as it can be shown: its key is not among it.
type Account struct {
	HasKey            bool
	KeyHint           string // its last four characters
	OnlyVapiAddresses bool   // requests from other addresses are refused
	TransferNumber    string // E.164, of the clinic's own desk
	CheckedAt         *time.Time
	CheckCode         string // empty, "ok", or the code of what failed
}

const selectAccount = `select api_key is not null as has_key, api_key_hint as key_hint, only_vapi_addresses, transfer_number, checked_at, check_code
from vapi_accounts where clinic_id = @clinic`

// LoadAccount reads it; the zero Account when the clinic has none yet.
func LoadAccount(ctx context.Context, tx *tenancy.Tx) (Account, error) {
	rows, err := tx.Query(ctx, selectAccount, tenancy.Args{"clinic": tx.Clinic()})
	if err != nil {
		return Account{}, fmt.Errorf("read the account at Vapi: %w", err)
	}
	a, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Account])
	if err != nil && !tenancy.IsNone(err) {
		return Account{}, fmt.Errorf("read the account at Vapi: %w", err)
	}
	return a, nil
}

// AccountInput is what a practice admin sets.
type AccountInput struct {
	OnlyVapiAddresses bool
	TransferNumber    string // as people of the clinic's country write it; empty for none
}

const saveAccount = `insert into vapi_accounts (clinic_id, only_vapi_addresses, transfer_number, updated_at) values (@clinic, @only, @number, @now)
on conflict (clinic_id) do update set only_vapi_addresses = @only, transfer_number = @number, updated_at = @now`

// SaveAccount changes what calls may do. Faults name the field. Admins only.
func SaveAccount(ctx context.Context, tx *tenancy.Tx, in AccountInput) error {
	if err := mustAdminister(tx); err != nil {
		return err
	}
	clinic, err := scheduling.LoadClinic(ctx, tx)
	if err != nil {
		return err
	}
	before, err := LoadAccount(ctx, tx)
	if err != nil {
		return err
	}
	if in.TransferNumber != "" {
		n, err := phonenumbers.Parse(in.TransferNumber, clinic.Country)
		if err != nil || len(in.TransferNumber) > 40 || phonenumbers.IsPossibleNumberWithReason(n) != phonenumbers.IS_POSSIBLE {
			return fault.BadField("transfer_number", "This is not a phone number with its area code.")
		}
		in.TransferNumber = phonenumbers.Format(n, phonenumbers.E164)
	}
	now, err := tx.Now(ctx)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, saveAccount, tenancy.Args{"clinic": tx.Clinic(), "only": in.OnlyVapiAddresses, "number": in.TransferNumber, "now": now}); err != nil {
		return fmt.Errorf("save the account at Vapi: %w", err)
	}
	tx.Announce(topic, tx.Clinic())
	return audit.Record(ctx, tx, audit.Event{Action: "vapi-account.changed", SubjectKind: "clinic", SubjectID: tx.Clinic(),
		Before: AccountInput{before.OnlyVapiAddresses, before.TransferNumber}, After: in})
}

func apiKeyField(tx *tenancy.Tx) privacy.Field {
	return privacy.Field{Table: "vapi_accounts", Column: "api_key", Row: tx.Clinic()}
}

const saveKey = `insert into vapi_accounts (clinic_id, api_key, api_key_hint, updated_at) values (@clinic, @key, @hint, @now)
on conflict (clinic_id) do update set api_key = @key, api_key_hint = @hint, updated_at = @now, checked_at = null, check_code = ''`

// SaveKey keeps the clinic's private key at Vapi, sealed; empty forgets it. It is never shown again. Admins only.
func (s *Switchboard) SaveKey(ctx context.Context, tx *tenancy.Tx, key string) error {
	if err := mustAdminister(tx); err != nil {
		return err
	}
	if key != "" && (len(key) < 8 || len(key) > 200 || oneLine(key) != key) {
		return fault.BadField("api_key", "This does not look like a private key of Vapi. Copy it from Organization settings, API keys.")
	}
	now, err := tx.Now(ctx)
	if err != nil {
		return err
	}
	args := tenancy.Args{"clinic": tx.Clinic(), "key": nil, "hint": "", "now": now}
	action := "vapi-key.removed"
	if key != "" {
		keys, err := s.vault.Clinic(ctx, tx)
		if err != nil {
			return fmt.Errorf("clinic keys: %w", err)
		}
		if args["key"], err = keys.Seal(apiKeyField(tx), []byte(key)); err != nil {
			return err
		}
		args["hint"], action = key[len(key)-4:], "vapi-key.saved"
	}
	if _, err := tx.Exec(ctx, saveKey, args); err != nil {
		return fmt.Errorf("keep the key at Vapi: %w", err)
	}
	return audit.Record(ctx, tx, audit.Event{Action: action, SubjectKind: "clinic", SubjectID: tx.Clinic()})
}

// key opens the clinic's key at Vapi, or says that there is none.
func (s *Switchboard) key(ctx context.Context, tx *tenancy.Tx) (string, error) {
	var sealed []byte
	err := tx.QueryRow(ctx, `select api_key from vapi_accounts where clinic_id = $1`, tx.Clinic()).Scan(&sealed)
	if err != nil && !tenancy.IsNone(err) {
		return "", fmt.Errorf("read the key at Vapi: %w", err)
	}
	if sealed == nil {
		return "", fault.New(fault.Conflict, "no-vapi-key", "There is no key for Vapi yet. Save the clinic's private key first.")
	}
	keys, err := s.vault.Clinic(ctx, tx)
	if err != nil {
		return "", fmt.Errorf("clinic keys: %w", err)
	}
	plain, err := keys.Open(apiKeyField(tx), sealed)
	return string(plain), err
}
