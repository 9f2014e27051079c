package handlers

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"anteroom/domain/identity"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
)

// overbooker is a browser of somebody at the desk who may overbook.
func (f *front) overbooker() *browser {
	f.t.Helper()
	email := "over-" + uuid.NewString() + "@clinic.example"
	who := f.member(f.Scope, email, identity.FrontDesk)
	f.in(func(ctx context.Context, tx *tenancy.Tx) error {
		return identity.AddMember(ctx, tx, identity.NewMember{Person: who, Role: identity.FrontDesk, MayOverbook: true})
	})
	b := f.browser()
	b.signIn(email)
	return b
}

func (f *front) at(id uuid.UUID) (a scheduling.Appointment) {
	f.t.Helper()
	f.in(func(ctx context.Context, tx *tenancy.Tx) (err error) {
		a, err = scheduling.Get(ctx, tx, id)
		return err
	})
	return a
}

// undoOn finds the way back on a page.
func undoOn(t *testing.T, a answer) string {
	t.Helper()
	_, after, ok := strings.Cut(a.Body, `action="/changes/`)
	if !ok {
		t.Fatalf("nothing to undo on %s", a.Body)
	}
	id, _, _ := strings.Cut(after, `"`)
	return "/changes/" + id
}

func stamp(at time.Time) string { return at.UTC().Format(time.RFC3339) }

func TestMoveByPageAndUndo(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	b := f.as(f.Scope, identity.FrontDesk)
	a := f.book(f.slots[6], "Grace Adeyemi")
	was := "/appointments/" + a.ID.String()
	to := f.okafor.ID.String() + " " + stamp(frontDay.Add(3*time.Hour))

	page := b.get(was+"/move").want(t, 200, "Grace Adeyemi", "Mon 10 March", `name="to" value="`+to+`"`, "<title>Move ·", `value="consult" selected`)
	page.lacks(t, f.chen.ID.String()+" "+stamp(frontDay), "A time that is not in the list")
	b.get(was+"/move?practitioner=&date=2025-03-10").want(t, 200, f.chen.ID.String()+" "+stamp(frontDay))
	b.get(was+"/move?date=2025-03-12").want(t, 200, "Dr Adaeze Okafor has nothing free", "Show anyone’s times")
	b.get(was+"/move?service=check").want(t, 200, "from the same start takes until 10:45", "Keep Mon 10:30")
	b.get(was+"/move?practitioner=x").want(t, 422)

	moved := b.post(was+"/move", "to", to, "seen", a.UpdatedAt.Format(time.RFC3339Nano))
	now := f.newest()
	moved.to(t, "/appointments/"+now.String())
	after := b.get("/appointments/"+now.String()).want(t, 200, "Moved to Mon 12:00 with Dr Okafor.", "Moved from", was, "Moved here", "Undo")
	b.get(was).want(t, 200, "It is now on", "/appointments/"+now.String(), "Moved to another time").lacks(t, was+"/move", was+"/cancel")
	b.get(was+"/move").want(t, 409, "cannot be moved")
	if n := f.recorded("appointment.moved", *a.PatientID); n != 1 {
		t.Errorf("%d moves recorded", n)
	}

	b.post(undoOn(t, after)).to(t, "/schedule?date=2025-03-10")
	b.get(mondayPage).want(t, 200, "Undone.", "It is back at Mon 10:30 with Dr Okafor.")
	if x := f.at(a.ID); x.Status != scheduling.Booked {
		t.Errorf("it is %s", x.Status)
	}
}

func TestUndoIsForAWhileAndForWhoDidIt(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	b, other := f.as(f.Scope, identity.FrontDesk), f.as(f.Scope, identity.Admin)
	b.post("/appointments", with(typed, "slot", f.slots[6].String())...).to(t, mondayPage)
	undo := undoOn(t, b.get(mondayPage).want(t, 200, "Booked Mon 10:30 with Dr Okafor.", `data-undo-for="10"`))
	b.get(mondayPage).lacks(t, "/changes/") // said once
	other.post(undo).want(t, 403, "Somebody else did this.")
	f.db.Clock.Advance(13 * time.Second)
	b.post(undo).to(t, "/schedule")
	b.get("/schedule").want(t, 200, "Not undone.", "The time to undo this is over.")
	b.post("/changes/"+uuid.NewString()+"/undo").want(t, 404)
	f.doctor(f.okafor.ID).post("/changes/x/undo").want(t, 404)
	f.as(f.Scope, identity.Compliance).post(undo).want(t, 403)
	if a := f.at(f.newest()); a.Status != scheduling.Booked {
		t.Errorf("it is %s", a.Status)
	}
}

