package handlers

import (
	"fmt"
	"strings"
	"testing"

	"anteroom/domain/calls"
	"anteroom/domain/fault"
)

func TestTickedWordsAreOneStretch(t *testing.T) {
	t.Parallel()
	const text = "I can help with that, Ada. Could I"
	at := func(w string) string {
		i := strings.Index(text, w)
		return stretch(i, i+len(w))
	}
	for name, c := range map[string]struct {
		words []string
		seen  string
	}{
		"one":                {[]string{at("Ada.")}, "Ada"},
		"two that stand so":  {[]string{at("that,"), at("Ada.")}, "that, Ada"},
		"a gap":              {[]string{at("can"), at("with")}, ""},
		"out of order":       {[]string{at("Ada."), at("can")}, ""},
		"outside":            {[]string{"0-999"}, ""},
		"the wrong way":      {[]string{"9-3"}, ""},
		"nothing of numbers": {[]string{"a-b"}, ""},
	} {
		var in calls.MissInput
		err := ticked(&in, text, c.words)
		if f := fault.As(err); c.seen == "" && f == nil || c.seen != "" && (err != nil || in.Seen != c.seen || text[in.Starts:in.Ends] != c.seen) {
			t.Errorf("%s: %q, %v", name, in.Seen, err)
		}
	}
}

func stretch(from, to int) string { return fmt.Sprintf("%d-%d", from, to) }
