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
