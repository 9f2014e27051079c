package calls

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/tenancy"
)

// InProgress is a call that goes on now.
type InProgress struct {
	ID           uuid.UUID
	Agent        string // empty when the agent is not known
	StartedAt    time.Time
	Number       string     `db:"-"` // of the caller; the page masks it
	HoldID       *uuid.UUID // what the call holds, when it holds something
	HoldStarts   *time.Time
	Practitioner string
	Caller       []byte
	CallerKey    string     // what seals the caller: clinic, or patient
	PatientID    *uuid.UUID // once somebody has said whose call it is
}

// longestCall is how long a call is believed to go on of which no end was heard: Vapi cuts calls off long before.
const longestCall = time.Hour

const selectInProgress = `select c.id, coalesce(g.name, '') as agent, c.started_at, c.caller, c.caller_key, c.patient_id, h.id as hold_id, h.starts_at as hold_starts, coalesce(p.name, '') as practitioner
from calls c
left join agents g on g.clinic_id = @clinic and g.id = c.agent_id
left join lateral (select a.id, a.starts_at, a.practitioner_id from appointments a
   where a.clinic_id = @clinic and a.call_id = c.vapi_call_id and a.call_id <> '' and a.status = 'pending' and a.hold_expires_at > coalesce(@clock::timestamptz, now())
   order by a.starts_at limit 1) h on true
left join practitioners p on p.clinic_id = @clinic and p.id = h.practitioner_id
where c.clinic_id = @clinic and c.started_at > coalesce(@clock::timestamptz, now()) - @longest::interval and c.ended_at is null
order by c.started_at, c.id limit 50`

// OnThePhone lists the calls that go on now, the longest first.
func (s *Switchboard) OnThePhone(ctx context.Context, tx *tenancy.Tx) ([]InProgress, error) {
	rows, err := tx.Query(ctx, selectInProgress, tenancy.Args{"clinic": tx.Clinic(), "clock": tx.Clock(), "longest": longestCall})
	if err != nil {
		return nil, fmt.Errorf("list the calls in progress: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[InProgress])
	if err != nil {
		return nil, fmt.Errorf("list the calls in progress: %w", err)
	}
	if len(list) == 0 {
		return nil, nil
	}
	keys, err := s.vault.Clinic(ctx, tx)
	if err != nil {
		return nil, fmt.Errorf("clinic keys: %w", err)
	}
	for i, c := range list {
		if list[i].Number, err = openCaller(ctx, tx, keys, s.patients, c.ID, c.Caller, c.CallerKey, c.PatientID); err != nil {
			return nil, fmt.Errorf("open the caller of a call: %w", err)
		}
	}
	return list, nil
}
