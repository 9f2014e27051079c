package handlers

import (
	"bufio"
	"context"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"anteroom/domain/fault"
	"anteroom/domain/tenancy"
	"anteroom/views"
)

const (
	streamsPerSession = 8
	beatEvery         = 15 * time.Second       // below the idle limits of common proxies
	gatherFor         = 100 * time.Millisecond // one call holds, books and ends within moments
	writeWithin       = 10 * time.Second       // a page that takes nothing for so long is gone
)

// scheduleEvents tells an open schedule that something changed, by ids only; the page then asks for itself (Server-sent events: HTML
// standard, 9.2). A page that comes back, and one that was made before the last change, is told at once.
func (a *app) scheduleEvents(c *fiber.Ctx) error {
	r := of(c)
	s, err := a.streams.open(r.session.id, c.Context().Conn())
	if err != nil {
		return err
	}
	changes, unsubscribe := a.live.subscribe(r.member.Clinic)
	f := &feed{stream: s, changes: changes, down: c.Context().Done(), stop: a.Stop, beat: a.streams.beat, gather: map[uuid.UUID]bool{}}
	f.behind = c.Get("Last-Event-ID") != "" || a.live.changedSince(r.member.Clinic, pageTime(c.Query("since")))
	person, hash, clinic := r.session.person, r.session.hash, r.member.Clinic.String()
	f.welcome = func(ctx context.Context) bool { return a.stillWelcome(ctx, person, hash, clinic) }

	c.Set(fiber.HeaderContentType, "text/event-stream")
	c.Set("X-Accel-Buffering", "no") // nginx would keep events back
	c.Context().SetConnectionClose()
	c.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
		defer unsubscribe()
		defer a.streams.close(s)
		f.run(w)
	})
	return nil
}

// streamOf is the stream of a page that was made at a time. A browser has one for each session and clinic, however many windows it has open.
func streamOf(c *fiber.Ctx, made time.Time) views.Stream {
	r := of(c)
	return views.Stream{URL: "/schedule/events?since=" + strconv.FormatInt(made.UnixMilli(), 10), Name: r.session.id.String() + "." + r.member.Clinic.String()}
}

// pageTime is when a page was made; clocks of several servers differ a little.
func pageTime(since string) time.Time {
	ms, err := strconv.ParseInt(since, 10, 64)
	if err != nil {
		return time.Now()
	}
	return time.UnixMilli(ms).Add(-time.Second)
}

// stillWelcome says whether the stream's session still stands. When the database does not answer, that is not known, and nothing is lost:
// a stream holds no data.
func (a *app) stillWelcome(ctx context.Context, person uuid.UUID, hash, clinic string) bool {
	now, alive, err := a.standing.Of(ctx, person, hash)
	if err != nil {
		return true
	}
	m, works := memberOf(now.Clinics, clinic)
	if !alive || !works || !desk.admits(m.Role) {
		return false
	}
	_, there, err := a.store.Find(hash) // it may have run out: a stream does not prolong it
	return there || err != nil
}

// feed is one open stream.
type feed struct {
	*stream
	changes <-chan tenancy.Change
	down    <-chan struct{}
	stop    context.Context
	beat    time.Duration
	welcome func(context.Context) bool
	gather  map[uuid.UUID]bool
	behind  bool // something was missed
}

func (f *feed) run(w *bufio.Writer) {
	if !f.send(w, "retry: 2000\n"+event("here", nowMillis())) || f.behind && !f.tell(w) {
		return
	}
	beat := time.NewTicker(f.beat)
	defer beat.Stop()
	var due <-chan time.Time
	for {
		select {
		case <-f.stop.Done():
			return
		case <-f.down:
			return
		case <-f.closed:
			return
		case c := <-f.changes:
			if f.note(c) && due == nil {
				due = time.After(gatherFor)
			}
		case <-due:
			due = nil
			if !f.tell(w) {
				return
			}
		case <-beat.C:
			ctx, cancel := context.WithTimeout(f.stop, requestTime)
			welcome := f.welcome(ctx)
			cancel()
			if !welcome || !f.send(w, event("beat", "1")) {
				return
			}
		}
	}
}

func (f *feed) note(c tenancy.Change) bool {
	switch c.Topic {
	case topicLost:
		f.behind = true
	case "schedule", "calls", "messages", "waitlist":
		f.gather[c.ID] = true
	default:
		return false
	}
	return true
}

// tell sends one event for all that was gathered.
func (f *feed) tell(w *bufio.Writer) bool {
	ids := make([]string, 0, len(f.gather))
	for id := range f.gather {
		ids = append(ids, id.String())
	}
	slices.Sort(ids)
	data := strings.Join(ids, " ")
	if f.behind {
		data = "all"
	}
	clear(f.gather)
	f.behind = false
	return f.send(w, event("schedule", data))
}

// event carries the server's time as its id: a page that joins the stream later knows from it whether it missed something.
func event(name, data string) string {
	return "id: " + nowMillis() + "\nevent: " + name + "\ndata: " + data + "\n\n"
}

func nowMillis() string { return strconv.FormatInt(time.Now().UnixMilli(), 10) }

func (f *feed) send(w *bufio.Writer, text string) bool {
	_ = f.conn.SetWriteDeadline(time.Now().Add(writeWithin))
	if _, err := w.WriteString(text); err != nil {
		return false
	}
	return w.Flush() == nil
}

// streams counts the open streams of every session.
type streams struct {
	beat time.Duration
	mu   sync.Mutex
	of   map[uuid.UUID][]*stream
}

type stream struct {
	session uuid.UUID
	conn    net.Conn
	closed  chan struct{}
}

func newStreams() *streams { return &streams{beat: beatEvery, of: map[uuid.UUID][]*stream{}} }

// open refuses a session that has too many. Streams whose page is gone do not count: somebody who leafs through the days leaves one with
// each, and the server notices by itself only when it next writes.
func (s *streams) open(session uuid.UUID, conn net.Conn) (*stream, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.of[session]) >= streamsPerSession {
		for _, old := range slices.Clone(s.of[session]) {
			if hungUp(old.conn) {
				s.drop(old)
			}
		}
	}
	if len(s.of[session]) >= streamsPerSession {
		return nil, fault.New(fault.Limited, "too-many-streams", "The schedule is open in too many windows: this one does not follow changes by itself.")
	}
	n := &stream{session: session, conn: conn, closed: make(chan struct{})}
	s.of[session] = append(s.of[session], n)
	return n, nil
}

func (s *streams) close(old *stream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(old)
}

func (s *streams) drop(old *stream) {
	i := slices.Index(s.of[old.session], old)
	if i < 0 {
		return
	}
	close(old.closed)
	s.of[old.session] = slices.Delete(s.of[old.session], i, i+1)
	if len(s.of[old.session]) == 0 {
		delete(s.of, old.session)
	}
}

// hungUp looks, without waiting and without taking anything, whether the other side has closed the connection.
func hungUp(conn net.Conn) bool {
	c, ok := conn.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return true
	}
	ended := false
	err = raw.Control(func(fd uintptr) {
		var b [1]byte
		n, _, err := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT) // #nosec G115 -- a descriptor is a small number
		ended = n == 0 && err == nil || err != nil && err != syscall.EAGAIN && err != syscall.EINTR
	})
	return ended || err != nil
}
