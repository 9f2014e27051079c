package views

import (
	"time"

	"anteroom/views/ui"
)

// sceneBlocks are all looks of a block, one column for each.
func sceneBlocks() Grid {
	const d = 24
	arrived := blk(d, "pt4", 1000, 1015, StateArrived, "Kofi Mensah", "Review", "", "")
	arrived2 := blk(d, "pt5", 1015, 1045, StateArrived, "Rosa Delgado", "Patch test reading", "", "")
	arrived2.Since = sceneAt(d, 10, 39)
	held := blk(d, "pt9", 1000, 1030, StatePending, "", "Filler review", "", "")
	held.Hold = sceneHold(24, "902", "on the phone for 3:05")
	held2 := blk(d, "pt10", 1030, 1130, StatePending, "", "Rhinoplasty consultation", "", "")
	held2.Hold = sceneHold(72, "418", "on the phone for 1:48")
	column := func(name string, blocks ...Block) Column {
		return Column{Practitioner: name, Date: sceneAt(d, 0, 0), Hours: hours(d, 1000, 1200), Blocks: blocks}
	}
	return Grid{Label: "Blocks in their states", Now: sceneNow, Zone: "GMT", FromHour: 10, ToHour: 12, CanBook: true, CSRF: "canned-token", Columns: []Column{
		column("Booked", blk(d, "pt1", 1045, 1100, StateBooked, "Ivy Sandhu", "Review", "", ""), blk(d, "pt2", 1100, 1130, StateBooked, "Peter Vance", "Cryotherapy", "", ""),
			blk(d, "pt3", 1130, 1200, StateBooked, "Camille Roux", "Lip filler", "Confirmed by text", "text")),
		column("Arrived, in the room", arrived, arrived2, blk(d, "pt6", 1045, 1130, StateCheckedIn, "Eleanor Whitcombe", "Septoplasty consultation", "In Room 1 since 10:04", "")),
		column("Done, late, no-show", blk(d, "pt7", 1000, 1015, StateFulfilled, "Bea Novak", "Patch test", "", ""), blk(d, "pt8", 1030, 1100, StateBooked, "Oliver Marsh", "Mole check", "", ""),
			blk(d, "pt11", 1100, 1145, StateNoShow, "Lewis Hale", "Eyelid consultation", "", "")),
		withSlots(column("Free, blocked", blk(d, "", 1100, 1200, StateBlocked, "Lunch", "", "", ""))),
		column("Held", held, held2),
	}}
}

func teamStates() []State {
	came := func(d, h, m int) *time.Time { t := sceneAt(d, h, m); return &t }
	m := Team{Settings: sceneSettings("Team", "Team"), Now: sceneNow, List: []TeamRow{
		{ID: "1", Name: "Dr Adaeze Okafor", Email: "okafor@northside.example", Role: "clinician", RoleName: "Clinician", PractitionerID: "1", Practitioner: "Dr Adaeze Okafor", Entered: came(24, 8, 40)},
		{ID: "2", Name: "Imogen Clarke", Email: "frontdesk@northside.example", Role: "frontdesk", RoleName: "Front desk", MayOverbook: true, Entered: came(24, 7, 52)},
		{ID: "3", Name: "Nikhil Sethi", Email: "compliance@northside.example", Role: "compliance", RoleName: "Compliance officer"},
		{ID: "4", Name: "Rowan Blythe", Email: "admin@northside.example", Role: "admin", RoleName: "Practice admin", MayOverbook: true, Entered: came(20, 17, 3), You: true},
	}, Roles: []ui.Option{{Value: "admin", Label: "Practice admin"}, {Value: "frontdesk", Label: "Front desk"}, {Value: "clinician", Label: "Clinician"}, {Value: "compliance", Label: "Compliance officer"}},
		Practitioners: []ui.Option{{Value: "1", Label: "Dr Adaeze Okafor"}, {Value: "2", Label: "Dr Henrik Lindqvist"}}}
	state := func(name string, change func(*Team)) State {
		t := m
		change(&t)
		return State{name, "Settings", TeamPage(t)}
	}
	return []State{
		state("settings-team", func(*Team) {}),
		state("settings-team-add", func(t *Team) { t.Edit = &TeamForm{Role: "frontdesk"} }),
		state("settings-team-change", func(t *Team) { t.OpenPerson("2") }),
		state("settings-team-added", func(t *Team) { t.Added, t.Password = "Imogen Clarke", "abcde-fghij-klmno-pqrst" }),
		state("settings-team-refused", func(t *Team) {
			t.OpenPerson("4")
			t.Settings.Problems = []ui.Problem{{Message: "A clinic needs an admin: make somebody else one first."}}
		}),
		state("settings-team-long", func(t *Team) {
			t.List = append([]TeamRow{}, t.List...)
			t.List[0].Name = "Bartholomew Maximilian Featherstonehaugh-Cholmondeley von Hohenzollern-Sigmaringen"
			t.List[0].Email = "bartholomew.maximilian.featherstonehaugh-cholmondeley@northside-aesthetics-and-reconstructive-surgery.example"
		}),
	}
}
