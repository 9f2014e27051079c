package privacy

import (
	"slices"
	"testing"
)

// spelledOut are numbers, postcodes and e-mail addresses as callers say and speech engines write them, and the whole of what must go.
var spelledOut = []struct {
	text string
	want []string
}{
	// A birth date and a national number in one breath, the acronym however it is said.
	{"Agent: And your date of birth?\nCaller: The fourteenth of March nineteen eighty eight. My N H S number's nine four three, four seven six, five nine one nine.", []string{"DATE_OF_BIRTH:fourteenth of March nineteen eighty eight", "NATIONAL_ID:nine four three, four seven six, five nine one nine"}},
	{"Agent: Date of birth and NHS number, please?\nCaller: Fourteenth of March nineteen eighty eight, nine four three, four seven six, five nine one nine.", []string{"DATE_OF_BIRTH:Fourteenth of March nineteen eighty eight", "NATIONAL_ID:nine four three, four seven six, five nine one nine"}},
	{"my date of birth is the second of june nineteen seventy and my n h s number is four five zero five five seven seven one oh four", []string{"DATE_OF_BIRTH:second of june nineteen seventy", "NATIONAL_ID:four five zero five five seven seven one oh four"}},
	{"My N.H.S. number is nine four three, um, four seven six, five nine one nine. Twelve days ago it began.", []string{"NATIONAL_ID:nine four three, um, four seven six, five nine one nine"}},
	{"agent: date of birth?\ncaller: four three seventy. the enn haitch ess one it's nine four three four seven six five nine one nine", []string{"DATE_OF_BIRTH:four three seventy", "NATIONAL_ID:nine four three four seven six five nine one nine"}},
	{"My en aitch ess number's four eight five, double seven seven, three four five six.", []string{"NATIONAL_ID:four eight five, double seven seven, three four five six"}},
	{"The N-H-S number, that's 943 476 5919.", []string{"NATIONAL_ID:943 476 5919"}},
	{"the n hs number is nine four three four seven six five nine one nine", []string{"NATIONAL_ID:nine four three four seven six five nine one nine"}},
	{"Agent: What's your S S N?\nCaller: It's one two three, four five, six seven eight nine.", []string{"NATIONAL_ID:one two three, four five, six seven eight nine"}},
	{"D.O.B. four three seventy, M.R.N. five five one oh two", []string{"DATE_OF_BIRTH:four three seventy", "MEDICAL_RECORD_NUMBER:five five one oh two"}},
	{"My N I number is Q Q, one two, three four, five six, C.", []string{"NATIONAL_ID:Q Q, one two, three four, five six, C"}},
	{"Caller: My N H S number's nine four three, four seven six, five nine one nine.\nAgent: Shall I book that?\nCaller: Not yet. You can get me on oh seven seven double oh, nine hundred, one double two.",
		[]string{"NATIONAL_ID:nine four three, four seven six, five nine one nine", "PHONE:oh seven seven double oh, nine hundred, one double two"}},
	{"Caller: The hospital number is four four one, two eight nine. I'm usually on oh seven seven double oh, nine hundred, one double two.",
		[]string{"MEDICAL_RECORD_NUMBER:four four one, two eight nine", "PHONE:oh seven seven double oh, nine hundred, one double two"}},
	{"Agent: And your N H S number?\nCaller: Nine four three. Er, let me look, four seven six, five nine one nine.", []string{"NATIONAL_ID:Nine four three", "NATIONAL_ID:four seven six, five nine one nine"}},
	{"Agent: Date of birth?\nCaller: Oh three, oh four, nineteen sixty one. Is that enough? Nine four three. Four seven six. Five nine one nine.", []string{"DATE_OF_BIRTH:Oh three, oh four, nineteen sixty one", "PHONE:Nine four three. Four seven six. Five nine one nine"}},
	// Postcodes of every grammar, inside an address: one span to its end.
	{"I live at fourteen Acacia Road, London, N one, seven double A.", []string{"ADDRESS:fourteen Acacia Road, London, N one, seven double A"}},
	{"It's 14 Acacia Road, London, N W one, seven double A, thank you.", []string{"ADDRESS:14 Acacia Road, London, N W one, seven double A"}},
	{"it's fourteen acacia road, london, n one seven double a", []string{"ADDRESS:fourteen acacia road, london, n one seven double a"}},
	{"We're at flat two, nine Mill Lane, Leeds, L S twenty one, um, four B Q.", []string{"ADDRESS:flat two, nine Mill Lane, Leeds, L S twenty one, um, four B Q"}},
	{"I live at three Mill Lane, London, S W one.", []string{"ADDRESS:three Mill Lane, London, S W one"}},
	{"I live at three Mill Lane, London, S double you eleven, two double B.", []string{"ADDRESS:three Mill Lane, London, S double you eleven, two double B"}},
	// And alone, with a word for it or after a question.
	{"The postcode is S W one A, one double A.", []string{"ADDRESS:S W one A, one double A"}},
	{"The postcode's W one A, one H Q.", []string{"ADDRESS:W one A, one H Q"}},
	{"It's N W one seven double A.", []string{"ADDRESS:N W one seven double A"}},
	{"Agent: Could I have the postcode?\nCaller: Yes, M one, one A E.", []string{"ADDRESS:M one, one A E"}},
	{"Agent: Could I have the postcode?\nCaller: It's B thirty three, eight T H.", []string{"ADDRESS:B thirty three, eight T H"}},
	{"Agent: And your address?\nCaller: C R two, six X H, number four.", []string{"ADDRESS:C R two, six X H, number four"}},
	{"agent: and your postcode\ncaller: d n five five one p t", []string{"ADDRESS:d n five five one p t"}},
	{"agent: and your postcode\ncaller: e c one a one double b", []string{"ADDRESS:e c one a one double b"}},
	{"Agent: Your postcode, please?\nCaller: S for sugar, W for whiskey, one A, one, A for apple, A for apple.", []string{"ADDRESS:S for sugar, W for whiskey, one A, one, A for apple, A for apple"}},
	{"Agent: Your postcode, please?\nCaller: S as in sugar, E, double two, uh, nine double L.", []string{"ADDRESS:S as in sugar, E, double two, uh, nine double L"}},
	{"Agent: Your postcode, please?\nCaller: November one, seven alpha alpha.", []string{"ADDRESS:November one, seven alpha alpha"}},
	{"Agent: Your postcode, please?\nCaller: Ess double you one ay, one double ay.", []string{"ADDRESS:Ess double you one ay, one double ay"}},
	{"Agent: Your postcode, please?\nCaller: SW1A, one double A.", []string{"ADDRESS:SW1A, one double A"}},
	{"Agent: Your date of birth and postcode?\nCaller: Four three seventy, and it's N one, seven double A.", []string{"DATE_OF_BIRTH:Four three seventy", "ADDRESS:N one, seven double A"}},
	{"Agent: Your postcode, please?\nCaller: It's bravo november one, uh, three x-ray yankee.", []string{"ADDRESS:bravo november one, uh, three x-ray yankee"}},
	{"Agent: And the postcode?\nCaller: E one\nAgent: yes\nCaller: six R F", []string{"ADDRESS:E one", "ADDRESS:six R F"}},
	{"Agent: And the postcode?\nCaller: W one T, no sorry, W one U, three A B.", []string{"ADDRESS:W one T", "ADDRESS:W one U, three A B"}},
	{"My postcode is SO seventeen, one B J.", []string{"ADDRESS:SO seventeen, one B J"}},
	{"Agent: NHS number?\nCaller: Nine four three,\nAgent: yes\nCaller: four seven six,\nAgent: yep\nCaller: five nine one nine.", []string{"NATIONAL_ID:Nine four three", "NATIONAL_ID:four seven six", "NATIONAL_ID:five nine one nine"}},
	{"The zip is one double oh one nine.", []string{"ADDRESS:one double oh one nine"}},
	{"Agent: What's your zip code?\nCaller: Nine oh two one oh.", []string{"ADDRESS:Nine oh two one oh"}},
	{"I live at twelve Maple Street, Springfield, Illinois, six two seven oh four.", []string{"ADDRESS:twelve Maple Street, Springfield, Illinois, six two seven oh four"}},
	{"The zip code is one double oh one nine, dash, four four three two.", []string{"ADDRESS:one double oh one nine, dash, four four three two"}},
	// E-mail addresses, their names and numbers inside.
	{"It's first dot last at example dot com.", []string{"EMAIL:first dot last at example dot com"}},
	{"My email's Adele dot Grant at Example dot com.", []string{"EMAIL:Adele dot Grant at Example dot com"}},
	{"adele, dot, grant, at example, dot, com", []string{"EMAIL:adele, dot, grant, at example, dot, com"}},
	{"Agent: Your email?\nCaller: Yes, it's A dot Grant, nineteen eighty eight, at N H S dot net.", []string{"EMAIL:A dot Grant, nineteen eighty eight, at N H S dot net"}},
	{"my email is adele underscore grant oh seven at btinternet dot com", []string{"EMAIL:adele underscore grant oh seven at btinternet dot com"}},
	{"it's adele dot grant, that's all lower case, at example dot co dot uk", []string{"EMAIL:adele dot grant, that's all lower case, at example dot co dot uk"}},
	{"Write to Mary dot O'Brien hyphen Smith at my hyphen clinic dot org, please.", []string{"EMAIL:Mary dot O'Brien hyphen Smith at my hyphen clinic dot org"}},
}

