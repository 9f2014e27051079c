package scheduling

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"anteroom/domain/tenancy"
)

// What the hours say of a slot, whether or not somebody has it.
const (
	slotOpen    = "open"
	slotBlocked = "blocked" // a closure or time off
	slotGone    = "gone"    // outside of the hours: it goes when it is given back
)

// longestGrain bounds how far a slot reaches beyond its start.
const longestGrain = time.Hour

// RebuildInput says whose slots to bring in line with the hours, and when.
type RebuildInput struct {
	Practitioners []uuid.UUID // empty: all who are active
	From          time.Time   // first start of a slot; never earlier than now
	To            time.Time   // zero: the horizon, and what lies beyond it is removed
}

// Outside is an appointment or a hold that a rebuild has just left without hours. It is kept: somebody decides about it.
type Outside struct {
	Appointment  uuid.UUID `db:"id"`
	Practitioner uuid.UUID `db:"practitioner_id"`
	StartsAt     time.Time
}

// RebuildResult is what a rebuild did. Slots that somebody has count under Blocked and Reopened, and never under Removed.
type RebuildResult struct {
	Added    int
	Removed  int
	Blocked  int
	Reopened int
	Gained   int       // slots that are free now and were not, whether added or reopened
	Lost     int       // slots that were free and are not now, whether removed or blocked
	Outside  []Outside // in the order of time
}

const lockHorizonSQL = `select pg_advisory_xact_lock(hashtextextended('anteroom horizon ' || @clinic::uuid::text, 0))`

// lockHorizon lets one transaction at a time change the hours or the slots' grid of a clinic. Claims do not take it.
func lockHorizon(ctx context.Context, tx *tenancy.Tx) error {
	if _, err := tx.Exec(ctx, lockHorizonSQL, tenancy.Args{"clinic": tx.Clinic()}); err != nil {
		return fmt.Errorf("lock the clinic's hours: %w", err)
	}
	return nil
}

// Rebuild makes the slots what the hours say, from now on, in three round trips. It never touches the status of a slot that somebody
// has, nor its appointment: such a slot is told what the hours say of it, so that it returns to that when it is given back. A claim
// that meets a rebuild waits for it, or makes it wait; if its slot is removed, it loses as to another claim.
func Rebuild(ctx context.Context, tx *tenancy.Tx, in RebuildInput) (RebuildResult, error) {
	now, err := tx.Now(ctx)
	if err != nil {
		return RebuildResult{}, err
	}
	if in.From.Before(now) {
		in.From = now
	}
	if !in.To.IsZero() && !in.From.Before(in.To) {
		return RebuildResult{}, nil
	}
	h, err := loadHorizon(ctx, tx, in, now)
	if err != nil {
		return RebuildResult{}, err
	}
	plans := h.plan()
	locked, err := lockSlotsByID(ctx, tx, plans)
	if err != nil {
		return RebuildResult{}, err
	}
	var work slotChanges
	for _, p := range plans {
		before := work.size()
		p.resolve(locked, &work)
		if work.size() > before {
			tx.Announce("schedule", p.practitioner)
		}
	}
	return work.apply(ctx, tx, now)
}

// Roll adds the days that the horizon has reached since the last time, and does nothing else while the hours are as they were. It is
// cheap when there is nothing to add. When there is, it is a whole Rebuild, so that once a day every slot is held against the hours.
func Roll(ctx context.Context, tx *tenancy.Tx) (RebuildResult, error) {
	now, err := tx.Now(ctx)
	if err != nil {
		return RebuildResult{}, err
	}
	h, err := loadRules(ctx, tx, RebuildInput{From: now}, now, lastSlots, tenancy.Args{})
	if err != nil {
		return RebuildResult{}, err
	}
	for _, id := range h.order {
		missing := horizonSpan{now, h.end}
		if last := h.slots[id]; len(last) > 0 {
			missing.from = last[0].EndsAt
		}
		rules := h.rules[id]
		if missing.from.Before(missing.to) && len(rules.slots(rules.working(missing, h.clinic.Location), missing, h.grain())) > 0 {
			return Rebuild(ctx, tx, RebuildInput{})
		}
	}
	return RebuildResult{}, nil
}

// existingSlot is a slot as it is.
type existingSlot struct {
	ID             uuid.UUID
	PractitionerID uuid.UUID
	StartsAt       time.Time
	EndsAt         time.Time
	Status         string
	Availability   string
	AppointmentID  *uuid.UUID
	HoldExpiresAt  *time.Time
}

