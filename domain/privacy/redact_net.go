package privacy

import "strings"

// endings are the top-level domains people say and write; any two-letter one is taken after an @.
var endings = setOf(`com net org edu gov mil int info biz io co uk us ca au de fr it es nl ie in nz ch at be se no dk fi pl pt cz gr eu me tv app dev ai online site shop example test nhs health clinic care med local invalid xyz club tech store name pro mobi fm ly gg im ac je mx br jp kr cn sg hk za ng ke gh pk ae sa ru ua tr il cc wales scot london cloud`)

// providers host mail; their name after "at" is enough.
var providers = setOf(`gmail googlemail hotmail yahoo outlook icloud aol protonmail proton btinternet sky virginmedia ntlworld talktalk msn live ymail gmx zoho fastmail comcast verizon rocketmail tiscali mac rediffmail`)

func setOf(list string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(list) {
		m[w] = true
	}
	return m
}

// findNet finds e-mail addresses, web addresses and network addresses, written and spoken.
func (d *doc) findNet() {
	for i := range d.toks {
		t := &d.toks[i]
		if t.is(claimed) {
			continue
		}
		switch {
		case t.signed('@'):
			d.writtenEmail(i)
		case t.kind == word && (t.fold == "at" || t.fold == "@"):
			d.spokenEmail(i)
		case t.kind == word && (t.fold == "http" || t.fold == "https" || t.fold == "ftp" || t.fold == "hxxp" || t.fold == "www"), t.signed('.') && t.is(glued):
			d.webAddress(i)
		case t.kind == word && t.fold == "dot":
			d.spokenWeb(i)
		case t.kind == digits || t.signed(':') || t.kind == word && t.has(number) && d.atomAt[i] > 0:
			d.networkAddress(i)
		}
	}
}

func (d *doc) glue(i int) bool {
	t := d.at(i)
	return t.is(glued) && t.kind != line && !strings.ContainsRune("<>()[]{}\",;:!?|\\", rune(t.sign)) || t.is(glued) && t.kind == mark && t.sign == 0
}

func localSign(t *token) bool {
	return t.kind == word || t.kind == digits || t.kind == mark && (strings.IndexByte("._-+*%'", t.sign) >= 0 || t.sign == 0) // the last: an emoji between
}

// writtenEmail is the addr-spec of RFC 5322 as people use it, a little broken too: spaces beside the sign, a masked local part.
func (d *doc) writtenEmail(i int) {
	first := i
	for first > 0 && i-first < 40 && d.at(first).is(glued) && localSign(d.at(first-1)) {
		first--
	}
	if first == i && i > 0 && d.at(i-1).kind == word && !d.at(i-1).has(function) { // john @ gmail . com
		first = i - 1
		for n := 0; n < 3 && d.at(first-1).kind == mark && strings.IndexByte("._-", d.at(first-1).sign) >= 0 && d.at(first-2).kind != mark && d.at(first-2).kind != line; n++ {
			first -= 2
		}
	}
	last := i + 1
	for last < len(d.toks) && last-i < 40 && (d.glue(last) || last == i+1 && d.at(last).kind == word) && localSign(d.at(last)) {
		last++
	}
	for last > i+1 && d.at(last-1).kind == mark && d.at(last-1).sign != '*' {
		last--
	}
	for n := 0; n < 3 && d.at(last).signed('.') && endings[d.at(last+1).fold] && d.at(last+1).kind == word; n++ {
		last += 2
	}
	if last == i+1 || first == i && !d.near(aboutEmail, i, 12) {
		return
	}
	dotted := false
	for k := i + 1; k < last; k++ {
		dotted = dotted || d.at(k).signed('.')
	}
	if first < i && (dotted || d.near(aboutEmail, i, 12) || providers[d.at(i+1).fold] || d.asked(aboutEmail, i)) || d.near(aboutEmail, i, 12) {
		d.add(first, last, Email, 1) // over a name known inside it
	}
}

// spokenEmail reads "m traba at gmail dot com" around the word at.
func (d *doc) spokenEmail(i int) {
	last, sure := d.spokenDomain(i + 1)
	if last == 0 {
		return
	}
	if !sure && !d.near(aboutEmail, i, 30) && !d.asked(aboutEmail, i) {
		return
	}
	first := i
	for i-first < 30 {
		t := d.at(first - 1)
		if t.turn != d.at(i).turn || t.kind == line || t.kind == mark && (t.sign == '?' || t.sign == ':' || t.sign == ']' || t.sign == '!') {
			break
		}
		if t.kind == word && !d.saidLocal(first-1) && !(d.oneOf(first-2, "dot", "underscore", "dash", "hyphen")) && !(d.oneOf(first, "dot", "underscore") && t.has(anyGiven|anySurname)) {
			break
		}
		first--
	}
	for first < i && (d.at(first).kind == mark || d.at(first).kind == word && d.at(first).has(filler) && d.at(first).fold != "oh" && d.at(first).fold != "o") {
		first++
	}
	if first == i && !d.asked(aboutEmail, i) {
		return
	}
	d.add(first, last, Email, 1) // as above
	j := d.skip(last)
	if !d.oneOf(j, "no", "sorry", "wait", "actually") { // "… at gmail dot com, no sorry, eighty nine"
		return
	}
	for n := 0; n < 4 && d.oneOf(j, "no", "sorry", "wait", "actually", "it's", "that's", "make"); n++ {
		j = d.skip(j + 1)
	}
	if e, n := d.figures(j, 5); n > 0 && (d.at(e).kind != word || d.at(e).turn != d.at(i).turn) {
		d.add(j, e, Email, 0.7)
	}
}

