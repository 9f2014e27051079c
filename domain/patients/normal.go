package patients

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-playground/validator/v10"
	"golang.org/x/text/unicode/norm"

	"anteroom/domain/fault"
)

const (
	maxName    = 120
	maxEmail   = 254 // RFC 5321, section 4.5.3.1.3, without the angle brackets
	maxAddress = 500
	maxNotes   = 4000
	maxAge     = 130 // years; an older birth date is a slip of the keyboard
)

var validate = validator.New(validator.WithRequiredStructEnabled())

// Check says everything that is wrong with the details of a patient of a clinic in this country and zone, in one fault; nil when they
// can be used. Verbs check for themselves: this is for a form that wants to know before it begins.
func (d Details) Check(country, zone string, now time.Time) error {
	_, err := d.normal(clinicFacts{Country: country, Zone: zone}, now)
	return err
}

// normal checks every field and puts it into its normal form; all problems come in one fault. "Today" is the clinic's.
func (d Details) normal(clinic clinicFacts, now time.Time) (Details, error) {
	bad := fault.New(fault.Invalid, "invalid-patient", "Some of these details cannot be used.")
	out := Details{
		Name: strings.Join(strings.Fields(clean(d.Name)), " "), Email: strings.TrimSpace(clean(d.Email)),
		Address: strings.TrimSpace(clean(d.Address)), Notes: strings.TrimSpace(clean(d.Notes)),
	}
	if problem := checkName(out.Name); problem != "" {
		bad.On("name", problem)
	}
	if strings.TrimSpace(d.Phone) != "" {
		phone, ok := parsePhone(d.Phone, clinic.Country)
		if !ok {
			bad.On("phone", badPhone)
		}
		out.Phone = phone
	}
	if out.Email != "" && (len(out.Email) > maxEmail || validate.Var(out.Email, "email") != nil) {
		bad.On("email", "must be an e-mail address, such as name@example.com")
	}
	for _, f := range []struct {
		name, value string
		most        int
	}{{"address", out.Address, maxAddress}, {"notes", out.Notes, maxNotes}} {
		if utf8.RuneCountInString(f.value) > f.most {
			bad.On(f.name, fmt.Sprintf("must have at most %d characters", f.most))
		}
	}
	if d.BirthDate != nil {
		date, problem, err := checkBirthDate(*d.BirthDate, clinic.Zone, now)
		if err != nil {
			return Details{}, err
		}
		if problem != "" {
			bad.On("birth_date", problem)
		}
		out.BirthDate = &date
	}
	if len(bad.Fields) > 0 {
		return Details{}, bad
	}
	return out, nil
}

// clean makes text that is stored: valid, composed, and without control characters other than line ends.
func clean(s string) string {
	s = norm.NFC.String(strings.ToValidUTF8(s, ""))
	return strings.Map(func(r rune) rune {
		if r == '\t' {
			return ' '
		}
		if (r < 0x20 && r != '\n') || r == 0x7f {
			return -1
		}
		return r
	}, s)
}

func checkName(name string) string {
	switch {
	case name == "":
		return "must not be empty"
	case utf8.RuneCountInString(name) > maxName:
		return fmt.Sprintf("must have at most %d characters", maxName)
	case nameKey(name) == "":
		return "must have at least one letter"
	}
	return ""
}

func checkBirthDate(given time.Time, zone string, now time.Time) (date time.Time, problem string, err error) {
	where, err := time.LoadLocation(zone)
	if err != nil {
		return time.Time{}, "", fmt.Errorf("the clinic's zone: %w", err)
	}
	date = time.Date(given.Year(), given.Month(), given.Day(), 0, 0, 0, 0, time.UTC)
	y, m, d := now.In(where).Date()
	today := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	switch {
	case date.After(today):
		problem = "must not be in the future"
	case date.Before(today.AddDate(-maxAge, 0, 0)):
		problem = fmt.Sprintf("must be within the last %d years", maxAge)
	}
	return date, problem, nil
}
