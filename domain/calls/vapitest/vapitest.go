// Package vapitest is a small Vapi for tests: it holds callers of its API to what the platform documents.
package vapitest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// Server has one organisation with one private key.
type Server struct {
	*httptest.Server
	key string

	mu         sync.Mutex
	assistants map[string]map[string]any
	fail       int  // the status of the next answers
	hang       bool // answers never come
	asked      []string
}

// New starts it; it ends with the test.
func New(t testing.TB, key string) *Server {
	s := &Server{key: key, assistants: map[string]map[string]any{}}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

// Put makes an assistant from JSON.
func (s *Server) Put(t testing.TB, id, body string) {
	t.Helper()
	var a map[string]any
	if err := json.Unmarshal([]byte(body), &a); err != nil {
		t.Fatal(err)
	}
	a["id"], a["updatedAt"] = id, "2026-11-01T00:00:00.000Z"
	s.mu.Lock()
	defer s.mu.Unlock()
	s.assistants[id] = a
}

// Get is an assistant as it is now, as JSON.
func (s *Server) Get(id string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, _ := json.Marshal(s.assistants[id])
	return string(b)
}

// Fail makes every answer this status, until it is 0 again.
func (s *Server) Fail(status int) { s.mu.Lock(); s.fail = status; s.mu.Unlock() }

// Hang makes every answer wait until the caller has given up.
func (s *Server) Hang(on bool) { s.mu.Lock(); s.hang = on; s.mu.Unlock() }

// Asked lists the requests, as "PATCH /assistant/a1".
func (s *Server) Asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.asked...)
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.asked = append(s.asked, r.Method+" "+r.URL.Path)
	hang, fail := s.hang, s.fail
	s.mu.Unlock()
	if hang {
		<-r.Context().Done()
		return
	}
	if fail != 0 {
		answer(w, fail, map[string]any{"message": "as the test asked", "statusCode": fail})
		return
	}
	if r.Header.Get("Authorization") != "Bearer "+s.key {
		answer(w, http.StatusUnauthorized, map[string]any{"message": "Invalid Key.", "statusCode": 401})
		return
	}
	id, one := strings.CutPrefix(r.URL.Path, "/assistant/")
	switch {
	case r.URL.Path == "/assistant" && r.Method == http.MethodGet:
		s.list(w)
	case one && r.Method == http.MethodGet:
		s.read(w, id)
	case one && r.Method == http.MethodPatch:
		s.change(w, r, id)
	default:
		answer(w, http.StatusNotFound, map[string]any{"message": "Cannot " + r.Method + " " + r.URL.Path, "statusCode": 404})
	}
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func (s *Server) list(w http.ResponseWriter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []any{}
	for _, a := range s.assistants {
		all = append(all, a)
	}
	answer(w, http.StatusOK, all)
}

func (s *Server) read(w http.ResponseWriter, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, ok := s.assistants[id]
	if !ok {
		answer(w, http.StatusNotFound, map[string]any{"message": "Couldn't Find Assistant " + id, "statusCode": 404})
		return
	}
	answer(w, http.StatusOK, a)
}

// change replaces whole members: a model that is sent without its tools has none afterwards.
func (s *Server) change(w http.ResponseWriter, r *http.Request, id string) {
	var members map[string]any
	if r.Header.Get("Content-Type") != "application/json" || json.NewDecoder(r.Body).Decode(&members) != nil {
		answer(w, http.StatusBadRequest, map[string]any{"message": "Unexpected body", "statusCode": 400})
		return
	}
	if bad := problems(members); len(bad) > 0 {
		answer(w, http.StatusBadRequest, map[string]any{"message": bad, "error": "Bad Request", "statusCode": 400})
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a, ok := s.assistants[id]
	if !ok {
		answer(w, http.StatusNotFound, map[string]any{"message": "Couldn't Find Assistant " + id, "statusCode": 404})
		return
	}
	a = maps.Clone(a)
	for name, v := range members {
		if v == nil {
			delete(a, name)
		} else {
			a[name] = v
		}
	}
	a["updatedAt"] = fmt.Sprintf("2026-11-01T00:00:%02d.000Z", len(s.asked)%60)
	s.assistants[id] = a
	answer(w, http.StatusOK, a)
}

var (
	members = map[string]bool{"name": true, "firstMessage": true, "model": true, "voice": true, "transcriber": true, "server": true, "serverMessages": true, "clientMessages": true, "metadata": true}
	called  = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
)

func problems(sent map[string]any) (bad []string) {
	for name := range sent {
		if !members[name] {
			bad = append(bad, "property "+name+" should not exist")
		}
	}
	if m, ok := sent["model"]; ok && m != nil {
		bad = append(bad, ofModel(m)...)
	}
	if v, ok := sent["server"]; ok && v != nil {
		bad = append(bad, ofServer(v)...)
	}
	return bad
}

func ofModel(v any) (bad []string) {
	m, _ := v.(map[string]any)
	if m["provider"] == nil || m["model"] == nil {
		bad = append(bad, "model.provider and model.model must be given")
	}
	tools, _ := m["tools"].([]any)
	seen := map[any]bool{}
	for i, t := range tools {
		tool, _ := t.(map[string]any)
		f, _ := tool["function"].(map[string]any)
		name, _ := f["name"].(string)
		parameters, _ := f["parameters"].(map[string]any)
		if tool["type"] == "function" && (!called.MatchString(name) || parameters["type"] != "object" || seen[name]) {
			bad = append(bad, fmt.Sprintf("model.tools.%d is no function", i))
		}
		seen[name] = true
	}
	return bad
}

func ofServer(v any) (bad []string) {
	server, _ := v.(map[string]any)
	address, _ := server["url"].(string)
	if u, err := url.Parse(address); err != nil || u.Host == "" {
		bad = append(bad, "server.url must be a URL")
	}
	if seconds, ok := server["timeoutSeconds"].(float64); !ok || seconds < 1 || seconds > 300 {
		bad = append(bad, "server.timeoutSeconds must be from 1 to 300")
	}
	return bad
}
