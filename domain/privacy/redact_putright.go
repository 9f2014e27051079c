package privacy

// putRight takes what is said again of a code: numbers and letters are dictated in pieces, read back, put right and finished over several
// turns, and a piece alone looks like nothing: "Five double three." – "D for Delta." – "seven at the end". Short words and numbers behind a
// code are of its kind.
func (d *doc) putRight() {
	codes := d.codesFound()
	d.repeatNumbers(codes)
	var last *finding // the last code so far, in the order of the text
	next := 0
	for n := range d.turns {
		t := d.turns[n]
		if t.first >= t.last {
			continue
		}
		d.enter(int(t.first))
		if last != nil && d.awaits(*last, n) {
			if f, ok := d.saidAgain(*last, int(t.first), int(t.last), false); ok {
				last = &f
			}
		}
		for next < len(codes) && codes[next].first < t.last {
			f := codes[next]
			next++
			if last == nil || f.last >= last.last {
				last = &f
			}
			if from := d.slip(int(f.last), int(t.last)); from > 0 {
				if g, ok := d.saidAgain(f, from, int(t.last), true); ok && g.last >= last.last {
					last = &g
				}
			}
		}
	}
}

// codesFound are the findings that can be read back in pieces, in the order of the text.
func (d *doc) codesFound() []finding {
	var codes []finding
	for _, f := range d.found {
		switch f.kind {
		case Phone, RecordNumber, NationalID, OtherID, CreditCard, BankAccount, Email, DateOfBirth, Date:
			codes = append(codes, f)
		case Address:
			codes = append(codes, f)
		case Person:
			for i := f.first; i < f.last; i++ {
				if d.at(int(i)).kind == word && len(d.at(int(i)).fold) == 1 && f.last > f.first+1 {
					codes = append(codes, f)
					break
				}
			}
		}
	}
	sortFindings(codes)
	return codes
}

// awaits tells whether turn n can go on about the code: it stands at the end of a turn a moment ago, and nobody has asked for anything else since.
func (d *doc) awaits(f finding, n int) bool {
	from := int(d.at(int(f.last) - 1).turn)
	if from < 0 || from >= n || n-from > 3 || f.kind == Date && !d.fullDate(f) {
		return false
	}
	for m := from; m < n; m++ {
		i, to := int(d.turns[m].first), int(d.turns[m].last)
		if m == from {
			i = int(f.last)
		} else if to-i > 8 && m > from {
			return false
		}
		words := 0
		for ; i < to; i++ {
			if a, ok := d.atom(i); ok && !a.lone && !d.at(i).is(claimed) { // a time that is offered, a price: the answer is to that
				return false
			}
			if t := d.at(i); t.kind == word && !t.has(filler|backing) {
				if words++; words > 6 || d.oneOf(i, "how", "what", "what's", "when", "which", "who", "where", "many", "much", "old", "any", "have", "do", "would", "can", "could", "surname", "name", "postcode", "address", "number's", "code", "expiry", "email", "cost", "year", "born") {
					return false
				}
			}
		}
	}
	return true
}

// slip answers where what is said instead begins, when the words after a code take it back: "… four four, no sorry, four five".
func (d *doc) slip(i, to int) int {
	back := false
	for n := 0; i < to && n < 9; n++ {
		t := d.at(i)
		switch {
		case d.oneOf(i, "no", "sorry", "wait", "actually", "nope", "correction", "rather"):
			back = true
		case t.kind == mark && t.sign != ':', t.kind == word && t.has(filler), d.oneOf(i, "hang", "hold", "on", "i", "mean", "tell", "lie", "what", "am", "saying", "that's", "it's", "make", "that", "is", "a", "not", "or"):
		default:
			if back {
				return i
			}
			return 0
		}
		i++
	}
	return 0
}

// smallWords are the words that may stand between the pieces of a code that is read back or put right.
var smallWords = setOf(`no nope nah naw nay not sorry wait hang hold on is it it's its that that's thats the then and with an a at end front start beginning there's was i mean actually after before so yes yeah yep ok okay right correct
	sure dear love ma'am maam sir mate hun darling again space new dash hyphen slash dot point underscore capital lower case all oh um uh er just still now double letter number digit figure got i've instead of as in like for or to say said let me see first last two ones one`)

