package calls

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// wishes are what a phrase says of when somebody would come: at any of some times, and at none of others.
type wishes struct {
	Any  []When // none: whenever
	Not  []When // without a day: on every one
	Open bool   // they said that it does not matter, or that the soonest is wanted
	Lost bool   // something was said that is not understood
}

func (w wishes) empty() bool { return len(w.Any) == 0 && len(w.Not) == 0 }

// One is the time that is meant when one alone is: who says two, or what does not suit, has not chosen.
func (w wishes) one() When {
	if len(w.Any) != 1 || len(w.Not) > 0 || w.Any[0].Every {
		return When{Minute: -1}
	}
	return w.Any[0]
}

// most is how many times one wish may name.
const most = 12

// and is this wish with what another argument adds to it: "Monday or Tuesday", and "in the morning".
func (w wishes) and(other wishes) wishes {
	w.Not = append(slices.Clone(w.Not), other.Not...)
	w.Open, w.Lost = w.Open || other.Open, w.Lost || other.Lost
	if len(w.Any) == 0 || len(other.Any) == 0 {
		w.Any = append(slices.Clone(w.Any), other.Any...)
		return w
	}
	var both []When
	for _, a := range w.Any {
		for _, b := range other.Any {
			if c := a.with(b); !slices.Contains(both, c) && len(both) < most {
				both = append(both, c)
			}
		}
	}
	w.Any = both
	return w
}

var (
	// openWords mean that any time will do.
	openWords = regexp.MustCompile(`\b(?:asap|soon|sooner|soonest|earliest|earlier|any ?time|any ?day|any|anything|when ?ever|whichever|flexible|every ?day|immediately|urgent(?:ly)?|straight away|right away)\b|^(?:next|now|all|either|easy)$`)
	everyWord = regexp.MustCompile(`\b(?:any|any ?time|any ?day|any ?thing|anywhere|every|every ?day|everything|all|when ?ever)\b[^;]*$`)

	negation = regexp.MustCompile(`\b(?:(?:but|and|just|please) not|not|except(?: for| on)?|excluding|excepting|apart from|other than|aside from|avoid(?:ing)?|away|abroad|busy|on holiday|on vacation|unavailable|out of town|never|without|rather not|no|(?:can't|cannot|can not|won't|couldn't|don't|do not)(?: (?:do|make|come|want|like|work))?|but)\b`)
	ending   = regexp.MustCompile(`;|\. |\b(?:but|preferably|ideally|instead|otherwise|please|if possible)\b`)

	spanWords = regexp.MustCompile(`\b(?:in |during )?(?:(?:the )?week after next|(?:next|this) (?:week|month))\b|\b(?:in|during) ` + monthNames + `\b`)
)

// sayings put in one way what is said in several: a "not" that is no exclusion, and what does not matter.
var sayings = []struct {
	said *regexp.Regexp
	is   string
}{
	{regexp.MustCompile(`\b(?:not|no) (?:before|earlier than|sooner than|until|till)\b`), "from"},
	{regexp.MustCompile(`\b(?:away|abroad|busy|on holiday|on vacation|unavailable|working|work|out of town) (?:until|till)\b`), "from"},
	{regexp.MustCompile(`\b(?:not|no) (?:after|later than)\b`), "until"},
	{regexp.MustCompile(`\bno preferences?\b|\b(?:do not|don't|wouldn't|doesn't|does not|not) (?:really )?(?:mind|matter|care|fussed|bothered)\b`), "any"},
	{regexp.MustCompile(`\bno problem\b`), "fine"},
	{regexp.MustCompile(`\bor (?:later|after)\b`), "onwards"},
	{regexp.MustCompile(`\bor (?:earlier|before|sooner)\b`), "at the latest"},
	{regexp.MustCompile(`\bor so\b`), " "},
}

// wishful is the phrase in the plain words that wishes are read in.
func wishful(phrase string) string {
	s := plain(cut(strings.TrimSpace(phrase), 200))
	for _, m := range sayings {
		s = m.said.ReplaceAllString(s, m.is)
	}
	return strings.Join(strings.Fields(s), " ")
}

