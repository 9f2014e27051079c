package calls_test

import (
	"sync"
	"testing"
	"time"

	"anteroom/domain/calls"
	"anteroom/domain/fault"
	"anteroom/domain/privacy"
	"anteroom/domain/tenancy"
)

// TestAReviewEndsWhatItIsOf: whatever the verdict is, nothing more is seen that nobody would review.
func TestAReviewEndsWhatItIsOf(t *testing.T) {
	t.Parallel()
	for _, verdict := range []string{calls.Justified, calls.NotJustified} {
		t.Run(verdict, func(t *testing.T) {
			t.Parallel()
			c, r, rec := recorded(t)
			condition, national := spanOf(t, rec, privacy.Condition).ID, spanOf(t, rec, privacy.NationalID).ID
			var g calls.GlassBreak
			c.as("frontdesk", func(tx *tenancy.Tx) (err error) {
				g, err = r.BreakGlass(ctx, tx, calls.GlassInput{CallID: rec.ID, Reason: calls.Reason{Code: calls.ForEmergency, Words: "Ambulance asks"}})
				return err
			})
			if _, err := c.reveal(r, "frontdesk", condition); err != nil {
				t.Fatal(err)
			}
			c.Clock.Advance(10 * time.Minute)
			c.as("compliance", func(tx *tenancy.Tx) error { return r.ReviewBreakGlass(ctx, tx, g.ID, verdict, "") })
			if _, err := c.reveal(r, "frontdesk", national); !fault.Is(err, fault.Forbidden) {
				t.Errorf("it is still open after its review: %v", err)
			}
			c.as("compliance", func(tx *tenancy.Tx) error {
				list, err := r.GlassBreaks(ctx, tx)
				if err != nil || len(list) != 1 || list[0].Reveals != 1 || list[0].Open(c.Clock.Now()) || !list[0].Until.Equal(c.Clock.Now()) {
					t.Errorf("%+v, %v", list, err)
				}
				return nil
			})
		})
	}
}

// TestWhatIsShownTwiceInItsMinuteWasShownOnce: the patient reads this list.
func TestWhatIsShownTwiceInItsMinuteWasShownOnce(t *testing.T) {
	t.Parallel()
	c, r, rec := recorded(t)
	phone := spanOf(t, rec, privacy.Phone).ID
	shown := func() int {
		return c.ask(`select count(*)::int from call_reveals`)*100 + c.ask(`select count(*)::int from audit_events where action = 'transcript.revealed'`)
	}
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			if got, err := c.reveal(r, "frontdesk", phone); err != nil || got.Words == "" || !got.Until.Equal(c.Clock.Now().Add(time.Minute)) {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
	wg.Wait()
	if n := shown(); n != 101 {
		t.Errorf("sixteen presses at once: reveals and events %d", n)
	}
	if _, err := c.reveal(r, "admin", phone); err != nil || shown() != 202 {
		t.Errorf("somebody else: %d, %v", shown(), err)
	}
	c.Clock.Advance(time.Minute)
	if _, err := c.reveal(r, "frontdesk", phone); err != nil || shown() != 303 {
		t.Errorf("after its minute: %d, %v", shown(), err)
	}
}
