package scheduling

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/tenancy"
)

// horizon is what a rebuild reads: the rules, and the slots there are.
type horizon struct {
	clinic   Clinic
	from, to time.Time // slots are made that start in here
	bounded  bool      // slots that start at or after to are left alone
	end      time.Time // of the clinic's horizon: the midnight after its last day
	order    []uuid.UUID
	rules    map[uuid.UUID]workRules
	slots    map[uuid.UUID][]existingSlot // in the order of time
}

func (h *horizon) grain() time.Duration { return time.Duration(h.clinic.GrainMinutes) * time.Minute }

const (
	horizonPractitioners = `
select p.id, p.active from practitioners p
 where p.clinic_id = @clinic and (p.id = any(@practitioners::uuid[]) or (cardinality(@practitioners::uuid[]) = 0 and p.active)) order by p.id`

	horizonWeeks = `
select practitioner_id, weekday, starts_minute, ends_minute from weekly_hours
 where clinic_id = @clinic and (cardinality(@practitioners::uuid[]) = 0 or practitioner_id = any(@practitioners::uuid[]))
 order by practitioner_id, weekday, starts_minute`

	// Those that start a little outside are read too: nothing may be made that overlaps them.
	horizonSlots = `
select s.id, s.practitioner_id, s.starts_at, s.ends_at, s.status, s.availability, s.appointment_id, s.hold_expires_at
  from practitioners p join slots s on s.clinic_id = @clinic and s.practitioner_id = p.id
 where p.clinic_id = @clinic and (p.id = any(@practitioners::uuid[]) or (cardinality(@practitioners::uuid[]) = 0 and p.active))
   and s.starts_at > @since and s.starts_at < coalesce(@until::timestamptz, 'infinity') and s.ends_at > @from
 order by s.practitioner_id, s.starts_at`

	lastSlots = `
select s.id, s.practitioner_id, s.starts_at, s.ends_at, s.status, s.availability, s.appointment_id, s.hold_expires_at
  from practitioners p cross join lateral (
       select * from slots x where x.clinic_id = @clinic and x.practitioner_id = p.id and x.starts_at >= @from order by x.starts_at desc limit 1) s
 where p.clinic_id = @clinic and p.active`
)

// loadHorizon takes the clinic's lock and reads what it protects.
func loadHorizon(ctx context.Context, tx *tenancy.Tx, in RebuildInput, now time.Time) (*horizon, error) {
	args := tenancy.Args{"since": in.From.Add(-longestGrain), "until": openEnd(in.To)}
	if !in.To.IsZero() {
		args["until"] = in.To.Add(longestGrain)
	}
	h, err := loadRules(ctx, tx, in, now, horizonSlots, args)
	if err != nil {
		return nil, err
	}
	h.from, h.to, h.bounded = in.From, h.end, !in.To.IsZero()
	if h.bounded && in.To.Before(h.end) {
		h.to = in.To
	}
	return h, nil
}

// loadRules reads the rules of those practitioners, and of their slots what the query asks for. A rebuild's reading starts with the
// lock: every statement after it sees what the one before it in the queue has committed.
func loadRules(ctx context.Context, tx *tenancy.Tx, in RebuildInput, now time.Time, slotsQuery string, args tenancy.Args) (*horizon, error) {
	if in.Practitioners == nil {
		in.Practitioners = []uuid.UUID{}
	}
	args["clinic"], args["practitioners"], args["from"] = tx.Clinic(), in.Practitioners, in.From
	args["day"] = calendarDate(in.From.UTC()).AddDate(0, 0, -1) // the clinic's date may be a day behind
	b := &pgx.Batch{}
	if slotsQuery == horizonSlots {
		b.Queue(lockHorizonSQL, args)
	}
	for _, sql := range []string{selectClinic, horizonPractitioners, horizonWeeks, selectExceptions, selectClosures + ` and ends_at > @from`, slotsQuery} {
		b.Queue(sql, args)
	}
	br := tx.SendBatch(ctx, b)
	defer br.Close()
	if slotsQuery == horizonSlots {
		if _, err := br.Exec(); err != nil {
			return nil, fmt.Errorf("lock the clinic's hours: %w", err)
		}
	}
	h, err := readHorizon(br)
	if err != nil {
		return nil, err
	}
	h.end = wallInstant(horizonDay(now, h.clinic.Location).AddDate(0, 0, h.clinic.HorizonDays), 0, h.clinic.Location)
	if err := br.Close(); err != nil {
		return nil, fmt.Errorf("read hours: %w", err)
	}
	return h, nil
}

