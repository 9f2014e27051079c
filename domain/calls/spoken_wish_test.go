package calls

import (
	"strings"
	"testing"
	"time"
)

// inShort is "Mon 23 Nov–Wed 25 Nov 14:00–16:00 every; not …".
func inShort(w wishes) string {
	hour := func(minute int) string { return time.Date(2026, 1, 1, 0, minute, 0, 0, time.UTC).Format("15:04") }
	one := func(w When) string {
		var out []string
		if !w.Day.IsZero() {
			day := w.Day.Format("Mon 2 Jan")
			if !w.To.IsZero() {
				day += "–" + w.lastDay().Format("Mon 2 Jan")
			}
			out = append(out, day)
		}
		if w.Minute >= 0 {
			out = append(out, hour(w.Minute))
		}
		if w.Before > 0 {
			out = append(out, hour(w.After)+"–"+strings.Replace(hour(w.Before), "00:00", "24:00", 1))
		}
		if w.Every {
			out = append(out, "every week")
		}
		return strings.Join(out, " ")
	}
	var out []string
	for _, a := range w.Any {
		out = append(out, one(a))
	}
	for _, n := range w.Not {
		out = append(out, "not "+one(n))
	}
	switch {
	case w.Lost:
		out = append(out, "lost")
	case w.Open && len(out) == 0:
		out = append(out, "open")
	}
	return strings.Join(out, "; ")
}

