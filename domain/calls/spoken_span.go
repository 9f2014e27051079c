package calls

import (
	"regexp"
	"strings"
	"time"
)

var (
	partSpan    = regexp.MustCompile(`\b(?:the )?(beginning|start|early|middle|mid|late|later|end|1st half|2nd half)(?: part)?(?: of| in)?(?: the)?(?: (this|next))? (?:(week|month)|` + monthNames + `)\b`)
	weekOfMonth = regexp.MustCompile(`\b(?:the )?(1st|2nd|3rd|4th|last) (?:full )?week (?:of|in) (?:the )?(?:(next|this) )?(?:(month)|` + monthNames + `)\b`)
)

// comingDays are counted from today: "within two weeks", "in the next few days".
var comingDays = regexp.MustCompile(`\b(?:within(?: the)?(?: next)? (?:(a|an|few|couple of|\d{1,2}) )?|(?:in |over |during )?the next (few|couple of|\d{1,2}) )(day|week|fortnight|month)s?\b`)

// partOfSpan is the end of next week, the middle of December, the first week of a month.
func partOfSpan(s string, today time.Time, _ string) (found, bool) {
	if m := comingDays.FindStringSubmatch(s); m != nil {
		n := max(1, number4(m[1]+m[2]))
		switch m[1] + m[2] {
		case "few":
			n = 4
		case "couple of":
			n = 2
		}
		long := map[string][2]int{"day": {0, n}, "week": {0, 7 * n}, "fortnight": {0, 14 * n}, "month": {n, 0}}[m[3]]
		return found{day: today, to: today.AddDate(0, long[0], long[1]+1), rest: without(s, m[0])}, true
	}
	if weekday.MatchString(s) || dayOnly.MatchString(weekOfMonth.ReplaceAllString(partSpan.ReplaceAllString(s, " "), " ")) {
		return found{}, false
	}
	if m := weekOfMonth.FindStringSubmatch(s); m != nil {
		first := map[string]int{"1st": 1, "2nd": 8, "3rd": 15, "4th": 22, "last": -6}[m[1]]
		return daysOfMonth(s, m[0], m[2] == "next", m[4], first, first+6, today), true
	}
	m := partSpan.FindStringSubmatch(s)
	switch {
	case m == nil:
		return found{}, false
	case m[3] == "week":
		return daysOfWeek(s, m[0], m[1], m[2] == "next", today), true
	}
	days := [2]int{21, 31}
	switch m[1] {
	case "beginning", "start", "early":
		days = [2]int{1, 10}
	case "middle", "mid":
		days = [2]int{11, 20}
	case "1st half":
		days = [2]int{1, 15}
	case "2nd half":
		days = [2]int{16, 31}
	}
	return daysOfMonth(s, m[0], m[2] == "next", m[4], days[0], days[1], today), true
}

// daysOfMonth are days of a named month, of this one or the next, by number: below one they count from its last day. Those that have passed
// this time are meant as the next.
func daysOfMonth(s, part string, next bool, month string, first, last int, today time.Time) found {
	named, step := today.Month(), 1
	if month != "" {
		named, step = months[month], 12
	}
	if next {
		named++
	}
	for i := 0; ; i += step {
		begin := time.Date(today.Year(), named+time.Month(i), 1, 0, 0, 0, 0, today.Location())
		end := begin.AddDate(0, 1, 0)
		day, to := begin.AddDate(0, 0, first-1), begin.AddDate(0, 0, last)
		if first < 1 {
			day, to = end.AddDate(0, 0, first-1), end
		}
		if to.After(end) {
			to = end
		}
		if to.After(today) {
			return found{day: later(day, today), to: to, rest: without(s, part)}
		}
	}
}

// daysOfWeek are the beginning of a week, its middle or its end; of this week, what is left.
func daysOfWeek(s, part, which string, next bool, today time.Time) found {
	days := [2]int{3, 7}
	switch which {
	case "beginning", "start", "early", "1st half":
		days = [2]int{0, 2}
	case "middle", "mid":
		days = [2]int{1, 4}
	}
	monday := today.AddDate(0, 0, -(int(today.Weekday())+6)%7)
	if next || !monday.AddDate(0, 0, days[1]).After(today) {
		monday = monday.AddDate(0, 0, 7)
	}
	from := monday.AddDate(0, 0, days[0])
	if which == "later" && !next {
		from = today.AddDate(0, 0, 1)
	}
	to := monday.AddDate(0, 0, days[1])
	if !to.After(from) {
		from = later(monday, today)
	}
	return found{day: later(from, today), to: to, rest: strings.TrimSpace(without(s, part))}
}
