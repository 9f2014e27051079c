package calls_test

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"anteroom/domain/calls"
	"anteroom/domain/calls/vapitest"
	"anteroom/domain/fault"
	"anteroom/domain/tenancy"
)

const atVapi = `{"name":"Ava","model":{"provider":"openai","model":"gpt-4.1","temperature":0.70,"messages":[{"role":"system","content":"Be kind."}],
	"tools":[{"type":"transferCall"},{"type":"function","function":{"name":"find_slots","description":"Old words.","parameters":{"type":"object","properties":{}}}},
	         {"type":"function","function":{"name":"send_flowers","parameters":{"type":"object","properties":{}}}}]},
	"voice":{"provider":"cartesia","voiceId":"v1"},"server":{"url":"https://old.example/hook","secret":"of-theirs","timeoutSeconds":20},"serverMessages":["hang"]}`

// connected is a clinic with a key at a small Vapi, and an agent whose assistant is a1.
func connected(t *testing.T) (*clinic, *vapitest.Server, *calls.Remote, uuid.UUID) {
	t.Helper()
	c := newClinic(t)
	v := vapitest.New(t, "private-key-1")
	v.Put(t, "a1", atVapi)
	var id uuid.UUID
	c.in(func(ctx context.Context, tx *tenancy.Tx) error {
		if err := c.board.SaveKey(ctx, tx, "private-key-1"); err != nil {
			return err
		}
		a, err := calls.AddAgent(ctx, tx, calls.Agent{Name: "Mia", Direction: calls.Inbound, VapiAssistantID: "a1"})
		id = a.ID
		return err
	})
	return c, v, calls.NewRemote(c.board, calls.NewVapi(v.URL, 2*time.Second), "https://clinic.example"), id
}

func paths(p calls.Plan) (out []string) {
	for _, d := range p.Changes {
		out = append(out, d.Path)
	}
	return out
}

func TestAPushShowsTheDifferenceThenSendsWholeMembers(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	c, v, remote, agent := connected(t)
	plan, err := remote.PlanPush(ctx, c.admin, agent)
	if err != nil {
		t.Fatal(err)
	}
	got := paths(plan)
	for _, want := range []string{"model.tools[find_slots].function.description", "model.tools[book_appointment]", "server.url", "server.timeoutSeconds", "server.backoffPlan", "serverMessages"} {
		if !slices.Contains(got, want) {
			t.Errorf("%s is not among the differences: %q", want, got)
		}
	}
	for _, d := range plan.Changes {
		if strings.HasPrefix(d.Path, "model.messages") || strings.HasPrefix(d.Path, "voice") || strings.Contains(d.Path, "send_flowers") || strings.Contains(d.Before+d.After, "of-theirs") {
			t.Errorf("it would change %+v", d)
		}
	}
	if slices.ContainsFunc(v.Asked(), func(s string) bool { return strings.HasPrefix(s, "PATCH") }) {
		t.Fatal("something was sent before it was agreed to")
	}
	if n, err := remote.Push(ctx, c.admin, agent, plan.Base); err != nil || n != len(plan.Changes) {
		t.Fatal(n, err)
	}
	var now struct {
		Model struct {
			Provider    string
			Temperature json.Number
			Messages    []any
			Tools       []calls.Tool
		}
		Voice  map[string]any
		Server map[string]any
	}
	if err := json.Unmarshal([]byte(v.Get("a1")), &now); err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, tool := range now.Model.Tools {
		names = append(names, tool.Function.Name)
	}
	want := append([]string{"", "send_flowers"}, calls.ToolNames()...)
	if !slices.Equal(names, want) || now.Model.Provider != "openai" || len(now.Model.Messages) != 1 || now.Voice["voiceId"] != "v1" ||
		now.Server["url"] != "https://clinic.example/api/webhooks/vapi" || now.Server["secret"] != "of-theirs" {
		t.Errorf("the assistant is now %s", v.Get("a1"))
	}
	if plan, err = remote.PlanPush(ctx, c.admin, agent); err != nil || len(plan.Changes) != 0 {
		t.Errorf("after the push: %q %v", paths(plan), err)
	}
	if n := c.ask(`select count(*)::int from assistant_snapshots s where s.body::text not like '%' || encode('openai', 'hex') || '%'`); n != 1 {
		t.Errorf("%d sealed snapshots", n)
	}
	// And back, by the same way: the difference first.
	var snapshots []calls.Snapshot
	c.in(func(ctx context.Context, tx *tenancy.Tx) (err error) {
		snapshots, err = calls.Snapshots(ctx, tx, agent)
		return err
	})
	back, err := remote.PlanRestore(ctx, c.admin, agent, snapshots[0].ID)
	if err != nil || !slices.Contains(paths(back), "server.url") {
		t.Fatal(paths(back), err)
	}
	if _, err := remote.Restore(ctx, c.admin, agent, snapshots[0].ID, back.Base); err != nil {
		t.Fatal(err)
	}
	var restored, before map[string]any
	_ = json.Unmarshal([]byte(v.Get("a1")), &restored)
	_ = json.Unmarshal([]byte(atVapi), &before)
	for _, name := range []string{"model", "server", "serverMessages", "voice"} {
		if asJSON(t, restored[name]) != asJSON(t, before[name]) {
			t.Errorf("%s is %s, was %s", name, asJSON(t, restored[name]), asJSON(t, before[name]))
		}
	}
}

