package privacy

import (
	"slices"
	"strings"
	"sync"
	"testing"
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
	"postcode?", "N one", "double A", "double you", "enn", "haitch", "ess", "x-ray", "s for", "as in", "zip", "that's all lower case", "hyphen",
}

func TestRedactHoldsForAnyText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 60).Draw(t, "pieces"), rapid.SampledFrom([]string{" ", "", "  ", "\u00a0"}).Draw(t, "between"))
		spans := Redact(RedactInput{Text: text})
		checkSpans(t, text, spans)
		Render(text, spans)
		checkSpans(t, text, Redact(RedactInput{Text: text, Known: adele}))
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
		checkSpans(t, text, Redact(RedactInput{Text: text}))
		checkSpans(t, text, Redact(RedactInput{Text: text, Known: adele, Turns: []Turn{{0, len(text) / 2, "a"}, {len(text) / 2, len(text), "b"}}}))
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
		{"okafour rang about the bill", "PERSON:okafour"},
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

func TestKnownValuesKeepToWholeWords(t *testing.T) {
	for _, text := range []string{"it was granted, and the grantee was fragrant", "the cadelement", "there were 12345 of them"} {
		if got := found(RedactInput{Text: text, Known: adele}); len(got) > 0 {
			t.Errorf("%q: %q", text, got)
		}
	}
}

func TestOverlapsAreSettled(t *testing.T) {
	d := new(doc).read(RedactInput{Text: "aa bb cc dd ee"})
	d.found = []finding{{1, 3, Date, 0.5}, {0, 2, Person, 0.9}, {2, 5, Phone, 0.7}}
	if got, want := d.settle(), []Span{{0, 5, Person, 0.9}, {6, 14, Phone, 0.7}}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v: the surer keeps its kind, and nothing is uncovered", got, want)
	}
	d.found = []finding{{0, 2, Person, 0.9}, {1, 3, Date, 0.5}}
	if got, want := d.settle(), []Span{{0, 5, Person, 0.9}, {6, 8, Date, 0.5}}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestPartsAreCutBetweenWords(t *testing.T) {
	text := strings.Repeat("a ", longest/2-3) + "Wolverhampton is where she lives"
	if got := found(RedactInput{Text: text}); !slices.Equal(got, []string{"LOCATION:Wolverhampton"}) {
		t.Errorf("%q", got)
	}
}

func TestKnownNamesLeaveOrdinaryWords(t *testing.T) {
	for _, text := range []string{"I will call you in May if I may.", "will you if you may, the price will rise", "The rose garden was open. May I ask?"} {
		if got := found(RedactInput{Text: text, Known: Known{Names: []string{"Will May", "Rose Will"}}}); len(got) > 0 && got[0] != "DATE:May" {
			t.Errorf("%q: %q", text, got)
		}
	}
}

