package identity

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/audit"
	"anteroom/domain/fault"
	"anteroom/domain/tenancy"
)

// teamTopic is announced when somebody's place in the clinic changed.
const teamTopic = "team"

// NewPerson is somebody to be known by this e-mail.
type NewPerson struct {
	Email        string
	Name         string
	PasswordHash string // of HashPassword, made outside of the transaction: it takes 50 ms
}

// EnsurePerson makes the person, or finds the one with this e-mail, whose name and password then stay as they are: made is false. It is for whoever may bring
// an account of one clinic into another: the operator. Admins only; an admin's own way is Invite.
func EnsurePerson(ctx context.Context, tx *tenancy.Tx, in NewPerson) (id uuid.UUID, made bool, err error) {
	found, made, err := ask(ctx, tx, `select app.ensure_person($1, $2, $3, $4)`, in)
	if err == nil && found == nil {
		err = errors.New("ensure a person: none was made")
	}
	if err != nil {
		return uuid.Nil, false, err
	}
	return *found, made, nil
}

// ask makes or finds a person by one of the two questions; nil is nobody.
func ask(ctx context.Context, tx *tenancy.Tx, question string, in NewPerson) (id *uuid.UUID, made bool, err error) {
	if err := mustAdminister(tx); err != nil {
		return nil, false, err
	}
	email, err := cleanEmail(in.Email)
	if err != nil {
		return nil, false, err
	}
	name := strings.TrimSpace(in.Name)
	if name == "" || len([]rune(name)) > 120 {
		return nil, false, fault.BadField("name", "Give a name of up to 120 characters.")
	}
	fresh := tenancy.NewID()
	if err := tx.QueryRow(ctx, question, fresh, email, name, in.PasswordHash).Scan(&id); err != nil && !tenancy.IsNone(err) {
		return nil, false, fmt.Errorf("make or find a person: %w", err)
	}
	return id, id != nil && *id == fresh, nil
}

// Invite makes somebody a member who is none yet, with a password that they must change first. An e-mail that has an account is refused, since
// whoever made that account may know its password; but somebody who left this clinic, and was never in another, comes back with the name and
// the password they had: made is then false. Admins only.
func Invite(ctx context.Context, tx *tenancy.Tx, who NewPerson, as NewMember) (made bool, err error) {
	id, made, err := ask(ctx, tx, `select app.invite_person($1, $2, $3, $4)`, who)
	if err != nil {
		return false, err
	}
	if id == nil {
		return false, fault.BadField("email", "This e-mail already has an account. For safety only the platform’s operator can give it a second clinic: ask them.")
	}
	as.Person = *id
	role, err := roleOf(ctx, tx, as.Person)
	if err != nil {
		return false, err
	}
	if role != "" {
		return false, fault.BadField("email", "Whoever has this e-mail works here already. Change them in the list.")
	}
	return made, AddMember(ctx, tx, as)
}

func cleanEmail(s string) (string, error) {
	s = strings.ToLower(strings.TrimSpace(s))
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || len(s) > 254 {
		return "", fault.BadField("email", "Give an e-mail address such as name@clinic.example.")
	}
	return s, nil
}

// NewMember is a person's place in the clinic.
type NewMember struct {
	Person       uuid.UUID
	Role         string
	Practitioner uuid.UUID // uuid.Nil when this person is none
	MayOverbook  bool
}

const upsertMember = `
insert into memberships (clinic_id, person_id, role, practitioner_id, may_overbook) values (@clinic, @person, @role, @practitioner, @overbook)
on conflict (clinic_id, person_id) do update set role = excluded.role, practitioner_id = excluded.practitioner_id, may_overbook = excluded.may_overbook, ended_at = null`

// AddMember gives a person a role in this clinic, or another one; somebody who had left is back. Admins only.
func AddMember(ctx context.Context, tx *tenancy.Tx, in NewMember) error {
	if err := mustAdminister(tx); err != nil {
		return err
	}
	if err := mustBeRole(in.Role); err != nil {
		return err
	}
	var practitioner *uuid.UUID
	if in.Practitioner != uuid.Nil {
		practitioner = &in.Practitioner
	}
	if err := lockAdmins(ctx, tx); err != nil {
		return err
	}
	was, err := roleOf(ctx, tx, in.Person)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, upsertMember, tenancy.Args{"clinic": tx.Clinic(), "person": in.Person, "role": in.Role, "practitioner": practitioner, "overbook": in.MayOverbook})
	if err != nil {
		return fmt.Errorf("add a member: %w", err)
	}
	if was == Admin && in.Role != Admin {
		if err := mustKeepAdmin(ctx, tx); err != nil {
			return err
		}
	}
	tx.Announce(teamTopic, in.Person)
	reason := in.Role
	if in.MayOverbook {
		reason += ", may overbook"
	}
	return audit.Record(ctx, tx, audit.Event{Action: "member.added", SubjectKind: "person", SubjectID: in.Person, Reason: reason})
}

