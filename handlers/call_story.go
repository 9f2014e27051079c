package handlers

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"anteroom/domain/calls"
	"anteroom/domain/scheduling"
	"anteroom/views"
	"anteroom/views/ui"
)

// storyOf tells the call once, in order, each step with its time and its reason.
func storyOf(r loadedCall, m views.Call, at *time.Location) []views.StoryItem {
	list := []views.StoryItem{{At: r.StartedAt, Icon: "phone-incoming", Tone: "is-plain", Title: answered(r, m), Why: r.Caller}}
	for _, u := range r.Tools {
		if ms, known := toolOffset(r.Record, u); known {
			item := views.StoryItem{At: r.StartedAt.Add(time.Duration(ms) * time.Millisecond), Icon: "zap", Tone: "is-tool", Title: u.Name, ID: true, End: toolTook(u)}
			if u.Failed {
				item.Tone, item.Why = "is-bad", "We answered with an error"
			}
			list = append(list, item)
		}
	}
	for _, b := range r.booked {
		list = append(list, bookingSteps(b, at)...)
	}
	for _, s := range r.story {
		if item, told := stepItem(s); told {
			list = append(list, item)
		}
	}
	if r.EndedAt != nil {
		list = append(list, views.StoryItem{At: *r.EndedAt, Icon: "phone", Tone: "is-plain", Title: endWords(r.EndedReason), End: views.CallLength(r.EndedAt.Sub(r.StartedAt))})
	}
	if r.RecordedAt != nil && r.RuleSet != "" {
		list = append(list, views.StoryItem{At: *r.RecordedAt, Icon: "eye-off", Tone: "is-plain", Title: "Redacted", Why: counted(m.Hidden, "place") + ", rules " + r.RuleSet})
	}
	list = append(list, turnItems(r, m)...)
	slices.SortStableFunc(list, func(a, b views.StoryItem) int { return a.At.Compare(b.At) })
	list = fold(list)
	day := r.StartedAt.In(at).Format(time.DateOnly)
	for i := range list {
		list[i].At = list[i].At.In(at)
		if on := list[i].At.Format(time.DateOnly); on != day {
			day, list[i].Day = on, list[i].At.Format("Mon 2 January")
		}
	}
	return list
}

func answered(r loadedCall, m views.Call) string {
	if r.Direction == calls.Outbound {
		return "Called by " + m.Agent
	}
	return "Answered by " + m.Agent
}

// turnItems are the turns, one each; what stands together folds into one dot. End tells how many were slow.
func turnItems(r loadedCall, m views.Call) (list []views.StoryItem) {
	for i, t := range r.Turns {
		if t.StartsMS == nil {
			continue
		}
		item := views.StoryItem{At: r.StartedAt.Add(time.Duration(*t.StartsMS) * time.Millisecond), Title: fmt.Sprint(t.Seq), Href: fmt.Sprintf("#turn-%d", t.Seq)}
		if m.Turns[i].Slow {
			item.End = "slow"
		}
		list = append(list, item)
	}
	return list
}

func fold(list []views.StoryItem) (out []views.StoryItem) {
	for i := 0; i < len(list); {
		if list[i].Icon != "" {
			out = append(out, list[i])
			i++
			continue
		}
		j, slow := i, 0
		for ; j < len(list) && list[j].Icon == ""; j++ {
			if list[j].End != "" {
				slow++
			}
		}
		item := list[i]
		item.Title, item.End = "Turn "+list[i].Title, ""
		if j-i > 1 {
			item.Title = fmt.Sprintf("Turns %s to %s", list[i].Title, list[j-1].Title)
		}
		if slow > 0 {
			item.Title += fmt.Sprintf(", %d over 800 ms", slow)
		}
		out = append(out, item)
		i = j
	}
	return out
}

func bookingSteps(b bookedCall, at *time.Location) (list []views.StoryItem) {
	words := b.StartsAt.In(at).Format("Mon 2 Jan 15:04") + ", " + b.ServiceName + ", " + shortName(b.Practitioner)
	for i, s := range b.steps {
		item := views.StoryItem{At: s.At, Icon: "calendar", Title: strings.ToUpper(s.ToStatus[:1]) + s.ToStatus[1:], Why: words}
		switch s.ToStatus {
		case scheduling.Pending:
			item.Icon, item.Tone, item.Title = "hourglass", "is-warn", "Held"
		case scheduling.Booked:
			item.Icon, item.Solid, item.Title = "check", true, "Booked"
		case scheduling.Cancelled:
			item.Icon, item.Tone, item.Title = "x", "is-plain", "Cancelled"
			if i > 0 && b.steps[i-1].ToStatus == scheduling.Pending {
				item.Title = "Hold ended"
			}
		default:
			continue // the day itself is told on the appointment
		}
		list = append(list, item)
	}
	return list
}

