package calls

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"anteroom/domain/fault"
	"anteroom/domain/patients"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
)

// The number is always the line's: models invent placeholders. Only where the line has none is the caller's word taken.
func (v visit) phone(a Arguments) string {
	if v.number != "" {
		return v.number
	}
	return number(a.text("phone", "phone_number", "patient_phone", "caller_phone", "number", "callback_number"))
}

// wanted is the time that a caller chose.
type wanted struct {
	slot           uuid.UUID // uuid.Nil when the caller named a time: any that is free then
	service        scheduling.Service
	practitionerID uuid.UUID // whom the caller chose; uuid.Nil when anybody will do: then what is booked with anybody is the same
	startsAt       time.Time
}

// chosen reads the slot id, or the service with a time.
func (s *Switchboard) chosen(ctx context.Context, tx *tenancy.Tx, v visit, a Arguments) (wanted, error) {
	service, err := s.serviceOf(ctx, tx, v, a)
	if err != nil {
		return wanted{}, err
	}
	if len(v.known.slot) > 0 {
		n := v.known.slot[0]
		return wanted{service: service, slot: n.ID, practitionerID: n.PractitionerID, startsAt: n.StartsAt}, nil
	}
	w := wanted{service: service}
	at, exact := v.when(a).Exact()
	if !exact {
		return wanted{}, ask("Which day and time would you like?")
	}
	if at.Before(v.now) {
		return wanted{}, ask("That time has passed. Which day and time would you like?")
	}
	if !at.Before(v.end()) {
		return wanted{}, v.farther()
	}
	w.startsAt = at
	w.practitionerID, err = practitionerOf(ctx, tx, a, service)
	return w, err
}

// claimSlot is claim_slot: slot_id, or service and a time; the name when it is known. Another time that this call held is given back.
func (s *Switchboard) claimSlot(ctx context.Context, tx *tenancy.Tx, v visit, a Arguments) (string, error) {
	w, err := s.chosen(ctx, tx, v, a)
	if err != nil {
		return "", err
	}
	list := v.known.held
	h, ok, err := s.same(ctx, tx, v, w, list, a.name())
	switch {
	case err != nil:
		return "", err
	case ok && h.booked():
		return s.bookedWords(ctx, tx, v, h.ID)
	case ok && !h.loose(v.now):
		return takenOver, nil
	case ok:
		return v.heldWords(w.service.Name, h.StartsAt, "", h.ID, h.HoldExpiresAt.Sub(v.now)), nil
	case a.name() == "" && slices.ContainsFunc(list, func(h held) bool { return w.is(h) && h.booked() }):
		return "", ask("That time is booked on this call already. For somebody else, ask for their full name and call this again with it.")
	}
	hold, err := s.claimInstead(ctx, tx, v, a, w, list)
	if err != nil {
		return "", err
	}
	return v.heldWords(w.service.Name, hold.StartsAt, hold.Practitioner, hold.ID, hold.ExpiresAt.Sub(v.now)) + v.givenBack(list), nil
}

// givenBack names the holds that another took the place of, so that nobody goes on believing in them.
func (v visit) givenBack(list []held) string {
	var times []string
	for _, h := range list {
		if h.loose(v.now) {
			times = append(times, v.say(h.StartsAt))
		}
	}
	if len(times) == 0 {
		return ""
	}
	return " It takes the place of " + sayList(times, "and") + ", no longer held: book one time before you hold the next."
}

// claimInstead gives back what the call holds and takes the time that is wanted. First the one, then the other: what the caller holds may be in
// the way of what they want. A refusal undoes both.
func (s *Switchboard) claimInstead(ctx context.Context, tx *tenancy.Tx, v visit, a Arguments, w wanted, list []held) (scheduling.Hold, error) {
	if err := s.letGo(ctx, tx, v, list, chosenAnother); err != nil {
		return scheduling.Hold{}, err
	}
	return s.claim(ctx, tx, v, a, w)
}

func (v visit) heldWords(service string, at time.Time, practitioner string, id uuid.UUID, left time.Duration) string {
	if practitioner != "" {
		practitioner = " with " + practitioner
	}
	return fmt.Sprintf("Held for %s: %s on %s%s [hold %s]. Ask for the caller's full name and whether to book it.", saySpan(left), service, v.say(at), practitioner, id)
}

func (s *Switchboard) claim(ctx context.Context, tx *tenancy.Tx, v visit, a Arguments, w wanted) (scheduling.Hold, error) {
	if w.slot == uuid.Nil {
		at := scheduling.FindInput{Service: w.service.Slug, Practitioner: w.practitionerID, From: w.startsAt, To: w.startsAt.Add(time.Second), Limit: 1}
		found, err := scheduling.Find(ctx, tx, at)
		if err != nil {
			return scheduling.Hold{}, err
		}
		if len(found) > 0 {
			w.slot = found[0].ID
		}
	}
	if w.slot == uuid.Nil {
		return scheduling.Hold{}, taken(ctx, tx, w)
	}
	return s.desk.Claim(ctx, tx, scheduling.ClaimInput{SlotID: w.slot, Service: w.service.Slug, CallID: v.callID, Source: scheduling.ByAgent,
		Caller: scheduling.Caller{Name: a.name(), Phone: v.phone(a)}})
}

