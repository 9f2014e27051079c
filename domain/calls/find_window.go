package calls

import (
	"context"
	"slices"
	"time"

	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
)

// soon is how many days are looked through when no day was named. Looking through the whole horizon takes most of a second.
const soon = 7

// window is where to look for a free time, and where to look when nothing is free there.
type window struct {
	spans  []scheduling.Span
	near   time.Time // around which instant, when one was named
	clocks []int     // around which minutes of any of the days

	elsewhere []otherwise // in the order in which they are looked at, when nothing is free in spans
}

// otherwise is where else something may be free. Its spans are reckoned when they are needed.
type otherwise struct {
	is    string
	spans func() []scheduling.Span
}

const (
	onward   = "Nothing is free for %s at that time in the coming week. The next free times are: "
	next     = "Nothing is free for %s at that time. The next free times are: "
	sooner   = "Nothing is free for %s then or later. The soonest free times are: "
	ruledOut = "Nothing is free for %s at the times that suit the caller. Other times are free: "
)

func (w window) offers(ctx context.Context, tx *tenancy.Tx, in scheduling.FindInput) ([]offer, error) {
	if !w.near.IsZero() {
		in.From, in.To = w.spans[0].From, w.spans[0].To
		return findNear(ctx, tx, in, w.near, offered)
	}
	some := w.some()
	offers, err := w.pick(ctx, tx, in, some)
	if err != nil || len(offers) == offered || len(some) == len(w.spans) {
		return offers, err
	}
	return w.pick(ctx, tx, in, w.spans)
}

// looked is how many stretches of time are looked through first: every one costs, and these are nearly always enough.
const looked = 10

// some are a few of the spans: the first ones when a time of day was named, and else from the first to the last.
func (w window) some() []scheduling.Span {
	if n := len(w.spans); n > looked && len(w.clocks) == 0 {
		few := make([]scheduling.Span, looked)
		for i := range few {
			few[i] = w.spans[i*(n-1)/(looked-1)]
		}
		return few
	}
	return w.spans[:min(len(w.spans), 2*soon)]
}

func (w window) pick(ctx context.Context, tx *tenancy.Tx, in scheduling.FindInput, spans []scheduling.Span) ([]offer, error) {
	in.Spans, in.Limit = spans, perSpan(len(spans))
	found, err := scheduling.Find(ctx, tx, in)
	if err != nil {
		return nil, err
	}
	if len(w.clocks) > 0 {
		return byClock(found, w.clocks, in.Zone, offered), nil
	}
	return spread(found, offered), nil
}

// perSpan is how many starts of each are looked at: every one costs, and five are offered of them all.
func perSpan(spans int) int {
	if spans == 1 {
		return 20
	}
	return max(2, 15/spans)
}

// byClock picks at most n of the openings: those that begin nearest to one of the minutes of the day, on the first days, in order of time.
func byClock(found []scheduling.Opening, clocks []int, zone *time.Location, n int) []offer {
	starts := spread(found, len(found)+1)
	off := func(o offer) int {
		at, least := o.startsAt.In(zone), daylong
		for _, clock := range clocks {
			least = min(least, max(at.Hour()*60+at.Minute()-clock, clock-at.Hour()*60-at.Minute()))
		}
		return least
	}
	slices.SortStableFunc(starts, func(a, b offer) int { return off(a) - off(b) })
	starts = starts[:min(n, len(starts))]
	slices.SortFunc(starts, func(a, b offer) int { return a.startsAt.Compare(b.startsAt) })
	return starts
}

const (
	whichDay      = "Which day would suit you? Please name a date."
	dayPassed     = "That day has passed. Which day would suit you?"
	timePassed    = "That time has passed. Which day and time would suit you?"
	tooFar        = "We book up to %s. Which day until then would suit you?"
	nothingIsLeft = "That leaves no day to look at. Which day and time would suit you?"
)

// end is the midnight after the last day that can be booked.
func (v visit) end() time.Time { return dayOf(v.now).AddDate(0, 0, v.clinic.HorizonDays) }

// farther asks for an earlier day, with the last one there is.
func (v visit) farther() error {
	return ask(tooFar, sayDay(v.end().AddDate(0, 0, -1), v.now, v.clinic.Locale))
}

// window reads the arguments that say when.
func (v visit) window(a Arguments) (window, error) {
	w := v.wished(a)
	from, to := v.wish(a.text("from", "after", "earliest")), v.wish(a.text("to", "until", "before", "latest"))
	if w.Lost || from.Lost || to.Lost {
		return window{}, ask(whichDay)
	}
	w, limits, err := v.limited(w, from, to, a.text("to", "until", "before", "latest"))
	if err != nil {
		return window{}, err
	}
	if at, ok := w.one().Exact(); ok && limits == (scheduling.Span{From: v.now, To: v.end()}) {
		return v.exact(at)
	}
	return v.around(w, limits)
}

// exact is a day, around a time of it.
func (v visit) exact(at time.Time) (window, error) {
	switch {
	case at.Before(v.now):
		return window{}, ask(timePassed)
	case !at.Before(v.end()):
		return window{}, v.farther()
	}
	day := dayOf(at)
	out := window{near: at, spans: []scheduling.Span{{From: later(day, v.now), To: day.AddDate(0, 0, 1)}}}
	out.elsewhere = v.beside(out.spans[0], nil)
	return out, nil
}

