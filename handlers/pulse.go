package handlers

import (
	"context"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/hashicorp/golang-lru/v2/expirable"

	"anteroom/domain/calls"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
	"anteroom/views"
)

// What goes on stands beside every page, so it is read once in pulseFor for everybody who sees the same, unless something changed meanwhile.
// A page never waits long for it, nor fails because of it.
const (
	pulseFor    = 5 * time.Second
	pulseWithin = 2 * time.Second
	pulses      = 4096
)

// beat is what goes on at a clinic, for the eyes of one practitioner or of the whole desk.
type beat struct {
	at    time.Time // before it was read, by the machine's clock
	now   time.Time // the transaction's
	needs int
	left  int // messages; for those who book
	calls []calls.InProgress
}

type pulseKey struct{ clinic, practitioner uuid.UUID }

func newPulses() *expirable.LRU[pulseKey, beat] {
	return expirable.NewLRU[pulseKey, beat](pulses, nil, pulseFor)
}

// pulse is what the sidebar shows of the present moment.
func (a *app) pulse(c *fiber.Ctx) views.Pulse {
	m := of(c).member
	if !a.admits(m.Role, "/today") {
		return views.Pulse{}
	}
	p := views.Pulse{URL: "/pulse"}
	b, err := a.readPulse(c)
	if err != nil {
		a.Log.Error("read what goes on", "error", withoutValues(err), "request", of(c).id)
		return p
	}
	at := zone(c)
	p.Needs, p.Now = b.needs, b.now.In(at)
	if books(m.Role) {
		p.Needs += b.left
	}
	p.Calls = callViews(b.calls, m, midnight(p.Now, 0), at)
	return p
}

func (a *app) readPulse(c *fiber.Ctx) (beat, error) {
	m := of(c).member
	key := pulseKey{clinic: m.Clinic}
	if m.Practitioner != nil && !books(m.Role) {
		key.practitioner = *m.Practitioner
	}
	if b, ok := a.beats.Get(key); ok && !a.live.changedSince(m.Clinic, b.at) {
		return b, nil
	}
	ctx, cancel := context.WithTimeout(c.UserContext(), pulseWithin)
	defer cancel()
	var b beat
	err := a.DB.WithClinic(ctx, scope(c), func(tx *tenancy.Tx) (err error) {
		b = beat{at: time.Now()}
		if b.needs, err = scheduling.CountNeeds(ctx, tx, todayInput(tx, m)); err != nil {
			return err
		}
		if b.left, err = calls.CountLeft(ctx, tx); err != nil {
			return err
		}
		if b.now, err = tx.Now(ctx); err != nil || key.practitioner != uuid.Nil {
			return err
		}
		b.calls, err = a.calls.OnThePhone(ctx, tx)
		return err
	})
	if err == nil {
		a.beats.Add(key, b)
	}
	return b, err
}

// showPulse is what the sidebar asks for when something changed.
func (a *app) showPulse(c *fiber.Ctx) error {
	return page(c, http.StatusOK, views.PulseFragment(a.pulse(c)))
}
