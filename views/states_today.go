package views

import (
	"fmt"
	"strings"
	"time"

	"anteroom/views/ui"
)

func scenePulse() Pulse {
	return Pulse{Needs: 6, Now: sceneNow, Calls: sceneCalls()}
}

func sceneCalls() []OnPhone {
	return []OnPhone{
		{Phone: "07••• •••418", By: "Ava", Holds: "holding 14:30", With: "Dr Okafor", Href: "/appointments/h1", Since: sceneNow.Add(-108 * time.Second)},
		{Phone: "07••• •••902", By: "Ava", Holds: "holding 11:30", With: "Priya Raman", Href: "/appointments/h2", Since: sceneNow.Add(-185 * time.Second)},
	}
}

// sceneRibbon is the scene's day in lanes.
func sceneRibbon(columns []Column) Ribbon {
	r := Ribbon{FromHour: 8, ToHour: 18}
	for _, c := range columns {
		l := Lane{Name: c.Practitioner, Href: "/schedule?practitioner=1", Hours: c.Hours, Words: "9:00 to 17:30, 8 appointments"}
		for _, b := range c.Blocks {
			state := b.State
			if state == StateBooked {
				state = b.look(sceneNow)
			}
			if state != StateBlocked {
				l.Bars = append(l.Bars, Bit{State: state, From: b.From, To: b.To})
			}
		}
		r.Lanes = append(r.Lanes, l)
	}
	return r
}

func sceneNeeds() []Need {
	since := func(h, m int) *time.Time { t := sceneAt(24, h, m); return &t }
	post := func(label, name string, best bool) NeedAct {
		return NeedAct{Label: label, For: name, Post: "/appointments/b5/x", Best: best}
	}
	return []Need{
		{ID: "need-hold-1", Icon: "hourglass", Tone: Running, Title: "Hold ends: 11:30 with Priya Raman", Words: "07••• •••902 is on the phone with Ava, Filler review", Hold: sceneHold(24, "902", "on the phone for 3:05")},
		{ID: "need-late-1", Icon: "clock", Tone: TooLate, Title: "Oliver Marsh is late", Words: "10:30 Mole check, Dr Lindqvist is free and waiting", Age: since(10, 30),
			Acts: []NeedAct{{Label: "Call", Best: true, Call: &Phone{Name: "Oliver Marsh", Number: "07700 900452", Tel: "+447700900452"}}, post("No-show", "Oliver Marsh", false)}},
		{ID: "need-waiting-1", Icon: "hourglass", Tone: Waits, Title: "Kofi Mensah has been waiting", Words: "10:15 Review, Dr Okafor has somebody in the room", Age: since(10, 12),
			Acts: []NeedAct{post("Check in", "Kofi Mensah", true), {Label: "Open", For: "the appointment of Kofi Mensah", Href: "/appointments/a3"}}},
		{ID: "need-clash-1", Icon: "users", Tone: Quiet, Title: "Two patients at 14:00 with Priya Raman", Words: "Tom Achebe was overbooked beside Maya Lindgren", When: "14:00", Acts: []NeedAct{{Label: "Open", For: "the overbooked one", Href: "/appointments/a1"}}},
		{ID: "left-1", Icon: "message-square", Tone: Quiet, Title: "Ines Duarte left a message and asks to be called back", Words: "Her wound is a little red since yesterday and she would like to know whether that is usual.", Age: since(10, 3),
			Acts: []NeedAct{{Label: "Call", Best: true, Call: &Phone{Name: "Ines Duarte", Number: "07700 900871", Tel: "+447700900871"}}, post("Done", "with the message of Ines Duarte", false)}},
		{ID: "need-away-1", Icon: "calendar", Tone: Quiet, Title: "Maeve Gallagher is away, and 3 bookings stand", Words: "Annual leave, first Thu 3 Dec 09:30. The patients still expect to be seen", When: "Thu 3 Dec", Acts: []NeedAct{{Label: "See the day", For: "Thu 3 Dec", Href: "/schedule?date=2026-12-03"}}},
		{ID: "need-open-20261123", Icon: "calendar", Tone: Quiet, Title: "2 appointments were never closed yesterday", Words: "Say of each whether it was kept, so that the day adds up", When: "Mon 23 Nov", Acts: []NeedAct{{Label: "See the day", For: "Mon 23 Nov", Href: "/schedule?date=2026-11-23"}}},
	}
}

func sceneToday() Today {
	here := func(id, name, where string, in bool, h, m int) Here {
		v := Here{ID: id, Name: name, Where: where, InRoom: in, Since: sceneAt(24, h, m), Act: &NeedAct{Label: "Check in", For: name, Post: "/appointments/" + id + "/check-in"}}
		if in {
			v.Act = &NeedAct{Label: "Done", For: name, Post: "/appointments/" + id + "/fulfil"}
		}
		return v
	}
	next := func(id, name, service, who string, h, m int) Next {
		return Next{ID: id, Name: name, Service: service, Practitioner: who, At: sceneAt(24, h, m), Arrive: &NeedAct{Label: "Arrived", For: name, Post: "/appointments/" + id + "/arrive"}}
	}
	return Today{Shell: sceneShell("Today", "Today"), Heading: "Tuesday 24 November", Short: "Tue 24 Nov", Stream: Stream{}, BookURL: "/appointments/new",
		Part: TodayPart{CSRF: "canned-token", Now: sceneNow, Ribbon: sceneRibbon(sceneDay()), Needs: sceneNeeds(), Calls: sceneCalls(), More: "/schedule", MoreN: 21,
			Here: []Here{
				here("a3", "Kofi Mensah", "for Dr Okafor, 10:45", false, 10, 33), here("b6", "Rosa Delgado", "for Dr Lindqvist, 11:00", false, 10, 39),
				here("a2", "Eleanor Whitcombe", "in Room 1 with Dr Okafor", true, 10, 4), here("c3", "Daniel Osei", "in Room 3 with Priya Raman", true, 10, 16), here("d3", "Freya Nilsen", "in Laser suite with Maeve Gallagher", true, 10, 31),
			},
			Next: []Next{
				next("b5", "Oliver Marsh", "Mole check", "Dr Henrik Lindqvist", 10, 30), next("n1", "Ruth Calder", "Review", "Priya Raman", 11, 0), next("n2", "Tom Achebe", "Patch test", "Maeve Gallagher", 11, 30),
				next("n3", "Grace Adeyemi-Thornbury", "Septoplasty consultation", "Dr Adaeze Okafor", 11, 45), next("n4", "Maya Lindgren", "Dermal filler", "Priya Raman", 12, 0), next("n5", "Harriet Lowe", "New patient consultation", "Dr Tomasz Zieliński", 12, 0),
			}}}
}

