package calls_test

import "testing"

const pending = `select count(*)::int from appointments where status = 'pending'`

func TestEachOfAFamilyGetsTheirOwnBooking(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	k := c.call("call-1", caller)
	at9 := func(name string) args {
		return args{"service": "mole-check", "starts_at": "2026-11-24T09:00", "name": name}
	}
	ann := c.firstID(k.says("Booked", false, "book_appointment", at9("Zoë Ash")))
	if ben := c.firstID(k.says("Booked", false, "book_appointment", at9("Ben Ash"))); ben == ann {
		t.Fatal("the second child was told of the first one's booking")
	}
	if same := c.firstID(k.says("Booked", false, "book_appointment", at9("zoe  ash"))); same != ann {
		t.Error("booking the same again made another appointment")
	}
	k.says("just taken", false, "book_appointment", at9("Cleo Ash")) // both practitioners have a child by now
	k.says("just taken", false, "claim_slot", at9("Cleo Ash"))
	k.says("full name", true, "claim_slot", args{"service": "mole-check", "starts_at": "2026-11-24T09:00"})
	k.says("full name", true, "book_appointment", args{"service": "mole-check", "starts_at": "2026-11-24T09:00"})
	k.says("in another name", true, "confirm_booking", args{"hold_id": ann.String(), "name": "Cleo Ash"})
	if n := c.ask(booked)*10 + c.ask(pending); n != 20 {
		t.Errorf("booked and held: %d", n)
	}
}

func TestABookingIsNotLostToAHoldAtItsTime(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	k := c.call("call-1", caller)
	ann := args{"service": "mole-check", "starts_at": "2026-11-24T09:00", "name": "Ann Ash"}
	id := c.firstID(k.says("Booked", false, "book_appointment", ann))
	k.says("Held", false, "claim_slot", args{"service": "mole-check", "starts_at": "2026-11-24T09:00", "name": "Ben Ash"})
	if same := c.firstID(k.says("Booked", false, "book_appointment", ann)); same != id {
		t.Error("the second child's hold was booked for the first")
	}
	k.says("Booked", false, "confirm_booking", args{"name": "Ben Ash"})
	if n := c.ask(booked); n != 2 {
		t.Errorf("%d appointments", n)
	}
}

func TestACallersOwnHoldIsNotInTheirWay(t *testing.T) {
	t.Parallel()
	ask := func(service, at string) args {
		return args{"service": service, "starts_at": "2026-11-24T" + at, "practitioner": "Okafor", "name": "Ada Lovelace"}
	}
	for tool, done := range map[string]string{"claim_slot": "Held for 90 seconds: ", "book_appointment": "Booked: "} {
		t.Run(tool, func(t *testing.T) {
			t.Parallel()
			c := newClinic(t)
			first, second := c.call("call-1", caller), c.call("call-2", "+447700900124")
			first.says("Held", false, "claim_slot", ask("mole-check", "10:00"))
			first.says(done+"Rhinoplasty consultation", false, tool, ask("rhinoplasty", "10:00")) // another service at that time
			second.says("Held", false, "claim_slot", ask("rhinoplasty", "11:00"))
			second.says(done+"Rhinoplasty consultation on Tuesday the 24th of November at 11:15 AM", false, tool, ask("rhinoplasty", "11:15")) // a little later
			if n := c.ask(booked) + c.ask(pending); n != 2 {
				t.Errorf("%d are held or booked", n)
			}
		})
	}
}

func TestARefusalLeavesTheHoldInPlace(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	claim := func(at string) args {
		return args{"service": "mole-check", "starts_at": "2026-11-24T" + at, "practitioner": "Okafor"}
	}
	c.call("call-1", caller).says("Held", false, "claim_slot", claim("09:00"))
	k := c.call("call-2", "+447700900124")
	hold := c.firstID(k.says("Held", false, "claim_slot", claim("10:00")))
	k.says("just taken", false, "claim_slot", claim("09:00"))
	if same := c.firstID(k.says("Booked", false, "confirm_booking", args{"name": "Grace Hopper"})); same != hold {
		t.Error("another hold was booked")
	}
}

func TestAPhoneThatIsSharedTellsAndCancelsByName(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	k := c.call("call-1", caller)
	k.says("Booked", false, "book_appointment", args{"service": "mole-check", "starts_at": "2026-11-24T09:00", "name": "Zoë Ash"})
	husband := args{"name": "Tom Ash", "confirmed": true}
	k.says("no coming appointment", false, "find_my_appointments", husband)
	k.says("no coming appointment", false, "cancel_appointment", husband)
	k.says("full name", true, "cancel_appointment", args{"confirmed": true})
	if n := c.ask(booked); n != 1 {
		t.Fatal("the husband cancelled his wife's appointment")
	}
	k.says("Cancelled", false, "cancel_appointment", args{"name": "zoe ash", "confirmed": true})
}
