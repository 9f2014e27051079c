package privacy

import "slices"

// topic is what a question can be about.
type topic uint8

const (
	aboutName topic = iota
	aboutBirth
	aboutAddress
	aboutPhone
	aboutEmail
	aboutAge
	aboutNational
	aboutRecord
	aboutAccount
	aboutCard
	aboutID
	topics
)

// cueWords name a topic by one word.
var cueWords = map[string]topic{
	"name": aboutName, "names": aboutName, "surname": aboutName, "firstname": aboutName, "lastname": aboutName, "forename": aboutName, "spell": aboutName, "spelled": aboutName, "spelling": aboutName, "spelt": aboutName,
	"birth": aboutBirth, "birthday": aboutBirth, "born": aboutBirth, "dob": aboutBirth, "birthdate": aboutBirth, "dateofbirth": aboutBirth, "bday": aboutBirth,
	"address": aboutAddress, "postcode": aboutAddress, "zip": aboutAddress, "zipcode": aboutAddress, "residence": aboutAddress, "residing": aboutAddress, "resides": aboutAddress, "addr": aboutAddress,
	"phone": aboutPhone, "telephone": aboutPhone, "mobile": aboutPhone, "cell": aboutPhone, "cellphone": aboutPhone, "tel": aboutPhone, "landline": aboutPhone, "fax": aboutPhone, "ph": aboutPhone, "whatsapp": aboutPhone, "callback": aboutPhone, "dial": aboutPhone, "phones": aboutPhone, "pager": aboutPhone, "bleep": aboutPhone, "extension": aboutPhone,
	"email": aboutEmail, "mail": aboutEmail, "emails": aboutEmail, "gmail": aboutEmail, "age": aboutAge, "aged": aboutAge, "ages": aboutAge,
	"nhs": aboutNational, "ssn": aboutNational, "social": aboutNational, "nino": aboutNational, "passport": aboutNational, "aadhaar": aboutNational, "aadhar": aboutNational, "medicare": aboutNational, "medicaid": aboutNational, "mbi": aboutNational, "nin": aboutNational, "ni": aboutNational, "sin": aboutNational, "tin": aboutNational, "itin": aboutNational,
	"mrn": aboutRecord, "mrns": aboutRecord, "mrno": aboutRecord, "chart": aboutRecord, "emr": aboutRecord, "ehr": aboutRecord, "uhid": aboutRecord, "urn": aboutRecord,
	"account": aboutAccount, "acct": aboutAccount, "iban": aboutAccount, "routing": aboutAccount, "aba": aboutAccount, "swift": aboutAccount, "bic": aboutAccount, "sortcode": aboutAccount,
	"card": aboutCard, "visa": aboutCard, "mastercard": aboutCard, "amex": aboutCard, "cvv": aboutCard, "cvc": aboutCard,
	"policy": aboutID, "member": aboutID, "membership": aboutID, "insurance": aboutID, "reference": aboutID, "ref": aboutID, "licence": aboutID, "license": aboutID, "npi": aboutID, "dea": aboutID, "id": aboutID, "identifier": aboutID, "serial": aboutID, "accession": aboutID, "encounter": aboutID, "claim": aboutID, "authorisation": aboutID, "authorization": aboutID,
	"badge": aboutID, "vin": aboutID, "plate": aboutID, "subscriber": aboutID, "beneficiary": aboutID, "pin": aboutID, "username": aboutID, "password": aboutID, "confirmation": aboutID, "ticket": aboutID, "device": aboutID, "udi": aboutID, "specimen": aboutID, "csn": aboutID, "identification": aboutID, "fin": aboutID, "ids": aboutID,
}

