package privacy

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// found answers what was removed, as KIND:text.
func found(in RedactInput) []string {
	var out []string
	for _, s := range Redact(in) {
		out = append(out, string(s.Kind)+":"+in.Text[s.Start:s.End])
	}
	return out
}

// checkSpans holds for any text: sorted, apart, inside, on rune borders, of a kind.
func checkSpans(t interface{ Fatalf(string, ...any) }, text string, spans []Span) {
	at := 0
	for _, s := range spans {
		if s.Start < at || s.End <= s.Start || s.End > len(text) {
			t.Fatalf("span %+v after %d in a text of %d bytes", s, at, len(text))
		}
		if !border(text, s.Start) || !border(text, s.End) {
			t.Fatalf("span %+v cuts a rune", s)
		}
		if s.Kind == "" || s.Score <= 0 || s.Score > 1 {
			t.Fatalf("span %+v without a kind or a score", s)
		}
		at = s.End
	}
}

// border tells whether decoding from the start comes by i: also right for bytes that are no UTF-8.
func border(text string, i int) bool {
	from := max(0, i-utf8.UTFMax)
	for from > 0 && !utf8.RuneStart(text[from]) && from > i-2*utf8.UTFMax {
		from--
	}
	for from < i {
		_, n := utf8.DecodeRuneInString(text[from:])
		from += n
	}
	return from == i
}

// words a call is made of, and what attackers and speech engines put between them.
var pieces = []string{
	"my name is", "John", "smith", "O'Brien", "date of birth", "the nineteenth of September", "nineteen ninety three", "oh", "double", "seven", "twenty-one", "07700 900123", "@", "gmail dot com", "at", "dot",
	"flat 3", "Cliveden Place", "SW1A 1AA", "\n", "Caller:", "Agent:", "?", ".", ",", "-", "***", "xxx-xx-1234", "\u200b", "\u202e", "é", "Ж", "0", "９", "ﬁ", "\xff", "\xed\xa0\x80", "", "nhs number", "943 476 5919",
	"chest pain", "amoxicillin", "S", "M", "I", "for", "sugar", "(", ")", "+44", "/", "2001:db8::1", "10.0.0.1", "http://", "www.", "👩\u200d⚕️", "II", "dr.", "hi",
}

func TestRedactHoldsForAnyText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 60).Draw(t, "pieces"), rapid.SampledFrom([]string{" ", "", "  ", "\u00a0"}).Draw(t, "between"))
		spans := Redact(RedactInput{Text: text})
		checkSpans(t, text, spans)
		Render(text, spans)
	})
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		checkSpans(t, text, Redact(RedactInput{Text: text}))
	})
}

func FuzzRedact(f *testing.F) {
	for _, p := range pieces {
		f.Add(p + " " + p)
	}
	f.Add("[doctor] kayla ward , date of birth , 4/28/07 . mrn 3-8-4-9-2-0")
	f.Fuzz(func(t *testing.T, text string) {
		defer func(at time.Time) {
			if time.Since(at) > time.Second {
				t.Fatal("slow")
			}
		}(time.Now())
		checkSpans(t, text, Redact(RedactInput{Text: text}))
	})
}

var adele = Known{
	Names: []string{"Adele Grant-Okafor"}, Phones: []string{"+447700900123"}, Emails: []string{"a.okafor@example.co.uk"},
	Addresses: []string{"14 Larkspur Way, Harpenden, AL5 4QP"}, BirthDates: []string{"1986-12-21"}, IDs: []string{"943 476 5919", "LK-20417"},
}

func TestKnownValuesAreFoundHoweverTheyAreSaid(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"so that is adele, isn't it", "PERSON:adele"},
		{"A-D-E-L-E", "PERSON:A-D-E-L-E"},
		{"a for apple, d for dog, e l e", "PERSON:a for apple, d for dog, e l e"},
		{"Thank you Miss Okafour.", "PERSON:Okafour"},
		{"it ends oh one two three", "PHONE:oh one two three"},
		{"double seven double oh nine double oh one two three", "PHONE:double seven double oh nine double oh one two three"},
		{"ring 0 77 00 90 01 23 please", "PHONE:0 77 00 90 01 23"},
		{"a dot okafor at example dot co dot uk", "EMAIL:a dot okafor at example dot co dot uk"},
		{"a okafor at example", "EMAIL:a okafor"},
		{"the one on larkspur way", "ADDRESS:larkspur way"},
		{"fourteen larkspur, um, way", "ADDRESS:fourteen larkspur, um, way"},
		{"a l five four q p", "ADDRESS:a l five four q p"},
		{"back in nineteen eighty-six", "DATE_OF_BIRTH:nineteen eighty-six"},
		{"the twenty-first of december", "DATE_OF_BIRTH:twenty-first of december"},
		{"12/21/86", "DATE_OF_BIRTH:12/21/86"},
		{"nine four three, four seven six, five nine one nine", "NATIONAL_ID:nine four three, four seven six, five nine one nine"},
		{"l k two oh four one seven", "MEDICAL_RECORD_NUMBER:l k two oh four one seven"},
		{"A\u200bd\u200be\u200ble", "PERSON:A\u200bd\u200be\u200ble"},
		{"Аdеlе", "PERSON:Аdеlе"}, // with Cyrillic letters
	} {
		got := found(RedactInput{Text: c.text, Known: adele})
		if !slices.Contains(got, c.want) {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
}

func TestKnownNamesLeaveOrdinaryWords(t *testing.T) {
	for _, text := range []string{"I will call you in May if I may.", "will you if you may, the price will rise", "The rose garden was open. May I ask?"} {
		if got := found(RedactInput{Text: text, Known: Known{Names: []string{"Will May", "Rose Will"}}}); len(got) > 0 && got[0] != "DATE:May" {
			t.Errorf("%q: %q", text, got)
		}
	}
}
