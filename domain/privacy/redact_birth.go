package privacy

// echoesBirth tells whether a date is the birth date that was given in pieces, said back whole by the other side: it has a year, and follows at once.
func (d *doc) echoesBirth(i int, when calendar) bool {
	return d.birth > 0 && when.year > 1850 && when.year < 2100 && when.day > 0 && i-d.birth < 16 && d.side(i) == d.side(d.birth-1)+1
}

// birthAlone takes a part of a birth date that stands alone in its turn: "the ninth" – "the ninth of" – "of the second" – "what year" – "eighty three".
func (d *doc) birthAlone(i int, a atom) int {
	if a.lone || a.val < 1 || !d.asked(aboutBirth, i) {
		return 0
	}
	end := int(a.last)
	if a.ord {
		if b, ok := d.atom(d.skip(d.afterOf(end))); ok && b.ord && b.val == a.val { // sixteenth of, erm, sixteenth of August
			return end
		}
		from, to := d.turnOf(i)
		if a.val > 31 || to-from > 8 || d.oneOf(end, "name", "line", "thing", "time") { // first name?
			return 0
		}
		for k := from; k < to; k++ {
			if t := d.at(k); t.kind == word && !t.has(number|filler|backing) && !d.oneOf(k, "the", "of") {
				return 0
			}
		}
		return end
	}
	if year, last := d.year(i, true); year > 0 && d.askedYear(i) && !(d.is(last, "and") && d.atomAt[min(last+1, len(d.toks))] > 0) { // nineteen and forty three
		return last
	}
	return 0
}

func (d *doc) afterOf(i int) int {
	if d.is(i, "of") {
		return i + 1
	}
	return i
}

// askedYear tells whether the turn before ends by asking for a year, and this one is short.
func (d *doc) askedYear(i int) bool {
	n := d.at(i).turn
	if n < 1 {
		return false
	}
	from, to := d.turnOf(i)
	before := d.turns[n-1]
	for k := int(before.last) - 1; k >= int(before.first) && k > int(before.last)-8; k-- {
		if d.is(k, "year") {
			return to-from <= 16 && before.side != d.turns[n].side
		}
	}
	return false
}
