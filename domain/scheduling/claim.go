package scheduling

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"anteroom/domain/fault"
	"anteroom/domain/privacy"
	"anteroom/domain/tenancy"
)

// ClaimInput asks for a slot.
type ClaimInput struct {
	SlotID      uuid.UUID
	Service     string // slug
	Caller      Caller // may be empty: a name can be asked for while the slot is held
	CallID      string // the hold ends when this call ends
	HoldSeconds int    // 0 means the clinic's default; at most 300
	Source      string
}

const claimSlot = `select outcome, coalesce(practitioner_id, @none), coalesce(practitioner, ''), coalesce(service_id, @none),
  coalesce(starts_at, 'epoch'), coalesce(ends_at, 'epoch'), coalesce(expires_at, 'epoch'), next
from app.claim_slot(@slot, @service, @seconds, @call, @caller, @appointment, @source, @role, @address, @request, @clock)`

// Claim takes the slot, with every further slot the service needs, or changes nothing. A lost race is a Conflict with Alternatives.
func (d *Desk) Claim(ctx context.Context, tx *tenancy.Tx, in ClaimInput) (Hold, error) {
	in, err := in.clean()
	if err != nil {
		return Hold{}, err
	}
	keys, err := d.vault.Clinic(ctx, tx)
	if err != nil {
		return Hold{}, fmt.Errorf("clinic keys: %w", err)
	}
	return d.claim(ctx, tx, in, keys)
}

// ClaimNow is Claim in a transaction of its own: one statement in one round trip, once the clinic's keys are known to this process.
func (d *Desk) ClaimNow(ctx context.Context, db *tenancy.DB, scope tenancy.Scope, in ClaimInput) (hold Hold, err error) {
	if in, err = in.clean(); err != nil {
		return Hold{}, err
	}
	keys, cached := d.vault.Cached(scope.Clinic) // asked once: they may be forgotten while this waits for a connection
	run := db.Once
	if !cached {
		run = db.WithClinic
	}
	err = run(ctx, scope, func(tx *tenancy.Tx) (err error) {
		if !cached {
			if keys, err = d.vault.Clinic(ctx, tx); err != nil {
				return fmt.Errorf("clinic keys: %w", err)
			}
		}
		hold, err = d.claim(ctx, tx, in, keys)
		return err
	})
	return hold, err
}

func (d *Desk) claim(ctx context.Context, tx *tenancy.Tx, in ClaimInput, keys *privacy.ClinicKeys) (Hold, error) {
	hold := Hold{ID: tenancy.NewID(), SlotID: in.SlotID}
	caller, err := in.Caller.seal(keys, hold.ID)
	if err != nil {
		return Hold{}, fmt.Errorf("seal the caller: %w", err)
	}
	var seconds *int
	if in.HoldSeconds > 0 {
		seconds = &in.HoldSeconds
	}
	var outcome string
	var next []byte
	who := tx.Actor()
	err = tx.QueryRow(ctx, claimSlot, tenancy.Args{
		"none": uuid.Nil, "slot": in.SlotID, "service": in.Service, "seconds": seconds, "call": in.CallID, "caller": caller, "appointment": hold.ID,
		"source": in.Source, "role": who.Role, "address": who.Address, "request": who.RequestID, "clock": tx.Clock(),
	}).Scan(&outcome, &hold.PractitionerID, &hold.Practitioner, &hold.ServiceID, &hold.StartsAt, &hold.EndsAt, &hold.ExpiresAt, &next)
	if err != nil {
		if tenancy.IsOverlap(err) { // the second line held: somebody occupies the time though the slots said otherwise
			return Hold{}, fault.New(fault.Conflict, "slot-taken", "That time was taken a moment ago.").With(Alternatives{}).Because(err)
		}
		return Hold{}, fmt.Errorf("claim: %w", err)
	}
	if outcome != "held" {
		return Hold{}, claimFault(outcome, next)
	}
	tx.Announce("schedule", hold.PractitionerID)
	return hold, nil
}

func (in ClaimInput) clean() (ClaimInput, error) {
	var err error
	if in.Caller, err = in.Caller.clean(); err != nil {
		return in, err
	}
	switch {
	case in.Service == "":
		return in, fault.BadField("service", "say which service the slot is for; GET /api/services lists them")
	case in.HoldSeconds < 0 || time.Duration(in.HoldSeconds)*time.Second > MaxHold:
		return in, fault.BadField("hold_seconds", "a hold lasts from 1 to 300 seconds")
	case len(in.CallID) > 200:
		return in, fault.BadField("call_id", "must be at most 200 bytes")
	}
	return in, nil
}

func claimFault(outcome string, next []byte) error {
	var alternatives Alternatives
	if next != nil {
		if err := json.Unmarshal(next, &alternatives.Next); err != nil {
			return fmt.Errorf("read the next times: %w", err)
		}
	}
	switch outcome {
	case "taken":
		return fault.New(fault.Conflict, "slot-taken", "That time is taken. The next free times are in next_available.").With(alternatives)
	case "past":
		return fault.New(fault.Expired, "slot-past", "That time has passed. The next free times are in next_available.").With(alternatives)
	case "no-slot":
		return fault.New(fault.NotFound, "slot-unknown", "There is no such slot. GET /api/slots lists those that are free.")
	case "no-service":
		return fault.BadField("service", "there is no such service; GET /api/services lists them")
	case "not-performed":
		return fault.BadField("service", "this practitioner does not perform that service; GET /api/slots?service= lists slots that fit")
	}
	return fmt.Errorf("claim: unexpected outcome %q", outcome)
}
