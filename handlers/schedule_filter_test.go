package handlers

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"anteroom/domain/identity"
	"anteroom/domain/patients"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
)

// TestAServiceLookedForLeavesTheOthersVisible: their time is taken, whatever they are for.
func TestAServiceLookedForLeavesTheOthersVisible(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	f.book(f.slots[2], "Grace Adeyemi")   // a consultation, 09:30 to 10:00
	f.book(f.slots[5], "Marcus Bell")     // 10:15 to 10:45: a quarter is left before
	f.book(f.others[0], "Zara Quillwort") // of Dr Chen, who does no checks
	b := f.as(f.Scope, identity.FrontDesk)
	page := b.get(mondayPage+"&service=check").want(t, 200, "Grace Adeyemi", "Marcus Bell", "Zara Quillwort", "Not for Mole check",
		"/appointments/new?slot="+f.slots[4].String()+"&amp;service=check")
	page.lacks(t, "slot="+f.others[4].String(), "slot="+f.slots[2].String()) // nobody to do it, and taken
	if n := strings.Count(page.Body, " dim\""); n != 3 {
		t.Errorf("%d of 3 appointments for something else step back", n)
	}
	// Half an hour does not fit into the quarter between the two.
	page = b.get(mondayPage+"&service=consult").want(t, 200, "slot="+f.slots[0].String()).lacks(t, "slot="+f.slots[4].String(), " dim\"")
	if strings.Contains(page.Body, "slot="+f.slots[31].String()) { // 16:45, and they go at five
		t.Error("half an hour is offered a quarter before the end")
	}
}

func TestARoomIsLookedFor(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	grace, marcus := f.book(f.slots[2], "Grace Adeyemi"), f.book(f.others[2], "Marcus Bell")
	b := f.as(f.Scope, identity.FrontDesk)
	page := b.get(mondayPage+"&room=room-2&service=consult").want(t, 200, "Marcus Bell", "Dr Bo Chen", "Clear Room", `name="room"`)
	page.lacks(t, "Grace Adeyemi", `<h2><a class="head-link" href="/schedule?date=2025-03-10&amp;practitioner=`+f.okafor.ID.String())
	if n := f.recorded("schedule.viewed", *grace.PatientID); n != 0 {
		t.Errorf("%d views of a patient in another room were recorded", n)
	}
	if n := f.recorded("schedule.viewed", *marcus.PatientID); n != 1 {
		t.Errorf("%d views of the patient who was shown", n)
	}
	page.want(t, 200, "/schedule?date=2025-03-10&amp;room=room-2&amp;service=consult&amp;view=week", `href="/schedule?date=2025-03-10&amp;service=consult"`) // it stays in every address, and one clears it
	b.get(mondayPage+"&room=room-9").want(t, 200, "No such room", "Show everybody")
	b.get(mondayPage+"&room=room-2&practitioner="+f.okafor.ID.String()).want(t, 200, "Nobody is left", "another room")
	b.get("/schedule?view=week&date=2025-03-10&room=room-2").want(t, 200, "Marcus Bell").lacks(t, "Grace Adeyemi")
}

// TestAClosedDayIsSeen in the day, in the week and on the board, also when somebody is still booked.
func TestAClosedDayIsSeen(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	f.book(f.slots[2], "Grace Adeyemi")
	f.in(func(ctx context.Context, tx *tenancy.Tx) error {
		_, err := tx.Exec(ctx, `insert into closures (clinic_id, id, practitioner_id, starts_at, ends_at, reason) values ($1, $2, null, $3, $4, 'Fire alarm test')`,
			tx.Clinic(), tenancy.NewID(), frontDay.Add(-9*time.Hour), frontDay.Add(15*time.Hour))
		must(t, err)
		_, err = tx.Exec(ctx, `update slots set availability = 'blocked', status = case when appointment_id is null then 'busy-unavailable' else status end`)
		return err
	})
	b := f.as(f.Scope, identity.FrontDesk)
	day := b.get(mondayPage).want(t, 200, "Closed: Fire alarm test", "Grace Adeyemi", `class="col is-closed"`)
	if n := strings.Count(day.Body, "is-closed"); n != 2 {
		t.Errorf("%d of 2 columns are closed", n)
	}
	day.lacks(t, "/appointments/new?slot=")
	b.get("/schedule?view=week&date=2025-03-10").want(t, 200, "Closed, 1 booked", `class="col is-closed"`)
	b.get("/schedule?view=week&date=2025-03-10&practitioner=").want(t, 200, `<td class="is-off"><p class="why-off">`, ` class="is-closed"><p class="why-off">`, "Fire alarm test")
}

