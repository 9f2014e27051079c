package main

import "time"

// The demo's two clinics, as the contract names them. All of it is invented; the phone numbers are those that regulators keep for fiction.

type demoClinic struct {
	slug, name, zone, locale, country, domain, key, secret string
	services                                               []demoService
	practitioners                                          []demoPractitioner
	people                                                 []demoPerson
	first, last                                            []string
	phone                                                  func(n int) string
}

type demoService struct {
	slug, name string
	minutes    int
}

type demoPractitioner struct {
	name, room string
	services   []string
	days       []time.Weekday
	hours      [][2]int // minutes from midnight
}

type demoPerson struct {
	local, name, role, practitioner string
	overbooks                       bool
}

const demoPassword = "anteroom-demo"

var (
	weekdays = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}
	weekend  = []time.Weekday{time.Saturday, time.Sunday}
)

func hm(h, m int) int { return h*60 + m }

var northside = demoClinic{
	slug: "northside", name: "Northside Aesthetics", zone: "Europe/London", locale: "en-GB", country: "GB", domain: "northside.example",
	key: "ak_demo_northside", secret: "vs_demo_northside",
	services: []demoService{
		{"rhinoplasty", "Rhinoplasty consultation", 45}, {"septoplasty", "Septoplasty consultation", 45}, {"breast-augmentation", "Breast augmentation consultation", 60},
		{"liposuction", "Liposuction consultation", 45}, {"botox", "Anti-wrinkle treatment", 30}, {"filler", "Dermal filler", 30},
		{"laser-hair-removal", "Laser hair removal", 30}, {"mole-check", "Mole check", 15},
	},
	practitioners: []demoPractitioner{
		{"Dr Adaeze Okafor", "Room 1", []string{"rhinoplasty", "septoplasty", "breast-augmentation", "liposuction"},
			append(append([]time.Weekday{}, weekdays...), time.Saturday), [][2]int{{hm(9, 0), hm(12, 30)}, {hm(13, 15), hm(17, 30)}}},
		{"Dr Henrik Lindqvist", "Room 2", []string{"mole-check", "septoplasty", "rhinoplasty"}, weekdays, [][2]int{{hm(8, 0), hm(12, 0)}, {hm(13, 0), hm(16, 0)}}},
		{"Priya Raman", "Room 3", []string{"botox", "filler", "mole-check"},
			append([]time.Weekday{time.Tuesday, time.Wednesday, time.Thursday, time.Friday}, weekend...), [][2]int{{hm(9, 0), hm(12, 45)}, {hm(13, 30), hm(18, 0)}}},
		{"Maeve Gallagher", "Laser suite", []string{"laser-hair-removal", "filler"},
			append([]time.Weekday{time.Monday, time.Wednesday, time.Thursday, time.Friday}, weekend...), [][2]int{{hm(8, 0), hm(12, 0)}, {hm(12, 30), hm(16, 30)}}},
		{"Dr Tomasz Zieliński", "Room 4", []string{"liposuction", "breast-augmentation", "mole-check", "botox"}, weekdays, [][2]int{{hm(12, 0), hm(19, 0)}}},
	},
	people: []demoPerson{
		{local: "admin", name: "Rowan Blythe", role: "admin", overbooks: true}, {local: "frontdesk", name: "Imogen Clarke", role: "frontdesk", overbooks: true},
		{local: "clinician", name: "Dr Adaeze Okafor", role: "clinician", practitioner: "Dr Adaeze Okafor"}, {local: "compliance", name: "Nikhil Sethi", role: "compliance"},
	},
	first: []string{"Eleanor", "Oliver", "Beatrice", "Kofi", "Grace", "Isla", "Marcus", "Niamh", "Joanna", "Theodore", "Hannah", "Rosa", "Wendell", "Aisling", "Peter", "Zara",
		"Chloe", "Sofia", "Daniel", "Ruth", "Maya", "Tess", "Camille", "Ivy", "Nadia", "Simon", "Alicia", "Jonah", "Freya", "Lucy", "Omar", "Petra", "Harriet", "Ben", "Imani", "Victoria"},
	last: []string{"Whitcombe", "Marsh", "Holm", "Mensah", "Adeyemi-Thornbury", "Pereira", "Bell", "O’Rourke", "Pike", "Ames", "Brandt", "Delgado", "Cho", "Byrne", "Vance", "Haddad",
		"Winters", "Marchetti", "Osei", "Calder", "Lindgren", "Howard", "Roux", "Sandhu", "Farouk", "Tait", "Stone", "Price", "Nilsen", "Tan", "Siddiqui", "Kovač", "Lowe", "Ashworth"},
	phone: func(n int) string { return "+447700900" + threeDigits(n) },
}

