package handlers

import (
	"net/http"
	"strings"
	"unicode"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"

	"anteroom/domain/fault"
	"anteroom/domain/patients"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
	"anteroom/views"
)

const (
	mostPatients = 6
	mostPages    = 6
	longestFind  = 200 // bytes
)

// findPage is the palette as a page: what can be gone to and done, before anything was asked for.
func (a *app) findPage(c *fiber.Ctx) error {
	f, err := a.find(c, "")
	if err != nil {
		return err
	}
	return page(c, http.StatusOK, views.FindPage(views.Find{Shell: a.shell(c, "Find"), Found: f}))
}

// findAnything answers by POST, so that what was looked for is in no address. Within the palette looking that fails says so in the list:
// a message elsewhere would lie behind it.
func (a *app) findAnything(c *fiber.Ctx) error {
	asked := strings.TrimSpace(posted(c, "q"))
	f, err := a.find(c, asked)
	status := http.StatusOK
	if err != nil && wantsPart(c) && !fault.Is(err, fault.Unauthenticated) {
		a.Log.Error("find", "error", withoutValues(err), "request", of(c).id)
		f, status = views.Found{Problem: "Looking failed. What you typed is kept: try again in a moment."}, http.StatusInternalServerError
	} else if err != nil {
		return err
	}
	f.CSRF, f.Back = a.csrf(c), backOr(c, "/")
	if wantsPart(c) {
		f.Listbox = true
		return page(c, status, views.FoundList(f))
	}
	return page(c, status, views.FindPage(views.Find{Shell: a.shell(c, "Find"), Query: asked, Found: f}))
}

// find looks everywhere at once: patients and what they have next, pages, days, practitioners, and what can be done.
func (a *app) find(c *fiber.Ctx, asked string) (f views.Found, err error) {
	if len(asked) > longestFind {
		return views.Found{Problem: "That is too long to look for. Type a name, a phone number or a page."}, nil
	}
	w := newWanted(asked)
	role := of(c).member.Role
	var people, doing []views.FoundItem
	var doctors []scheduling.Practitioner
	if a.admits(role, "/patients") && letters(asked) >= 2 {
		err = a.inClinic(c, func(tx *tenancy.Tx) (err error) {
			if people, doing, err = a.findPatients(c, tx, asked, w); err != nil {
				return err
			}
			doctors, err = scheduling.ListPractitioners(c.UserContext(), tx, scheduling.PractitionerFilter{ActiveOnly: true})
			return err
		})
		if err != nil && !fault.Is(err, fault.Invalid) {
			return f, err
		}
	}
	add := func(name string, items []views.FoundItem) {
		if len(items) > 0 {
			f.Groups = append(f.Groups, views.FoundGroup{Name: name, Items: items})
		}
	}
	add("Patients", people)
	add("Days", a.findDays(c, w, doctors))
	add("Pages", a.findPages(c, w))
	add("Do", append(doing, a.findActions(c, w)...))
	switch {
	case len(f.Groups) == 0 && !a.admits(role, "/patients"):
		f.Note = "Nothing is called that. Your role does not look up patients."
	case len(f.Groups) == 0:
		f.Note = "Nobody and nothing is called that. Names are found by the beginning of any part, numbers by their end."
	case asked != "" && letters(asked) < 2 && a.admits(role, "/patients"):
		f.Note = "Type one letter more to look for patients as well."
	}
	return f, nil
}

// findPatients answers who is meant, and what can be done for the likeliest.
func (a *app) findPatients(c *fiber.Ctx, tx *tenancy.Tx, asked string, w wanted) (people, doing []views.FoundItem, err error) {
	found, _, err := a.directory.Search(c.UserContext(), tx, asked, mostPatients)
	if err != nil {
		return nil, nil, err
	}
	ids := make([]uuid.UUID, len(found))
	for i, p := range found {
		ids[i] = p.ID
	}
	next, err := scheduling.NextVisitsOf(c.UserContext(), tx, ids)
	if err != nil {
		return nil, nil, err
	}
	m, today := of(c).member, midnight(clockOf(tx).In(zone(c)), 0)
	for i, p := range found {
		item := views.FoundItem{Label: p.Name, Hits: w.typed, Who: p.Name, Href: "/patients/" + p.ID.String()}
		item.More = patients.MaskPhone(p.Phone, m.Country)
		if p.BirthDate != nil {
			item.More = joined("born "+born(p.BirthDate, m.Locale, !books(m.Role)), item.More)
		}
		v, comes := next[p.ID]
		if comes {
			item.End = when(v.StartsAt.In(zone(c)), today)
		}
		people = append(people, item)
		if i > 0 {
			continue
		}
		if comes {
			doing = append(doing, views.FoundItem{Label: "Open " + p.Name + "’s next appointment", End: item.End, Icon: "calendar", Href: "/appointments/" + v.ID.String()})
		}
		if books(m.Role) {
			doing = append(doing, views.FoundItem{Label: "Book for " + p.Name, Icon: "plus", Href: "/appointments/new?patient=" + p.ID.String()})
		}
	}
	return people, doing, nil
}

