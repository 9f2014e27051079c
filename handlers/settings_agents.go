package handlers

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"anteroom/domain/calls"
	"anteroom/domain/fault"
	"anteroom/domain/tenancy"
	"anteroom/views"
	"anteroom/views/ui"
)

func (a *app) listAgents(c *fiber.Ctx) error {
	return a.agentsPage(c, http.StatusOK, views.Agents{}, nil)
}

func (a *app) agentsPage(c *fiber.Ctx, status int, typed views.Agents, problems []ui.Problem) error {
	var m views.Agents
	err := a.inClinic(c, func(tx *tenancy.Tx) error {
		m = typed
		m.Now = clockOf(tx).In(zone(c))
		agents, err := calls.ListAgents(c.UserContext(), tx)
		if err != nil {
			return err
		}
		for _, g := range agents {
			m.List = append(m.List, views.AgentRow{ID: g.ID.String(), Name: g.Name, Inbound: g.Direction == calls.Inbound, Active: g.Active, Connected: g.VapiAssistantID != ""})
		}
		account, err := calls.LoadAccount(c.UserContext(), tx)
		if err != nil {
			return err
		}
		m.Account = accountView(account, typed.Account, len(problems) > 0)
		secrets, err := calls.ListSecrets(c.UserContext(), tx)
		m.Secrets, m.Ended = secretRows(secrets, m.Now, zone(c))
		if len(m.Secrets) == 0 {
			m.Shut = "There is no live secret, so nothing of Vapi comes in. Make one, and enter it at Vapi."
		}
		return err
	})
	if err != nil {
		return err
	}
	m.Settings = a.settings(c, "Agents")
	m.Settings.Problems = problems
	return page(c, status, views.AgentsPage(m))
}

// accountView shows what is kept, or what was typed when that was refused.
func accountView(kept calls.Account, typed views.VapiAccount, refused bool) views.VapiAccount {
	m := views.VapiAccount{HasKey: kept.HasKey, KeyHint: kept.KeyHint, CheckedAt: kept.CheckedAt, CheckOK: kept.CheckCode == "ok", Check: checkWords[kept.CheckCode],
		Transfer: kept.TransferNumber, OnlyVapi: kept.OnlyVapiAddresses}
	if refused && typed.Transfer != "" {
		m.Transfer, m.OnlyVapi = typed.Transfer, typed.OnlyVapi
	}
	return m
}

// checkWords say what a test of the key met.
var checkWords = map[string]string{
	"vapi-key-refused": "Vapi does not take this key. Check that it is the private key of the right organisation.",
	"vapi-silent":      "Vapi did not answer in time.",
	"vapi-busy":        "Vapi asked us to wait.",
	"vapi-broken":      "Vapi had a fault of its own.",
}

func (a *app) addAgent(c *fiber.Ctx) error {
	typed := views.Agents{Name: posted(c, "name"), Direction: posted(c, "direction")}
	var made calls.Agent
	err := a.inClinic(c, func(tx *tenancy.Tx) (err error) {
		made, err = calls.AddAgent(c.UserContext(), tx, calls.Agent{Name: typed.Name, Direction: typed.Direction})
		return err
	})
	if err != nil {
		return refusedIn(err, func(status int, f *fault.Fault) error {
			return a.agentsPage(c, status, typed, problemsIn(f, map[string]string{"name": "f-name", "direction": "f-direction"}))
		})
	}
	a.flash(c, ui.OK, "Agent added", "Next: connect it to its assistant at Vapi.")
	return seeOther(c, "/settings/agents/"+made.ID.String())
}

func (a *app) showAgent(c *fiber.Ctx) error {
	return a.agentPage(c, http.StatusOK, nil, nil)
}

// agentPage shows an agent as it is kept, or with what was typed over it.
func (a *app) agentPage(c *fiber.Ctx, status int, typed *calls.Agent, problems []ui.Problem) error {
	id, err := idParam(c, "id")
	if err != nil {
		return err
	}
	var m views.Agent
	err = a.inClinic(c, func(tx *tenancy.Tx) error {
		kept, err := calls.GetAgent(c.UserContext(), tx, id)
		if err != nil {
			return err
		}
		m = views.Agent{ID: id.String(), Title: kept.Name, Inbound: kept.Direction == calls.Inbound, Connected: kept.VapiAssistantID != "", Now: clockOf(tx).In(zone(c))}
		shown := kept
		if typed != nil {
			shown = *typed
		}
		m.Name, m.AssistantID, m.PhoneID, m.Active = shown.Name, shown.VapiAssistantID, shown.VapiPhoneID, shown.Active
		account, err := calls.LoadAccount(c.UserContext(), tx)
		if err != nil {
			return err
		}
		m.HasKey = account.HasKey
		secrets, err := calls.ListSecrets(c.UserContext(), tx)
		if err != nil {
			return err
		}
		server := calls.ServerFor(a.PublicURL, secrets, clockOf(tx))
		whole := calls.NewAssistant(kept, of(c).member.Name)
		whole.Server = &server
		m.Tools, m.ToolCount, m.Server, m.Whole = pretty(calls.Tools()), len(calls.Tools()), pretty(server), pretty(whole)
		snapshots, err := calls.Snapshots(c.UserContext(), tx, id)
		for _, s := range snapshots {
			m.Snapshots = append(m.Snapshots, views.SnapshotRow{ID: s.ID.String(), TakenAt: s.TakenAt.In(zone(c)), Words: map[string]string{"push": "before a push", "restore": "before a restore"}[s.Reason]})
		}
		return err
	})
	if err != nil {
		return err
	}
	m.Settings = a.settings(c, "Agent")
	m.Settings.Problems = problems
	return page(c, status, views.AgentPage(m))
}

