package privacy

import (
	"slices"
	"strings"
)

// numbersBefore tells whether the turn before holds numbers that are none of a code: "eight thirty or nine fifteen?" – "Nine fifteen."
func (d *doc) numbersBefore(i int) bool {
	n := d.at(i).turn
	if n < 1 {
		return false
	}
	for k := max(d.turns[n-1].first, d.turns[n-1].last-24); k < d.turns[n-1].last; k++ {
		if a, ok := d.atom(int(k)); ok && !a.lone && !d.toks[k].is(claimed) {
			return true
		}
	}
	return false
}

// hours tells whether the numbers are times that are offered: "ten, ten fifteen, ten thirty".
func (d *doc) hours(r run) bool {
	commas := 0
	for i := r.first; i < r.last; {
		a, ok := d.atom(i)
		if !ok {
			if d.at(i).signed(',') {
				commas++
			}
			i++
			continue
		}
		if a.val < 1 || a.val > 12 && a.val%5 != 0 || a.val > 55 {
			return false
		}
		i = int(a.last)
	}
	return commas > 0 && !slices.Contains(r.groups, 1)
}

// bareGroups tells groups with only spaces, points or dashes between them from the items of a list.
func (d *doc) bareGroups(r run) bool {
	for i := r.first; i < r.last; i++ {
		if t := d.at(i); t.kind != digits && !t.signed('-') && !t.signed('.') || t.kind == digits && strings.Trim(d.text[t.start:t.end], "0123456789") != "" {
			return false
		}
	}
	return true
}
