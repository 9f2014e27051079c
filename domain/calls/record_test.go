package calls_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"anteroom/domain/calls"
	"anteroom/domain/patients"
	"anteroom/domain/privacy"
	"anteroom/domain/tenancy"
)

func TestAnEndReportBecomesACall(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	r := c.archive()
	k := c.call("call-1", caller)
	k.says("Booked", false, "book_appointment", args{"service": "mole-check", "starts_at": "2026-11-24T09:00", "name": "Ada Lovelace"})
	c.must(k.report(talk, metrics))
	c.work(r)

	rec := c.only(r)
	if rec.Outcome != calls.OutcomeBooked || rec.EndedReason != "customer-ended-call" || *rec.CostCents != 4 || rec.RuleSet != "test-1" || rec.Agent != "Ava" {
		t.Errorf("%+v", rec.Call)
	}
	if got := rec.StartedAt.Format("15:04:05.0") + " " + rec.EndedAt.Format("15:04:05.0"); got != "08:58:00.5 08:59:30.0" {
		t.Error(got)
	}
	if rec.Caller != "07••• •••123" {
		t.Errorf("the caller is shown as %q", rec.Caller)
	}
	var lines []string
	for _, turn := range rec.Turns {
		lines = append(lines, fmt.Sprintf("%d %s: %s", *turn.StartsMS, turn.Speaker, turn.Text))
	}
	want := []string{
		"1250 agent: Hello, you have reached the clinic with Dr Okafor.",
		"5250 caller: Hi, this is [PERSON REDACTED], born [DATE_OF_BIRTH REDACTED].",
		"9250 agent: Thank you [PERSON REDACTED]. What is it about?",
		"13250 caller: My [CONDITION REDACTED], and my number is [PHONE REDACTED], or [EMAIL REDACTED].",
		"17250 caller: My NHS number is [NATIONAL_ID REDACTED].",
	}
	if !slices.Equal(lines, want) {
		t.Errorf("turns:\n%s", strings.Join(lines, "\n"))
	}
	if rec.Summary == nil || rec.Summary.Text != "[PERSON REDACTED] asked about her [CONDITION REDACTED]." {
		t.Errorf("summary %+v", rec.Summary)
	}
	if rec.Spans != 9 {
		t.Errorf("%d spans", rec.Spans)
	}
	for _, turn := range rec.Turns {
		for _, s := range turn.Spans {
			if label := turn.Text[s.Starts:s.Ends]; label != "["+s.Kind+" REDACTED]" {
				t.Errorf("%s stands at %q", s.Kind, label)
			}
		}
	}
	if len(rec.Tools) != 1 || rec.Tools[0].Name != "book_appointment" || *rec.Tools[0].StartsMS != 9500 || *rec.Tools[0].EndsMS != 9750 || rec.Tools[0].OwnMS == nil || *rec.Tools[0].OwnMS <= 0 {
		t.Errorf("tools %+v", rec.Tools)
	}
	a := rec.Average
	if a == nil || *a.ModelMS != 1221 || *a.TurnMS != 2227 || a.VoiceMS != nil || a.EndpointingMS != nil || *rec.Interruptions.ByCaller != 2 || rec.Interruptions.ByAgent != nil {
		t.Errorf("averages %+v %+v", a, rec.Interruptions)
	}
	if l := rec.Latencies; len(l) != 2 || *l[0].VoiceMS != 0 || *l[0].EndpointingMS != 454 || l[1].ModelMS != nil || *l[1].TurnMS != 900 {
		t.Errorf("latencies %+v", rec.Latencies)
	}
	if len(rec.Appointments) != 1 || rec.PatientID == nil {
		t.Errorf("appointments %v of patient %v", rec.Appointments, rec.PatientID)
	}
	if n := c.ask(`select count(*)::int from call_inbox where body is not null`); n != 0 {
		t.Errorf("%d raw messages are left", n)
	}
}

