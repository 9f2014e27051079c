package handlers

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"anteroom/domain/fault"
	"anteroom/domain/identity"
	"anteroom/domain/tenancy"
	"anteroom/domain/tenancy/tenancytest"
)

type nextTimes struct{}

func (nextTimes) ProblemMembers() map[string]any {
	return map[string]any{"next_available": []string{"10:30"}, "status": 200}
}

// failing serves one route per failure, for programs and for people.
func failing(s *site, errs map[string]error) *fiber.App {
	var extra []route
	for name, err := range errs {
		h := func(*fiber.Ctx) error { return err }
		extra = append(extra, route{Method: get, Path: "/api/fail/" + name, Audience: public, Handler: h},
			route{Method: get, Path: "/fail/" + name, Audience: person, Handler: h})
	}
	return s.with(extra...)
}

func TestFailuresHaveTheirStatus(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const secret = "Grace Adeyemi"
	errs := map[string]error{
		"422": fault.BadField("phone", "One digit short."), "403": fault.New(fault.Forbidden, "no", "No."), "404": fault.New(fault.NotFound, "gone", "No."),
		"409": fault.New(fault.Conflict, "slot-taken", "Somebody else was faster.").With(nextTimes{}), "410": fault.New(fault.Expired, "hold-ended", "It has ended."),
		"429": fault.New(fault.Limited, "slow", "Wait.").With(identity.Locked{Wait: 90 * time.Second}),
		"503": fmt.Errorf("claim: %w", &pgconn.PgError{Code: "57P01", Message: secret}),
		"500": fmt.Errorf("book: %w", &pgconn.PgError{Code: "22P02", Message: "invalid input " + secret, Detail: secret}),
	}
	b := s.as(s.db.Clinic(t, "Northside", "Europe/London"), identity.FrontDesk)
	b.app = failing(s, errs)
	for status := range errs {
		a := b.get("/api/fail/" + status)
		var p struct {
			Type, Title, Detail, Instance string
			Status                        int
			Errors                        []fault.Field
			Next                          []string `json:"next_available"`
		}
		if err := json.Unmarshal([]byte(a.Body), &p); err != nil {
			t.Fatalf("%s: %v in %s", status, err, a.Body)
		}
		if fmt.Sprint(a.Status) != status || p.Status != a.Status || a.Header.Get("Content-Type") != "application/problem+json" ||
			!strings.HasPrefix(p.Type, "/problems/") || p.Title == "" || p.Detail == "" || p.Instance != "urn:uuid:"+a.Header.Get("X-Request-Id") {
			t.Errorf("%s: %d %s", status, a.Status, a.Body)
		}
		switch status {
		case "422":
			if len(p.Errors) != 1 || p.Errors[0].Name != "phone" {
				t.Errorf("%s", a.Body)
			}
		case "409":
			if p.Type != "/problems/slot-taken" || len(p.Next) != 1 {
				t.Errorf("%s", a.Body)
			}
		case "429":
			if a.Header.Get("Retry-After") != "90" {
				t.Errorf("Retry-After %q", a.Header.Get("Retry-After"))
			}
		}
		whole := b.get("/fail/" + status)
		if fmt.Sprint(whole.Status) != status || !strings.Contains(whole.Body, "<nav") {
			t.Errorf("page %s: %d %s", status, whole.Status, whole.Body)
		}
		part := b.get("/fail/"+status, "HX-Request", "true", "HX-Request-Type", "partial")
		if fmt.Sprint(part.Status) != status || strings.Contains(part.Body, "<html") || part.Header.Get("HX-Retarget") != "#toasts" {
			t.Errorf("part %s: %d %v", status, part.Status, part.Header)
		}
		if strings.Contains(a.Body+whole.Body+part.Body, "Grace") || strings.Contains(whole.Body, "22P02") {
			t.Errorf("%s quotes what must not be shown", status)
		}
	}
	if log := s.log.String(); strings.Contains(log, "Grace") || !strings.Contains(log, `"sqlstate":"22P02"`) {
		t.Errorf("the log is\n%s", log)
	}
}

func TestPanicIsAnApologyAndALine(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	app := s.with(route{Method: get, Path: "/api/panic", Audience: public, Handler: func(*fiber.Ctx) error { panic(fmt.Errorf("about %s", "Grace")) }},
		route{Method: get, Path: "/api/unscoped", Audience: public, Handler: func(c *fiber.Ctx) error { scope(c); return nil }})
	b := s.browser()
	b.app = app
	b.get("/api/panic").want(t, 500, "our side")
	b.get("/api/unscoped").want(t, 500)
	if log := s.log.String(); strings.Contains(log, "Grace") || !strings.Contains(log, "problem_test.go") || !strings.Contains(log, "its audience is public") {
		t.Errorf("%s", log)
	}
}

