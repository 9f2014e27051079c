package views

import (
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

// PatientRow is one result.
type PatientRow struct {
	ID        string
	Name      string
	Phone     string // masked by role
	BirthDate string // masked by role
	LastSeen  string
	Next      string
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
