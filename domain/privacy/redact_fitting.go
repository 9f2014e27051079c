package privacy

// priced tells a price and a time from a code: "£25", "two pounds", "ten past", "half three".
func (d *doc) priced(i, end int) bool {
	b := d.at(i - 1)
	if b.kind == mark && b.sign != 0 && b.sign == '$' || b.kind == mark && b.sign == 0 && b.end-b.start <= 3 && (d.text[b.start:b.end] == "£" || d.text[b.start:b.end] == "€") {
		return true
	}
	if d.oneOf(i-1, "half", "quarter", "past", "til", "until", "till", "about", "around", "by", "roughly") {
		return true
	}
	return d.oneOf(end, "past", "o'clock", "oclock", "thirty", "sharp", "am", "pm", "a.m", "p.m", "bucks", "grand", "mind", "moment", "more", "each") || d.at(end).signed(':') && d.at(end+1).is(glued) || d.oneOf(end, "of") || d.oneOf(end, "in") && d.is(end+1, "the")
}

// fitting tells whether the pieces are a code: what stands behind them goes on with another thing, and there is enough of them.
func (d *doc) fitting(f finding, pieces [][2]int, figures, letters, i, to int) bool {
	if d.at(i).is(claimed) && d.at(i).kind == word && d.at(i).has(weekday|month) {
		return false
	}
	last := pieces[len(pieces)-1][1]
	whole := i >= to
	if !whole && !d.ends(last) && !d.alike(f, pieces) {
		return false
	}
	switch f.kind {
	case DateOfBirth: // a year, or a day
		a, ok := d.atom(pieces[0][0])
		return ok && letters == 0 && (a.val >= 10 || a.ord || len(pieces) > 1) && figures <= 8 && (a.ord || figures >= 2)
	case Date:
		return len(pieces) == 1
	case Person:
		return figures == 0 && (letters > 1 || pieces[0][1] > pieces[0][0]+1 || d.atEdge(last))
	case Email:
		return letters+figures > 1 || letters > 0 && pieces[0][1] > pieces[0][0]+1 || d.oneOf(pieces[0][0], "dot", "underscore", "dash", "hyphen")
	case Address:
		return letters > 0 || figures > 0
	}
	return letters+figures > 1 || d.atEdge(last) || whole && letters+figures > 0 && d.refused(pieces[0][0]) || letters > 0 && whole
}

// ends tells whether what stands at i goes on with another thing.
func (d *doc) ends(i int) bool {
	t := d.at(i)
	if d.is(i, "at") {
		return d.atEdge(i)
	}
	return t.kind == line || t.kind == mark || t.turn != d.at(i-1).turn || t.is(claimed) || d.oneOf(i, "thank", "thanks", "and", "is", "i", "i'm", "okay", "so", "then", "dear", "love", "ma'am", "sir", "mate", "hun", "darling", "that's", "got", "lovely", "great", "perfect", "not", "one", "mr", "mrs", "ms", "dr", "right", "sorry", "no")
}

// alike tells whether a number is the end of the code before it, a figure wrong at most: "It's 0183 for our floor."
func (d *doc) alike(f finding, pieces [][2]int) bool {
	if f.kind == Address || f.kind == Person || f.kind == DateOfBirth {
		return false
	}
	var old, said []byte
	for i := int(f.first); i < int(f.last); i++ {
		if a, ok := d.atom(i); ok {
			old = append(old, a.digits...)
		}
	}
	for _, p := range pieces {
		if a, ok := d.atom(p[0]); ok {
			said = append(said, a.digits...)
		}
	}
	if len(said) < 3 || len(said) > len(old) {
		return false
	}
	wrong := 0
	for k := range said {
		if said[k] != old[len(old)-len(said)+k] {
			wrong++
		}
	}
	return wrong <= 1
}

// otherHome takes the house with a name that is said instead of an address: "No, it's the Old Rectory now".
func (d *doc) otherHome(i, to int) int {
	from := i
	for n := 0; n < 6 && i < to; n++ {
		if d.namedHome(i) && !d.at(i).is(claimed) {
			for k := i; k < i+4; k++ {
				if homes[d.at(k).fold] && k > i && (k > i+1 || !d.oneOf(i, "the", "old", "new", "a")) {
					d.add(i, k+1, Address, 0.6)
					return k + 1
				}
			}
		}
		if t := d.at(i); t.kind != mark && !t.has(backing|filler) && !smallWords[t.fold] {
			break
		}
		i++
	}
	return from
}

// atEdge: "… at the end", "… at the front".
func (d *doc) atEdge(i int) bool {
	return d.oneOf(i, "at", "on") && d.is(i+1, "the") && d.oneOf(i+2, "end", "front", "start", "beginning", "back")
}

// refused tells whether the turn says no before the token.
func (d *doc) refused(i int) bool {
	from, _ := d.turnOf(i)
	for k := max(from, i-5); k < i; k++ {
		if d.oneOf(k, "no", "nope", "naw", "nah", "not", "sorry", "wait") {
			return true
		}
	}
	return false
}
