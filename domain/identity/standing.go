package identity

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/golang-lru/v2/expirable"

	"anteroom/domain/tenancy"
)

// A person who was removed, or a session that was ended, is out at once where the announcement arrives, and after standingMemory
// where it was lost.
const (
	standingMemory  = 5 * time.Second
	standingInCache = 10_000
)

// Sessions knows whether a session still stands: it was not ended, and the person still works where it says.
type Sessions struct {
	db    *tenancy.DB
	known *expirable.LRU[string, standing]
}

type standing struct {
	person uuid.UUID
	Standing
}

// Standing is where the person of a session works now, and whether they must choose a password of their own before anything else.
type Standing struct {
	Clinics            []Membership
	MustChangePassword bool
}

// NewSessions needs to hear of changes (Changed, Lost).
func NewSessions(db *tenancy.DB) *Sessions {
	return &Sessions{db: db, known: expirable.NewLRU[string, standing](standingInCache, nil, standingMemory)}
}

// Of is how the person of a live session stands; alive is false when the session was ended.
func (s *Sessions) Of(ctx context.Context, person uuid.UUID, tokenHash string) (now Standing, alive bool, err error) {
	if k, ok := s.known.Get(tokenHash); ok && k.person == person {
		return k.Standing, true, nil
	}
	if alive, err = s.db.SessionAlive(ctx, person, tokenHash); err != nil || !alive {
		return Standing{}, false, err
	}
	if now.Clinics, err = s.db.ClinicsOfPerson(ctx, person); err != nil {
		return Standing{}, false, err
	}
	own, err := s.db.PasswordOfPerson(ctx, person)
	if err != nil {
		return Standing{}, false, err
	}
	now.MustChangePassword = own.Temporary
	s.known.Add(tokenHash, standing{person, now})
	return now, true, nil
}

// Open notes a session that begins, and answers its id.
func (s *Sessions) Open(ctx context.Context, person uuid.UUID, tokenHash, address, userAgent string) (uuid.UUID, error) {
	id := tenancy.NewID()
	return id, s.db.SessionOpened(ctx, id, person, tokenHash, address, userAgent)
}

// Renew notes that a session got another token; alive is false when it was ended meanwhile.
func (s *Sessions) Renew(ctx context.Context, oldHash, newHash string) (alive bool, err error) {
	s.known.Remove(oldHash)
	return s.db.SessionRenewed(ctx, oldHash, newHash)
}

// Seen notes that a session is in use; alive is false when it was ended.
func (s *Sessions) Seen(ctx context.Context, tokenHash string) (alive bool, err error) {
	return s.db.SessionSeen(ctx, tokenHash)
}

// List is where a person is signed in, the place used last first.
func (s *Sessions) List(ctx context.Context, person uuid.UUID) ([]tenancy.PersonSession, error) {
	return s.db.SessionsOfPerson(ctx, person)
}

// End ends one session of a person, or all with uuid.Nil, and answers the hashes of the tokens that are dead now.
func (s *Sessions) End(ctx context.Context, person, session uuid.UUID) ([]string, error) {
	hashes, err := s.db.SessionClosed(ctx, person, session)
	for _, h := range hashes {
		s.known.Remove(h)
	}
	return hashes, err
}

// EndToken ends the session of a person that has this token, and none when it got another one since.
func (s *Sessions) EndToken(ctx context.Context, person uuid.UUID, tokenHash string) (ended bool, err error) {
	s.known.Remove(tokenHash)
	return s.db.SessionTokenClosed(ctx, person, tokenHash)
}

// Changed forgets what it knew of somebody whose place changed.
func (s *Sessions) Changed(c tenancy.Change) {
	if c.Topic == teamTopic {
		s.Forget(c.ID)
	}
}

// Forget drops what it knew of a person, whose sessions are asked for anew.
func (s *Sessions) Forget(person uuid.UUID) {
	for _, hash := range s.known.Keys() {
		if k, ok := s.known.Peek(hash); ok && k.person == person {
			s.known.Remove(hash)
		}
	}
}

// Lost forgets everything: announcements may have been missed.
func (s *Sessions) Lost() { s.known.Purge() }
