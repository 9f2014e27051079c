package views

import (
	"fmt"
	"time"

	"anteroom/views/ui"
)

func appointmentStates() []State {
	ava := ui.Actor{Kind: ui.Agent, Name: "Ava"}
	imogen := ui.Actor{Kind: ui.Person, Name: "Imogen Clarke"}
	base := Appointment{
		Shell: sceneShell("Appointment", "Schedule"), ID: "a4", Patient: "Grace Adeyemi-Thornbury", PatientURL: "/patients/p1", Phone: "07••• •••418", PhoneMasked: true,
		Service: "Septoplasty consultation", Length: 45 * time.Minute, Practitioner: "Dr Adaeze Okafor", Room: "Room 1", From: sceneAt(24, 11, 45), To: sceneAt(24, 12, 30),
		Zone: "London time", BookedBy: ava, ScheduleURL: "/schedule?date=2026-11-24", Now: sceneNow,
	}
	booked := base
	booked.Status, booked.Can = StateBooked, AppointmentActions{Arrive: true, CheckIn: true, NoShow: true, Cancel: true}
	booked.History = []StatusChange{{Status: StatePending, At: sceneAt(23, 16, 12), By: ava, Why: "Call 652b, tool claim_slot"}, {Status: StateBooked, At: sceneAt(23, 16, 13), By: ava, Why: "The caller confirmed"}}
	long := booked
	long.Patient = "Bartholomew Maximilian Featherstonehaugh-Cholmondeley von Hohenzollern-Sigmaringen"
	long.Overbooked = true
	long.Notes = "Prefers the ground floor. Brings an interpreter; please allow a little longer for the forms, and call the carer on arrival because the car park at the back is closed until further notice.\nSecond line."
	done := base
	done.Status = StateFulfilled
	done.History = append(append([]StatusChange{}, booked.History...), StatusChange{Status: StateArrived, At: sceneAt(24, 11, 40), By: imogen, Why: ""}, StatusChange{Status: StateCheckedIn, At: sceneAt(24, 11, 47), By: imogen, Why: ""}, StatusChange{Status: StateFulfilled, At: sceneAt(24, 12, 31), By: imogen, Why: ""})
	gone := base
	gone.Status = "cancelled"
	gone.History = append(append([]StatusChange{}, booked.History...), StatusChange{Status: "cancelled", At: sceneAt(24, 9, 2), By: imogen, Why: "The patient asked: moving house"})
	held := base
	held.Status, held.Hold, held.Patient, held.PatientURL = StatePending, sceneHold(72, "418", "on the phone for 1:48"), "Caller 07••• •••418", ""
	held.History = booked.History[:1]
	problem := booked
	problem.Problem = "An appointment that is cancelled cannot become arrived. Rowan Blythe changed it at 10:41; this is how it stands now."
	moved := booked
	moved.MovedFrom, moved.NoteURL = &ui.Link{Href: "/appointments/a1", Label: "Mon 23 November, 09:00 with Dr Lindqvist"}, "/appointments/a4/note"
	moved.Can.Move = true
	moved.Said = []NoteLine{{"Wants the first time of the day if anything comes free.", "Imogen Clarke", sceneAt(23, 17, 2)}, {"Cancelled Mon 16 November, 14:00: moving house", "Rowan Blythe", sceneAt(12, 9, 30)}}
	moved.History = []StatusChange{{Status: StateBooked, At: sceneAt(23, 17, 1), By: imogen, Moved: true}}
	away := gone
	away.MovedTo = &ui.Link{Href: "/appointments/a4", Label: "Tue 24 November, 11:45 with Dr Okafor"}
	away.History = append(append([]StatusChange{}, booked.History...), StatusChange{Status: "cancelled", At: sceneAt(24, 9, 2), By: imogen, Moved: true})
	back := booked
	back.History = append(append([]StatusChange{}, away.History...), StatusChange{Status: StateBooked, At: sceneAt(24, 9, 2), By: imogen, Undone: true})
	series := booked
	series.Can.Move = true
	series.Series = sceneSeries(6, 2)
	many := booked
	many.Series = sceneSeries(52, 0)
	denied := base
	denied.Status, denied.PatientURL, denied.Can, denied.History = StateBooked, "", AppointmentActions{}, booked.History

	form := NewAppointment{Shell: sceneShell("Book", "Schedule"), SlotID: "s1", From: sceneAt(26, 14, 30), To: sceneAt(26, 15, 30), Practitioner: "Dr Adaeze Okafor", Zone: "London time", BackURL: "/schedule?date=2026-11-26", Now: sceneNow,
		Services: []ui.Option{{Value: "1", Label: "Rhinoplasty consultation, 45 min"}, {Value: "2", Label: "Mole check, 15 min"}}}
	typed := BookingForm{Service: "1", Name: "Grace Adeyemi-Thornbury", Phone: "07700 90041", Email: "grace@example.org", BirthDate: "1988-03-14", Notes: "Prefers the ground floor."}
	wrong := form
	wrong.Form, wrong.Problems = typed, []ui.Problem{{FieldID: "f-phone", Message: "One digit short for a UK mobile."}}
	taken := form
	taken.Form, taken.Taken = typed, true
	taken.Next = []NextFree{{"s2", sceneAt(26, 14, 45), "Dr Adaeze Okafor"}, {"s3", sceneAt(26, 16, 0), "Dr Henrik Lindqvist"}, {"s4", sceneAt(27, 9, 0), "Dr Adaeze Okafor"}}
	none := taken
	none.Next = nil
	mine := form
	mine.Form, mine.HoldID, mine.Hold = typed, "h1", sceneHold(281, "418", "")

	anyPatient := form
	anyPatient.Times = []ui.Option{{Value: "s1", Label: "14:30"}, {Value: "s2", Label: "14:45"}, {Value: "s3", Label: "16:00"}}
	anyPatient.Repeat.Offered, anyPatient.Near, anyPatient.Form.Service = true, "s1", "1"
	found := anyPatient
	found.Form.Name, found.Picks = "adey", Picks{Searched: true, Found: scenePicks(4), More: true}
	chosen := anyPatient
	chosen.Form, chosen.Picks = BookingForm{Service: "1", Patient: "p1", Name: "Grace Adeyemi-Thornbury"}, Picks{Searched: true, Found: scenePicks(4), Chosen: "p1"}
	nobody := anyPatient
	nobody.Form.Name, nobody.Picks = "Zebediah Quill", Picks{Searched: true}
	warned := anyPatient
	warned.Form, warned.Duplicates = typed, scenePicks(2)
	warned.Duplicates[0].Same, warned.Duplicates[1].Same = []string{"name", "birth date"}, []string{"phone"}
	short := anyPatient
	short.Form, short.SlotID, short.Problems = typed, "", []ui.Problem{{FieldID: "f-service", Message: "Rhinoplasty consultation takes 45 min, and from 14:30 only 30 min are free. Choose another start."}}
	over := taken
	over.Overbook, over.Over = true, []string{"14:15 to 15:00 (booked)", "15:00 to 15:15 (held)"}
	outside := over
	outside.Lost, outside.Over, outside.Next, outside.Place = "is not free", nil, nil, Place{"p1", "2026-11-26", "14:30"}
	dates := chosen
	dates.Repeat = Repeat{Offered: true, On: true, Every: "2", Unit: "week", Count: "6", Free: 3, Dates: []RepeatDate{
		{From: sceneAt(26, 14, 30), Free: true, Words: "Free"}, {From: sceneAt(40, 14, 30), Words: "Taken", Swap: &Swap{At: sceneAt(40, 15, 15), Words: "Book 15:15 that day"}},
		{From: sceneAt(54, 14, 30), Words: "Closed: Christmas"}, {From: sceneAt(68, 14, 30), Free: true, Words: "Free"},
		{From: sceneAt(82, 14, 30), Free: true, Words: "Free"}, {From: sceneAt(96, 14, 30), Words: "Later than the schedule reaches"}}}
	wrongDates := anyPatient
	wrongDates.Form, wrongDates.Repeat = typed, Repeat{Offered: true, On: true, Every: "0", Unit: "week", Count: "99"}
	wrongDates.Problems = []ui.Problem{{FieldID: "f-every", Message: "The number of weeks or months must be from 1 to 12."}, {FieldID: "f-count", Message: "The number of times must be from 2 to 52."}}
	others := chosen
	times := sceneTimes(true)
	others.Others = &times

	state := func(name string, m Appointment) State { return State{name, "Appointment", AppointmentPage(m)} }
	book := func(name string, m NewAppointment) State { return State{name, "Book", NewAppointmentPage(m)} }
	return []State{
		state("appointment-booked", booked), state("appointment-held", held), state("appointment-done", done), state("appointment-cancelled", gone),
		state("appointment-long", long), state("appointment-refused", problem),
		state("appointment-moved", moved), state("appointment-moved-away", away), state("appointment-undone", back), state("appointment-series", series),
		state("appointment-series-long", many), state("appointment-denied", denied),
		book("book", form), book("book-errors", wrong), book("book-taken", taken), book("book-taken-none", none), book("book-held", mine),
		book("book-day", anyPatient), book("book-found", found), book("book-chosen", chosen), book("book-nobody-found", nobody), book("book-known-already", warned),
		book("book-too-short", short), book("book-overbook", over), book("book-outside-hours", outside), book("book-dates", dates), book("book-dates-wrong", wrongDates), book("book-other-times", others),
	}
}