// parseWishes reads a phrase that may name several times and what does not suit.
func parseWishes(phrase string, now time.Time, country string) wishes {
	s := wishful(phrase)
	if w := ParseWhen(phrase, now, country); isoDate.MatchString(s) && !w.empty() && !strings.ContainsAny(s, " ") {
		return wishes{Any: []When{w}}
	}
	r := reader{now, country}
	wanted, unwanted := sides(s)
	var w wishes
	for _, clause := range unwanted {
		if span := spanWords.FindString(clause); span != "" && (weekday.MatchString(without(clause, span)) || r.timed(without(clause, span))) {
			clause, wanted = without(clause, span), wanted+" "+span // "except mornings next week" is about next week
		}
		if at := dayAt(clause); at > 0 && r.timed(clause[:at]) && len(r.times(wanted)) == 0 {
			clause, wanted = clause[:at], wanted+" "+clause[at:] // "not in the morning tomorrow" is about tomorrow
		}
		not := r.times(clause)
		for i := range not {
			not[i].Every = not[i].Every || bareWeekday(clause)
		}
		w.Not = append(w.Not, not...)
		w.Lost = w.Lost || len(not) == 0 && strings.TrimSpace(clause) != ""
	}
	w.Any = r.times(wanted)
	w.Open = openWords.MatchString(wanted)
	w.Lost = w.Lost || len(w.Any) == 0 && len(w.Not) == 0 && !w.Open && s != ""
	return w
}

// sides parts what suits from what does not. "But" takes away from all there is, and otherwise adds: "any day but Tuesday", "not Monday but
// Tuesday".
func sides(s string) (wanted string, unwanted []string) {
	for {
		at := negation.FindStringIndex(s)
		if at == nil {
			return strings.TrimSpace(wanted + " " + s), unwanted
		}
		before, rest := s[:at[0]], s[at[1]:]
		if s[at[0]:at[1]] == "but" && !everyWord.MatchString(wanted+" "+before) {
			wanted, s = wanted+" "+before+" or ", rest
			continue
		}
		end := len(rest)
		if stop := ending.FindStringIndex(rest); stop != nil {
			end = stop[0]
		}
		if next := negation.FindStringIndex(rest); next != nil {
			end = min(end, next[0])
		}
		wanted, s = wanted+" "+before, strings.TrimPrefix(rest[end:], ";")
		unwanted = append(unwanted, strings.TrimSpace(strings.TrimSuffix(rest[:end], " and")))
		if strings.HasPrefix(s, "but") && !strings.HasPrefix(s, "but not") {
			s = " or" + s[3:]
		}
	}
}

var (
	dayish    = regexp.MustCompile(`\b(?:next |this |coming |last )?` + weekdayNames + `\b|\b(?:today|tomorrow|tonight|yesterday|(?:this|next|the|last) (?:week|weekend|month))\b|\b\d{1,2}(?:st|nd|rd|th)\b|\b\d{4}-\d|\d ?/ ?\d|\b\d{1,2}(?: of)? ` + monthNames + `\b|\b` + monthNames + ` \d`)
	weekly    = regexp.MustCompile(`\b(?:sun|mon|tues|wednes|thurs|fri|satur)days\b|\b(?:every|any|each) (?:sun|mon|tue|wed|thu|fri|sat)`)
	datedWord = regexp.MustCompile(`\b(?:next|this|coming|last|week|month|today|tomorrow|after)\b|\d(?:st|nd|rd|th)\b|\d ?/ ?\d|\b` + monthNames + `\b`)
)

// dayAt is where in the phrase its day begins, -1 when none does.
func dayAt(s string) int {
	if at := dayish.FindStringIndex(s); at != nil {
		return at[0]
	}
	return -1
}

// bareWeekday says whether only the name of a day was said: what does not suit on Tuesday suits on no Tuesday.
func bareWeekday(s string) bool {
	return strings.Contains(s, "weekend") && !strings.Contains(s, "next") || weekday.MatchString(s) && !datedWord.MatchString(s)
}

// reader reads the parts of a plain phrase.
type reader struct {
	now     time.Time
	country string
}

func (r reader) timed(s string) bool {
	w := readWhen(s, r.now, r.country)
	return w.Minute >= 0 || w.Before > 0
}