// What is put back whole is shown whole, but for what lets somebody in.
func TestADifferenceTellsNoSecret(t *testing.T) {
	t.Parallel()
	c, v, remote, agent := connected(t)
	v.Put(t, "a1", strings.Replace(atVapi, `"timeoutSeconds":20`, `"headers":{"X-Door":"also-theirs"}`, 1))
	plan, err := remote.PlanPush(ctx, c.admin, agent)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := remote.Push(ctx, c.admin, agent, plan.Base); err != nil {
		t.Fatal(err)
	}
	v.Put(t, "a1", `{"name":"Ava","model":{"provider":"openai","model":"gpt-4.1"}}`)
	var snapshots []calls.Snapshot
	c.in(func(ctx context.Context, tx *tenancy.Tx) (err error) {
		snapshots, err = calls.Snapshots(ctx, tx, agent)
		return err
	})
	if plan, err = remote.PlanRestore(ctx, c.admin, agent, snapshots[0].ID); err != nil || !slices.Contains(paths(plan), "server") {
		t.Fatalf("%q %v", paths(plan), err)
	}
	for _, d := range plan.Changes {
		if strings.Contains(d.Before+d.After, "-theirs") {
			t.Errorf("it tells %+v", d)
		}
		if d.Path == "server" && !strings.Contains(d.After, "https://old.example/hook") {
			t.Errorf("it does not tell the address: %+v", d)
		}
	}
}

func TestAPushOfWhatWasNotSeenIsRefused(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	c, v, remote, agent := connected(t)
	plan, err := remote.PlanPush(ctx, c.admin, agent)
	if err != nil {
		t.Fatal(err)
	}
	v.Put(t, "a1", strings.Replace(atVapi, "Old words.", "Newer words.", 1))
	if _, err := remote.Push(ctx, c.admin, agent, plan.Base); !fault.Is(err, fault.Conflict) || fault.As(err).Code != "changed-meanwhile" {
		t.Errorf("%v", err)
	}
	if strings.Contains(v.Get("a1"), "book_appointment") {
		t.Error("it was sent all the same")
	}
	desk := c.admin
	desk.Actor.Role = "frontdesk"
	if _, err := remote.PlanPush(ctx, desk, agent); !fault.Is(err, fault.Forbidden) {
		t.Errorf("the front desk may push: %v", err)
	}
}