// said holds calls as they are said, typed, scanned and disguised, and all that must be found in them.
var said = []struct {
	text string
	want []string
}{
	{"Agent: can I take your name please?\nCaller: Yeah it's Oluwaseun Adeyemi-Brown.\nAgent: And your date of birth?\nCaller: It's the uh third of the ninth\nAgent: mm-hmm\nCaller: seventy four.\nAgent: Third of September seventy-four, and your number?\nCaller: oh seven nine double four\nAgent: yep\nCaller: three one two\nAgent: okay\nCaller: eight eight six.",
		[]string{"PERSON:Oluwaseun Adeyemi-Brown", "DATE_OF_BIRTH:third of the ninth", "DATE_OF_BIRTH:seventy four", "DATE_OF_BIRTH:Third of September seventy-four", "PHONE:oh seven nine double four", "PHONE:three one two", "PHONE:eight eight six"}},
	{"agent: could i take your full name\ncaller: yes it's will price\nagent: thanks will and your postcode\ncaller: s w nineteen five a e\nagent: and the house number\ncaller: forty two",
		[]string{"PERSON:will price", "PERSON:will", "ADDRESS:s w nineteen five a e", "ADDRESS:forty two"}},
	{"User: My name is April, A-P-R-I-L, surname May.\nAI: Thank you April. And your email?\nUser: april dot may eighty four at gmail dot com",
		[]string{"PERSON:April", "PERSON:A-P-R-I-L", "PERSON:May", "PERSON:April", "EMAIL:april dot may eighty four at gmail dot com"}},
	{"it's j o h n underscore s m i t h at hotmail dot co dot uk", []string{"EMAIL:j o h n underscore s m i t h at hotmail dot co dot uk"}},
	{"it's c d f at a b c dot e d u", []string{"EMAIL:c d f at a b c dot e d u"}},
	{"My name is Jоhn Smіth and I live at 14 Acaciа Avenue.", []string{"PERSON:Jоhn Smіth", "ADDRESS:14 Acaciа Avenue"}}, // Cyrillic о, і, а
	{"My n\u200bame is S\u200ba\u200br\u200ba\u200bh C\u200bonnor", []string{"PERSON:S\u200ba\u200br\u200ba\u200bh C\u200bonnor"}},
	{"\u202eMy name is\u202c Sa\u00adrah", []string{"PERSON:Sa\u00adrah"}},
	{"J0hn Sm1th called from 07700 9OO123", []string{"PERSON:J0hn Sm1th", "PHONE:07700 9OO123"}},
	{"Name: Sarah Connor DOB: O4/l2/1985 NHS No: 943 476 59l9", []string{"PERSON:Sarah Connor", "DATE_OF_BIRTH:O4/l2/1985", "NATIONAL_ID:943 476 59l9"}},
	{"His SSN is ***-**-6789 and the card ends XXXX XXXX XXXX 4242.", []string{"NATIONAL_ID:***-**-6789", "CREDIT_CARD:XXXX XXXX XXXX 4242"}},
	{"Call me on +44 (0)7700 900 *** or j***@gmail.com", []string{"PHONE:+44 (0)7700 900 ***", "EMAIL:j***@gmail.com"}},
	{"ＪＯＨＮ ＳＭＩＴＨ, ０７７００ ９００１２３", []string{"PERSON:ＪＯＨＮ ＳＭＩＴＨ", "PHONE:０７７００ ９００１２３"}},
	{"my nhs number is four eight five triple seven three four five six", []string{"NATIONAL_ID:four eight five triple seven three four five six"}},
	{"the reference is bravo two seven kilo nine nine", []string{"OTHER_ID:bravo two seven kilo nine nine"}},
	{"my NHS number is 943 476 5918", []string{"NATIONAL_ID:943 476 5918"}}, // the check digit is wrong: it is still somebody's
	{"what's the address?\nflat two b, one hundred and twelve Goldhawk Road, London W12 8HD", []string{"ADDRESS:flat two b, one hundred and twelve Goldhawk Road, London W12 8HD"}},
	{"agent: what's your address?\ncaller: um so it's twenty three\nagent: yeah\ncaller: maple drive\nagent: and the postcode?\ncaller: n one, six, three p b", []string{"ADDRESS:twenty three", "ADDRESS:maple drive", "ADDRESS:n one, six, three p b"}},
	{"it's Mr Ng, N for November G for golf", []string{"PERSON:Ng", "PERSON:N for November G for golf"}},
	{"this is tom, tom baxter", []string{"PERSON:tom", "PERSON:tom baxter"}},
	{"my sort code is twelve thirty four fifty six and account one two three four five six seven eight", []string{"BANK_ACCOUNT:twelve thirty four fifty six", "BANK_ACCOUNT:one two three four five six seven eight"}},
	{"medicare number 1EG4-TE5-MK73, card number 4111 1111 1111 1111", []string{"NATIONAL_ID:1EG4-TE5-MK73", "CREDIT_CARD:4111 1111 1111 1111"}},
	{"pay GB29 NWBK 6016 1331 9268 19 and her NI is QQ 12 34 56 C", []string{"BANK_ACCOUNT:GB29 NWBK 6016 1331 9268 19", "NATIONAL_ID:QQ 12 34 56 C"}},
	{"see www.janedoe-art.co.uk, my ip is 192.168.12.4 or 2001:db8::8a2e:370:7334", []string{"URL:www.janedoe-art.co.uk", "IP:192.168.12.4", "IP:2001:db8::8a2e:370:7334"}},
	{"born in nineteen sixty-two in Wolverhampton", []string{"DATE_OF_BIRTH:nineteen sixty-two", "LOCATION:Wolverhampton"}},
	{"agent: and how old is he?\ncaller: seven next month. his dad is forty-one years old", []string{"AGE:seven", "AGE:forty-one"}},
	{"next is kayla ward , date of birth 4/28/07 . mrn 3-8-4-9-2-0", []string{"PERSON:kayla ward", "DATE_OF_BIRTH:4/28/07", "MEDICAL_RECORD_NUMBER:3-8-4-9-2-0"}},
	{"I live at Flat 4B, The Old Brewery, 12-14 St. John's Lane, Bristol BS1 6WE", []string{"ADDRESS:Flat 4B, The Old Brewery, 12-14 St. John's Lane, Bristol BS1 6WE"}},
	{"It's 4 1 5... um... 5 5 5... 2 6 7 1.", []string{"PHONE:4 1 5... um... 5 5 5... 2 6 7 1"}},
	{"it's twelve slash oh four slash seventy eight", []string{"DATE:twelve slash oh four slash seventy eight"}},
	{"agent: date of birth?\ncaller: seventeenth\nagent: of?\ncaller: august\nagent: and the year?\ncaller: seventy nine", []string{"DATE_OF_BIRTH:seventeenth", "DATE_OF_BIRTH:august", "DATE_OF_BIRTH:seventy nine"}},
	{"Agent: Confirm the postcode?\nCaller: That's Echo Charlie one victor, two november xray.", []string{"ADDRESS:Echo Charlie one victor, two november xray"}},
	{"Pt seen 12 Mar 2021, DOB 03.04.1962, tel 020 7946 0958", []string{"DATE:12 Mar 2021", "DATE_OF_BIRTH:03.04.1962", "PHONE:020 7946 0958"}},
	{"DOB: 1 2 / 0 3 / 1 9 8 5", []string{"DATE_OF_BIRTH:1 2 / 0 3 / 1 9 8 5"}},
	{"call ٠٧٧٠٠٩٠٠١٢٣ or 07700\u2011900\u2011123", []string{"PHONE:٠٧٧٠٠٩٠٠١٢٣", "PHONE:07700\u2011900\u2011123"}},
	{"[doctor] hey , dragon . frank is a 62-year-old male . okay frank so tell me\n[patient] please call me sue", []string{"PERSON:frank", "AGE:62", "PERSON:frank", "PERSON:sue"}},
	{"caller: the booking's under schofield\nagent: first name?\ncaller: uh deirdre", []string{"PERSON:schofield", "PERSON:deirdre"}},
	{"no it's jonty, j o n t y", []string{"PERSON:jonty", "PERSON:j o n t y"}},
	{"Ms J. Featherstonehaugh and Prof. Dr. Müller", []string{"PERSON:J. Featherstonehaugh", "PERSON:Müller"}},
	{"i have trouble sleeping, can't breathe, lost a stone and feel really low", []string{"CONDITION:trouble sleeping", "CONDITION:can't breathe", "CONDITION:lost a stone", "CONDITION:feel really low"}},
	{"Hi, I'm Doctor Haverstock from Larkfield.", []string{"PERSON:Haverstock", "ORGANIZATION:Larkfield"}},
	{"Patient on warfarin after a heart attack; had a coronary angioplasty, and severe pain in my left knee.", []string{"MEDICATION:warfarin", "CONDITION:heart attack", "PROCEDURE:coronary angioplasty", "CONDITION:severe pain in my left knee"}},
}

