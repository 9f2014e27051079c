package scheduling_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"anteroom/domain/fault"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
	"anteroom/domain/tenancy/tenancytest"
)

func wantFault(t *testing.T, err error, kind fault.Kind, code string) *fault.Fault {
	t.Helper()
	f := fault.As(err)
	if f == nil || f.Kind != kind || (code != "" && f.Code != code) {
		t.Fatalf("got %v, want a fault %s %s", err, kind, code)
	}
	return f
}

func TestClaimTakesEverySlotTheServiceNeeds(t *testing.T) {
	t.Parallel()
	c := newClinic(t, tenancytest.NewWithClock(t, at(8, 0)), 2)
	hold, err := c.claim(c.slot(0, 2), "s45", 0)
	if err != nil {
		t.Fatal(err)
	}
	if !hold.StartsAt.Equal(at(9, 30)) || !hold.EndsAt.Equal(at(10, 15)) || !hold.ExpiresAt.Equal(at(8, 0).Add(90*time.Second)) {
		t.Errorf("hold is %+v", hold)
	}
	for i, want := range []string{"free", "free", "busy-tentative", "busy-tentative", "busy-tentative", "free"} {
		if got := c.status(t, c.slot(0, i)); got != want {
			t.Errorf("slot %d is %s, want %s", i, got, want)
		}
	}
	a, again, err := c.confirm(hold.ID)
	if err != nil || again || a.Status != scheduling.Booked || a.ID != hold.ID || a.PatientID == nil {
		t.Fatalf("confirm: %+v %v %v", a, again, err)
	}
	if got := c.status(t, c.slot(0, 4)); got != scheduling.Busy {
		t.Errorf("after the confirmation the slot is %s", got)
	}
	if b, again, err := c.confirm(hold.ID); err != nil || !again || b.ID != a.ID {
		t.Errorf("confirming again: %+v %v %v", b, again, err)
	}
}

func TestALostRaceNamesTheNearestFreeTimes(t *testing.T) {
	t.Parallel()
	c := newClinic(t, tenancytest.NewWithClock(t, at(8, 0)), 1)
	if _, err := c.claim(c.slot(0, 8), "s30", 0); err != nil { // 11:00 to 11:30
		t.Fatal(err)
	}
	for _, slot := range []int{8, 9, 7} { // the same, the second half, an overlap from before
		_, err := c.claim(c.slot(0, slot), "s30", 0)
		f := wantFault(t, err, fault.Conflict, "slot-taken")
		next := f.Detail.(scheduling.Alternatives).Next
		if len(next) == 0 {
			t.Fatal("no next times")
		}
		for _, n := range next {
			if n.StartsAt.Before(at(11, 30)) && n.EndsAt.After(at(11, 0)) {
				t.Errorf("%s to %s is offered, and taken", n.StartsAt, n.EndsAt)
			}
			if d := n.StartsAt.Sub(at(11, 0)).Abs(); d > time.Hour+15*time.Minute {
				t.Errorf("%s is not near 11:00", n.StartsAt)
			}
		}
	}
	if _, err := c.claim(c.slot(0, 10), "s30", 0); err != nil {
		t.Errorf("a touching slot cannot be claimed: %v", err)
	}
}