// sceneSeries is n appointments every two weeks, at the present one of which one looks.
func sceneSeries(n, present int) *SeriesPart {
	s := &SeriesPart{Words: fmt.Sprintf("Every 2 weeks, %d in all, 27 Oct 2026 to %s", n, sceneAt(24+14*(n-1-present), 11, 45).Format("2 Jan 2006")), All: n - present, Following: n - present}
	for i := range n {
		m := Sibling{Href: "/appointments/a" + thousands(i), From: sceneAt(24+14*(i-present), 11, 45), Status: StateBooked, Current: i == present}
		if i < present {
			m.Status = StateFulfilled
		}
		s.List = append(s.List, m)
	}
	return s
}

func scenePicks(n int) []PatientRow {
	rows := []PatientRow{
		{ID: "p1", Name: "Grace Adeyemi-Thornbury", BirthDate: "14 Mar 1988", Age: "38", Phone: "07••• •••418", Next: "Tue 1 Dec 2026, 09:30"},
		{ID: "p2", Name: "Grace Adeyemi", BirthDate: "2 Jul 1951", Age: "75", Phone: "07••• •••022", LastSeen: "Mon 2 Nov 2026"},
		{ID: "p3", Name: "Bartholomew Maximilian Adeyemi-Featherstonehaugh-Cholmondeley", Phone: "020 •••• •••6"},
		{ID: "p4", Name: "Ronke Adeyela", BirthDate: "30 Jan 2025", Age: "22 mo", Phone: "07••• •••190"},
	}
	return rows[:n]
}

