package views

import (
	"anteroom/views/ui"
)

func sceneSettings(title, current string) Settings {
	s := Settings{Shell: sceneShell(title, "Settings"), CanEdit: true}
	for _, n := range []string{"Practitioners", "Services", "Closures", "Team", "Agents"} {
		href := map[string]string{"Practitioners": "/settings/practitioners", "Services": "/settings/services", "Closures": "/settings/closures", "Team": "/settings/team", "Agents": "/settings/agents"}[n]
		s.Nav = append(s.Nav, ui.Link{Label: n, Href: href, Current: n == current})
	}
	return s
}

func settingsStates() []State {
	people := sceneSettings("Practitioners", "Practitioners")
	reader := people
	reader.CanEdit = false
	var list []PractitionerRow
	for i, n := range sceneStaff {
		list = append(list, PractitionerRow{ID: thousands(i), Name: n, Room: "Room " + thousands(i+1), Hours: "Mon to Fri, 31 h a week", Services: 4 + i%3, Active: i != 7})
	}
	who := Practitioner{Settings: people, ID: "1", Title: "Dr Adaeze Okafor", Name: "Dr Adaeze Okafor", Short: "Dr Okafor", Room: "Room 1", Position: "1", Active: true, Zone: "London time",
		Others:   []OtherHours{{"2026-11-28", sceneAt(28, 0, 0), "09:00 to 13:00", "Saturday clinic"}},
		TimeOff:  []TimeOff{{"o1", sceneAt(26, 13, 0), sceneAt(26, 17, 30), false, "Conference"}, {"o2", sceneAt(28, 0, 0), sceneAt(30, 0, 0), true, "Leave"}},
		Services: []ServiceChoice{{"1", "Rhinoplasty consultation", 45, true}, {"2", "Septoplasty consultation", 45, true}, {"3", "Breast augmentation consultation", 60, false}, {"4", "Mole check", 15, false}}}
	for d := 1; d <= 5; d++ {
		who.Hours = append(who.Hours, WeeklyHours{Weekday: d, Start: "09:00", End: "12:30"}, WeeklyHours{Weekday: d, Start: "13:15", End: "17:30"})
	}
	saved := who
	saved.Settings.Change = &Change{Title: "Hours saved.", Added: 84, Removed: 12, Outside: []AffectedAppointment{{"a1", sceneAt(27, 17, 0), "Review"}, {"a2", sceneAt(30, 17, 0), "Scar review"}, {"a3", sceneAt(30, 17, 15), "Rhinoplasty consultation"}}}
	refused := who
	refused.Hours = append([]WeeklyHours{}, who.Hours...)
	refused.Hours[1].Start, refused.Hours[1].Error = "12:00", "This overlaps 09:00 to 12:30 on the same day."
	refused.Settings.Problems = []ui.Problem{{FieldID: "h1-start", Message: "Monday: 12:00 to 17:30 overlaps 09:00 to 12:30."}}
	nobody := Practitioner{Settings: people, ID: "2", Title: "Sanne de Vries", Name: "Sanne de Vries", Zone: "London time"}
	looking := who
	looking.Settings = reader

	services := sceneSettings("Services", "Services")
	closures := sceneSettings("Closures", "Closures")
	saidClosed := closures
	saidClosed.Change = &Change{Title: "Closed on Thu 24 Dec.", Removed: 132}
	return []State{
		{"settings-practitioners", "Settings", PractitionersPage(Practitioners{Settings: people, List: list})},
		{"settings-practitioners-empty", "Settings", PractitionersPage(Practitioners{Settings: people})},
		{"settings-practitioner", "Settings", PractitionerPage(who)},
		{"settings-practitioner-saved", "Settings", PractitionerPage(saved)},
		{"settings-practitioner-refused", "Settings", PractitionerPage(refused)},
		{"settings-practitioner-new", "Settings", PractitionerPage(nobody)},
		{"settings-practitioner-read-only", "Settings", PractitionerPage(looking)},
		{"settings-services", "Settings", ServicesPage(Services{services, []ServiceRow{{"1", "Rhinoplasty consultation", "rhinoplasty", 45, 2, true}, {"2", "Mole check", "mole-check", 15, 3, true}, {"3", "Cryotherapy", "cryotherapy", 30, 0, false}}})},
		{"settings-services-empty", "Settings", ServicesPage(Services{services, nil})},
		{"settings-service", "Settings", ServicePage(Service{Settings: services, ID: "1", Title: "Rhinoplasty consultation", Name: "Rhinoplasty consultation", Slug: "rhinoplasty", Minutes: "45", Active: true})},
		{"settings-service-new", "Settings", ServicePage(Service{Settings: services, Active: true})},
		{"settings-closures", "Settings", ClosuresPage(Closures{Settings: saidClosed, List: []Closure{{"1", sceneAt(25, 0, 0), sceneAt(25, 0, 0), true, "Staff training", false}, {"2", sceneAt(2, 8, 0), sceneAt(2, 13, 0), false, "Boiler repair", true}}})},
		{"settings-closures-empty", "Settings", ClosuresPage(Closures{Settings: closures})},
	}
}
