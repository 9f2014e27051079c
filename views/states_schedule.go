package views

import (
	"fmt"
	"time"

	"anteroom/views/ui"
)

var sceneNames = []string{
	"Grace Adeyemi-Thornbury", "Marcus Bell", "Isla Pereira", "Wendell Cho", "Aisling Byrne", "Peter Vance", "Zara Haddad", "Maya Lindgren",
	"Tess Howard", "Camille Roux", "Ivy Sandhu", "Nadia Farouk", "Simon Tait", "Lucy Tan", "Omar Siddiqui", "Petra Kovač", "Harriet Lowe",
	"Ben Ashworth", "Imani Boateng", "Victoria Sandström", "Paul Egan", "Dina Rosen", "Kofi Mensah", "Ottilie Grant", "Bartholomew Featherstonehaugh-Cholmondeley",
}

var sceneServices = []string{"Rhinoplasty consultation", "Septoplasty consultation", "Mole check", "Anti-wrinkle treatment", "Dermal filler", "Laser, full legs", "Review"}

// blk is one block in the scene: from and to as hhmm.
func blk(d int, id string, from, to int, state, patient, service, note, mark string) Block {
	return Block{ID: id, State: state, From: sceneAt(d, from/100, from%100), To: sceneAt(d, to/100, to%100), Patient: patient, Service: service, Note: note, NoteMark: mark}
}

func sceneHold(left int, end, doing string) *Hold {
	return &Hold{ID: "h" + end, Phone: "07••• •••" + end, PhoneEnd: "•••" + end, By: "Ava", Kind: ui.Agent, Doing: doing,
		ExpiresAt: sceneNow.Add(time.Duration(left) * time.Second), Total: 90 * time.Second, CanTake: true, CanFree: true}
}

func hours(d int, fromTo ...int) []Span {
	var out []Span
	for i := 0; i+1 < len(fromTo); i += 2 {
		out = append(out, Span{sceneAt(d, fromTo[i]/100, fromTo[i]%100), sceneAt(d, fromTo[i+1]/100, fromTo[i+1]%100)})
	}
	return out
}

// withSlots gives a column a free slot wherever hours are not taken.
func withSlots(c Column) Column {
	for _, h := range c.Hours {
		for t := h.From; t.Before(h.To); t = t.Add(15 * time.Minute) {
			free := true
			for _, b := range c.Blocks {
				free = free && (!b.From.Before(t.Add(15*time.Minute)) || !b.To.After(t))
			}
			if free {
				c.Slots = append(c.Slots, Slot{ID: fmt.Sprintf("0199f2c4-7d1e-7c3a-9b55-%s%s", t.Format("021504"), fmt.Sprintf("%06x", len(c.Practitioner)*7919)), From: t, To: t.Add(15 * time.Minute)})
			}
		}
	}
	return c
}

