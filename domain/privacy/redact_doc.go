package privacy

import (
	"slices"
	"strings"
	"sync"
)

// doc is a text being read: its tokens, who speaks, what was asked where, and what was found so far.
type doc struct {
	text     string
	toks     []token
	lex      *lexicon
	turns    []turnInfo
	cues     [topics][]int32 // where a topic is named, by token
	atoms    []atom
	atomAt   []int32 // by token: the atom that begins there, plus one
	capitals bool    // the text tells names by capitals
	cased    bool    // and so does the turn that is being read
	known    knownRefs
	given    [topics]int32 // the last token of the last number that answered a topic
	whole    [topics]int32 // the same, of those that were no pieces
	steps    int           // looks at tokens: what a test counts instead of time
	street   int           // where the last address ended
	birth    int           // and the last birth date
	found    []finding
	short    map[string]Kind // the short forms this text explained
	all      []token         // toks with what repair left behind, and
	cuts     []cut           // where their readings were: the memory of both is used again
}

// docs are those that were read and forgotten. Without them a quarter of the time goes into making and clearing memory.
var docs = sync.Pool{New: func() any { return new(doc) }}

// mostKept is how many tokens a doc may keep the memory of, 1.5 MB: more than an hour of talk.
const mostKept = 1 << 15

// forget takes everything that was said out of a doc, and keeps its memory for the next.
func (d *doc) forget() {
	if cap(d.all) > mostKept {
		return
	}
	clear(d.all)
	clear(d.turns)
	clear(d.atoms)
	kept := doc{all: d.all[:0], cuts: d.cuts[:0], turns: d.turns[:0], atoms: d.atoms[:0], atomAt: d.atomAt[:0], found: d.found[:0]}
	for i := range d.cues {
		kept.cues[i] = d.cues[i][:0]
	}
	*d = kept
	docs.Put(d)
}

// turnInfo is a stretch of one speaker. The same speaker going on, line after line, stays one side.
type turnInfo struct {
	first, last int32 // tokens, the last exclusive
	side        int32 // grows with every change of speaker
	speaker     string
	given       bool // by whoever took the call down: then one side goes on from turn to turn, whatever it is called
}

// finding is a span in tokens, before overlaps are settled.
type finding struct {
	first, last int32 // the last exclusive
	kind        Kind
	score       float32
}

// read takes the text apart.
func (d *doc) read(in RedactInput) *doc {
	d.text, d.lex = in.Text, loadLexicon()
	d.all, d.cuts = tokenizeInto(d.all, d.cuts, in.Text)
	d.toks = repair(d.all, d.lex)
	capitals, shouted, words := 0, 0, 0
	for i := range d.toks {
		t := &d.toks[i]
		if t.kind == word {
			t.lex = d.lex.stem(t.fold)
			words++
			if t.is(upper) {
				shouted++
			} else if t.is(capital) && len(t.fold) > 1 {
				capitals++
			}
		}
	}
	d.capitals = capitals*50 > words && shouted*2 < words
	d.cased = d.capitals
	d.takeTurns(in.Turns)
	d.caseTurns()
	d.openSentences()
	d.readNumbers()
	d.findCues()
	return d
}

func (d *doc) add(first, last int, k Kind, score float32) {
	for first < last && (d.toks[first].kind == line || d.toks[first].kind == mark && !strings.ContainsRune("+(@*#[", rune(d.toks[first].sign))) {
		first++
	}
	for last > first && (d.toks[last-1].kind == line || d.toks[last-1].kind == mark && !strings.ContainsRune(")*]/#", rune(d.toks[last-1].sign))) {
		if d.toks[last-1].signed('.') && k == Person && last-2 > first && len(d.toks[last-2].fold) == 1 && d.toks[last-1].is(glued) { // John L.
			break
		}
		last--
	}
	if d.at(first-1).signed('#') && d.at(first).is(glued) {
		first--
	}
	if first >= last {
		return
	}
	d.found = append(d.found, finding{int32(first), int32(last), k, score}) //nolint:gosec // token numbers are smaller than the text
	for i := first; i < last; i++ {
		d.toks[i].shape |= claimed
	}
}

func (d *doc) at(i int) *token {
	d.steps++
	if i < 0 || i >= len(d.toks) {
		return &none
	}
	return &d.toks[i]
}

var none = token{kind: line, sign: '\n', turn: -1}

func (d *doc) is(i int, w string) bool { t := d.at(i); return t.kind == word && t.fold == w }

func (d *doc) oneOf(i int, list ...string) bool {
	t := d.at(i)
	return t.kind == word && slices.Contains(list, t.fold)
}

// takeTurns assigns tokens to turns; without any, a line is a turn and the label before it its speaker.
func (d *doc) takeTurns(given []Turn) {
	if len(given) > 0 {
		d.givenTurns(given)
	} else {
		for i := 0; i < len(d.toks); {
			end := i
			for end < len(d.toks) && d.toks[end].kind != line {
				end++
			}
			if end > i {
				speaker, from := d.label(i, end)
				d.turns = append(d.turns, turnInfo{first: int32(from), last: int32(end), speaker: speaker}) //nolint:gosec // token numbers
			}
			i = end + 1
		}
	}
	for i := range d.toks {
		d.toks[i].turn = -1
	}
	side, before := int32(0), ""
	for n := range d.turns {
		t := &d.turns[n]
		if n > 0 && (t.speaker != before || t.speaker == "" && !t.given) {
			side++
		}
		t.side, before = side, t.speaker
		for i := t.first; i < t.last; i++ {
			d.toks[i].turn = int32(n) //nolint:gosec // fewer than tokens
		}
	}
}

