// Package audit records every view and every change of patient data, in the transaction that does it.
package audit

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/tenancy"
)

// Event is one thing that somebody did. It holds ids and pseudonyms, never content: what changed is kept as digests.
// Who, in which role, from where and in which request come from the transaction's actor.
type Event struct {
	Action      string      // noun.verb, for example "appointment.booked", "schedule.viewed"
	SubjectKind string      // the table's word: "appointment", "patient", "slot"
	SubjectID   uuid.UUID   // uuid.Nil when there is no single one
	Patients    []uuid.UUID // whose data it was
	Reason      string      // why, in the actor's words or the rule's; at most 500 bytes, no patient data
	Before      any         // hashed as canonical JSON; nil when there was nothing
	After       any
}

const insertEvent = `
insert into audit_events (clinic_id, id, role, action, subject_kind, subject_id, patients, reason, address, request_id, before, after)
values (@clinic, @id, @role, @action, @kind, @subject, @patients, @reason, @address, @request, @before, @after)`

// Record writes the event in tx, at the latest with the commit: it is there if and only if the change is. The actor column is filled by the
// database from the signed context, so that no statement can record in another's name.
func Record(_ context.Context, tx *tenancy.Tx, e Event) error {
	args, err := e.args(tx)
	if err != nil {
		return err
	}
	if err = tx.Later(insertEvent, args); err != nil {
		return fmt.Errorf("record %s: %w", e.Action, err)
	}
	return nil
}

// Queue is Record as a part of a batch, which saves a round trip. The batch must be sent in tx.
func Queue(b *pgx.Batch, tx *tenancy.Tx, e Event) error {
	args, err := e.args(tx)
	if err != nil {
		return err
	}
	b.Queue(insertEvent, args)
	return nil
}

func (e Event) args(tx *tenancy.Tx) (tenancy.Args, error) {
	actor := tx.Actor()
	before, err := Digest(e.Before)
	if err != nil {
		return nil, err
	}
	after, err := Digest(e.After)
	if err != nil {
		return nil, err
	}
	patients := e.Patients
	if patients == nil {
		patients = []uuid.UUID{}
	}
	var subject *uuid.UUID
	if e.SubjectID != uuid.Nil {
		subject = &e.SubjectID
	}
	return tenancy.Args{
		"clinic": tx.Clinic(), "id": tenancy.NewID(), "role": actor.Role, "action": e.Action, "kind": e.SubjectKind,
		"subject": subject, "patients": patients, "reason": e.Reason, "address": actor.Address, "request": actor.RequestID,
		"before": before, "after": after,
	}, nil
}

// Digest is SHA-256 over the JSON of v, or nil for nil. Callers that hash personal values must make v hold a salt or an id, since
// short values can be guessed from a bare hash.
func Digest(v any) ([]byte, error) {
	if v == nil {
		return nil, nil
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("digest: %w", err)
	}
	sum := sha256.Sum256(b)
	return sum[:], nil
}
