package privacy

import (
	"slices"
	"strings"
)

// needle is a known value as it reads without spaces and signs.
type needle struct {
	text string
	kind Kind
}

// knownRefs are the known values made ready: texts to search for, digit strings that numbers are compared with, and birth dates.
type knownRefs struct {
	needles []needle
	numbers []needle
	births  []calendar
	names   []string // single words of names
}

// findKnown finds what is known of the caller, however it is said: written, in number words, spelled out, with signs or without.
func (d *doc) findKnown(k Known) {
	d.known = k.refs(d.lex)
	if len(d.known.needles) > 0 {
		d.searchKnown()
	}
	if len(d.known.names) > 0 {
		d.nearlyKnown()
	}
	if len(d.known.numbers) > 0 || len(d.known.births) > 0 {
		d.knownNumbers()
	}
}

func (k Known) refs(l *lexicon) knownRefs {
	var r knownRefs
	for _, name := range k.Names {
		parts := plainWords(name)
		r.names = append(r.names, parts...)
		for _, p := range parts {
			if len(p) > 2 {
				r.needles = append(r.needles, needle{p, Person})
			}
		}
		if len(parts) > 1 {
			r.needles = append(r.needles, needle{strings.Join(parts, ""), Person})
		}
	}
	for _, phone := range k.Phones {
		if n := onlyDigits(phone); len(n) >= 6 {
			r.numbers = append(r.numbers, needle{n, Phone})
			for _, code := range [...]string{"44", "353", "1", "49", "33", "34", "39", "61", "91"} {
				if rest, ok := strings.CutPrefix(n, code); ok && strings.HasPrefix(strings.TrimSpace(phone), "+") {
					r.numbers = append(r.numbers, needle{"0" + rest, Phone})
				}
			}
		}
	}
	for _, id := range k.IDs {
		kind := RecordNumber
		plain := strings.Join(plainWords(id), "")
		if n := onlyDigits(id); nhsNumber(n) || socialSecurity(n) && len(plain) == 9 || insuranceNumber(plain) || medicareBeneficiary(plain) {
			kind = NationalID
		}
		if len(plain) >= 4 {
			r.needles = append(r.needles, needle{plain, kind})
		}
		if n := onlyDigits(id); len(n) >= 5 {
			r.numbers = append(r.numbers, needle{n, kind})
		}
	}
	for _, mail := range k.Emails {
		r.mail(mail, l)
	}
	for _, address := range k.Addresses {
		r.address(address, l)
	}
	for _, b := range k.BirthDates {
		if n := onlyDigits(b); len(n) == 8 {
			v := func(s string) (x int32) {
				for i := range len(s) {
					x = x*10 + int32(s[i]-'0')
				}
				return x
			}
			r.births = append(r.births, calendar{v(n[:4]), v(n[4:6]), v(n[6:])})
		}
	}
	return r
}

// mail takes an address as written and as said: "m dot traba at gmail dot com", and its local part alone.
func (r *knownRefs) mail(mail string, l *lexicon) {
	local, domain, ok := strings.Cut(mail, "@")
	if !ok {
		return
	}
	said := func(s string) string {
		for _, p := range [...][2]string{{".", " dot "}, {"_", " underscore "}, {"-", " dash "}, {"+", " plus "}} {
			s = strings.ReplaceAll(s, p[0], p[1])
		}
		return strings.Join(plainWords(s), "")
	}
	plain := strings.Join(plainWords(local), "")
	r.needles = append(r.needles, needle{plain + strings.Join(plainWords(domain), ""), Email}, needle{said(local) + "at" + said(domain), Email},
		needle{plain + "at" + said(domain), Email})
	if len(plain) >= 5 && l.words[plain]&(ordinary|function) == 0 {
		r.needles = append(r.needles, needle{plain, Email}, needle{said(local), Email})
	}
}

func (r *knownRefs) address(address string, l *lexicon) {
	for part := range strings.FieldsFuncSeq(address, func(c rune) bool { return c == ',' || c == '\n' || c == ';' }) {
		words := plainWords(part)
		whole := strings.Join(words, "")
		if len(whole) >= 5 && (len(words) > 1 || l.words[whole]&ordinary == 0) {
			r.needles = append(r.needles, needle{whole, Address})
		}
		from := 0
		for from < len(words) && (digitAtByte(words[from], 0) || l.words[words[from]]&dwelling != 0 || len(words[from]) == 1) {
			from++
		}
		rest := words[from:]
		if len(rest) > 1 && from > 0 {
			r.needles = append(r.needles, needle{strings.Join(rest, ""), Address})
		}
		if n := len(rest) - 1; n > 0 && l.words[rest[n]]&street != 0 {
			if name := strings.Join(rest[:n], ""); len(name) >= 5 && l.words[name]&(ordinary|function) == 0 {
				r.needles = append(r.needles, needle{name, Address})
			}
		}
	}
}

func plainWords(s string) []string {
	var out []string
	for _, t := range tokenize(s) {
		if t.kind == word || t.kind == digits {
			out = append(out, strings.ReplaceAll(t.fold, "'", ""))
		}
	}
	return out
}

func onlyDigits(s string) string {
	var b []byte
	for _, r := range s {
		if v := digitValue(r); v >= 0 {
			b = append(b, byte('0'+v))
		}
	}
	return string(b)
}

