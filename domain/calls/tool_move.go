package calls

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
)

// destination is where an appointment is to go.
type destination struct {
	practitionerID uuid.UUID // uuid.Nil: the same, or else anybody
	practitioner   string    // once it is known that it will be somebody else
	startsAt       time.Time
}

// rescheduleMine is reschedule_appointment: the name, the new time, appointment_id when there are several, and confirmed, which says that the
// caller agreed. Moving to where it is already says so again, and does nothing.
func (s *Switchboard) rescheduleMine(ctx context.Context, tx *tenancy.Tx, v visit, a Arguments) (string, error) {
	if a.name() == "" {
		return "", ask(whoIsIt)
	}
	list, err := s.own(ctx, tx, v, a)
	if err != nil {
		return "", err
	}
	if len(list) == 0 {
		return noneBooked, nil
	}
	to, err := v.destination(ctx, tx, a, list)
	if err != nil {
		return "", err
	}
	for _, b := range list {
		if b.StartsAt.Equal(to.startsAt) && b.ReplacesID != nil && (to.practitionerID == uuid.Nil || to.practitionerID == b.PractitionerID) {
			return v.moved(b), nil
		}
	}
	b, err := v.which(list, a, "moved")
	if err != nil {
		return "", err
	}
	if to, err = v.fit(ctx, tx, b, to); err != nil {
		return "", err
	}
	if !a.agreed() {
		with := ""
		if to.practitioner != "" {
			with = fmt.Sprintf(", with %s instead of %s", to.practitioner, b.Practitioner)
		}
		return "", ask("Shall I move your %s from %s to %s%s? When the caller agrees, call this again with confirmed set to true [appointment %s].", b.ServiceName, v.say(b.StartsAt), v.say(to.startsAt), with, b.ID)
	}
	moved, err := s.desk.Move(ctx, tx, scheduling.MoveInput{ID: b.ID, PractitionerID: to.practitionerID, StartsAt: to.startsAt})
	if err != nil {
		return "", err
	}
	*v.did = OutcomeMoved
	return v.moved(moved), nil
}

func (v visit) moved(a scheduling.Appointment) string {
	return fmt.Sprintf("Moved: %s is now on %s with %s [appointment %s].", a.ServiceName, v.say(a.StartsAt), a.Practitioner, a.ID)
}

// destination reads a slot id, or a time.
func (v visit) destination(ctx context.Context, tx *tenancy.Tx, a Arguments, list []scheduling.Appointment) (destination, error) {
	var to destination
	if id := a.id("slot_id", "slot", "new_slot_id"); id != uuid.Nil {
		err := tx.QueryRow(ctx, `select practitioner_id, starts_at from slots where clinic_id = $1 and id = $2`, tx.Clinic(), id).Scan(&to.practitionerID, &to.startsAt)
		if err == nil || !tenancy.IsNone(err) {
			return to, err
		}
	}
	w := When{Minute: -1}
	for _, name := range []string{"new_starts_at", "new_time", "new_start_time", "new_datetime", "new_date", "to"} {
		w = w.with(v.parse(a.text(name)))
	}
	at, exact := w.with(v.when(a)).Exact()
	switch {
	case !exact:
		return to, ask("Which day and time should it be moved to?")
	case at.Before(v.now):
		return to, ask("That time has passed. Which day and time should it be moved to?")
	case !at.Before(v.end()):
		return to, v.farther()
	}
	to.startsAt = at
	if said := a.text(practitionerNames...); said != "" {
		service, err := scheduling.GetService(ctx, tx, list[0].Service)
		if err != nil {
			return to, err
		}
		to.practitionerID, err = practitionerOf(ctx, tx, a, service)
		return to, err
	}
	return to, nil
}

// fit finds who is free then: the one the caller knows before any other. Nobody is a lost race, with the times near it. The appointment's own time
// is not in its way.
func (v visit) fit(ctx context.Context, tx *tenancy.Tx, b scheduling.Appointment, to destination) (destination, error) {
	found, err := scheduling.Find(ctx, tx, scheduling.FindInput{Service: b.Service, Practitioner: to.practitionerID, From: to.startsAt, To: to.startsAt.Add(time.Second), Limit: 50})
	if err != nil {
		return to, err
	}
	mine := to.practitionerID == uuid.Nil || to.practitionerID == b.PractitionerID
	for _, o := range found {
		if mine && o.PractitionerID == b.PractitionerID {
			to.practitionerID = b.PractitionerID
			return to, nil
		}
	}
	length := b.EndsAt.Sub(b.StartsAt)
	switch overlaps := to.startsAt.Before(b.EndsAt) && b.StartsAt.Before(to.startsAt.Add(length)); {
	case mine && overlaps: // Move knows whether the rest of it is free
		to.practitionerID = b.PractitionerID
		return to, nil
	case len(found) > 0:
		to.practitionerID, to.practitioner = found[0].PractitionerID, found[0].Practitioner
		return to, nil
	}
	service, err := scheduling.GetService(ctx, tx, b.Service)
	if err != nil {
		return to, err
	}
	return to, taken(ctx, tx, wanted{service: service, practitionerID: to.practitionerID, startsAt: to.startsAt})
}
