package privacy

import "strings"

// repair reads digits that were scanned or typed as letters, and letters as digits, where what stands beside them tells which is meant:
// 59l9 and O4/l2/1985 are numbers, J0hn and Sm1th are names.
func repair(toks []token, l *lexicon) []token {
	mixed := false
	for i := 1; i < len(toks) && !mixed; i++ {
		mixed = toks[i].is(glued) && toks[i].kind != toks[i-1].kind && toks[i].kind <= digits && toks[i-1].kind <= digits || toks[i].signed('\'') && !toks[i].is(glued) || toks[i].fold == "n't"
	}
	if !mixed {
		return toks
	}
	out := toks[:0]
	for i := 0; i < len(toks); i++ {
		t := toks[i]
		if t.kind == word && i+2 < len(toks) && toks[i+1].signed('\'') && !toks[i+1].is(glued) && !toks[i+2].is(glued) && contraction(toks[i+2].fold) { // can ' t
			t.end, t.fold, t.shape = toks[i+2].end, t.fold+"'"+toks[i+2].fold, t.shape|quoted
			out = append(out, t)
			i += 2
			continue
		}
		if t.kind == word && i+1 < len(toks) && toks[i+1].fold == "n't" { // ca n't
			t.end, t.fold, t.shape = toks[i+1].end, t.fold+"n't", t.shape|quoted
			out = append(out, t)
			i++
			continue
		}
		if i+1 < len(toks) && toks[i+1].is(glued) && toks[i+1].kind <= digits && t.kind <= digits {
			n, fold, kind := joined(toks, i, l, out)
			if n == 1 {
				out = append(out, t)
				continue
			}
			t.end, t.fold, t.kind = toks[i+n-1].end, fold, kind
			if kind == digits {
				t.shape &= glued
			}
			i += n - 1
		} else if len(out) == i { // it stands there already
			out = toks[:i+1]
			continue
		}
		out = append(out, t)
	}
	return out
}

func contraction(s string) bool {
	return s == "t" || s == "s" || s == "m" || s == "re" || s == "ve" || s == "ll" || s == "d"
}

// joined answers how many tokens from i are one word or one number, and its reading.
func joined(toks []token, i int, l *lexicon, before []token) (int, string, tokenKind) {
	n := 1
	letters, figures := 0, 0
	for k := i; k < len(toks) && (k == i || toks[k].is(glued)) && toks[k].kind <= digits && k-i < 8; k++ {
		if toks[k].kind == word {
			letters += len(toks[k].fold)
		} else {
			figures += len(toks[k].fold)
		}
		n = k - i + 1
	}
	if n < 2 || figures == 0 || letters == 0 || letters+figures > 24 || i > 0 && len(before) > 0 && toks[i].is(glued) && before[len(before)-1].kind <= digits {
		return 1, "", 0
	}
	var all strings.Builder
	for k := i; k < i+n; k++ {
		all.WriteString(toks[k].fold)
	}
	s := all.String()
	if asNumber := strings.Map(likeDigit, s); asNumber != "" && strings.Trim(asNumber, "0123456789") == "" {
		noughts := strings.Trim(s, "0123456789oil") == ""
		if noughts && len(s) >= 3 && letters <= figures+1 && i+n < len(toks) && toks[i+n].kind == digits && !toks[i+n].is(glued) && (figures > 1 && len(s) >= 4 || len(before) > 0 && before[len(before)-1].kind == digits) { // O77OO 9OO 421
			return n, asNumber, digits
		}
		inside := toks[i].kind == digits && toks[i+n-1].kind == digits
		beside := len(before) > 0 && (before[len(before)-1].kind == digits && !toks[i].is(glued) || toks[i].is(glued) && before[len(before)-1].kind == mark && strings.IndexByte("/-.", before[len(before)-1].sign) >= 0)
		after := i+n+1 < len(toks) && toks[i+n].kind == mark && toks[i+n].is(glued) && strings.IndexByte("/-", toks[i+n].sign) >= 0 && toks[i+n+1].is(glued)
		if inside && figures >= letters || (beside || after) && figures > 0 && letters <= figures+1 && toks[i].kind == word || beside && figures >= 3 && letters <= 2 && len(s) >= 4 {
			return n, asNumber, digits
		}
	}
	if toks[i].kind == word && toks[i+n-1].kind == word && figures <= 2 && n <= 5 && letters >= 2 {
		for _, one := range [...]string{"i", "l"} {
			w := strings.NewReplacer("0", "o", "1", one, "3", "e", "4", "a", "5", "s", "8", "b", "7", "t").Replace(s)
			if x := l.words[w]; x&(anyGiven|surname|surnameMid) != 0 && x&(word10|function) == 0 && len(w) > 3 {
				return n, w, word
			}
		}
	}
	return 1, "", 0
}

func likeDigit(r rune) rune {
	switch r {
	case 'o', 'q':
		return '0'
	case 'l', 'i':
		return '1'
	case 's':
		return '5'
	case 'b':
		return '8'
	case 'z':
		return '2'
	}
	return r
}
