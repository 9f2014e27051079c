package handlers

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"anteroom/domain/fault"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
	"anteroom/views"
	"anteroom/views/ui"
)

// settingsPages are the settings in the order of their menu. Each is shown to those who may open it.
var settingsPages = []ui.Link{
	{Label: "Practitioners", Href: "/settings/practitioners"},
	{Label: "Services", Href: "/settings/services"},
	{Label: "Closures", Href: "/settings/closures"},
	{Label: "Team", Href: "/settings/team"},
	{Label: "Agents", Href: "/settings/agents"},
}

// openSettings leads to the first of the settings.
func (a *app) openSettings(c *fiber.Ctx) error { return seeOther(c, settingsPages[0].Href) }

// settings is what all settings pages share. Whoever cannot change them may look.
func (a *app) settings(c *fiber.Ctx, title string) views.Settings {
	role := of(c).member.Role
	m := views.Settings{Shell: a.shell(c, title), CanEdit: admin.admits(role)}
	for _, l := range settingsPages {
		if a.admits(role, l.Href) {
			l.Current = c.Path() == l.Href || strings.HasPrefix(c.Path(), l.Href+"/")
			m.Nav = append(m.Nav, l)
		}
	}
	return m
}

const keyChange = "change"

// change is what a setting did to the schedule, said on the next settings page. It is kept in the session meanwhile, which belongs to no
// clinic: so it names appointments by their ids only.
type change struct {
	Title   string
	Gained  int
	Lost    int
	Outside []uuid.UUID
}

func (a *app) flashChange(c *fiber.Ctx, title string, did scheduling.RebuildResult) error {
	said := change{Title: title, Gained: did.Gained, Lost: did.Lost}
	for _, o := range did.Outside {
		said.Outside = append(said.Outside, o.Appointment)
	}
	kept, err := json.Marshal(said)
	if err != nil {
		return fmt.Errorf("keep what a setting did: %w", err)
	}
	a.put(c, keyChange, string(kept))
	return nil
}

// popChange is nil when there is nothing to say.
func (a *app) popChange(c *fiber.Ctx) *change {
	kept := a.sessions.PopString(c.UserContext(), keyChange)
	if kept == "" {
		return nil
	}
	of(c).session.dirty = true
	var said change
	if json.Unmarshal([]byte(kept), &said) != nil {
		return nil // of another version of the program
	}
	return &said
}

// view reads the appointments that are left without hours and still stand.
func (said *change) view(c *fiber.Ctx, tx *tenancy.Tx) (*views.Change, error) {
	if said == nil {
		return nil, nil
	}
	m := &views.Change{Title: said.Title, Added: said.Gained, Removed: said.Lost}
	list, err := scheduling.Standing(c.UserContext(), tx, said.Outside)
	for _, o := range list {
		m.Outside = append(m.Outside, views.AffectedAppointment{ID: o.ID.String(), From: o.StartsAt.In(zone(c)), Service: o.ServiceName})
	}
	return m, err
}

// problemsIn are a fault's fields by the ids that the page has for them; a field that it has not stands without one.
func problemsIn(f *fault.Fault, ids map[string]string) []ui.Problem {
	var list []ui.Problem
	for _, p := range f.Fields {
		list = append(list, ui.Problem{FieldID: ids[p.Name], Message: p.Message})
	}
	if len(list) == 0 {
		list = []ui.Problem{{Message: f.Words}}
	}
	return list
}

// postedAll are all values of a field of the form that was sent, in their order.
func postedAll(c *fiber.Ctx, name string) (list []string) {
	for _, v := range c.Request().PostArgs().PeekMulti(name) {
		list = append(list, strings.TrimSpace(string(v)))
	}
	return list
}

// refusedIn shows the form again when err says that it cannot be used; every other error goes on.
func refusedIn(err error, again func(status int, f *fault.Fault) error) error {
	if f := fault.As(err); f != nil && f.Kind == fault.Invalid {
		return again(http.StatusUnprocessableEntity, f)
	}
	return err
}
