package privacy

import "strings"

// areas are the letters UK postcodes begin with (Royal Mail), in one row: a code said with no word for it must begin with one of them.
var areas = setOf(`ab al b ba bb bd bh bl bn br bs bt ca cb cf ch cm co cr ct cv cw da dd de dg dh dl dn dt dy e ec eh en ex fk fy g gl gu gy ha hd hg hp hr hs hu hx ig im ip iv je ka kt kw ky l la ld le ll ln ls lu m me mk ml n ne ng nn np nr nw
	ol ox pa pe ph pl po pr rg rh rm s sa se sg sk sl sm sn so sp sr ss st sw sy ta td tf tn tq tr ts tw ub w wa wc wd wf wn wr ws wv yo ze`)

// inArea tells whether a code begins with the letters of an area and a figure.
func inArea(s string) bool {
	n := 0
	for letterAtByte(s, n) {
		n++
	}
	return digitAtByte(s, n) && areas[s[:n]]
}

// findPostcodes finds whole postcodes before their figures are taken for dates and their letters for names.
func (d *doc) findPostcodes() {
	for i := range d.toks {
		t := &d.toks[i]
		if t.is(claimed) || !opensPostcode(t) {
			continue
		}
		d.enter(i)
		end, sure := d.readPostcode(i)
		if end == 0 && (d.near(aboutAddress, i, 6) || d.asked(aboutAddress, i) && (d.begins(i) || d.oneOf(i-1, "it's", "is"))) {
			if end = d.outward(i); end > 0 { // the first half, the other comes later: "E one" – "yes" – "six R F"
				d.add(i, end, Address, 0.7)
			}
			continue
		}
		if end == 0 || !sure {
			continue
		}
		j := d.skip(end)
		for n := 0; n < 3 && d.oneOf(j, "and", "it's", "house", "at"); n++ {
			j++
		}
		if x := d.at(j); x.turn == t.turn && (d.is(j, "number") || x.kind == word && x.has(dwelling)) { // "…, number four"
			if a, ok := d.atom(j + 1); ok && !d.counts(int(a.last)) {
				end = int(a.last)
			}
		}
		d.add(i, end, Address, 0.9)
	}
}

// opensPostcode tells whether a postcode can begin with the word.
func opensPostcode(t *token) bool {
	if t.kind != word || t.has(filler) && !t.is(upper) { // SO is Southampton
		return false
	}
	return len(t.fold) <= 2 || t.has(spelling) || t.has(number) && numberWords[t.fold].kind == times || len(t.fold) <= 6 && letterNamed(t.fold) != 0
}

// postcodeAt reads a UK postcode, also a spoken one, and a US code after its word.
func (d *doc) postcodeAt(i int) int {
	t := d.at(i)
	if t.kind == digits && len(t.fold) == 5 && (d.oneOf(i-1, "zip", "zipcode", "postcode") || d.oneOf(i-1, "code", "is") && d.near(aboutAddress, i, 5)) {
		return i + 1
	}
	if !opensPostcode(t) {
		return 0
	}
	end, _ := d.readPostcode(i)
	return end
}

// readPostcode reads a code of letters and figures however they are said; sure when it keeps the grammar.
func (d *doc) readPostcode(i int) (int, bool) {
	t := d.at(i)
	if n := d.at(i + 1); t.is(glued) && d.at(i-1).kind != mark || n.kind == word && len(n.fold) > 2 && !n.has(number|spelling|filler) && letterNamed(n.fold) == 0 && n.fold != "for" && n.fold != "like" {
		return 0, false // as nearly every short word
	}
	context := d.near(aboutAddress, i, 25) || d.asked(aboutAddress, i) || d.street > 0 && i-d.street < 20 && d.at(d.street-1).turn == t.turn
	if len(t.fold) > 2 && !context && t.fold != "double" {
		return 0, false
	}
	var buf [10]byte
	b := buf[:0]
	spoken, named := false, false
	for j, n := i, 0; n < 18 && j < len(d.toks); n++ {
		x := &d.toks[j]
		if x.is(claimed) || x.turn != t.turn {
			return 0, false
		}
		a, isNumber := d.atom(j)
		if isNumber && d.stammered(j, a) { // six, er, six A Y
			j = int(a.last)
		} else if isNumber && len(b)+len(a.digits) <= 7 {
			b = append(b, a.digits...)
			spoken = spoken || a.spoken
			j = int(a.last)
		} else if c, often, end := d.letterSaid(j, context && !(x.kind == word && len(x.fold) == 2 && (letterNamed(x.fold) == 0 || x.is(glued) && x.is(upper)))); c != 0 && !isNumber && len(b)+often <= 7 {
			named = named || x.kind == word && len(x.fold) > 1
			for range often {
				b = append(b, c)
			}
			j = end
		} else if x.kind == word && len(x.fold) <= 2 && len(b)+len(x.fold) <= 7 && (!x.has(filler) && (len(x.fold) < 2 || !x.has(function) || x.is(glued) || len(b) == 0 && areas[x.fold]) || x.is(upper)) { // "ten to" is a time
			b = append(b, x.fold...)
			j++
		} else if x.kind == mark && (x.sign == ',' && (spoken || context || named) || x.sign == '-' || x.sign == '.') || (spoken || context) && x.kind == word && (x.has(filler) || len(b) > 2 && d.oneOf(j, "space", "then", "and", "it's", "and")) {
			j++
			continue
		} else {
			return 0, false
		}
		if len(b) < 5 {
			continue
		}
		next := d.at(j)
		whole := !next.is(glued) || next.kind != word && next.kind != digits
		s := string(b)
		switch {
		case !whole:
		case postcode(s) && (context && (!named || inArea(s)) || d.cased && t.is(capital) && !spoken || !d.cased && !spoken && !t.has(function) || spoken && inArea(s) && (len(t.fold) == 1 || !t.has(function))):
			return j, true
		case context && looksLikePostcode(s) && (!named || inArea(s)):
			return j, false
		}
	}
	return 0, false
}

