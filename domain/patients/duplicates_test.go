package patients_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"anteroom/domain/patients"
	"anteroom/domain/tenancy"
	"anteroom/domain/tenancy/tenancytest"
)

func TestDuplicatesAreWhoMayBeTheSamePerson(t *testing.T) {
	t.Parallel()
	db := tenancytest.New(t)
	a, b := db.Clinic(t, "A", "Europe/London"), db.Clinic(t, "B", "Europe/London")
	d := patients.New(vault(t))
	adele := create(t, db, a, d, patients.Details{Name: "Adele Grant", Phone: "07700 900418", Email: "adele@example.com", BirthDate: date(1985, 4, 3)})
	son := create(t, db, a, d, patients.Details{Name: "Tom Grant", Phone: "07700 900418"})
	namesake := create(t, db, a, d, patients.Details{Name: "Adèle GRANT", BirthDate: date(1960, 1, 1)})
	create(t, db, a, d, patients.Details{Name: "Somebody Else", BirthDate: date(1985, 4, 3)})
	create(t, db, b, d, patients.Details{Name: "Adele Grant", Phone: "07700 900418"})

	type found struct {
		id   uuid.UUID
		same []string
	}
	for words, c := range map[string]struct {
		in     patients.Details
		except uuid.UUID
		want   []found
	}{
		"all of it": {in: patients.Details{Name: "adele  grant", Phone: "+44 7700 900418", Email: "ADELE@example.com", BirthDate: date(1985, 4, 3)},
			want: []found{{adele.ID, []string{"name", "phone", "email", "birth date"}}, {son.ID, []string{"phone"}}}},
		"herself is left out": {in: adele.Details, except: adele.ID, want: []found{{son.ID, []string{"phone"}}}},
		"a name":              {in: patients.Details{Name: "Adele Grant"}, want: []found{{adele.ID, []string{"name"}}, {namesake.ID, []string{"name"}}}},
		"another birth date":  {in: patients.Details{Name: "Adele Grant", BirthDate: date(2001, 1, 1)}},
		"a birth date":        {in: patients.Details{BirthDate: date(1985, 4, 3)}},
		"a typo in the name":  {in: patients.Details{Name: "Adel Grant", Phone: "07700900418", BirthDate: date(1985, 4, 3)}, want: []found{{adele.ID, []string{"phone", "birth date"}}, {son.ID, []string{"phone"}}}},
		"half a phone":        {in: patients.Details{Phone: "07700"}},
		"nothing":             {},
	} {
		got := in(t, db, a, func(tx *tenancy.Tx) ([]patients.Duplicate, error) { return d.Duplicates(ctx, tx, c.in, c.except) })
		same := func(g patients.Duplicate, w found) bool { return g.ID == w.id && slices.Equal(g.Same, w.same) }
		if !slices.EqualFunc(got, c.want, same) {
			t.Errorf("%s: %+v, want %+v", words, got, c.want)
		}
		for _, g := range got {
			if g.Likely() != (len(g.Same) > 1) {
				t.Errorf("%s: likely is %t of %v", words, g.Likely(), g.Same)
			}
		}
	}
}
