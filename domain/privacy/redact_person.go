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
	case t.lex&^phrase == 0:
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
var particles = setOf(`de la le van von der den del da di dos das du bin ibn al el abu ben st mac mc ter ten ap y san`)

// chain reads a name from token i: its words, initials, particles and hyphens; loose takes ordinary words that are surnames too.
func (d *doc) chain(i int, loose bool) int {
	end := i + 1
	words := 1
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
		if c == 0 || !d.cased && c == 1 && !(loose && t.has(anySurname)) && !(t.has(surname) && !t.has(word10)) && !(loose && t.lex&^phrase == 0) {
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
		c := d.nameClass(i)
		if c == 0 {
			continue
		}
		end := d.chain(i, false)
		switch {
		case end > i+1 && c+d.best(i+1, end) >= 4 && d.hasName(i, end, anyGiven):
			d.add(i, end, Person, 0.85)
		case end > i+1 && d.cased && c+d.best(i+1, end) >= 4 && d.hasName(i, end, surname|surnameMid) && !t.has(ordinary):
			d.add(i, end, Person, 0.6)
		case c == 3, c == 2 && t.has(given) && d.cased && !t.has(function):
			d.add(i, end, Person, 0.75)
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

// vocative tells whether the words stand between commas or sentence ends, as when somebody is spoken to.
func (d *doc) vocative(i, end int) bool {
	b, a := d.at(i-1), d.at(end)
	before := b.signed(',') || b.signed('.') || d.at(i).is(opens) || b.kind == word && b.has(greeting)
	after := a.kind == line || a.signed(',') || a.signed('.') || a.signed('?') || a.signed('!') || a.turn != d.at(i).turn
	return before && after
}

func (d *doc) name(i int, loose bool, score float32) int {
	end := d.chain(i, loose)
	d.add(i, end, Person, score)
	return end
}

// led answers where a name begins that the word at i leads to: a title, "my name is", a greeting, "my husband".
func (d *doc) led(i int) (int, bool) {
	t := &d.toks[i]
	switch {
	case t.has(title):
		return d.titled(i)
	case t.fold == "name" || t.fold == "name's" || t.fold == "names" || t.fold == "surname" || t.fold == "named" || t.fold == "called" || t.fold == "nickname" || t.fold == "forename":
		return d.named(i)
	case t.fold == "i'm" || t.fold == "im" || t.fold == "it's" || t.fold == "this" || t.fold == "i" || t.fold == "that's" || t.fold == "its" || t.fold == "it":
		return d.introduced(i)
	case t.has(greeting) && t.fold != "right" && t.fold != "night" && t.fold != "evening" || d.oneOf(i, "afternoon", "evening"):
		return d.greeted(i)
	case t.has(relation):
		j := i + 1
		if d.at(j).signed(',') {
			j++
		}
		if c := d.nameClass(j); c >= 2 && (j == i+1 || c == 3) {
			return j, false
		}
	case t.fold == "for" || t.fold == "with" || t.fold == "to" || t.fold == "by" || t.fold == "of":
		j := i + 1
		if d.cased && d.nameClass(j) >= 2 && d.at(j).has(anyGiven|surname) && !d.at(j).has(ordinary) {
			return j, false
		}
	case t.fold == "patient" || t.fold == "pt" || t.fold == "client" || t.fold == "member" || t.fold == "next":
		j := i + 1
		if d.is(j, "patient") {
			j++
		}
		if d.oneOf(j, "is", "was", "name") || d.at(j).signed(':') {
			j++
		}
		if c := d.nameClass(j); c >= 2 || c == 1 && d.nameClass(j+1) >= 2 && d.at(j).has(anyGiven) {
			return j, true
		}
	}
	return 0, false
}

// titled: "Dr. Mirza", "mrs ward". Written out, doctor and miss are also ordinary words.
func (d *doc) titled(i int) (int, bool) {
	t := d.at(i)
	j := i + 1
	short := t.fold == "mr" || t.fold == "mrs" || t.fold == "ms" || t.fold == "dr" || t.fold == "mx" || t.fold == "prof"
	if d.at(j).signed('.') && (short || t.fold == "doc") {
		j++
	}
	for n := 0; n < 2 && d.at(j).kind == word && d.at(j).has(filler) && t.fold != "miss"; n++ {
		j++
	}
	if d.at(j).kind != word || d.at(j).turn != t.turn {
		return 0, false
	}
	if d.at(j).has(title) && d.nameClass(j+1) > 0 { // professor doctor
		return 0, false
	}
	c := d.nameClass(j)
	n := d.at(j)
	if d.cased {
		if c == 0 && short && n.is(capital) && !n.has(function|backing|filler) && len(n.fold) > 1 {
			c = 1
		}
		if len(n.fold) == 1 && n.is(capital) && short {
			return j, true
		}
		if c >= 1 && (short || t.is(capital) || c >= 2) {
			return j, true
		}
		return 0, false
	}
	if t.fold == "dr" && d.at(i-1).has(street) {
		return 0, false
	}
	switch {
	case short && (c >= 1 || n.lex&(function|backing|filler|number|medical|title) == 0 && len(n.fold) > 1):
		return j, true
	case t.fold == "miss" && (d.oneOf(i-1, "i", "you", "we", "they", "to", "i'll", "don't", "not", "didn't", "would", "will", "never", "might", "may", "can", "could", "a", "n't", "did", "really", "do", "that", "the")):
		if c >= 2 && n.has(given) {
			return j, false
		}
	case c >= 2, c == 1 && n.has(surname) && !n.has(word10) || c == 1 && t.fold == "miss" && n.has(surname):
		return j, true
	}
	return 0, false
}

// named: "my name is", "name: ", "surname Hill", "called Polly".
func (d *doc) named(i int) (int, bool) {
	t := d.at(i)
	j := i + 1
	for n := 0; n < 6; n++ {
		x := d.at(j)
		if x.kind == word && (x.has(filler) || x.fold == "is" || x.fold == "was" || x.fold == "it's" || x.fold == "that's" || x.fold == "s" || x.fold == "as" || x.fold == "be" || x.fold == "to" && n > 0) || x.signed(':') || x.signed(',') || x.signed('-') || x.signed('.') && n == 0 && x.is(glued) && d.at(j+1).kind == word || x.signed('"') || x.signed('=') {
			j++
			continue
		}
		break
	}
	c := d.nameClass(j)
	direct := j > i+1 || t.fold == "name's"
	if t.fold == "called" {
		if c >= 2 || c == 1 && d.cased && d.at(j).has(anyGiven|anySurname) {
			return j, true
		}
		return 0, false
	}
	if !direct && c < 2 {
		return 0, false
	}
	if d.cased && d.at(j).kind == word && !d.at(j).is(capital) {
		if lex := d.at(j).lex; lex&given != 0 && lex&(ordinary|function) == 0 {
			return j, true
		}
		return 0, false
	}
	if c >= 2 || c == 1 && (d.at(j).has(anyGiven|anySurname) || d.at(j).lex&^phrase == 0) {
		if c == 1 && d.at(j).has(word10) && !d.at(j).has(anyGiven) && d.nameClass(d.chain(j, true)) == 0 && !d.cased {
			return 0, false
		}
		return j, true
	}
	return 0, false
}

// introduced: "I'm Peter", "this is Jack", "it's Doctor Smith" (which the title answers).
func (d *doc) introduced(i int) (int, bool) {
	j := i + 1
	switch d.at(i).fold {
	case "this", "it", "i":
		if !d.oneOf(j, "is", "am", "was") {
			return 0, false
		}
		j++
	}
	for n := 0; n < 3 && (d.at(j).kind == word && d.at(j).has(filler) || d.at(j).signed(',')); n++ {
		j++
	}
	c := d.nameClass(j)
	x := d.at(j)
	switch {
	case d.cased && c >= 2 && x.has(anyGiven|anySurname), d.cased && c == 2 && x.lex == 0 && d.vocativeEnd(d.chain(j, true)):
		return j, true
	case !d.cased && c == 3, !d.cased && c >= 1 && x.has(anyGiven) && d.nameClass(j+1) >= 1 && d.at(j+1).has(anySurname) && !d.at(j+1).has(word10):
		return j, true
	case !d.cased && c == 2 && x.has(anyGiven|surname) && (d.vocativeEnd(d.chain(j, true)) || d.oneOf(d.chain(j, true), "from", "calling", "speaking", "here", "and", "i'm")):
		return j, true
	case !d.cased && c == 1 && (x.has(given | givenRare)) && !x.has(word10) && d.oneOf(j+1, "from", "calling", "speaking", "here"):
		return j, true
	}
	return 0, false
}

func (d *doc) vocativeEnd(end int) bool {
	a := d.at(end)
	return a.kind == line || a.kind == mark && a.sign != '-' && a.sign != '\'' || a.turn != d.at(end-1).turn
}

// greeted: "Hi Brian", "thank you, John", "take care Ben".
func (d *doc) greeted(i int) (int, bool) {
	t := d.at(i)
	j := i + 1
	if (t.fold == "thank") && d.is(j, "you") || t.fold == "good" {
		j++
	}
	if d.oneOf(j, "there", "again", "you", "so") && d.oneOf(i, "hi", "hello", "hey", "thank", "thanks") {
		j++
	}
	if d.at(j).signed(',') {
		j++
	}
	c := d.nameClass(j)
	x := d.at(j)
	warm := d.oneOf(i, "hi", "hello", "hey", "dear", "bye", "goodbye", "hiya", "welcome")
	switch {
	case c == 3, c == 2 && x.has(anyGiven), c == 2 && warm && (d.cased || x.has(surname)):
		return j, true
	case c == 2 && d.vocativeEnd(d.chain(j, true)) && (x.has(surname|surnameMid) || x.lex == 0):
		return j, true
	case c == 1 && warm && x.has(anyGiven) && (d.vocativeEnd(j+1) || d.nameClass(j+1) >= 2):
		return j, true
	}
	return 0, false
}
