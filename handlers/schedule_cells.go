package handlers

import (
	"time"

	"github.com/google/uuid"

	"anteroom/domain/scheduling"
	"anteroom/views"
)

// cells are the days of the practitioners, sorted in one pass: a week of a dozen people has thousands of slots.
type cells struct {
	at  map[cellKey]*cell
	see eye
}

type cellKey struct {
	practitioner uuid.UUID
	day          int
}

// daySlots is as many as a day of ten hours has by the quarter of an hour.
const daySlots = 40

type cell struct {
	hours  []views.Span
	free   []views.Slot
	blocks []views.Block
}

func (s loaded) cells(see eye) cells {
	all := cells{at: map[cellKey]*cell{}, see: see}
	get := func(practitioner uuid.UUID, at time.Time) *cell {
		key := cellKey{practitioner, s.dayOf(at)}
		if all.at[key] == nil {
			all.at[key] = &cell{}
		}
		return all.at[key]
	}
	for _, p := range s.Places {
		k := get(p.PractitionerID, p.StartsAt)
		span := views.Span{From: p.StartsAt.In(s.zone), To: p.EndsAt.In(s.zone)}
		if n := len(k.hours); n > 0 && k.hours[n-1].To.Equal(span.From) {
			k.hours[n-1].To = span.To
		} else {
			k.hours = append(k.hours, span)
		}
		if p.Status == scheduling.Free {
			if k.free == nil {
				k.free = make([]views.Slot, 0, daySlots)
			}
			k.free = append(k.free, views.Slot{ID: p.ID.String(), From: span.From, To: span.To})
		}
	}
	for _, e := range s.Entries {
		k := get(e.PractitionerID, e.StartsAt)
		k.blocks = append(k.blocks, s.block(e, see))
	}
	return all
}

// dayOf is the day of those shown in which a time falls; what began before them reaches into the first.
func (s loaded) dayOf(at time.Time) int {
	for i := len(s.days) - 2; i > 0; i-- {
		if !at.Before(s.days[i]) {
			return i
		}
	}
	return 0
}

// hours are the first and the last to draw: those of the work and the appointments, or 8 to 18 when there are none.
func (s loaded) hours(all cells) (from, to int) {
	from, to = 24, 0
	for key, k := range all.at {
		begins, ends := s.days[key.day], s.days[key.day+1]
		for _, h := range k.hours {
			from, to = widen(from, to, later(h.From, begins), earlier(h.To, ends))
		}
		for _, b := range k.blocks {
			from, to = widen(from, to, later(b.From, begins), earlier(b.To, ends))
		}
	}
	if from >= to {
		return 8, 18
	}
	return from, to
}

func widen(from, to int, start, end time.Time) (int, int) {
	last := end.Hour()
	if end.Minute() > 0 || end.Second() > 0 {
		last++
	}
	if end.YearDay() != start.YearDay() {
		last = 24
	}
	return min(from, start.Hour()), max(to, last)
}

// openDays are the days of a week that are drawn: weekends on which nothing is are left out.
func (s loaded) openDays(all cells) (days []int) {
	busy := map[int]bool{}
	for key := range all.at {
		busy[key.day] = true
	}
	for i, day := range s.days[:len(s.days)-1] {
		weekend := day.Weekday() == time.Saturday || day.Weekday() == time.Sunday
		if !weekend || busy[i] || day.Equal(midnight(s.Now.In(s.zone), 0)) {
			days = append(days, i)
		}
	}
	return days
}
