// Package identity knows the people who work in clinics, their roles there, how they prove who they are, and the keys that programs
// prove it with.
package identity

import (
	"context"
	"fmt"
	"slices"

	"anteroom/domain/audit"
	"anteroom/domain/fault"
	"anteroom/domain/tenancy"
)

// The roles of people. What a role may open is written in handlers/routes.go; what it may change here, in the verbs of this package.
const (
	Admin      = "admin"
	FrontDesk  = "frontdesk"
	Clinician  = "clinician"
	Compliance = "compliance"
)

// Roles are all of them.
var Roles = []string{Admin, FrontDesk, Clinician, Compliance}

// RoleName is the role in words.
func RoleName(role string) string {
	switch role {
	case Admin:
		return "Practice admin"
	case FrontDesk:
		return "Front desk"
	case Clinician:
		return "Clinician"
	case Compliance:
		return "Compliance officer"
	}
	return role
}

// Membership is a person's place in one clinic.
type Membership = tenancy.Membership

// Enter records that the actor came to work in this clinic: at sign-in, and when changing over from another clinic.
func Enter(ctx context.Context, tx *tenancy.Tx) error {
	now, err := tx.Now(ctx)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `update memberships set entered_at = @now where clinic_id = @clinic and person_id = @person`,
		tenancy.Args{"clinic": tx.Clinic(), "person": tx.Actor().ID, "now": now})
	if err != nil {
		return fmt.Errorf("note that somebody came: %w", err)
	}
	return visit(ctx, tx, "identity.signed-in")
}

// Leave records that the actor stopped working here: at sign-out, and when changing over to another clinic.
func Leave(ctx context.Context, tx *tenancy.Tx) error { return visit(ctx, tx, "identity.signed-out") }

func visit(ctx context.Context, tx *tenancy.Tx, action string) error {
	return audit.Record(ctx, tx, audit.Event{Action: action, SubjectKind: "person", SubjectID: tx.Actor().ID})
}

// mustAdminister lets admins and the program's own commands pass: team and keys are theirs.
func mustAdminister(tx *tenancy.Tx) error {
	actor := tx.Actor()
	if actor.Kind == tenancy.System || actor.Kind == tenancy.User && actor.Role == Admin {
		return nil
	}
	return fault.New(fault.Forbidden, "admins-only", "Only a practice admin can change the team and the keys.")
}

func mustBeRole(role string) error {
	if slices.Contains(Roles, role) {
		return nil
	}
	return fault.BadField("role", "Choose one of the roles.")
}