func readHorizon(br pgx.BatchResults) (*horizon, error) {
	h := &horizon{rules: map[uuid.UUID]workRules{}, slots: map[uuid.UUID][]existingSlot{}}
	rows, err := br.Query()
	if err != nil {
		return nil, fmt.Errorf("read hours: %w", err)
	}
	if h.clinic, err = collectClinic(rows); err != nil {
		return nil, err
	}
	if err := h.readRules(br); err != nil {
		return nil, fmt.Errorf("read hours: %w", err)
	}
	if rows, err = br.Query(); err != nil {
		return nil, fmt.Errorf("read slots: %w", err)
	}
	return h, scanSlots(rows, func(s existingSlot) { h.slots[s.PractitionerID] = append(h.slots[s.PractitionerID], s) })
}

func (h *horizon) readRules(br pgx.BatchResults) error {
	rows, err := br.Query()
	if err != nil {
		return err
	}
	var id uuid.UUID
	var active bool
	_, err = pgx.ForEachRow(rows, []any{&id, &active}, func() error {
		h.order = append(h.order, id)
		h.rules[id] = workRules{active: active, exceptions: map[time.Time][]HoursInterval{}}
		return nil
	})
	if err != nil {
		return err
	}
	if rows, err = br.Query(); err != nil {
		return err
	}
	var week WeeklyHours
	_, err = pgx.ForEachRow(rows, []any{&id, &week.Weekday, &week.Starts, &week.Ends}, func() error {
		if r, ok := h.rules[id]; ok { // not those of somebody who is not rebuilt
			r.weekly = append(r.weekly, week)
			h.rules[id] = r
		}
		return nil
	})
	if err != nil {
		return err
	}
	return h.readExceptions(br)
}

func (h *horizon) readExceptions(br pgx.BatchResults) error {
	rows, err := br.Query()
	if err != nil {
		return err
	}
	exceptions, err := collectExceptions(rows)
	if err != nil {
		return err
	}
	for _, e := range exceptions {
		if r, ok := h.rules[e.Practitioner]; ok {
			r.exceptions[e.On] = e.Hours
		}
	}
	if rows, err = br.Query(); err != nil {
		return err
	}
	closures, err := pgx.CollectRows(rows, pgx.RowToStructByName[Closure])
	if err != nil {
		return err
	}
	for id, r := range h.rules {
		for _, c := range closures {
			if c.Practitioner == nil || *c.Practitioner == id {
				r.closed = append(r.closed, horizonSpan{c.StartsAt, c.EndsAt})
			}
		}
		h.rules[id] = r
	}
	return nil
}

// scanSlots reads many rows without the reflection of RowToStructByName.
func scanSlots(rows pgx.Rows, each func(existingSlot)) error {
	var s existingSlot
	_, err := pgx.ForEachRow(rows, []any{&s.ID, &s.PractitionerID, &s.StartsAt, &s.EndsAt, &s.Status, &s.Availability, &s.AppointmentID, &s.HoldExpiresAt},
		func() error { each(s); return nil })
	if err != nil {
		return fmt.Errorf("read slots: %w", err)
	}
	return nil
}

// slotChanges is everything that a rebuild will write, by column.
type slotChanges struct {
	result RebuildResult
	remove []uuid.UUID

	setIDs, outside []uuid.UUID
	setTo           []string
	ends            []time.Time // of the holds among outside; zero for bookings

	addIDs, addWhose   []uuid.UUID
	addStarts, addEnds []time.Time
	addAs              []string
}

func (w *slotChanges) size() int { return len(w.remove) + len(w.setIDs) + len(w.addIDs) }

