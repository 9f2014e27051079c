package handlers

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"anteroom/domain/identity"
	"anteroom/domain/tenancy"
)

const needSignIn = "/sign-in?next=%2Fsessions"

func (s *site) exec(sql string, args ...any) {
	s.t.Helper()
	if _, err := s.db.Owner(s.t).Exec(context.Background(), sql, args...); err != nil {
		s.t.Fatal(err)
	}
}

func TestSignInChangesTheToken(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	clinic := s.db.Clinic(t, "Northside", "Europe/London")
	s.member(clinic, "a@northside.example", identity.FrontDesk)
	s.member(clinic, "b@northside.example", identity.Admin)
	b := s.browser()
	b.cookies["anteroom"] = "planted-by-somebody-else"
	b.signIn("a@northside.example")
	first, csrf := b.cookies["anteroom"], b.csrf
	if first == "planted-by-somebody-else" || len(first) < 40 {
		t.Fatalf("the token is %q", first)
	}
	// Somebody else signs in on the same browser, from the form another tab still showed.
	other := &browser{t: t, app: s.app, cookies: map[string]string{}}
	other.get("/sign-in")
	other.cookies["anteroom"] = first
	other.csrf = csrf
	other.post("/sign-in", "email", "b@northside.example", "password", testPassword).to(t, "/")
	if other.cookies["anteroom"] == first {
		t.Fatal("the token is the same after another sign-in")
	}
	b.get("/sessions").to(t, needSignIn)
	other.get("/sessions").want(t, 200, "Practice admin")
}

func TestSwitchingClinicsChangesTheToken(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	north, lake := s.db.Clinic(t, "Northside Aesthetics", "Europe/London"), s.db.Clinic(t, "Lakeview Family Practice", "America/New_York")
	third := s.db.Clinic(t, "Nobody of ours", "Europe/London")
	s.member(north, "a@northside.example", identity.FrontDesk)
	s.member(lake, "a@northside.example", identity.Admin)
	b := s.browser()
	b.signIn("a@northside.example")
	b.get("/sessions").want(t, 200, "· Lakeview Family Practice", "New York")
	end := s.deadline(b)
	old := *b
	old.cookies = map[string]string{"anteroom": b.cookies["anteroom"]}
	b.post("/clinics/switch", "clinic", third.Clinic.String()).want(t, 404)
	b.post("/clinics/switch", "clinic", "nonsense").want(t, 404)
	b.get("/sessions").want(t, 200, "· Lakeview Family Practice")
	b.post("/clinics/switch", "clinic", north.Clinic.String()).to(t, "/")
	b.get("/sessions").want(t, 200, "· Northside Aesthetics", "Front desk", "London")
	if b.cookies["anteroom"] == old.cookies["anteroom"] || b.csrf == old.csrf {
		t.Fatal("a token outlived the change of clinic")
	}
	old.get("/sessions").to(t, needSignIn)
	part := []string{"HX-Request", "true", "HX-Request-Type", "partial", "X-CSRF-Token"}
	if a := b.get("/sessions", append(part, old.csrf)...).want(t, 200); a.Header.Get("HX-Refresh") != "true" || a.Body != "OK" && a.Body != "" {
		t.Errorf("a window of the clinic that was left got a part of the other: %q, %.80q", a.Header.Get("HX-Refresh"), a.Body)
	}
	if a := b.get("/sessions", append(part, b.csrf)...).want(t, 200, "London"); a.Header.Get("HX-Refresh") != "" {
		t.Error("a window of this clinic was loaded anew")
	}
	if now := s.deadline(b); !now.Equal(end) {
		t.Fatalf("the change of clinic moved the session's end from %s to %s", end, now)
	}
	s.audited(lake.Clinic, "identity.signed-in", 1)
	s.audited(lake.Clinic, "identity.signed-out", 1)
	s.audited(north.Clinic, "identity.signed-in", 1)
}

