package handlers

import (
	"strings"
	"testing"
	"time"

	"anteroom/domain/identity"
)

func TestFindsPatientsPagesDaysAndActionsByRole(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	booked := f.book(f.slots[4], "Åse Bjørnsdóttir") // Monday the 10th at ten; the clock stands a week before
	part := []string{"HX-Request", "true", "HX-Request-Type", "partial", "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin"}
	find := func(b *browser, q string) answer {
		return b.do("POST", "/find", "q="+strings.ReplaceAll(q, " ", "+")+"&_csrf="+b.csrf, part...)
	}
	desk := f.as(f.Scope, identity.FrontDesk)
	found := find(desk, "ase bj")
	found.want(t, 200, `role="listbox"`, "/patients/"+booked.PatientID.String(), "Mon 10 Mar 10:00", "/appointments/"+booked.ID.String(), "Book for ")
	if strings.Contains(found.Body, "<html") || strings.Contains(found.Body, "+447700900123") {
		t.Error("the part is a whole page, or shows a number whole")
	}
	if n := f.recorded("patient.searched", *booked.PatientID); n != 1 {
		t.Errorf("searching is recorded %d times", n)
	}
	find(desk, "okafor").want(t, 200, "practitioner="+f.okafor.ID.String())
	find(desk, "b").want(t, 200, "ook an appointment", "Type one letter more")
	find(desk, "q w e r t").want(t, 200, "Nobody and nothing is called that")
	find(desk, strings.Repeat("x", 201)).want(t, 200, "too long")

	clinician := f.as(f.Scope, identity.Clinician)
	if page := find(clinician, "ase"); strings.Contains(page.Body, "Book") || !strings.Contains(page.Body, booked.PatientID.String()) {
		t.Error("a clinician finds patients, and books nothing")
	}
	auditor := f.as(f.Scope, identity.Compliance)
	find(auditor, "ase").want(t, 200, "Your role does not look up patients")
	find(auditor, "isol").want(t, 200, `href="/isolation"`)
	find(auditor, "settings").want(t, 200, "Nothing is called that")

	desk.get("/find").want(t, 200, "<html", `method="post" action="/find"`)
	desk.post("/find", "q", "ase").want(t, 200, "<html", booked.PatientID.String())
}

func TestDaysAsPeopleTypeThem(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 10, 42, 0, 0, time.UTC) // a Tuesday
	for typed, want := range map[string]string{
		"12 dec": "2026-12-12", "dec 12": "2026-12-12", "12th of december": "2026-12-12", "today": "2026-11-24", "tomorrow": "2026-11-25", "yesterday": "2026-11-23",
		"next week": "2026-12-01", "in 2 weeks": "2026-12-08", "in 10 days": "2026-12-04", "3/12": "2026-12-03", "3.12.26": "2026-12-03", "2026-12-24": "2026-12-24",
		"friday": "2026-11-27", "go to 1 jan": "2027-01-01", "24/13": "", "mary": "", "may smith": "", "wednesday addams": "", "1985": "",
	} {
		got := askedDay(newWanted(typed).words, now, "en-GB")
		if want == "" && !got.IsZero() || want != "" && got.Format(time.DateOnly) != want {
			t.Errorf("%q is %s, want %q", typed, got.Format(time.DateOnly), want)
		}
	}
	if got := askedDay([]string{"3/12"}, now, "en-US"); got.Format(time.DateOnly) != "2027-03-12" {
		t.Errorf("in America 3/12 is %v", got)
	}
}
