package handlers

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"anteroom/domain/identity"
	"anteroom/domain/patients"
	"anteroom/domain/scheduling"
	"anteroom/views"
	"anteroom/views/ui"
)

// books says whether a role books, takes over and cancels; a clinician only follows the own patients through the day.
func books(role string) bool { return bookers.admits(role) }

func (a *app) scheduleView(c *fiber.Ctx, s loaded) views.Schedule {
	q, locale := s.query, of(c).member.Locale
	day, week, all, anyService, anyRoom := q, q, q, q, q
	day.week, week.week = false, true
	all.practitioner, all.everyone, anyService.service, anyRoom.room = uuid.Nil, true, "", ""
	if !q.week && q.everyone {
		week.everyone = false // a week is of one person unless all are asked for there
	}
	today := q
	today.date = midnight(s.Now.In(s.zone), 0)
	m := views.Schedule{
		Shell: a.shell(c, "Schedule"), Week: q.week, Date: q.date, Heading: s.heading(locale),
		PrevURL: q.moved(-1).address("/schedule"), NextURL: q.moved(1).address("/schedule"), TodayURL: today.address("/schedule"),
		IsToday: !today.date.Before(s.days[0]) && today.date.Before(s.days[len(s.days)-1]),
		DayURL:  day.address("/schedule"), WeekURL: week.address("/schedule"), Stream: streamOf(c, s.asked),
		Practitioner: idOrEmpty(q.practitioner), Service: q.service, Room: q.room,
		ClearPractitionerURL: all.address("/schedule"), ClearServiceURL: anyService.address("/schedule"), ClearRoomURL: anyRoom.address("/schedule"), SheetURL: q.address("/schedule/sheet"),
		Grid: a.gridView(c, s),
	}
	if books(of(c).member.Role) {
		m.BookURL = "/appointments/new?date=" + q.date.Format(time.DateOnly)
	}
	for _, p := range s.Columns {
		if p.Active {
			m.Practitioners = append(m.Practitioners, ui.Option{Value: p.ID.String(), Label: p.Name})
		}
		if room := (ui.Option{Value: roomSlug(p.Room), Label: p.Room}); p.Active && room.Value != "" && !slices.Contains(m.Rooms, room) {
			m.Rooms = append(m.Rooms, room)
		}
	}
	for _, v := range s.Services {
		m.Services = append(m.Services, ui.Option{Value: v.Slug, Label: v.Name})
	}
	for i := range len(s.days) - 1 {
		if words := clockChange(s.days[i], s.days[i+1], q.week); words != "" {
			m.ClockChange = words
		}
	}
	return m
}

func (q scheduleQuery) moved(n int) scheduleQuery {
	if q.week {
		n *= 7
	}
	q.date = midnight(q.date, n)
	return q
}

func (s loaded) heading(locale string) string {
	if s.query.week {
		return weekHeading(s.days[0], s.days[len(s.days)-2], locale)
	}
	return dayHeading(s.query.date, locale)
}

func (a *app) gridView(c *fiber.Ctx, s loaded) views.Grid {
	return a.gridOf(c, s, eye{country: of(c).member.Country, books: books(of(c).member.Role), mine: of(c).member.Practitioner})
}

func (a *app) gridOf(c *fiber.Ctx, s loaded, see eye) views.Grid {
	role, locale := of(c).member.Role, of(c).member.Locale
	cells := s.cells(see)
	g := views.Grid{
		URL: s.query.address("/schedule/grid"), CSRF: a.csrf(c), Label: "Schedule, " + s.heading(locale), Now: s.Now.In(s.zone),
		Zone: midnight(s.query.date, 0).Add(12 * time.Hour).Format("MST"), Grain: s.Clinic.GrainMinutes, Week: s.query.week, CanBook: books(role),
	}
	if v := s.wanted(); v != nil {
		g.Service, g.Fits = v.Slug, time.Duration(v.DurationMinutes)*time.Minute
	}
	g.FromHour, g.ToHour = s.hours(cells)
	shown := s.shown()
	switch {
	case len(shown) == 0 || s.serviceUnknown():
		g.Blank = a.blank(c, s)
	case !s.query.week:
		for _, p := range shown {
			g.Columns = append(g.Columns, s.column(cells, p, 0))
		}
	case s.query.practitioner != uuid.Nil:
		for _, i := range s.openDays(cells) {
			g.Columns = append(g.Columns, s.column(cells, shown[0], i))
		}
	default:
		days := s.openDays(cells)
		for _, p := range shown {
			g.Rows = append(g.Rows, s.row(cells, p, days))
		}
	}
	return g
}

