package scheduling

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/audit"
	"anteroom/domain/patients"
	"anteroom/domain/tenancy"
)

// What can need a person. More kinds come with what can happen; the page shows each that it knows.
const (
	NeedHold    = "hold"    // an agent or a program holds a time, which ends by itself
	NeedLate    = "late"    // booked, and not here although the time has come
	NeedMissed  = "missed"  // booked, and the time is over
	NeedWaiting = "waiting" // here, and waiting longer than is decent
	NeedOverrun = "overrun" // in the room, and the time is over
	NeedClash   = "clash"   // two patients at one time, by overbooking
	NeedAway    = "away"    // bookings in a closure or in somebody's time off
	NeedOpen    = "open"    // appointments of earlier days that were never closed
)

// A patient counts as late, as waiting and as overrunning after these; whoever is a minute late needs nobody yet.
const (
	LateAfter    = 5 * time.Minute
	WaitingAfter = 15 * time.Minute
	OverrunAfter = 10 * time.Minute
)

const (
	openFor  = 14 * 24 * time.Hour // how far back days are looked at for what is not closed
	awayFor  = 14 * 24 * time.Hour // how far ahead closures are
	nextSize = 6                   // how many who come next are shown, and those of the same minute
)

// Need is one thing that needs a person.
type Need struct {
	Kind         string
	Entry        *Entry    // of a hold, somebody late, missed, waiting or overrunning, or the overbooked one of a clash
	With         *Entry    // of a clash: the other
	Since        time.Time // since when it has been so; of what is still to come, when it will be
	Day          time.Time // of an open day
	Count        int       // appointments of an open day or an absence
	Practitioner uuid.UUID // who is away; uuid.Nil: the clinic is closed
	Reason       string    // of an absence, in its own words
}

// TodayInput asks for a day from midnight to midnight in the clinic's zone.
type TodayInput struct {
	From, To     time.Time
	Zone         string    // IANA: earlier days are told apart by its midnights
	Practitioner uuid.UUID // uuid.Nil: everybody
}

// Today is what there is to know of the present day at one glance.
type Today struct {
	Now      time.Time
	Columns  []Column // everybody, in the order of the schedule
	Entries  []Entry  // of the day, in the order of time
	Places   []Place  // by practitioner, in the order of time
	Blocks   []Block
	Needs    []Need  // what runs out first comes first
	Here     []Entry // arrived or in the room; who has waited longest comes first, then the rooms
	Next     []Entry // who is still expected, the first of them
	More     int     // how many more are expected after those
	Patients map[uuid.UUID]patients.Patient
	Callers  map[uuid.UUID]Caller // of the holds, by appointment
}

// The holds of every day are looked at, since a caller may hold any; of the others those of this day that can need somebody.
const needEntries = todayEntries + ` and (a.status in ('pending', 'arrived', 'checked-in') or a.overbooked
  or a.status = 'booked' and a.starts_at <= coalesce(@clock::timestamptz, now())) order by a.starts_at, a.id`

const allEntries = todayEntries + ` order by a.starts_at, a.id`

const todayEntries = `select a.id, a.practitioner_id, a.patient_id, s.slug as service, s.name as service_name, a.status, a.starts_at, a.ends_at, a.hold_expires_at,
  a.created_at as held_at, a.caller, case when c.ended_at is null then c.started_at end as call_began, a.source, coalesce(g.name, '') as agent, a.overbooked, a.updated_at
from appointments a
join services s on s.clinic_id = @clinic and s.id = a.service_id
left join calls c on c.clinic_id = @clinic and a.call_id <> '' and c.vapi_call_id = a.call_id
left join agents g on g.clinic_id = @clinic and g.id = c.agent_id
where a.clinic_id = @clinic and (@practitioner::uuid is null or a.practitioner_id = @practitioner)
  and (a.id in (select h.id from appointments h where h.clinic_id = @clinic and h.status = 'pending' and h.hold_expires_at > coalesce(@clock::timestamptz, now()))
    or a.id in (select d.id from appointments d where d.clinic_id = @clinic and d.starts_at < @to and d.starts_at > @early and d.ends_at > @from
                and d.status in ('booked', 'arrived', 'checked-in', 'fulfilled', 'noshow')))`

// Two patients at one time, one of them overbooked.
const needClashes = `select o.id, a.id as other
from appointments o join appointments a on a.clinic_id = @clinic and a.practitioner_id = o.practitioner_id and a.id <> o.id
  and a.starts_at < o.ends_at and a.ends_at > o.starts_at and a.starts_at < @to and a.starts_at > @early and a.status in ('booked', 'arrived', 'checked-in')
where o.clinic_id = @clinic and o.overbooked and o.starts_at < @to and o.starts_at > @early and o.ends_at > coalesce(@clock::timestamptz, now())
  and o.status in ('booked', 'arrived') and (@practitioner::uuid is null or o.practitioner_id = @practitioner) and (not a.overbooked or a.id > o.id)
order by o.starts_at, o.id, a.id`

