package views

import (
	"time"

	"anteroom/views/ui"
)

func sceneCallRows(n int) (rows []CallRow) {
	outcomes := []string{"booked", "not-booked", "message", "abandoned", "moved", "cancelled", "waitlist", ""}
	for i := range n {
		rows = append(rows, CallRow{Href: "/calls/c" + thousands(i), At: sceneNow.Add(-time.Duration(11+i*37) * time.Minute), Caller: "07••• •••" + thousands(652-i), Agent: "Ava",
			Outcome: outcomes[i%len(outcomes)], Length: CallLength(time.Duration(144-i) * time.Second), Hidden: i * 3 % 11, Review: []string{"none", "wanted", "done"}[i%3]})
	}
	if n > 3 {
		rows[2].Caller = ""
	}
	return rows
}

func sceneCallsFilter() CallsFilter {
	return CallsFilter{Agents: []ui.Option{{Value: "a1", Label: "Ava"}, {Value: "a2", Label: "Sarah"}}}
}

func callStates() []State {
	all := append(callListStates(), callPageStates()...)
	all = append(append(all, callFormStates()...), callRulesStates()...)
	return append(all, callReviewStates()...)
}

func callListStates() []State {
	list := func(name string, m Calls) State {
		m.Shell = sceneShell("Calls", "Calls")
		m.Part.Now, m.Part.CSRF = sceneNow, m.Shell.CSRF
		m.Part.Filter.Agents = sceneCallsFilter().Agents
		return State{name, "Calls", CallsPage(m)}
	}
	found := sceneCallRows(3)
	found[0].Said = &CallExcerpt{Href: "/calls/c0#turn-6", Text: "Oh, today would be amazing. Quarter past four.", Terms: []string{"quart"}}
	found[1].Said = &CallExcerpt{Href: "/calls/c1#turn-9", Agent: true, Text: "… I am holding quarter past four for you. Are you taking any medicines we should note? And please bring photo identification, a list of your medicines, and whoever should be with you when the doctor explains …", Terms: []string{"quart"}}
	set := CallsFilter{Period: "7", Outcome: "abandoned", Review: "wanted"}
	live := scenePulse().Calls
	return []State{
		list("calls", Calls{Part: CallsPart{Live: live, Rows: sceneCallRows(14), First: true, Next: "next"}}),
		list("calls-none", Calls{Part: CallsPart{First: true}}),
		list("calls-reviewer", Calls{Reviews: "/calls/reviews", Owed: 2, Part: CallsPart{Rows: sceneCallRows(6), First: true}}),
		list("calls-filtered", Calls{Part: CallsPart{Rows: sceneCallRows(4), Filter: set, First: true}}),
		list("calls-filtered-none", Calls{Part: CallsPart{Filter: set, First: true}}),
		list("calls-found", Calls{Part: CallsPart{Query: "quarter", Searched: true, Rows: found, First: true, Next: "next"}}),
		list("calls-found-none", Calls{Part: CallsPart{Query: "zzz", Searched: true, First: true}}),
		list("calls-short", Calls{Part: CallsPart{Query: "q", Searched: true, Problem: "Type at least two letters or digits.", First: true}}),
		list("calls-many", Calls{Part: CallsPart{Live: append(append(live, live...), live...), Rows: sceneCallRows(50), Next: "next"}}),
	}
}

func sceneSpan(id, kind string, mine bool) Piece {
	return Piece{Span: &HiddenSpan{ID: id, CallID: "c0", Kind: kind, Mine: mine}}
}

