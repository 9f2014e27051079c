package privacy

import "strings"

// answeredNames takes the answer to "your name, please?" whatever the name looks like, and the name that a record begins with.
func (d *doc) answeredNames() {
	for n := 1; n < len(d.turns); n++ {
		first, last := int(d.turns[n].first), int(d.turns[n].last)
		d.enter(first)
		cue := d.cueBefore(aboutName, first)
		if cue < 0 || d.side(first)-d.side(cue) > 3 || d.side(first) == d.side(cue) || !d.asksName(cue) {
			continue
		}
		i := first
		for k := 0; i < last && k < 12; k++ {
			t := d.at(i)
			if t.kind == mark && t.sign != '?' || t.kind == word && t.has(backing|filler) && !(d.cased && t.is(capital) && !t.is(opens) && t.has(given)) || d.oneOf(i, "is", "was", "just") {
				i++
				continue
			}
			break
		}
		if i >= last || d.at(i).kind != word {
			continue
		}
		if end := d.saidTwice(i); end > i {
			d.add(i, end, Person, 0.85)
			continue
		}
		if end := d.plainName(i, last); end > i {
			d.add(i, end, Person, 0.8)
			if d.is(end, "and") && end+1 < last && d.nameClass(end+1) >= 1 && !d.at(end+1).has(ordinary) { // aarav and anaya krishnamurthy
				d.add(end+1, d.chain(end+1, true), Person, 0.8)
			}
			if d.at(end).signed(',') { // faith, faith wills
				if again := d.plainName(end+1, last); again > end {
					d.add(end+1, again, Person, 0.8)
				}
			}
			continue
		}
		c := d.nameClass(i)
		x := d.at(i)
		if c >= 2 || c == 1 && (x.has(anyGiven|anySurname) || x.lex&^hints == 0) && (d.cased || !x.has(word10) || x.has(given)) {
			end := d.chain(i, true)
			if c >= 2 || d.vocativeEnd(end) || d.oneOf(end, "and", "that's", "thats", "spelled", "spelt") || end > i+1 || len(d.at(end).fold) == 1 {
				d.add(i, end, Person, 0.85)
			}
		} else if c == 0 && x.has(given) && d.at(i+1).has(anySurname) && d.at(i+1).turn == x.turn && d.vocativeEnd(i+2) { // will price
			d.add(i, i+2, Person, 0.85)
		}
	}
	for _, cue := range d.cues[aboutName] { // the answer in the same breath: "Your last name? Magnusson."
		d.enter(int(cue))
		for i := int(cue) + 1; i < int(cue)+6; i++ {
			if d.at(i).signed('?') && d.at(i).turn == d.at(int(cue)).turn {
				if j := d.skip(i + 1); d.at(j).turn == d.at(i).turn && d.nameClass(j) >= 1 && (d.at(j).lex&^hints == 0 || d.at(j).has(anyGiven|anySurname)) {
					if end := d.chain(j, true); d.vocativeEnd(end) {
						d.add(j, end, Person, 0.8)
					}
				}
				break
			}
		}
	}
	for _, about := range [...]topic{aboutBirth, aboutRecord} { // "kayla ward, date of birth …"
		for _, cue := range d.cues[about] {
			d.enter(int(cue))
			d.headName(int(cue))
		}
	}
}

// asksName tells a question for the caller's name from other talk of names.
func (d *doc) asksName(cue int) bool {
	if d.oneOf(cue-1, "my") || d.is(cue, "name's") {
		return false
	}
	from, to := d.turnOf(cue)
	for i := cue; i < to && i < cue+16; i++ {
		if d.at(i).signed('?') {
			return true
		}
	}
	for i := max(from, cue-8); i < cue+3; i++ {
		if d.oneOf(i, "your", "you", "confirm", "may", "could", "please", "patient's", "what's", "whats", "what", "who", "caller", "spell", "take", "full") {
			return true
		}
	}
	return false
}

func (d *doc) headName(cue int) {
	from, _ := d.turnOf(cue)
	j := cue
	for j > from && cue-j < 6 && d.oneOf(j, "birth", "of", "date", "dob", "medical", "record", "number", "mrn", "birthdate") {
		j--
	}
	for j > from && cue-j < 12 && (d.at(j).kind == mark || d.at(j).kind == word && d.at(j).has(filler)) {
		j--
	}
	end := j + 1
	for j >= from && end-j <= 4 && d.nameClass(j) >= 1 && !d.at(j).is(opens) {
		j--
	}
	if j >= from && d.at(j).is(opens) && d.nameClass(j) >= 1 {
		j--
	}
	if n := end - j - 1; n >= 2 && n <= 4 && (j < from || d.at(j+1).is(opens) || d.oneOf(j, "is", "patient", "for") || d.at(j).kind == mark) && d.hasName(j+1, end, anyGiven|anySurname) {
		d.add(j+1, end, Person, 0.85)
	}
}

