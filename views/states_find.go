package views

func sceneFound() Found {
	typed := []string{"adey"}
	return Found{CSRF: "canned-token", Back: "/today", Groups: []FoundGroup{
		{"Patients", []FoundItem{
			{Label: "Grace Adeyemi-Thornbury", Hits: typed, More: "born 14 Mar 1988, 07••• •••418", End: "11:45", Who: "Grace Adeyemi-Thornbury", Href: "/patients/p1"},
			{Label: "Ronke Adeyela", Hits: typed, More: "born 2 Nov 1991, 07••• •••652", Who: "Ronke Adeyela", Href: "/patients/p2"},
		}},
		{"Do", []FoundItem{
			{Label: "Open Grace Adeyemi-Thornbury’s next appointment", End: "11:45", Icon: "calendar", Href: "/appointments/a4"},
			{Label: "Book for Grace Adeyemi-Thornbury", Icon: "plus", Href: "/appointments/new?patient=p1"},
		}},
	}}
}

func scenePages() Found {
	f := Found{CSRF: "canned-token", Back: "/today"}
	pages, do := FoundGroup{Name: "Pages"}, FoundGroup{Name: "Do"}
	for _, n := range sceneShell("", "").Nav {
		pages.Items = append(pages.Items, FoundItem{Label: n.Label, Icon: n.Icon, Href: n.Href})
	}
	do.Items = []FoundItem{
		{Label: "Book an appointment", Icon: "plus", Href: "/appointments/new"}, {Label: "Work at Lakeview Family Practice", Icon: "building-2", Post: "/clinics/switch", Name: "clinic", Value: "c2"},
		{Label: "Print this page", Icon: "printer", Print: true},
	}
	f.Groups = []FoundGroup{pages, do}
	return f
}

func findStates() []State {
	state := func(name, asked string, f Found) State {
		return State{name, "Find", FindPage(Find{Shell: sceneShell("Find", ""), Query: asked, Found: f})}
	}
	over := func(name, asked string, f Found) State {
		f.Listbox = true
		return State{name, "Find", paletteState(sceneShell("Today", "Today"), asked, f)}
	}
	long := sceneFound()
	name := "Bartholomew Maximilian Featherstonehaugh-Cholmondeley von Hohenzollern-Sigmaringen"
	for range 12 {
		long.Groups[0].Items = append(long.Groups[0].Items, FoundItem{Label: name, Hits: []string{"feath"}, More: "born 14 Mar 1988, 07••• •••418", End: "Thu 24 Dec 11:45", Who: name, Href: "/patients/p3"})
	}
	days := Found{CSRF: "canned-token", Groups: []FoundGroup{{"Days", []FoundItem{{Label: "Go to Tue 1 December 2026", End: "in 7 days", Icon: "calendar", Href: "/schedule?date=2026-12-01"}}}}}
	none := Found{Note: "Nobody and nothing is called that. Names are found by the beginning of any part, numbers by their end."}
	denied := Found{Note: "Nothing is called that. Your role does not look up patients."}
	failed := Found{Problem: "Looking failed. What you typed is kept: try again in a moment."}
	return []State{
		over("palette", "", scenePages()), over("palette-patient", "adey", sceneFound()), over("palette-day", "next tue", days), over("palette-none", "zzyzx", none),
		over("palette-denied", "adey", denied), over("palette-failed", "adey", failed), over("palette-long", "feath", long),
		state("find", "", scenePages()), state("find-patient", "adey", sceneFound()), state("find-none", "zzyzx", none), state("find-long", "feath", long),
	}
}

// withoutSearch leaves out the palette, for a page that shows one.
func withoutSearch(s Shell) Shell {
	s.Search = false
	return s
}