func TestWhatCannotBeClaimed(t *testing.T) {
	t.Parallel()
	db := tenancytest.NewWithClock(t, at(12, 0))
	c, other := newClinic(t, db, 1), newClinic(t, db, 1)
	_, err := c.claim(tenancy.NewID(), "s15", 0)
	wantFault(t, err, fault.NotFound, "slot-unknown")
	_, err = c.claim(other.slot(0, 20), "s15", 0)
	wantFault(t, err, fault.NotFound, "slot-unknown")
	_, err = c.claim(c.slot(0, 0), "s15", 0)
	wantFault(t, err, fault.Expired, "slot-past")
	_, err = c.claim(c.slot(0, 20), "nothing", 0)
	wantFault(t, err, fault.Invalid, "")
	_, err = c.claim(c.slot(0, 20), "s15", 301)
	wantFault(t, err, fault.Invalid, "")
	_, err = c.claim(c.slot(0, 31), "s30", 0) // the day ends before the service does
	wantFault(t, err, fault.Conflict, "slot-taken")
	c.in(t, func(ctx context.Context, tx *tenancy.Tx) error {
		_, err := tx.Exec(ctx, `delete from practitioner_services where service_id = (select id from services where slug = 's60')`)
		return err
	})
	_, err = c.claim(c.slot(0, 20), "s60", 0)
	wantFault(t, err, fault.Invalid, "")
	for i := 12; i < 32; i++ {
		if got := c.status(t, c.slot(0, i)); got != scheduling.Free {
			t.Errorf("slot %d is %s after claims that failed", i, got)
		}
	}
}

func TestAnEndedHoldIsFree(t *testing.T) {
	t.Parallel()
	db := tenancytest.NewWithClock(t, at(8, 0))
	c := newClinic(t, db, 1)
	first, err := c.claim(c.slot(0, 0), "s45", 10)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.claim(c.slot(0, 1), "s15", 0); fault.As(err) == nil {
		t.Fatal("a live hold's slot was claimed")
	}
	db.Clock.Advance(11 * time.Second)
	second, err := c.claim(c.slot(0, 1), "s15", 60) // the middle one of three
	if err != nil {
		t.Fatalf("an ended hold's slot cannot be claimed: %v", err)
	}
	_, _, err = c.confirm(first.ID)
	f := wantFault(t, err, fault.Expired, "hold-ended")
	for _, n := range f.Detail.(scheduling.Alternatives).Next {
		if n.StartsAt.Equal(second.StartsAt) {
			t.Error("the second holder's time is offered to the first")
		}
	}
	c.in(t, func(ctx context.Context, tx *tenancy.Tx) error { _, err := scheduling.Sweep(ctx, tx); return err })
	for i, want := range []string{"free", "busy-tentative", "free"} {
		if got := c.status(t, c.slot(0, i)); got != want {
			t.Errorf("slot %d is %s, want %s", i, got, want)
		}
	}
	if _, _, err := c.confirm(second.ID); err != nil {
		t.Errorf("the second holder cannot confirm: %v", err)
	}
}

func TestConfirmAfterTheEndIsExpiredEvenIfNobodyCame(t *testing.T) {
	t.Parallel()
	db := tenancytest.NewWithClock(t, at(8, 0))
	c := newClinic(t, db, 1)
	hold, err := c.claim(c.slot(0, 0), "s15", 10)
	if err != nil {
		t.Fatal(err)
	}
	db.Clock.Advance(10 * time.Second)
	_, _, err = c.confirm(hold.ID)
	f := wantFault(t, err, fault.Expired, "hold-ended")
	if next := f.Detail.(scheduling.Alternatives).Next; len(next) == 0 || next[0].ID != c.slot(0, 0) {
		t.Errorf("the slot itself is free again and not offered: %v", next)
	}
}

func TestExtendOnce(t *testing.T) {
	t.Parallel()
	db := tenancytest.NewWithClock(t, at(8, 0))
	c := newClinic(t, db, 1)
	hold, err := c.claim(c.slot(0, 0), "s15", 10)
	if err != nil {
		t.Fatal(err)
	}
	extend := func() (h scheduling.Hold, err error) {
		err = c.try(func(ctx context.Context, tx *tenancy.Tx) (err error) {
			h, err = c.desk.Extend(ctx, tx, scheduling.ExtendInput{HoldID: hold.ID, Seconds: 60})
			return err
		})
		return h, err
	}
	db.Clock.Advance(5 * time.Second)
	longer, err := extend()
	if err != nil || !longer.ExpiresAt.Equal(at(8, 0).Add(65*time.Second)) {
		t.Fatalf("extended to %s, %v", longer.ExpiresAt, err)
	}
	_, err = extend()
	wantFault(t, err, fault.Conflict, "hold-extended-before")
	db.Clock.Advance(50 * time.Second)
	if _, _, err := c.confirm(hold.ID); err != nil {
		t.Errorf("an extended hold cannot be confirmed: %v", err)
	}
}

