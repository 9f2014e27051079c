package handlers

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"anteroom/domain/audit"
	"anteroom/domain/fault"
	"anteroom/domain/tenancy"
	"anteroom/views"
	"anteroom/views/ui"
)

const (
	proofTime     = 2 * time.Minute
	proofPatience = 8 * time.Second // for which whoever started it waits; it ends by itself
)

// showIsolation is the last proof of the walls.
func (a *app) showIsolation(c *fiber.Ctx) error {
	last, err := a.DB.LastRun(c.UserContext())
	if err != nil {
		return err
	}
	m := views.Isolation{Shell: a.shell(c, "Isolation"), Running: a.proving.Load(), Now: time.Now().In(zone(c))}
	m.CanRun = admin.admits(of(c).member.Role) && !m.Running
	if last != nil {
		m.Probe = probeView(*last, zone(c))
	}
	return page(c, http.StatusOK, views.IsolationPage(m))
}

// runIsolation attacks the walls, one run at a time in this process. A run outlives the request that started it.
func (a *app) runIsolation(c *fiber.Ctx) error {
	if !a.proving.CompareAndSwap(false, true) {
		return fault.New(fault.Conflict, "already-running", "The walls are being tested right now. It takes a few seconds; open Isolation again to see the result.")
	}
	err := a.inClinic(c, func(tx *tenancy.Tx) error {
		return audit.Record(c.UserContext(), tx, audit.Event{Action: "isolation.run", SubjectKind: "platform"})
	})
	if err != nil {
		a.proving.Store(false)
		return err
	}
	done := make(chan proven, 1)
	go func() {
		p := a.prove()
		a.proving.Store(false)
		done <- p
	}()
	patience := time.NewTimer(proofPatience)
	defer patience.Stop()
	select {
	case p := <-done:
		a.sayProven(c, p)
	case <-patience.C:
	case <-c.UserContext().Done():
	}
	return seeOther(c, "/isolation")
}

type proven struct {
	report tenancy.Report
	err    error
}

func (a *app) prove() (p proven) {
	ctx, cancel := context.WithTimeout(a.Stop, proofTime)
	defer cancel()
	if p.report, p.err = a.DB.Verify(ctx, a.Version); p.err == nil {
		p.err = a.DB.StoreRun(ctx, p.report)
	}
	if p.err != nil {
		a.Log.ErrorContext(ctx, "isolation run failed", "error", withoutValues(p.err))
	}
	return p
}

func (a *app) sayProven(c *fiber.Ctx, p proven) {
	switch {
	case p.err != nil:
		a.flash(c, ui.Bad, "The run could not be finished", "It has been logged. What stands here is the last run that was.")
	case p.report.OK():
		a.flash(c, ui.OK, "Every wall holds", "")
	default:
		a.flash(c, ui.Bad, "The walls do not hold", "What was found stands below.")
	}
}

func probeView(r tenancy.Report, at *time.Location) *views.Probe {
	p := &views.Probe{Holds: r.OK(), RanAt: r.FinishedAt.In(at), Took: r.FinishedAt.Sub(r.StartedAt), Version: r.Version,
		Tables: len(r.Tables), Asked: len(r.Functions), Attacks: r.Attacks, Findings: findings(r.Findings), Warnings: findings(r.Warnings)}
	for _, t := range r.Tables {
		row := views.TableResult{Table: t.Name, Whose: whose(t)}
		for _, f := range families {
			row.Verbs = append(row.Verbs, f.of(t))
		}
		p.Results = append(p.Results, row)
	}
	return p
}

func findings(list []tenancy.Finding) (out []views.Finding) {
	for _, f := range list {
		out = append(out, views.Finding{Where: f.Object, What: f.Problem})
	}
	return out
}

func whose(t tenancy.TableResult) string {
	switch {
	case t.Kind == tenancy.PlatformTable:
		return "Nobody’s: " + t.Reason
	case !t.Rows:
		return "Each clinic’s; none has any yet"
	}
	return "Each clinic’s"
}

// family is a column of the table: attacks of one intention.
type family struct {
	name  string
	verbs []string // none: all that are in no other
}

var families = []family{
	{"read", []string{"select", "count", "select by id", "select for update", "select by ctid", "statistics", "leak by error", "copy out"}},
	{"add", []string{"insert", "upsert", "point at another's row", "point at nobody's row", "share a key", "copy in"}},
	{"change", []string{"update", "blind update", "move a row", "merge"}},
	{"delete", []string{"delete", "blind delete", "truncate"}},
	{"other ways", nil},
}

func (f family) has(verb string) bool {
	if f.verbs != nil {
		return slices.Contains(f.verbs, verb)
	}
	return !slices.ContainsFunc(families, func(o family) bool { return slices.Contains(o.verbs, verb) })
}

// worst are the answers, the worst first.
var worst = []string{tenancy.Breach, tenancy.Unfinished, tenancy.NothingFound, tenancy.NotGranted, tenancy.Refused}

var answerWords = map[string]string{tenancy.Breach: "got through", tenancy.Unfinished: "no answer", tenancy.NotGranted: "no such right"}

// of is the worst answer to the attacks of this family.
func (f family) of(t tenancy.TableResult) views.VerbResult {
	rank := len(worst)
	for verb, answer := range t.Verbs {
		if f.has(verb) {
			if i := slices.Index(worst, answer); i < rank {
				rank = i
			}
		}
	}
	if rank == len(worst) && t.Kind == tenancy.PlatformTable {
		return views.VerbResult{Verb: f.name, OK: true, Words: "by design"} // the probe tries what is not listed for the table
	}
	if rank == len(worst) {
		return views.VerbResult{Verb: f.name, Words: "not tried"}
	}
	if rank < 0 { // an answer that this page does not know is not one of a wall
		return views.VerbResult{Verb: f.name, Words: "unknown"}
	}
	words, ok := answerWords[worst[rank]]
	if !ok {
		words = worst[rank]
	}
	return views.VerbResult{Verb: f.name, OK: rank > 1, Words: words}
}
