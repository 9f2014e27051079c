package scheduling

import (
	"slices"
	"sort"
	"time"
)

// Which slots a practitioner should have: pure functions of hours, closures and zone. Nothing here reads the database or the clock.

// horizonSpan is the time from one instant up to another.
type horizonSpan struct{ from, to time.Time }

func (s horizonSpan) overlaps(o horizonSpan) bool { return s.from.Before(o.to) && o.from.Before(s.to) }

// horizonDay is the date, as midnight UTC, that the clinic's calendar shows at t.
func horizonDay(t time.Time, loc *time.Location) time.Time {
	y, m, d := t.In(loc).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// wallInstant is the first instant at which the clinic's clock, read with its date, has reached a minute of a day. So a time that is
// skipped when clocks go forward means the moment they do, one that comes twice means the first, and a later minute never comes
// before an earlier one: hours that do not overlap on paper do not overlap in time.
func wallInstant(day time.Time, minute int, loc *time.Location) time.Time {
	wall := day.Add(time.Duration(minute) * time.Minute)
	for t := wall.Add(-26 * time.Hour).In(loc); ; { // no zone is ahead of UTC by more than 14 hours, or was by more than 16
		_, offset := t.Zone()
		_, until := t.ZoneBounds()
		at := wall.Add(-time.Duration(offset) * time.Second)
		if at.Before(t) {
			at = t
		}
		if until.IsZero() || at.Before(until) {
			return at.UTC()
		}
		t = until
	}
}

// workRules are one practitioner's hours.
type workRules struct {
	active     bool
	weekly     []WeeklyHours
	exceptions map[time.Time][]HoursInterval // by day; empty: off
	closed     []horizonSpan
}

// working answers the intervals of work that lie in the span or reach into it, in order and without overlap.
func (r workRules) working(span horizonSpan, loc *time.Location) []horizonSpan {
	var out []horizonSpan
	if !r.active {
		return nil
	}
	last := horizonDay(span.to, loc)
	for day := horizonDay(span.from, loc); !day.After(last); day = day.AddDate(0, 0, 1) {
		for _, h := range r.hoursOn(day) {
			w := horizonSpan{wallInstant(day, h.Starts, loc), wallInstant(day, h.Ends, loc)}
			if w.from.Before(w.to) && w.overlaps(span) {
				out = append(out, w)
			}
		}
	}
	return out
}

func (r workRules) hoursOn(day time.Time) []HoursInterval {
	if other, ok := r.exceptions[day]; ok {
		return other
	}
	var out []HoursInterval
	for _, h := range r.weekly {
		if h.Weekday == day.Weekday() {
			out = append(out, HoursInterval{h.Starts, h.Ends})
		}
	}
	return out
}

// availability is what the hours say of a span.
func (r workRules) availability(span horizonSpan, working []horizonSpan) string {
	if !coveredBy(span, working) {
		return slotGone
	}
	if slices.ContainsFunc(r.closed, span.overlaps) {
		return slotBlocked
	}
	return slotOpen
}

// coveredBy says whether the span lies in the intervals, which may touch, as they do at midnight.
func coveredBy(span horizonSpan, in []horizonSpan) bool {
	at := span.from
	for i := sort.Search(len(in), func(i int) bool { return in[i].to.After(at) }); i < len(in) && !in[i].from.After(at); i++ {
		if at = in[i].to; !at.Before(span.to) {
			return true
		}
	}
	return false
}

// plannedSlot is a slot that there should be.
type plannedSlot struct {
	horizonSpan
	availability string
}

// slots cuts the intervals of work into slots that start inside the span, in order. Each interval starts afresh; what is left at its
// end and shorter than the grain gets no slot. Steps are of absolute time, so a night on which clocks change has the hours it has.
func (r workRules) slots(working []horizonSpan, span horizonSpan, grain time.Duration) []plannedSlot {
	var out []plannedSlot
	for _, w := range working {
		for at := w.from; !at.Add(grain).After(w.to); at = at.Add(grain) {
			if at.Before(span.from) || !at.Before(span.to) {
				continue
			}
			s := plannedSlot{horizonSpan{at, at.Add(grain)}, slotOpen}
			if slices.ContainsFunc(r.closed, s.overlaps) {
				s.availability = slotBlocked
			}
			out = append(out, s)
		}
	}
	return out
}
