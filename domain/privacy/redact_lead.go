package privacy

// led answers where a name begins that the word at i leads to: a title, "my name is", a greeting, "my husband".
func (d *doc) led(i int) (int, bool) {
	t := &d.toks[i]
	if t.has(title) {
		if from, loose := d.titled(i); from > 0 {
			return from, loose
		}
	}
	if t.fold == "that" && d.cased && d.is(i-1, "is") && t.turn < 3 && d.at(i+1).is(capital) && d.vocativeEnd(i+2) && !d.at(i+1).has(function|title|medical|month|weekday) && !d.at(i+1).is(upper) && d.at(i+1).kind == word { // "Hi, is that Wren?"
		return i + 1, true
	}
	if t.fold == "to" || t.fold == "with" {
		if from, loose := d.putThrough(i); from > 0 {
			return from, loose
		}
	} else if d.cased && t.is(capital) && t.has(relation|title) {
		if from, loose := d.ranked(i); from > 0 {
			return from, loose
		}
	}
	switch {
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
		if x := d.at(j + 1); d.cased && d.at(j).signed('.') && x.kind == word && x.is(capital) && x.turn == t.turn && d.vocativeEnd(j+2) && !x.has(function|backing|medical|title) && (x.has(anyGiven) || x.lex&^hints == 0) { // Her daughter. Prudence.
			return j + 1, true
		}
		if c := d.nameClass(j); c >= 2 && (j == i+1 || c == 3) || c == 1 && j == i+1 && (d.at(j).has(given) && !d.at(j).has(month) || d.at(j).has(anyGiven) && !d.at(j).has(word10|month|function) && (d.vocativeEnd(j+1) || d.oneOf(j+1, "he", "she", "who", "and", "is", "can", "will", "was", "has", "who's", "he's", "she's", "said"))) {
			return j, false
		}
		if x := d.at(j); x.kind == word && x.turn == t.turn && len(x.fold) > 3 && x.lex&^hints == 0 && d.nameClass(j) >= 1 && (j == i+1 && !d.cased || d.cased && d.vocativeEnd(j+1)) { // my husband obafemi; his wife, Sunniva.
			return j, false
		}
		if !d.cased && j == i+1 && (d.unheardOf(j) || d.oneOf(i, "sister", "nurse") && d.at(j).has(anySurname) && !d.at(j).has(ordinary|function) && d.oneOf(j+1, "can", "will", "has", "is", "could", "would")) {
			return j, true
		}
	case t.fold == "call" || t.fold == "calls":
		if d.oneOf(i+1, "me", "him", "her") && d.nameClass(i+2) >= 1 && d.at(i+2).has(anyGiven) && d.vocativeEnd(i+3) {
			return i + 2, true
		}
	case t.fold == "under":
		if d.oneOf(i-1, "booking's", "it's", "is", "booked", "be", "down", "appointment's", "registered", "name's", "was") && d.nameClass(i+1) >= 1 && (d.at(i+1).has(anySurname|anyGiven) || d.at(i+1).lex == 0) && !d.at(i+1).has(word10) {
			return i + 1, true
		}
	case t.fold == "for" || t.fold == "with" || t.fold == "to" || t.fold == "by" || t.fold == "of" || t.fold == "from" || t.fold == "tell" || t.fold == "ask" || t.fold == "meet" || t.fold == "email" || t.fold == "text":
		j := i + 1
		if x := d.at(j); !d.cased && t.fold != "of" && d.nameClass(j) >= 1 && x.has(given) && !x.has(word10|month) && (d.vocativeEnd(j+1) || d.at(j+1).has(function|weekday) || d.nameClass(j+1) > 0) {
			return j, false
		}
		if d.cased && d.nameClass(j) >= 2 && (d.at(j).has(anyGiven|surname) && !d.at(j).has(ordinary) || d.at(j).has(anyGiven) && !d.at(j).has(word10|medical|month) && !d.at(i-1).has(medical|ailment) && d.vocativeEnd(j+1)) {
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
	if d.at(j).has(title) { // professor doctor
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
	if next := d.at(j + 1); short && len(n.fold) == 1 && n.fold != "a" && n.fold != "i" && next.kind == word && next.turn == n.turn && (d.nameClass(j+1) >= 1 && next.has(anySurname) || next.lex&^hints == 0) && len(next.fold) > 2 { // mr k ashworth
		return j, true
	} else if short && n.has(anyGiven) && n.has(month) && next.has(anySurname) && !next.has(ordinary|function) && next.turn == n.turn { // dr may lin
		d.add(j, j+2, Person, 0.9)
		return 0, false
	}
	switch {
	case short && (c >= 1 || n.lex&(function|backing|filler|number|medical|title) == 0 && len(n.fold) > 1):
		return j, true
	case t.fold == "miss" && d.is(i-1, "you") && d.at(i-1).is(opens) && n.has(surname) && d.vocativeEnd(j+1): // good morning. you miss hill?
		return j, true
	case t.fold == "miss" && (d.oneOf(i-1, "i", "you", "we", "they", "to", "i'll", "don't", "not", "didn't", "would", "will", "never", "might", "may", "can", "could", "a", "n't", "did", "really", "do", "that", "the")):
		if c >= 2 && n.has(given) {
			return j, false
		}
	case t.fold == "doctor" && c == 1 && n.lex&(ordinary|relation|bodyPart|ailment|grade|month) == 0: // only a name, or no list knows it
		return j, true
	case c >= 2, c == 1 && n.has(surname) && !n.has(word10) || c == 1 && t.fold == "miss" && n.has(surname):
		return j, true
	}
	return 0, false
}

// whoIsCalled stand before "called" when it is about a person.
var whoIsCalled = []string{"he's", "she's", "who's", "someone", "somebody", "lady", "man", "woman", "guy", "girl", "boy", "child", "daughter", "son", "baby", "nurse", "receptionist", "colleague"}

// named: "my name is", "name: ", "surname Hill", "called Polly".
func (d *doc) named(i int) (int, bool) {
	t := d.at(i)
	j := i + 1
	for n := 0; n < 6; n++ {
		x := d.at(j)
		if x.kind == word && (x.has(filler) || x.fold == "is" || x.fold == "was" || x.fold == "it's" || x.fold == "that's" || x.fold == "s" || x.fold == "as" || x.fold == "be" || x.fold == "of" || x.fold == "to" && n > 0) || x.signed(':') || x.signed(',') || x.signed('-') || x.signed('.') && n == 0 && x.is(glued) && d.at(j+1).kind == word || x.signed('"') || x.signed('=') {
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
		if x := d.at(j); c >= 1 && (x.has(anyGiven) || x.lex&^(hints|anySurname) == 0) && (!x.has(word10) || x.has(month)) && d.oneOf(i-1, whoIsCalled...) {
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
	if c >= 2 || c == 1 && (d.at(j).has(anyGiven|anySurname) || d.at(j).lex&^hints == 0) {
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
	case d.cased && c >= 1 && d.capitalName(j), !d.cased && d.unheardOf(j):
		return j, true
	case d.cased && c >= 2 && x.has(anyGiven|anySurname), d.cased && c == 2 && x.lex == 0 && d.vocativeEnd(d.chain(j, true)):
		return j, true
	case !d.cased && c == 3, !d.cased && c >= 1 && x.has(anyGiven) && d.nameClass(j+1) >= 1 && d.at(j+1).has(anySurname) && !d.at(j+1).has(word10):
		return j, true
	case !d.cased && c == 2 && x.has(anyGiven|surname) && (d.vocativeEnd(d.chain(j, true)) || d.oneOf(d.chain(j, true), "from", "calling", "speaking", "here", "and", "i'm")):
		return j, true
	case !d.cased && c >= 1 && x.has(given) && !x.has(month|word10) && d.vocativeEnd(j+1):
		return j, true
	case !d.cased && c == 1 && x.has(anyGiven) && !x.has(month|function|medical|grade) && d.vocativeEnd(j+1) && d.at(i).turn < 4 && d.at(i).turn >= 0 && d.oneOf(i, "it's", "i'm", "this"): // "it's hope" in the first words of a call
		return j, true
	case !d.cased && c == 1 && len(x.fold) == 3 && x.lex&^(hints|surnameRare) == 0 && d.at(i).turn < 4 && d.oneOf(j+1, "i'm", "i", "from", "calling", "here", "speaking"): // it's bex i'm due
		return j, true
	case !d.cased && c == 1 && x.has(anyGiven) && !x.has(word10) && d.oneOf(j+1, "from", "calling", "speaking", "here"):
		return j, true
	}
	return 0, false
}

// capitalName tells whether two words with capitals stand together, the second a surname: "Marigold Featherstone", though the first is a flower.
func (d *doc) capitalName(i int) bool {
	a, b := d.at(i), d.at(i+1)
	return a.is(capital) && !a.is(upper) && b.kind == word && b.is(capital) && !b.is(upper) && !b.has(medical|ailment|orgEnd|street|people|weekday|month) &&
		!a.has(medical|people|weekday|city|country|title|relation) && b.has(anySurname) && !b.has(word10) && d.nameClass(i+1) >= 1 && !d.at(i+2).has(orgEnd|street)
}

// unheardOf tells whether a word that no list knows stands before a surname that is no other word: "gwenllian pritchard" without capitals.
func (d *doc) unheardOf(i int) bool {
	a, b := d.at(i), d.at(i+1)
	return a.kind == word && a.lex&^(hints|surnameRare|surnameMid) == 0 && len(a.fold) > 3 && d.nameClass(i) >= 1 && b.kind == word && b.turn == a.turn &&
		b.has(anySurname) && !b.has(ordinary|medical|function|bodyPart|ailment|month) && len(b.fold) > 2
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
	warm := (d.is(i-1, "good") && d.oneOf(i, "morning", "afternoon", "evening")) || d.oneOf(i, "hi", "hello", "hey", "dear", "bye", "goodbye", "hiya", "welcome")
	switch {
	case c == 3, c == 2 && x.has(anyGiven), c == 2 && warm && (d.cased || x.has(surname)):
		return j, true
	case c == 2 && d.vocativeEnd(d.chain(j, true)) && (x.has(surname|surnameMid) || x.lex == 0):
		return j, true
	case c == 1 && !d.cased && x.has(given) && !x.has(word10|month) && d.oneOf(j+1, "so", "how", "what", "let", "let's", "can", "could", "i", "i'm", "i'll", "we", "we'll", "do", "did", "tell", "have", "you"):
		return j, false
	case c == 1 && warm && !d.cased && x.has(anyGiven) && !x.has(month|function) && d.oneOf(i, "hi", "hello", "hey", "hiya") && d.oneOf(j+1, "what's", "what", "how", "how's", "remind", "is", "are", "can", "could", "i'm", "i", "it's", "thanks", "yes", "let"): // hi hope what's your surname
		return j, false
	case c == 1 && warm && x.has(anyGiven) && (d.vocativeEnd(j+1) || d.nameClass(j+1) >= 2):
		return j, true
	}
	return 0, false
}
