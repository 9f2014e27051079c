package scheduling_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"anteroom/domain/fault"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
	"anteroom/domain/tenancy/tenancytest"
)

func (c *clinic) squeeze(start time.Time, service string) scheduling.BookInput {
	return scheduling.BookInput{PractitionerID: c.practitioners[0], StartsAt: start, Service: service, Patient: ada, Overbook: true}
}

func TestOverbookingNeedsThePermission(t *testing.T) {
	t.Parallel()
	c := newClinic(t, tenancytest.NewWithClock(t, at(8, 0)), 1)
	first := c.bookAt(t, 0, at(9, 0), "s30")
	c.mayOverbook(t, false)
	program := c.as(tenancy.Key)
	for _, desk := range []*clinic{c, program} {
		_, err := desk.book(desk.squeeze(at(9, 0), "s15"))
		wantFault(t, err, fault.Forbidden, "may-not-overbook")
		_, err = desk.move(scheduling.MoveInput{ID: first.ID, StartsAt: at(20, 0), Overbook: true})
		wantFault(t, err, fault.Forbidden, "may-not-overbook")
	}
	c.mayOverbook(t, true)
	a, err := c.book(c.squeeze(at(9, 0), "s15"))
	if err != nil || !a.Overbooked || a.Undo == nil {
		t.Fatalf("%+v, %v", a, err)
	}
	if c.say(t, 0, 3) != "bbf" {
		t.Errorf("it took a slot: %s", c.say(t, 0, 3))
	}
	c.mayOverbook(t, false) // taken away: gone at once
	_, err = c.book(c.squeeze(at(9, 0), "s15"))
	wantFault(t, err, fault.Forbidden, "may-not-overbook")
}

func TestAnOverbookedTimeIsNoNormalTime(t *testing.T) {
	t.Parallel()
	c := newClinic(t, tenancytest.NewWithClock(t, at(8, 0)), 1)
	c.mayOverbook(t, true)
	free, err := c.book(c.squeeze(at(9, 0), "s30"))
	if err != nil || free.Overbooked || c.say(t, 0, 3) != "bbf" {
		t.Fatalf("a free time was overbooked: %+v, %v", free, err)
	}
	over, err := c.book(c.squeeze(at(9, 15), "s30")) // half of it is free, and stays so
	if err != nil || !over.Overbooked || c.say(t, 0, 3) != "bbf" {
		t.Fatalf("%+v, %v, slots %s", over, err, c.say(t, 0, 3))
	}
	late, err := c.book(c.squeeze(at(20, 7), "s15"))
	if err != nil || !late.Overbooked || !late.EndsAt.Equal(at(20, 22)) {
		t.Fatalf("outside of the hours: %+v, %v", late, err)
	}
	_, err = c.book(c.squeeze(at(7, 45), "s15"))
	wantFault(t, err, fault.Expired, "slot-past")
	if _, err = c.book(c.squeeze(at(7, 50), "s15")); err != nil {
		t.Errorf("somebody who walked in a moment ago: %v", err)
	}
	if _, err := c.claim(c.slot(0, 2), "s15", 0); err != nil {
		t.Errorf("the slot under an overbooked appointment cannot be claimed: %v", err)
	}
	for _, slot := range []int{0, 1} {
		_, err := c.claim(c.slot(0, slot), "s15", 0)
		wantFault(t, err, fault.Conflict, "slot-taken")
	}
}

func TestMovesInAndOutOfOverbooking(t *testing.T) {
	t.Parallel()
	c := newClinic(t, tenancytest.NewWithClock(t, at(8, 0)), 1)
	c.mayOverbook(t, true)
	c.bookAt(t, 0, at(9, 0), "s30")
	a := c.bookAt(t, 0, at(10, 0), "s30")
	over, err := c.move(scheduling.MoveInput{ID: a.ID, StartsAt: at(9, 0), Overbook: true})
	if err != nil || !over.Overbooked || c.say(t, 0, 6) != "bbffff" {
		t.Fatalf("%+v, %v, slots %s", over, err, c.say(t, 0, 6))
	}
	c.mayOverbook(t, false)
	shorter, err := c.move(scheduling.MoveInput{ID: over.ID, Service: "s15"})
	if err != nil || !shorter.Overbooked {
		t.Fatalf("shorter where it is: %+v, %v", shorter, err)
	}
	_, err = c.move(scheduling.MoveInput{ID: shorter.ID, Service: "s30"})
	wantFault(t, err, fault.Conflict, "slot-taken")
	normal, err := c.move(scheduling.MoveInput{ID: shorter.ID, StartsAt: at(10, 0)})
	if err != nil || normal.Overbooked || c.say(t, 0, 6) != "bbffbf" {
		t.Fatalf("to a free time: %+v, %v, slots %s", normal, err, c.say(t, 0, 6))
	}
	if done, err := c.undo(normal.Undo); err != nil || !done.Appointments[0].Overbooked || c.say(t, 0, 6) != "bbffff" {
		t.Errorf("undone: %+v, %v, slots %s", done, err, c.say(t, 0, 6))
	}
	if err := c.change(shorter.ID, scheduling.Cancelled); err != nil || c.say(t, 0, 2) != "bb" {
		t.Errorf("cancelling freed the slots of the other: %v, %s", err, c.say(t, 0, 2))
	}
	_, err = c.book(scheduling.BookInput{PractitionerID: uuid.New(), StartsAt: at(10, 0), Service: "s15", Patient: ada})
	wantFault(t, err, fault.Invalid, "")
	_, err = c.book(scheduling.BookInput{PractitionerID: c.practitioners[0], StartsAt: at(18, 0), Service: "s15", Patient: ada})
	wantFault(t, err, fault.Conflict, "no-hours")
}
