package tenancy

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Change is told to open pages: ids only, since every listener of the database hears every channel.
type Change struct {
	Clinic uuid.UUID
	Topic  string // "schedule", "keys"
	ID     uuid.UUID
}

const channel = "anteroom_live"

// window is how long changes gather before one NOTIFY carries them. NOTIFY inside the claim's transaction would take the one global lock
// of the notification queue at commit and serialise every booking of every clinic; gathered afterwards it costs nothing there.
const window = 20 * time.Millisecond

type announcer struct {
	pool *pgxpool.Pool
	in   chan []Change
	done chan struct{}
	once sync.Once
}

func newAnnouncer(pool *pgxpool.Pool) *announcer {
	a := &announcer{pool: pool, in: make(chan []Change, 1024), done: make(chan struct{})}
	go a.run()
	return a
}

func (a *announcer) announce(changes []Change) {
	if len(changes) > 0 {
		a.in <- changes
	}
}

func (a *announcer) close() {
	a.once.Do(func() { close(a.in) })
	<-a.done
}

func (a *announcer) run() {
	defer close(a.done)
	for first := range a.in {
		gathered := map[Change]struct{}{}
		add := func(cs []Change) {
			for _, c := range cs {
				gathered[c] = struct{}{}
			}
		}
		add(first)
		timer := time.NewTimer(window)
	gather:
		for {
			select {
			case more, open := <-a.in:
				if !open {
					break gather
				}
				add(more)
			case <-timer.C:
				break gather
			}
		}
		timer.Stop()
		a.send(gathered)
	}
}

// send tries once: a page that missed a change catches up with its next one, or when it reconnects.
func (a *announcer) send(changes map[Change]struct{}) {
	payloads := make([]string, 0, len(changes))
	for c := range changes {
		payloads = append(payloads, strings.Join([]string{c.Clinic.String(), c.Topic, c.ID.String()}, " "))
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_, _ = a.pool.Exec(ctx, `select pg_notify($1, p) from unnest($2::text[]) p`, channel, payloads)
}

// Listen calls fn for every change in the database until ctx ends. It reconnects by itself and calls lost each time that it has begun to
// listen: what happened before is unknown.
func (db *DB) Listen(ctx context.Context, fn func(Change), lost func()) {
	for wait := time.Duration(0); ctx.Err() == nil; wait = time.Second {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		_ = db.listenOnce(ctx, fn, lost)
	}
}

func (db *DB) listenOnce(ctx context.Context, fn func(Change), lost func()) error {
	pooled, err := db.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	conn := pooled.Hijack() // a listening connection never goes back to the pool
	defer conn.Close(context.Background())
	if _, err := conn.Exec(ctx, "listen "+channel); err != nil {
		return err
	}
	lost()
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		if c, ok := parseChange(n.Payload); ok {
			fn(c)
		}
	}
}

func parseChange(payload string) (Change, bool) {
	parts := strings.Fields(payload)
	if len(parts) != 3 {
		return Change{}, false
	}
	clinic, err1 := uuid.Parse(parts[0])
	id, err2 := uuid.Parse(parts[2])
	return Change{Clinic: clinic, Topic: parts[1], ID: id}, err1 == nil && err2 == nil
}
