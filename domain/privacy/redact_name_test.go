package privacy

import (
	"slices"
	"testing"
)

// namesSaid are names that few lists know, said without capitals or made of ordinary words; and what is said again after a slip.
var namesSaid = []struct {
	text string
	want []string
}{
	{"I am Marigold Featherstone and I want to come in.", []string{"PERSON:Marigold Featherstone"}},
	{"This is Autumn Prendergast calling.", []string{"PERSON:Autumn Prendergast"}},
	{"agent: hello\ncaller: hello i am zorvinder kaur i want an appointment for my mother qurjit kaur", []string{"PERSON:zorvinder kaur", "PERSON:qurjit kaur"}},
	{"caller: i need my forms again it's gwenfron pritchard", []string{"PERSON:gwenfron pritchard"}},
	{"I am Very Sorry and this is Not Right.", nil},
	{"caller: hello i am terribly sorry and it's really late", nil},
	{"agent: what's your date of birth\ncaller: twelfth of august nineteen ninety no sorry ninety one", []string{"DATE_OF_BIRTH:twelfth of august nineteen ninety", "DATE_OF_BIRTH:ninety one"}},
	{"Agent: And your e-mail?\nCaller: J, dot, Kowal, at, yahoo, dot, co, dot, U K.", []string{"EMAIL:J, dot, Kowal, at, yahoo, dot, co, dot, U K"}},
	{"Agent: And you're fifty-four?\nCaller: Yes.", []string{"AGE:fifty-four"}},
	{"agent: how old's baby\ncaller: eleven weeks", []string{"AGE:eleven"}},
	{"Winters has had pain for two weeks.\nCaller: It's Winters, W, I, N, T, E, R, S.", []string{"PERSON:Winters", "CONDITION:pain", "PERSON:Winters", "PERSON:W, I, N, T, E, R, S"}},
	{"agent: surname\ncaller: nwachukwu that's the one", []string{"PERSON:nwachukwu"}},
	{"agent: name on the policy\ncaller: darnell t jefferson", []string{"PERSON:darnell t jefferson"}},
	{"caller: can you ring my husband obafemi on monday", []string{"PERSON:obafemi"}},
	{"Caller: No, I'm his wife, Sunniva. He is out.", []string{"PERSON:Sunniva"}},
	{"Caller: my wife, unfortunately, can't come. My son, however, can.", nil},
	{"agent: how long has it been there\ncaller: eleven weeks", nil},
}

func TestNamesThatFewListsKnow(t *testing.T) {
	t.Parallel()
	for _, c := range namesSaid {
		var got []string
		for _, s := range Redact(RedactInput{Text: c.text}) {
			got = append(got, string(s.Kind)+":"+c.text[s.Start:s.End])
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%q\n got %q\nwant %q", c.text, got, c.want)
		}
	}
}

// placesSaid are homes without a number or a street, towns that no list knows, and people who are told of by what they are called.
var placesSaid = []struct {
	text string
	want []string
}{
	{"Agent: What's your address?\nCaller: the old rectory, church lane", []string{"ADDRESS:old rectory, church lane"}},
	{"agent: and your address\ncaller: it's rose cottage mill end", []string{"ADDRESS:rose cottage mill end"}},
	{"Agent: Where do you live?\nCaller: Um, Bramble Barn, Upper Slaughter.", []string{"ADDRESS:Bramble Barn, Upper Slaughter"}},
	{"Agent: What's your address?\nCaller: Can I come to the cottage hospital?", nil},
	{"agent: and your address\ncaller: it's uh the old rectory church lane little snoring and the postcode is in the book", []string{"ADDRESS:old rectory church lane little snoring"}},
	{"Agent: And where do you live?\nCaller: Three Pen y Bryn Terrace, Llanrwst.", []string{"ADDRESS:Three Pen y Bryn Terrace, Llanrwst"}},
	{"agent: what's your address\ncaller: flat nineteen beetham tower deansgate", []string{"ADDRESS:flat nineteen beetham tower deansgate"}},
	{"agent: what's your address\ncaller: ty mawr lon las llangefni", []string{"ADDRESS:ty mawr lon las llangefni"}},
	{"agent: what's your address\ncaller: why do you need it", nil},
	{"agent: and your address\ncaller: twelve mill road thanks", []string{"ADDRESS:twelve mill road"}},
	{"agent: date of birth\ncaller: third of the eleventh eighty nine\nagent: and a number to ring you back on\ncaller: oh seven eight one two triple four nine oh six",
		[]string{"DATE_OF_BIRTH:third of the eleventh eighty nine", "PHONE:oh seven eight one two triple four nine oh six"}},
	{"Agent: What town is that in?\nCaller: Otley", []string{"LOCATION:Otley"}},
	{"agent: and the town\ncaller: um penmaenmawr", []string{"LOCATION:penmaenmawr"}},
	{"Agent: And what county is that?\nCaller: It's west yorkshire.", []string{"LOCATION:west yorkshire"}},
	{"Agent: Which town?\nCaller: I don't know.", nil},
	{"Agent: Which town?\nCaller: The same.", nil},
	{"Agent: We're in the middle of town.\nCaller: Brilliant, cheers.", nil},
	{"agent: we are the one in the village\ncaller: lovely lanterns", nil},
	{"caller: we live at flat two harbour view in slaithwaite", []string{"ADDRESS:flat two harbour view in slaithwaite"}},
	{"Caller: can I book my son in, he's called bartek", []string{"PERSON:bartek"}},
	{"Caller: I spoke to someone called april", []string{"PERSON:april"}},
	{"caller: he's called twice and it's called something else", nil},
}

func TestHomesTownsAndWhoIsCalledWhat(t *testing.T) {
	t.Parallel()
	for _, c := range placesSaid {
		var got []string
		for _, s := range Redact(RedactInput{Text: c.text}) {
			got = append(got, string(s.Kind)+":"+c.text[s.Start:s.End])
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%q\n got %q\nwant %q", c.text, got, c.want)
		}
	}
}

// A summary stands by itself: the name is known from what was said.
func TestAKnownSurnameThatIsAWordBeginsASummary(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Winters has had an itch for two weeks.":   "[PERSON REDACTED] has had an itch for two weeks.",
		"Winters are cold here. May is the worst.": "Winters are cold here. May is the worst.",
	} {
		spans := Redact(RedactInput{Text: text, Known: Known{Names: []string{"Winters", "May"}}})
		spans = slices.DeleteFunc(spans, func(s Span) bool { return s.Kind != Person })
		if got := Render(text, spans); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