func sceneTalk() []CallTurn {
	text := func(s string) Piece { return Piece{Text: s} }
	return []CallTurn{
		{Seq: 1, Agent: true, Who: "Ava", At: "0:00", Pieces: []Piece{text("Good morning, Northside Aesthetics. This is Ava, the clinic’s voice assistant. The call is transcribed. How can I help?")}},
		{Seq: 2, Who: "Caller", At: "0:11", Pieces: []Piece{text("Hi, um, it’s "), sceneSpan("s1", "PERSON", true), text(". I’d like to see someone about "), sceneSpan("s2", "PROCEDURE", false), text(". I’ve had "), sceneSpan("s3", "CONDITION", false), text(" ever since I broke it playing netball.")}},
		{Seq: 3, Agent: true, Who: "Ava", At: "0:19", Latency: "680 ms", Pieces: []Piece{text("Thank you for telling me. That is a consultation with Dr Okafor, it takes an hour. What is your date of birth, so that I can find your record?")}},
		{Seq: 4, Who: "Caller", At: "0:29", Pieces: []Piece{text("It’s the "), sceneSpan("s4", "DATE_OF_BIRTH", true), text(".")}, Tools: []TurnTool{{Name: "find_my_appointments", Took: "19 ms"}}},
		{Seq: 5, Agent: true, Who: "Ava", At: "0:37", Missing: true, Pieces: []Piece{text("Thanks. And the first line of your address?")}},
		{Seq: 6, Who: "Caller", At: "0:44", Pieces: []Piece{sceneSpan("s5", "ADDRESS", true), text(", and my mobile is "), sceneSpan("s6", "PHONE", true), text(".")}, Tools: []TurnTool{{Name: "find_slots", Took: "23 ms"}, {Name: "claim_slot", Failed: true, Took: "18 ms"}}},
		{Seq: 7, Agent: true, Who: "Ava", At: "0:57", Latency: "1,184 ms", Slow: true, Pieces: []Piece{text("There is a free hour today at quarter past four, or Thursday at quarter to three, or Friday at nine. Which suits you?")}},
	}
}

func sceneStrip() *Strip {
	bar := func(turn int, at float64, ms int, stages ...int) StripBar {
		b := StripBar{Turn: turn, At: at, MS: ms}
		copy(b.Stages[:], stages)
		return b
	}
	return &Strip{Length: 144 * time.Second, Average: [Stages]int{191, 94, 279, 117, 53},
		Bars: []StripBar{bar(3, 13, 680, 130, 94, 279, 120, 57), bar(5, 26, 0), bar(7, 40, 1184, 322, 131, 548, 129, 54), bar(9, 60, 646), bar(11, 82, 588, 110, 80, 240, 105, 53)},
		Talk: []TalkBar{{0, 6, true}, {8, 5, false}, {13, 8, true}, {20, 5, false}, {26, 5, true}, {32, 7, false}, {40, 9, true}}, Tools: []float64{24, 38, 58}}
}

func sceneStory() []StoryItem {
	at := func(s int) time.Time { return sceneAt(24, 10, 31).Add(time.Duration(s) * time.Second) }
	return []StoryItem{
		{At: at(4), Icon: "phone-incoming", Tone: "is-plain", Title: "Answered by Ava", Why: "07••• •••652"},
		{At: at(9), Title: "Turns 1 to 4, 1 over 800 ms", Href: "#turn-1"},
		{At: at(39), Icon: "zap", Tone: "is-tool", Title: "find_my_appointments", ID: true, End: "19 ms"},
		{At: at(76), Icon: "zap", Tone: "is-bad", Title: "claim_slot", ID: true, End: "18 ms", Why: "We answered with an error"},
		{At: at(77), Icon: "hourglass", Tone: "is-warn", Title: "Held", Why: "Tue 24 Nov 16:15, Rhinoplasty consultation, Dr Okafor"},
		{At: at(119), Icon: "check", Solid: true, Title: "Booked", Why: "Tue 24 Nov 16:15, Rhinoplasty consultation, Dr Okafor"},
		{At: at(120), Icon: "message-square", Title: "Urgent message left", Why: "asks to be called back"},
		{At: at(148), Icon: "phone", Tone: "is-plain", Title: "Caller hung up", End: "2 min 24 s"},
		{At: at(149), Icon: "eye-off", Tone: "is-plain", Title: "Redacted", Why: "10 places, rules 2026.11-1"},
		{At: at(642), Icon: "eye", Tone: "is-warn", Title: "Date of birth shown to Imogen Clarke", Why: "Booking or confirming who it is"},
	}
}

