package privacy

// calendar is a date as far as it was said; zero: not said.
type calendar struct{ year, month, day int32 }

var monthNumbers = map[string]int32{
	"january": 1, "jan": 1, "januari": 1, "february": 2, "feb": 2, "febuary": 2, "march": 3, "mar": 3, "april": 4, "apr": 4, "may": 5, "june": 6, "jun": 6, "july": 7, "jul": 7, "august": 8, "aug": 8, "agust": 8,
	"september": 9, "sep": 9, "sept": 9, "septemeber": 9, "october": 10, "oct": 10, "november": 11, "nov": 11, "december": 12, "dec": 12,
}

// findDates finds dates and ages, written and spoken. A date is a birth date when birth was named beside it or asked for.
func (d *doc) findDates() {
	for i := 0; i < len(d.toks); i++ {
		d.enter(i)
		t := &d.toks[i]
		if t.is(claimed) {
			continue
		}
		if t.kind == word && t.has(month) {
			if end, when := d.monthFirst(i); end > i {
				i = d.date(i, end, when)
				continue
			}
		}
		a, ok := d.atom(i)
		if !ok {
			continue
		}
		if end, when := d.dayFirst(i, a); end > i {
			i = d.date(i, end, when)
			continue
		}
		if end, when := d.numeric(i, a); end > i {
			i = d.date(i, end, when)
			continue
		}
		if end := d.birthAlone(i, a); end > i {
			d.add(i, end, DateOfBirth, 0.7)
			d.birth = end
			i = end - 1
			continue
		}
		if end := d.headBirth(i, a); end > i {
			d.add(i, end, DateOfBirth, 0.7)
			i = end - 1
			continue
		}
		if end, kind, score := d.birthPart(i, a); end > i {
			if kind != "" {
				d.add(d.feast(i), end, kind, score)
				d.birth = end
			}
			i = end - 1
			continue
		}
		if d.isAge(i, a) {
			d.add(i, int(a.last), Age, 0.8)
		}
		i = int(a.last) - 1
	}
}

// date keeps a date, as a birth date if it is one, and answers the last token it used.
func (d *doc) date(i, end int, when calendar) int {
	if d.isBirth(i, end, when) {
		d.add(i, end, DateOfBirth, 0.95)
		d.birth = end
		d.corrected(end)
	} else {
		d.add(i, end, Date, 0.8)
	}
	return end - 1
}

// corrected takes the year that is said again after a birth date: "… nineteen ninety, no sorry, ninety one".
func (d *doc) corrected(end int) {
	j := d.between(end)
	if !d.oneOf(j, "no", "sorry", "wait", "actually") {
		return
	}
	for n := 0; n < 6 && (d.oneOf(j, "no", "sorry", "wait", "actually", "i", "mean", "it's", "that's", "make") || d.at(j).signed(',')); n++ {
		j++
	}
	if d.at(j).turn != d.at(end-1).turn {
		return
	}
	if _, last := d.year(j, true); last > j {
		d.add(j, last, DateOfBirth, 0.8)
	}
}

func (d *doc) isBirth(i, end int, when calendar) bool {
	if d.near(aboutBirth, i, 14) || d.echoesBirth(i, when) {
		return true
	}
	for k := end; k < end+6 && d.oneOf(end, "is", "was", "that's", "being"); k++ { // "4 May 1980 is my birthday"
		if c, ok := cueWords[d.at(k).fold]; ok && c == aboutBirth {
			return true
		}
	}
	return d.asked(aboutBirth, i)
}

// headBirth reads what is left of a birth date in the head of a dictation: "brittany edwards , 07 , 1950".
func (d *doc) headBirth(i int, a atom) int {
	if a.spoken || a.val < 1 || a.val > 12 || len(a.digits) > 2 || !d.early(i, 8) || d.at(i).turn > 1 || !d.at(i-1).signed(',') || d.nameClass(i-2) == 0 {
		return 0
	}
	j := int(a.last)
	if d.at(j).signed(',') || d.at(j).signed('/') {
		j++
	}
	if y, ok := d.atom(j); ok && !y.spoken && len(y.digits) == 4 && y.val > 1850 && y.val < 2100 {
		return int(y.last)
	}
	return 0
}