const anySlotThen = `select exists (select from slots s join practitioners p on p.clinic_id = @clinic and p.id = s.practitioner_id and p.active
where s.clinic_id = @clinic and s.starts_at = @at and (@practitioner::uuid = @none or s.practitioner_id = @practitioner))`

// taken is the fault of a time that is not free, or that nobody ever had, with those near it.
func taken(ctx context.Context, tx *tenancy.Tx, w wanted) error {
	next, err := around(ctx, tx, w)
	if err != nil {
		return err
	}
	var ours bool
	err = tx.QueryRow(ctx, anySlotThen, tenancy.Args{"clinic": tx.Clinic(), "at": w.startsAt, "practitioner": w.practitionerID, "none": uuid.Nil}).Scan(&ours)
	switch {
	case err != nil:
		return fmt.Errorf("look for a slot at a time: %w", err)
	case !ours:
		return fault.New(fault.Conflict, "no-such-time", "There are no appointments at that time.").With(scheduling.Alternatives{Next: next})
	}
	return fault.New(fault.Conflict, "slot-taken", "That time is taken.").With(scheduling.Alternatives{Next: next})
}

// around gives the free times near one that is not.
func around(ctx context.Context, tx *tenancy.Tx, w wanted) ([]scheduling.FreeSlot, error) {
	in := scheduling.FindInput{Service: w.service.Slug, Practitioner: w.practitionerID, From: w.startsAt.Add(-3 * time.Hour)}
	found, err := findNear(ctx, tx, in, w.startsAt, 3)
	if err != nil {
		return nil, err
	}
	next := make([]scheduling.FreeSlot, len(found))
	for i, o := range found {
		next[i] = scheduling.FreeSlot{ID: o.id, StartsAt: o.startsAt, Practitioner: o.practitioner}
	}
	return next, nil
}

// letGo releases the call's open holds in the list.
func (s *Switchboard) letGo(ctx context.Context, tx *tenancy.Tx, v visit, list []held, why string) error {
	for _, h := range list {
		if !h.loose(v.now) {
			continue
		}
		if err := s.desk.Release(ctx, tx, h.ID, why); err != nil && !fault.Is(err, fault.Conflict) {
			return err
		}
	}
	return nil
}

// confirmBooking is confirm_booking: hold_id when the model kept it, the name. Only what this call holds can be confirmed.
func (s *Switchboard) confirmBooking(ctx context.Context, tx *tenancy.Tx, v visit, a Arguments) (string, error) {
	list := v.known.held
	h, ok := meant(list, a.id("hold_id", "hold", "appointment_id", "id"), v.now)
	if !ok {
		return "", ask("Nothing is held on this call yet. Which day and time would you like?")
	}
	if h.ranOut(v.now) || h.gaveBack() {
		var err error
		if h.ID, err = s.claimAgain(ctx, tx, v, a, h, list); err != nil {
			return "", err
		}
	}
	return s.confirm(ctx, tx, v, a, h.ID)
}

// meant is the hold that the model named, or the call's open one, or its last. One that was named is never another: a time that was given back
// is taken again, and one that the clinic ended is refused.
func meant(list []held, id uuid.UUID, now time.Time) (held, bool) {
	if i := slices.IndexFunc(list, func(h held) bool { return h.ID == id }); i >= 0 {
		h := list[i]
		return h, h.open(now) || h.booked() || h.ranOut(now) || h.gaveBack()
	}
	for _, fits := range []func(held) bool{
		func(h held) bool { return h.open(now) },
		func(h held) bool { return h.booked() || h.ranOut(now) },
	} {
		if i := slices.IndexFunc(list, fits); i >= 0 {
			return list[i], true
		}
	}
	return held{}, false
}

