package handlers

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"anteroom/domain/fault"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
	"anteroom/views"
	"anteroom/views/ui"
)

func (a *app) listServices(c *fiber.Ctx) error {
	var list []views.ServiceRow
	err := a.inClinic(c, func(tx *tenancy.Tx) error {
		all, err := scheduling.ListServices(c.UserContext(), tx, scheduling.ServiceFilter{})
		if err != nil {
			return err
		}
		people, err := scheduling.ListPractitioners(c.UserContext(), tx, scheduling.PractitionerFilter{ActiveOnly: true})
		if err != nil {
			return err
		}
		performed := map[uuid.UUID]int{}
		for _, p := range people {
			for _, s := range p.Services {
				performed[s]++
			}
		}
		list = nil
		for _, s := range all {
			list = append(list, views.ServiceRow{ID: s.ID.String(), Name: s.Name, Slug: s.Slug, Minutes: s.DurationMinutes, Practitioners: performed[s.ID], Active: s.Active})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return page(c, http.StatusOK, views.ServicesPage(views.Services{Settings: a.settings(c, "Services"), List: list}))
}

func (a *app) newService(c *fiber.Ctx) error {
	return a.servicePage(c, http.StatusOK, views.Service{Active: true}, nil)
}

func (a *app) servicePage(c *fiber.Ctx, status int, m views.Service, problems []ui.Problem) error {
	m.Settings = a.settings(c, "Service")
	m.Settings.Problems = problems
	return page(c, status, views.ServicePage(m))
}

func (a *app) showService(c *fiber.Ctx) error {
	s, err := a.serviceByID(c)
	if err != nil {
		return err
	}
	return a.servicePage(c, http.StatusOK, views.Service{ID: s.ID.String(), Title: s.Name, Name: s.Name, Slug: s.Slug, Minutes: strconv.Itoa(s.DurationMinutes), Active: s.Active}, nil)
}

// serviceByID reads the service that the address names; a clinic has few, so that a list will do.
func (a *app) serviceByID(c *fiber.Ctx) (found scheduling.Service, err error) {
	id, err := idParam(c, "id")
	if err != nil {
		return found, err
	}
	err = a.inClinic(c, func(tx *tenancy.Tx) error {
		all, err := scheduling.ListServices(c.UserContext(), tx, scheduling.ServiceFilter{})
		for _, s := range all {
			if s.ID == id {
				found = s
				return nil
			}
		}
		if err == nil {
			err = fault.New(fault.NotFound, "service-not-found", "There is no such service.")
		}
		return err
	})
	return found, err
}

// readService reads the form; what is not a number is refused by the domain with the other fields.
func readService(c *fiber.Ctx) (typed views.Service, in scheduling.ServiceInput) {
	typed = views.Service{Name: posted(c, "name"), Slug: posted(c, "slug"), Minutes: posted(c, "minutes"), Active: posted(c, "active") != ""}
	in = scheduling.ServiceInput{Name: typed.Name, Slug: typed.Slug, Active: typed.Active}
	in.DurationMinutes, _ = strconv.Atoi(strings.TrimSpace(typed.Minutes))
	return typed, in
}

var serviceFields = map[string]string{"name": "f-name", "slug": "f-slug", "duration_minutes": "f-minutes"}

// addService adds one, bookable unless it says otherwise.
func (a *app) addService(c *fiber.Ctx) error {
	typed, in := readService(c)
	err := a.inClinic(c, func(tx *tenancy.Tx) error {
		s, err := scheduling.CreateService(c.UserContext(), tx, in)
		if err == nil && !in.Active {
			_, err = scheduling.DeactivateService(c.UserContext(), tx, s.ID)
		}
		return err
	})
	if err != nil {
		return refusedIn(err, func(status int, f *fault.Fault) error {
			return a.servicePage(c, status, typed, problemsIn(f, serviceFields))
		})
	}
	a.flash(c, ui.OK, "Service added", "Next: tick it on the pages of the practitioners who perform it.")
	return seeOther(c, "/settings/services")
}

func (a *app) saveService(c *fiber.Ctx) error {
	kept, err := a.serviceByID(c)
	if err != nil {
		return err
	}
	typed, in := readService(c)
	typed.ID, typed.Title, in.ID = kept.ID.String(), kept.Name, kept.ID
	err = a.inClinic(c, func(tx *tenancy.Tx) error {
		_, err := scheduling.UpdateService(c.UserContext(), tx, in)
		return err
	})
	if err != nil {
		return refusedIn(err, func(status int, f *fault.Fault) error {
			return a.servicePage(c, status, typed, problemsIn(f, serviceFields))
		})
	}
	words := ""
	if kept.Active && !in.Active {
		words = "It can no longer be booked. What is booked stays."
	}
	a.flash(c, ui.OK, "Service saved", words)
	return seeOther(c, "/settings/services")
}