func pretty(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		panic(err) // values of ours
	}
	return strings.TrimSpace(b.String())
}

func (a *app) saveAgent(c *fiber.Ctx) error {
	id, err := idParam(c, "id")
	if err != nil {
		return err
	}
	typed := calls.Agent{ID: id, Name: posted(c, "name"), VapiAssistantID: posted(c, "vapi_assistant_id"), VapiPhoneID: posted(c, "vapi_phone_id"), Active: posted(c, "active") != ""}
	err = a.inClinic(c, func(tx *tenancy.Tx) error {
		_, err := calls.ChangeAgent(c.UserContext(), tx, typed)
		return err
	})
	if err != nil {
		return refusedIn(err, func(status int, f *fault.Fault) error {
			return a.agentPage(c, status, &typed, problemsIn(f, map[string]string{"name": "f-name", "vapi_assistant_id": "f-vapi_assistant_id", "vapi_phone_id": "f-vapi_phone_id"}))
		})
	}
	words := ""
	if !typed.Active {
		words = "It takes and makes no calls from now on."
	}
	a.flash(c, ui.OK, "Agent saved", words)
	return seeOther(c, "/settings/agents/"+id.String())
}

// saveVapiAccount changes where callers are put through to, and from where messages are taken.
func (a *app) saveVapiAccount(c *fiber.Ctx) error {
	typed := views.Agents{Account: views.VapiAccount{Transfer: posted(c, "transfer_number"), OnlyVapi: posted(c, "only_vapi_addresses") != ""}}
	err := a.inClinic(c, func(tx *tenancy.Tx) error {
		return calls.SaveAccount(c.UserContext(), tx, calls.AccountInput{OnlyVapiAddresses: typed.Account.OnlyVapi, TransferNumber: strings.TrimSpace(typed.Account.Transfer)})
	})
	if err != nil {
		return refusedIn(err, func(status int, f *fault.Fault) error {
			return a.agentsPage(c, status, typed, problemsIn(f, map[string]string{"transfer_number": "f-transfer_number"}))
		})
	}
	words := ""
	if typed.Account.OnlyVapi {
		words = "Messages from any other address are refused from now on."
	}
	a.flash(c, ui.OK, "Saved", words)
	return seeOther(c, "/settings/agents")
}

// saveVapiKey keeps the clinic's private key, or forgets it.
func (a *app) saveVapiKey(c *fiber.Ctx) error {
	key, remove := strings.TrimSpace(posted(c, "api_key")), posted(c, "remove") != ""
	err := a.inClinic(c, func(tx *tenancy.Tx) error {
		if key == "" && !remove {
			return fault.BadField("api_key", "The key is missing.")
		}
		return a.calls.SaveKey(c.UserContext(), tx, key)
	})
	if err != nil {
		return refusedIn(err, func(status int, f *fault.Fault) error {
			return a.agentsPage(c, status, views.Agents{}, problemsIn(f, map[string]string{"api_key": "f-api_key"}))
		})
	}
	if remove {
		a.flash(c, ui.OK, "Key removed", "Nothing can be pushed until there is another.")
	} else {
		a.flash(c, ui.OK, "Key saved", "Test the connection to see whether Vapi takes it.")
	}
	return seeOther(c, "/settings/agents")
}

// testVapiAccount asks Vapi; what it met stands on the page, whether it is good or not.
func (a *app) testVapiAccount(c *fiber.Ctx) error {
	err := a.remote.Test(c.UserContext(), scope(c))
	switch f := fault.As(err); {
	case f != nil && checkWords[f.Code] != "":
		a.flash(c, ui.Warn, "The connection does not work", f.Words)
	case err != nil:
		return err
	default:
		a.flash(c, ui.OK, "The connection works", "Vapi takes the key.")
	}
	return seeOther(c, "/settings/agents")
}

func inZone(t *time.Time, at *time.Location) *time.Time {
	if t == nil {
		return nil
	}
	moved := t.In(at)
	return &moved
}
