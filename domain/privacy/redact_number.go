package privacy

import (
	"slices"
	"strings"
)

type numberKind uint8

const (
	unit    numberKind = 1 + iota // nought to nine
	teen                          // ten to nineteen
	tens                          // twenty to ninety
	scale                         // hundred, thousand
	ordinal                       // first to nineteenth
	ordTens                       // twentieth, thirtieth
	times                         // double, triple
	fuzzy                         // oh, o: a nought only among numbers
)

type numberWord struct {
	val  int32
	kind numberKind
}

// numberWords are the words numbers are spoken with, and how speech engines spell them.
var numberWords = map[string]numberWord{
	"zero": {0, unit}, "nought": {0, unit}, "naught": {0, unit}, "nil": {0, unit}, "oh": {0, fuzzy}, "o": {0, fuzzy}, "ohh": {0, fuzzy},
	"one": {1, unit}, "two": {2, unit}, "three": {3, unit}, "four": {4, unit}, "five": {5, unit}, "six": {6, unit}, "seven": {7, unit}, "eight": {8, unit}, "nine": {9, unit}, "niner": {9, unit},
	"ten": {10, teen}, "eleven": {11, teen}, "twelve": {12, teen}, "thirteen": {13, teen}, "fourteen": {14, teen}, "fifteen": {15, teen}, "sixteen": {16, teen}, "seventeen": {17, teen}, "eighteen": {18, teen}, "nineteen": {19, teen},
	"twenty": {20, tens}, "thirty": {30, tens}, "forty": {40, tens}, "fourty": {40, tens}, "fifty": {50, tens}, "sixty": {60, tens}, "seventy": {70, tens}, "eighty": {80, tens}, "ninety": {90, tens},
	"hundred": {100, scale}, "thousand": {1000, scale},
	"first": {1, ordinal}, "second": {2, ordinal}, "third": {3, ordinal}, "fourth": {4, ordinal}, "fifth": {5, ordinal}, "sixth": {6, ordinal}, "seventh": {7, ordinal}, "eighth": {8, ordinal}, "ninth": {9, ordinal},
	"tenth": {10, ordinal}, "eleventh": {11, ordinal}, "twelfth": {12, ordinal}, "thirteenth": {13, ordinal}, "fourteenth": {14, ordinal}, "fifteenth": {15, ordinal}, "sixteenth": {16, ordinal}, "seventeenth": {17, ordinal},
	"eighteenth": {18, ordinal}, "nineteenth": {19, ordinal}, "twentieth": {20, ordTens}, "thirtieth": {30, ordTens},
	"double": {2, times}, "triple": {3, times}, "treble": {3, times}, "quadruple": {4, times},
}

// atom is one number as it was said or written: "twenty-one", "31st", "07700", "two thousand and six", "double seven".
type atom struct {
	first, last int32 // tokens, the last exclusive
	val         int32 // -1: too long to be a value
	digits      string
	ord, spoken bool
	lone        bool // oh: a number only among numbers
}

// readNumbers finds the atoms.
func (d *doc) readNumbers() {
	d.atomAt = slices.Grow(d.atomAt[:0], len(d.toks)+1)[:len(d.toks)+1]
	clear(d.atomAt)
	for i := 0; i < len(d.toks); {
		a, ok := d.readAtom(i)
		if !ok {
			i++
			continue
		}
		d.atoms = append(d.atoms, a)
		d.atomAt[i] = int32(len(d.atoms)) //nolint:gosec // fewer than tokens
		i = int(a.last)
	}
}

// atom answers the number that begins at token i.
func (d *doc) atom(i int) (atom, bool) {
	if i < 0 || i >= len(d.toks) || d.atomAt[i] == 0 {
		return atom{}, false
	}
	return d.atoms[d.atomAt[i]-1], true
}

func (d *doc) readAtom(i int) (atom, bool) {
	t := &d.toks[i]
	if t.kind == digits {
		return d.writtenAtom(i), true
	}
	if t.kind != word || !t.has(number) {
		return atom{}, false
	}
	n, ok := numberWords[t.fold]
	if !ok {
		return atom{}, false
	}
	switch n.kind {
	case unit:
		if b := d.at(i - 1); t.fold == "one" && b.kind == word && !b.has(number) && b.has(function) && (b.fold == "the" || b.fold == "this" || b.fold == "that" || b.fold == "no" || b.fold == "any" || b.fold == "which" || b.fold == "every" || b.fold == "some") {
			return atom{}, false
		}
		return d.scaled(i, i+1, n.val), true
	case fuzzy:
		return atom{first: int32(i), last: int32(i + 1), digits: "0", spoken: true, lone: true}, true //nolint:gosec // token numbers
	case teen:
		return d.scaled(i, i+1, n.val), true
	case tens:
		j := i + 1
		if d.at(j).signed('-') && d.at(j+1).kind == word {
			j++
		}
		if u, ok := d.numberAt(j); ok && u.val > 0 && u.val < 10 {
			switch u.kind {
			case unit:
				return d.scaled(i, j+1, n.val+u.val), true
			case ordinal:
				return spokenAtom(i, j+1, n.val+u.val, true), true
			}
		}
		return d.scaled(i, i+1, n.val), true
	case ordinal, ordTens:
		if t.fold == "second" && (d.oneOf(i-1, "a", "one", "per", "every", "split", "each", "the") && !d.nearDate(i) && !d.is(i-2, "of")) {
			return atom{}, false
		}
		return spokenAtom(i, i+1, n.val, true), true
	case scale:
		switch {
		case d.oneOf(i-1, "a"):
			return d.scaled(i, i, 1), true // a hundred and nineteen
		case d.at(i).is(opens) && n.val == 100 && d.is(i+1, "and"): // the rest of a number in pieces: "hundred and four"
			if _, _, ok := d.small(i + 2); ok {
				return d.scaled(i, i, 1), true
			}
		}
	case times:
		j := i + 1
		if d.at(j).signed('-') {
			j++
		}
		if u, ok := d.numberAt(j); ok && u.val < 10 && (u.kind == unit || u.kind == fuzzy) {
			return atom{first: int32(i), last: int32(j + 1), val: -1, digits: strings.Repeat(string(rune('0'+u.val)), int(n.val)), spoken: true}, true //nolint:gosec // token numbers
		}
		if t := d.at(j); t.kind == digits && len(t.fold) == 1 {
			return atom{first: int32(i), last: int32(j + 1), val: -1, digits: strings.Repeat(t.fold, int(n.val)), spoken: true}, true //nolint:gosec // token numbers
		}
	}
	return atom{}, false
}

