package handlers

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"anteroom/domain/identity"
)

func TestSignInAndOut(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	clinic := s.db.Clinic(t, "Northside", "Europe/London")
	s.member(clinic, "a@northside.example", identity.FrontDesk)
	b := s.browser()
	b.get("/sessions").to(t, "/sign-in?next=%2Fsessions")
	b.get("/sign-in?next=%2Fsessions").want(t, 200, `name="next" value="/sessions"`)
	b.post("/sign-in", "email", "a@northside.example", "password", testPassword, "next", "/sessions").to(t, "/sessions")
	b.get("/sessions").want(t, 200, "Northside", "Front desk", "This one")
	b.get("/sign-in").to(t, "/") // nothing to do there any more
	b.get("/").to(t, "/today")
	cookie := b.cookies["anteroom"]
	b.post("/sign-out").to(t, "/sign-in")
	b.cookies["anteroom"] = cookie
	b.get("/sessions").to(t, "/sign-in?next=%2Fsessions") // the old token is dead, not only forgotten
	s.audited(clinic.Clinic, "identity.signed-in", 1)
	s.audited(clinic.Clinic, "identity.signed-out", 1)
}

func (s *site) audited(clinic any, action string, want int) {
	s.t.Helper()
	var n int
	err := s.db.Owner(s.t).QueryRow(context.Background(), `select count(*) from audit_events where clinic_id = $1 and action = $2 and request_id <> ''`, clinic, action).Scan(&n)
	if err != nil || n != want {
		s.t.Fatalf("%s was recorded %d times, want %d (%v)", action, n, want, err)
	}
}

func TestWrongPasswordAndUnknownEmailReadTheSame(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.member(s.db.Clinic(t, "Northside", "Europe/London"), "a@northside.example", identity.FrontDesk)
	b := s.browser()
	b.get("/sign-in")
	wrong := b.post("/sign-in", "email", "a@northside.example", "password", "wrong").want(t, 401, "do not belong together")
	unknown := b.post("/sign-in", "email", "b@northside.example", "password", "wrong").want(t, 401)
	if strings.ReplaceAll(wrong.Body, "a@northside", "b@northside") != unknown.Body {
		t.Fatalf("they differ:\n%s\n%s", wrong.Body, unknown.Body)
	}
	if strings.Contains(wrong.Body, "wrong") || b.cookies["anteroom"] != "" {
		t.Fatal("the password came back, or a session began")
	}
}

func TestLockedSignInSaysHowLong(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.member(s.db.Clinic(t, "Northside", "Europe/London"), "a@northside.example", identity.FrontDesk)
	b := s.browser()
	b.get("/sign-in")
	for range 5 {
		b.post("/sign-in", "email", "a@northside.example", "password", "wrong").want(t, 401)
	}
	locked := b.post("/sign-in", "email", "a@northside.example", "password", testPassword).want(t, 429, "Too many tries", "1 minute")
	if locked.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	if _, err := s.db.Owner(t).Exec(context.Background(), `update sign_in_failures set locked_until = now()`); err != nil {
		t.Fatal(err)
	}
	b.post("/sign-in", "email", "a@northside.example", "password", testPassword).to(t, "/")
}

func TestNobodyIsSentElsewhere(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.member(s.db.Clinic(t, "Northside", "Europe/London"), "a@northside.example", identity.FrontDesk)
	for _, next := range []string{"https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "/\n/evil.example",
		"javascript:alert(1)", "http:evil.example", "/ /evil.example", "evil.example", "///evil.example", "/%2f/../..//evil.example", "@evil.example",
		"/sign-in?next=/x", strings.Repeat("/", 2000)} {
		b := s.browser()
		b.get("/sign-in")
		b.post("/sign-in", "email", "a@northside.example", "password", testPassword, "next", next).to(t, "/")
	}
	if got := ownPath("/x\x00//evil.example", "/"); got != "/" {
		t.Errorf("with a NUL it became %q", got)
	}
	if got := ownPath("/schedule?day=2026-11-24&view=week", "/"); got != "/schedule?day=2026-11-24&view=week" {
		t.Errorf("our own page became %q", got)
	}
}

func TestSignInFromWithinHTMX(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := s.browser().get("/sessions", "HX-Request", "true", "HX-Request-Type", "partial", "HX-Current-URL", "http://example.com/schedule?day=2026-11-24")
	if a.want(t, 200); a.Header.Get("HX-Redirect") != "/sign-in?next=%2Fschedule%3Fday%3D2026-11-24" {
		t.Fatalf("%v", a.Header)
	}
}

func TestSomebodyWithoutClinicStaysOutside(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	clinic := s.db.Clinic(t, "Northside", "Europe/London")
	s.member(clinic, "a@northside.example", identity.FrontDesk)
	if _, err := s.db.Owner(t).Exec(context.Background(), `update memberships set ended_at = now()`); err != nil {
		t.Fatal(err)
	}
	b := s.browser()
	b.get("/sign-in")
	b.post("/sign-in", "email", "a@northside.example", "password", testPassword).want(t, http.StatusForbidden, "not part of a clinic")
	if b.cookies["anteroom"] != "" {
		t.Fatal("a session without a clinic")
	}
}

func TestDemoLoginsAreShownInDemoOnly(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if a := s.browser().get("/sign-in"); strings.Contains(a.Body, "anteroom-demo") {
		t.Fatal("the demo's password is on the page")
	}
	s.app = s.serve(func(d *Deps) { d.Demo = true })
	s.browser().get("/sign-in").want(t, 200, "anteroom-demo", "clinician@lakeview.example")
	s.browser().get("/_states").want(t, 200)
}