func sceneCall() Call {
	return Call{ID: "c0", Began: sceneAt(24, 10, 31), Now: sceneNow, Outcome: "booked", Agent: "Ava", Turns: sceneTalk(), Hidden: 6, Locked: 2, Strip: sceneStrip(), CanMark: true,
		Facts: []Fact{{Name: "Agent", Value: "Ava, inbound", Agent: true}, {Name: "Caller", Value: "07••• •••652"}, {Name: "Length", Value: "2 min 24 s"}, {Name: "Turn time", Value: "Median 680 ms, slowest 1,184 ms"},
			{Name: "Our share", Value: "3 tool calls, 60 ms"}, {Name: "Redacted", Value: "6 places, rules 2026.11\u20111"}, {Name: "Cost", Value: "US$0.19"}},
		Kinds:      KindOptions([]string{"PERSON", "ADDRESS", "CONDITION"}),
		PatientURL: "/patients/p1", Results: []CallResult{{Href: "/appointments/a1", Name: "Niamh O’Rourke", Status: StateBooked, From: sceneAt(24, 16, 15), To: sceneAt(24, 17, 15), Service: "Rhinoplasty consultation", Practitioner: "Dr Adaeze Okafor"}},
		Suggestions: sceneSuggestions()[:1], Story: sceneStory()}
}

func callPageStates() []State {
	call := func(name string, m Call) State {
		m.Shell = sceneShell("Call", "Calls")
		return State{name, "Calls", CallPage(m)}
	}
	opened := sceneCall()
	open := OpenedSpan{ID: "s4", Words: "fourteenth of March, eighty-nine", Until: sceneNow.Add(47 * time.Second), Left: 47 * time.Second, Why: "Booking or confirming who it is"}
	opened.Turns[3].Pieces[1].Span.Open, opened.Opened = &open, &open
	glass := sceneCall()
	glass.Glass, glass.Locked = &OpenGlass{ID: "g1", Until: sceneAt(24, 11, 30), Why: "An emergency"}, 0
	unread := sceneCall()
	unread.Unread, unread.CanRerun, unread.NewRules, unread.Waiting = true, true, "2026.12-1", 2
	unread.Summary = &CallTurn{Who: "Summary", Pieces: []Piece{sceneSpan("s9", "PERSON", true), {Text: " asked for an appointment and chose today at 16:15."}}}
	unread.Turns[1].Pieces[1].Span.Missed = true
	unread.Reruns = []CallRerun{{From: "2026.10-4", To: "2026.11-1", At: sceneAt(24, 10, 40), By: ui.Actor{Kind: ui.Person, Name: "Rowan Blythe"},
		Added: []CallChange{{Seq: 2, Kind: "CONDITION", Times: 1}, {Seq: 0, Kind: "PERSON", Times: 2}}, Removed: []CallChange{{Seq: 7, Kind: "DATE", Times: 1}}, Named: []CallChange{{Seq: 4, Kind: "DATE", Now: "DATE_OF_BIRTH", Times: 1}}}}
	erased := sceneCall()
	erased.Erased, erased.PatientURL, erased.Locked, erased.Results = true, "", 0, nil
	for _, t := range erased.Turns {
		for _, p := range t.Pieces {
			if p.Span != nil {
				p.Span.Erased = true
			}
		}
	}
	live := Call{ID: "c1", Began: sceneAt(24, 10, 39), Now: sceneNow, Live: true, Agent: "Ava", Facts: []Fact{{Name: "Agent", Value: "Ava, inbound", Agent: true}, {Name: "Caller", Value: "07••• •••418"}, {Name: "On the phone for", Value: "3 min 5 s"}},
		Blank: &ui.Blank{Icon: "phone-incoming", Title: "This call goes on now", Words: "What is said stands here once the call has ended and what gives people away was taken out."}, Story: sceneStory()[:1]}
	empty := live
	empty.Live, empty.Blank, empty.Problem = false, &ui.Blank{Icon: "hourglass", Title: "No report yet", Words: "The platform sends what was said after the call has ended. Nothing has come for this one."}, "Nothing was changed. There is no transcript of this call to review."
	long := sceneCall()
	long.Turns, long.Strip = nil, &Strip{Length: 21 * time.Minute, Average: sceneStrip().Average}
	for i := range 300 {
		t := sceneTalk()[i%7]
		t.Seq, t.Pieces = i+1, []Piece{{Text: sceneTalk()[0].Pieces[0].Text}}
		long.Turns = append(long.Turns, t)
		if t.Agent {
			long.Strip.Bars = append(long.Strip.Bars, StripBar{Turn: i + 1, At: float64(i) / 3, MS: 400 + i*13%700})
		}
	}
	return []State{call("call", sceneCall()), call("call-opened", opened), call("call-glass", glass), call("call-unread", unread), call("call-erased", erased), call("call-live", live), call("call-empty", empty), call("call-long", long)}
}

