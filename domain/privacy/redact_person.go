package privacy

import "strings"

// nameClass answers how much a word looks like a name by itself: 0 not, 1 could be, 2 likely, 3 surely. Capitals count where the text has
// them; a word that is both a name and an ordinary word needs help from what stands around it.
func (d *doc) nameClass(i int) int {
	t := d.at(i)
	if t.kind != word || t.is(claimed) || len(t.fold) < 2 {
		return 0
	}
	capped := d.cased && t.is(capital)
	inner := capped && !t.is(opens) && !(t.is(upper) && t.has(acronym))
	switch {
	case d.cased && !capped:
		return 0
	case t.has(number|filler|weekday|title|acronym|street&0) && !(inner && t.has(given)):
		return 0
	case t.has(function | backing | greeting):
		if inner && t.has(anyGiven) {
			return 2
		}
		if inner && t.has(surname) && !t.has(filler) {
			return 1
		}
		return 0
	case t.has(medical|people|orgEnd) && !t.has(given):
		return 0
	case t.has(city|country) && !t.has(anyGiven):
		return 0
	case t.is(quoted) && !strings.HasSuffix(t.fold, "'s") && t.lex == 0 && !strings.HasPrefix(t.fold, "o'") && !strings.HasPrefix(t.fold, "d'"):
		return 0
	}
	common := t.has(ordinary | bodyPart | ailment | grade | relation | month)
	switch {
	case t.has(given) && !common, t.has(given) && inner && !t.has(word10):
		return 3
	case t.has(anyGiven) && !common:
		if capped {
			return 3
		}
		return 2
	case t.has(anyGiven):
		if inner {
			return 2
		}
		return 1
	case t.has(anySurname) && !common:
		if inner || t.has(surname) || capped && t.has(surnameMid) {
			return 2
		}
		return 1
	case t.lex&^hints == 0:
		if inner {
			return 2
		}
		if len(t.fold) > 2 {
			return 1
		}
		return 0
	case t.has(anySurname) && !t.has(medical):
		return 1
	case inner:
		return 1
	}
	return 0
}

// particles join the parts of a name.
var particles = setOf(`de la le van von der den del da di dos das du bin ibn al el abu ben st mac mc ter ten ap y san ni nic ui`)

// chain reads a name from token i: its words, initials, particles and hyphens; loose takes ordinary words that are surnames too.
func (d *doc) chain(i int, loose bool) int {
	end := i + 1
	words := 1
	if len(d.at(i).fold) == 1 && d.at(end).signed('.') && d.at(end).is(glued) {
		end++
	}
	for words < 5 {
		j := end
		if d.at(j).signed('-') && d.at(j).is(glued) && d.at(j+1).is(glued) {
			if d.at(j+1).kind != word {
				break
			}
			end = j + 2
			words++
			continue
		}
		t := d.at(j)
		if t.kind != word || t.is(claimed) || t.is(opens) {
			break
		}
		if next := d.at(j + 1); !d.cased && len(t.fold) == 1 && t.fold != "i" && t.fold != "a" && t.turn == next.turn && next.kind == word && next.has(anySurname) && !next.has(ordinary|function) { // darnell t jefferson
			end = j + 2
			words += 2
			continue
		}
		if len(t.fold) == 1 && (t.is(capital) || d.at(j+1).signed('.') && !d.cased && d.nameClass(j+2) >= 2) && t.fold != "i" && (d.at(j+1).signed('.') || d.nameClass(j+1) >= 1) {
			end = j + 1
			if d.at(end).signed('.') {
				end++
			}
			words++
			continue
		}
		if particles[t.fold] && d.nameClass(j+1) >= 1 && (!d.cased || d.at(j+1).is(capital)) && (d.cased || !t.has(function) && t.fold != "y") {
			end = j + 2
			words++
			continue
		}
		c := d.nameClass(j)
		if !d.cased && j == i+1 && d.surnameSaid(i, j) {
			return j + 1
		}
		if c == 0 || !d.cased && c == 1 && !(loose && t.has(anySurname)) && !(t.has(surname) && !t.has(word10)) && !(t.has(surnameMid) && !t.has(ordinary)) && !(loose && t.lex&^hints == 0) {
			break
		}
		if d.cased && c == 1 && !t.has(anySurname|anyGiven) && t.has(word10) {
			break
		}
		end = j + 1
		words++
		if strings.HasSuffix(t.fold, "'s") {
			break
		}
	}
	return end
}

