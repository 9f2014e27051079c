package identity

import (
	"context"
	"crypto/sha256"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"

	"anteroom/domain/audit"
	"anteroom/domain/fault"
	"anteroom/domain/tenancy"
)

// How many tries in a row fail before a lock: few for an account; more for an address, since a whole clinic may stand behind one.
const (
	accountTries = 5
	addressTries = 20
)

// How long after the last failure all are forgotten: an address is soon somebody else's, an account is not.
const (
	accountMemory = 24 * time.Hour
	addressMemory = 15 * time.Minute
)

// refusalTime is how long a refused sign-in takes at least. Recording a failure for somebody we know takes longer than not recording one
// for somebody we do not; the floor hides the difference.
const refusalTime = 150 * time.Millisecond

// Person is who proved to be them.
type Person struct {
	ID    uuid.UUID
	Name  string
	Email string
}

// Locked is the detail of the fault of a locked sign-in.
type Locked struct {
	Wait time.Duration
}

// RetryAfter is how long to wait.
func (l Locked) RetryAfter() time.Duration { return l.Wait }

// Minutes is how long to wait, in whole minutes, at least one.
func (l Locked) Minutes() int { return max(1, int((l.Wait+time.Minute-1)/time.Minute)) }

// SignIn checks an e-mail and a password and answers who that is and where they work, which may be nowhere. The answer is the same for
// an unknown e-mail, a wrong password and a disabled person: fault.Unauthenticated. Too many tries, by account or by address:
// fault.Limited, with Locked as its detail.
func SignIn(ctx context.Context, db *tenancy.DB, email, password, address string) (Person, []Membership, error) {
	start := time.Now()
	person, clinics, err := signIn(ctx, db, strings.ToLower(strings.TrimSpace(email)), password, address)
	if err != nil {
		select {
		case <-time.After(time.Until(start.Add(refusalTime))):
		case <-ctx.Done():
		}
	}
	return person, clinics, err
}

func signIn(ctx context.Context, db *tenancy.DB, email, password, address string) (Person, []Membership, error) {
	account, from := lockKey("account", email), lockKey("address", address)
	if err := countTry(ctx, db, account, from); err != nil {
		return Person{}, nil, err
	}
	known, _, err := db.PersonByEmail(ctx, email)
	if err != nil {
		return Person{}, nil, err
	}
	same, err := matches(ctx, password, known.PasswordHash)
	if err != nil {
		return Person{}, nil, err
	}
	clinics, err := db.ClinicsOfPerson(ctx, known.ID)
	if err != nil {
		return Person{}, nil, err
	}
	if !same || known.Disabled {
		return Person{}, nil, refuse(ctx, db, known.ID, clinics, address)
	}
	if err := db.SignInSucceeded(ctx, account, from); err != nil {
		return Person{}, nil, err
	}
	return Person{ID: known.ID, Name: known.Name, Email: email}, clinics, nil
}

// lockKey keeps e-mails and addresses out of the table of failures.
func lockKey(kind, value string) []byte {
	sum := sha256.Sum256([]byte(kind + "|" + value))
	return sum[:]
}

func countTry(ctx context.Context, db *tenancy.DB, account, address []byte) error {
	// A locked address costs its account nothing, and the other way round: look at both before counting either.
	until, err := db.SignInLocked(ctx, account, address)
	if err != nil || !until.IsZero() {
		return errors.Join(err, locked(until))
	}
	if until, err = db.SignInTried(ctx, account, accountTries, accountMemory); err != nil || !until.IsZero() {
		return errors.Join(err, locked(until))
	}
	until, err = db.SignInTried(ctx, address, addressTries, addressMemory)
	return errors.Join(err, locked(until))
}

func locked(until time.Time) error {
	if until.IsZero() {
		return nil
	}
	detail := Locked{Wait: max(time.Second, time.Until(until))}
	return fault.New(fault.Limited, "sign-in-locked", "Too many tries. Try again in %d min.", detail.Minutes()).With(detail)
}

// refuse tells the clinics of somebody we know that somebody tried.
func refuse(ctx context.Context, db *tenancy.DB, person uuid.UUID, clinics []Membership, address string) error {
	for _, m := range clinics {
		scope := tenancy.Scope{Clinic: m.Clinic, Actor: tenancy.Actor{Kind: tenancy.System, Role: "system", Address: address}}
		err := db.Once(ctx, scope, func(tx *tenancy.Tx) error {
			return audit.Record(ctx, tx, audit.Event{Action: "identity.sign-in-failed", SubjectKind: "person", SubjectID: person})
		})
		if err != nil {
			return err
		}
	}
	return fault.New(fault.Unauthenticated, "wrong-password", "That e-mail and password do not belong together.")
}
