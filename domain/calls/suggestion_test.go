package calls_test

import (
	"testing"

	"github.com/google/uuid"

	"anteroom/domain/calls"
	"anteroom/domain/fault"
	"anteroom/domain/patients"
	"anteroom/domain/privacy"
	"anteroom/domain/tenancy"
)

func TestWhatWasSaidIsWrittenDown(t *testing.T) {
	t.Parallel()
	for _, k := range []struct {
		kind        privacy.Kind
		words, want string
	}{
		{privacy.Phone, "oh seven seven double oh, nine hundred", "oh seven seven double oh, nine hundred"}, // nobody knows how many noughts that is
		{privacy.Phone, "oh seven seven double oh, nine oh oh, um, triple five", "07700900555"},
		{privacy.Phone, "07700 900555", "07700900555"},
		{privacy.Phone, "plus four four, 7700 900555", "+447700900555"},
		{privacy.Email, "Ada dot L at example dot org", "ada.l@example.org"},
		{privacy.Email, "ada@example.org", "ada@example.org"},
		{privacy.Email, "ada underscore l at home at example dot org", "ada underscore l at home at example dot org"},
		{privacy.Address, "fourteen  Alder Grove", "fourteen Alder Grove"},
	} {
		if got := calls.AsWritten(k.kind, k.words); got != k.want {
			t.Errorf("%q: %q, want %q", k.words, got, k.want)
		}
	}
}

// suggesting is a call on which its patient gives another address and number, each twice.
func suggesting(t *testing.T) (c *clinic, r *calls.Records, patient uuid.UUID, open func() map[string][]uuid.UUID) {
	c = newClinic(t)
	patient = c.addPatient(patients.Details{Name: "Ada Lovelace", Phone: caller})
	r = c.archive()
	c.must(c.call("call-1", caller).report([]said{{"user", "This is Ada Lovelace, ada at example dot org."}, {"bot", "And your number?"}, {"user", "07700 900555. And ada at example dot org, as I said."}}, ""))
	c.work(r)
	return c, r, patient, func() map[string][]uuid.UUID {
		t.Helper()
		found := map[string][]uuid.UUID{}
		c.as("frontdesk", func(tx *tenancy.Tx) error {
			list, err := calls.Suggestions(ctx, tx, patient)
			for _, s := range list {
				found[s.Kind] = append(found[s.Kind], s.SpanID)
			}
			return err
		})
		return found
	}
}

func TestADetailGoesIntoTheRecordOnce(t *testing.T) {
	t.Parallel()
	c, r, patient, open := suggesting(t)
	list := open()
	if len(list["EMAIL"]) != 2 || len(list["PHONE"]) != 1 {
		t.Fatalf("%v", list)
	}
	take := func(in calls.TakeInput) error {
		in.PatientID = patient
		return c.try("frontdesk", func(tx *tenancy.Tx) error { return r.TakeSuggestion(ctx, tx, in) })
	}
	for name, in := range map[string]calls.TakeInput{
		"nothing": {SpanID: list["EMAIL"][0]}, "no address": {SpanID: list["EMAIL"][0], Value: "ada at"}, "no number": {SpanID: list["PHONE"][0], Value: "none"},
	} {
		if err := take(in); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := take(calls.TakeInput{SpanID: list["EMAIL"][0], Value: "ada@example.org", Seen: 9}); !fault.Is(err, fault.Conflict) {
		t.Errorf("a record that was changed meanwhile: %v", err)
	}
	if err := take(calls.TakeInput{SpanID: list["EMAIL"][0], Value: "ada@example.org", Seen: 1}); err != nil {
		t.Fatal(err)
	}
	c.as("frontdesk", func(tx *tenancy.Tx) error {
		p, err := patients.New(c.vault).Get(ctx, tx, patient)
		if p.Email != "ada@example.org" || p.Phone == "" || p.Name != "Ada Lovelace" {
			t.Errorf("%+v", p.Details)
		}
		return err
	})
	if left := open(); len(left["EMAIL"]) != 0 || len(left["PHONE"]) != 1 {
		t.Errorf("left: %v", left)
	}
	if err := take(calls.TakeInput{SpanID: list["EMAIL"][1], Value: "ada@example.org"}); !fault.Is(err, fault.Conflict) {
		t.Errorf("again: %v", err)
	}
	c.as("frontdesk", func(tx *tenancy.Tx) error { return r.DismissSuggestion(ctx, tx, patient, list["PHONE"][0]) })
	if left := open(); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
	c.refused(fault.Conflict, "frontdesk", func(tx *tenancy.Tx) error { return r.DismissSuggestion(ctx, tx, tenancy.NewID(), list["PHONE"][0]) })
	if n := c.ask(`select count(*)::int from audit_events where action = 'suggestion.decided' and cardinality(patients) = 1`); n != 2 {
		t.Errorf("%d decisions are recorded", n)
	}
}
