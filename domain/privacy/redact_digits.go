package privacy

import "strings"

// run is a row of numbers that belong together: a telephone number in groups, an identifier spoken digit by digit.
type run struct {
	first, last int
	digits      string // at most 40
	groups      []int8
	atoms       int
	spoken      bool
	plus, mask  bool
	dense       bool // a long single token
}

// findNumbers finds telephone, national, record, card and account numbers, whole, masked, spoken or in pieces.
func (d *doc) findNumbers() {
	for i := 0; i < len(d.toks); i++ {
		t := &d.toks[i]
		if t.is(claimed) {
			continue
		}
		if t.kind == word || t.kind == digits {
			if t.kind == word && !t.has(number|spelling) && len(t.fold) > 2 && !d.goesOn(i) && !isMask(t.fold) {
				continue // an ordinary word, as nearly all are
			}
			if n := d.at(i + 1); t.kind == word && len(t.fold) <= 2 && !t.has(number|spelling) && n.kind == word && len(n.fold) > 4 && !n.has(number|spelling) && !n.is(glued) && !isMask(t.fold) && !isMask(n.fold) {
				continue // and so is a short one before another
			}
			if end := d.zipCode(i); end > i {
				d.add(i, end, Address, 0.9)
				i = end - 1
				continue
			}
			if end, kind := d.saidCode(i); end > i {
				d.add(i, end, kind, 0.85)
				d.answer(kind, end)
				d.answerWhole(kind, end)
				i = end - 1
				continue
			}
			if end, kind, score := d.code(i); end > i {
				d.add(i, end, kind, score)
				d.answer(kind, end)
				d.answerWhole(kind, end)
				i = end - 1
				continue
			}
		}
		if r, ok := d.run(i); ok {
			if kind, score := d.classify(r); kind != "" {
				d.add(d.withHead(r.first, kind), r.last, kind, score)
				d.answer(kind, r.last)
				if len(r.digits) >= 6 {
					d.answerWhole(kind, r.last)
				}
			}
			i = r.last - 1
		}
	}
}

// goesOn tells whether more of an identifier can be written behind token i without a space; a comma or a full stop is none.
func (d *doc) goesOn(i int) bool {
	n := d.at(i + 1)
	if !n.is(glued) || n.kind == line {
		return false
	}
	return n.kind != mark || d.at(i+2).is(glued) || strings.IndexByte(",.?!;:", n.sign) < 0
}

// withHead takes in the capitals before an identifier's figures, "WXR 771 0442", "BI, then 6 1", and the plus of a telephone number.
func (d *doc) withHead(i int, k Kind) int {
	if k == Phone && d.is(i-1, "plus") {
		return i - 1
	}
	at := i
	for n := 0; n < 2 && (d.at(i-1).signed(',') || d.is(i-1, "then")); n++ {
		i--
	}
	if b := d.at(i - 1); (k == OtherID || k == RecordNumber || k == NationalID || k == BankAccount) && b.is(upper) && b.kind == word && len(b.fold) <= 4 && b.lex&^(hints|surnameRare|givenRare|cueHead) == 0 && !b.is(claimed) {
		return i - 1
	}
	return at
}

// answer notes that a topic has its number: the next one is not taken for it only because the word still stands near.
func (d *doc) answer(k Kind, last int) { note(&d.given, k, last) }

// answerWhole notes that the number was no piece of one, as "nine four three" is.
func (d *doc) answerWhole(k Kind, last int) { note(&d.whole, k, last) }

func note(at *[topics]int32, k Kind, last int) {
	for _, t := range numberTopics {
		if t.kind == k {
			at[t.topic] = int32(last) //nolint:gosec // token numbers
		}
	}
}

func (d *doc) answered(about topic, cue, i int) bool {
	return int(d.given[about]) > cue && i-int(d.given[about]) > 3
}

