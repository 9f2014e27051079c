package patients

import (
	"testing"
	"time"
	"unicode/utf8"
)

// FuzzParseQuery: whatever is typed, nothing panics, every term has something to look for, and no value is longer than what is stored.
func FuzzParseQuery(f *testing.F) {
	for _, s := range []string{"ade gra", "+44 (0)7700 900418", "3/4/85 O'Brien", "April 3, 1985", "a@b.c", "99/99/9999", "٣٤ ŁŁ ß", "\xff", "--- 1-", "3rd may 00", "may 1985", "3/4", "030485", "3 4 1985", "dr", "@", "a@", "mr 3"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, term := range (reader{country: "GB", year: 2026}).parse(text) {
			if len(term) == 0 {
				t.Fatalf("%q has a term that nothing matches", text)
			}
			for _, i := range term {
				if i.value == "" || (i.kind == kindNamePrefix && utf8.RuneCountInString(i.value) > maxPrefix) {
					t.Errorf("%q looks for %s %q", text, i.kind, i.value)
				}
			}
		}
	})
}

// FuzzNormal: details that pass are stored as they are when they are given again, and are found by their own name.
func FuzzNormal(f *testing.F) {
	f.Add("Adèle O’Brien", "07700 900418", "a@example.com", "1 High St", "x")
	f.Add("李小龙", "", "", "", "")
	f.Add("İß ﬁ", "+1 415 555 0132", "é@example.com", "\r\n", "\x00")
	clinic := clinicFacts{Country: "GB", Zone: "Europe/London"}
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, name, phone, email, address, notes string) {
		once, err := Details{Name: name, Phone: phone, Email: email, Address: address, Notes: notes}.normal(clinic, now)
		if err != nil {
			return
		}
		twice, err := once.normal(clinic, now)
		if err != nil || twice != once {
			t.Errorf("%+v becomes %+v, %v", once, twice, err)
		}
		stored := once.indexes()
		for _, term := range nameTerms(once.Name) {
			found := false
			for _, i := range term {
				_, ok := stored[i]
				found = found || ok
			}
			if !found {
				t.Errorf("%q is not found by its own name: %v", once.Name, term)
			}
		}
	})
}
