package calls

import (
	"context"
	"fmt"
	"slices"
	"strings"

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

// canRing says whether the clinic can ring back: the line's own number, or what could be one in the clinic's country.
func (v visit) canRing(phone string) bool {
	return phone != "" && (phone == v.number || patients.IsPhone(phone, v.clinic.Country))
}

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
	case !v.canRing(in.Caller.Phone):
		return "", ask(whichNumber)
	}
	if in.Preference, err = v.preference(a.text(saidPreferred...)); err != nil {
		return "", err
	}
	if in.PatientID, err = s.caller(ctx, tx, v, in.Caller.Name); err != nil {
		return "", err
	}
	if _, err := s.desk.JoinWaitlist(ctx, tx, in); err != nil {
		return "", err
	}
	words := service.Name
	if in.Preference.Words != "" {
		words += ", " + in.Preference.Words
	}
	return fmt.Sprintf("You are on the waitlist for %s. We will ring you when a time comes up.", words), nil
}

// takeMessage is take_message: message, name, about, urgent.
func (s *Switchboard) takeMessage(ctx context.Context, tx *tenancy.Tx, v visit, a Arguments) (string, error) {
	said := a.text("message", "text", "note", "content", "body", "reason")
	switch {
	case said == "":
		return "", ask("What would you like me to tell the clinic?")
	case !v.canRing(v.phone(a)):
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
