package privacy

import "strings"

// whatOneDoes stand after somebody's name at the beginning of a sentence, as in a summary: "Winters has had pain for two weeks".
var whatOneDoes = []string{"has", "had", "is", "was", "asked", "asks", "called", "calls", "rang", "wants", "wanted", "needs", "takes", "said", "says", "would", "will", "lives", "works", "came", "booked", "cancelled", "canceled",
	"requested", "reports", "reported", "confirmed", "gave", "prefers", "declined", "agreed", "mentioned", "complains", "suffers", "spoke"}

// repeatNames finds again every name found once: the other side repeats it, alone or in parts.
func (d *doc) repeatNames() {
	var starts uint64 // how the names begin: most words begin otherwise
	var heard []string
	sure, greeted := map[string]bool{}, map[string]bool{} // the second: names that are ordinary words, found again only where one is spoken to
	for _, f := range d.found {
		if f.kind != Person || f.score < 0.5 {
			continue
		}
		for i := f.first; i < f.last; i++ {
			t := &d.toks[i]
			if t.kind != word || len(t.fold) < 3 {
				continue
			}
			w := strings.TrimSuffix(t.fold, "'s")
			greeted[w] = true
			starts |= mark64(w)
			if f.score > 0.55 && len(w) > 4 && len(heard) < 32 && !t.has(ordinary|function) {
				heard = append(heard, w)
			}
			if f.score < 0.55 || t.has(function|backing|word10) && !(d.cased && t.has(anyGiven|surname)) {
				continue
			}
			sure[w] = true
		}
	}
	if len(greeted) == 0 {
		return
	}
	for i := 0; i < len(d.toks); i++ {
		t := &d.toks[i]
		if t.kind != word || starts&mark64(t.fold) == 0 {
			if t.kind == word && t.lex&^hints == 0 && len(heard) > 0 && d.misheard(i, heard) {
				d.add(i, i+1, Person, 0.55)
			}
			continue
		}
		d.enter(i)
		if !t.is(claimed) && (!d.cased || t.is(capital)) && (greeted[t.fold] && d.nameSlot(i) || d.family(t.fold, sure)) {
			d.add(i, max(i+1, d.strangeEnd(i+1)), Person, 0.7)
			continue
		}
		if t.kind == word && !t.is(claimed) && greeted[t.fold] && (!d.cased || t.is(capital)) && (d.at(i-1).has(title) || d.oneOf(i-1, "hi", "hello", "hey", "thanks", "bye", "cheers") || d.is(i-1, "you") && d.is(i-2, "thank")) {
			d.add(i, i+1, Person, 0.7)
			continue
		}
		if t.kind == word && !t.is(claimed) && t.is(quoted) && greeted[strings.TrimSuffix(t.fold, "'s")] && strings.HasSuffix(t.fold, "'s") && d.oneOf(i+1, "date", "birthday", "name", "surname", "last", "phone", "number", "address", "email", "appointment", "mum", "mom", "mother", "dad", "father", "doctor") {
			d.add(i, i+1, Person, 0.7)
			continue
		}
		if t.kind != word || t.is(claimed) || len(t.fold) < 3 || !sure[strings.TrimSuffix(t.fold, "'s")] {
			continue
		}
		if !d.cased && t.has(ordinary) && d.oneOf(i-1, "the", "a", "an", "some", "any", "of", "more", "his", "their") { // by the grace of god
			continue
		}
		if d.cased && !t.is(capital) || t.has(function) && (t.is(opens) || !d.cased) {
			continue
		}
		if t.has(ordinary) && (!d.cased && t.has(word10) || d.cased && t.is(opens)) && !d.vocative(i, i+1) && !(d.cased && t.has(anySurname|anyGiven) && (d.oneOf(i+1, whatOneDoes...) || d.oneOf(i+1, "like", "spelled", "spelt") || d.at(i+1).is(capital) && d.at(i+1).kind == word && !d.at(i+1).has(ordinary|function))) {
			continue
		}
		end := d.chain(i, false)
		d.add(d.initialsBefore(i), end, Person, 0.7)
		i = end - 1
	}
}

// mark64 is one bit of 64 for how a word begins.
func mark64(w string) uint64 {
	if len(w) < 2 {
		return 0
	}
	return 1 << ((uint(w[0])*7 + uint(w[1])) & 63)
}

// nameSlot tells whether a word that is somebody's name in this text stands where names do, though it is an ordinary word elsewhere: "hope is
// lovely", "I'd go for hope", "have a good day, will".
func (d *doc) nameSlot(i int) bool {
	t := d.at(i)
	switch {
	case d.vocativeEnd(i+1) && (d.oneOf(i-1, "day", "one", "care", "weekend", "week", "with", "for", "see", "seeing", "want", "prefer", "or", "that's", "it's", "no", "yes", "yeah", "is", "later", "soon", "then", "now") && !t.has(month) || d.at(i-1).signed(',')):
		return true
	case !t.has(month|function) && d.oneOf(i-1, "with", "for", "seeing", "or", "want", "prefer", "and", "about", "ask", "is", "no") && (d.oneOf(i+1, "i", "at", "on", "this", "again", "today", "tomorrow", "please", "instead", "can", "has", "is", "she", "he", "if") || d.at(i+1).has(weekday)):
		return true
	case !t.has(month|function) && t.is(opens) && !d.cased && d.oneOf(i+1, "is", "has", "can", "will", "was", "said", "did"):
		return true
	}
	return d.strangeEnd(i+1) > 0 && !t.has(function|month) && t.has(anyGiven)
}