var (
	betweenAnd  = regexp.MustCompile(`\bbetween (.{1,40}?) and `)
	commaDay    = regexp.MustCompile(`(` + weekdayNames + `[^,]*), ?((?:on |the |next |this )*` + weekdayNames + `\b)`)
	commaNumber = regexp.MustCompile(`(\d(?:st|nd|rd|th)),? ((?:the )?\d{1,2}(?:st|nd|rd|th))`)
	oneSlash    = regexp.MustCompile(`([a-z]) ?/ ?([a-z])`)
	ofOneMonth  = regexp.MustCompile(`\b(\d{1,2}(?:st|nd|rd|th))((?:,? (?:or |and |to |until |till )?(?:the )?\d{1,2}(?:st|nd|rd|th))+) (?:of )?` + monthNames + `\b`)
	numbered    = regexp.MustCompile(`\d{1,2}(?:st|nd|rd|th)`)
	either      = regexp.MustCompile(` ?(?:;|&|\+|\bor\b|\band\b|\bplus\b|\balso\b) ?`)
	through     = regexp.MustCompile(` (?:to|until|till|through|thru|up to) `)
)

// times reads "Monday or Tuesday morning", "the 1st, 3rd and 5th", "from Monday to Wednesday after three". What is said once is said of all: a
// part of the day after the last day, or before the first.
func (r reader) times(s string) []When {
	s = betweenAnd.ReplaceAllString(oneSlash.ReplaceAllString(s, "$1 or $2"), "from $1 to ")
	s = ofOneMonth.ReplaceAllStringFunc(s, func(list string) string {
		list = strings.ReplaceAll(list, ",", " or")
		month := " " + ofOneMonth.FindStringSubmatch(list)[3]
		return numbered.ReplaceAllStringFunc(strings.TrimSuffix(strings.TrimSuffix(list[:strings.LastIndex(list, " ")], " of"), " "), func(n string) string { return n + month })
	})
	for commaDay.MatchString(s) {
		s = commaDay.ReplaceAllString(s, "$1 or $3")
	}
	s = commaNumber.ReplaceAllString(s, "$1 or $2")
	if list := r.bounded(s); len(list) > 0 {
		return list
	}
	var list []When
	var early []bool // by list: its time of day was said before its day
	for _, part := range either.Split(s, most) {
		w := r.span(strings.TrimSpace(part))
		if w.empty() {
			continue
		}
		at := dayAt(part)
		list, early = append(list, w), append(early, at > 0 && r.timed(part[:at]))
	}
	for i := len(list) - 2; i >= 0; i-- {
		if list[i].timeless() {
			list[i] = list[i].with(list[i+1])
		}
	}
	for i := 1; i < len(list); i++ {
		if list[i].Day.IsZero() || list[i].timeless() && early[i-1] {
			list[i], early[i] = list[i].with(list[i-1]), true
		}
	}
	for i := len(list) - 2; i >= 0; i-- { // "ten or eleven on Tuesday"
		list[i] = list[i].with(When{Day: list[i+1].Day, To: list[i+1].To, Every: list[i+1].Every, Minute: -1})
	}
	return slices.CompactFunc(list, func(a, b When) bool { return a == b })
}

func (w When) timeless() bool { return w.Minute < 0 && w.Before == 0 }

// span reads one day, or from one to another, or all before or after one.
func (r reader) span(s string) When {
	for _, at := range through.FindAllStringIndex(s, -1) {
		first, last := r.one(strings.TrimPrefix(s[:at[0]], "from ")), r.one(s[at[1]:])
		if first.Day.IsZero() || last.Day.IsZero() {
			continue
		}
		return r.until(first, s[at[1]:]).with(last).with(first)
	}
	if w, ok := r.bound(s); ok {
		return w
	}
	w := r.one(s)
	w.Every = w.Every || weekly.MatchString(s)
	monday := dayOf(r.now).AddDate(0, 0, -(int(r.now.Weekday())+6)%7)
	switch {
	case !w.Day.IsZero():
	case weekendDays.MatchString(s):
		w.Day, w.To, w.Every = monday.AddDate(0, 0, 5), monday.AddDate(0, 0, 7), true
	case workDays.MatchString(s):
		w.Day, w.To, w.Every = monday, monday.AddDate(0, 0, 5), true
	}
	return w
}

var (
	weekendDays = regexp.MustCompile(`\bweekends?\b`)
	workDays    = regexp.MustCompile(`\b(?:weekdays?|working days?|work days?|during the week)\b`)
	hourOn      = regexp.MustCompile(`^\d{1,2} (?:on|today|tomorrow|this|next|` + weekdayNames + `)\b`)
)

func (r reader) one(s string) When {
	s = strings.TrimSpace(s)
	if hourOn.MatchString(s) { // "2 on Friday"
		s = "at " + s
	}
	return readWhen(s, r.now, r.country)
}

