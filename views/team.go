package views

import (
	"anteroom/views/ui"
	"time"
)

// Team is who works at the clinic.
type Team struct {
	Settings      Settings
	List          []TeamRow
	Roles         []ui.Option
	Practitioners []ui.Option
	Now           time.Time
	// Edit is the form in the drawer; nil while it is closed. Without an ID it is somebody new.
	Edit *TeamForm
	// Password is a new person's, shown this once.
	Password string
	Added    string
}

// TeamRow is one person.
type TeamRow struct {
	ID             string
	Name           string
	Email          string
	Role           string // its slug
	RoleName       string
	PractitionerID string
	Practitioner   string
	MayOverbook    bool
	Entered        *time.Time
	You            bool
}

// TeamForm is what is typed about a person.
type TeamForm struct {
	ID           string
	Name         string
	Email        string
	Role         string
	Practitioner string
	MayOverbook  bool
}

func (f TeamForm) title() string {
	if f.ID == "" {
		return "Add a person"
	}
	return f.Name
}

func (f TeamForm) action() string {
	if f.ID == "" {
		return "/settings/team"
	}
	return "/settings/team/" + f.ID
}

// OpenPerson opens the form of one of the list; an id that is of nobody leaves it closed.
func (m *Team) OpenPerson(id string) {
	for _, p := range m.List {
		if p.ID == id {
			m.Edit = &TeamForm{ID: p.ID, Name: p.Name, Role: p.Role, Practitioner: p.PractitionerID, MayOverbook: p.MayOverbook}
		}
	}
}

// Open shows the form with what was typed; whose form it is, is known from the list.
func (m *Team) Open(typed TeamForm) {
	if typed.ID == "" {
		m.Edit = &typed
		return
	}
	m.OpenPerson(typed.ID)
	if m.Edit != nil && typed.Role != "" {
		typed.Name = m.Edit.Name
		m.Edit = &typed
	}
}