// set tells a slot what the hours say of it.
func (w *slotChanges) set(s existingSlot, availability string) {
	if s.says(availability) {
		return
	}
	w.setIDs, w.setTo = append(w.setIDs, s.ID), append(w.setTo, availability)
	switch {
	case s.Availability == availability:
	case availability == slotBlocked:
		w.result.Blocked++
	case availability == slotOpen:
		w.result.Reopened++
	}
	switch {
	case s.taken():
	case availability == slotOpen:
		w.result.Gained++
	case s.Status == Free:
		w.result.Lost++
	}
	if s.Availability == slotOpen && availability != slotOpen && s.AppointmentID != nil {
		var ends time.Time
		if s.HoldExpiresAt != nil {
			ends = *s.HoldExpiresAt
		}
		w.outside, w.ends = append(w.outside, *s.AppointmentID), append(w.ends, ends)
	}
}

func (w *slotChanges) add(whose uuid.UUID, s plannedSlot) {
	w.addIDs, w.addWhose = append(w.addIDs, tenancy.NewID()), append(w.addWhose, whose)
	w.addStarts, w.addEnds, w.addAs = append(w.addStarts, s.from), append(w.addEnds, s.to), append(w.addAs, s.availability)
	if s.availability == slotOpen {
		w.result.Gained++
	}
}

// drop removes a slot that nobody has.
func (w *slotChanges) drop(s existingSlot) {
	w.remove = append(w.remove, s.ID)
	if s.Status == Free {
		w.result.Lost++
	}
}

const (
	removeSlots = `delete from slots where clinic_id = @clinic and id = any(@remove::uuid[]) and status in ('free', 'busy-unavailable')`

	setSlots = `
update slots s set availability = u.availability, status = case when s.status in ('busy', 'busy-tentative') then s.status
       when u.availability = 'open' then 'free' else 'busy-unavailable' end
  from unnest(@set_ids::uuid[], @set_to::text[]) u(id, availability) where s.clinic_id = @clinic and s.id = u.id`

	addSlots = `
insert into slots (clinic_id, id, practitioner_id, starts_at, ends_at, availability, status)
select @clinic, u.id, u.practitioner_id, u.starts_at, u.ends_at, u.availability, case u.availability when 'open' then 'free' else 'busy-unavailable' end
  from unnest(@add_ids::uuid[], @add_whose::uuid[], @add_starts::timestamptz[], @add_ends::timestamptz[], @add_as::text[])
       u(id, practitioner_id, starts_at, ends_at, availability)
on conflict (clinic_id, practitioner_id, starts_at) do nothing`

	outsideAppointments = `
select id, practitioner_id, starts_at from appointments where clinic_id = @clinic and id = any(@outside::uuid[]) order by starts_at, id`
)

// apply writes it in one round trip.
func (w *slotChanges) apply(ctx context.Context, tx *tenancy.Tx, now time.Time) (RebuildResult, error) {
	if w.size() == 0 {
		return w.result, nil
	}
	live := []uuid.UUID{}
	for i, id := range w.outside {
		if w.ends[i].IsZero() || w.ends[i].After(now) { // a hold that has ended is nobody's concern
			live = append(live, id)
		}
	}
	args := tenancy.Args{"clinic": tx.Clinic(), "remove": w.remove, "set_ids": w.setIDs, "set_to": w.setTo, "outside": live,
		"add_ids": w.addIDs, "add_whose": w.addWhose, "add_starts": w.addStarts, "add_ends": w.addEnds, "add_as": w.addAs}
	b := &pgx.Batch{}
	for _, sql := range []string{removeSlots, setSlots, addSlots, outsideAppointments} {
		b.Queue(sql, args)
	}
	br := tx.SendBatch(ctx, b)
	defer br.Close()
	for _, count := range []*int{&w.result.Removed, nil, &w.result.Added} {
		tag, err := br.Exec()
		if err != nil {
			return RebuildResult{}, fmt.Errorf("change slots: %w", err)
		}
		if count != nil {
			*count = int(tag.RowsAffected())
		}
	}
	rows, err := br.Query()
	if err != nil {
		return RebuildResult{}, fmt.Errorf("find appointments outside of the hours: %w", err)
	}
	if w.result.Outside, err = pgx.CollectRows(rows, pgx.RowToStructByName[Outside]); err != nil {
		return RebuildResult{}, fmt.Errorf("find appointments outside of the hours: %w", err)
	}
	return w.result, br.Close()
}
