package handlers

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"unicode"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"anteroom/domain/calls"
	"anteroom/domain/fault"
	"anteroom/domain/privacy"
	"anteroom/domain/tenancy"
	"anteroom/views"
	"anteroom/views/ui"
)

// newMiss marks a miss without a script: first the part of the call, then its words.
func (a *app) newMiss(c *fiber.Ctx) error { return a.missPage(c, http.StatusOK, c.Query("turn"), "") }

func (a *app) missPage(c *fiber.Ctx, status int, turn, problem string) error {
	id, err := idParam(c, "id")
	if err != nil {
		return err
	}
	var r calls.Record
	err = a.inClinic(c, func(tx *tenancy.Tx) (err error) {
		r, err = a.records.Get(c.UserContext(), tx, id)
		return err
	})
	if err != nil {
		return err
	}
	m := views.CallMiss{Shell: a.shell(c, "Call"), CallID: id.String(), Kinds: kindOptions(), Kind: posted(c, "kind"), Ticked: postedAll(c, "word"), Problem: problem}
	for _, t := range append(summaryOf(r), r.Turns...) {
		v := turnView(t, agentName(r.Call), id)
		m.Turns = append(m.Turns, v)
		if turn == strconv.Itoa(t.Seq) {
			m.Chosen, m.Text, m.Words = &v, t.Text, missWords(v)
		}
	}
	return page(c, status, views.MissPage(m))
}

// missWords are the readable words of a turn, by their bytes.
func missWords(t views.CallTurn) (list []views.MissWord) {
	for _, p := range t.Pieces {
		if p.Span != nil {
			continue
		}
		start := -1
		for i, r := range p.Text + " " {
			switch space := unicode.IsSpace(r); {
			case !space && start < 0:
				start = i
			case space && start >= 0:
				if letters(p.Text[start:i]) > 0 {
					list = append(list, views.MissWord{Starts: p.At + start, Ends: p.At + i, Text: p.Text[start:i]})
				}
				start = -1
			}
		}
	}
	return list
}

// missInput reads the mark: of the script, or of ticked words. Ticked words may end in a comma; that is not a part of what is hidden.
func missInput(c *fiber.Ctx, call uuid.UUID) (in calls.MissInput, err error) {
	in = calls.MissInput{CallID: call, Kind: privacy.Kind(posted(c, "kind"))}
	if in.Seq, err = strconv.Atoi(posted(c, "seq")); err != nil {
		return in, fault.BadField("mark", "Choose the words that should not be readable.")
	}
	words := postedAll(c, "word")
	if len(words) == 0 {
		in.Seen = posted(c, "seen")
		in.Starts, err = strconv.Atoi(posted(c, "starts"))
		end, wrong := strconv.Atoi(posted(c, "ends"))
		if err != nil || wrong != nil {
			return in, fault.BadField("mark", "Choose the words that should not be readable.")
		}
		in.Ends = end
		return in, nil
	}
	err = ticked(&in, posted(c, "text"), words)
	return in, err
}

// ticked reads words that were ticked, each by its bytes: one stretch of the text, with no other word in between.
func ticked(in *calls.MissInput, text string, words []string) error {
	in.Starts, in.Ends = -1, -1
	for _, w := range words {
		var from, to int
		if n, err := fmt.Sscanf(w, "%d-%d", &from, &to); err != nil || n != 2 || from < 0 || to > len(text) || from >= to {
			return fault.New(fault.Conflict, "text-changed", "The text has changed since you opened the page. Mark it again.")
		}
		switch {
		case in.Starts < 0:
			in.Starts = from
		case from < in.Ends || letters(text[in.Ends:from]) > 0:
			return fault.BadField("mark", "Other words stand between those you ticked. Tick what stands together, and mark the rest afterwards.")
		}
		in.Ends = to
	}
	in.Seen = strings.TrimRightFunc(text[in.Starts:in.Ends], unicode.IsPunct)
	in.Ends = in.Starts + len(in.Seen)
	return nil
}

// markMiss takes out what the rules had left in.
func (a *app) markMiss(c *fiber.Ctx) error {
	id, err := idParam(c, "id")
	if err != nil {
		return err
	}
	in, err := missInput(c, id)
	n := 0
	if err == nil {
		err = a.inClinic(c, func(tx *tenancy.Tx) (err error) {
			n, err = a.records.MarkMiss(c.UserContext(), tx, in)
			return err
		})
	}
	if f := fault.As(err); f != nil && (f.Kind == fault.Invalid || f.Kind == fault.Conflict) {
		return a.missPage(c, statuses[f.Kind], posted(c, "seq"), firstWords(f))
	}
	if err != nil {
		return err
	}
	a.flash(c, ui.OK, "Hidden in "+counted(n, "place")+".", "It counts as missed by the rules.")
	return seeOther(c, turnAddress(id, in.Seq))
}

// markReviewed says that this person has read the call and nothing was missed.
func (a *app) markReviewed(c *fiber.Ctx) error {
	return a.changeCall(c, "Noted: nothing was missed.", func(tx *tenancy.Tx, id uuid.UUID) error { return a.records.MarkReviewed(c.UserContext(), tx, id) })
}