func TestReleaseAndTheEndOfTheCall(t *testing.T) {
	t.Parallel()
	c := newClinic(t, tenancytest.NewWithClock(t, at(8, 0)), 1)
	hold, err := c.claim(c.slot(0, 0), "s30", 0)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time changes nothing
		if err := c.release(hold.ID); err != nil {
			t.Fatal(err)
		}
	}
	if got := c.status(t, c.slot(0, 1)); got != scheduling.Free {
		t.Errorf("a released slot is %s", got)
	}
	_, _, err = c.confirm(hold.ID)
	wantFault(t, err, fault.Expired, "hold-ended")

	onCall, err := c.desk.ClaimNow(context.Background(), c.DB, c.Scope, scheduling.ClaimInput{SlotID: c.slot(0, 4), Service: "s15", CallID: "call-1", Source: scheduling.ByAgent})
	if err != nil {
		t.Fatal(err)
	}
	c.in(t, func(ctx context.Context, tx *tenancy.Tx) error {
		n, err := c.desk.ReleaseCall(ctx, tx, "call-1")
		if n != 1 {
			t.Errorf("%d holds released", n)
		}
		return err
	})
	if got := c.status(t, c.slot(0, 4)); got != scheduling.Free {
		t.Errorf("after the call the slot is %s", got)
	}
	_, _, err = c.confirm(onCall.ID)
	wantFault(t, err, fault.Expired, "hold-ended")
}

func TestAHoldWithoutAPatientAsksForOne(t *testing.T) {
	t.Parallel()
	c := newClinic(t, tenancytest.NewWithClock(t, at(8, 0)), 1)
	hold, err := c.desk.ClaimNow(context.Background(), c.DB, c.Scope, scheduling.ClaimInput{SlotID: c.slot(0, 4), Service: "s15", Source: scheduling.ByAPI})
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = c.confirm(hold.ID)
	if f := wantFault(t, err, fault.Invalid, "patient-missing"); len(f.Fields) != 2 {
		t.Errorf("fields: %v", f.Fields)
	}
	if got := c.status(t, c.slot(0, 4)); got != scheduling.Held {
		t.Errorf("asking ended the hold: %s", got)
	}
}

func TestLegalTransitionsOnly(t *testing.T) {
	t.Parallel()
	c := newClinic(t, tenancytest.NewWithClock(t, at(8, 0)), 1)
	hold, err := c.claim(c.slot(0, 0), "s15", 0)
	if err != nil {
		t.Fatal(err)
	}
	wantFault(t, c.change(hold.ID, scheduling.Arrived), fault.Conflict, "still-held")
	if _, _, err := c.confirm(hold.ID); err != nil {
		t.Fatal(err)
	}
	wantFault(t, c.change(hold.ID, scheduling.Fulfilled), fault.Conflict, "illegal-transition")
	for _, to := range []string{scheduling.Arrived, scheduling.CheckedIn, scheduling.Fulfilled} {
		if err := c.change(hold.ID, to); err != nil {
			t.Fatalf("%s: %v", to, err)
		}
	}
	wantFault(t, c.change(hold.ID, scheduling.Cancelled), fault.Conflict, "illegal-transition")
	c.in(t, func(ctx context.Context, tx *tenancy.Tx) error {
		steps, err := scheduling.History(ctx, tx, hold.ID)
		if len(steps) != 5 || steps[4].ToStatus != scheduling.Fulfilled || steps[0].ToStatus != scheduling.Pending {
			t.Errorf("history: %+v", steps)
		}
		return err
	})
	if err := c.try(func(ctx context.Context, tx *tenancy.Tx) error { // not even past the code
		_, err := tx.Exec(ctx, `update appointments set status = 'booked'`)
		return err
	}); err == nil {
		t.Error("the database let a finished appointment become booked")
	}
}

