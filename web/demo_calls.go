package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"anteroom/domain/calls"
	"anteroom/domain/patients"
	"anteroom/domain/tenancy"
)

// demoBooking is an appointment that the agent made in the demo's past.
type demoBooking struct {
	call, patient uuid.UUID
	service       string
	doctor        string
	startsAt      time.Time
}

const demoCalls, demoBooked = 24, 9

// demoEarlier are the calls that rules of a month ago have redacted: two of the move to another house.
var demoEarlier = [...]int{8, 18}

// pastCalls are the calls that the agent answered in the demo's past: reports as they come from the platform, with what people really say in them, digested
// by the same code. Everybody in them is invented.
func (s *seeder) pastCalls(ctx context.Context, tx *tenancy.Tx) error {
	board, records := calls.NewSwitchboard(s.db, s.vault, s.desk, s.patients), calls.NewRecords(s.vault, s.patients)
	ids := make([]uuid.UUID, len(s.booked))
	for i, b := range s.booked {
		ids[i] = b.patient
	}
	people, err := s.patients.Many(ctx, tx, ids)
	if err != nil {
		return err
	}
	now := time.Now()
	for i := range demoCalls {
		c := demoCall{seeder: s, id: s.id(fmt.Sprintf("call-%d", i)), started: now.Add(-time.Duration(i*5+1)*time.Hour - time.Duration(s.rand.IntN(3000))*time.Second)}
		if i%5 < 2 && i/5*2+i%5 < len(s.booked) {
			b := s.booked[i/5*2+i%5]
			c.id, c.patient, c.booking = b.call, people[b.patient].Details, &b
		} else {
			c.patient = s.stranger(i)
		}
		body, err := c.report(i)
		if err != nil {
			return err
		}
		m, err := calls.Parse(body)
		if err != nil {
			return err
		}
		under := records
		if i == demoEarlier[0] || i == demoEarlier[1] {
			under = records.WithRules(earlierName, earlierRules)
		}
		if err := board.Import(ctx, tx, under, m); err != nil {
			return fmt.Errorf("call %d: %w", i, err)
		}
	}
	return nil
}

func (s *seeder) stranger(i int) patients.Details {
	born := time.Date(1951+i*7%50, time.Month(1+i*5%12), 1+i*11%28, 0, 0, 0, 0, time.UTC)
	return patients.Details{Name: s.first[(i*5+3)%len(s.first)] + " " + s.last[(i*7+5)%len(s.last)], Phone: s.phone(900 - i), BirthDate: &born}
}

// demoCall is one call as it is told to the platform's report.
type demoCall struct {
	*seeder
	id      uuid.UUID
	started time.Time
	patient patients.Details
	booking *demoBooking
	seconds float64
	turns   []map[string]any
}

func (c *demoCall) report(i int) ([]byte, error) {
	script := demoScripts[i%len(demoScripts)]
	reason := script.reason
	if c.booking != nil {
		script, reason = bookedScripts[i%len(bookedScripts)], "assistant-ended-call"
	}
	words := c.words(i)
	c.seconds = 0.9
	for _, line := range script.lines {
		side, text, _ := strings.Cut(words.Replace(line), ": ")
		c.say(map[string]string{"A": "bot", "C": "user"}[side], text)
	}
	ended := c.started.Add(time.Duration(c.seconds * float64(time.Second)))
	latencies, sum := []map[string]any{}, 0
	for n := range len(c.turns) / 2 {
		model, voice, heard, waited := 380+c.rand.IntN(700), 150+c.rand.IntN(260), 90+c.rand.IntN(160), 240+c.rand.IntN(320)
		sum += model + voice + heard + waited
		latencies = append(latencies, map[string]any{"modelLatency": model, "voiceLatency": voice, "transcriberLatency": heard, "endpointingLatency": waited,
			"turnLatency": model + voice + heard + waited + n%3})
	}
	return json.Marshal(map[string]any{"message": map[string]any{
		"type": calls.CallReport, "timestamp": ended.UnixMilli(), "startedAt": c.started.UTC(), "endedAt": ended.UTC(), "endedReason": reason,
		"cost": c.seconds / 60 * 0.09, "analysis": map[string]any{"summary": words.Replace(script.summary)},
		"call":     map[string]any{"id": c.id.String(), "type": "inboundPhoneCall", "customer": map[string]any{"number": c.patient.Phone}},
		"artifact": map[string]any{"messages": c.turns, "performanceMetrics": map[string]any{"turnLatencies": latencies, "turnLatencyAverage": sum / max(1, len(latencies)), "numUserInterrupted": i % 3}},
	}})
}