// searchKnown writes the text without spaces, signs and fillers, numbers as digits, and looks for the needles on the borders of words.
func (d *doc) searchKnown() {
	flat := make([]byte, 0, len(d.text))
	from := make([]int32, 0, len(d.text)+1) // the token a byte came from
	begins := make([]bool, 0, len(d.text)+1)
	put := func(s string, i int) {
		for k := range len(s) {
			if s[k] == '\'' {
				continue
			}
			begins = append(begins, len(from) == 0 || from[len(from)-1] != int32(i)) //nolint:gosec // token numbers
			flat = append(flat, s[k])
			from = append(from, int32(i)) //nolint:gosec // token numbers
		}
	}
	for i := 0; i < len(d.toks); {
		t := &d.toks[i]
		if a, ok := d.atom(i); ok && !a.ord {
			put(a.digits, i)
			i = int(a.last)
			continue
		}
		if (t.kind == word || t.kind == digits) && !t.has(filler) {
			put(strings.TrimSuffix(t.fold, "'s"), i)
			if len(t.fold) == 1 && t.kind == word && d.oneOf(i+1, "for", "as") { // m for mother
				k := i + 2
				if d.is(k, "in") {
					k++
				}
				if w := d.at(k); w.kind == word && len(w.fold) > 1 && w.fold[0] == t.fold[0] {
					i = k
				}
			}
		}
		i++
	}
	begins = append(begins, true)
	hay := string(flat)
	for _, n := range d.known.needles {
		for at := 0; ; {
			k := strings.Index(hay[at:], n.text)
			if k < 0 {
				break
			}
			at += k
			end := at + len(n.text)
			if begins[at] && begins[end] {
				first, last := int(from[at]), d.endOf(int(from[end-1]))
				if n.kind != Person || first+1 < last || d.isKnownName(first) {
					d.add(first, last, n.kind, 1)
				}
			}
			at = end
		}
	}
}

// endOf answers the token after the word or number that begins at i.
func (d *doc) endOf(i int) int {
	if a, ok := d.atom(i); ok {
		return int(a.last)
	}
	return i + 1
}

// isKnownName holds back where the caller is called Will, May or Rose, and the word is the ordinary one.
func (d *doc) isKnownName(i int) bool {
	d.enter(i)
	t := d.at(i)
	if !t.has(function|word10|month|backing|number) && (!d.cased || !t.has(ordinary)) {
		return true
	}
	if t.has(month) {
		if end, _ := d.monthFirst(i); end > 0 {
			return false
		}
	}
	if d.cased {
		return t.is(capital) && (!t.is(opens) || d.vocative(i, i+1) || d.nameClass(i+1) >= 2 || !t.has(month|function) && d.oneOf(i+1, whatOneDoes...))
	}
	return d.vocative(i, i+1) || d.at(i-1).has(title|greeting) || d.oneOf(i-1, "is", "name's", "i'm", "called") || slices.Contains(d.known.names, d.at(i+1).fold) || slices.Contains(d.known.names, d.at(i-1).fold)
}

// nearlyKnown takes words that a speech engine heard one letter wrong in a name that is known.
func (d *doc) nearlyKnown() {
	for i := range d.toks {
		d.enter(i)
		t := &d.toks[i]
		if t.kind != word || t.is(claimed) || len(t.fold) < 5 || t.has(ordinary|function|medical) || d.cased && !t.is(capital) {
			continue
		}
		for _, n := range d.known.names {
			if len(n) >= 5 && oneOff(strings.TrimSuffix(t.fold, "'s"), n) {
				d.add(i, i+1, Person, 0.9)
				break
			}
		}
	}
}

// oneOff tells whether one letter added, lost or changed makes a of b.
func oneOff(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) == len(b) {
		return i == len(a) || a[i+1:] == b[i+1:]
	}
	return a[i:] == b[i+1:]
}

// knownNumbers compares every row of numbers with the known ones: four digits of a telephone number in their order are enough.
func (d *doc) knownNumbers() {
	for i := 0; i < len(d.toks); i++ {
		if d.toks[i].is(claimed) {
			continue
		}
		if end := d.knownDate(i); end > i {
			d.add(i, end, DateOfBirth, 1)
			i = end - 1
			continue
		}
		r, ok := d.run(i)
		if !ok {
			continue
		}
		if len(r.digits) >= 4 && !d.counts(r.last) {
			for _, n := range d.known.numbers {
				if strings.Contains(n.text, r.digits) || strings.Contains(r.digits, n.text) || len(r.digits) >= 7 && len(n.text) >= 7 && strings.HasSuffix(r.digits, n.text[len(n.text)-6:]) {
					d.add(r.first, r.last, n.kind, 1)
					break
				}
			}
		}
		i = max(i, r.last-1)
	}
}

// knownDate reads a date at i that is the known birth date, or its year, or its day and month.
func (d *doc) knownDate(i int) int {
	if len(d.known.births) == 0 {
		return 0
	}
	end, when := 0, calendar{}
	if d.toks[i].kind == word && d.toks[i].has(month) {
		end, when = d.monthFirst(i)
	} else if a, ok := d.atom(i); ok {
		if end, when = d.dayFirst(i, a); end == 0 {
			end, when = d.numeric(i, a)
		}
		if end == 0 {
			when.year, end = d.year(i, false)
		}
	}
	if end == 0 {
		return 0
	}
	for _, b := range d.known.births {
		same := func(x, y int32) bool { return x == 0 || x == y }
		swapped := when.day == b.month && when.month == b.day
		if when.year != 0 && when.year%100 == b.year%100 && same(when.month, b.month) && same(when.day, b.day) || when.year%100 == b.year%100 && swapped ||
			when.year == 0 && when.day == b.day && when.month == b.month {
			return end
		}
	}
	return 0
}
