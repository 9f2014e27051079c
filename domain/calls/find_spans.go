package calls

import (
	"slices"
	"time"

	"anteroom/domain/scheduling"
)

// How far from a time of day it is looked for others, in minutes, when no one day was named.
const justBefore, soonAfter = 30, 60

// spans are the stretches of each of the days that suit, in order, without what does not, inside of the limits.
func (v visit) spans(days, not []When, limits scheduling.Span) []scheduling.Span {
	var list []scheduling.Span
	for day := dayOf(limits.From); len(list) < mostSpans && day.Before(limits.To); day = day.AddDate(0, 0, 1) {
		free := make([]bool, daylong) // by the minute: may a time begin then
		for _, d := range days {
			d.mark(free, day, true)
		}
		for _, n := range not {
			n.mark(free, day, false)
		}
		for m := 0; m < daylong; m++ {
			if !free[m] {
				continue
			}
			from := m
			for m < daylong && free[m] {
				m++
			}
			s := scheduling.Span{From: later(onDay(day, from), limits.From), To: earlier(onDay(day, m), limits.To)}
			if s.From.Before(s.To) {
				list = append(list, s)
			}
		}
	}
	return list
}

// joined are the spans with those that touch made one.
func joined(spans []scheduling.Span) (list []scheduling.Span) {
	for _, s := range spans {
		if n := len(list); n > 0 && list[n-1].To.Equal(s.From) {
			list[n-1].To = s.To
			continue
		}
		list = append(list, s)
	}
	return list
}

// atClocks parts the spans at the times of day that were named, so that each of these is the first of its span and is found however many are
// free before it. On many days what lies before is left out.
func atClocks(spans []scheduling.Span, clocks []int) []scheduling.Span {
	if len(clocks) == 0 {
		return spans
	}
	var list []scheduling.Span
	for _, s := range spans {
		for _, clock := range slices.Sorted(slices.Values(clocks)) {
			at := onDay(s.From, clock)
			if !at.After(s.From) || !at.Before(s.To) {
				continue
			}
			if len(spans) <= soon+1 {
				list = append(list, scheduling.Span{From: s.From, To: at})
			}
			s.From = at
		}
		list = append(list, s)
	}
	return list
}

// mark says of each minute of a day that this is about whether it suits.
func (w When) mark(minutes []bool, day time.Time, suits bool) {
	if !w.Day.IsZero() && !w.on(day) {
		return
	}
	from, to := w.After, w.Before
	if to == 0 {
		to = daylong
	}
	switch {
	case w.Minute >= 0 && suits:
		from, to = max(from, w.Minute-justBefore, 0), min(to, w.Minute+soonAfter+1)
	case w.Minute >= 0:
		from, to = w.Minute, w.Minute+1
	}
	for m := from; m < min(to, daylong); m++ {
		minutes[m] = suits
	}
}

// on says whether a day is one of these.
func (w When) on(day time.Time) bool {
	long := 1
	if !w.To.IsZero() {
		long = daysBetween(w.Day, w.To)
	}
	since := daysBetween(w.Day, day)
	if w.Every {
		since = (since%7 + 7) % 7
	}
	return since >= 0 && since < long
}

// daysBetween counts dates: a day on which the clocks change has 23 hours, or 25.
func daysBetween(a, b time.Time) int { return int(b.Sub(a).Hours()+36)/24 - 1 }