func sceneDay() []Column {
	const d = 24
	noShow := blk(d, "b3", 900, 930, StateNoShow, "Yusuf Karaca", "Mole check", "", "")
	rosa := blk(d, "b6", 1100, 1130, StateArrived, "Rosa Delgado", "Patch test reading", "", "")
	rosa.Since = sceneAt(d, 10, 39)
	held := blk(d, "c6", 1130, 1200, StatePending, "", "Filler review", "", "")
	held.Hold = sceneHold(24, "902", "on the phone for 3:05")
	held2 := blk(d, "a7", 1430, 1530, StatePending, "", "Rhinoplasty consultation", "", "")
	held2.Hold = sceneHold(72, "418", "on the phone for 1:48")
	return []Column{
		withSlots(Column{Practitioner: "Dr Adaeze Okafor", Short: "Dr Okafor", Sub: "Room 1, until 17:30", Href: "/schedule?view=week&practitioner=1", Date: sceneAt(d, 0, 0), Hours: hours(d, 900, 1730), Blocks: []Block{
			blk(d, "a1", 900, 1000, StateFulfilled, "Beatrice Holm", "Rhinoplasty consultation", "", ""),
			blk(d, "a2", 1000, 1045, StateCheckedIn, "Eleanor Whitcombe", "Septoplasty consultation", "In Room 1 since 10:04", ""),
			blk(d, "a3", 1045, 1100, StateArrived, "Kofi Mensah", "Review", "", ""),
			blk(d, "a4", 1145, 1230, StateBooked, "Grace Adeyemi-Thornbury", "Septoplasty consultation", "Confirmed by text", "text"),
			blk(d, "", 1230, 1315, StateBlocked, "Lunch", "", "", ""),
			blk(d, "a6", 1315, 1400, StateBooked, "Isla Pereira", "Eyelid consultation", "Booked by Ava", "wave"),
			held2,
			blk(d, "a8", 1530, 1600, StateBooked, "Marcus Bell", "Scar review", "", ""),
			blk(d, "a9", 1615, 1715, StateBooked, "Niamh O’Rourke", "Rhinoplasty consultation", "Booked by Ava, 10 min ago", "wave"),
		}}),
		withSlots(Column{Practitioner: "Dr Henrik Lindqvist", Short: "Dr Lindqvist", Sub: "Room 2, until 16:00", Date: sceneAt(d, 0, 0), Hours: hours(d, 800, 1600), Blocks: []Block{
			blk(d, "b1", 800, 830, StateFulfilled, "Joanna Pike", "Mole check", "", ""),
			blk(d, "b2", 830, 900, StateFulfilled, "Theodore Ames", "Acne follow-up", "", ""),
			noShow,
			blk(d, "b4", 930, 1015, StateFulfilled, "Hannah Brandt", "Skin consultation", "", ""),
			blk(d, "b5", 1030, 1100, StateBooked, "Oliver Marsh", "Mole check", "", ""),
			rosa,
			blk(d, "", 1200, 1300, StateBlocked, "Lunch", "", "", ""),
			blk(d, "b8", 1300, 1330, StateBooked, "Wendell Cho", "Mole check", "", ""),
			blk(d, "b9", 1330, 1415, StateBooked, "Aisling Byrne", "Skin consultation", "Booked by Ava", "wave"),
			blk(d, "b10", 1445, 1515, StateBooked, "Peter Vance", "Cryotherapy", "", ""),
			blk(d, "b11", 1515, 1600, StateBooked, "Zara Haddad", "Skin consultation", "Confirmed by text", "text"),
		}}),
		withSlots(Column{Practitioner: "Priya Raman", Sub: "Room 3, until 18:00", Date: sceneAt(d, 0, 0), Hours: hours(d, 900, 1800), Blocks: []Block{
			blk(d, "c1", 900, 930, StateFulfilled, "Chloe Winters", "Anti-wrinkle treatment", "", ""),
			blk(d, "c2", 930, 1015, StateFulfilled, "Sofia Marchetti", "Dermal filler", "", ""),
			blk(d, "c3", 1015, 1045, StateCheckedIn, "Daniel Osei", "Anti-wrinkle treatment", "", ""),
			blk(d, "c5", 1100, 1115, StateBooked, "Ruth Calder", "Review", "", ""),
			held,
			blk(d, "c7", 1200, 1245, StateBooked, "Maya Lindgren", "Dermal filler", "Confirmed by text", "text"),
			blk(d, "", 1245, 1330, StateBlocked, "Lunch", "", "", ""),
			blk(d, "c9", 1330, 1400, StateBooked, "Tess Howard", "Anti-wrinkle treatment", "", ""),
			blk(d, "c10", 1400, 1445, StateBooked, "Camille Roux", "Lip filler", "Confirmed by text", "text"),
			blk(d, "c11", 1445, 1500, StateBooked, "Ivy Sandhu", "Review", "", ""),
			blk(d, "c12", 1530, 1615, StateBooked, "Nadia Farouk", "Dermal filler", "Booked by Ava", "wave"),
			blk(d, "", 1630, 1700, StateBlocked, "Team huddle", "", "", ""),
			blk(d, "c14", 1700, 1730, StateBooked, "Simon Tait", "Anti-wrinkle treatment", "", ""),
		}}),
		withSlots(Column{Practitioner: "Maeve Gallagher", Sub: "Laser suite, until 16:30", Date: sceneAt(d, 0, 0), Hours: hours(d, 800, 1630), Blocks: []Block{
			blk(d, "d1", 800, 900, StateFulfilled, "Alicia Stone", "Laser, legs", "", ""),
			blk(d, "d2", 900, 915, StateFulfilled, "Bea Novak", "Patch test", "", ""),
			blk(d, "d3", 915, 1015, StateFulfilled, "Jonah Price", "Laser, full back", "", ""),
			blk(d, "d4", 1030, 1130, StateCheckedIn, "Freya Nilsen", "Laser, full legs", "In the laser suite since 10:31", ""),
			blk(d, "d5", 1130, 1145, StateBooked, "Tom Achebe", "Patch test", "", ""),
			blk(d, "", 1200, 1230, StateBlocked, "Lunch", "", "", ""),
			blk(d, "d7", 1230, 1330, StateBooked, "Lucy Tan", "Laser, legs", "Confirmed by text", "text"),
			blk(d, "d8", 1330, 1400, StateBooked, "Omar Siddiqui", "Pigmentation laser", "", ""),
			blk(d, "d9", 1430, 1530, StateBooked, "Petra Kovač", "Laser, underarm and bikini", "Booked by Sarah", "wave"),
		}}),
		withSlots(Column{Practitioner: "Dr Tomasz Zieliński", Short: "Dr Zieliński", Sub: "Room 4, from 12:00", Date: sceneAt(d, 0, 0), Hours: hours(d, 1200, 1700), Blocks: []Block{
			blk(d, "", 800, 1200, StateBlocked, "Theatre list", "", "At St Brannoc’s until 12:00", ""),
			blk(d, "e1", 1200, 1230, StateBooked, "Harriet Lowe", "New patient consultation", "", ""),
			blk(d, "e2", 1230, 1315, StateBooked, "Ben Ashworth", "Chemical peel", "Confirmed by text", "text"),
			blk(d, "e3", 1345, 1430, StateBooked, "Imani Boateng", "Tear trough filler", "Confirmed by text", "text"),
			blk(d, "e4", 1500, 1545, StateBooked, "Victoria Sandström", "Thread lift consultation", "Booked by Ava", "wave"),
			blk(d, "e5", 1545, 1600, StateBooked, "Paul Egan", "Review", "", ""),
			blk(d, "e6", 1615, 1700, StateBooked, "Dina Rosen", "Chemical peel", "", ""),
		}}),
	}
}

