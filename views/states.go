package views

import (
	"net/url"

	"anteroom/views/ui"
	"time"

	"github.com/a-h/templ"
)

// State is one view in one canned state, for looking at without a database.
type State struct {
	Name      string // also its address: schedule-day
	Group     string
	Component templ.Component
}

// States are every page and component, empty, full, failed, denied and too long.
// The handlers show them in demo mode; a test renders each.
func States() []State {
	var all []State
	all = append(all, todayStates()...)
	all = append(all, findStates()...)
	all = append(all, scheduleStates()...)
	all = append(all, appointmentStates()...)
	all = append(all, timesStates()...)
	all = append(all, patientStates()...)
	all = append(all, callStates()...)
	all = append(all, settingsStates()...)
	all = append(all, teamStates()...)
	all = append(all, agentsStates()...)
	all = append(all, otherStates()...)
	return all
}

// The invented scene: Northside Aesthetics on a Tuesday morning in London.
var (
	sceneZone = time.FixedZone("GMT", 0)
	sceneNow  = time.Date(2026, 11, 24, 10, 42, 0, 0, sceneZone)
)

func sceneAt(dayOfMonth, hour, minute int) time.Time {
	return time.Date(2026, 11, dayOfMonth, hour, minute, 0, 0, sceneZone)
}

func sceneShell(title, current string) Shell {
	nav := []NavItem{
		{Label: "Today", Href: "/today", Icon: "sun"},
		{Label: "Schedule", Href: "/schedule", Icon: "calendar"},
		{Label: "Patients", Href: "/patients", Icon: "users"},
		{Label: "Calls", Href: "/calls", Icon: "phone-incoming"},
		{Label: "Isolation", Href: "/isolation", Icon: "shield", Apart: true},
		{Label: "Settings", Href: "/settings", Icon: "settings", Apart: true},
	}
	for i := range nav {
		nav[i].Current = nav[i].Label == current
	}
	return Shell{
		Title:  title,
		Clinic: Clinic{Name: "Northside Aesthetics", Zone: "Europe/London", Place: "London", LocalTime: "10:42", Locale: "en-GB"},
		Person: Person{Name: "Imogen Clarke", Role: "Front desk"},
		Clinics: []ClinicChoice{
			{ID: "c1", Name: "Northside Aesthetics", Place: "London", Current: true},
			{ID: "c2", Name: "Lakeview Family Practice", Place: "New York"},
		},
		Nav:  nav,
		CSRF: "canned-token",
		Here: "/_states", Search: true, Pulse: scenePulse(),
	}
}

func sceneBare(title string) Bare {
	return Bare{Title: title, Locale: "en-GB", CSRF: "canned-token"}
}