func TestRedactHearsWhatIsSpelledOut(t *testing.T) {
	for _, c := range spelledOut {
		if got := found(RedactInput{Text: c.text}); !slices.Equal(got, c.want) {
			t.Errorf("%q:\n got %q\nwant %q", c.text, got, c.want)
		}
	}
}

// TestAnAddressHoldsTheNamesKnown: a known name inside an e-mail address does not cut it.
func TestAnAddressHoldsTheNamesKnown(t *testing.T) {
	known := Known{Names: []string{"Adele Grant"}, Phones: []string{"+447700900123"}, BirthDates: []string{"1988-03-14"}, Addresses: []string{"14 Acacia Road, London, N1 7AA"}}
	for _, c := range []struct{ text, want string }{
		{"It's adele dot grant at example dot com.", "EMAIL:adele dot grant at example dot com"},
		{"Adele dot Grant eighty eight at example dot com", "EMAIL:Adele dot Grant eighty eight at example dot com"},
		{"adele.grant@example.com", "EMAIL:adele.grant@example.com"},
		{"I live at fourteen Acacia Road, London, N one, seven double A.", "ADDRESS:fourteen Acacia Road, London, N one, seven double A"},
		{"it's n one, seven double a", "ADDRESS:n one, seven double a"},
	} {
		if got := found(RedactInput{Text: c.text, Known: known}); !slices.Equal(got, []string{c.want}) {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
}

// TestSpelledLettersLeaveTheRest: letters and numbers that are no address.
func TestSpelledLettersLeaveTheRest(t *testing.T) {
	for _, text := range []string{
		"I take one a day, two at night, and a double one on Sundays.",
		"She is a one in two case, see you at two, be well.",
		"Plan B, one or two a week. Vitamin B twelve, two a day.",
		"We saw it on BBC One at eight, and on E four.",
		"Are you free at four? Why, see, I am.",
		"The doctor is at the clinic dot, no, not today.",
		"The NHS is great, and an ess or two is no harm.",
		"An F1 hybrid of F344 and BN. A 27-mm St Jude valve.",
		"Agent: What's your postcode?\nCaller: I'd have to see, are you in a hurry?",
	} {
		for _, s := range Redact(RedactInput{Text: text}) {
			if slices.Contains([]Kind{Address, NationalID, Email, Phone, URL}, s.Kind) {
				t.Errorf("%q: %s over %q", text, s.Kind, text[s.Start:s.End])
			}
		}
	}
}