// findPersons finds names: by who introduces, greets or is asked; by titles and family words; by first name and surname together; by
// first names that are nothing else; spelled out; and everything found once, wherever it comes again.
func (d *doc) findPersons() {
	d.answeredNames()
	for i := 0; i < len(d.toks); i++ {
		d.enter(i)
		t := &d.toks[i]
		if t.kind != word || t.is(claimed) {
			continue
		}
		if end := d.spelled(i); end > i {
			i = end - 1
			continue
		}
		if from, loose := d.led(i); from > 0 {
			d.name(from, loose, 0.9)
			if from > i {
				continue
			}
		}
		if t.is(claimed) {
			continue
		}
		if d.offered(i) {
			d.name(i, false, 0.7)
			continue
		}
		c := d.nameClass(i)
		if c == 0 {
			continue
		}
		if end := d.saidTwice(i); end > i && !t.has(condition|medication) {
			d.add(i, end, Person, 0.7)
			i = end - 1
			continue
		}
		end := d.chain(i, false)
		switch {
		case end > i+1 && c+d.best(i+1, end) >= 4 && d.hasName(i, end, anyGiven):
			d.add(i, end, Person, 0.85)
		case end > i+1 && t.has(given) && !d.cased && d.at(i+1).has(surname|surnameMid) && !d.at(i+1).has(ordinary) && !t.has(month):
			d.add(i, end, Person, 0.75)
		case end > i+1 && d.cased && c+d.best(i+1, end) >= 4 && d.hasName(i, end, surname|surnameMid) && !t.has(ordinary):
			d.add(i, end, Person, 0.6)
		case (c == 3 || c == 2 && t.has(given) && d.cased && !t.has(function)) && !(!d.cased && d.oneOf(i-1, "the", "a", "an", "some", "this", "that")):
			d.add(i, end, Person, 0.75)
		case d.cased && end-i >= 2 && end-i <= 3 && d.stranger(i, end):
			d.add(i, end, Person, 0.5)
		case d.cased && c >= 1 && t.lex == 0 && t.is(quoted) && strings.HasSuffix(t.fold, "'s"):
			d.add(i, end, Person, 0.5)
		case c == 1 && !d.cased && t.has(given) && !t.has(word10|month) && (d.addressed(i, end) || d.is(end, "is") && d.oneOf(end+1, "a", "an") && d.at(end+2).is(claimed)):
			d.add(i, end, Person, 0.7)
		case c == 2 && t.has(givenRare) && d.vocative(i, end):
			d.add(i, end, Person, 0.6)
		case c == 2 && d.cased && d.vocative(i, end) && t.has(anySurname):
			d.add(i, end, Person, 0.55)
		default:
			continue
		}
		i = end - 1
	}
	d.repeatNames()
}

// stranger tells whether two or three capitalised words that no list knows stand together as a name does.
func (d *doc) stranger(i, end int) bool {
	for k := i; k < end; k++ {
		t := d.at(k)
		if t.kind != word || t.is(upper) || t.lex&^(hints|anySurname|anyGiven) != 0 || !t.is(capital) || len(t.fold) < 3 {
			return false
		}
	}
	next := d.at(end)
	return next.kind != word || !next.has(orgEnd|street|medical|ailment) && !next.is(capital)
}

func (d *doc) best(i, end int) int {
	best := 0
	for ; i < end; i++ {
		best = max(best, d.nameClass(i))
	}
	return best
}

func (d *doc) hasName(i, end int, l lex) bool {
	for ; i < end; i++ {
		if d.at(i).kind == word && d.at(i).has(l) {
			return true
		}
	}
	return false
}

// addressed tells whether somebody is spoken to between a small word and a comma: "so carol ,".
func (d *doc) addressed(i, end int) bool {
	a, b := d.at(end), d.at(i-1)
	return (a.signed(',') || a.signed('?')) && (b.signed(',') || d.oneOf(i-1, "so", "okay", "ok", "alright", "now", "well", "and", "right", "but"))
}

// vocative tells whether the words stand between commas or sentence ends, as when somebody is spoken to.
func (d *doc) vocative(i, end int) bool {
	b, a := d.at(i-1), d.at(end)
	before := b.signed(',') || b.signed('.') || d.at(i).is(opens) || b.kind == word && b.has(greeting)
	after := a.kind == line || a.signed(',') || a.signed('.') || a.signed('?') || a.signed('!') || a.turn != d.at(i).turn
	return before && after
}

func (d *doc) name(i int, loose bool, score float32) int {
	end := max(d.chain(i, loose), d.saidTwice(i))
	d.add(i, end, Person, score)
	return end
}

// surnameSaid tells whether the word behind a first name is its surname, in a text without capitals: no list knows it, or it is one that is also
// a word and nothing follows: "leilani kealoha at", "is that helen price".
func (d *doc) surnameSaid(i, j int) bool {
	a, b := d.at(i), d.at(j)
	if !a.has(given|givenRare) || strings.HasSuffix(a.fold, "'s") || a.has(ordinary|function|month|medical) || d.nameClass(i) < 2 || b.turn != a.turn {
		return false
	}
	if b.has(surname) && !b.has(function|backing|filler|medical|greeting|relation|month|title) && !d.oneOf(j, "love", "long", "bye", "mind", "day", "close", "little", "early", "more") && d.vocativeEnd(j+1) {
		return true
	}
	return a.has(given|givenRare) && b.lex&^(hints|surnameRare|surnameMid) == 0 && !d.is(j, "mhm") && d.strangeEnd(j) > 0
}
