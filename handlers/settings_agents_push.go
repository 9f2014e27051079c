package handlers

import (
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"anteroom/domain/calls"
	"anteroom/domain/fault"
	"anteroom/domain/tenancy"
	"anteroom/views"
	"anteroom/views/ui"
)

// showPush compares an assistant with what it should be. Nothing is sent.
func (a *app) showPush(c *fiber.Ctx) error { return a.pushPage(c, http.StatusOK, nil) }

// pushPage shows the difference as it is now, after a refusal too.
func (a *app) pushPage(c *fiber.Ctx, status int, problems []ui.Problem) error {
	agent, snapshot, err := pushParams(c)
	if err != nil {
		return err
	}
	m := views.AgentPush{ID: agent.String(), Action: c.Path()}
	var plan calls.Plan
	if snapshot == uuid.Nil {
		plan, err = a.remote.PlanPush(c.UserContext(), scope(c), agent)
	} else if m.Restore, err = a.snapshotTime(c, agent, snapshot); err == nil {
		plan, err = a.remote.PlanRestore(c.UserContext(), scope(c), agent, snapshot)
	}
	switch f := fault.As(err); {
	case f != nil && (f.Kind == fault.Conflict || f.Kind == fault.Unavailable):
		m.Failed = f.Words
	case err != nil:
		return err
	}
	m.Agent, m.Base = plan.Agent.Name, plan.Base
	for _, d := range plan.Changes {
		m.Changes = append(m.Changes, views.AgentChange{Path: d.Path, Before: d.Before, After: d.After})
	}
	m.Settings = a.settings(c, "Push")
	m.Settings.Problems = problems
	return page(c, status, views.AgentPushPage(m))
}

// pushParams reads the agent, and the snapshot where the address names one.
func pushParams(c *fiber.Ctx) (agent, snapshot uuid.UUID, err error) {
	if agent, err = idParam(c, "id"); err == nil && c.Params("snapshot") != "" {
		snapshot, err = idParam(c, "snapshot")
	}
	return agent, snapshot, err
}

func (a *app) snapshotTime(c *fiber.Ctx, agent, id uuid.UUID) (at *time.Time, err error) {
	err = a.inClinic(c, func(tx *tenancy.Tx) error {
		list, err := calls.Snapshots(c.UserContext(), tx, agent)
		for _, s := range list {
			if s.ID == id {
				at = inZone(&s.TakenAt, zone(c))
			}
		}
		if err == nil && at == nil {
			err = fault.New(fault.NotFound, "no-such-snapshot", "There is no such snapshot of this assistant.")
		}
		return err
	})
	return at, err
}

// push sends what was shown, and nothing else: when it would be something else by now, it is shown again.
func (a *app) push(c *fiber.Ctx) error {
	agent, snapshot, err := pushParams(c)
	if err != nil {
		return err
	}
	title := "Pushed to Vapi"
	var n int
	if snapshot == uuid.Nil {
		n, err = a.remote.Push(c.UserContext(), scope(c), agent, posted(c, "base"))
	} else {
		title = "Restored at Vapi"
		n, err = a.remote.Restore(c.UserContext(), scope(c), agent, snapshot, posted(c, "base"))
	}
	if f := fault.As(err); f != nil && (f.Kind == fault.Conflict || f.Kind == fault.Unavailable) {
		return a.pushPage(c, statuses[f.Kind], []ui.Problem{{Message: f.Words}})
	}
	if err != nil {
		return err
	}
	words := "How it was before is kept: you can go back."
	if n == 0 {
		title, words = "Nothing to change", "The assistant at Vapi was as it should be already."
	}
	a.flash(c, ui.OK, title, words)
	return seeOther(c, "/settings/agents/"+agent.String())
}