// between skips what may stand between the parts of a date, at most four tokens.
func (d *doc) between(i int) int {
	for n := 0; n < 5; n++ {
		t := d.at(i)
		switch {
		case t.kind == mark && (t.sign == ',' || t.sign == '-' || t.sign == '/' || t.sign == '.'):
		case t.kind == word && (t.has(filler) && t.fold != "so" || t.fold == "of" || t.fold == "the" || t.fold == "and" || t.fold == "in" || t.fold == "year") && t.fold != "o" && t.fold != "oh":
		default:
			return i
		}
		i++
	}
	return i
}

// year reads a year at i: 1986, '86 after a full date, "nineteen eighty six", "two thousand and five", "twenty oh five".
func (d *doc) year(i int, short bool) (int32, int) {
	if d.at(i).signed('\'') {
		i++
		short = true
	}
	a, ok := d.atom(i)
	if ok && a.lone && short { // sixteenth September oh one
		if b, ok := d.atom(int(a.last)); ok && !b.ord && !b.lone && b.val >= 0 && b.val < 10 && !d.counts(int(b.last)) {
			return 2000 + b.val, int(b.last)
		}
	}
	if !ok || a.ord || a.lone {
		return 0, 0
	}
	end := int(a.last)
	switch {
	case !a.spoken && len(a.digits) == 4 && a.val >= 1800 && a.val <= 2100:
		return a.val, end
	case a.spoken && a.val >= 1800 && a.val <= 2100:
		return a.val, end
	case (a.spoken || len(a.digits) == 2) && a.val >= 18 && a.val <= 20: // nineteen eighty six, nineteen oh five, twenty twenty
		j := end
		for n := 0; n < 3 && (d.at(j).has(filler) && d.at(j).kind == word && !d.oneOf(j, "oh") || d.at(j).signed('-') || d.at(j).signed(',')); n++ {
			j++
		}
		b, ok := d.atom(j)
		if ok && b.lone {
			if c, ok := d.atom(int(b.last)); ok && c.val >= 0 && c.val < 10 && !c.ord {
				return a.val*100 + c.val, int(c.last)
			}
		} else if ok && !b.ord && b.val >= 10 && b.val < 100 && (b.spoken || len(b.digits) == 2) && !d.counts(int(b.last)) {
			return a.val*100 + b.val, int(b.last)
		}
	}
	if short && a.val >= 0 && a.val < 100 && (a.spoken && a.val > 9 || !a.spoken && len(a.digits) == 2) && !d.counts(end) {
		if a.val <= 26 {
			return 2000 + a.val, end
		}
		return 1900 + a.val, end
	}
	return 0, 0
}

// isMonth keeps the months that are also words or names to where they can only be months.
func (d *doc) isMonth(i int) bool {
	t := d.at(i)
	if t.kind != word || !t.has(month) {
		return false
	}
	return d.cased && len(t.fold) > 3 && t.is(capital) || t.fold != "may" && t.fold != "march" && t.fold != "mar" && t.fold != "jan" && t.fold != "dec" && t.fold != "sep" && t.fold != "jun" && t.fold != "august" && t.fold != "april" && t.fold != "june"
}