// run reads a row of numbers from token i.
func (d *doc) run(i int) (run, bool) {
	r := run{first: i, last: i}
	if d.atomAt[i] == 0 && d.toks[i].kind == mark && d.toks[i].sign != '+' && d.toks[i].sign != '(' && d.toks[i].sign != '*' && d.toks[i].sign != '#' {
		return r, false
	}
	var buf []byte
	t := &d.toks[i]
	if t.signed('+') && d.at(i+1).kind == digits {
		r.plus = true
		i++
	} else if t.is(upper) && t.kind == word || t.signed('*') || t.signed('#') || t.kind == word && isMask(t.fold) {
		if n, end := d.maskRun(i); n >= 2 && (d.at(end).kind == digits || d.at(end).kind == mark && (d.at(end+1).kind == digits || d.at(end+1).signed('*') || isMask(d.at(end+1).fold)) || d.at(end).signed('*') || isMask(d.at(end).fold)) {
			r.mask = true
			buf = append(buf, strings.Repeat("x", min(n, 20))...)
			r.groups = append(r.groups, int8(min(n, 20))) //nolint:gosec // at most 20
			r.last = end
			i = d.gap(end)
		} else {
			return r, false
		}
	} else if t.signed('(') && d.at(i+1).kind == digits {
		i++
	}
	for i < len(d.toks) && len(buf) < 40 {
		if d.toks[i].is(claimed) {
			break
		}
		a, ok := d.atom(i)
		if !ok {
			n, end := d.maskRun(i)
			if n < 2 || r.atoms == 0 && !r.mask {
				break
			}
			r.mask = true
			buf = append(buf, strings.Repeat("x", min(n, 20))...)
			r.groups = append(r.groups, int8(min(n, 20))) //nolint:gosec // at most 20
			r.last = end
			i = d.gap(end)
			continue
		}
		if a.lone && r.atoms == 0 {
			if n, ok := d.atom(d.gap(int(a.last))); !ok || n.lone {
				return r, false
			}
		}
		if a.ord {
			break
		}
		if r.atoms > 0 && !a.spoken != !r.spoken && len(a.digits) < 3 && d.counts(int(a.last)) {
			break
		}
		r.atoms++
		r.spoken = r.spoken || a.spoken
		buf = append(buf, a.digits[:min(len(a.digits), 40)]...)
		r.groups = append(r.groups, int8(min(len(a.digits), 100))) //nolint:gosec // at most 100
		r.last = int(a.last)
		next := d.gap(int(a.last))
		if d.at(next).turn != d.at(r.first).turn || len(buf) >= 9 && d.anew(int(a.last), next) {
			break
		}
		i = next
	}
	r.digits = string(buf)
	return r, r.atoms > 0 || r.mask
}

// anew tells whether the number at next begins another sentence and belongs to its words: "… one nine. Twelve days ago".
func (d *doc) anew(end, next int) bool {
	if !d.at(next).is(opens) {
		return false
	}
	for i := end; i < next; i++ {
		if d.at(i).signed('.') {
			a, ok := d.atom(next)
			after := d.at(int(a.last))
			return ok && after.kind == word && !after.has(number|filler) && after.turn == d.at(end).turn
		}
	}
	return false
}

func isMask(s string) bool { return len(s) > 1 && strings.Trim(s, "x") == "" }

// maskRun counts the signs that hide digits: ***, xxx, ###, •••.
func (d *doc) maskRun(i int) (int, int) {
	n := 0
	for i < len(d.toks) && n < 20 {
		t := &d.toks[i]
		switch {
		case t.kind == mark && (t.sign == '*' || t.sign == '#' || t.sign == '.' && d.text[t.start:t.end] != "."):
			n++
		case t.kind == word && (isMask(t.fold) || t.fold == "x" && t.is(glued)):
			n += len(t.fold)
		default:
			return n, i
		}
		i++
	}
	return n, i
}

// gap skips what stands between the groups of one number.
func (d *doc) gap(i int) int {
	for n := 0; n < 10; n++ {
		t := d.at(i)
		switch {
		case t.kind == mark && (t.sign == '-' || t.sign == '.' || t.sign == ',' || t.sign == '(' || t.sign == ')' || t.sign == '/'):
		case t.kind == word && t.has(filler) && t.fold != "oh" && t.fold != "o" && t.fold != "ohh":
		case t.kind == word && (t.fold == "dash" || t.fold == "hyphen" || t.fold == "then" || t.fold == "and" || t.fold == "space" || t.fold == "slash"):
		default:
			return i
		}
		i++
	}
	return i
}

// numberTopics are the topics a number can answer, the most telling first.
var numberTopics = [...]struct {
	topic topic
	kind  Kind
	least int
}{
	{aboutNational, NationalID, 4}, {aboutRecord, RecordNumber, 3}, {aboutPhone, Phone, 3}, {aboutCard, CreditCard, 4}, {aboutAccount, BankAccount, 4}, {aboutID, OtherID, 4},
}

