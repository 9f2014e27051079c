package handlers

import (
	"net/http"
	"slices"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"anteroom/domain/calls"
	"anteroom/domain/fault"
	"anteroom/domain/tenancy"
	"anteroom/views"
	"anteroom/views/ui"
)

// compareRules shows what the rules of today would make of a call, before anybody makes it so.
func (a *app) compareRules(c *fiber.Ctx) error { return a.rulesPage(c, http.StatusOK, "") }

func (a *app) rulesPage(c *fiber.Ctx, status int, problem string) error {
	id, err := idParam(c, "id")
	if err != nil {
		return err
	}
	var d calls.Comparison
	var r calls.Record
	err = a.inClinic(c, func(tx *tenancy.Tx) (err error) {
		if d, err = a.records.Compare(c.UserContext(), tx, id); err != nil {
			return err
		}
		r, err = a.records.Get(c.UserContext(), tx, id)
		return err
	})
	if f := fault.As(err); f != nil && f.Kind == fault.Conflict {
		return a.callPage(c, statuses[f.Kind], func(m *views.Call) { m.Problem = "Nothing was changed. " + f.Words })
	}
	if err != nil {
		return err
	}
	return page(c, status, views.CallRulesPage(a.rulesView(c, d, r, problem)))
}

func (a *app) rulesView(c *fiber.Ctx, d calls.Comparison, r calls.Record, problem string) views.CallRules {
	m := views.CallRules{Shell: a.shell(c, "Call"), CallID: d.CallID.String(), From: d.FromRules, To: d.ToRules, Print: d.Print, Problem: problem,
		Added: d.Count(calls.ChangeAdded), Removed: d.Count(calls.ChangeRemoved), Named: d.Count(calls.ChangeNamed)}
	agent := agentName(r.Call)
	for _, t := range d.Turns {
		v := views.RulesTurn{CallTurn: turnView(t.Said, agent, d.CallID)}
		v.Pieces = splitAt(v.Pieces, t.Changes)
		for _, x := range t.Changes {
			v.Changes = append(v.Changes, views.RulesChange{What: x.What, Kind: x.Kind, Now: x.Now, Span: spanID(x.Span())})
		}
		m.Turns = append(m.Turns, v)
	}
	if d.FromRules == d.ToRules && len(r.Reruns) > 0 { // what was found besides is hidden already
		m.From, m.Already = r.Reruns[0].FromRules, r.Reruns[0].Added
		m.Turns = withHidden(m.Turns, r, agent)
	}
	return m
}

// withHidden adds to the turns what the last run has hidden besides.
func withHidden(turns []views.RulesTurn, r calls.Record, agent string) []views.RulesTurn {
	for _, t := range append(summaryOf(r), r.Turns...) {
		for _, s := range t.Spans {
			if !slices.ContainsFunc(r.Reruns[0].Changes, func(x calls.Change) bool {
				return x.What == calls.ChangeAdded && x.Seq == t.Seq && x.Starts == s.Starts && x.Ends == s.Ends
			}) {
				continue
			}
			i := slices.IndexFunc(turns, func(v views.RulesTurn) bool { return v.Seq == t.Seq })
			if i < 0 {
				i = len(turns)
				turns = append(turns, views.RulesTurn{CallTurn: turnView(t, agent, r.ID)})
			}
			turns[i].Changes = append(turns[i].Changes, views.RulesChange{What: "already", Kind: s.Kind, Span: s.ID.String()})
			for n, p := range turns[i].Pieces {
				if p.Span != nil && p.Span.ID == s.ID.String() {
					turns[i].Pieces[n].Change = "already"
				}
			}
		}
	}
	slices.SortStableFunc(turns, func(a, b views.RulesTurn) int { return a.Seq - b.Seq })
	return turns
}

func spanID(id uuid.UUID) string {
	if id == uuid.Nil {
		return ""
	}
	return id.String()
}

// splitAt marks what would be hidden besides, and what would become of the chips.
func splitAt(pieces []views.Piece, changes []calls.Change) (out []views.Piece) {
	for _, p := range pieces {
		if p.Span != nil {
			for _, x := range changes {
				if spanID(x.Span()) == p.Span.ID {
					p.Change, p.Now = x.What, x.Now
				}
			}
			out = append(out, p)
			continue
		}
		at, end := p.At, p.At+len(p.Text)
		for _, x := range changes {
			if x.What != calls.ChangeAdded || x.Starts < at || x.Ends > end {
				continue
			}
			if x.Starts > at {
				out = append(out, views.Piece{Text: p.Text[at-p.At : x.Starts-p.At], At: at})
			}
			out = append(out, views.Piece{Text: p.Text[x.Starts-p.At : x.Ends-p.At], At: x.Starts, Change: x.What, Now: x.Kind})
			at = x.Ends
		}
		if at < end {
			out = append(out, views.Piece{Text: p.Text[at-p.At:], At: at})
		}
	}
	return out
}

// rerun makes the difference that was looked at: all of it but what is kept hidden, or only what hides more.
func (a *app) rerun(c *fiber.Ctx) error {
	id, err := idParam(c, "id")
	if err != nil {
		return err
	}
	in := calls.RerunInput{CallID: id, Seen: posted(c, "seen"), KeepAll: posted(c, "keep") == "all"}
	for _, k := range postedAll(c, "span") {
		if span, err := uuid.Parse(k); err == nil {
			in.Keep = append(in.Keep, span)
		}
	}
	var d calls.Difference
	err = a.inClinic(c, func(tx *tenancy.Tx) (err error) {
		d, err = a.records.Rerun(c.UserContext(), tx, in)
		return err
	})
	if f := fault.As(err); f != nil && f.Kind == fault.Conflict {
		return a.rulesPage(c, statuses[f.Kind], "Nothing was changed. "+f.Words)
	}
	if err != nil {
		return err
	}
	said := "Redacted again under rules " + d.ToRules + "."
	if in.KeepAll {
		said = "Everything that was hidden stays hidden."
	}
	a.flash(c, ui.OK, said, views.DifferenceWords(d.Added, d.Removed))
	return seeOther(c, callAddress(id))
}