// saidAgain reads a turn that answers with pieces of a code and takes them; own: it goes on in the breath of the code itself.
func (d *doc) saidAgain(f finding, from, to int, own bool) (finding, bool) {
	var buf [12][2]int
	pieces := buf[:0]
	i, figures, letters := from, 0, 0
	if f.kind == Address && !own {
		i = d.otherHome(from, to)
	}
	kind := f.kind
	if f.kind == Date && !own { // "Orchard, eleventh of the third, sixty?" – "Sixty-one."
		f.kind, kind = DateOfBirth, DateOfBirth
		if to-from > 6 {
			return f, false
		}
	}
	if (kind == Phone || kind == CreditCard) && d.lettered(f) {
		kind = OtherID
	}
	for i < to && i-from < 80 && len(pieces) < 12 {
		t := d.at(i)
		if end, n, isLetter := d.piece(i, kind); end > i {
			if end > to {
				break
			}
			pieces = append(pieces, [2]int{i, end})
			if isLetter {
				letters += n
			} else {
				figures += n
			}
			i = end
			continue
		}
		if t.kind == mark && t.sign != '@' || t.is(claimed) && (t.kind == digits || t.has(number)) || t.kind == word && (t.has(filler|backing) || smallWords[t.fold]) {
			if own && len(pieces) > 0 && t.signed('.') && d.at(i+1).is(opens) {
				break
			}
			if len(pieces) > 0 && (d.oneOf(i, "thank", "thanks", "you", "my", "me", "hello", "name", "speaking", "this") || d.is(i, "and") && d.at(i+1).kind == word && !d.codeWord(i+1)) {
				break
			}
			i++
			continue
		}
		if len(pieces) == 0 && i-from < 6 { // "oh you flatterer, no, thirty eight"
			if k := d.refusal(i, min(to, from+8)); k > 0 {
				i = k
				continue
			}
			if k := d.nextSentence(i, min(to, from+12)); k > 0 && !own { // "I should be so lucky. Forty-eight."
				i = k
				continue
			}
		}
		break
	}
	for len(pieces) > 1 && i < to && !d.ends(pieces[len(pieces)-1][1]) { // "S N fifteen, five N… five N something"
		pieces = pieces[:len(pieces)-1]
	}
	if len(pieces) == 0 || !d.fitting(f, pieces, figures, letters, i, to) {
		return f, false
	}
	first, last := pieces[0][0], pieces[0][1]
	for _, p := range pieces[1:] {
		if d.gap(last) < p[0] && !d.joins(last, p[0]) {
			d.take(first, last, f.kind)
			first = p[0]
		}
		last = p[1]
	}
	d.take(first, last, f.kind)
	return finding{int32(first), int32(last), f.kind, 0.6}, true //nolint:gosec // token numbers
}

// lettered tells whether a code begins with a letter, whatever kind it was taken for.
func (d *doc) lettered(f finding) bool {
	t := d.at(int(f.first))
	return t.kind == word && len(t.fold) == 1 && !t.has(number)
}

// nextSentence answers where the next sentence begins, if that is with a piece of a code and nothing else.
func (d *doc) nextSentence(i, to int) int {
	for ; i < to; i++ {
		if m := d.at(i - 1); d.at(i).is(opens) && m.kind == mark && (m.sign == '.' || m.sign == '!') {
			a, ok := d.atom(i)
			if end := d.at(int(a.last)); ok && (end.kind == line || end.kind == mark) {
				return i
			}
			return 0
		}
	}
	return 0
}

// fullDate tells whether a date has its year, as a birth date that is checked has.
func (d *doc) fullDate(f finding) bool {
	last := -1
	for i := f.first; i < f.last; i++ {
		if a, ok := d.atom(int(i)); ok && !a.ord {
			last = int(a.val)
		}
	}
	return last > 31 && f.last-f.first >= 3
}

func (d *doc) take(first, last int, k Kind) {
	for i := first; i < last; i++ {
		if !d.at(i).is(claimed) {
			d.add(first, last, k, 0.6)
			return
		}
	}
}

