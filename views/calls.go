package views

import (
	"strings"
	"time"
	"unicode"

	"anteroom/views/ui"
)

// Calls is the list of calls, with those that go on now on top.
type Calls struct {
	Shell  Shell
	Stream Stream
	Part   CallsPart

	Reviews string // where reviews are owed; empty for others than reviewers
	Owed    int
}

// CallsPart is what reloads itself when something changes, and what a search swaps.
type CallsPart struct {
	URL    string // its own address; empty while results of a search are shown
	Polls  bool   // it asks by the clock: this role has no stream
	CSRF   string
	Now    time.Time
	Live   []OnPhone
	Filter CallsFilter
	Rows   []CallRow

	Query    string
	Searched bool
	Problem  string // what was typed cannot be looked for
	First    bool   // this is the newest page
	Next     string // the cursor of the page after
}

func (p CallsPart) trigger() string {
	if p.Polls {
		return "every 5s"
	}
	return "schedule from:body delay:120ms"
}

// CallsFilter is what stands in the address.
type CallsFilter struct {
	Period, Agent, Outcome, Hidden, Review string
	Agents                                 []ui.Option
}

// CallRow is one call.
type CallRow struct {
	Href    string
	At      time.Time
	Caller  string // masked
	Agent   string
	Outcome string
	Live    bool
	Length  string
	Hidden  int
	Review  string
	Said    *CallExcerpt
}

// CallExcerpt is where the words that were looked for stand.
type CallExcerpt struct {
	Href  string
	Agent bool
	Text  string
	Terms []string
}

var (
	periodOptions  = []ui.Option{{Value: "today", Label: "Today"}, {Value: "yesterday", Label: "Yesterday"}, {Value: "7", Label: "Last 7 days"}, {Value: "30", Label: "Last 30 days"}}
	outcomeOptions = []ui.Option{{Value: "booked", Label: "Booked"}, {Value: "moved", Label: "Moved"}, {Value: "cancelled", Label: "Cancelled"}, {Value: "waitlist", Label: "On the waitlist"}, {Value: "not-booked", Label: "Not booked"}, {Value: "message", Label: "Message left"}, {Value: "abandoned", Label: "Hung up"}}
	hiddenOptions  = []ui.Option{{Value: "yes", Label: "Something"}, {Value: "no", Label: "Nothing"}}
	reviewOptions  = []ui.Option{{Value: "wanted", Label: "To be read"}, {Value: "done", Label: "Read"}}
)

func (f CallsFilter) set() bool { return f.Period+f.Agent+f.Outcome+f.Hidden+f.Review != "" }

// fields are the filter in the order of its address.
func (f CallsFilter) fields() [][2]string {
	return [][2]string{{"period", f.Period}, {"agent", f.Agent}, {"outcome", f.Outcome}, {"hidden", f.Hidden}, {"review", f.Review}}
}

// Address is the list under this filter; without is a field that is left out.
func (f CallsFilter) Address(path, without, after string) string {
	var parts []string
	for _, field := range append(f.fields(), [2]string{"after", after}) {
		if field[1] != "" && field[0] != without {
			parts = append(parts, field[0]+"="+field[1])
		}
	}
	if len(parts) == 0 {
		return path
	}
	return path + "?" + strings.Join(parts, "&")
}

// pieces marks the beginnings of words that were looked for.
func (e CallExcerpt) pieces() (out []piece) {
	add := func(text string, hit bool) {
		if text == "" {
			return
		}
		if n := len(out); n > 0 && out[n-1].hit == hit {
			out[n-1].text += text
			return
		}
		out = append(out, piece{text, hit})
	}
	for _, word := range strings.SplitAfter(e.Text, " ") {
		start := strings.IndexFunc(word, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
		size := 0
		if start >= 0 {
			for _, t := range e.Terms {
				size = max(size, leads(word[start:], t))
			}
		}
		if size == 0 {
			add(word, false)
			continue
		}
		add(word[:start], false)
		add(word[start:start+size], true)
		add(word[start+size:], false)
	}
	return out
}

// said is what a screen reader hears when the list changes.
func (p CallsPart) said() string {
	switch {
	case p.Problem != "" || !p.Searched:
		return ""
	case len(p.Rows) == 0:
		return "No call found"
	}
	return count(len(p.Rows), "call")
}
