package calls

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

const (
	monthNames   = `(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(?:uary|ruary|ch|il|e|y|ust|t|tember|ober|ember)?`
	weekdayNames = `(sun|mon|tue|wed|thu|fri|sat)(?:days?|s|sdays?|nesdays?|r|rs|rsdays?|urdays?|nes)?`
)

var (
	isoDate  = regexp.MustCompile(`\b(\d{4})-(\d{1,2})-(\d{1,2})(?:t|\b)`)
	slashed  = regexp.MustCompile(`\b(\d{1,2}) ?/ ?(\d{1,2})(?: ?/ ?(\d{4}|\d{2}))?\b`)
	dotted   = regexp.MustCompile(`\b(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})\b`)
	dayMonth = regexp.MustCompile(`\b(\d{1,2})(?:st|nd|rd|th)?(?: day)?(?: of)? ` + monthNames + `\b(?:,? (\d{4})\b)?`)
	monthDay = regexp.MustCompile(`\b` + monthNames + ` (?:the )?(\d{1,2})(?:st|nd|rd|th)?\b(?:,? (\d{4})\b)?`)
	dayOnly  = regexp.MustCompile(`\b(?:on )?(?:the )?(\d{1,2})(?:st|nd|rd|th)\b(?: of (?:this|the) month)?`)
	nextOnly = regexp.MustCompile(`\b(?:the )?(\d{1,2})(?:st|nd|rd|th) of next month\b`)
	weekday  = regexp.MustCompile(`\b(next |this |coming |last )?` + weekdayNames + `\b`)

	inSome     = regexp.MustCompile(`\b(?:in )?(a|an|\d{1,3}) (day|week|fortnight|month)s?(?:' time|'s time| time)?(?: (from|on|after) ?(?:(today|now|tomorrow)|` + weekdayNames + `)| (today|tomorrow|ago))?\b`)
	fortnight  = regexp.MustCompile(`\b(?:in )?a fortnight\b`)
	weekLater  = regexp.MustCompile(`\b` + weekdayNames + ` (?:week|fortnight)\b`)
	afterNext  = regexp.MustCompile(`\b(?:the )?` + weekdayNames + ` after next\b`)
	ofMonth    = regexp.MustCompile(`\b(?:the )?(1st|2nd|3rd|4th|5th|last) ` + weekdayNames + ` (?:of|in) (?:` + monthNames + `|(next|this|the) month)\b`)
	weekOf     = regexp.MustCompile(`\b(?:the )?week (?:of|commencing|beginning|starting) (.+)`)
	wholeMonth = regexp.MustCompile(`\b(?:in|during|some ?time in|any time in) ` + monthNames + `\b|^` + monthNames + `$`)
)