// joins tells whether nothing but signs and "then" stand between two pieces.
func (d *doc) joins(i, to int) bool {
	for ; i < to; i++ {
		if t := d.at(i); t.kind != mark && !d.oneOf(i, "then", "and", "space") || t.signed('?') || t.signed('.') {
			return false
		}
	}
	return true
}

func (d *doc) refusal(i, to int) int {
	for ; i < to; i++ {
		if d.oneOf(i, "no", "nope", "naw", "nah", "sorry", "wait", "not") {
			return i + 1
		}
	}
	return 0
}

// codeWord tells whether a piece of a code, or what joins two, stands at i.
func (d *doc) codeWord(i int) bool {
	end, _, _ := d.piece(i, "")
	return end > i || d.oneOf(i, "then", "it's", "no")
}

// piece reads one number, letter or spelling word of a code, and answers its end and how much it holds.
func (d *doc) piece(i int, k Kind) (end, n int, letter bool) {
	t := d.at(i)
	if n := d.at(i + 1); k == Email && t.kind == word && n.is(glued) && (n.signed('.') || n.signed('_')) && d.at(i+2).is(glued) && d.at(i+2).kind <= digits { // n.roca77
		end = i + 3
		for d.at(end).is(glued) && (d.at(end).kind <= digits || d.at(end+1).is(glued) && d.at(end+1).kind <= digits && (d.at(end).signed('.') || d.at(end).signed('_'))) && end < i+12 {
			end++
		}
		return end, 2, true
	}
	if k == Email && t.kind == word && !t.has(function|filler|backing) && d.oneOf(i+1, "dot", "underscore", "dash", "hyphen") && d.at(i+2).kind == word && d.at(i+2).turn == t.turn && !d.at(i+2).has(function) {
		return i + 3, 2, true // nkechi dot ot
	}
	if t.is(claimed) && !(t.kind == word && len(t.fold) == 1) {
		return 0, 0, false
	}
	if k == Email && (d.oneOf(i, "dot", "underscore", "dash", "hyphen") || d.oneOf(i, "at") && !d.oneOf(i+1, "the", "a")) {
		return i + 1, 1, true
	}
	if a, ok := d.atom(i); ok {
		if a.lone { // oh: a nought only beside a number
			if _, after := d.atom(int(a.last)); !after {
				if b, ok := d.atomBefore(i); !ok || b.lone {
					return 0, 0, false
				}
			}
		}
		if a.ord != (k == Date) && !(k == DateOfBirth && a.val > 1) || d.counts(int(a.last)) || d.priced(i, int(a.last)) {
			return 0, 0, false
		}
		return int(a.last), max(len(a.digits), 1), false
	}
	if k == DateOfBirth || k == Date || k == Phone || k == CreditCard || t.kind != word {
		return 0, 0, false
	}
	c, often, end := d.letterSaid(i, false)
	switch {
	case c == 0 && t.has(spelling) && (k == "" || d.at(i-1).has(spelling) || d.at(i+1).has(spelling)) && len(t.fold) > 1 && !t.has(function|medical):
		return i + 1, 1, true
	case c == 0 && k == Address && t.is(upper) && len(t.fold) == 2 && !t.has(acronym):
		return i + 1, 2, true
	case c == 0, t.fold == "d" && d.at(i-1).signed('\''):
		return 0, 0, false
	case (t.fold == "a" || t.fold == "i") && end == i+1 && !(t.fold == "a" && t.is(upper)):
		before, after := d.at(i-1), d.at(i+1)
		if !(before.kind == word && len(before.fold) == 1) && !(after.kind == word && len(after.fold) == 1 && after.turn == t.turn) || after.kind == word && len(after.fold) > 1 && after.turn == t.turn {
			return 0, 0, false
		}
	}
	return end, often, true
}

func (d *doc) atomBefore(i int) (atom, bool) {
	for k := i - 1; k >= 0 && k > i-4; k-- {
		if a, ok := d.atom(k); ok {
			return a, int(a.last) == i
		}
	}
	return atom{}, false
}
