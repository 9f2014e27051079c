package calls

import (
	"slices"
	"strings"
	"time"

	"anteroom/domain/scheduling"
)

const whichTimes = "Which days or times would suit you?"

// preference reads when somebody could come: what is not understood is asked for. The days of a week are every such day. Its words are ours and
// not the caller's: they are kept with the answer.
func (v visit) preference(said string) (scheduling.Preference, error) {
	var p scheduling.Preference
	w := v.wish(said)
	if said == "" || w.empty() && w.Open {
		return p, nil
	}
	if w.Lost {
		return p, ask(whichTimes)
	}
	r := reader{v.now, v.clinic.Country}
	wanted, _ := sides(wishful(said))
	rest, from, until := r.limits(wanted)
	w.Any = r.times(rest)
	for i, a := range w.Any {
		w.Any[i].Every = a.Every || bareWeekday(rest) && !a.Day.IsZero()
	}
	if passed(w.Any, until, dayOf(v.now)) {
		return p, ask("That day has passed. " + whichTimes)
	}
	if len(w.Any) == 1 && !w.Any[0].Day.IsZero() && !w.Any[0].Every && from.IsZero() && until.IsZero() { // one day, or the days of one week
		from, until = w.Any[0].Day, w.Any[0].lastDay()
		w.Any[0].Day, w.Any[0].To = time.Time{}, time.Time{}
	}
	if until.Before(from) {
		until = time.Time{}
	}
	p.From, p.Until = dateOf(from), dateOf(until)
	p.Days, p.Parts = w.weekdays(), w.parts()
	p.Words = v.sayWishes(w, from, until)
	return p, nil
}

func passed(list []When, until, today time.Time) bool {
	return !until.IsZero() && until.Before(today) ||
		len(list) > 0 && !slices.ContainsFunc(list, func(w When) bool { return w.Day.IsZero() || w.Every || !w.lastDay().Before(today) })
}

// dateOf is a day as it is kept: midnight UTC.
func dateOf(day time.Time) *time.Time {
	if day.IsZero() {
		return nil
	}
	date := time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, time.UTC)
	return &date
}

// limits takes the first and the last day out of a phrase: "mornings, not before the 3rd".
func (r reader) limits(s string) (rest string, from, until time.Time) {
	at, word, said := r.boundIn(s)
	if at < 0 {
		return s, from, until
	}
	first, last := said, ""
	if to := through.FindStringIndex(said); to != nil && !r.one(said[to[1]:]).Day.IsZero() {
		first, last = said[:to[0]], said[to[1]:]
	}
	bound, ok := r.bound(word + " " + first)
	if !ok {
		return s, from, until
	}
	d := parseDay(first, dayOf(r.now), r.country)
	switch word {
	case "before":
		until = d.day.AddDate(0, 0, -1)
	case "by", "until", "till", "up to":
		until = bound.lastDay()
	default:
		from = bound.Day
	}
	rest = s[:at] + " " + d.rest
	if last != "" {
		until = r.until(When{Day: bound.Day}, last).lastDay()
		rest += " " + parseDay(last, dayOf(r.now), r.country).rest
	}
	return strings.Trim(rest, ", "), from, until
}

var weekdayCodes = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

// days are which days of a week these are, Monday first.
func (w When) days() (list []int) {
	for i := range weekdayCodes {
		if !w.Day.IsZero() && w.Every && w.on(w.Day.AddDate(0, 0, i-(int(w.Day.Weekday())+6)%7)) {
			list = append(list, i)
		}
	}
	return list
}

// weekdays are the days of the week that suit, as codes; none when that says less than was said.
func (w wishes) weekdays() (codes []string) {
	var suit [7]bool
	for i := range suit {
		suit[i] = len(w.Any) == 0 || !slices.ContainsFunc(w.Any, func(a When) bool { return a.Every })
	}
	for _, a := range w.Any {
		for _, i := range a.days() {
			suit[i] = true
		}
	}
	for _, n := range w.Not {
		for _, i := range n.days() {
			suit[i] = suit[i] && !n.timeless()
		}
	}
	for i, ok := range suit {
		if ok {
			codes = append(codes, weekdayCodes[i])
		}
	}
	if len(codes) == len(suit) {
		return nil
	}
	return codes
}

