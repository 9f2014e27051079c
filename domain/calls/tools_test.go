package calls_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"anteroom/domain/fault"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
)

const booked = `select count(*)::int from appointments where status = 'booked'`

func TestACallFindsHoldsAndBooks(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	k := c.call("call-1", caller)
	said := k.says("Free times for Rhinoplasty consultation: 1: Tuesday the 24th of November at 9 AM with Dr Okafor [slot ", false, "find_slots", args{"service": "rhinoplasty"})
	if n := strings.Count(said, "[slot "); n != 5 {
		t.Errorf("%d times are offered: %s", n, said)
	}
	slot := c.firstID(said)
	held := k.says("Held for 90 seconds: Rhinoplasty consultation on Tuesday the 24th of November at 9 AM", false, "claim_slot", args{"slot_id": slot.String(), "service": "rhinoplasty"})
	hold := c.firstID(held)
	k.says("What is your full name", true, "confirm_booking", args{"hold_id": hold.String()})
	first := k.says("Booked: Rhinoplasty consultation on Tuesday the 24th of November at 9 AM with Dr Okafor [appointment "+hold.String()+"].", false,
		"confirm_booking", args{"hold_id": "hold " + hold.String(), "name": "Ada Lovelace", "phone": "+15555555555"})
	if again := k.says("Booked", false, "confirm_booking", args{"name": "Ada Lovelace"}); again != first {
		t.Errorf("confirming again said %q", again)
	}
	if again := k.says("Booked", false, "book_appointment", args{"name": "Ada Lovelace", "service": "rhinoplasty", "starts_at": "2026-11-24T09:00"}); again != first {
		t.Errorf("booking the same again said %q", again)
	}
	if n := c.ask(booked); n != 1 {
		t.Errorf("%d appointments", n)
	}
	// The number is the line's, not the one the model made up.
	c.in(func(ctx context.Context, tx *tenancy.Tx) error {
		var patient string
		if err := tx.QueryRow(ctx, `select patient_id::text from appointments where id = $1`, hold).Scan(&patient); err != nil {
			return err
		}
		s, err := c.desk.LoadSchedule(ctx, tx, scheduling.ScheduleInput{From: tuesday, To: tuesday.AddDate(0, 0, 1)})
		if err != nil {
			return err
		}
		for id, p := range s.Patients {
			if id.String() == patient && (p.Phone != caller || p.Name != "Ada Lovelace") {
				t.Errorf("booked for %q on %q", p.Name, p.Phone)
			}
		}
		if len(s.Patients) != 1 {
			t.Errorf("%d patients", len(s.Patients))
		}
		return nil
	})
}

func TestAToolThatIsDeliveredAgainAnswersTheSame(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	k := c.call("call-1", caller)
	const at9, at10 = `{"service":"mole-check","starts_at":"2026-11-24T09:00","name":"Ada Lovelace"}`, `{"name":"Ada Lovelace","service":"mole-check","starts_at":"2026-11-24T10:00"}`
	first, _ := k.repeat("same", "book_appointment", at9)
	for _, form := range []string{at9, ` { "name" : "Ada Lovelace", "starts_at":"2026-11-24T09:00", "service":"mole-check" }`, fmt.Sprintf("%q", at9)} {
		if again, _ := k.repeat("same", "book_appointment", form); again != first {
			t.Errorf("%s answers %q, and first %q", form, again, first)
		}
	}
	if n := c.ask(booked); n != 1 {
		t.Fatalf("%d appointments after the same call", n)
	}
	// A reused id with other arguments is another call.
	if other, failed := k.repeat("same", "book_appointment", at10); failed || other == first || !strings.Contains(other, "10 AM") {
		t.Errorf("other arguments answer %q", other)
	}
	if n := c.ask(booked); n != 2 {
		t.Errorf("%d appointments", n)
	}
	// What was said is said again, also when it would be different by now.
	const at11 = `{"service":"mole-check","starts_at":"2026-11-24T11:00"}`
	free, _ := k.repeat("find", "find_slots", at11)
	c.call("call-2", "+447700900124").says("Booked", false, "book_appointment", args{"service": "mole-check", "starts_at": "2026-11-24T11:00", "practitioner": "Lindqvist", "name": "Grace Hopper"})
	if again, _ := k.repeat("find", "find_slots", at11); again != free {
		t.Errorf("the second delivery says %q, the first %q", again, free)
	}
	if n := c.ask(`select count(*)::int from tool_calls where answer is not null and took_micros > 0 and name = 'book_appointment' and call_id = (select id from calls where vapi_call_id = 'call-1')`); n != 2 {
		t.Errorf("%d answers are kept", n)
	}
}

