package calls

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
)

// offered is how many times are read to a caller: more cannot be remembered.
const offered = 5

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
	in := scheduling.FindInput{Service: service.Slug, Practitioner: who, Starts: true, Zone: v.clinic.Location}
	offers, err := w.offers(ctx, tx, in)
	if err != nil {
		return "", err
	}
	if len(offers) > 0 {
		return "Free times for " + service.Name + ": " + v.offer(offers), nil
	}
	return v.elsewhere(ctx, tx, in, w, service.Name)
}

// mostSpans is how many stretches of time are looked through at most.
const mostSpans = 100

// elsewhere is the answer when nothing is free in the window: what comes next, or else what comes before it. What was ruled out is offered last,
// and as that.
func (v visit) elsewhere(ctx context.Context, tx *tenancy.Tx, in scheduling.FindInput, w window, service string) (string, error) {
	for _, try := range w.elsewhere {
		spans := try.spans()
		if len(spans) == 0 {
			continue
		}
		in.Spans, in.Limit = spans, max(3, 10/len(spans))
		found, err := scheduling.Find(ctx, tx, in)
		if err != nil {
			return "", err
		}
		if len(found) > 0 {
			return fmt.Sprintf(try.is, service) + v.offer(spread(found[:min(10, len(found))], 3)), nil
		}
	}
	return "There is nothing free for " + service + " in the coming weeks. Offer the caller a call back from the clinic.", nil
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

// saidDay are those that may name a part of it only.
var saidDay = []string{"date", "day", "time", "part_of_day", "time_of_day"}

func (v visit) wish(said string) wishes { return parseWishes(said, v.now, v.clinic.Country) }

// parse is the one time that was said.
func (v visit) parse(said string) When { return v.wish(said).one() }

// when puts together what the arguments say of one time: in one phrase, or as date and time apart.
func (v visit) when(a Arguments) When { return v.wished(a).one() }

// wished is all that the arguments say of when.
func (v visit) wished(a Arguments) (w wishes) {
	for _, name := range slices.Concat(saidWhen, saidDay) {
		if said := a.text(name); said != "" {
			w = w.and(v.wish(said))
		}
	}
	return w
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

// anybody are the words of a caller to whom it is the same who sees them.
var anybody = regexp.MustCompile(`\b(?:any|anyone|anybody|whoever|whomever|whichever|either|everyone|all|no preference|first available|next available|soonest|no one in particular|nobody in particular)\b|\b(?:don't|do not|doesn't|does not|not) (?:really )?(?:mind|matter|care|fussed|bothered)\b`)

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
	if !ok && anybody.MatchString(strings.ToLower(said)) {
		return uuid.Nil, nil
	}
	if !ok {
		return uuid.Nil, ask("For %s we have %s. Who would you like to see?", service.Name, sayList(names, "and"))
	}
	return list[i].ID, nil
}
