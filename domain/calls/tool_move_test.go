package calls_test

import (
	"strings"
	"testing"
)

func TestACallerMovesTheirOwnAppointment(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	k := c.call("call-1", caller)
	id := c.firstID(k.says("Booked", false, "book_appointment", args{"service": "rhinoplasty", "starts_at": "2026-11-24T09:00", "practitioner": "Okafor", "name": "Ada Lovelace"})).String()
	k.end()

	stranger := c.call("call-2", "+447700900199")
	stranger.says("no coming appointment", false, "reschedule_appointment", args{"name": "Ada Lovelace", "appointment_id": id, "starts_at": "2026-11-24T11:00", "confirmed": true, "phone": caller})

	again := c.call("call-3", caller)
	again.says("full name", true, "reschedule_appointment", args{"starts_at": "2026-11-24T11:00"})
	again.says("Which day and time", true, "reschedule_appointment", args{"name": "Ada Lovelace"})
	again.says("That time has passed", true, "reschedule_appointment", args{"name": "Ada Lovelace", "starts_at": "2026-11-18T11:00"})
	again.says("We book up to", true, "reschedule_appointment", args{"name": "Ada Lovelace", "starts_at": "2030-11-18T11:00", "confirmed": true})
	again.says("Shall I move your Rhinoplasty consultation from Tuesday the 24th of November at 9 AM to Tuesday the 24th of November at 11 AM?", true, "reschedule_appointment",
		args{"name": "Ada Lovelace", "new_time": "Tuesday at eleven"})
	if n := c.ask(`select count(*)::int from appointments where status = 'booked' and starts_at = '2026-11-24 09:00Z'`); n != 1 {
		t.Fatal("it was moved before the caller agreed")
	}
	said := again.says("Moved: Rhinoplasty consultation is now on Tuesday the 24th of November at 11 AM with Dr Okafor", false, "reschedule_appointment",
		args{"name": "ada lovelace", "new_time": "Tuesday at eleven", "confirmed": true})
	if strings.Contains(said, "Ada") {
		t.Errorf("the answer names the patient: %s", said)
	}
	if same := again.says("Moved", false, "reschedule_appointment", args{"name": "Ada Lovelace", "starts_at": "2026-11-24T11:00", "confirmed": true}); same != said {
		t.Errorf("moving again said %q", same)
	}
	if n := c.ask(booked); n != 1 {
		t.Errorf("%d appointments", n)
	}
	if n := c.ask(`select count(*)::int from slots where starts_at >= '2026-11-24 09:00Z' and starts_at < '2026-11-24 09:45Z' and status = 'free'`); n != 6 {
		t.Errorf("%d quarters of the old time are free", n)
	}
	// A little later, over its own time.
	again.says("Moved: Rhinoplasty consultation is now on Tuesday the 24th of November at 11:15 AM with Dr Okafor", false, "reschedule_appointment",
		args{"name": "Ada Lovelace", "starts_at": "2026-11-24T11:15", "confirmed": true})
}

func TestATakenTimeIsNotMovedTo(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	other := c.call("call-0", "+447700900124")
	other.says("Booked", false, "book_appointment", args{"service": "mole-check", "starts_at": "2026-11-24T10:00", "practitioner": "Okafor", "name": "Grace Hopper"})
	k := c.call("call-1", caller)
	k.says("Booked", false, "book_appointment", args{"service": "mole-check", "starts_at": "2026-11-24T09:00", "practitioner": "Okafor", "name": "Ada Lovelace"})
	if said := k.says("That time was just taken. The nearest free times are: ", false, "reschedule_appointment", args{"name": "Ada Lovelace", "starts_at": "2026-11-24T10:00", "practitioner": "Okafor", "confirmed": true}); strings.Contains(said, "Grace") {
		t.Errorf("another patient is named: %s", said)
	}
	// With nobody named, whoever is free has it.
	k.says("with Dr Lindqvist", false, "reschedule_appointment", args{"name": "Ada Lovelace", "starts_at": "2026-11-24T10:00", "confirmed": true})
	k.says("Booked", false, "book_appointment", args{"service": "mole-check", "starts_at": "2026-11-24T12:00", "name": "Ada Lovelace"})
	k.says("Which appointment should be moved? 1: ", true, "reschedule_appointment", args{"name": "Ada Lovelace", "starts_at": "2026-11-24T15:00", "confirmed": true})
	if n := c.ask(booked); n != 3 {
		t.Errorf("%d appointments", n)
	}
}
