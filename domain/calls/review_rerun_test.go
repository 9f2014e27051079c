package calls_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/uuid"

	"anteroom/domain/calls"
	"anteroom/domain/fault"
	"anteroom/domain/patients"
	"anteroom/domain/privacy"
	"anteroom/domain/tenancy"
)

// under are records under other rules, of which some are changed; an empty pattern is a rule that is gone.
func (c *clinic) under(name string, change map[privacy.Kind]string) *calls.Records {
	rules := maps.Clone(usualRules)
	for kind, pattern := range change {
		rules[kind] = pattern
		if pattern == "" {
			delete(rules, kind)
		}
	}
	return calls.NewRecords(c.vault, patients.New(c.vault)).WithRules(name, simpleRules(rules))
}

func (c *clinic) compare(r *calls.Records, call uuid.UUID) (d calls.Comparison) {
	c.t.Helper()
	c.as("compliance", func(tx *tenancy.Tx) (err error) { d, err = r.Compare(ctx, tx, call); return err })
	return d
}

func (c *clinic) rerun(r *calls.Records, in calls.RerunInput) (d calls.Difference, err error) {
	c.t.Helper()
	err = c.try("compliance", func(tx *tenancy.Tx) (err error) { d, err = r.Rerun(ctx, tx, in); return err })
	return d, err
}

func (c *clinic) catchUp(r *calls.Records, call uuid.UUID) {
	c.t.Helper()
	if err := c.WithClinic(ctx, tenancy.Scope{Clinic: c.admin.Clinic, Actor: system}, func(tx *tenancy.Tx) error { return r.CatchUp(ctx, tx, call) }); err != nil {
		c.t.Fatal(err)
	}
}

func texts(rec calls.Record) (list []string) {
	for _, turn := range rec.Turns {
		list = append(list, turn.Text)
	}
	return list
}

// older is a call under the usual rules, and newer rules that find an e-mail's owner besides, let asthma be read, and call the NHS number otherwise.
func older(t *testing.T) (c *clinic, before calls.Record, newer *calls.Records) {
	c = newClinic(t)
	r := c.under("test-1", nil)
	c.must(c.call("call-1", caller).report(talk, metrics))
	c.work(r)
	newer = c.under("test-2", map[privacy.Kind]string{privacy.Condition: "", privacy.Organization: "the clinic", privacy.NationalID: "", privacy.OtherID: usualRules[privacy.NationalID]})
	return c, c.only(r), newer
}

func TestADifferenceIsShownBeforeItIsMade(t *testing.T) {
	t.Parallel()
	c, before, newer := older(t)
	d := c.compare(newer, before.ID)
	if d.FromRules != "test-1" || d.ToRules != "test-2" || d.Count(calls.ChangeAdded) != 1 || d.Count(calls.ChangeRemoved) != 2 || d.Count(calls.ChangeNamed) != 1 {
		t.Errorf("%+v", d)
	}
	want := map[string]string{"added ORGANIZATION": "the clinic", "removed CONDITION": "[CONDITION REDACTED]", "changed NATIONAL_ID OTHER_ID": "[NATIONAL_ID REDACTED]"}
	for _, turn := range d.Turns {
		for _, ch := range turn.Changes {
			name := ch.What + " " + ch.Kind
			if ch.Now != "" {
				name += " " + ch.Now
			}
			if got := turn.Text[ch.Starts:ch.Ends]; got != want[name] {
				t.Errorf("%s stands at %q", name, got)
			}
			if has := ch.Span() != uuid.Nil; has != (ch.What != calls.ChangeAdded) {
				t.Errorf("%s: span %s", name, ch.Span())
			}
		}
	}
	if after := c.only(newer); !slices.Equal(texts(after), texts(before)) || after.RuleSet != "test-1" || len(after.Reruns) != 0 {
		t.Error("looking at it has changed it")
	}
	if n := c.ask(`select count(*)::int from audit_events where action = 'transcript.compared'`); n != 1 {
		t.Errorf("%d views are recorded", n)
	}
}

