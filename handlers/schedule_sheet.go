package handlers

import (
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"

	"anteroom/views"
)

// showSheet is the schedule as lists for paper.
func (a *app) showSheet(c *fiber.Ctx) error {
	s, err := a.loadSchedule(c)
	if err != nil {
		return err
	}
	g := a.gridOf(c, s, eye{country: of(c).member.Country, books: books(of(c).member.Role), phones: true})
	m := views.Sheet{Shell: a.shell(c, "Day sheet"), Heading: s.heading(of(c).member.Locale), Filter: s.filterWords(), Printed: s.Now.In(s.zone),
		BackURL: s.query.address("/schedule"), Columns: g.Columns, Grid: g, Week: s.query.week, Blank: g.Blank}
	for _, r := range g.Rows {
		m.Columns = append(m.Columns, r.Days...)
	}
	return page(c, http.StatusOK, views.SheetPage(m))
}

// filterWords say what a list leaves out: paper has no address.
func (s loaded) filterWords() string {
	var words []string
	if s.query.room != "" {
		for _, p := range s.Columns {
			if roomSlug(p.Room) == s.query.room {
				words = append(words, p.Room)
				break
			}
		}
	}
	return strings.Join(words, ", ")
}