// busyDay is one practitioner's full day, different for each n.
func busyDay(n, d int, name string) Column {
	c := Column{Practitioner: name, Sub: fmt.Sprintf("Room %d, until 17:30", n+1), Href: "/schedule?view=week&practitioner=1", Date: sceneAt(d, 0, 0), Hours: hours(d, 900, 1730)}
	lengths := []int{45, 30, 15, 60, 30, 45}
	at, i := sceneAt(d, 9, 0), n*3+d
	for at.Before(sceneAt(d, 17, 0)) {
		length := time.Duration(lengths[i%len(lengths)]) * time.Minute
		b := Block{ID: fmt.Sprintf("x%d-%d-%d", d, n, i), State: StateBooked, From: at, To: at.Add(length), Patient: sceneNames[i%len(sceneNames)], Service: sceneServices[i%len(sceneServices)]}
		switch {
		case b.To.Before(sceneNow) && i%9 == 0:
			b.State = StateNoShow
		case b.To.Before(sceneNow):
			b.State = StateFulfilled
		case i%4 == 0:
			b.Note, b.NoteMark = "Booked by Ava", "wave"
		}
		if d == 24 && i%17 == 5 && at.After(sceneNow) {
			b.State, b.Hold = StatePending, sceneHold(60, fmt.Sprintf("%03d", n*37+i), "on the phone for 0:48")
		}
		c.Blocks = append(c.Blocks, b)
		at = b.To
		if i%5 == 0 {
			at = at.Add(30 * time.Minute)
		}
		i++
	}
	return withSlots(c)
}

var sceneStaff = []string{
	"Dr Adaeze Okafor", "Dr Henrik Lindqvist", "Priya Raman", "Maeve Gallagher", "Dr Tomasz Zieliński", "Dr Oluwaseun Adebayo-Fitzgerald",
	"Sanne de Vries", "Dr Mei Tanaka", "Callum Reid", "Dr Ines Duarte", "Hugo Marchand", "Dr Leila Haddadi",
}

func staffOptions(n int) []ui.Option {
	var out []ui.Option
	for i, name := range sceneStaff[:n] {
		out = append(out, ui.Option{Value: fmt.Sprint(i + 1), Label: name})
	}
	return out
}

func sceneSchedule(g Grid) Schedule {
	g.CSRF, g.Now, g.Zone, g.CanBook = "canned-token", sceneNow, "GMT", true // without a URL it never asks for itself: what is canned stays
	if g.ToHour == 0 {
		g.FromHour, g.ToHour = 8, 18
	}
	g.Label = "Schedule, Tue 24 November 2026"
	return Schedule{
		Shell: sceneShell("Schedule", "Schedule"), Date: sceneNow, Heading: "Tue 24 November 2026", IsToday: true,
		PrevURL: "/schedule?date=2026-11-23", TodayURL: "/schedule", NextURL: "/schedule?date=2026-11-25",
		DayURL: "/schedule?view=day", WeekURL: "/schedule?view=week", SheetURL: "/schedule/sheet", BookURL: "/appointments/new",
		Practitioners: staffOptions(5), Services: []ui.Option{{Value: "botox", Label: "Anti-wrinkle treatment"}, {Value: "mole-check", Label: "Mole check"}},
		Rooms: []ui.Option{{Value: "room-1", Label: "Room 1"}, {Value: "room-2", Label: "Room 2"}, {Value: "laser-suite", Label: "Laser suite"}},
		Grid:  g,
	}
}