// saidLocal tells whether a word can stand in the part before the at: anything but the words that lead to it.
func (d *doc) saidLocal(i int) bool {
	t := d.at(i)
	switch t.fold {
	case "dot", "underscore", "dash", "hyphen", "point", "plus", "full", "stop", "all", "one", "word", "lowercase", "lower", "case", "capital", "double", "triple", "for", "as", "in", "and", "then", "the", "number", "letter", "small", "at", "sign", "oh", "o", "nought", "zero", "d", "m", "s", "t", "a", "i":
		return !(t.fold == "the" && !d.oneOf(i+1, "letter", "number"))
	case "that's", "it's":
		return d.oneOf(i+1, "all", "one", "lower", "lowercase", "small", "capital")
	case "is", "its", "email", "mail", "address", "my", "yes", "yeah", "um", "uh", "er", "erm", "okay", "ok", "reach", "me", "contact", "to", "on":
		return t.has(filler)
	}
	return !t.has(function) || t.has(number) || len(t.fold) == 1
}

// spokenDomain reads the part after the at; sure when it ends like one.
func (d *doc) spokenDomain(i int) (int, bool) {
	j := d.skip(i)
	if d.is(j, "sign") {
		j = d.skip(j + 1)
	}
	start := j
	for n := 0; n < 14; n++ {
		t := d.at(j)
		if t.kind == line || t.turn != d.at(i-1).turn {
			break
		}
		if t.kind == word && t.fold == "dot" || t.signed('.') && (d.at(j+1).is(glued) || endings[d.at(j+1).fold] && providers[d.at(j-1).fold]) {
			k := d.skip(j + 1)
			if d.is(k, "dot") {
				k = d.skip(k + 1)
			}
			if end := d.spelledEnding(k); end > 0 {
				return end, true
			}
			if e := d.at(k); e.kind == word && endings[e.fold] {
				end := k + 1
				for m := 0; m < 3; m++ {
					k = d.skip(end)
					if !d.is(k, "dot") && !d.at(k).signed('.') {
						break
					}
					k = d.skip(k + 1)
					if e := d.spelledEnding(k); e > 0 {
						end = e
						break
					}
					if !endings[d.at(k).fold] || d.at(k).kind != word {
						break
					}
					end = k + 1
				}
				return end, true
			}
			j = k
			continue
		}
		if t.kind == word && t.has(function) && !t.has(number) && len(t.fold) > 1 && t.fold != "me" && t.fold != "outlook" && !providers[t.fold] && !d.oneOf(j+1, "dot", "hyphen", "dash") && !d.oneOf(j-1, "hyphen", "dash") && !(d.is(j+2, "dot") && d.oneOf(j, "my", "the", "our", "your", "we", "all", "for", "and")) {
			break
		}
		if t.kind == mark && t.sign != '-' && t.sign != ',' && t.sign != '\'' {
			break
		}
		j++
	}
	if providers[d.at(start).fold] && d.at(start).kind == word && d.at(start).fold != "live" && d.at(start).fold != "sky" && d.at(start).fold != "mac" {
		return start + 1, true
	}
	return 0, false
}

// spelledEnding reads "c o m" and "e d u".
func (d *doc) spelledEnding(i int) int {
	var buf [4]byte
	b := buf[:0]
	for j := i; len(b) < 3 && d.at(j).kind == word && len(d.at(j).fold) == 1; j++ {
		if b = append(b, d.at(j).fold[0]); len(b) > 1 && endings[string(b)] && len(d.at(j+1).fold) != 1 {
			return j + 1
		}
	}
	return 0
}

