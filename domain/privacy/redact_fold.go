package privacy

import (
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// invisible tells whether a rune is drawn as nothing: zero-width spaces and joiners, bidi controls (UAX 9), variation selectors, soft
// hyphens, tags. Words are read across it, and the span covers it.
func invisible(r rune) bool {
	switch {
	case r < 0xAD:
		return false
	case r == 0xAD, r == 0x34F, r == 0x61C, r == 0x115F, r == 0x1160, r == 0x17B4, r == 0x17B5, r >= 0x180B && r <= 0x180F, r >= 0x200B && r <= 0x200F,
		r >= 0x202A && r <= 0x202E, r >= 0x2060 && r <= 0x206F, r == 0x3164, r >= 0xFE00 && r <= 0xFE0F, r == 0xFEFF, r == 0xFFA0,
		r >= 0xFFF9 && r <= 0xFFFB, r >= 0xE0000 && r <= 0xE0FFF:
		return true
	}
	return unicode.Is(unicode.Mn, r)
}

// alike maps letters of other scripts to the Latin letter they are drawn like (after the confusables of UTS 39, reduced to letters that
// occur in names and digits), and Latin letters that have no decomposition.
var alike = func() map[rune]string {
	m := map[rune]string{
		'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'đ': "d", 'ð': "d", 'þ': "th", 'ł': "l", 'ı': "i", 'ħ': "h", 'ŋ': "n", 'ə': "e", 'ſ': "s", 'ŧ': "t", 'ĸ': "k",
		'ɑ': "a", 'ɡ': "g", 'ɩ': "i", 'ʏ': "y", 'ⅼ': "l", 'ℓ': "l", 'ɪ': "i", 'ɴ': "n", 'ʀ': "r", 'ᴀ': "a", 'ʙ': "b", 'ᴄ': "c", 'ᴅ': "d", 'ᴇ': "e", 'ɢ': "g",
		'ʜ': "h", 'ᴊ': "j", 'ᴋ': "k", 'ʟ': "l", 'ᴍ': "m", 'ᴏ': "o", 'ᴘ': "p", 'ᴛ': "t", 'ᴜ': "u", 'ᴠ': "v", 'ᴡ': "w", 'ᴢ': "z", 'ꜱ': "s",
	}
	for _, pair := range [...][2]string{
		{"авсԁеғɡһіјкӏмпорԛгѕтуѵԝхуzьꭰꮁɩ", "abcdefghijklmnopqrstuvwxyzbdhi"}, // Cyrillic
		{"αβγϲδεκιϳλμνορτυωχζη", "abycdekijlmvoptuwxzn"},                     // Greek
		{"աեіոսքցհոԁզյ", "weinuqghnozj"},                                     // Armenian
	} {
		from, to := []rune(pair[0]), []rune(pair[1])
		for i, r := range from {
			if i < len(to) && r > 0x7F {
				if _, taken := m[r]; !taken {
					m[r] = string(to[i])
				}
			}
		}
	}
	return m
}()

// digitValue answers the value of a decimal digit of any script, or -1.
func digitValue(r rune) int {
	if r >= '0' && r <= '9' {
		return int(r - '0')
	}
	if r < 0x660 || !unicode.Is(unicode.Nd, r) {
		return -1
	}
	for _, rng := range unicode.Nd.R16 {
		if rune(rng.Lo) <= r && r <= rune(rng.Hi) {
			return int(r-rune(rng.Lo)) % 10
		}
	}
	for _, rng := range unicode.Nd.R32 {
		if rune(rng.Lo) <= r && r <= rune(rng.Hi) {
			return int(r-rune(rng.Lo)) % 10
		}
	}
	return -1
}

// fold appends the plain small Latin reading of a letter: case, accents, width, styled alphabets (NFKD) and look-alikes are gone.
func fold(buf []byte, r rune) []byte {
	r = unicode.ToLower(r)
	if s, ok := alike[r]; ok {
		return append(buf, s...)
	}
	var enc [4]byte
	n := copy(enc[:], string(r))
	if dec := norm.NFKD.Properties(enc[:n]).Decomposition(); dec != nil {
		for _, c := range string(dec) {
			c = unicode.ToLower(c)
			switch s, ok := alike[c]; {
			case ok:
				buf = append(buf, s...)
			case unicode.Is(unicode.Mn, c):
			default:
				buf = append(buf, string(c)...)
			}
		}
		return buf
	}
	return append(buf, enc[:n]...)
}

// plainPunct answers the ASCII reading of punctuation and signs drawn alike.
func plainPunct(r rune) byte {
	switch r {
	case '‐', '‑', '‒', '–', '—', '―', '−', '﹣', '－', '⁃', '˗', '➖', '‧', '·', '・':
		return '-'
	case '’', '‘', 'ʼ', '′', '＇', '`', '´', 'ʹ', 'ʻ':
		return '\''
	case '“', '”', '„', '″', '＂', '«', '»':
		return '"'
	case '．', '․', '。', '｡', '﹒', '•':
		return '.'
	case '，', '、', '‚', '﹐', '،':
		return ','
	case '＠', '﹫':
		return '@'
	case '：', '﹕', '∶', '꞉':
		return ':'
	case '／', '⁄', '∕':
		return '/'
	case '＋', '﹢':
		return '+'
	case '（':
		return '('
	case '）':
		return ')'
	case '＃':
		return '#'
	case '＿':
		return '_'
	case '＊', '∗', '×', '●', '■', '█', '▇', '◼', '✱', '﹡':
		return '*'
	case '？':
		return '?'
	case '！':
		return '!'
	}
	return 0
}
