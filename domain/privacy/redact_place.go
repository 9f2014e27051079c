package privacy

// findPlaces finds addresses, then towns and countries.
func (d *doc) findPlaces() {
	for i := 0; i < len(d.toks); i++ {
		d.enter(i)
		t := &d.toks[i]
		if t.is(claimed) {
			continue
		}
		if end := d.streetAddress(i); end > i {
			end = d.addressTail(end)
			d.add(d.homeBefore(i), end, Address, 0.9)
			d.street = end
			i = end - 1
			continue
		}
		if end := d.postcodeAt(i); end > i {
			d.add(i, end, Address, 0.9)
			i = end - 1
			continue
		}
		if end := d.box(i); end > i {
			d.add(i, end, Address, 0.8)
			i = end - 1
			continue
		}
		if t.kind == mark || t.kind == word && !t.has(number) {
			continue
		}
		if end := d.inwardPart(i); end > i {
			d.add(i, end, Address, 0.6)
			i = end - 1
		}
	}
	d.answeredAddresses()
	d.answeredTails()
	d.bridgeAddresses()
	for i := 0; i < len(d.toks); i++ {
		d.enter(i)
		t := &d.toks[i]
		if t.is(claimed) || t.kind != word {
			continue
		}
		if end := d.place(i); end > i {
			d.add(i, end, Location, 0.7)
			if z := d.skip(end); d.at(z).turn == t.turn {
				if e := d.zipDigits(z); e > z { // Plano, Texas, seven five oh two three
					d.add(z, e, Address, 0.8)
					if from := d.townBefore(i); from < i { // round rock texas seven eight six six four
						d.add(from, i, Address, 0.6)
					}
				}
			}
			i = end - 1
		}
	}
	d.answeredTowns()
}

// houseNumber reads the number of a house with what belongs to it: "number one", "12b", "flat 3, 14", "two three one".
func (d *doc) houseNumber(i int) int {
	j := i
	if t := d.at(j); t.kind == word && t.has(dwelling) || d.is(j, "number") || d.is(j, "no") {
		k := j + 1
		if d.is(k, "number") || d.at(k).signed('#') || d.at(k).signed('.') {
			k++
		}
		a, ok := d.atom(k)
		switch {
		case ok:
			j = int(a.last)
			if b, ok := d.atom(j + 1); ok && (d.oneOf(j, "stroke", "slash") || d.at(j).signed('/')) { // flat two stroke one
				j = int(b.last)
			}
		case t.has(dwelling) && d.at(k).kind == word && len(d.at(k).fold) == 1:
			j = k + 1
		default:
			return 0
		}
		if x := d.at(j); x.kind == word && len(x.fold) == 1 && (x.is(glued) || x.fold < "i" && (d.at(j+1).kind != word || d.at(j+1).has(number))) {
			j++
		}
		k = d.skip(j)
		if d.is(k, "a") {
			k++
		}
		if _, ok := d.atom(k); !ok {
			return j
		}
		j = k
	}
	n := 0
	for n < 6 {
		a, ok := d.atom(j)
		if !ok || a.ord && n == 0 && j == i {
			break
		}
		if !a.spoken && len(a.digits) > 6 {
			return 0
		}
		if a.ord { // 12 4th Street
			break
		}
		n++
		j = int(a.last)
		if k := d.skip(j); k > j {
			if _, ok := d.atom(k); ok && (a.spoken || d.at(j).signed('-')) {
				j = k
			}
		}
	}
	if n == 0 {
		return 0
	}
	if t := d.at(j); t.kind == word && len(t.fold) == 1 && (t.is(glued) || t.is(capital)) && t.fold != "i" {
		j++
	}
	return j
}

// streetAddress reads a house number and a street: "sixty four, Cliveden Place" in any case.
func (d *doc) streetAddress(i int) int {
	t := &d.toks[i]
	if t.kind == mark || t.kind == line {
		return 0
	}
	j := d.houseNumber(i)
	if j == 0 {
		if !d.cased {
			return d.soleStreet(i)
		}
		if d.cased && t.is(capital) && t.kind == word && !t.has(function) { // Baker Street
			if e := d.streetName(i, 3); e > 0 && d.at(e-1).is(capital) && !d.mild(e-1) {
				return e
			}
		}
		return 0
	}
	k := d.skip(j)
	if k-j > 3 || d.counts(j) {
		return 0
	}
	e := d.streetName(k, 4)
	if e == 0 {
		if k < len(d.toks) && d.at(k).has(street) && d.at(k).kind == word && d.near(aboutAddress, i, 12) && !d.at(k).has(title) { // fifty Avenue
			return k + 1
		}
		if x := d.at(k + 1); d.oneOf(k, "north", "south", "east", "west") && (d.near(aboutAddress, i, 12) || d.asked(aboutAddress, i) && d.begins(i)) && x.kind == word && x.turn == t.turn && !x.has(function|number|backing) { // four fifteen east pecan
			return k + 2
		}
		if t.has(dwelling) && t.kind == word && j > i+1 && (d.near(aboutAddress, i, 20) || d.asked(aboutAddress, i)) {
			return j
		}
		return 0
	}
	if d.mild(e-1) && !d.near(aboutAddress, i, 15) && !d.asked(aboutAddress, i) && !d.staysAt(i) && !d.soleHome(i, j, e) && !(d.cased && d.at(e-1).is(capital) && d.at(e-2).is(capital)) {
		return 0
	}
	return e
}

