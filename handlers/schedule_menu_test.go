package handlers

import (
	"context"
	"maps"
	"slices"
	"testing"
	"time"

	"anteroom/domain/identity"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
	"anteroom/views"
)

// TestTheMenuOffersWhatIsLegal: the schedule's menu is drawn once for all appointments, so it knows the transitions by heart. They are
// those of the database, as the page of an appointment offers them.
func TestTheMenuOffersWhatIsLegal(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	for _, status := range []string{scheduling.Booked, scheduling.Arrived, scheduling.CheckedIn, scheduling.Fulfilled, scheduling.NoShow} {
		f.in(func(ctx context.Context, tx *tenancy.Tx) error {
			begun := scheduling.Appointment{Status: status, StartsAt: frontNow.Add(-time.Hour)}
			next, err := scheduling.NextStates(ctx, tx, begun)
			must(t, err)
			can := actionsOf(identity.Membership{Role: identity.FrontDesk}, begun, next)
			want := map[string]string{}
			for act, may := range map[string]bool{"arrive": can.Arrive, "check-in": can.CheckIn, "fulfil": can.Fulfil, "no-show": can.NoShow} {
				if may {
					want[act] = ""
				}
			}
			if can.Reopen != "" {
				want["reopen"] = can.Reopen
			}
			got := maps.Clone(views.BlockSteps(status))
			if _, moves := got["move"]; moves != slices.Contains([]string{scheduling.Booked, scheduling.Arrived}, status) {
				t.Errorf("%s: can be moved: %v", status, moves)
			}
			delete(got, "move")
			if !maps.Equal(got, want) {
				t.Errorf("%s: the menu offers %v, legal is %v", status, got, want)
			}
			return nil
		})
	}
}
