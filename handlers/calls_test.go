package handlers

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"

	"anteroom/domain/identity"
)

// An open list of calls asks again by itself whenever anything changes. What it has shown already is no view any more.
func TestAListOfCallsThatRenewsItselfIsNoNewView(t *testing.T) {
	t.Parallel()
	s, at, _ := vapiSite(t)
	ring := func(call string) {
		t.Helper()
		body := `{"message":{"type":"status-update","status":"ended","endedReason":"customer-ended-call","call":{"id":"` + call + `","customer":{"number":"+447700900123"}}}}`
		if got := s.hook(hook, body, "X-Vapi-Secret", "vs_test"); got.Status != http.StatusOK {
			t.Fatal(got.Status, got.Body)
		}
	}
	views := func() (n int) {
		t.Helper()
		must(t, s.db.Owner(t).QueryRow(context.Background(), `select count(*) from audit_events where action = 'calls.viewed'`).Scan(&n))
		return n
	}
	ring("call-1")
	one, other := s.as(at, identity.FrontDesk), s.as(at, identity.FrontDesk)
	asks := func(b *browser, path string, want int) {
		t.Helper()
		if got := b.do(http.MethodGet, path, ""); got.Status != http.StatusOK {
			t.Fatal(path, got.Status)
		}
		if n := views(); n != want {
			t.Errorf("%s: %d views are recorded, want %d", path, n, want)
		}
	}
	asks(one, "/calls", 1)
	for range 3 {
		asks(one, "/calls/part", 1)
	}
	ring("call-2")
	asks(one, "/calls/part", 2)
	asks(one, "/calls/part", 2)
	asks(other, "/calls/part", 3) // another person, or another place of the same one
	asks(one, "/calls", 4)        // opened again
	asks(one, "/calls?outcome=abandoned", 5)
}

func TestTheListRenewsItselfForEverybody(t *testing.T) {
	t.Parallel()
	s, at, _ := vapiSite(t)
	s.as(at, identity.FrontDesk).get("/calls").want(t, 200, `hx-trigger="schedule from:body`)
	s.as(at, identity.Compliance).get("/calls").want(t, 200, `hx-get="/calls/part"`, `hx-trigger="every 5s"`)
}

var standingAddress = regexp.MustCompile(`hx-get="(/calls/[0-9a-f-]+/standing\?seen=[0-9a-z-]+)"`)

func TestACallThatGoesOnLoadsAnewWhenSomethingBecameOfIt(t *testing.T) {
	t.Parallel()
	s, at, _ := vapiSite(t)
	send := func(status string) {
		t.Helper()
		body := `{"message":{"type":"status-update","status":"` + status + `","call":{"id":"call-1","customer":{"number":"+447700900123"}}}}`
		if got := s.hook(hook, body, "X-Vapi-Secret", "vs_test"); got.Status != http.StatusOK {
			t.Fatal(got.Status, got.Body)
		}
	}
	send("in-progress")
	var id string
	owner := s.db.Owner(t)
	must(t, owner.QueryRow(context.Background(), `select id::text from calls`).Scan(&id))
	b := s.as(at, identity.FrontDesk)
	page := b.get("/calls/"+id).want(t, 200, "This call goes on now", "data-runs-from")
	m := standingAddress.FindStringSubmatch(page.Body)
	if m == nil {
		t.Fatal("the page does not ask what becomes of the call")
	}
	asks := func(refresh string) {
		t.Helper()
		if a := b.get(m[1]).want(t, 204); a.Header.Get("HX-Refresh") != refresh {
			t.Errorf("HX-Refresh is %q, want %q", a.Header.Get("HX-Refresh"), refresh)
		}
	}
	seen := func() (n int) {
		must(t, owner.QueryRow(context.Background(), `select count(*) from audit_events where action = 'call.viewed'`).Scan(&n))
		return n
	}
	before := seen()
	asks("")
	send("ended")
	asks("true")
	if seen() != before {
		t.Error("asking counted as a view")
	}
	b.get("/calls/"+uuid.NewString()+"/standing?seen=x").want(t, 404)
}

func TestAFilterKeepsTheWordsThatWereLookedFor(t *testing.T) {
	t.Parallel()
	s, at, _ := vapiSite(t)
	b := s.as(at, identity.FrontDesk)
	b.get("/calls").want(t, 200, `id="calls-filter" method="get" action="/calls"`)
	for _, sent := range [][]string{{"q", "parking"}, {"q", "parking", "outcome", "booked"}} {
		a := b.post("/calls/search", sent...).want(t, 200, `id="calls-filter" method="post" action="/calls/search"`, `<input type="hidden" name="q" value="parking">`, "No call with these words")
		if strings.Contains(a.Header.Get("Location"), "parking") {
			t.Error("the words stand in an address")
		}
	}
}

func TestWhatIsNotTheClinicsIsNotOfferedToBeOpened(t *testing.T) {
	t.Parallel()
	s, at, _ := vapiSite(t)
	b := s.as(at, identity.FrontDesk)
	for _, of := range []string{"/calls/", "/patients/"} {
		b.get(of+uuid.NewString()+"/glass").want(t, 404)
	}
}