// soleHome tells whether a number of three figures and a street are all that is said: "no, six oh one juniper ridge".
func (d *doc) soleHome(i, j, e int) bool {
	if _, n := d.figures(i, 6); n < 3 || n > 5 || d.at(j).has(function|weekday|month|medical|number) || !d.begins(i) && !d.oneOf(i-1, "no", "it's", "now", "yes", "at") {
		return false
	}
	return d.vocativeEnd(e) || d.at(e).has(dwelling) && d.at(e).kind == word && d.atomAt[min(e+1, len(d.toks))] > 0
}

// soleStreet: "are you on juniper court", where nothing follows.
func (d *doc) soleStreet(i int) int {
	if b := d.at(i - 1); len(b.fold) != 2 || d.cased || !d.oneOf(i-1, "on", "in", "at") || !d.oneOf(i-2, "you", "still", "live", "lives", "living") || d.at(i).has(function|number|medical|backing) {
		return 0
	}
	if e := d.streetName(i, 3); e > i+1 && d.vocativeEnd(e) {
		return e
	}
	return 0
}

// staysAt: "are you still at", "we live at", before the number of a house.
func (d *doc) staysAt(i int) bool {
	if !d.oneOf(i-1, "at") {
		return false
	}
	for k := i - 2; k > i-5; k-- {
		if d.oneOf(k, "still", "live", "living", "staying", "stay", "based", "lives") {
			return true
		}
	}
	return false
}

// mild are the street words that more often mean something else.
func (d *doc) mild(i int) bool {
	switch d.at(i).fold {
	case "way", "place", "view", "park", "hill", "rise", "walk", "row", "close", "court", "run", "point", "bend", "green", "mount", "path", "dr", "st", "trail", "loop", "plain", "ridge", "circle", "drive", "route", "fields", "buildings", "cross", "crossing", "chase", "via", "square", "grove", "vale", "pl", "ct", "av", "pike", "cove", "spur", "rd":
		return true
	}
	return false
}

// streetName reads up to max words and the word for a street.
func (d *doc) streetName(i, max int) int {
	for n := 0; n <= max; n++ {
		t := d.at(i)
		if t.kind == mark {
			if t.sign == ',' && n > 0 || t.sign == '\'' || t.sign == '-' || t.sign == '.' && len(d.at(i-1).fold) <= 2 {
				i++
				continue
			}
			return 0
		}
		if t.kind == line || t.is(claimed) {
			return 0
		}
		if t.kind == word && t.has(street) && n > 0 {
			e := i + 1
			for d.at(e).kind == word && d.at(e).has(street) && (d.at(e).is(capital) || !d.cased && d.mild(i) && !d.at(e).has(title)) { // willow bend drive
				e++
			}
			if d.at(e).signed('.') && len(d.at(e-1).fold) < 4 {
				e++
			}
			return e
		}
		if t.kind == word && t.has(filler) && n == 0 {
			return 0
		}
		if t.kind == word && t.has(function|backing) && t.fold != "the" && t.fold != "of" && t.fold != "old" && t.fold != "new" && t.fold != "great" && t.fold != "st" && !(t.is(capital) && d.cased) {
			return 0
		}
		if d.cased && t.kind == word && !t.is(capital) && !t.has(surname|surnameMid|city|country) && !t.has(number) {
			return 0
		}
		i++
	}
	return 0
}

