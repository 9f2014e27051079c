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

// Whoever is named to a tool is hidden, and a date of birth in whatever way the model writes it.
func TestEverybodyWhoIsNamedToAToolIsHidden(t *testing.T) {
	t.Parallel()
	for _, born := range []string{"1990-03-04", "1990-03-04T00:00:00Z", "4/3/1990", "03/04/1990", "4 March 1990", "4th of March, 1990", "March 4th, 1990", "the 4th of Mar 1990", "4 MAR 1990"} {
		c := newClinic(t)
		r := calls.NewRecords(c.vault, patients.New(c.vault))
		k := c.call("call-1", caller)
		k.use("find_my_appointments", args{"patient_name": "Rain Table", "caller_name": "Cloud Window", "dob": born})
		c.must(fmt.Sprintf(`{"message":{"type":"end-of-call-report","endedReason":"customer-ended-call","call":%s,"artifact":{"messages":[
{"role":"user","message":"so rain table it is, and cloud window asks","secondsFromStart":1},{"role":"user","message":"it was the fourth of march back in nineteen ninety","secondsFromStart":3}]}}}`, k.about()))
		c.work(r)
		rec := c.only(r)
		for _, turn := range rec.Turns {
			for _, word := range []string{"rain", "table", "cloud", "window", "fourth", "march"} {
				if strings.Contains(turn.Text, word) {
					t.Errorf("%s: %q", born, turn.Text)
				}
			}
		}
	}
}