func (s existingSlot) taken() bool       { return s.Status == Busy || s.Status == Held }
func (s existingSlot) span() horizonSpan { return horizonSpan{s.StartsAt, s.EndsAt} }

// says is whether the slot already is what the hours say.
func (s existingSlot) says(availability string) bool {
	return s.Availability == availability && (s.taken() || s.Status == untakenStatus(availability))
}

func untakenStatus(availability string) string {
	if availability == slotOpen {
		return Free
	}
	return Unavailable
}

// slotPlan is one practitioner's slots as they should be, beside those that differ.
type slotPlan struct {
	practitioner uuid.UUID
	rules        workRules
	working      []horizonSpan
	planned      []plannedSlot
	have         []bool         // by planned: the slot is there and right
	differ       []existingSlot // to be locked and looked at again
	around       []horizonSpan  // slots that stay because they start outside of the time that is rebuilt
}

// plan holds what is there against what should be.
func (h *horizon) plan() []*slotPlan {
	plans := make([]*slotPlan, 0, len(h.order))
	for _, id := range h.order {
		p := &slotPlan{practitioner: id, rules: h.rules[id]}
		span := horizonSpan{h.from, h.to}
		reach := span
		if slots := h.slots[id]; len(slots) > 0 && slots[len(slots)-1].EndsAt.After(reach.to) {
			reach.to = slots[len(slots)-1].EndsAt // hours are asked about these too, although no slot is made there
		}
		p.working = p.rules.working(reach, h.clinic.Location)
		p.planned = p.rules.slots(p.working, span, h.grain())
		p.have = make([]bool, len(p.planned))
		for _, s := range h.slots[id] {
			if s.StartsAt.Before(h.from) || (h.bounded && !s.StartsAt.Before(h.to)) {
				p.around = append(p.around, s.span())
			} else if i, ok := p.find(s); ok && s.says(p.planned[i].availability) {
				p.have[i] = true
			} else {
				p.differ = append(p.differ, s)
			}
		}
		plans = append(plans, p)
	}
	return plans
}

// find gives the planned slot that s is, if it is one.
func (p *slotPlan) find(s existingSlot) (int, bool) {
	i, ok := slices.BinarySearchFunc(p.planned, s.StartsAt, func(a plannedSlot, at time.Time) int { return a.from.Compare(at) })
	return i, ok && p.planned[i].to.Equal(s.EndsAt)
}

const lockDiffering = `
select id, practitioner_id, starts_at, ends_at, status, availability, appointment_id, hold_expires_at from slots
 where clinic_id = @clinic and id = any(@ids::uuid[]) order by practitioner_id, starts_at for update`

// lockSlotsByID locks what differs in the order that claims use, and answers it as it is now: meanwhile it may have been claimed, given
// back or removed. What does not differ needs no lock, since only a rebuild changes what the hours say of a slot.
func lockSlotsByID(ctx context.Context, tx *tenancy.Tx, plans []*slotPlan) (map[uuid.UUID]existingSlot, error) {
	var ids []uuid.UUID
	for _, p := range plans {
		for _, s := range p.differ {
			ids = append(ids, s.ID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := tx.Query(ctx, lockDiffering, tenancy.Args{"clinic": tx.Clinic(), "ids": ids})
	if err != nil {
		return nil, fmt.Errorf("lock slots: %w", err)
	}
	locked := make(map[uuid.UUID]existingSlot, len(ids))
	err = scanSlots(rows, func(s existingSlot) { locked[s.ID] = s })
	return locked, err
}

// resolve decides about every slot that differs, and which planned ones to add. A planned slot that would overlap one that stays is
// left out until that one is given back.
func (p *slotPlan) resolve(locked map[uuid.UUID]existingSlot, work *slotChanges) {
	stay := p.around
	for _, d := range p.differ {
		s, there := locked[d.ID]
		if !there {
			continue
		}
		i, onGrid := p.find(s)
		switch {
		case onGrid:
			p.have[i] = true
			work.set(s, p.planned[i].availability)
		case s.taken():
			stay = append(stay, s.span())
			work.set(s, p.rules.availability(s.span(), p.working))
		default:
			work.drop(s)
		}
	}
	slices.SortFunc(stay, func(a, b horizonSpan) int { return a.from.Compare(b.from) })
	for i, want := range p.planned {
		if p.have[i] {
			continue
		}
		for len(stay) > 0 && !stay[0].to.After(want.from) {
			stay = stay[1:]
		}
		if len(stay) == 0 || !stay[0].overlaps(want.horizonSpan) {
			work.add(p.practitioner, want)
		}
	}
}
