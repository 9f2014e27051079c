package views

import (
	"time"

	"anteroom/views/ui"
)

func scenePatients(n int) []PatientRow {
	var rows []PatientRow
	for i := range n {
		name := sceneNames[i%len(sceneNames)]
		row := PatientRow{ID: "p" + thousands(i), Name: name, Phone: "07••• •••" + thousands(418+i), BirthDate: "14 Mar 1988", Age: "38", LastSeen: "Mon 2 Nov 2026"}
		switch i % 3 {
		case 0:
			row.Next = "Tue 24 Nov 2026, 11:45"
		case 1:
			row.BirthDate, row.Age, row.LastSeen = "", "", ""
		}
		rows = append(rows, row)
	}
	return rows
}

const sceneLongName = "Bartholomew Maximilian Featherstonehaugh-Cholmondeley von Hohenzollern-Sigmaringen"

func patientStates() []State {
	all := append(searchStates(), recordStates()...)
	all = append(append(all, patientFormStates()...), suggestionStates()...)
	return append(all, mergeStates()...)
}

func searchStates() []State {
	search := func(name string, m Patients) State {
		m.Shell, m.CanAdd = sceneShell("Patients", "Patients"), name != "patients-clinician"
		return State{name, "Patients", PatientsPage(m)}
	}
	long := scenePatients(4)
	long[1].Name, long[1].Same = sceneLongName, []string{"name", "phone"}
	masked := scenePatients(4)
	for i := range masked {
		masked[i].BirthDate = "•• ••• 1988"
	}
	picks := func(name string, m Picks) State {
		return State{name, "Patients", statePart("Choosing a patient", PatientPicks(m))}
	}
	same := scenePatients(2)
	same[0].Same, same[1].Same = []string{"name", "phone", "birth date"}, []string{"phone"}
	return []State{
		search("patients", Patients{}),
		search("patients-recent", Patients{Recent: scenePatients(8)}),
		search("patients-typing", Patients{Query: "a", Hint: "Type at least two letters or digits."}),
		search("patients-short", Patients{Query: "a", Problem: "Type at least two letters or digits."}),
		search("patients-none", Patients{Query: "zzz", Searched: true}),
		search("patients-found", Patients{Query: "ade", Searched: true, Results: scenePatients(7)}),
		search("patients-clinician", Patients{Query: "ade", Searched: true, Results: masked}),
		search("patients-long", Patients{Query: "ade", Searched: true, Results: long}),
		search("patients-too-many", Patients{Query: "an", Searched: true, Results: scenePatients(50), Skip: 50, More: true}),
		picks("picks", Picks{Searched: true, Found: scenePatients(3), Chosen: "p1"}),
		picks("picks-many", Picks{Searched: true, Found: append(long, scenePatients(4)...), More: true}),
		picks("picks-none", Picks{Searched: true}),
		picks("picks-long", Picks{Problem: "That is too long to search for."}),
		{"picks-duplicates", "Patients", statePart("Warning of a second record", PatientDuplicates(same, ""))},
		{"picks-duplicate", "Patients", statePart("Warning of a second record", PatientDuplicates(same[:1], "p0"))},
	}
}

// scenePatient is a record with everything.
func scenePatient() Patient {
	imogen, okafor := ui.Actor{Kind: ui.Person, Name: "Imogen Clarke"}, ui.Actor{Kind: ui.Person, Name: "Dr Adaeze Okafor"}
	return Patient{
		ID: "p1", Name: "Grace Adeyemi-Thornbury", Phone: "07700 900418", PhoneLink: "tel:+447700900418", Email: "grace@example.org", BirthDate: "14 Mar 1988", Age: "38",
		Address: "14 Calder Row\nLondon N1", Notes: "Prefers the ground floor. Brings an interpreter.", BookURL: "/appointments/new", CanEdit: true, Zone: "London time",
		Upcoming: []PatientAppointment{{"a1", sceneAt(24, 11, 45), "Septoplasty consultation", "Dr Adaeze Okafor", StateBooked}},
		Earlier:  []PatientAppointment{{"a2", sceneAt(2, 9, 0), "Skin consultation", "Dr Henrik Lindqvist", StateFulfilled}},
		Cancelled: []PatientAppointment{
			{"a3", sceneAt(1, 9, 0), "Mole check", "Dr Henrik Lindqvist", StateNoShow}, {"a4", sceneAt(1, 15, 0), "Lip filler", "Priya Raman", "cancelled"},
		},
		Log: &PatientLog{Kind: "desk", Notes: []PatientNote{
			{By: imogen, At: sceneAt(23, 16, 20), Text: "Called back about the form. Will bring the scan on a stick."},
			{By: okafor, At: sceneAt(2, 9, 40), Clinical: true, Hidden: true},
		}},
		Activity: []PatientAct{{imogen, "added a note", "", sceneAt(23, 16, 20)}, {ui.Actor{Kind: ui.Agent, Name: "Voice agent"}, "added the patient", "", sceneAt(2, 8, 51)}},
	}
}