// monthFirst reads "May 4, 1980", "May the fourth", "May 1980"; alone a month needs a word before it that makes it one.
func (d *doc) monthFirst(i int) (int, calendar) {
	if len(d.at(i-2).fold) == 1 && d.oneOf(i-1, "for", "in", "as") { // N for November
		return 0, calendar{}
	}
	m := monthNumbers[d.toks[i].fold]
	j := d.between(i + 1)
	if a, ok := d.atom(j); ok && !a.lone && a.val > 0 && a.val <= 31 && (a.ord || a.spoken || len(a.digits) <= 2) && !d.counts(int(a.last)) {
		k := d.between(int(a.last))
		y, end := d.year(k, true)
		if end == 0 && d.toks[i].fold == "may" && !a.ord && !d.isMonth(i) {
			return 0, calendar{}
		}
		if end == 0 {
			end = int(a.last)
		}
		return end, calendar{y, m, a.val}
	}
	if y, end := d.year(j, false); end > 0 {
		return end, calendar{y, m, 0}
	}
	prev := d.at(i - 1)
	switch {
	case prev.kind == word && (prev.fold == "in" || prev.fold == "since" || prev.fold == "last" || prev.fold == "next" || prev.fold == "early" || prev.fold == "late" || prev.fold == "mid" || prev.fold == "until" || prev.fold == "till" || prev.fold == "by" || prev.fold == "during" || prev.fold == "around" || prev.fold == "from" || prev.fold == "this" || prev.fold == "before" || prev.fold == "of" || prev.fold == "through" || prev.fold == "after"):
		if (d.toks[i].fold == "may" || d.toks[i].fold == "march") && d.cased && !d.toks[i].is(capital) {
			return 0, calendar{}
		}
		return i + 1, calendar{month: m}
	case d.asked(aboutBirth, i) && d.early(i, 4) && d.begins(i):
		return i + 1, calendar{month: m}
	case d.isMonth(i) && (!d.near(aboutName, i, 12)) && !d.at(i).has(anyGiven):
		return i + 1, calendar{month: m}
	}
	return 0, calendar{}
}

// dayFirst reads "4 May 1980", "the fourth of May".
func (d *doc) dayFirst(i int, a atom) (int, calendar) {
	if a.lone || a.val < 1 || a.val > 31 || !a.spoken && len(a.digits) > 2 {
		return 0, calendar{}
	}
	j := d.between(int(a.last))
	if m, ok := d.atom(j); ok && a.ord && m.val >= 1 && m.val <= 12 && m.ord && d.is(int(a.last), "of") { // the third of the ninth
		when := calendar{0, m.val, a.val}
		if y, end := d.year(d.between(int(m.last)), true); end > 0 {
			when.year = y
			return end, when
		}
		return int(m.last), when
	}
	if t := d.at(j); t.kind != word || !t.has(month) {
		return 0, calendar{}
	}
	if d.toks[j].fold == "may" && !a.ord && j == int(a.last) && !d.isMonth(j) && !d.near(aboutBirth, i, 14) {
		if _, end := d.year(d.between(j+1), false); end == 0 {
			return 0, calendar{}
		}
	}
	when := calendar{0, monthNumbers[d.toks[j].fold], a.val}
	k := d.between(j + 1)
	if y, end := d.year(k, true); end > 0 {
		when.year = y
		return end, when
	}
	return j + 1, when
}

// numeric reads 4/5/1980, 1980-05-04, 4.5.80, and in the company of the word birth also numbers that were only spoken.
func (d *doc) numeric(i int, a atom) (int, calendar) {
	if d.oneOf(int(a.last), "slash", "stroke") && a.val >= 0 && a.val <= 31 { // twelve slash oh four slash seventy eight
		j := int(a.last) + 1
		b, ok := d.atom(j)
		if ok && b.lone {
			b, ok = d.atom(int(b.last))
		}
		if ok && b.val > 0 && b.val <= 31 && d.oneOf(int(b.last), "slash", "stroke") {
			if y, end := d.year(int(b.last)+1, true); end > 0 {
				return end, calendar{y, b.val, a.val}
			}
		}
		return 0, calendar{}
	}
	if a.spoken || a.ord || a.val < 0 || len(a.digits) > 4 || d.at(i-1).is(glued) && d.at(i-1).kind == word {
		return 0, calendar{}
	}
	j := int(a.last)
	sep := d.at(j)
	if sep.kind != mark || sep.sign != '/' && sep.sign != '-' && sep.sign != '.' {
		return 0, calendar{}
	}
	b, ok := d.atom(j + 1)
	if !ok || b.spoken || b.val < 1 || len(b.digits) > 2 {
		return 0, calendar{}
	}
	second := d.at(int(b.last))
	if second.kind != mark || second.sign != sep.sign {
		if (sep.sign == '/' || sep.sign == '-') && len(a.digits) <= 2 && a.val <= 31 && a.val > 0 && b.val <= 31 && (a.val <= 12 || b.val <= 12) && d.near(aboutBirth, i, 6) {
			return int(b.last), calendar{0, b.val, a.val}
		}
		if sep.sign == '/' && a.val > 0 && a.val <= 31 && b.val <= 31 && (a.val <= 12 || b.val <= 12) && d.oneOf(i-1, "on", "since", "from", "until", "dated", "by") && !d.counts(int(b.last)) {
			return int(b.last), calendar{0, b.val, a.val}
		}
		return 0, calendar{}
	}
	c, ok := d.atom(int(b.last) + 1)
	if !ok || c.spoken || c.val < 0 {
		return 0, calendar{}
	}
	end := int(c.last)
	if n := d.at(end); n.kind == mark && n.sign == sep.sign && n.is(glued) && d.at(end+1).kind == digits && d.at(end+1).is(glued) {
		return 0, calendar{} // an address of four parts
	}
	switch {
	case len(a.digits) == 4 && a.val >= 1800 && a.val <= 2100 && b.val <= 12 && c.val >= 1 && c.val <= 31:
		return end, calendar{a.val, b.val, c.val}
	case len(a.digits) > 2 || a.val < 1 || a.val > 31 || b.val > 31 || a.val > 12 && b.val > 12:
	case len(c.digits) == 4 && c.val >= 1800 && c.val <= 2100:
		return end, calendar{c.val, b.val, a.val}
	case len(c.digits) == 2 && (sep.sign != '.' || d.near(aboutBirth, i, 8)):
		return end, calendar{1900 + c.val, b.val, a.val}
	}
	return 0, calendar{}
}

