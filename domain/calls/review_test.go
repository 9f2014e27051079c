package calls_test

import (
	"context"
	"maps"
	"strings"
	"testing"

	"anteroom/domain/calls"
	"anteroom/domain/fault"
	"anteroom/domain/patients"
	"anteroom/domain/privacy"
	"anteroom/domain/tenancy"
)

// missing are rules that find everything but e-mail addresses.
func missing(c *clinic) *calls.Records {
	rules := maps.Clone(usualRules)
	delete(rules, privacy.Email)
	return calls.NewRecords(c.vault, patients.New(c.vault)).WithRules("test-1", simpleRules(rules))
}

func (c *clinic) markMiss(r *calls.Records, rec calls.Record, words string, kind privacy.Kind) (n int, err error) {
	for _, turn := range rec.Turns {
		if at := strings.Index(turn.Text, words); at >= 0 {
			err = c.try("frontdesk", func(tx *tenancy.Tx) (err error) {
				n, err = r.MarkMiss(ctx, tx, calls.MissInput{CallID: rec.ID, Seq: turn.Seq, Starts: at, Ends: at + len(words), Seen: words, Kind: kind})
				return err
			})
			return n, err
		}
	}
	c.t.Fatalf("nobody said %q", words)
	return 0, nil
}

func (c *clinic) recall() (list []calls.Recall) {
	c.t.Helper()
	c.in(func(ctx context.Context, tx *tenancy.Tx) (err error) {
		list, err = calls.MeasureRecall(ctx, tx)
		return err
	})
	return list
}

func TestAMissIsHiddenSealedAndCounted(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	r := missing(c)
	k := c.call("call-1", caller)
	c.must(k.report([]said{{"user", "Zürich: ada at example dot org, Ada Lovelace, again Ada AT example dot org."}, {"bot", "ada at example dot org? (ada at example dot orgs)"}, {"user", "Yes, asthma."}}, ""))
	c.work(r)
	rec := c.only(r)
	if n, err := c.markMiss(r, rec, " ada at example dot org", privacy.Email); n != 3 || err != nil {
		t.Fatalf("%d places, %v", n, err)
	}
	after := c.only(r)
	want := []string{"Zürich: [EMAIL REDACTED], [PERSON REDACTED], again [EMAIL REDACTED].", "[EMAIL REDACTED]? (ada at example dot orgs)", "Yes, [CONDITION REDACTED]."}
	for i, turn := range after.Turns {
		if turn.Text != want[i] {
			t.Errorf("%q, want %q", turn.Text, want[i])
		}
		for _, s := range turn.Spans {
			if turn.Text[s.Starts:s.Ends] != "["+s.Kind+" REDACTED]" {
				t.Errorf("%s stands at %q", s.Kind, turn.Text[s.Starts:s.Ends])
			}
			got, err := c.reveal(r, "admin", s.ID)
			if err != nil || s.Missed != strings.EqualFold(got.Words, "ada at example dot org") {
				t.Errorf("%s hides %q (missed %v), %v", s.Kind, got.Words, s.Missed, err)
			}
		}
	}
	if after.Spans != 5 || after.Review != "done" {
		t.Errorf("%+v", after.Call)
	}
	if got := c.recall(); len(got) != 1 || got[0] != (calls.Recall{RuleSet: "test-1", Calls: 1, Found: 2, Missed: 3}) || got[0].Share() != 0.4 {
		t.Errorf("recall %+v", got)
	}
	c.as("admin", func(tx *tenancy.Tx) error {
		page, err := r.List(ctx, tx, calls.ListInput{Text: "example dot org"})
		if len(page.Calls) != 0 { // "orgs" is left, which is another word: the whole phrase is not there any more
			for _, e := range page.Excerpts {
				if !strings.Contains(e.Text, "orgs") {
					t.Errorf("search still finds %+v", e)
				}
			}
		}
		return err
	})
}

func TestAMarkMustFitTheText(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	r := missing(c)
	c.must(c.call("call-1", caller).report([]said{{"user", "Zürich, Ada Lovelace."}}, ""))
	c.work(r)
	rec := c.only(r)
	in := calls.MissInput{CallID: rec.ID, Seq: 1, Starts: 0, Ends: 7, Seen: "Zürich", Kind: privacy.Location}
	for name, k := range map[string]struct {
		kind   fault.Kind
		change func(*calls.MissInput)
	}{
		"another text":  {fault.Conflict, func(m *calls.MissInput) { m.Seen = "Berlin." }},
		"inside a rune": {fault.Conflict, func(m *calls.MissInput) { m.Starts, m.Ends, m.Seen = 0, 2, "Z\xc3" }},
		"outside":       {fault.Conflict, func(m *calls.MissInput) { m.Ends = 900 }},
		"backwards":     {fault.Conflict, func(m *calls.MissInput) { m.Starts = 9 }},
		"over a label":  {fault.Invalid, func(m *calls.MissInput) { m.Ends, m.Seen = 12, rec.Turns[0].Text[:12] }},
		"only space":    {fault.Invalid, func(m *calls.MissInput) { m.Starts, m.Ends, m.Seen = 8, 9, " " }},
		"no such kind":  {fault.Invalid, func(m *calls.MissInput) { m.Kind = "SECRET" }},
		"no such turn":  {fault.NotFound, func(m *calls.MissInput) { m.Seq = 9 }},
		"no such call":  {fault.NotFound, func(m *calls.MissInput) { m.CallID = tenancy.NewID() }},
	} {
		bad := in
		k.change(&bad)
		if err := c.try("admin", func(tx *tenancy.Tx) error { _, err := r.MarkMiss(ctx, tx, bad); return err }); !fault.Is(err, k.kind) {
			t.Errorf("%s: %v", name, err)
		}
	}
	c.as("admin", func(tx *tenancy.Tx) error { _, err := r.MarkMiss(ctx, tx, in); return err })
	c.refused(fault.Conflict, "admin", func(tx *tenancy.Tx) error { _, err := r.MarkMiss(ctx, tx, in); return err })
}