func recordStates() []State {
	record := func(name string, m Patient) State {
		m.Shell, m.Now, m.Since = sceneShell("Patient", "Patients"), sceneNow, sceneAt(2, 9, 0)
		return State{name, "Patients", PatientPage(m)}
	}
	bare := Patient{ID: "p1", Name: "Ivy Sandhu", Phone: "No number", BookURL: "/schedule", CanEdit: true, Log: &PatientLog{Kind: "desk"}}
	masked := scenePatient()
	masked.Phone, masked.PhoneLink, masked.Email, masked.BirthDate, masked.Address = "07••• •••418", "", "•••", "•• ••• 1988", "•••"
	masked.Masked, masked.CanEdit, masked.BookURL, masked.Activity = true, false, "", nil
	masked.Reveal = &Reveal{Reasons: RevealReasons([]string{"calling-the-patient", "confirming-identity", "covering-for-a-colleague", "emergency"})}
	treats := masked
	treats.Log = &PatientLog{Both: true, Kind: "clinical", Notes: []PatientNote{
		{By: ui.Actor{Kind: ui.Person, Name: "Dr Adaeze Okafor"}, At: sceneAt(2, 9, 40), Clinical: true, Text: "Deviated septum, left. Scan asked for."},
	}}
	stranger := masked
	stranger.Log, stranger.Notes = nil, ""
	called := masked
	called.Calls, called.CanBreak = sceneCallRows(3), true
	told := scenePatient()
	told.Calls, told.Suggestions = sceneCallRows(2), sceneSuggestions()
	open := called
	open.CanBreak, open.Glass = false, &OpenGlass{ID: "g1", Until: sceneAt(24, 11, 30), Why: "An emergency", Patient: true}
	shown := scenePatient()
	shown.Masked, shown.CanEdit, shown.Log, shown.Activity = true, false, treats.Log, nil
	shown.Reveal = &Reveal{Why: "Calling the patient about their care", Until: &ui.Countdown{ExpiresAt: sceneNow.Add(41 * time.Second), Left: 41 * time.Second, Total: time.Minute, Words: "Hidden again in"}}
	alike := scenePatient()
	alike.Alike = scenePatients(1)
	alike.Alike[0].Same = []string{"phone", "birth date"}
	alike.Merges = []PatientMerge{{ID: "m2", By: "Imogen Clarke", At: sceneAt(20, 9, 0), Until: sceneAt(20, 9, 0).AddDate(0, 0, 30), Can: true}, {ID: "m1", By: "Rowan Blythe", At: sceneAt(12, 9, 0), Until: sceneAt(12, 9, 0).AddDate(0, 0, 30)}}
	refused := scenePatient()
	refused.Problem = "Another record was merged into this one since. Undo that merge first."
	refused.Log.Typed, refused.Log.Problem = "Called", "The note must have at most 2000 characters."
	long := scenePatient()
	long.Name, long.Email, long.Address = sceneLongName, "bartholomew.maximilian.featherstonehaugh-cholmondeley@correspondence.example.org", "The Old Rectory behind the second church\nLlanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch\nAnglesey LL61"
	long.Seen, long.MoreVisits = true, true
	for i := range 30 {
		long.Earlier = append(long.Earlier, PatientAppointment{"b" + thousands(i), sceneAt(1, 9, 0).AddDate(0, 0, -7*i), "Rhinoplasty consultation", "Dr Adaeze Okafor", StateFulfilled})
		long.Activity = append(long.Activity, PatientAct{ui.Actor{Kind: ui.Person, Name: "Imogen Clarke"}, "opened the record", "", sceneAt(1, 9, 0).AddDate(0, 0, -i)})
	}
	erased := Patient{ID: "p1", Name: "Erased patient", Earlier: scenePatient().Earlier, Denied: &ui.Blank{Icon: "eye-off", Title: "Erased", Words: "The key to this record was destroyed, so nobody can read who it was. The times of the appointments stay."}}
	return []State{
		record("patient", scenePatient()), record("patient-new", bare), record("patient-duplicate", alike), record("patient-refused", refused), record("patient-long", long),
		record("patient-masked", stranger), record("patient-treated", treats), record("patient-revealed", shown), record("patient-erased", erased),
		record("patient-calls", called), record("patient-suggestions", told), record("patient-glass", open),
	}
}

func patientFormStates() []State {
	form := func(name string, m PatientForm) State {
		m.Shell, m.Today = sceneShell("Patient", "Patients"), "2026-11-24"
		return State{name, "Patients", PatientFormPage(m)}
	}
	typed := PatientForm{Name: "Grace Adeyemi-Thornbury", Phone: "07700 90041", Email: "grace@example.org", Birth: "1988-03-14", Address: "14 Calder Row\nLondon N1", Notes: "Prefers the ground floor."}
	wrong := typed
	wrong.Problems = []ui.Problem{{FieldID: "f-phone", Message: "The phone must be a phone number with its area code."}, {FieldID: "f-birth_date", Message: "The date of birth must not be in the future."}}
	alike := typed
	alike.Alike = scenePatients(2)
	alike.Alike[0].Same, alike.Alike[1].Same = []string{"name", "phone", "birth date"}, []string{"phone"}
	edit := typed
	edit.ID, edit.Title, edit.Version = "p1", "Grace Adeyemi-Thornbury", "3"
	stale := edit
	stale.Stale, stale.Theirs = true, map[string]string{"phone": "07700 900777", "notes": ""}
	return []State{form("patient-add", PatientForm{}), form("patient-add-wrong", wrong), form("patient-add-known", alike), form("patient-edit", edit), form("patient-edit-stale", stale)}
}