// bounded reads days that lie on one side of another: "Monday or Tuesday mornings, not before the 3rd".
func (r reader) bounded(s string) []When {
	at, word, rest := r.boundIn(s)
	if at <= 0 || through.MatchString(rest) {
		return nil
	}
	before := strings.TrimRight(s[:at], ", ")
	limit, _ := r.bound(word + " " + rest)
	list := r.times(before)
	if !slices.ContainsFunc(list, func(w When) bool { return !w.Day.IsZero() }) {
		return nil
	}
	since := limit.Day.After(dayOf(r.now))
	for i, w := range list {
		switch {
		case since && w.Day.Before(limit.Day) && w.To.After(limit.Day):
			list[i].Day = limit.Day
		case since && w.Day.Before(limit.Day):
			from := reader{limit.Day.AddDate(0, 0, -1), r.country}
			if again := from.times(before); i < len(again) {
				list[i] = again[i]
			}
		case !since && w.To.After(limit.To):
			list[i].To = limit.To
		}
	}
	return slices.DeleteFunc(list, func(w When) bool { return !since && !w.Day.Before(limit.To) })
}

// until is the days from the first to the one that is named: the next such one after it.
func (r reader) until(first When, s string) When {
	last := r.one(s)
	if last.Day.Before(first.Day) {
		later := reader{first.Day, r.country}
		last = later.one(s)
	}
	to := last.To
	if to.IsZero() {
		to = last.Day.AddDate(0, 0, 1)
	}
	if !to.After(first.Day) {
		return When{Day: first.Day, Minute: -1}
	}
	return When{Day: first.Day, To: to, Minute: -1}
}

var (
	boundWord  = regexp.MustCompile(`\b(after|from|starting|as of|since|before|by|until|till|up to) (?:the )?`)
	onwards    = regexp.MustCompile(`^(.*) (?:onwards?|at the latest|at the earliest)$`)
	nextAfter  = regexp.MustCompile(`\bafter next\b|\bday (?:after|before)\b`) // they name one day
	clockFirst = regexp.MustCompile(`^(?:about |around )?(?:half|quarter|noon|midday|lunch|work|school|\d{1,2}(?:[:.h]\d\d)?(?: ?(?:am|pm|o'clock|hrs|hours))?(?: \d\d)?(?:$| (?:on|or|and|but|in|at|past|to|until|till|today|tomorrow|every|next|this)\b| ` + weekdayNames + `))`)
)

// boundIn finds the first word of a phrase that bounds the days after it, and not the time of day: "after three on Tuesday".
func (r reader) boundIn(s string) (at int, word, rest string) {
	if nextAfter.MatchString(s) || inSome.MatchString(s) {
		return -1, "", ""
	}
	for _, m := range boundWord.FindAllStringSubmatchIndex(s, -1) {
		rest = s[m[1]:]
		if !clockFirst.MatchString(rest) && !readWhen(rest, r.now, r.country).Day.IsZero() {
			return m[0], s[m[2]:m[3]], rest
		}
	}
	return -1, "", ""
}

// bound is all that lies after a day, or before it.
func (r reader) bound(s string) (When, bool) {
	at, word, rest := r.boundIn(s)
	if m := onwards.FindStringSubmatch(s); at < 0 && m != nil && !r.timed(m[1]) { // "ten or later on Wednesday" bounds the time
		at, word, rest = 0, map[bool]string{true: "until", false: "from"}[strings.HasSuffix(s, "latest")], m[1]
	}
	w := readWhen(rest, r.now, r.country)
	if at < 0 || w.Day.IsZero() {
		return When{}, false
	}
	end := w.To
	if end.IsZero() {
		end = w.Day.AddDate(0, 0, 1)
	}
	today := dayOf(r.now)
	out := readWhen(strings.TrimSpace(s[:at]), r.now, r.country) // "mornings before the 3rd"
	switch word {
	case "after":
		out.Day, out.To = end, end.AddDate(0, 0, soon)
	case "before":
		out.Day, out.To = today, w.Day
	case "by", "until", "till", "up to":
		out.Day, out.To = today, end
	default:
		out.Day, out.To = w.Day, later(w.Day.AddDate(0, 0, soon), end)
	}
	if !out.To.After(out.Day) {
		out.To = out.Day.AddDate(0, 0, 1)
	}
	return out.with(When{Minute: w.Minute, After: w.After, Before: w.Before}), true
}
