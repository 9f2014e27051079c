package calls

import (
	"fmt"
	"regexp"
	"strings"
)

const daylong = 24 * 60

var (
	fromTo     = regexp.MustCompile(`\b(?:from|between) (` + hourly + `) (?:to|and|until|till) (` + hourly + `)\b`)
	clockTime  = regexp.MustCompile(`\b(\d{1,2})[:.h](\d{2})(?::\d{2}(?:\.\d+)?)?(?: ?(am|pm)\b)?`)
	hourHalf   = regexp.MustCompile(`\b(\d{1,2}) ?(am|pm)\b`)
	hourClock  = regexp.MustCompile(`\b(\d{1,2}) o'clock\b(?: (am|pm)\b)?`)
	pastHour   = regexp.MustCompile(`\b(half|quarter|5|10|20|25)(?: minutes)? (past|after|to|till|before|of) (\d{1,2})\b(?: o'clock)?(?: ?(am|pm)\b)?`)
	hourMinute = regexp.MustCompile(`\b(\d{1,2}) (0[05]|10|15|20|25|30|35|40|45|50|55)\b(?: ?(am|pm)\b)?`)
	hourPart   = regexp.MustCompile(`\b(\d{1,2})((?:ish)? (?:in the|at) (?:morning|afternoon|evening|night))\b`)
	atHour     = regexp.MustCompile(`\b(at|around|about|by|from|after|before|until|till|past|than|earliest|latest) (\d{1,2})(?:ish)?\b`)
	bareHour   = regexp.MustCompile(`^(\d{1,2})(?:ish)?$`)
	noon       = regexp.MustCompile(`\b(?:12 )?(?:noon|midday)\b`)
	halfHour   = regexp.MustCompile(`\bhalf (\d)`) // "half ten" is 10:30 in Britain
	military   = regexp.MustCompile(`\b(\d{2})(\d{2}) ?(?:hours|hrs)\b`)

	betweenTimes = regexp.MustCompile(`@(\d+) (?:to|and|until|till) (?:about )?@(\d+)`)
	afterTime    = regexp.MustCompile(`\b(?:after|from|later than|past|earliest) (?:about )?@(\d+)|@(\d+) (?:or later|onwards?|or after|at the earliest)`)
	beforeTime   = regexp.MustCompile(`\b(?:before|by|until|till|earlier than|latest) (?:about )?@(\d+)|@(\d+) (?:or earlier|or before|at the latest)`)
	anyTime      = regexp.MustCompile(`@(\d+)`)
)

// plainly says after and before in one way, and leaves out the sign that minutes writes.
var plainly = strings.NewReplacer("@", " ", "not before", "after", "no earlier than", "after", "not earlier than", "after", "not after", "before", "no later than", "before", "not later than", "before")

const hourly = `(?:half|quarter|5|10|20|25) (?:past|to) \d{1,2}|\d{1,2}(?:[:. ]\d{2})?(?: ?(?:am|pm))?(?: o'clock)?|noon|midday`

// clock reads the time of day: one, or after or before one, or between two.
func (w *When) clock(s string) {
	s = minutes(plainly.Replace(s), w.After >= 12*60, w.Before > 0 && w.Before <= 12*60)
	first := func(m []string) int {
		for _, g := range m[1:] {
			if g != "" {
				return number4(g)
			}
		}
		return -1
	}
	narrow := func(after, before int) {
		if w.Before > 0 && max(after, w.After) < min(before, w.Before) {
			after, before = max(after, w.After), min(before, w.Before)
		}
		w.After, w.Before = after, before
	}
	if m := betweenTimes.FindStringSubmatch(s); m != nil && number4(m[1]) < number4(m[2]) {
		narrow(number4(m[1]), number4(m[2]))
		return
	}
	if m := beforeTime.FindStringSubmatch(s); m != nil && first(m) > 0 {
		narrow(0, first(m))
		return
	}
	if m := afterTime.FindStringSubmatch(s); m != nil {
		narrow(first(m), daylong)
		return
	}
	if m := anyTime.FindStringSubmatch(s); m != nil {
		w.Minute = number4(m[1])
	}
}

// minutes writes every time of day in the phrase as @ and the minute of the day.
func minutes(s string, afternoon, morning bool) string {
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
	write := func(minute int) string {
		if minute < 0 {
			return " "
		}
		return fmt.Sprintf("@%d ", minute) // digits that follow are another number
	}
	replace := func(re *regexp.Regexp, fn func(m []string) string) {
		s = re.ReplaceAllStringFunc(s, func(found string) string { return fn(re.FindStringSubmatch(found)) })
	}
	s = halfHour.ReplaceAllString(s, "half past $1")
	replace(fromTo, func(m []string) string {
		return minutes(m[1], afternoon, morning) + " to " + minutes(m[2], afternoon, morning)
	})
	replace(military, func(m []string) string { return write(clock("0"+m[1], m[2], "24")) })
	replace(pastHour, func(m []string) string {
		off := map[string]int{"half": 30, "quarter": 15}[m[1]] + number4(m[1])
		if m[2] != "past" && m[2] != "after" {
			off = -off
		}
		base := clock(m[3], "0", half(m[4]))
		if base < 0 {
			return " "
		}
		return write((base + off + daylong) % daylong)
	})
	replace(noon, func([]string) string { return write(12 * 60) })
	replace(clockTime, func(m []string) string { return write(clock(m[1], m[2], half(m[3]))) })
	replace(hourHalf, func(m []string) string { return write(clock(m[1], "0", m[2])) })
	replace(hourClock, func(m []string) string { return write(clock(m[1], "0", half(m[2]))) })
	replace(hourMinute, func(m []string) string { return write(clock(m[1], m[2], half(m[3]))) })
	replace(hourPart, func(m []string) string { return write(clock(m[1], "0", half(""))) + m[2] })
	replace(atHour, func(m []string) string { return m[1] + " " + write(clock(m[2], "0", half(""))) })
	replace(bareHour, func(m []string) string { return write(clock(m[1], "0", half(""))) })
	return strings.Join(strings.Fields(s), " ")
}

func partOfDay(s string) (after, before int) {
	for _, part := range []struct {
		said          string
		after, before int
	}{
		{"early morning", 0, 10 * 60}, {"late morning", 10*60 + 30, 12 * 60}, {"mid morning", 9*60 + 30, 11*60 + 30}, {"first thing", 0, 10 * 60}, {"morning", 0, 12 * 60},
		{"early afternoon", 12 * 60, 14*60 + 30}, {"late afternoon", 15*60 + 30, 18 * 60}, {"mid afternoon", 14 * 60, 16 * 60}, {"afternoon", 12 * 60, 17 * 60},
		{"after lunch", 13 * 60, 17 * 60}, {"before lunch", 0, 12 * 60}, {"lunch", 12 * 60, 14 * 60}, {"end of the day", 16 * 60, daylong}, {"late in the day", 16 * 60, daylong},
		{"evening", 17 * 60, daylong}, {"tonight", 17 * 60, daylong}, {"after work", 17 * 60, daylong},
	} {
		if strings.Contains(s, part.said) {
			return part.after, part.before
		}
	}
	return 0, 0
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
