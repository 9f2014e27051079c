package handlers

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"anteroom/domain/identity"
	"anteroom/views/ui"
)

// Every address that the server answers is a line of the table, and every line says for whom it is.
func TestEveryRouteHasAnAudience(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(d *Deps) { d.Demo = true })
	a := newApp(Deps{DB: s.db.DB, Demo: true})
	known := map[string]bool{}
	for _, r := range a.table {
		if known[r.Method+" "+r.Path] {
			t.Errorf("%s %s is there twice", r.Method, r.Path)
		}
		known[r.Method+" "+r.Path] = true
	}
	for _, r := range s.app.GetRoutes(true) {
		method := strings.Replace(r.Method, fiber.MethodHead, fiber.MethodGet, 1)
		if !known[method+" "+r.Path] {
			t.Errorf("%s %s is served and not in the table", r.Method, r.Path)
		}
	}
}

func TestRouteWithoutAudienceStopsTheProgram(t *testing.T) {
	t.Parallel()
	a := &app{table: []route{{Method: get, Path: "/open", Handler: serveStatic}}}
	defer func() {
		if recover() == nil {
			t.Fatal("a route for nobody was served")
		}
	}()
	a.mount(fiber.New())
}

var inPath = regexp.MustCompile(`:[a-z]+\??|\*`)

const someID = "01939c2e-8b5a-7c3e-9d4f-000000000000"

// What is public is public on purpose: this list is read again by whoever makes it longer.
var publicPages = []string{"/healthz", "/readyz", "/static/*", "/_states", "/_states/:name", "/api/openapi.json"}

func TestNobodyComesInUnknown(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := newApp(Deps{DB: s.db.DB})
	for _, r := range a.table {
		target := inPath.ReplaceAllString(r.Path, someID)
		got := s.browser().do(r.Method, target, "", "Authorization", "Bearer ak_unknown", "X-Vapi-Secret", "unknown")
		switch r.Audience.name {
		case "public":
			if !slices.Contains(publicPages, r.Path) {
				t.Errorf("%s %s is public", r.Method, r.Path)
			}
		case "visitor":
			if !strings.HasPrefix(r.Path, "/sign-in") {
				t.Errorf("%s %s is open to visitors", r.Method, r.Path)
			}
		case "key", "vapi":
			if got.Status != 401 {
				t.Errorf("%s %s: %d to an unknown credential", r.Method, r.Path, got.Status)
			}
		default:
			refused := got.Status == 401 || got.Status == http.StatusSeeOther && strings.HasPrefix(got.Header.Get("Location"), "/sign-in")
			if !refused {
				t.Errorf("%s %s: %d %s to nobody", r.Method, r.Path, got.Status, got.Header.Get("Location"))
			}
		}
	}
}

// Who may open what. A page that is for some roles only must be here, with exactly those.
var pageRoles = map[string][]string{
	"/settings":  {identity.Admin, identity.FrontDesk},
	"/isolation": {identity.Admin, identity.Compliance},
	"/schedule":  {identity.Admin, identity.FrontDesk, identity.Clinician},
	"/patients":  {identity.Admin, identity.FrontDesk, identity.Clinician},
	"/sessions":  identity.Roles,
}

func TestRolesOpenTheirPagesOnly(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := newApp(Deps{DB: s.db.DB})
	clinic := s.db.Clinic(t, "Northside", "Europe/London")
	for _, role := range identity.Roles {
		b := s.as(clinic, role)
		for _, r := range a.table {
			if want, ok := pageRoles[r.Path]; ok && r.Method == get && r.Audience.admits(role) != slices.Contains(want, role) {
				t.Errorf("GET %s for %s: the table says %v", r.Path, role, r.Audience.admits(role))
			}
			if r.Audience.name != "roles" || r.Stream && r.Audience.admits(role) {
				continue
			}
			target := inPath.ReplaceAllString(r.Path, someID)
			got := b.do(r.Method, target, url.Values{ui.CSRFField: {b.csrf}}.Encode(), "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin")
			if denied := got.Status == 403 && strings.Contains(got.Body, "Your role does not open this page"); denied == r.Audience.admits(role) {
				t.Errorf("%s %s as %s: %d", r.Method, r.Path, role, got.Status)
			}
		}
	}
}

// A role's audience is enforced by the guard, whatever routes there are.
func TestGuardAsksForTheRole(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	clinic := s.db.Clinic(t, "Northside", "Europe/London")
	for _, role := range identity.Roles {
		b := s.as(clinic, role)
		b.app = s.with(route{Method: get, Path: "/for-two", Audience: roles(identity.Admin, identity.Compliance),
			Handler: func(c *fiber.Ctx) error { return c.SendString("in") }})
		want := 403
		if role == identity.Admin || role == identity.Compliance {
			want = 200
		}
		b.get("/for-two").want(t, want)
	}
}

// with serves extra routes beside those of the table.
func (s *site) with(extra ...route) *fiber.App {
	return s.serveTable(func(a *app) { a.table = append(a.table, extra...) })
}

func TestNavigationShowsWhatTheRoleMayOpen(t *testing.T) {
	t.Parallel()
	a := &app{table: []route{{Method: get, Path: "/schedule", Audience: person}, {Method: get, Path: "/settings", Audience: admin}}}
	if n := a.nav(identity.FrontDesk, "/schedule/week"); len(n) != 1 || !n[0].Current {
		t.Errorf("%+v", n)
	}
	if n := a.nav(identity.Admin, "/scheduled"); len(n) != 2 || n[0].Current || n[1].Current {
		t.Errorf("%+v", n)
	}
}
