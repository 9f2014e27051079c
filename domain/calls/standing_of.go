package calls

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"anteroom/domain/tenancy"
)

const standingOf = `select concat_ws('-', c.ended_at is not null, c.recorded_at is not null,
  (select count(*) from tool_calls t where t.clinic_id = @clinic and t.call_id = c.id),
  (select count(*) from appointments a join appointment_status_changes h on h.clinic_id = @clinic and h.appointment_id = a.id
    where a.clinic_id = @clinic and a.call_id = c.vapi_call_id and a.call_id <> ''))
from calls c where c.clinic_id = @clinic and c.id = @id`

// StandingOf is a word that changes whenever something has become of a call, and tells nothing of it: a page that shows the call asks for it, and is
// no new view as long as it stays the same. An unknown call is NotFound.
func StandingOf(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) (word string, err error) {
	err = tx.QueryRow(ctx, standingOf, tenancy.Args{"clinic": tx.Clinic(), "id": id}).Scan(&word)
	if tenancy.IsNone(err) {
		return "", noSuchCall()
	}
	if err != nil {
		return "", fmt.Errorf("ask what has become of a call: %w", err)
	}
	return word, nil
}
