package calls

import (
	"fmt"
	"strings"
	"time"
)

// sayTime is a time as it is spoken to patients: "Tuesday the 24th of November at 10:30 AM", or in American English "Tuesday, November
// 24th at 10:30 AM". The year is said when it is not this one.
func sayTime(t, now time.Time, locale string) string {
	return sayDay(t, now, locale) + " at " + sayClock(t)
}

func sayDay(t, now time.Time, locale string) string {
	year := ""
	if t.Year() != now.Year() {
		year = fmt.Sprintf(" %d", t.Year())
	}
	if strings.EqualFold(locale, "en-US") {
		return fmt.Sprintf("%s, %s %s%s", t.Weekday(), t.Month(), ordinal(t.Day()), year)
	}
	return fmt.Sprintf("%s the %s of %s%s", t.Weekday(), ordinal(t.Day()), t.Month(), year)
}

// sayClock writes AM and PM in either country: voices read "10:30 AM" well, and "14:30" as a patient would not say it.
func sayClock(t time.Time) string {
	switch {
	case t.Hour() == 12 && t.Minute() == 0:
		return "12 noon"
	case t.Minute() == 0:
		return t.Format("3 PM")
	}
	return t.Format("3:04 PM")
}

func ordinal(n int) string {
	suffix := "th"
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return fmt.Sprintf("%d%s", n, suffix)
}

// saySpan is how long a hold lasts.
func saySpan(d time.Duration) string {
	seconds := int(d.Round(time.Second).Seconds())
	if seconds >= 120 && seconds%60 == 0 {
		return fmt.Sprintf("%d minutes", seconds/60)
	}
	return fmt.Sprintf("%d seconds", seconds)
}

// sayList joins names: "A, B or C".
func sayList(names []string, last string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " " + last + " " + names[len(names)-1]
}
