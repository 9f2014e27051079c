package calls

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"anteroom/domain/patients"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
)

// caller is the one patient whose number and name these are, or uuid.Nil.
func (s *Switchboard) caller(ctx context.Context, tx *tenancy.Tx, v visit, name string) (uuid.UUID, error) {
	if v.number == "" || name == "" {
		return uuid.Nil, nil
	}
	known, err := s.patients.ByPhone(ctx, tx, v.number)
	if isPhoneFault(err) {
		return uuid.Nil, nil
	}
	if err != nil {
		return uuid.Nil, err
	}
	known = slices.DeleteFunc(known, func(p patients.Patient) bool { return p.Erased || !patients.SameName(p.Name, name) })
	if len(known) != 1 {
		return uuid.Nil, nil
	}
	return known[0].ID, nil
}

var saidPreferred = []string{"preferred", "preferred_times", "preference", "availability", "when", "day"}

const whichNumber = "What phone number can we reach you on?"

// joinWaitlist is join_waitlist: service, name, preferred, practitioner.
func (s *Switchboard) joinWaitlist(ctx context.Context, tx *tenancy.Tx, v visit, a Arguments) (string, error) {
	service, err := s.serviceOf(ctx, tx, v, a)
	if err != nil {
		return "", err
	}
	who, err := practitionerOf(ctx, tx, a, service)
	if err != nil {
		return "", err
	}
	in := scheduling.WaitInput{Service: service.ID, PractitionerID: who, CallID: v.call, Caller: scheduling.Caller{Name: a.name(), Phone: v.phone(a)}}
	switch {
	case in.Caller.Name == "":
		return "", ask(whoIsIt)
	case in.Caller.Phone == "":
		return "", ask(whichNumber)
	}
	in.Preference = preference(a.text(saidPreferred...), v.now, v.clinic.Country)
	if in.PatientID, err = s.caller(ctx, tx, v, in.Caller.Name); err != nil {
		return "", err
	}
	if _, err := s.desk.JoinWaitlist(ctx, tx, in); err != nil {
		return "", err
	}
	return fmt.Sprintf("You are on the waitlist for %s%s. We will ring you when a time comes up.", service.Name, sayPreference(in.Preference, v)), nil
}

// takeMessage is take_message: message, name, about, urgent.
func (s *Switchboard) takeMessage(ctx context.Context, tx *tenancy.Tx, v visit, a Arguments) (string, error) {
	said := a.text("message", "text", "note", "content", "body", "reason")
	switch {
	case said == "":
		return "", ask("What would you like me to tell the clinic?")
	case v.phone(a) == "":
		return "", ask(whichNumber)
	}
	m := LeftMessage{CallID: v.call, About: "other", Urgent: a.yes("urgent", "is_urgent"), Left: Left{Name: a.name(), Phone: v.phone(a), Words: said}}
	if topic := strings.ToLower(a.text("about", "topic", "category")); slices.Contains(messageTopics, topic) {
		m.About = topic
	}
	patient, err := s.caller(ctx, tx, v, m.Left.Name)
	if err != nil {
		return "", err
	}
	if patient != uuid.Nil {
		m.PatientID = &patient
	}
	if err := s.leave(ctx, tx, m); err != nil {
		return "", err
	}
	return "Your message has been taken. Somebody from the clinic will ring you back.", nil
}

var (
	dayWords  = regexp.MustCompile(`\b(sun|mon|tue|wed|thu|fri|sat)(?:day|s|sday|nesday|r|rs|rsday|urday|nes)?s?\b`)
	partWords = regexp.MustCompile(`\b(morning|afternoon|evening)s?\b`)
	notBefore = regexp.MustCompile(`\b(?:not before|from|after|starting|no earlier than) (?:the )?([^,;.]+)`)
	notAfter  = regexp.MustCompile(`\b(?:before|until|till|by|no later than) (?:the )?([^,;.]+)`)
)

// preference reads when somebody could come. What is not understood does not narrow it.
func preference(said string, now time.Time, country string) scheduling.Preference {
	var p scheduling.Preference
	s := strings.ToLower(said)
	date := func(re *regexp.Regexp) *time.Time {
		m := re.FindStringSubmatch(s)
		if m == nil {
			return nil
		}
		w := ParseWhen(m[1], now, country)
		if w.Day.IsZero() {
			return nil
		}
		s = strings.Replace(s, m[0], " ", 1)
		day := time.Date(w.Day.Year(), w.Day.Month(), w.Day.Day(), 0, 0, 0, 0, time.UTC)
		return &day
	}
	p.From = date(notBefore)
	p.Until = date(notAfter)
	if p.From != nil && p.Until != nil && p.Until.Before(*p.From) {
		p.Until = nil
	}
	add := func(list *[]string, codes ...string) {
		for _, c := range codes {
			if !slices.Contains(*list, c) {
				*list = append(*list, c)
			}
		}
	}
	if strings.Contains(s, "weekend") {
		add(&p.Days, "sat", "sun")
	}
	if strings.Contains(s, "weekday") {
		add(&p.Days, "mon", "tue", "wed", "thu", "fri")
	}
	for _, m := range dayWords.FindAllStringSubmatch(s, -1) {
		add(&p.Days, m[1])
	}
	for _, m := range partWords.FindAllStringSubmatch(s, -1) {
		add(&p.Parts, m[1])
	}
	if strings.Contains(s, "after work") {
		add(&p.Parts, "evening")
	}
	return p
}

var dayNames = map[string]string{"mon": "Mondays", "tue": "Tuesdays", "wed": "Wednesdays", "thu": "Thursdays", "fri": "Fridays", "sat": "Saturdays", "sun": "Sundays"}

// sayPreference repeats what was understood, so that the caller can correct it.
func sayPreference(p scheduling.Preference, v visit) string {
	var out []string
	if len(p.Days) > 0 {
		names := make([]string, len(p.Days))
		for i, d := range p.Days {
			names[i] = dayNames[d]
		}
		out = append(out, "on "+sayList(names, "or"))
	}
	if len(p.Parts) > 0 {
		out = append(out, "in the "+sayList(p.Parts, "or"))
	}
	if p.From != nil {
		out = append(out, "from "+sayDay(*p.From, v.now, v.clinic.Locale))
	}
	if p.Until != nil {
		out = append(out, "until "+sayDay(*p.Until, v.now, v.clinic.Locale))
	}
	if len(out) == 0 {
		return ""
	}
	return ", " + strings.Join(out, ", ")
}