// Every order in which the messages of a call may come, each delivered twice, gives the same call.
func TestACallIsTheSameInWhateverOrderItComes(t *testing.T) {
	t.Parallel()
	for name, order := range map[string]string{"as it happened": "stBRe", "report first": "RstBe", "report before the booking": "sRBet", "status after the report": "sBRte",
		"twice": "ssBBRRee", "end first": "eRBs", "report, then everything": "RReeBBss"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClinic(t)
			r := c.archive()
			k := c.call("call-1", caller)
			for _, step := range order {
				switch step {
				case 's':
					c.must(`{"message":{"type":"status-update","status":"in-progress","call":` + k.about() + `}}`)
				case 't':
					c.must(`{"message":{"type":"transcript","role":"user","transcriptType":"final","transcript":"this is Ada Lovelace","timestamp":1763784228993,"call":` + k.about() + `}}`)
				case 'B':
					k.repeat("call_1", "book_appointment", `{"service":"mole-check","starts_at":"2026-11-24T09:00","name":"Ada Lovelace"}`)
				case 'R':
					c.must(k.report(talk, metrics))
					c.work(r)
				case 'e':
					k.end()
				}
			}
			c.work(r)
			rec := c.only(r)
			booked := strings.Index(order, "B") < strings.IndexAny(order, "Re")
			outcome := map[bool]string{true: calls.OutcomeBooked, false: calls.OutcomeNotBooked}[booked]
			if len(rec.Turns) != 5 || rec.Spans != 9 || rec.Outcome != outcome || *rec.CostCents != 4 || len(rec.Latencies) != 2 {
				t.Errorf("%d turns, %d spans, %s", len(rec.Turns), rec.Spans, rec.Outcome)
			}
			if len(rec.Tools) != 1 || rec.Tools[0].At == nil || rec.Tools[0].StartsMS == nil || rec.Tools[0].Failed == booked {
				t.Errorf("tools %+v", rec.Tools)
			}
			if n := c.ask(`select count(*)::int from calls`)*10 + c.ask(`select count(*)::int from call_inbox where kind = 'end-of-call-report'`); n != 11 {
				t.Errorf("calls and reports: %d", n)
			}
			if n := c.ask(`select count(*)::int from call_inbox where body is not null and kind <> 'status-update'`); n != 0 {
				t.Errorf("%d raw messages are left", n)
			}
		})
	}
}

func TestASecondReportOnlyAdds(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	r := c.archive()
	k := c.call("call-1", caller)
	bare := strings.Replace(k.report(nil, ""), `"cost":0.0394,`, "", 1)
	c.must(bare)
	c.work(r)
	if rec := c.only(r); len(rec.Turns) != 0 || rec.CostCents != nil || rec.Average != nil || rec.Outcome != calls.OutcomeAbandoned {
		t.Fatalf("%+v", rec)
	}
	c.must(k.report(talk, metrics))
	c.work(r)
	first := c.only(r)
	if len(first.Turns) != 5 || *first.CostCents != 4 || first.Average == nil || first.Outcome != calls.OutcomeNotBooked {
		t.Fatalf("%+v", first)
	}
	c.must(k.report([]said{{"bot", "Something else."}}, ""))
	c.work(r)
	if again := c.only(r); len(again.Turns) != 5 || spanOf(t, again, privacy.Email).ID != spanOf(t, first, privacy.Email).ID {
		t.Errorf("the turns were replaced: %+v", again.Turns)
	}
}

func TestATranscriptIsTakenAsText(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	r := c.archive()
	k := c.call("call-1", "")
	c.must(`{"message":{"type":"end-of-call-report","call":` + k.about() + `,"transcript":"AI: Hello?\nUser: This is Ada Lovelace, I ring\nabout my asthma.\n\nAI: Of course.\n","cost":"nothing",
		"messages":"none","artifact":[],"performanceMetrics":7,"summary":null,"startedAt":{"seconds":1}}}`)
	c.work(r)
	rec := c.only(r)
	var lines []string
	for _, turn := range rec.Turns {
		lines = append(lines, turn.Speaker+": "+turn.Text)
	}
	if got := strings.Join(lines, "|"); got != "agent: Hello?|caller: This is [PERSON REDACTED], I ring about my [CONDITION REDACTED].|agent: Of course." {
		t.Error(got)
	}
	if rec.CostCents != nil || rec.Average != nil || rec.Summary != nil || rec.Turns[0].StartsMS != nil || rec.Caller != "" || rec.Outcome != calls.OutcomeNotBooked {
		t.Errorf("%+v", rec)
	}
}

