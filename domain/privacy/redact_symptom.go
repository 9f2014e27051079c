package privacy

import "strings"

// What people say of their bodies without a doctor's word for it: "my ankles swell up", "not feeling very well", "hard to swallow",
// "something in my eye", "a cold".

var (
	negations = setOf(`not don't doesn't didn't haven't hasn't isn't wasn't aren't never n't`)
	wellness  = setOf(`well great right good myself himself herself themselves brilliant normal`)
	hardTo    = setOf(`hard harder difficult tough struggle struggles struggling struggled painful hurts hurt uncomfortable hardly barely`)
	// vague are the words that are an ailment only with the part of the body it is in.
	vague = setOf(`problem problems issue issues trouble troubles pressure ringing buzzing something feeling sensation blood discharge fluid growth hole crack crackling knot blockage heat spot spots mark marks
		patch patches change changes tear tears weight tension noise noises blotch blotches stone stones dots wart fullness heaviness hump lump lumps hollow tugging tight heavy weird strange funny scratch bubble popping clicking cracking wound cut cuts gash splinter sting bite bites grip mass masses stuff damage movement twitch odour smell shoots shooting radiates radiating travels`)
	// fails are words that after a part of the body say what is wrong with it.
	fails = setOf(`swell swells swelled swelling throb throbs throbbing racing races pounding pounds fluttering flutters thumping skips skipping skipped bunged ringing popping pops watering streaming weeping closing
		scratchy tickly killing locks locked locking clicks clicking cracks cracking gurgling churning rumbling peeling flaking itch itches burn burns sting stings stinging twitch twitches twitching jerking shaking trembling spinning banging thinning receding drooping
		droops puffy runny stuffy stuffed blocked blurs blurred blurry bleeds bleeding cramping cramps spasming beating seized spasms stiffens stiffening tightens tightening aches aching hurts hurting limping dislocated swollen numb sore drags dragging`)
	// wrong are words that say so only after "is" or "feels".
	wrong = setOf(`tight heavy weak wobbly shaky red pink dark cloudy smelly yellow pale blue purple grey gray hot cold dry raw sensitive lumpy uneven crooked bent broken loose chipped bigger worse bad terrible awful rough funny weird strange off
		stuck dead asleep gone giving playing acting bothering double foggy fuzzy poor hard tender irritated clammy sweaty blotchy crusty sticky itchy flaky cracked fast irregular slow low slurred harder different painful running warm rock wasted deteriorating declining worsening impaired failing muffled lower small large big wide droopy saggy`)
	// marred say of the part of the body after them that it is hurt: "a torn retina".
	marred  = setOf(`torn ruptured fractured slipped dislocated sprained detached perforated burst collapsed trapped pinched blocked enlarged inflamed infected swollen bruised broken cracked chipped leaky stiff sore numb itchy puffy clogged bulging herniated prolapsed frozen locked`)
	copulas = setOf(`is are was were has have had 's keeps keep kept started starts been gets get got getting goes went feels feel felt feeling looks looked seems became become turned turns just a bit little really all very quite so kind sort of like still always also being to constantly completely`)
	// works are what a body does, said as if it were a part.
	works           = setOf(`memory balance speech voice appetite sleep periods period bowels bowel waterworks mood concentration sight eyesight hearing vision breathing heartbeat urine pee wee poo stool stools skin pulse weight energy libido digestion circulation heartbeats immune swallowing walking mobility sleeping erection erections fertility cycle nerves`)
	headsIllness    = setOf(`syndrome syndromes disease diseases disorder disorders deficiency deficiencies dystrophy palsy poisoning`)
	plainAdjectives = setOf(`other another same certain particular rare common possible known similar different any new first second whole`)
	sensitiveTo     = setOf(`allergic allergy allergies intolerant sensitive allergen intolerance`)
	injures         = setOf(`tore torn pulled pulling twisted twisting broke broken breaking sprained fractured hurt injured dislocated strained cut burnt burned hit banged bumped cracked bruised rolled popped snapped ruptured stubbed crushed trapped jammed stubbing tugging grazed bashed whacked jarred wrenched gashed scraped squashed slammed upset`)
	places          = setOf(`my the your his her their our this that these those left right lower upper both side sides back front top bottom middle inside outside of one each whole other entire area part around any`)
	within          = setOf(`in on of around behind under with from at inside across over near above below through down along between out onto into up`)
	coldWords       = setOf(`sensation sensations cold colds temperature temperatures mass masses`)
	coldAs          = setOf(`a bad head heavy common chest stinking nasty slight little horrible terrible awful have had having got catch catching caught this flu`)
	warmth          = setOf(`day days drink drinks water shower showers compress compresses pack packs packing weather one call calls caller outside feet hands food drinkers turkey front room air night nights morning winter spell blooded storage calling`)
	rising          = setOf(`a any high raised running low no slight fever fevers temperatures your my his her the measured taken take check checked rectal oral axillary`)
)