// webAddress reads a URL (RFC 3986) or a bare host name.
func (d *doc) webAddress(i int) {
	first := i
	t := d.at(i)
	if t.kind == mark {
		e := d.at(i + 1)
		if e.kind != word || !e.is(glued) || !endings[e.fold] || d.at(i-1).kind == mark || e.is(capital) && !e.is(upper) && !d.at(i-1).is(upper) {
			return
		}
		if len(e.fold) == 2 && e.fold != "io" && e.fold != "uk" && e.fold != "co" && !d.at(i+2).signed('/') || e.has(function) && e.fold != "me" || d.at(i-1).has(title) {
			return
		}
		for first > 0 && i-first < 40 && d.at(first).is(glued) && (d.at(first-1).kind != mark || strings.IndexByte(".-_/:", d.at(first-1).sign) >= 0 && d.at(first-1).sign != 0) && d.at(first-1).kind != line {
			first--
		}
	} else if t.fold == "www" {
		if !d.at(i + 1).signed('.') {
			return
		}
		for first > 0 && i-first < 5 && d.at(first).is(glued) && (d.at(first-1).kind == word || d.at(first-1).signed(':') || d.at(first-1).signed('/')) {
			first--
		}
	} else if !d.at(i+1).signed(':') || !d.at(i+2).signed('/') {
		return
	}
	last := i + 1
	for last < len(d.toks) && d.toks[last].is(glued) && d.toks[last].kind != line && strings.IndexByte("<>\"|\\^{}", d.toks[last].sign) < 1 {
		last++
	}
	for last > i+1 && d.at(last-1).kind == mark && d.at(last-1).sign != '/' {
		last--
	}
	d.add(first, last, URL, 0.9)
}

// spokenWeb reads "w w w dot something dot com" and "something dot co dot uk" where no at stands before.
func (d *doc) spokenWeb(i int) {
	k := d.skip(i + 1)
	e := d.at(k)
	if e.kind != word || !endings[e.fold] || i == 0 {
		return
	}
	last := k + 1
	if d.is(last, "dot") && endings[d.at(last+1).fold] {
		last += 2
	}
	first := i - 1
	for first > 0 && i-first < 14 {
		b := d.at(first - 1)
		if b.turn != d.at(i).turn || b.kind != word && b.kind != digits || b.fold != "dot" && b.fold != "w" && b.fold != "slash" && b.fold != "dash" && b.fold != "colon" && b.fold != "underscore" && !d.oneOf(first, "dot", "dash", "slash", "w", "underscore") && len(b.fold) > 1 || b.is(claimed) {
			break
		}
		first--
	}
	if d.at(first).kind != word || d.at(first).is(claimed) || d.at(first).has(function) && d.at(first).fold != "w" {
		return
	}
	kind := URL
	if d.near(aboutEmail, i, 20) || d.asked(aboutEmail, i) {
		kind = Email
	}
	d.add(first, last, kind, 0.7)
}

// networkAddress reads IPv4 (four parts to 255) and IPv6 (RFC 4291: hexadecimal parts and colons).
func (d *doc) networkAddress(i int) {
	if d.at(i).kind != mark && !(d.at(i).is(glued) && d.at(i-1).signed('.')) {
		j, ok := i, true
		for part := 0; part < 4 && ok; part++ {
			t := d.at(j)
			ok = t.kind == digits && len(t.fold) <= 3 && (len(t.fold) < 3 || t.fold <= "255") && (part == 0 || t.is(glued))
			if j++; part < 3 && ok {
				ok = d.at(j).signed('.') && d.at(j).is(glued)
				j++
			}
		}
		if ok && !(d.at(j).signed('.') && d.at(j+1).kind == digits && d.at(j+1).is(glued)) {
			d.add(i, j, IPAddress, 0.95)
			return
		}
		j, ok = i, true
		for part := 0; part < 4 && ok; part++ { // one ninety two dot one sixty eight dot one dot one
			n := 0
			for a, is := d.atom(j); is && n < 4 && a.spoken; a, is = d.atom(j) {
				j, n = int(a.last), n+1
			}
			if ok = n > 0; ok && part < 3 {
				ok = d.is(j, "dot") || d.is(j, "point")
				j++
			}
		}
		if ok {
			d.add(i, j, IPAddress, 0.8)
		}
		return
	}
	if d.at(i).signed(':') && d.at(i).is(glued) {
		hex := func(t *token) bool {
			return (t.kind == word || t.kind == digits) && len(t.fold) <= 4 && strings.Trim(t.fold, "0123456789abcdef") == ""
		}
		first, last, colons := i, i, 0
		for first > 0 && i-first < 10 && d.at(first).is(glued) && (hex(d.at(first-1)) || d.at(first-1).signed(':')) {
			first--
		}
		for last < len(d.toks) && last-i < 40 && (d.at(last).signed(':') || hex(d.at(last))) && (last == i || d.at(last).is(glued)) {
			if d.at(last).signed(':') {
				colons++
			}
			last++
		}
		if colons >= 3 && (colons == 7 || colons == 5 || d.doubleColon(first, last)) {
			d.add(first, last, IPAddress, 0.9)
		}
	}
}

func (d *doc) doubleColon(first, last int) bool {
	for k := first; k+1 < last; k++ {
		if d.at(k).signed(':') && d.at(k+1).signed(':') {
			return true
		}
	}
	return false
}
