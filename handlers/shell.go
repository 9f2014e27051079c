package handlers

import (
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"anteroom/domain/identity"
	"anteroom/domain/scheduling"
	"anteroom/views"
)

// navigation is the order of a working day; Apart begins a group. A page is shown to those who may open it.
var navigation = []views.NavItem{
	{Label: "Today", Href: "/today", Icon: "sun"},
	{Label: "Schedule", Href: "/schedule", Icon: "calendar"},
	{Label: "Patients", Href: "/patients", Icon: "users"},
	{Label: "Calls", Href: "/calls", Icon: "phone-incoming"},
	{Label: "Follow-ups", Href: "/follow-ups", Icon: "send"},
	{Label: "Latency", Href: "/latency", Icon: "gauge", Apart: true},
	{Label: "Audit", Href: "/audit", Icon: "scroll-text"},
	{Label: "Isolation", Href: "/isolation", Icon: "grid-3x3"},
	{Label: "Compliance", Href: "/compliance", Icon: "clipboard-check"},
	{Label: "Settings", Href: "/settings", Icon: "settings", Apart: true},
}

// shell is what surrounds a page of the signed-in person. The title is the window's: it never names a patient.
func (a *app) shell(c *fiber.Ctx, title string) views.Shell {
	r := of(c)
	s := views.Shell{
		Title:  title,
		Clinic: clinicView(r.member),
		Person: views.Person{Name: r.member.PersonName, Role: identity.RoleName(r.member.Role)},
		Nav:    a.nav(r.member.Role, c.Path()),
		CSRF:   a.csrf(c),
		Theme:  a.sessions.GetString(c.UserContext(), keyTheme),
		Here:   "/",
		Flash:  a.popFlash(c),
		Search: true,

		LettersOff: c.Cookies(a.lettersCookie(c)) == "off",
	}
	if c.Method() == fiber.MethodGet {
		s.Here = ownPath(c.OriginalURL(), "/")
	}
	s.Pulse = a.pulse(c)
	for _, m := range r.clinics {
		s.Clinics = append(s.Clinics, views.ClinicChoice{ID: m.Clinic.String(), Name: m.Name, Place: place(m.Zone), Current: m.Clinic == r.member.Clinic})
	}
	return s
}

func clinicView(m identity.Membership) views.Clinic {
	return views.Clinic{Name: m.Name, Zone: m.Zone, Place: place(m.Zone), LocalTime: time.Now().In(zoneOf(m)).Format("15:04"), Locale: m.Locale}
}

// zone is where the clinic is: the times of every page are told there.
func zone(c *fiber.Ctx) *time.Location { return zoneOf(of(c).member) }

func zoneOf(m identity.Membership) *time.Location {
	l, err := scheduling.Zone(m.Zone)
	if err != nil {
		return time.UTC
	}
	return l
}

// place is the city of a zone, as people call it: Europe/London is London.
func place(zone string) string {
	return strings.ReplaceAll(zone[strings.LastIndexByte(zone, '/')+1:], "_", " ")
}

func (a *app) nav(role, path string) []views.NavItem {
	var nav []views.NavItem
	for _, n := range navigation {
		if a.admits(role, n.Href) {
			n.Current = path == n.Href || strings.HasPrefix(path, n.Href+"/")
			nav = append(nav, n)
		}
	}
	return nav
}
