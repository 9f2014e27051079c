package handlers

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/gofiber/fiber/v2"

	"anteroom/domain/identity"
)

// renewedMeanwhile is a browser whose session gets another token while a request with the old one is under way in inside. It answers that
// request, and the browser with the newer token.
func renewedMeanwhile(t *testing.T, inside func(a *app, c *fiber.Ctx) error) (late answer, b *browser) {
	t.Helper()
	s := newSite(t)
	north, lake := s.db.Clinic(t, "Northside", "Europe/London"), s.db.Clinic(t, "Lakeview", "America/New_York")
	s.member(north, "a@northside.example", identity.FrontDesk)
	s.member(lake, "a@northside.example", identity.FrontDesk)
	arrived, goOn := make(chan struct{}), make(chan struct{})
	s.app = s.serveTable(func(a *app) {
		a.table = append(a.table, route{Method: post, Path: "/slow", Audience: person, Handler: func(c *fiber.Ctx) error {
			close(arrived)
			<-goOn
			return inside(a, c)
		}})
	})
	b = s.browser()
	b.signIn("a@northside.example")
	old := &browser{t: t, app: s.app, cookies: map[string]string{"anteroom": b.cookies["anteroom"]}, csrf: b.csrf}
	var all sync.WaitGroup
	all.Go(func() { late = old.post("/slow", "clinic", north.Clinic.String()) })
	<-arrived
	b.post("/clinics/switch", "clinic", north.Clinic.String()).to(t, "/")
	close(goOn)
	all.Wait()
	return late, b
}

// A request with the token from before a change of clinic must not sign out the browser, which has the newer one by then.
func TestAnOldTokenEndsNothingNew(t *testing.T) {
	t.Parallel()
	for name, inside := range map[string]func(a *app, c *fiber.Ctx) error{
		"writes the session": func(a *app, c *fiber.Ctx) error { a.put(c, keyTheme, "dark"); return c.SendString("done") },
		"renews it too":      func(a *app, c *fiber.Ctx) error { return a.switchClinic(c) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			late, b := renewedMeanwhile(t, inside)
			for _, k := range late.Header.Values("Set-Cookie") {
				if strings.HasPrefix(k, "anteroom=") {
					t.Errorf("the late answer sets %q", k)
				}
			}
			b.get("/sessions").want(t, 200, "· Northside")
		})
	}
}

// A request that found its session in the store just before the token changed.
func TestAnOldTokenIsLoadedAndEndsNothingNew(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.as(s.db.Clinic(t, "Northside", "Europe/London"), identity.FrontDesk)
	s.exec(`update person_sessions set token_hash = 'the-newer-one'`)
	b.app = s.serve()
	if a := b.get("/sessions").to(t, needSignIn); strings.Contains(strings.Join(a.Header.Values("Set-Cookie"), ";"), "anteroom=") {
		t.Errorf("it sets %q", a.Header.Values("Set-Cookie"))
	}
	var left int
	err := s.db.Owner(t).QueryRow(context.Background(), `select count(*) from person_sessions where token_hash = 'the-newer-one'`).Scan(&left)
	if err != nil || left != 1 {
		t.Fatalf("%d newer sessions are left (%v)", left, err)
	}
}

// Signing out ends the session whatever its token is by now: the person asked for it.
func TestSigningOutEndsTheNewerTokenToo(t *testing.T) {
	t.Parallel()
	_, b := renewedMeanwhile(t, func(a *app, c *fiber.Ctx) error { return a.signOut(c) })
	b.get("/sessions").to(t, needSignIn)
}
