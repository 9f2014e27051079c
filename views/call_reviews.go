package views

import (
	"fmt"
	"strconv"
	"time"

	"anteroom/views/ui"
)

// CallRules is the difference that newer rules would make.
type CallRules struct {
	Shell                 Shell
	CallID                string
	From, To              string
	Added, Removed, Named int
	Already               int // places that were hidden besides by themselves
	Turns                 []RulesTurn
	Print                 string // what was looked at
	Problem               string
}

// RulesTurn is a turn that would become different.
type RulesTurn struct {
	CallTurn
	Changes []RulesChange
}

// RulesChange is one place of it.
type RulesChange struct {
	What string // added, already, removed, changed
	Kind string
	Now  string
	Span string // empty for what would be hidden besides
}

// newest: these rules have gone over the call already, and there is nothing to decide.
func (m CallRules) newest() bool { return m.From == m.To && len(m.Turns) == 0 }

func (m CallRules) lead() string {
	switch {
	case m.newest():
		return "These rules are the newest, and have gone over this call already. There is nothing to decide."
	case len(m.Turns) == 0:
		return "Both rule sets take the same out of this call. Accepting notes that the newer one has gone over it."
	case m.Removed+m.Named == 0:
		return "The newer rules only hide more. Nothing that is hidden becomes readable."
	case m.Already > 0:
		return "What the newer rules find besides is hidden already. The rest stays as it is until you decide: look behind a chip first, with a reason."
	}
	return "Nothing is changed until you decide. Look behind a chip first, with a reason: what you accept here becomes readable for everybody who may read calls."
}

// DifferenceWords are how many places became different.
func DifferenceWords(added, removed int) string {
	return fmt.Sprintf("%d more hidden, %d readable now", added, removed)
}

// CallReviews is what those who oversee the clinic owe and know: hours of break-glass, misses, recall.
type CallReviews struct {
	Shell   Shell
	Now     time.Time
	Owed    []GlassRow
	Past    []GlassRow
	Recall  []RecallRow
	Misses  []MissRow
	Unread  int
	Problem string

	Rules    string       // of today
	Older    []OlderRules // calls that they have not gone over yet
	Waiting  int          // calls with a difference that nobody has decided about
	ToDecide []ToDecide   // the newest of those
}

// OlderRules is how many calls are still under a rule set.
type OlderRules struct {
	Rules string
	Calls int
}

// ToDecide is a call of which newer rules would let something be read, or call it otherwise.
type ToDecide struct {
	URL    string
	At     time.Time
	Places int
}

// GlassRow is one break-glass.
type GlassRow struct {
	ID       string
	By       ui.Actor
	CallURL  string
	Whole    bool     // over all calls of a patient
	Patient  string   // the address of the patient, for those who may open it
	Looked   []string // the addresses of the calls of which something was shown
	At       time.Time
	Until    time.Time
	Open     bool
	Why      string
	Words    string
	Reveals  int
	Own      bool
	Verdict  string
	Reviewer string
	Reviewed *time.Time
}

// RecallRow is how much of what should be hidden a rule set has found.
type RecallRow struct {
	Rules  string
	Calls  int
	Found  int
	Missed int
	Share  float64
}

func (r RecallRow) percent() string { return strconv.FormatFloat(r.Share*100, 'f', 1, 64) + "%" }

// MissRow is a mark that a person set.
type MissRow struct {
	CallURL string
	At      time.Time
	By      ui.Actor
	Kind    string
}