// birthPart takes numbers that only the talk of birth makes a date: "twenty-one twelve eighty-six", "born in 1958", half an answer.
func (d *doc) birthPart(i int, a atom) (int, Kind, float32) {
	near := d.near(aboutBirth, i, 10)
	if d.is(i-1, "at") && !d.near(aboutBirth, i, 4) { // a time
		return 0, "", 0
	}
	if !near && !d.asked(aboutBirth, i) {
		return 0, "", 0
	}
	for _, n := range numberTopics { // another number was named since
		if p := d.cueBefore(n.topic, i); p > d.cueBefore(aboutBirth, i) && d.at(p).turn == d.at(i).turn {
			return 0, "", 0
		}
	}
	if p := d.cueBefore(aboutAddress, i); p > d.cueBefore(aboutBirth, i) && d.at(p).turn == d.at(i).turn {
		return 0, "", 0
	}
	first, count, figures, end := i, 0, 0, i
	for j := i; count < 24; {
		b, ok := d.atom(j)
		if !ok {
			break
		}
		if d.counts(int(b.last)) {
			break
		}
		if n := len(b.digits); n > 2 && n != 6 && n != 8 && (n != 4 || b.val < 1850 || b.val > 2100) {
			break
		}
		count++
		figures += len(b.digits)
		end = int(b.last)
		j = d.between(end)
		if d.at(j).has(month) && d.at(j).kind == word || count >= 3 && figures >= 4 && b.val >= 10 && d.at(end).signed('.') && d.at(j).is(opens) {
			break
		}
	}
	if _, ok := d.atom(end + 1); ok && d.is(end, "over") { // a blood pressure
		return 0, "", 0
	}
	if _, e := d.year(i, false); e > 0 && e >= end {
		return e, DateOfBirth, 0.85
	}
	if figures > 8 { // no date has as many: all of it is another number
		return end, "", 0
	}
	switch {
	case count == 0 || !near && !d.early(i, 14):
		return 0, "", 0
	case count >= 2 && figures >= 3 && !a.lone && !(a.val == 1 && a.ord), count >= 3 && figures >= 3:
		return end, DateOfBirth, 0.85
	case count == 1 && near && a.val >= 10 && a.val < 100 && !a.ord && d.is(i-1, "in"): // born in forty nine
		return end, DateOfBirth, 0.7
	case count == 1 && (a.ord && near && a.val > 1 && d.at(end).kind != word || figures == 8 || figures == 6 && near):
		return end, DateOfBirth, 0.7
	}
	if count == 1 && !near && !a.lone && a.val > 0 && a.val < 100 && d.bare(first, end) && d.silentTurn(first) { // the rest of an answer in pieces
		return end, DateOfBirth, 0.6
	}
	return 0, "", 0
}
