package handlers

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"anteroom/domain/fault"
	"anteroom/domain/patients"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
)

// reviseBooking shows the form again as it was typed: with whom it may be for, with other times, with the dates of a series, or with what
// another service changes. Nothing is booked.
func (a *app) reviseBooking(c *fiber.Ctx) error {
	f, err := readBooking(c)
	if err != nil {
		return err
	}
	if !f.usable() {
		return a.findTime(c, http.StatusUnprocessableEntity, "Choose a time first.")
	}
	b := booking{times: f.Do == "times"}
	if f.Do == "find" || f.Patient == "" && f.Do != "" {
		b.find = f.Name
	}
	return a.bookingPage(c, http.StatusOK, f, b)
}

// usable is whether the form's time can be read: fields that no page of ours sends are not worth more words.
func (f bookingForm) usable() bool {
	for _, id := range []string{f.Slot, f.Near, f.Hold, f.Practitioner, f.Patient, f.With} {
		if id != "" && uuid.Validate(id) != nil {
			return false
		}
	}
	return f.hasTime() || f.Near != ""
}

// createAppointment books. Whatever is refused, nothing that was typed is lost; sent twice, it books once.
func (a *app) createAppointment(c *fiber.Ctx) error {
	f, err := readBooking(c)
	if err != nil {
		return err
	}
	if !f.usable() {
		return a.findTime(c, http.StatusUnprocessableEntity, "Choose a time first.")
	}
	if !f.hasTime() {
		return a.notBooked(c, f, fault.BadField("slot", "Choose a start."))
	}
	if f.repeats() && f.Dates != "seen" {
		return a.bookingPage(c, http.StatusOK, f, booking{find: f.Name})
	}
	said, err := a.bookOnce(c, f)
	if refusal := fault.As(err); refusal != nil {
		return a.notBooked(c, f, refusal)
	}
	if err != nil {
		return err
	}
	return a.done(c, said.Title, said.Words, said.undo(), said.To)
}

// booked is what is said of a booking, and said again when the same form comes twice. It holds ids and times only.
type booked struct {
	Title  string    `json:"title"`
	Words  string    `json:"words"`
	To     string    `json:"to"`
	Change uuid.UUID `json:"change"`
}

func (b booked) undo() *scheduling.Undo {
	if b.Change == uuid.Nil {
		return nil
	}
	return &scheduling.Undo{ChangeID: b.Change}
}

// bookOnce books in one transaction with the key of the form.
func (a *app) bookOnce(c *fiber.Ctx, f bookingForm) (said booked, err error) {
	err = a.inClinic(c, func(tx *tenancy.Tx) error {
		if f.Key == "" {
			said, err = a.book(c, tx, f)
			return err
		}
		answer, err := a.desk.ExactlyOnce(c.UserContext(), tx, "form "+f.Key, c.Body(), func() (scheduling.Answer, error) {
			said, err := a.book(c, tx, f)
			if err != nil {
				return scheduling.Answer{}, err
			}
			body, err := json.Marshal(said)
			return scheduling.Answer{Status: http.StatusSeeOther, Body: body}, err
		})
		if err != nil {
			return err
		}
		said = booked{}
		return json.Unmarshal(answer.Body, &said)
	})
	return said, err
}

// patientErased is the fault of a booking for somebody who was erased while the form was open.
const patientErased = "patient-erased"

func (a *app) book(c *fiber.Ctx, tx *tenancy.Tx, f bookingForm) (booked, error) {
	member, at := of(c).member, zone(c)
	if err := f.check(member.Country, member.Zone, clockOf(tx)); err != nil {
		return booked{}, err
	}
	if err := a.mustBeNew(c, tx, f); err != nil {
		return booked{}, err
	}
	in, err := f.input(at)
	if err != nil {
		return booked{}, err
	}
	if in.PatientID != uuid.Nil {
		known, err := a.directory.Get(c.UserContext(), tx, in.PatientID)
		if err != nil {
			return booked{}, err
		}
		if known.Erased {
			return booked{}, fault.New(fault.Invalid, patientErased, "The record of this patient was erased.").
				On("name", "The record of whom you chose was erased, so nothing can be booked for them. Choose somebody else.")
		}
		if known.MergedInto != nil { // while the form was open
			in.PatientID, f.Patient = *known.MergedInto, known.MergedInto.String()
		}
	}
	if f.repeats() {
		return a.bookSeries(c, tx, f, in)
	}
	one, err := a.desk.Book(c.UserContext(), tx, in)
	if err != nil {
		return booked{}, err
	}
	if err := a.noteBooked(c, tx, f); err != nil {
		return booked{}, err
	}
	starts := one.StartsAt.In(at)
	said := booked{Title: "Booked " + starts.Format("Mon 15:04") + " with " + shortName(one.Practitioner) + ".", To: dayAddress(starts)}
	if one.Overbooked {
		said.Words = "It is overbooked."
	}
	if one.Undo != nil {
		said.Change = one.Undo.ChangeID
	}
	return said, nil
}

// noteBooked adds what was typed to the notes of somebody who was known already.
func (a *app) noteBooked(c *fiber.Ctx, tx *tenancy.Tx, f bookingForm) error {
	note := strings.TrimSpace(f.Notes)
	if f.Patient == "" || note == "" {
		return nil
	}
	err := a.directory.AddNote(c.UserContext(), tx, uuid.MustParse(f.Patient), patients.DeskNote, note)
	if fault.Is(err, fault.Invalid) {
		return fault.BadField("notes", "The patient's notes have no room for this. Shorten it, or leave it out.").Because(err)
	}
	return err
}

// mustBeNew stops once before somebody is added who is likely known already: the person says which it is. Who has the same name and phone
// is found again without asking.
func (a *app) mustBeNew(c *fiber.Ctx, tx *tenancy.Tx, f bookingForm) error {
	if f.Patient != "" || f.Warned == "yes" {
		return nil
	}
	found, err := a.directory.Duplicates(c.UserContext(), tx, f.details(), uuid.Nil)
	if err != nil {
		return err
	}
	likely := false
	for _, d := range found {
		if slices.Contains(d.Same, patients.ByName) && slices.Contains(d.Same, patients.ByPhone) {
			return nil
		}
		likely = likely || d.Likely()
	}
	if !likely {
		return nil
	}
	return fault.New(fault.Conflict, "maybe-known", "This may be somebody you know already.")
}

// lostBy says why a time cannot be had, by the code of the refusal.
var lostBy = map[string]string{
	"slot-taken": "was taken while you were typing", "time-taken": "was taken while you were typing", "slot-past": "has passed",
	"hold-ended": "is no longer held", "hold-taken-over": "is no longer held", "nothing-free": "and its other dates cannot be had", "closed": "is closed, or time off", "no-hours": "is outside the working hours",
}

// notBooked shows the form again with everything typed: what is wrong with it, who it may be, or the times that are free instead.
func (a *app) notBooked(c *fiber.Ctx, f bookingForm, refusal *fault.Fault) error {
	b := booking{lost: lostBy[refusal.Code]}
	if refusal.Code == patientErased {
		f.Patient = ""
	}
	if f.Patient == "" {
		b.find = f.Name
	}
	if d, ok := refusal.Detail.(scheduling.Alternatives); ok {
		b.next = d.Next
	}
	switch {
	case refusal.Code == "maybe-known":
		b.warn, b.find = true, ""
	case b.lost != "":
	case refusal.Kind != fault.Invalid:
		return refusal
	default:
		b.problems = formProblems(refusal)
	}
	return a.bookingPage(c, statuses[refusal.Kind], f, b)
}