// A page that fails halfway is an error page, not half a page.
func TestPageIsWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	broken := templ.Join(templ.Raw("<p>first half</p>"), templ.ComponentFunc(func(context.Context, io.Writer) error { return errors.New("broken") }))
	b := s.browser()
	b.app = s.with(route{Method: get, Path: "/half", Audience: public, Handler: func(c *fiber.Ctx) error { return page(c, 200, broken) }})
	if a := b.get("/half").want(t, 500); strings.Contains(a.Body, "first half") {
		t.Fatal(a.Body)
	}
}

func TestPartOrWhole(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser()
	b.app = s.with(route{Method: get, Path: "/two", Audience: public, Handler: func(c *fiber.Ctx) error {
		return pageOr(c, 200, templ.Raw("whole"), templ.Raw("part"))
	}})
	for want, header := range map[string][]string{
		"whole": nil,
		"part":  {"HX-Request", "true", "HX-Request-Type", "partial"},
	} {
		if a := b.get("/two", header...); a.Body != want || !strings.Contains(a.Header.Get("Vary"), "HX-Request") {
			t.Errorf("%q, want %q (Vary %q)", a.Body, want, a.Header.Get("Vary"))
		}
	}
	b.get("/two", "HX-Request", "true", "HX-Request-Type", "full").want(t, 200, "whole")
	b.get("/two", "HX-Request", "true", "HX-Request-Type", "partial", "HX-History-Restore-Request", "true").want(t, 200, "whole")
}

func TestBodies(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	type body struct {
		Name    string `json:"name" validate:"required,max=5"`
		Seconds int    `json:"seconds"`
		Patient struct {
			Phone string `json:"phone" validate:"required"`
		} `json:"patient"`
	}
	b := s.browser()
	b.app = s.with(route{Method: post, Path: "/api/body", Audience: public, Handler: func(c *fiber.Ctx) error {
		var in body
		if err := decodeJSON(c, &in); err != nil {
			return err
		}
		return c.SendString(in.Name)
	}})
	const kind = "application/json; charset=utf-8"
	for _, try := range []struct {
		kind, body string
		status     int
		words      string
	}{
		{kind, `{"name":"Ava","patient":{"phone":"1"},"added_yesterday":true}`, 200, "Ava"},
		{"text/plain", `{}`, 415, "application/json"},
		{"", `{}`, 415, ""},
		{kind, `{"name":`, 400, ""},
		{kind, ``, 400, ""},
		{kind, `{"name":"Ava","patient":{"phone":"1"}} {}`, 400, ""},
		{kind, `[]`, 422, "object"},
		{kind, `{"seconds":"ten"}`, 422, `"field":"seconds"`},
		{kind, `{"patient":{"phone":7}}`, 422, `"field":"patient.phone"`},
		{kind, `{}`, 422, `"field":"patient.phone"`},
		{kind, `{"name":"too long","patient":{"phone":"1"}}`, 422, "at most 5 characters"},
	} {
		a := b.do(http.MethodPost, "/api/body", try.body, "Content-Type", try.kind)
		if a.Status != try.status || !strings.Contains(a.Body, try.words) {
			t.Errorf("%q %s: %d %s", try.kind, try.body, a.Status, a.Body)
		}
	}
}

func TestForms(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	type form struct {
		Name    string `form:"name" query:"name" validate:"required,max=5"`
		Minutes int    `form:"minutes" query:"minutes" validate:"omitempty,min=5"`
		Role    string `form:"role" query:"role" validate:"omitempty,oneof=admin frontdesk"`
	}
	handler := func(c *fiber.Ctx) error {
		var in form
		if err := decodeForm(c, &in); err != nil {
			return err
		}
		return c.SendString(in.Name)
	}
	b := s.browser()
	b.app = s.with(route{Method: post, Path: "/api/form", Audience: public, Handler: handler}, route{Method: get, Path: "/api/form", Audience: public, Handler: handler})
	const kind = "application/x-www-form-urlencoded"
	for _, try := range []struct {
		body   string
		status int
		words  []string
	}{
		{"name=Ava&added=1", 200, []string{"Ava"}},
		{"", 422, []string{`"field":"name"`, "This is needed."}},
		{"name=too+long&minutes=1&role=owner", 422, []string{"at most 5 characters", `"field":"minutes"`, "at least 5.", "admin, frontdesk"}},
		{"name=Ava&minutes=ten", 422, nil},
	} {
		b.do(http.MethodPost, "/api/form", try.body, "Content-Type", kind).want(t, try.status, try.words...)
		b.get("/api/form?"+try.body).want(t, try.status, try.words...)
	}
	b.do(http.MethodPost, "/api/form", "name=Ava", "Content-Type", kind, "Content-Encoding", "gzip").want(t, 415)
	b.do(http.MethodPut, "/api/form", "").want(t, 405)
}