func TestWhatPeopleSayOfWhenTheyCouldCome(t *testing.T) {
	t.Parallel()
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 19, 9, 0, 0, 0, london) // a Thursday
	for phrase, want := range map[string]string{
		"any day but Tuesday":               "not Tue 24 Nov every week",
		"not Monday":                        "not Mon 23 Nov every week",
		"tomorrow not in the morning":       "Fri 20 Nov; not 00:00–12:00",
		"anytime except mornings next week": "Mon 23 Nov–Sun 29 Nov; not 00:00–12:00",
		"not before 3":                      "15:00–24:00",
		"anything but Fridays":              "not Fri 20 Nov every week",
		"last Friday":                       "Fri 13 Nov",
		"yesterday":                         "Wed 18 Nov",
		"Monday or Tuesday morning":         "Mon 23 Nov 00:00–12:00; Tue 24 Nov 00:00–12:00",
		"Thursday or Friday morning":        "Thu 26 Nov 00:00–12:00; Fri 20 Nov 00:00–12:00",
		"Monday to Wednesday":               "Mon 23 Nov–Wed 25 Nov",
		"Monday and Thursday afternoons":    "Mon 23 Nov 12:00–17:00; Thu 26 Nov 12:00–17:00",
		"ASAP":                              "open",
		"as soon as possible":               "open",
		"next available":                    "open",
		"the soonest you have":              "open",
		"any time":                          "open",
		"whenever":                          "open",
		"first available":                   "open",
		"earliest":                          "open",
		"I don't mind":                      "open",
		"end of the month":                  "Sat 21 Nov–Mon 30 Nov",
		"mid December":                      "Fri 11 Dec–Sun 20 Dec",
		"late December":                     "Mon 21 Dec–Thu 31 Dec",
		"beginning of December":             "Tue 1 Dec–Thu 10 Dec",
		"start of December":                 "Tue 1 Dec–Thu 10 Dec",
		"middle of December":                "Fri 11 Dec–Sun 20 Dec",
		"the weekend":                       "Sat 21 Nov–Sun 22 Nov",
		"this weekend":                      "Sat 21 Nov–Sun 22 Nov",
		"end of next week":                  "Thu 26 Nov–Sun 29 Nov",
		"half past two":                     "14:30",
		"quarter to five":                   "16:45",
		"week after next":                   "Mon 30 Nov–Sun 6 Dec",
		"next month":                        "Tue 1 Dec–Thu 31 Dec",
		"after 3pm":                         "15:00–24:00",
		"before 10am":                       "00:00–10:00",
		"between 2 and 4 on Fridays":        "Fri 20 Nov 14:00–16:00 every week",
		"before 3/4/2027 evenings":          "Thu 19 Nov–Fri 2 Apr 17:00–24:00",
		"I work until 5":                    "17:00–24:00",
		"within two weeks":                  "Thu 19 Nov–Thu 3 Dec",
		"within a week":                     "Thu 19 Nov–Thu 26 Nov",
		"in the next few days":              "Thu 19 Nov–Mon 23 Nov",
		"within the next three days, not in the morning": "Thu 19 Nov–Sun 22 Nov; not 00:00–12:00",
		"31st of February":                               "lost",
		"not on Mondays":                                 "not Mon 23 Nov every week",
		"Wednesday to Monday":                            "Wed 25 Nov–Mon 30 Nov",
		"from tomorrow until Friday":                     "Fri 20 Nov–Fri 20 Nov",
		"between Monday and Wednesday":                   "Mon 23 Nov–Wed 25 Nov",
		"the 1st, 3rd or 5th of December":                "Tue 1 Dec; Thu 3 Dec; Sat 5 Dec",
		"the 3rd or 4th of January":                      "Sun 3 Jan; Mon 4 Jan",
		"mornings on Monday or Tuesday":                  "Mon 23 Nov 00:00–12:00; Tue 24 Nov 00:00–12:00",
		"Tuesday morning or afternoon":                   "Tue 24 Nov 00:00–12:00; Tue 24 Nov 12:00–17:00",
		"Monday at 2 or Tuesday at 3":                    "Mon 23 Nov 14:00; Tue 24 Nov 15:00",
		"10 or 11 on Tuesday":                            "Tue 24 Nov 10:00; Tue 24 Nov 11:00",
		"not Monday but Tuesday":                         "Tue 24 Nov; not Mon 23 Nov every week",
		"Monday, Tuesday or Wednesday":                   "Mon 23 Nov; Tue 24 Nov; Wed 25 Nov",
		"Tuesday, November 24th at 2 PM":                 "Tue 24 Nov 14:00",
		"after Friday":                                   "Sat 21 Nov–Fri 27 Nov",
		"before Friday":                                  "Thu 19 Nov–Thu 19 Nov",
		"by Friday":                                      "Thu 19 Nov–Fri 20 Nov",
		"after 3 on Tuesday":                             "Tue 24 Nov 15:00–24:00",
		"Tuesday after 3":                                "Tue 24 Nov 15:00–24:00",
		"Friday onwards":                                 "Fri 20 Nov–Thu 26 Nov",
		"Monday to Friday 2-4pm":                         "Mon 23 Nov–Fri 27 Nov 14:00–16:00",
		"Mon-Wed":                                        "Mon 23 Nov–Wed 25 Nov",
		"not in the morning tomorrow":                    "Fri 20 Nov; not 00:00–12:00",
		"not tomorrow morning":                           "not Fri 20 Nov 00:00–12:00",
		"not Mondays or Fridays next week":               "Mon 23 Nov–Sun 29 Nov; not Mon 23 Nov every week; not Fri 20 Nov every week",
		"weekdays only":                                  "Mon 16 Nov–Fri 20 Nov every week",
		"Wednesday at 10 or later":                       "Wed 25 Nov 10:00–24:00",
		"in two weeks":                                   "Thu 3 Dec",
		"the Tuesday after next":                         "Tue 1 Dec",
		"the day after tomorrow at noon":                 "Sat 21 Nov 12:00",
		"Monday or Tuesday mornings, not before the 3rd": "Mon 7 Dec 00:00–12:00; Tue 8 Dec 00:00–12:00",
		"2026-11-24T10:30":                               "Tue 24 Nov 10:30",
		"2026-12-01 morning":                             "Tue 1 Dec 00:00–12:00",
		"between half past two and four":                 "14:30–16:00",
		"Monday morning or Tuesday":                      "Mon 23 Nov 00:00–12:00; Tue 24 Nov",
		"I can't do Monday":                              "not Mon 23 Nov every week",
		"in March":                                       "Mon 1 Mar–Wed 31 Mar",
		"early next week":                                "Mon 23 Nov–Tue 24 Nov",
		"after Christmas":                                "Sat 26 Dec–Fri 1 Jan",
		"from 2pm to 4pm":                                "14:00–16:00",
		"2 to 4":                                         "14:00–16:00",
		"next week but not Monday":                       "Mon 23 Nov–Sun 29 Nov; not Mon 23 Nov every week",
		"any time after the 3rd":                         "Fri 4 Dec–Thu 10 Dec",
		"Tuesday or so":                                  "Tue 24 Nov",
		"no Mondays please":                              "not Mon 23 Nov every week",
		"not too early":                                  "lost",
		"when my mum is free":                            "lost",
		"the 3rd of December at half past ten":           "Thu 3 Dec 10:30",
		"two days ago":                                   "Tue 17 Nov",
		"next Tuesday or the one after":                  "Tue 24 Nov",
		"any afternoon except Wednesday":                 "12:00–17:00; not Wed 25 Nov every week",
		"any Monday":                                     "Mon 23 Nov every week",
		"every Friday":                                   "Fri 20 Nov every week",
		"Friday, but not in the morning":                 "Fri 20 Nov; not 00:00–12:00",
		"quarter to five on Monday":                      "Mon 23 Nov 16:45",
		"first thing on Monday":                          "Mon 23 Nov 00:00–10:00",
		"not first thing":                                "not 00:00–10:00",
		"not this week":                                  "not Thu 19 Nov–Sun 22 Nov",
		"around lunchtime":                               "12:00–14:00",
		"Saturday and Sunday":                            "Sat 21 Nov; Sun 22 Nov",
		"later this week":                                "Fri 20 Nov–Sun 22 Nov",
		"first week of December":                         "Tue 1 Dec–Mon 7 Dec",
		"12/3 or 13/3":                                   "Fri 12 Mar; Sat 13 Mar",
		"Monday the 23rd or Tuesday the 24th at 10":      "Mon 23 Nov 10:00; Tue 24 Nov 10:00",
		"not Thursday or Friday":                         "not Thu 26 Nov every week; not Fri 20 Nov every week",
		"weekends":                                       "Sat 21 Nov–Sun 22 Nov every week",
		"any weekday afternoon":                          "Mon 16 Nov–Fri 20 Nov 12:00–17:00 every week",
		"not at the weekend":                             "not Sat 21 Nov–Sun 22 Nov every week",
		"Mondays before Christmas":                       "Mon 23 Nov every week",
		"Tuesday after Christmas":                        "Tue 29 Dec",
		"Monday at 2 or 3":                               "Mon 23 Nov 14:00; Mon 23 Nov 15:00",
		"half past 2 or 3 on Friday":                     "Fri 20 Nov 14:30; Fri 20 Nov 15:00",
		"the 3rd to the 7th of December":                 "Thu 3 Dec–Mon 7 Dec",
		"Monday through Thursday":                        "Mon 23 Nov–Thu 26 Nov",
		"late next month":                                "Mon 21 Dec–Thu 31 Dec",
		"the week after next, mornings only":             "Mon 30 Nov–Sun 6 Dec 00:00–12:00",
		"everything except Wednesday afternoon":          "not Wed 25 Nov 12:00–17:00 every week",
		"from Monday to Thursday but not Tuesday":        "Mon 23 Nov–Thu 26 Nov; not Tue 24 Nov every week",
		"I'm away until the 3rd":                         "Thu 3 Dec–Wed 9 Dec", "I am busy on Mondays": "not Mon 23 Nov every week",
	} {
		if got := inShort(parseWishes(phrase, now, "GB")); got != want {
			t.Errorf("%q is %q, want %q", phrase, got, want)
		}
	}
}