// spelled reads letters said one by one: "P-A-R-K", "S M I T H", "M for mother", "double t", with the spelling words of ICAO and of habit.
func (d *doc) spelled(i int) int {
	if len(d.at(i).fold) != 1 && !d.at(i).has(spelling) && d.at(i).fold != "double" {
		return 0
	}
	if end := d.initialsEnd(i); end > i && !d.at(end).signed('-') && len(d.at(end).fold) != 1 { // "your N H S number" names a number, nobody
		return 0
	}
	var buf [24]byte
	b := buf[:0]
	j, last, signs, plain, helped := i, i, 0, 0, 0
	for len(b) < 20 {
		t := d.at(j)
		if t.turn != d.at(i).turn || t.kind == line || t.is(claimed) {
			break
		}
		switch {
		case t.kind == word && len(t.fold) == 1 && t.fold != "'" && (len(b) == 0 || t.fold != "a" && t.fold != "i" || d.letterAfter(j) || (len(b) > 1 || d.is(j+1, "space")) && d.rowEnds(j)):
			b = append(b, t.fold...)
			j++
			plain++
			if d.oneOf(j, "for", "as") || d.is(j, "like") {
				k := j + 1
				if d.is(k, "in") {
					k++
				}
				if d.at(k).kind == word && d.at(k).fold != "" && d.at(k).fold[0] == t.fold[0] {
					j = k + 1
					if d.at(j).signed('-') && d.is(j+1, "ray") && t.fold == "x" {
						j += 2
					}
					helped++
				}
			}
		case t.kind == word && t.fold == "double" && len(d.at(j+1).fold) == 1 && d.at(j+1).kind == word:
			b = append(b, d.at(j + 1).fold[0], d.at(j + 1).fold[0])
			j += 2
			plain++
		case t.kind == word && t.has(spelling) && t.fold != "" && (len(b) > 0 || d.at(j+1).has(spelling)):
			b = append(b, t.fold[0])
			j++
			signs++
		case len(b) > 0 && d.oneOf(j, "new", "next") && d.is(j+1, "word") && len(d.at(j+2).fold) == 1: // a l, new word, h a s h i m i
			j += 2
			continue
		case t.kind == mark && (t.sign == '-' || t.sign == ',' || t.sign == '.') && len(b) > 0, t.kind == word && (t.has(filler) || t.fold == "space" && len(d.at(j+1).fold) == 1) && len(b) > 0:
			j++
			continue
		default:
			t = &none
		}
		if t == &none {
			break
		}
		last = j
	}
	if len(b) == 2 && plain == 2 && helped == 0 && d.spelledBefore(i) { // S-A-O-I-R-S-E, then N-I
		d.add(i, last, Person, 0.6)
		return last
	}
	if len(b) < 3 && helped < 2 || plain == 0 && signs < 3 {
		return 0
	}
	if helped > 1 && len(b) < 8 && d.cueBefore(aboutAddress, i) > d.cueBefore(aboutName, i) && d.asked(aboutAddress, i) { // no, B as in bravo, A as in alpha
		d.add(i, last, Address, 0.6)
		return last
	}
	s := string(b)
	known := d.lex.words[s]
	asked := d.near(aboutName, i, 25) || d.asked(aboutName, i)
	after := d.at(i - 1)
	follows := after.is(claimed) || d.at(i-2).is(claimed) && after.kind == mark
	for k, n := i-1, 0; n < 4 && k >= 0; k, n = k-1, n+1 { // "it's jonty, j o n t y"
		if p := d.at(k); p.kind == word && p.fold == s && len(s) > 2 && !p.is(claimed) {
			d.add(k, k+1, Person, 0.8)
			follows = true
		} else if p.kind == word && !p.has(filler) {
			break
		}
	}
	switch {
	case d.near(aboutEmail, i, 20) || d.asked(aboutEmail, i) && (!asked || d.cueBefore(aboutEmail, i) > d.cueBefore(aboutName, i)):
		d.add(i, last, Email, 0.7)
	case known&(anyGiven|anySurname) != 0 && len(s) > 3, asked, follows && (len(s) > 2 || helped > 1):
		if known&acronym != 0 && !asked {
			return 0
		}
		d.add(i, last, Person, 0.8)
	case len(s) >= 5 && strings.Trim(s, s[:1]) != "":
		d.add(i, last, Person, 0.6)
	default:
		return 0
	}
	return last
}

// spelledBefore tells whether another row of letters ends right before: "… E, then N-I".
func (d *doc) spelledBefore(i int) bool {
	k := i - 1
	for n := 0; n < 4 && (d.at(k).signed(',') || d.oneOf(k, "then", "and", "new", "word", "space")); n++ {
		k--
	}
	t := d.at(k)
	return k < i-1 && t.kind == word && len(t.fold) == 1 && t.is(claimed) && t.turn == d.at(i).turn
}

