package privacy

import "strings"

// endingsOf illness, medicine (stems of the WHO's INN and of USAN) and procedure. They hold for words that no list of ordinary words has.
var (
	conditionEndings = strings.Fields(`itis itides osis oses oma omas omata emia aemia emic aemic algia pathy pathies uria plegia paresis rrhea rrhoea rrhage rrhagia penia penic cytosis megaly
		trophy plasia ectasis ectasia phobia phagia pnea pnoea philia phasia praxia aphasia esthesia aesthesia iasis sthenia tonia kinesia toxicity urgia gravis oedema edema stenosis spasm lysis malacia
		ptosis cele otic oxia oxic pathic tension tensive carditis trauma plasmosis`)
	procedureEndings  = strings.Fields(`ectomy ectomies otomy otomies ostomy ostomies plasty plasties oscopy oscopies scopy graphy gram grams centesis pexy desis rrhaphy metry tripsy dialysis therapy therapies scan`)
	medicationEndings = strings.Fields(`pril sartan statin olol alol azole cillin mycin micin mab tinib gliptin gliflozin prazole caine cycline floxacin oxacin ovir avir tegravir buvir ciclovir dipine triptan setron
		oxetine azepam zolam barbital thiazide semide lukast asone isone olone onide parin xaban gatran grel fenac profen oxicam coxib tidine formin glitazone glutide natide stigmine curonium dronate platin rubicin
		taxel trexate poetin grastim kinra cept conazole bendazole quine sulfa amide imide idone apine azine ipramine triptyline zosin osin afil adine orphan orphine codone oxone curium penem bactam cef ceftriaxone
		lamine amine terol tropium phylline stigmine zepam pamil dralazine nidine thromycin setine faxine traline oxetin uracil tabine rabine dopa estrel gestrel sterone estradiol mustine tecan poside vastatin fibrate ezine`)
)

func endsIn(w string, endings []string) bool {
	for _, e := range endings {
		if len(w) > len(e)+2 && w[len(w)-1] == e[len(e)-1] && strings.HasSuffix(w, e) {
			return true
		}
	}
	return false
}

// findMedical finds conditions, medicines and procedures: lists, stems, and a part of the body with an ailment beside it.
func (d *doc) findMedical() {
	for i := 0; i < len(d.toks); i++ {
		d.enter(i)
		t := &d.toks[i]
		if t.kind != word || t.is(claimed) {
			continue
		}
		end, kind, score := d.term(i)
		if end == 0 {
			continue
		}
		first := i
		if to, k := d.tended(end, kind); to > end {
			if kind == Medication { // a heparin infusion is a medicine and how it is given
				d.add(end, to, Procedure, score)
			} else {
				end, kind = to, k
			}
		}
		if kind == Procedure {
			if e := d.measured(end); e > 0 {
				end, kind = e, Condition
			}
		}
		if kind != Medication {
			first, end = d.widen(i, end)
		} else if f := d.at(end); f.kind == word && f.has(dosage) { // clindamycin lotion
			end++
		}
		d.add(first, end, kind, score)
		d.noteShort(first, end, kind)
		i = end - 1
	}
}

func kindOf(l lex) Kind {
	switch {
	case l&condition != 0:
		return Condition
	case l&medication != 0:
		return Medication
	case l&procedure != 0:
		return Procedure
	}
	return ""
}

// term answers the medical term that begins at i.
func (d *doc) term(i int) (int, Kind, float32) {
	t := &d.toks[i]
	if t.has(phrase) {
		n := d.at(i + 1)
		for _, e := range d.lex.phrases[t.fold] {
			if e.lex&medical != 0 && (n.kind == mark || n.fold != "" && n.fold[0] == e.rest[0][0]) {
				if end := d.phraseEnd(i, e.rest); end > 0 {
					return end, kindOf(e.lex), 0.85
				}
			}
		}
	}
	if t.has(moan) {
		if end := max(d.complaint(i), d.symptom(i)); end > i {
			return end, Condition, 0.65
		}
	}
	if t.has(doing) {
		if end := d.done(i); end > i {
			return end, Procedure, 0.65
		}
		if end := d.placed(i); end > i && devices[t.fold] {
			return end, Procedure, 0.7
		}
	}
	if t.has(cutShort) {
		if end := d.pieces(i); end > i {
			return end, Medication, 0.6
		}
	}
	if t.has(bodyPart | bodyWork) {
		if end := d.treated(i); end > 0 {
			return end, Procedure, 0.8
		}
		if end := d.bodily(i); end > 0 {
			return end, Condition, 0.8
		}
	}
	if t.fold == "ms" && t.is(upper) && d.oneOf(i-1, "has", "have", "had", "with", "got", "of", "my", "her", "his", "and", "is", "it's") && !(d.at(i+1).kind == word && d.at(i+1).is(capital)) {
		return i + 1, Condition, 0.7
	}
	if t.has(medical) {
		if d.cased && t.is(capital) && !t.is(opens) && t.has(given) || t.fold == "therapy" && d.oneOf(i+1, "dog", "dogs", "animal", "pet", "cat") {
			return 0, "", 0
		}
		if d.oneOf(i, "medication", "medications", "medicine", "medicines") && (d.oneOf(i-1, "any", "what", "which", "other", "regular", "no", "of") || d.oneOf(i+1, "doctor", "doctors", "school", "student")) {
			return 0, "", 0 // a question about medicines tells of none
		}
		return i + 1, kindOf(t.lex), 0.8
	}
	if t.has(ailment) && d.suffers(t.fold) {
		return i + 1, Condition, 0.7
	}
	if t.has(ailment) {
		if end := d.located(i + 1); end > 0 {
			return end, Condition, 0.7
		}
	}
	if len(d.short) > 0 && t.is(capital) && d.short[t.fold] != "" {
		return i + 1, d.short[t.fold], 0.7
	}
	if end := d.medicine(i); end > 0 {
		return end, Medication, 0.6
	}
	if t.has(ordinary|function|anyGiven|surname|surnameMid|city|country|bodyPart) || len(t.fold) < 6 || strings.HasSuffix(t.fold, "ograms") {
		return 0, "", 0
	}
	w := strings.TrimSuffix(t.fold, "'s")
	if x := d.lex.misspelled(w); x != 0 && !(d.cased && t.is(capital) && !t.is(opens)) {
		return i + 1, kindOf(x), 0.6
	}
	switch {
	case endsIn(w, procedureEndings):
		return i + 1, Procedure, 0.7
	case endsIn(w, conditionEndings):
		return i + 1, Condition, 0.7
	case endsIn(w, medicationEndings):
		return i + 1, Medication, 0.7
	}
	return 0, "", 0
}