func TestRedactFindsWhatIsSaid(t *testing.T) {
	for _, c := range said {
		got := found(RedactInput{Text: c.text})
		if !slices.Equal(got, c.want) {
			t.Errorf("%q:\n got %q\nwant %q", c.text, got, c.want)
		}
	}
}

// TestRedactLeavesTheRest: what only looks like somebody's.
func TestRedactLeavesTheRest(t *testing.T) {
	for _, text := range []string{
		"I can do half past three on the fourteenth or quarter to ten on Friday.",
		"It was 147 over 92 and 38.5, I take two twice a day for 7 days.",
		"We have 10:15, 10:30 and 11:45.",
		"Mark my words, the will to frank bill was grace itself. May I ask?",
		"yes i will mark the place, may works",
		"Thanks, bye now. Take care. Good morning, doctor.",
		"okay hold on let me grab a pen. right. go ahead. perfect, brilliant, lovely",
		"I'm Polish, I'm Fine. It's Fine. I'm Afraid not. This is Great.",
		"Can I confirm your name, date of birth, and the first line of your address, first of all please?",
		"It costs 1,250,000 pounds or 12 percent, about 300 grams.",
		"I miss walking up the hill, and you will too, I bet.",
	} {
		if got := found(RedactInput{Text: text}); len(got) > 0 {
			t.Errorf("%q: %q", text, got)
		}
	}
}

// TestRedactWorkGrowsWithTheText counts looks at tokens, which no busy machine changes: twice the text is twice the work, whatever the text.
func TestRedactWorkGrowsWithTheText(t *testing.T) {
	texts := append([]string{
		"my name is John. ", "name name ", "S-M-I-T-H ", "1 2 3 4 5 ", "address is flat ", "address? \nPat: 3 ", "a@b.c", "date of birth 3 ", "x*", "um ", "pain in my ", "A: name?\nB: yes ", "::1", "dear St. ", "10.0.",
		"1,234,", "no ", "patient is ", "at gmail ", "dot ", "lost about ", "double ", "for ", "mc van de ", "John-", "Smith Smith ", "the of ", "a a ", "can ' ", "O0l1", "bravo ", "twenty thousand ", "London ", "flat flat ", "feel so ", "not feeling ", "tight in my left ", "take the ", "ankles are ", "1234567 no ", "1234567 no 5 ", "oh one\n", "A: four oh five\nB: yes\n", "card 4539148803436467 expiry ", "jade can see you ", "expiry 03/29 ", "(PTU) ", "can't lift my ", "cubital ",
	}, pieces...)
	for _, c := range slices.Concat(said, spelledOut, saidOver) {
		texts = append(texts, c.text+"\n")
	}
	for _, p := range texts {
		if len(p) == 0 {
			continue
		}
		work := func(bytes int) int {
			return new(doc).find(RedactInput{Text: strings.Repeat(p, bytes/len(p)), Known: adele}).steps
		}
		one, two := work(1<<13), work(1<<14)
		if two > 2*one+one/8+1000 || two > 200<<14 {
			t.Errorf("%q: %d steps for 8 kB, %d for 16 kB", p, one, two)
		}
	}
}

