package handlers

import (
	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
)

type apiService struct {
	ID              uuid.UUID `json:"id"`
	Slug            string    `json:"slug"`
	Name            string    `json:"name"`
	DurationMinutes int       `json:"duration_minutes"`
}

type apiServices struct {
	Services []apiService `json:"services"`
}

func servicesOf(list []scheduling.Service) apiServices {
	services := make([]apiService, len(list))
	for i, s := range list {
		services[i] = apiService{ID: s.ID, Slug: s.Slug, Name: s.Name, DurationMinutes: s.DurationMinutes}
	}
	return apiServices{services}
}

type apiPractitioner struct {
	ID       uuid.UUID `json:"id"`
	Name     string    `json:"name"`
	Services []string  `json:"services"` // slugs
}

type apiPractitioners struct {
	Practitioners []apiPractitioner `json:"practitioners"`
}

func practitionersOf(list []scheduling.Practitioner, services []scheduling.Service) apiPractitioners {
	practitioners := make([]apiPractitioner, len(list))
	for i, p := range list {
		performs := map[uuid.UUID]bool{}
		for _, id := range p.Services {
			performs[id] = true
		}
		slugs := []string{}
		for _, s := range services {
			if performs[s.ID] {
				slugs = append(slugs, s.Slug)
			}
		}
		practitioners[i] = apiPractitioner{ID: p.ID, Name: p.Name, Services: slugs}
	}
	return apiPractitioners{practitioners}
}

// apiListServices answers GET /api/services: those that can be booked.
func (a *app) apiListServices(c *fiber.Ctx) error {
	var services []scheduling.Service
	err := a.inClinic(c, func(tx *tenancy.Tx) (err error) {
		services, err = scheduling.ListServices(c.UserContext(), tx, scheduling.ServiceFilter{ActiveOnly: true})
		return err
	})
	if err != nil {
		return err
	}
	return c.JSON(servicesOf(services))
}

// apiListPractitioners answers GET /api/practitioners: those who can be booked, each with the services that can.
func (a *app) apiListPractitioners(c *fiber.Ctx) error {
	var practitioners []scheduling.Practitioner
	var services []scheduling.Service
	err := a.inClinic(c, func(tx *tenancy.Tx) (err error) {
		if practitioners, err = scheduling.ListPractitioners(c.UserContext(), tx, scheduling.PractitionerFilter{ActiveOnly: true}); err != nil {
			return err
		}
		services, err = scheduling.ListServices(c.UserContext(), tx, scheduling.ServiceFilter{ActiveOnly: true})
		return err
	})
	if err != nil {
		return err
	}
	return c.JSON(practitionersOf(practitioners, services))
}
