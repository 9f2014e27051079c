package identity

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"anteroom/domain/audit"
	"anteroom/domain/fault"
	"anteroom/domain/tenancy"
)

// Overbooking says whether a person may overbook in this clinic from now on.
type Overbooking struct {
	Person uuid.UUID
	May    bool
}

// SetOverbooking gives the permission or takes it away. Admins only; what is as it was already is not recorded.
func SetOverbooking(ctx context.Context, tx *tenancy.Tx, in Overbooking) error {
	if err := mustAdminister(tx); err != nil {
		return err
	}
	var was bool
	args := tenancy.Args{"clinic": tx.Clinic(), "person": in.Person, "may": in.May}
	err := tx.QueryRow(ctx, `select may_overbook from memberships where clinic_id = @clinic and person_id = @person and ended_at is null for update`, args).Scan(&was)
	if tenancy.IsNone(err) {
		return fault.New(fault.NotFound, "no-such-member", "This person does not work here.")
	}
	if err != nil {
		return fmt.Errorf("ask for the permission to overbook: %w", err)
	}
	if was == in.May {
		return nil
	}
	if _, err := tx.Exec(ctx, `update memberships set may_overbook = @may where clinic_id = @clinic and person_id = @person`, args); err != nil {
		return fmt.Errorf("set the permission to overbook: %w", err)
	}
	tx.Announce(teamTopic, in.Person)
	action := "member.overbooking-allowed"
	if !in.May {
		action = "member.overbooking-ended"
	}
	return audit.Record(ctx, tx, audit.Event{Action: action, SubjectKind: "person", SubjectID: in.Person, Before: was, After: in.May})
}

// MustOverbook lets pass who may overbook now: a person with the permission, and the program's own commands. It asks the table and not the session,
// so that a permission that was taken away is gone at once.
func MustOverbook(ctx context.Context, tx *tenancy.Tx) error {
	who := tx.Actor()
	if who.Kind == tenancy.System {
		return nil
	}
	var may bool
	if who.Kind == tenancy.User {
		err := tx.QueryRow(ctx, `select exists (select from memberships where clinic_id = @clinic and person_id = @person and ended_at is null and may_overbook)`,
			tenancy.Args{"clinic": tx.Clinic(), "person": who.ID}).Scan(&may)
		if err != nil {
			return fmt.Errorf("ask for the permission to overbook: %w", err)
		}
	}
	if !may {
		return fault.New(fault.Forbidden, "may-not-overbook", "You cannot overbook here. Choose a free time, or ask a practice admin for the permission.")
	}
	return nil
}