func (a *app) changeCall(c *fiber.Ctx, said string, do func(*tenancy.Tx, uuid.UUID) error) error {
	id, err := idParam(c, "id")
	if err != nil {
		return err
	}
	err = a.inClinic(c, func(tx *tenancy.Tx) error { return do(tx, id) })
	if f := fault.As(err); f != nil && (f.Kind == fault.Invalid || f.Kind == fault.Conflict) {
		return a.callPage(c, statuses[f.Kind], func(m *views.Call) { m.Problem = "Nothing was changed. " + firstWords(f) })
	}
	if err != nil {
		return err
	}
	a.flash(c, ui.OK, said, "")
	return seeOther(c, callAddress(id))
}

const mostMisses = 20

// showReviews is what reviewers owe, and how well the rules do.
func (a *app) showReviews(c *fiber.Ctx) error { return a.reviewsPage(c, http.StatusOK, "") }

func (a *app) reviewsPage(c *fiber.Ctx, status int, problem string) error {
	ctx, at := c.UserContext(), zone(c)
	m := views.CallReviews{Problem: problem}
	err := a.inClinic(c, func(tx *tenancy.Tx) error {
		m = views.CallReviews{Problem: problem}
		now, err := tx.Now(ctx)
		if err != nil {
			return err
		}
		m.Now = now.In(at)
		list, err := a.records.GlassBreaks(ctx, tx)
		if err != nil {
			return err
		}
		owed, err := a.records.OwedReviews(ctx, tx)
		if err != nil {
			return err
		}
		for _, g := range owed {
			m.Owed = append(m.Owed, a.glassView(c, g, m))
		}
		for _, g := range list {
			if g.ReviewedAt != nil {
				m.Past = append(m.Past, a.glassView(c, g, m))
			}
		}
		recall, err := calls.MeasureRecall(ctx, tx)
		if err != nil {
			return err
		}
		for _, r := range recall {
			m.Recall = append(m.Recall, views.RecallRow{Rules: r.RuleSet, Calls: r.Calls, Found: r.Found, Missed: r.Missed, Share: r.Share()})
		}
		misses, err := a.records.Misses(ctx, tx, mostMisses)
		if err != nil {
			return err
		}
		for _, x := range misses {
			m.Misses = append(m.Misses, views.MissRow{CallURL: callAddress(x.CallID), At: x.At.In(at), By: actorView(x.Actor, x.ActorName), Kind: x.Kind})
		}
		if m.Unread, err = calls.CountUnread(ctx, tx); err != nil {
			return err
		}
		return a.rulesOwed(ctx, tx, &m)
	})
	if err != nil {
		return err
	}
	m.Shell = a.shell(c, "Reviews")
	return page(c, status, views.CallReviewsPage(m))
}

// rulesOwed is how far the calls are behind the rules, and which of them wait for a person.
func (a *app) rulesOwed(ctx context.Context, tx *tenancy.Tx, m *views.CallReviews) error {
	owed, err := a.records.CountRulesOwed(ctx, tx)
	if err != nil {
		return err
	}
	m.Rules, m.Waiting = a.records.RuleSet(), owed.Waiting
	for _, o := range owed.Older {
		m.Older = append(m.Older, views.OlderRules{Rules: o.RuleSet, Calls: o.Calls})
	}
	list, err := a.records.Waiting(ctx, tx, mostMisses)
	for _, w := range list {
		m.ToDecide = append(m.ToDecide, views.ToDecide{URL: callAddress(w.ID) + "/rules", At: w.StartedAt.In(m.Now.Location()), Places: w.Waiting})
	}
	return err
}

func (a *app) glassView(c *fiber.Ctx, g calls.GlassBreak, m views.CallReviews) views.GlassRow {
	at := m.Now.Location()
	v := views.GlassRow{ID: g.ID.String(), By: actorView(g.Actor, g.ActorName), At: g.At.In(at), Until: g.Until.In(at), Open: g.Open(m.Now), Why: views.CallReason(g.Reason), Words: g.Words,
		Reveals: g.Reveals, Own: g.Actor == scope(c).Actor.String(), Verdict: g.Verdict, Reviewer: g.ReviewedBy}
	switch {
	case g.CallID != nil:
		v.CallURL = callAddress(*g.CallID)
	case g.PatientID != nil:
		v.Whole = true
		if a.admits(of(c).member.Role, "/patients/:id") {
			v.Patient = "/patients/" + g.PatientID.String()
		}
		for _, id := range g.Looked {
			v.Looked = append(v.Looked, callAddress(id))
		}
	}
	if g.ReviewedAt != nil {
		t := g.ReviewedAt.In(at)
		v.Reviewed = &t
	}
	return v
}

// reviewGlass says whether an hour of seeing everything was justified.
func (a *app) reviewGlass(c *fiber.Ctx) error {
	id, err := idParam(c, "id")
	if err != nil {
		return err
	}
	verdict := posted(c, "verdict")
	err = a.inClinic(c, func(tx *tenancy.Tx) error {
		return a.records.ReviewBreakGlass(c.UserContext(), tx, id, verdict, strings.TrimSpace(posted(c, "words")))
	})
	if f := fault.As(err); f != nil && f.Kind != fault.NotFound {
		return a.reviewsPage(c, statuses[f.Kind], firstWords(f))
	}
	if err != nil {
		return err
	}
	a.flash(c, ui.OK, "Review noted.", "")
	return seeOther(c, "/calls/reviews")
}