func TestWhatVapiSaysIsToldInWords(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	c, v, remote, agent := connected(t)
	if err := remote.Test(ctx, c.admin); err != nil {
		t.Error(err)
	}
	for status, code := range map[int]string{http.StatusUnauthorized: "vapi-key-refused", http.StatusNotFound: "vapi-not-found", http.StatusTooManyRequests: "vapi-busy",
		http.StatusBadGateway: "vapi-broken", http.StatusBadRequest: "vapi-refused", http.StatusFound: "vapi-refused"} {
		v.Fail(status)
		if _, err := remote.PlanPush(ctx, c.admin, agent); fault.As(err) == nil || fault.As(err).Code != code {
			t.Errorf("%d is told as %v", status, err)
		}
	}
	v.Fail(http.StatusUnauthorized)
	if err := remote.Test(ctx, c.admin); fault.As(err) == nil {
		t.Errorf("the test with a bad key: %v", err)
	}
	c.in(func(ctx context.Context, tx *tenancy.Tx) error {
		a, err := calls.LoadAccount(ctx, tx)
		if a.CheckCode != "vapi-key-refused" || a.KeyHint != "ey-1" || !a.HasKey {
			t.Errorf("%+v", a)
		}
		return err
	})
	v.Fail(0)
	v.Hang(true)
	slow := calls.NewRemote(c.board, calls.NewVapi(v.URL, 50*time.Millisecond), "https://clinic.example")
	if _, err := slow.PlanPush(ctx, c.admin, agent); fault.As(err) == nil || fault.As(err).Code != "vapi-silent" || strings.Contains(err.Error(), v.URL) {
		t.Errorf("a Vapi that does not answer: %v", err)
	}
	c.in(func(ctx context.Context, tx *tenancy.Tx) error { return c.board.SaveKey(ctx, tx, "") })
	if _, err := remote.PlanPush(ctx, c.admin, agent); fault.As(err) == nil || fault.As(err).Code != "no-vapi-key" {
		t.Errorf("without a key: %v", err)
	}
	if n := c.ask(`select count(*)::int from vapi_accounts where api_key is not null`); n != 0 {
		t.Error("the key is kept")
	}
}

func TestOneAgentHasAnID(t *testing.T) {
	t.Parallel()
	c, _, _, _ := connected(t)
	ctx := context.Background()
	err := c.WithClinic(ctx, c.admin, func(tx *tenancy.Tx) error {
		_, err := calls.AddAgent(ctx, tx, calls.Agent{Name: "Second", Direction: calls.Inbound, VapiAssistantID: "a1", VapiPhoneID: "../x"})
		return err
	})
	if f := fault.As(err); f == nil || len(f.Fields) != 2 {
		t.Errorf("%v", err)
	}
}

func TestEveryToolIsDefinedAndAnswered(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	k := c.call("call-1", caller)
	if n := len(calls.ToolNames()); n != 10 {
		t.Errorf("%d tools", n)
	}
	for _, tool := range calls.Tools() {
		f := tool.Function
		for _, r := range f.Parameters.Required {
			if _, ok := f.Parameters.Properties[r]; !ok {
				t.Errorf("%s requires %s, which it does not describe", f.Name, r)
			}
		}
		said, _ := k.use(f.Name, nil)
		if strings.Contains(said, "not something I can do") || strings.Contains(said, "could not do that") {
			t.Errorf("%s without arguments says %q", f.Name, said)
		}
		absurd := args{"service": strings.Repeat("x", 5000), "name": "'; drop table patients; --", "starts_at": "the 45th of Nevember", "day": "-1", "slot_id": "1", "hold_id": []any{1}, "confirmed": "perhaps",
			"appointment_id": map[string]any{"a": 1}, "message": "", "preferred": strings.Repeat("monday ", 200), "phone": "+15555555555"}
		if said, _ := k.use(f.Name, absurd); strings.Contains(said, "could not do that") || len(said) > 2000 {
			t.Errorf("%s with absurd arguments says %q", f.Name, said)
		}
	}
}