func (c *demoCall) say(role, text string) {
	took := 0.7 + float64(len(text))/17
	c.turns = append(c.turns, map[string]any{"role": role, "message": text, "time": c.started.UnixMilli() + int64(c.seconds*1000), "secondsFromStart": c.seconds, "duration": took * 1000})
	c.seconds += took + 0.6 + c.rand.Float64()
}

// words fill a script in. Callers say numbers and dates; nobody says digits.
func (c *demoCall) words(i int) *strings.Replacer {
	service, doctor, when := c.demoClinic.services[i%len(c.demoClinic.services)].name, c.demoClinic.practitioners[i%len(c.demoClinic.practitioners)].name, "next Tuesday at half past ten"
	if b := c.booking; b != nil {
		service, doctor, when = c.service(b.service).name, b.doctor, b.startsAt.In(c.zone).Format("Monday at 3:04 PM")
	}
	first, last, _ := strings.Cut(c.patient.Name, " ")
	born := c.patient.BirthDate
	if born == nil {
		other := time.Date(1979, 3, 14, 0, 0, 0, 0, time.UTC)
		born = &other
	}
	doctor, _, _ = strings.Cut(doctor, ",")
	return strings.NewReplacer("{clinic}", c.name, "{service}", strings.ToLower(service), "{doctor}", doctor, "{when}", when, "{name}", c.patient.Name, "{first}", first,
		"{last}", last, "{spelled}", spell(last), "{phone}", spokenDigits(c.patient.Phone, c.country), "{born}", spokenDate(*born, c.locale),
		"{email}", strings.ToLower(first)+" dot "+strings.ToLower(strings.ReplaceAll(last, "’", ""))+" at example dot com",
		"{address}", map[string]string{"GB": "fourteen Alder Grove, flat two, Leeds", "US": "two twenty one Birch Lane, apartment four oh five, Ithaca"}[c.country],
		"{record}", map[string]string{"GB": "my NHS number is nine four three, four seven six, five nine one nine", "US": "my record number is oh oh four, seven seven one, three"}[c.country])
}

func spell(s string) string {
	return strings.Join(strings.Split(strings.ToUpper(strings.NewReplacer("’", "", "-", "").Replace(s)), ""), " ")
}

var (
	digitWords = strings.Fields("oh one two three four five six seven eight nine")
	tens       = strings.Fields("- - twenty thirty forty fifty sixty seventy eighty ninety")
	upTo19     = strings.Fields("- one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen")
	ordinals   = strings.Fields("- first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth")
)

// spokenDigits says a number as people of the country do: oh seven seven double oh …
func spokenDigits(e164, country string) string {
	digits := strings.TrimPrefix(e164, "+1")
	if country == "GB" {
		digits = "0" + strings.TrimPrefix(e164, "+44")
	}
	var said []string
	for i := 0; i < len(digits); i++ {
		word := digitWords[digits[i]-'0']
		if i+1 < len(digits) && digits[i+1] == digits[i] && i > 2 {
			word, i = "double "+word, i+1
		}
		if i == 4 || i == 7 {
			word += ","
		}
		said = append(said, word)
	}
	return strings.Join(said, " ")
}

func spokenNumber(n int) string {
	switch {
	case n < 20:
		return upTo19[n]
	case n%10 == 0:
		return tens[n/10]
	}
	return tens[n/10] + " " + upTo19[n%10]
}

func spokenDate(d time.Time, locale string) string {
	day := ""
	switch n := d.Day(); {
	case n <= 20:
		day = ordinals[n]
	case n == 30:
		day = "thirtieth"
	default:
		day = tens[n/10] + " " + ordinals[n%10]
	}
	year := "nineteen " + spokenNumber(max(1, d.Year()%100))
	if d.Year()%100 < 10 {
		year = "nineteen oh " + upTo19[max(1, d.Year()%100)]
	}
	if d.Year() >= 2000 {
		year = strings.TrimSpace("two thousand " + map[bool]string{true: spokenNumber(max(1, d.Year()%100))}[d.Year() > 2000])
	}
	if locale == "en-US" {
		return d.Month().String() + " " + day + ", " + year
	}
	return "the " + day + " of " + d.Month().String() + ", " + year
}

