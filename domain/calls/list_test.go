package calls_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/calls"
	"anteroom/domain/fault"
	"anteroom/domain/patients"
	"anteroom/domain/tenancy"
	"anteroom/domain/tenancy/tenancytest"
)

func (c *clinic) list(r *calls.Records, in calls.ListInput) (page calls.Page) {
	c.t.Helper()
	c.as("frontdesk", func(tx *tenancy.Tx) (err error) { page, err = r.List(ctx, tx, in); return err })
	return page
}

func TestTheListIsNarrowed(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	r := c.archive()
	for i, turns := range [][]said{
		{{"user", "I ring about a septoplasty, my asthma is fine."}, {"bot", "Of course."}},
		{{"user", "Ada Lovelace here, the Façade of the building?"}, {"bot", "Septoplasty is on the first floor."}},
		{{"user", "Is there parking for a wheelchair at the clinic?"}},
		{{"user", "Hello?"}},
	} {
		k := c.call(fmt.Sprintf("call-%d", i), caller)
		if i == 2 {
			k.says("Booked", false, "book_appointment", args{"service": "mole-check", "starts_at": "2026-11-24T09:00", "name": "Grace Hopper"})
		}
		c.Clock.Advance(time.Minute)
		c.must(k.report(turns, fmt.Sprintf(`,"startedAt":"2026-11-19T08:%02d:00Z"`, 10+i)))
	}
	c.work(r)
	c.must(`{"message":{"type":"status-update","status":"in-progress","call":` + c.call("call-live", caller).about() + `}}`)
	all := c.list(r, calls.ListInput{})
	if len(all.Calls) != 5 || all.Next != "" || !slices.IsSortedFunc(all.Calls, func(a, b calls.Call) int { return b.StartedAt.Compare(a.StartedAt) }) {
		t.Fatalf("%+v", all)
	}
	at := func(h, m int) time.Time { return time.Date(2026, 11, 19, h, m, 0, 0, time.UTC) }
	for name, k := range map[string]struct {
		in   calls.ListInput
		want string // the minutes at which they started
	}{
		"a word":                {calls.ListInput{Text: "septoplasty"}, "11 10"},
		"a beginning":           {calls.ListInput{Text: "SEPT"}, "11 10"},
		"accents":               {calls.ListInput{Text: "facade"}, "11"},
		"two words":             {calls.ListInput{Text: "parking, wheel"}, "12"},
		"words of two calls":    {calls.ListInput{Text: "parking septoplasty"}, ""},
		"what is hidden":        {calls.ListInput{Text: "asthma"}, ""},
		"a name that is hidden": {calls.ListInput{Text: "Lovelace"}, ""},
		"a label":               {calls.ListInput{Text: "redacted"}, ""},
		"operators":             {calls.ListInput{Text: "sept:* | parking & !x '); --"}, ""},
		"booked":                {calls.ListInput{Outcome: calls.OutcomeBooked}, "12"},
		"booked, a word":        {calls.ListInput{Outcome: calls.OutcomeBooked, Text: "clinic"}, "12"},
		"not booked, a word":    {calls.ListInput{Outcome: calls.OutcomeNotBooked, Text: "wheelchair"}, ""},
		"abandoned":             {calls.ListInput{Outcome: calls.OutcomeAbandoned}, "13"},
		"something hidden":      {calls.ListInput{HasSpans: ptr(true)}, "11 10"},
		"hidden and a word":     {calls.ListInput{HasSpans: ptr(false), Text: "sept"}, ""},
		"a period":              {calls.ListInput{From: at(8, 11), Before: at(8, 13)}, "12 11"},
		"a period and a word":   {calls.ListInput{From: at(8, 11), Before: at(8, 13), Text: "sept"}, "11"},
		"another agent":         {calls.ListInput{AgentID: uuid.New()}, ""},
		"this agent":            {calls.ListInput{AgentID: *all.Calls[0].AgentID, Text: "sept"}, "11 10"},
		"to be reviewed":        {calls.ListInput{Review: "wanted"}, ""},
	} {
		got := ""
		page := c.list(r, k.in)
		for _, call := range page.Calls {
			got += call.StartedAt.Format(" 04")
			if k.in.Text != "" && page.Excerpts[call.ID].Text == "" {
				t.Errorf("%s: no excerpt", name)
			}
		}
		if got != "" {
			got = got[1:]
		}
		if got != k.want {
			t.Errorf("%s: %q, want %q", name, got, k.want)
		}
	}
	c.refused(fault.Invalid, "admin", func(tx *tenancy.Tx) error {
		_, err := r.List(ctx, tx, calls.ListInput{After: "nonsense"})
		return err
	})
	c.as("frontdesk", func(tx *tenancy.Tx) error {
		live, err := r.Live(ctx, tx)
		if len(live) != 1 || live[0].Caller != "07••• •••123" || live[0].EndedAt != nil {
			t.Errorf("live: %+v", live)
		}
		return err
	})
	two := addClinic(t, c.Database, c.vault, "vs_test_two")
	if page := two.list(r, calls.ListInput{Text: "septoplasty"}); len(page.Calls) != 0 {
		t.Error("another clinic's calls are found")
	}
	if n := c.ask(`select count(*)::int from audit_events where action = 'calls.viewed' and $1 = any(patients)`, *all.Calls[slices.IndexFunc(all.Calls, func(x calls.Call) bool { return x.PatientID != nil })].PatientID); n < 2 {
		t.Errorf("%d views are recorded", n)
	}
}

