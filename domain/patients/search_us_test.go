package patients_test

import (
	"slices"
	"testing"

	"anteroom/domain/patients"
	"anteroom/domain/tenancy/tenancytest"
)

// Where the month is written first, 4/3/85 is the 3rd of April.
func TestDatesAreReadInTheClinicsOrder(t *testing.T) {
	t.Parallel()
	db := tenancytest.New(t)
	a := db.Clinic(t, "A", "America/New_York")
	if _, err := db.Owner(t).Exec(ctx, `update clinics set locale = 'en-US', country = 'US'`); err != nil {
		t.Fatal(err)
	}
	d := patients.New(vault(t))
	create(t, db, a, d, patients.Details{Name: "April", Phone: "(415) 555-0132", BirthDate: date(1985, 4, 3)})
	create(t, db, a, d, patients.Details{Name: "March", Phone: "(415) 555-0133", BirthDate: date(1985, 3, 4)})
	for query, want := range map[string][]string{
		"4/3/85": {"April"}, "3/4/1985": {"March"}, "04031985": {"April"}, "4/3": {"April"}, "13/4/1985": {}, "4 mar 1985": {"March"}, "1985-04-03": {"April"},
		"555-0132": {"April"}, "4155550133": {"March"}, "0133 march": {"March"},
	} {
		var got []string
		for _, p := range search(t, db, a, d, query) {
			got = append(got, p.Name)
		}
		if !slices.Equal(got, want) && len(got)+len(want) > 0 {
			t.Errorf("%q finds %v, want %v", query, got, want)
		}
	}
}
