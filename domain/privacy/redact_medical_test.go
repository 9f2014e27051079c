package privacy

import (
	"slices"
	"testing"
)

// suffered holds what patients and doctors say, and the terms in it.
var suffered = []struct {
	text string
	want []string
}{
	{"My ankles swell up and my nose keeps running.", []string{"CONDITION:ankles swell up", "CONDITION:nose keeps running"}},
	{"I haven't been feeling very well, I've got a bit of a cold and a temperature", []string{"CONDITION:haven't been feeling very well", "CONDITION:cold", "CONDITION:a temperature"}},
	{"any problems with your, um, hearing? Any discharge coming out of the left ear?", []string{"CONDITION:problems with your, um, hearing", "CONDITION:discharge coming out of the left ear"}},
	{"it's hard to swallow and it's difficult to breathe at night", []string{"CONDITION:hard to swallow", "CONDITION:difficult to breathe"}},
	{"he is n't feeling good and ca n't breathe", []string{"CONDITION:is n't feeling good", "CONDITION:ca n't breathe"}},
	{"there's blood in the poo and a pain at the back of my right knee", []string{"CONDITION:blood in the poo", "CONDITION:pain at the back of my right knee"}},
	{"my heart was racing so much", []string{"CONDITION:heart was racing"}},
	{"no masses on the abdomen, and a mass", []string{"CONDITION:masses on the abdomen", "CONDITION:mass"}},
	{"they took my gall bladder out and she had her knee replaced", []string{"PROCEDURE:gall bladder out", "PROCEDURE:knee replaced"}},
	{"he is booked for a shoulder replacement and a nose revision", []string{"PROCEDURE:shoulder replacement", "PROCEDURE:nose revision"}},
	{"I'm taking some zelbotrine, and thyrocsin fifty micrograms", []string{"MEDICATION:zelbotrine", "MEDICATION:thyrocsin"}},
	{"he was put on veltizac last week", []string{"MEDICATION:veltizac"}},
	{"Rats had propylthiouracil (PTU); after PTU they slept.", []string{"MEDICATION:propylthiouracil", "MEDICATION:PTU", "MEDICATION:PTU"}},
	{"I tore my left achilles and I can't lift my arm", []string{"CONDITION:tore my left achilles", "CONDITION:can't lift my arm"}},
	{"I don't have much energy and my mood is low, and I can't hear very well", []string{"CONDITION:don't have much energy", "CONDITION:mood is low", "CONDITION:can't hear"}},
	{"he has cubital tunnel syndrome, a rare Hubble disease, and is allergic to nuts", []string{"CONDITION:cubital tunnel syndrome", "CONDITION:Hubble disease", "CONDITION:allergic to nuts"}},
	{"she takes ator vastatin and met formin, and the clindamycin lotion", []string{"MEDICATION:ator vastatin", "MEDICATION:met formin", "MEDICATION:clindamycin lotion"}},
	{"it's tight in my chest and my legs have been really heavy", []string{"CONDITION:tight in my chest", "CONDITION:legs have been really heavy"}},
	{"take one tablet twice a day, and use the spray for your nose", []string{"MEDICATION:tablet", "MEDICATION:spray"}},
}

func TestRedactFindsWhatIsSuffered(t *testing.T) {
	for _, c := range suffered {
		if got := found(RedactInput{Text: c.text}); !slices.Equal(got, c.want) {
			t.Errorf("%q:\n got %q\nwant %q", c.text, got, c.want)
		}
	}
}

// TestRedactLeavesWhatIsNoIllness: the same words about the weather, the telephone and the garden.
func TestRedactLeavesWhatIsNoIllness(t *testing.T) {
	for _, text := range []string{
		"It's a cold day, have a cold drink, it was cold outside.",
		"There is a problem with your booking, and something in my calendar.",
		"I can't hear you, it's hard to hear you, and hard to get through.",
		"On the other hand, call me back, the line keeps cutting, and take your time.",
		"I'm not from here, I don't live there, I haven't got it with me.",
		"Use the side door, take the second exit, try the Ferndale road.",
		"The mass index of that meeting, a change in our plans, a spot in the calendar.",
		"Shall I text you the change? The bottom drawer is stuck, and traffic on the bypass is heavy. Give it a shot.",
		"I broke my phone, hit my limit and cut my hours, and I can't hear you.",
		"I took the escalator, and we use a trampoline; don't take umbrage.",
		"It went very well, and I know him well. Well, not really.",
	} {
		if got := found(RedactInput{Text: text}); len(got) > 0 {
			t.Errorf("%q: %q", text, got)
		}
	}
}
