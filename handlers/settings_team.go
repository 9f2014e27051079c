package handlers

import (
	"crypto/rand"
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"anteroom/domain/fault"
	"anteroom/domain/identity"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
	"anteroom/views"
	"anteroom/views/ui"
)

// showTeam lists who works here; with a person, or with add, the form stands open beside the list.
func (a *app) showTeam(c *fiber.Ctx) error {
	return a.teamPage(c, http.StatusOK, func(m *views.Team) {
		if c.Query("add") != "" {
			m.Edit = &views.TeamForm{Role: identity.FrontDesk}
		}
		m.OpenPerson(c.Query("person"))
	})
}

func (a *app) teamPage(c *fiber.Ctx, status int, change func(*views.Team)) error {
	var team []identity.Member
	var seers []scheduling.Practitioner
	m := views.Team{Settings: a.settings(c, "Team")}
	err := a.inClinic(c, func(tx *tenancy.Tx) (err error) {
		if team, err = identity.Team(c.UserContext(), tx); err != nil {
			return err
		}
		m.Now = clockOf(tx).In(zone(c))
		seers, err = scheduling.ListPractitioners(c.UserContext(), tx, scheduling.PractitionerFilter{})
		return err
	})
	if err != nil {
		return err
	}
	names := map[uuid.UUID]string{}
	for _, p := range seers {
		names[p.ID] = p.Name
		m.Practitioners = append(m.Practitioners, ui.Option{Value: p.ID.String(), Label: p.Name})
	}
	for _, r := range identity.Roles {
		m.Roles = append(m.Roles, ui.Option{Value: r, Label: identity.RoleName(r)})
	}
	for _, p := range team {
		if p.EndedAt != nil {
			continue
		}
		row := views.TeamRow{ID: p.Person.String(), Name: p.Name, Email: p.Email, Role: p.Role, RoleName: identity.RoleName(p.Role), MayOverbook: p.MayOverbook, You: p.Person == of(c).session.person}
		if p.Practitioner != nil {
			row.PractitionerID, row.Practitioner = p.Practitioner.String(), names[*p.Practitioner]
		}
		if p.EnteredAt != nil {
			at := p.EnteredAt.In(zone(c))
			row.Entered = &at
		}
		m.List = append(m.List, row)
	}
	change(&m)
	return page(c, status, views.TeamPage(m))
}

// readMember is what was typed about somebody's place here.
func readMember(c *fiber.Ctx) (typed views.TeamForm, as identity.NewMember) {
	typed = views.TeamForm{Name: posted(c, "name"), Email: posted(c, "email"), Role: posted(c, "role"), Practitioner: posted(c, "practitioner"), MayOverbook: posted(c, "may_overbook") != ""}
	as = identity.NewMember{Role: typed.Role, MayOverbook: typed.MayOverbook}
	as.Practitioner, _ = uuid.Parse(typed.Practitioner) // none is nobody
	return typed, as
}

var teamFields = map[string]string{"name": "f-name", "email": "f-email", "role": "f-role"}

// addMember answers with the page itself: a new person's password stands in no address, and is shown once.
func (a *app) addMember(c *fiber.Ctx) error {
	typed, as := readMember(c)
	password := temporaryPassword()
	hash, err := identity.HashPassword(c.UserContext(), password)
	if err != nil {
		return err
	}
	var made bool
	err = a.inClinic(c, func(tx *tenancy.Tx) (err error) {
		made, err = identity.Invite(c.UserContext(), tx, identity.NewPerson{Email: typed.Email, Name: typed.Name, PasswordHash: hash}, as)
		return err
	})
	if err != nil {
		return a.teamRefused(c, err, typed)
	}
	if !made {
		a.flash(c, ui.OK, "Added to the team.", "They are back, with the password they had.")
		return seeOther(c, "/settings/team")
	}
	return a.teamPage(c, http.StatusOK, func(m *views.Team) { m.Added, m.Password = typed.Name, password })
}

// temporaryPassword is 100 bits in groups that can be read out.
func temporaryPassword() string {
	text := strings.ToLower(rand.Text())
	return strings.Join([]string{text[0:5], text[5:10], text[10:15], text[15:20]}, "-")
}

func (a *app) changeMember(c *fiber.Ctx) error {
	id, err := idParam(c, "id")
	if err != nil {
		return err
	}
	typed, as := readMember(c)
	typed.ID, as.Person = id.String(), id
	err = a.inClinic(c, func(tx *tenancy.Tx) error {
		if err := identity.MustWorkHere(c.UserContext(), tx, id); err != nil {
			return err
		}
		return identity.AddMember(c.UserContext(), tx, as)
	})
	if err != nil {
		return a.teamRefused(c, err, typed)
	}
	a.flash(c, ui.OK, "Saved.", "It holds from their next click on.")
	return seeOther(c, "/settings/team")
}

func (a *app) removeMember(c *fiber.Ctx) error {
	id, err := idParam(c, "id")
	if err != nil {
		return err
	}
	err = a.inClinic(c, func(tx *tenancy.Tx) error { return identity.RemoveMember(c.UserContext(), tx, id) })
	if err != nil {
		return a.teamRefused(c, err, views.TeamForm{ID: id.String()})
	}
	a.flash(c, ui.OK, "Removed from the team.", "They are signed out here.")
	return seeOther(c, "/settings/team")
}

// teamRefused shows the form again, with what was typed and why it was refused.
func (a *app) teamRefused(c *fiber.Ctx, err error, typed views.TeamForm) error {
	f := fault.As(err)
	if f == nil || f.Kind != fault.Invalid && f.Kind != fault.Conflict {
		return err
	}
	return a.teamPage(c, statuses[f.Kind], func(m *views.Team) {
		m.Settings.Problems = problemsIn(f, teamFields)
		m.Open(typed)
	})
}
