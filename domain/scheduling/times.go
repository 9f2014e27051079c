package scheduling

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/fault"
	"anteroom/domain/tenancy"
)

// Giving a time to an appointment that is not held first: moves, series, and what an undo brings back.

// wanted is a practitioner's time that somebody wants.
type wanted struct {
	practitioner uuid.UUID
	horizonSpan
}

// locked are appointments and slots that this transaction has locked, as they are now.
type locked struct {
	records map[uuid.UUID]record
	slots   []existingSlot // of the appointments and in the times, by practitioner, in the order of time
}

const lockTimesSlots = `
select id, practitioner_id, starts_at, ends_at, status, availability, appointment_id, hold_expires_at from slots
 where clinic_id = @clinic and id = any(array(
   select x.id from slots x where x.clinic_id = @clinic and x.appointment_id = any(@ids::uuid[])
   union
   select x.id from unnest(@whose::uuid[], @froms::timestamptz[], @tos::timestamptz[]) w(p, s, e)
     join slots x on x.clinic_id = @clinic and x.practitioner_id = w.p and x.starts_at >= w.s and x.starts_at < w.e))
 order by practitioner_id, starts_at for update`

const lockTimesAppointments = selectRecord + ` and a.id = any(@ids::uuid[]) order by a.id for update of a`

// lockTimes locks appointments with their slots, and the slots of further times, in the order that every verb keeps to.
func lockTimes(ctx context.Context, tx *tenancy.Tx, appointments []uuid.UUID, times []wanted) (locked, error) {
	whose, froms, tos := make([]uuid.UUID, len(times)), make([]time.Time, len(times)), make([]time.Time, len(times))
	for i, w := range times {
		whose[i], froms[i], tos[i] = w.practitioner, w.from, w.to
	}
	if appointments == nil {
		appointments = []uuid.UUID{}
	}
	args := tenancy.Args{"clinic": tx.Clinic(), "ids": appointments, "whose": whose, "froms": froms, "tos": tos}
	l := locked{records: make(map[uuid.UUID]record, len(appointments))}
	b := &pgx.Batch{}
	b.Queue(lockTimesSlots, args).Query(func(rows pgx.Rows) error {
		return scanSlots(rows, func(s existingSlot) { l.slots = append(l.slots, s) })
	})
	b.Queue(lockTimesAppointments, args).Query(func(rows pgx.Rows) error {
		list, err := pgx.CollectRows(rows, pgx.RowToStructByName[record])
		for _, r := range list {
			l.records[r.ID] = r
		}
		return err
	})
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return l, fmt.Errorf("lock slots and appointments: %w", err)
	}
	return l, nil
}

// What a time turns out to be.
const (
	TimeFree    = "free"
	TimeTaken   = "taken"
	TimeClosed  = "closed"   // a closure, or time off
	TimeNoHours = "no-hours" // outside of the practitioner's hours
	TimeBeyond  = "beyond"   // later than the schedule reaches
)

// taking is what giving a time to an appointment needs.
type taking struct {
	slots []uuid.UUID
	ended []uuid.UUID   // holds that have run out
	gaps  []horizonSpan // where there is no slot any more
}

// had says what stands against having a slot. What the appointments in own have is theirs, whatever the hours say of it meanwhile.
func (s existingSlot) had(now time.Time, own []uuid.UUID) string {
	switch {
	case s.AppointmentID != nil && slices.Contains(own, *s.AppointmentID):
		return TimeFree
	case s.Availability == slotGone:
		return TimeNoHours
	case s.Availability == slotBlocked:
		return TimeClosed
	case s.Status == Free, s.Status == Held && !s.HoldExpiresAt.After(now):
		return TimeFree
	}
	return TimeTaken
}

// take looks whether a time can be had at now, and what is in the way: no hours before a closure, a closure before somebody else.
func (l locked) take(w wanted, now time.Time, own ...uuid.UUID) (t taking, outcome string) {
	at, outcome := w.from, TimeFree
	for _, s := range l.within(w) {
		was := s.had(now, own)
		if s.StartsAt.After(at) {
			was = TimeNoHours
		}
		if worse(was, outcome) {
			outcome = was
		}
		t.add(s, own)
		at = s.EndsAt
	}
	if at.Before(w.to) {
		outcome = TimeNoHours
	}
	return t, outcome
}

func worse(a, b string) bool {
	order := []string{TimeFree, TimeTaken, TimeClosed, TimeNoHours}
	return slices.Index(order, a) > slices.Index(order, b)
}

// takeBack is take for a time that an appointment had a moment ago: whatever the hours say of it now, it is had again unless somebody else has it.
func (l locked) takeBack(w wanted, now time.Time, own []uuid.UUID) (t taking, free bool) {
	at := w.from
	for _, s := range l.within(w) {
		others := s.taken() && !slices.Contains(own, *s.AppointmentID)
		if others && (s.Status == Busy || s.HoldExpiresAt.After(now)) {
			return t, false
		}
		if s.StartsAt.After(at) {
			t.gaps = append(t.gaps, horizonSpan{at, s.StartsAt})
		}
		t.add(s, own)
		at = s.EndsAt
	}
	if at.Before(w.to) {
		t.gaps = append(t.gaps, horizonSpan{at, w.to})
	}
	return t, true
}

