package handlers

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"anteroom/domain/fault"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
	"anteroom/views"
	"anteroom/views/ui"
)

func (a *app) listPractitioners(c *fiber.Ctx) error {
	return a.practitionersPage(c, http.StatusOK, views.Practitioners{}, nil)
}

// practitionersPage is the list; typed holds what was typed when adding was refused.
func (a *app) practitionersPage(c *fiber.Ctx, status int, typed views.Practitioners, problems []ui.Problem) error {
	said := a.popChange(c)
	var list []views.PractitionerRow
	var did *views.Change
	err := a.inClinic(c, func(tx *tenancy.Tx) error {
		all, err := scheduling.ListPractitioners(c.UserContext(), tx, scheduling.PractitionerFilter{})
		if err != nil {
			return err
		}
		weeks, err := scheduling.ListWeeks(c.UserContext(), tx)
		if err != nil {
			return err
		}
		list = nil
		for _, p := range all {
			list = append(list, views.PractitionerRow{ID: p.ID.String(), Name: p.Name, Room: p.Room, Hours: weekWords(weeks[p.ID]), Services: len(p.Services), Active: p.Active})
		}
		did, err = said.view(c, tx)
		return err
	})
	if err != nil {
		return err
	}
	typed.Settings, typed.List = a.settings(c, "Practitioners"), list
	typed.Settings.Problems, typed.Settings.Change = problems, did
	return page(c, status, views.PractitionersPage(typed))
}

// addPractitioner puts them last on the schedule, and leads to their hours and services.
func (a *app) addPractitioner(c *fiber.Ctx) error {
	typed := views.Practitioners{Name: posted(c, "name"), Room: posted(c, "room")}
	var added scheduling.Practitioner
	err := a.inClinic(c, func(tx *tenancy.Tx) error {
		all, err := scheduling.ListPractitioners(c.UserContext(), tx, scheduling.PractitionerFilter{})
		if err != nil {
			return err
		}
		in := scheduling.PractitionerInput{Name: typed.Name, Room: typed.Room}
		for _, p := range all {
			in.Position = max(in.Position, min(p.Position+1, 9999))
		}
		added, err = scheduling.CreatePractitioner(c.UserContext(), tx, in)
		return err
	})
	if err != nil {
		return refusedIn(err, func(status int, f *fault.Fault) error {
			return a.practitionersPage(c, status, typed, problemsIn(f, practitionerFields))
		})
	}
	a.flash(c, ui.OK, "Practitioner added", "Next: the hours and the services. Without them there is nothing to book.")
	return seeOther(c, practitionerAddress(added.ID))
}

func practitionerAddress(id uuid.UUID) string { return "/settings/practitioners/" + id.String() }

// practitionerFields are where the page shows what is wrong with a field of the domain.
var practitionerFields = map[string]string{"name": "f-name", "room": "f-room", "position": "f-position"}

func (a *app) showPractitioner(c *fiber.Ctx) error {
	return a.practitionerPage(c, http.StatusOK, nil, func(*views.Practitioner) {})
}

// practitionerRecord is a practitioner with all that the page shows.
type practitionerRecord struct {
	scheduling.Practitioner
	week     []scheduling.WeeklyHours
	services []scheduling.Service
	off      []scheduling.Closure
	others   []scheduling.HoursException
	did      *views.Change
}

// practitionerPage shows what is kept; typed puts over it what was typed into the form that was refused.
func (a *app) practitionerPage(c *fiber.Ctx, status int, problems []ui.Problem, typed func(*views.Practitioner)) error {
	id, err := idParam(c, "id")
	if err != nil {
		return err
	}
	said := a.popChange(c)
	var k practitionerRecord
	err = a.inClinic(c, func(tx *tenancy.Tx) (err error) {
		if k, err = readPractitioner(c, tx, id); err == nil {
			k.did, err = said.view(c, tx)
		}
		return err
	})
	if err != nil {
		return err
	}
	m := k.view(zone(c))
	m.Settings, m.Zone = a.settings(c, "Practitioner"), place(of(c).member.Zone)+" time"
	m.Settings.Problems, m.Settings.Change = problems, k.did
	typed(&m)
	return page(c, status, views.PractitionerPage(m))
}

