package privacy

import (
	"slices"
	"testing"
)

// saidOver are codes that are read back, put right, or dictated in pieces over turns.
var saidOver = []struct {
	text string
	want []string
}{
	{"Agent: And a number for you?\nCaller: 07700 900 211.\nAgent: 07700 900 221?\nCaller: Two double one.", []string{"PHONE:07700 900 211", "PHONE:07700 900 221", "PHONE:Two double one"}},
	{"Agent: Is it 0114 496 0771?\nCaller: It's 0772 on weekdays.", []string{"PHONE:0114 496 0771", "PHONE:0772"}},
	{"Agent: And the postcode?\nCaller: L N six, nine G H.\nAgent: L N six nine G A?\nCaller: H, H for hotel.", []string{"ADDRESS:L N six, nine G H", "ADDRESS:L N six nine G A", "ADDRESS:H, H for hotel"}},
	{"agent: hospital number please\ncaller: k four four nine oh two\nagent: k four four nine oh three\ncaller: two at the end\nagent: oh two thank you", []string{"MEDICAL_RECORD_NUMBER:k four four nine oh two", "MEDICAL_RECORD_NUMBER:k four four nine oh three", "MEDICAL_RECORD_NUMBER:two", "MEDICAL_RECORD_NUMBER:oh two"}},
	{"agent: your email\ncaller: ines dash roca at example dot com\nagent: ines dot roca at example dot com\ncaller: no dash not dot", []string{"EMAIL:ines dash roca at example dot com", "EMAIL:ines dot roca at example dot com", "EMAIL:dash", "EMAIL:dot"}},
	{"agent: date of birth\ncaller: ninth of may nineteen seventy one\nagent: ninth of may nineteen seventy seven\ncaller: no seventy one i'm not that young", []string{"DATE_OF_BIRTH:ninth of may nineteen seventy one", "DATE_OF_BIRTH:ninth of may nineteen seventy seven", "DATE_OF_BIRTH:seventy one"}},
	{"agent: date of birth\ncaller: the third\nagent: the third of\ncaller: of the tenth\nagent: what year\ncaller: sixty two", []string{"DATE_OF_BIRTH:third", "DATE_OF_BIRTH:third", "DATE_OF_BIRTH:tenth", "DATE_OF_BIRTH:sixty two"}},
	{"Agent: Can you spell the surname?\nCaller: M, A, Z, U, R.\nAgent: Mazu?\nCaller: With an R at the end.", []string{"PERSON:M, A, Z, U, R", "PERSON:Mazu", "PERSON:R"}},
	{"agent: i could text you the list\ncaller: sure it's um two one two\nagent: two one two\ncaller: five five five\nagent: mhm\ncaller: oh one three six", []string{"PHONE:two one two", "PHONE:two one two", "PHONE:five five five", "PHONE:oh one three six"}},
	{"agent: what's the best number\ncaller: oh seven nine double oh\nagent: yes\ncaller: hundred and six two two one", []string{"PHONE:oh seven nine double oh", "PHONE:hundred and six two two one"}},
	{"agent: the long number please\ncaller: my card is four five three nine one four eight eight oh three four three six four six seven expiry oh six thirty one\nagent: and the three digits on the back\ncaller: four one nine",
		[]string{"CREDIT_CARD:four five three nine one four eight eight oh three four three six four six seven", "CREDIT_CARD:oh six thirty one", "CREDIT_CARD:four one nine"}},
	{"The card is 4539 1488 0343 6467, expires 03/29, and the code is 118.", []string{"CREDIT_CARD:4539 1488 0343 6467", "CREDIT_CARD:03/29", "CREDIT_CARD:118"}},
	{"Agent: Your social security number?\nCaller: My son has it. He's at 602-555-0199.", []string{"PHONE:602-555-0199"}},
	{"his number's plus three three six er one two double oh three four five six", []string{"PHONE:plus three three six er one two double oh three four five six"}},
	{"Agent: Postcode?\nCaller: B S eight, then it's two, er, two L P.\nAgent: BS8 2LP, thank you.", []string{"ADDRESS:B S eight, then it's two, er, two L P", "ADDRESS:BS8 2LP"}},
	{"agent: are you still at thirty one oh six maple bend drive\ncaller: yes", []string{"ADDRESS:thirty one oh six maple bend drive"}},
	{"Agent: Are you still at Linden House, Mill Lane?\nCaller: No, it's the Old Forge now.", []string{"ADDRESS:Linden House, Mill Lane", "ADDRESS:the Old Forge"}},
	{"agent: and the adjuster\ncaller: his line is six one four\nagent: okay\ncaller: five five five\nagent: mhm\ncaller: oh one nine two", []string{"PHONE:six one four", "PHONE:five five five", "PHONE:oh one nine two"}},
	{"Agent: Date of birth?\nCaller: Ninth of the fourth, thirty-nine.\nAgent: Ninth of April nineteen forty-nine?\nCaller: I should have been so lucky, you know. Thirty-nine.", []string{"DATE_OF_BIRTH:Ninth of the fourth, thirty-nine", "DATE_OF_BIRTH:Ninth of April nineteen forty-nine", "DATE_OF_BIRTH:Thirty-nine"}},
	{"agent: member id\ncaller: j as in juliet four four oh two nine\nagent: g four four oh two nine\ncaller: no j juliet", []string{"OTHER_ID:j as in juliet four four oh two nine", "OTHER_ID:g four four oh two nine", "OTHER_ID:j juliet"}},
	{"agent: the address we have is six twelve west larch", []string{"ADDRESS:six twelve west larch"}},
	{"agent: and the town\ncaller: cedar falls texas seven seven oh one two", []string{"ADDRESS:cedar falls", "LOCATION:texas", "ADDRESS:seven seven oh one two"}},
	{"Agent: Do you have ten, ten fifteen, ten thirty?", nil},
	{"agent: are you on maple court\ncaller: no six oh two maple ridge apartment nine c", []string{"ADDRESS:maple court", "ADDRESS:six oh two maple ridge apartment nine c"}},
	{"Agent: And who should we ring?\nCaller: Her niece. Prudence. In the evening.", []string{"PERSON:Prudence"}},
	{"agent: your email\ncaller: lee f at example dot com\nagent: lee s at example dot com\ncaller: f as in fig", []string{"EMAIL:lee f at example dot com", "EMAIL:lee s at example dot com", "EMAIL:f as in fig"}},
	{"Agent: Postcode?\nCaller: L N four\nAgent: Mm-hmm.\nCaller: nine double A", []string{"ADDRESS:L N four", "ADDRESS:nine double A"}},
	{"agent: are you on the way\ncaller: i am in the building", nil},
	{"She put it up to a hundred. And come back.", nil},
}