// The server refuses by itself what is too large, before any route: the answer is still ours.
func TestTooLarge(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go s.app.Listener(l)
	defer s.app.Shutdown()
	// Only the size is announced: the server answers without reading the rest.
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /api/slots HTTP/1.1\r\nHost: example.com\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", readLimit+1)
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != 413 || res.Header.Get("Content-Security-Policy") == "" || len(res.Header.Get("X-Request-Id")) != 36 {
		t.Fatalf("%d %v", res.StatusCode, res.Header)
	}
}

func TestDatabaseDownIsTryAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.as(s.db.Clinic(t, "Northside", "Europe/London"), identity.FrontDesk)
	b.get("/readyz").want(t, 200)
	u, err := url.Parse(s.db.OwnerDSN)
	if err != nil {
		t.Fatal(err)
	}
	name := strings.TrimPrefix(u.Path, "/")
	owner, err := pgx.Connect(context.Background(), os.Getenv(tenancytest.DSNEnv))
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close(context.Background())
	for _, sql := range []string{"alter database " + name + " allow_connections false",
		"select pg_terminate_backend(pid) from pg_stat_activity where datname = '" + name + "'"} {
		if _, err := owner.Exec(context.Background(), sql); err != nil {
			t.Fatal(err)
		}
	}
	for _, target := range []string{"/sessions", "/api/slots", "/readyz"} {
		a := b.get(target, "Authorization", "Bearer ak_any")
		if a.Status != 503 || a.Header.Get("Retry-After") == "" {
			t.Errorf("%s: %d %s", target, a.Status, a.Body)
		}
	}
	b.get("/healthz").want(t, 200)
}

func TestLogSaysWhatAndNotWho(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	clinic := s.db.Clinic(t, "Northside", "Europe/London")
	b := s.as(clinic, identity.FrontDesk)
	b.get("/sessions?name=Grace")
	b.post("/sessions/" + someID + "/revoke")
	b.get("/Grace/Adeyemi")
	log := s.log.String()
	for _, never := range []string{"Grace", "Adeyemi", someID, testPassword, "@clinic.example", b.cookies["anteroom"]} {
		if strings.Contains(log, never) {
			t.Errorf("%q is in the log", never)
		}
	}
	for _, always := range []string{`"route":"/sessions/:id/revoke"`, `"status":404`, clinic.Clinic.String(), `"request":"`, `"ms":`} {
		if !strings.Contains(log, always) {
			t.Errorf("%q is not in the log\n%s", always, log)
		}
	}
}

func TestDeadlineIsPassedOn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.as(s.db.Clinic(t, "Northside", "Europe/London"), identity.FrontDesk)
	check := func(stream bool) fiber.Handler {
		return func(c *fiber.Ctx) error {
			if _, limited := c.UserContext().Deadline(); limited == stream {
				return errors.New("the wrong deadline")
			}
			return a204(c, s)
		}
	}
	b.app = s.with(route{Method: get, Path: "/short", Audience: person, Handler: check(false)}, route{Method: get, Path: "/long", Audience: person, Handler: check(true), Stream: true})
	b.get("/short").want(t, 204)
	b.get("/long").want(t, 204)
}

func a204(c *fiber.Ctx, s *site) error {
	return errors.Join(s.db.WithClinic(c.UserContext(), scope(c), func(tx *tenancy.Tx) error { _, err := tx.Now(c.UserContext()); return err }), c.SendStatus(204))
}

// Pages are made in buffers that are used again: no reader may ever be sent what was made for another.
func TestNobodyReadsAnothersPage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	app := s.with(route{Method: get, Path: "/mine/:who", Audience: public, Handler: func(c *fiber.Ctx) error {
		return page(c, 200, templ.Raw(strings.Repeat(c.Params("who")+" ", 20_000)))
	}})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go app.Listener(l)
	defer app.Shutdown()
	var all sync.WaitGroup
	for reader := range 16 {
		all.Go(func() {
			who := fmt.Sprintf("reader%02d", reader)
			for range 30 {
				res, err := http.Get("http://" + l.Addr().String() + "/mine/" + who)
				if err != nil {
					t.Error(err)
					return
				}
				body, err := io.ReadAll(res.Body)
				res.Body.Close()
				if err != nil || string(body) != strings.Repeat(who+" ", 20_000) {
					t.Errorf("%s read another's page (%v)", who, err)
					return
				}
			}
		})
	}
	all.Wait()
}
