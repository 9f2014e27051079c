package handlers

import (
	"fmt"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"anteroom/domain/fault"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
	"anteroom/views"
)

// series reads how a booking repeats.
func (f bookingForm) series(first scheduling.BookInput) (in scheduling.SeriesInput, err error) {
	in = scheduling.SeriesInput{First: first, Unit: f.Unit, OnTaken: "skip"}
	bad := fault.New(fault.Invalid, "invalid-fields", "Some of that is not right.")
	if in.Every, err = strconv.Atoi(f.Every); err != nil || in.Every < 1 || in.Every > 12 {
		bad.On("every", "must be from 1 to 12")
	}
	if in.Count, err = strconv.Atoi(f.Count); err != nil || in.Count < 2 || in.Count > 52 {
		bad.On("count", "must be from 2 to 52")
	}
	if len(bad.Fields) > 0 {
		return in, bad
	}
	for _, text := range f.At {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return in, fault.BadField("instead", "Look at the dates again, and choose the other times anew.")
		}
		in.Instead = append(in.Instead, at)
	}
	return in, nil
}

// preview puts into the form how it repeats, and what would come of each date.
func (a *app) preview(c *fiber.Ctx, tx *tenancy.Tx, m *views.NewAppointment, f bookingForm) error {
	m.Repeat = views.Repeat{Offered: true, On: f.repeats(), Every: f.Every, Unit: f.Unit, Count: f.Count}
	if !m.Repeat.On || f.Service == "" {
		return nil
	}
	first, err := f.input(zone(c))
	if err != nil {
		return err
	}
	in, err := f.series(first)
	if err == nil {
		var dates []scheduling.Occurrence
		if dates, err = a.desk.PreviewSeries(c.UserContext(), tx, in); err == nil {
			for _, o := range dates {
				m.Repeat.Dates = append(m.Repeat.Dates, repeatDate(o, zone(c)))
				if o.Outcome == scheduling.TimeFree {
					m.Repeat.Free++
				}
			}
			return nil
		}
	}
	refusal := fault.As(err)
	if refusal == nil || refusal.Kind != fault.Invalid {
		return err
	}
	m.Problems = append(m.Problems, formProblems(refusal)...)
	return nil
}

func repeatDate(o scheduling.Occurrence, at *time.Location) views.RepeatDate {
	d := views.RepeatDate{From: o.StartsAt.In(at), Free: o.Outcome == scheduling.TimeFree, Words: occurrenceWords(o)}
	switch swapped := !o.StartsAt.Equal(o.Usual); {
	case swapped && d.Free:
		d.Swap = &views.Swap{At: o.StartsAt.UTC(), Words: "Instead of " + o.Usual.In(at).Format("15:04"), On: true}
	case o.Instead != nil:
		d.Swap = &views.Swap{At: o.Instead.StartsAt.UTC(), Words: "Book " + o.Instead.StartsAt.In(at).Format("15:04") + " that day"}
	}
	return d
}

// occurrenceWords say what stands in the way of a date.
func occurrenceWords(o scheduling.Occurrence) string {
	switch o.Outcome {
	case scheduling.TimeFree:
		return "Free"
	case scheduling.TimeClosed:
		if o.Reason != "" {
			return "Closed: " + o.Reason
		}
		return "Closed"
	case scheduling.TimeNoHours:
		return "No hours that day"
	case scheduling.TimeBeyond:
		return "Later than the schedule reaches"
	}
	return "Taken"
}

// bookSeries books the dates that are free and says which were left out.
func (a *app) bookSeries(c *fiber.Ctx, tx *tenancy.Tx, f bookingForm, first scheduling.BookInput) (booked, error) {
	in, err := f.series(first)
	if err != nil {
		return booked{}, err
	}
	s, err := a.desk.BookSeries(c.UserContext(), tx, in)
	if err != nil {
		return booked{}, err
	}
	if err := a.noteBooked(c, tx, f); err != nil {
		return booked{}, err
	}
	at := zone(c)
	starts := s.Booked[0].StartsAt.In(at)
	all := len(s.Booked) + len(s.Skipped)
	said := booked{Title: "Booked " + strconv.Itoa(len(s.Booked)) + " of " + strconv.Itoa(all) + " from " + starts.Format("Mon 2 Jan") + ".", To: dayAddress(starts)}
	if len(s.Skipped) == 0 {
		said.Title = "Booked all " + strconv.Itoa(all) + " from " + starts.Format("Mon 2 Jan") + "."
	}
	for i, o := range s.Skipped {
		if i == 2 && len(s.Skipped) > 3 {
			said.Words += " And " + strconv.Itoa(len(s.Skipped)-i) + " more."
			break
		}
		said.Words += " Not " + o.StartsAt.In(at).Format("2 Jan") + ": " + lowerFirst(occurrenceWords(o)) + "."
	}
	if s.Undo != nil {
		said.Change = s.Undo.ChangeID
	}
	return said, nil
}

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return string(s[0]|0x20) + s[1:]
}

// cancelSeries cancels this appointment and those after it, or all that are still to come.
func (a *app) cancelSeries(c *fiber.Ctx, scope, reason, note string) error {
	id, err := idParam(c, "id")
	if err != nil {
		return err
	}
	var gone []scheduling.Appointment
	err = a.inClinic(c, func(tx *tenancy.Tx) (err error) {
		if gone, err = a.desk.CancelSeries(c.UserContext(), tx, id, scope, reason); err != nil {
			return err
		}
		return a.noteCancelled(c, tx, gone[0], note)
	})
	if err != nil {
		return a.notChanged(c, err)
	}
	return a.done(c, fmt.Sprintf("Cancelled %d of the series.", len(gone)), "Their times are free again.", gone[0].Undo, dayAddress(gone[0].StartsAt.In(zone(c))))
}
