package handlers

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
	"github.com/google/uuid"

	"anteroom/domain/tenancy/tenancytest"
)

// spec is openapi.json, held against what the API does.
var spec = loadSpec()

type apiSpec struct {
	doc    *openapi3.T
	router routers.Router
	mu     sync.Mutex
	seen   map[string]bool // "operation status"
}

func loadSpec() *apiSpec {
	openapi3.DefineStringFormatValidator("uuid", openapi3.NewRegexpFormatValidator(openapi3.FormatOfStringForUUIDOfRFC9562))
	doc, err := openapi3.NewLoader().LoadFromData(openAPI)
	if err != nil {
		panic(err)
	}
	if err := doc.Validate(context.Background()); err != nil { // its examples too
		panic(err)
	}
	router, err := legacy.NewRouter(doc)
	if err != nil {
		panic(err)
	}
	return &apiSpec{doc: doc, router: router, seen: map[string]bool{}}
}

// hold checks that the document describes this answer, and the request too when it was carried out. What names no operation is not described.
func (s *apiSpec) hold(t *testing.T, req *http.Request, r apiReply) {
	t.Helper()
	route, params, err := s.router.FindRoute(req)
	if err != nil {
		if r.status != http.StatusNotFound && r.status != http.StatusMethodNotAllowed {
			t.Errorf("%s %s answered %d, and the document has no such operation", req.Method, req.URL.Path, r.status)
		}
		return
	}
	options := &openapi3filter.Options{IncludeResponseStatus: true, AuthenticationFunc: bearerKey}
	in := &openapi3filter.RequestValidationInput{Request: req, PathParams: params, Route: route, Options: options}
	if r.status < 400 {
		if err := openapi3filter.ValidateRequest(context.Background(), in); err != nil {
			t.Errorf("%s %s was answered %d, and the document refuses it: %v", req.Method, req.URL, r.status, err)
		}
	}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: r.status, Header: r.header, Options: options}
	out.SetBodyBytes([]byte(r.raw))
	if err := openapi3filter.ValidateResponse(context.Background(), out); err != nil {
		t.Errorf("%s %s: the document does not describe this %d: %v\n%s", req.Method, req.URL.Path, r.status, err, r.raw)
		return
	}
	if r.status == http.StatusNoContent && r.raw != "" {
		t.Errorf("204 with a body: %s", r.raw)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen[route.Operation.OperationID+" "+strconv.Itoa(r.status)] = true
}

func bearerKey(_ context.Context, in *openapi3filter.AuthenticationInput) error {
	if strings.HasPrefix(in.RequestValidationInput.Request.Header.Get("Authorization"), "Bearer ak_") {
		return nil
	}
	return errors.New("no key")
}

func TestAPIRoutesAreTheDocumentsOperations(t *testing.T) {
	t.Parallel()
	var described, routed []string
	for path, item := range spec.doc.Paths.Map() {
		for method := range item.Operations() {
			described = append(described, method+" "+path)
		}
	}
	parameter := regexp.MustCompile(`:(\w+)`)
	for _, r := range (&app{}).routes() {
		if strings.HasPrefix(r.Path, "/api/") && !strings.HasPrefix(r.Path, "/api/webhooks/") && r.Path != "/api/oauth/token" { // those are described elsewhere: by their senders, and in RFC 6749
			routed = append(routed, r.Method+" "+parameter.ReplaceAllString(r.Path, "{$1}"))
			if r.Audience.name != apiKey.name && r.Path != "/api/openapi.json" {
				t.Errorf("%s %s is for %q, not for keys", r.Method, r.Path, r.Audience.name)
			}
		}
	}
	slices.Sort(described)
	slices.Sort(routed)
	if !slices.Equal(described, routed) {
		t.Errorf("described: %v\n   routed: %v", described, routed)
	}
}

// documented lists "operation status", as hold notes them.
func (s *apiSpec) documented() []string {
	var all []string
	for _, item := range s.doc.Paths.Map() {
		for _, op := range item.Operations() {
			for status := range op.Responses.Map() {
				all = append(all, op.OperationID+" "+status)
			}
		}
	}
	slices.Sort(all)
	return all
}