func (d *doc) nearDate(i int) bool {
	return d.at(i+1).has(month) || d.is(i+1, "of") && (d.at(i+2).has(month) || d.is(i+2, "the") && d.at(i+3).kind == word && d.at(i+3).has(number)) // the second of the fourth
}

func (d *doc) numberAt(i int) (numberWord, bool) {
	t := d.at(i)
	if t.kind != word || !t.has(number) {
		return numberWord{}, false
	}
	n, ok := numberWords[t.fold]
	return n, ok
}

func spokenAtom(first, last int, val int32, ord bool) atom {
	return atom{first: int32(first), last: int32(last), val: val, digits: itoa(val), ord: ord, spoken: true} //nolint:gosec // token numbers
}

func itoa(v int32) string {
	if v < 0 {
		return ""
	}
	var b [12]byte
	n := len(b)
	for {
		n--
		b[n] = byte('0' + v%10)
		if v /= 10; v == 0 {
			return string(b[n:])
		}
	}
}

// scaled reads on from a small number: "two thousand and sixteen", "nineteen hundred and five", "one hundred and twenty".
func (d *doc) scaled(first, last int, val int32) atom {
	total, part := int32(0), val
	for range 3 {
		s, ok := d.numberAt(last)
		if !ok || s.kind != scale || part <= 0 || part >= 100 {
			break
		}
		part *= s.val
		last++
		total += part
		part = 0
		j := last
		if d.is(j, "and") {
			j++
		}
		rest, end, ok := d.small(j)
		if !ok || s.val == 100 && rest >= 100 {
			break
		}
		if n, ok := d.numberAt(end); ok && n.kind == scale { // two thousand three hundred
			part, last = rest, end
			continue
		}
		total += rest
		last = end
		break
	}
	if total == 0 {
		total = val
	} else {
		total += part
	}
	return spokenAtom(first, last, total, false)
}

// small reads a number under a hundred.
func (d *doc) small(i int) (int32, int, bool) {
	n, ok := d.numberAt(i)
	switch {
	case !ok:
	case n.kind == unit, n.kind == teen:
		return n.val, i + 1, true
	case n.kind == tens:
		j := i + 1
		if d.at(j).signed('-') {
			j++
		}
		if u, ok := d.numberAt(j); ok && u.kind == unit && u.val > 0 {
			return n.val + u.val, j + 1, true
		}
		return n.val, i + 1, true
	}
	return 0, i, false
}

func (d *doc) writtenAtom(i int) atom {
	t := &d.toks[i]
	a := atom{first: int32(i), last: int32(i + 1), val: -1, digits: t.fold} //nolint:gosec // token numbers
	if len(t.fold) <= 6 {
		a.val = 0
		for k := range len(t.fold) {
			a.val = a.val*10 + int32(t.fold[k]-'0')
		}
	}
	if s := d.at(i + 1); s.kind == word && (s.is(glued) || a.val < 32) && (s.fold == "st" || s.fold == "nd" || s.fold == "rd" || s.fold == "th") && (s.is(glued) || d.at(i+2).has(month) || d.is(i+2, "of")) {
		a.ord, a.last = true, a.last+1
	}
	return a
}

// units are what a number counts when it is no identifier: "four days", "20 milligrams".
var units = map[string]bool{}

func init() {
	for _, u := range strings.Fields(`day days week weeks month months hour hours minute minutes min mins second seconds sec time times year years yr yrs percent percentage per mg mgs mcg ml mls milligram milligrams milligramme
		milligrammes microgram micrograms gram grams g kg kgs kilo kilos kilogram kilograms pound pounds lb lbs stone ounce ounces oz cm mm m km metre metres meter meters mile miles inch inches foot feet ft litre litres
		liter liters unit units pint pints cup cups glass glasses bottle bottles tablet tablets pill pills capsule capsules puff puffs dose doses drop drops spoon spoons degree degrees celsius fahrenheit oclock o'clock am pm
		cigarette cigarettes dollar dollars quid pence cents euros people children kids brother brothers sister sisters daughters sons siblings episodes episode night nights occasion occasions beats bpm mmhg mmol nmol kcal calories
		steps stairs flights sessions session visits visit weeks' days' months' years' hours' pack packs beers drinks joints month's year's week's day's x fold point out things of`) {
		units[u] = true
	}
}

// counts tells whether the number that ends before token i counts something.
func (d *doc) counts(i int) bool {
	t := d.at(i)
	if t.kind == mark {
		if t.sign == '%' || t.sign == '-' && units[d.at(i+1).fold] {
			return true
		}
		return t.sign == 0 && strings.HasPrefix(d.text[t.start:t.end], "°")
	}
	if t.kind == word && t.has(filler) {
		t = d.at(i + 1)
	}
	return t.kind == word && units[t.fold] && t.fold != "of" || d.is(i, "of") && d.oneOf(i+1, "them", "those", "these", "the")
}
