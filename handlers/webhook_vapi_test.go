package handlers

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"anteroom/domain/calls"
	"anteroom/domain/privacy"
	"anteroom/domain/tenancy"
)

// vapiSite is a server with a clinic that Vapi calls with the secret vs_test, and one free quarter of an hour tomorrow.
func vapiSite(t *testing.T) (*site, tenancy.Scope, time.Time) {
	t.Helper()
	key, err := privacy.NewMasterKey()
	if err != nil {
		t.Fatal(err)
	}
	vault, err := privacy.NewVault(key)
	if err != nil {
		t.Fatal(err)
	}
	s := newSite(t, func(d *Deps) { d.Vault = vault })
	at := s.db.Clinic(t, "Northside", "Europe/London")
	start := time.Now().UTC().AddDate(0, 0, 1).Truncate(time.Hour)
	ctx := context.Background()
	err = s.db.WithClinic(ctx, at, func(tx *tenancy.Tx) error {
		if _, err := calls.IssueSecret(ctx, tx, "vs_test"); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `with s as (insert into services (clinic_id, id, slug, name, duration_minutes) values (@clinic, @service, 'mole-check', 'Mole check', 15)),
p as (insert into practitioners (clinic_id, id, name) values (@clinic, @practitioner, 'Dr Okafor')),
b as (insert into practitioner_services (clinic_id, practitioner_id, service_id) values (@clinic, @practitioner, @service))
insert into slots (clinic_id, practitioner_id, starts_at, ends_at) values (@clinic, @practitioner, @start::timestamptz, @start::timestamptz + interval '15 minutes')`,
			tenancy.Args{"clinic": tx.Clinic(), "service": tenancy.NewID(), "practitioner": tenancy.NewID(), "start": start})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, at, start
}

func (s *site) hook(path, body string, header ...string) answer {
	s.t.Helper()
	return s.browser().do(http.MethodPost, path, body, append([]string{"Content-Type", "application/json"}, header...)...)
}

const hook = "/api/webhooks/vapi"

func TestVapiIsLetInByItsSecretOnly(t *testing.T) {
	t.Parallel()
	s, _, _ := vapiSite(t)
	for _, h := range [][]string{{"X-Vapi-Secret", "vs_test"}, {"Authorization", "Bearer vs_test"}} {
		for _, path := range []string{hook, hook + "/call-ended"} {
			if a := s.hook(path, `{"message":{"type":"added.yesterday","new":[{}]}}`, h...); a.Status != http.StatusOK || a.Body != "{}" {
				t.Errorf("%s with %s: %d %s", path, h[0], a.Status, a.Body)
			}
		}
	}
	for _, h := range [][]string{{}, {"X-Vapi-Secret", ""}, {"X-Vapi-Secret", "vs_other"}, {"Authorization", "Bearer "}, {"Authorization", "Bearer ak_test"}} {
		if a := s.hook(hook, `{"message":{"type":"hang"}}`, h...); a.Status != http.StatusUnauthorized {
			t.Errorf("with %q: %d %s", h, a.Status, a.Body)
		}
	}
}

func TestAWholeCallOverTheWebhook(t *testing.T) {
	t.Parallel()
	s, at, start := vapiSite(t)
	secret := []string{"X-Vapi-Secret", "vs_test", "X-Call-Id", "call-1"}
	book := fmt.Sprintf(`{"message":{"type":"tool-calls","customer":{"number":"+447700900123"},"toolCallList":[{"id":"call_1","type":"function","function":{"name":"book_appointment",
		"arguments":{"service":"mole check","starts_at":%q,"name":"Ada Lovelace"}}}]}}`, start.Format(time.RFC3339))
	var first string
	for range 2 {
		a := s.hook(hook, book, secret...)
		var said struct {
			Results []struct{ ToolCallID, Name, Result, Error string }
		}
		if err := json.Unmarshal([]byte(a.Body), &said); err != nil || a.Status != http.StatusOK || len(said.Results) != 1 {
			t.Fatalf("%d %s %v", a.Status, a.Body, err)
		}
		r := said.Results[0]
		if r.ToolCallID != "call_1" || r.Name != "book_appointment" || !strings.HasPrefix(r.Result, "Booked: Mole check on ") || r.Error != "" {
			t.Errorf("answered %+v", r)
		}
		if first != "" && a.Body != first {
			t.Errorf("the second delivery is answered %s, the first %s", a.Body, first)
		}
		first = a.Body
	}
	if a := s.hook(hook+"/call-ended", `{"type":"end-of-call-report","endedReason":"customer-ended-call"}`, secret...); a.Status != http.StatusOK || a.Body != "{}" {
		t.Errorf("the report: %d %s", a.Status, a.Body)
	}
	if n := s.count(at, `select count(*)::int from calls where vapi_call_id = 'call-1' and ended_at is not null`); n != 1 {
		t.Error("the call has not ended")
	}
	if n := s.count(at, `select count(*)::int from appointments where status = 'booked'`); n != 1 {
		t.Errorf("%d appointments", n)
	}
	if log := s.log.String(); strings.Contains(log, "Lovelace") || strings.Contains(log, "7700900") || strings.Contains(log, "vs_test") {
		t.Error("the log holds what was said")
	}
}

// The database's words may quote a row, and the model makes up names of tools from what was said.
func TestABrokenToolIsLoggedWithoutWhatWasSaid(t *testing.T) {
	t.Parallel()
	s, _, _ := vapiSite(t)
	s.exec(`create function broken_tools() returns trigger language plpgsql as $$ begin raise exception 'the row holds Ada Lovelace'; end $$`)
	s.exec(`create trigger broken before insert on tool_calls for each row execute function broken_tools()`)
	s.hook(hook, `{"message":{"type":"tool-calls","toolCallList":[
		{"id":"call_1","type":"function","function":{"name":"book_appointment","arguments":{"name":"Ada Lovelace"}}},
		{"id":"call_2","type":"function","function":{"name":"book_for_Lovelace","arguments":{}}}]}}`, "X-Vapi-Secret", "vs_test", "X-Call-Id", "call-1").
		want(t, 200, "I could not do that just now")
	log := s.log.String()
	if strings.Contains(log, "Lovelace") {
		t.Errorf("the log holds what was said: %s", log)
	}
	for _, word := range []string{`"tool":"book_appointment"`, `"tool":"unknown"`, "keep the answer", "P0001"} {
		if !strings.Contains(log, word) {
			t.Errorf("%s is not in %s", word, log)
		}
	}
}

func TestABodyThatIsNoJSONIsRefusedAndNothingKept(t *testing.T) {
	t.Parallel()
	s, at, _ := vapiSite(t)
	for _, body := range []string{"", `{"message":{"type":"status-update","status":"in-progress","call":{"id":"call-1"}}`, "<xml/>"} {
		if a := s.hook(hook, body, "X-Vapi-Secret", "vs_test"); a.Status != http.StatusBadRequest {
			t.Errorf("%q: %d %s", body, a.Status, a.Body)
		}
	}
	if n := s.count(at, `select count(*)::int from calls`); n != 0 {
		t.Errorf("%d calls are kept", n)
	}
}

func (s *site) count(at tenancy.Scope, sql string) (n int) {
	s.t.Helper()
	ctx := context.Background()
	if err := s.db.WithClinic(ctx, at, func(tx *tenancy.Tx) error { return tx.QueryRow(ctx, sql).Scan(&n) }); err != nil {
		s.t.Fatal(err)
	}
	return n
}
