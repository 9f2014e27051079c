package calls

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
)

// foreknown is what a tool is known to ask first: it is read together with the call, which saves the caller the wait of a round trip.
type foreknown struct {
	held []held     // what the call has held or booked, the newest first
	slot []slotTime // the slot that was named
}

type slotTime struct {
	ID             uuid.UUID
	PractitionerID uuid.UUID
	StartsAt       time.Time
}

// holders are the tools that look at what the call holds.
var holders = map[string]bool{"claimslot": true, "confirmbooking": true, "bookappointment": true, "releaseslot": true}

const selectSlotTime = `select id, practitioner_id, starts_at from slots where clinic_id = $1 and id = $2`

func (f *foreknown) queue(b *pgx.Batch, tx *tenancy.Tx, l line, t ToolCall) {
	if !holders[key(t.Name)] {
		return
	}
	b.Queue(selectHeld, tenancy.Args{"clinic": tx.Clinic(), "call": l.CallID, "none": uuid.Nil}).Query(func(rows pgx.Rows) (err error) {
		f.held, err = pgx.CollectRows(rows, pgx.RowToStructByName[held])
		return err
	})
	if id := namedSlot(t.Arguments); id != uuid.Nil {
		b.Queue(selectSlotTime, tx.Clinic(), id).Query(func(rows pgx.Rows) (err error) {
			f.slot, err = pgx.CollectRows(rows, pgx.RowToStructByPos[slotTime])
			return err
		})
	}
}

func namedSlot(a Arguments) uuid.UUID { return a.id("slot_id", "slot", "slot_uuid", "id") }

// servicesOf are the clinic's active services. They are remembered for some seconds: a change of them is announced, and whoever claims asks the
// database again.
func (s *Switchboard) servicesOf(ctx context.Context, tx *tenancy.Tx) ([]scheduling.Service, error) {
	if list, ok := s.services.Get(tx.Clinic()); ok {
		return list, nil
	}
	list, err := scheduling.ListServices(ctx, tx, scheduling.ServiceFilter{ActiveOnly: true})
	if err == nil {
		s.services.Add(tx.Clinic(), list)
	}
	return list, err
}