func TestDeliveriesAtOnceDoItOnce(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	const n = 12
	said := make([]string, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			reply, err := c.send(c.call("call-1", caller).body("same", "book_appointment", `{"service":"mole-check","starts_at":"2026-11-24T09:00","name":"Ada Lovelace"}`))
			if err != nil || len(reply.Results) != 1 {
				said[i] = fmt.Sprint("broken: ", err)
				return
			}
			said[i] = reply.Results[0].Result
		})
	}
	wg.Wait()
	for _, s := range said {
		if s != said[0] || !strings.HasPrefix(s, "Booked: ") {
			t.Errorf("one says %q, another %q", said[0], s)
		}
	}
	if got := c.ask(`select (select count(*) from appointments)::int * 100 + (select count(*) from calls)::int * 10 + (select count(*) from tool_calls)::int`); got != 111 {
		t.Errorf("appointments, calls, tool calls: %d", got)
	}
}

func TestManyCallersGetOneSlot(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	const n = 12
	wins, offers := make([]bool, n), make([]bool, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			k := c.call(fmt.Sprintf("call-%d", i), fmt.Sprintf("+4477009001%02d", i))
			reply, err := c.send(k.body("one", "book_appointment", `{"service":"mole-check","starts_at":"2026-11-24T09:00","practitioner":"Okafor","name":"Ada Lovelace"}`))
			if err != nil {
				t.Error(err)
				return
			}
			said := reply.Results[0].Result
			wins[i] = strings.HasPrefix(said, "Booked: ")
			offers[i] = strings.HasPrefix(said, "That time was just taken. The nearest free times are: 1: Tuesday the 24th of November at 9:15 AM")
			if !wins[i] && !offers[i] {
				t.Errorf("said %q %q", said, reply.Results[0].Error)
			}
		})
	}
	wg.Wait()
	won := 0
	for _, w := range wins {
		if w {
			won++
		}
	}
	if won != 1 || c.ask(booked) != 1 {
		t.Errorf("%d won, %d are booked", won, c.ask(booked))
	}
}

