package calls_test

import (
	"context"
	"fmt"
	"testing"

	"anteroom/domain/calls"
	"anteroom/domain/fault"
	"anteroom/domain/tenancy"
)

const bookedAt = `select count(*)::int from appointments where status = 'booked' and starts_at = $1::text::timestamptz`

// TestAHoldThatIsNamedIsNeverAnother: a parent chooses a time for each of two children, and then books the first.
func TestAHoldThatIsNamedIsNeverAnother(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	k := c.call("call-1", caller)
	first := c.firstID(k.says("Held for", false, "claim_slot", args{"service": "mole-check", "starts_at": "2026-11-24T09:00"}))
	second := c.firstID(k.says("It takes the place of Tuesday the 24th of November at 9 AM, no longer held", false, "claim_slot", args{"service": "mole-check", "starts_at": "2026-11-24T14:00"}))
	k.says("Booked: Mole check on Tuesday the 24th of November at 9 AM", false, "confirm_booking", args{"hold_id": first.String(), "name": "Ada Lovelace"})
	k.says("Booked: Mole check on Tuesday the 24th of November at 2 PM", false, "confirm_booking", args{"hold_id": second.String(), "name": "Byron Lovelace"})
	if n := c.ask(booked); n != 2 {
		t.Errorf("%d are booked", n)
	}
}

func TestATimeGivenBackIsTakenAgainIfItIsFree(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	k := c.call("call-1", caller)
	at := func(clock string) args {
		return args{"service": "rhinoplasty", "starts_at": "2026-11-24T" + clock, "practitioner": "Okafor"}
	}
	first := c.firstID(k.says("Held for", false, "claim_slot", at("09:00")))
	k.says("Held for", false, "claim_slot", at("09:30")) // overlaps the first
	k.says("at 9 AM with Dr Okafor", false, "confirm_booking", args{"hold_id": first.String(), "name": "Ada Lovelace"})
	if n := c.ask(`select count(*)::int from appointments where status = 'pending'`); n != 0 {
		t.Errorf("%d are still held, in the way of what was booked", n)
	}

	gone := c.firstID(k.says("Held for", false, "claim_slot", at("11:00")))
	k.says("given back", false, "release_slot", nil)
	c.call("call-2", "+447700900124").says("Booked", false, "book_appointment", args{"service": "rhinoplasty", "starts_at": "2026-11-24T11:00", "practitioner": "Okafor", "name": "Grace Hopper"})
	k.says("That time was just taken", false, "confirm_booking", args{"hold_id": gone.String(), "name": "Ada Lovelace"})
	if n := c.ask(bookedAt, "2026-11-24 11:00Z"); n != 1 {
		t.Errorf("%d are booked at eleven", n)
	}
}

func TestABookingWithoutATimeIsOfWhatIsHeld(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	k := c.call("call-1", caller)
	k.says("Held for", false, "claim_slot", args{"service": "mole-check", "starts_at": "2026-11-24T09:00"})
	k.says("Which day and time", true, "book_appointment", args{"service": "rhinoplasty", "name": "Ada Lovelace"})
	for _, said := range []string{"Monday or Tuesday at ten", "any day but Tuesday", "purple"} { // a time was said, though none was chosen
		k.says("Which day and time", true, "book_appointment", args{"name": "Ada Lovelace", "service": "mole-check", "day": said})
	}
	k.says("Booked: Mole check on Tuesday the 24th of November at 9 AM", false, "book_appointment", args{"name": "Ada Lovelace"})
}

func TestATimeThatNobodyEverHadIsNotTaken(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	k := c.call("call-1", caller)
	for _, at := range []string{"2026-11-24T08:00", "2026-11-24T09:07", "2026-11-24T12:50"} {
		k.says("We have no appointments at that time. The nearest free times are: ", false, "claim_slot", args{"service": "mole-check", "starts_at": at})
	}
	k.says("Booked", false, "book_appointment", args{"service": "mole-check", "starts_at": "2026-11-24T09:00", "practitioner": "Okafor", "name": "Ada Lovelace"})
	k.says("We have no appointments at that time.", false, "reschedule_appointment", args{"name": "Ada Lovelace", "starts_at": "2026-11-24T03:00", "confirmed": true})
	k.says("That time was just taken.", false, "claim_slot", args{"service": "mole-check", "starts_at": "2026-11-24T09:00", "practitioner": "Okafor", "name": "Grace Hopper"})
}