// TestNobodyComesBeforeTheDay: the clinic's day, not the server's.
func TestNobodyComesBeforeTheDay(t *testing.T) {
	t.Parallel()
	evening := time.Date(2026, 3, 8, 3, 30, 0, 0, time.UTC) // Saturday, half past ten in New York, and Sunday in London
	c := newCourse(t, "America/New_York", evening, 9*60, 11*60)
	a := c.bookAt(t, 0, c.when(t, "2026-03-08 09:00"), "s30")
	may := func() (states []string) {
		c.practice.in(t, func(ctx context.Context, tx *tenancy.Tx) (err error) {
			states, err = scheduling.NextStates(ctx, tx, a)
			return err
		})
		return states
	}
	for _, to := range []string{scheduling.Arrived, scheduling.CheckedIn, scheduling.NoShow} {
		wantFault(t, c.change(a.ID, to), fault.Conflict, "too-early")
	}
	if got := may(); !slices.Equal(got, []string{"cancelled", "entered-in-error"}) {
		t.Errorf("on the evening before: %v", got)
	}
	c.practice.Clock.Set(c.when(t, "2026-03-08 00:00"))
	wantFault(t, c.change(a.ID, scheduling.NoShow), fault.Conflict, "too-early")
	if got := may(); !slices.Equal(got, []string{"arrived", "cancelled", "checked-in", "entered-in-error"}) {
		t.Errorf("from midnight on: %v", got)
	}
	if err := c.change(a.ID, scheduling.Arrived); err != nil {
		t.Errorf("at midnight: %v", err)
	}
	if err := c.change(a.ID, scheduling.Booked); err != nil {
		t.Fatal(err)
	}
	c.practice.Clock.Set(c.when(t, "2026-03-08 09:00"))
	if err := c.change(a.ID, scheduling.NoShow); err != nil {
		t.Errorf("at its start: %v", err)
	}
	c.practice.Clock.Set(c.when(t, "2026-03-09 10:00"))
	for _, to := range []string{scheduling.Arrived, scheduling.Fulfilled} { // forgotten, and put right on the next day
		if err := c.change(a.ID, to); err != nil {
			t.Errorf("on the next day: %v", err)
		}
	}
}

func TestCancelFreesTheSlots(t *testing.T) {
	t.Parallel()
	c := newClinic(t, tenancytest.NewWithClock(t, at(8, 0)), 1)
	hold, err := c.claim(c.slot(0, 0), "s30", 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.confirm(hold.ID); err != nil {
		t.Fatal(err)
	}
	if err := c.change(hold.ID, scheduling.Cancelled); err != nil {
		t.Fatal(err)
	}
	if _, err := c.claim(c.slot(0, 1), "s15", 0); err != nil {
		t.Errorf("a cancelled time cannot be claimed: %v", err)
	}
}

// TestOneWinner: any number of callers, one slot.
func TestOneWinner(t *testing.T) {
	t.Parallel()
	c := newClinic(t, tenancytest.NewWithClock(t, at(8, 0)), 1)
	c.in(t, func(ctx context.Context, tx *tenancy.Tx) error {
		_, err := c.desk.LoadSchedule(ctx, tx, scheduling.ScheduleInput{From: monday, To: monday.AddDate(0, 0, 1)})
		return err
	})
	const callers = 200
	var wg sync.WaitGroup
	holds := make(chan uuid.UUID, callers)
	start := make(chan struct{})
	for i := range callers {
		wg.Go(func() {
			<-start
			hold, err := c.claim(c.slot(0, 4-i%3), "s45", 0) // three different starts, all of which need the third slot
			if err == nil {
				holds <- hold.ID
			} else if f := fault.As(err); f == nil || f.Code != "slot-taken" {
				t.Errorf("a loser got %v", err)
			}
		})
	}
	close(start)
	wg.Wait()
	close(holds)
	won := []uuid.UUID{}
	for id := range holds {
		won = append(won, id)
	}
	if len(won) != 1 {
		t.Errorf("%d callers won", len(won))
	}
}
