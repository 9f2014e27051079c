package privacy

// offered tells whether a word is a name by what is said of it: "jade can see you on Friday", "I've got will at 7.45", "are you still seeing
// chanel?". Names that are ordinary words are found by nothing else in a text without capitals.
func (d *doc) offered(i int) bool {
	t := d.at(i)
	if !t.has(anyGiven) || t.is(claimed) || len(t.fold) < 3 || d.cased && !t.is(capital) {
		return false
	}
	b := i - 1
	switch {
	case d.oneOf(i+1, "can", "could") && d.oneOf(i+2, "see", "fit", "squeeze", "take", "ring", "call", "do") && (d.oneOf(i+3, "you", "him", "her", "them", "it", "that") || d.is(i+2, "do") && (d.at(i+3).has(weekday) || d.atomAt[min(i+3, len(d.toks))] > 0)):
		return !t.has(function)
	case d.is(i+1, "has") && (d.at(i+2).has(weekday) || d.oneOf(i+2, "availability", "openings", "a", "an") && d.oneOf(i+3, "slot", "opening", "cancellation", "gap", "space", "appointment")):
		return !t.has(function)
	case d.oneOf(i+1, "at", "on") && (d.atomAt[min(i+2, len(d.toks))] > 0 || d.at(i+2).has(weekday) || d.oneOf(i+2, "half", "quarter")):
		return d.oneOf(b, "got", "have", "or", "with", "see", "seeing", "take") && !t.has(month|bodyPart|ailment|weekday) && (t.has(given|givenRare) && !t.has(medical))
	case d.is(b, "seeing"):
		return !t.has(function|month) && (d.oneOf(i+1, "for", "on", "at", "today", "again", "this", "next", "about", "still") || d.vocativeEnd(i+1))
	case d.is(b, "with"):
		return !t.has(function|month|word10) && d.vocativeEnd(i+1) && d.booked(b)
	}
	return false
}

// booked tells whether the words before speak of an appointment.
func (d *doc) booked(i int) bool {
	for k := i - 1; k > i-7; k-- {
		if d.oneOf(k, "booked", "book", "appointment", "slot", "done", "session", "in", "before", "consultation", "lesson", "spoke", "spoken", "speaking", "speak", "been") && d.at(k).turn == d.at(i).turn {
			return true
		}
	}
	return false
}

// putThrough: "you're through to Ottilie", "you're speaking to".
func (d *doc) putThrough(i int) (int, bool) {
	j := i + 1
	t := d.at(j)
	if !d.oneOf(i, "to", "with") || !d.oneOf(i-1, "through", "speaking") || d.at(i-2).kind != word || t.kind != word || t.has(function|title|people|orgEnd|medical|relation) || t.has(ordinary) && !t.has(anyGiven) {
		return 0, false
	}
	if d.cased && t.is(capital) && (d.vocativeEnd(j+1) || d.is(j+1, "in")) || !d.cased && (t.has(anyGiven) || t.lex&^hints == 0) && d.vocativeEnd(j+1) {
		return j, true
	}
	return 0, false
}

// ranked: "Sister Comfort Boateng", "Nurse Joy Okafor": a rank of nursing with a capital, and two words with capitals behind it.
func (d *doc) ranked(i int) (int, bool) {
	t := d.at(i)
	if !d.oneOf(i, "sister", "nurse", "brother", "midwife") {
		return 0, false
	}
	for j := i + 1; j < i+3; j++ {
		x := d.at(j)
		if x.kind != word || !x.is(capital) || x.turn != t.turn || x.has(function|title|orgEnd|medical) || len(x.fold) < 3 {
			return 0, false
		}
	}
	if x := d.at(i + 2); x.has(anySurname) || x.lex&^hints == 0 {
		return i + 1, true
	}
	return 0, false
}