func scheduleStates() []State {
	state := func(name string, m Schedule) State { return State{name, "Schedule", SchedulePage(m)} }

	var crowd []Column
	for i, name := range sceneStaff {
		crowd = append(crowd, busyDay(i, 24, name))
	}
	full := sceneSchedule(Grid{Columns: crowd})
	full.Practitioners = staffOptions(12)

	var days []Column
	for d := 23; d <= 28; d++ {
		days = append(days, busyDay(0, d, sceneStaff[0]))
	}
	days[1] = sceneDay()[0]
	days[2].Hours, days[2].Slots, days[2].Blocks = nil, nil, nil
	days[2].Closed = "staff training"
	week := sceneSchedule(Grid{Columns: days, Week: true})
	week.Week, week.Heading, week.Practitioner = true, "23 to 28 November 2026", "1"
	week.ClearPractitionerURL = "/schedule?view=week"

	var rows []Row
	for i, name := range sceneStaff {
		r := Row{Practitioner: name, Sub: "31 h this week", Href: "/schedule?view=week&practitioner=1"}
		for d := 23; d <= 28; d++ {
			c := busyDay(i, d, name)
			if (i+d)%7 == 0 {
				c.Hours, c.Slots, c.Blocks = nil, nil, nil
			}
			r.Days = append(r.Days, c)
		}
		rows = append(rows, r)
	}
	board := sceneSchedule(Grid{Rows: rows, Week: true})
	board.Week, board.Heading, board.Practitioners = true, "23 to 28 November 2026", staffOptions(12)

	overlap := sceneSchedule(Grid{Columns: sceneDay()})
	overlap.Grid.Columns[0].Blocks = append(overlap.Grid.Columns[0].Blocks,
		blk(24, "o1", 1145, 1215, StateBooked, "Overbooked Patient", "Septoplasty consultation", "", ""),
		blk(24, "o2", 1330, 1400, StateArrived, "Second Overbooked", "Review", "", ""),
		blk(24, "o3", 1345, 1430, StateBooked, "Third", "Review", "", ""))
	for i, name := range sceneNames[8:14] { // six at once: two of them in a list
		b := blk(24, fmt.Sprintf("o1%d", i), 1615, 1645, StateBooked, name, "Review", "overbooked", "")
		b.Overbooked = true
		overlap.Grid.Columns[1].Blocks = append(overlap.Grid.Columns[1].Blocks, b)
	}

	closed := sceneDay()
	for i := range closed {
		closed[i].Blocks, closed[i].Slots, closed[i].Hours, closed[i].Closed = nil, nil, nil, "fire alarm test"
	}
	nobody := sceneSchedule(Grid{Blank: &ui.Blank{Icon: "stethoscope", Title: "Nobody to book with yet", Words: "Add practitioners, their hours and the services they perform. Free times then appear here by themselves.", Do: &ui.Button{Label: "Add a practitioner", Href: "/settings/practitioners", Kind: ui.Ink}}})
	failed := sceneSchedule(Grid{Blank: &ui.Blank{Icon: "triangle-alert", Title: "The day could not be loaded", Words: "The database did not answer in 3 seconds. Nothing was changed.", Do: &ui.Button{Label: "Try again", Href: "/schedule", Icon: "refresh-cw"}}})
	empty := sceneDay()
	for i := range empty {
		empty[i].Blocks, empty[i].Slots = nil, nil
		empty[i] = withSlots(empty[i])
	}
	reader := sceneSchedule(Grid{Columns: sceneDay()})
	reader.BookURL, reader.Grid.CanBook = "", false
	toast := sceneSchedule(Grid{Columns: sceneDay()})
	toast.Shell.Flash = &Flash{Kind: ui.OK, Title: "Hold released.", Words: "Tue 11:30 with Priya Raman is free again."}
	return []State{
		state("schedule-day", sceneSchedule(Grid{Columns: sceneDay()})),
		state("schedule-day-crowd", full),
		state("schedule-day-overlap", overlap),
		state("schedule-day-empty", sceneSchedule(Grid{Columns: empty})),
		state("schedule-day-closed", sceneSchedule(Grid{Columns: closed})),
		state("schedule-day-service", sceneService()),
		state("schedule-day-huge", sceneHuge()),
		state("schedule-day-moving", sceneMoving(Ghost{State: "free", Words: "free", When: "14:00 to 14:30", From: 72, To: 78})),
		state("schedule-day-moving-taken", sceneMoving(Ghost{State: "taken", Words: "taken", When: "11:00 to 11:45", From: 36, To: 45})),
		{"schedule-sheet", "Schedule", SheetPage(sceneSheet(sceneDay()))},
		{"schedule-sheet-nobody", "Schedule", SheetPage(sceneSheet(nil))},
		state("schedule-day-short", sceneSchedule(Grid{Columns: shortDay(), Grain: 5, FromHour: 9, ToHour: 12})),
		state("schedule-day-read-only", reader),
		state("schedule-toast", toast),
		state("schedule-week", week),
		state("schedule-week-all", board),
		state("schedule-nobody", nobody),
		state("schedule-error", failed),
	}
}