// On a page that keeps itself up to date, htmx gets what to say and the word that something changed, and the page stays.
func TestMovesOnTheScheduleAnswerInPlace(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	b := f.as(f.Scope, identity.FrontDesk)
	b.get(mondayPage)
	a, taken := f.book(f.slots[6], "Grace Adeyemi"), f.book(f.slots[12], "Marcus Bell")
	post := func(b *browser, path, form string) answer {
		return b.do("POST", path, "_csrf="+b.csrf+"&"+form, "Content-Type", "application/x-www-form-urlencoded", "HX-Request", "true", "HX-Request-Type", "partial",
			"HX-Current-URL", "http://example.com/schedule?date=2025-03-10")
	}
	form := "practitioner=" + f.okafor.ID.String() + "&starts=" + stamp(taken.StartsAt)
	lost := post(b, "/appointments/"+a.ID.String()+"/move", form).want(t, 409, "Dr Okafor is not free at Mon 12:00", `<dialog`, `name="to"`, "the appointment is still on Mon 10 March, 10:30")
	lost.lacks(t, "Marcus", "Overbook", "<html")
	if lost.Header.Get("HX-Retarget") != "#dialogs" {
		t.Errorf("the dialog goes to %q", lost.Header.Get("HX-Retarget"))
	}
	over := f.overbooker()
	over.get(mondayPage)
	post(over, "/appointments/"+a.ID.String()+"/move", form).want(t, 409, "Overbook Mon 12:00", "12:00 to 12:30 (booked)").lacks(t, "Marcus")
	post(b, "/appointments/"+a.ID.String()+"/move", form+"&overbook=yes").want(t, 403)

	moved := post(b, "/appointments/"+a.ID.String()+"/move", "starts="+stamp(frontDay)).want(t, 200, "Moved to Mon 09:00 with Dr Okafor.", "/changes/", `<hx-partial hx-target="#dialogs"`)
	moved.lacks(t, "<html")
	now := f.newest()
	step := post(b, "/appointments/"+taken.ID.String()+"/arrive", "").want(t, 409, "Nothing was changed.")
	if step.Header.Get("HX-Trigger") != "schedule" || step.Header.Get("HX-Retarget") != "#toasts" {
		t.Errorf("headers %v", step.Header)
	}
	f.db.Clock.Set(frontDay)
	arrived := post(b, "/appointments/"+now.String()+"/arrive", "").want(t, 200, "Marked as arrived.", "Undo")
	post(b, undoOn(t, arrived), "").want(t, 200, "Undone.", "It is booked again.")
	if x := f.at(now); x.Status != scheduling.Booked {
		t.Errorf("it is %s", x.Status)
	}
}

func TestAMoveThatLost(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	b, over := f.as(f.Scope, identity.FrontDesk), f.overbooker()
	a, taken := f.book(f.slots[6], "Grace Adeyemi"), f.book(f.slots[12], "Marcus Bell")
	move := "/appointments/" + a.ID.String() + "/move"
	b.get(move)
	b.post(move, "practitioner", f.okafor.ID.String(), "starts", stamp(taken.StartsAt)).want(t, 409, "Dr Okafor is not free at Mon 12:00.", "Nothing was moved.", "The next free times", `name="to"`).lacks(t, "Marcus", "Or overbook")
	b.post(move, "starts", "soon").want(t, 422, "This is not a time")
	b.post(move, "practitioner", f.chen.ID.String(), "service", "check").want(t, 422, "Dr Bo Chen does not offer this service.")
	over.get(move).want(t, 200, "A time that is not in the list")
	over.post(move, "practitioner", f.okafor.ID.String(), "day", "2025-03-10", "time", "noon", "overbook", "yes").want(t, 422, "Give a time such as 14:45.")
	over.post(move, "practitioner", f.okafor.ID.String(), "day", "2025-03-30", "time", "01:30", "overbook", "yes").want(t, 422, "The clocks go forward then")
	over.post(move, "practitioner", f.okafor.ID.String(), "day", "2025-03-10", "time", "12:00", "overbook", "yes").want(t, 303)
	now := f.newest()
	if x := f.at(now); !x.Overbooked || !x.StartsAt.Equal(taken.StartsAt) {
		t.Errorf("it is %+v", x)
	}
	over.get("/appointments/"+now.String()).want(t, 200, "Overbooked on purpose")
	// What somebody else did meanwhile is said, with the present state.
	seen := f.at(now).UpdatedAt.Format(time.RFC3339Nano)
	f.db.Clock.Set(frontDay)
	b.post("/appointments/"+now.String()+"/arrive").want(t, 303)
	over.post("/appointments/"+now.String()+"/move", "starts", stamp(frontDay.Add(5*time.Hour)), "seen", seen).want(t, 409, "Somebody changed this appointment while you had it open.")
	over.post("/appointments/"+now.String()+"/cancel", "reason", "duplicate").want(t, 303)
	b.post("/appointments/"+now.String()+"/check-in").want(t, 409, "Nothing was changed.", "Imogen Clarke changed it at ", "; this is how it stands now.", "Cancelled")
	f.doctor(f.okafor.ID).post(move, "starts", stamp(frontDay)).want(t, 403)
	other := frontOn(t, f.db, f.db.DB, "America/New_York", func(*app) {})
	stranger := other.as(other.Scope, identity.Admin)
	stranger.get(move).want(t, 404).lacks(t, "Grace")
	stranger.post(move, "starts", stamp(frontDay)).want(t, 404)
}

// Of many desks that drag into one time, one gets it and the others are told.
func TestMovesAtOnce(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	b := f.as(f.Scope, identity.FrontDesk)
	b.get(mondayPage)
	var wg sync.WaitGroup
	answers := make([]answer, 4)
	for i := range answers {
		a := f.book(f.slots[2*i], "Grace Adeyemi")
		one := &browser{t: t, app: b.app, cookies: map[string]string{"anteroom": b.cookies["anteroom"]}, csrf: b.csrf}
		wg.Go(func() {
			answers[i] = one.post("/appointments/"+a.ID.String()+"/move", "starts", stamp(frontDay.Add(4*time.Hour)))
		})
	}
	wg.Wait()
	won := 0
	for _, a := range answers {
		if a.Status == 303 {
			won++
		} else {
			a.want(t, 409, "is not free at Mon 13:00")
		}
	}
	if won != 1 {
		t.Errorf("%d of four moves into one time", won)
	}
}