var months = map[string]time.Month{"jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12}

var weekdays = map[string]time.Weekday{"sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6}

// found is a day in a phrase, and the phrase without it.
type found struct {
	day, to   time.Time
	rest      string
	comesBack bool // every month or year: one that has passed is meant as the next
}

// parseDay tries what is said in more words before what is said in fewer.
func parseDay(s string, today time.Time, country string) found {
	for _, read := range []func(string, time.Time, string) (found, bool){writtenDay, partOfSpan, wholeWeek, relativeDay, feast, ordinalWeekday, spokenDay, namedDay} {
		if f, ok := read(s, today, country); ok {
			return f
		}
	}
	return found{rest: s}
}

// without is the phrase without what was understood of it.
func without(s, part string) string { return strings.TrimSpace(strings.Replace(s, part, " ", 1)) }

func writtenDay(s string, today time.Time, country string) (found, bool) {
	if m := isoDate.FindStringSubmatch(s); m != nil {
		day, ok := date(number4(m[1]), number4(m[2]), number4(m[3]), today.Location())
		if !ok {
			day = time.Time{}
		}
		return found{day: day, rest: isoDate.ReplaceAllString(s, " ")}, true
	}
	m := slashed.FindStringSubmatch(s)
	if m == nil {
		m = dotted.FindStringSubmatch(s)
	}
	if m == nil {
		return found{}, false
	}
	day, month := m[1], m[2]
	if american(country) != (number4(month) > 12) && number4(m[1]) <= 12 || number4(month) > 12 { // 12/3 is in December there; 3/25 is in March anywhere
		day, month = month, day
	}
	year := m[3]
	if len(year) == 2 {
		year = "20" + year
	}
	return found{day: calendar(year, number4(month), day, today), rest: without(s, m[0]), comesBack: year == ""}, true
}

// american are the countries that write the month first.
func american(country string) bool { return country == "US" || country == "PH" || country == "BZ" }

// wholeWeek is a week, a weekend or a month, when no day in it was said.
func wholeWeek(s string, today time.Time, country string) (found, bool) {
	monday := today.AddDate(0, 0, -(int(today.Weekday())+6)%7)
	week := func(part string, from time.Time, days int) (found, bool) {
		if from.Before(today) && from.AddDate(0, 0, days).After(today) {
			days -= int(today.Sub(from).Hours()+12) / 24
			from = today
		}
		return found{day: from, to: from.AddDate(0, 0, days), rest: without(s, part)}, true
	}
	if m := weekOf.FindStringSubmatch(s); m != nil {
		if f := parseDay(m[1], today, country); !f.day.IsZero() {
			return week(m[0], f.day.AddDate(0, 0, -(int(f.day.Weekday())+6)%7), 7)
		}
	}
	for _, w := range []struct {
		said  string
		first int
		days  int
	}{{"weekend after next", 12, 2}, {"next weekend", 12, 2}, {"this weekend", 5, 2}, {"the weekend", 5, 2}, {"last weekend", -2, 2}, {"week after next", 14, 7}, {"last week", -7, 7}, {"next week", 7, 7}, {"this week", 0, 7}} {
		if strings.Contains(s, w.said) && (strings.Contains(w.said, "weekend") || !weekday.MatchString(s)) {
			from := monday.AddDate(0, 0, w.first)
			if w.said == "next weekend" && today.Weekday() == time.Sunday || w.said == "weekend after next" {
				from = from.AddDate(0, 0, 7)
			}
			return week(w.said, from, w.days)
		}
	}
	first := time.Date(today.Year(), today.Month(), 1, 0, 0, 0, 0, today.Location())
	switch {
	case strings.Contains(s, "next month") && !dayOnly.MatchString(s) && !weekday.MatchString(s):
		return found{day: first.AddDate(0, 1, 0), to: first.AddDate(0, 2, 0), rest: without(s, "next month")}, true
	case strings.Contains(s, "this month") && !dayOnly.MatchString(s) && !weekday.MatchString(s):
		return found{day: today, to: first.AddDate(0, 1, 0), rest: without(s, "this month")}, true
	}
	if m := wholeMonth.FindStringSubmatch(s); m != nil && !dayOnly.MatchString(s) {
		from := time.Date(today.Year(), months[m[1]+m[2]], 1, 0, 0, 0, 0, today.Location())
		if !from.AddDate(0, 1, 0).After(today) {
			from = from.AddDate(1, 0, 0)
		}
		to := from.AddDate(0, 1, 0)
		if from.Before(today) {
			from = today
		}
		return found{day: from, to: to, rest: without(s, m[0])}, true
	}
	return found{}, false
}

func relativeDay(s string, today time.Time, _ string) (found, bool) {
	if m := weekLater.FindStringSubmatch(s); m != nil {
		days := 7
		if strings.HasSuffix(m[0], "fortnight") {
			days = 14
		}
		return found{day: onWeekday(today, weekdays[m[1]], false, false).AddDate(0, 0, days), rest: without(s, m[0])}, true
	}
	if m := afterNext.FindStringSubmatch(s); m != nil {
		return found{day: onWeekday(today, weekdays[m[1]], false, false).AddDate(0, 0, 7), rest: without(s, m[0])}, true
	}
	if m := inSome.FindStringSubmatch(s); m != nil && (strings.HasPrefix(m[0], "in ") || m[3] != "" || m[6] != "" || strings.Contains(m[0], "time")) {
		n := number4(m[1])
		if n == 0 {
			n = 1
		}
		from := today
		switch {
		case m[4] == "tomorrow" || m[6] == "tomorrow":
			from = today.AddDate(0, 0, 1)
		case m[5] != "":
			from = onWeekday(today, weekdays[m[5]], false, false)
		}
		if m[6] == "ago" {
			n = -n
		}
		add := map[string][2]int{"day": {0, n}, "week": {0, 7 * n}, "fortnight": {0, 14 * n}, "month": {n, 0}}[m[2]]
		day := from.AddDate(0, add[0], add[1])
		if add[0] > 0 && day.Day() != from.Day() { // the 31st in a month that has none
			day = day.AddDate(0, 0, -day.Day())
		}
		return found{day: day, rest: without(s, m[0])}, true
	}
	if m := fortnight.FindString(s); m != "" {
		return found{day: today.AddDate(0, 0, 14), rest: without(s, m)}, true
	}
	return found{}, false
}

// feast is a day that is known by its name.
func feast(s string, today time.Time, country string) (found, bool) {
	fixed := func(month time.Month, day int) func(int) time.Time {
		return func(year int) time.Time { return time.Date(year, month, day, 0, 0, 0, 0, today.Location()) }
	}
	easter := func(days int) func(int) time.Time {
		return func(year int) time.Time { return easterSunday(year, today.Location()).AddDate(0, 0, days) }
	}
	for _, f := range []struct {
		said string
		on   func(year int) time.Time
	}{
		{"christmas eve", fixed(12, 24)}, {"christmas day", fixed(12, 25)}, {"boxing day", fixed(12, 26)}, {"christmas", fixed(12, 25)},
		{"new year's eve", fixed(12, 31)}, {"new years eve", fixed(12, 31)}, {"new year's day", fixed(1, 1)}, {"new years day", fixed(1, 1)},
		{"valentine's day", fixed(2, 14)}, {"valentines day", fixed(2, 14)}, {"halloween", fixed(10, 31)}, {"independence day", fixed(7, 4)},
		{"good friday", easter(-2)}, {"easter sunday", easter(0)}, {"easter monday", easter(1)},
		{"thanksgiving", func(year int) time.Time { return nthWeekday(year, 11, time.Thursday, 4, today.Location()) }},
	} {
		for _, around := range []struct {
			words string
			days  int
		}{{"the day before ", -1}, {"day before ", -1}, {"the day after ", 1}, {"day after ", 1}, {"", 0}} {
			if !strings.Contains(s, around.words+f.said) {
				continue
			}
			day := f.on(today.Year()).AddDate(0, 0, around.days)
			if day.Before(today) {
				day = f.on(today.Year()+1).AddDate(0, 0, around.days)
			}
			return found{day: day, rest: without(s, around.words+f.said), comesBack: true}, true
		}
	}
	return found{}, false
}

// easterSunday is by the anonymous Gregorian algorithm.
func easterSunday(year int, loc *time.Location) time.Time {
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	g := (8*b + 13) / 25
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 19*l) / 433
	month := (h + l - 7*m + 90) / 25
	return time.Date(year, time.Month(month), (h+l-7*m+33*month+19)%32, 0, 0, 0, 0, loc)
}

// ordinalWeekday is the first Monday of a month, or the last.
func ordinalWeekday(s string, today time.Time, _ string) (found, bool) {
	m := ofMonth.FindStringSubmatch(s)
	if m == nil {
		return found{}, false
	}
	n := number4(strings.TrimRight(m[1], "stndrdthla"))
	year, month := today.Year(), today.Month()
	switch {
	case m[3] != "":
		if month = months[m[3]]; month < today.Month() {
			year++
		}
	case m[4] == "next":
		month++
	}
	day := nthWeekday(year, month, weekdays[m[2]], n, today.Location())
	if day.Before(today) {
		if m[3] == "" {
			day = nthWeekday(year, month+1, weekdays[m[2]], n, today.Location())
		} else {
			day = nthWeekday(year+1, month, weekdays[m[2]], n, today.Location())
		}
	}
	return found{day: day, rest: without(s, m[0]), comesBack: true}, true
}

// nthWeekday counts from the first of the month; 0 is the last.
func nthWeekday(year int, month time.Month, day time.Weekday, n int, loc *time.Location) time.Time {
	if n == 0 {
		last := time.Date(year, month+1, 0, 0, 0, 0, 0, loc)
		return last.AddDate(0, 0, -((int(last.Weekday()) - int(day) + 7) % 7))
	}
	first := time.Date(year, month, 1, 0, 0, 0, 0, loc)
	return first.AddDate(0, 0, (int(day)-int(first.Weekday())+7)%7+7*(n-1))
}

func spokenDay(s string, today time.Time, _ string) (found, bool) {
	if m := dayMonth.FindStringSubmatch(s); m != nil {
		return found{day: calendar(m[3], int(months[m[2]]), m[1], today), rest: dayMonth.ReplaceAllString(s, " "), comesBack: m[3] == ""}, true
	}
	if m := monthDay.FindStringSubmatch(s); m != nil {
		return found{day: calendar(m[3], int(months[m[1]]), m[2], today), rest: monthDay.ReplaceAllString(s, " "), comesBack: m[3] == ""}, true
	}
	for _, word := range []struct {
		said string
		days int
	}{{"day after tomorrow", 2}, {"tomorrow", 1}, {"day before yesterday", -2}, {"yesterday", -1}, {"today", 0}, {"tonight", 0}, {"this morning", 0}, {"this afternoon", 0}, {"this evening", 0}} {
		if strings.Contains(s, word.said) {
			return found{day: today.AddDate(0, 0, word.days), rest: s}, true
		}
	}
	return found{}, false
}

func namedDay(s string, today time.Time, _ string) (found, bool) {
	if m := weekday.FindStringSubmatch(s); m != nil {
		rest := weekday.ReplaceAllString(s, " ")
		if n := dayOnly.FindStringSubmatch(rest); n != nil { // "Tuesday the 24th": the number says which
			if day := nextNumbered(number4(n[1]), today); day.Weekday() == weekdays[m[2]] {
				return found{day: day, rest: dayOnly.ReplaceAllString(rest, " ")}, true
			}
			rest = dayOnly.ReplaceAllString(rest, " ")
		}
		if m[1] == "last " {
			return found{day: today.AddDate(0, 0, -1-(int(today.Weekday())-int(weekdays[m[2]])+6)%7), rest: rest}, true
		}
		return found{day: onWeekday(today, weekdays[m[2]], m[1] == "next ", strings.Contains(s, "next week")), rest: rest}, true
	}
	if m := nextOnly.FindStringSubmatch(s); m != nil {
		first := time.Date(today.Year(), today.Month()+1, 1, 0, 0, 0, 0, today.Location())
		return found{day: nextNumbered(number4(m[1]), first), rest: nextOnly.ReplaceAllString(s, " ")}, true
	}
	if m := dayOnly.FindStringSubmatch(s); m != nil {
		return found{day: nextNumbered(number4(m[1]), today), rest: dayOnly.ReplaceAllString(s, " "), comesBack: true}, true
	}
	return found{}, false
}

// onWeekday is the first such day after today; in words for today itself people say "today". "Next Tuesday" is the Tuesday of next week when
// this week's is still to come and is more than a few days away from being "this Tuesday": it is taken as the first one that is at least two
// days away, and callers hear the date before anything is booked.
func onWeekday(today time.Time, want time.Weekday, next, nextWeek bool) time.Time {
	days := (int(want) - int(today.Weekday()) + 7) % 7
	switch {
	case nextWeek:
		monday := (int(today.Weekday()) + 6) % 7 // days since Monday
		return today.AddDate(0, 0, 7-monday+(int(want)+6)%7)
	case days == 0, next && days < 2:
		days += 7
	}
	return today.AddDate(0, 0, days)
}

// calendar is the date; without a year, the next such one.
func calendar(year string, month int, day string, today time.Time) time.Time {
	y := number4(year)
	if year == "" {
		y = today.Year()
	}
	if month < 1 || month > 12 {
		return time.Time{}
	}
	d, ok := date(y, month, number4(day), today.Location())
	for i := 0; i < 8 && year == "" && (!ok || d.Before(today)); i++ { // the 29th of February comes every fourth year, or later
		y++
		d, ok = date(y, month, number4(day), today.Location())
	}
	if !ok {
		return time.Time{}
	}
	return d
}

func nextNumbered(day int, today time.Time) time.Time {
	for i := range 13 {
		if d, ok := date(today.Year(), int(today.Month())+i, day, today.Location()); ok && !d.Before(today) {
			return d
		}
	}
	return time.Time{}
}

// date refuses what the calendar does not have; months above twelve run into the next year.
func date(year, month, day int, loc *time.Location) (time.Time, bool) {
	d := time.Date(year, time.Month(month), day, 0, 0, 0, 0, loc)
	return d, day >= 1 && d.Day() == day && year >= 2000 && year < 2200 && month >= 1
}

func number4(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}
