package calls

import (
	"context"
	"time"

	"github.com/google/uuid"

	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
)

// offered is how many times are read to a caller: more cannot be remembered.
const offered = 5

// soon is how many days are looked through when no day was named. Looking through the whole horizon takes most of a second.
const soon = 7

// findSlots is find_slots: service, day or date, from, to, practitioner. It changes nothing.
func (s *Switchboard) findSlots(ctx context.Context, tx *tenancy.Tx, v visit, a Arguments) (string, error) {
	service, err := s.serviceOf(ctx, tx, v, a)
	if err != nil {
		return "", err
	}
	who, err := practitionerOf(ctx, tx, a, service)
	if err != nil {
		return "", err
	}
	w, err := v.window(a)
	if err != nil {
		return "", err
	}
	in := scheduling.FindInput{Service: service.Slug, Practitioner: who, From: w.from, To: w.to, Limit: 20, Starts: true}
	if w.to.IsZero() { // a caller who names no day wants a soon one
		in.To = w.from.AddDate(0, 0, soon)
	}
	if w.before > 0 {
		in.After, in.Before, in.Zone, in.Limit = w.after, w.before, v.clinic.Location, 60
	}
	offers, err := w.offers(ctx, tx, in)
	if err != nil {
		return "", err
	}
	if len(offers) > 0 {
		return "Free times for " + service.Name + ": " + v.offer(offers), nil
	}
	found, err := scheduling.Find(ctx, tx, scheduling.FindInput{Service: service.Slug, Practitioner: who, From: later(w.from, v.now), Limit: 10, Starts: true})
	if err != nil {
		return "", err
	}
	if len(found) == 0 {
		return "There is nothing free for " + service.Name + " in the coming weeks. Offer the caller a call back from the clinic.", nil
	}
	return "Nothing is free for " + service.Name + " at that time. The next free times are: " + v.offer(spread(found, 3)), nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// window is where to look: around which time when one was named, and at which minutes of any day when only those were.
type window struct {
	from, to, near time.Time
	after, before  int // 0 and 0: at any
}

func (w window) offers(ctx context.Context, tx *tenancy.Tx, in scheduling.FindInput) ([]offer, error) {
	if !w.near.IsZero() {
		return findNear(ctx, tx, in, w.near, offered)
	}
	found, err := scheduling.Find(ctx, tx, in)
	return spread(found, offered), err
}

// aroundIt is how far from a time it is looked first: that is nearly always enough, and the whole day is much to look through.
const aroundIt = 90 * time.Minute

// findNear offers the n starts nearest to a time, of those that in asks for.
func findNear(ctx context.Context, tx *tenancy.Tx, in scheduling.FindInput, at time.Time, n int) ([]offer, error) {
	in.Limit, in.Starts = 500, true
	narrow := in
	narrow.From = later(in.From, at.Add(-aroundIt))
	if to := at.Add(aroundIt); in.To.IsZero() || to.Before(in.To) {
		narrow.To = to
	}
	found, err := scheduling.Find(ctx, tx, narrow)
	if err != nil {
		return nil, err
	}
	if offers := nearest(found, at, n); len(offers) == n {
		return offers, nil
	}
	found, err = scheduling.Find(ctx, tx, in)
	return nearest(found, at, n), err
}

// saidWhen are the arguments that name a day or a time, the more exact ones first.
var saidWhen = []string{"starts_at", "start_time", "start", "datetime", "date_time", "when", "appointment_time", "slot_time"}

func (v visit) parse(said string) When { return ParseWhen(said, v.now, v.clinic.Country) }

// when puts together what the arguments say of one time: in one phrase, or as date and time apart.
func (v visit) when(a Arguments) When {
	w := When{Minute: -1}
	for _, name := range append(saidWhen, "date", "day", "time", "part_of_day", "time_of_day") {
		w = w.with(v.parse(a.text(name)))
	}
	return w
}

func (v visit) window(a Arguments) (window, error) {
	w := v.when(a)
	from, to := v.parse(a.text("from", "after", "earliest")), v.parse(a.text("to", "until", "before", "latest"))
	for _, name := range []string{"date", "day", "from", "to"} {
		if said := a.text(name); said != "" && v.parse(said).empty() {
			return window{}, ask("Which day would suit you? Please name a date.")
		}
	}
	if at, ok := w.Exact(); ok && from.empty() && to.empty() {
		if at.Before(v.now) {
			return window{}, ask("That time has passed. Which day and time would suit you?")
		}
		return window{from: w.Day, to: w.Day.AddDate(0, 0, 1), near: at}, nil
	}
	out := window{from: v.now}
	switch {
	case w.Day.IsZero() && w.Minute >= 0:
		out.after, out.before = w.Minute-60, w.Minute+61
	case w.Day.IsZero():
		out.after, out.before = w.After, w.Before
	case !w.To.IsZero():
		out.from, out.to, out.after, out.before = later(w.Day, v.now), w.To, w.After, w.Before
		if w.Minute >= 0 {
			out.after, out.before = w.Minute-60, w.Minute+61
		}
	default:
		if w.Day.Before(dayOf(v.now)) {
			return window{}, ask("That day has passed. Which day would suit you?")
		}
		out.from, out.to = later(onDay(w.Day, w.After), v.now), w.Day.AddDate(0, 0, 1)
		if w.Before > 0 {
			out.to = onDay(w.Day, w.Before)
		}
	}
	if !from.empty() {
		out.from = later(out.from, from.edge(w.Day, false))
	}
	if w.Day.IsZero() {
		w.Day = from.Day
	}
	if end := to.edge(w.Day, true); !to.empty() && !end.IsZero() {
		out.to = end
	}
	if !out.to.IsZero() && !out.to.After(out.from) {
		return window{}, ask("That time has passed. Which day and time would suit you?")
	}
	return out, nil
}

// edge is the instant that from or to means: a day alone is its start, or its end.
func (w When) edge(day time.Time, end bool) time.Time {
	if w.Day.IsZero() {
		w.Day = day
	}
	switch {
	case w.Day.IsZero():
		return time.Time{}
	case end && !w.To.IsZero():
		return w.To
	case w.Minute >= 0:
		return onDay(w.Day, w.Minute)
	case end && w.Before > 0:
		return onDay(w.Day, w.Before)
	case w.Before > 0:
		return onDay(w.Day, w.After)
	case !end:
		return w.Day
	}
	return w.Day.AddDate(0, 0, 1)
}

// serviceOf finds the service that was meant, or asks for it. It is what the call is about from here on.
func (s *Switchboard) serviceOf(ctx context.Context, tx *tenancy.Tx, v visit, a Arguments) (scheduling.Service, error) {
	services, err := s.servicesOf(ctx, tx)
	if err != nil {
		return scheduling.Service{}, err
	}
	names, options := make([]string, len(services)), make([][]string, len(services))
	for i, o := range services {
		names[i], options[i] = o.Name, []string{o.Slug, o.Name}
	}
	said := a.text("service", "service_name", "service_slug", "appointment_type", "treatment", "procedure")
	if said == "" {
		return scheduling.Service{}, ask("What is the appointment for? We offer %s.", sayList(names, "and"))
	}
	i, ok := match(said, options)
	if !ok {
		return scheduling.Service{}, ask("I could not find that service. We offer %s. Which one would you like?", sayList(names, "and"))
	}
	*v.about = services[i].ID
	return services[i], nil
}

var practitionerNames = []string{"practitioner", "practitioner_name", "doctor", "provider", "with", "clinician"}

// practitionerOf finds the practitioner who was asked for; uuid.Nil when anybody will do.
func practitionerOf(ctx context.Context, tx *tenancy.Tx, a Arguments, service scheduling.Service) (uuid.UUID, error) {
	said := a.text(practitionerNames...)
	if said == "" {
		return uuid.Nil, nil
	}
	list, err := scheduling.ListPractitioners(ctx, tx, scheduling.PractitionerFilter{ActiveOnly: true, Service: service.ID})
	if err != nil {
		return uuid.Nil, err
	}
	names, options := make([]string, len(list)), make([][]string, len(list))
	for i, p := range list {
		names[i], options[i] = p.Name, []string{p.Name, p.ID.String()}
	}
	i, ok := match(said, options)
	if !ok {
		return uuid.Nil, ask("For %s we have %s. Who would you like to see?", service.Name, sayList(names, "and"))
	}
	return list[i].ID, nil
}
