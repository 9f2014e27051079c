package privacy

// regions are what one asks for when a town or a county is wanted.
var regions = setOf(`town city village county borough suburb`)

// answeredTowns takes the answer to "which town?": up to three words that are nothing else, at the beginning of a short turn of the other side.
// Few lists know a village.
func (d *doc) answeredTowns() {
	for n := 1; n < len(d.turns); n++ {
		t, before := d.turns[n], d.turns[n-1]
		if t.side == before.side || t.last-t.first > 12 || !d.asksForArea(int(before.first), int(before.last)) {
			continue
		}
		d.enter(int(t.first))
		if from, to := d.townWords(int(t.first), int(t.last)); to > from {
			d.add(from, to, Location, 0.6)
		}
	}
}

// asksForArea: the last words of the turn are about one: "what town is that in?", "and the county".
func (d *doc) asksForArea(from, to int) bool {
	for i := max(from, to-8); i < to; i++ {
		if t := d.at(i); t.kind != word || !regions[t.fold] || d.oneOf(i+1, "hospital", "clinic", "centre", "center", "hall", "council") {
			continue
		}
		before := i - 1
		if d.oneOf(before, "the", "a", "this", "that", "our") {
			before--
		}
		if !d.oneOf(before, "in", "of", "to", "from", "near", "at", "around", "into", "across", "through") { // "we are in the town" asks nothing
			return true
		}
	}
	return false
}

func (d *doc) townWords(i, to int) (from, end int) {
	for ; i < to; i++ {
		t := d.at(i)
		lead := t.kind == mark && !t.signed('?') || t.kind == word && t.has(filler|backing) || d.oneOf(i, "it's", "it", "is", "that's", "that", "in", "near", "just", "outside", "by", "the", "of", "town", "village", "city", "county", "live", "i", "we", "um")
		if !lead {
			break
		}
	}
	from, end = i, i
	for end < to && end-from < 3 {
		t := d.at(end)
		if t.signed('-') && t.is(glued) && end > from {
			end++
			continue
		}
		if t.kind != word || t.is(claimed) || t.has(function|filler|backing|number|medical|greeting|title|weekday|month) && !(t.is(capital) && d.cased && !t.is(opens)) {
			break
		}
		if t.has(ordinary) && !t.has(city|country|maybe|anySurname) && !d.compass(end) && !(d.cased && t.is(capital) && !t.is(opens)) { // "same", "brilliant"
			break
		}
		end++
	}
	for end > from && (d.at(end-1).kind == mark || d.compass(end-1)) {
		end--
	}
	return from, end
}

func (d *doc) compass(i int) bool {
	return d.oneOf(i, "north", "south", "east", "west", "upper", "lower", "great", "little", "new", "old", "mid")
}

// townBefore answers where the town begins that stands before its state and code and that no list knows: it begins the turn, or follows a comma.
func (d *doc) townBefore(i int) int {
	from := i
	for n := 0; n < 3; n++ {
		t := d.at(from - 1)
		if t.signed(',') && from == i {
			from--
			continue
		}
		if t.kind != word || t.turn != d.at(i).turn || t.has(function|filler|backing|number|medical|street) || t.is(claimed) || d.oneOf(from-1, "huh", "mhm") {
			break
		}
		from--
	}
	b := d.at(from - 1)
	if b.turn == d.at(i).turn && b.kind == word && !b.is(claimed) && !b.has(filler|backing) && !d.oneOf(from-1, "in", "huh") {
		return i
	}
	return from
}