func TestWhatWasNotSeenIsNotMade(t *testing.T) {
	t.Parallel()
	c, before, newer := older(t)
	seen := c.compare(newer, before.ID).Print
	if n, err := c.markMiss(newer, before, "Hello", privacy.OtherID); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	for _, stale := range []string{seen, ""} {
		if _, err := c.rerun(newer, calls.RerunInput{CallID: before.ID, Seen: stale}); !fault.Is(err, fault.Conflict) {
			t.Errorf("%q: %v", stale, err)
		}
	}
	if _, err := c.rerun(c.under("test-0", nil), calls.RerunInput{CallID: before.ID, Seen: seen}); !fault.Is(err, fault.Conflict) {
		t.Errorf("older rules run over newer ones: %v", err)
	}
}

func TestAPersonKeepsWhatTheRulesWouldLetBeRead(t *testing.T) {
	t.Parallel()
	c, before, newer := older(t)
	d := c.compare(newer, before.ID)
	var keep []uuid.UUID
	for _, turn := range d.Turns {
		for _, ch := range turn.Changes {
			if ch.What == calls.ChangeRemoved && turn.Seq > 0 {
				keep = append(keep, ch.Span())
			}
		}
	}
	if _, err := c.rerun(newer, calls.RerunInput{CallID: before.ID, Seen: d.Print, Keep: keep}); err != nil {
		t.Fatal(err)
	}
	after := c.only(newer)
	if s := spanOf(t, after, privacy.Condition); s.ID != keep[0] || !s.Missed {
		t.Errorf("%+v", s)
	}
	if after.Summary.Text != "[PERSON REDACTED] asked about her asthma." || after.Waiting != 0 {
		t.Errorf("%q, %d wait", after.Summary.Text, after.Waiting)
	}
	later := c.under("test-3", map[privacy.Kind]string{privacy.Condition: ""})
	for _, turn := range c.compare(later, before.ID).Turns {
		for _, ch := range turn.Changes {
			if ch.Span() == keep[0] {
				t.Errorf("a later rule set would take back what a person keeps: %+v", ch)
			}
		}
	}
}

// The program itself hides more, and takes nothing back.
func TestCatchingUpOnlyEverHidesMore(t *testing.T) {
	t.Parallel()
	c, before, newer := older(t)
	for range 2 {
		c.catchUp(newer, before.ID)
	}
	after := c.only(newer)
	want := slices.Clone(texts(before))
	want[0] = "Hello, you have reached [ORGANIZATION REDACTED] with Dr Okafor."
	if !slices.Equal(texts(after), want) || after.Summary.Text != before.Summary.Text || after.RuleSet != "test-2" || after.Waiting != 3 || after.Spans != before.Spans+1 {
		t.Errorf("%+v\n%q", after.Call, texts(after))
	}
	for _, kind := range []privacy.Kind{privacy.Condition, privacy.NationalID, privacy.Person} {
		if a, b := spanOf(t, after, kind), spanOf(t, before, kind); a.ID != b.ID || a.Kind != b.Kind {
			t.Errorf("%s became %+v", kind, a)
		}
	}
	if len(after.Reruns) != 1 || after.Reruns[0].Added != 1 || after.Reruns[0].Removed != 0 || after.Reruns[0].FromRules != "test-1" {
		t.Errorf("%+v", after.Reruns)
	}
	c.as("compliance", func(tx *tenancy.Tx) error {
		owed, err := newer.CountRulesOwed(ctx, tx)
		if owed.Waiting != 1 || len(owed.Older) != 0 {
			t.Errorf("%+v", owed)
		}
		return err
	})
	d := c.compare(newer, before.ID)
	if d.FromRules != "test-2" || d.Count(calls.ChangeAdded) != 0 || d.Count(calls.ChangeRemoved) != 2 || d.Count(calls.ChangeNamed) != 1 {
		t.Errorf("%+v", d)
	}
	if _, err := c.rerun(newer, calls.RerunInput{CallID: before.ID, Seen: d.Print}); err != nil {
		t.Fatal(err)
	}
	decided := c.only(newer)
	if decided.Waiting != 0 || decided.Summary.Text != "[PERSON REDACTED] asked about her asthma." || len(decided.Reruns) != 2 {
		t.Errorf("%+v", decided.Call)
	}
	if n := c.ask(`select count(*)::int from call_spans where retired_at is not null and kind = 'CONDITION' and length(sealed) > 0`); n != 2 {
		t.Errorf("%d of the spans that are no more are kept under seal", n)
	}
}

