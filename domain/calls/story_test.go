package calls_test

import (
	"context"
	"slices"
	"testing"

	"anteroom/domain/calls"
	"anteroom/domain/fault"
	"anteroom/domain/privacy"
	"anteroom/domain/tenancy"
)

// Those who oversee the clinic are told who looked and what others had shown; everybody else only what they had shown themselves.
func TestTheStoryOfACallByRole(t *testing.T) {
	t.Parallel()
	c, r, rec := recorded(t)
	phone := spanOf(t, rec, privacy.Phone)
	for _, role := range []string{"admin", "frontdesk"} {
		if _, err := c.reveal(r, role, phone.ID); err != nil {
			t.Fatal(err)
		}
	}
	c.as("frontdesk", func(tx *tenancy.Tx) error {
		if _, err := r.Get(ctx, tx, rec.ID); err != nil {
			return err
		}
		_, err := r.BreakGlass(ctx, tx, calls.GlassInput{CallID: rec.ID, Reason: calls.Reason{Code: calls.ForEmergency, Words: "line broke"}})
		return err
	})
	for role, want := range map[string]map[string]int{
		"compliance": {calls.StepReveal: 2, calls.StepGlass: 1, "call.viewed": 1}, "frontdesk": {calls.StepReveal: 1, calls.StepGlass: 1}, "clinician": {},
	} {
		c.as(role, func(tx *tenancy.Tx) error {
			steps, err := r.Story(ctx, tx, rec.ID)
			if !slices.IsSortedFunc(steps, func(a, b calls.Step) int { return a.At.Compare(b.At) }) {
				t.Errorf("%s: out of order", role)
			}
			for _, what := range []string{calls.StepReveal, calls.StepGlass, "call.viewed"} {
				n := 0
				for _, s := range steps {
					if s.What == what || s.Detail == what {
						n++
					}
				}
				if n < want[what] || n > want[what] && what != "call.viewed" || want[what] == 0 && n > 0 {
					t.Errorf("%s is told of %d times %s, want %d", role, n, what, want[what])
				}
			}
			return err
		})
	}
}

func TestTheCallOfAnAppointment(t *testing.T) {
	t.Parallel()
	c, r, rec := recorded(t)
	c.in(func(ctx context.Context, tx *tenancy.Tx) error {
		id, err := calls.CallOf(ctx, tx, rec.Appointments[0])
		if err != nil || id == nil || *id != rec.ID {
			t.Errorf("the call is %v, %v", id, err)
		}
		none, err := calls.CallOf(ctx, tx, rec.ID)
		if err != nil || none != nil {
			t.Errorf("of nothing: %v, %v", none, err)
		}
		return nil
	})
	condition := spanOf(t, rec, privacy.Condition)
	for role, mine := range map[string]bool{"admin": true, "frontdesk": false} {
		c.as(role, func(tx *tenancy.Tx) error {
			s, err := r.Hidden(ctx, tx, condition.ID)
			if s.Mine != mine {
				t.Errorf("%s: mine is %v", role, s.Mine)
			}
			return err
		})
	}
	c.refused(fault.Forbidden, "frontdesk", func(tx *tenancy.Tx) error { _, err := r.Misses(ctx, tx, 5); return err })
}