var dayParts = []struct {
	code, said    string
	after, before int
}{{"morning", "in the morning", 0, 12 * 60}, {"afternoon", "in the afternoon", 12 * 60, 17 * 60}, {"evening", "in the evening", 17 * 60, daylong}}

// parts are the parts of the day that suit, as codes.
func (w wishes) parts() (codes []string) {
	for _, p := range dayParts {
		is := func(a When) bool { return a.After == p.after && a.Before == p.before }
		out := slices.ContainsFunc(w.Not, func(n When) bool { return is(n) && n.Day.IsZero() })
		some := len(w.Not) > 0 && !slices.ContainsFunc(w.Any, func(a When) bool { return !a.timeless() }) && slices.ContainsFunc(w.Not, func(n When) bool { return n.Day.IsZero() && n.Minute < 0 })
		if !out && (some || slices.ContainsFunc(w.Any, is)) {
			codes = append(codes, p.code)
		}
	}
	return codes
}

// sayWishes repeats what was understood, so that the caller can correct it.
func (v visit) sayWishes(w wishes, from, until time.Time) string {
	out := v.sayTimes(w.Any)
	if not := v.sayTimes(w.Not); len(not) > 0 {
		out = append(out, "not "+strings.Join(not, " "))
	}
	if !from.IsZero() && from.Equal(until) {
		out = append(out, "on "+sayDay(from, v.now, v.clinic.Locale))
		from, until = time.Time{}, time.Time{}
	}
	if !from.IsZero() {
		out = append(out, "from "+sayDay(from, v.now, v.clinic.Locale))
	}
	if !until.IsZero() {
		out = append(out, "until "+sayDay(until, v.now, v.clinic.Locale))
	}
	return strings.Join(out, ", ")
}

// sayTimes says days that share their time of day together: "on Mondays or Tuesdays", "in the morning".
func (v visit) sayTimes(list []When) (out []string) {
	if len(list) == 0 {
		return nil
	}
	var days, hours []string
	for _, a := range list {
		if d := v.sayDays(a); !slices.Contains(days, d) {
			days = append(days, d)
		}
		if h := sayHours(a); !slices.Contains(hours, h) {
			hours = append(hours, h)
		}
	}
	if len(days) > 1 && len(hours) > 1 { // each day has its own
		var each []string
		for _, a := range list {
			each = append(each, strings.TrimSpace(v.sayDays(a)+" "+sayHours(a)))
		}
		return []string{sayList(each, "or")}
	}
	said := sayList(days, "or")
	if rest := strings.ReplaceAll(said, " on ", " "); strings.Count(said, "on ") == len(days) {
		said = rest
	}
	return slices.DeleteFunc([]string{said, sayList(hours, "or")}, func(s string) bool { return s == "" })
}

func (v visit) sayDays(w When) string {
	weekly := w.days()
	switch {
	case w.Day.IsZero():
		return ""
	case slices.Equal(weekly, []int{0, 1, 2, 3, 4}):
		return "on weekdays"
	case slices.Equal(weekly, []int{5, 6}):
		return "at weekends"
	case w.Every:
		names := make([]string, len(weekly))
		for i, d := range weekly {
			names[i] = time.Weekday((d+1)%7).String() + "s"
		}
		return "on " + sayList(names, "or")
	case w.To.IsZero():
		return "on " + sayDay(w.Day, v.now, v.clinic.Locale)
	}
	return "from " + sayDay(w.Day, v.now, v.clinic.Locale) + " to " + sayDay(w.lastDay(), v.now, v.clinic.Locale)
}

func sayHours(w When) string {
	clock := func(minute int) string { return sayClock(time.Date(2026, 1, 1, 0, minute, 0, 0, time.UTC)) }
	for _, p := range dayParts {
		if w.After == p.after && w.Before == p.before {
			return p.said
		}
	}
	switch {
	case w.Minute >= 0:
		return "at " + clock(w.Minute)
	case w.Before == 0:
		return ""
	case w.Before == daylong:
		return "after " + clock(w.After)
	case w.After == 0:
		return "before " + clock(w.Before)
	}
	return "between " + clock(w.After) + " and " + clock(w.Before)
}
