package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"anteroom/domain/privacy"
)

// wantedRedaction is what one processor should get through, in MB a second.
const wantedRedaction = 10

var benchTalks = []struct {
	name  string
	turns []string
}{
	{"as written", []string{"Hello, you have reached the clinic. May I have your full name?", "Yes, it's Rosalind Whitcombe.", "And your date of birth?", "14/03/1979, and my NHS number is 943 476 5919.",
		"Thank you. What is it about?", "I have asthma, and I take salbutamol. I'd like to come in before work if I can.", "What is your phone number?", "07700 900123, or write to rosalind@example.com.",
		"And your address?", "9 Alder Grove, Leeds LS1 4AP.", "Thank you, we will ring you back this afternoon.", "Lovely, thank you, bye."}},
	{"as spoken", []string{"hello you have reached the clinic may i have your full name", "yes um it's rosalind whitcombe", "and your date of birth", "the fourteenth of march uh nineteen seventy nine",
		"thank you what is it about", "i have asthma and i take salbutamol i'd like to come in before work if i can", "what is your phone number", "oh seven seven double oh nine hundred one two three",
		"and your e-mail address", "rosalind at example dot com and i live at nine alder grove in leeds", "thank you we will ring you back this afternoon", "lovely thank you bye"}},
}

// redaction measures how much of a call one processor gets through, in the processor's time: a busy machine changes little of it.
func (s *bench) redaction(context.Context) error {
	fmt.Printf("Redaction, one processor\n%-22s %12s %12s\n", "", "MB/s", "wanted")
	for _, talk := range benchTalks {
		in := talkInput(talk.turns)
		var bytes int
		begun, before := time.Now(), processorTime()
		for time.Since(begun) < s.For/2 {
			privacy.Redact(in)
			bytes += len(in.Text)
		}
		fmt.Printf("%-22s %12.1f %12d\n", talk.name, float64(bytes)/1e6/(processorTime()-before).Seconds(), wantedRedaction)
	}
	fmt.Println()
	return nil
}

// talkInput says a talk five times over, as a call of some minutes, with who said what.
func talkInput(said []string) (in privacy.RedactInput) {
	var text strings.Builder
	for range 5 {
		for i, words := range said {
			start := text.Len()
			text.WriteString(words)
			in.Turns = append(in.Turns, privacy.Turn{Start: start, End: text.Len(), Speaker: []string{"agent", "caller"}[i%2]})
			text.WriteByte('\n')
		}
	}
	in.Text = text.String()
	return in
}