const needAway = `select c.practitioner_id, c.reason, min(a.starts_at) as first, count(*) as count
from closures c join appointments a on a.clinic_id = @clinic and a.starts_at < c.ends_at and a.ends_at > c.starts_at
  and a.starts_at >= coalesce(@clock::timestamptz, now()) and a.starts_at < @ahead and a.status = 'booked' and (c.practitioner_id is null or a.practitioner_id = c.practitioner_id)
where c.clinic_id = @clinic and c.ends_at > coalesce(@clock::timestamptz, now()) and c.starts_at < @ahead and (@practitioner::uuid is null or a.practitioner_id = @practitioner)
group by c.id, c.practitioner_id, c.reason order by 3, c.id`

const needOpen = `select (a.starts_at at time zone @zone)::date as day, count(*) as count
from appointments a where a.clinic_id = @clinic and a.starts_at >= @back and a.starts_at < @from and a.ends_at <= @from
  and a.status in ('booked', 'arrived', 'checked-in') and (@practitioner::uuid is null or a.practitioner_id = @practitioner)
group by 1 order by 1 desc`

const todayPlaces = `select id, practitioner_id, starts_at, ends_at, status from slots
where clinic_id = @clinic and starts_at >= @from and starts_at < @to and availability = 'open' and (@practitioner::uuid is null or practitioner_id = @practitioner)
order by practitioner_id, starts_at`

type clash struct{ ID, Other uuid.UUID }

type away struct {
	PractitionerID *uuid.UUID
	Reason         string
	First          time.Time
	Count          int
}

type open struct {
	Day   time.Time
	Count int
}

// pressing is what the needs are worked out from.
type pressing struct {
	now     time.Time
	entries []Entry
	clashes []clash
	away    []away
	open    []open
}

func (in TodayInput) args(tx *tenancy.Tx) tenancy.Args {
	var who *uuid.UUID
	if in.Practitioner != uuid.Nil {
		who = &in.Practitioner
	}
	return tenancy.Args{"clinic": tx.Clinic(), "from": in.From, "to": in.To, "early": in.From.Add(-longestAppointment), "back": in.From.Add(-openFor), "ahead": in.To.Add(awayFor),
		"clock": tx.Clock(), "zone": in.Zone, "practitioner": who}
}

func (p *pressing) queue(b *pgx.Batch, entries string, args tenancy.Args) {
	b.Queue(scheduleNow, args).QueryRow(func(row pgx.Row) error { return row.Scan(&p.now) })
	queueList(b, &p.entries, 64, entries, args)
	queueList(b, &p.clashes, 8, needClashes, args)
	queueList(b, &p.away, 8, needAway, args)
	queueList(b, &p.open, 8, needOpen, args)
}

// CountNeeds is how many needs LoadToday would answer, in one round trip and without anybody's data.
func CountNeeds(ctx context.Context, tx *tenancy.Tx, in TodayInput) (int, error) {
	var p pressing
	b := &pgx.Batch{}
	p.queue(b, needEntries, in.args(tx))
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return 0, fmt.Errorf("count what needs somebody: %w", err)
	}
	return len(p.needs()), nil
}

// LoadToday reads the day in one round trip. A second one reads the patients that are named, and records that they were viewed.
func (d *Desk) LoadToday(ctx context.Context, tx *tenancy.Tx, in TodayInput) (Today, error) {
	var p pressing
	t := Today{Patients: map[uuid.UUID]patients.Patient{}, Callers: map[uuid.UUID]Caller{}}
	b, args := &pgx.Batch{}, in.args(tx)
	p.queue(b, allEntries, args)
	queueList(b, &t.Columns, 16, scheduleColumns, args)
	queueList(b, &t.Places, 256, todayPlaces, args)
	queueList(b, &t.Blocks, 8, scheduleBlocks, args)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return t, fmt.Errorf("read the day: %w", err)
	}
	t.Now, t.Needs = p.now, p.needs()
	for _, e := range p.entries {
		if e.StartsAt.Before(in.To) && e.EndsAt.After(in.From) {
			t.Entries = append(t.Entries, e)
		}
	}
	t.people()
	return t, d.nameThose(ctx, tx, &t)
}

// people sorts the day's patients into those who are here and those who are expected.
func (t *Today) people() {
	var expected []Entry
	for _, e := range t.Entries {
		switch {
		case e.Status == Arrived || e.Status == CheckedIn:
			t.Here = append(t.Here, e)
		case e.Status == Booked && e.EndsAt.After(t.Now):
			expected = append(expected, e)
		}
	}
	slices.SortStableFunc(t.Here, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(a.Status, b.Status), a.UpdatedAt.Compare(b.UpdatedAt)) // "arrived" stands before "checked-in"
	})
	n := min(nextSize, len(expected))
	for n > 0 && n < len(expected) && expected[n].StartsAt.Equal(expected[n-1].StartsAt) {
		n++
	}
	t.Next, t.More = expected[:n], len(expected)-n
}

