package handlers

import (
	"net/http"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"anteroom/domain/fault"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
	"anteroom/views"
	"anteroom/views/ui"
)

// moveForm is where an appointment is to go. The schedule sends practitioner and starts; a button of a list sends both as to; the form for a
// time that is not in a list sends a day and a time.
type moveForm struct {
	To           string `form:"to" validate:"max=100"`
	Practitioner string `form:"practitioner" validate:"omitempty,uuid"`
	Starts       string `form:"starts" validate:"max=40"`
	Day          string `form:"day" validate:"omitempty,datetime=2006-01-02"`
	Time         string `form:"time" validate:"max=5"`
	Service      string `form:"service" validate:"max=60"`
	Overbook     string `form:"overbook" validate:"max=5"`
	Seen         string `form:"seen" validate:"max=40"`
}

// input reads the form; times without an offset are the clinic's.
func (f moveForm) input(id uuid.UUID, at *time.Location) (in scheduling.MoveInput, err error) {
	in = scheduling.MoveInput{ID: id, Service: f.Service, Overbook: f.Overbook == "yes"}
	if who, starts, ok := strings.Cut(f.To, " "); ok {
		f.Practitioner, f.Starts, f.Day = who, starts, ""
	}
	if f.Practitioner != "" {
		if in.PractitionerID, err = uuid.Parse(f.Practitioner); err != nil {
			return in, fault.BadField("practitioner", "There is no such practitioner. Choose from the list.")
		}
	}
	switch {
	case f.Day != "":
		if in.StartsAt, err = readStart(f.Day, f.Time, at); err != nil {
			return in, err
		}
	case f.Starts != "":
		if in.StartsAt, err = time.Parse(time.RFC3339, f.Starts); err != nil {
			return in, fault.BadField("starts", "This is not a time such as 2026-11-24T14:45:00Z.")
		}
	}
	if f.Seen != "" {
		if in.SeenAt, err = time.Parse(time.RFC3339Nano, f.Seen); err != nil {
			return in, fault.BadField("seen", "Open the appointment again.")
		}
	}
	return in, nil
}

// readStart is a wall-clock time of the clinic. One that the clocks skip is refused: nobody can come then.
func readStart(day, clock string, at *time.Location) (time.Time, error) {
	bad := fault.BadField("time", "Give a time such as 14:45.")
	clock = strings.Replace(strings.TrimSpace(clock), ".", ":", 1)
	t, err := time.ParseInLocation(time.DateOnly+" 15:04", day+" "+clock, at)
	if err != nil {
		return t, bad.Because(err)
	}
	if t.Hour()*60+t.Minute() != minutesOf(clock) {
		return t, fault.BadField("time", "The clocks go forward then: there is no such time on that day.")
	}
	return t, nil
}

func minutesOf(clock string) int {
	t, err := time.Parse("15:04", clock)
	if err != nil {
		return -1
	}
	return t.Hour()*60 + t.Minute()
}

// showMove is the page that moves and edits an appointment without dragging.
func (a *app) showMove(c *fiber.Ctx) error { return a.movePage(c, http.StatusOK, moveTry{}) }

// moveAppointment moves an appointment to another time, practitioner or service, or says why not and what is free instead.
func (a *app) moveAppointment(c *fiber.Ctx) error {
	id, err := idParam(c, "id")
	if err != nil {
		return err
	}
	var f moveForm
	if err := decodeForm(c, &f); err != nil {
		return err
	}
	in, err := f.input(id, zone(c))
	if err == nil {
		var moved scheduling.Appointment
		if err = a.inClinic(c, func(tx *tenancy.Tx) (err error) {
			moved, err = a.desk.Move(c.UserContext(), tx, in)
			return err
		}); err == nil {
			at := moved.StartsAt.In(zone(c))
			return a.done(c, "Moved to "+at.Format("Mon 15:04")+" with "+shortName(moved.Practitioner)+".", "", moved.Undo, "/appointments/"+moved.ID.String())
		}
	}
	refusal := fault.As(err)
	if refusal == nil || refusal.Kind == fault.NotFound || refusal.Kind == fault.Forbidden {
		return err
	}
	return a.notMoved(c, moveTry{form: f, in: in, refusal: refusal})
}

// moveTry is a move that was refused.
type moveTry struct {
	form    moveForm
	in      scheduling.MoveInput
	refusal *fault.Fault
}

// clashes is whether another time would do.
func (t moveTry) clashes() bool { return t.refusal != nil && cannotHave[t.refusal.Code] != "" }

// notMoved answers above the schedule with a dialog when another time would do, and else with the page, which shows the present state.
func (a *app) notMoved(c *fiber.Ctx, t moveTry) error {
	if !fromLivePage(c) {
		return a.movePage(c, statuses[t.refusal.Kind], t)
	}
	if !t.clashes() {
		return inPlace(c, statuses[t.refusal.Kind], views.Flash{Kind: ui.Warn, Title: "Nothing was moved.", Words: t.refusal.Words})
	}
	m, err := a.loadMove(c, t)
	if err != nil {
		return err
	}
	m.Shell.CSRF = a.csrf(c)
	aim(c, "#dialogs", "dialog")
	return page(c, statuses[t.refusal.Kind], views.MoveClashDialog(m))
}