var lakeview = demoClinic{
	slug: "lakeview", name: "Lakeview Family Practice", zone: "America/New_York", locale: "en-US", country: "US", domain: "lakeview.example",
	key: "ak_demo_lakeview", secret: "vs_demo_lakeview",
	services: []demoService{
		{"physical", "Annual physical", 45}, {"knee-pain", "Knee pain visit", 30}, {"colonoscopy", "Colonoscopy consultation", 30},
		{"flu-shot", "Flu shot", 15}, {"blood-test", "Blood test", 15}, {"skin-check", "Skin check", 30},
	},
	practitioners: []demoPractitioner{
		{"Dr. Sarah Whitfield", "Exam 1", []string{"physical", "knee-pain", "skin-check"}, weekdays, [][2]int{{hm(8, 0), hm(12, 0)}, {hm(13, 0), hm(17, 0)}}},
		{"Dr. Marcus Reed", "Exam 2", []string{"physical", "colonoscopy", "knee-pain"}, weekdays, [][2]int{{hm(9, 0), hm(13, 0)}, {hm(14, 0), hm(18, 0)}}},
		{"Dr. Anita Desai", "Exam 3", []string{"skin-check", "physical"}, append(append([]time.Weekday{}, weekdays[1:]...), time.Saturday), [][2]int{{hm(8, 30), hm(12, 30)}, {hm(13, 15), hm(16, 30)}}},
		{"Olivia Brooks, RN", "Nurse’s room", []string{"flu-shot", "blood-test"}, append(append([]time.Weekday{}, weekdays...), weekend...), [][2]int{{hm(8, 0), hm(12, 0)}, {hm(12, 45), hm(16, 0)}}},
	},
	people: []demoPerson{
		{local: "admin", name: "Dana Castellano", role: "admin", overbooks: true}, {local: "frontdesk", name: "Jordan Ellis", role: "frontdesk"},
		{local: "clinician", name: "Dr. Sarah Whitfield", role: "clinician", practitioner: "Dr. Sarah Whitfield"}, {local: "compliance", name: "Miriam Katz", role: "compliance"},
	},
	first: []string{"Emily", "Michael", "Ashley", "Joshua", "Madison", "Carlos", "Hannah", "Tyler", "Brianna", "Wei", "Samantha", "Luis", "Olivia", "Ethan", "Priscilla", "Noah", "Aaliyah",
		"Gabriel", "Rebecca", "Jamal", "Theresa", "Victor", "Naomi", "Walter", "Gloria", "Henry", "Denise", "Curtis", "Lorraine", "Felix"},
	last: []string{"Johnson", "Ramirez", "Novak", "Thompson", "Nguyen", "Schwartz", "Rivera", "McAllister", "Okonkwo", "Kowalski", "Patel", "Fitzgerald", "Brown", "Delacroix", "Hughes",
		"Goldberg", "Santiago", "Peterson", "Washington", "Lindstrom", "Moretti", "Chen", "Abernathy", "Vasquez"},
	phone: func(n int) string {
		areas := []string{"607", "315", "585", "716"}
		return "+1" + areas[n/100%len(areas)] + "55501" + threeDigits(n % 100)[1:]
	},
}

func threeDigits(n int) string {
	return string([]byte{'0' + byte(n/100%10), '0' + byte(n/10%10), '0' + byte(n%10)})
}