func otherStates() []State {
	signIn := func(name string, m SignIn) State {
		m.Bare = sceneBare("Sign in")
		return State{name, "Sign in", SignInPage(m)}
	}
	shell := sceneShell("Not found", "")
	all := []State{
		signIn("sign-in", SignIn{}),
		signIn("sign-in-wrong", SignIn{Email: "frontdesk@northside.example", Error: "That e-mail and password do not belong together."}),
		signIn("sign-in-locked", SignIn{Email: "frontdesk@northside.example", LockedMinutes: 5}),
		signIn("sign-in-ended", SignIn{Email: "frontdesk@northside.example", Ended: "You were away for an hour, so you were signed out."}),
		signIn("sign-in-kept", SignIn{Next: "/patients/p1", Kept: "c2VhbGVk"}),
		signIn("sign-in-kept-wrong", SignIn{Email: "frontdesk@northside.example", Next: "/patients/p1", Kept: "c2VhbGVk", Error: "That e-mail and password do not belong together."}),
		signIn("sign-in-demo", SignIn{Demo: []DemoLogin{{"admin@northside.example", "Practice admin"}, {"frontdesk@northside.example", "Front desk"}, {"clinician@northside.example", "Clinician"}, {"compliance@northside.example", "Compliance officer"}}}),
		{"no-clinic", "Sign in", NoClinicPage(NoClinic{Bare: sceneBare("No clinic"), Email: "someone@example.org"})},
		{"sessions", "Account", SessionsPage(Sessions{Shell: sceneShell("Where you are signed in", ""), Now: sceneNow, List: []Session{
			{ID: "s1", Device: "Chrome on Windows", Address: "10.20.4.17", SignedIn: sceneAt(24, 7, 52), LastSeen: sceneAt(24, 10, 42), Current: true},
			{ID: "s2", Device: "Safari on iPhone", Address: "203.0.113.118", SignedIn: sceneAt(21, 18, 3), LastSeen: sceneAt(23, 20, 14)},
		}})},
		{"sessions-one", "Account", SessionsPage(Sessions{Shell: sceneShell("Where you are signed in", ""), Now: sceneNow, List: []Session{
			{ID: "s1", Device: "Chrome on Windows", Address: "10.20.4.17", SignedIn: sceneAt(24, 7, 52), LastSeen: sceneAt(24, 10, 42), Current: true},
		}})},
		{"password", "Account", PasswordPage(Password{Shell: sceneShell("Change password", "")})},
		{"password-wrong", "Account", PasswordPage(Password{Shell: sceneShell("Change password", ""), Problems: []ui.Problem{{FieldID: "f-current", Message: "This is not your present password."}}})},
		{"password-locked", "Account", PasswordPage(Password{Shell: sceneShell("Change password", ""), LockedMinutes: 5})},
		{"password-first", "Sign in", PasswordPage(Password{Bare: sceneBare("Choose your password"), First: true})},
		{"password-first-refused", "Sign in", PasswordPage(Password{Bare: sceneBare("Choose your password"), First: true, Problems: []ui.Problem{{FieldID: "f-new", Message: "Use a password of at least 12 characters."}}})},
		{"kept-found", "Account", keptState(KeptForm{Found: true})},
		{"kept-no-form", "Account", keptState(KeptForm{Action: "/messages/m1/done", Here: "/_states", CSRF: "canned-token", Fields: url.Values{"note": {"Asked to be called after four."}}})},
		{"error-404-inside", "Errors", ErrorPage(Error{Shell: &shell, Status: 404, RequestID: "01jd8m4tq2"})},
		{"parts", "Parts", PartsPage(sceneShell("Parts", ""))},
	}
	for _, status := range []int{403, 404, 409, 410, 413, 429, 500, 503} {
		all = append(all, State{"error-" + thousands(status), "Errors", ErrorPage(Error{Bare: sceneBare("Error"), Status: status, RequestID: "01jd8m4tq2"})})
	}
	return append(all, isolationStates()...)
}

func isolationStates() []State {
	verbs := []string{"read", "add", "change", "delete", "the wall itself"}
	row := func(table string, broken int) TableResult {
		r := TableResult{Table: table, Whose: "each clinic’s"}
		for i, v := range verbs {
			words := "refused"
			if v == "read" || v == "change" || v == "delete" {
				words = "nothing found"
			}
			if i == broken {
				words = "got through"
			}
			r.Verbs = append(r.Verbs, VerbResult{Verb: v, OK: i != broken, Words: words})
		}
		return r
	}
	var good, bad []TableResult
	for _, t := range []string{"app.appointments", "app.appointment_changes", "app.audit_events", "app.closures", "app.idempotency_keys", "app.patients", "app.patient_keys", "app.practitioners", "app.services", "app.sessions", "app.slots", "app.weekly_hours"} {
		good = append(good, row(t, -1))
		if t == "app.patients" {
			bad = append(bad, row(t, 0))
		} else {
			bad = append(bad, row(t, -1))
		}
	}
	holds := &Probe{Holds: true, RanAt: sceneAt(24, 3, 0), Took: 1184 * time.Millisecond, Version: "1.4.0", Tables: 12, Asked: 9, Attacks: 1284, Results: good}
	broken := &Probe{RanAt: sceneAt(24, 10, 40), Took: 1240 * time.Millisecond, Version: "1.4.0", Tables: 12, Asked: 9, Attacks: 1284, Results: bad,
		Findings: []Finding{{Where: "app.patients", What: "3 rows of another clinic could be read by id.", Fix: "The policy for reading is missing or not forced. Stop the server, run the migrations, run the probe again."}},
		Warnings: []Finding{{Where: "log_statement", What: "Statements with patients’ names are written to the server’s log."}}}
	shell := sceneShell("Isolation", "Isolation")
	return []State{
		{"isolation-never", "Isolation", IsolationPage(Isolation{Shell: shell, CanRun: true, Now: sceneNow})},
		{"isolation-never-denied", "Isolation", IsolationPage(Isolation{Shell: shell, Now: sceneNow})},
		{"isolation-holds", "Isolation", IsolationPage(Isolation{Shell: shell, CanRun: true, Now: sceneNow, Probe: holds})},
		{"isolation-running", "Isolation", IsolationPage(Isolation{Shell: shell, Now: sceneNow, Probe: holds, Running: true})},
		{"isolation-broken", "Isolation", IsolationPage(Isolation{Shell: shell, CanRun: true, Now: sceneNow, Probe: broken})},
	}
}
