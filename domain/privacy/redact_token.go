package privacy

import (
	"slices"
	"unicode"
	"unicode/utf8"
)

type tokenKind uint8

const (
	word   tokenKind = iota // letters, with what is invisible between them
	digits                  // decimal digits of any script
	mark                    // one sign
	line                    // a line's end
)

type shape uint8

const (
	capital shape = 1 << iota // begins with a capital
	upper                     // two letters or more, all capitals
	glued                     // no space before it
	opens                     // the first word of a sentence, a line or a turn
	quoted                    // an apostrophe inside
	claimed                   // a span covers it
	flat                      // its turn has not one capital
)

// token is a piece of the text with its plain reading; the detectors look at tokens and never at bytes.
type token struct {
	start, end int32
	turn       int32
	kind       tokenKind
	shape      shape
	sign       byte // of a mark
	lex        lex
	fold       string
}

func (t *token) is(s shape) bool    { return t.shape&s != 0 }
func (t *token) has(l lex) bool     { return t.lex&l != 0 }
func (t *token) signed(b byte) bool { return t.kind == mark && t.sign == b }

// cut is where the plain reading of a token lies.
type cut struct{ from, to int32 }

// tokenize cuts the text into tokens. Every byte that is not white space belongs to one.
func tokenize(text string) []token {
	toks, _ := tokenizeInto(nil, nil, text)
	return toks
}

// tokenizeInto is tokenize into memory that was used before.
func tokenizeInto(toks []token, cuts []cut, text string) ([]token, []cut) {
	room := len(text)/3 + 8 // speech has a token for every four bytes, numbers and signs have more
	toks, cuts = slices.Grow(toks[:0], room), slices.Grow(cuts[:0], room)
	buf := make([]byte, 0, len(text)+len(text)/8)
	spaced, i := true, 0
	add := func(k tokenKind, from, to int, s shape, sign byte, at int) {
		if !spaced {
			s |= glued
		}
		toks = append(toks, token{start: int32(from), end: int32(to), kind: k, shape: s, sign: sign}) //nolint:gosec // Redact cuts texts longer than an int32
		cuts = append(cuts, cut{int32(at), int32(len(buf))})                                          //nolint:gosec // as above
		spaced = false
	}
	for i < len(text) {
		c := text[i]
		if c < utf8.RuneSelf {
			switch ascii[c] {
			case space:
				spaced = true
				i++
				continue
			case newline:
				add(line, i, i+1, 0, '\n', len(buf))
				spaced = true
				i++
				continue
			case sign:
				add(mark, i, i+1, 0, c, len(buf))
				i++
				continue
			}
		}
		from, at := i, len(buf)
		r, n := rune(c), 1
		if c >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(text[i:])
		}
		switch {
		case digitValue(r) >= 0:
			i, buf = eatDigits(text, i, buf)
			add(digits, from, i, 0, 0, at)
		case unicode.IsLetter(r) || r >= 0x1F130 && r <= 0x1F189:
			var s shape
			i, buf, s = eatWord(text, i, buf)
			add(word, from, i, s, 0, at)
		case invisible(r):
			i += n // between tokens it is nothing; inside it was eaten
		case unicode.IsSpace(r) || r == 0x2800:
			spaced = true
			if r == 0x2028 || r == 0x2029 || r == 0x85 {
				add(line, i, i+n, 0, '\n', len(buf))
				spaced = true
			}
			i += n
		default:
			p := plainPunct(r)
			i += n
			if p == 0 && n > 1 {
				if dec := fold(nil, r); len(dec) == 1 && dec[0] < utf8.RuneSelf && ascii[dec[0]] == digit { // superscripts and circled digits
					buf = append(buf, dec[0])
					add(digits, from, i, 0, 0, at)
					continue
				}
			}
			add(mark, from, i, 0, p, at)
		}
	}
	all := string(buf)
	for i := range toks {
		toks[i].fold = all[cuts[i].from:cuts[i].to]
	}
	return toks, cuts
}

func eatDigits(text string, i int, buf []byte) (int, []byte) {
	for i < len(text) {
		r, n := utf8.DecodeRuneInString(text[i:])
		v := digitValue(r)
		switch {
		case v >= 0:
			buf = append(buf, byte('0'+v))
		case invisible(r):
			next := pastInvisible(text, i+n)
			if !digitAt(text, next) {
				return i, buf
			}
			n = next - i
		default:
			return i, buf
		}
		i += n
	}
	return i, buf
}

func eatWord(text string, i int, buf []byte) (int, []byte, shape) {
	var s shape
	letters, capitals := 0, 0
	for i < len(text) {
		c := text[i]
		if c < utf8.RuneSelf {
			switch ascii[c] {
			case small:
				buf = append(buf, c)
				letters++
				i++
				continue
			case big:
				if letters == 0 {
					s |= capital
				}
				capitals++
				letters++
				buf = append(buf, c+'a'-'A')
				i++
				continue
			}
			if c == '\'' && letterAt(text, i+1) {
				buf = append(buf, c)
				s |= quoted
				i++
				continue
			}
			break
		}
		r, n := utf8.DecodeRuneInString(text[i:])
		switch {
		case unicode.IsLetter(r):
			if letters == 0 && (unicode.IsUpper(r) || unicode.IsTitle(r)) {
				s |= capital
			}
			if unicode.IsUpper(r) {
				capitals++
			}
			letters++
			buf = fold(buf, r)
		case r >= 0x1F130 && r <= 0x1F149: // squared capitals
			buf = append(buf, byte('a'+r-0x1F130))
			letters++
		case r >= 0x1F150 && r <= 0x1F169: // circled capitals, dark
			buf = append(buf, byte('a'+r-0x1F150))
			letters++
		case r >= 0x1F170 && r <= 0x1F189: // squared capitals, dark
			buf = append(buf, byte('a'+r-0x1F170))
			letters++
		case unicode.Is(unicode.Mn, r):
		case invisible(r):
			next := pastInvisible(text, i+n)
			if !letterAt(text, next) {
				return i, buf, upperShape(s, letters, capitals)
			}
			n = next - i
		case plainPunct(r) == '\'' && letterAt(text, i+n):
			buf = append(buf, '\'')
			s |= quoted
		default:
			return i, buf, upperShape(s, letters, capitals)
		}
		i += n
	}
	return i, buf, upperShape(s, letters, capitals)
}

func upperShape(s shape, letters, capitals int) shape {
	if letters > 1 && capitals == letters {
		s |= upper
	}
	return s
}

// pastInvisible skips what is drawn as nothing.
func pastInvisible(text string, i int) int {
	for i < len(text) {
		r, n := utf8.DecodeRuneInString(text[i:])
		if !invisible(r) {
			break
		}
		i += n
	}
	return i
}

func letterAt(text string, i int) bool {
	r, _ := utf8.DecodeRuneInString(text[i:])
	return unicode.IsLetter(r)
}

func digitAt(text string, i int) bool {
	r, _ := utf8.DecodeRuneInString(text[i:])
	return digitValue(r) >= 0
}

const (
	sign byte = iota
	space
	newline
	small
	big
	digit
)

var ascii = func() (t [128]byte) {
	for c := range t {
		switch {
		case c >= 'a' && c <= 'z':
			t[c] = small
		case c >= 'A' && c <= 'Z':
			t[c] = big
		case c >= '0' && c <= '9':
			t[c] = digit
		case c == '\n':
			t[c] = newline
		case c <= ' ', c == 0x7F:
			t[c] = space
		}
	}
	return t
}()