// roleOf is somebody's present role here, "" when they have none.
func roleOf(ctx context.Context, tx *tenancy.Tx, person uuid.UUID) (string, error) {
	var role string
	err := tx.QueryRow(ctx, `select role from memberships where clinic_id = @clinic and person_id = @person and ended_at is null`,
		tenancy.Args{"clinic": tx.Clinic(), "person": person}).Scan(&role)
	if err != nil && !tenancy.IsNone(err) {
		return "", fmt.Errorf("ask for a role: %w", err)
	}
	return role, nil
}

// MustWorkHere refuses whoever has no place in this clinic: a change is not the way to add somebody.
func MustWorkHere(ctx context.Context, tx *tenancy.Tx, person uuid.UUID) error {
	role, err := roleOf(ctx, tx, person)
	if err == nil && role == "" {
		err = fault.New(fault.NotFound, "no-such-member", "This person does not work here.")
	}
	return err
}

// RemoveMember ends a person's place in this clinic: their next request here is refused. Admins only; the last admin stays.
func RemoveMember(ctx context.Context, tx *tenancy.Tx, person uuid.UUID) error {
	if err := mustAdminister(tx); err != nil {
		return err
	}
	if err := lockAdmins(ctx, tx); err != nil {
		return err
	}
	now, err := tx.Now(ctx)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `update memberships set ended_at = @now where clinic_id = @clinic and person_id = @person and ended_at is null`,
		tenancy.Args{"clinic": tx.Clinic(), "person": person, "now": now})
	if err != nil {
		return fmt.Errorf("remove a member: %w", err)
	}
	if n == 0 {
		return fault.New(fault.NotFound, "no-such-member", "This person does not work here.")
	}
	if err := mustKeepAdmin(ctx, tx); err != nil {
		return err
	}
	tx.Announce(teamTopic, person)
	return audit.Record(ctx, tx, audit.Event{Action: "member.removed", SubjectKind: "person", SubjectID: person})
}

// lockAdmins makes changes of a clinic's admins wait for each other, in one order: two who remove each other at the same instant must
// not both succeed.
func lockAdmins(ctx context.Context, tx *tenancy.Tx) error {
	_, err := tx.Exec(ctx, `select from memberships where clinic_id = @clinic and role = 'admin' order by person_id for update`,
		tenancy.Args{"clinic": tx.Clinic()})
	if err != nil {
		return fmt.Errorf("lock the admins: %w", err)
	}
	return nil
}

// mustKeepAdmin refuses to leave a clinic without anybody who could change its team.
func mustKeepAdmin(ctx context.Context, tx *tenancy.Tx) error {
	var left bool
	err := tx.QueryRow(ctx, `select exists (select from memberships where clinic_id = @clinic and role = 'admin' and ended_at is null)`,
		tenancy.Args{"clinic": tx.Clinic()}).Scan(&left)
	if err != nil {
		return fmt.Errorf("count the admins: %w", err)
	}
	if !left {
		return fault.New(fault.Conflict, "last-admin", "A clinic needs an admin: make somebody else one first.")
	}
	return nil
}

// Member is one person of the team.
type Member struct {
	Person       uuid.UUID  `db:"person_id"`
	Name         string     `db:"name"`
	Email        string     `db:"email"`
	Role         string     `db:"role"`
	Practitioner *uuid.UUID `db:"practitioner_id"`
	EndedAt      *time.Time `db:"ended_at"`
	MayOverbook  bool       `db:"may_overbook"`
	EnteredAt    *time.Time `db:"entered_at"` // when they last came to work here
}

// Team is everybody who works here or did, by name.
func Team(ctx context.Context, tx *tenancy.Tx) ([]Member, error) {
	rows, err := tx.Query(ctx, `select t.person_id, t.name, t.email, t.role, t.practitioner_id, t.ended_at, m.may_overbook, m.entered_at
from app.team() t join memberships m on m.clinic_id = @clinic and m.person_id = t.person_id order by t.name, t.person_id`, tenancy.Args{"clinic": tx.Clinic()})
	if err != nil {
		return nil, fmt.Errorf("list the team: %w", err)
	}
	team, err := pgx.CollectRows(rows, pgx.RowToStructByName[Member])
	if err != nil {
		return nil, fmt.Errorf("list the team: %w", err)
	}
	return team, nil
}
