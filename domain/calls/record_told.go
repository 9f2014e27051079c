package calls

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"anteroom/domain/privacy"
	"anteroom/domain/tenancy"
)

// told is what the tools were told of the caller. It is kept when a tool hears it, since the report need not say it again, and is found wherever
// it is said, also when other rules run over the call later.
type told struct {
	Names, Phones, Emails, Addresses, BirthDates []string
}

// learn takes the names, dates and addresses of one tool call.
func (t *told) learn(a Arguments) {
	add := func(list *[]string, values ...string) {
		for _, v := range values {
			if v != "" && !slices.Contains(*list, v) {
				*list = append(*list, v)
			}
		}
	}
	add(&t.Names, a.name()) // and whoever else is named: a mother who books for her child
	for _, other := range []string{"name", "patient_name", "full_name", "caller_name", "customer_name", "patient", "patientname", "patient_full_name", "caller", "parent_name", "guardian_name"} {
		add(&t.Names, a.text(other))
	}
	add(&t.Phones, a.text("phone", "phone_number", "patient_phone", "caller_phone", "callback_number"))
	add(&t.Emails, a.text("email", "email_address", "patient_email"))
	add(&t.Addresses, a.text("address", "home_address", "patient_address"))
	add(&t.BirthDates, birthDates(a.text("date_of_birth", "dob", "birth_date", "birthdate", "patient_date_of_birth", "patient_dob"))...)
}

// birthLayouts are how models write a date of birth. What may be read both ways is taken both ways: it only hides more.
var birthLayouts = []string{time.DateOnly, "2/1/2006", "1/2/2006", "2.1.2006", "2-1-2006", "1-2-2006", "2 January 2006", "January 2 2006", "2 Jan 2006", "Jan 2 2006"}

var ordinalDay = regexp.MustCompile(`(?i)\b(\d{1,2})(?:st|nd|rd|th)\b`)

func birthDates(said string) (dates []string) {
	if len(said) > 10 && said[10] == 'T' { // a whole timestamp
		said = said[:10]
	}
	said = ordinalDay.ReplaceAllString(strings.ReplaceAll(said, ",", " "), "$1")
	words := strings.Fields(said)
	words = slices.DeleteFunc(words, func(w string) bool { return strings.EqualFold(w, "of") || strings.EqualFold(w, "the") })
	for _, layout := range birthLayouts {
		if at, err := time.Parse(layout, strings.Join(words, " ")); err == nil {
			dates = append(dates, at.Format(time.DateOnly))
		}
	}
	return dates
}

func (t told) size() int {
	return len(t.Names) + len(t.Phones) + len(t.Emails) + len(t.Addresses) + len(t.BirthDates)
}

func (t told) tell(k *privacy.Known) {
	k.Names = append(k.Names, t.Names...)
	k.Phones = append(k.Phones, t.Phones...)
	k.Emails = append(k.Emails, t.Emails...)
	k.Addresses = append(k.Addresses, t.Addresses...)
	k.BirthDates = append(k.BirthDates, t.BirthDates...)
}

func knownField(call uuid.UUID) privacy.Field {
	return privacy.Field{Table: "calls", Column: "known", Row: call}
}

// seal answers nil when nothing was told.
func (t told) seal(call uuid.UUID, with sealer) ([]byte, error) {
	if t.size() == 0 {
		return nil, nil
	}
	plain, err := json.Marshal(t)
	if err != nil {
		return nil, err
	}
	return with.Seal(knownField(call), plain)
}

func openTold(call uuid.UUID, sealed []byte, with sealer) (t told, err error) {
	if sealed == nil {
		return t, nil
	}
	plain, err := with.Open(knownField(call), sealed)
	if err != nil {
		return t, err
	}
	if err := json.Unmarshal(plain, &t); err != nil {
		return t, fmt.Errorf("what was known of a caller cannot be read: %w", err)
	}
	return t, nil
}

// remember is what the tools were told before; nothing for an erased patient.
func (r *Records) remember(ctx context.Context, tx *tenancy.Tx, keys *privacy.ClinicKeys, c callRow) (told, error) {
	if c.Known == nil || c.CallerKey != "patient" {
		return openTold(c.ID, c.Known, keys)
	}
	key, err := patientKey(ctx, tx, r.patients, *c.PatientID)
	if err != nil || key == nil {
		return told{}, err
	}
	return openTold(c.ID, c.Known, key)
}

// told is what the call is known to have been told, sealed, once a tool has heard more; nil when it has not, or when the call is recorded and a
// patient's.
func (c call) told(keys *privacy.ClinicKeys, a Arguments) ([]byte, error) {
	var fresh told
	if fresh.learn(a); c.CallerKey != "clinic" || fresh.size() == 0 {
		return nil, nil
	}
	all, err := openTold(c.ID, c.Known, keys)
	if err != nil {
		return nil, err
	}
	before := all.size()
	if all.learn(a); all.size() == before {
		return nil, nil
	}
	return all.seal(c.ID, keys)
}
