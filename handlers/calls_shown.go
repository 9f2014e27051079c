package handlers

import (
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
)

// shownCalls remembers which calls the lists of a session have shown, and a view was recorded of: a page that renews itself is no new view of them. It is
// this process's own memory, as the limits are. What another process has shown, or what was forgotten, is recorded once more.
type shownCalls struct {
	mu sync.Mutex
	of map[uuid.UUID]*shownTo
}

type shownTo struct {
	ids  []uuid.UUID // the oldest first
	last time.Time
}

const (
	mostShown    = 600  // calls of one session
	mostSessions = 5000 // before those that are over are looked for
)

func newShownCalls() *shownCalls { return &shownCalls{of: map[uuid.UUID]*shownTo{}} }

// to answers what was shown to a session.
func (s *shownCalls) to(session uuid.UUID) []uuid.UUID {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.of[session]; t != nil {
		return slices.Clone(t.ids)
	}
	return nil
}

// note adds what was shown now, once the transaction that recorded it is done.
func (s *shownCalls) note(session uuid.UUID, ids []uuid.UUID, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.of[session]
	if t == nil {
		if len(s.of) >= mostSessions {
			for other, o := range s.of {
				if now.Sub(o.last) > idle {
					delete(s.of, other)
				}
			}
		}
		t = &shownTo{}
		s.of[session] = t
	}
	for _, id := range ids {
		if !slices.Contains(t.ids, id) {
			t.ids = append(t.ids, id)
		}
	}
	t.ids, t.last = t.ids[max(0, len(t.ids)-mostShown):], now
}