// cuePhrases name a topic by several words.
var cuePhrases = map[string][]struct {
	rest  []string
	topic topic
}{
	"date":      {{[]string{"of", "birth"}, aboutBirth}},
	"how":       {{[]string{"old"}, aboutAge}, {[]string{"old's"}, aboutAge}, {[]string{"do", "you", "spell"}, aboutName}},
	"who":       {{[]string{"am", "i", "speaking"}, aboutName}, {[]string{"is", "calling"}, aboutName}, {[]string{"is", "this"}, aboutName}, {[]string{"s", "calling"}, aboutName}, {[]string{"am", "i", "talking"}, aboutName}},
	"what's":    {{[]string{"he", "called"}, aboutName}, {[]string{"she", "called"}, aboutName}, {[]string{"baby", "called"}, aboutName}},
	"what":      {{[]string{"is", "he", "called"}, aboutName}, {[]string{"is", "she", "called"}, aboutName}, {[]string{"are", "they", "called"}, aboutName}},
	"who's":     {{[]string{"calling"}, aboutName}, {[]string{"this"}, aboutName}, {[]string{"speaking"}, aboutName}},
	"whom":      {{[]string{"am", "i"}, aboutName}},
	"where":     {{[]string{"do", "you", "live"}, aboutAddress}, {[]string{"you", "live"}, aboutAddress}, {[]string{"are", "you", "based"}, aboutAddress}, {[]string{"do", "you", "stay"}, aboutAddress}},
	"i":         {{[]string{"live"}, aboutAddress}},
	"lives":     {{[]string{"at"}, aboutAddress}},
	"moved":     {{[]string{"to"}, aboutAddress}},
	"ending":    {{[]string{"in"}, aboutPhone}, {[]string{"with"}, aboutPhone}},
	"ends":      {{[]string{"in"}, aboutPhone}, {[]string{"with"}, aboutPhone}},
	"live":      {{[]string{"at"}, aboutAddress}},
	"living":    {{[]string{"at"}, aboutAddress}},
	"house":     {{[]string{"number"}, aboutAddress}},
	"door":      {{[]string{"number"}, aboutAddress}},
	"post":      {{[]string{"code"}, aboutAddress}},
	"postal":    {{[]string{"code"}, aboutAddress}},
	"street":    {{[]string{"name"}, aboutAddress}},
	"contact":   {{[]string{"number"}, aboutPhone}, {[]string{"no"}, aboutPhone}, {[]string{"details"}, aboutPhone}},
	"best":      {{[]string{"number"}, aboutPhone}},
	"number":    {{[]string{"to", "call"}, aboutPhone}, {[]string{"to", "reach"}, aboutPhone}, {[]string{"to", "ring"}, aboutPhone}, {[]string{"to", "text"}, aboutPhone}, {[]string{"to", "phone"}, aboutPhone}, {[]string{"to", "contact"}, aboutPhone}, {[]string{"to", "get"}, aboutPhone}, {[]string{"you're", "calling"}, aboutPhone}, {[]string{"ending"}, aboutPhone}, {[]string{"ends"}, aboutPhone}},
	"reach":     {{[]string{"you"}, aboutPhone}, {[]string{"me"}, aboutPhone}, {[]string{"him"}, aboutPhone}, {[]string{"her"}, aboutPhone}, {[]string{"us"}, aboutPhone}},
	"your":      {{[]string{"number"}, aboutPhone}},
	"a":         {{[]string{"number", "for"}, aboutPhone}, {[]string{"number", "we"}, aboutPhone}, {[]string{"number", "i"}, aboutPhone}},
	"call":      {{[]string{"me", "on"}, aboutPhone}, {[]string{"me", "at"}, aboutPhone}, {[]string{"you", "back"}, aboutPhone}, {[]string{"me", "back"}, aboutPhone}, {[]string{"us", "at"}, aboutPhone}, {[]string{"us", "on"}, aboutPhone}},
	"answering": {{[]string{"at"}, aboutPhone}, {[]string{"on"}, aboutPhone}},
	"text":      {{[]string{"me", "on"}, aboutPhone}, {[]string{"me", "at"}, aboutPhone}},
	"ring":      {{[]string{"me", "on"}, aboutPhone}},
	"e":         {{[]string{"mail"}, aboutEmail}},
	"social":    {{[]string{"security"}, aboutNational}, {[]string{"insurance"}, aboutNational}},
	"national":  {{[]string{"insurance"}, aboutNational}, {[]string{"id"}, aboutNational}, {[]string{"health"}, aboutNational}},
	"health":    {{[]string{"number"}, aboutNational}, {[]string{"service", "number"}, aboutNational}, {[]string{"card"}, aboutNational}, {[]string{"and", "care", "number"}, aboutNational}},
	"h":         {{[]string{"s", "number"}, aboutNational}}, // what is left of "an N H S number"
	"hs":        {{[]string{"number"}, aboutNational}},
	"chi":       {{[]string{"number"}, aboutNational}},
	"driving":   {{[]string{"licence"}, aboutNational}, {[]string{"license"}, aboutNational}},
	"driver's":  {{[]string{"licence"}, aboutNational}, {[]string{"license"}, aboutNational}},
	"drivers":   {{[]string{"licence"}, aboutNational}, {[]string{"license"}, aboutNational}},
	"medical":   {{[]string{"record"}, aboutRecord}, {[]string{"records", "number"}, aboutRecord}, {[]string{"number"}, aboutRecord}},
	"record":    {{[]string{"number"}, aboutRecord}, {[]string{"no"}, aboutRecord}, {[]string{"id"}, aboutRecord}},
	"hospital":  {{[]string{"number"}, aboutRecord}, {[]string{"id"}, aboutRecord}},
	"patient":   {{[]string{"id"}, aboutRecord}, {[]string{"number"}, aboutRecord}, {[]string{"identifier"}, aboutRecord}},
	"file":      {{[]string{"number"}, aboutRecord}},
	"sort":      {{[]string{"code"}, aboutAccount}},
	"bank":      {{[]string{"account"}, aboutAccount}},
	"case":      {{[]string{"number"}, aboutID}, {[]string{"id"}, aboutID}},
	"booking":   {{[]string{"number"}, aboutID}},
	"order":     {{[]string{"number"}, aboutID}},
	"group":     {{[]string{"number"}, aboutID}},
	"employee":  {{[]string{"number"}, aboutID}},
	"security":  {{[]string{"code"}, aboutCard}},
}

