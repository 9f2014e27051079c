package privacy

import "slices"

// answeredAddresses takes the answer to "your address?" whole: from the first number, capital or street to the sentence's end.
func (d *doc) answeredAddresses() {
	for n, cue := range d.cues[aboutAddress] {
		if n > 0 && cue-d.cues[aboutAddress][n-1] < 3 {
			continue
		}
		d.enter(int(cue))
		_, to := d.turnOf(int(cue))
		if own := d.answerStart(int(cue)+1, to); own > 0 {
			d.answerAddress(own, to)
		}
	}
	for n := 1; n < len(d.turns); n++ {
		t := d.turns[n]
		first := int(t.first)
		d.enter(first)
		if !d.asked(aboutAddress, first) || d.side(first) == d.side(d.cueBefore(aboutAddress, first)) || d.side(first)-d.side(d.cueBefore(aboutAddress, first)) > 3 {
			continue
		}
		if s := d.answerStart(first, int(t.last)); s > 0 {
			d.answerAddress(s, int(t.last))
		}
	}
}

// answeredTails takes what is left of an answer's turn after its address: the town that no list knows is part of it.
func (d *doc) answeredTails() {
	var ends []finding
	for _, f := range d.found {
		if f.kind == Address && d.asked(aboutAddress, int(f.first)) {
			ends = append(ends, f)
		}
	}
	for _, f := range ends {
		i := int(f.last)
		_, to := d.turnOf(int(f.first))
		d.enter(int(f.first))
		words, end := 0, i
		for end < to && words < 4 {
			t := d.at(end)
			if t.kind == word && (t.is(claimed) || t.lex&(function|filler|backing|number|greeting|medical|weekday|month) != 0 || t.has(word10) && !t.has(city|country|street|anySurname|maybe)) {
				break
			}
			if t.kind == word {
				words++
			} else if !t.signed(',') && !t.signed('-') {
				break
			}
			end++
		}
		if stop := d.at(end); words > 0 && (end >= to || stop.kind == line || stop.signed('.')) {
			d.add(i, end, Address, 0.6)
		}
	}
}

// bridgeAddresses covers what stands between two parts of one address: "Flat 4B, The Old Brewery, 12 St John's Lane".
func (d *doc) bridgeAddresses() {
	var parts []finding
	for _, f := range d.found {
		if f.kind == Address {
			parts = append(parts, f)
		}
	}
	slices.SortFunc(parts, func(a, b finding) int { return int(a.first - b.first) })
	for n := 1; n < len(parts); n++ {
		from, to := int(parts[n-1].last), int(parts[n].first)
		if to <= from || to-from > 8 || d.at(from).turn != d.at(to).turn {
			continue
		}
		d.enter(from)
		whole := true
		for i := from; i < to && whole; i++ {
			t := d.at(i)
			whole = !t.is(claimed) && (t.signed(',') || t.signed('-') || t.kind == word && (t.has(filler) || d.oneOf(i, "the", "of", "in", "at", "on", "a", "stroke", "slash") || t.has(number) || d.cased && t.is(capital)))
		}
		if whole {
			d.add(from, to, Address, 0.6)
		}
	}
}

// answerStart finds where the words of an answer begin, past "it's", "my address is", "um, yeah"; 0 when it begins with something else.
func (d *doc) answerStart(i, to int) int {
	for n := 0; i < to && n < 14; n++ {
		t := d.at(i)
		_, isNumber := d.atom(i)
		switch {
		case t.signed('?'):
			return 0
		case isNumber && !t.has(filler) || t.kind == word && t.has(dwelling) && (d.cased || isNumber):
			return i
		case t.kind == mark, t.kind == word && t.has(backing|filler), d.oneOf(i, "is", "are", "at", "live", "lives", "living", "address", "home", "currently", "just", "in", "on", "that'd", "would", "be", "postcode", "code", "was", "number"):
			i++
		case t.kind == word && t.is(capital) && d.cased && !t.has(function|title|month|weekday|relation):
			return i
		case t.kind == word && d.streetName(i, 3) > 0 && !t.has(function), d.namedHome(i), d.unheard(i, to):
			return i
		default:
			return 0
		}
	}
	return 0
}