func sceneTimes(form bool) Times {
	day := func(n int, rows ...TimesRow) TimesDay { return TimesDay{Date: sceneAt(n, 0, 0), Rows: rows} }
	row := func(who string, n, from, many int) TimesRow {
		r := TimesRow{Practitioner: who}
		for i := range many {
			t := FreeTime{From: sceneAt(n, from, 15*i), Href: "/appointments/new"}
			if form {
				t = FreeTime{From: t.From, Name: "pick", Value: fmt.Sprintf("s-%d-%d-%d", n, from, i), Again: true}
			}
			r.Times = append(r.Times, t)
		}
		return r
	}
	services := []ui.Option{{Value: "1", Label: "Rhinoplasty consultation, 45 min"}, {Value: "2", Label: "Mole check, 15 min"}}
	people := []ui.Option{{Value: "p1", Label: "Dr Adaeze Okafor"}, {Value: "p2", Label: "Dr Henrik Lindqvist"}}
	return Times{Now: sceneNow, Earlier: "/appointments/new", Later: "/appointments/new", Filter: TimesFilter{Action: "/appointments/new", Service: "1", Services: services, Practitioners: people, Date: "2026-11-24"}, Days: []TimesDay{
		day(24, row("Dr Adaeze Okafor", 24, 11, 3), row("Dr Henrik Lindqvist", 24, 14, 1)),
		day(25, row("Dr Adaeze Okafor", 25, 9, 12)),
		day(27, row("Dr Adaeze Okafor", 27, 9, 30), row("Dr Bartholomew Featherstonehaugh-Cholmondeley", 27, 13, 9)),
	}}
}