// findPages are those that this role may open.
func (a *app) findPages(c *fiber.Ctx, w wanted) (items []views.FoundItem) {
	role := of(c).member.Role
	pages := a.nav(role, "")
	if w.asked != "" {
		pages = append(pages, more...)
	}
	for _, n := range pages {
		if a.admits(role, n.Href) && w.matches(n.Label+" "+alsoCalled[n.Href]) && len(items) < mostPages {
			items = append(items, views.FoundItem{Label: n.Label, Hits: w.typed, Icon: n.Icon, Href: n.Href})
		}
	}
	return items
}

// more are the pages that the sidebar does not list.
var more = []views.NavItem{
	{Label: "Practitioners and their hours", Href: "/settings/practitioners", Icon: "stethoscope"},
	{Label: "Services", Href: "/settings/services", Icon: "settings"},
	{Label: "Closures", Href: "/settings/closures", Icon: "calendar"},
	{Label: "Team", Href: "/settings/team", Icon: "users"},
	{Label: "Where you are signed in", Href: "/sessions", Icon: "shield"},
}

// alsoCalled are other words that people try.
var alsoCalled = map[string]string{
	"/today": "home desk now", "/schedule": "calendar diary appointments week day", "/patients": "records people search", "/isolation": "walls security probe",
	"/settings": "admin preferences setup", "/settings/practitioners": "doctors clinicians staff rooms opening times", "/settings/services": "treatments types durations",
	"/settings/closures": "holidays bank holiday closed", "/settings/team": "users roles people staff permissions password", "/sessions": "devices log out security account",
}

// findActions are what can be done from anywhere.
func (a *app) findActions(c *fiber.Ctx, w wanted) (items []views.FoundItem) {
	r := of(c)
	add := func(also string, i views.FoundItem) {
		if w.matches(i.Label + " " + also) {
			i.Hits = w.typed
			items = append(items, i)
		}
	}
	if books(r.member.Role) {
		add("new appointment create", views.FoundItem{Label: "Book an appointment", Icon: "plus", Href: "/appointments/new"})
	}
	for _, m := range r.clinics {
		if m.Clinic != r.member.Clinic {
			add("switch change clinic", views.FoundItem{Label: "Work at " + m.Name, Icon: "building-2", Post: "/clinics/switch", Name: "clinic", Value: m.Clinic.String()})
		}
	}
	add("paper sheet", views.FoundItem{Label: "Print this page", Icon: "printer", Print: true})
	if w.asked == "" {
		return items
	}
	for _, t := range []struct{ label, value, icon string }{{"Light theme", "light", "sun"}, {"Dark theme", "dark", "moon"}, {"Theme of this device", "system", "settings"}} {
		add("colour color mode appearance", views.FoundItem{Label: t.label, Icon: t.icon, Post: "/theme", Name: "theme", Value: t.value})
	}
	add("log out leave exit", views.FoundItem{Label: "Sign out", Icon: "log-out", Post: "/sign-out"})
	return items
}

// wanted is what was typed, in words without accents.
type wanted struct {
	asked string
	words []string
	typed []string // as they stand, to mark them
}

func newWanted(asked string) wanted {
	return wanted{asked: asked, words: strings.Fields(plainLetters(asked)), typed: strings.Fields(asked)}
}

// matches says whether every word that was typed begins a word of the text.
func (w wanted) matches(text string) bool {
	words := strings.Fields(plainLetters(text))
	for _, want := range w.words {
		found := false
		for _, have := range words {
			found = found || strings.HasPrefix(have, want)
		}
		if !found {
			return false
		}
	}
	return true
}

// plainLetters is the text in lower case, without accents.
func plainLetters(s string) string {
	plain, _, err := transform.String(transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn)), norm.NFC), s)
	if err != nil {
		plain = s
	}
	return strings.ToLower(plain)
}