// sceneService looks for one service: the others step back, and their time stays taken.
func sceneService() Schedule {
	columns := sceneDay()
	for i := range columns {
		for j := range columns[i].Blocks {
			columns[i].Blocks[j].Dim = columns[i].Blocks[j].Service != "Mole check"
		}
	}
	columns[0].Not, columns[3].Not = "Not for Mole check", "Not for Mole check"
	columns[0].Sub, columns[3].Sub = columns[0].Not, columns[3].Not
	m := sceneSchedule(Grid{Columns: columns, Service: "mole-check", Fits: 15 * time.Minute})
	m.Service, m.ClearServiceURL = "mole-check", "/schedule"
	return m
}

// shortDay has appointments of five minutes.
func shortDay() []Column {
	c := Column{Practitioner: "Olivia Brooks, RN", Sub: "Nurse’s room, until 12:00", Date: sceneAt(24, 0, 0), Hours: hours(24, 900, 1200)}
	for i, name := range sceneNames[:18] {
		at := sceneAt(24, 9, 0).Add(time.Duration(i*7/5*5) * time.Minute)
		c.Blocks = append(c.Blocks, Block{ID: fmt.Sprintf("n%d", i), State: StateBooked, From: at, To: at.Add(5 * time.Minute), Patient: name, Service: "Blood test"})
	}
	return []Column{c}
}

// sceneHuge is a day of twelve practitioners and 400 appointments.
func sceneHuge() Schedule {
	var columns []Column
	for i, name := range sceneStaff {
		c := Column{ID: fmt.Sprint(i), Practitioner: name, Sub: fmt.Sprintf("Room %d, until 18:00", i+1), Href: "/schedule?view=week&practitioner=1", Date: sceneAt(24, 0, 0), Hours: hours(24, 900, 1800)}
		for n := range 36 {
			if n%18 == i%18 || n == 35 && i%3 > 0 { // a few places are free
				continue
			}
			at := sceneAt(24, 9, 0).Add(time.Duration(n) * 15 * time.Minute)
			b := Block{ID: fmt.Sprintf("y%d-%d", i, n), State: StateBooked, From: at, To: at.Add(15 * time.Minute), Patient: sceneNames[(i*7+n)%len(sceneNames)], Service: sceneServices[(i+n)%len(sceneServices)], Seen: sceneNow}
			if b.To.Before(sceneNow) {
				b.State, b.Seen = StateFulfilled, time.Time{}
			}
			c.Blocks = append(c.Blocks, b)
		}
		columns = append(columns, withSlots(c))
	}
	m := sceneSchedule(Grid{Columns: columns})
	m.Practitioners = staffOptions(12)
	return m
}

// sceneMoving has an appointment on its way.
func sceneMoving(g Ghost) Schedule {
	columns := sceneDay()
	g.Name = "Wendell Cho"
	columns[1].Ghost = &g
	return sceneSchedule(Grid{Columns: columns})
}

func sceneSheet(columns []Column) Sheet {
	for i := range columns {
		columns[i].Room = fmt.Sprintf("Room %d", i+1)
		for j := range columns[i].Blocks {
			if columns[i].Blocks[j].State != StateBlocked {
				columns[i].Blocks[j].Phone = "07••• •••418"
			}
		}
	}
	return Sheet{Shell: sceneShell("Day sheet", "Schedule"), Heading: "Tue 24 November 2026", Printed: sceneNow, BackURL: "/schedule", Columns: columns, Grid: Grid{Now: sceneNow, Zone: "GMT"}}
}
