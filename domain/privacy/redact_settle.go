package privacy

import (
	"slices"
	"strings"
)

// settle turns what was found into spans: sorted, none over another, whole runes. Where two overlap the surer one keeps its kind, and
// what the other covered beyond it stays covered.
func (d *doc) settle() []Span {
	if len(d.found) == 0 {
		return nil
	}
	sortFindings(d.found)
	out := make([]Span, 0, len(d.found))
	for _, f := range d.found {
		s := Span{Start: int(d.toks[f.first].start), End: int(d.toks[f.last-1].end), Kind: f.kind, Score: f.score}
		if n := len(out) - 1; n >= 0 && s.Start < out[n].End {
			p := &out[n]
			switch {
			case s.Kind == p.Kind || s.End <= p.End:
				if s.Score > p.Score {
					p.Kind, p.Score = s.Kind, s.Score
				}
				p.End = max(p.End, s.End)
				continue
			case s.Score > p.Score && s.Start > p.Start:
				p.End = s.Start
			default:
				s.Start = p.End
			}
		}
		if n := len(out) - 1; n >= 0 && s.Kind == Address && out[n].Kind == Address && s.Start >= out[n].End && strings.Trim(d.text[out[n].End:s.Start], " ,") == "" {
			out[n].End = max(out[n].End, s.End) // the parts of one address
			continue
		}
		if s.Start < s.End {
			out = append(out, s)
		}
	}
	return d.trim(out)
}

// trim takes white space off the borders that settling cut.
func (d *doc) trim(spans []Span) []Span {
	out := spans[:0]
	for _, s := range spans {
		cut := d.text[s.Start:s.End]
		s.Start += len(cut) - len(strings.TrimLeft(cut, " \t\r\n,;"))
		s.End -= len(cut) - len(strings.TrimRight(cut, " \t\r\n,;"))
		if s.Start < s.End {
			out = append(out, s)
		}
	}
	return out
}

// sortFindings brings findings into the order of the text, the longer first.
func sortFindings(list []finding) {
	slices.SortStableFunc(list, func(a, b finding) int {
		if a.first != b.first {
			return int(a.first - b.first)
		}
		return int(b.last - a.last)
	})
}