// needs are sorted by what runs out first: the holds by their ends; then the people, whoever has waited longest first; then what is still to
// come, the next first; then the days that are past, the last first.
func (p pressing) needs() []Need {
	var holds, people, coming []Need
	byID := map[uuid.UUID]*Entry{}
	for i := range p.entries {
		e := &p.entries[i]
		byID[e.ID] = e
		if n := need(e, p.now); n.Kind == NeedHold {
			holds = append(holds, n)
		} else if n.Kind != "" {
			people = append(people, n)
		}
	}
	for _, c := range p.clashes {
		if e := byID[c.ID]; e != nil {
			coming = append(coming, Need{Kind: NeedClash, Entry: e, With: byID[c.Other], Since: e.StartsAt})
		}
	}
	for _, a := range p.away {
		n := Need{Kind: NeedAway, Since: a.First, Count: a.Count, Reason: a.Reason}
		if a.PractitionerID != nil {
			n.Practitioner = *a.PractitionerID
		}
		coming = append(coming, n)
	}
	slices.SortStableFunc(holds, func(a, b Need) int { return a.Entry.HoldExpiresAt.Compare(*b.Entry.HoldExpiresAt) })
	slices.SortStableFunc(people, func(a, b Need) int { return a.Since.Compare(b.Since) })
	slices.SortStableFunc(coming, func(a, b Need) int { return a.Since.Compare(b.Since) })
	all := slices.Concat(holds, people, coming)
	for _, o := range p.open {
		all = append(all, Need{Kind: NeedOpen, Day: o.Day, Since: o.Day, Count: o.Count})
	}
	return all
}

// need is why one appointment needs a person now; its zero Kind says that it does not. The desk's own holds and a patient's own are seen to by
// whoever made them.
func need(e *Entry, now time.Time) Need {
	n := Need{Entry: e, Since: e.StartsAt}
	switch {
	case e.Status == Pending && (e.Source == ByAgent || e.Source == ByAPI):
		n.Kind, n.Since = NeedHold, e.HeldAt
	case e.Status == Booked && !now.Before(e.EndsAt):
		n.Kind = NeedMissed
	case e.Status == Booked && now.Sub(e.StartsAt) >= LateAfter:
		n.Kind = NeedLate
	case e.Status == Arrived && now.Sub(waitsSince(e)) >= WaitingAfter:
		n.Kind, n.Since = NeedWaiting, e.UpdatedAt
	case e.Status == CheckedIn && now.Sub(e.EndsAt) >= OverrunAfter:
		n.Kind, n.Since = NeedOverrun, e.EndsAt
	}
	return n
}

// waitsSince is when waiting begins to count against the clinic: whoever comes early waits for the own time first.
func waitsSince(e *Entry) time.Time {
	if e.StartsAt.After(e.UpdatedAt) {
		return e.StartsAt
	}
	return e.UpdatedAt
}

// NextChange is when something will need a person merely because time goes by; zero when nothing will today. A hold that ends says so itself.
func (t Today) NextChange() time.Time {
	var next time.Time
	sooner := func(at time.Time) {
		if at.After(t.Now) && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	for i := range t.Entries {
		e := &t.Entries[i]
		switch e.Status {
		case Booked:
			sooner(e.StartsAt.Add(LateAfter))
			sooner(e.EndsAt)
		case Arrived:
			sooner(waitsSince(e).Add(WaitingAfter))
		case CheckedIn:
			sooner(e.EndsAt.Add(OverrunAfter))
		}
	}
	return next
}

// nameThose reads whoever the page names, and no one else.
func (d *Desk) nameThose(ctx context.Context, tx *tenancy.Tx, t *Today) error {
	keys, err := d.vault.Clinic(ctx, tx)
	if err != nil {
		return fmt.Errorf("clinic keys: %w", err)
	}
	seen := map[uuid.UUID]bool{}
	ids := []uuid.UUID{}
	name := func(e *Entry) {
		if e != nil && e.PatientID != nil && !seen[*e.PatientID] {
			seen[*e.PatientID] = true
			ids = append(ids, *e.PatientID)
		}
	}
	for _, n := range t.Needs {
		name(n.Entry)
		name(n.With)
		if n.Kind == NeedHold && n.Entry.Caller != nil {
			if t.Callers[n.Entry.ID], err = openCaller(keys, n.Entry.ID, n.Entry.Caller); err != nil {
				return fmt.Errorf("open the caller of a hold: %w", err)
			}
		}
	}
	for _, list := range [][]Entry{t.Here, t.Next} {
		for i := range list {
			name(&list[i])
		}
	}
	if len(ids) == 0 {
		return nil
	}
	b := &pgx.Batch{}
	if err := d.patients.QueueMany(ctx, tx, b, ids, t.Patients); err != nil {
		return err
	}
	if err := audit.Queue(b, tx, audit.Event{Action: "today.viewed", SubjectKind: "schedule", Patients: ids}); err != nil {
		return err
	}
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("read the day's patients: %w", err)
	}
	return nil
}
