package scheduling

import (
	"slices"
	"time"

	"anteroom/domain/fault"
)

// How a series may repeat.
const (
	EveryWeek  = "week"
	EveryMonth = "month"
)

// SeriesInput books the same time again and again: every so many weeks, or in every so many months on the same weekday of the month (the second Tuesday;
// the fifth is the last where there are only four).
type SeriesInput struct {
	First   BookInput   // of a hold, a slot, or a practitioner's time
	Every   int         // 1 to 12
	Unit    string      // EveryWeek or EveryMonth
	Count   int         // 2 to 52, the first included
	OnTaken string      // "skip", which is also what empty means: what cannot be had is left out, and said
	Instead []time.Time // each in place of the time on its day of the clinic
}

func (in SeriesInput) check() error {
	var bad settingFaults
	bad.number("every", "How often it comes back", in.Every, 1, 12)
	bad.number("count", "The number of appointments", in.Count, 2, 52)
	if in.Unit != EveryWeek && in.Unit != EveryMonth {
		bad.add("unit", "It comes back every so many weeks or months.")
	}
	if in.OnTaken != "" && in.OnTaken != "skip" {
		bad.add("on_taken", "Times that cannot be had are left out.")
	}
	if in.First.Overbook {
		bad.add("overbook", "A series cannot be overbooked. Book the first one alone.")
	}
	return bad.err()
}

// starts are the times by the clinic's clock: the wall clock stays when summer time comes or goes.
func (in SeriesInput) starts(first time.Time, zone *time.Location) []time.Time {
	day, local := horizonDay(first, zone), first.In(zone)
	minute := local.Hour()*60 + local.Minute()
	list := []time.Time{first} // not through the clock: of an hour that comes twice it may be the second
	for i := 1; i < in.Count; i++ {
		on := day.AddDate(0, 0, 7*in.Every*i)
		if in.Unit == EveryMonth {
			on = sameWeekday(day, in.Every*i)
		}
		list = append(list, wallInstant(on, minute, zone))
	}
	return list
}

// swapped are the times with those that were chosen in place of theirs.
func (in SeriesInput) swapped(usual []time.Time, zone *time.Location) ([]time.Time, error) {
	starts := slices.Clone(usual)
	for _, at := range in.Instead {
		i := slices.IndexFunc(usual, func(t time.Time) bool { return horizonDay(t, zone).Equal(horizonDay(at, zone)) })
		if i < 0 {
			return nil, fault.BadField("instead", "Another time must be on the day of the one it is for. Look at the dates again.")
		}
		starts[i] = at
	}
	return starts, nil
}

// sameWeekday is the day's weekday, counted in its month as the day is in its own, so many months later.
func sameWeekday(day time.Time, months int) time.Time {
	first := time.Date(day.Year(), day.Month()+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	offset := (int(day.Weekday()) - int(first.Weekday()) + 7) % 7
	on := first.AddDate(0, 0, offset+7*((day.Day()-1)/7))
	if on.Month() != first.Month() {
		on = on.AddDate(0, 0, -7)
	}
	return on
}

// Occurrence is one time of a series, and whether it can be had.
type Occurrence struct {
	StartsAt time.Time
	EndsAt   time.Time
	Usual    time.Time // of the series; StartsAt is another when it was chosen instead
	Outcome  string    // TimeFree, TimeTaken, TimeClosed, TimeNoHours or TimeBeyond
	Reason   string    // of a closure, in the clinic's words
	Instead  *FreeSlot // the nearest free time of that day, when there is one
}

// errNothingFree: no time of a series can be had.
func errNothingFree(next []FreeSlot) error {
	return fault.New(fault.Conflict, "nothing-free", "None of these times can be had. Nothing was booked.").With(Alternatives{Next: next})
}
