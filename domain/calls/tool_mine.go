package calls

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"anteroom/domain/audit"
	"anteroom/domain/patients"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
)

// mine is what the line's number is known for.
type mine struct {
	people   []patients.Patient
	upcoming map[uuid.UUID][]scheduling.Appointment // by patient, the soonest first
}

// mine looks up the line's own number, never one that was said.
func (s *Switchboard) mine(ctx context.Context, tx *tenancy.Tx, v visit) (mine, error) {
	m := mine{upcoming: map[uuid.UUID][]scheduling.Appointment{}}
	found, err := s.patients.ByPhone(ctx, tx, v.number)
	if err != nil {
		return m, err
	}
	for _, p := range found {
		list, err := scheduling.OfPatient(ctx, tx, p.ID)
		if err != nil {
			return m, err
		}
		for _, a := range slices.Backward(list) {
			if a.Status == scheduling.Booked && a.StartsAt.After(v.now) {
				m.upcoming[p.ID] = append(m.upcoming[p.ID], a)
			}
		}
		if len(m.upcoming[p.ID]) > 0 {
			m.people = append(m.people, p)
		}
	}
	return m, nil
}

// own are the upcoming appointments that this caller may hear of and cancel. A household shares a number: a name that is said must match.
func (s *Switchboard) own(ctx context.Context, tx *tenancy.Tx, v visit, a Arguments) ([]scheduling.Appointment, error) {
	if v.number == "" {
		return nil, ask("I can only look up appointments for the number you are calling from, and it is withheld. Offer the caller a call back from the clinic.")
	}
	m, err := s.mine(ctx, tx, v)
	if err != nil {
		return nil, err
	}
	if said := a.name(); said != "" {
		m.people = slices.DeleteFunc(m.people, func(p patients.Patient) bool { return !patients.SameName(p.Name, said) })
	}
	switch len(m.people) {
	case 0:
		return nil, nil
	case 1:
	default:
		return nil, ask(whoIsIt)
	}
	patient := m.people[0].ID
	return m.upcoming[patient], audit.Record(ctx, tx, audit.Event{Action: "appointments.viewed", SubjectKind: "patient", SubjectID: patient, Patients: []uuid.UUID{patient}})
}

// findMine is find_my_appointments. It changes nothing.
func (s *Switchboard) findMine(ctx context.Context, tx *tenancy.Tx, v visit, a Arguments) (string, error) {
	list, err := s.own(ctx, tx, v, a)
	if err != nil {
		return "", err
	}
	if len(list) == 0 {
		return noneBooked, nil
	}
	return "Booked: " + v.appointments(list), nil
}

const (
	noneBooked = "There is no coming appointment of yours for the number you are calling from."
	whoIsIt    = "What is your full name, please?"
)

func (v visit) appointments(list []scheduling.Appointment) string {
	said := make([]string, min(len(list), offered))
	for i := range said {
		b := list[i]
		said[i] = fmt.Sprintf("%d: %s on %s with %s [appointment %s]", i+1, b.ServiceName, v.say(b.StartsAt), b.Practitioner, b.ID)
	}
	return strings.Join(said, "; ") + "."
}

// cancelMine is cancel_appointment: the name, appointment_id when there are several, and confirmed, which says that the caller agreed. Without
// the name, anybody in the house could end another's appointment.
func (s *Switchboard) cancelMine(ctx context.Context, tx *tenancy.Tx, v visit, a Arguments) (string, error) {
	if a.name() == "" {
		return "", ask(whoIsIt)
	}
	list, err := s.own(ctx, tx, v, a)
	if err != nil {
		return "", err
	}
	if len(list) == 0 {
		return noneBooked, nil
	}
	b, err := v.which(list, a, "cancelled")
	if err != nil {
		return "", err
	}
	if !a.agreed() {
		return "", ask("Shall I cancel your %s on %s? When the caller agrees, call this again with confirmed set to true [appointment %s].", b.ServiceName, v.say(b.StartsAt), b.ID)
	}
	_, err = s.desk.Change(ctx, tx, scheduling.Transition{ID: b.ID, To: scheduling.Cancelled, Reason: "the patient cancelled on the phone"})
	if err != nil {
		return "", err
	}
	*v.did = OutcomeCancelled
	return fmt.Sprintf("Cancelled: %s on %s.", b.ServiceName, v.say(b.StartsAt)), nil
}

// which is the appointment that the caller means: the one that was named by its id, or their only one.
func (v visit) which(list []scheduling.Appointment, a Arguments, done string) (scheduling.Appointment, error) {
	i := 0
	if id := a.id("appointment_id", "appointment", "id"); id != uuid.Nil || len(list) > 1 {
		i = slices.IndexFunc(list, func(b scheduling.Appointment) bool { return b.ID == id })
	}
	if i < 0 {
		return scheduling.Appointment{}, ask("Which appointment should be %s? %s", done, v.appointments(list))
	}
	return list[i], nil
}