// symptom reads what begins with a word that is none by itself.
func (d *doc) symptom(i int) int {
	t := &d.toks[i]
	switch w := t.fold; {
	case negations[w]:
		j := i + 1
		if d.oneOf(j, "being", "been") {
			j++
		}
		if v := d.at(j + 2); d.is(j, "able") && d.is(j+1, "to") && v.kind == word && unableTo[v.fold] && !d.oneOf(j+2, "get", "keep", "put", "stay", "stop", "talk", "speak", "drive", "see", "hear", "sit", "remember") { // not being able to move it
			return d.object(j + 3)
		}
		return d.notWell(i)
	case marred[w]:
		if e := d.bodyEnd(i + 1); e > 0 {
			return e
		}
		if injures[w] {
			if e := d.located(i + 1); e > 0 {
				return e
			}
			return d.owned(i + 1)
		}
	case w == "cold" || w == "colds":
		return d.aCold(i)
	case w == "temperature" || w == "temperatures":
		if w == "temperatures" || rising[d.at(i-1).fold] && !d.is(i-1, "the") || d.at(i-1).has(grade) && rising[d.at(i-2).fold] || d.is(i-1, "or") || d.is(i-1, "the") && !d.oneOf(i+1, "of", "outside", "in", "is") {
			return i + 1
		}
	case w == "sensation" || w == "sensations":
		if e := d.located(i + 1); e > 0 {
			return e
		}
		if b := d.at(i - 1); b.kind == word && (b.has(grade|ailment|feeling) || d.oneOf(i-1, "weird", "strange", "funny", "odd", "no", "tingly", "reduced", "less")) {
			return i + 1
		}
	case w == "mass" || w == "masses":
		if d.oneOf(i+1, "index", "spectrometry", "media", "production", "market", "transit", "of") && w == "mass" && !d.is(i+1, "of") || d.at(i-1).signed('-') || d.is(i-1, "body") {
			return 0
		}
		if e := d.located(i + 1); e > 0 {
			return e
		}
		if d.oneOf(i-1, "a", "no", "or", "any", "the", "this") || d.at(i-1).has(grade|bodyPart|condition) {
			return i + 1
		}
	case hardTo[w] && d.is(i+1, "to"):
		if v := d.at(i + 2); v.kind == word && unableTo[v.fold] && !d.oneOf(i+2, "get", "keep", "put", "stay", "stop", "feel") && !d.oneOf(i+3, "you", "me", "them", "it", "that", "what", "if", "on", "about", "with", "a", "someone", "anyone") {
			return d.object(i + 3)
		}
		if d.is(i+2, "get") && d.oneOf(i+3, "to", "up", "out") && d.oneOf(i+4, "sleep", "of") || d.is(i+2, "fall") && d.is(i+3, "asleep") {
			return i + 4
		}
	case vague[w] || injures[w]:
		if e := d.located(i + 1); e > 0 || !injures[w] {
			if e == 0 && w == "discharge" && d.oneOf(i-1, "any", "some", "a", "or", "of", "in") && !d.oneOf(i+1, "date", "letter", "summary", "papers", "notes", "lounge") {
				return i + 1
			}
			return e
		}
		return d.owned(i + 1)
	}
	return 0
}

// owned reads from j whose part of the body it is: "my left wrist".
func (d *doc) owned(j int) int {
	if !d.oneOf(j, "my", "his", "her", "your", "their") {
		return 0
	}
	for j++; d.at(j).kind == word && d.at(j).has(grade); j++ {
	}
	if t := d.at(j); t.kind != word || !t.has(bodyPart) || t.is(claimed) || d.oneOf(j, "hair", "nails", "heart", "back") && !d.oneOf(j+1, "in") && t.fold != "back" {
		return 0
	}
	return j + 1
}