func callFormStates() []State {
	shell := sceneShell("Call", "Calls")
	reasons := CallReasons([]string{"treatment", "booking", "emergency", "other"})
	span := CallSpan{Shell: shell, CSRF: shell.CSRF, Span: *sceneSpan("s4", "DATE_OF_BIRTH", true).Span, Reasons: reasons}
	refused := span
	refused.Reason, refused.Problem = "other", "Say in a few words why, without naming the patient."
	glass := CallGlass{Shell: shell, CSRF: shell.CSRF, Back: "/calls/c0", Reasons: reasons}
	whole := glass
	whole.Back, whole.Patient, whole.Problem = "/patients/p1", true, "Say in a few words why, without naming the patient."
	turns := sceneTalk()
	miss := CallMiss{Shell: shell, CallID: "c0", Kinds: KindOptions([]string{"PERSON", "ADDRESS"}), Turns: turns}
	words := miss
	words.Chosen, words.Text, words.Problem = &turns[4], "Thanks. And the first line of your address?", "The text has changed since you opened the page. Mark it again."
	words.Words = []MissWord{{0, 7, "Thanks."}, {8, 11, "And"}, {12, 15, "the"}, {16, 21, "first"}, {22, 26, "line"}}
	return []State{
		{"call-reveal", "Calls", SpanPage(span)}, {"call-reveal-refused", "Calls", SpanPage(refused)}, {"call-reveal-dialog", "Calls", stateDialog("Asking why", "Calls", SpanDialog(span))},
		{"call-glass-ask", "Calls", GlassPage(glass)}, {"call-glass-dialog", "Calls", stateDialog("Asking why", "Calls", GlassDialog(glass))}, {"call-glass-patient", "Calls", GlassPage(whole)},
		{"call-miss", "Calls", MissPage(miss)}, {"call-miss-words", "Calls", MissPage(words)},
	}
}

func callRulesStates() []State {
	shell := sceneShell("Call", "Calls")
	talk := sceneTalk()
	text := func(s string) Piece { return Piece{Text: s} }
	chip := func(id, kind, change string) Piece {
		p := sceneSpan(id, kind, true)
		p.Change = change
		return p
	}
	turn := func(of CallTurn, pieces []Piece, changes ...RulesChange) RulesTurn {
		of.Pieces = pieces
		return RulesTurn{of, changes}
	}
	more := CallRules{Shell: shell, CallID: "c0", From: "2026.10-4", To: "2026.11-3", Added: 1, Print: "x",
		Turns: []RulesTurn{turn(talk[1], []Piece{text("My number at the clinic is "), {Text: "oh oh four, seven seven one, three", Change: "added", Now: "MEDICAL_RECORD_NUMBER"}, text(".")}, RulesChange{What: "added", Kind: "MEDICAL_RECORD_NUMBER"})}}
	both := more
	both.Removed, both.Named = 1, 1
	both.Turns = append(both.Turns,
		turn(talk[3], []Piece{text("The "), chip("s4", "DATE", "changed"), text(".")}, RulesChange{What: "changed", Kind: "DATE", Now: "DATE_OF_BIRTH", Span: "s4"}),
		turn(talk[4], []Piece{text("There is parking "), chip("s5", "LOCATION", "removed"), text(", free for patients, and the entrance is on the other side, next to the pharmacy with the green sign.")}, RulesChange{What: "removed", Kind: "LOCATION", Span: "s5"}))
	stale := both
	stale.Problem = "Nothing was changed. This call has changed since you compared. Look at the difference again."
	already := both
	already.Added, already.Already = 0, 1
	already.Turns = append([]RulesTurn{turn(talk[1], []Piece{text("My number at the clinic is "), chip("s6", "MEDICAL_RECORD_NUMBER", "already"), text(".")}, RulesChange{What: "already", Kind: "MEDICAL_RECORD_NUMBER", Span: "s6"})}, both.Turns[1:]...)
	return []State{{"call-rules", "Calls", CallRulesPage(already)}, {"call-rules-more", "Calls", CallRulesPage(more)}, {"call-rules-stale", "Calls", CallRulesPage(stale)},
		{"call-rules-same", "Calls", CallRulesPage(CallRules{Shell: shell, CallID: "c0", From: "2026.10-4", To: "2026.11-3"})},
		{"call-rules-newest", "Calls", CallRulesPage(CallRules{Shell: shell, CallID: "c0", From: "2026.11-3", To: "2026.11-3"})}}
}

