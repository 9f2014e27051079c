package handlers

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"anteroom/domain/calls"
	"anteroom/domain/fault"
	"anteroom/domain/tenancy"
	"anteroom/views"
	"anteroom/views/ui"
)

// callsQuery is which calls are asked for. What was typed comes with a form that is posted and never is in an address; the rest may be.
type callsQuery struct {
	views.CallsFilter
	after  string
	text   string
	search bool

	renewed bool // the page asks by itself
}

func readCallsQuery(value func(name string) string) callsQuery {
	one := func(name string, allowed ...string) string {
		if v := value(name); slices.Contains(allowed, v) {
			return v
		}
		return ""
	}
	q := callsQuery{after: value("after")}
	q.Period = one("period", "today", "yesterday", "7", "30")
	q.Outcome = one("outcome", calls.Outcomes...)
	q.Hidden, q.Review = one("hidden", "yes", "no"), one("review", "wanted", "done")
	if id, err := uuid.Parse(value("agent")); err == nil {
		q.Agent = id.String()
	}
	return q
}

// input is the filter for the domain, with days as the clinic has them.
func (q callsQuery) input(now time.Time) calls.ListInput {
	in := calls.ListInput{Text: q.text, Outcome: q.Outcome, Review: q.Review, After: q.after}
	if id, err := uuid.Parse(q.Agent); err == nil {
		in.AgentID = id
	}
	if q.Hidden != "" {
		some := q.Hidden == "yes"
		in.HasSpans = &some
	}
	switch q.Period {
	case "today":
		in.From = midnight(now, 0)
	case "yesterday":
		in.From, in.Before = midnight(now, -1), midnight(now, 0)
	case "7":
		in.From = midnight(now, -6)
	case "30":
		in.From = midnight(now, -29)
	}
	return in
}

// showCalls is the list, with the calls that go on now on top.
func (a *app) showCalls(c *fiber.Ctx) error {
	return a.callsPage(c, http.StatusOK, readCallsQuery(func(name string) string { return c.Query(name) }))
}

// callsPart is what the list asks for when something changed.
func (a *app) callsPart(c *fiber.Ctx) error {
	q := readCallsQuery(func(name string) string { return c.Query(name) })
	q.renewed = true
	part, _, err := a.loadCalls(c, q)
	if err != nil {
		return err
	}
	return page(c, http.StatusOK, views.CallsFragment(part))
}

// backToCalls is for whoever opens the address of the results.
func (a *app) backToCalls(c *fiber.Ctx) error { return seeOther(c, "/calls") }

// searchCalls finds calls by words that were said. While somebody types, what is too short is no mistake yet.
func (a *app) searchCalls(c *fiber.Ctx) error {
	q := readCallsQuery(func(name string) string { return posted(c, name) })
	q.text = strings.TrimSpace(posted(c, "q"))
	q.search = letters(q.text) >= 2
	if letters(q.text) == 1 && !wantsPart(c) {
		return a.callsRefused(c, q, "Type at least two letters or digits.")
	}
	err := a.callsPage(c, http.StatusOK, q)
	if f := fault.As(err); f != nil && f.Kind == fault.Invalid && len(f.Fields) > 0 {
		return a.callsRefused(c, q, f.Fields[0].Message)
	}
	return err
}

func (a *app) callsRefused(c *fiber.Ctx, q callsQuery, why string) error {
	part := views.CallsPart{CSRF: a.csrf(c), Now: time.Now().In(zone(c)), Filter: q.CallsFilter, Query: q.text, Searched: true, Problem: why, First: true}
	return pageOr(c, http.StatusUnprocessableEntity, views.CallsPage(views.Calls{Shell: a.shell(c, "Calls"), Part: part}), views.CallsFragment(part))
}

