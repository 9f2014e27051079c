package privacy

// cardWords lead to what is asked for with a card's number: when it ends, and the figures on its back.
var cardWords = setOf(`expiry expires expire expiring expiration expiry's exp cvv cvc cvv2 security back code`)

// findCardRest takes the expiry and the security code that are said after a card's number. Alone they look like a time or a date.
func (d *doc) findCardRest() {
	var cards []finding
	for _, f := range d.found {
		if f.kind == CreditCard {
			cards = append(cards, f)
		}
	}
	sortFindings(cards)
	until := 0
	for _, f := range cards {
		for i := max(int(f.last), until); i < len(d.toks) && i < int(f.last)+160; i++ {
			until = i
			if t := d.at(i); t.kind == word && t.has(cardRest) {
				d.cardCue(i)
			}
		}
	}
}

// cardCue reads the figures after the word, or in the answer when the turn ends with it.
func (d *doc) cardCue(i int) {
	switch {
	case d.is(i, "back") && !(d.oneOf(i-1, "the", "its", "your") && d.oneOf(i-2, "on", "of")):
		return
	case d.is(i, "code") && !(d.oneOf(i-1, "security", "the", "three", "digit") && !d.oneOf(i-1, "post", "zip")):
		return
	}
	_, to := d.turnOf(i)
	j := i + 1
	for n := 0; n < 10 && j < to; n++ {
		t := d.at(j)
		if _, ok := d.atom(j); ok && !(d.oneOf(j+1, "digit", "digits", "numbers", "figures")) {
			d.cardFigures(j, to)
			return
		}
		if t.kind == mark || t.kind == word && (t.has(filler|backing) || d.oneOf(j, "date", "is", "of", "in", "the", "on", "back", "code", "number", "security", "that's", "card", "please", "as", "well", "and", "three", "digits", "end", "which", "at", "your", "from")) {
			j++
			continue
		}
		return
	}
	n := int(d.at(i).turn) + 1
	if j < to || n <= 0 || n >= len(d.turns) {
		return
	}
	for j = int(d.turns[n].first); j < int(d.turns[n].last); j++ {
		if _, ok := d.atom(j); ok {
			d.cardFigures(j, int(d.turns[n].last))
			return
		}
		if t := d.at(j); t.kind == word && !t.has(filler|backing|month) && !smallWords[t.fold] {
			return
		}
	}
}

// cardFigures takes three to eight figures, and what is said instead of them.
func (d *doc) cardFigures(i, to int) {
	first, last, n := i, i, 0
	for i < to && n < 8 {
		a, ok := d.atom(i)
		if !ok || d.counts(int(a.last)) {
			break
		}
		n += len(a.digits)
		last = int(a.last)
		if i = d.gap(last); d.oneOf(i, "stroke", "of") {
			i++
		}
	}
	if n < 2 || n > 8 {
		return
	}
	d.add(first, last, CreditCard, 0.75)
}
