package calls_test

import (
	"strings"
	"testing"
	"time"

	"anteroom/domain/calls"
)

// TestACallThatDidSomethingEndsAsThat: nobody is chased for a booking who has just moved theirs.
func TestACallThatDidSomethingEndsAsThat(t *testing.T) {
	t.Parallel()
	ada := func(more args) args {
		more["name"] = "Ada Lovelace"
		return more
	}
	for want, talk := range map[string]func(k *call){
		calls.OutcomeMoved: func(k *call) {
			k.says("Moved", false, "reschedule_appointment", ada(args{"starts_at": "2026-11-24T11:00", "confirmed": true}))
			k.says("Your message", false, "take_message", ada(args{"message": "I shall be a little late."}))
		},
		calls.OutcomeCancelled: func(k *call) {
			k.says("Shall I cancel", true, "cancel_appointment", ada(args{}))
			k.says("Cancelled", false, "cancel_appointment", ada(args{"confirmed": true}))
		},
		calls.OutcomeWaitlist: func(k *call) {
			k.says("You are on the waitlist", false, "join_waitlist", ada(args{"service": "rhinoplasty"}))
		},
		calls.OutcomeMessage: func(k *call) {
			k.says("Your message", false, "take_message", ada(args{"message": "Please ring me."}))
		},
		calls.OutcomeNotBooked: func(k *call) { // nothing of it came to pass
			k.says("That time was just taken", false, "reschedule_appointment", ada(args{"starts_at": "2026-11-24T15:00", "practitioner": "Okafor", "confirmed": true}))
			k.says("Shall I cancel", true, "cancel_appointment", ada(args{}))
		},
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			c := newClinic(t)
			c.call("call-0", "+447700900124").says("Booked", false, "book_appointment", args{"service": "mole-check", "starts_at": "2026-11-24T15:00", "practitioner": "Okafor", "name": "Grace Hopper"})
			c.call("call-1", caller).says("Booked", false, "book_appointment", ada(args{"service": "mole-check", "starts_at": "2026-11-24T09:00", "practitioner": "Okafor"}))
			c.Clock.Advance(time.Minute)
			k := c.call("call-2", caller)
			talk(k)
			if want == calls.OutcomeMoved || want == calls.OutcomeCancelled {
				if v := c.ringing(caller)["lastCallOutcome"]; !strings.HasPrefix(v, want) {
					t.Errorf("the next call hears %q", v)
				}
			}
			c.must(k.report([]said{{"user", "I should like to speak about the appointment that I have."}}, ""))
			r := c.archive()
			c.work(r)
			if n := c.ask(`select count(*)::int from calls where vapi_call_id = 'call-2' and outcome = $1::text`, want); n != 1 {
				t.Errorf("the call did not end as %s", want)
			}
		})
	}
}

// TestABookingThatIsCancelledLaterWasOneAllTheSame: the report comes late, and once more.
func TestABookingThatIsCancelledLaterWasOneAllTheSame(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	r := c.archive()
	k := c.call("call-1", caller)
	k.says("Booked", false, "book_appointment", args{"service": "mole-check", "starts_at": "2026-11-24T09:00", "name": "Ada Lovelace"})
	k.end()
	c.call("call-2", caller).says("Cancelled", false, "cancel_appointment", args{"name": "Ada Lovelace", "confirmed": true})
	for range 2 {
		c.must(k.report(talk, metrics))
		c.work(r)
		if n := c.ask(`select count(*)::int from calls where vapi_call_id = 'call-1' and outcome = 'booked'`); n != 1 {
			t.Error("the call that booked did not end as booked")
		}
	}
}

// TestAReportThatComesAgainDoesNotBlockItsJob: both lock the call before the message, so neither waits for the other in a ring.
func TestAReportThatComesAgainDoesNotBlockItsJob(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	k := c.call("call-1", caller)
	c.must(k.report(talk, metrics))
	message := c.jobs()[0]
	owner, watch := c.Owner(t), c.Owner(t)
	tx, err := owner.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(ctx, `select from calls for no key update`); err != nil { // as the webhook does first
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.digest(c.archive(), message)
	}()
	for waits, until := 0, time.Now().Add(20*time.Second); waits == 0; {
		if err := watch.QueryRow(ctx, `select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`).Scan(&waits); err != nil {
			t.Fatal(err)
		}
		if time.Now().After(until) {
			t.Fatal("the job does not wait for the call")
		}
	}
	if _, err := tx.Exec(ctx, `select from call_inbox where id = $1 for update nowait`, message); err != nil { // and then
		t.Errorf("the job holds the message while it waits for the call: %v", err)
	}
	if err := tx.Rollback(ctx); err != nil {
		t.Fatal(err)
	}
	<-done
	if rec := c.only(c.archive()); len(rec.Turns) != 5 {
		t.Errorf("%d turns were kept", len(rec.Turns))
	}
}
