package handlers

import (
	"net/http"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"anteroom/domain/fault"
	"anteroom/views"
	"anteroom/views/ui"
)

// listSessions shows where the person is signed in.
func (a *app) listSessions(c *fiber.Ctx) error {
	list, err := a.standing.List(c.UserContext(), of(c).session.person)
	if err != nil {
		return err
	}
	at := zone(c)
	m := views.Sessions{Shell: a.shell(c, "Where you are signed in"), Now: time.Now().In(at)}
	for _, s := range list {
		m.List = append(m.List, views.Session{ID: s.ID.String(), Device: device(s.UserAgent), Address: s.Address,
			SignedIn: s.CreatedAt.In(at), LastSeen: s.SeenAt.In(at), Current: s.ID == of(c).session.id})
	}
	return page(c, http.StatusOK, views.SessionsPage(m))
}

// endSession signs one of the person's own sessions out.
func (a *app) endSession(c *fiber.Ctx) error {
	id, err := idParam(c, "id")
	if err != nil {
		return err
	}
	if id == of(c).session.id {
		return a.signOut(c)
	}
	ended, err := a.standing.End(c.UserContext(), of(c).session.person, id)
	if err != nil {
		return err
	}
	if len(ended) == 0 {
		return fault.New(fault.NotFound, "no-such-session", "That session has ended already.")
	}
	a.flash(c, ui.OK, "Signed out", "That device has to sign in again.")
	return redirect(c, "/sessions")
}

// endOtherSessions signs the person out everywhere but here.
func (a *app) endOtherSessions(c *fiber.Ctx) error {
	me := of(c).session
	list, err := a.standing.List(c.UserContext(), me.person)
	if err != nil {
		return err
	}
	for _, s := range list {
		if s.ID == me.id {
			continue
		}
		if _, err := a.standing.End(c.UserContext(), me.person, s.ID); err != nil {
			return err
		}
	}
	a.flash(c, ui.OK, "Signed out everywhere else", "Every other device has to sign in again.")
	return redirect(c, "/sessions")
}

// device is what a person calls a browser. Browsers claim to be others too, so the order matters.
func device(agent string) string {
	browser := firstIn(agent, "A browser", [][2]string{{"Edg", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"FxiOS", "Firefox"},
		{"Chrome/", "Chrome"}, {"CriOS", "Chrome"}, {"Safari/", "Safari"}})
	system := firstIn(agent, "", [][2]string{{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"Windows", "Windows"},
		{"Mac OS X", "macOS"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"}})
	if system == "" {
		return browser
	}
	return browser + " on " + system
}

func firstIn(text, none string, marks [][2]string) string {
	for _, m := range marks {
		if strings.Contains(text, m[0]) {
			return m[1]
		}
	}
	return none
}
