package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/calls"
	"anteroom/domain/identity"
	"anteroom/domain/patients"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
)

// DemoCmd fills a database with the demo clinics; serve --demo does the same on its own.
type DemoCmd struct{}

// Run seeds the demo, once.
func (DemoCmd) Run(ctx context.Context) error {
	h, err := openHouse(ctx, openOptions{demo: true, migrate: true, share: true, quiet: true})
	if err != nil {
		return err
	}
	defer h.Close()
	made, err := h.seedDemo(ctx)
	if err == nil && !made {
		fmt.Println("The demo clinics are there already.")
	}
	return err
}

// demoDays is how far the demo's past and its bookings reach.
const demoPast, demoAhead = 4, 9

// seedDemo plays the demo's past through the same verbs that staff and agents use, with a clock that starts days ago. It answers whether it
// had to. A clinic is made in one transaction: an interrupted start leaves none of it.
func (h *house) seedDemo(ctx context.Context) (made bool, err error) {
	for _, c := range []demoClinic{northside, lakeview} {
		done, err := h.demoDone(ctx, c)
		if err != nil {
			return made, err
		}
		if done {
			continue
		}
		if err := h.mustHoldNoClinics(ctx); err != nil {
			return made, err
		}
		s, err := h.newSeeder(ctx, c)
		if err != nil {
			return made, err
		}
		err = s.run(ctx)
		s.db.Close()
		if err != nil {
			return made, fmt.Errorf("seed %s: %w", c.name, err)
		}
		made = true
	}
	return made, nil
}

// mustHoldNoClinics keeps public passwords out of a database with real clinics in it.
func (h *house) mustHoldNoClinics(ctx context.Context) error {
	ids, err := h.db.AllClinics(ctx)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if id != northside.id("clinic") && id != lakeview.id("clinic") {
			return errors.New("this database holds clinics of its own; the demo, whose passwords are public, is not put beside them")
		}
	}
	return nil
}

// id is the same at every start, so that the next one knows what is there.
func (c demoClinic) id(what string) uuid.UUID {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://anteroom.example/demo/"+c.slug+"/"+what))
}

func (c demoClinic) scope() tenancy.Scope {
	return tenancy.Scope{Clinic: c.id("clinic"), Actor: tenancy.Actor{Kind: tenancy.System, Role: "system", RequestID: "demo"}}
}

func (h *house) demoDone(ctx context.Context, c demoClinic) (done bool, err error) {
	err = h.db.WithClinic(ctx, c.scope(), func(tx *tenancy.Tx) error {
		return tx.QueryRow(ctx, `select exists (select from clinics where clinic_id = $1)`, tx.Clinic()).Scan(&done)
	})
	return done, err
}

type seeder struct {
	*house
	demoClinic
	db            *tenancy.DB // with the demo's clock
	mu            sync.Mutex
	clock         time.Time
	zone          *time.Location
	rand          *rand.Rand
	services      map[string]uuid.UUID
	practitioners []uuid.UUID
	booked        []demoBooking        // by the agent
	staff         map[string]uuid.UUID // one person of each role
}

func (h *house) newSeeder(ctx context.Context, c demoClinic) (*seeder, error) {
	zone, err := time.LoadLocation(c.zone)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(c.slug))
	s := &seeder{house: h, demoClinic: c, zone: zone, rand: rand.New(rand.NewChaCha8(sum)), services: map[string]uuid.UUID{}, staff: map[string]uuid.UUID{}}
	today := time.Now().In(zone)
	s.clock = time.Date(today.Year(), today.Month(), today.Day()-demoPast, 5, 0, 0, 0, zone)
	dsn, err := h.appDSN(h.ownerDSN)
	if err != nil {
		return nil, err
	}
	s.db, err = tenancy.Open(ctx, dsn, h.signer, tenancy.Options{MaxConns: 4, Clock: s.now})
	return s, err
}

