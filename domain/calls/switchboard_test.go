package calls_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"anteroom/domain/calls"
	"anteroom/domain/fault"
	"anteroom/domain/tenancy"
	"anteroom/domain/tenancy/tenancytest"
)

func TestTheSecretNamesTheClinic(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, v := tenancytest.NewWithClock(t, thursday), newVault(t)
	one, two := addClinic(t, db, v, "vs_test_one"), addClinic(t, db, v, "vs_test_two")
	for _, h := range []func(string) string{header("X-Vapi-Secret", "vs_test_two"), header("Authorization", "Bearer vs_test_two"), header("Authorization", "bearer  vs_test_two")} {
		s, err := one.board.Authenticate(ctx, calls.Presented{Header: h})
		if err != nil || s.Scope.Clinic != two.admin.Clinic || s.Scope.Actor.Kind != tenancy.Agent {
			t.Errorf("%+v %v", s, err)
		}
	}
	none := sha256.Sum256(nil)
	two.in(func(ctx context.Context, tx *tenancy.Tx) error { // as if somebody had made nothing a secret
		_, err := tx.Exec(ctx, `insert into vapi_credentials (clinic_id, id, secret_hash) values ($1, $2, $3)`, tx.Clinic(), tenancy.NewID(), none[:])
		return err
	})
	for _, h := range []func(string) string{header("X-Vapi-Secret", ""), header("X-Vapi-Secret", "vs_test_on"), header("X-Vapi-Secret", "vs_test_one "), header("Authorization", "Bearer "),
		header("Authorization", "vs_test_one"), header("Authorization", "Basic vs_test_one"), header("X-Vapi-Secret", strings.Repeat("x", 201))} {
		if _, err := one.board.Authenticate(ctx, calls.Presented{Header: h}); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%q %q: %v", h("X-Vapi-Secret"), h("Authorization"), err)
		}
	}
	one.call("same-id", caller).says("Booked", false, "book_appointment", args{"service": "mole check", "starts_at": "2026-11-24T09:00", "name": "Ada Lovelace"})
	two.call("same-id", caller).says("no coming appointment", false, "find_my_appointments", nil)
}

func TestARevokedSecretIsDead(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	c.must(`{"type":"hang"}`)
	var issued calls.IssuedSecret
	c.in(func(ctx context.Context, tx *tenancy.Tx) (err error) {
		if issued, err = calls.IssueSecret(ctx, tx, ""); err != nil {
			return err
		}
		return calls.RevokeSecret(ctx, tx, issued.ID)
	})
	if _, err := c.board.Authenticate(context.Background(), calls.Presented{Header: header("X-Vapi-Secret", issued.Secret)}); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("a revoked secret: %v", err)
	}
	c.in(func(ctx context.Context, tx *tenancy.Tx) error {
		_, err := tx.Exec(ctx, `update vapi_credentials set revoked_at = now() where revoked_at is null`)
		return err
	})
	c.board.Changed(tenancy.Change{Clinic: c.admin.Clinic, Topic: "agents"})
	if _, err := c.send(`{"type":"hang"}`); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("a remembered secret that was revoked: %v", err)
	}
}

func TestAnotherClinicsAssistantIsRefused(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	const foreign = `{"message":{"type":"status-update","status":"in-progress","call":{"id":"call-1","assistantId":"assistant-9"}}}`
	c.must(foreign) // nothing is configured yet: nothing is known to be another's
	c.in(func(ctx context.Context, tx *tenancy.Tx) error {
		_, err := calls.AddAgent(ctx, tx, calls.Agent{Name: "Mia", Direction: calls.Inbound, VapiAssistantID: "assistant-1", VapiPhoneID: "phone-1"})
		return err
	})
	c.board.Changed(tenancy.Change{Clinic: c.admin.Clinic, Topic: "agents"})
	for _, body := range []string{foreign, strings.Replace(foreign, "assistantId", "phoneNumberId", 1),
		`{"message":{"type":"tool-calls","assistant":{"id":"assistant-9"},"call":{"id":"call-2"},"toolCallList":[{"id":"a","function":{"name":"find_slots"}}]}}`} {
		if _, err := c.send(body); !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s: %v", body, err)
		}
	}
	c.must(`{"message":{"type":"status-update","status":"in-progress","call":{"id":"call-3","assistantId":"assistant-1"}}}`)
	if n := c.ask(`select count(*)::int from calls c join agents a on a.id = c.agent_id where c.vapi_call_id = 'call-3' and a.name = 'Mia'`); n != 1 {
		t.Error("the call is not its agent's")
	}
	if n := c.ask(`select count(*)::int from calls where vapi_call_id = 'call-2'`); n != 0 {
		t.Error("a refused message was kept")
	}
}

