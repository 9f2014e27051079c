package handlers

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"anteroom/domain/identity"
	"anteroom/domain/tenancy"
	"anteroom/domain/tenancy/tenancytest"
)

// liveFront serves on a real port, since a stream is read while it is written.
type liveFront struct {
	*front
	a    *app
	base string
	done chan error // of the server
}

func newLiveFront(t testing.TB, beat time.Duration) *liveFront {
	t.Helper()
	db := tenancytest.NewWithClock(t, frontNow)
	f := &liveFront{done: make(chan error, 1)}
	f.front = frontOn(t, db, db.DB, "Europe/London", func(a *app) {
		a.streams.beat = beat
		f.a = a
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	f.base = "http://" + l.Addr().String()
	go func() { f.done <- f.app.Listener(l) }()
	t.Cleanup(func() { _ = f.app.ShutdownWithTimeout(5 * time.Second) })
	f.untilHeard()
	return f
}

// untilHeard returns when the server hears what is announced: until then changes are unknown to it by design.
func (f *liveFront) untilHeard() {
	changes, end := f.a.live.subscribe(f.Scope.Clinic)
	defer end()
	for range 200 {
		f.in(func(_ context.Context, tx *tenancy.Tx) error { tx.Announce("ready", uuid.Nil); return nil })
		f.in(func(ctx context.Context, tx *tenancy.Tx) error {
			_, err := tx.Now(ctx)
			tx.Announce("ready", uuid.Nil)
			return err
		})
		select {
		case <-changes:
			return
		case <-time.After(50 * time.Millisecond):
		}
	}
	f.t.Fatal("the server does not hear changes")
}

// events is an open stream.
type events struct {
	t      testing.TB
	status int
	header http.Header
	lines  chan string // closed when the stream ends
	close  func()
}

func (f *liveFront) listen(b *browser, address string, header ...string) *events {
	f.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	f.t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, f.base+address, nil)
	must(f.t, err)
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(r)
	must(f.t, err)
	e := &events{t: f.t, status: res.StatusCode, header: res.Header, lines: make(chan string, 1000), close: cancel}
	go func() {
		defer close(e.lines)
		defer res.Body.Close()
		for s := bufio.NewScanner(res.Body); s.Scan(); {
			e.lines <- s.Text()
		}
	}()
	return e
}

// want reads until a line begins so.
func (e *events) want(within time.Duration, begins string) string {
	e.t.Helper()
	deadline := time.After(within)
	for {
		select {
		case line, open := <-e.lines:
			if !open {
				e.t.Fatalf("the stream ended before %q", begins)
			}
			if strings.HasPrefix(line, begins) {
				return line
			}
		case <-deadline:
			e.t.Fatalf("no %q within %v", begins, within)
		}
	}
}

// ends reads to the end, and answers whether an event came before it.
func (e *events) ends(within time.Duration) (told bool) {
	e.t.Helper()
	deadline := time.After(within)
	for {
		select {
		case line, open := <-e.lines:
			if !open {
				return told
			}
			told = told || strings.HasPrefix(line, "event: schedule")
		case <-deadline:
			e.t.Fatalf("the stream did not end within %v", within)
		}
	}
}

func TestAClaimIsSeenWithinASecond(t *testing.T) {
	t.Parallel()
	f := newLiveFront(t, beatEvery)
	elsewhere := frontOn(t, f.db, f.db.DB, "America/New_York", func(*app) {})
	elsewhere.app = f.app // the other clinic's person on the same server
	first, second := f.listen(f.as(f.Scope, identity.FrontDesk), "/schedule/events"), f.listen(f.doctor(f.okafor.ID), "/schedule/events")
	other := f.listen(elsewhere.as(elsewhere.Scope, identity.FrontDesk), "/schedule/events")
	for _, e := range []*events{first, second, other} {
		if e.status != 200 || e.header.Get("Content-Type") != "text/event-stream" || e.header.Get("Cache-Control") != "no-store" {
			t.Fatalf("status %d, %v", e.status, e.header)
		}
		e.want(5*time.Second, "event: here")
	}
	f.hold(f.slots[0])
	for _, e := range []*events{first, second} {
		e.want(time.Second, "event: schedule")
		if data := e.want(time.Second, "data:"); data != "data: "+f.okafor.ID.String() {
			t.Errorf("the event holds %q, want the practitioner's id alone", data)
		}
	}
	// Its own change comes, and nothing of the first clinic's came before it.
	elsewhere.hold(elsewhere.slots[0])
	other.want(time.Second, "event: schedule")
	if data := other.want(time.Second, "data:"); data != "data: "+elsewhere.okafor.ID.String() {
		t.Errorf("the other clinic heard %q", data)
	}
}

// TestManyChangesAreOneEvent: twenty claims at once are told in an event or two, with both practitioners' ids between them.
func TestManyChangesAreOneEvent(t *testing.T) {
	t.Parallel()
	f := newLiveFront(t, beatEvery)
	e := f.listen(f.as(f.Scope, identity.FrontDesk), "/schedule/events")
	e.want(5*time.Second, "event: here")
	for range 15 {
		f.a.live.changed(tenancy.Change{Clinic: f.Scope.Clinic, Topic: "schedule", ID: f.okafor.ID})
		f.a.live.changed(tenancy.Change{Clinic: f.Scope.Clinic, Topic: "schedule", ID: f.chen.ID})
		f.a.live.changed(tenancy.Change{Clinic: f.Scope.Clinic, Topic: "keys", ID: f.chen.ID})
	}
	e.want(time.Second, "event: schedule")
	if data := e.want(time.Second, "data:"); !strings.Contains(data, f.okafor.ID.String()) || !strings.Contains(data, f.chen.ID.String()) || len(data) != len("data: ")+36+1+36 {
		t.Errorf("told %q", data)
	}
	f.a.live.lost()
	if data := e.want(time.Second, "data:"); data != "data: all" {
		t.Errorf("after losing the database: %q", data)
	}
}

// TestAPageThatMissedSomethingCatchesUp: one that comes back, and one that was made before the last change.
func TestAPageThatMissedSomethingCatchesUp(t *testing.T) {
	t.Parallel()
	f := newLiveFront(t, 50*time.Millisecond)
	b := f.as(f.Scope, identity.FrontDesk)
	f.listen(b, "/schedule/events", "Last-Event-ID", "7").want(time.Second, "event: schedule")
	f.a.live.mu.Lock()
	f.a.live.deaf, f.a.live.last[f.Scope.Clinic] = time.Time{}, time.UnixMilli(5_000_000)
	f.a.live.mu.Unlock()
	f.listen(b, "/schedule/events?since=4000000").want(time.Second, "event: schedule")
	e := f.listen(b, "/schedule/events?since=6000000") // after the last change, and the clocks' second
	for range 3 {
		e.want(5*time.Second, "event: beat")
	}
	e.close()
	if e.ends(5 * time.Second) {
		t.Error("a page that missed nothing was told to load again")
	}
}

func TestAStreamEndsWithItsSession(t *testing.T) {
	t.Parallel()
	f := newLiveFront(t, 50*time.Millisecond)
	b := f.as(f.Scope, identity.FrontDesk)
	e := f.listen(b, "/schedule/events")
	e.want(5*time.Second, "event: beat") // a sign of life while it stands
	b.post("/sign-out").want(t, 303)
	e.ends(5 * time.Second)
	if e := f.listen(b, "/schedule/events"); e.status == 200 {
		t.Errorf("a stream without a session: %d", e.status)
	}
	if e := f.listen(f.as(f.Scope, identity.Compliance), "/schedule/events"); e.status != 403 {
		t.Errorf("a stream for a compliance officer: %d", e.status)
	}

	// One whose role changes is out as well.
	email := uuid.NewString() + "@clinic.example"
	f.member(f.Scope, email, identity.FrontDesk)
	b = f.browser()
	b.signIn(email)
	e = f.listen(b, "/schedule/events")
	e.want(5*time.Second, "event: beat")
	f.member(f.Scope, email, identity.Compliance)
	e.ends(10 * time.Second)
}

func TestASessionHasEightStreams(t *testing.T) {
	t.Parallel()
	f := newLiveFront(t, beatEvery)
	b, colleague := f.as(f.Scope, identity.FrontDesk), f.as(f.Scope, identity.FrontDesk)
	var open []*events
	for range streamsPerSession {
		e := f.listen(b, "/schedule/events")
		e.want(5*time.Second, "event: here")
		open = append(open, e)
	}
	if e := f.listen(b, "/schedule/events"); e.status != 429 || e.header.Get("Retry-After") == "" {
		t.Errorf("the ninth: %d", e.status)
	}
	if e := f.listen(colleague, "/schedule/events"); e.status != 200 {
		t.Errorf("somebody else's first: %d", e.status)
	}
	open[0].close()
	open[0].ends(5 * time.Second)
	for try := 0; ; try++ { // the server sees that it was closed without having to write to it
		e := f.listen(b, "/schedule/events")
		if e.status == 200 {
			break
		}
		if try == 50 {
			t.Fatalf("a page that was left still counts: %d", e.status)
		}
	}
}

// TestASlowPageHoldsNobodyUp: one page takes nothing, and the others still hear of everything at once.
func TestASlowPageHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	f := newLiveFront(t, beatEvery)
	b := f.as(f.Scope, identity.FrontDesk)
	conn, err := net.Dial("tcp", strings.TrimPrefix(f.base, "http://"))
	must(t, err)
	defer conn.Close()
	must(t, conn.(*net.TCPConn).SetReadBuffer(1))
	_, err = conn.Write([]byte("GET /schedule/events HTTP/1.1\r\nHost: x\r\nCookie: anteroom=" + b.cookies["anteroom"] + "\r\n\r\n"))
	must(t, err)
	e := f.listen(b, "/schedule/events")
	e.want(5*time.Second, "event: here")
	for range 20_000 {
		f.a.live.changed(tenancy.Change{Clinic: f.Scope.Clinic, Topic: "schedule", ID: uuid.New()})
	}
	e.want(5*time.Second, "event: schedule")
	f.hold(f.slots[0])
	e.want(5*time.Second, "event: schedule")
}

