package handlers

import (
	"crypto/sha256"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/golang-lru/v2/expirable"
	"golang.org/x/time/rate"

	"anteroom/domain/fault"
)

// What one key may ask for a second when Deps says nothing, and for how many seconds' worth at once: well above any clinic's callers, and
// below what would leave the other clinics nothing. An address may be wrong about its credentials far less often.
const (
	defaultKeyRate = 1000
	burstSeconds   = 5
	wrongPerSecond = 10
	wrongBurst     = 300

	limitsKept   = 10_000
	limitsMemory = time.Hour
)

// limits are counted in this process: n servers behind a balancer admit n times as much, and no request pays a round trip for them.
type limits struct {
	perKey rate.Limit
	keys   *expirable.LRU[uuid.UUID, *rate.Limiter] // by the key's id
	wrong  *expirable.LRU[string, *rate.Limiter]    // by address
	good   *expirable.LRU[shown, struct{}]          // what let somebody in of late
}

// shown is what a request shows to be let in, hashed.
type shown [sha256.Size]byte

func newLimits(perKey float64) *limits {
	if perKey <= 0 {
		perKey = defaultKeyRate
	}
	return &limits{
		perKey: rate.Limit(perKey),
		keys:   expirable.NewLRU[uuid.UUID, *rate.Limiter](limitsKept, nil, limitsMemory),
		wrong:  expirable.NewLRU[string, *rate.Limiter](limitsKept, nil, limitsMemory),
		good:   expirable.NewLRU[shown, struct{}](limitsKept, nil, limitsMemory),
	}
}

// admit refuses a key that asks too often.
func (l *limits) admit(key uuid.UUID) error {
	k, ok := l.keys.Get(key)
	if !ok {
		k = rate.NewLimiter(l.perKey, max(1, int(l.perKey*burstSeconds)))
		l.keys.Add(key, k)
	}
	if !k.Allow() {
		return fault.New(fault.Limited, "too-many-requests", "This key asks too often. Nothing was done; wait a second, then go on more slowly.").With(wait(time.Second))
	}
	return nil
}

// credential is ask, an answer to whether the secret that is shown is good, unless the address was wrong too often: then nobody asks the
// database. What was good of late is asked for all the same: the voice platform calls for every clinic from the same few addresses, and one
// clinic's old secret, or anybody's assistant that is pointed here, must not shut out the others. Addresses are those of Deps.ProxyHeader,
// where there is one.
func (l *limits) credential(address, secret string, ask func() error) error {
	w, known := l.wrong.Get(address)
	this := shown(sha256.Sum256([]byte(secret)))
	if known && w.Tokens() < 1 && !l.good.Contains(this) {
		return fault.New(fault.Limited, "too-many-wrong-keys", "Too many requests from this address had no good key. Wait a second, and check the key.").With(wait(time.Second))
	}
	err := ask()
	switch {
	case err == nil:
		l.good.Add(this, struct{}{})
	case fault.Is(err, fault.Unauthenticated):
		l.good.Remove(this)
		if !known {
			w = rate.NewLimiter(wrongPerSecond, wrongBurst)
			l.wrong.Add(address, w)
		}
		w.Allow()
	}
	return err
}

// wait tells a program when to try again.
type wait time.Duration

// RetryAfter is how long to wait.
func (w wait) RetryAfter() time.Duration { return time.Duration(w) }