func TestRedactReadsLongTextsInParts(t *testing.T) {
	for _, c := range []struct{ fill, end string }{{"and then some more. ", "\n"}, {"word", ""}, {"é", ""}, {"\xff", ""}, {"line\n", "\n"}} {
		text := strings.Repeat(c.fill, 3*longest/len(c.fill)) + c.end + " call 07700 900123"
		spans := Redact(RedactInput{Text: text, Turns: []Turn{{0, len(text), "caller"}}})
		checkSpans(t, text, spans)
		if n := len(spans); n == 0 || spans[n-1].Kind != Phone || text[spans[n-1].Start:] != "07700 900123" {
			t.Errorf("%q: the number at the end is not found: %v", c.fill, spans)
		}
	}
}

func TestRedactKnowsTheTurnsItIsGiven(t *testing.T) {
	text := "Could you tell me your date of birth? Yes it's four three seventy. And you are? Zebedee."
	ask := strings.Index(text, "Yes")
	again := strings.Index(text, "And")
	spans := Redact(RedactInput{Text: text, Turns: []Turn{{0, ask, "agent"}, {ask, again, "caller"}, {again, len(text), "agent"}}})
	if len(spans) == 0 || text[spans[0].Start:spans[0].End] != "four three seventy" || spans[0].Kind != DateOfBirth {
		t.Errorf("%v", spans)
	}
	Redact(RedactInput{Text: "é", Turns: []Turn{{-5, 1, "a"}, {1, 900, "b"}, {7, 3, ""}}}) // turns that make no sense do no harm
}

func TestRender(t *testing.T) {
	text := "I live at 14 Acacia Avenue, call 07700 900123."
	if got, want := Render(text, Redact(RedactInput{Text: text})), "I live at [ADDRESS REDACTED], call [PHONE REDACTED]."; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := Render("abc", []Span{{2, 9, Person, 1}, {1, 2, Person, 1}, {0, 1, Date, 1}}); got != "a[PERSON REDACTED]c" {
		t.Errorf("spans that reach outside or go back are left out: %q", got)
	}
}

func BenchmarkRedact(b *testing.B) {
	var call strings.Builder
	for _, c := range said {
		call.WriteString(c.text)
		call.WriteString("\nCaller: Yeah, so it started about two weeks ago, and, um, it's been on and off since then, mostly in the evenings when I get home from work.\nAgent: Right, okay. And have you tried anything for it so far, or has anybody else in the house had something like that?\n")
	}
	text := call.String()
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		Redact(RedactInput{Text: text})
	}
}

// The memory of a text is used for the next one: nothing of it may be left, also where many are read at once.
func TestNothingIsCarriedFromOneTextToTheNext(t *testing.T) {
	t.Parallel()
	texts := []RedactInput{
		{Text: "Patient takes propylthiouracil (Prtu). Prtu is well borne.", Known: adele},
		{Text: "I asked for Prtu and they sent Prtu"},
		{Text: "Agent: Your date of birth?\nCaller: 14/03/1979\nAgent: and your name?\nCaller: Rosalind Whitcombe, 9 Alder Grove, Leeds LS1 4AP"},
		{Text: "adele grant rang from 07700 900123 on the 21st of december 1986"},
		{Text: strings.Repeat("I am Adele Grant. ", 400), Known: adele},
		{Text: "what is your date of birth", Turns: []Turn{{0, 26, "agent"}}},
		{Text: "21 12 86\n0121 496 0000", Turns: []Turn{{0, 8, ""}, {9, 22, "x"}}},
		{Text: ""}, {Text: "\n\n"}, {Text: "J0hn Sm1th of O4/l2/1985"},
	}
	want := make([][]Span, len(texts))
	for i, in := range texts {
		want[i] = new(doc).find(in).settle()
	}
	var wg sync.WaitGroup
	for start := range 4 {
		wg.Go(func() {
			for n := range 400 {
				i := (start*7 + n*3) % len(texts)
				if got := Redact(texts[i]); !slices.Equal(got, want[i]) {
					t.Errorf("after another text, %q gives %v instead of %v", texts[i].Text, got, want[i])
					return
				}
			}
		})
	}
	wg.Wait()
}
