package views

import (
	"context"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/a-h/templ"
)

// paint is the list of a column: its blocks and free slots in the order of the day. A busy week holds thousands of them, so they are
// written into a buffer and not each as a component.
func (g Grid) paint(c Column, f frame) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		p := newPainter(&g, &c, f)
		defer p.done()
		return p.column(ctx, w)
	})
}

// lines is a cell of the board: a line for each appointment.
func (g Grid) lines(c Column) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		p := newPainter(&g, &c, frame{})
		defer p.done()
		for _, b := range inOrder(c.Blocks, func(b Block) time.Time { return b.From }) {
			if b.State != StateBlocked {
				p.line(&b)
			}
		}
		_, err := w.Write(p.b)
		return err
	})
}

type painter struct {
	g    *Grid
	c    *Column
	f    frame
	b    []byte
	day  string // Tue
	who  string // Dr Okafor
	book string // where a free slot leads, up to its id
	tail string // what stands after the id
}

var painters = sync.Pool{New: func() any { return &painter{b: make([]byte, 0, 16<<10)} }}

func newPainter(g *Grid, c *Column, f frame) *painter {
	p := painters.Get().(*painter)
	*p = painter{g: g, c: c, f: f, b: p.b[:0], day: c.Date.Format("Mon"), who: templ.EscapeString(c.short())}
	if g.Service != "" {
		p.tail = "&amp;service=" + templ.EscapeString(g.Service)
	}
	return p
}

func (p *painter) done() {
	p.g, p.c = nil, nil
	painters.Put(p)
}

func (p *painter) raw(words ...string) {
	for _, w := range words {
		p.b = append(p.b, w...)
	}
}

func (p *painter) text(s string) { p.b = append(p.b, templ.EscapeString(s)...) }

func (p *painter) number(n int) { p.b = strconv.AppendInt(p.b, int64(n), 10) }

func (p *painter) hm(t time.Time) {
	h, m, _ := t.Clock()
	p.b = append(p.b, byte('0'+h/10), byte('0'+h%10), ':', byte('0'+m/10), byte('0'+m%10))
}

func (p *painter) span(d time.Duration) {
	m := int(d / time.Minute)
	if m >= 60 {
		p.number(m / 60)
		p.raw(" h")
		if m %= 60; m == 0 {
			return
		}
		p.raw(" ")
	}
	p.number(m)
	p.raw(" min")
}

// open begins an item at its place.
func (p *painter) open(class string, from, to int) {
	p.raw(`<li class="`, class, ` r-`)
	p.number(from)
	p.raw(` h-u-`)
	p.number(max(to-from, 1))
}

func (p *painter) column(ctx context.Context, w io.Writer) error {
	blocks := inOrder(p.c.Blocks, func(b Block) time.Time { return b.From })
	lanes := lanesOf(blocks, p.g.grain())
	next := 0
	var err error
	until := func(t time.Time) { // the blocks that begin by then
		for next < len(blocks) && err == nil && !blocks[next].From.After(t) {
			var l lane
			if lanes != nil {
				l = lanes[next]
			}
			err = p.block(ctx, w, blocks, lanes, next, l)
			next++
		}
	}
	p.g.free(*p.c, func(s Slot, long time.Duration, first bool) {
		until(s.From)
		p.slot(&s, long, first)
	})
	until(p.f.end.AddDate(0, 0, 1))
	if err != nil {
		return err
	}
	_, err = w.Write(p.b)
	return err
}

func (p *painter) slot(s *Slot, long time.Duration, first bool) {
	class := "fs"
	if first {
		class = "fs lead"
	}
	p.open(class, p.f.row(s.From), p.f.row(s.To))
	if p.g.CanBook {
		p.raw(`"><a href="/appointments/new?slot=`, s.ID, p.tail, `" data-t="`)
		p.hm(s.From)
		p.raw(`"><span class="vh">`)
	} else {
		p.raw(`"><span><span class="vh">`)
	}
	p.raw(p.day, " ")
	p.hm(s.From)
	p.raw(", ", p.who, `, </span><span class="fr">free `)
	p.span(long)
	if p.g.CanBook {
		p.raw("</span></a></li>")
	} else {
		p.raw("</span></span></li>")
	}
}

// block draws one, unless it lies outside the hours shown or has no lane of its own.
func (p *painter) block(ctx context.Context, w io.Writer, blocks []Block, lanes []lane, i int, l lane) error {
	b := &blocks[i]
	if l.n > maxLanes && l.i >= maxLanes-1 {
		p.more(blocks, lanes, i)
		return nil
	}
	from, to := p.f.row(b.From), p.f.row(b.To)
	if from >= p.f.rows || to <= 0 {
		return nil
	}
	if b.State == StateBlocked {
		p.blocked(b, from, to)
		return nil
	}
	to = min(max(to, from+int(p.g.grain()/unit)), p.f.rows)
	p.open("ap s-"+b.look(p.g.Now), from, to)
	switch high := (to - from) * p.g.rowHeight(); {
	case high <= 32:
		p.raw(" q1")
	case high <= 52:
		p.raw(" q2")
	case high <= 76:
		p.raw(" q3")
	}
	p.inLane(l)
	if b.Overbooked {
		p.raw(" ob")
	}
	if b.Dim && b.Hold == nil {
		p.raw(" dim")
	}
	p.raw(`" id="a-`, b.ID)
	if b.Hold != nil {
		p.raw(`">`)
		if _, err := w.Write(p.b); err != nil {
			return err
		}
		p.b = p.b[:0]
		if err := holdItem(*p.g, *b).Render(ctx, w); err != nil {
			return err
		}
		p.raw("</li>")
		return nil
	}
	p.appointment(b)
	return nil
}