func readPractitioner(c *fiber.Ctx, tx *tenancy.Tx, id uuid.UUID) (k practitionerRecord, err error) {
	ctx, today := c.UserContext(), midnight(clockOf(tx).In(zone(c)), 0)
	if k.Practitioner, err = scheduling.GetPractitioner(ctx, tx, id); err != nil {
		return k, err
	}
	if k.week, err = scheduling.ListWeek(ctx, tx, id); err != nil {
		return k, err
	}
	if k.services, err = scheduling.ListServices(ctx, tx, scheduling.ServiceFilter{}); err != nil {
		return k, err
	}
	if k.others, err = scheduling.ListExceptions(ctx, tx, scheduling.ExceptionsInput{Practitioner: id, From: today}); err != nil {
		return k, err
	}
	all, err := scheduling.ListClosures(ctx, tx, scheduling.ClosuresInput{From: today})
	for _, o := range all {
		if o.Practitioner != nil && *o.Practitioner == id {
			k.off = append(k.off, o)
		}
	}
	return k, err
}

func (k practitionerRecord) view(at *time.Location) views.Practitioner {
	m := views.Practitioner{ID: k.ID.String(), Title: k.Name, Name: k.Name, Short: shortName(k.Name), Room: k.Room, Position: strconv.Itoa(k.Position), Active: k.Active}
	for _, h := range mondayFirst(k.week) {
		m.Hours = append(m.Hours, views.WeeklyHours{Weekday: isoWeekday(h.Weekday), Start: clockWords(h.Starts), End: clockWords(h.Ends)})
	}
	performs := map[uuid.UUID]bool{}
	for _, id := range k.Services {
		performs[id] = true
	}
	for _, s := range k.services {
		choice := views.ServiceChoice{ID: s.ID.String(), Name: s.Name, Minutes: s.DurationMinutes, On: performs[s.ID]}
		if !s.Active {
			choice.Name += " (not bookable)"
		}
		m.Services = append(m.Services, choice)
	}
	for _, o := range k.off {
		off := views.TimeOff{ID: o.ID.String(), Reason: o.Reason}
		off.From, off.To, off.AllDay = wholeDays(o, at)
		m.TimeOff = append(m.TimeOff, off)
	}
	for _, e := range k.others {
		m.Others = append(m.Others, views.OtherHours{Date: e.On.Format(time.DateOnly), On: e.On, Hours: intervalWords(e.Hours), Reason: e.Reason})
	}
	return m
}

// savePractitioner changes name, room, place and whether they can be booked.
func (a *app) savePractitioner(c *fiber.Ctx) error {
	id, err := idParam(c, "id")
	if err != nil {
		return err
	}
	name, room, position, active := posted(c, "name"), posted(c, "room"), strings.TrimSpace(posted(c, "position")), posted(c, "active") != ""
	var did scheduling.PractitionerChange
	err = a.inClinic(c, func(tx *tenancy.Tx) error {
		in := scheduling.PractitionerInput{ID: id, Name: name, Room: room, Active: active}
		var err error
		if in.Position, err = strconv.Atoi(position); err != nil {
			in.Position = -1 // refused below, with the other fields
		}
		did, err = scheduling.UpdatePractitioner(c.UserContext(), tx, in)
		return err
	})
	if err != nil {
		return refusedIn(err, func(status int, f *fault.Fault) error {
			return a.practitionerPage(c, status, problemsIn(f, practitionerFields), func(m *views.Practitioner) {
				m.Name, m.Room, m.Position, m.Active = name, room, position, active
			})
		})
	}
	if r := did.Rebuild; r.Gained+r.Lost+len(r.Outside) > 0 {
		err = a.flashChange(c, "Details saved.", r)
	} else {
		a.flash(c, ui.OK, "Details saved", "")
	}
	if err != nil {
		return err
	}
	return seeOther(c, practitionerAddress(id))
}

// savePractitionerServices makes the services performed those that are ticked.
func (a *app) savePractitionerServices(c *fiber.Ctx) error {
	id, err := idParam(c, "id")
	if err != nil {
		return err
	}
	ticked, in := map[string]bool{}, scheduling.PractitionerServicesInput{Practitioner: id}
	for _, s := range postedAll(c, "service") {
		ticked[s] = true
		service, err := uuid.Parse(s)
		if err != nil {
			service = uuid.Nil // there is none with this id
		}
		in.Services = append(in.Services, service)
	}
	err = a.inClinic(c, func(tx *tenancy.Tx) error {
		_, err := scheduling.SetPractitionerServices(c.UserContext(), tx, in)
		return err
	})
	if err != nil {
		return refusedIn(err, func(status int, f *fault.Fault) error {
			return a.practitionerPage(c, status, problemsIn(f, nil), func(m *views.Practitioner) {
				for i := range m.Services {
					m.Services[i].On = ticked[m.Services[i].ID]
				}
			})
		})
	}
	a.flash(c, ui.OK, "Services saved", "")
	return seeOther(c, practitionerAddress(id))
}