// suffers are the ailments that are symptoms by themselves.
func (d *doc) suffers(w string) bool {
	switch w {
	case "pain", "pains", "painful", "ache", "aches", "aching", "achy", "hurt", "hurts", "hurting", "discomfort", "soreness":
		return true
	}
	return false
}

// bodily reads a part of the body and its ailment: "chest pain", "knee is swollen", "lower back has been hurting".
func (d *doc) bodily(i int) int {
	j := i + 1
	for n := 0; n < 2 && (d.at(j).has(bodyPart) && d.at(j).kind == word || d.at(j).signed('-')); n++ {
		j++
	}
	named := j
	if t := d.at(j); t.kind == word && (t.has(ailment) || t.has(condition) && !t.has(phrase)) {
		if d.is(j+1, "up") {
			j++
		}
		return j + 1
	}
	if d.oneOf(j, "is", "are", "was", "has", "feels", "felt", "'s", "keeps", "been", "looks", "really", "starts", "started") || d.at(i).fold == "it" {
		for n := 0; n < 4 && d.oneOf(j, "is", "are", "was", "has", "feels", "felt", "been", "really", "very", "a", "bit", "quite", "so", "keeps", "still", "looks", "all", "starts", "started", "to", "kind", "of"); n++ {
			j++
		}
		if t := d.at(j); t.kind == word && (t.has(condition) || t.has(ailment) && t.fold != "problem" && t.fold != "issue" && t.fold != "condition") {
			return j + 1
		}
	}
	if end := d.ails(named); end > 0 {
		return end
	}
	if d.oneOf(i-1, "my", "his", "her") && d.oneOf(i-2, "it's", "about", "with", "for") && !d.oneOf(i, "hair", "nails", "hand", "hands", "face", "body", "heart", "blood", "mouth", "name") { // "it's my stomach", "calling about my knee"
		if t := d.at(named); t.kind != word && !t.signed('-') && !t.signed('\'') || t.turn != d.at(i).turn || d.oneOf(named, "and", "well", "again", "it's", "but", "because", "so") {
			return named
		}
	}
	return 0
}

// widen takes in the words of degree and place before a condition, and "in my left knee" after a pain.
func (d *doc) widen(i, end int) (int, int) {
	for n := 0; n < 4 && i > 0; n++ {
		b := d.at(i - 1)
		if b.signed('-') && b.is(glued) && d.at(i).is(glued) && d.at(i-2).kind == word && d.at(i-2).has(grade|bodyPart) && !d.at(i-2).is(claimed) {
			i -= 2
			continue
		}
		if b.kind != word || b.is(claimed) || !b.has(grade|bodyPart) || b.fold == "back" && d.at(i-2).kind == word && !d.at(i-2).has(grade) || b.turn != d.at(i).turn {
			break
		}
		i--
	}
	if headsIllness[d.at(i).fold] || headsIllness[d.at(end-1).fold] { // cubital tunnel syndrome
		for n := 0; n < 2; n++ {
			b := d.at(i - 1)
			if b.kind != word || b.is(claimed) || b.lex&(function|filler|backing|title|relation|anyGiven|number) != 0 || b.turn != d.at(i).turn || plainAdjectives[b.fold] {
				break
			}
			i--
		}
	}
	if e := d.located(end); e > 0 {
		end = e
	} else if d.is(end, "to") && sensitiveTo[d.at(end-1).fold] {
		if t := d.at(end + 1); t.kind == word && t.lex&(function|filler|medication) == 0 && !t.is(claimed) {
			end += 2
		}
	}
	return i, end
}