// shown are the practitioners of the page: those who see patients, and those whose patients come although they stopped.
func (s loaded) shown() (list []scheduling.Column) {
	busy := map[uuid.UUID]bool{}
	for _, e := range s.Entries {
		busy[e.PractitionerID] = true
	}
	for _, p := range s.Columns {
		if (p.Active || busy[p.ID]) && (s.query.practitioner == uuid.Nil || s.query.practitioner == p.ID) && (s.query.room == "" || s.query.room == roomSlug(p.Room)) {
			list = append(list, p)
		}
	}
	return list
}

// wanted is the service that is looked for; nil when none is, or when there is no such.
func (s loaded) wanted() *scheduling.Service {
	i := slices.IndexFunc(s.Services, func(v scheduling.Service) bool { return v.Slug == s.query.service })
	if i < 0 {
		return nil
	}
	return &s.Services[i]
}

func (s loaded) serviceUnknown() bool { return s.query.service != "" && s.wanted() == nil }

// blank says why there is no grid.
func (a *app) blank(c *fiber.Ctx, s loaded) *ui.Blank {
	all := s.query
	all.practitioner, all.everyone, all.service, all.room = uuid.Nil, true, "", ""
	show := &ui.Button{Label: "Show everybody", Href: all.address("/schedule"), Kind: ui.Ink}
	switch {
	case s.serviceUnknown():
		return &ui.Blank{Icon: "stethoscope", Title: "No such service", Words: "It was renamed, or can no longer be booked. What is booked for it still stands in the schedule.", Do: show}
	case s.query.room != "" && !slices.ContainsFunc(s.Columns, func(p scheduling.Column) bool { return roomSlug(p.Room) == s.query.room }):
		return &ui.Blank{Icon: "map-pin", Title: "No such room", Words: "It was renamed, or nobody works there any more.", Do: show}
	case s.query.room != "" && slices.ContainsFunc(s.Columns, func(p scheduling.Column) bool { return p.ID == s.query.practitioner }):
		return &ui.Blank{Icon: "map-pin", Title: "Nobody is left", Words: "This practitioner works in another room. Clear one of the two filters.", Do: show}
	case s.query.practitioner != uuid.Nil:
		return &ui.Blank{Icon: "stethoscope", Title: "No such practitioner", Words: "They no longer see patients here, or never did.", Do: show}
	}
	b := &ui.Blank{Icon: "stethoscope", Title: "Nobody to book with yet", Words: "Free times appear here once there are practitioners with hours and services."}
	if a.admits(of(c).member.Role, "/settings/practitioners") {
		b.Do = &ui.Button{Label: "Add a practitioner", Href: "/settings/practitioners", Kind: ui.Ink}
	}
	return b
}

func (s loaded) row(cells cells, p scheduling.Column, days []int) views.Row {
	q := s.query
	q.practitioner, q.everyone, q.room = p.ID, false, ""
	r := views.Row{Practitioner: p.Name, Sub: p.Room, Href: q.address("/schedule")}
	for _, i := range days {
		r.Days = append(r.Days, s.column(cells, p, i))
	}
	return r
}

// column is one day of one practitioner.
func (s loaded) column(cells cells, p scheduling.Column, day int) views.Column {
	at := cells.at[cellKey{p.ID, day}]
	if at == nil {
		at = &cell{}
	}
	q := s.query
	q.practitioner, q.everyone, q.room, q.week, q.date = p.ID, false, "", !s.query.week, s.days[day]
	col := views.Column{ID: p.ID.String(), Mine: cells.see.mine != nil && *cells.see.mine == p.ID, Practitioner: p.Name, Short: shortName(p.Name), Room: p.Room, Date: s.days[day], Sub: p.Room, Href: q.address("/schedule"),
		Hours: at.hours, Slots: at.free, Blocks: slices.Clone(at.blocks)}
	if n := len(at.hours); n > 0 {
		col.Sub = joined(p.Room, "until "+at.hours[n-1].To.Format("15:04"))
	}
	if v := s.wanted(); v != nil && !slices.Contains(s.Performers, p.ID) {
		col.Not = "Not for " + v.Name
		col.Sub = col.Not
	}
	s.close(&col, p.ID, day)
	return col
}

func joined(first, second string) string {
	if first == "" {
		return second
	}
	return first + ", " + second
}

