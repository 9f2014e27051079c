package scheduling

import (
	"context"
	"regexp"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"anteroom/domain/audit"
	"anteroom/domain/tenancy"
)

// NewClinic is what the operator says of a clinic. Zone and country cannot be changed later: slots and phone numbers follow from them.
type NewClinic struct {
	Slug    string // small letters, digits and hyphens
	Name    string
	Zone    string // IANA
	Country string // ISO 3166-1 alpha-2
	Locale  string
}

var clinicSlug = regexp.MustCompile(`^[a-z0-9-]{2,40}$`)

// CreateClinic makes the clinic that tx is inside, with the default grain, horizon and hold.
func CreateClinic(ctx context.Context, tx *tenancy.Tx, in NewClinic) error {
	var bad settingFaults
	in.Name = bad.text("name", "The name", in.Name, 1, 120)
	if !clinicSlug.MatchString(in.Slug) {
		bad.add("slug", "The short name has 2 to 40 small letters, digits and hyphens.")
	}
	if _, err := Zone(in.Zone); err != nil {
		bad.add("zone", "The zone is an IANA name such as Europe/London.")
	}
	in.Country = strings.ToUpper(in.Country)
	if phonenumbers.GetCountryCodeForRegion(in.Country) == 0 { // patients' numbers are read as that country writes them
		bad.add("country", "The country is an ISO 3166-1 code of two letters, such as GB.")
	}
	if err := bad.err(); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `insert into clinics (clinic_id, slug, name, zone, country, locale) values (@clinic, @slug, @name, @zone, @country, @locale)`,
		tenancy.Args{"clinic": tx.Clinic(), "slug": in.Slug, "name": in.Name, "zone": in.Zone, "country": in.Country, "locale": in.Locale})
	if err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Event{Action: "clinic.created", SubjectKind: "clinic", SubjectID: tx.Clinic(), After: in})
}
