package handlers

import (
	"net/http"
	"net/url"
	"testing"

	"anteroom/domain/identity"
	"anteroom/views/ui"
)

func TestChangesComeFromOurPagesOnly(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	clinic := s.db.Clinic(t, "Northside", "Europe/London")
	b, other := s.as(clinic, identity.FrontDesk), s.as(clinic, identity.FrontDesk)
	const form = "application/x-www-form-urlencoded"
	good := url.Values{ui.CSRFField: {b.csrf}, "theme": {"dark"}}.Encode()
	for name, try := range map[string]struct {
		status int
		body   string
		header []string
	}{
		"good":                   {303, good, []string{"Sec-Fetch-Site", "same-origin"}},
		"by header":              {303, "theme=dark", []string{ui.CSRFHeader, b.csrf}},
		"old browser":            {303, good, []string{"Origin", "http://example.com"}},
		"origin of the host":     {303, good, []string{"Origin", "https://example.com"}},
		"typed address":          {303, good, []string{"Sec-Fetch-Site", "none"}},
		"no token":               {403, "theme=dark", []string{"Sec-Fetch-Site", "same-origin"}},
		"empty token":            {403, ui.CSRFField + "=&theme=dark", nil},
		"wrong token":            {403, ui.CSRFField + "=wrong&theme=dark", nil},
		"somebody else's":        {403, url.Values{ui.CSRFField: {other.csrf}, "theme": {"dark"}}.Encode(), nil},
		"cross-site":             {403, good, []string{"Sec-Fetch-Site", "cross-site"}},
		"another site of domain": {403, good, []string{"Sec-Fetch-Site", "same-site"}},
		"another origin":         {403, good, []string{"Origin", "https://evil.example"}},
		"hidden origin":          {403, good, []string{"Origin", "null"}},
		"origin that lies":       {403, good, []string{"Origin", "http://example.com", "Sec-Fetch-Site", "cross-site"}},
		"token in the address":   {403, "theme=dark", []string{"X-Path", "/theme?" + ui.CSRFField + "=" + b.csrf}},
	} {
		target := "/theme"
		if len(try.header) == 2 && try.header[0] == "X-Path" {
			target = try.header[1]
		}
		if got := b.do(http.MethodPost, target, try.body, append([]string{"Content-Type", form}, try.header...)...); got.Status != try.status {
			t.Errorf("%s: %d, want %d", name, got.Status, try.status)
		}
	}
}

// Signing somebody in to an account of the attacker's is an attack too.
func TestSignInFormIsProtected(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.member(s.db.Clinic(t, "Northside", "Europe/London"), "a@northside.example", identity.FrontDesk)
	b := s.browser()
	b.post("/sign-in", "email", "a@northside.example", "password", testPassword).want(t, 403) // no form was read
	b.csrf = "chosen"
	b.post("/sign-in", "email", "a@northside.example", "password", testPassword).want(t, 403)
	b.get("/sign-in")
	token := b.csrf
	b.csrf = "chosen"
	b.post("/sign-in", "email", "a@northside.example", "password", testPassword).want(t, 403)
	b.csrf = token
	form := url.Values{ui.CSRFField: {token}, "email": {"a@northside.example"}, "password": {testPassword}}.Encode()
	b.do(http.MethodPost, "/sign-in", form, "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "cross-site").want(t, 403)
	b.csrf = token
	b.post("/sign-in", "email", "a@northside.example", "password", testPassword).to(t, "/")
}