// close puts closures and time off into a column: a day that is wholly closed says so once.
func (s loaded) close(col *views.Column, practitioner uuid.UUID, day int) {
	open := views.Span{From: s.days[day], To: s.days[day+1]}
	if n := len(col.Hours); n > 0 {
		open = views.Span{From: col.Hours[0].From, To: col.Hours[n-1].To}
	}
	for _, b := range s.Blocks {
		if b.PractitionerID != nil && *b.PractitionerID != practitioner {
			continue
		}
		from, to := later(b.StartsAt.In(s.zone), open.From), earlier(b.EndsAt.In(s.zone), open.To)
		switch {
		case !from.Before(to):
		case from.Equal(open.From) && to.Equal(open.To):
			col.Closed, col.Sub = b.Reason, joined(col.Room, "closed")
		case len(col.Hours) > 0:
			col.Blocks = append(col.Blocks, views.Block{State: views.StateBlocked, From: from, To: to, Patient: b.Reason})
		}
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// eye is what the person who looks may see and do.
type eye struct {
	country string
	books   bool
	mine    *uuid.UUID // the practitioner who looks
	phones  bool       // masked, on paper
}

// block is an appointment or a hold.
func (s loaded) block(e scheduling.Entry, see eye) views.Block {
	b := views.Block{ID: e.ID.String(), State: e.Status, From: e.StartsAt.In(s.zone), To: e.EndsAt.In(s.zone), Service: e.ServiceName, Since: e.UpdatedAt.In(s.zone)}
	if e.PatientID != nil {
		p := s.Patients[*e.PatientID]
		b.Patient = p.Name
		if see.phones && p.Phone != "" {
			b.Phone = patients.MaskPhone(p.Phone, see.country)
		}
	}
	switch e.Status {
	case scheduling.Pending:
		b.Hold = holdView(e, s.Callers[e.ID], see, s.Now)
	case scheduling.Booked:
		b.Note, b.NoteMark = bookedBy(e)
	case scheduling.CheckedIn:
		b.Note = "In " + cmp.Or(s.room(e.PractitionerID), "the room") + " since " + b.Since.Format("15:04")
	}
	if e.Overbooked {
		b.Overbooked, b.Note = true, joined(b.Note, "overbooked")
	}
	b.Dim = s.query.service != "" && e.Service != s.query.service
	if see.books && (e.Status == scheduling.Booked || e.Status == scheduling.Arrived) {
		b.Seen = e.UpdatedAt
	}
	return b
}

func (s loaded) room(practitioner uuid.UUID) string {
	for _, p := range s.Columns {
		if p.ID == practitioner {
			return p.Room
		}
	}
	return ""
}

func bookedBy(e scheduling.Entry) (words, mark string) {
	switch e.Source {
	case scheduling.ByAgent:
		return "Booked by " + cmp.Or(e.Agent, "the voice agent"), "wave"
	case scheduling.ByLink:
		return "Booked by the patient", "link"
	}
	return "", ""
}

// holdView never shows a whole number, to nobody: the schedule stands open on a desk.
func holdView(e scheduling.Entry, caller scheduling.Caller, see eye, now time.Time) *views.Hold {
	h := &views.Hold{ID: e.ID.String(), Phone: "No number yet", PhoneEnd: "no number", ExpiresAt: *e.HoldExpiresAt, CanTake: see.books, CanFree: see.books}
	if caller.Phone != "" {
		h.Phone, h.PhoneEnd = patients.MaskPhone(caller.Phone, see.country), phoneEnd(caller.Phone)
	}
	h.Total = max(h.ExpiresAt.Sub(e.UpdatedAt), h.ExpiresAt.Sub(now))
	h.Doing = "for " + ui.Clock(now.Sub(e.HeldAt))
	if e.CallBegan != nil {
		h.Doing = "on the phone for " + ui.Clock(now.Sub(*e.CallBegan))
	}
	h.By, h.Kind = holder(e.Source, e.Agent)
	if e.Source == scheduling.ByStaff {
		h.Doing = "booking it now"
	}
	return h
}

func holder(source, agent string) (name string, kind ui.ActorKind) {
	switch source {
	case scheduling.ByStaff:
		return "Front desk", ui.Person
	case scheduling.ByLink:
		return "The patient", ui.ByLink
	case scheduling.ByAgent:
		return cmp.Or(agent, "Voice agent"), ui.Agent
	}
	if agent != "" {
		return agent, ui.Agent
	}
	return "API", ui.Key
}

func phoneEnd(phone string) string {
	digits := []rune{}
	for _, r := range phone {
		if r >= '0' && r <= '9' {
			digits = append(digits, r)
		}
	}
	return fmt.Sprintf("•••%s", string(digits[max(0, len(digits)-3):]))
}

// phoneFor is the number as this role may read it on the page of one appointment.
func phoneFor(role, phone, country string) (words string, masked bool) {
	switch {
	case phone == "":
		return "No number", false
	case role == identity.Admin || role == identity.FrontDesk:
		return patients.FormatPhone(phone, country), false
	}
	return patients.MaskPhone(phone, country), true
}