var aboutWords = map[string]string{"call-back": "asks to be called back", "appointment": "about an appointment", "results": "about results", "prescription": "about a prescription", "billing": "about billing", "other": "about something else"}

// stepItem says what came of the call or was done to it; false for what the page tells otherwise.
func stepItem(s calls.Step) (views.StoryItem, bool) {
	who := actorView(s.Actor, s.ActorName)
	item := views.StoryItem{At: s.At, Tone: "is-plain"}
	switch s.What {
	case calls.StepMessage:
		item.Icon, item.Tone, item.Title, item.Why = "message-square", "", "Message left", aboutWords[s.Detail]
		if s.Urgent {
			item.Title = "Urgent message left"
		}
		if s.Done {
			item.Why += ", done"
		}
	case calls.StepWaitlist:
		item.Icon, item.Tone, item.Title, item.Why = "clock", "", "Joined the waitlist", s.Detail
	case calls.StepReveal:
		item.Icon, item.Tone = "eye", "is-warn"
		item.Title, item.Why = capital(views.KindWords(s.Detail))+" shown to "+who.Name, views.CallReason(s.Reason)
	case calls.StepGlass:
		item.Icon, item.Tone, item.Title, item.Why = "shield", "is-warn", "Opened for an hour by "+who.Name, views.CallReason(s.Reason)
	default:
		return auditItem(item, s, who)
	}
	return item, true
}

func auditItem(item views.StoryItem, s calls.Step, who ui.Actor) (views.StoryItem, bool) {
	switch s.Detail {
	case "call.viewed":
		item.Icon, item.Title = "eye", "Opened by "+who.Name
	case "transcript.miss-marked":
		item.Icon, item.Tone, item.Title, item.Why = "flag", "is-warn", capital(views.KindWords(s.Reason))+" marked as missed", who.Name
	case "transcript.reviewed":
		item.Icon, item.Title, item.Why = "check", "Read, nothing missed", who.Name
	case "transcript.kept":
		item.Icon, item.Title, item.Why = "shield-check", "Kept hidden, rules "+s.Reason, who.Name
	case "transcript.rerun":
		item.Icon, item.Title, item.Why = "refresh-cw", "Redacted again, rules "+s.Reason, who.Name
	default:
		return item, false
	}
	return item, true
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// endWords are the platform's code for how a call ended, as people say it.
func endWords(code string) string {
	switch {
	case code == "":
		return "The call ended"
	case code == "customer-ended-call":
		return "Caller hung up"
	case code == "assistant-ended-call" || strings.HasPrefix(code, "assistant-said"):
		return "The agent ended the call"
	case code == "silence-timed-out":
		return "Ended after silence"
	case code == "assistant-forwarded-call":
		return "Put through to a person"
	case code == "exceeded-max-duration":
		return "Ended: too long"
	case code == "voicemail":
		return "Reached voicemail"
	}
	return "Ended: " + strings.ReplaceAll(code, "-", " ")
}

func rerunView(d calls.Difference, r loadedCall, at *time.Location) views.CallRerun {
	v := views.CallRerun{From: d.FromRules, To: d.ToRules, At: d.At.In(at), By: actorView(d.Actor, "")}
	for _, s := range r.story {
		if s.Detail == "transcript.rerun" && s.Actor == d.Actor && s.ActorName != "" {
			v.By.Name = s.ActorName
		}
	}
	for _, c := range d.Changes {
		list := &v.Added
		switch c.What {
		case calls.ChangeRemoved:
			list = &v.Removed
		case calls.ChangeNamed:
			list = &v.Named
		}
		if n := len(*list); n > 0 && (*list)[n-1].Seq == c.Seq && (*list)[n-1].Kind == c.Kind && (*list)[n-1].Now == c.Now {
			(*list)[n-1].Times++
			continue
		}
		*list = append(*list, views.CallChange{Seq: c.Seq, Kind: c.Kind, Now: c.Now, Times: 1})
	}
	return v
}