func TestStoreHoldsOnlyAHash(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.as(s.db.Clinic(t, "Northside", "Europe/London"), identity.FrontDesk)
	var clear, hashed int
	err := s.db.Owner(t).QueryRow(context.Background(), `select count(*) filter (where s::text like '%' || $1 || '%'), count(*) filter (where token = $2)
		from sessions s`, b.cookies["anteroom"], storeKey(b.cookies["anteroom"])).Scan(&clear, &hashed)
	if err != nil || clear != 0 || hashed != 1 {
		t.Fatalf("%d in the clear, %d hashed (%v)", clear, hashed, err)
	}
}

func TestSessionEnds(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	clinic := s.db.Clinic(t, "Northside", "Europe/London")
	b := s.as(clinic, identity.FrontDesk)
	var minutes int
	err := s.db.Owner(t).QueryRow(context.Background(), `select round(extract(epoch from expiry - now()) / 60) from sessions`).Scan(&minutes)
	if err != nil || minutes != 60 {
		t.Fatalf("without a request it ends after %d min (%v)", minutes, err)
	}
	if end := s.deadline(b).Sub(time.Now()); end.Hours() < 11.9 || end.Hours() > 12 {
		t.Fatalf("it ends whatever happens after %s", end)
	}
	s.exec(`update sessions set expiry = now()`)
	b.get("/sessions").to(t, needSignIn)
}

// The store's end never lies past the session's own, however often it is used.
func TestUseDoesNotMoveTheAbsoluteEnd(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.as(s.db.Clinic(t, "Northside", "Europe/London"), identity.FrontDesk)
	s.rewrite(b, func(v *kept) { v.deadline = time.Now().Add(20 * time.Minute); v.values[keySeen] = "0" })
	b.get("/sessions").want(t, 200)
	var minutes int
	err := s.db.Owner(t).QueryRow(context.Background(), `select round(extract(epoch from expiry - now()) / 60) from sessions`).Scan(&minutes)
	if err != nil || minutes != 20 {
		t.Fatalf("the store keeps it for %d min (%v)", minutes, err)
	}
}

func TestUseIsNotedOnceAMinute(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.as(s.db.Clinic(t, "Northside", "Europe/London"), identity.FrontDesk)
	s.exec(`update sessions set expiry = now() + interval '5 minutes'`)
	left := func() (minutes int) {
		t.Helper()
		err := s.db.Owner(t).QueryRow(context.Background(), `select round(extract(epoch from expiry - now()) / 60) from sessions`).Scan(&minutes)
		if err != nil {
			t.Fatal(err)
		}
		return minutes
	}
	if b.get("/sessions"); left() != 5 {
		t.Fatal("a page view within the minute was written")
	}
	s.rewrite(b, func(v *kept) { v.values[keySeen] = unixText(time.Now().Add(-61 * time.Second)) })
	if b.get("/sessions"); left() != 60 {
		t.Fatalf("a page view after a minute was not written: %d min left", left())
	}
}

func TestRemovedMemberIsOut(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	clinic := s.db.Clinic(t, "Northside", "Europe/London")
	who := s.member(clinic, "a@northside.example", identity.Clinician)
	s.member(clinic, "b@northside.example", identity.Admin)
	b := s.browser()
	b.signIn("a@northside.example")
	again := s.serve() // remembers nothing, like a process five seconds later
	err := s.db.WithClinic(context.Background(), clinic, func(tx *tenancy.Tx) error {
		return identity.RemoveMember(context.Background(), tx, who)
	})
	if err != nil {
		t.Fatal(err)
	}
	b.app = again
	b.get("/sessions").to(t, needSignIn)
	var left int
	err = s.db.Owner(t).QueryRow(context.Background(), `select (select count(*) from sessions) + (select count(*) from person_sessions)`).Scan(&left)
	if err != nil || left != 0 {
		t.Fatalf("%d rows of the session are left (%v)", left, err)
	}
}

