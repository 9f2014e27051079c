package calls_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"anteroom/domain/calls"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
)

func (c *clinic) waiting() (list []scheduling.WaitEntry) {
	c.t.Helper()
	c.in(func(ctx context.Context, tx *tenancy.Tx) (err error) {
		list, err = c.desk.Waitlist(ctx, tx)
		return err
	})
	return list
}

func (c *clinic) messages() (list []calls.LeftMessage) {
	c.t.Helper()
	c.in(func(ctx context.Context, tx *tenancy.Tx) (err error) {
		list, err = c.board.Messages(ctx, tx)
		return err
	})
	return list
}

func TestACallerJoinsTheWaitlistOnce(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	k := c.call("call-1", caller)
	k.says("full name", true, "join_waitlist", args{"service": "mole-check"})
	k.says("What is the appointment for", true, "join_waitlist", args{"name": "Ada Lovelace"})
	for range 2 {
		k.says("You are on the waitlist for Mole check, on Mondays or Tuesdays, in the morning, from Thursday the 3rd of December. We will ring you", false, "join_waitlist",
			args{"service": "mole check", "name": "Ada Lovelace", "preferred": "Monday or Tuesday mornings, not before the 3rd", "practitioner": "Okafor", "phone": "+15555555555"})
	}
	k.says("on the waitlist", false, "join_waitlist", args{"service": "mole check", "name": "Ben Lovelace"})
	list := c.waiting()
	if len(list) != 2 {
		t.Fatalf("%d wait", len(list))
	}
	w := list[0]
	if w.Caller.Name != "Ada Lovelace" || w.Caller.Phone != caller || w.Service != "Mole check" || w.Practitioner != "Dr Okafor" || w.CallID == nil || w.PatientID != nil ||
		strings.Join(w.Days, " ") != "mon tue" || strings.Join(w.Parts, " ") != "morning" || w.FromDate.Format("2006-01-02") != "2026-12-03" || w.UntilDate != nil {
		t.Errorf("%+v", w)
	}
	c.in(func(ctx context.Context, tx *tenancy.Tx) error { return c.desk.LeaveWaitlist(ctx, tx, w.ID) })
	if n := len(c.waiting()); n != 1 {
		t.Errorf("%d wait after one has left", n)
	}
	web := c.call("call-2", "")
	web.says("What phone number", true, "join_waitlist", args{"service": "mole check", "name": "Cleo Ash"})
	for _, made := range []string{"1234567", "0000000", "+441", "0000 000 0000", "0207946"} {
		web.says("What phone number", true, "join_waitlist", args{"service": "mole check", "name": "Cleo Ash", "phone": made})
		web.says("What phone number", true, "take_message", args{"message": "Please ring me", "phone": made})
	}
	web.says("on the waitlist", false, "join_waitlist", args{"service": "mole check", "name": "Cleo Ash", "phone": "+447700900177"})
}

func TestWhenSomebodyCouldComeIsKeptAndSaidAgain(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	for i, x := range []struct{ said, words, codes string }{
		{"Monday or Tuesday mornings, not before the 3rd", "on Mondays or Tuesdays, in the morning, from Thursday the 3rd of December", "mon tue morning 2026-12-03"},
		{"any day but Tuesday", "not on Tuesdays", "mon wed thu fri sat sun"},
		{"not on Mondays", "not on Mondays", "tue wed thu fri sat sun"},
		{"after 3pm", "after 3 PM", ""},
		{"before 10am", "before 10 AM", ""},
		{"between 2 and 4 on Fridays", "on Fridays, between 2 PM and 4 PM", "fri"},
		{"before 3/4/2027 evenings", "in the evening, until Friday the 2nd of April 2027", "evening 2027-04-02"},
		{"any time except mornings", "not in the morning", "afternoon evening"},
		{"anything but Tuesday mornings", "not on Tuesdays in the morning", ""},
		{"Mondays after 3 or Fridays before 10", "on Mondays after 3 PM or on Fridays before 10 AM", "mon fri"},
		{"weekday evenings", "on weekdays, in the evening", "mon tue wed thu fri evening"},
		{"weekends", "at weekends", "sat sun"},
		{"Saturdays but not before 11", "on Saturdays, after 11 AM", "sat"},
		{"the 3rd of December", "on Thursday the 3rd of December", "2026-12-03 2026-12-03"},
		{"next week in the afternoon", "in the afternoon, from Monday the 23rd of November, until Sunday the 29th of November", "afternoon 2026-11-23 2026-11-29"},
		{"from the 3rd until the 10th, mornings", "in the morning, from Thursday the 3rd of December, until Thursday the 10th of December", "morning 2026-12-03 2026-12-10"},
		{"Mondays, from the 3rd", "on Mondays, from Thursday the 3rd of December", "mon 2026-12-03"},
		{"after work", "in the evening", "evening"},
		{"whenever", "", ""},
		{"", "", ""},
	} {
		k := c.call(fmt.Sprint("call-", i), fmt.Sprintf("+4477009002%02d", i))
		words := "for Mole check"
		if x.words != "" {
			words += ", " + x.words
		}
		k.says("You are on the waitlist "+words+". We will ring you", false, "join_waitlist", args{"service": "mole check", "name": "Ada Lovelace", "preferred": x.said})
		list := c.waiting()
		if w := list[len(list)-1]; w.Words != x.words || codesOf(w) != x.codes {
			t.Errorf("%q is kept as %q, codes %q, want %q", x.said, w.Words, codesOf(w), x.codes)
		}
	}
	k := c.call("call-lists", caller)
	k.says("on Mondays or Tuesdays. We", false, "join_waitlist", args{"service": "mole check", "name": "Ada Lovelace", "preferred": []string{"Monday", "Tuesday"}})
	k.says("for Mole check, on Fridays. We", false, "join_waitlist", args{"service": "mole check", "name": "Ada Lovelace", "preferred": "rather Fridays"})
	if list := c.waiting(); list[len(list)-1].Words != "on Fridays" || len(list) != 21 {
		t.Errorf("%d wait, the last %q", len(list), list[len(list)-1].Words)
	}
	for said, want := range map[string]string{"31st of February": "Which days or times", "last Friday": "has passed", "when the tide is out": "Which days or times"} {
		k.says(want, true, "join_waitlist", args{"service": "rhinoplasty", "name": "Ada Lovelace", "preferred": said})
	}
}