func (d *doc) answerAddress(i, to int) {
	end, street1, content := i, false, 0
	for j := i; j < to && j-i < 40; j++ {
		t := d.at(j)
		if t.signed('?') || t.signed('!') || d.oneOf(j, "postcode", "zip") || t.is(claimed) && !(t.kind == word && t.has(number) || t.kind == digits) {
			break
		}
		if t.signed('.') && d.at(j+1).is(opens) && content > 0 {
			if e := d.skip(j + 1); d.postcodeAt(e) == 0 {
				break
			}
		}
		if t.kind == word && t.has(function|backing) && !t.has(number|street|dwelling|filler) && t.fold != "the" && t.fold != "of" && t.fold != "in" && t.fold != "and" && t.fold != "at" && t.fold != "a" && t.fold != "old" && t.fold != "new" && len(t.fold) > 1 && !(d.compass(j) && d.at(j+1).lex&^(hints|anySurname|maybe|city) == 0) && !(d.cased && t.is(capital) && !t.is(opens)) {
			break
		}
		if t.kind == word && (t.has(street|dwelling|city|country) || homes[t.fold]) {
			street1 = true
		}
		if j == i && d.unheard(i, to) {
			street1 = true
		}
		if t.kind != mark && !(t.kind == word && t.has(filler|function) && !t.has(street|number)) {
			end = j + 1
			content++
		}
	}
	_, isNumber := d.atom(i)
	if content == 0 || !street1 && !(isNumber && content > 1) || isNumber && d.counts(int(d.atoms[d.atomAt[i]-1].last)) && !street1 {
		return
	}
	for k := i; k < end; k++ {
		if d.toks[k].is(claimed) {
			i = k + 1
		} else if k == i {
			break
		}
	}
	if i < end {
		d.add(i, end, Address, 0.75)
	}
}

// homes are what houses are called that need no number.
var homes = setOf(`cottage house rectory vicarage lodge barn farm farmhouse manor grange croft villa bungalow stables mill mews priory schoolhouse gatehouse forge smithy oast chapel hall tower boathouse parsonage manse almshouse homestead bakery brewery granary dairy`)

// namedHome tells whether a house with a name begins at the token: "the old rectory", "rose cottage". What belongs to a hospital is none.
func (d *doc) namedHome(i int) bool {
	for n := 0; n < 4; n++ {
		t := d.at(i + n)
		if t.kind != word || t.is(claimed) || t.has(function) && !d.oneOf(i+n, "the", "old", "new") {
			return false
		}
		if n > 0 && homes[t.fold] {
			after := d.at(i + n + 1)
			return !(after.kind == word && (after.has(medical) || d.oneOf(i+n+1, "hospital", "surgery", "clinic", "practice", "pharmacy", "hotel", "inn", "centre", "center", "hospice", "health", "medical", "nursing", "care")))
		}
	}
	return false
}

// unheard tells whether the rest of the turn is two to six words of which no list knows at least two: "ty mawr lon las llangefni".
func (d *doc) unheard(i, to int) bool {
	words, strange := 0, 0
	for j := i; j < to && !d.at(j).signed('.'); j++ {
		t := d.at(j)
		switch {
		case t.kind == mark && !t.signed('?'), t.kind == line:
			continue
		case t.kind != word || t.is(claimed) || t.has(function|medical|number|greeting|weekday|month):
			return false
		case t.lex&^(hints|surnameRare|surnameMid|maybe) == 0 && len(t.fold) > 1:
			strange++
		}
		words++
	}
	return strange >= 2 && words <= 6
}

// homeBefore answers where the name of the house before a street begins: "Mulberry House, Church Lane".
func (d *doc) homeBefore(i int) int {
	j := i - 1
	if d.at(j).signed(',') {
		j--
	}
	if t := d.at(i); homes[t.fold] || t.has(dwelling) && t.kind == word {
		j = i
	}
	if t := d.at(j); !d.cased || t.kind != word || !homes[t.fold] && !t.has(dwelling) || !t.is(capital) || t.turn != d.at(i).turn {
		return i
	}
	first := i
	for k := j - 1; k > j-4; k-- {
		t := d.at(k)
		if t.kind != word || !t.is(capital) || t.is(opens) || t.is(claimed) || t.turn != d.at(i).turn {
			break
		}
		first = k
	}
	return first
}