// notWell reads "not feeling very well", "haven't been feeling great", "don't feel right".
func (d *doc) notWell(i int) int {
	felt := false
	for j := i + 1; j < i+8; j++ {
		t := d.at(j)
		switch {
		case t.kind == mark && t.sign == ',' || t.kind == word && t.has(filler) && t.fold != "well":
		case t.kind != word || t.turn != d.at(i).turn:
			return 0
		case t.fold == "feel" || t.fold == "feeling" || t.fold == "felt" || t.fold == "feels":
			felt = true
		case t.fold == "well" && (felt || d.oneOf(j-1, "very", "too", "particularly", "at")) && !d.oneOf(j+1, "enough", "with"):
			return j + 1
		case wellness[t.fold] && felt:
			return j + 1
		case drives[t.fold] && j > i+1:
			return j + 1
		case somewhat[t.fold], d.oneOf(j, "have", "having", "got", "had", "get", "getting", "much", "lot", "of", "an", "any", "lost", "lots"), t.fold == "been", t.fold == "being", t.fold == "particularly", t.fold == "myself":
		default:
			return 0
		}
	}
	return 0
}

// aCold tells the illness from the weather.
func (d *doc) aCold(i int) int {
	if warmth[d.at(i+1).fold] && d.at(i+1).kind == word || d.at(i-1).has(medication) {
		return 0
	}
	before := d.at(i - 1)
	for n := 1; n < 4 && (before.signed(',') || before.kind == word && before.has(filler) || before.fold == "or" || before.fold == "and" || before.fold == "the"); n++ {
		before = d.at(i - 1 - n)
	}
	if d.is(i, "colds") || before.kind == word && (coldAs[before.fold] || before.has(condition)) {
		return i + 1
	}
	return 0
}

// located reads from j where on the body something is, and answers the end, or 0: "in my left knee", "coming out of the ear", "on both sides of
// his neck".
func (d *doc) located(j int) int {
	for n := 0; n < 3 && d.oneOf(j, "coming", "out", "going", "up", "right", "all", "that", "is", "just", "wrong", "stuck", "like", "growing", "at", "down"); n++ {
		j++
	}
	if t := d.at(j - 1); t.kind == word && within[t.fold] && d.at(j).kind == word && !within[d.at(j).fold] {
		j--
	}
	if t := d.at(j); t.kind != word || !within[t.fold] {
		return 0
	}
	j++
	steps := 0
	for steps < 7 {
		t := d.at(j)
		if t.kind == word && (t.has(filler) && !t.has(bodyPart) || places[t.fold] && !(t.has(bodyPart) && d.endsBody(j+1)) || within[t.fold] || t.has(grade)) || t.signed(',') && steps > 0 {
			j++
			steps++
			continue
		}
		break
	}
	t := d.at(j)
	if t.kind != word || t.is(claimed) || !t.has(bodyPart|bodyWork) || steps == 0 {
		return 0
	}
	for j++; d.at(j).kind == word && d.at(j).has(bodyPart|ailment) && !d.at(j).is(claimed); j++ {
	}
	return j
}

// endsBody tells whether no further part of the body or word of place follows: "the back" alone is one, "the back of my head" is not.
func (d *doc) endsBody(j int) bool {
	t := d.at(j)
	return t.kind != word || !t.has(bodyPart) && !places[t.fold] && t.fold != "of"
}

// ails reads from j, behind a part of the body, what is wrong with it: "ankles swell up", "nose is really blocked".
func (d *doc) ails(j int) int {
	said := strings.HasSuffix(d.at(j-1).fold, "'s") // "my toe's black"
	for n := 0; n < 6; n++ {
		t := d.at(j)
		if t.kind == word && fails[t.fold] || said && t.kind == word && (wrong[t.fold] || t.has(condition) && !t.has(phrase)) {
			if d.oneOf(j+1, "up", "out", "away", "over", "water", "way") {
				return j + 2
			}
			return j + 1
		}
		if t.kind == word && copulas[t.fold] || n > 0 && t.kind == word && t.has(filler) || t.signed(',') && said && d.at(j+1).kind == word && d.at(j+1).has(filler) {
			said = said || t.kind == word && t.fold != "to" && t.fold != "of"
			j++
			continue
		}
		break
	}
	return 0
}

// bodyEnd answers the end of the part of the body that begins at j, or 0.
func (d *doc) bodyEnd(j int) int {
	if t := d.at(j); t.kind != word || !t.has(bodyPart) || t.is(claimed) || t.turn != d.at(j-1).turn || d.oneOf(j, "hair", "blood", "body", "back", "face", "period", "mental") {
		return 0
	}
	for j++; d.at(j).kind == word && d.at(j).has(bodyPart) && !d.at(j).is(claimed); j++ {
	}
	return j
}
