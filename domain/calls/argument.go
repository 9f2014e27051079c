package calls

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/google/uuid"
)

// Arguments are what the model passed to a tool. Names are compared without case and signs: slot_id, slotId and "Slot ID" are one. A nested
// object's members are found by both names: {"patient":{"name":…}} by patientname.
type Arguments map[string]string

// parseArguments takes an object, or the same as a string, and gives its canonical form too: members in order, no space.
func parseArguments(raw []byte) (Arguments, []byte) {
	args := Arguments{}
	value, err := decode(raw)
	for range 2 { // a string that holds an object, at times quoted once more
		s, ok := value.(string)
		if !ok || err != nil {
			break
		}
		inner, bad := decode([]byte(s))
		if bad != nil {
			break
		}
		value = inner
	}
	canonical, bad := json.Marshal(value)
	if err != nil || bad != nil {
		return args, raw
	}
	args.take("", value, 0)
	return args, canonical
}

func decode(b []byte) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err = d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, io.ErrUnexpectedEOF
	}
	return v, nil
}

func (a Arguments) take(name string, value any, depth int) {
	if asPhrase[name] {
		a.put(name, phrase(value))
	}
	switch v := value.(type) {
	case map[string]any:
		if depth < 3 {
			for _, k := range slices.Sorted(maps.Keys(v)) { // two spellings of one name: always the same one counts
				a.take(name+key(k), v[k], depth+1)
			}
		}
	case string:
		a.put(name, v)
	case json.Number:
		a.put(name, v.String())
	case bool:
		if v {
			a.put(name, "true")
		} else {
			a.put(name, "false")
		}
	}
}

// asPhrase are the arguments that models send as a list or an object although they are the caller's words.
var asPhrase = func() map[string]bool {
	all := map[string]bool{}
	for _, list := range [][]string{saidWhen, saidDay, saidPreferred, practitionerNames, {"from", "after", "earliest", "to", "until", "before", "latest"}} {
		for _, name := range list {
			all[key(name)] = true
		}
	}
	return all
}()

// phrase is a value in words: a list is any of its members, and an object is all of its members, from before to.
func phrase(value any) string {
	var said []string
	switch v := value.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case []any:
		for _, one := range v {
			if p := phrase(one); p != "" {
				said = append(said, p)
			}
		}
		return strings.Join(said, " or ")
	case map[string]any:
		var last string
		for _, k := range slices.Sorted(maps.Keys(v)) {
			switch p := phrase(v[k]); {
			case p == "":
			case slices.Contains([]string{"to", "end", "until", "latest", "before"}, key(k)):
				last = " to " + p
			case slices.Contains([]string{"from", "start", "earliest", "after"}, key(k)):
				said = append(said, "from "+p)
			default:
				said = append(said, p)
			}
		}
		return strings.Join(said, " ") + last
	}
	return ""
}

// nothing are the words that models fill in for what they do not know.
var nothing = map[string]bool{"": true, "null": true, "none": true, "nil": true, "undefined": true, "unknown": true, "n/a": true, "na": true, "any": true, "anyone": true,
	"anybody": true, "no preference": true, "not specified": true, "not provided": true}

func (a Arguments) put(name, value string) {
	value = oneLine(value)
	if name != "" && !nothing[strings.ToLower(value)] {
		a[name] = cut(value, 500)
	}
}

func key(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// text is the first of these arguments that says something.
func (a Arguments) text(names ...string) string {
	for _, n := range names {
		if v := a[key(n)]; v != "" {
			return v
		}
	}
	return ""
}

var uuidIn = regexp.MustCompile(`(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// id finds an id in the argument, which models like to send with words around it.
func (a Arguments) id(names ...string) uuid.UUID {
	for _, n := range names {
		if id, err := uuid.Parse(uuidIn.FindString(a[key(n)])); err == nil {
			return id
		}
	}
	return uuid.Nil
}

func (a Arguments) yes(names ...string) bool {
	switch strings.ToLower(a.text(names...)) {
	case "true", "yes", "y", "1", "confirmed":
		return true
	}
	return false
}

// name is the patient's, whole or in its parts; empty when it is nobody's, so that it is asked for.
func (a Arguments) name() string {
	if n := a.text("name", "patient_name", "full_name", "caller_name", "customer_name", "patient"); n != "" {
		return onePerson(n)
	}
	return onePerson(a.text("first_name", "patient_first_name", "given_name") + " " + a.text("last_name", "patient_last_name", "surname", "family_name"))
}

var (
	beforeName = regexp.MustCompile(`(?i)^(?:(?:hi|hello|yes|sure|um|uh)[ ,.]+)*(?:my (?:full )?name(?:'s| is)|the name(?:'s| is)|name is|it's|it is|this is|i'm|i am)[ ,:]+`)
	severalAre = regexp.MustCompile(`(?i)\band\b|&|;`)
	nobody     = map[string]bool{"caller": true, "the caller": true, "customer": true, "patient": true, "the patient": true, "user": true, "client": true, "true": true, "false": true, "yes": true, "no": true,
		"mr": true, "mrs": true, "ms": true, "miss": true, "dr": true, "doctor": true, "sir": true, "madam": true, "name": true, "full name": true, "not given": true}
)

// onePerson takes the name out of what was said; empty when it names nobody, or more than one.
func onePerson(said string) string {
	n := strings.Trim(beforeName.ReplaceAllString(strings.TrimSpace(said), ""), " .,!?")
	if !strings.ContainsFunc(n, unicode.IsLetter) || severalAre.MatchString(n) || nobody[strings.ToLower(n)] {
		return ""
	}
	return n
}

// agreed says that the caller has heard what will happen and said yes.
func (a Arguments) agreed() bool { return a.yes("confirmed", "confirm", "confirmation", "agreed") }
