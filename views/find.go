package views

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/a-h/templ"
)

// Find is the page on which patients, pages and actions are looked for; with a script the same stands in a dialog on every page.
type Find struct {
	Shell Shell
	Query string
	Found Found
}

// Found is what was found, in groups, the likeliest first.
type Found struct {
	Groups  []FoundGroup
	Problem string // what was typed cannot be looked for, or looking failed
	Note    string // what is not looked for, and why
	// Listbox gives the parts their roles under the field of the dialog, where arrow keys walk them.
	Listbox bool
	CSRF    string
	Back    string // where a change of theme comes back to
}

// FoundGroup is one kind of thing.
type FoundGroup struct {
	Name  string
	Items []FoundItem
}

// FoundItem is one thing to go to or to do.
type FoundItem struct {
	Label string
	Hits  []string // the beginnings of words that were typed
	More  string
	End   string
	Icon  string
	Who   string // whose initials stand there instead of an icon
	Href  string
	Post  string // a form of one button instead of a link
	Name  string
	Value string
	Print bool // prints the page that is open; needs the script
}

// piece is a part of a label, and whether it was typed.
type piece struct {
	text string
	hit  bool
}

// pieces marks the beginnings of words that were typed.
func (i FoundItem) pieces() []piece {
	var out []piece
	for n, word := range strings.SplitAfter(i.Label, " ") {
		size := 0
		for _, hit := range i.Hits {
			if k := leads(word, hit); k > size {
				size = k
			}
		}
		if n == 0 && size == 0 || size == 0 && len(out) > 0 && !out[len(out)-1].hit {
			if len(out) == 0 {
				out = append(out, piece{})
			}
			out[len(out)-1].text += word
			continue
		}
		if size > 0 {
			out = append(out, piece{word[:size], true})
		}
		out = append(out, piece{word[size:], false})
	}
	return out
}

// leads is how many bytes of word hit begins, whatever the case; 0 when it does not.
func leads(word, hit string) int {
	n := utf8.RuneCountInString(hit)
	end := 0
	for i := range word {
		if n == 0 {
			break
		}
		_, size := utf8.DecodeRuneInString(word[i:])
		end, n = i+size, n-1
	}
	if n > 0 || hit == "" || !strings.EqualFold(word[:end], hit) {
		return 0
	}
	return end
}

func (f Found) count() (n int) {
	for _, g := range f.Groups {
		n += len(g.Items)
	}
	return n
}

// said is read aloud when the list has changed.
func (f Found) said() string {
	if f.Problem != "" {
		return f.Problem
	}
	if f.count() == 0 {
		return "Nothing found"
	}
	return count(f.count(), "result")
}

// role is that of an element around options: none inside a listbox, which knows options and groups only, and else its own.
func (f Found) role(own string) string {
	if f.Listbox {
		return "none"
	}
	return own
}

func optionID(group, item int) string { return fmt.Sprintf("found-%d-%d", group, item) }

// option is what makes a link or a button one of a listbox: the field keeps the focus and names the active one.
func (f Found) option(id string) templ.Attributes {
	if !f.Listbox {
		return nil
	}
	return templ.Attributes{"id": id, "role": "option", "tabindex": "-1", "aria-selected": "false"}
}
