package privacy

import "strings"

var (
	failing  = setOf(`trouble difficult difficulty difficulties problems problem issues struggling struggle`)
	moans    = setOf(`unable inability can't cannot couldn't cant gained lose gain losing gaining wake waking woke awake wakes sensation sensations put feel feeling feels felt loss lack absence`)
	unableTo = setOf(`raise sleep breathe swallow eat walk move concentrate focus breath feel see hear bend lift stand orgasm climax ejaculate smell taste pee urinate poo relax remember sit lie settle function cope bear straighten grip talk speak drink drive climb get keep put fall stay stop`)
	dwindled = setOf(`no low little zero poor decreased reduced increased less loss lack lacking lost absent diminished high bad`)
	drives   = setOf(`appetite energy libido motivation desire interest concentration strength sensation balance memory drive sleep stamina mobility confidence enjoyment coordination`)
	weights  = setOf(`pounds lbs lb kilos kg kgs stone kilograms kilo pound`)
	somewhat = setOf(`a bit very so really quite pretty extremely just more little rather kind of generally constantly always still all too slightly incredibly that`)
)

// complaint reads what people suffer from in words that are no name of an illness: "trouble sleeping", "can't breathe", "lost a stone",
// "no appetite", "feeling really low", "loss of taste".
func (d *doc) complaint(i int) int {
	t := &d.toks[i]
	switch w := t.fold; {
	case failing[w]:
		j := i + 1
		if d.oneOf(j, "with", "in") {
			j++
		}
		if v := d.at(j); v.kind == word && len(v.fold) > 5 && strings.HasSuffix(v.fold, "ing") && !v.has(function) {
			return d.object(j + 1)
		}
	case w == "unable" || w == "inability":
		if d.is(i+1, "to") && d.at(i+2).kind == word {
			return d.object(i + 3)
		}
	case w == "can't" || w == "cannot" || w == "couldn't" || w == "cant":
		j := i + 1
		if d.oneOf(j, "even", "really", "properly") {
			j++
		}
		if v := d.at(j); v.kind == word && unableTo[v.fold] && !d.oneOf(j, "get", "keep", "put", "fall", "stay", "stop", "feel", "see", "hear", "talk", "speak", "remember", "stand", "drive", "drink", "eat") {
			return d.object(j + 1)
		} else if d.is(j, "stop") && strings.HasSuffix(d.at(j+1).fold, "ing") || d.is(j, "fall") && d.is(j+1, "asleep") || d.is(j, "keep") && d.oneOf(j+1, "anything", "nothing", "food", "water", "fluids") && d.oneOf(j+2, "down", "in") {
			return j + 2
		} else if d.is(j, "get") && (d.is(j+1, "to") && d.is(j+2, "sleep") || d.is(j+1, "out") && d.is(j+2, "of")) {
			return j + 3
		} else if d.oneOf(j, "hear", "see", "feel", "remember", "speak") && (d.oneOf(j+1, "very", "properly", "well", "much", "my", "anything", "clearly", "as") && !d.oneOf(j+2, "on", "here", "you", "about", "call", "appointment", "that")) {
			return j + 1
		}
	case w == "loss" || w == "lack" || w == "absence":
		if d.is(i+1, "of") {
			j := i + 2
			for n := 0; n < 2 && d.oneOf(j, "my", "the", "any", "all"); n++ {
				j++
			}
			if v := d.at(j); v.kind == word && !v.has(filler) && v.fold != "time" && v.fold != "it" {
				if d.is(j, "sense") && d.is(j+1, "of") {
					return j + 3
				}
				return d.object(j + 1)
			}
		}
	case dwindled[w]:
		j := i + 1
		if d.oneOf(j, "my", "his", "her", "your", "their", "all", "sex", "sexual", "of") {
			j++
		}
		if d.oneOf(j, "sex", "sexual", "my") {
			j++
		}
		if v := d.at(j); v.kind == word && drives[v.fold] {
			return j + 1
		}
		if w == "lost" {
			return d.weight(i + 1)
		}
	case w == "gained" || w == "lose" || w == "gain" || w == "losing" || w == "gaining":
		return d.weight(i + 1)
	case w == "wake" || w == "waking" || w == "woke" || w == "awake" || w == "wakes": // up in the night
		for j := i + 1; j < i+7 && d.at(j).kind != line && d.at(j).turn == t.turn; j++ {
			if d.oneOf(j, "night", "nights") && !d.oneOf(j-1, "last", "every") {
				return j + 1
			}
		}
	case w == "put" && d.is(i+1, "on"):
		return d.weight(i + 2)
	case w == "feel" || w == "feeling" || w == "feels" || w == "felt":
		j := i + 1
		for n := 0; n < 3 && somewhat[d.at(j).fold]; n++ {
			j++
		}
		if v := d.at(j); v.kind == word && v.has(feeling) && v.turn == t.turn {
			return j + 1
		}
	}
	return 0
}

// object goes on over what a verb of complaint is about: "swallowing food", "falling asleep".
func (d *doc) object(j int) int {
	for n := 0; n < 2; n++ {
		t := d.at(j)
		if t.kind != word || t.has(function|backing|filler|condition) && !d.oneOf(j, "up", "down", "asleep") {
			break
		}
		j++
	}
	if e := d.owned(j); e > 0 { // can't lift my arm
		return e
	}
	return j
}

// weight reads an amount of weight.
func (d *doc) weight(j int) int {
	for n := 0; n < 3 && d.oneOf(j, "about", "around", "a", "some", "over", "nearly", "almost", "at", "least", "few", "lot", "of", "bit"); n++ {
		j++
	}
	for n := 0; n < 3; n++ {
		a, ok := d.atom(j)
		if !ok {
			break
		}
		j = int(a.last)
	}
	if t := d.at(j); t.kind == word && (weights[t.fold] || t.fold == "weight") {
		return j + 1
	}
	return 0
}