// TestWhoMayDoWhatIsOnThePage: a clinician's own column is marked, and nothing of it can be moved.
func TestWhoMayDoWhatIsOnThePage(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	booked := f.book(f.slots[2], "Grace Adeyemi")
	f.db.Clock.Set(frontDay.Add(-time.Hour))
	f.in(func(ctx context.Context, tx *tenancy.Tx) error {
		done := f.bookIn(ctx, tx, f.slots[10])
		for _, to := range []string{scheduling.Arrived, scheduling.Fulfilled} {
			_, err := f.desk.Change(ctx, tx, scheduling.Transition{ID: done, To: to})
			must(t, err)
		}
		return nil
	})
	page := f.as(f.Scope, identity.FrontDesk).get(mondayPage).want(t, 200, `id="a-`+booked.ID.String()+`" data-seen="`).lacks(t, "data-mine")
	if n := strings.Count(page.Body, "data-seen="); n != 1 {
		t.Errorf("%d appointments can be moved; the one that is done cannot", n)
	}
	f.doctor(f.okafor.ID).get(mondayPage+"&practitioner=").want(t, 200, "data-mine").lacks(t, "data-seen")
}

func (f *front) bookIn(ctx context.Context, tx *tenancy.Tx, slot uuid.UUID) uuid.UUID {
	f.t.Helper()
	a, err := f.desk.Book(ctx, tx, scheduling.BookInput{SlotID: slot, Service: "consult", Source: scheduling.ByStaff, Patient: patients.Details{Name: "Ada Quill", Phone: "+447700900124"}})
	must(f.t, err)
	return a.ID
}

// TestTheDaySheet is for paper: everybody's list, telephone numbers masked for every role, and each patient's view on record.
func TestTheDaySheet(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	grace := f.book(f.slots[2], "Grace Adeyemi")
	f.book(f.others[2], "Marcus Bell")
	f.hold(f.slots[6])
	b := f.as(f.Scope, identity.FrontDesk)
	page := b.get("/schedule/sheet?date=2025-03-10").want(t, 200, "Dr Adaeze Okafor", "Room 1, 09:00 to 17:00", "09:30 to 10:00", "Grace Adeyemi", "Marcus Bell", "Consultation", "Booked", "•••123", "Held for a caller", "•••418", "1 appointment.")
	page.lacks(t, "900123", "900 123", "Quillfeather", "900418")
	if n := f.recorded("schedule.viewed", *grace.PatientID); n != 1 {
		t.Errorf("%d views recorded", n)
	}
	b.get("/schedule/sheet?date=2025-03-10&room=room-2").want(t, 200, "Marcus Bell", "(Room 2 only)").lacks(t, "Grace Adeyemi")
	b.get("/schedule/sheet?date=2025-03-10&view=week&practitioner=").want(t, 200, "Mon 10 March", "Grace Adeyemi")
	b.get("/schedule/sheet?date=2025-03-12").want(t, 200, "Nobody works then")
	f.doctor(f.okafor.ID).get("/schedule/sheet?date=2025-03-10").want(t, 200, "Grace Adeyemi").lacks(t, "Marcus Bell")
	f.as(f.Scope, identity.Compliance).get("/schedule/sheet?date=2025-03-10").want(t, 403).lacks(t, "Grace")
}
