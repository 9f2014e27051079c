package handlers

import (
	"strings"
	"testing"
	"time"

	"anteroom/domain/identity"
	"anteroom/domain/scheduling"
)

// today is a front on the day of its slots, at 9:20: somebody was booked for nine.
func newToday(t *testing.T) (*front, scheduling.Appointment) {
	t.Helper()
	f := newFront(t)
	late := f.book(f.slots[0], "Oda Late")
	f.db.Clock.Set(frontDay.Add(20 * time.Minute))
	return f, late
}

func TestLatePatientIsSeenAndDealtWith(t *testing.T) {
	t.Parallel()
	f, late := newToday(t)
	b := f.as(f.Scope, identity.FrontDesk)
	b.get("/").to(t, "/today")
	page := b.get("/today")
	page.want(t, 200, "Oda Late is late", "20 min", `href="tel:+447700900123"`, "07700 900123", "1<span class=\"vh\"> thing needs you")
	part := b.do("GET", "/today/part", "", "HX-Request", "true")
	part.want(t, 200, "Oda Late is late")
	if strings.Contains(part.Body, "<html") {
		t.Error("the part is a whole page")
	}
	b.post("/appointments/"+late.ID.String()+"/no-show", "back", "/today").to(t, "/today")
	b.get("/today").want(t, 200, "Nothing needs you")
}

// Another window was quicker: the day says so, and nothing is changed.
func TestStaleDayLosesWithWords(t *testing.T) {
	t.Parallel()
	f, late := newToday(t)
	b, other := f.as(f.Scope, identity.FrontDesk), f.as(f.Scope, identity.FrontDesk)
	other.post("/appointments/"+late.ID.String()+"/arrive", "back", "/today").to(t, "/today")
	other.post("/appointments/"+late.ID.String()+"/check-in", "back", "/today").to(t, "/today")
	b.post("/appointments/"+late.ID.String()+"/no-show", "back", "/today").to(t, "/today")
	b.get("/today").want(t, 200, "Nothing was changed.", "Room 1 with Dr Okafor", "/fulfil")
}

func TestEverybodySeesTheirOwnDay(t *testing.T) {
	t.Parallel()
	f, _ := newToday(t)
	f.book(f.others[4], "Ned Next")
	f.as(f.Scope, identity.Compliance).get("/today").want(t, 403)
	clinician := f.as(f.Scope, identity.Clinician)
	page := clinician.get("/today")
	page.want(t, 200, "Oda Late is late", "Ned Next")
	if strings.Contains(page.Body, "900123") || strings.Contains(page.Body, "/no-show") {
		t.Error("a clinician reads the number, or may say that somebody did not come")
	}
	own := f.doctor(f.chen.ID)
	page = own.get("/today")
	page.want(t, 200, "Ned Next", "Your own patients")
	if strings.Contains(page.Body, "Oda Late") {
		t.Error("a practitioner sees another’s patients")
	}
}

// A form that stands on several pages goes back to a page of ours only.
func TestBackLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	f, late := newToday(t)
	f.as(f.Scope, identity.FrontDesk).post("/appointments/"+late.ID.String()+"/arrive", "back", "https://elsewhere.example/").to(t, "/appointments/"+late.ID.String())
}
