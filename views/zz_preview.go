package views

// SceneGridForPreview is throwaway.
func SceneGridForPreview() Grid {
	m := sceneSchedule(Grid{Columns: sceneDay()})
	m.Grid.Columns[1].Blocks = append(m.Grid.Columns[1].Blocks, blk(24, "new1", 1130, 1200, StateBooked, "Just Booked", "Mole check", "", ""))
	m.Grid.Columns[0].Blocks[3].State = StateArrived
	return m.Grid
}
