package views

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
		column("Booked", blk(d, "pt1", 1000, 1015, StateBooked, "Ivy Sandhu", "Review", "", ""), blk(d, "pt2", 1045, 1115, StateBooked, "Peter Vance", "Cryotherapy", "", ""),
			blk(d, "pt3", 1115, 1200, StateBooked, "Camille Roux", "Lip filler", "Confirmed by text", "text")),
		column("Arrived, in the room", arrived, arrived2, blk(d, "pt6", 1045, 1130, StateCheckedIn, "Eleanor Whitcombe", "Septoplasty consultation", "In Room 1 since 10:04", "")),
		column("Done, late, no-show", blk(d, "pt7", 1000, 1015, StateFulfilled, "Bea Novak", "Patch test", "", ""), blk(d, "pt8", 1030, 1100, StateBooked, "Oliver Marsh", "Mole check", "", ""),
			blk(d, "pt11", 1100, 1145, StateNoShow, "Lewis Hale", "Eyelid consultation", "", "")),
		withSlots(column("Free, blocked", blk(d, "", 1100, 1200, StateBlocked, "Lunch", "", "", ""))),
		column("Held", held, held2),
	}}
}
