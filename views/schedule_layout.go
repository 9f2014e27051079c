package views

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"anteroom/views/ui"
)

// Places are by the wall clock, as the hours down the side are; on the night the
// clocks go back two blocks may share a place, and stand side by side.
const (
	rowMinutes  = 5
	rowsPerHour = 60 / rowMinutes
	unit        = rowMinutes * time.Minute
)

func (g Grid) hours() int {
	if g.ToHour <= g.FromHour {
		return 1
	}
	return g.ToHour - g.FromHour
}

func (g Grid) grain() time.Duration {
	if g.Grain <= 0 {
		return 15 * time.Minute
	}
	return time.Duration(g.Grain) * time.Minute
}

// frame is where the times of a column stand: how many rows below its top.
type frame struct {
	day, end   time.Time // the midnights around it
	from, rows int       // the first minute that is drawn, and how many rows are
	even       bool      // the day has 24 hours: minutes since midnight are the wall clock's
}

func (g Grid) frame(c Column) frame {
	y, m, d := c.Date.Date()
	f := frame{day: time.Date(y, m, d, 0, 0, 0, 0, c.Date.Location()), end: time.Date(y, m, d+1, 0, 0, 0, 0, c.Date.Location()), from: g.FromHour * 60, rows: g.hours() * rowsPerHour}
	f.even = f.end.Sub(f.day) == 24*time.Hour
	return f
}

// row is cut to the grid. Midnight at the end of the column's day is the bottom, not the top.
func (f frame) row(t time.Time) int {
	switch {
	case t.Before(f.day):
		return 0
	case !t.Before(f.end):
		return f.rows
	case f.even:
		return f.cut(int(t.Sub(f.day) / time.Minute))
	}
	h, m, _ := t.Clock()
	return f.cut(h*60 + m)
}

func (f frame) cut(minute int) int { return min(max((minute-f.from)/rowMinutes, 0), f.rows) }

// sameDay compares the days of the calendar on which two times fall.
func sameDay(a, b time.Time) bool {
	y, m, d := a.Date()
	year, month, day := b.Date()
	return d == day && m == month && y == year
}

// daysBetween counts the days of the calendar from one time to another.
func daysBetween(a, b time.Time) int {
	midnight := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC) }
	return int(midnight(b).Sub(midnight(a)) / (24 * time.Hour))
}

// place is the class of what stands from one row to another.
func place(from, to int) string {
	return "r-" + strconv.Itoa(from) + " h-u-" + strconv.Itoa(max(to-from, 1))
}

// isToday is whether the column holds now.
func (g Grid) isToday(c Column) bool { return sameDay(g.Now, c.Date) }

// past is how much of a column has gone by.
func (g Grid) past(f frame) int { return f.row(g.Now) }

// showsNow is whether the now line has a place on the grid.
func (g Grid) showsNow() bool {
	h := g.Now.Hour()
	if h < g.FromHour || h >= g.ToHour {
		return false
	}
	return slices.ContainsFunc(g.Columns, g.isToday)
}

// off is the time of a column in which nobody works: all of it on a day that is closed.
func (g Grid) off(c Column, f frame) []string {
	var out []string
	at := 0
	if c.Closed == "" {
		for _, h := range inOrder(c.Hours, func(h Span) time.Time { return h.From }) {
			from, to := f.row(h.From), f.row(h.To)
			if from > at {
				out = append(out, place(at, from))
			}
			at = max(at, to)
		}
	}
	if at < f.rows {
		out = append(out, place(at, f.rows))
	}
	return out
}

// closedWholly is why nobody works on the day shown; empty unless everybody is closed for one reason.
func (g Grid) closedWholly() string {
	if g.Week || len(g.Columns) == 0 {
		return ""
	}
	why := g.Columns[0].Closed
	if slices.ContainsFunc(g.Columns, func(c Column) bool { return c.Closed != why }) {
		return ""
	}
	return why
}

// inOrder sorts a copy by time, unless it is in order already, as what the database answers is.
func inOrder[T any](list []T, at func(T) time.Time) []T {
	by := func(a, b T) int { return at(a).Compare(at(b)) }
	if slices.IsSortedFunc(list, by) {
		return list
	}
	list = slices.Clone(list)
	slices.SortStableFunc(list, by)
	return list
}

// lane is a block's place beside others that it overlaps: the i-th of n, in the company that begins with the block first.
// The zero lane has the column for itself.
type lane struct{ i, n, first int }

// maxLanes is how many stand side by side; the last lane of a fuller place is a list.
const maxLanes = 4

// lanesOf puts blocks that overlap side by side; they are in the order of time, and least is how long each is drawn at the least.
// Nil when no two overlap, which is usual.
func lanesOf(blocks []Block, least time.Duration) []lane {
	var lanes []lane
	var free []time.Time // when each lane is free again
	for start := 0; start < len(blocks); {
		end, until := start+1, drawnTo(blocks[start], least)
		for end < len(blocks) && blocks[end].From.Before(until) {
			until = later(until, drawnTo(blocks[end], least))
			end++
		}
		if end-start > 1 {
			if lanes == nil {
				lanes = make([]lane, len(blocks))
			}
			free = free[:0]
			for i := start; i < end; i++ {
				at := slices.IndexFunc(free, func(t time.Time) bool { return !t.After(blocks[i].From) })
				if at < 0 {
					at = len(free)
					free = append(free, time.Time{})
				}
				free[at], lanes[i].i = drawnTo(blocks[i], least), at
			}
			for i := start; i < end; i++ {
				lanes[i].n, lanes[i].first = len(free), start
			}
		}
		start = end
	}
	return lanes
}