// stammered tells whether the number was said right before, with only a filler between.
func (d *doc) stammered(i int, a atom) bool {
	k := i - 1
	for d.at(k).signed(',') || d.at(k).signed('.') {
		k--
	}
	if t := d.at(k); t.kind != word || !t.has(filler) || d.atomAt[max(k, 0)] != 0 {
		return false
	}
	for k--; d.at(k).signed(',') || d.at(k).signed('.'); k-- {
	}
	b, ok := d.atom(k)
	return ok && b.digits == a.digits && int(b.last) == k+1
}

// looksLikePostcode takes what people say where a postcode was asked for: a figure missing or too many.
func looksLikePostcode(s string) bool {
	in, out := s[len(s)-2:], strings.TrimRight(s[:len(s)-2], "0123456789")
	return letterAtByte(in, 0) && letterAtByte(in, 1) && len(out) >= 1 && len(out) <= 3 && len(out) < len(s)-2
}

// outward reads the first half of a postcode, which ends many an address: "London, N one".
func (d *doc) outward(i int) int {
	var buf [6]byte
	b := buf[:0]
	j := i
	for n := 0; n < 2 && len(b) < 2; n++ {
		t := d.at(j)
		if t.kind != word || t.is(claimed) || len(t.fold) > 2 && t.fold != "double" {
			break
		}
		if c, often, end := d.letterSaid(j, false); c != 0 && often == 1 {
			b, j = append(b, c), end
		} else if len(b)+len(t.fold) <= 2 {
			b, j = append(b, t.fold...), j+1
		} else {
			break
		}
	}
	letters := len(b)
	for n := 0; n < 2 && letters > 0; n++ {
		a, ok := d.atom(j)
		if !ok || a.ord || a.lone || len(b)+len(a.digits) > letters+2 || d.at(j).is(claimed) {
			break
		}
		b, j = append(b, a.digits...), int(a.last)
	}
	if t := d.at(j); len(b) > letters && t.kind == word && len(t.fold) == 1 && !t.is(claimed) { // W one T
		j++
	}
	next := d.at(j)
	if len(b) == letters || !inArea(string(b)) || next.turn == d.at(i).turn && next.kind != mark && next.kind != line && !(d.is(j, "and") && d.oneOf(j+1, "the", "then")) {
		return 0
	}
	return j
}

// zipCode reads a US code after its word or the question for it.
func (d *doc) zipCode(i int) int {
	p := d.cueBefore(aboutAddress, i)
	if p < 0 || !d.oneOf(p, "zip", "zipcode", "zip's") || !(d.near(aboutAddress, i, 8) || d.asked(aboutAddress, i) && d.early(i, 8)) {
		return 0
	}
	return d.zipDigits(i)
}

// zipDigits reads five figures, in words or groups, and the four that may follow a dash.
func (d *doc) zipDigits(i int) int {
	end, n := d.figures(i, 5)
	if n != 5 || d.counts(end) {
		return 0
	}
	j := d.skip(end)
	if d.oneOf(j, "dash", "hyphen", "minus") {
		j = d.skip(j + 1)
	}
	if more, n := d.figures(j, 4); n == 4 && j > end {
		return more
	}
	return end
}

// figures reads a row of numbers that has so many figures, and answers its end and how many it has: one more when it goes on.
func (d *doc) figures(i, want int) (end, n int) {
	for end = i; n < want; {
		a, ok := d.atom(i)
		if !ok || a.ord || d.at(i).is(claimed) || a.lone && n == 0 && want == 5 && d.atomAt[min(int(a.last), len(d.toks))] == 0 {
			return end, n
		}
		n += len(a.digits)
		end = int(a.last)
		i = d.gap(end)
	}
	if a, ok := d.atom(end); ok && !a.ord {
		n++
	}
	return end, n
}

// inwardPart reads the end of a postcode that is put right: "then two, two P L". Only where an address was asked for.
func (d *doc) inwardPart(i int) int {
	a, ok := d.atom(i)
	if !ok || len(a.digits) > 2 || a.ord {
		return 0
	}
	j := d.skip(int(a.last))
	if b, ok := d.atom(j); ok && len(b.digits) == 1 && !b.ord {
		j = d.skip(int(b.last))
	}
	if c, often, end := d.letterSaid(j, false); c != 0 && often == 2 && !d.at(j).is(claimed) { // eight double A
		j = end
	} else {
		for n := 0; n < 2; n++ {
			if t := d.at(j); t.kind != word || len(t.fold) != 1 || t.is(claimed) {
				return 0
			}
			j++
		}
	}
	if t := d.at(j); t.kind == word && t.turn == d.at(i).turn || !d.asked(aboutAddress, i) && !(d.street > 0 && i-d.street < 40) {
		return 0
	}
	return j
}