// claimAgain takes the time of a hold that ended, if it is still free. What the call holds beside it stays, unless it is in the way.
func (s *Switchboard) claimAgain(ctx context.Context, tx *tenancy.Tx, v visit, a Arguments, h held, list []held) (uuid.UUID, error) {
	service, err := scheduling.GetService(ctx, tx, h.Service)
	if err != nil {
		return uuid.Nil, err
	}
	w := wanted{service: service, practitionerID: h.PractitionerID, startsAt: h.StartsAt}
	err = tx.QueryRow(ctx, `select id from slots where clinic_id = $1 and practitioner_id = $2 and starts_at = $3`, tx.Clinic(), h.PractitionerID, h.StartsAt).Scan(&w.slot)
	if err != nil && !tenancy.IsNone(err) {
		return uuid.Nil, fmt.Errorf("find the slot of a hold: %w", err)
	}
	var hold scheduling.Hold
	claim := func() (err error) { hold, err = s.claim(ctx, tx, v, a, w); return err }
	if err = tx.Savepoint(ctx, claim); fault.Is(err, fault.Conflict) && slices.ContainsFunc(list, func(o held) bool { return o.loose(v.now) && o.PractitionerID == h.PractitionerID }) {
		if err = s.letGo(ctx, tx, v, list, chosenAnother); err == nil {
			err = claim()
		}
	}
	return hold.ID, err
}

func (s *Switchboard) confirm(ctx context.Context, tx *tenancy.Tx, v visit, a Arguments, hold uuid.UUID) (string, error) {
	booked, _, err := s.desk.Confirm(ctx, tx, scheduling.ConfirmInput{HoldID: hold, Caller: scheduling.Caller{Name: a.name(), Phone: v.phone(a)}})
	if err != nil {
		return "", err
	}
	return v.booked(booked), nil
}

func (v visit) booked(a scheduling.Appointment) string {
	return fmt.Sprintf("Booked: %s on %s with %s [appointment %s].", a.ServiceName, v.say(a.StartsAt), a.Practitioner, a.ID)
}

func (s *Switchboard) bookedWords(ctx context.Context, tx *tenancy.Tx, v visit, id uuid.UUID) (string, error) {
	a, err := scheduling.Get(ctx, tx, id)
	if err != nil {
		return "", err
	}
	return v.booked(a), nil
}

// bookAppointment is book_appointment: it finds, claims and confirms in one, since only the first of several chained tools may run.
func (s *Switchboard) bookAppointment(ctx context.Context, tx *tenancy.Tx, v visit, a Arguments) (string, error) {
	if s.meansHeld(ctx, tx, v, a) {
		return s.confirmBooking(ctx, tx, v, a)
	}
	w, err := s.chosen(ctx, tx, v, a)
	if err != nil {
		return "", err
	}
	list := v.known.held
	if h, ok, err := s.same(ctx, tx, v, w, list, a.name()); err != nil {
		return "", err
	} else if ok {
		return s.confirm(ctx, tx, v, a, h.ID)
	}
	switch {
	case a.name() == "":
		return "", ask(whoIsIt)
	case v.phone(a) == "":
		return "", ask("What phone number can we reach you on?")
	}
	if id, ok, err := s.bookedBefore(ctx, tx, v, a, w); err != nil {
		return "", err
	} else if ok {
		return s.bookedWords(ctx, tx, v, id)
	}
	hold, err := s.claimInstead(ctx, tx, v, a, w, list)
	if err != nil {
		return "", err
	}
	return s.confirm(ctx, tx, v, a, hold.ID)
}

// meansHeld says whether a booking without a time is of what the call holds: no other service was named.
func (s *Switchboard) meansHeld(ctx context.Context, tx *tenancy.Tx, v visit, a Arguments) bool {
	i := slices.IndexFunc(v.known.held, func(h held) bool { return h.open(v.now) })
	if said := v.wished(a); i < 0 || len(v.known.slot) > 0 || !said.empty() || said.Lost {
		return false
	}
	service, err := s.serviceOf(ctx, tx, v, a)
	return err != nil || service.Slug == v.known.held[i].Service
}

// bookedBefore finds the same booking made in another call: this number, this name, this service at this time. A caller who was cut off rings
// again.
func (s *Switchboard) bookedBefore(ctx context.Context, tx *tenancy.Tx, v visit, a Arguments, w wanted) (id uuid.UUID, found bool, err error) {
	if v.number == "" {
		return uuid.Nil, false, nil
	}
	mine, err := s.mine(ctx, tx, v)
	if err != nil {
		return uuid.Nil, false, err
	}
	for _, p := range mine.people {
		if !patients.SameName(p.Name, a.name()) {
			continue
		}
		for _, b := range mine.upcoming[p.ID] {
			if b.Service == w.service.Slug && b.StartsAt.Equal(w.startsAt) && (w.practitionerID == uuid.Nil || b.PractitionerID == w.practitionerID) {
				return b.ID, true, nil
			}
		}
	}
	return uuid.Nil, false, nil
}

// releaseSlot is release_slot: the caller does not want what is held.
func (s *Switchboard) releaseSlot(ctx context.Context, tx *tenancy.Tx, v visit, _ Arguments) (string, error) {
	list := v.known.held
	if !slices.ContainsFunc(list, func(h held) bool { return h.loose(v.now) }) {
		return "Nothing is held on this call.", nil
	}
	return "The time was given back; nothing is held.", s.letGo(ctx, tx, v, list, notWanted)
}
