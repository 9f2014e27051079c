package calls_test

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

var offeredTime = regexp.MustCompile(`\d: (\w{3})\w* the (\d+)\w+ of \w+ at (12 noon|[\d:]+ [AP]M)`)

// timesIn are the times of an offer, as "Tue 24 3:15 PM".
func timesIn(said string) string {
	var list []string
	for _, m := range offeredTime.FindAllStringSubmatch(said, -1) {
		list = append(list, m[1]+" "+m[2]+" "+m[3])
	}
	return strings.Join(list, ", ")
}

// week opens the test clinic from nine to five on Friday the 20th, Monday, Wednesday and Thursday: with its Tuesday these are five days.
func (c *clinic) week() {
	for _, day := range []int{20, 23, 25, 26} {
		c.open(time.Date(2026, 11, day, 0, 0, 0, 0, time.UTC), 9, 17)
	}
}

func TestCallersAreOfferedWhatTheyAskFor(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	c.week()
	k := c.call("call-1", caller)
	for _, x := range []struct {
		a     args
		times string // all of them, or words of the answer when it begins with a letter that no weekday has
	}{
		// What does not suit is not offered.
		{args{"day": "Friday, but not in the morning"}, "Fri 20 12 noon, Fri 20 1 PM, Fri 20 2:15 PM, Fri 20 3:30 PM, Fri 20 4:45 PM"},
		{args{"day": "tomorrow not before 3"}, "Fri 20 3 PM, Fri 20 3:15 PM, Fri 20 3:45 PM, Fri 20 4:15 PM, Fri 20 4:45 PM"},
		// A time of day bounds every day.
		{args{"from": "2pm", "to": "4pm", "day": "Friday"}, "Fri 20 2 PM, Fri 20 2:15 PM, Fri 20 2:45 PM, Fri 20 3:15 PM, Fri 20 3:45 PM"},
		{args{"from": "4:30pm"}, "Fri 20 4:30 PM, Fri 20 4:45 PM, Mon 23 4:45 PM, Tue 24 4:45 PM, Wed 25 4:45 PM"},
		{args{"day": "next week", "from": "16:30"}, "Mon 23 4:30 PM, Mon 23 4:45 PM, Tue 24 4:45 PM, Wed 25 4:45 PM, Thu 26 4:45 PM"},
		{args{"from": "Wednesday 4:30 pm", "to": "5pm"}, "Wed 25 4:30 PM, Wed 25 4:45 PM"},
		// The days that are named, and all of them.
		{args{"day": "Wednesday or Thursday", "from": "16:30"}, "Wed 25 4:30 PM, Wed 25 4:45 PM, Thu 26 4:30 PM, Thu 26 4:45 PM"},
		{args{"day": []any{"Wednesday", "Thursday"}, "time": "from 4:45"}, "Wed 25 4:45 PM, Thu 26 4:45 PM"},
		{args{"day": map[string]any{"date": "2026-11-25", "part": "after 4:30"}}, "Wed 25 4:30 PM, Wed 25 4:45 PM"},
		{args{"day": map[string]any{"from": "Wednesday", "to": "Thursday"}, "to": "9:15"}, "Wed 25 9 AM, Thu 26 9 AM"},
		{args{"day": []any{map[string]any{"weekday": "Wednesday"}, map[string]any{"weekday": "Thursday"}}, "to": "9:15"}, "Wed 25 9 AM, Thu 26 9 AM"},
		{args{"from": "Wednesday", "to": "Monday", "time": "until 9:15"}, "Wed 25 9 AM, Thu 26 9 AM"},
		// A time of day without a day: it, on the first days.
		{args{"day": "half past two"}, "Fri 20 2:15 PM, Fri 20 2:30 PM, Mon 23 2:30 PM, Tue 24 2:30 PM, Wed 25 2:30 PM"},
		{args{"day": "quarter to five next week"}, "Mon 23 4:30 PM, Mon 23 4:45 PM, Tue 24 4:45 PM, Wed 25 4:45 PM, Thu 26 4:45 PM"},
		{args{"day": "Monday at 2 or Tuesday at 3"}, ""},
		// As soon as there is something.
		{args{"day": "ASAP"}, "Fri 20 9 AM, Fri 20 10 AM, Fri 20 11:15 AM, Fri 20 12:30 PM, Fri 20 1:45 PM"},
	} {
		x.a["service"] = "mole-check"
		said := k.says("Free times for Mole check", false, "find_slots", x.a)
		if got := timesIn(said); x.times != "" && got != x.times {
			t.Errorf("%v: %s, want %s", x.a, got, x.times)
		}
	}
}

