package privacy

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"io"
	"strings"
	"sync"
)

//go:embed lexicon/base.txt.gz lexicon/*.txt
var lexiconFiles embed.FS

// lex is what the lists know of a word.
type lex uint64

const (
	given lex = 1 << iota // first names, the common ones
	givenRare
	surname // the 1,500 most common
	surnameMid
	surnameRare
	word10 // ordinary words: the 4,000 most common, the next 7,000, the next 30,000
	word20
	word35
	function // words that carry grammar: never part of a name without help
	filler   // um, uh, er
	backing  // yes, okay, right: an answer's first words that are no answer
	greeting // hi, thank you: a name may follow
	title    // mr, doctor
	relation // husband, daughter
	month
	weekday
	street    // road, avenue
	dwelling  // flat, apartment
	country   // countries, states, counties
	city      // towns
	maybe     // places that are also names or words
	people    // nationalities: no places, no names
	orgEnd    // clinic, ltd: the word before belongs to it
	condition // illnesses, symptoms
	medication
	procedure
	bodyPart
	ailment  // pain, injury: with a body part it is a condition
	grade    // severe, chronic: belongs to the condition after it
	number   // number words
	spelling // alpha, bravo
	phrase   // a longer entry may begin here
	acronym
	feeling  // after "I feel" a symptom
	cueHead  // a topic may be named here
	moan     // a complaint may begin here
	bodyWork // what a body does: hearing, sleep
	dosage   // tablet, drops: what a medicine comes as
	doing    // what is done to a patient may be told here
	town     // a place of several words may begin here
	cutShort // the first piece of a medicine, if its name was cut into words
	cardRest // when a card ends, and its security code
)

const (
	anyGiven   = given | givenRare
	anySurname = surname | surnameMid | surnameRare
	ordinary   = word10 | word20 | word35
	medical    = condition | medication | procedure
	hints      = phrase | town | cutShort | cardRest // they tell nothing of the word itself
)

var sections = map[string]lex{
	"given": given, "given-rare": givenRare, "surname": surname, "surname-mid": surnameMid, "surname-rare": surnameRare,
	"word10": word10, "word20": word20, "word35": word35, "function": function, "filler": filler, "backing": backing, "greeting": greeting,
	"title": title, "relation": relation, "month": month, "weekday": weekday, "street": street, "dwelling": dwelling, "country": country,
	"city": city, "maybe-place": maybe, "people": people, "org-end": orgEnd, "condition": condition, "medication": medication, "procedure": procedure,
	"body": bodyPart, "ailment": ailment, "grade": grade, "spelling": spelling, "acronym": acronym, "feeling": feeling,
}

// entry is a phrase of several words: the words after the first.
type entry struct {
	rest []string
	lex  lex
}

// lexicon is every list in one table, built once.
type lexicon struct {
	words   map[string]lex
	phrases map[string][]entry // by the first word, the longest first
	rarer   map[string]bool    // words too rare to be ordinary, which are no names and no medicines either
	nearly  map[string]lex     // medical words with one letter left out, to find the misspelled
}

var loadLexicon = sync.OnceValue(func() *lexicon {
	l := &lexicon{words: make(map[string]lex, 130_000), phrases: map[string][]entry{}, rarer: make(map[string]bool, 30_000)}
	for w := range numberWords {
		l.words[w] |= number
	}
	for w := range cueWords {
		l.words[w] |= cueHead
	}
	for _, w := range initialHeads {
		l.words[w] |= cueHead
	}
	for w := range cuePhrases {
		l.words[w] |= cueHead
	}
	for _, heads := range [...]map[string]bool{failing, dwindled, moans, negations, hardTo, vague, coldWords, injures, marred} {
		for w := range heads {
			l.words[w] |= moan
		}
	}
	for _, heads := range [...]map[string]bool{services, undone, partly, devices} {
		for w := range heads {
			l.words[w] |= doing
		}
	}
	for w := range cardWords {
		l.words[w] |= cardRest
	}
	l.words["test"] |= doing
	l.words["tests"] |= doing
	for w := range doseForms {
		l.words[w] |= dosage
	}
	for w := range works {
		l.words[w] |= bodyWork
	}
	packed, err := lexiconFiles.ReadFile("lexicon/base.txt.gz")
	if err == nil {
		var z io.Reader
		if z, err = gzip.NewReader(bytes.NewReader(packed)); err == nil {
			err = l.read(z)
		}
	}
	list, _ := lexiconFiles.ReadDir("lexicon")
	for _, f := range list {
		if err != nil || !strings.HasSuffix(f.Name(), ".txt") {
			continue
		}
		raw, _ := lexiconFiles.ReadFile("lexicon/" + f.Name())
		if err = l.read(bytes.NewReader(raw)); err != nil {
			err = fmt.Errorf("%s: %w", f.Name(), err)
		}
	}
	if err != nil {
		panic(fmt.Errorf("privacy: the lists built into this program do not read: %w", err)) // a broken build, which every test sees
	}
	for _, list := range l.phrases {
		sortLongest(list)
	}
	for w, x := range l.words { // knees is a part of the body as knee is, though the lists of ordinary words have both
		if x &= medical | bodyPart | ailment; x != 0 && len(w) > 2 {
			if many, ok := l.words[w+"s"]; ok && many&medical == 0 {
				l.words[w+"s"] |= x
			}
		}
	}
	for w, x := range l.words {
		if x&(medication|ordinary) == medication && len(w) >= 7 {
			for i := 3; i < len(w)-1; i++ {
				if head, ok := l.words[w[:i]]; ok && head&medication == 0 && (head&function == 0 || w[:i] == "well") {
					l.words[w[:i]] |= cutShort
				}
			}
		}
	}
	l.nearly = map[string]lex{}
	for w, x := range l.words {
		if x&medical != 0 && x&(ordinary|anyGiven) == 0 && len(w) >= 7 {
			for i := range len(w) {
				l.nearly[w[:i]+w[i+1:]] |= x & medical
			}
		}
	}
	return l
})