// strangeEnd answers the end of a word that no list knows, which behind a name is another: "hope wanjiru".
func (d *doc) strangeEnd(i int) int {
	t := d.at(i)
	if t.kind != word || t.is(claimed) || t.lex&^(hints|surnameRare|surnameMid) != 0 || len(t.fold) < 4 || t.turn != d.at(i-1).turn || d.lex.rarer[t.fold] || t.is(quoted) || d.cased && !t.is(capital) || d.lex.misspelled(t.fold) != 0 {
		return 0
	}
	return i + 1
}

// family tells whether the word is the plural of a name: "a few Joneses".
func (d *doc) family(w string, sure map[string]bool) bool {
	one, ok := strings.CutSuffix(w, "s")
	if !ok || len(one) < 4 {
		return false
	}
	return sure[one] || sure[strings.TrimSuffix(one, "e")] && strings.HasSuffix(one, "e")
}

// misheard tells whether a word that no list knows is a letter away from a name of this text: speech engines hear one name in several ways.
func (d *doc) misheard(i int, heard []string) bool {
	t := d.at(i)
	if t.is(claimed) || len(t.fold) < 4 || t.is(quoted) && !strings.HasSuffix(t.fold, "'s") || d.lex.rarer[t.fold] {
		return false
	}
	if d.enter(i); d.cased && !t.is(capital) {
		return false
	}
	w := strings.TrimSuffix(t.fold, "'s")
	for _, h := range heard {
		if w[0] == h[0] && oneOff(w, h) {
			return true
		}
	}
	return false
}

// initialsBefore answers where the initials before a surname begin: "h k mwangi".
func (d *doc) initialsBefore(i int) int {
	for n := 0; n < 3; n++ {
		j := i - 1
		if d.at(j).signed('.') && d.at(j).is(glued) {
			j--
		}
		t := d.at(j)
		if t.kind != word || len(t.fold) != 1 || t.turn != d.at(i).turn || t.is(claimed) || t.is(glued) || d.cased && !t.is(capital) || (t.fold == "a" || t.fold == "i" || t.fold == "s" || t.fold == "t") && !d.cased || d.cased && t.is(opens) && (t.fold == "a" || t.fold == "i") {
			break
		}
		i = j
	}
	return i
}

// repeatStreets finds again the words of an address that are nothing else: the name of a street or a village is said back alone.
func (d *doc) repeatStreets() {
	var starts uint64
	var names map[string]bool
	for _, f := range d.found {
		if f.kind != Address {
			continue
		}
		for i := f.first; i < f.last; i++ {
			if t := &d.toks[i]; t.kind == word && len(t.fold) > 4 && t.lex&^(hints|surnameRare|maybe) == 0 {
				if names == nil {
					names = map[string]bool{}
				}
				names[t.fold] = true
				starts |= mark64(t.fold)
			}
		}
	}
	if len(names) == 0 {
		return
	}
	for i := range d.toks {
		if t := &d.toks[i]; t.kind == word && !t.is(claimed) && starts&mark64(t.fold) != 0 && names[t.fold] {
			d.add(i, i+1, Address, 0.5)
		}
	}
}

// repeatNumbers finds again every number found once, of five figures or more, wherever its figures come again.
func (d *doc) repeatNumbers(codes []finding) {
	var known map[string]Kind
	for _, f := range codes {
		if f.kind == Person || f.kind == Date || f.kind == Email {
			continue
		}
		if r, ok := d.figuresOf(f); ok && len(r) >= 5 {
			if known == nil {
				known = map[string]Kind{}
			}
			known[r] = f.kind
		}
	}
	if len(known) == 0 {
		return
	}
	var buf [40]byte
	for i := 0; i < len(d.toks); i++ {
		if d.atomAt[i] == 0 || d.toks[i].is(claimed) {
			continue
		}
		b, last := buf[:0], i
		for j := i; ; j = d.gap(last) {
			a, ok := d.atom(j)
			if !ok || a.ord || d.toks[j].is(claimed) || len(b)+len(a.digits) > len(buf) {
				break
			}
			b, last = append(b, a.digits...), int(a.last)
		}
		if k, ok := known[string(b)]; ok && !d.counts(last) {
			d.add(d.withHead(i, k), last, k, 0.7)
		}
		i = max(i, last-1)
	}
}

// figuresOf answers the figures of a finding that is nothing but numbers.
func (d *doc) figuresOf(f finding) (string, bool) {
	var buf [40]byte
	b := buf[:0]
	for i := int(f.first); i < int(f.last); {
		a, ok := d.atom(i)
		if !ok {
			if t := d.at(i); t.kind == word && !t.has(filler) && !d.oneOf(i, "then", "and", "dash", "hyphen") {
				return "", false
			}
			i++
			continue
		}
		if a.ord || len(b)+len(a.digits) > len(buf) {
			return "", false
		}
		b = append(b, a.digits...)
		i = int(a.last)
	}
	return string(b), true
}