func TestAMoveSaysWhoWillBeSeenInstead(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	c.call("call-0", "+447700900124").says("Booked", false, "book_appointment", args{"service": "mole-check", "starts_at": "2026-11-24T10:00", "practitioner": "Okafor", "name": "Grace Hopper"})
	k := c.call("call-1", caller)
	k.says("Booked", false, "book_appointment", args{"service": "mole-check", "starts_at": "2026-11-24T09:00", "practitioner": "Okafor", "name": "Ada Lovelace"})
	k.says("to Tuesday the 24th of November at 10 AM, with Dr Lindqvist instead of Dr Okafor?", true, "reschedule_appointment", args{"name": "Ada Lovelace", "starts_at": "2026-11-24T10:00"})
}

func TestANameIsOnePersons(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	k := c.call("call-1", caller)
	book := func(name any) args {
		return args{"service": "mole-check", "starts_at": "2026-11-24T09:00", "name": name}
	}
	for _, name := range []any{"12345", 12345, true, "Mr", "caller", "The Patient", "  ", "John Smith and his wife Mary", "..."} {
		k.says("full name", true, "book_appointment", book(name))
	}
	k.says("Booked", false, "book_appointment", book("Yes, my name is Andy Sandford."))
	if mine := k.says("Mole check", false, "find_my_appointments", args{"name": "Andy Sandford"}); mine == "" {
		t.Error("nothing is booked in that name")
	}
}

// TestAWithheldNumberIsNobodys: carriers send words on a telephone's keys for a line without a number.
func TestAWithheldNumberIsNobodys(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	for i, number := range []string{"+266696687", "266696687", "+7378742833", "+2562533", "+8656696", "+86282452253", "anonymous"} {
		k := c.call(fmt.Sprintf("call-%d", i), number)
		clock := fmt.Sprintf("2026-11-24T%02d:00", 9+i)
		k.says("What phone number", true, "book_appointment", args{"service": "mole-check", "starts_at": clock, "name": "Ada Lovelace"})
		k.says("Booked", false, "book_appointment", args{"service": "mole-check", "starts_at": clock, "name": "Ada Lovelace", "phone": fmt.Sprintf("+4477009002%02d", i)})
	}
	if n := c.ask(`select count(*)::int from calls where caller_token is not null`); n != 0 {
		t.Errorf("%d calls are found again by a number that is none", n)
	}
}

func TestOneForeignIDIsEnough(t *testing.T) {
	t.Parallel()
	db := newClinic(t)
	other := addClinic(t, db.Database, db.vault, "vs_test_two")
	agent := func(c *clinic, a calls.Agent) {
		a.Name, a.Direction = "Mia", calls.Inbound
		c.in(func(ctx context.Context, tx *tenancy.Tx) error { _, err := calls.AddAgent(ctx, tx, a); return err })
		c.board.Lost()
	}
	agent(db, calls.Agent{VapiAssistantID: "assistant-ours"})
	agent(other, calls.Agent{VapiAssistantID: "assistant-theirs", VapiPhoneID: "phone-theirs"})
	db.must(`{"message":{"type":"status-update","status":"in-progress","call":{"id":"a","assistantId":"assistant-ours","phoneNumberId":"phone-new"}}}`)
	for _, foreign := range []string{
		`{"message":{"type":"status-update","status":"in-progress","call":{"id":"b","assistantId":"assistant-ours","phoneNumberId":"phone-theirs"}}}`,
		`{"message":{"type":"status-update","status":"in-progress","call":{"id":"b","assistantId":"assistant-ours"},"assistant":{"id":"assistant-theirs"}}}`,
		`{"message":{"type":"status-update","status":"in-progress","call":{"id":"b","assistantId":"assistant-ours","phoneNumberId":"phone-new"},"phoneNumber":{"id":"phone-theirs"}}}`,
	} {
		if _, err := db.send(foreign); !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s: %v", foreign, err)
		}
	}
	if n := db.ask(`select count(*)::int from calls where vapi_call_id = 'b'`); n != 0 {
		t.Error("a refused call was kept")
	}
}
