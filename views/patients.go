package views

import "strings"

// Patients is the search. What is searched for is posted and never in an address.
type Patients struct {
	Shell    Shell
	Query    string
	Searched bool
	Results  []PatientRow
	Recent   []PatientRow // opened last by who looks, before anything is typed
	Skip     int          // how many results come before these
	More     bool         // others match as well
	Problem  string       // "Type at least two letters or digits."
	Hint     string       // while somebody is still typing
	CanAdd   bool
}

// foundPage is how many results stand on a page.
const foundPage = 50

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