// Every status that the document promises is provoked here, once for each operation.
func TestAPIGivesEveryDocumentedAnswer(t *testing.T) {
	w := newAPIWorld(t)
	k := w.clinic(t, "Europe/London")
	api := w.as(k)

	t.Run("done", func(t *testing.T) { everyOperation(t, api, k) })
	t.Run("states", func(t *testing.T) { everyState(t, w, api, k) })
	t.Run("bad requests", func(t *testing.T) { everyBadRequest(t, api, k) })
	t.Run("bad keys", func(t *testing.T) {
		for _, o := range apiOperations(k.slot(), uuid.New()) {
			for _, key := range []string{"", "ak_nobody", "sk_" + k.key, strings.ToLower(k.key)} {
				r := apiCaller{w.app, key}.call(t, o.method, o.path, o.body).want(t, 401)
				if r.header.Get("WWW-Authenticate") != "Bearer" {
					t.Errorf("%s %s: WWW-Authenticate is %q", o.method, o.path, r.header.Get("WWW-Authenticate"))
				}
			}
		}
	})
	t.Run("too often", func(t *testing.T) {
		slow := apiCaller{apiApp(t, w.db.DB, w.vault, func(d *Deps) { d.KeyRate = 1e-6 }), k.key}
		slow.call(t, "GET", "/api/services", "").want(t, 200)
		for _, o := range apiOperations(k.slot(), uuid.New()) {
			if r := slow.call(t, o.method, o.path, o.body).want(t, 429); r.header.Get("Retry-After") != "1" {
				t.Errorf("%s %s: Retry-After is %q", o.method, o.path, r.header.Get("Retry-After"))
			}
		}
	})
	t.Run("no database", func(t *testing.T) {
		line := openLine(t, w.db.AppDSN)
		down := apiCaller{apiApp(t, tenancytest.Open(t, line.dsn, w.db.Clock), w.vault), k.key}
		down.call(t, "GET", "/api/services", "").want(t, 200)
		line.cut()
		for _, o := range apiOperations(k.slot(), uuid.New()) {
			if r := down.call(t, o.method, o.path, o.body).want(t, 503); r.header.Get("Retry-After") == "" {
				t.Errorf("%s %s: 503 without Retry-After", o.method, o.path)
			}
		}
	})

	if t.Failed() {
		return
	}
	spec.mu.Lock()
	defer spec.mu.Unlock()
	for _, promise := range spec.documented() {
		if !spec.seen[promise] {
			t.Errorf("the document promises %s, and nothing here was answered so", promise)
		}
	}
}

type apiOperation struct{ method, path, body string }

// apiOperations are all that need a key.
func apiOperations(slot, appointment uuid.UUID) []apiOperation {
	s, h := slot.String(), appointment.String()
	return []apiOperation{
		{"GET", "/api/slots", ""},
		{"POST", "/api/slots/" + s + "/claim", claimBody("check")},
		{"POST", "/api/holds/" + h + "/confirm", ""},
		{"POST", "/api/holds/" + h + "/extend", ""},
		{"DELETE", "/api/holds/" + h, ""},
		{"GET", "/api/services", ""},
		{"GET", "/api/practitioners", ""},
		{"GET", "/api/appointments/" + h, ""},
		{"POST", "/api/appointments/" + h + "/cancel", ""},
	}
}

// line is a connection to the database that can be cut.
type line struct {
	dsn  string
	cut  func()
	mu   sync.Mutex
	open []net.Conn
}

func openLine(t *testing.T, dsn string) *line {
	t.Helper()
	address := regexp.MustCompile(`@([^/]+)/`).FindStringSubmatch(dsn)[1]
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &line{dsn: strings.Replace(dsn, address, listener.Addr().String(), 1)}
	l.cut = sync.OnceFunc(func() {
		listener.Close()
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, c := range l.open {
			c.Close()
		}
	})
	t.Cleanup(l.cut)
	go func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := net.DialTimeout("tcp", address, 5*time.Second)
			if err != nil {
				near.Close()
				continue
			}
			l.mu.Lock()
			l.open = append(l.open, near, far)
			l.mu.Unlock()
			go func() { _, _ = io.Copy(near, far) }()
			go func() { _, _ = io.Copy(far, near) }()
		}
	}()
	return l
}
