package privacy

import (
	"slices"
	"strings"
	"testing"
)

// asked holds what callers ask a front desk for and tell it of themselves, and the terms in it.
var asked = []struct {
	text string
	want []string
}{
	{"can i get a measles test and a ferritin check", []string{"PROCEDURE:measles test", "PROCEDURE:ferritin check"}},
	{"she had an abscess drained and the splinter taken out", []string{"PROCEDURE:abscess drained", "PROCEDURE:taken out"}},
	{"they put two stents in and later they removed my spleen", []string{"PROCEDURE:stents in", "PROCEDURE:removed my spleen"}},
	{"i had a pacemaker fitted", []string{"PROCEDURE:pacemaker fitted"}},
	{"I need to book a physical and an echo.", []string{"PROCEDURE:physical", "PROCEDURE:echo"}},
	{"the breath test was on monday", []string{"PROCEDURE:breath test"}},
	{"he starts PT next week", []string{"PROCEDURE:PT"}},
	{"he is on an ofloxacin infusion", []string{"MEDICATION:ofloxacin", "PROCEDURE:infusion"}},
	{"i take lip it or and well butrin", []string{"MEDICATION:lip it or", "MEDICATION:well butrin"}},
	{"my blood pressure's been running high and my cholesterol is up", []string{"CONDITION:blood pressure's been running high", "CONDITION:cholesterol is up"}},
	{"he has a ruptured spleen and a torn tendon", []string{"CONDITION:ruptured spleen", "CONDITION:torn tendon"}},
	{"she's not able to swallow", []string{"CONDITION:not able to swallow"}},
	{"I'm calling about my elbow.", []string{"CONDITION:elbow"}},
	{"My sister has MS and needs an M.R.I.", []string{"CONDITION:MS", "PROCEDURE:M.R.I"}},
	{"i whacked my elbow and it radiates down my arm", []string{"CONDITION:whacked my elbow", "CONDITION:radiates down my arm"}},
	{"i had two epidurals and pt, and they lasered it", []string{"PROCEDURE:epidurals", "PROCEDURE:pt", "PROCEDURE:lasered it"}},
	{"is there any discharge?", []string{"CONDITION:discharge"}},
}

func TestRedactFindsWhatIsAskedOfTheDesk(t *testing.T) {
	for _, c := range asked {
		got := slices.DeleteFunc(found(RedactInput{Text: c.text}), func(s string) bool { return strings.HasPrefix(s, "DATE:") })
		if !slices.Equal(got, c.want) {
			t.Errorf("%q:\n got %q\nwant %q", c.text, got, c.want)
		}
	}
}

// TestRedactLeavesTheDesksOtherTalk: the same words about the line, the car, the form and the school.
func TestRedactLeavesTheDesksOtherTalk(t *testing.T) {
	for _, text := range []string{
		"There's an echo on the line, I have an echo on this phone. This is a test call.",
		"Can I have a physical address, and a physical card?",
		"I need to have my number removed from your list.",
		"My daughter has a driving test. We had the kitchen removed and put in a new floor.",
		"They took the other one out of stock, and he put in a good word.",
		"Are you on any medication? Which medicines do you take?",
		"His therapy dog comes along. I'm calling about my card.",
		"A well known brand, so no vow or log of it.",
		"The discharge letter is late, and the count of tickets is up.",
	} {
		if got := found(RedactInput{Text: text}); len(got) > 0 {
			t.Errorf("%q: %q", text, got)
		}
	}
}

// TestRedactHearsAnswersInOrdinaryWords: names, numbers and places that look like other words, and what is put right afterwards.
func TestRedactHearsAnswersInOrdinaryWords(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
	}{
		{"AI: your name please\nUser: june summer", []string{"PERSON:june summer"}},
		{"AI: Name?\nUser: grace, grace field", []string{"PERSON:grace, grace field"}},
		{"AI: what's the name\nUser: just ivy", []string{"PERSON:ivy"}},
		{"AI: And your last name?\nUser: Sunday.", []string{"PERSON:Sunday"}},
		{"AI: who is it for\nUser: my son dale, dale march", []string{"PERSON:dale, dale march"}},
		{"AI: And your N H S number?\nUser: I haven't got it.", nil},
		{"AI: Surname?\nUser: Xu. X as in x-ray, U, double E.", []string{"PERSON:Xu", "PERSON:X as in x-ray, U, double E"}},
		{"AI: date of birth?\nUser: the second of the fourth, seventy one", []string{"DATE_OF_BIRTH:second of the fourth, seventy one"}},
		{"AI: date of birth?\nUser: christmas day nineteen sixty", []string{"DATE_OF_BIRTH:christmas day nineteen sixty"}},
		{"AI: date of birth?\nUser: ninth of may oh four", []string{"DATE_OF_BIRTH:ninth of may oh four"}},
		{"AI: your address?\nUser: p o box two two one seven", []string{"ADDRESS:p o box two two one seven"}},
		{"AI: which city?\nUser: tucson arizona seven five two oh one", []string{"LOCATION:tucson", "LOCATION:arizona", "ADDRESS:seven five two oh one"}},
		{"AI: Is the postcode L S 1, 4 D T?\nUser: no, B as in bravo, S as in sierra, then one, four d t", []string{"ADDRESS:L S 1, 4 D T", "ADDRESS:B as in bravo, S as in sierra", "ADDRESS:one, four d t"}},
		{"AI: your email?\nUser: ada lark at my studio dot org", []string{"EMAIL:ada lark at my studio dot org"}},
		{"AI: your email?\nUser: lark eighty at gmail dot com, no sorry, ninety", []string{"EMAIL:lark eighty at gmail dot com", "EMAIL:ninety"}},
		{"my email is lark😀@example.com", []string{"EMAIL:lark😀@example.com"}},
		{"call O77OO 9OO 421", []string{"PHONE:O77OO 9OO 421"}},
		{"My member ID is WXR 771 0442.", []string{"OTHER_ID:WXR 771 0442"}},
	} {
		if got := found(RedactInput{Text: c.text}); !slices.Equal(got, c.want) {
			t.Errorf("%q:\n got %q\nwant %q", c.text, got, c.want)
		}
	}
}
