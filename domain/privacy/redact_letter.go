package privacy

// letterNamed answers the letter a word is the name of, as speech engines write it by ear. Most of these are words too: they are read as
// letters only where letters are awaited.
func letterNamed(s string) byte {
	switch s {
	case "ay", "eh":
		return 'a'
	case "bee", "be":
		return 'b'
	case "cee", "see", "sea":
		return 'c'
	case "dee":
		return 'd'
	case "ee":
		return 'e'
	case "eff", "ef":
		return 'f'
	case "gee":
		return 'g'
	case "aitch", "haitch", "aych":
		return 'h'
	case "eye":
		return 'i'
	case "jay":
		return 'j'
	case "kay":
		return 'k'
	case "el", "ell":
		return 'l'
	case "em", "emm":
		return 'm'
	case "en", "enn":
		return 'n'
	case "pee", "pea":
		return 'p'
	case "cue", "queue", "kew":
		return 'q'
	case "ar", "are":
		return 'r'
	case "es", "ess":
		return 's'
	case "tee", "tea":
		return 't'
	case "you", "yu":
		return 'u'
	case "vee":
		return 'v'
	case "ex":
		return 'x'
	case "why", "wye":
		return 'y'
	case "zed", "zee":
		return 'z'
	}
	return 0
}

// letterSaid reads a letter from token i, how often it stands there, and the end: "n", "double a", "double you", "s for sugar", "e, as in
// easy"; loose takes the letters' names and the words that stand for letters as well.
func (d *doc) letterSaid(i int, loose bool) (letter byte, often, end int) {
	t := d.at(i)
	if t.kind != word {
		return 0, 0, i
	}
	often, end = 1, i+1
	if t.has(number) {
		n := numberWords[t.fold]
		if n.kind != times {
			return 0, 0, i
		}
		if d.at(end).signed('-') {
			end++
		}
		if n.val == 2 && d.oneOf(end, "you", "u") {
			return 'w', 1, end + 1
		}
		if t = d.at(end); t.kind != word || t.has(number) {
			return 0, 0, i
		}
		often, end = int(n.val), end+1
	}
	switch {
	case len(t.fold) == 1:
		letter = t.fold[0]
	case loose && t.has(spelling):
		letter = t.fold[0]
	case loose:
		letter = letterNamed(t.fold)
	}
	if letter < 'a' || letter > 'z' {
		return 0, 0, i
	}
	j := end
	if d.at(j).signed('-') && d.is(j+1, "ray") && letter == 'x' {
		return letter, often, j + 2
	}
	if d.at(j).signed(',') {
		j++
	}
	if d.oneOf(j, "for", "as", "like") {
		if j++; d.is(j, "in") {
			j++
		}
		if w := d.at(j); w.kind == word && len(w.fold) > 1 && w.fold[0] == letter {
			end = j + 1
		} else if letter == 'x' && d.is(j, "x") && d.at(j+1).signed('-') && d.is(j+2, "ray") {
			end = j + 3
		}
	} else if w := d.at(j); len(t.fold) == 1 && w.kind == word && len(w.fold) > 1 && w.has(spelling) && w.fold[0] == letter && w.turn == t.turn { // v victor
		end = j + 1
	}
	return letter, often, end
}

// initialHeads are what the initials of an identifier begin with when they are said or written apart: "N H S", "enn haitch ess".
var initialHeads = [...]string{"n", "en", "enn", "nh", "s", "es", "ess", "ss", "m", "em", "emm", "mr", "d", "dee", "do"}

// initials reads the name of an identifier from its letters, with spaces, dots or their names, and answers its end.
func (d *doc) initials(i int) (int, topic) {
	if d.at(i).is(glued) && d.at(i-1).kind != mark && d.at(i-1).kind != line {
		return 0, 0
	}
	var buf [4]byte
	b := buf[:0]
	for j := i; len(b) < 3; {
		t := d.at(j)
		switch c := letterNamed(t.fold); {
		case t.kind == mark && (t.sign == '.' || t.sign == '-') && len(b) > 0:
			j++
			continue
		case t.kind != word:
			return 0, 0
		case len(t.fold) <= 2 && len(b)+len(t.fold) <= 3 && c == 0:
			b = append(b, t.fold...)
		case c != 0:
			b = append(b, c)
		default:
			return 0, 0
		}
		j++
		if len(b) == 2 && string(b) == "ni" && (d.is(j, "number") || d.is(j, "number's") || d.at(j).signed('.') && d.is(j+1, "number")) {
			return j, aboutNational
		}
		if len(b) == 3 && j > i+1 {
			switch string(b) {
			case "nhs", "ssn", "nin", "mbi":
				return j, aboutNational
			case "mrn":
				return j, aboutRecord
			case "dob":
				return j, aboutBirth
			}
		}
	}
	return 0, 0
}
