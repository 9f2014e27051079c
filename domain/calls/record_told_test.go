package calls_test

import (
	"fmt"
	"strings"
	"testing"

	"anteroom/domain/calls"
	"anteroom/domain/patients"
	"anteroom/domain/privacy"
)

// A name of ordinary words is found because a tool was told it, though nothing came of that tool and the report does not say it again; also by the
// rules that come later.
func TestWhatOnlyAToolWasToldIsHidden(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	r := calls.NewRecords(c.vault, patients.New(c.vault))
	k := c.call("call-1", caller)
	k.says("could not find that service", true, "book_appointment", args{"service": "haircut", "starts_at": "2026-11-24T09:00", "name": "Rain Table"})
	k.says("passed", true, "book_appointment", args{"service": "mole-check", "starts_at": "2026-11-18T09:00", "name": "Rain Table", "email": "soup@kitchen.example"})
	c.must(fmt.Sprintf(`{"message":{"type":"end-of-call-report","endedReason":"customer-ended-call","call":%s,"artifact":{"messages":[
{"role":"bot","message":"Whom may I put down?","secondsFromStart":1},{"role":"user","message":"well, rain table will come then","secondsFromStart":3}]}}}`, k.about()))
	c.work(r)
	hidden := func(when string) {
		t.Helper()
		rec := c.only(r)
		for _, turn := range rec.Turns {
			if strings.Contains(turn.Text, "rain") || strings.Contains(turn.Text, "table") {
				t.Errorf("%s: %q", when, turn.Text)
			}
		}
		if rec.Spans != 1 {
			t.Errorf("%s: %d spans", when, rec.Spans)
		}
	}
	hidden("as it was recorded")
	if n := c.ask(`select count(*)::int from calls where known is not null and position('Rain'::bytea in known) = 0`); n != 1 {
		t.Errorf("%d calls keep sealed what the tools were told", n)
	}
	r = r.WithRules("9999.1", privacy.Redact)
	c.catchUp(r, c.only(r).ID)
	hidden("under later rules")
}