// addressTail goes on over town, county, state, country and code.
func (d *doc) addressTail(i int) int {
	i0, end := i, i
	for n := 0; n < 10; n++ {
		j := i
		for k := 0; k < 3; k++ {
			if t := d.at(j); t.kind == mark && (t.sign == ',' || t.sign == '-' || t.sign == '.' && !d.opensAfter(j)) || t.kind == word && (t.has(filler) || t.fold == "in") {
				j++
			}
		}
		t := d.at(j)
		if t.kind == line && d.at(j+1).kind != line && d.at(j+1).turn != d.at(end-1).turn {
			if e := d.place(j + 1); e > 0 && d.at(e).kind != word || d.at(j+1).signed(',') {
				j++
				t = d.at(j)
				if t.signed(',') {
					j++
					t = d.at(j)
				}
			}
		}
		switch {
		case t.kind == line || j >= len(d.toks) || t.is(claimed):
			return end
		case d.postcodeAt(j) > j:
			return d.postcodeAt(j)
		case d.outward(j) > j:
			return d.outward(j)
		case end > i0 && d.zipDigits(j) > j:
			return d.zipDigits(j)
		case d.place(j) > j:
			i = d.place(j)
		case d.is(j-1, "in") && t.kind == word && t.lex&^(hints|anySurname|maybe) == 0 && len(t.fold) > 3 && (!d.cased || t.is(capital)): // a town that no list knows
			i = j + 1
		case d.is(j-1, "in") && d.compass(j) && d.at(j+1).kind == word && d.at(j+1).lex&^(hints|anySurname|maybe) == 0 && len(d.at(j+1).fold) > 3 && !d.at(j+1).is(claimed): // great missenden
			i = j + 2
		case t.kind == word && t.has(dwelling):
			a, ok := d.atom(j + 1)
			if d.at(j+1).signed('.') || d.at(j+1).signed('#') {
				a, ok = d.atom(j + 2)
			}
			if !ok {
				return end
			}
			i = int(a.last)
			if l := d.at(i); l.kind == word && len(l.fold) == 1 && d.at(i+1).kind != word && !d.at(i+1).signed('\'') { // apartment three b
				i++
			}
		case d.is(j, "number") && d.atomAt[min(j+1, len(d.toks))] > 0:
			a, _ := d.atom(j + 1)
			i = int(a.last)
		case t.kind == digits && (len(t.fold) == 5 || len(t.fold) == 4 || len(t.fold) == 6):
			i = j + 1
			if d.at(i).signed('-') && d.at(i+1).kind == digits && len(d.at(i+1).fold) == 4 {
				i += 2
			}
			if n > 0 {
				return i
			}
		case t.kind == word && t.is(upper) && len(t.fold) == 2 && !t.has(acronym):
			i = j + 1
		case d.cased && t.is(capital) && !t.is(opens) && !t.has(function|title|month|weekday|relation|greeting|acronym) && t.kind == word && j <= i+1:
			i = j + 1
		default:
			return end
		}
		end = i
	}
	return end
}

func (d *doc) opensAfter(i int) bool { return d.at(i + 1).is(opens) }

// box reads PO boxes.
func (d *doc) box(i int) int {
	j := i
	switch {
	case d.is(j, "po"):
		j++
	case d.is(j, "p") && d.at(j+1).signed('.') && d.is(j+2, "o"):
		j += 3
	case d.is(j, "p") && d.is(j+1, "o"):
		j += 2
	default:
		return 0
	}
	for d.at(j).signed('.') {
		j++
	}
	if a, ok := d.atom(j + 1); ok && d.is(j, "box") {
		if e, n := d.figures(j+1, 7); n > 0 { // box four four one
			return d.addressTail(e)
		}
		return d.addressTail(int(a.last))
	}
	return 0
}

// place reads a town or a country of the lists; in text with capitals a place has one.
func (d *doc) place(i int) int {
	t := d.at(i)
	if t.kind != word {
		return 0
	}
	if t.has(town) {
		for _, e := range d.lex.phrases[t.fold] {
			if e.lex&(city|country) != 0 {
				if end := d.phraseEnd(i, e.rest); end > 0 && (!d.cased || t.is(capital)) {
					return end
				}
			}
		}
	}
	if t.has(maybe) && (!d.cased || t.is(capital)) && d.oneOf(i-1, "in", "to", "from", "near", "around", "outside", "via", "visiting", "visited") && d.nameClass(i+1) < 2 {
		return i + 1
	}
	if t.has(city|country) && (!d.cased || t.is(capital)) {
		if t.has(ordinary) && !(d.cased && !t.is(opens)) {
			return 0
		}
		if n := d.at(i + 1); d.cased && n.kind == word && n.is(capital) && n.lex == 0 && !n.is(upper) && len(n.fold) > 3 { // Stoke Newington
			return i + 2
		}
		return i + 1
	}
	if d.cased && t.is(upper) && (t.fold == "us" || t.fold == "usa" || t.fold == "uk") && (d.is(i-1, "the") || d.is(i-1, "in") || d.is(i-1, "to") || d.is(i-1, "from")) {
		return i + 1
	}
	return 0
}

// phraseEnd matches the rest of a phrase after token i, across hyphens.
func (d *doc) phraseEnd(i int, rest []string) int {
	j := i + 1
	for _, w := range rest {
		if d.at(j).signed('-') || d.at(j).signed('.') && (d.at(j-1).fold == "st" || len(d.at(j-1).fold) == 1) { // M.R.I.
			j++
		}
		t := d.at(j)
		if t.fold != w || t.kind != word && t.kind != digits {
			s := len(t.fold) - 1
			if t.kind == word && s > 3 && t.fold[s] == 's' && t.fold[s-1] == '\'' { // my blood pressure's high
				s--
			}
			if t.kind != word || s < 3 || t.fold[len(t.fold)-1] != 's' || t.fold[:s] != w {
				return 0
			}
		}
		j++
	}
	return j
}
