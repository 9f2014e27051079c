package privacy

import "strings"

// What is given and done, where the word alone does not tell: a name no list has beside a dose, a spray that is used, a gall bladder that was
// taken out, the short form that a writer sets behind the long one.

var (
	doseUnits = setOf(`mg mgs milligram milligrams mcg mcgs microgram micrograms ug puffs iu ml mls millilitres milliliters milligramme milligrammes`)
	takes     = setOf(`take takes taking took taken prescribed prescribe prescribes prescribing using use used uses tried try trying started start swallow swallowed give given gave giving apply applying applied put rub inject injecting increase increased increasing stop stopped stopping on`)
	drugWords = setOf(`medication medications medicine medicines tablet tablets pill pills drug drugs cream inhaler antibiotic something prescription`)
	doseForms = setOf(`tablet tablets pill pills spray sprays cream creams drops patch patches gel lotion ointment syrup capsule capsules powder sachet sachets pessary lozenge puffs inhalation drip steroid shampoo`)
	taken     = setOf(`out removed replaced repaired drained scanned x-rayed xrayed stitched pierced lanced reconstructed pinned fused amputated`)
	repairs   = setOf(`removal repair replacement replacements reconstruction revision fixation fusion implant implants lift reduction augmentation enlargement surgery surgeries operation operations op exam exams examination check checks scan scans test tests testing screening screen culture swab transplant
		injection injections massage cleaning whitening straightening drainage resection excision puncture tap wash x-ray xray x-rays biopsy biopsies graft treatment treatments procedure sample samples function rate count level levels pressure monitor`)
)

// derived are the endings of words made from others, which lists of ordinary words lack in part.
var derived = strings.Fields(`er ers or ors ive ives able ible ic ics ish ing ings ed ly ness ment ments tion tions sion ies al als ful less ism ist ists ity eses ese ian ians wise like ville ship ward right ground book board`)

// unknown tells whether no list has the word: what a speech engine makes of a medicine, or a trade name of next year.
func (t *token) unknown() bool {
	return t.kind == word && len(t.fold) >= 5 && t.lex&(ordinary|function|medical|number|bodyPart|ailment|anyGiven|surname|surnameMid|city|country|maybe|people|filler|title|relation|month|weekday) == 0 && !t.is(claimed)
}

// medicine reads a word as one by what stands beside it.
func (d *doc) medicine(i int) int {
	t := &d.toks[i]
	if t.has(dosage) {
		return d.form(i)
	}
	if !t.unknown() || t.is(quoted) {
		if n := d.at(i + 1); n.unknown() && len(t.fold) > 2 && !t.has(function|filler) && d.lex.words[t.fold+n.fold]&medication != 0 { // met formin
			return i + 2
		}
		return 0
	}
	if d.dosed(i + 1) {
		return i + 1
	}
	if n := d.at(i + 1); n.kind == word && !n.has(function|filler) && len(n.fold) >= 3 && d.lex.words[t.fold+n.fold]&medication != 0 { // ator vastatin
		return i + 2
	}
	if len(t.fold) < 6 || endsIn(t.fold, derived) || d.lex.rarer[t.fold] {
		return 0
	}
	for j := i - 1; j >= i-6; j-- {
		b := d.at(j)
		switch {
		case b.turn != t.turn || b.kind == line:
			return 0
		case b.kind == word && b.fold == "on":
			if !d.oneOf(j-1, "is", "was", "i'm", "he's", "she's", "am", "are", "been", "put", "me", "him", "her", "you", "you're", "currently", "still", "start", "started", "started") {
				return 0
			}
			return i + 1
		case b.kind == word && takes[b.fold]:
			if d.cased && t.is(capital) && d.is(i-1, "the") || d.cased && t.is(capital) && d.oneOf(j, "try", "use", "put", "give", "gave", "start", "stop") {
				return 0 // more likely a place or a name
			}
			return i + 1
		case b.kind == word && (b.has(filler) || d.oneOf(j, "some", "the", "my", "your", "his", "her", "a", "an", "any", "regular", "daily", "also", "just", "it", "it's", "is", "called", "something", "of", "baby", "this", "that", "more")):
		case b.signed(','):
		default:
			return 0
		}
	}
	return 0
}

// dosed tells whether an amount of a medicine begins at j.
func (d *doc) dosed(j int) bool {
	if d.at(j).signed(',') {
		j++
	}
	for n := 0; n < 5; n++ {
		a, ok := d.atom(j)
		if !ok {
			return n > 0 && d.at(j).kind == word && doseUnits[d.at(j).fold]
		}
		j = int(a.last)
		if d.at(j).signed('.') && d.at(j).is(glued) || d.at(j).signed('-') {
			j++
		}
	}
	return false
}

// form reads a form that is used: "one tablet", "the spray", "some drops".
func (d *doc) form(i int) int {
	b := d.at(i - 1)
	if b.kind != word && b.kind != digits {
		return 0
	}
	counted := b.kind == digits || b.has(number) || d.oneOf(i-1, "the", "a", "my", "your", "his", "her", "this", "that", "these", "those", "some", "any", "of", "each", "half", "daily", "nose", "eye", "ear", "skin", "full", "low", "same", "higher", "lower", "first", "second") || b.has(bodyPart)
	if !counted {
		return 0
	}
	for j := i - 2; j >= i-9; j-- {
		if t := d.at(j); t.turn != d.at(i).turn {
			break
		} else if t.kind == word && t.fold != "on" && takes[t.fold] || t.has(medication) && t.kind == word {
			return i + 1
		}
	}
	if d.at(i+1).kind == word && (d.is(i+1, "for") || d.is(i+1, "a") || d.is(i+1, "every") || d.is(i+1, "twice") || d.is(i+1, "once")) {
		return i + 1
	}
	return 0
}

// treated reads a part of the body and what was done to it: "gall bladder out", "knee replaced", "hip replacement".
func (d *doc) treated(i int) int {
	j := i + 1
	for n := 0; n < 2 && d.at(j).kind == word && d.at(j).has(bodyPart); n++ {
		j++
	}
	if t := d.at(j); t.kind == word && repairs[t.fold] {
		return j + 1
	}
	if d.is(j, "taken") && d.is(j+1, "out") {
		j++
	}
	if t := d.at(j); t.kind == word && taken[t.fold] {
		for k := i - 1; k >= i-6; k-- {
			if d.at(k).turn != d.at(i).turn {
				return 0
			}
			if d.oneOf(k, "had", "have", "having", "get", "getting", "got", "took", "take", "taking", "has", "was", "were", "been", "having") {
				return j + 1
			}
		}
	}
	return 0
}

// noteShort takes in the short form in brackets behind a term, and remembers it for the rest of the text: "propylthiouracil (PTU)".
func (d *doc) noteShort(first, end int, k Kind) {
	t := d.at(end + 1)
	if !d.at(end).signed('(') || t.kind != word || !t.is(capital) || len(t.fold) > 7 || !d.at(end+2).signed(')') || t.is(claimed) || t.has(medical) {
		return
	}
	at := 0 // its letters stand in the long form, in order
	for i := first; i < end; i++ {
		for n := range len(d.toks[i].fold) {
			if at < len(t.fold) && d.toks[i].fold[n] == t.fold[at] {
				at++
			}
		}
	}
	if at < len(t.fold) {
		return
	}
	if d.short == nil {
		d.short = map[string]Kind{}
	}
	d.short[t.fold] = k
}
