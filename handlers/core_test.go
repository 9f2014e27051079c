package handlers

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/alexedwards/argon2id"
	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"anteroom/domain/identity"
	"anteroom/domain/privacy"
	"anteroom/domain/tenancy"
	"anteroom/domain/tenancy/tenancytest"
	"anteroom/views/ui"
)

const testPassword = "correct horse battery"

// testHash costs a hundredth of identity's: each test signs people in, and the race detector follows every word of what a hash reads.
var testHash = sync.OnceValues(func() (string, error) {
	return argon2id.CreateHash(testPassword, &argon2id.Params{Memory: 512, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32})
})

// testKey is one for all servers of a test, as processes of one installation have.
var testKey = sync.OnceValues(privacy.NewMasterKey)

func testVault(t testing.TB) *privacy.Vault {
	t.Helper()
	key, err := testKey()
	must(t, err)
	vault, err := privacy.NewVault(key)
	must(t, err)
	return vault
}

// site is one test's own server, with its own database.
type site struct {
	t   testing.TB
	db  *tenancytest.Database
	app *fiber.App
	log *safeBuffer
}

type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}
func (s *safeBuffer) String() string { s.mu.Lock(); defer s.mu.Unlock(); return s.b.String() }

func newSite(t testing.TB, change ...func(*Deps)) *site {
	t.Helper()
	s := &site{t: t, db: tenancytest.New(t), log: &safeBuffer{}}
	s.app = s.serve(change...)
	return s
}

// serve starts another server on the same database, as a second process would.
func (s *site) serve(change ...func(*Deps)) *fiber.App { return newServer(newApp(s.deps(change...))) }

// serveTable is serve with another table of routes.
func (s *site) serveTable(change func(*app)) *fiber.App {
	a := newApp(s.deps())
	change(a)
	return newServer(a)
}

func (s *site) deps(change ...func(*Deps)) Deps {
	ctx, stop := context.WithCancel(context.Background())
	s.t.Cleanup(stop)
	d := Deps{DB: s.db.DB, Vault: testVault(s.t), Log: slog.New(slog.NewJSONHandler(s.log, nil)), PublicURL: "http://example.com", Version: "test", Stop: ctx}
	for _, c := range change {
		c(&d)
	}
	return d
}

// member makes a person with testPassword and a role.
func (s *site) member(at tenancy.Scope, email, role string) uuid.UUID {
	s.t.Helper()
	ctx := context.Background()
	hash, err := testHash()
	if err != nil {
		s.t.Fatal(err)
	}
	var id uuid.UUID
	err = s.db.WithClinic(ctx, at, func(tx *tenancy.Tx) (err error) {
		if id, _, err = identity.EnsurePerson(ctx, tx, identity.NewPerson{Email: email, Name: "Imogen Clarke", PasswordHash: hash}); err != nil {
			return err
		}
		return identity.AddMember(ctx, tx, identity.NewMember{Person: id, Role: role})
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return id
}

// as is a browser in which somebody in this role has signed in.
func (s *site) as(at tenancy.Scope, role string) *browser {
	s.t.Helper()
	email := role + "-" + uuid.NewString() + "@clinic.example"
	s.member(at, email, role)
	b := s.browser()
	b.signIn(email)
	return b
}

// browser keeps cookies and the page's token, and does not follow redirects.
type browser struct {
	t       testing.TB
	app     *fiber.App
	cookies map[string]string
	csrf    string
}

func (s *site) browser() *browser {
	return &browser{t: s.t, app: s.app, cookies: map[string]string{}}
}

// answer is a response that was read.
type answer struct {
	Status int
	Header http.Header
	Body   string
}

var metaToken = regexp.MustCompile(`<meta name="csrf" content="([^"]*)"`)

// do sends a request as this browser; header is name, value, name, value.
func (b *browser) do(method, target, body string, header ...string) answer {
	b.t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := b.app.Test(r, -1)
	if err != nil {
		b.t.Fatalf("%s %s: %v", method, target, err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, k := range res.Cookies() {
		if k.MaxAge < 0 || k.Value == "" {
			delete(b.cookies, k.Name)
		} else {
			b.cookies[k.Name] = k.Value
		}
	}
	if m := metaToken.FindStringSubmatch(string(text)); m != nil {
		b.csrf = m[1]
	}
	return answer{res.StatusCode, res.Header, string(text)}
}

func (b *browser) get(target string, header ...string) answer {
	b.t.Helper()
	return b.do(http.MethodGet, target, "", header...)
}

// post sends a form with the token of the page that was read last; fields are name, value, name, value.
func (b *browser) post(target string, fields ...string) answer {
	b.t.Helper()
	form := url.Values{ui.CSRFField: {b.csrf}}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return b.do(http.MethodPost, target, form.Encode(), "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin")
}

func (b *browser) signIn(email string) answer {
	b.t.Helper()
	b.get("/sign-in")
	a := b.post("/sign-in", "email", email, "password", testPassword)
	if a.Status != http.StatusSeeOther {
		b.t.Fatalf("sign in: %d %s", a.Status, a.Body)
	}
	if a := b.get("/sessions"); a.Status != http.StatusOK { // reads the session's token
		b.t.Fatalf("after sign-in: %d %s", a.Status, a.Body)
	}
	return a
}

func (a answer) want(t testing.TB, status int, words ...string) answer {
	t.Helper()
	if a.Status != status {
		t.Fatalf("status %d, want %d\n%s", a.Status, status, a.Body)
	}
	for _, w := range words {
		if !strings.Contains(a.Body, w) {
			t.Fatalf("%q is not in\n%s", w, a.Body)
		}
	}
	return a
}

func (a answer) to(t testing.TB, location string) answer {
	t.Helper()
	a.want(t, http.StatusSeeOther)
	if got := a.Header.Get("Location"); got != location {
		t.Fatalf("sent to %q, want %q", got, location)
	}
	return a
}
