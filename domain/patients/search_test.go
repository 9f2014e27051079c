package patients_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"anteroom/domain/fault"
	"anteroom/domain/patients"
	"anteroom/domain/tenancy"
	"anteroom/domain/tenancy/tenancytest"
)

func search(t testing.TB, db *tenancytest.Database, s tenancy.Scope, d *patients.Directory, query string) []patients.Patient {
	t.Helper()
	return in(t, db, s, func(tx *tenancy.Tx) ([]patients.Patient, error) {
		found, _, err := d.Search(ctx, tx, query, 50)
		return found, err
	})
}

func TestSearchFindsWhatPeopleType(t *testing.T) {
	t.Parallel()
	db := tenancytest.NewWithClock(t, time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	a := db.Clinic(t, "A", "Europe/London")
	d := patients.New(vault(t))
	for _, p := range []patients.Details{
		{Name: "Adele Grant", Phone: "07700 900418", Email: "adele@example.com", BirthDate: date(1985, time.April, 3)},
		{Name: "Adam Graham", Phone: "020 7946 0419", BirthDate: date(1985, time.March, 4)},
		{Name: "Siobhán O'Brien-Łukasz", Phone: "+1 415-555-0132", BirthDate: date(2003, time.December, 25)},
		{Name: "Søren Weiß", Email: "Soren@Example.com"},
		{Name: "Bartholomewjames Grant"},
		{Name: "李小龙"},
	} {
		create(t, db, a, d, p)
	}
	const adele, adam, siobhan, soren, bart, lee = "Adele Grant", "Adam Graham", "Siobhán O'Brien-Łukasz", "Søren Weiß", "Bartholomewjames Grant", "李小龙"
	for query, want := range map[string][]string{
		// names
		"ade gra": {adele}, "gra ade": {adele}, "ADE": {adele}, "ad": {adam, adele}, "a g": {adam, adele}, "gra": {adam, adele, bart},
		"grant, adele": {adele}, "dele": {}, "adele smith": {}, "siobhan": {siobhan}, "Siobhán": {siobhan}, "o'brien": {siobhan}, "O’Bri": {siobhan},
		"obrienlukasz": {siobhan}, "lukasz": {siobhan}, "Łuk": {siobhan}, "soren weiss": {soren}, "SØREN WEIß": {soren}, "bartholomewjames": {bart}, "李": {lee},
		// phones
		"07700 900418": {adele}, "07700900418": {adele}, "+44 7700 900 418": {adele}, "+44 (0)7700-900418": {adele}, "0044 7700 900418": {adele}, "447700900418": {adele},
		"418": {adele}, "0418": {adele}, "900418": {adele}, "900 418": {adele}, "0900418": {adele}, "00900418": {adele}, "18": {}, "041": {}, "07700900419": {}, "900419": {},
		"(020) 7946 0419": {adam}, "+1 (415) 555-0132": {siobhan}, "415.555.0132": {siobhan}, "5550132": {siobhan},
		// e-mail
		"adele@example.com": {adele}, "soren@example.com": {soren}, "ADELE@EXAMPLE.COM": {adele}, "adele@example": {adele}, "adele@": {adele}, "Soren@ex": {soren}, "dele@": {}, "adele@example.com adam": {},
		// birth dates
		"1985-04-03": {adele}, "03/04/1985": {adele}, "3.4.85": {adele}, "4/3/85": {adam}, "3 April 1985": {adele}, "April 3, 1985": {adele}, "3rd apr 85": {adele},
		"4 mar. 1985": {adam}, "25/12/2003": {siobhan}, "12/25/2003": {siobhan}, "25-12-03": {siobhan}, "2003/12/25": {siobhan}, "30/02/2003": {}, "1985-04-04": {},
		"3apr1985": {adele}, "3-apr-85": {adele}, "3 4 1985": {adele}, "030485": {adele}, "04031985": {adam}, "19850403": {adele}, "31/13/1985": {},
		// a part of a birth date
		"1985": {adam, adele}, "apr 1985": {adele}, "mar 1985": {adam}, "4/1985": {adele}, "3 apr": {adele}, "april 3rd": {adele}, "3/4": {adele}, "25/12": {siobhan}, "12/25": {siobhan},
		"1984": {}, "may 1985": {}, "3 may": {}, "gra 1985": {adam, adele}, "adam 1985": {adam}, "lukasz 2003": {siobhan}, "grant 2003": {},
		// together
		"grant 418": {adele}, "gra 3/4/1985 ade": {adele}, "adele 419": {}, "900 418 3/4/1985": {adele}, "adele@example.com gr": {adele},
		"grant 0418": {adele}, "0418 grant": {adele}, "graham 0418": {},
		// words around it
		"mrs grant 418": {adele}, "dr. lukasz": {siobhan}, "grant born 1985": {adele}, "adam dob 4/3/85": {adam}, "mr": {},
		// nothing to look for
		"": {}, "  ": {}, "?!": {},
	} {
		var got []string
		for _, p := range search(t, db, a, d, query) {
			got = append(got, p.Name)
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%q finds %v, want %v", query, got, want)
		}
	}
}

func TestAWholeNumberIsNotTheEndOfAnother(t *testing.T) {
	t.Parallel()
	db := tenancytest.New(t)
	a := db.Clinic(t, "A", "Europe/London")
	d := patients.New(vault(t))
	one := create(t, db, a, d, patients.Details{Name: "One", Phone: "07700 900418"})
	create(t, db, a, d, patients.Details{Name: "Other", Phone: "07800 900418"})
	for query, want := range map[string]int{"07700 900418": 1, "+447700900418": 1, "900418": 2} {
		found := search(t, db, a, d, query)
		if len(found) != want || (want == 1 && found[0].ID != one.ID) {
			t.Errorf("%q finds %d, want %d", query, len(found), want)
		}
	}
}

func TestSearchAnswersAtMostTheLimitAndSaysSo(t *testing.T) {
	t.Parallel()
	db := tenancytest.New(t)
	a := db.Clinic(t, "A", "Europe/London")
	d := patients.New(vault(t))
	for i := range 3 {
		create(t, db, a, d, patients.Details{Name: fmt.Sprintf("Grant %c", 'A'+i)})
	}
	for limit, want := range map[int]struct {
		n    int
		more bool
	}{1: {1, true}, 2: {2, true}, 3: {3, false}, 4: {3, false}, 0: {3, false}, -1: {3, false}, 1 << 40: {3, false}} {
		err := db.WithClinic(ctx, a, func(tx *tenancy.Tx) error {
			found, more, err := d.Search(ctx, tx, "grant", limit)
			if len(found) != want.n || more != want.more {
				t.Errorf("limit %d: %d found and more %t, want %+v", limit, len(found), more, want)
			}
			if len(found) > 0 && found[0].Name != "Grant C" {
				t.Errorf("limit %d: the first is %s, want the last changed", limit, found[0].Name)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, long := range []string{strings.Repeat("x", 201), strings.Repeat("gran ", 33)} {
		err := db.WithClinic(ctx, a, func(tx *tenancy.Tx) error { _, _, err := d.Search(ctx, tx, long, 1); return err })
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("a query of %d bytes: %v", len(long), err)
		}
	}
	if found := search(t, db, a, d, strings.Repeat("grant ", 32)); len(found) != 3 {
		t.Errorf("a query of 32 words finds %d, want 3", len(found))
	}
}

func TestPhonesAreWrittenForTheirReader(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ e164, country, whole, masked string }{
		{"+447700900418", "GB", "07700 900418", "07••• •••418"},
		{"+447700900418", "US", "+44 7700 900418", "+44 •••• •••418"},
		{"+14155550132", "US", "(415) 555-0132", "(41•) •••-•132"},
		{"+14155550132", "GB", "+1 415-555-0132", "+1 4••-•••-•132"},
		{"", "GB", "", ""},
		{"secret", "GB", "secret", "•••"},
	} {
		if got := patients.FormatPhone(c.e164, c.country); got != c.whole {
			t.Errorf("FormatPhone(%s, %s) is %q, want %q", c.e164, c.country, got, c.whole)
		}
		if got := patients.MaskPhone(c.e164, c.country); got != c.masked {
			t.Errorf("MaskPhone(%s, %s) is %q, want %q", c.e164, c.country, got, c.masked)
		}
	}
}