// findCues notes where topics are named. The question may stand in another turn than its answer.
func (d *doc) findCues() {
	for i := range d.toks {
		t := &d.toks[i]
		if t.kind != word || !t.has(cueHead) {
			continue
		}
		for _, p := range cuePhrases[t.fold] {
			if d.follows(i, p.rest) {
				d.cue(i+len(p.rest), p.topic)
			}
		}
		if end, about := d.initials(i); end > i {
			d.cue(end-1, about)
		}
		about, ok := cueWords[t.fold]
		if !ok {
			if s := len(t.fold) - 2; s > 0 && t.is(quoted) && t.fold[s:] == "'s" {
				about, ok = cueWords[t.fold[:s]]
			}
			if !ok {
				continue
			}
		}
		switch about {
		case aboutAddress:
			if b := d.at(i - 1); b.fold == "email" || b.fold == "mail" || b.fold == "ip" || b.fold == "web" || b.fold == "website" {
				if b.fold == "email" || b.fold == "mail" {
					d.cue(i, aboutEmail)
				}
				continue
			}
		case aboutCard:
			if d.oneOf(i-1, "insurance", "id", "health") {
				about = aboutID
			}
		case aboutPhone: // "on the phone", "over the phone" ask for nothing
			if d.is(i-1, "the") && d.oneOf(i-2, "on", "over", "by", "off") || d.is(i-1, "by") {
				continue
			}
		}
		d.cue(i, about)
	}
	for k := range d.cues {
		if !slices.IsSorted(d.cues[k]) {
			slices.Sort(d.cues[k])
		}
	}
}

func (d *doc) cue(i int, about topic) {
	d.cues[about] = append(d.cues[about], int32(i)) //nolint:gosec // token numbers
}

func (d *doc) follows(i int, rest []string) bool {
	for n, w := range rest {
		if !d.is(i+1+n, w) && !d.is(i+1+n, w+"'s") {
			return false
		}
	}
	return true
}

// cueBefore answers the last place before i where the topic is named, or -1.
func (d *doc) cueBefore(about topic, i int) int {
	list := d.cues[about]
	n, _ := slices.BinarySearch(list, int32(i)) //nolint:gosec // token numbers
	if n == 0 {
		return -1
	}
	return int(list[n-1])
}

// near tells whether the topic is named in the same turn, at most reach tokens before i.
func (d *doc) near(about topic, i, reach int) bool {
	p := d.cueBefore(about, i)
	return p >= 0 && i-p <= reach && d.at(p).turn == d.at(i).turn
}

// asked tells whether the topic was named within the last three turns of the other side, or earlier on the speaker's own.
func (d *doc) asked(about topic, i int) bool {
	p := d.cueBefore(about, i)
	if p < 0 || d.at(p).turn < 0 || d.at(i).turn < 0 {
		return false
	}
	gap := d.side(i) - d.side(p)
	if t := d.at(p).turn; gap > 0 && d.turns[t].speaker == "" && !d.turns[t].given { // lines of nobody are a form or a letter: what was named is what comes next
		return gap <= 3 && d.questions(p) || gap == 1 && p+3 >= int(d.turns[d.at(p).turn].last)
	}
	return gap == 0 && i-p < 40 || gap > 0 && gap <= 5 && i-p < 220 && !d.superseded(about, p, i)
}

// superseded tells whether the one who asked has gone on to another question since.
func (d *doc) superseded(about topic, p, i int) bool {
	if about == aboutName {
		return false
	}
	for t := aboutBirth; t < topics; t++ {
		if t == about || t == aboutAge && about != aboutBirth {
			continue
		}
		if q := d.cueBefore(t, i); q > p && d.at(q).turn > d.at(p).turn && d.side(q) != d.side(i) {
			return true
		}
	}
	return false
}

// questions tells whether a question mark follows soon in the same turn.
func (d *doc) questions(p int) bool {
	for i := p; i < p+16 && d.at(i).turn == d.at(p).turn; i++ {
		if d.at(i).signed('?') {
			return true
		}
	}
	return false
}

// early tells whether a token stands near the beginning of its turn, where answers are.
func (d *doc) early(i, reach int) bool {
	from, _ := d.turnOf(i)
	return i-from <= reach
}

// bare tells whether nothing but fillers stands around the tokens in their sentence.
func (d *doc) bare(first, last int) bool {
	t := d.at(last)
	return d.begins(first) && (t.kind == line || t.turn != d.at(first).turn || t.signed('.') || t.signed(','))
}

// begins tells whether nothing but fillers and yes stands before the token in its sentence.
func (d *doc) begins(first int) bool {
	b := d.at(first - 1)
	for n := 1; n < 5 && (b.kind == word && (b.has(filler) || b.has(backing)) || b.signed(',') || b.signed('.')); n++ {
		b = d.at(first - 1 - n)
	}
	return b.kind == line || b.signed('?') || b.signed(':') || b.signed(']') || d.at(first).is(opens) || b.turn != d.at(first).turn
}

// silentTurn: the turn holds few words, so it is an answer and no story.
func (d *doc) silentTurn(i int) bool {
	from, to := d.turnOf(i)
	return to-from <= 8
}
