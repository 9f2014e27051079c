package calls

import (
	"slices"
	"strings"
	"unicode"

	"github.com/google/uuid"

	"anteroom/domain/privacy"
)

// original is a turn as it was said, with the places of what had been taken out of it.
type original struct {
	seq     int
	speaker string
	text    string
	spans   []originalSpan
	labels  []hidden // where those stand in the text as it can be read
}

type originalSpan struct {
	start, end int
	kind       privacy.Kind
	id         uuid.UUID // of the stored span; uuid.Nil for a new one
	missed     bool
}

func (s originalSpan) meets(start, end int) bool { return s.start < end && start < s.end }

// lay is what is hidden from now on: the held spans whole, and what the rules found where those leave room. Of the others one that was found
// again as it was stays the same span; what the rules find of a held one that a person had marked is answered as marked.
func (o original) lay(found []privacy.Span, held func(originalSpan) bool) (all []originalSpan, marked []uuid.UUID) {
	var hold []originalSpan
	for _, b := range o.spans {
		if held(b) {
			hold = append(hold, b)
		}
	}
	for _, f := range found {
		for _, piece := range o.outside(originalSpan{start: f.Start, end: f.End, kind: f.Kind}, hold) {
			if i := slices.IndexFunc(o.spans, func(b originalSpan) bool { return b.start == piece.start && b.end == piece.end && b.kind == piece.kind }); i >= 0 {
				piece.id = o.spans[i].id
				if o.spans[i].missed {
					marked = append(marked, piece.id)
				}
			}
			all = append(all, piece)
		}
	}
	all = append(all, hold...)
	slices.SortFunc(all, func(a, b originalSpan) int { return a.start - b.start })
	return all, marked
}

// outside are the pieces of s that none of the others touches, as far as they hold a letter or a digit.
func (o original) outside(s originalSpan, others []originalSpan) (pieces []originalSpan) {
	at, cut := s.start, false
	add := func(end int) {
		start := at
		if cut {
			words := o.text[start:end]
			left := strings.TrimLeftFunc(words, notWord)
			start += len(words) - len(left)
			end = start + len(strings.TrimRightFunc(left, notWord))
		}
		if start < end && strings.IndexFunc(o.text[start:end], func(r rune) bool { return !notWord(r) }) >= 0 {
			pieces = append(pieces, originalSpan{start: start, end: end, kind: s.kind})
		}
	}
	for _, b := range others { // in order
		if b.meets(s.start, s.end) {
			cut = true
			add(max(at, b.start))
			at = max(at, b.end)
		}
	}
	add(max(at, s.end))
	return pieces
}

func notWord(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// covered says whether every letter and digit of s stands inside one of the others.
func (o original) covered(s originalSpan, others []originalSpan) bool {
	return len(o.outside(s, others)) == 0
}

// What a newer rule set makes of a place.
const (
	ChangeAdded   = "added"   // hidden now, and not before
	ChangeRemoved = "removed" // hidden before, and at least a part of it readable now
	ChangeNamed   = "changed" // hidden as before, and called otherwise
)

// place is a difference, by its bytes in what was said.
type place struct {
	originalSpan
	what string
	now  privacy.Kind
}

// differ tells how all differs from what was hidden.
func (o original) differ(all []originalSpan) (list []place) {
	for _, b := range o.spans {
		if slices.ContainsFunc(all, func(s originalSpan) bool { return s.id == b.id }) {
			continue
		}
		p := place{originalSpan: b}
		if i := slices.IndexFunc(all, func(s originalSpan) bool { return s.meets(b.start, b.end) && s.kind != b.kind }); i >= 0 {
			p.what, p.now = ChangeNamed, all[i].kind
		}
		if !o.covered(b, all) {
			p.what = ChangeRemoved
		}
		if p.what != "" {
			list = append(list, p)
		}
	}
	for _, s := range all {
		if s.id == uuid.Nil {
			for _, piece := range o.outside(s, o.spans) {
				list = append(list, place{originalSpan: piece, what: ChangeAdded})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b place) int { return a.start - b.start })
	return list
}

// changes are the differences as they are told, each where it stands in a text in which labels have taken the place of all.
func changesIn(seq int, list []place, all []originalSpan, labels []hidden) []Change {
	out := make([]Change, len(list))
	for i, p := range list {
		start, end := shown(p.originalSpan, all, labels)
		out[i] = Change{What: p.what, Seq: seq, Kind: string(p.kind), Now: string(p.now), Starts: start, Ends: end, span: p.id}
	}
	return out
}

// shown is where the words of b stand in a text with labels: as they are, or inside of the label that took their place.
func shown(b originalSpan, all []originalSpan, labels []hidden) (start, end int) {
	start, end = b.start, b.end
	for i, s := range all {
		switch {
		case s.end <= b.start:
			shift := (labels[i].ends - labels[i].starts) - (s.end - s.start)
			start, end = start+shift, end+shift
		case s.start < b.end:
			return labels[i].starts, labels[i].ends
		}
	}
	return start, end
}