func mergeStates() []State {
	shell := sceneShell("Merge", "Patients")
	rows := scenePatients(3)
	alike := scenePatients(1)
	alike[0].Same = []string{"phone", "birth date"}
	choose := func(name string, m MergeChoice) State {
		m.Shell, m.ID, m.Name = shell, "p9", "Grace Adeyemi-Thornbury"
		return State{name, "Patients", MergeChoicePage(m)}
	}
	compare := MergeCompare{
		Shell: shell, KeepV: "1", OtherV: "2", UndoUntil: sceneAt(24, 10, 42).AddDate(0, 0, 30),
		Keep:  MergeSide{ID: "p1", Name: "Grace Adeyemi-Thornbury", Facts: []string{"3 appointments", "2 notes", "known since 2 Nov 2026"}},
		Other: MergeSide{ID: "p2", Name: "Grace Adeyemi", Facts: []string{"1 appointment", "0 notes", "known since 20 Nov 2026"}},
		Fields: []MergeField{
			{Name: "name", Label: "Name", Keep: "Grace Adeyemi-Thornbury", Other: "Grace Adeyemi", Choice: "keep"},
			{Name: "phone", Label: "Phone", Keep: "07700 900418", Other: "07700 900418", Same: true},
			{Name: "email", Label: "E-mail", Other: "grace@example.org", Choice: "other"},
			{Name: "birth_date", Label: "Date of birth", Keep: "14 Mar 1988", Other: "14 Mar 1988", Same: true},
			{Name: "address", Label: "Address", Same: true},
			{Name: "notes", Label: "Good to know", Keep: "Prefers the ground floor.", Other: "Brings an interpreter.", Choice: "both", CanBoth: true},
		},
	}
	refused := compare
	refused.Fields = append([]MergeField{}, compare.Fields...)
	refused.Problem = "One of these records was changed while you compared them. Nothing was merged. Compare them again."
	refused.Other.Name, refused.Fields[0].Other = sceneLongName, sceneLongName
	return []State{
		choose("merge", MergeChoice{Alike: alike}), choose("merge-nobody", MergeChoice{Query: "zzz", Searched: true}), choose("merge-found", MergeChoice{Query: "ade", Searched: true, Found: rows, More: true}),
		choose("merge-short", MergeChoice{Query: "a", Problem: "Type at least two letters or digits."}), {"merge-compare", "Patients", MergeComparePage(compare)}, {"merge-refused", "Patients", MergeComparePage(refused)},
	}
}

func sceneSuggestions() []SuggestionRow {
	return []SuggestionRow{{URL: "/patients/p1/suggestions/s1", Kind: "EMAIL", At: sceneAt(24, 10, 31)}, {URL: "/patients/p1/suggestions/s2", Kind: "ADDRESS", At: sceneAt(20, 9, 2)}}
}

func suggestionStates() []State {
	ask := Suggestion{Shell: sceneShell("Patient", "Patients"), PatientID: "p1", Name: "Grace Adeyemi-Thornbury", SpanID: "s1", Kind: "EMAIL", CallURL: "/calls/c0", At: sceneAt(24, 10, 31), Has: "grace@example.org",
		Version: "3", Reasons: CallReasons([]string{"treatment", "booking", "other"})}
	refused := ask
	refused.Has, refused.Kind, refused.Reason, refused.Problem = "", "PHONE", "other", "Say in a few words why, without naming the patient."
	heard := ask
	heard.Heard, heard.Until, heard.Value = "grace dot thornbury at example dot com", sceneNow.Add(47*time.Second), "grace.thornbury@example.com"
	address := heard
	address.Kind, address.Has, address.Heard, address.Value = "ADDRESS", "14 Calder Row\nLondon N1", "the old rectory, behind the second church, number nine, Marrowbone Close, Leeds, and the postcode is L S six, two A B", "The old rectory, 9 Marrowbone Close\nLeeds LS6 2AB"
	bad := ask
	bad.Typing, bad.Value, bad.FieldProblem = true, "grace.thornbury", "This must be an e-mail address, such as name@example.com."
	page := func(name string, m Suggestion) State { return State{name, "Patients", SuggestionPage(m)} }
	return []State{page("suggestion", ask), page("suggestion-refused", refused), page("suggestion-heard", heard), page("suggestion-address", address), page("suggestion-bad", bad)}
}
