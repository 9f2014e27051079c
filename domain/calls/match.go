package calls

import "strings"

// match finds the one option that was meant: by its exact name, by its words, by a part of them, or by what speech recognition makes of
// them. Two that fit equally well are none.
func match(said string, options [][]string) (int, bool) {
	want := key(said)
	if want == "" {
		return 0, false
	}
	rules := []func(option string) bool{
		func(o string) bool { return key(o) == want },
		func(o string) bool { return hasWords(o, said) },
		func(o string) bool { return hasWords(said, o) },
		func(o string) bool { return distance(want, key(o)) <= max(1, len(want)/5) },
		func(o string) bool { return nearWords(o, said) },
	}
	for _, fits := range rules {
		found, at := 0, 0
		for i, names := range options {
			for _, n := range names {
				if n != "" && fits(n) {
					found, at = found+1, i
					break
				}
			}
		}
		if found > 0 {
			return at, found == 1
		}
	}
	return 0, false
}

// empty words say nothing about which option is meant.
var empty = map[string]bool{"a": true, "an": true, "the": true, "dr": true, "doctor": true, "appointment": true, "consultation": true, "for": true, "with": true}

func words(s string) []string {
	var out []string
	for _, w := range strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return key(string(r)) == "" }) {
		if !empty[w] {
			out = append(out, w)
		}
	}
	return out
}

func hasWords(all, part string) bool {
	have := map[string]bool{}
	for _, w := range words(all) {
		have[w] = true
	}
	wanted := words(part)
	for _, w := range wanted {
		if !have[w] {
			return false
		}
	}
	return len(wanted) > 0
}

func nearWords(all, part string) bool {
	wanted := words(part)
	for _, w := range wanted {
		near := false
		for _, h := range words(all) {
			near = near || (len(w) > 3 && distance(w, h) <= max(1, len(w)/4))
		}
		if !near {
			return false
		}
	}
	return len(wanted) > 0
}

// distance is Levenshtein's. Names are short.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			above := row[j+1]
			if a[i] == b[j] {
				row[j+1] = diagonal
			} else {
				row[j+1] = 1 + min(diagonal, above, row[j])
			}
			diagonal = above
		}
	}
	return row[len(b)]
}
