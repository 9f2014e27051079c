package privacy

// isAge tells an age from other numbers: by what it counts, by who is it, or by the question.
func (d *doc) isAge(i int, a atom) bool {
	if a.val < 0 || a.val > 120 || a.lone || a.ord || !a.spoken && len(a.digits) > 3 {
		return false
	}
	j := int(a.last)
	for d.at(j).signed('-') {
		j++
	}
	if d.oneOf(j, "year", "years", "yr", "yrs", "month", "months", "week", "weeks") {
		k := j + 1
		for d.at(k).signed('-') {
			k++
		}
		if d.oneOf(k, "old", "olds", "young") || d.is(k, "of") && d.is(k+1, "age") {
			return true
		}
		if d.oneOf(i-1, "he's", "she's", "they're") && d.vocativeEnd(j+1) && (i-2 < 0 || !d.is(i-2, "if")) { // she's fifteen months.
			return true
		}
	}
	if d.oneOf(j, "yo", "y", "yrold") && d.at(j).fold != "y" || d.is(j, "y") && (d.at(j+1).signed('/') || d.is(j+1, "o")) || d.oneOf(j, "m", "f") && d.at(j).is(glued) && a.val > 9 {
		return true
	}
	if a.val > 0 && d.oneOf(j, "year", "years", "month", "months", "week", "weeks", "days") && d.begins(i) && d.vocativeEnd(j+1) && d.asked(aboutAge, i) {
		return true
	}
	if a.val < 1 || d.counts(j) {
		return false
	}
	if d.oneOf(i-1, "age", "aged", "ages") || d.oneOf(i-2, "age", "aged") && d.oneOf(i-1, "of", "is", "at", "about", "around", "roughly") {
		return true
	}
	t := d.at(j)
	birthday := d.oneOf(j, "at", "on", "in") && (d.at(j+1).has(month) || d.oneOf(j+1, "christmas", "easter", "the", "my", "his", "her")) // he'll be six at Christmas
	ends := birthday || t.kind == line || t.turn != d.at(i).turn || t.kind == mark && (t.sign == '.' || t.sign == ',' || t.sign == '?' || t.sign == '!') || d.oneOf(j, "and", "now", "so", "or", "when", "but", "years", "yesterday", "today", "next", "in", "this", "last", "dear", "love", "darling", "mate", "mind", "don't", "actually", "already", "myself", "you", "herself", "himself", "bless", "too")
	if !ends || a.val < 2 {
		return false
	}
	b := i - 1
	for n := 0; n < 3 && (d.at(b).signed(',') || d.at(b).kind == word && (d.at(b).has(filler) || d.oneOf(b, "about", "around", "roughly", "just", "under", "over", "nearly", "almost", "only", "still"))); n++ {
		b--
	}
	if d.oneOf(b, "i'm", "im", "he's", "she's", "you're", "turned", "turning", "turns", "aged") && a.val >= 4 || d.is(b, "be") && d.oneOf(b-1, "will", "he'll", "she'll", "i'll", "they'll", "you'll", "would", "to") && a.val >= 2 && !d.oneOf(j, "in", "at") || d.is(b, "be") && d.oneOf(b-1, "will", "he'll", "she'll", "i'll") && d.oneOf(b-2, "he", "she", "i", "who") && d.is(j, "in") || birthday && d.is(b, "be") && d.oneOf(b-1, "he'll", "she'll", "i'll") {
		return true
	}
	if d.oneOf(b, "am", "is", "was", "m") && (d.oneOf(b-1, "i", "he", "she", "i'm") || d.at(b-1).has(relation)) && a.val >= 4 {
		return true
	}
	if d.is(i-1, "at") && a.spoken && a.val > 12 && a.val < 100 && d.lived(i-2) { // a hysterectomy at forty seven
		return true
	}
	return a.val >= 2 && d.asked(aboutAge, i) && !d.near(aboutBirth, i, 6) && d.begins(i)
}

// lifeWords are what happens to one at an age.
var lifeWords = setOf(`diagnosed died born married retired menopause started passed widowed pregnant arthritis cancer dementia diabetes stroke`)

// lived tells whether the word is something that happens at an age and at no hour: an illness, an operation, a death.
func (d *doc) lived(i int) bool {
	t := d.at(i)
	return t.kind == word && (t.has(medical) && !t.has(medication) || lifeWords[t.fold] || d.oneOf(i, "out", "away", "on") && (d.at(i-1).has(medical|bodyPart) || lifeWords[d.at(i-1).fold]))
}