func callReviewStates() []State {
	shell := sceneShell("Reviews", "Calls")
	clark, blythe := ui.Actor{Kind: ui.Person, Name: "Imogen Clarke"}, ui.Actor{Kind: ui.Person, Name: "Rowan Blythe"}
	owed := []GlassRow{
		{ID: "g1", By: clark, CallURL: "/calls/c0", At: sceneAt(24, 10, 12), Until: sceneAt(24, 11, 12), Open: true, Why: "An emergency", Words: "The caller sounded unwell and the line broke. We needed the address for the ambulance.", Reveals: 2},
		{ID: "g2", By: blythe, Whole: true, Patient: "/patients/p1", Looked: []string{"/calls/c1", "/calls/c2"}, Reveals: 4, At: sceneAt(23, 16, 2), Until: sceneAt(23, 17, 2), Why: "A legal duty", Words: "Court order received by post.", Own: true},
	}
	reviewed := sceneAt(20, 9, 30)
	past := []GlassRow{{ID: "g3", By: clark, CallURL: "/calls/c4", At: sceneAt(19, 9, 0), Until: sceneAt(19, 10, 0), Why: "Another reason", Words: "Wanted to know who it was.", Reveals: 5, Verdict: "not-justified", Reviewer: "Rowan Blythe", Reviewed: &reviewed},
		{ID: "g4", By: clark, CallURL: "/calls/c5", At: sceneAt(18, 9, 0), Until: sceneAt(18, 10, 0), Why: "An emergency", Reveals: 1, Verdict: "justified", Reviewer: "Rowan Blythe", Reviewed: &reviewed}}
	full := CallReviews{Shell: shell, Now: sceneNow, Owed: owed, Past: past, Unread: 3, Recall: []RecallRow{{"2026.11-1", 41, 388, 2, 0.9949}, {"2026.10-4", 120, 1044, 31, 0.9712}},
		Misses: []MissRow{{"/calls/c0", sceneAt(24, 9, 12), clark, "PERSON"}, {"/calls/c3", sceneAt(23, 14, 40), blythe, "MEDICAL_RECORD_NUMBER"}}}
	full.Rules, full.Older, full.Waiting = "2026.11-3", []OlderRules{{"2026.10-4", 1}, {"2026.11-2", 1240}}, 31
	full.ToDecide = []ToDecide{{"/calls/c0/rules", sceneAt(24, 10, 31), 2}, {"/calls/c1/rules", sceneAt(23, 16, 2), 1}}
	refused := full
	refused.Problem = "You cannot review yourself. Ask a colleague."
	return []State{{"call-reviews", "Calls", CallReviewsPage(full)}, {"call-reviews-none", "Calls", CallReviewsPage(CallReviews{Shell: shell, Now: sceneNow})}, {"call-reviews-refused", "Calls", CallReviewsPage(refused)}}
}
