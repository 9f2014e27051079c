package identity

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"anteroom/domain/audit"
	"anteroom/domain/fault"
	"anteroom/domain/tenancy"
)

// PasswordChange is what a person types to have another password.
type PasswordChange struct {
	Current, New, Again string
}

// ProvenChange is a change by somebody who knew their password, with a new one that will do.
type ProvenChange struct {
	person   uuid.UUID
	old, new string // hashes
}

// worst are passwords that are long enough and still tried first; written without case.
var worst = []string{"123456789012", "1234567890123", "1234567890123456", "012345678901", "123123123123", "123412341234", "111222333444", "112233445566",
	"passwordpassword", "password1234", "password12345", "password123456", "password2024", "password2025", "password2026", "passw0rd1234", "p@ssw0rd1234", "qwertyuiop12",
	"qwertyuiop123", "qwertyuiopasdf", "qwertyqwerty", "qwerty123456", "1q2w3e4r5t6y", "1qaz2wsx3edc", "abcdefghijkl", "abcdefghijklm", "abcd12345678", "abc123abc123",
	"letmeinletmein", "iloveyou1234", "iloveyouiloveyou", "administrator", "administrator1", "welcome12345", "welcome123456", "changemechangeme", "changeme1234", "anteroom-demo"}

// ProvePassword checks the present password as a sign-in does, with the same lock, and then hashes the new one: outside of a transaction,
// since that takes a tenth of a second. The fault is of a field, or as of SignIn when there were too many tries.
func ProvePassword(ctx context.Context, db *tenancy.DB, person uuid.UUID, in PasswordChange, address string) (ProvenChange, error) {
	own, err := db.PasswordOfPerson(ctx, person)
	if err != nil {
		return ProvenChange{}, err
	}
	if err := mustDo(in, own.Email); err != nil {
		return ProvenChange{}, err
	}
	if _, _, err := SignIn(ctx, db, own.Email, in.Current, address); err != nil {
		if fault.Is(err, fault.Unauthenticated) {
			err = fault.BadField("current", "This is not your present password.")
		}
		return ProvenChange{}, err
	}
	hash, err := HashPassword(ctx, in.New)
	return ProvenChange{person: person, old: own.Hash, new: hash}, err
}

// mustDo refuses a new password that anybody could guess (NIST SP 800-63B-4, 3.1.1.2), or that was typed in two ways.
func mustDo(in PasswordChange, email string) error {
	letters := map[rune]bool{}
	for _, r := range in.New {
		letters[r] = true
	}
	switch {
	case in.Current == "":
		return fault.BadField("current", "Type your present password.")
	case utf8.RuneCountInString(in.New) < passwordMin:
		return fault.BadField("new", fmt.Sprintf("Use a password of at least %d characters.", passwordMin))
	case len(in.New) > passwordMax:
		return fault.BadField("new", fmt.Sprintf("Use a password of at most %d characters.", passwordMax))
	case strings.EqualFold(in.New, email):
		return fault.BadField("new", "Your e-mail is no password: anybody could guess it.")
	case in.New == in.Current:
		return fault.BadField("new", "This is your present password. Choose another one.")
	case len(letters) < 4 || slices.Contains(worst, strings.ToLower(in.New)):
		return fault.BadField("new", "This password is one of the first that are tried. Choose another one.")
	case in.New != in.Again:
		return fault.BadField("again", "This is not the same as the new password.")
	}
	return nil
}

// Save makes the new password the person's, and ends every session of theirs but the one kept. When the password is no longer the one they
// proved to know, nothing is changed: fault.Conflict.
func (p ProvenChange) Save(ctx context.Context, tx *tenancy.Tx, kept uuid.UUID) error {
	if who := tx.Actor(); who.Kind != tenancy.User || who.ID != p.person {
		return fault.New(fault.Forbidden, "not-yours", "Only a person can change their own password.")
	}
	var changed bool
	if err := tx.QueryRow(ctx, `select app.password_changed($1, $2, $3, $4)`, p.person, p.old, p.new, kept).Scan(&changed); err != nil {
		return fmt.Errorf("change a password: %w", err)
	}
	if !changed {
		return fault.New(fault.Conflict, "changed-meanwhile", "Your password was changed meanwhile. Nothing was changed now.")
	}
	tx.Announce(teamTopic, p.person)
	return audit.Record(ctx, tx, audit.Event{Action: "identity.password-changed", SubjectKind: "person", SubjectID: p.person})
}
