package views

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"anteroom/views/ui"
)

// unit is one row of the grid. Places are by the wall clock, as the hours down
// the side are; on the night the clocks go back two blocks may share a place,
// and stand side by side.
const unit = 5 * time.Minute

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

// row is how many units below the top of a column a time stands, cut to the grid.
// Midnight at the end of the column's day is the bottom, not the top.
func (g Grid) row(c Column, t time.Time) int {
	m := t.Hour()*60 + t.Minute()
	if d := daysBetween(c.Date, t); d != 0 {
		m += d * 24 * 60
	}
	return min(max((m-g.FromHour*60)/int(unit/time.Minute), 0), g.hours()*12)
}

func daysBetween(a, b time.Time) int {
	midnight := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC) }
	return int(midnight(b).Sub(midnight(a)) / (24 * time.Hour))
}

func place(from, to int) string {
	return fmt.Sprintf("r-%d h-u-%d", from, max(to-from, 1))
}

// isToday is whether the column holds now.
func (g Grid) isToday(c Column) bool { return daysBetween(g.Now, c.Date) == 0 }

// past is how much of a column has gone by.
func (g Grid) past(c Column) int {
	if daysBetween(g.Now, c.Date) < 0 {
		return g.hours() * 12
	}
	return g.row(c, g.Now)
}

// showsNow is whether the now line has a place on the grid.
func (g Grid) showsNow() bool {
	h := g.Now.Hour()
	if h < g.FromHour || h >= g.ToHour {
		return false
	}
	return slices.ContainsFunc(g.Columns, g.isToday)
}

// off is the time of a column in which nobody works.
func (g Grid) off(c Column) []string {
	end := g.hours() * 12
	hours := slices.Clone(c.Hours)
	slices.SortFunc(hours, func(a, b Span) int { return a.From.Compare(b.From) })
	var out []string
	at := 0
	for _, h := range hours {
		from, to := g.row(c, h.From), g.row(c, h.To)
		if from > at {
			out = append(out, place(at, from))
		}
		at = max(at, to)
	}
	if at < end {
		out = append(out, place(at, end))
	}
	return out
}

// item is one thing in a column with its place worked out: a block or a free slot.
type item struct {
	Block
	Slot
	class string
	free  time.Duration // from this slot on, until the next thing
	lead  bool          // first of a run of free slots: it says how long
}

func (i item) isSlot() bool { return i.Slot.ID != "" || i.State == "" }

// items are a column's blocks and free slots in the order of the day.
func (g Grid) items(c Column) []item {
	out := make([]item, 0, len(c.Blocks)+len(c.Slots))
	out = append(out, g.blocks(c)...)
	out = append(out, g.slots(c)...)
	slices.SortStableFunc(out, func(a, b item) int { return a.from().Compare(b.from()) })
	return out
}

func (i item) from() time.Time {
	if i.isSlot() {
		return i.Slot.From
	}
	return i.Block.From
}

func (g Grid) blocks(c Column) []item {
	blocks := slices.Clone(c.Blocks)
	slices.SortStableFunc(blocks, func(a, b Block) int {
		return cmp.Or(a.From.Compare(b.From), b.To.Compare(a.To))
	})
	lanes := lanesOf(blocks)
	out := make([]item, 0, len(blocks))
	for i, b := range blocks {
		from, to := g.row(c, b.From), g.row(c, b.To)
		if from >= g.hours()*12 || to <= 0 {
			continue
		}
		class := place(from, to)
		if b.State == StateBlocked {
			out = append(out, item{Block: b, class: "bl " + class})
			continue
		}
		class = "ap s-" + b.look(g.Now) + " " + class
		switch {
		case to-from <= 3:
			class += " q1"
		case to-from <= 6:
			class += " q2"
		}
		out = append(out, item{Block: b, class: class + lanes[i]})
	}
	return out
}

// lanesOf puts blocks that overlap side by side, at most four.
func lanesOf(blocks []Block) []string {
	lanes := make([]string, len(blocks))
	for start := 0; start < len(blocks); {
		end, until := start+1, blocks[start].To
		for end < len(blocks) && blocks[end].From.Before(until) {
			if blocks[end].To.After(until) {
				until = blocks[end].To
			}
			end++
		}
		laneOf := make([]int, end-start)
		var free []time.Time // when each lane is free again
		for i := start; i < end; i++ {
			lane := slices.IndexFunc(free, func(t time.Time) bool { return !t.After(blocks[i].From) })
			if lane < 0 {
				lane = len(free)
				free = append(free, time.Time{})
			}
			free[lane], laneOf[i-start] = blocks[i].To, lane
		}
		if n := min(len(free), 4); n > 1 {
			for i := start; i < end; i++ {
				lanes[i] = fmt.Sprintf(" of-%d ln-%d", n, min(laneOf[i-start], 3))
			}
		}
		start = end
	}
	return lanes
}

func (g Grid) slots(c Column) []item {
	var out []item
	free := slices.DeleteFunc(slices.Clone(c.Slots), func(s Slot) bool { return !s.From.After(g.Now) })
	slices.SortFunc(free, func(a, b Slot) int { return a.From.Compare(b.From) })
	for i, s := range free {
		run := s.To
		for _, next := range free[i+1:] {
			if !next.From.Equal(run) {
				break
			}
			run = next.To
		}
		lead := i == 0 || !free[i-1].To.Equal(s.From)
		class := "fs " + place(g.row(c, s.From), g.row(c, s.To))
		if lead {
			class += " lead"
		}
		out = append(out, item{Slot: s, class: class, free: run.Sub(s.From), lead: lead})
	}
	return out
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
	if b.State != StateBooked || daysBetween(b.From, now) != 0 {
		return 0
	}
	return max(now.Sub(b.From).Truncate(time.Minute), 0)
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

// service is shortened where a day has only a week's width.
func (g Grid) service(b Block) string {
	if g.Week {
		return strings.ReplaceAll(b.Service, "consultation", "consult")
	}
	return b.Service
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
		for _, s := range c.Slots {
			if s.From.After(g.Now) {
				free += s.To.Sub(s.From)
			}
		}
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
	switch {
	case n == 0 && c.Closed != "":
		return "Closed"
	case n == 0 && len(c.Hours) == 0:
		return "No hours"
	}
	return fmt.Sprintf("%d booked", n)
}

func (c Column) freeTime(now time.Time) time.Duration {
	var d time.Duration
	for _, s := range c.Slots {
		if s.From.After(now) {
			d += s.To.Sub(s.From)
		}
	}
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