func TestACallIsAskedWhoTakesIt(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	const ringing = `{"message":{"type":"assistant-request","call":{"id":"call-1","assistantId":null,"phoneNumberId":"phone-2"}}}`
	if r := c.must(ringing); r.AssistantID != "" || r.Assistant == nil || len(r.Assistant.Model.Tools) != 10 || !strings.Contains(r.Assistant.FirstMessage, "Ava at Test") {
		t.Errorf("an agent that is not connected: %+v", r)
	}
	c.in(func(ctx context.Context, tx *tenancy.Tx) error {
		_, err := tx.Exec(ctx, `update agents set active = false`)
		return err
	})
	c.board.Lost()
	if r := c.must(ringing); r.AssistantID != "" || r.Assistant != nil || !strings.Contains(r.Error, "call again") {
		t.Errorf("with no agent: %+v", r)
	}
	c.in(func(ctx context.Context, tx *tenancy.Tx) error {
		for i := range 2 {
			a := calls.Agent{Name: "Agent", Direction: calls.Inbound, VapiAssistantID: fmt.Sprintf("assistant-%d", i+1), VapiPhoneID: fmt.Sprintf("phone-%d", i+1)}
			if _, err := calls.AddAgent(ctx, tx, a); err != nil {
				return err
			}
		}
		return nil
	})
	c.board.Lost()
	if r := c.must(ringing); r.AssistantID != "assistant-2" || r.Error != "" {
		t.Errorf("by number: %+v", r)
	}
	if r := c.must(`{"message":{"type":"assistant-request"}}`); r.AssistantID != "assistant-1" {
		t.Errorf("without a number: %+v", r)
	}
}

func TestACallIsKeptOnceWhateverComesFirst(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	k := c.call("call-1", caller)
	k.end()
	c.must(`{"message":{"type":"status-update","status":"in-progress","call":` + k.about() + `}}`)
	c.must(`{"message":{"type":"end-of-call-report","endedReason":"told in person by Ada","call":` + k.about() + `}}`)
	if n := c.ask(`select count(*)::int from calls where ended_at is not null and ended_reason = 'customer-ended-call' and agent_id is not null and caller is not null`); n != 1 {
		t.Errorf("%d calls are kept as ended", n)
	}
	for _, body := range []string{`{"message":{"type":"status-update","status":"ended"}}`, `{"message":{"type":"end-of-call-report"}}`,
		`{"message":{"type":"transcript","transcript":"My name is Ada","call":{"id":"call-9"}}}`, `{"message":{"type":"assistant.started","call":{"id":"call-9"}}}`, `{}`, `[]`} {
		if r := c.must(body); asJSON(t, r) != "{}" {
			t.Errorf("%s is answered %s", body, asJSON(t, r))
		}
	}
	if n := c.ask(`select count(*)::int from calls`); n != 1 {
		t.Errorf("%d calls", n)
	}
	if r := c.must(`{"message":{"type":"tool-calls","call":{"id":"call-1"}}}`); asJSON(t, r) != `{"results":[]}` {
		t.Errorf("no tools: %s", asJSON(t, r))
	}
}

func TestOnlyAdminsChangeAgentsAndSecrets(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	desk := c.admin
	desk.Actor.Role = "frontdesk"
	ctx := context.Background()
	for name, fn := range map[string]func(tx *tenancy.Tx) error{
		"issue":  func(tx *tenancy.Tx) error { _, err := calls.IssueSecret(ctx, tx, ""); return err },
		"revoke": func(tx *tenancy.Tx) error { return calls.RevokeSecret(ctx, tx, tenancy.NewID()) },
		"agent": func(tx *tenancy.Tx) error {
			_, err := calls.AddAgent(ctx, tx, calls.Agent{Name: "Eve", Direction: calls.Inbound})
			return err
		},
	} {
		if err := c.WithClinic(ctx, desk, fn); !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