func (p *painter) inLane(l lane) {
	if l.n > 1 {
		p.raw(" of-")
		p.number(min(l.n, maxLanes))
		p.raw(" ln-")
		p.number(min(l.i, maxLanes-1))
	}
}

func (p *painter) blocked(b *Block, from, to int) {
	p.open("bl", from, to)
	p.raw(`"><span class="what"><span class="vh">`)
	p.hm(b.From)
	p.raw(`</span> `)
	p.text(b.Patient)
	p.raw(`</span><span class="st"><span class="vh">, </span><i class="g g-block"></i><span class="w">Blocked</span></span><small>`)
	p.text(b.Note)
	p.raw(`</small></li>`)
}

func (p *painter) appointment(b *Block) {
	if p.g.CanBook && !b.Seen.IsZero() {
		p.raw(`" data-seen="`)
		p.b = b.Seen.UTC().AppendFormat(p.b, time.RFC3339Nano)
	}
	p.raw(`"><a href="/appointments/`, b.ID, `"><b>`)
	p.text(b.Patient)
	p.raw(`</b><span class="st"><span class="vh">, </span>`)
	if b.Overbooked {
		p.raw(`<i class="g g-over"></i><span class="vh">overbooked, </span>`)
	}
	glyph, word := b.state(p.g.Now)
	p.raw(`<i class="g g-`, glyph, `"></i><span class="w">`, word, `</span></span><span class="ln"><time>`)
	p.hm(b.From)
	p.raw(`</time> `)
	p.text(p.service(b))
	p.raw(`</span>`)
	if b.Note != "" {
		p.raw(`<span class="via`)
		if b.NoteMark == "clock" {
			p.raw(` amber`)
		}
		p.raw(`">`)
		if b.NoteMark != "" {
			p.raw(`<i class="g g-`, b.NoteMark, `"></i>`)
		}
		p.text(b.Note)
		p.raw(`</span>`)
	}
	p.raw(`<span class="vh">, `, p.day, `, `, p.who, `</span></a></li>`)
}

// service is shortened where a day has only a week's width.
func (p *painter) service(b *Block) string {
	if p.g.Week {
		return strings.Replace(b.Service, "consultation", "consult", 1)
	}
	return b.Service
}

// more stands in the last lane of a place that is too full: a button that opens the list of those that have no lane. The first of them draws it.
func (p *painter) more(blocks []Block, lanes []lane, i int) {
	var rest []Block
	to := blocks[i].To
	for j := lanes[i].first; j < len(blocks) && lanes[j].n > 0 && lanes[j].first == lanes[i].first; j++ {
		switch {
		case lanes[j].i < maxLanes-1:
		case j < i:
			return
		default:
			rest, to = append(rest, blocks[j]), later(to, blocks[j].To)
		}
	}
	from := p.f.row(blocks[i].From)
	p.open("more", from, max(p.f.row(to), from+int(p.g.grain()/unit)))
	p.inLane(lane{i: maxLanes - 1, n: maxLanes})
	n := strconv.Itoa(len(rest))
	id := "more-" + rest[0].ID
	p.raw(`"><button type="button" popovertarget="`, id, `">+`, n, ` <span class="w">more</span><span class="vh"> at `)
	p.hm(blocks[i].From)
	p.raw(`, `, p.who, `</span></button><div class="menu more-list" popover id="`, id, `"><ol>`)
	for j := range rest {
		p.line(&rest[j])
	}
	p.raw(`</ol></div></li>`)
}

// line is an appointment in one line.
func (p *painter) line(b *Block) {
	glyph, word := b.state(p.g.Now)
	p.raw(`<li class="line s-`, b.look(p.g.Now))
	if b.Dim && b.Hold == nil {
		p.raw(` dim`)
	}
	p.raw(`" id="a-`, b.ID, `"><a href="/appointments/`, b.ID, `"><time>`)
	p.hm(b.From)
	p.raw(`</time><b>`)
	p.text(b.who())
	p.raw(`</b><span class="st">`)
	if b.Overbooked {
		p.raw(`<i class="g g-over"></i><span class="vh">, overbooked</span>`)
	}
	p.raw(`<i class="g g-`, glyph, `"></i><span class="vh">, `, word, `</span></span></a></li>`)
}

// hours and rows as classes, made once.
var axisClasses = func() (all [26]string) {
	for i := range all {
		all[i] = "axis-" + strconv.Itoa(i)
	}
	return all
}()

func (g Grid) axisClass() string { return axisClasses[min(g.hours(), len(axisClasses)-1)] }

// rowHeight is how many pixels a row of five minutes has: a slot is never lower than 24, the smallest target WCAG 2.2 allows. The
// stylesheet says the same.
func (g Grid) rowHeight() int {
	switch g.Grain {
	case 5:
		return 24
	case 10:
		return 12
	}
	return 8
}
