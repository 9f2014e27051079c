package handlers

import (
	"context"
	"net/http"
	"testing"

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