// limited is the wish inside of from and to. A time of day bounds every day; a day bounds them all.
func (v visit) limited(w, from, to wishes, saidTo string) (wishes, scheduling.Span, error) {
	limits := scheduling.Span{From: v.now, To: v.end()}
	first, last := from.bound(), to.bound()
	w.Not = append(append(slices.Clone(w.Not), from.Not...), to.Not...)
	if !first.Day.IsZero() && last.Day.Before(first.Day) && !last.Day.IsZero() { // "from Wednesday to Monday" ends on the Monday after
		last = parseWishes(saidTo, first.Day, v.clinic.Country).bound()
	}
	named := len(w.Any) > 0 && !w.Any[0].Day.IsZero()
	if start := first.edge(false); !start.IsZero() {
		if !named && last.Day.IsZero() && first.Minute >= 0 && !last.timeless() { // "from Tuesday at two to four"
			last.Day = first.Day
		}
		limits.From = later(limits.From, start)
		if !limits.From.Before(limits.To) {
			return w, limits, v.farther()
		}
	} else if minute := first.begins(); minute > 0 {
		w.Not = append(w.Not, When{Minute: -1, Before: minute})
	}
	if end := last.edge(true); !end.IsZero() {
		limits.To = earlier(limits.To, end)
	} else if minute := last.ends(); minute > 0 && minute < daylong {
		w.Not = append(w.Not, When{Minute: -1, After: minute, Before: daylong})
	}
	switch {
	case !limits.To.After(limits.From):
		return w, limits, ask(timePassed)
	case !named && (!first.Day.IsZero() || !last.Day.IsZero()):
		days := When{Day: dayOf(limits.From), To: dayOf(limits.To.Add(-1)).AddDate(0, 0, 1), Minute: -1}
		if last.Day.IsZero() {
			days.To = earlier(days.To, days.Day.AddDate(0, 0, soon))
			w.Open = true // "from Wednesday": the first there are
		}
		if len(w.Any) == 0 {
			w.Any = []When{days}
		}
		for i := range w.Any {
			w.Any[i] = w.Any[i].with(days)
		}
	}
	return w, limits, nil
}

// bound is the time that from or to means.
func (w wishes) bound() When {
	if len(w.Any) == 0 {
		return When{Minute: -1}
	}
	return w.Any[0]
}

// begins and ends are minutes of the day: a part of it begins and ends, and a time is both.
func (w When) begins() int {
	if w.Minute >= 0 {
		return w.Minute
	}
	return w.After
}

func (w When) ends() int {
	if w.Minute >= 0 {
		return w.Minute
	}
	return w.Before
}

// edge is the instant that from or to means: a day alone is its start, or its end.
func (w When) edge(end bool) time.Time {
	switch {
	case w.Day.IsZero():
		return time.Time{}
	case end && !w.To.IsZero():
		return w.To
	case end && w.ends() > 0:
		return onDay(w.Day, w.ends())
	case end:
		return w.Day.AddDate(0, 0, 1)
	}
	return onDay(w.Day, w.begins())
}

// around is the window of a wish. Without a day it is the next few ones, and then those after them.
func (v visit) around(w wishes, limits scheduling.Span) (window, error) {
	out, today := window{}, dayOf(v.now)
	days := slices.Clone(w.Any)
	if len(days) == 0 {
		days = []When{{Minute: -1}}
	}
	anyDay := false
	for i, d := range days {
		if d.Minute >= 0 {
			out.clocks = append(out.clocks, d.Minute)
		}
		if d.Day.IsZero() {
			anyDay = true
			days[i].Day, days[i].To = today, today.AddDate(0, 0, soon)
		}
	}
	if err := v.reachable(days); err != nil {
		return window{}, err
	}
	if out.spans = v.spans(days, w.Not, limits); len(out.spans) == 0 {
		if len(v.spans(days, nil, limits)) > 0 {
			return window{}, ask(nothingIsLeft)
		}
		return window{}, ask(timePassed)
	}
	out.spans = atClocks(out.spans, out.clocks)
	if w.empty() || w.Open { // the soonest there is
		out.spans = joined(out.spans)
	}
	if anyDay && !w.empty() {
		for i := range days {
			days[i].Day, days[i].To = today.AddDate(0, 0, soon), v.end()
		}
		out.elsewhere = []otherwise{{onward, func() []scheduling.Span { return v.spans(days, w.Not, limits) }}}
	}
	out.elsewhere = append(out.elsewhere, v.beside(out.spans[0], w.Not)...)
	return out, nil
}

// reachable refuses days that have all passed, or that all lie beyond what can be booked.
func (v visit) reachable(days []When) error {
	past, far := true, true
	for _, d := range days {
		past = past && !d.Every && !d.lastDay().After(dayOf(v.now).AddDate(0, 0, -1))
		far = far && !d.Day.Before(v.end())
	}
	switch {
	case past:
		return ask(dayPassed)
	case far:
		return v.farther()
	}
	return nil
}

func (w When) lastDay() time.Time {
	if w.To.IsZero() {
		return w.Day
	}
	return w.To.AddDate(0, 0, -1)
}

// beside is what comes from a span on, what comes before it, and last what does not suit.
func (v visit) beside(span scheduling.Span, not []When) []otherwise {
	all := scheduling.Span{From: v.now, To: v.end()}
	within := func(s scheduling.Span) func() []scheduling.Span {
		return func() []scheduling.Span {
			switch {
			case !s.From.Before(s.To):
				return nil
			case len(not) == 0:
				return []scheduling.Span{s}
			}
			return v.spans([]When{{Day: dayOf(s.From), To: v.end(), Minute: -1}}, not, s)
		}
	}
	list := []otherwise{{next, within(scheduling.Span{From: span.From, To: all.To})}, {sooner, within(scheduling.Span{From: all.From, To: span.From})}}
	if len(not) > 0 {
		list = append(list, otherwise{ruledOut, func() []scheduling.Span { return []scheduling.Span{all} }})
	}
	return list
}
