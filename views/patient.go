package views

import (
	"strings"
	"time"

	"anteroom/views/ui"
)

// Patient is the record.
type Patient struct {
	Shell       Shell
	ID          string
	Name        string
	Phone       string
	PhoneLink   string // tel: of a number that is shown whole
	Email       string
	BirthDate   string
	Age         string
	Address     string
	Notes       string // what is good to know, in one text
	Masked      bool   // phone, e-mail, address and date of birth are masked for this role
	Reveal      *Reveal
	Since       time.Time
	Now         time.Time
	Zone        string
	BookURL     string
	Upcoming    []PatientAppointment
	Earlier     []PatientAppointment
	Cancelled   []PatientAppointment // and missed
	MoreVisits  bool                 // there are older ones
	Calls       []CallRow            // the last ones
	Suggestions []SuggestionRow      // said on calls, for those who change the record
	Glass       *OpenGlass           // this person opened everything of all calls for an hour
	CanBreak    bool                 // in an emergency, they may
	Log         *PatientLog
	Alike       []PatientRow // who may be the same person
	Merges      []PatientMerge
	Activity    []PatientAct
	Seen        bool // the activity tells who looked as well
	CanEdit     bool
	Problem     string
	// Denied replaces the details when the role may not see them.
	Denied *ui.Blank
}

// Reveal is how a masked record shows what it hides: to whom it may, for a minute, with a reason.
type Reveal struct {
	Reasons []ui.Option
	Until   *ui.Countdown // set while everything is shown
	Why     string
}

// PatientLog are the dated notes.
type PatientLog struct {
	Notes   []PatientNote
	Typed   string // what was refused
	Problem string
	Kind    string
	Both    bool // the writer chooses who reads it
}

// PatientNote is one of them. Hidden tells that there is one, and not what it says.
type PatientNote struct {
	By       ui.Actor
	At       time.Time
	Text     string
	Clinical bool
	Hidden   bool
}

// PatientMerge is another record that became a part of this one.
type PatientMerge struct {
	ID    string
	By    string
	At    time.Time
	Until time.Time
	Can   bool
}

// PatientAct is what was done to the record, or who looked at it.
type PatientAct struct {
	By    ui.Actor
	Words string
	Why   string
	At    time.Time
}

// PatientAppointment is one line of the record.
type PatientAppointment struct {
	ID           string
	From         time.Time
	Service      string
	Practitioner string
	Status       string
}

// PatientForm is a record that is being written or changed.
type PatientForm struct {
	Shell    Shell
	ID       string // empty for a new patient
	Title    string
	Version  string
	Name     string
	Phone    string
	Email    string
	Birth    string // yyyy-mm-dd
	Address  string
	Notes    string
	Problems []ui.Problem
	Stale    bool              // somebody else saved meanwhile
	Theirs   map[string]string // what they saved, by field, where it differs from what was typed
	Alike    []PatientRow      // who may be the same person
	Today    string
}

func (f PatientForm) problem(field string) string {
	for _, p := range f.Problems {
		if p.FieldID == "f-"+field {
			return p.Message
		}
	}
	return ""
}

func (f PatientForm) theirs(field, otherwise string) string {
	words, differs := f.Theirs[field]
	switch {
	case !differs:
		return otherwise
	case words == "":
		return "Saved meanwhile: nothing here."
	}
	return "Saved meanwhile: " + words
}

func (f PatientForm) action() string {
	if f.ID == "" {
		return "/patients"
	}
	return "/patients/" + f.ID
}

func (f PatientForm) back() string {
	if f.ID == "" {
		return "/patients"
	}
	return "/patients/" + f.ID
}

// MergeChoice is where the second record is chosen.
type MergeChoice struct {
	Shell    Shell
	ID       string
	Name     string
	Query    string
	Searched bool
	Problem  string
	Found    []PatientRow
	More     bool
	Alike    []PatientRow
}

// MergeCompare is two records beside each other.
type MergeCompare struct {
	Shell         Shell
	Keep, Other   MergeSide
	Fields        []MergeField
	Problem       string
	KeepV, OtherV string
	UndoUntil     time.Time
}

// MergeSide is one of the two.
type MergeSide struct {
	ID    string
	Name  string
	Since time.Time
	Facts []string // 3 appointments, 2 notes
}

// MergeField is one field of both. Same ones are not chosen between.
type MergeField struct {
	Name, Label string
	Keep, Other string
	Same        bool
	Choice      string // keep, other or both
	CanBoth     bool
}

var revealReasons = map[string]string{
	"calling-the-patient": "Calling the patient about their care", "confirming-identity": "Confirming who it is", "covering-for-a-colleague": "Covering for a colleague",
	"emergency": "An emergency",
}

// RevealReasons are the choices of a dialog for these codes.
func RevealReasons(codes []string) []ui.Option {
	list := make([]ui.Option, len(codes))
	for i, c := range codes {
		list[i] = ui.Option{Value: c, Label: RevealReason(c)}
	}
	return list
}

// RevealReason says a code in words; empty for one that there is not.
func RevealReason(code string) string { return revealReasons[code] }

var patientActs = map[string]string{
	"patient.viewed": "opened the record", "patient.created": "added the patient", "patient.updated": "changed the details", "patient.noted": "added a note",
	"patient.merged": "merged another record into this one", "patient.unmerged": "undid a merge", "patient.revealed": "had the masked details shown",
}

// PatientActWords say what was done to a record; false for what is not told on it.
func PatientActWords(action string) (words string, known bool) {
	words, known = patientActs[action]
	return words, known
}

// ageWords are an age as people say it: 38 years, 9 months.
func ageWords(age string) string {
	if months, ok := strings.CutSuffix(age, " mo"); ok {
		return months + " months old"
	}
	return age + " years old"
}

// Count says how many of a thing: "1 note", "4 notes".
func Count(n int, one string) string { return count(n, one) }
