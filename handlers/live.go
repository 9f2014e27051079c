package handlers

import (
	"sync"
	"time"

	"github.com/google/uuid"

	"anteroom/domain/tenancy"
)

// hub hands the changes of a clinic to its open pages; one listener of the database serves all of them.
type hub struct {
	mu    sync.Mutex
	pages map[uuid.UUID]map[*subscription]struct{}
	last  map[uuid.UUID]time.Time // when a clinic's schedule, or what was left for it, changed last
	deaf  time.Time               // nothing is known of changes before this
}

// subscription is one open page. A page that does not read for a while loses changes and gets one with the topic topicLost instead.
type subscription struct {
	changes chan tenancy.Change
	behind  bool
}

// topicLost tells a page that changes were missed: it should load everything again.
const topicLost = "lost"

const subscriptionDepth = 64

func newHub() *hub {
	return &hub{pages: map[uuid.UUID]map[*subscription]struct{}{}, last: map[uuid.UUID]time.Time{}, deaf: time.Now()}
}

// subscribe answers the clinic's changes until end is called.
func (h *hub) subscribe(clinic uuid.UUID) (changes <-chan tenancy.Change, end func()) {
	s := &subscription{changes: make(chan tenancy.Change, subscriptionDepth)}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.pages[clinic] == nil {
		h.pages[clinic] = map[*subscription]struct{}{}
	}
	h.pages[clinic][s] = struct{}{}
	return s.changes, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.pages[clinic], s)
		if len(h.pages[clinic]) == 0 {
			delete(h.pages, clinic)
		}
	}
}

func (h *hub) changed(c tenancy.Change) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if c.Topic == "schedule" || c.Topic == "messages" {
		h.last[c.Clinic] = time.Now()
	}
	for s := range h.pages[c.Clinic] {
		s.send(c)
	}
}

// changedSince says whether what goes on at a clinic changed after a time, or may have.
func (h *hub) changedSince(clinic uuid.UUID, at time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.last[clinic].After(at) || h.deaf.After(at)
}

func (h *hub) lost() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.deaf = time.Now()
	for clinic, pages := range h.pages {
		for s := range pages {
			s.send(tenancy.Change{Clinic: clinic, Topic: topicLost})
		}
	}
}

// send never waits: one slow page must not hold up the others. The last place in the channel is kept for the word that it is behind.
func (s *subscription) send(c tenancy.Change) {
	free := cap(s.changes) - len(s.changes)
	switch {
	case free > 1:
		s.behind = false
		s.changes <- c
	case free == 1 && !s.behind:
		s.behind = true
		s.changes <- tenancy.Change{Clinic: c.Clinic, Topic: topicLost}
	}
}
