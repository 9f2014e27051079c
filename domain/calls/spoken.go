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
	Minute int       // of the day; -1 when no time was said
	After  int       // minutes of the day between which a part of it lies, for example the morning
	Before int
}

// Exact is the instant, when both day and time were said.
func (w When) Exact() (time.Time, bool) {
	if w.Day.IsZero() || w.Minute < 0 {
		return time.Time{}, false
	}
	return onDay(w.Day, w.Minute), true
}

func (w When) empty() bool { return w.Day.IsZero() && w.Minute < 0 && w.Before == 0 }

// with fills what w does not say from other.
func (w When) with(other When) When {
	if w.Day.IsZero() {
		w.Day = other.Day
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

var (
	isoDate    = regexp.MustCompile(`\b(\d{4})-(\d{1,2})-(\d{1,2})(?:t|\b)`)
	dayMonth   = regexp.MustCompile(`\b(\d{1,2})(?:st|nd|rd|th)?(?: of)? (jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b(?:,? (\d{4})\b)?`)
	monthDay   = regexp.MustCompile(`\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]* (?:the )?(\d{1,2})(?:st|nd|rd|th)?\b(?:,? (\d{4})\b)?`)
	dayOnly    = regexp.MustCompile(`\b(?:the )?(\d{1,2})(?:st|nd|rd|th)\b`)
	weekday    = regexp.MustCompile(`\b(next |this |coming )?(sun|mon|tue|wed|thu|fri|sat)(?:day|s|sday|nesday|r|rs|rsday|urday|nes)?\b`)
	clockTime  = regexp.MustCompile(`\b(\d{1,2})[:.](\d{2})(?::\d{2}(?:\.\d+)?)?(?: ?(am|pm)\b)?`)
	hourHalf   = regexp.MustCompile(`\b(\d{1,2}) ?(am|pm)\b`)
	hourClock  = regexp.MustCompile(`\b(\d{1,2}) o'?clock\b`)
	pastHour   = regexp.MustCompile(`\b(half|quarter|5|10|20|25)(?: minutes)? (past|after|to|before) (\d{1,2})(?: ?(am|pm)\b)?`)
	hourMinute = regexp.MustCompile(`\b(?:at )?(\d{1,2}) (15|30|45)(?: ?(am|pm)\b)?`)
	hourPart   = regexp.MustCompile(`\b(\d{1,2}) in the (?:morning|afternoon|evening)\b`)
	atHour     = regexp.MustCompile(`\b(?:at|around|about|by|from|after|before) (\d{1,2})\b`)
	bareHour   = regexp.MustCompile(`^(\d{1,2})$`)
	halfHour   = regexp.MustCompile(`\bhalf (\d)`) // "half ten" is 10:30 in Britain
)

// spelled are the numbers that are said in times and dates, as digits.
var spelled = map[string]string{"one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "ten": "10",
	"eleven": "11", "twelve": "12", "fifteen": "15", "twenty": "20", "twenty five": "25", "thirty": "30", "forty five": "45",
	"first": "1st", "second": "2nd", "third": "3rd", "fourth": "4th", "fifth": "5th", "sixth": "6th", "seventh": "7th", "eighth": "8th", "ninth": "9th", "tenth": "10th",
	"eleventh": "11th", "twelfth": "12th", "thirteenth": "13th", "fourteenth": "14th", "fifteenth": "15th", "sixteenth": "16th", "seventeenth": "17th",
	"eighteenth": "18th", "nineteenth": "19th", "twentieth": "20th", "twenty first": "21st", "twenty second": "22nd", "twenty third": "23rd", "twenty fourth": "24th",
	"twenty fifth": "25th", "twenty sixth": "26th", "twenty seventh": "27th", "twenty eighth": "28th", "twenty ninth": "29th", "thirtieth": "30th", "thirty first": "31st"}

var spelledWord = func() *regexp.Regexp {
	all := slices.SortedFunc(maps.Keys(spelled), func(a, b string) int { return cmp.Compare(len(b), len(a)) }) // "twenty five" before "twenty"
	return regexp.MustCompile(`\b(?:` + strings.Join(all, "|") + `)\b`)
}()

var tidy = strings.NewReplacer("a.m.", "am", "p.m.", "pm", "a.m", "am", "p.m", "pm", "’", "'", "o clock", "o'clock", "-", " ", "\u202f", " ")

var months = map[string]time.Month{"jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12}

var weekdays = map[string]time.Weekday{"sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6}

// ParseWhen reads a day, a time or both, as a person says them or as a program writes them. now is in the clinic's zone; a time without an
// offset is the clinic's. A bare hour from one to six means the afternoon: clinics are closed at night.
func ParseWhen(phrase string, now time.Time) When {
	phrase = strings.TrimSpace(phrase)
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04Z07:00"} {
		if t, err := time.Parse(layout, strings.ToUpper(phrase)); err == nil {
			t = t.In(now.Location())
			return When{Day: dayOf(t), Minute: t.Hour()*60 + t.Minute()}
		}
	}
	s := strings.ToLower(phrase)
	if !isoDate.MatchString(s) {
		s = spelledWord.ReplaceAllStringFunc(tidy.Replace(s), func(w string) string { return spelled[w] })
	}
	s = strings.Join(strings.Fields(s), " ")
	w := When{Minute: -1}
	w.Day, s = parseDay(s, now)
	w.After, w.Before = partOfDay(s)
	w.Minute = parseClock(s, w.After >= 12*60, w.Before > 0 && w.Before <= 12*60)
	return w
}

// parseDay answers the day, and the phrase without it.
func parseDay(s string, now time.Time) (time.Time, string) {
	today := dayOf(now)
	if m := isoDate.FindStringSubmatch(s); m != nil {
		day, ok := date(number4(m[1]), number4(m[2]), number4(m[3]), now.Location())
		if !ok {
			day = time.Time{}
		}
		return day, isoDate.ReplaceAllString(s, "")
	}
	if m := dayMonth.FindStringSubmatch(s); m != nil {
		return calendar(m[3], m[2], m[1], today), dayMonth.ReplaceAllString(s, "")
	}
	if m := monthDay.FindStringSubmatch(s); m != nil {
		return calendar(m[3], m[1], m[2], today), monthDay.ReplaceAllString(s, "")
	}
	for _, word := range []struct {
		said string
		days int
	}{{"day after tomorrow", 2}, {"tomorrow", 1}, {"today", 0}, {"tonight", 0}, {"this morning", 0}, {"this afternoon", 0}, {"this evening", 0}} {
		if strings.Contains(s, word.said) {
			return today.AddDate(0, 0, word.days), s
		}
	}
	if m := weekday.FindStringSubmatch(s); m != nil {
		return onWeekday(today, weekdays[m[2]], m[1] == "next ", strings.Contains(s, "next week")), weekday.ReplaceAllString(s, "")
	}
	if m := dayOnly.FindStringSubmatch(s); m != nil {
		return nextNumbered(number4(m[1]), today), dayOnly.ReplaceAllString(s, "")
	}
	return time.Time{}, s
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

func calendar(year, month, day string, today time.Time) time.Time {
	y := number4(year)
	if year == "" {
		y = today.Year()
	}
	d, ok := date(y, int(months[month]), number4(day), today.Location())
	if ok && year == "" && d.Before(today) {
		d, ok = date(y+1, int(months[month]), number4(day), today.Location())
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

func partOfDay(s string) (after, before int) {
	switch {
	case strings.Contains(s, "morning"):
		return 0, 12 * 60
	case strings.Contains(s, "afternoon"):
		return 12 * 60, 17 * 60
	case strings.Contains(s, "evening"), strings.Contains(s, "tonight"):
		return 17 * 60, 24 * 60
	}
	return 0, 0
}

// parseClock answers the minute of the day, or -1.
func parseClock(s string, afternoon, morning bool) int {
	s = halfHour.ReplaceAllString(strings.Join(strings.Fields(s), " "), "half past $1")
	half := func(m string) string {
		switch {
		case m != "":
			return m
		case afternoon:
			return "pm"
		case morning:
			return "am"
		}
		return ""
	}
	if m := pastHour.FindStringSubmatch(s); m != nil {
		minutes := map[string]int{"half": 30, "quarter": 15}[m[1]] + number4(m[1])
		if m[2] == "to" || m[2] == "before" {
			minutes = -minutes
		}
		if base := clock(m[3], "0", half(m[4])); base >= 0 {
			return (base + minutes + 24*60) % (24 * 60)
		}
		return -1
	}
	if m := clockTime.FindStringSubmatch(s); m != nil {
		return clock(m[1], m[2], half(m[3]))
	}
	if m := hourMinute.FindStringSubmatch(s); m != nil {
		return clock(m[1], m[2], half(m[3]))
	}
	if m := hourHalf.FindStringSubmatch(s); m != nil {
		return clock(m[1], "0", half(m[2]))
	}
	for _, re := range []*regexp.Regexp{hourClock, hourPart, atHour, bareHour} {
		if m := re.FindStringSubmatch(s); m != nil {
			return clock(m[1], "0", half(""))
		}
	}
	if strings.Contains(s, "noon") && !strings.Contains(s, "afternoon") || strings.Contains(s, "midday") {
		return 12 * 60
	}
	return -1
}

func clock(hour, minute, half string) int {
	h, m := number4(hour), number4(minute)
	if h > 23 || m > 59 {
		return -1
	}
	switch {
	case half == "pm" && h < 12:
		h += 12
	case half == "am" && h == 12:
		h = 0
	case half == "" && h >= 1 && h <= 6 && !strings.HasPrefix(hour, "0"):
		h += 12
	}
	return h*60 + m
}