// A call whose report never comes is made of what was heard while it went on.
func TestACallWithoutAReportIsNotLost(t *testing.T) {
	t.Parallel()
	piece := func(k *call, at int, role, words string) string {
		return fmt.Sprintf(`{"message":{"type":"transcript","role":%q,"transcriptType":"final","transcript":%q,"timestamp":%d,"call":%s}}`, role, words, 1763784228993+at, k.about())
	}
	conversation := func(k *call, at int, last string) string {
		return fmt.Sprintf(`{"message":{"type":"conversation-update","timestamp":%d,"messages":[{"role":"bot","message":"Hello?","secondsFromStart":1},{"role":"user","message":%q}],"call":%s}}`,
			1763784228993+at, last, k.about())
	}
	for name, deliver := range map[string]func(c *clinic, k *call){
		"pieces": func(c *clinic, k *call) {
			c.must(piece(k, 2000, "user", "This is Ada Lovelace."))
			c.must(piece(k, 0, "assistant", "Hello?"))
			c.must(piece(k, 0, "assistant", "Hello?")) // again
			c.must(strings.Replace(piece(k, 1000, "user", "This is"), `"final"`, `"partial"`, 1))
		},
		"conversation": func(c *clinic, k *call) {
			c.must(conversation(k, 1000, "This is Ada Lovelace."))
			c.must(conversation(k, 0, "This is")) // older, and late
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClinic(t)
			r := c.archive()
			k := c.call("call-1", caller)
			deliver(c, k)
			if n := len(c.jobs()); n != 0 {
				t.Errorf("%d jobs before the end", n)
			}
			k.end()
			c.work(r)
			rec := c.only(r)
			if len(rec.Turns) != 2 || rec.Turns[0].Text != "Hello?" || rec.Turns[1].Text != "This is [PERSON REDACTED]." || rec.RecordedAt == nil {
				t.Errorf("%+v", rec.Turns)
			}
			if n := c.ask(`select count(*)::int from call_inbox where body is not null`); n != 0 {
				t.Errorf("%d raw messages are left", n)
			}
		})
	}
}

func TestMessagesAreKeptSealedAndOnce(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	k := c.call("call-1", caller)
	for range 2 { // presigned addresses differ between deliveries
		c.must(strings.Replace(k.report(talk, `,"phoneNumber":{"twilioAuthToken":"tok-visible","twilioApiSecret":"sec-visible"},"serverUrlSecret":"url-visible",
			"nested":{"deep":[{"server":{"secret":"deep-visible"}}]}`), "recording.wav", uuid.NewString()+".wav", 1))
		c.must(`{"message":{"type":"speech-update","role":"user","status":"started","turn":3,"timestamp":1763784228993,"call":` + k.about() + `}}`)
		c.must(`{"message":{"type":"Ada Lovelace was here","timestamp":1763784228993,"call":` + k.about() + `}}`)
	}
	c.must(`{"message":{"type":"speech-update","role":"user","status":"stopped","turn":4,"timestamp":1763784228993,"call":` + k.about() + `}}`)
	if n := c.ask(`select count(*)::int from call_inbox`); n != 4 {
		t.Errorf("%d messages are kept", n)
	}
	if n := c.ask(`select count(*)::int from call_inbox where kind = 'other'`); n != 1 {
		t.Error("a type that nobody knows is kept by its name")
	}
	var id uuid.UUID
	var sealed []byte
	var keys *privacy.ClinicKeys
	c.in(func(ctx context.Context, tx *tenancy.Tx) (err error) {
		if err := tx.QueryRow(ctx, `select id, body from call_inbox where kind = 'end-of-call-report'`).Scan(&id, &sealed); err != nil {
			return err
		}
		keys, err = c.vault.Clinic(ctx, tx)
		return err
	})
	if strings.Contains(string(sealed), "Ada") {
		t.Error("a message is stored in the clear")
	}
	body := calls.OpenKept(t, keys, id, sealed)
	if !strings.Contains(body, "Ada Lovelace") || strings.Contains(body, "visible") || strings.Contains(body, "storage.example") {
		t.Errorf("kept: %s", body)
	}
	if _, err := keys.Open(privacy.Field{Table: "call_inbox", Column: "body", Row: tenancy.NewID()}, sealed); err == nil {
		t.Error("a message opens in another row")
	}
}

// A job is there if and only if its message is.
func TestTheJobTravelsWithItsMessage(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	k := c.call("call-1", caller)
	c.must(k.report(talk, ""))
	if n := len(c.jobs()); n != 1 {
		t.Fatalf("%d jobs", n)
	}
	err := c.WithClinic(ctx, c.admin, func(tx *tenancy.Tx) error {
		if err := tx.Enqueue(ctx, calls.DigestMessage{Clinic: tx.Clinic(), Message: tenancy.NewID()}, c.Clock.Now()); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `select 1 / 0`)
		return err
	})
	if err == nil || len(c.jobs()) != 1 {
		t.Errorf("a job of a transaction that was undone: %d jobs, %v", len(c.jobs()), err)
	}
}