// TestOpenStreamsDoNotHoldUpTheStop: the server stops while pages are open.
func TestOpenStreamsDoNotHoldUpTheStop(t *testing.T) {
	t.Parallel()
	f := newLiveFront(t, beatEvery)
	b := f.as(f.Scope, identity.FrontDesk)
	first, second := f.listen(b, "/schedule/events"), f.listen(b, "/schedule/events")
	first.want(5*time.Second, "event: here")
	second.want(5*time.Second, "event: here")
	start := time.Now()
	must(t, f.app.ShutdownWithTimeout(20*time.Second))
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("it took %v to stop", took)
	}
	first.ends(5 * time.Second)
	second.ends(5 * time.Second)
	must(t, <-f.done)
}

// TestAnOpenScheduleDoesNotKeepASessionAlive: what a page asks by itself is no sign that somebody sits there.
func TestAnOpenScheduleDoesNotKeepASessionAlive(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	b := f.as(f.Scope, identity.FrontDesk)
	owner := f.db.Owner(t)
	ctx := context.Background()
	var data []byte
	must(t, owner.QueryRow(ctx, `select data from sessions`).Scan(&data))
	deadline, values, err := sessionCodec{}.Decode(data)
	must(t, err)
	values[keySeen] = unixText(time.Now().Add(-30 * time.Minute)) // the next page that somebody opens is noted
	data, err = sessionCodec{}.Encode(deadline, values)
	must(t, err)
	ends := time.Now().Add(30 * time.Minute).Truncate(time.Second)
	_, err = owner.Exec(ctx, `update sessions set data = $1, expiry = $2`, data, ends)
	must(t, err)
	expiry := func() (at time.Time) {
		must(t, owner.QueryRow(ctx, `select expiry from sessions`).Scan(&at))
		return at
	}
	b.get("/schedule/grid?date=2025-03-10").want(t, 200)
	if !expiry().Equal(ends) {
		t.Error("the grid, asked for by the page itself, prolonged the session")
	}
	b.get(mondayPage).want(t, 200)
	if expiry().Equal(ends) {
		t.Error("a page that somebody opened did not prolong the session")
	}
}
