package calls

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// When is what a phrase says about a time, in the clinic's zone. Any part may be missing.
type When struct {
	Day    time.Time // midnight; zero when no day was said
	To     time.Time // midnight after the last day of a week or a month; zero for a single day
	Minute int       // of the day; -1 when no time was said
	After  int       // minutes of the day between which a part of it lies, for example the morning
	Before int
	Every  bool // the same days in every week from then on: "Fridays"
}

// Exact is the instant, when both day and time were said.
func (w When) Exact() (time.Time, bool) {
	if w.Day.IsZero() || !w.To.IsZero() || w.Minute < 0 {
		return time.Time{}, false
	}
	return onDay(w.Day, w.Minute), true
}

func (w When) empty() bool { return w.Day.IsZero() && w.Minute < 0 && w.Before == 0 }

// with fills what w does not say from other.
func (w When) with(other When) When {
	if w.Day.IsZero() {
		w.Day, w.To, w.Every = other.Day, other.To, other.Every
	}
	if w.Minute < 0 {
		w.Minute = other.Minute
	}
	if w.Before == 0 {
		w.After, w.Before = other.After, other.Before
	}
	return w
}

// onDay is wall clock: nine o'clock is nine o'clock on the day the clocks change, too.
func onDay(day time.Time, minute int) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), 0, minute, 0, 0, day.Location())
}

func dayOf(t time.Time) time.Time { return onDay(t, 0) }

// spelled are the numbers that are said in times and dates, as digits.
var spelled = func() map[string]string {
	words := map[string]string{"a couple of": "2", "oh five": "05"}
	ones := strings.Fields("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen")
	for n, w := range ones[1:] {
		words[w] = strconv.Itoa(n + 1)
	}
	for n, w := range map[int]string{20: "twenty", 30: "thirty", 40: "forty", 50: "fifty"} {
		words[w] = strconv.Itoa(n)
		for one := 1; one < 10; one++ {
			words[w+" "+ones[one]] = strconv.Itoa(n + one)
		}
	}
	for n, w := range strings.Fields("first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth") {
		words[w] = ordinal(n + 1)
		if n < 9 {
			words["twenty "+w] = ordinal(n + 21)
		}
	}
	words["thirtieth"], words["thirty first"] = "30th", "31st"
	return words
}()

var spelledWord = func() *regexp.Regexp {
	all := slices.SortedFunc(maps.Keys(spelled), func(a, b string) int { return cmp.Compare(len(b), len(a)) }) // "twenty five" before "twenty"
	return regexp.MustCompile(`\b(?:` + strings.Join(all, "|") + `)\b`)
}()

var tidy = strings.NewReplacer("a.m.", "am", "p.m.", "pm", "a.m", "am", "p.m", "pm", "’", "'", "o clock", "o'clock", "oclock", "o'clock", "-", " ", "–", " ", "\u202f", " ", "\u00a0", " ")

// ParseWhen reads a day, a time or both, as a person says them or as a program writes them. now is in the clinic's zone; a time without an
// offset is the clinic's; country decides whether 12/3 is in March or in December. A bare hour from one to six means the afternoon: clinics are
// closed at night. A day that comes every week, month or year is the next one that has not passed.
func ParseWhen(phrase string, now time.Time, country string) When {
	phrase = strings.TrimSpace(cut(phrase, 200))
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04Z07:00"} {
		if t, err := time.Parse(layout, strings.ToUpper(phrase)); err == nil && t.Year() >= 2000 && t.Year() < 2200 {
			t = t.In(now.Location())
			return When{Day: dayOf(t), Minute: t.Hour()*60 + t.Minute()}
		}
	}
	return readWhen(plain(phrase), now, country)
}

// plain writes a phrase as it is read here: in small letters, with digits for numbers, and one word for what is said in several ways.
func plain(phrase string) string {
	s := strings.ToLower(phrase)
	if !isoDate.MatchString(s) {
		s = dayRange.ReplaceAllStringFunc(s, func(days string) string { return strings.NewReplacer("-", " to ", "–", " to ").Replace(days) }) // "mon-wed"
		s = tidy.Replace(digitRange.ReplaceAllString(s, "from $1 to $2"))
		s = strings.NewReplacer("first thing", "early morning", "mid week", "middle of the week", "midweek", "middle of the week").Replace(s)
		s = firstFree.ReplaceAllString(s, " soonest ") // the first that is free is not the first of the month
		s = spelledWord.ReplaceAllStringFunc(s, func(w string) string { return spelled[w] })
	}
	s = strings.Join(strings.Fields(s), " ")
	if !monthWord.MatchString(s) {
		s = hourRange.ReplaceAllString(s, "${1}from $2 to $3")
	}
	return s
}

// readWhen reads a plain phrase.
func readWhen(s string, now time.Time, country string) When {
	w, again := parseAt(s, dayOf(now), country)
	if at, exact := w.Exact(); exact && again && at.Before(now) {
		w, _ = parseAt(s, dayOf(now).AddDate(0, 0, 1), country)
	}
	return w
}

var (
	digitRange = regexp.MustCompile(`\b(\d{1,2}(?:[:.]\d{2})? ?(?:am|pm)?) ?[-–] ?(\d{1,2}(?:[:.]\d{2})? ?(?:am|pm)?)(?:\b|$)`)                                          // "2-4pm"; dates are read before
	hourRange  = regexp.MustCompile(`(^|[^o] )((?:\d{1,2}(?:[:.]\d{2}| ?(?:am|pm))(?: ?(?:am|pm))?|[1-46-9]|1[12])) to (\d{1,2}(?:[:.]\d{2})?(?: ?(?:am|pm))?)(?:\b|$)`) // "2 to 4"; "ten to four" is a time
	dayRange   = regexp.MustCompile(`\b` + weekdayNames + ` ?[-–] ?` + weekdayNames + `\b`)
	monthWord  = regexp.MustCompile(`\b` + monthNames + `\b`)
	firstFree  = regexp.MustCompile(`\b(?:first|next) (?:available|free|possible|open|opening|one|slot|time|appointment)\b`)
)

// parseAt reads the phrase as said on a day; again says that the day it found comes back.
func parseAt(s string, today time.Time, country string) (w When, again bool) {
	w = When{Minute: -1}
	d := parseDay(s, today, country)
	w.Day, w.To = d.day, d.to
	w.After, w.Before = partOfDay(d.rest)
	w.clock(d.rest)
	return w, d.comesBack
}
