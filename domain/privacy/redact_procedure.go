package privacy

// What is done to a patient, told without a name of its own: a test for an illness, a shot of a vitamin, "had it taken out", "they put a
// stent in", "my physical", and medicines cut into words by a speech engine.

var (
	// served are what is done about what stands before: an illness, a medicine, a device, a part of the body.
	served = setOf(`test tests testing tested scan scans check checks checked screening screen screens jab jabs shot shots vaccine vaccines vaccination vaccinations immunisation immunization booster boosters injection injections infusion infusions
		surgery surgeries operation operations op ops repair removal assessment assessments evaluation review biopsy biopsies transplant graft level levels count counts done drained removed treatment treatments`)
	// untested are the tests and checks that nobody's body takes.
	untested = setOf(`driving theory school math maths spelling speed sound mic microphone line crash beta pilot software phone screen security credit background spot price fact double just quick reality system id identity a the this that my your quick`)
	// undone are the verbs of what is done, with a patient between: "had it removed", "get them taken out".
	undone  = setOf(`removed drained lanced excised implanted inserted fitted stitched glued replaced repaired reconstructed pinned fused amputated cauterised cauterized biopsied lasered suctioned swapped scanned tested xrayed syringed whitened pierced irrigated`)
	partly  = setOf(`taken cut put burned burnt frozen pulled pumped sewn stapled snipped chopped`)
	outward = setOf(`out off in up away`)
	having  = setOf(`had have having has get getting got gotten needs need needed want wants`)
	things  = setOf(`it them that one both these those mine his hers all half`)
	papers  = setOf(`account record records list system file card form calendar diary schedule appointment booking number address email name insurance phone app`)
	devices = setOf(`stent stents pacemaker coil implant implants tube tubes plate plates screw screws pin pins rod rods staples stitches drain catheter port balloon band mesh grommets line brace braces crown filling cast splint defibrillator valve shunt cannula camera lens watchman icd defib picc recorder`)
	// services are words of a clinic's list that mean much else elsewhere.
	services = setOf(`physical facial echo booster coil implant implants filling fillings crown crowns veneers braces bypass pt ot iv drip radiation induction termination abortion cast scope peel whitening therapy cryo colonic detox podiatry chiropody tms nipt perm medical cleaning polish scale camera oxygen scope tubes dressing dressings laser labs fusion`)
	serviced = setOf(`had have having get getting got need needs needed book booked booking schedule scheduled reschedule want wants due did doing do does started start starting finished another offer offers move cancel after since for about`)
	amid     = setOf(`a an the my his her your their our some any of in for to and or another more new full annual yearly school sports next last first second triple double quadruple heart regular weekly monthly this that done two three`)
)

// done reads from i what is done to somebody, in words that are no name of a procedure.
func (d *doc) done(i int) int {
	t := &d.toks[i]
	switch {
	case services[t.fold]:
		if d.service(i) {
			return i + 1
		}
	case t.fold == "test" || t.fold == "tests":
		return d.aTest(i)
	}
	return d.operated(i)
}

// aTest reads a test by the word before it: "breath test", "the test came back".
func (d *doc) aTest(i int) int {
	b := d.at(i - 1)
	if d.oneOf(i+1, "call", "message", "drive", "run", "page", "email", "line") || b.kind != word || b.turn != d.at(i).turn {
		return 0
	}
	if d.oneOf(i+1, "result", "results", "came", "was", "is", "were", "done") || d.is(i+1, "for") && d.at(i+2).kind == word && d.at(i+2).has(medical) {
		return i + 1
	}
	if untested[b.fold] || b.has(function|filler|backing|greeting|number|weekday|month) || b.is(claimed) {
		return 0
	}
	return i + 1
}