func (t *taking) add(s existingSlot, own []uuid.UUID) {
	t.slots = append(t.slots, s.ID)
	if s.AppointmentID != nil && !slices.Contains(own, *s.AppointmentID) && !slices.Contains(t.ended, *s.AppointmentID) {
		t.ended = append(t.ended, *s.AppointmentID)
	}
}

func (l locked) within(w wanted) []existingSlot {
	var list []existingSlot
	for _, s := range l.slots {
		if s.PractitionerID == w.practitioner && !s.StartsAt.Before(w.from) && s.StartsAt.Before(w.to) {
			list = append(list, s)
		}
	}
	return list
}

const (
	takeSlots = `update slots set status = 'busy', appointment_id = @id, hold_expires_at = null where clinic_id = @clinic and id = any(@slots::uuid[])`

	fillGaps = `insert into slots (clinic_id, practitioner_id, starts_at, ends_at, status, availability, appointment_id)
select @clinic, @practitioner, g.s, g.e, 'busy', 'gone', @id from unnest(@froms::timestamptz[], @tos::timestamptz[]) g(s, e)`

	insertAppointment = `insert into appointments (clinic_id, id, practitioner_id, service_id, patient_id, status, starts_at, ends_at, call_id, source, overbooked, replaces_id, series_id)
values (@clinic, @id, @practitioner, @service, @patient, @status, @from, @to, @call, @source, @overbooked, @replaces, @series)`
)

// queue gives the time to the appointment, which is written after it: a hold that has run out must have ended before.
func (t taking) queue(b *pgx.Batch, tx *tenancy.Tx, practitioner, appointment uuid.UUID) {
	if len(t.ended) > 0 {
		b.Queue(`select app.end_holds($1, $2, 'expired')`, tx.Clinic(), t.ended)
	}
	args := tenancy.Args{"clinic": tx.Clinic(), "id": appointment, "practitioner": practitioner, "slots": t.slots}
	if len(t.slots) > 0 {
		b.Queue(takeSlots, args)
	}
	if len(t.gaps) > 0 {
		froms, tos := make([]time.Time, len(t.gaps)), make([]time.Time, len(t.gaps))
		for i, g := range t.gaps {
			froms[i], tos[i] = g.from, g.to
		}
		args["froms"], args["tos"] = froms, tos
		b.Queue(fillGaps, args)
	}
}

// performed is a service as a practitioner performs it.
type performed struct {
	Practitioner string
	ServiceID    uuid.UUID
	Minutes      int
}

const selectPerformed = `select p.name, v.id, coalesce(v.duration_minutes, 0),
  p.active and v.active and exists (select from practitioner_services ps where ps.clinic_id = @clinic and ps.practitioner_id = p.id and ps.service_id = v.id)
from practitioners p left join services v on v.clinic_id = @clinic and v.slug = @service where p.clinic_id = @clinic and p.id = @practitioner`

// mustPerform answers the service if this practitioner performs it, and the field that is wrong if not.
func mustPerform(ctx context.Context, tx *tenancy.Tx, practitioner uuid.UUID, service string) (performed, error) {
	var p performed
	var id *uuid.UUID
	var performs *bool
	err := tx.QueryRow(ctx, selectPerformed, tenancy.Args{"clinic": tx.Clinic(), "practitioner": practitioner, "service": service}).
		Scan(&p.Practitioner, &id, &p.Minutes, &performs)
	switch {
	case tenancy.IsNone(err):
		return p, fault.BadField("practitioner", "There is no such practitioner.")
	case err != nil:
		return p, fmt.Errorf("read the service: %w", err)
	case id == nil:
		return p, fault.BadField("service", "There is no such service.")
	case performs == nil || !*performs:
		return p, fault.BadField("service", fmt.Sprintf("%s does not offer this service.", p.Practitioner))
	}
	p.ServiceID = *id
	return p, nil
}

// cannotHave is the refusal of a time, with the nearest free ones.
func cannotHave(ctx context.Context, tx *tenancy.Tx, outcome string, service uuid.UUID, near, now time.Time) error {
	next, err := nearest(ctx, tx, service, near, now)
	if err != nil {
		return err
	}
	kind, code, words := fault.Conflict, "slot-taken", "That time is taken. Nothing was changed."
	switch outcome {
	case TimeClosed:
		code, words = "closed", "Nobody can be booked then: it is closed, or time off. Nothing was changed."
	case TimeNoHours:
		code, words = "no-hours", "That is outside of the working hours. Nothing was changed."
	case "past":
		kind, code, words = fault.Expired, "slot-past", "That time has passed. Nothing was changed."
	}
	return fault.New(kind, code, words).With(Alternatives{Next: next})
}
