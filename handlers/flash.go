package handlers

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"anteroom/domain/scheduling"
	"anteroom/views"
	"anteroom/views/ui"
)

// flash is said once, on the next page of this session. Never a patient's data: it is kept in the session meanwhile.
func (a *app) flash(c *fiber.Ctx, kind ui.Kind, title, words string) {
	a.put(c, keyFlash, strings.Join([]string{string(kind), title, words, "", ""}, "\n"))
}

// flashUndo is flash for what this request did and can be taken back; u may be nil. The time left is counted from now, by one clock: the
// database's, which decides, may differ a little.
func (a *app) flashUndo(c *fiber.Ctx, title, words string, u *scheduling.Undo) {
	if u == nil {
		a.flash(c, ui.OK, title, words)
		return
	}
	a.put(c, keyFlash, strings.Join([]string{string(ui.OK), title, words, undoAddress(u), time.Now().Add(scheduling.UndoWindow).Format(time.RFC3339Nano)}, "\n"))
}

func (a *app) popFlash(c *fiber.Ctx) *views.Flash {
	kept := a.sessions.PopString(c.UserContext(), keyFlash)
	parts := strings.SplitN(kept, "\n", 5)
	if len(parts) != 5 {
		return nil
	}
	of(c).session.dirty = true
	f := &views.Flash{Kind: ui.Kind(parts[0]), Title: parts[1], Words: parts[2]}
	if until, err := time.Parse(time.RFC3339Nano, parts[4]); err == nil {
		f.Undo = a.undoUntil(c, parts[3], until)
	}
	return f
}

func undoAddress(u *scheduling.Undo) string { return "/changes/" + u.ChangeID.String() + "/undo" }

// undoUntil is the way back; nil when less than a second of it is left.
func (a *app) undoUntil(c *fiber.Ctx, address string, until time.Time) *ui.Undo {
	left := time.Until(until).Round(time.Second)
	if left < time.Second {
		return nil
	}
	return &ui.Undo{Action: address, CSRF: a.csrf(c), Left: min(left, scheduling.UndoWindow), Total: scheduling.UndoWindow}
}

// livePages load what changed by themselves: what is done on them by htmx is answered with what to say, and the page stays.
var livePages = []string{"/schedule", "/today"}

func fromLivePage(c *fiber.Ctx) bool {
	if !isHTMX(c) {
		return false
	}
	u, err := url.Parse(c.Get("HX-Current-URL"))
	return err == nil && slices.Contains(livePages, u.Path)
}

// done answers a change: on a live page with a toast, and the word that the schedule changed; else with the page to read next.
func (a *app) done(c *fiber.Ctx, title, words string, u *scheduling.Undo, next string) error {
	if !fromLivePage(c) {
		a.flashUndo(c, title, words, u)
		return redirect(c, next)
	}
	f := views.Flash{Kind: ui.OK, Title: title, Words: words}
	if u != nil {
		f.Undo = a.undoUntil(c, undoAddress(u), time.Now().Add(scheduling.UndoWindow))
	}
	return inPlace(c, http.StatusOK, f)
}

// inPlace says something on a live page, whatever the request aimed at; the page then asks for what changed.
func inPlace(c *fiber.Ctx, status int, f views.Flash) error {
	aim(c, "#toasts", ".toast")
	c.Set("HX-Trigger", "schedule")
	return page(c, status, views.Said(f))
}

// aim makes htmx put what is selected of the answer inside a part of the page, and leave the address alone.
func aim(c *fiber.Ctx, part, selected string) {
	c.Set("HX-Retarget", part)
	c.Set("HX-Reswap", "innerHTML")
	c.Set("HX-Reselect", selected)
	c.Set("HX-Push-Url", "false")
}