func TestWhatWasRuledOutIsNotOffered(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	c.week()
	k := c.call("call-1", caller)
	for said, never := range map[string]string{
		"any day but Tuesday": "Tue", "not Monday": "Mon", "anything but Fridays": "Fri", "tomorrow not in the morning": "AM", "anytime except mornings next week": "AM|Fri 20",
		"not before 3": "AM|noon| 1[: ]| 2[: ]", "next week but not Monday or Wednesday": "Mon|Wed|Fri 20", "I can't do Friday or Monday": "Fri|Mon", "no afternoons": "PM",
	} {
		got := timesIn(k.says("Free times", false, "find_slots", args{"service": "mole-check", "day": said}))
		if got == "" || regexp.MustCompile(never).MatchString(got) {
			t.Errorf("%q is offered %s", said, got)
		}
	}
	for _, only := range []string{"any day but Tuesday", "Monday or Wednesday"} {
		empty := newClinic(t) // it is open on the Tuesday alone
		want := map[bool]string{true: "Nothing is free for Mole check at the times that suit the caller. Other times are free: 1: Tuesday", false: "Nothing is free for Mole check at that time. The next free times are: 1: Tuesday"}
		empty.call("call-1", caller).says(want[strings.Contains(only, "but")], false, "find_slots", args{"service": "mole-check", "day": only})
	}
}

func TestEveryDayThatIsNamedIsOffered(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	c.week()
	k := c.call("call-1", caller)
	for said, days := range map[string]string{
		"Monday or Tuesday morning": "Mon 23 Tue 24", "Thursday or Friday morning": "Fri 20 Thu 26", "Monday to Wednesday": "Mon 23 Tue 24 Wed 25", "Monday and Thursday afternoons": "Mon 23 Thu 26",
		"next week": "Mon 23 Tue 24 Wed 25 Thu 26", "Monday, Wednesday or Thursday": "Mon 23 Wed 25 Thu 26", "between Monday and Wednesday": "Mon 23 Tue 24 Wed 25", "end of next week": "Thu 26",
		"beginning of next week": "Mon 23 Tue 24", "the end of the month": "Mon 23 Tue 24 Wed 25 Thu 26", "this week": "Fri 20",
	} {
		got := timesIn(k.says("Free times", false, "find_slots", args{"service": "mole-check", "day": said}))
		var seen []string
		for _, at := range strings.Split(got, ", ") {
			if day := at[:6]; len(seen) == 0 || seen[len(seen)-1] != day {
				seen = append(seen, day)
			}
		}
		if strings.Join(seen, " ") != days {
			t.Errorf("%q is offered %s, want days %s", said, got, days)
		}
		if strings.Contains(said, "morning") && strings.Contains(got, "PM") || strings.Contains(said, "afternoon") && strings.Contains(got, "AM") {
			t.Errorf("%q is offered %s", said, got)
		}
	}
}

func TestWhatCannotBeSearchedIsSaidAndAskedFor(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	k := c.call("call-1", caller)
	const farther = "We book up to Wednesday the 30th of December. Which day until then would suit you?"
	for said, want := range map[string]string{
		"in 90 days": farther, "in March": farther, "3/4/2027": farther, "in 999 days": farther, "5 December 2030": farther, "5 December 2030 at 10": farther,
		"last Friday": "That day has passed", "yesterday": "That day has passed", "last week": "That day has passed", "two days ago at ten": "That time has passed",
		"31st of February": "Which day would suit you", "Tuesday but not Tuesday": "Which day and time would suit you",
	} {
		k.says(want, true, "find_slots", args{"service": "mole-check", "day": said})
	}
	k.says(farther, true, "find_slots", args{"service": "mole-check", "from": "2028-01-01"})
	k.says(farther, true, "claim_slot", args{"service": "mole-check", "starts_at": "5 December 2030 at 10"})
	k.says(farther, true, "book_appointment", args{"service": "mole-check", "name": "Ada Lovelace", "starts_at": "in 999 days at 10"})
	// Who says two times, or what does not suit, has not chosen one.
	for _, said := range []string{"Tuesday at 10 or Wednesday at 10", "not Tuesday at 10", "any day but Tuesday at 10"} {
		k.says("Which day and time would you like", true, "book_appointment", args{"service": "mole-check", "name": "Ada Lovelace", "starts_at": said})
	}
	k.says("Which day would suit you", true, "find_slots", args{"service": "mole-check", "day": map[string]any{"moon": "full"}})
	if n := c.ask(`select count(*)::int from appointments`); n != 0 {
		t.Errorf("%d are held or booked", n)
	}
}

func TestNoPreferenceRestrictsNothing(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	k := c.call("call-1", caller)
	for _, said := range []string{"ASAP", "as soon as possible", "next available", "the soonest you have", "any time", "whenever", "first available", "the first one you have", "earliest", "I don't mind", "I'm not fussed"} {
		k.says("Free times for Mole check: 1: Tuesday the 24th of November at 9 AM", false, "find_slots", args{"service": "mole-check", "day": said})
	}
	for _, who := range []string{"any doctor", "either of them", "whoever is free", "no preference", "anyone", "I don't mind who"} {
		k.says("Free times for Mole check: 1: Tuesday", false, "find_slots", args{"service": "mole-check", "practitioner": who})
	}
}