// classify answers what a row of numbers is: by the word beside it, by its shape and check, by the question asked.
func (d *doc) classify(r run) (Kind, float32) {
	n := len(r.digits)
	figures := n
	if r.mask {
		figures = n - strings.Count(r.digits, "x")
	}
	if n < 3 || figures == 0 && n < 6 {
		return "", 0
	}
	counted := d.counts(r.last)
	if len(r.groups) == 2 && !d.near(aboutCard, r.first, 20) && !r.spoken && !r.mask && n <= 6 && r.last-r.first == 3 && d.at(r.first+1).signed('/') { // a blood pressure
		return "", 0
	}
	nearest, kind := -1, Kind("")
	for _, t := range numberTopics {
		if n < t.least {
			continue
		}
		if p := d.cueBefore(t.topic, r.first); p > nearest && r.first-p <= 14 && d.at(p).turn == d.at(r.first).turn && !d.answered(t.topic, p, r.first) {
			nearest, kind = p, t.kind
		}
	}
	if kind != "" && (!counted || n > 6) && !(r.atoms == 1 && n < 5 && r.first-nearest > 5) {
		if kind == OtherID && n < 6 && r.first-nearest > 6 {
			return "", 0
		}
		return kind, 0.9
	}
	shape, score := d.numberShape(r)
	if score >= 0.8 {
		return shape, score
	}
	// A question that has its whole answer asks for no second number that looks like something else: "… five nine one nine. You can get me on oh seven …".
	asked := func(about topic) bool {
		if n <= 4 && int(d.whole[about]) > d.cueBefore(about, r.first) && d.numbersBefore(r.first) {
			return false
		}
		return d.asked(about, r.first) && (shape == "" || int(d.whole[about]) <= d.cueBefore(about, r.first))
	}
	for _, t := range numberTopics[:3] {
		if (n >= t.least || n == 3 && r.atoms == 3 && r.spoken) && !counted && asked(t.topic) && (n >= 5 || r.atoms >= 3 || d.bare(r.first, r.last) && (r.atoms > 1 || n > 2)) {
			return t.kind, 0.8
		}
	}
	for _, t := range numberTopics[3:] {
		if n >= t.least && !counted && asked(t.topic) && (n >= 6 || d.bare(r.first, r.last) && r.atoms > 1) {
			return t.kind, 0.7
		}
	}
	return shape, score
}

// numberShape knows numbers by how they are grouped and by their checks.
func (d *doc) numberShape(r run) (Kind, float32) {
	n := len(r.digits)
	g := func(sizes ...int8) bool {
		if len(sizes) != len(r.groups) {
			return false
		}
		for i := range sizes {
			if r.groups[i] != sizes[i] {
				return false
			}
		}
		return true
	}
	if r.mask {
		switch {
		case g(3, 2, 4):
			return NationalID, 0.9
		case n >= 13:
			return CreditCard, 0.8
		case n >= 7:
			return Phone, 0.7
		}
		return OtherID, 0.6
	}
	if d.thousands(r) {
		return "", 0
	}
	switch {
	case cardNumber(r.digits) && !r.spoken:
		return CreditCard, 0.95
	case g(4, 4, 4, 4) || g(4, 6, 5):
		return CreditCard, 0.8
	case g(3, 2, 4) && !r.spoken && d.at(r.first+1).signed('-'):
		return NationalID, 0.9
	case g(4, 4, 4) && !r.spoken:
		return NationalID, 0.7
	case g(2, 2, 2) && !r.spoken && d.at(r.first+1).signed('-') && d.asked(aboutAccount, r.first):
		return BankAccount, 0.8
	case r.plus && n >= 7:
		return Phone, 0.95
	case g(3, 3, 4), g(1, 3, 3, 4), g(5, 6), g(4, 3, 4), g(3, 4, 4), g(2, 4, 4), g(5, 3, 3), g(3, 8), g(4, 6), g(4, 7):
		return Phone, 0.9
	case (g(3, 3, 3) || g(2, 2, 2, 2)) && !r.spoken && d.bareGroups(r):
		return Phone, 0.6
	case g(3, 4) && !r.spoken && d.at(r.first+1).signed('-'):
		return Phone, 0.7
	case n >= 10 && n <= 15 && (r.digits[0] == '0' || len(r.groups) == 1) && !r.spoken:
		return Phone, 0.7
	case n >= 9 && n <= 15 && len(r.groups) > 1 && !r.spoken && r.digits[0] == '0':
		return Phone, 0.7
	case r.spoken && n >= 7 && r.atoms >= 4 && n <= 20 && !d.hours(r):
		return Phone, 0.6
	case n >= 7 && n <= 15 && r.atoms >= 7:
		return Phone, 0.6
	case n >= 7 && len(r.groups) == 1 && !r.spoken:
		return OtherID, 0.5
	}
	return "", 0
}

// thousands tells 1,234,567 and 2019-2020 from identifiers.
func (d *doc) thousands(r run) bool {
	if r.spoken || len(r.groups) < 2 {
		return false
	}
	commas := true
	for i := r.first; i < r.last; i++ {
		if t := d.at(i); t.kind == mark && t.sign != ',' {
			commas = false
		}
	}
	if !commas || r.groups[0] > 3 {
		return false
	}
	for _, g := range r.groups[1:] {
		if g != 3 {
			return false
		}
	}
	return true
}