func (d *doc) givenTurns(given []Turn) {
	given = slices.Clone(given)
	slices.SortStableFunc(given, func(a, b Turn) int { return a.Start - b.Start })
	i := 0
	for _, g := range given {
		for i < len(d.toks) && int(d.toks[i].start) < g.Start {
			i++
		}
		from := i
		for i < len(d.toks) && int(d.toks[i].start) < g.End {
			i++
		}
		if i > from {
			_, begin := d.label(from, i)
			d.turns = append(d.turns, turnInfo{first: int32(begin), last: int32(i), speaker: g.Speaker, given: true}) //nolint:gosec // token numbers
		}
	}
}

// label reads "Caller:" or "[patient]" before a turn, and answers who speaks and where the speech begins.
func (d *doc) label(i, end int) (string, int) {
	j, bracket := i, false
	if d.at(j).signed('[') || d.at(j).signed('(') || d.at(j).signed('<') {
		bracket = true
		j++
	}
	from := j
	for j < end && j < from+3 && (d.toks[j].kind == word || d.toks[j].kind == digits || d.toks[j].signed('_')) {
		j++
	}
	if j == from {
		return "", i
	}
	name := d.text[d.toks[from].start:d.toks[j-1].end]
	if bracket && j < end && (d.toks[j].signed(']') || d.toks[j].signed(')') || d.toks[j].signed('>')) {
		j++
		if j < end && d.toks[j].signed(':') {
			j++
		}
		return name, j
	}
	if !bracket && j < end && d.toks[j].signed(':') && j+1 < end && !d.toks[j+1].is(glued) && d.speaks(from, j) {
		return name, j + 1
	}
	return "", i
}

// speaks tells a speaker's label from a heading: the word for a part in a call, one letter, or capitals.
func (d *doc) speaks(from, to int) bool {
	t := &d.toks[from]
	switch t.fold {
	case "agent", "assistant", "caller", "user", "bot", "ai", "patient", "doctor", "nurse", "clinician", "speaker", "operator", "receptionist", "customer", "guest", "staff", "human", "system", "client", "d", "p", "a", "b", "q", "dr", "pt", "provider":
		return true
	}
	return to == from+1 && t.is(upper) && t.lex&acronym == 0 && len(t.fold) > 3 && d.toks[from].lex&function != 0
}

// openSentences marks the words that begin a sentence: their capital tells nothing.
func (d *doc) openSentences() {
	open := true
	turn := int32(-1)
	for i := range d.toks {
		t := &d.toks[i]
		if t.turn != turn {
			open, turn = true, t.turn
		}
		switch {
		case t.kind == line:
			open = true
		case t.kind == word || t.kind == digits:
			if open {
				t.shape |= opens
			}
			open = false
		case t.sign == '?' || t.sign == '!':
			open = true
		case t.sign == '.':
			before := d.at(i - 1)
			if !d.at(i+1).is(glued) && !(before.has(title) && before.kind == word) && len(before.fold) != 1 {
				open = true
			}
		case t.sign == '"', t.sign == ':':
			open = true
		}
	}
	for n := range d.turns {
		for i := d.turns[n].first; i < d.turns[n].last; i++ {
			if d.toks[i].kind == word {
				d.toks[i].shape |= opens
				break
			}
		}
	}
}

func (d *doc) side(i int) int32 {
	if t := d.at(i).turn; t >= 0 && int(t) < len(d.turns) {
		return d.turns[t].side
	}
	return -1
}

// turnOf answers the turn of a token, from and to.
func (d *doc) turnOf(i int) (int, int) {
	if t := d.at(i).turn; t >= 0 && int(t) < len(d.turns) {
		return int(d.turns[t].first), int(d.turns[t].last)
	}
	return i, i + 1
}

// caseTurns notes the turns without a capital in a text that has them elsewhere: one side types or is transcribed otherwise.
func (d *doc) caseTurns() {
	for n := range d.turns {
		t := &d.turns[n]
		words, lower := 0, true
		for i := t.first; i < t.last && lower; i++ {
			if d.toks[i].kind == word {
				words++
				lower = !d.toks[i].is(capital) || d.oneOf(int(i), "i", "i'm", "i'll", "i've", "i'd") // those have one everywhere
			}
		}
		for i := t.first; i < t.last && lower && words > 0; i++ {
			d.toks[i].shape |= flat
		}
	}
}

// enter sets whether capitals tell names where token i stands.
func (d *doc) enter(i int) {
	d.cased = d.capitals && !d.toks[i].is(flat)
}

// skip moves on over fillers and the signs between words, within the line, a dozen at most.
func (d *doc) skip(i int) int {
	for n := 0; n < 12 && i < len(d.toks); n++ {
		t := &d.toks[i]
		if t.kind == mark && (t.sign == ',' || t.sign == '-' || t.sign == '.' || t.sign == '"' || t.sign == ';') || t.kind == word && t.has(filler) {
			i++
			continue
		}
		break
	}
	return i
}
