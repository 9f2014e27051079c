// Package views holds the pages. A page takes a typed model with words already
// formatted, and times in the clinic's zone; never a request or a transaction.
package views

import (
	"time"

	"anteroom/views/ui"
)

// Shell is what surrounds a page of a signed-in person.
type Shell struct {
	Title   string // of the window; never a patient's name
	Clinic  Clinic
	Person  Person
	Clinics []ClinicChoice // the person's clinics, for the switcher
	Nav     []NavItem      // in the order of a working day
	CSRF    string
	Theme   string // "light", "dark", or "" for what the device says
	Here    string // path and query of this page, to come back to after a change of theme or clinic
	Flash   *Flash
	Pulse   Pulse

	LettersOff bool // keys of a single letter or sign do nothing
	Search     bool // the person may look for patients, pages and actions

	// ViewerZoneDiffers names the clinic's zone above the page. A script finds it
	// out too, for the first page of a visit.
	ViewerZoneDiffers bool
}

// Clinic is the one the page belongs to.
type Clinic struct {
	Name      string
	Zone      string // IANA name: Europe/London
	Place     string // what people call it: London
	LocalTime string // 10:42
	Locale    string // en-GB
}

// Person is who is signed in.
type Person struct {
	Name string
	Role string // in words: Front desk
}

// ClinicChoice is one clinic in the switcher.
type ClinicChoice struct {
	ID      string
	Name    string
	Place   string
	Current bool
}

// NavItem is one page in the sidebar. Apart leaves a gap above it.
type NavItem struct {
	Label   string
	Href    string
	Icon    string
	Current bool
	Count   string
	Apart   bool
}

// Pulse is what goes on at the clinic now, beside every page.
type Pulse struct {
	URL   string // where it asks for itself; empty for whoever does not work at the desk
	Needs int    // how much on Today needs a person
	Calls []OnPhone
	Now   time.Time
}

// Flash is what the last action did, said once.
type Flash struct {
	Kind  ui.Kind
	Title string
	Words string
	Undo  *ui.Undo // while it can be taken back
}

// Crumb leads back up.
type Crumb = ui.Link

// Heading is the line at the top of a page.
type Heading struct {
	Crumbs []Crumb
	Title  string
	Sub    string
}

// Bare is what surrounds a page for somebody who is not signed in, or not yet.
type Bare struct {
	Title  string
	Locale string
	Theme  string
	CSRF   string
	Flash  *Flash
}

func (s Shell) rest() []NavItem {
	if len(s.Nav) <= tabs {
		return nil
	}
	return s.Nav[tabs:]
}

func (s Shell) manyClinics() bool { return len(s.Clinics) > 1 }

// callsBeside is how many calls have room beside a page.
const callsBeside = 5

// tabs is how many pages fit the bar at the bottom of a phone, beside "More".
const tabs = 4

func lang(locale string) string {
	if locale == "" {
		return "en-GB"
	}
	return locale
}

func day(t time.Time) string   { return t.Format("Mon 2 Jan 2006") }
func hm(t time.Time) string    { return t.Format("15:04") }
func stamp(t time.Time) string { return t.Format("Mon 2 Jan 2006, 15:04") }
func iso(t time.Time) string   { return t.Format(time.RFC3339) }

// everyPage is the script of every page; a page names what it needs besides.
const everyPage = "every"

func needPerson(n int) string {
	if n == 1 {
		return "thing needs you"
	}
	return "things need you"
}
