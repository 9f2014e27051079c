package handlers

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"anteroom/domain/fault"
	"anteroom/domain/patients"
	"anteroom/domain/tenancy"
	"anteroom/views"
	"anteroom/views/ui"
)

// patientForm is what is typed on the page that adds or changes a patient.
type patientForm struct {
	Name      string `form:"name"`
	Phone     string `form:"phone"`
	Email     string `form:"email"`
	BirthDate string `form:"birth_date"`
	Address   string `form:"address"`
	Notes     string `form:"notes"`
	Seen      string `form:"seen"`
	Anyway    string `form:"anyway"`
}

func (f patientForm) view(c *fiber.Ctx) views.PatientForm {
	return views.PatientForm{Name: f.Name, Phone: f.Phone, Email: f.Email, Birth: f.BirthDate, Address: f.Address, Notes: f.Notes, Version: f.Seen,
		Today: time.Now().In(zone(c)).Format(time.DateOnly)}
}

// details are what was typed; a date that is none is a problem of its field.
func (f patientForm) details() (patients.Details, error) {
	d := patients.Details{Name: f.Name, Phone: f.Phone, Email: f.Email, Address: f.Address, Notes: f.Notes}
	if f.BirthDate == "" {
		return d, nil
	}
	born, err := parseDay(f.BirthDate)
	if err != nil {
		return d, fault.BadField("birth_date", "must be a date, such as 1985-04-03")
	}
	d.BirthDate = &born
	return d, nil
}

func formOf(p patients.Patient, country string) patientForm {
	f := patientForm{Name: p.Name, Phone: patients.FormatPhone(p.Phone, country), Email: p.Email, BirthDate: p.Get(patients.FieldBirthDate), Address: p.Address, Notes: p.Notes,
		Seen: strconv.Itoa(p.Version)}
	if p.Phone == "" {
		f.Phone = ""
	}
	return f
}

// newPatient is the empty form, or one that begins with what was searched for.
func (a *app) newPatient(c *fiber.Ctx) error {
	return a.patientFormPage(c, http.StatusOK, begun(posted(c, "q")), views.PatientForm{Title: "New patient"})
}

// begun sorts what was searched for into the fields of a new patient: digits are a phone, a word with an @ is an e-mail address.
func begun(asked string) (f patientForm) {
	var name, phone []string
	for _, word := range strings.Fields(asked) {
		switch {
		case strings.Contains(word, "@"):
			f.Email = word
		case strings.ContainsFunc(word, unicode.IsDigit):
			phone = append(phone, word)
		default:
			first, rest := word, ""
			for i := range word {
				if i > 0 {
					first, rest = word[:i], word[i:]
					break
				}
			}
			name = append(name, strings.ToUpper(first)+rest)
		}
	}
	f.Name = strings.Join(name, " ")
	if number := strings.Join(phone, " "); letters(number) > 8 && !strings.Contains(number, "/") { // shorter ones are the end of a number, or a date
		f.Phone = number
	}
	return f
}

func (a *app) patientFormPage(c *fiber.Ctx, status int, f patientForm, m views.PatientForm) error {
	typed := f.view(c)
	typed.ID, typed.Title, typed.Problems, typed.Stale, typed.Theirs, typed.Alike = m.ID, m.Title, m.Problems, m.Stale, m.Theirs, m.Alike
	if m.Version != "" {
		typed.Version = m.Version
	}
	typed.Shell = a.shell(c, "Patient")
	return page(c, status, views.PatientFormPage(typed))
}

// createPatient adds a patient. Who may be known already is shown first, once.
func (a *app) createPatient(c *fiber.Ctx) error {
	var f patientForm
	if err := c.BodyParser(&f); err != nil {
		return unreadableForm(err)
	}
	d, badDate := f.details()
	var made patients.Patient
	var alike []views.PatientRow
	err := a.inClinic(c, func(tx *tenancy.Tx) (err error) {
		if problems := problemsOf(badDate, d.Check(of(c).member.Country, of(c).member.Zone, clockOf(tx))); problems != nil {
			return problems
		}
		if f.Anyway == "" {
			if alike, err = a.duplicates(c, tx, d, uuid.Nil); err != nil || len(alike) > 0 {
				return err
			}
		}
		made, err = a.directory.Create(c.UserContext(), tx, d)
		return err
	})
	switch refused := fault.As(err); {
	case refused != nil && refused.Kind == fault.Invalid:
		return a.patientFormPage(c, http.StatusUnprocessableEntity, f, views.PatientForm{Problems: problemViews(refused)})
	case err != nil:
		return err
	case made.ID == uuid.Nil:
		return a.patientFormPage(c, http.StatusConflict, f, views.PatientForm{Alike: alike})
	}
	a.flash(c, ui.OK, "Patient added", "")
	return seeOther(c, "/patients/"+made.ID.String())
}

