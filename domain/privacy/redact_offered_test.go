package privacy

import (
	"slices"
	"testing"
)

// TestNamesByWhatIsSaidOfThem: names that are ordinary words, or that no list knows, and their other forms.
func TestNamesByWhatIsSaidOfThem(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want []string
	}{
		{"agent: that's booked amber can see you on friday", []string{"PERSON:amber"}},
		{"agent: are you still seeing crystal for your nails", []string{"PERSON:crystal"}},
		{"Agent: I've got Jack at 7.45 or Faith at 12.30.\nCaller: I'll take Faith, please.", []string{"PERSON:Jack", "PERSON:Faith", "PERSON:Faith"}},
		{"caller: i had it done before with ruby", []string{"PERSON:ruby"}},
		{"caller: hello it's joy\nagent: hi joy what can i do", []string{"PERSON:joy", "PERSON:joy"}},
		{"caller: my grandson clay he drives me", []string{"PERSON:clay"}},
		{"caller: i'm with my aunt malia kaleohano at the moment", []string{"PERSON:malia kaleohano"}},
		{"caller: is that susan young", []string{"PERSON:susan young"}},
		{"agent: what are their names\ncaller: rohan and tavishi krishnaswamy", []string{"PERSON:rohan", "PERSON:tavishi krishnaswamy"}},
		{"Agent: Good morning, you're through to Perpetua.", []string{"PERSON:Perpetua"}},
		{"Agent: Okay. Sister Comfort Owusu runs it.", []string{"PERSON:Comfort Owusu"}},
		{"Caller: I'm Gwen Hughes.\nAgent: There are a few Hugheses here.", []string{"PERSON:Gwen Hughes", "PERSON:Hugheses"}},
		{"caller: the account is mr k ashdown", []string{"PERSON:k ashdown"}},
		{"Caller: My daughter Hope can help. Hope Benally.", []string{"PERSON:Hope", "PERSON:Hope Benally"}},
		{"agent: how do you spell it\ncaller: s o r a y a and that's it", []string{"PERSON:s o r a y a"}},
		{"Agent: Hi, is that Lark?\nCaller: Speaking.\nAgent: Thank you, Lark.", []string{"PERSON:Lark", "PERSON:Lark"}},
		{"agent: what's he called\ncaller: koa", []string{"PERSON:koa"}},
		{"agent: what's your name\ncaller: aadhya pillai\nagent: so any worry about adhya then", []string{"PERSON:aadhya pillai", "PERSON:adhya"}},
		{"agent: dr may tran can fit you in", []string{"PERSON:may tran"}},
	} {
		if got := found(RedactInput{Text: c.text}); !slices.Equal(got, c.want) {
			t.Errorf("%q\n got %q\nwant %q", c.text, got, c.want)
		}
	}
	for _, text := range []string{
		"caller: i hope it will get better", "agent: will you be seeing to it at nine", "caller: i had it with honey", "caller: by the grace of god", "agent: it may help so have it at ten", "caller: i was with child at the time",
	} {
		for _, s := range found(RedactInput{Text: text}) {
			if s[:6] == "PERSON" {
				t.Errorf("%q: %s", text, s)
			}
		}
	}
}