// timesStates are the pages that choose a time: to book, and to move to.
func timesStates() []State {
	find := FindTime{Shell: sceneShell("Book", "Schedule"), BackURL: "/schedule", Times: sceneTimes(false)}
	services := FindTime{Shell: find.Shell, BackURL: "/schedule", Problem: "Choose a time first.", Times: Times{Now: sceneNow, Filter: find.Times.Filter}}
	for _, name := range []string{"Anti-wrinkle treatment", "Breast augmentation consultation", "Dermal filler", "Laser hair removal", "Mole check"} {
		services.Services = append(services.Services, BookableService{Name: name, Words: "30 min", Href: "/appointments/new?service=1"})
	}
	none := find
	none.Patient = "Grace Adeyemi-Thornbury"
	none.Times.Days, none.Times.Blank = nil, &ui.Blank{Icon: "calendar", Title: "Nothing is free from Tue 24 to Mon 30 November",
		Words: "The first free time after that is Wed 2 December, 09:00 with Dr Okafor.", Do: &ui.Button{Label: "Show from Wed 2 December", Href: "/appointments/new"}}
	over := find
	over.AnyTime = &AnyTime{Action: "/appointments/new", Practitioners: find.Times.Filter.Practitioners, Date: "2026-11-24", Time: "half ten", Submit: "Look at that time", Problem: "Give a time such as 14:45.",
		Words: "You may overbook. What is there already is shown before anything is booked."}
	move := MoveAppointment{Shell: sceneShell("Move", "Schedule"), ID: "a4", Patient: "Grace Adeyemi-Thornbury", Status: StateBooked, Service: "Septoplasty consultation", Practitioner: "Dr Adaeze Okafor",
		From: sceneAt(24, 11, 45), To: sceneAt(24, 12, 30), Zone: "London time", Seen: "2026-11-24T10:00:00Z", Times: sceneTimes(true)}
	change := move
	change.NewService, change.Overbooked = &NewService{Slug: "2", Words: "Mole check, 15 min", Until: sceneAt(24, 12, 0)}, true
	lost := move
	lost.Clash = &Clash{Title: "Dr Okafor is not free at Tue 14:30", Why: "The time is taken, or too short for the service.", When: "Tue 14:30", Service: "1", Practitioner: "p1", Starts: "2026-11-24T14:30:00Z",
		Next: []FreeTime{{From: sceneAt(24, 14, 45), Name: "to", Value: "p1 a"}, {From: sceneAt(24, 14, 45), With: "Dr Lindqvist", Name: "to", Value: "p2 a"}, {From: sceneAt(25, 9, 0), Name: "to", Value: "p1 b"}}}
	lostOver := lost
	clash := *lost.Clash
	clash.Overbook, clash.Over, clash.Next = true, []string{"14:15 to 15:00 (booked)"}, nil
	lostOver.Clash, lostOver.AnyTime = &clash, &AnyTime{Action: "/appointments/a4/move", Post: true, CSRF: "canned-token", Practitioners: find.Times.Filter.Practitioners, Submit: "Overbook that time",
		Words: "It is put there although the time is taken or outside the hours, beside whoever is there already."}
	refused := move
	refused.Problem = "Somebody changed this appointment while you had it open. Look at it again before you move it."
	return []State{
		{"find-time", "Book", FindTimePage(find)}, {"find-time-services", "Book", FindTimePage(services)}, {"find-time-none", "Book", FindTimePage(none)}, {"find-time-any", "Book", FindTimePage(over)},
		{"move", "Appointment", MovePage(move)}, {"move-change", "Appointment", MovePage(change)}, {"move-lost", "Appointment", MovePage(lost)}, {"move-lost-overbook", "Appointment", MovePage(lostOver)},
		{"move-refused", "Appointment", MovePage(refused)}, {"move-clash", "Appointment", MoveClashPage(lostOver)},
		{"toast-undo", "Parts", ToastPage(sceneShell("Toast", ""), Flash{Kind: ui.OK, Title: "Moved to Tue 14:45 with Dr Lindqvist.", Undo: &ui.Undo{Action: "/_states", CSRF: "canned-token", Left: 9 * time.Second, Total: 10 * time.Second}})},
		{"toast-refused", "Parts", ToastPage(sceneShell("Toast", ""), Flash{Kind: ui.Warn, Title: "Not undone.", Words: "The time to undo this is over. It stays as it is; change the appointment itself instead."})},
	}
}