func (a *app) movePage(c *fiber.Ctx, status int, t moveTry) error {
	m, err := a.loadMove(c, t)
	if err != nil {
		return err
	}
	m.Shell = a.shell(c, "Move")
	if m.AnyTime != nil {
		m.AnyTime.CSRF = m.Shell.CSRF
	}
	return page(c, status, views.MovePage(m))
}

// loadMove reads the appointment as it is now and what is free for it.
func (a *app) loadMove(c *fiber.Ctx, t moveTry) (m views.MoveAppointment, err error) {
	id, err := idParam(c, "id")
	if err != nil {
		return m, err
	}
	q, err := readTimesQuery(c)
	if err != nil {
		return m, err
	}
	err = a.inClinic(c, func(tx *tenancy.Tx) error {
		m = views.MoveAppointment{}
		found, err := scheduling.Get(c.UserContext(), tx, id)
		if err != nil {
			return err
		}
		if found.Status != scheduling.Booked && found.Status != scheduling.Arrived && t.refusal == nil {
			return fault.New(fault.Conflict, notMovable, "An appointment that is %s cannot be moved.", scheduling.Words(found.Status))
		}
		p, err := a.desk.PatientOf(c.UserContext(), tx, found)
		if err != nil {
			return err
		}
		m.Patient = p.Name
		return a.fillMove(c, tx, &m, found, q, t)
	})
	return m, err
}

func (a *app) fillMove(c *fiber.Ctx, tx *tenancy.Tx, m *views.MoveAppointment, found scheduling.Appointment, q timesQuery, t moveTry) error {
	at, member := zone(c), of(c).member
	m.ID, m.Status, m.Service, m.Practitioner, m.Overbooked = found.ID.String(), found.Status, found.ServiceName, found.Practitioner, found.Overbooked
	m.From, m.To, m.Zone = found.StartsAt.In(at), found.EndsAt.In(at), place(member.Zone)+" time"
	m.Seen = found.UpdatedAt.Format(time.RFC3339Nano)
	own := c.Context().QueryArgs().Has("practitioner")
	if q.service == "" {
		q.service = found.Service
		if t.in.Service != "" {
			q.service = t.in.Service
		}
	}
	if !own {
		q.practitioner = found.PractitionerID
	}
	if q.date.IsZero() {
		q.date = midnight(found.StartsAt.In(at), 0)
		if !t.in.StartsAt.IsZero() {
			q.date = midnight(t.in.StartsAt.In(at), 0)
		}
	}
	free, err := findTimes(c.UserContext(), tx, q, at)
	if err != nil {
		return err
	}
	path := "/appointments/" + m.ID + "/move"
	m.Times = free.view(path, nil, func(o scheduling.Opening) views.FreeTime { return moveTo(o.PractitionerID, o.StartsAt) })
	if s, ok := free.service(); ok && s.Slug != found.Service {
		m.NewService = &views.NewService{Slug: s.Slug, Words: serviceOption(s).Label, Until: m.From.Add(time.Duration(s.DurationMinutes) * time.Minute)}
	}
	if member.MayOverbook {
		m.AnyTime = &views.AnyTime{Action: path, Post: true, Hidden: []views.Kept{{Name: "seen", Value: m.Seen}, {Name: "service", Value: free.query.service}, {Name: "overbook", Value: "yes"}},
			Practitioners: m.Times.Filter.Practitioners, Practitioner: found.PractitionerID.String(), Date: q.date.Format(time.DateOnly), Submit: "Overbook that time",
			Words: "It is put there although the time is taken or outside the hours, beside whoever is there already."}
	}
	if t.refusal == nil {
		return nil
	}
	return a.explainMove(c, tx, m, found, t)
}

func moveTo(practitioner uuid.UUID, starts time.Time) views.FreeTime {
	return views.FreeTime{Name: "to", Value: practitioner.String() + " " + starts.UTC().Format(time.RFC3339)}
}

// explainMove says why a move was refused, and what can be had instead.
func (a *app) explainMove(c *fiber.Ctx, tx *tenancy.Tx, m *views.MoveAppointment, found scheduling.Appointment, t moveTry) error {
	m.Problem = t.refusal.Words
	for _, f := range t.refusal.Fields {
		if f.Name == "time" && m.AnyTime != nil {
			m.AnyTime.Problem, m.AnyTime.Date, m.AnyTime.Time, m.AnyTime.Practitioner = f.Message, t.form.Day, t.form.Time, t.form.Practitioner
		}
		m.Problem = f.Message
	}
	if !t.clashes() {
		return nil
	}
	wanted := t.in
	if wanted.PractitionerID == uuid.Nil {
		wanted.PractitionerID = found.PractitionerID
	}
	if wanted.StartsAt.IsZero() {
		wanted.StartsAt = found.StartsAt
	}
	clash, err := a.clash(c, tx, wanted, t.refusal)
	m.Clash = &clash
	return err
}