type demoScript struct {
	lines   []string
	summary string
	reason  string
}

var bookedScripts = []demoScript{
	{[]string{
		"A: Thank you for calling {clinic}, this is Ava. How can I help?", "C: Hi, um, I'd like to come in for the {service}, please.",
		"A: Of course. May I have your full name?", "C: Yes, it's {name}. That's {spelled}.",
		"A: Thank you, {first}. And your date of birth?", "C: {born}.",
		"A: I have {when} with {doctor}. Would that suit you?", "C: Yes, that's perfect.",
		"A: It is booked. Shall we text the details to the number you are calling from?", "C: Yes please. Or {phone}, that's the same one.",
		"A: Lovely. Goodbye, {first}.", "C: Thank you, bye."},
		"{name} booked the {service} with {doctor}.", "assistant-ended-call"},
	{[]string{
		"A: {clinic}, this is Ava. How can I help?", "C: hello it's {name} here i think i'm registered with you",
		"A: Hello {first}. What would you like to do?", "C: i need the {service}. i'm on warfarin, is that a problem",
		"A: I will note that for {doctor}. Can you tell me your date of birth?", "C: uh {born}",
		"A: Thank you. The first free time is {when}. Shall I book it?", "C: yes go ahead",
		"A: Booked. Is your e-mail address still the same?", "C: no it's {email} now",
		"A: Thank you, the desk will see to that. Goodbye.", "C: bye bye"},
		"{first} {last}, who takes warfarin, booked the {service}.", "assistant-ended-call"},
}

var demoScripts = []demoScript{
	{[]string{
		"A: Thank you for calling {clinic}, this is Ava. How can I help?", "C: Hi, how much is the {service}, and how long does it take?",
		"A: The doctor talks that through with you at the first visit. Would you like me to look for a time?", "C: I need to talk to my husband first. He had a heart attack last year, so it's a bit much right now.",
		"A: I understand. May I take your name, so that we can call you back?", "C: It's {name}. You can get me on {phone}.",
		"A: Thank you, {first}. We will ring you.", "C: Okay, thanks. Bye."},
		"{name} asked about the {service}, did not book, and would like a call back. The husband had a heart attack.", "customer-ended-call"},
	{[]string{
		"A: {clinic}, this is Ava. How can I help?", "C: I've had this pain for two weeks and the ibuprofen does nothing. I think it's arthritis.",
		"A: I am sorry to hear that. I can look for the first free time with {doctor}.", "C: Before eight in the morning, or it's no use to me. I work at the airport.",
		"A: I have nothing before eight this week, I'm afraid.", "C: Then leave it. It's {last}, {spelled}, if anything comes free. Born {born}.",
		"A: I have noted that.", "C: Right."},
		"{last} has had pain for two weeks and takes ibuprofen. No time suited.", "customer-ended-call"},
	{[]string{
		"A: Thank you for calling {clinic}, this is Ava. How can I help?", "C: Hello? Hello?",
		"A: I can hear you. How can I help?"},
		"Nobody answered.", "silence-timed-out"},
	{[]string{
		"A: {clinic}, this is Ava. How can I help?", "C: I moved house, and you have my old address.",
		"A: I can pass that on. What is your name and date of birth?", "C: {name}, {born}.",
		"A: And the new address?", "C: {address}. And {record}, if you need it.",
		"A: Thank you. Is there anything else?", "C: Is there parking near you?",
		"A: There is, behind the building, free for patients.", "C: Great, thank you."},
		"{name} has a new address: {address}.", "customer-ended-call"},
	{[]string{
		"A: Thank you for calling {clinic}, this is Ava. How can I help?", "C: My mum has an appointment, I'm her daughter. She has diabetes and she's asking whether she should eat before the {service}.",
		"A: I cannot give medical advice, but I can ask {doctor} to call you. What is her name?", "C: {name}. I'm on {phone}, or ask for her neighbour, Ysolde Quarrendon.",
		"A: Thank you. Somebody will call you today.", "C: Okay. Bye now."},
		"A daughter asked whether {name}, who has diabetes, should eat before the {service}.", "customer-ended-call"},
}
