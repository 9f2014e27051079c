package handlers

import (
	"net/http"
	"slices"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"anteroom/domain/fault"
	"anteroom/domain/patients"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
	"anteroom/views"
	"anteroom/views/ui"
)

const mostFound = 50

const tooLongToFind = "That is too long to search for. Type a name, a phone number, a birth date or an e-mail address."

// showPatients is the search before anything was searched for.
func (a *app) showPatients(c *fiber.Ctx) error {
	return page(c, http.StatusOK, views.PatientsPage(views.Patients{Shell: a.shell(c, "Patients")}))
}

// backToPatients is for whoever opens the address of the results: what was searched for is in no address.
func (a *app) backToPatients(c *fiber.Ctx) error { return seeOther(c, "/patients") }

// searchPatients shows the results in the answer to the form itself, so that the query never is in an address. Directory.Search records it.
func (a *app) searchPatients(c *fiber.Ctx) error {
	asked := posted(c, "q")
	if letters(asked) < 2 {
		return a.patientsFound(c, http.StatusUnprocessableEntity, views.Patients{Query: asked, Problem: "Type at least two letters or digits."})
	}
	m := views.Patients{Query: asked, Searched: true}
	err := a.inClinic(c, func(tx *tenancy.Tx) error {
		found, more, err := a.directory.Search(c.UserContext(), tx, asked, mostFound)
		if err != nil {
			return err
		}
		m.TooMany = more
		m.Results, err = patientRows(c, tx, found)
		return err
	})
	if fault.Is(err, fault.Invalid) {
		return a.patientsFound(c, http.StatusUnprocessableEntity, views.Patients{Query: asked, Problem: tooLongToFind})
	}
	if err != nil {
		return err
	}
	return a.patientsFound(c, http.StatusOK, m)
}

func (a *app) patientsFound(c *fiber.Ctx, status int, m views.Patients) error {
	m.Shell = a.shell(c, "Patients")
	return pageOr(c, status, views.PatientsPage(m), views.PatientsFound(m))
}

// letters counts the bytes of letters and digits: one ideograph can be a whole name, one Latin letter is none.
func letters(s string) (n int) {
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			n += utf8.RuneLen(r)
		}
	}
	return n
}

// showPatient is the record. Directory.Get records the view.
func (a *app) showPatient(c *fiber.Ctx) error {
	id, err := idParam(c, "id")
	if err != nil {
		return err
	}
	var p patients.Patient
	var all []scheduling.Appointment
	var now time.Time
	err = a.inClinic(c, func(tx *tenancy.Tx) (err error) {
		if p, err = a.directory.Get(c.UserContext(), tx, id); err != nil {
			return err
		}
		if all, err = scheduling.OfPatient(c.UserContext(), tx, id); err != nil {
			return err
		}
		now, err = tx.Now(c.UserContext())
		return err
	})
	if err != nil {
		return err
	}
	m := patientView(c, p, all)
	m.Shell, m.Now = a.shell(c, "Patient"), now.In(zone(c))
	m.Upcoming, m.Earlier = comingAndGone(all, m.Now)
	return page(c, http.StatusOK, views.PatientPage(m))
}

// patientView holds the details as far as this role may see them: who books needs to reach the patient, who treats reads the notes.
func patientView(c *fiber.Ctx, p patients.Patient, all []scheduling.Appointment) views.Patient {
	member := of(c).member
	m := views.Patient{ID: p.ID.String(), Name: p.Name, Since: p.CreatedAt.In(zone(c)), Zone: place(member.Zone) + " time"}
	if p.Erased {
		m.Denied = &ui.Blank{Icon: "eye-off", Title: "Erased", Words: "The key to this record was destroyed, so nobody can read who it was. The times of the appointments stay."}
		return m
	}
	m.BirthDate = born(p.BirthDate, member.Locale, !books(member.Role))
	if books(member.Role) {
		m.Phone, _ = phoneFor(member.Role, p.Phone, member.Country)
		m.Email, m.Address, m.Notes, m.BookURL = p.Email, p.Address, p.Notes, "/schedule"
		return m
	}
	m.Masked = true
	m.Phone, _ = phoneFor(member.Role, p.Phone, member.Country)
	m.Email, m.Address = hidden(p.Email), hidden(p.Address)
	if slices.ContainsFunc(all, func(a scheduling.Appointment) bool { return mayTreat(member, a) }) {
		m.Notes = p.Notes
	}
	return m
}

// hidden says that there is something, and not what.
func hidden(s string) string {
	if s == "" {
		return ""
	}
	return "•••"
}

// comingAndGone sorts appointments, newest first as they come, into those that are still to be, the next first, and the rest.
func comingAndGone(all []scheduling.Appointment, now time.Time) (coming, gone []views.PatientAppointment) {
	for _, a := range all {
		v := views.PatientAppointment{ID: a.ID.String(), From: a.StartsAt.In(now.Location()), Service: a.ServiceName, Practitioner: a.Practitioner, Status: a.Status}
		if a.EndsAt.After(now) && slices.Contains([]string{scheduling.Pending, scheduling.Booked, scheduling.Arrived, scheduling.CheckedIn}, a.Status) {
			coming = append(coming, v)
		} else {
			gone = append(gone, v)
		}
	}
	slices.Reverse(coming)
	return coming, gone
}