// initialsEnd answers where the initials of an identifier end, or 0.
func (d *doc) initialsEnd(i int) int {
	if !d.toks[i].has(cueHead) {
		return 0
	}
	end, _ := d.initials(i)
	return end
}

// rowEnds tells whether a or i is the last letter of a row, by what comes after it: a row of letters takes its last one, "n n a m d i and".
func (d *doc) rowEnds(i int) bool {
	b := i - 1
	for d.at(b).kind == mark && (d.at(b).sign == ',' || d.at(b).sign == '.' || d.at(b).sign == '-') {
		b--
	}
	if t := d.at(b); t.kind != word || len(t.fold) != 1 {
		return false
	}
	t := d.at(i + 1)
	if d.at(i).is(glued) && d.at(i-1).signed('.') { // M.I.N.I.
		return false
	}
	return t.kind == mark && t.sign != '\'' || t.kind == line || t.turn != d.at(i).turn || d.oneOf(i+1, "then", "and", "space", "new", "hyphen", "dash", "is", "it's", "that's", "yes", "surname", "last", "first", "or", "so", "capital", "with", "not", "double", "thank", "thanks", "okay")
}

func (d *doc) letterAfter(i int) bool {
	j := i + 1
	if t := d.at(j); t.kind == word && len(t.fold) == 1 {
		return true
	} else if b := d.at(i - 1); len(b.fold) == 1 && b.kind == word && (t.kind == mark && t.sign != '\'' || t.turn != d.at(i).turn || d.oneOf(j, "hyphen", "dash")) { // A B A R A,
		return true
	}
	for d.at(j).kind == mark && (d.at(j).sign == '-' || d.at(j).sign == ',' || d.at(j).sign == '.') {
		j++
	}
	t := d.at(j)
	return t.kind == line || t.kind == word && (len(t.fold) == 1 || t.fold == "double" || t.fold == "for" || t.fold == "as") || d.at(i-1).signed('-')
}

// plainName reads an answer that is a name and nothing else, though its words are ordinary ones: "april may", "faith", "Day".
func (d *doc) plainName(i, to int) int {
	if !d.at(i).has(anyGiven|anySurname) && !d.soleName(i, to) || d.at(i).is(claimed) {
		return 0
	}
	end, lone := i, false
	for end < to && d.at(end).kind == word && !d.at(end).is(claimed) {
		t := d.at(end)
		if end > i && (d.oneOf(end, "first", "last", "middle", "christian") && d.is(end+1, "name") || d.oneOf(end, "surname", "and", "forename")) {
			lone = true
			break
		}
		if end-i >= 3 || len(t.fold) < 2 || d.cased && !t.is(capital) || t.has(filler|backing|number) || t.has(medical) && !t.has(anyGiven) || t.lex&^hints != 0 && !t.has(anyGiven|anySurname) && !d.soleName(end, to) {
			return 0
		}
		end++
	}
	if t := d.at(end); end < to && !lone && (t.kind != mark || t.sign == '?' || t.sign == '\'' || t.sign == '-') {
		return 0
	}
	t := d.at(i)
	switch {
	case end == i, t.has(function) && (!t.has(anyGiven) || d.oneOf(i-1, "i", "we", "they", "you", "he", "she", "it")): // I will
		return 0
	case end > i+1, t.has(given), t.has(givenRare) && !t.has(function), lone:
		return end
	}
	if from, last := d.turnOf(i); last-from > 4 { // a surname that is an ordinary word answers alone
		return 0
	}
	return end
}

// saidTwice covers a first name that is said again with the surname: "chance, chance holiday", "Rich. Rich Plummer."
func (d *doc) saidTwice(i int) int {
	t, j := d.at(i), i+1
	if t.kind != word || !t.has(anyGiven) || t.has(function|backing|filler|number|month|weekday) {
		return 0
	}
	if m := d.at(j); m.signed(',') || m.signed('.') {
		j++
	}
	if d.at(j).kind != word || d.at(j).fold != t.fold || d.at(j).turn != t.turn {
		return 0
	}
	n := d.at(j + 1)
	if !t.has(ordinary) && !n.has(ordinary|month) { // plain names need no help
		return 0
	}
	if n.kind != word || n.turn != t.turn || n.is(claimed) || n.has(function|backing|filler|number) || d.cased && !n.is(capital) || n.lex&^hints != 0 && !n.has(anySurname|anyGiven) {
		return 0
	}
	return j + 2
}

// soleName tells whether one word with a capital is all that was answered to "your surname?": "Day."
func (d *doc) soleName(i, to int) bool {
	t := d.at(i)
	if !d.cased || !t.is(capital) || t.kind != word || t.has(function|backing|filler|number) || to-i > 2 || to-i == 2 && !d.at(i+1).signed('.') {
		return false
	}
	p := d.cueBefore(aboutName, i)
	return d.side(i)-d.side(p) == 1 && (d.is(p, "surname") || d.is(p, "name") && d.oneOf(p-1, "last", "first", "family", "second", "middle"))
}