func TestKeepingEverythingHidesWhatIsFoundBesides(t *testing.T) {
	t.Parallel()
	c, before, newer := older(t)
	if _, err := c.rerun(newer, calls.RerunInput{CallID: before.ID, Seen: c.compare(newer, before.ID).Print, KeepAll: true}); err != nil {
		t.Fatal(err)
	}
	after := c.only(newer)
	if after.Turns[3].Text != before.Turns[3].Text || after.Turns[4].Text != before.Turns[4].Text || after.Spans != before.Spans+1 || after.Waiting != 0 {
		t.Errorf("%q", texts(after))
	}
	if n := c.ask(`select count(*)::int from audit_events where action = 'transcript.kept'`); n != 1 {
		t.Errorf("%d decisions are recorded", n)
	}
}

// A rule that finds a part of what is hidden, and more beside it, uncovers nothing and hides the rest.
func TestPlacesThatOverlapStayHiddenWhole(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	r := c.under("test-1", map[privacy.Kind]string{privacy.Person: "Ada Lovelace"})
	c.must(c.call("call-1", caller).report([]said{{"user", "It is Ada Lovelace of Ockham Park."}}, ""))
	c.work(r)
	before := c.only(r)
	newer := c.under("test-2", map[privacy.Kind]string{privacy.Person: "", privacy.Address: "Lovelace of Ockham Park"})
	c.catchUp(newer, before.ID)
	after := c.only(newer)
	if got, want := after.Turns[0].Text, "It is [PERSON REDACTED] [ADDRESS REDACTED]."; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, err := c.reveal(newer, "admin", spanOf(t, after, privacy.Address).ID); err != nil || got.Words != "of Ockham Park" {
		t.Errorf("%q %v", got.Words, err)
	}
	d := c.compare(newer, before.ID)
	if d.Count(calls.ChangeRemoved) != 1 { // the rules would let "Ada" be read
		t.Errorf("%+v", d)
	}
	if n, err := c.markMiss(newer, after, "It", privacy.OtherID); n != 1 || err != nil {
		t.Fatal(n, err)
	}
}

// Two processes, or one that was killed and began again, change a call once.
func TestCatchingUpTwiceAtOnceIsCatchingUpOnce(t *testing.T) {
	t.Parallel()
	c, before, newer := older(t)
	done := make(chan error)
	for range 4 {
		go func() {
			done <- c.WithClinic(ctx, tenancy.Scope{Clinic: c.admin.Clinic, Actor: system}, func(tx *tenancy.Tx) error { return newer.CatchUp(ctx, tx, before.ID) })
		}()
	}
	for range 4 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if after := c.only(newer); len(after.Reruns) != 1 || after.Spans != before.Spans+1 {
		t.Errorf("%d runs, %d places", len(after.Reruns), after.Spans)
	}
	c.refused(fault.Forbidden, "admin", func(tx *tenancy.Tx) error { return newer.CatchUp(ctx, tx, before.ID) })
}