func TestWhoseCallItIs(t *testing.T) {
	t.Parallel()
	for name, k := range map[string]struct {
		people []string // with the line's number
		said   string   // the name that the tool was told
		want   string
	}{
		"one, no name given":    {[]string{"Grace Hopper"}, "", "Grace Hopper"},
		"one, their name":       {[]string{"Ada Lovelace"}, "ada  lovelace", "Ada Lovelace"},
		"one, another's name":   {[]string{"Grace Hopper"}, "Ada Lovelace", ""},
		"a family, no name":     {[]string{"Ada Lovelace", "Grace Hopper"}, "", ""},
		"a family, one of them": {[]string{"Ada Lovelace", "Grace Hopper"}, "Grace Hopper", "Grace Hopper"},
		"a stranger":            {nil, "Ada Lovelace", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClinic(t)
			r := c.archive()
			ids := map[string]uuid.UUID{}
			for _, p := range k.people {
				ids[p] = c.addPatient(patients.Details{Name: p, Phone: caller})
			}
			report := strings.Replace(c.call("call-1", caller).report(talk, ""), `\"Ada Lovelace\"`, `\"`+k.said+`\"`, 1)
			c.must(report)
			c.work(r)
			rec := c.only(r)
			if got := rec.PatientID; (got == nil) != (k.want == "") || got != nil && *got != ids[k.want] {
				t.Errorf("the call is %v's", got)
			}
			under := map[bool]int{true: 6, false: 0}[rec.PatientID != nil]
			if n := c.ask(`select count(*)::int from call_spans where patient_id is not null`); n < under || (under == 0 && n > 0) {
				t.Errorf("%d spans under a patient's key", n)
			}
			if n := c.ask(`select count(*)::int from calls where caller_key = 'patient'`); (n == 1) != (rec.PatientID != nil) {
				t.Error("the number is not under the patient's key")
			}
			if rec.Caller != "07••• •••123" {
				t.Errorf("the number is shown as %q", rec.Caller)
			}
			// A tool that is late still finds the number, whichever key has it.
			c.call("call-1", caller).says("ended", true, "find_my_appointments", args{})
		})
	}
}

func TestACallerWhoComesToBeKnown(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	r := c.archive()
	c.must(c.call("call-1", caller).report(talk, metrics))
	c.work(r)
	before := c.only(r)
	email := spanOf(t, before, privacy.Email)
	adopt := func() (n int) {
		c.in(func(ctx context.Context, tx *tenancy.Tx) (err error) { n, err = r.AdoptCalls(ctx, tx); return err })
		return n
	}
	if n := adopt(); n != 0 || before.PatientID != nil {
		t.Fatalf("%d calls were adopted by nobody", n)
	}
	other := c.addPatient(patients.Details{Name: "Grace Hopper", Phone: "+447700900999"})
	id := c.addPatient(patients.Details{Name: "Ada Lovelace", Phone: caller, Email: "lovelace@example.org"})
	if n := adopt(); n != 1 || adopt() != 0 {
		t.Fatalf("%d calls were adopted", n)
	}
	after := c.only(r)
	if after.PatientID == nil || *after.PatientID != id || after.Caller != before.Caller {
		t.Errorf("%+v", after.Call)
	}
	if n := c.ask(`select count(*)::int from call_spans where patient_id is null`); n != 0 {
		t.Errorf("%d spans are still under the clinic's key", n)
	}
	if got, err := c.reveal(r, "admin", email.ID); err != nil || got.Words != "ada at example dot org" {
		t.Errorf("%+v %v", got, err)
	}
	var suggested []calls.Suggestion
	var notes []calls.ClinicalNote
	c.in(func(ctx context.Context, tx *tenancy.Tx) (err error) {
		if err := r.AttachPatient(ctx, tx, after.ID, other); err == nil {
			t.Error("a call was given to a second patient")
		}
		if suggested, err = calls.Suggestions(ctx, tx, id); err != nil {
			return err
		}
		notes, err = calls.ClinicalNotes(ctx, tx, id)
		return err
	})
	if len(suggested) != 2 || len(notes) != 1 || notes[0].Count != 2 || !slices.Equal(notes[0].Kinds, []string{"CONDITION"}) {
		t.Errorf("suggested %+v, notes %+v", suggested, notes)
	}
	c.as("frontdesk", func(tx *tenancy.Tx) error {
		return r.DismissSuggestion(ctx, tx, id, suggested[0].SpanID)
	})
	c.refused("conflict", "frontdesk", func(tx *tenancy.Tx) error {
		return r.DismissSuggestion(ctx, tx, id, suggested[0].SpanID)
	})
}
