package views

import (
	"strings"
	"time"

	"anteroom/views/ui"
)

// Patients is the search. What is searched for is posted and never in an address.
type Patients struct {
	Shell    Shell
	Query    string
	Searched bool
	Results  []PatientRow
	// TooMany says that only the first are shown; ask for a longer name.
	TooMany bool
	Problem string // "Type at least two letters."
	CanAdd  bool
}

// PatientRow is one result: what tells two people of one name apart.
type PatientRow struct {
	ID        string
	Name      string
	Phone     string // always masked: the record shows it
	BirthDate string // masked by role
	Age       string
	LastSeen  string
	Next      string
	Same      []string // what it shares with somebody who is being added: name, phone, birth date
}

// facts are what stands beside the name on one line.
func (p PatientRow) facts() []string {
	var facts []string
	for _, f := range []string{p.born(), p.Phone} {
		if f != "" {
			facts = append(facts, f)
		}
	}
	switch {
	case p.Next != "":
		facts = append(facts, "next "+p.Next)
	case p.LastSeen != "":
		facts = append(facts, "last seen "+p.LastSeen)
	}
	return facts
}

func (p PatientRow) born() string {
	switch {
	case p.BirthDate == "":
		return ""
	case p.Age == "":
		return "born " + p.BirthDate
	}
	return "born " + p.BirthDate + " (" + p.Age + ")"
}

// listed is "name", "name and phone", "name, phone and birth date".
func listed(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// Patient is the record.
type Patient struct {
	Shell     Shell
	ID        string
	Name      string
	Phone     string
	Email     string
	BirthDate string
	Address   string
	Notes     string
	Masked    bool // phone, e-mail and date of birth are masked for this role
	Pseudonym string
	Since     time.Time
	Now       time.Time
	BookURL   string
	Upcoming  []PatientAppointment
	Earlier   []PatientAppointment
	Consents  []Consent
	// Denied replaces the details when the role may not see them.
	Denied *ui.Blank
	Zone   string
}

// PatientAppointment is one line of the record.
type PatientAppointment struct {
	ID           string
	From         time.Time
	Service      string
	Practitioner string
	Status       string
}

// Consent is one thing the patient agreed to, or did not.
type Consent struct {
	Name  string
	Given bool
	Since string
}
