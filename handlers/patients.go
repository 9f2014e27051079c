package handlers

import (
	"net/http"
	"strconv"
	"unicode"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"anteroom/domain/fault"
	"anteroom/domain/tenancy"
	"anteroom/views"
)

const (
	mostFound  = 50
	mostRecent = 8

	tooLongToFind  = "That is too long to search for. Type a name, a phone number, a birth date or an e-mail address."
	tooShortToFind = "Type at least two letters or digits."
)

// showPatients is the search before anything was searched for: whom this person opened last.
func (a *app) showPatients(c *fiber.Ctx) error {
	return a.patientsFound(c, http.StatusOK, views.Patients{}, a.recentPatients)
}

// backToPatients is for whoever opens the address of the results: what was searched for is in no address.
func (a *app) backToPatients(c *fiber.Ctx) error { return seeOther(c, "/patients") }

// searchPatients shows the results in the answer to the form itself, so that the query never is in an address. Directory.Search records it.
// While somebody types, what is too short is no mistake yet.
func (a *app) searchPatients(c *fiber.Ctx) error {
	m := views.Patients{Query: posted(c, "q")}
	switch typing := wantsPart(c); {
	case letters(m.Query) == 0 && typing:
		return a.patientsFound(c, http.StatusOK, m, a.recentPatients)
	case letters(m.Query) < 2 && typing:
		m.Hint = tooShortToFind
		return a.patientsFound(c, http.StatusOK, m, nil)
	case letters(m.Query) < 2:
		m.Problem = tooShortToFind
		return a.patientsFound(c, http.StatusUnprocessableEntity, m, nil)
	}
	m.Searched = true
	if skip, err := strconv.Atoi(posted(c, "skip")); err == nil {
		m.Skip = max(0, skip)
	}
	err := a.patientsFound(c, http.StatusOK, m, a.foundPatients)
	if fault.Is(err, fault.Invalid) {
		return a.patientsFound(c, http.StatusUnprocessableEntity, views.Patients{Query: m.Query, Problem: tooLongToFind}, nil)
	}
	return err
}

func (a *app) recentPatients(c *fiber.Ctx, tx *tenancy.Tx, m *views.Patients) error {
	found, err := a.directory.Recent(c.UserContext(), tx, mostRecent)
	if err != nil {
		return err
	}
	m.Recent, err = patientRows(c, tx, found)
	return err
}

func (a *app) foundPatients(c *fiber.Ctx, tx *tenancy.Tx, m *views.Patients) error {
	found, more, err := a.directory.SearchFrom(c.UserContext(), tx, m.Query, m.Skip, mostFound)
	if err != nil {
		return err
	}
	m.More = more
	m.Results, err = patientRows(c, tx, found)
	return err
}

func (a *app) patientsFound(c *fiber.Ctx, status int, m views.Patients, load func(*fiber.Ctx, *tenancy.Tx, *views.Patients) error) error {
	if load != nil {
		if err := a.inClinic(c, func(tx *tenancy.Tx) error { return load(c, tx, &m) }); err != nil {
			return err
		}
	}
	m.Shell, m.CanAdd = a.shell(c, "Patients"), books(of(c).member.Role)
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
