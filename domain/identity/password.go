package identity

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"

	"anteroom/domain/fault"
)

// argon2 cost: 64 MB and one pass on one processor, about 50 ms. RFC 9106, section 4, names t=1 with as much memory as one can spare.
var argon2Cost = &argon2id.Params{Memory: 64 * 1024, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// hashing bounds how many passwords are hashed at once: each takes 64 MB, and a flood of sign-ins must not take all.
var hashing = make(chan struct{}, runtime.NumCPU())

// nobody is the hash that an unknown e-mail is compared with, so that the answer takes as long as for a known one.
var nobody = sync.OnceValues(func() (string, error) { return argon2id.CreateHash("nobody has this password", argon2Cost) })

const (
	passwordMin = 12
	passwordMax = 200 // bytes
)

// HashPassword checks that a new password is long enough (NIST SP 800-63B-4, 3.1.1.2: length, no composition rules) and hashes it.
func HashPassword(ctx context.Context, password string) (string, error) {
	if utf8.RuneCountInString(password) < passwordMin || len(password) > passwordMax {
		return "", fault.BadField("password", fmt.Sprintf("Use a password of at least %d characters.", passwordMin))
	}
	done, err := hashSlot(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	hash, err := argon2id.CreateHash(password, argon2Cost)
	if err != nil {
		return "", fmt.Errorf("hash a password: %w", err)
	}
	return hash, nil
}

// matches compares in the time of one hash, also when there is no hash to compare with.
func matches(ctx context.Context, password, hash string) (bool, error) {
	known := hash != ""
	if !known {
		var err error
		if hash, err = nobody(); err != nil {
			return false, fmt.Errorf("hash for nobody: %w", err)
		}
	}
	if len(password) > passwordMax {
		password = ""
	}
	done, err := hashSlot(ctx)
	if err != nil {
		return false, err
	}
	defer done()
	same, err := argon2id.ComparePasswordAndHash(password, hash)
	if err != nil {
		return false, fmt.Errorf("compare a password: %w", err)
	}
	return same && known, nil
}

func hashSlot(ctx context.Context) (done func(), err error) {
	select {
	case hashing <- struct{}{}:
		return func() { <-hashing }, nil
	case <-ctx.Done():
		return nil, fault.New(fault.Unavailable, "busy", "Too many people are signing in just now. Please try again in a minute.").Because(ctx.Err())
	}
}