func TestWhatIsSaidOverAgainIsOfOneKind(t *testing.T) {
	t.Parallel()
	for _, c := range saidOver {
		if got := found(RedactInput{Text: c.text}); !slices.Equal(got, c.want) {
			t.Errorf("%q\n got %q\nwant %q", c.text, got, c.want)
		}
	}
}

// TestAnswersBehindACodeAreTheirOwn: a price, a time or a count after a telephone number is none of its pieces.
func TestAnswersBehindACodeAreTheirOwn(t *testing.T) {
	t.Parallel()
	const call = "Agent: And your number?\nCaller: 07700 900 281.\nAgent: 07700 900 281, thank you.\n"
	for _, next := range []string{
		"Agent: How many are coming?\nCaller: Two, no, three.",
		"Caller: What does it cost?\nAgent: It's £25.",
		"Agent: Ten past four?\nCaller: No, half five.",
		"Agent: How old are your children?\nCaller: They are two.",
		"Caller: Sorry, two days ago it began.",
		"Agent: One moment, please.\nCaller: Okay.",
		"Agent: Okay, I have eight thirty or nine fifteen.\nCaller: Nine fifteen.",
	} {
		want := []string{"PHONE:07700 900 281", "PHONE:07700 900 281"}
		if got := slices.DeleteFunc(found(RedactInput{Text: call + next}), func(s string) bool { return s[:4] != "PHON" }); !slices.Equal(got, want) {
			t.Errorf("%q: %q", next, got)
		}
	}
}

// agesSaid are ages that are told by the way.
func TestAgesByTheWay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		{"caller: i'm ninety dear so speak up", "AGE:ninety"},
		{"Caller: I'm seventy-nine years young.", "AGE:seventy-nine"},
		{"caller: she's only seventeen mind", "AGE:seventeen"},
		{"caller: i just turned thirty six don't tell", "AGE:thirty six"},
		{"Caller: She will be four in two weeks.", "AGE:four"},
		{"caller: i had a hysterectomy at fifty two", "AGE:fifty two"},
	} {
		if got := found(RedactInput{Text: c.text}); !slices.Contains(got, c.want) {
			t.Errorf("%q: %q, want %s", c.text, got, c.want)
		}
	}
	for _, text := range []string{"The operation is at nine.", "I'll be in at twenty past.", "He will be ten minutes.", "It's two in the morning."} {
		for _, s := range found(RedactInput{Text: text}) {
			if s[:3] == "AGE" {
				t.Errorf("%q: %s", text, s)
			}
		}
	}
}

// TestTimesAndPressuresAreNoBirthDates though a birth date was asked for a moment ago, and "I will" is nobody.
func TestTimesAndPressuresAreNoBirthDates(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"agent: date of birth\ncaller: second of june nineteen ninety\nagent: could you come at two fifteen\ncaller: yes",
		"agent: date of birth\ncaller: second of june nineteen ninety\nagent: and your pressure\ncaller: one forty over ninety",
	} {
		if got := found(RedactInput{Text: text}); !slices.Equal(got, []string{"DATE_OF_BIRTH:second of june nineteen ninety"}) {
			t.Errorf("%q: %q", text, got)
		}
	}
	if got := found(RedactInput{Text: "agent: what's your name\ncaller: joan tibbs\nagent: will you come\ncaller: i will and gladly"}); !slices.Equal(got, []string{"PERSON:joan tibbs"}) {
		t.Errorf("%q", got)
	}
}