func TestNewerRulesRunOverWhatIsKept(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	old := missing(c)
	k := c.call("call-1", caller)
	c.must(k.report(append(slices.Clone(talk), said{"user", "The ledger of Babbage, please."}), metrics))
	c.work(old)
	before := c.only(old)
	if n, err := c.markMiss(old, before, "ada at example dot org", privacy.Email); n != 1 || err != nil { // the newer rules find this
		t.Fatal(n, err)
	}
	if n, err := c.markMiss(old, before, "Babbage", privacy.Person); n != 1 || err != nil { // and not this
		t.Fatal(n, err)
	}
	rules := maps.Clone(usualRules)
	delete(rules, privacy.Condition) // they let asthma stand
	rules[privacy.Organization] = "NHS"
	newer := calls.NewRecords(c.vault, patients.New(c.vault)).WithRules("test-2", simpleRules(rules))
	c.as("admin", func(tx *tenancy.Tx) error {
		ids, err := newer.Outdated(ctx, tx, uuid.Nil, 10)
		if len(ids) != 1 || ids[0] != before.ID {
			t.Errorf("outdated %v", ids)
		}
		return err
	})
	c.refused(fault.Forbidden, "frontdesk", func(tx *tenancy.Tx) error { _, err := newer.Compare(ctx, tx, before.ID); return err })
	var d calls.Difference
	c.as("compliance", func(tx *tenancy.Tx) (err error) {
		d, err = newer.Rerun(ctx, tx, calls.RerunInput{CallID: before.ID, Seen: c.compare(newer, before.ID).Print})
		return err
	})
	if d.FromRules != "test-1" || d.ToRules != "test-2" || d.Added != 1 || d.Removed != 2 {
		t.Errorf("%+v", d)
	}
	after := c.only(newer)
	want := []string{"Hello, you have reached the clinic with Dr Okafor.", "Hi, this is [PERSON REDACTED], born [DATE_OF_BIRTH REDACTED].", "Thank you [PERSON REDACTED]. What is it about?",
		"My asthma, and my number is [PHONE REDACTED], or [EMAIL REDACTED].", "My [ORGANIZATION REDACTED] number is [NATIONAL_ID REDACTED].", "The ledger of [PERSON REDACTED], please."}
	for i, turn := range after.Turns {
		if turn.Text != want[i] {
			t.Errorf("%q, want %q", turn.Text, want[i])
		}
		for _, s := range turn.Spans {
			if turn.Text[s.Starts:s.Ends] != "["+s.Kind+" REDACTED]" || s.RuleSet != "test-2" {
				t.Errorf("%+v stands at %q", s, turn.Text[s.Starts:s.Ends])
			}
		}
	}
	for _, ch := range d.Changes {
		text := after.Summary.Text
		if ch.Seq > 0 {
			text = after.Turns[ch.Seq-1].Text
		}
		if at := text[ch.Starts:ch.Ends]; at != map[string]string{"addedORGANIZATION": "[ORGANIZATION REDACTED]", "removedCONDITION": "asthma"}[ch.What+ch.Kind] {
			t.Errorf("%+v points at %q", ch, at)
		}
	}
	if len(after.Reruns) != 1 || len(after.Reruns[0].Changes) != 3 || after.RuleSet != "test-2" || after.Review != "wanted" || after.Spans != 9 {
		t.Errorf("%+v", after.Call)
	}
	if spanOf(t, after, privacy.Phone).ID != spanOf(t, before, privacy.Phone).ID {
		t.Error("a span that was found again is another one now")
	}
	if s := after.Turns[5].Spans[0]; !s.Missed || spanOf(t, after, privacy.Email).Missed {
		t.Error("what a person marked counts as found, or what is found now as missed")
	}
	c.as("admin", func(tx *tenancy.Tx) error {
		if err := newer.MarkReviewed(ctx, tx, after.ID); err != nil {
			return err
		}
		page, err := newer.List(ctx, tx, calls.ListInput{Text: "asthma"})
		if len(page.Calls) != 1 {
			t.Error("what can be read again is not found by search")
		}
		return err
	})
	got := map[string]calls.Recall{}
	for _, m := range c.recall() {
		got[m.RuleSet] = m
	}
	if p, f := got["test-1"], got["test-2"]; p.Found != 8 || p.Missed != 2 || f.Found != 8 || f.Missed != 1 {
		t.Errorf("recall %+v", got)
	}
	c.as("compliance", func(tx *tenancy.Tx) (err error) {
		d, err = newer.Rerun(ctx, tx, calls.RerunInput{CallID: before.ID, Seen: c.compare(newer, before.ID).Print})
		return err
	})
	if d.Added+d.Removed != 0 {
		t.Errorf("the same rules made a difference: %+v", d)
	}
}
