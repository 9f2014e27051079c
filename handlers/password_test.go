package handlers

import (
	"context"
	"strings"
	"testing"

	"anteroom/domain/identity"
)

const newPassword = "four quiet herons"

func TestPasswordIsChanged(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	clinic := s.db.Clinic(t, "Northside", "Europe/London")
	s.member(clinic, "a@northside.example", identity.FrontDesk)
	here, there := s.browser(), s.browser()
	here.signIn("a@northside.example")
	there.signIn("a@northside.example")
	here.get("/password").want(t, 200, `autocomplete="current-password"`, `autocomplete="new-password"`, `href="/password"`)
	old := here.cookies["anteroom"]
	here.post("/password", "current", testPassword, "new", newPassword, "again", newPassword).to(t, "/")
	if here.cookies["anteroom"] == old {
		t.Error("the session has its old token")
	}
	here.get("/sessions").want(t, 200, "Password changed.", "This one")
	there.get("/sessions").to(t, "/sign-in?next=%2Fsessions")
	b := s.browser()
	b.get("/sign-in")
	b.post("/sign-in", "email", "a@northside.example", "password", testPassword).want(t, 401)
	b.post("/sign-in", "email", "a@northside.example", "password", newPassword).to(t, "/")
	s.audited(clinic.Clinic, "identity.password-changed", 1)
}

func TestNewPasswordIsRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	clinic := s.db.Clinic(t, "Northside", "Europe/London")
	s.member(clinic, "a@northside.example", identity.FrontDesk)
	b := s.browser()
	b.signIn("a@northside.example")
	for words, in := range map[string][3]string{
		"at least 12 characters":      {testPassword, "too short", "too short"},
		"at most 200":                 {testPassword, strings.Repeat("long enough ", 20), strings.Repeat("long enough ", 20)},
		"Your e-mail is no password":  {testPassword, "A@northside.example", "A@northside.example"},
		"This is your present":        {testPassword, testPassword, testPassword},
		"one of the first":            {testPassword, "Password1234", "Password1234"},
		"of the first that are tried": {testPassword, "ababababababab", "ababababababab"},
		"not the same as the new":     {testPassword, newPassword, newPassword + "s"},
		"Type your present password":  {"", newPassword, newPassword},
	} {
		a := b.post("/password", "current", in[0], "new", in[1], "again", in[2]).want(t, 422, words, "Nothing was changed.")
		if strings.Contains(a.Body, in[1]) {
			t.Errorf("%s: a password came back", words)
		}
	}
	b.post("/password", "current", testPassword, "new", newPassword, "again", newPassword).to(t, "/") // none of these counted as a try
	s.audited(clinic.Clinic, "identity.password-changed", 1)
}

// Whoever sits down at an open browser cannot guess on: wrong passwords count as they do at the door.
func TestWrongPresentPasswordLocks(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	clinic := s.db.Clinic(t, "Northside", "Europe/London")
	s.member(clinic, "a@northside.example", identity.FrontDesk)
	b := s.browser()
	b.signIn("a@northside.example")
	for range 5 {
		b.post("/password", "current", "wrong", "new", newPassword, "again", newPassword).want(t, 422, "not your present password", `href="#f-current"`)
	}
	if a := b.post("/password", "current", testPassword, "new", newPassword, "again", newPassword).want(t, 429, "Too many tries", "1 minute"); a.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	var failed int
	err := s.db.Owner(t).QueryRow(context.Background(), `select count(*) from audit_events where clinic_id = $1 and action = 'identity.sign-in-failed'`, clinic.Clinic).Scan(&failed)
	if err != nil || failed != 5 {
		t.Errorf("%d failures on record (%v)", failed, err)
	}
	s.audited(clinic.Clinic, "identity.password-changed", 0)
}

// A password that somebody else chose opens nothing but the page where it is changed.
func TestTemporaryPasswordOpensNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	clinic := s.db.Clinic(t, "Northside", "Europe/London")
	s.member(clinic, "a@northside.example", identity.Admin)
	if _, err := s.db.Owner(t).Exec(context.Background(), `update people set password_temporary = true`); err != nil {
		t.Fatal(err)
	}
	b := s.browser()
	b.get("/sign-in")
	b.post("/sign-in", "email", "a@northside.example", "password", testPassword).to(t, "/")
	b.get("/password").want(t, 200, "Choose your password", "Sign out")
	for _, r := range newApp(s.deps()).table {
		if r.Audience.name != "person" && r.Audience.name != "roles" || strings.Contains("/password /sign-out /theme", r.Path) && r.Path != "/" {
			continue
		}
		path := strings.NewReplacer(":id", clinic.Clinic.String(), ":other", clinic.Clinic.String(), ":date", "2025-03-10").Replace(r.Path)
		switch {
		case r.Method == get && r.Stream:
			b.get(path).want(t, 403)
		case r.Method == get:
			b.get(path).to(t, "/password")
		default:
			b.post(path).want(t, 403)
		}
	}
	if a := b.get("/schedule/grid", "HX-Request", "true").want(t, 200); a.Header.Get("HX-Redirect") != "/password" {
		t.Errorf("%v", a.Header)
	}
	b.post("/theme", "theme", "dark", "back", "/password").to(t, "/password")
	b.get("/password")
	b.post("/password", "current", testPassword, "new", "short", "again", "short").want(t, 422, "Choose your password", "at least 12")
	b.post("/password", "current", testPassword, "new", newPassword, "again", newPassword).to(t, "/")
	b.get("/").to(t, "/today")
	b.get("/settings/team").want(t, 200)
}
