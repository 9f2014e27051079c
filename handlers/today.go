package handlers

import (
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"anteroom/domain/calls"
	"anteroom/domain/identity"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
	"anteroom/views"
)

// showToday is where a shift begins: the day at a glance, and what needs a person.
func (a *app) showToday(c *fiber.Ctx) error {
	d, err := a.loadToday(c)
	if err != nil {
		return err
	}
	m := views.Today{Shell: a.shell(c, "Today"), Heading: longDay(d.from, of(c).member.Locale), Short: briefDay(d.from, of(c).member.Locale), Part: a.todayPart(c, d), Stream: streamOf(c, d.asked)}
	if d.own != uuid.Nil {
		m.Sub = "Your own patients"
	}
	if books(of(c).member.Role) {
		m.BookURL = "/appointments/new?date=" + d.from.Format(time.DateOnly)
	}
	return page(c, http.StatusOK, views.TodayPage(m))
}

// todayFragment is what the page asks for when something changed.
func (a *app) todayFragment(c *fiber.Ctx) error {
	d, err := a.loadToday(c)
	if err != nil {
		return err
	}
	return page(c, http.StatusOK, views.TodayFragment(a.todayPart(c, d)))
}

// day is the present day with who looks at it.
type day struct {
	scheduling.Today
	calls    []calls.InProgress
	left     []calls.LeftMessage    // for those who book: they call back
	waiting  []scheduling.WaitEntry // the same
	asked    time.Time              // by the machine's clock; what changed later may be missing
	from, to time.Time
	own      uuid.UUID // the practitioner who sees the own day only
	zone     *time.Location
}

// loadToday is three round trips and the commit.
func (a *app) loadToday(c *fiber.Ctx) (day, error) {
	var d day
	err := a.inClinic(c, func(tx *tenancy.Tx) (err error) {
		d = day{asked: time.Now(), zone: zone(c)}
		in := todayInput(tx, of(c).member)
		d.from, d.to, d.own = in.From, in.To, in.Practitioner
		if d.Today, err = a.desk.LoadToday(c.UserContext(), tx, in); err != nil {
			return err
		}
		if d.own == uuid.Nil {
			if d.calls, err = a.calls.OnThePhone(c.UserContext(), tx); err != nil {
				return err
			}
		}
		if !books(of(c).member.Role) {
			return nil
		}
		if d.left, err = a.calls.Messages(c.UserContext(), tx); err != nil {
			return err
		}
		d.waiting, err = a.desk.Waitlist(c.UserContext(), tx)
		return err
	})
	return d, err
}

// todayInput is the present day of the clinic as this person sees it: a clinician who is a practitioner sees the own one.
func todayInput(tx *tenancy.Tx, m identity.Membership) scheduling.TodayInput {
	from := midnight(clockOf(tx).In(zoneOf(m)), 0)
	in := scheduling.TodayInput{From: from, To: midnight(from, 1), Zone: m.Zone}
	if m.Role == identity.Clinician && m.Practitioner != nil {
		in.Practitioner = *m.Practitioner
	}
	return in
}

// longDay is a date in full, without the year.
func longDay(day time.Time, locale string) string {
	if monthFirst(locale) {
		return day.Format("Monday, January 2")
	}
	return day.Format("Monday 2 January")
}

// briefDay is longDay where there is little room.
func briefDay(day time.Time, locale string) string {
	if monthFirst(locale) {
		return day.Format("Mon, Jan 2")
	}
	return day.Format("Mon 2 Jan")
}

// backOr is where a form asks to come back to, for those that stand on several pages.
func backOr(c *fiber.Ctx, otherwise string) string { return ownPath(posted(c, "back"), otherwise) }