func (a *app) callsPage(c *fiber.Ctx, status int, q callsQuery) error {
	made := time.Now()
	part, owed, err := a.loadCalls(c, q)
	if err != nil {
		return err
	}
	if wantsPart(c) {
		return page(c, status, views.CallsFragment(part))
	}
	m := views.Calls{Shell: a.shell(c, "Calls"), Part: part, Owed: owed}
	if desk.admits(of(c).member.Role) {
		m.Stream = streamOf(c, made)
	}
	if watch.admits(of(c).member.Role) {
		m.Reviews = "/calls/reviews"
	}
	return page(c, status, views.CallsPage(m))
}

func (a *app) loadCalls(c *fiber.Ctx, q callsQuery) (part views.CallsPart, owed int, err error) {
	ctx, at := c.UserContext(), zone(c)
	var found calls.Page
	var live []calls.InProgress
	var agents []calls.Agent
	err = a.inClinic(c, func(tx *tenancy.Tx) error {
		now, err := tx.Now(ctx)
		if err != nil {
			return err
		}
		part = views.CallsPart{CSRF: a.csrf(c), Now: now.In(at), Filter: q.CallsFilter, Query: q.text, Searched: q.search, First: q.after == ""}
		in := q.input(part.Now)
		in.Renewed, in.Shown = q.renewed, a.shown.to(of(c).session.id)
		if !q.search {
			in.Text = ""
		}
		if found, err = a.records.List(ctx, tx, in); err != nil {
			return err
		}
		if live, err = a.calls.OnThePhone(ctx, tx); err != nil {
			return err
		}
		if agents, err = calls.ListAgents(ctx, tx); err != nil || !watch.admits(of(c).member.Role) {
			return err
		}
		reviews, err := a.records.OwedReviews(ctx, tx)
		owed = len(reviews)
		return err
	})
	if err != nil {
		return part, 0, err
	}
	a.shown.note(of(c).session.id, idsOf(found.Calls), time.Now())
	member := of(c).member
	part.Live = callViews(live, member, midnight(part.Now, 0), at)
	for _, g := range agents {
		part.Filter.Agents = append(part.Filter.Agents, ui.Option{Value: g.ID.String(), Label: g.Name})
	}
	for _, call := range found.Calls {
		if part.First && slices.ContainsFunc(live, func(l calls.InProgress) bool { return l.ID == call.ID }) {
			continue // it stands on top
		}
		row := callRow(call, part.Now)
		if e, ok := found.Excerpts[call.ID]; ok {
			row.Said = &views.CallExcerpt{Href: turnAddress(call.ID, e.Seq), Agent: e.Speaker != calls.SpeakerCaller, Text: e.Text, Terms: strings.Fields(q.text)}
		}
		part.Rows = append(part.Rows, row)
	}
	part.Next = found.Next
	if !q.search && part.First {
		part.URL, part.Polls = q.Address("/calls/part", "", ""), !desk.admits(member.Role)
	}
	return part, owed, nil
}

func idsOf(list []calls.Call) []uuid.UUID {
	ids := make([]uuid.UUID, len(list))
	for i, c := range list {
		ids[i] = c.ID
	}
	return ids
}

func callRow(c calls.Call, now time.Time) views.CallRow {
	r := views.CallRow{Href: callAddress(c.ID), At: c.StartedAt.In(now.Location()), Caller: c.Caller, Agent: agentName(c), Outcome: c.Outcome, Hidden: c.Spans, Review: c.Review}
	r.Live = goesOn(c, now)
	if c.EndedAt != nil {
		r.Length = views.CallLength(c.EndedAt.Sub(c.StartedAt))
	}
	return r
}

// goesOn: the end of a call may never be told; none lasts for hours.
func goesOn(c calls.Call, now time.Time) bool {
	return c.EndedAt == nil && now.Sub(c.StartedAt) < time.Hour
}

func agentName(c calls.Call) string {
	if c.Agent == "" {
		return "Voice agent"
	}
	return c.Agent
}

func callAddress(id uuid.UUID) string { return "/calls/" + id.String() }