func unreadableForm(err error) error {
	return fault.New(fault.Invalid, "invalid-form", "The form could not be read. Nothing was saved.").Because(err)
}

func problemViews(f *fault.Fault) []ui.Problem {
	list := make([]ui.Problem, len(f.Fields))
	for i, p := range f.Fields {
		list[i] = ui.Problem{FieldID: "f-" + p.Name, Message: fieldWords(p.Name, p.Message)}
	}
	return list
}

// editPatient is the form with what is known. Directory.Get records the view.
func (a *app) editPatient(c *fiber.Ctx) error {
	id, err := idParam(c, "id")
	if err != nil {
		return err
	}
	var p patients.Patient
	err = a.inClinic(c, func(tx *tenancy.Tx) (err error) {
		p, err = a.directory.Get(c.UserContext(), tx, id)
		return err
	})
	switch {
	case err != nil:
		return err
	case p.MergedInto != nil:
		return seeOther(c, "/patients/"+p.MergedInto.String()+"/edit")
	case p.Erased:
		return seeOther(c, "/patients/"+id.String())
	}
	return a.patientFormPage(c, http.StatusOK, formOf(p, of(c).member.Country), views.PatientForm{ID: id.String(), Title: p.Name})
}

// updatePatient saves. When somebody else saved meanwhile, both versions are shown and nothing is lost; saving again replaces theirs.
func (a *app) updatePatient(c *fiber.Ctx) error {
	id, err := idParam(c, "id")
	if err != nil {
		return err
	}
	var f patientForm
	if err := c.BodyParser(&f); err != nil {
		return unreadableForm(err)
	}
	seen, err := strconv.Atoi(f.Seen)
	if err != nil || seen < 1 {
		return fault.BadField("seen", "Open the record again and edit it there. Nothing was saved.")
	}
	d, badDate := f.details()
	err = a.inClinic(c, func(tx *tenancy.Tx) error {
		if problems := problemsOf(badDate, d.Check(of(c).member.Country, of(c).member.Zone, clockOf(tx))); problems != nil {
			return problems
		}
		_, err := a.directory.Edit(c.UserContext(), tx, patients.EditInput{ID: id, Details: d, Seen: seen})
		return err
	})
	refused := fault.As(err)
	m := views.PatientForm{ID: id.String(), Title: "Record"}
	switch {
	case refused != nil && refused.Kind == fault.Invalid:
		m.Problems = problemViews(refused)
		return a.patientFormPage(c, http.StatusUnprocessableEntity, f, m)
	case refused != nil && refused.Code == "changed-meanwhile":
		theirs, _ := refused.Detail.(patients.Patient)
		m.Stale, m.Theirs, m.Version = true, differences(f, formOf(theirs, of(c).member.Country)), strconv.Itoa(theirs.Version)
		return a.patientFormPage(c, http.StatusConflict, f, m)
	case err != nil:
		return err
	}
	a.flash(c, ui.OK, "Saved", "")
	return seeOther(c, "/patients/"+id.String())
}

// differences are the fields in which what was typed differs from what somebody else saved.
func differences(typed, theirs patientForm) map[string]string {
	all := []struct{ field, typed, theirs string }{
		{"name", typed.Name, theirs.Name}, {"phone", typed.Phone, theirs.Phone}, {"email", typed.Email, theirs.Email}, {"birth_date", typed.BirthDate, theirs.BirthDate},
		{"address", typed.Address, theirs.Address}, {"notes", typed.Notes, theirs.Notes},
	}
	out := map[string]string{}
	for _, one := range all {
		if !slices.Equal(strings.Fields(one.typed), strings.Fields(one.theirs)) {
			out[one.field] = one.theirs
		}
	}
	return out
}