// read takes a list: [section], then entries parted by commas or lines; # begins a remark; -entry takes the section's mark off again.
func (l *lexicon) read(r io.Reader) error {
	in := bufio.NewScanner(r)
	var mark lex
	for in.Scan() {
		text := strings.TrimSpace(in.Text())
		switch {
		case text == "" || text[0] == '#':
		case text[0] == '[':
			m, ok := sections[strings.Trim(text, "[]")]
			if !ok && text != "[word50]" {
				return fmt.Errorf("unknown section %s", text)
			}
			mark = m
		default:
			for e := range strings.SplitSeq(text, ",") {
				if e = strings.TrimSpace(e); e != "" {
					l.add(e, mark)
				}
			}
		}
	}
	return in.Err()
}

func (l *lexicon) add(e string, mark lex) {
	if plain, ok := strings.CutPrefix(e, "-"); ok {
		l.words[plain] &^= mark
		return
	}
	if mark == 0 {
		l.rarer[e] = true
		return
	}
	if isPlainWord(e) {
		l.words[e] |= mark
		return
	}
	var parts []string
	for _, t := range tokenize(e) {
		if t.kind == word || t.kind == digits {
			parts = append(parts, t.fold)
		}
	}
	switch len(parts) {
	case 0:
	case 1:
		l.words[parts[0]] |= mark
	default:
		l.words[parts[0]] |= phrase
		if mark&(city|country) != 0 {
			l.words[parts[0]] |= town
		}
		l.phrases[parts[0]] = append(l.phrases[parts[0]], entry{rest: parts[1:], lex: mark})
	}
}

func isPlainWord(s string) bool {
	for i := range len(s) {
		if s[i] < 'a' || s[i] > 'z' {
			return false
		}
	}
	return true
}

func sortLongest(list []entry) {
	for i := 1; i < len(list); i++ {
		for j := i; j > 0 && len(list[j].rest) > len(list[j-1].rest); j-- {
			list[j], list[j-1] = list[j-1], list[j]
		}
	}
}

// misspelled answers the medical word that w is with a letter added, lost, changed or swapped: speech engines spell medicines by ear.
func (l *lexicon) misspelled(w string) lex {
	if len(w) < 7 || len(w) > 24 {
		return 0
	}
	if x := l.nearly[w]; x != 0 {
		return x
	}
	var buf [24]byte
	for i := range len(w) {
		b := append(append(buf[:0], w[:i]...), w[i+1:]...)
		if x := l.words[string(b)] & medical; x != 0 {
			return x
		}
		if x := l.nearly[string(b)]; x != 0 {
			return x
		}
	}
	return 0
}

// stem looks a word up, also without its possessive or plural.
func (l *lexicon) stem(w string) lex {
	if x, ok := l.words[w]; ok {
		return x
	}
	if s, ok := strings.CutSuffix(w, "'s"); ok {
		return l.words[s]
	}
	if s, ok := strings.CutSuffix(w, "s"); ok && len(s) > 3 {
		return l.words[s] & (medical | bodyPart | ailment | relation | street | people | orgEnd | ordinary)
	}
	return 0
}
