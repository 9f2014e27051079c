package calls_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"anteroom/domain/calls"
	"anteroom/domain/tenancy"
)

func (c *clinic) ringing(number string) map[string]string {
	c.t.Helper()
	r := c.must(`{"message":{"type":"assistant-request","call":{"id":"ringing","assistantId":null,"phoneNumberId":"phone-9","customer":{"number":"` + number + `"}}}}`)
	if r.Error != "" || r.Overrides == nil {
		c.t.Fatalf("answered %+v", r)
	}
	return r.Overrides.VariableValues
}

func TestTheAgentIsToldWhatIsRememberedOfTheCaller(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	blank := c.ringing(caller)
	for _, name := range []string{"callerKnown", "openHold", "lastCall", "lastCallIntent", "lastCallOutcome", "nextAppointment"} {
		if v, there := blank[name]; v != "" || !there {
			t.Errorf("of a stranger %s is %q, there %v", name, v, there)
		}
	}
	if blank["clinicName"] != "Test" || blank["today"] != "Thursday the 19th of November 2026" || blank["timeNow"] != "9 AM" || !strings.Contains(blank["services"], "Mole check") {
		t.Errorf("%v", blank)
	}

	k := c.call("call-1", caller)
	k.says("Held", false, "claim_slot", args{"service": "rhinoplasty", "starts_at": "2026-11-24T09:00"})
	if v := c.ringing(caller); v["openHold"] != "Rhinoplasty consultation on Tuesday the 24th of November at 9 AM" || v["lastCallIntent"] != "Rhinoplasty consultation" || v["lastCallOutcome"] != "not booked" {
		t.Errorf("while a time is held: %v", v)
	}
	k.end()
	c.Clock.Advance(time.Hour)
	v := c.ringing("+44 7700 900123")
	if v["openHold"] != "" || v["lastCall"] != "Thursday the 19th of November at 9 AM" || v["lastCallIntent"] != "Rhinoplasty consultation" || v["lastCallOutcome"] != "not booked" || v["callerKnown"] != "" {
		t.Errorf("after a call that was not booked: %v", v)
	}
	again := c.call("call-2", caller)
	again.says("Booked", false, "book_appointment", args{"service": "mole-check", "starts_at": "2026-11-24T10:00", "practitioner": "Okafor", "name": "Ada Lovelace"})
	again.end()
	v = c.ringing(caller)
	if v["nextAppointment"] != "Mole check on Tuesday the 24th of November at 10 AM with Dr Okafor" || v["callerKnown"] != "yes" || v["lastCallOutcome"] != "booked" || v["lastCallIntent"] != "Mole check" {
		t.Errorf("after a booking: %v", v)
	}
	for name, said := range v {
		if strings.Contains(said, "Ada") || strings.Contains(said, "7700") {
			t.Errorf("%s names the caller: %s", name, said)
		}
	}
	if n := c.ask(`select count(*)::int from audit_events where action = 'appointments.viewed' and cardinality(patients) = 1`); n == 0 {
		t.Error("the view is not recorded")
	}

	// A second patient with this number: whoever speaks may not be whom it is about.
	c.call("call-3", caller).says("Booked", false, "book_appointment", args{"service": "mole-check", "starts_at": "2026-11-24T11:00", "name": "Byron Lovelace"})
	for _, number := range []string{caller, "", "anonymous", "+447700900999"} {
		for _, name := range []string{"openHold", "lastCall", "lastCallIntent", "lastCallOutcome", "nextAppointment", "callerKnown"} {
			if v := c.ringing(number); v[name] != "" {
				t.Errorf("of %q it tells %s: %s", number, name, v[name])
			}
		}
	}
	if n := c.ask(`select count(*)::int from calls x where x::text like '%7700900%' or x::text like '%' || encode('7700900', 'hex') || '%'`); n != 0 {
		t.Error("the number can be read")
	}
}

func TestRequestsThatWantAnAnswerGetOne(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	if r := c.must(`{"message":{"type":"transfer-destination-request","call":{"id":"call-1"}}}`); r.Destination != nil || !strings.Contains(r.Error, "call you back") {
		t.Errorf("nowhere to put through to: %+v", r)
	}
	c.in(func(ctx context.Context, tx *tenancy.Tx) error {
		if err := calls.SaveAccount(ctx, tx, calls.AccountInput{TransferNumber: "020 7946 0321"}); err != nil {
			return err
		}
		for _, a := range []calls.Agent{{Name: "Mia", Direction: calls.Inbound, VapiAssistantID: "a1"}, {Name: "Sarah", Direction: calls.Outbound, VapiAssistantID: "a2"}} {
			if _, err := calls.AddAgent(ctx, tx, a); err != nil {
				return err
			}
		}
		return nil
	})
	c.board.Lost()
	for body, want := range map[string]string{
		`{"type":"transfer-destination-request"}`:                                                                         `{"destination":{"type":"number","number":"+442079460321","message":"I am putting you through to the front desk."}}`,
		`{"type":"handoff-destination-request","assistant":{"id":"a1"}}`:                                                  `{"destination":{"type":"assistant","assistantId":"a2"}}`,
		`{"type":"campaign.predial","customer":{"number":"+447700900123"},"call":{"assistantId":"a2"}}`:                   `{"eligible":true}`,
		`{"type":"campaign.predial","customer":{"number":"+447700900123"},"call":{"assistantId":"a1"}}`:                   `{"eligible":false}`,
		`{"type":"campaign.predial","call":{"assistantId":"a2"}}`:                                                         `{"eligible":false}`,
		`{"type":"language-change-detected","language":"es"}`:                                                             `{}`,
		`{"type":"chat.created","chat":{"id":7}}`:                                                                         `{}`,
		`{"type":"status-update","status":"ended","call":[],"customer":"x","artifact":7,"endedReason":{"a":1}}`:           `{}`,
		`{"type":"end-of-call-report","call":{"id":{"odd":true}},"artifact":{"messages":"none"},"timestamp":"yesterday"}`: `{}`,
	} {
		if r := asJSON(t, c.must(`{"message":`+body+`}`)); r != want {
			t.Errorf("%s is answered %s, want %s", body, r, want)
		}
	}
	r := c.must(`{"message":{"type":"knowledge-base-request","messages":[{"role":"user","content":"Do you do a mole check?"},{"role":"assistant","content":"Let me see."}]}}`)
	if len(r.Documents) != 2 || r.Documents[0].Content != "Mole check takes 15 minutes and can be booked with Dr Okafor or Dr Lindqvist." || r.Documents[0].Similarity <= r.Documents[1].Similarity {
		t.Errorf("%+v", r.Documents)
	}
}

func TestABadTransferNumberIsRefused(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	ctx := context.Background()
	for _, number := range []string{"0321", "reception", strings.Repeat("1", 60)} {
		err := c.WithClinic(ctx, c.admin, func(tx *tenancy.Tx) error {
			return calls.SaveAccount(ctx, tx, calls.AccountInput{TransferNumber: number})
		})
		if err == nil {
			t.Errorf("%q is kept", number)
		}
	}
}