func drawnTo(b Block, least time.Duration) time.Time { return later(b.To, b.From.Add(least)) }

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// free calls each with the free slots that are still to come, in order, and how long it is free from there on;
// first is of a run. Where a service was chosen, only starts where it fits are told.
func (g Grid) free(c Column, each func(s Slot, long time.Duration, first bool)) {
	if c.Not != "" {
		return
	}
	slots := inOrder(c.Slots, func(s Slot) time.Time { return s.From })
	var end time.Time // of the run
	for i, s := range slots {
		if !s.From.After(g.Now) {
			continue
		}
		first := !s.To.After(s.From) || !s.From.Before(end)
		if first {
			end = s.To
			for _, next := range slots[i+1:] {
				if !next.From.Equal(end) {
					break
				}
				end = next.To
			}
		}
		if long := end.Sub(s.From); long >= g.Fits {
			each(s, long, first)
		}
	}
}

// look is the class of a state; late is booked with its time gone by.
func (b Block) look(now time.Time) string {
	switch b.State {
	case StateBooked:
		if b.lateBy(now) > 0 {
			return "late"
		}
	case StateCheckedIn:
		return "inroom"
	case StateFulfilled:
		return "done"
	}
	return b.State
}

// lateBy is how long a booked patient is overdue, while the day still runs.
func (b Block) lateBy(now time.Time) time.Duration {
	if b.State != StateBooked {
		return 0
	}
	if late := now.Sub(b.From); late >= time.Minute && late < 24*time.Hour && sameDay(b.From, now) {
		return late.Truncate(time.Minute)
	}
	return 0
}

// state is the glyph and the word of a block.
func (b Block) state(now time.Time) (glyph, word string) {
	switch b.State {
	case StateBooked:
		if late := b.lateBy(now); late > 0 {
			return "clock", "Late " + span(late)
		}
		return "ring", "Booked"
	case StateArrived:
		if since := now.Sub(b.Since); !b.Since.IsZero() && since >= time.Minute && since < 12*time.Hour {
			return "half", "Arrived " + span(since)
		}
		return "half", "Arrived"
	case StateCheckedIn:
		return "disc", "In room"
	case StateFulfilled:
		return "tick", "Done"
	case StateNoShow:
		return "cross", "No-show"
	case StateBlocked:
		return "block", "Blocked"
	}
	return "dash", "Held"
}

// who is the patient, or the caller of a hold as far as anyone may see.
func (b Block) who() string {
	if b.Hold != nil {
		return b.Hold.PhoneEnd
	}
	return b.Patient
}

// fill is how much of a column's hours is taken, in percent.
func (g Grid) fill(c Column) int {
	var work, busy time.Duration
	for _, h := range c.Hours {
		work += h.To.Sub(h.From)
	}
	for _, b := range c.Blocks {
		if b.State != StateNoShow {
			busy += b.To.Sub(b.From)
		}
	}
	if work <= 0 {
		return 0
	}
	return int(min(busy*100/work, 100))
}

// tallyItem is one number of the tally, which is also the legend.
type tallyItem struct{ class, glyph, n, word string }

// tally counts what the grid shows, in the order a day runs.
func (g Grid) tally() []tallyItem {
	columns := g.Columns
	for _, r := range g.Rows {
		columns = append(columns, r.Days...)
	}
	n := map[string]int{}
	var free time.Duration
	for _, c := range columns {
		for _, b := range c.Blocks {
			n[b.look(g.Now)]++
		}
		free += g.freeTime(c)
	}
	all := []tallyItem{
		{"c-held", "dash", "", "held"}, {"c-arrived", "half", "", "arrived"}, {"c-inroom", "disc", "", "in room"},
		{"c-late", "clock", "", "late"}, {"c-booked", "ring", "", "booked"}, {"c-done", "tick", "", "done"},
		{"c-noshow", "cross", "", "no-show"},
	}
	var out []tallyItem
	for _, t := range all {
		key := strings.TrimPrefix(t.class, "c-")
		if key == "held" {
			key = StatePending
		}
		if n[key] > 0 {
			t.n = thousands(n[key])
			out = append(out, t)
		}
	}
	if free > 0 {
		out = append(out, tallyItem{"c-free", "free", span(free), "free"})
	}
	return out
}

func (c Column) short() string { return cmp.Or(c.Short, c.Practitioner) }

// count is what a day of a week holds, in words.
func (c Column) count() string {
	n := 0
	for _, b := range c.Blocks {
		if b.State != StateBlocked && b.State != StatePending {
			n++
		}
	}
	booked := strconv.Itoa(n) + " booked"
	switch {
	case c.Closed != "" && n == 0:
		return "Closed"
	case c.Closed != "":
		return "Closed, " + booked
	case n == 0 && len(c.Hours) == 0:
		return "No hours"
	}
	return booked
}

func (g Grid) freeTime(c Column) (d time.Duration) {
	g.free(c, func(_ Slot, long time.Duration, first bool) {
		if first {
			d += long
		}
	})
	return d
}

func (h Hold) countdown(now time.Time) ui.Countdown {
	return ui.Countdown{ExpiresAt: h.ExpiresAt, Left: h.ExpiresAt.Sub(now), Total: h.Total}
}

func (g Grid) hourMarks() []int {
	out := make([]int, g.hours())
	for i := range out {
		out[i] = i
	}
	return out
}

// isUnder says whether the label of now covers this hour's.
func (g Grid) isUnder(h int) bool {
	past := g.Now.Hour()*60 + g.Now.Minute() - (g.FromHour+h)*60
	near := 10
	if h == 0 {
		near = 15 // it stands half its height lower, not to be cut by the heading
	}
	return g.showsNow() && past > -10 && past < near
}

func hourWords(h int) string {
	if h < 10 {
		return "0" + strconv.Itoa(h) + ":00"
	}
	return strconv.Itoa(h) + ":00"
}