// service tells a clinic's service from the other meanings of its word: something a person has, needs or books.
func (d *doc) service(i int) bool {
	t := d.at(i)
	if len(t.fold) == 2 { // start PT, and no "pt w/ asthma"
		if d.is(i-1, "and") && d.at(i-2).kind == word && d.at(i-2).has(procedure) { // two epidurals and pt
			return true
		}
		return d.oneOf(i-1, "start", "starts", "starting", "started", "on", "do", "doing", "did", "some", "my", "had", "need", "needs", "your", "her", "his", "in", "through", "the", "an") && !(t.fold == "pt" && d.is(i-1, "the")) && (d.at(i+1).kind != word || d.oneOf(i+1, "for", "and", "to", "at", "so", "but", "again", "session", "sessions", "appointment", "twice", "this", "next", "antibiotics", "in"))
	}
	if n := d.at(i + 1); n.kind == word && (d.oneOf(i+1, "on", "in", "up", "out", "address", "card", "copy", "location", "distance", "activity", "pain", "health", "ability", "problem", "problems", "symptoms", "line", "for", "of", "stuff", "conditions", "condition", "history", "advice", "school", "records", "record", "insurance", "centre", "center", "number", "team", "practice", "group", "director", "questions", "issue", "issues", "emergency", "hair", "recognition") && !d.oneOf(i+1, "on", "for") || d.is(i+1, "on") && d.oneOf(i+2, "the", "this", "your", "my") && t.fold == "echo") {
		return false
	}
	if d.oneOf(i-1, "triple", "double", "quadruple", "heart", "sports", "annual", "school") && !d.is(i-1, "heart") || d.is(i-1, "heart") {
		return true
	}
	for k := i - 1; k >= i-9; k-- {
		b := d.at(k)
		if b.turn != t.turn || b.kind == line {
			return false
		}
		if b.kind == word && serviced[b.fold] {
			return !(t.fold == "echo" && d.is(k-1, "i")) || d.oneOf(k, "had", "need", "want")
		}
		if b.signed(',') || b.signed('-') || b.kind == word && (amid[b.fold] || b.has(procedure|grade|filler) || served[b.fold] || b.is(claimed)) {
			if b.is(claimed) && b.has(procedure|doing) {
				return true // a root canal and a crown
			}
			continue
		}
		return false
	}
	return false
}

// operated reads "had it taken out", "they removed a cyst", "put a stent in", and answers the end of what was done.
func (d *doc) operated(i int) int {
	t := &d.toks[i]
	end := i + 1
	switch {
	case undone[t.fold]:
	case partly[t.fold] && outward[d.at(i+1).fold] && d.at(i+1).kind == word:
		end = i + 2
	default:
		return 0
	}
	for k := i - 1; k >= i-7; k-- { // had … removed
		b := d.at(k)
		if b.turn != t.turn || b.kind != word && !b.signed(',') {
			break
		}
		if b.kind == word && (having[b.fold] || d.oneOf(k, "been", "was", "were", "being", "be") && k > i-3) {
			for j := k + 1; j < i; j++ {
				if x := d.at(j); x.kind == word && (x.is(claimed) || x.has(medical|bodyPart) || things[x.fold] || devices[x.fold]) {
					if e := d.at(end + 2); d.oneOf(end, "from", "on", "to") && (papers[e.fold] || papers[d.at(end+1).fold]) {
						return 0
					}
					return end
				}
			}
			if d.oneOf(k, "been", "was", "were", "be") && (d.at(k-1).is(claimed) && d.at(k-1).kind == word || devices[d.at(k-1).fold] || d.at(k-1).has(bodyPart) && d.at(k-1).kind == word) || t.fold == "tested" && (k == i-1 || d.at(k+1).has(filler)) && !d.is(k, "was") {
				return end
			}
			if !d.oneOf(k, "been", "being", "be") {
				break
			}
		}
	}
	if !d.oneOf(i-1, "they", "she", "he", "we", "surgeon", "doctor", "dentist", "and", "gp", "consultant", "then") && d.at(i-1).lex&title == 0 {
		return 0
	}
	if d.oneOf(i, "glued", "lasered", "suctioned", "stitched", "drained", "lanced", "syringed") && d.oneOf(end, "it", "them", "me", "him", "her") {
		return end + 1
	}
	for j := end; j < end+4; j++ { // they removed a cyst
		x := d.at(j)
		if x.kind != word || x.turn != t.turn {
			return 0
		}
		if x.has(bodyPart) {
			return j + 1
		}
		if x.has(condition|ailment|procedure) || devices[x.fold] {
			return end
		}
		if !x.has(function|filler|grade|number) && !places[x.fold] {
			return 0
		}
	}
	return 0
}

