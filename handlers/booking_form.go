package handlers

import (
	"cmp"
	"crypto/rand"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"anteroom/domain/fault"
	"anteroom/domain/patients"
	"anteroom/domain/scheduling"
	"anteroom/views"
	"anteroom/views/ui"
)

// bookingForm is what the desk types. Its time is a slot, a hold, or a practitioner's day and time.
type bookingForm struct {
	Slot         string `form:"slot" validate:"omitempty,uuid"`
	Near         string `form:"near" validate:"omitempty,uuid"` // the slot that the form was opened for
	Hold         string `form:"hold" validate:"omitempty,uuid"`
	Instead      string `form:"instead" validate:"omitempty,uuid"` // another time, after a lost race: booked at once
	Pick         string `form:"pick" validate:"omitempty,uuid"`    // another time, to go on with
	Practitioner string `form:"practitioner" validate:"omitempty,uuid"`
	Day          string `form:"day" validate:"omitempty,datetime=2006-01-02"`
	Time         string `form:"time" validate:"max=5"`
	Overbook     string `form:"overbook" validate:"max=5"`

	Service   string `form:"service" validate:"required,max=60"`
	Patient   string `form:"patient" validate:"omitempty,uuid"`
	Name      string `form:"name"`
	Phone     string `form:"phone"`
	Email     string `form:"email"`
	BirthDate string `form:"birth_date" validate:"omitempty,datetime=2006-01-02"`
	Notes     string `form:"notes" validate:"max=1000"`
	Warned    string `form:"warned" validate:"max=5"` // of somebody who may be the same person

	Repeat string   `form:"repeat" validate:"max=5"`
	Every  string   `form:"every" validate:"max=5"`
	Unit   string   `form:"unit" validate:"max=10"`
	Count  string   `form:"count" validate:"max=5"`
	Dates  string   `form:"dates" validate:"max=5"`                                       // they were shown
	At     []string `form:"at" validate:"max=52,dive,datetime=2006-01-02T15:04:05Z07:00"` // in place of dates that cannot be had

	Key  string `form:"key" validate:"max=64"`
	Do   string `form:"do" validate:"max=10"`
	With string `form:"with" validate:"omitempty,uuid"` // of the other times
	From string `form:"from" validate:"omitempty,datetime=2006-01-02"`
}

func readBooking(c *fiber.Ctx) (f bookingForm, err error) {
	if err := c.BodyParser(&f); err != nil {
		return f, fault.New(fault.Invalid, "invalid-form", "The form could not be read. Nothing was booked.").Because(err)
	}
	if other := cmp.Or(f.Instead, f.Pick); other != "" {
		f.Slot, f.Near, f.Hold, f.Instead, f.Pick = other, other, "", "", ""
		f.Practitioner, f.Day, f.Time, f.Overbook = "", "", "", ""
	}
	return f, nil
}

// hasTime is whether the form says when. One whose start was not chosen still knows for which slot it was opened.
func (f bookingForm) hasTime() bool { return f.Slot != "" || f.Hold != "" || f.Practitioner != "" }

func (f bookingForm) repeats() bool { return f.Repeat == "yes" && f.Hold == "" }

func (f bookingForm) view() views.BookingForm {
	return views.BookingForm{Service: f.Service, Patient: f.Patient, Name: f.Name, Phone: f.Phone, Email: f.Email, BirthDate: f.BirthDate, Notes: f.Notes}
}

func (f bookingForm) details() patients.Details {
	d := patients.Details{Name: f.Name, Phone: f.Phone, Email: f.Email, Notes: f.Notes}
	if born, err := parseDay(f.BirthDate); err == nil {
		d.BirthDate = &born
	}
	return d
}

// input is what is to be booked. The ids were checked.
func (f bookingForm) input(at *time.Location) (in scheduling.BookInput, err error) {
	in = scheduling.BookInput{Service: f.Service, Source: scheduling.ByStaff, Overbook: f.Overbook == "yes"}
	switch {
	case f.Hold != "":
		in.HoldID = uuid.MustParse(f.Hold)
	case f.Slot != "":
		in.SlotID = uuid.MustParse(f.Slot)
	default:
		in.PractitionerID = uuid.MustParse(f.Practitioner)
		if in.StartsAt, err = readStart(f.Day, f.Time, at); err != nil {
			return in, err
		}
	}
	if f.Patient != "" {
		in.PatientID = uuid.MustParse(f.Patient)
	} else {
		in.Patient = f.details()
	}
	return in, nil
}

// check names every field that cannot be used. The details of a patient who is known already are not looked at.
func (f bookingForm) check(country, zone string, now time.Time) error {
	errs := []error{check(f)}
	if f.Patient == "" {
		missing := fault.New(fault.Invalid, "invalid-fields", "Some of that is not right.")
		if strings.TrimSpace(f.Phone) == "" {
			missing.On("phone", "is needed to book somebody new")
			errs = append(errs, missing)
		}
		errs = append(errs, f.details().Check(country, zone, now))
	}
	return problemsOf(errs...)
}

// problemsOf joins the faults of several checks into one; of a field the first problem counts.
func problemsOf(errs ...error) error {
	all := fault.New(fault.Invalid, "invalid-fields", "Some of that is not right.")
	seen := map[string]bool{}
	for _, err := range errs {
		f := fault.As(err)
		if err != nil && f == nil {
			return err
		}
		if f == nil {
			continue
		}
		for _, p := range f.Fields {
			if !seen[p.Name] {
				seen[p.Name] = true
				all.On(p.Name, p.Message)
			}
		}
	}
	if len(all.Fields) == 0 {
		return nil
	}
	return all
}

// formProblems are what is wrong, each beside its field.
func formProblems(refusal *fault.Fault) (list []ui.Problem) {
	for _, p := range refusal.Fields {
		name := strings.TrimPrefix(p.Name, "patient.")
		list = append(list, ui.Problem{FieldID: "f-" + name, Message: fieldWords(name, p.Message)})
	}
	return list
}

var fieldLabels = map[string]string{"name": "The name", "phone": "The phone", "email": "The e-mail", "birth_date": "The date of birth", "notes": "The notes",
	"every": "The number of weeks or months", "count": "The number of times"}

// fieldWords makes a sentence of what the domain says of a field: "must not be empty".
func fieldWords(field, message string) string {
	if field == "service" && (strings.Contains(message, "does not perform") || strings.Contains(message, "does not offer")) {
		return "This practitioner does not perform that service."
	}
	if field == "service" && !strings.HasPrefix(message, "This") {
		return "Choose a service that can be booked."
	}
	if strings.HasPrefix(message, "must ") || strings.HasPrefix(message, "is ") {
		return cmp.Or(fieldLabels[field], "This") + " " + message + "."
	}
	return message
}

func newKey() string { return rand.Text() }