func TestChangedRoleChangesTheToken(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	clinic := s.db.Clinic(t, "Northside", "Europe/London")
	s.member(clinic, "a@northside.example", identity.FrontDesk)
	b := s.browser()
	b.signIn("a@northside.example")
	old := b.cookies["anteroom"]
	s.member(clinic, "a@northside.example", identity.Compliance)
	b.app = s.serve()
	b.get("/sessions").want(t, 200, "Compliance officer")
	if b.cookies["anteroom"] == old {
		t.Fatal("the token outlived the change of role")
	}
}

func TestOwnSessionsCanBeEnded(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	clinic := s.db.Clinic(t, "Northside", "Europe/London")
	s.member(clinic, "a@northside.example", identity.FrontDesk)
	s.member(clinic, "b@northside.example", identity.FrontDesk)
	here, there, third, stranger := s.browser(), s.browser(), s.browser(), s.browser()
	for _, b := range []*browser{here, there, third} {
		b.signIn("a@northside.example")
	}
	stranger.signIn("b@northside.example")
	id := func(b *browser) string {
		var id string
		err := s.db.Owner(t).QueryRow(context.Background(), `select id from person_sessions where token_hash = $1`, storeKey(b.cookies["anteroom"])).Scan(&id)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	here.post("/sessions/"+id(stranger)+"/revoke").want(t, 404) // not one's own
	here.post("/sessions/"+id(there)+"/revoke").to(t, "/sessions")
	here.get("/sessions").want(t, 200, "That device has to sign in again")
	if a := here.get("/sessions"); strings.Contains(a.Body, "That device has to sign in again") {
		t.Fatal("it is said twice")
	}
	there.get("/sessions").to(t, needSignIn)
	here.post("/sessions/revoke-others").to(t, "/sessions")
	third.get("/sessions").to(t, needSignIn)
	stranger.get("/sessions").want(t, 200)
	here.post("/sessions/"+id(here)+"/revoke").to(t, "/sign-in")
	here.get("/sessions").to(t, needSignIn)
}

// A request that is under way when its session is ended must not write it back.
func TestEndedSessionStaysEnded(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	clinic := s.db.Clinic(t, "Northside", "Europe/London")
	s.member(clinic, "a@northside.example", identity.FrontDesk)
	for range 5 {
		b := s.browser()
		b.signIn("a@northside.example")
		var all sync.WaitGroup
		start := make(chan struct{})
		for i := range 8 {
			one := &browser{t: t, app: s.app, cookies: map[string]string{"anteroom": b.cookies["anteroom"]}, csrf: b.csrf}
			all.Go(func() {
				<-start
				if i == 0 {
					one.post("/sign-out")
				} else {
					one.post("/theme", "theme", "dark") // writes the session
				}
			})
		}
		close(start)
		all.Wait()
		b.app = s.serve()
		b.get("/sessions").to(t, needSignIn)
	}
}

func TestThemeIsKept(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.as(s.db.Clinic(t, "Northside", "Europe/London"), identity.FrontDesk)
	b.post("/theme", "theme", "dark", "back", "/sessions").to(t, "/sessions")
	b.get("/sessions").want(t, 200, `data-theme="dark"`)
	b.post("/theme", "theme", "pink", "back", "/sessions").want(t, 422)
	b.post("/theme", "theme", "system", "back", "//evil.example").to(t, "/")
	if a := b.get("/sessions"); strings.Contains(a.Body, "data-theme") {
		t.Fatal("the theme stayed")
	}
}

func TestLetterKeysAreKeptForThePersonAndOutliveTheSession(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	clinic := s.db.Clinic(t, "Northside", "Europe/London")
	b := s.as(clinic, identity.FrontDesk)
	b.post("/letter-keys", "letters", "pink", "back", "/sessions").want(t, 422)
	if a := b.get("/sessions"); strings.Contains(a.Body, "data-letters") {
		t.Fatal("the keys are off before anyone turned them off")
	}
	a := b.post("/letter-keys", "letters", "off", "back", "/sessions")
	a.to(t, "/sessions")
	if kept := strings.Join(a.Header.Values("Set-Cookie"), "\n"); !regexp.MustCompile(`anteroom-letters-\S+=off;.* expires=`).MatchString(kept) {
		t.Fatalf("they come back on with the end of the session: %s", kept)
	}
	b.get("/sessions").want(t, 200, `data-letters="off"`)
	b.post("/letter-keys", "letters", "on", "back", "//evil.example").to(t, "/")
	if a := b.get("/sessions"); strings.Contains(a.Body, "data-letters") {
		t.Fatal("the keys stayed off")
	}
}

func TestCookies(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.member(s.db.Clinic(t, "Northside", "Europe/London"), "a@northside.example", identity.FrontDesk)
	for _, secure := range []bool{false, true} {
		s.app = s.serve(func(d *Deps) { d.Secure = secure })
		b := s.browser()
		form := b.get("/sign-in").Header.Get("Set-Cookie")
		session := b.post("/sign-in", "email", "a@northside.example", "password", testPassword).Header.Values("Set-Cookie")
		for _, cookie := range append(session, form) {
			lower := strings.ToLower(cookie)
			if !strings.Contains(lower, "httponly") || !strings.Contains(lower, "samesite=lax") || !strings.Contains(lower, "path=/") ||
				strings.Contains(lower, "domain") || strings.Contains(lower, "secure") != secure || strings.HasPrefix(cookie, "__Host-") != secure {
				t.Errorf("secure %v: %s", secure, cookie)
			}
		}
		if !slices.ContainsFunc(session, func(k string) bool { return strings.Contains(k, "anteroom=") && !strings.Contains(k, "expires") }) {
			t.Errorf("no session cookie that goes with the browser in %q", session)
		}
	}
}

func TestUserAgentsHaveNames(t *testing.T) {
	t.Parallel()
	for agent, want := range map[string]string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36":           "Chrome on Windows",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36 Edg/130.0": "Edge on Windows",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1":          "Safari on iPhone",
		"Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0":                                                "Firefox on Linux",
		"": "A browser",
	} {
		if got := device(agent); got != want {
			t.Errorf("%q is %q, want %q", agent, got, want)
		}
	}
}