// placed reads a device and where it was put: "a stent put in", "put two tubes in".
func (d *doc) placed(i int) int {
	j := i + 1
	if partly[d.at(j).fold] && outward[d.at(j+1).fold] && d.at(j).kind == word {
		return j + 2
	}
	if undone[d.at(j).fold] && d.at(j).kind == word || d.is(j, "placed") {
		return j + 1
	}
	for k := i - 1; k >= i-5; k-- {
		b := d.at(k)
		if b.kind != word || b.turn != d.at(i).turn {
			return 0
		}
		if d.oneOf(k, "put", "putting", "insert", "inserted", "fitted", "fit", "implanted", "took", "take", "placed") {
			if d.oneOf(j, "in", "out") {
				return j + 1
			}
			if !d.oneOf(k, "took", "take") {
				return j
			}
			return 0
		}
		if !b.has(function|number|filler|grade) && b.fold != "couple" {
			return 0
		}
	}
	return 0
}

// tended takes what is done into the term it is done about: "flu test", "B12 injection", "abscess drained", "lithium levels".
func (d *doc) tended(end int, k Kind) (int, Kind) {
	j := end
	if d.at(j).signed('-') {
		j++
	}
	t := d.at(j)
	if t.kind != word || !served[t.fold] || t.is(claimed) || t.turn != d.at(end-1).turn {
		return end, k
	}
	switch t.fold {
	case "done", "checked", "tested", "removed", "drained":
		if k == Medication || k == Procedure && t.fold != "done" {
			return end, k
		}
	case "level", "levels", "count", "counts":
		if k == Condition {
			return end, k
		}
	case "treatment", "treatments":
		if k == Medication {
			return end, k
		}
	case "shot", "shots":
		if d.oneOf(j+1, "up", "through", "down", "across") {
			return end, k
		}
	case "check", "checks":
		if d.oneOf(j+1, "in", "out", "with", "my", "your", "the", "that", "if", "it") {
			return end, k
		}
	}
	if k == Medication && d.is(end-1, "insulin") {
		return end, k
	}
	return j + 1, Procedure
}

// pieces reads a medicine that a speech engine cut into words: "lip it or", "well butrin".
func (d *doc) pieces(i int) int {
	var buf [24]byte
	b := append(buf[:0], d.toks[i].fold...)
	for j := i + 1; j < i+3; j++ {
		t := d.at(j)
		if t.kind != word || t.is(glued) || t.turn != d.toks[i].turn || len(b)+len(t.fold) > len(buf) {
			return 0
		}
		b = append(b, t.fold...)
		if len(b) >= 7 && d.lex.words[string(b)]&(medication|ordinary) == medication {
			return j + 1
		}
	}
	return 0
}

// strayed are the words for a measure that is not as it should be.
var strayed = setOf(`high higher low lower up raised elevated down bad unstable dropping dropped spiking spiked climbing creeping uncontrolled shot rocketed`)

// measured reads what a measure was, behind its name: "blood pressure's been running high". It is an illness then, and no examination.
func (d *doc) measured(end int) int {
	said := false
	for j := end; j < end+6; j++ {
		t := d.at(j)
		switch {
		case t.kind != word || t.turn != d.at(end-1).turn:
			return 0
		case strayed[t.fold] && (said || d.at(end-1).is(quoted)):
			return j + 1
		case copulas[t.fold] || d.oneOf(j, "running", "going", "came", "come", "back", "been", "quite", "too", "way", "sky"):
			said = said || t.fold != "a"
		default:
			return 0
		}
	}
	return 0
}