func todayStates() []State {
	full := sceneToday()
	state := func(name string, change func(*Today)) State {
		m := sceneToday()
		change(&m)
		return State{name, "Today", TodayPage(m)}
	}
	quiet := func(m *Today) {
		m.Part.Needs, m.Part.Here, m.Part.Calls = nil, nil, nil
		m.Shell.Pulse.Needs, m.Shell.Pulse.Calls = 0, nil
	}
	at := func(m *Today, h, min int) { m.Part.Now = sceneAt(24, h, min) }
	noBars := func(m *Today) {
		for i := range m.Part.Ribbon.Lanes {
			m.Part.Ribbon.Lanes[i].Bars = nil
		}
	}
	return []State{
		{"today", "Today", TodayPage(full)},
		state("today-before", func(m *Today) {
			quiet(m)
			at(m, 7, 12)
			m.Part.Phase, m.Part.Next = "The first hours begin at 08:00", m.Part.Next[1:]
		}),
		state("today-after", func(m *Today) {
			quiet(m)
			at(m, 18, 20)
			m.Part.Phase, m.Part.Next, m.Part.MoreN, m.Part.Seen, m.Part.Missed = "The last hours ended at 18:00", nil, 0, 31, 2
		}),
		state("today-empty", func(m *Today) { quiet(m); noBars(m); m.Part.Next, m.Part.MoreN = nil, 0 }),
		state("today-closed", func(m *Today) {
			quiet(m)
			m.Part.Ribbon, m.Part.Next, m.Part.MoreN = Ribbon{}, nil, 0
			m.Part.Phase = "Closed until Wed 25 Nov: Staff training"
		}),
		state("today-nobody", func(m *Today) {
			quiet(m)
			m.Part.Blank = &ui.Blank{Icon: "stethoscope", Title: "Nobody sees patients here yet", Words: "The day appears here once there are practitioners with hours and services.",
				Do: &ui.Button{Label: "Add a practitioner", Href: "/settings/practitioners", Kind: ui.Ink}}
		}),
		state("today-own", func(m *Today) {
			m.Sub, m.BookURL, m.Shell.Person = "Your own patients", "", Person{Name: "Dr Adaeze Okafor", Role: "Clinician"}
			m.Part.Ribbon.Lanes, m.Part.Calls, m.Shell.Pulse.Calls = m.Part.Ribbon.Lanes[:1], nil, nil
			m.Part.Needs = m.Part.Needs[2:3]
			m.Part.Here, m.Part.Next, m.Part.MoreN = []Here{m.Part.Here[0], m.Part.Here[2]}, m.Part.Next[3:4], 3
			m.Part.Next[0].Practitioner = ""
			m.Shell.Pulse.Needs = 1
		}),
		state("today-twelve", func(m *Today) { manyLanes(m, 12) }),
		state("today-too-much", tooMuch),
	}
}

func manyLanes(m *Today, n int) {
	lanes := m.Part.Ribbon.Lanes
	for i := len(lanes); i < n; i++ {
		l := lanes[i%5]
		l.Name = sceneStaff[i%len(sceneStaff)]
		m.Part.Ribbon.Lanes = append(m.Part.Ribbon.Lanes, l)
	}
}

// tooMuch is a day that went wrong, of people with long names.
func tooMuch(m *Today) {
	manyLanes(m, 20)
	long := "Bartholomew Maximilian Featherstonehaugh-Cholmondeley von Hohenzollern-Sigmaringen"
	m.Shell.Clinic.Name, m.Shell.Person.Name = "The Northside Aesthetics and Reconstructive Surgery Partnership", long
	for i := range 24 {
		n := sceneNeeds()[1+i%2]
		n.ID = fmt.Sprintf("need-many-%d", i)
		n.Title = strings.Replace(n.Title, "Oliver Marsh", long, 1)
		m.Part.Needs = append(m.Part.Needs, n)
	}
	for i := range 18 {
		h := m.Part.Here[i%5]
		h.ID, h.Name, h.Where = fmt.Sprintf("many-%d", i), long, "for Dr Bartholomew Featherstonehaugh-Cholmondeley, 10:45"
		m.Part.Here = append(m.Part.Here, h)
		c := sceneCalls()[0]
		m.Part.Calls = append(m.Part.Calls, c)
	}
	for i := range m.Part.Next {
		m.Part.Next[i].Name, m.Part.Next[i].Service = long, "A consultation whose name goes on for as long as names are allowed to"
	}
	m.Shell.Pulse.Calls, m.Shell.Pulse.Needs = m.Part.Calls, len(m.Part.Needs)
}