func TestHoldsEndWithTheirCall(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(k *call){
		"status": func(k *call) { k.end() },
		"report": func(k *call) {
			k.c.must(`{"message":{"type":"end-of-call-report","endedReason":"silence-timed-out","endedAt":"2026-11-19T09:00:00.000Z","artifact":{"transcript":"…"},"call":` + k.about() + `}}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClinic(t)
			k, other := c.call("call-1", caller), c.call("call-2", "+447700900124")
			k.says("Held", false, "claim_slot", args{"service": "mole-check", "starts_at": "2026-11-24T09:00", "practitioner": "Okafor"})
			other.says("Held", false, "claim_slot", args{"service": "mole-check", "starts_at": "2026-11-24T11:00"})
			other.says("just taken", false, "claim_slot", args{"service": "mole-check", "starts_at": "2026-11-24T09:00", "practitioner": "Okafor"})
			end(k)
			end(k)
			if n := c.ask(`select count(*)::int from appointments where status = 'pending'`); n != 1 {
				t.Errorf("%d holds are left, want the other call's", n)
			}
			if n := c.ask(`select count(*)::int from calls where vapi_call_id = 'call-1' and ended_at is not null and ended_reason <> ''`); n != 1 {
				t.Error("the call has not ended")
			}
			if n := c.ask(`select count(*)::int from audit_events where action = 'call.ended'`); n != 1 {
				t.Errorf("%d events say that the call ended", n)
			}
			k.says("call has ended", true, "claim_slot", args{"service": "mole-check", "starts_at": "2026-11-24T09:00"})
			other.says("Held", false, "claim_slot", args{"service": "mole-check", "starts_at": "2026-11-24T09:00", "practitioner": "Okafor"})
		})
	}
}

func TestACallHoldsOneTime(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	k := c.call("call-1", caller)
	first := c.firstID(k.says("9 AM", false, "claim_slot", args{"service": "mole-check", "starts_at": "2026-11-24T09:00"}))
	if same := c.firstID(k.says("9 AM", false, "claim_slot", args{"service": "mole check", "time": "9am", "date": "Tuesday"})); same != first {
		t.Error("claiming the held time again made another hold")
	}
	k.says("10 AM", false, "claim_slot", args{"service": "mole-check", "starts_at": "2026-11-24T10:00"})
	if n := c.ask(`select count(*)::int from appointments where status = 'pending'`); n != 1 {
		t.Errorf("%d holds", n)
	}
	k.says("given back", false, "release_slot", nil)
	k.says("Nothing is held", false, "release_slot", nil)
	k.says("Nothing is held", true, "confirm_booking", args{"name": "Ada Lovelace"})
	if n := c.ask(`select count(*)::int from slots where status <> 'free'`); n != 0 {
		t.Errorf("%d slots are not free", n)
	}
}

func TestAHoldThatRanOutIsTakenAgainWhenItIsFree(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	k, other := c.call("call-1", caller), c.call("call-2", "+447700900124")
	claim := args{"service": "mole-check", "starts_at": "2026-11-24T09:00", "practitioner": "Okafor"}
	k.says("Held", false, "claim_slot", claim)
	c.Clock.Advance(2 * time.Minute)
	k.says("Booked", false, "confirm_booking", args{"name": "Ada Lovelace"})

	late := c.call("call-3", "+447700900125")
	claim["starts_at"] = "2026-11-24T10:00"
	late.says("Held", false, "claim_slot", claim)
	c.Clock.Advance(2 * time.Minute)
	other.says("Held", false, "claim_slot", claim)
	late.says("just taken. The nearest free times are", false, "confirm_booking", args{"name": "Grace Hopper"})
}

func TestAHoldThatTheFrontDeskTookIsTheirs(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	k := c.call("call-1", caller)
	claim := args{"service": "mole-check", "starts_at": "2026-11-24T09:00"}
	hold := c.firstID(k.says("Held", false, "claim_slot", claim))
	c.in(func(ctx context.Context, tx *tenancy.Tx) error {
		_, err := c.desk.TakeOver(ctx, tx, hold)
		return err
	})
	k.says("front desk", false, "claim_slot", claim)
	k.says("front desk", false, "confirm_booking", args{"name": "Ada Lovelace"})
	k.says("Nothing is held", false, "release_slot", nil)
	k.end()
	if n := c.ask(`select count(*)::int from appointments where status = 'pending' and source = 'staff'`); n != 1 {
		t.Error("the front desk lost its hold")
	}
}

func TestACallConfirmsOnlyItsOwnHold(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	theirs := c.firstID(c.call("call-1", caller).says("Held", false, "claim_slot", args{"service": "mole-check", "starts_at": "2026-11-24T09:00", "name": "Ada Lovelace"}))
	c.call("call-2", "+447700900124").says("Nothing is held", true, "confirm_booking", args{"hold_id": theirs.String(), "name": "Eve"})
	if n := c.ask(booked); n != 0 {
		t.Error("another call's hold was confirmed")
	}
}

func TestWhatIsMissingIsAskedFor(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	k := c.call("call-1", caller)
	k.says("We offer Mole check and Rhinoplasty consultation.", true, "find_slots", nil)
	k.says("could not find that service", true, "find_slots", args{"service": "tattoo"})
	k.says("Which day would suit you", true, "find_slots", args{"service": "mole check", "day": "when the tide is out"})
	k.says("has passed", true, "find_slots", args{"service": "mole check", "date": "2026-11-01"})
	k.says("For Mole check we have Dr Okafor and Dr Lindqvist", true, "find_slots", args{"service": "mole check", "practitioner": "Dr House"})
	k.says("Which day and time", true, "claim_slot", args{"service": "mole check"})
	k.says("Which day and time", true, "book_appointment", args{"service": "mole check", "slot_id": "0199aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee", "name": "Ada"})
	k.says("full name", true, "book_appointment", args{"service": "mole check", "starts_at": "2026-11-24T09:00", "name": "unknown"})
	k.says("not something I can do", true, "drop_tables", nil)
	web := c.call("call-2", "")
	web.says("phone number", true, "book_appointment", args{"service": "mole check", "starts_at": "2026-11-24T09:00", "name": "Ada Lovelace"})
	web.says("Booked", false, "book_appointment", args{"service": "mole check", "starts_at": "2026-11-24T09:00", "name": "Ada Lovelace", "phone": "07700 900126"})
	web.says("calling from", true, "find_my_appointments", args{"phone": caller})
	if n := c.ask(`select count(*)::int from appointments`); n != 1 {
		t.Errorf("%d appointments, want the one of the web call", n)
	}
}

func TestARefusalLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	c.call("call-1", caller).says("full name", true, "book_appointment", args{"service": "mole-check", "starts_at": "2026-11-24T09:00", "name": "---"})
	if n := c.ask(`select count(*)::int from appointments`) + c.ask(`select count(*)::int from slots where status <> 'free'`); n != 0 {
		t.Errorf("%d rows are left of a booking that was refused", n)
	}
}

func TestTimesAreFoundAsTheyAreAskedFor(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	k := c.call("call-1", caller)
	for want, a := range map[string]args{
		"1: Tuesday the 24th of November at 12 noon":            {"day": "Tuesday", "part_of_day": "afternoon"},
		"3: Tuesday the 24th of November at 10:30 AM":           {"day": "next Tuesday", "time": "10:30"},
		"5: Tuesday the 24th of November at 11:45 AM":           {"day": "2026-11-24", "to": "noon"},
		"1: Tuesday the 24th of November at 4 PM":               {"from": "2026-11-24T16:00:00Z", "to": "2026-11-24T16:15:00Z"},
		"3: Tuesday the 24th of November at 4 PM":               {"time": "16:00"},
		"Nothing is free for Mole check at that time. The next": {"day": "Monday"},
		"with Dr Okafor": {"day": "Tuesday", "practitioner": "okafor"},
	} {
		a["service"] = "mole-check"
		k.says(want, false, "find_slots", a)
	}
	k.says("Nothing is free for Mole check then or later. The soonest free times are: 1: Tuesday the 24th", false, "find_slots", args{"service": "mole check", "day": "2026-11-25"})
}

func TestCallersHearOfTheirOwnAppointmentsOnly(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	k := c.call("call-1", caller)
	id := c.firstID(k.says("Booked", false, "book_appointment", args{"service": "mole-check", "starts_at": "2026-11-24T09:00", "name": "Ada Lovelace"}))
	k.end()

	stranger := c.call("call-2", "+447700900199")
	stranger.says("no coming appointment", false, "find_my_appointments", args{"phone": caller, "name": "Ada Lovelace"})
	stranger.says("no coming appointment", false, "cancel_appointment", args{"appointment_id": id.String(), "confirmed": true, "phone": caller, "name": "Ada Lovelace"})

	again := c.call("call-3", caller)
	said := again.says("1: Mole check on Tuesday the 24th of November at 9 AM with", false, "find_my_appointments", nil)
	if strings.Contains(said, "Ada") {
		t.Errorf("the answer names the patient: %s", said)
	}
	if same := c.firstID(again.says("Booked", false, "book_appointment", args{"service": "mole-check", "starts_at": "2026-11-24T09:00", "name": "ada  lovelace"})); same != id {
		t.Error("ringing again booked the same time twice")
	}
	again.says("Shall I cancel", true, "cancel_appointment", args{"name": "Ada Lovelace"})
	if n := c.ask(booked); n != 1 {
		t.Fatal("it was cancelled before the caller agreed")
	}
	again.says("Cancelled", false, "cancel_appointment", args{"name": "Ada Lovelace", "appointment_id": id.String(), "confirmed": true})
	again.says("no coming appointment", false, "find_my_appointments", args{"again": true})

	again.says("Booked", false, "book_appointment", args{"service": "mole-check", "starts_at": "2026-11-24T10:00", "name": "Ada Lovelace"})
	again.says("Booked", false, "book_appointment", args{"service": "mole-check", "starts_at": "2026-11-24T11:00", "name": "Byron Lovelace"})
	again.says("full name", true, "find_my_appointments", args{"whose": "mine"})
	if said := again.says("11 AM", false, "find_my_appointments", args{"name": "Byron Lovelace"}); strings.Contains(said, "10 AM") {
		t.Errorf("another's appointment is told: %s", said)
	}
	if n := c.ask(`select count(*)::int from audit_events where action = 'appointments.viewed' and cardinality(patients) = 1`); n == 0 {
		t.Error("the views are not recorded")
	}
}

func TestSeveralToolsRunInOrder(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	reply := c.must(`{"message":{"type":"tool-calls","call":` + c.call("call-1", caller).about() + `,"toolCallList":[
		{"id":"a","function":{"name":"claim_slot","arguments":{"service":"mole-check","starts_at":"2026-11-24T09:00"}}},
		{"id":"b","function":{"name":"nonsense","arguments":"not json"}},
		{"id":"c","name":"confirm_booking","parameters":{"patient":{"name":"Ada Lovelace"}}}]}}`)
	if len(reply.Results) != 3 || reply.Results[0].ToolCallID != "a" || reply.Results[1].Error == "" || !strings.HasPrefix(reply.Results[2].Result, "Booked") {
		t.Errorf("%+v", reply.Results)
	}
}

func TestNothingThatIsKeptNamesThePatient(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	k := c.call("call-1", caller)
	k.says("Booked", false, "book_appointment", args{"service": "mole-check", "starts_at": "2026-11-24T09:00", "name": "Ada Lovelace"})
	for _, table := range []string{"calls", "tool_calls", "audit_events", "appointments"} {
		n := c.ask(`select count(*)::int from ` + table + ` x where x::text like '%Lovelace%' or x::text like '%7700900%' or x::text like '%' || encode('Lovelace', 'hex') || '%'
			or x::text like '%' || encode('7700900', 'hex') || '%'`)
		if n != 0 {
			t.Errorf("%s holds the caller in the clear", table)
		}
	}
}

func TestABrokenToolIsToldInWordsAndCanBeTriedAgain(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	k := c.call("call-1", caller)
	owner := c.Owner(t)
	ctx := context.Background()
	if _, err := owner.Exec(ctx, `revoke insert on patients from anteroom_app`); err != nil {
		t.Fatal(err)
	}
	body := k.body("one", "book_appointment", `{"service":"mole-check","starts_at":"2026-11-24T09:00","name":"Ada Lovelace"}`)
	reply, err := c.send(body)
	if err == nil || fault.As(err) != nil {
		t.Errorf("what broke is %v", err)
	}
	if len(reply.Results) != 1 || !strings.Contains(reply.Results[0].Error, "call back") {
		t.Errorf("answered %+v", reply)
	}
	if n := c.ask(`select count(*)::int from appointments`) + c.ask(`select count(*)::int from tool_calls`); n != 0 {
		t.Errorf("%d rows are left behind", n)
	}
	if _, err := owner.Exec(ctx, `grant insert on patients to anteroom_app`); err != nil {
		t.Fatal(err)
	}
	if again := c.must(body); !strings.HasPrefix(again.Results[0].Result, "Booked") {
		t.Errorf("tried again: %+v", again)
	}
}