func TestEveryAnswerHasItsHeaders(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(d *Deps) { d.Secure = true })
	seen := map[string]bool{}
	for _, target := range []string{"/sign-in", "/sessions", "/nothing", "/api/slots", "/healthz", "/static/nothing", "/api/nothing"} {
		a := s.browser().get(target, "X-Request-Id", "chosen-outside")
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin", "Permissions-Policy": "camera=()",
			"Strict-Transport-Security": "max-age=", "Cache-Control": "no-store",
		} {
			if got := a.Header.Get(name); !strings.HasPrefix(got, want) {
				t.Errorf("%s: %s is %q", target, name, got)
			}
		}
		id := a.Header.Get("X-Request-Id")
		if len(id) != 36 || seen[id] || a.Header.Get("Server") != "" {
			t.Errorf("%s: request id %q, server %q", target, id, a.Header.Get("Server"))
		}
		seen[id] = true
	}
	if a := s.browser().get("/static/nothing"); a.Status != http.StatusNotFound {
		t.Errorf("%d", a.Status)
	}
	if strings.Contains(fmt.Sprint(s.log), "chosen-outside") {
		t.Error("a request id from outside is in the log")
	}
}

func TestSweepTakesOnlyWhatRanOut(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	clinic := s.db.Clinic(t, "Northside", "Europe/London")
	stays, goes := s.as(clinic, identity.FrontDesk), s.as(clinic, identity.FrontDesk)
	s.exec(`update sessions set expiry = now() - interval '1 second' where token = $1`, storeKey(goes.cookies["anteroom"]))
	if err := s.db.SweepSessions(context.Background()); err != nil {
		t.Fatal(err)
	}
	var left int
	if err := s.db.Owner(t).QueryRow(context.Background(), `select count(*) from sessions`).Scan(&left); err != nil || left != 1 {
		t.Fatalf("%d sessions are left (%v)", left, err)
	}
	stays.get("/sessions").want(t, 200)
}
