package handlers

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"anteroom/domain/fault"
	"anteroom/domain/identity"
	"anteroom/domain/patients"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
	"anteroom/views"
	"anteroom/views/ui"
)

// describeRelated adds where the appointment was moved from and to, and what it was booked together with.
func (a *app) describeRelated(c *fiber.Ctx, tx *tenancy.Tx, m *views.Appointment, found scheduling.Appointment) (err error) {
	if m.MovedTo, err = whereabouts(c, tx, found.ReplacedByID); err != nil {
		return err
	}
	if m.MovedFrom, err = whereabouts(c, tx, found.ReplacesID); err != nil || found.SeriesID == nil {
		return err
	}
	s, err := scheduling.GetSeries(c.UserContext(), tx, *found.SeriesID)
	if err != nil {
		return err
	}
	m.Series = seriesView(s, found, m)
	return nil
}

func whereabouts(c *fiber.Ctx, tx *tenancy.Tx, id *uuid.UUID) (*ui.Link, error) {
	if id == nil {
		return nil, nil
	}
	p, err := scheduling.Whereabouts(c.UserContext(), tx, *id)
	if err != nil {
		return nil, err
	}
	return &ui.Link{Href: "/appointments/" + id.String(), Label: p.StartsAt.In(zone(c)).Format("Mon 2 January, 15:04") + " with " + shortName(p.Practitioner)}, nil
}

// seriesView counts what can still be cancelled: what is booked and still to come. One that was moved stands where it is now.
func seriesView(s scheduling.SeriesOf, found scheduling.Appointment, m *views.Appointment) *views.SeriesPart {
	part := &views.SeriesPart{}
	for _, x := range s.Members {
		starts := x.StartsAt.In(m.Now.Location())
		part.List = append(part.List, views.Sibling{Href: "/appointments/" + x.ID.String(), From: starts, Status: x.Status, Current: x.ID == found.ID})
		if x.Status == scheduling.Booked && x.StartsAt.After(m.Now) {
			part.All++
			if !x.StartsAt.Before(found.StartsAt) {
				part.Following++
			}
		}
	}
	if len(part.List) == 0 { // the series was taken back, or all of it entered in error
		return nil
	}
	unit := s.Unit
	if s.Every > 1 {
		unit = fmt.Sprintf("%d %ss", s.Every, s.Unit)
	}
	first, last := part.List[0].From, part.List[len(part.List)-1].From
	part.Words = fmt.Sprintf("Every %s, %d in all, %s to %s", unit, len(part.List), first.Format("2 Jan 2006"), last.Format("2 Jan 2006"))
	return part
}

const notesShown = 5 // the record has the others

// notesOf are the newest notes on the patient's record that this person may read: those of the desk, and of treatment if they treat.
func (a *app) notesOf(ctx context.Context, tx *tenancy.Tx, found scheduling.Appointment, member identity.Membership) (lines []views.NoteLine, err error) {
	all, err := a.directory.Notes(ctx, tx, *found.PatientID)
	for _, n := range all {
		if len(lines) < notesShown && (n.Kind == patients.DeskNote || mayTreat(member, found)) {
			lines = append(lines, views.NoteLine{Text: n.Text, By: actorView(n.Actor, n.ActorName).Name, At: n.At.In(zoneOf(member))})
		}
	}
	return lines, err
}

// addNote adds a note to the patient's record, as the desk or as who treats.
func (a *app) addNote(c *fiber.Ctx) error {
	id, err := idParam(c, "id")
	if err != nil {
		return err
	}
	note := strings.Join(strings.Fields(posted(c, "note")), " ")
	if note == "" || utf8.RuneCountInString(note) > maxCancelNote {
		return a.notChanged(c, fault.BadField("note", fmt.Sprintf("Write 1 to %d characters.", maxCancelNote)))
	}
	member := of(c).member
	err = a.inClinic(c, func(tx *tenancy.Tx) error {
		found, err := scheduling.Get(c.UserContext(), tx, id)
		if err != nil {
			return err
		}
		if found.PatientID == nil || !books(member.Role) && !mayTreat(member, found) {
			return fault.New(fault.Forbidden, "not-yours", "Notes are for the front desk and whoever treats the patient.")
		}
		kind := patients.ClinicalNote
		if books(member.Role) {
			kind = patients.DeskNote
		}
		err = a.directory.AddNote(c.UserContext(), tx, *found.PatientID, kind, note)
		if fault.Is(err, fault.Invalid) {
			return fault.BadField("note", "The patient's notes have no room for this.").Because(err)
		}
		return err
	})
	if err != nil {
		return a.notChanged(c, err)
	}
	a.flash(c, ui.OK, "Note added.", "")
	return seeOther(c, "/appointments/"+id.String())
}
