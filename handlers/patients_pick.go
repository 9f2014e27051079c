package handlers

import (
	"cmp"
	"net/http"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"anteroom/domain/fault"
	"anteroom/domain/patients"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
	"anteroom/views"
)

const (
	mostSuggested  = 8
	mostDuplicates = 5
)

// suggestPatients answers who may be meant, for a form that is for a patient: POST, field q, or name where the field is also the
// new patient's. The part has radio buttons called patient.
func (a *app) suggestPatients(c *fiber.Ctx) error {
	m, err := a.picks(c, cmp.Or(posted(c, "q"), posted(c, "name")))
	if err != nil {
		return err
	}
	m.Chosen = posted(c, "patient")
	return page(c, http.StatusOK, views.PatientPicks(m))
}

// picks finds patients to choose from. What is too short or too long to search for is a problem in words, since somebody is still typing.
func (a *app) picks(c *fiber.Ctx, asked string) (m views.Picks, err error) {
	if letters(asked) < 2 {
		return m, nil
	}
	err = a.inClinic(c, func(tx *tenancy.Tx) error {
		found, more, err := a.directory.Search(c.UserContext(), tx, asked, mostSuggested)
		if err != nil {
			return err
		}
		m = views.Picks{Searched: true, More: more}
		m.Found, err = patientRows(c, tx, found)
		return err
	})
	if fault.Is(err, fault.Invalid) {
		return views.Picks{Problem: tooLongToFind}, nil
	}
	return m, err
}

// warnOfDuplicates answers who may be the one that is being typed in: POST, fields name, phone, birth_date, email. Empty when nobody is.
func (a *app) warnOfDuplicates(c *fiber.Ctx) error {
	var rows []views.PatientRow
	err := a.inClinic(c, func(tx *tenancy.Tx) (err error) {
		rows, err = a.duplicates(c, tx, typedPatient(c), uuid.Nil)
		return err
	})
	if err != nil {
		return err
	}
	if posted(c, "links") != "" { // on the page that adds a patient there is nothing to choose: the record is opened instead
		return page(c, http.StatusOK, views.PatientAlike(rows))
	}
	return page(c, http.StatusOK, views.PatientDuplicates(rows, posted(c, "patient")))
}

// typedPatient is what was typed so far, as far as it can be read.
func typedPatient(c *fiber.Ctx) patients.Details {
	d := patients.Details{Name: posted(c, "name"), Phone: posted(c, "phone"), Email: posted(c, "email")}
	if born, err := parseDay(posted(c, "birth_date")); err == nil {
		d.BirthDate = &born
	}
	return d
}

// duplicates are the likeliest first. A name alone says little when there are better reasons.
func (a *app) duplicates(c *fiber.Ctx, tx *tenancy.Tx, like patients.Details, except uuid.UUID) ([]views.PatientRow, error) {
	found, err := a.directory.Duplicates(c.UserContext(), tx, like, except)
	if err != nil {
		return nil, err
	}
	found = found[:min(len(found), mostDuplicates)]
	people := make([]patients.Patient, len(found))
	for i, f := range found {
		people[i] = f.Patient
	}
	rows, err := patientRows(c, tx, people)
	if err != nil {
		return nil, err
	}
	for i, f := range found {
		rows[i].Same = f.Same
	}
	return rows, nil
}

// patientRows adds to patients when they were here and when they come next. Who found them has recorded it.
func patientRows(c *fiber.Ctx, tx *tenancy.Tx, found []patients.Patient) ([]views.PatientRow, error) {
	ids := make([]uuid.UUID, len(found))
	for i, p := range found {
		ids[i] = p.ID
	}
	visits, err := scheduling.VisitsOf(c.UserContext(), tx, ids)
	if err != nil {
		return nil, err
	}
	now, err := tx.Now(c.UserContext())
	if err != nil {
		return nil, err
	}
	rows := make([]views.PatientRow, len(found))
	for i, p := range found {
		rows[i] = patientRow(c, p, visits[p.ID], now)
	}
	return rows, nil
}

func patientRow(c *fiber.Ctx, p patients.Patient, v scheduling.Visits, now time.Time) views.PatientRow {
	member, at := of(c).member, zone(c)
	r := views.PatientRow{ID: p.ID.String(), Name: p.Name, BirthDate: born(p.BirthDate, member.Locale, !books(member.Role)), Age: age(p.BirthDate, now.In(at))}
	r.Phone = patients.MaskPhone(p.Phone, member.Country)
	if v.Last != nil {
		r.LastSeen = shortDay(v.Last.In(at), member.Locale)
	}
	if v.Next != nil {
		r.Next = shortDay(v.Next.In(at), member.Locale) + v.Next.In(at).Format(", 15:04")
	}
	return r
}

func shortDay(t time.Time, locale string) string {
	if monthFirst(locale) {
		return t.Format("Mon, Jan 2, 2006")
	}
	return t.Format("Mon 2 Jan 2006")
}

// born is a date of birth as the clinic writes dates; a masked one tells the year, to tell two people of one name apart.
func born(date *time.Time, locale string, masked bool) string {
	switch {
	case date == nil:
		return ""
	case masked:
		return "•• ••• " + date.Format("2006")
	case monthFirst(locale):
		return date.Format("Jan 2, 2006")
	}
	return date.Format("2 Jan 2006")
}

// age is in years; of a child under two, in months.
func age(birth *time.Time, now time.Time) string {
	if birth == nil {
		return ""
	}
	months := (now.Year()-birth.Year())*12 + int(now.Month()-birth.Month())
	if now.Day() < birth.Day() {
		months--
	}
	if months < 24 {
		return strconv.Itoa(max(months, 0)) + " mo"
	}
	return strconv.Itoa(months / 12)
}
