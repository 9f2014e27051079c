package handlers

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"anteroom/domain/fault"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
	"anteroom/views"
	"anteroom/views/ui"
)

// undoChange takes back what this person just did, and leaves them where they were. What cannot be taken back any more is said there too.
func (a *app) undoChange(c *fiber.Ctx) error {
	id, err := idParam(c, "id")
	if err != nil {
		return err
	}
	var undone scheduling.Undone
	err = a.inClinic(c, func(tx *tenancy.Tx) (err error) {
		undone, err = a.desk.Undo(c.UserContext(), tx, id)
		return err
	})
	f := views.Flash{Kind: ui.OK}
	status := http.StatusOK
	if refusal := fault.As(err); refusal != nil && (refusal.Kind == fault.Expired || refusal.Kind == fault.Conflict) {
		f.Kind, f.Title, f.Words, status = ui.Warn, "Not undone.", refusal.Words, statuses[refusal.Kind]
	} else if err != nil {
		return err
	} else {
		f.Title, f.Words = undoneWords(undone, zone(c))
	}
	if fromLivePage(c) {
		return inPlace(c, status, f)
	}
	a.flash(c, f.Kind, f.Title, f.Words)
	return redirect(c, a.afterUndo(c, undone))
}

// afterUndo is the page that one was on; of an appointment that is gone now, that of the one that stands.
func (a *app) afterUndo(c *fiber.Ctx, undone scheduling.Undone) string {
	from := c.Get(fiber.HeaderReferer)
	if isHTMX(c) {
		from = c.Get("HX-Current-URL")
	}
	to := "/schedule"
	stands, ok := standing(undone)
	if ok {
		to = dayAddress(stands.StartsAt.In(zone(c)))
	}
	u, err := url.Parse(from)
	if err != nil || u.Path == "" || u.Path == "/" || u.Path == "/appointments" {
		return to
	}
	if ok && strings.HasPrefix(u.Path, "/appointments/") && undone.Kind == "move" {
		return "/appointments/" + stands.ID.String()
	}
	return ownPath(u.RequestURI(), to)
}

// standing is the appointment that there is after an undo; of a booking that was taken back there is none.
func standing(u scheduling.Undone) (scheduling.Appointment, bool) {
	for _, a := range u.Appointments {
		if a.Status != scheduling.Cancelled && a.Status != scheduling.EnteredInError {
			return a, true
		}
	}
	return scheduling.Appointment{}, false
}

// undoneWords say what stands now.
func undoneWords(u scheduling.Undone, at *time.Location) (title, words string) {
	when := func(x scheduling.Appointment) string {
		return x.StartsAt.In(at).Format("Mon 15:04") + " with " + shortName(x.Practitioner)
	}
	stands, ok := standing(u)
	switch {
	case u.Kind == "series" && len(u.Appointments) > 0:
		return "Undone.", strconv.Itoa(len(u.Appointments)) + " appointments were taken back. Their times are free again."
	case u.Kind == "cancel" && len(u.Appointments) > 1:
		return "Undone.", strconv.Itoa(len(u.Appointments)) + " appointments stand again."
	case u.Kind == "book" && len(u.Appointments) > 0:
		return "Undone.", when(u.Appointments[0]) + " is free again."
	case u.Kind == "move" && ok:
		return "Undone.", "It is back at " + when(stands) + "."
	case u.Kind == "cancel" && ok:
		return "Undone.", when(stands) + " is " + scheduling.Words(stands.Status) + " again."
	case ok:
		return "Undone.", "It is " + scheduling.Words(stands.Status) + " again."
	}
	return "Undone.", ""
}
