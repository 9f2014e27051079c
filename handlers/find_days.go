package handlers

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"anteroom/domain/calls"
	"anteroom/domain/scheduling"
	"anteroom/views"
)

// dayWord is what a day is asked for with: numbers, ordinals, months, weekdays and the words between them.
var dayWord = regexp.MustCompile(`^(\d{1,4}(st|nd|rd|th)?|\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./-]\d{1,2}([./-](\d{4}|\d{2}))?|jan[a-z]*|feb[a-z]*|mar(ch)?|apr[a-z]*|may|jun[e]?|jul[y]?|aug[a-z]*|sep[a-z]*|oct[a-z]*|` +
	`nov[a-z]*|dec[a-z]*|(sun|mon|tue|tues|wed|wednes|thu|thur|thurs|fri|sat|satur)(day)?|next|last|this|today|tomorrow|yesterday|week|weeks|days?|in|on|to|go|the|of|day|after)$`)

var (
	numericDay = regexp.MustCompile(`^(\d{1,2})[./-](\d{1,2})(?:[./-](\d{4}|\d{2}))?$`)
	inSoMany   = regexp.MustCompile(`^in (\d{1,3}) (days?|weeks?)$`)
)

// findDays are the day that was asked for, and the days of practitioners who were.
func (a *app) findDays(c *fiber.Ctx, w wanted, doctors []scheduling.Practitioner) (items []views.FoundItem) {
	m := of(c).member
	if !a.admits(m.Role, "/schedule") || w.asked == "" {
		return nil
	}
	now := time.Now().In(zone(c))
	if day := askedDay(w.words, now, m.Locale); !day.IsZero() {
		items = append(items, views.FoundItem{Label: "Go to " + dayHeading(day, m.Locale), End: howFar(midnight(now, 0), day), Icon: "calendar", Href: dayAddress(day)})
	}
	for _, p := range doctors {
		if w.matches(p.Name) && len(items) < mostPages {
			items = append(items, views.FoundItem{Label: p.Name, Hits: w.typed, More: joined("The day of today", p.Room), Who: p.Name, Href: dayAddress(now) + "&practitioner=" + p.ID.String()})
		}
	}
	return items
}

// askedDay is the day that the words name, and the zero time when they are not about a day alone.
func askedDay(words []string, now time.Time, locale string) time.Time {
	for _, word := range words {
		if !dayWord.MatchString(strings.TrimSuffix(word, ",")) {
			return time.Time{}
		}
	}
	phrase := strings.TrimPrefix(strings.TrimPrefix(strings.Join(words, " "), "go to "), "on ")
	switch phrase {
	case "yesterday":
		return midnight(now, -1)
	case "next week":
		return midnight(now, 7)
	case "last week":
		return midnight(now, -7)
	}
	if m := inSoMany.FindStringSubmatch(phrase); m != nil {
		n, _ := strconv.Atoi(m[1])
		if strings.HasPrefix(m[2], "week") {
			n *= 7
		}
		return midnight(now, n)
	}
	if m := numericDay.FindStringSubmatch(phrase); m != nil {
		return numericDate(m, now, locale)
	}
	return calls.ParseWhen(phrase, now, locale).Day
}

// numericDate reads 3/12 as the clinic does: the 3rd of December, or in America the 12th of March. Without a year it is the next one.
func numericDate(m []string, now time.Time, locale string) time.Time {
	day, _ := strconv.Atoi(m[1])
	month, _ := strconv.Atoi(m[2])
	if monthFirst(locale) {
		day, month = month, day
	}
	year := now.Year()
	if m[3] != "" {
		year, _ = strconv.Atoi(m[3])
		if year < 100 {
			year += 2000
		}
	}
	at := time.Date(year, time.Month(month), day, 0, 0, 0, 0, now.Location())
	if at.Day() != day || int(at.Month()) != month {
		return time.Time{}
	}
	if m[3] == "" && at.Before(midnight(now, -30)) {
		at = time.Date(year+1, time.Month(month), day, 0, 0, 0, 0, now.Location())
	}
	return at
}

// howFar is a day as people count from today.
func howFar(today, day time.Time) string {
	n := int(day.Sub(today).Round(24*time.Hour) / (24 * time.Hour))
	switch {
	case n == 0:
		return "today"
	case n == 1:
		return "tomorrow"
	case n == -1:
		return "yesterday"
	case n > 1:
		return "in " + strconv.Itoa(n) + " days"
	}
	return strconv.Itoa(-n) + " days ago"
}