func codesOf(w scheduling.WaitEntry) string {
	codes := slices.Concat(w.Days, w.Parts)
	for _, day := range []*time.Time{w.FromDate, w.UntilDate} {
		if day != nil {
			codes = append(codes, day.Format(time.DateOnly))
		}
	}
	return strings.Join(codes, " ")
}

func TestAMessageIsTakenOnceAndSealed(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	k := c.call("call-1", caller)
	k.says("Booked", false, "book_appointment", args{"service": "mole-check", "starts_at": "2026-11-24T09:00", "name": "Ada Lovelace"})
	k.says("What would you like me to tell", true, "take_message", args{"name": "Ada Lovelace"})
	for range 2 {
		k.says("Your message has been taken", false, "take_message", args{"message": "The wound weeps\nand is warm", "name": "ada lovelace", "about": "Results", "urgent": "yes"})
	}
	k.says("Your message has been taken", false, "take_message", args{"message": "Please ring after five", "about": "nonsense"})
	list := c.messages()
	if len(list) != 2 {
		t.Fatalf("%d messages", len(list))
	}
	if m := list[0]; m.Left.Words != "The wound weeps and is warm" || m.Left.Phone != caller || !m.Urgent || m.About != "results" || m.PatientID == nil {
		t.Errorf("%+v", m)
	}
	if m := list[1]; m.About != "other" || m.Urgent || m.PatientID != nil {
		t.Errorf("%+v", m)
	}
	for _, table := range []string{"call_messages", "waitlist_entries", "audit_events", "tool_calls"} {
		if n := c.ask(`select count(*)::int from ` + table + ` x where x::text ilike '%weeps%' or x::text like '%' || encode('weeps', 'hex') || '%' or x::text like '%7700900%'`); n != 0 {
			t.Errorf("%s holds what was said in the clear", table)
		}
	}
	// Erasing the patient erases what they said.
	c.in(func(ctx context.Context, tx *tenancy.Tx) error {
		_, err := tx.Exec(ctx, `update patients set wrapped_key = null`)
		return err
	})
	if m := c.messages()[0]; m.Left.Words != "" || m.Left.Name != "Erased patient" {
		t.Errorf("of an erased patient it says %+v", m)
	}
	c.in(func(ctx context.Context, tx *tenancy.Tx) error { return calls.DoneWith(ctx, tx, list[1].ID) })
	if n := len(c.messages()); n != 1 {
		t.Errorf("%d messages after one is done", n)
	}
}

func TestToolsWithoutACallWorkTogetherAndOnce(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	const body = `{"message":{"timestamp":1763784228993,"type":"tool-calls","toolCallList":[
		{"id":"a","function":{"name":"claim_slot","arguments":{"service":"mole-check","starts_at":"2026-11-24T09:00"}}},
		{"id":"b","function":{"name":"confirm_booking","arguments":{"name":"Ada Lovelace","phone":"+447700900123"}}}]}}`
	first := c.must(body)
	if len(first.Results) != 2 || !strings.HasPrefix(first.Results[1].Result, "Booked") {
		t.Fatalf("%+v", first)
	}
	if again := c.must(body); asJSON(t, again) != asJSON(t, first) {
		t.Errorf("delivered again: %+v", again)
	}
	if n := c.ask(`select count(*)::int from calls where ended_at is null`); n != 0 {
		t.Error("somebody seems to be on the phone")
	}
	c.must(`{"message":{"type":"tool-calls","toolCallList":[{"id":"x","function":{"name":"unheard_of"}}]}}`)
}
