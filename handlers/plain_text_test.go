package handlers

import (
	"net/http"
	"testing"

	"anteroom/domain/identity"
	"anteroom/views/ui"
)

// What PostgreSQL cannot hold in a text is refused before anybody asks it.
func TestValuesThatAreNoTextAreRefused(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	b := f.as(f.Scope, identity.FrontDesk)
	const urlencoded = "application/x-www-form-urlencoded"
	parts := "--x\r\nContent-Disposition: form-data; name=\"q\"\r\n\r\nGrace\x00\r\n--x--\r\n"
	for name, try := range map[string]struct {
		method, target, body, kind string
	}{
		"NUL in the address":     {http.MethodGet, "/schedule?service=%00", "", ""},
		"not UTF-8":              {http.MethodGet, "/schedule?service=%e9", "", ""},
		"the grid":               {http.MethodGet, "/schedule/grid?service=%00", "", ""},
		"the booking page":       {http.MethodGet, "/appointments/new?slot=" + f.slots[6].String() + "&service=%00", "", ""},
		"a booking":              {http.MethodPost, "/appointments", "slot=" + f.slots[6].String() + "&service=%00&name=Grace&phone=07700900123", urlencoded},
		"a booking as JSON":      {http.MethodPost, "/appointments", `{"Slot":"` + f.slots[6].String() + `","Service":"\u0000","Name":"Grace","Phone":"07700900123"}`, "application/json"},
		"a search":               {http.MethodPost, "/patients/search", "q=%00", urlencoded},
		"a search, not UTF-8":    {http.MethodPost, "/patients/search", "q=Andr%e9", urlencoded},
		"a search, in parts":     {http.MethodPost, "/patients/search", parts, "multipart/form-data; boundary=x"},
		"the name of a field":    {http.MethodPost, "/patients/search", "q%00=Grace", urlencoded},
		"the second of one name": {http.MethodPost, "/patients/search", "q=Grace&q=%00", urlencoded},
	} {
		a := b.do(try.method, try.target, try.body, "Content-Type", try.kind, ui.CSRFHeader, b.csrf)
		if a.Status != http.StatusUnprocessableEntity && (try.kind != "application/json" || a.Status != http.StatusUnsupportedMediaType) {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
}

func TestSignInWithBytesThatAreNoText(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.member(s.db.Clinic(t, "Northside", "Europe/London"), "a@northside.example", identity.FrontDesk)
	b := s.browser()
	b.get("/sign-in")
	b.post("/sign-in", "email", "a\x00@northside.example", "password", testPassword).want(t, 422)
	b.get("/sign-in")
	b.post("/sign-in", "email", "a\xe9@northside.example", "password", testPassword).want(t, 422)
	b.get("/sign-in")
	form := "_csrf=" + b.csrf + "&email=a%40northside.example&password=correct+horse+battery"
	b.do(http.MethodPost, "/sign-in", form, "Content-Type", "application/x-www-form-urlencoded", "User-Agent", "Explorat\xe9ur Firefox/1 Windows").to(t, "/")
	b.get("/sessions").want(t, 200, "Firefox on Windows")
}

func TestErrorPagesLeadSomewhereThatOpens(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	clinic := s.db.Clinic(t, "Northside", "Europe/London")
	for _, role := range []string{identity.Compliance, identity.FrontDesk} {
		b := s.as(clinic, role)
		b.get("/nothing").want(t, 404).lacks(t, `href="/schedule" class="btn`)
		b.get("/appointments/x").lacks(t, `href="/schedule" class="btn`)
		old := *b
		old.csrf = "old"
		old.post("/theme", "theme", "dark").want(t, 403, "This form is out of date", "Reload the page and try again.", "<title>This form is out of date").lacks(t, "Not for your role", `href="/schedule" class="btn`)
		toast := old.do(http.MethodPost, "/theme", "theme=dark", "Content-Type", "application/x-www-form-urlencoded", "HX-Request", "true", ui.CSRFHeader, "old")
		toast.want(t, 403, "This form is out of date").lacks(t, "Not allowed")
	}
	s.browser().get("/nothing").want(t, 404).lacks(t, `"/schedule"`)
	s.browser().post("/sign-in", "email", "a@northside.example").want(t, 403, "This form is out of date").lacks(t, "Not for your role")
}