// Page after page, with and without a search, gives every call once.
func TestPagesFollowEachOther(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	r := c.archive()
	manyCalls(t, c.Database, c.admin, 57)
	for _, in := range []calls.ListInput{{}, {Text: "appoint"}, {Text: "appoint", Outcome: calls.OutcomeBooked}, {Outcome: calls.OutcomeBooked}} {
		seen := map[uuid.UUID]bool{}
		in.Limit = 10
		for {
			page := c.list(r, in)
			for _, call := range page.Calls {
				if seen[call.ID] {
					t.Errorf("%+v: a call comes twice", in)
				}
				seen[call.ID] = true
			}
			if in.After = page.Next; in.After == "" {
				break
			}
		}
		if want := map[bool]int{true: 57, false: 29}[in.Outcome == ""]; len(seen) != want {
			t.Errorf("%+v: %d calls, want %d", in, len(seen), want)
		}
	}
}

// manyCalls makes calls as they are stored, without the way there.
func manyCalls(t testing.TB, db *tenancytest.Database, s tenancy.Scope, n int) {
	t.Helper()
	b := &pgx.Batch{}
	args := tenancy.Args{"clinic": s.Clinic, "n": n, "now": db.Clock.Now()}
	b.Queue(`insert into calls (clinic_id, id, vapi_call_id, agent_id, started_at, ended_at, outcome, recorded_at, rule_set)
select @clinic, app.uuidv7(), 'many-' || i, (select id from agents where clinic_id = @clinic limit 1), @now::timestamptz - (i / 3) * interval '1 minute', @now, case when i % 2 = 1 then 'booked' else 'not-booked' end, @now, '1'
from generate_series(1, @n::int) i`, args)
	b.Queue(`insert into call_search (clinic_id, call_id, words) select @clinic, id,
strip(to_tsvector('simple', 'hello i would like an appointment please on ' || (array['monday','tuesday','wednesday','thursday','friday'])[1 + substr(vapi_call_id, 6)::int % 5]
  || ' about reference' || substr(vapi_call_id, 6)::int % 1000 || ' at the clinic with the doctor thank you that would be lovely goodbye number w' || substr(vapi_call_id, 6)::int % 4000
  || ' and parking near the station because my wife drives and we come from the north by the bridge road which is closed until next month or so they said on the radio this morning'))
from calls where clinic_id = @clinic and vapi_call_id like 'many-%'`, args)
	err := db.WithClinic(ctx, s, func(tx *tenancy.Tx) error { return tx.SendBatch(context.Background(), b).Close() })
	if err != nil {
		t.Fatal(err)
	}
}

// BenchmarkSearch looks for words among 100,000 calls of one clinic.
func BenchmarkSearch(b *testing.B) {
	db := tenancytest.NewWithClock(b, thursday)
	c := addClinic(b, db, newVault(b), "vs_bench")
	r := c.archive()
	for batch := range 10 {
		c.Clock.Advance(-time.Hour)
		manyCalls(b, db, c.admin, 10_000)
		if _, err := db.Owner(b).Exec(ctx, `update calls set vapi_call_id = $1::int || substr(vapi_call_id, 5) where vapi_call_id like 'many-%'`, batch); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := db.Owner(b).Exec(ctx, `vacuum analyze`); err != nil {
		b.Fatal(err)
	}
	for name, in := range map[string]calls.ListInput{
		"list": {}, "every call": {Text: "appointment"}, "a fifth": {Text: "tuesday"}, "a hundred": {Text: "reference77"}, "two words": {Text: "tues w77"},
		"rare and filtered": {Text: "w399", Outcome: calls.OutcomeBooked}, "nothing": {Text: "xylophone"}, "common, rare filter": {Text: "appointment", Review: "wanted"},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				c.list(r, in)
			}
		})
	}
}

func TestAListThatIsRenewedIsAViewOfWhatIsNewInIt(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	r := c.archive()
	ada := c.addPatient(patients.Details{Name: "Ada Lovelace", Phone: caller})
	c.must(c.call("call-1", caller).report(talk, ""))
	c.work(r)
	recorded := func(all, hers int) {
		t.Helper()
		n := c.ask(`select count(*)::int from audit_events where action = 'calls.viewed'`)
		of := c.ask(`select count(*)::int from audit_events where action = 'calls.viewed' and '` + ada.String() + `' = any(patients)`)
		if n != all || of != hers {
			t.Errorf("%d views are recorded, %d of Ada's call; want %d and %d", n, of, all, hers)
		}
	}
	renewed := func(shown []uuid.UUID, want int) {
		t.Helper()
		if page := c.list(r, calls.ListInput{Renewed: true, Shown: shown}); len(page.Calls) != want {
			t.Fatalf("%+v", page)
		}
	}
	shown := []uuid.UUID{c.list(r, calls.ListInput{}).Calls[0].ID}
	recorded(1, 1)
	renewed(shown, 1)
	renewed(shown, 1)
	recorded(1, 1)
	c.must(c.call("call-2", "+447700900999").report([]said{{"user", "I ring about parking, please, for tomorrow."}}, ""))
	c.work(r)
	renewed(shown, 2)
	recorded(2, 1)
	renewed(nil, 2) // by whoever has not shown any
	recorded(3, 2)
	c.list(r, calls.ListInput{}) // somebody opens it again
	recorded(4, 3)
}