func (s *seeder) run(ctx context.Context) error {
	hash, err := identity.HashPassword(ctx, demoPassword)
	if err != nil {
		return err
	}
	steps := []func(context.Context, *tenancy.Tx) error{s.makeClinic, s.makeServices, s.makePractitioners, s.makeAgents, s.makeClosures, s.book, s.arriveAtNow,
		s.live, s.pastCalls, s.roll, s.makePeople(hash)}
	err = s.db.WithClinic(ctx, s.scope(), func(tx *tenancy.Tx) error {
		for _, step := range steps {
			if err := step(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.reviews(ctx)
}

// arriveAtNow ends the demo's past: from here on its clock is the machine's.
func (s *seeder) arriveAtNow(context.Context, *tenancy.Tx) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock = time.Time{}
	return nil
}

func (s *seeder) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.clock.IsZero() {
		return time.Now()
	}
	return s.clock
}

func (s *seeder) roll(ctx context.Context, tx *tenancy.Tx) error {
	_, err := scheduling.Roll(ctx, tx)
	return err
}

func (s *seeder) makeClinic(ctx context.Context, tx *tenancy.Tx) error {
	return scheduling.CreateClinic(ctx, tx, scheduling.NewClinic{Slug: s.slug, Name: s.name, Zone: s.demoClinic.zone, Country: s.country, Locale: s.locale})
}

func (s *seeder) makeServices(ctx context.Context, tx *tenancy.Tx) error {
	for _, v := range s.demoClinic.services {
		made, err := scheduling.CreateService(ctx, tx, scheduling.ServiceInput{Slug: v.slug, Name: v.name, DurationMinutes: v.minutes, Active: true})
		if err != nil {
			return err
		}
		s.services[v.slug] = made.ID
	}
	return nil
}

func (s *seeder) makePractitioners(ctx context.Context, tx *tenancy.Tx) error {
	for i, d := range s.demoClinic.practitioners {
		p, err := scheduling.CreatePractitioner(ctx, tx, scheduling.PractitionerInput{Name: d.name, Room: d.room, Position: i, Active: true})
		if err != nil {
			return err
		}
		s.practitioners = append(s.practitioners, p.ID)
		performed := []uuid.UUID{}
		for _, slug := range d.services {
			performed = append(performed, s.services[slug])
		}
		if _, err := scheduling.SetPractitionerServices(ctx, tx, scheduling.PractitionerServicesInput{Practitioner: p.ID, Services: performed}); err != nil {
			return err
		}
		week := scheduling.WeekInput{Practitioner: p.ID}
		for _, day := range d.days {
			for _, h := range d.hours {
				week.Hours = append(week.Hours, scheduling.WeeklyHours{Weekday: day, Starts: h[0], Ends: h[1]})
			}
		}
		if _, err := scheduling.SetWeek(ctx, tx, week); err != nil {
			return err
		}
	}
	return nil
}

func (s *seeder) makeAgents(ctx context.Context, tx *tenancy.Tx) error {
	if _, err := calls.AddAgent(ctx, tx, calls.Agent{Name: "Ava", Direction: calls.Inbound}); err != nil {
		return err
	}
	if _, err := calls.AddAgent(ctx, tx, calls.Agent{Name: "Sarah", Direction: calls.Outbound}); err != nil {
		return err
	}
	_, err := calls.IssueSecret(ctx, tx, s.secret)
	return err
}

// makeClosures blocks one afternoon of the whole clinic, and some practitioners' time off.
func (s *seeder) makeClosures(ctx context.Context, tx *tenancy.Tx) error {
	day := func(n int) time.Time {
		return time.Date(s.clock.Year(), s.clock.Month(), s.clock.Day()+n, 0, 0, 0, 0, s.zone)
	}
	for _, c := range []scheduling.ClosureInput{
		{StartsAt: day(18).Add(15 * time.Hour), EndsAt: day(18).Add(18 * time.Hour), Reason: "Staff training"},
		{Practitioner: s.practitioners[1], StartsAt: day(6).Add(13 * time.Hour), EndsAt: day(6).Add(15 * time.Hour), Reason: "Theatre list"},
		{Practitioner: s.practitioners[2], StartsAt: day(11), EndsAt: day(12), Reason: "Annual leave"},
		{Practitioner: s.practitioners[0], StartsAt: day(5).Add(16 * time.Hour), EndsAt: day(5).Add(17 * time.Hour), Reason: "Case review"},
	} {
		if _, err := scheduling.AddClosure(ctx, tx, c); err != nil {
			return err
		}
	}
	return nil
}

// book fills the days with appointments, about half of the time near today and less later on.
func (s *seeder) book(ctx context.Context, tx *tenancy.Tx) error {
	people, err := s.makePatients(ctx, tx)
	if err != nil {
		return err
	}
	for day := range demoPast + demoAhead {
		start := time.Date(s.clock.Year(), s.clock.Month(), s.clock.Day()+day, 0, 0, 0, 0, s.zone)
		fill := 0.62 - 0.03*float64(max(0, day-demoPast))
		for i := range s.practitioners {
			if err := s.bookDay(ctx, tx, i, start, fill, people); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *seeder) makePatients(ctx context.Context, tx *tenancy.Tx) ([]uuid.UUID, error) {
	people := make([]uuid.UUID, 180)
	for i := range people {
		d := patients.Details{Name: s.first[s.rand.IntN(len(s.first))] + " " + s.last[s.rand.IntN(len(s.last))], Phone: s.phone(i*7 + 3)}
		if i%9 != 0 { // of some the clinic knows no more than a name and a number
			born := time.Date(1938+i*29%68, time.Month(1+i*7%12), 1+i*13%28, 0, 0, 0, 0, time.UTC)
			d.BirthDate = &born
		}
		p, err := s.patients.Create(ctx, tx, d)
		if err != nil {
			return nil, err
		}
		people[i] = p.ID
	}
	return people, nil
}

func (s *seeder) bookDay(ctx context.Context, tx *tenancy.Tx, practitioner int, day time.Time, fill float64, people []uuid.UUID) error {
	free, err := scheduling.Find(ctx, tx, scheduling.FindInput{Practitioner: s.practitioners[practitioner], From: day, To: day.AddDate(0, 0, 1), Limit: 200})
	if err != nil {
		return err
	}
	performed := s.demoClinic.practitioners[practitioner].services
	for i := 0; i < len(free); {
		service := s.service(performed[s.rand.IntN(len(performed))])
		n := service.minutes / 15
		if s.rand.Float64() > fill || i+n > len(free) || !free[i+n-1].EndsAt.Equal(free[i].StartsAt.Add(time.Duration(service.minutes)*time.Minute)) {
			i += 1 + s.rand.IntN(2)
			continue
		}
		source := []string{scheduling.ByAgent, scheduling.ByStaff, scheduling.ByStaff, scheduling.ByLink}[s.rand.IntN(4)]
		in := scheduling.BookInput{SlotID: free[i].ID, Service: service.slug, PatientID: people[s.rand.IntN(len(people))], Source: source}
		if source == scheduling.ByAgent && day.After(time.Now()) && len(s.booked) < demoBooked {
			b := demoBooking{s.id(fmt.Sprintf("booking-call-%d", len(s.booked))), in.PatientID, service.slug, s.demoClinic.practitioners[practitioner].name, free[i].StartsAt}
			in.CallID, s.booked = b.call.String(), append(s.booked, b)
		}
		if _, err := s.desk.Book(ctx, tx, in); err != nil {
			return err
		}
		i += n
	}
	return nil
}

func (s *seeder) service(slug string) demoService {
	for _, v := range s.demoClinic.services {
		if v.slug == slug {
			return v
		}
	}
	panic("the demo has no service " + slug)
}

// live brings every appointment to where it would be now: past ones done or missed, present ones in the room, the next ones waiting.
func (s *seeder) live(ctx context.Context, tx *tenancy.Tx) error {
	now := time.Now()
	rows, err := tx.Query(ctx, `select id, starts_at, ends_at from appointments where clinic_id = $1 and status = 'booked' and starts_at < $2 order by starts_at`,
		tx.Clinic(), now.Add(25*time.Minute))
	if err != nil {
		return err
	}
	type span struct {
		ID               uuid.UUID
		StartsAt, EndsAt time.Time
	}
	past, err := pgx.CollectRows(rows, pgx.RowToStructByPos[span])
	if err != nil {
		return err
	}
	for _, a := range past {
		path := []string{scheduling.Arrived, scheduling.CheckedIn, scheduling.Fulfilled}
		switch {
		case a.EndsAt.Before(now) && s.rand.IntN(18) == 0:
			path = []string{scheduling.NoShow}
		case a.EndsAt.Before(now):
		case a.StartsAt.Before(now):
			path = path[:2]
		default:
			path = path[:s.rand.IntN(2)]
		}
		for _, to := range path {
			if _, err := s.desk.Change(ctx, tx, scheduling.Transition{ID: a.ID, To: to}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *seeder) makePeople(hash string) func(context.Context, *tenancy.Tx) error {
	return func(ctx context.Context, tx *tenancy.Tx) error { return s.addPeople(ctx, tx, hash) }
}

func (s *seeder) addPeople(ctx context.Context, tx *tenancy.Tx, hash string) error {
	names := map[string]uuid.UUID{}
	for i, p := range s.demoClinic.practitioners {
		names[p.name] = s.practitioners[i]
	}
	add := func(email string, p demoPerson) error {
		id, _, err := identity.EnsurePerson(ctx, tx, identity.NewPerson{Email: email, Name: p.name, PasswordHash: hash})
		if err != nil {
			return err
		}
		if _, known := s.staff[p.role]; !known {
			s.staff[p.role] = id
		}
		return identity.AddMember(ctx, tx, identity.NewMember{Person: id, Role: p.role, Practitioner: names[p.practitioner], MayOverbook: p.overbooks})
	}
	for _, p := range s.people {
		if err := add(p.local+"@"+s.domain, p); err != nil {
			return err
		}
	}
	if s.slug == lakeview.slug { // one person who works for both, to switch between clinics
		if err := add("compliance@"+northside.domain, demoPerson{name: "Nikhil Sethi", role: identity.Compliance}); err != nil {
			return err
		}
	}
	_, err := identity.IssueKey(ctx, tx, identity.NewKey{Name: "Demo", Token: s.key})
	return err
}
