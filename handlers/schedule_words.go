package handlers

import (
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/language"

	"anteroom/domain/patients"
)

// sundayRegions begin their week on Sunday and saturdayRegions on Saturday; the others on Monday. From CLDR 46, weekData.
const (
	sundayRegions = " AG AS BD BR BS BT BW BZ CA CO DM DO ET GT GU HK HN ID IL IN JM JP KE KH KR LA MH MM MO MT MX MZ NI NP PA PE PH PK PR PT PY SA SG SV TH TT TW UM US " +
		"VE VI WS YE ZA ZW "
	saturdayRegions = " AE AF BH DJ DZ EG IQ IR JO KW LY OM QA SD SY "
)

func weekStart(day time.Time, locale string) time.Time {
	first := time.Monday
	switch region := " " + regionOf(locale) + " "; {
	case strings.Contains(sundayRegions, region):
		first = time.Sunday
	case strings.Contains(saturdayRegions, region):
		first = time.Saturday
	}
	return midnight(day, -int((day.Weekday()-first+7)%7))
}

func regionOf(locale string) string {
	region, _ := language.Make(locale).Region()
	return region.String()
}

// dayHeading and weekHeading write dates as the clinic does: Americans put the month first.
func dayHeading(day time.Time, locale string) string {
	if monthFirst(locale) {
		return day.Format("Mon, January 2, 2006")
	}
	return day.Format("Mon 2 January 2006")
}

func weekHeading(from, to time.Time, locale string) string {
	full, short, tail := "2 January 2006", "2 January", "2"
	if monthFirst(locale) {
		full, short, tail = "January 2, 2006", "January 2", ""
	}
	switch {
	case from.Year() != to.Year():
		return from.Format(full) + " to " + to.Format(full)
	case from.Month() != to.Month():
		return from.Format(short) + " to " + to.Format(full)
	case tail == "":
		return from.Format(short) + " to " + to.Format("2, 2006")
	}
	return from.Format(tail) + " to " + to.Format(full)
}

func monthFirst(locale string) bool { return patients.MonthFirst(locale) }

// shortName is what a practitioner is called in passing: Dr Adaeze Okafor is Dr Okafor, somebody without a title keeps the whole name.
func shortName(name string) string {
	words := strings.Fields(name)
	if len(words) < 3 {
		return name
	}
	switch strings.ToLower(strings.TrimSuffix(words[0], ".")) {
	case "dr", "prof", "mr", "mrs", "ms", "mx":
		return words[0] + " " + words[len(words)-1]
	}
	return name
}

// roomSlug is a room as the address says it: Room 1 is room-1.
func roomSlug(room string) string {
	words := strings.FieldsFunc(strings.ToLower(room), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return strings.Join(words, "-")
}

// clockChange says that the clocks change on a day, and when by the clock that ends: the hours of such a day are not those of others.
func clockChange(day, next time.Time, inWeek bool) string {
	_, change := day.ZoneBounds()
	if change.IsZero() || !change.Before(next) {
		return ""
	}
	_, before := day.Zone()
	_, after := change.Zone()
	words := "Clocks go forward"
	switch {
	case after == before:
		return ""
	case after < before:
		words = "Clocks go back"
	}
	if inWeek {
		words += " on " + day.Format("Mon 2")
	}
	return words + " at " + change.UTC().Add(time.Duration(before)*time.Second).Format("15:04")
}
