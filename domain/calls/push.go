package calls

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/audit"
	"anteroom/domain/fault"
	"anteroom/domain/privacy"
	"anteroom/domain/tenancy"
)

// Remote changes a clinic's assistants at Vapi: never before the difference was seen, never without keeping what was there. Nothing of the database
// is held while Vapi is asked.
type Remote struct {
	board     *Switchboard
	api       *Vapi
	publicURL string
}

// NewRemote needs the address under which Vapi reaches this server.
func NewRemote(s *Switchboard, api *Vapi, publicURL string) *Remote {
	return &Remote{board: s, api: api, publicURL: publicURL}
}

// Plan is what a push or a restore would do.
type Plan struct {
	Agent   Agent
	Base    string // what it was planned on: the push is refused when that has changed since
	Changes []PushChange
	members map[string]any
	current map[string]any
}

// pushed are the members of an assistant that are ours to write. Prompt, voice and transcriber are not among them.
var pushed = []string{"model", "server", "serverMessages"}

// PlanPush reads the assistant and answers what a push would change.
func (r *Remote) PlanPush(ctx context.Context, scope tenancy.Scope, agent uuid.UUID) (Plan, error) {
	return r.plan(ctx, scope, agent, func(ctx context.Context, tx *tenancy.Tx, current map[string]any) (map[string]any, error) {
		secrets, err := ListSecrets(ctx, tx)
		if err != nil {
			return nil, err
		}
		return withOurs(current, ServerFor(r.publicURL, secrets, r.board.db.Now()))
	})
}

// PlanRestore answers what going back to a snapshot would change.
func (r *Remote) PlanRestore(ctx context.Context, scope tenancy.Scope, agent, snapshot uuid.UUID) (Plan, error) {
	return r.plan(ctx, scope, agent, func(ctx context.Context, tx *tenancy.Tx, _ map[string]any) (map[string]any, error) {
		return r.snapshot(ctx, tx, agent, snapshot)
	})
}

// Push does what PlanPush answered for this base, and answers how many things changed.
func (r *Remote) Push(ctx context.Context, scope tenancy.Scope, agent uuid.UUID, base string) (int, error) {
	p, err := r.PlanPush(ctx, scope, agent)
	if err != nil {
		return 0, err
	}
	return r.carryOut(ctx, scope, p, base, "push")
}

// Restore does what PlanRestore answered for this base.
func (r *Remote) Restore(ctx context.Context, scope tenancy.Scope, agent, snapshot uuid.UUID, base string) (int, error) {
	p, err := r.PlanRestore(ctx, scope, agent, snapshot)
	if err != nil {
		return 0, err
	}
	return r.carryOut(ctx, scope, p, base, "restore")
}

type wish func(ctx context.Context, tx *tenancy.Tx, current map[string]any) (map[string]any, error)

func (r *Remote) plan(ctx context.Context, scope tenancy.Scope, agent uuid.UUID, wanted wish) (Plan, error) {
	p := Plan{}
	var key string
	err := r.board.db.WithClinic(ctx, scope, func(tx *tenancy.Tx) (err error) {
		if err = mustAdminister(tx); err != nil {
			return err
		}
		if p.Agent, err = GetAgent(ctx, tx, agent); err != nil {
			return err
		}
		key, err = r.board.key(ctx, tx)
		return err
	})
	if err != nil {
		return p, err
	}
	if p.current, err = r.api.Assistant(ctx, key, p.Agent.VapiAssistantID); err != nil {
		return p, err
	}
	if p.Base, err = fingerprint(p.current); err != nil {
		return p, err
	}
	var after map[string]any
	err = r.board.db.WithClinic(ctx, scope, func(tx *tenancy.Tx) (err error) {
		after, err = wanted(ctx, tx, p.current)
		return err
	})
	if err != nil {
		return p, err
	}
	before := map[string]any{}
	p.members = map[string]any{}
	for _, name := range pushed {
		if reflect.DeepEqual(p.current[name], after[name]) {
			continue
		}
		p.members[name] = after[name] // nil, where there was none: null takes it away
		if p.current[name] != nil {
			before[name] = p.current[name]
		}
	}
	p.Changes = differences(before, p.members)
	return p, nil
}

func fingerprint(v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}

// withOurs is the assistant with our tools in the place of those of the same names, our server, and at least the messages that we need.
func withOurs(current map[string]any, server Server) (map[string]any, error) {
	after := maps.Clone(current)
	model, _ := current["model"].(map[string]any)
	if model == nil {
		return nil, fault.New(fault.Conflict, "no-model", "This assistant has no model at Vapi yet. Choose one there first: the tools belong to it.")
	}
	model = maps.Clone(model)
	old, _ := model["tools"].([]any)
	tools := slices.DeleteFunc(slices.Clone(old), func(t any) bool { return knownName(toolName(t)) != "unknown" })
	ours, err := generic(Tools())
	if err != nil {
		return nil, err
	}
	model["tools"] = append(tools, ours.([]any)...)
	after["model"] = model

	set, err := generic(server)
	if err != nil {
		return nil, err
	}
	theirs, _ := current["server"].(map[string]any)
	whole := maps.Clone(theirs) // a secret or headers that were set there stay
	if whole == nil {
		whole = map[string]any{}
	}
	maps.Copy(whole, set.(map[string]any))
	after["server"] = whole

	heard, _ := current["serverMessages"].([]any)
	heard = slices.Clone(heard)
	for _, m := range serverMessages {
		if !slices.Contains(heard, any(m)) {
			heard = append(heard, m)
		}
	}
	after["serverMessages"] = heard
	return after, nil
}

const insertSnapshot = `insert into assistant_snapshots (clinic_id, id, agent_id, assistant_id, reason, body, taken_at)
values (@clinic, @id, @agent, @assistant, @reason, @body, @now)`

func snapshotField(id uuid.UUID) privacy.Field {
	return privacy.Field{Table: "assistant_snapshots", Column: "body", Row: id}
}

// carryOut keeps what is there, then changes it. A push that fails leaves its snapshot, which says the truth all the same.
func (r *Remote) carryOut(ctx context.Context, scope tenancy.Scope, p Plan, base, reason string) (int, error) {
	if p.Base != base {
		return 0, fault.New(fault.Conflict, "changed-meanwhile", "Somebody changed this assistant at Vapi while you looked. Nothing was sent. Look at the difference again.")
	}
	if len(p.members) == 0 {
		return 0, nil
	}
	var key string
	err := r.board.db.WithClinic(ctx, scope, func(tx *tenancy.Tx) (err error) {
		if key, err = r.board.key(ctx, tx); err != nil {
			return err
		}
		return r.keepSnapshot(ctx, tx, p, reason)
	})
	if err != nil {
		return 0, err
	}
	after, failed := r.api.ChangeAssistant(ctx, key, p.Agent.VapiAssistantID, p.members)
	e := audit.Event{Action: "assistant." + reason + "-done", SubjectKind: "agent", SubjectID: p.Agent.ID, Before: p.Base}
	if failed != nil {
		e.Action = "assistant." + reason + "-failed"
		if f := fault.As(failed); f != nil {
			e.Reason = f.Code
		}
	} else if e.After, err = fingerprint(after); err != nil {
		return 0, err
	}
	noted := r.board.db.WithClinic(context.WithoutCancel(ctx), scope, func(tx *tenancy.Tx) error {
		tx.Announce(topic, p.Agent.ID)
		return audit.Record(ctx, tx, e)
	})
	return len(p.Changes), errors.Join(failed, noted)
}

func (r *Remote) keepSnapshot(ctx context.Context, tx *tenancy.Tx, p Plan, reason string) error {
	now, err := tx.Now(ctx)
	if err != nil {
		return err
	}
	keys, err := r.board.vault.Clinic(ctx, tx)
	if err != nil {
		return fmt.Errorf("clinic keys: %w", err)
	}
	body, err := json.Marshal(p.current)
	if err != nil {
		return err
	}
	id := tenancy.NewID()
	sealed, err := keys.Seal(snapshotField(id), body)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, insertSnapshot, tenancy.Args{"clinic": tx.Clinic(), "id": id, "agent": p.Agent.ID, "assistant": p.Agent.VapiAssistantID, "reason": reason, "body": sealed, "now": now})
	if err != nil {
		return fmt.Errorf("keep a snapshot: %w", err)
	}
	return audit.Record(ctx, tx, audit.Event{Action: "assistant.snapshot-kept", SubjectKind: "agent", SubjectID: p.Agent.ID, After: p.Base})
}

func (r *Remote) snapshot(ctx context.Context, tx *tenancy.Tx, agent, id uuid.UUID) (map[string]any, error) {
	var sealed []byte
	err := tx.QueryRow(ctx, `select body from assistant_snapshots where clinic_id = $1 and agent_id = $2 and id = $3`, tx.Clinic(), agent, id).Scan(&sealed)
	if tenancy.IsNone(err) {
		return nil, fault.New(fault.NotFound, "no-such-snapshot", "There is no such snapshot of this assistant.")
	}
	if err != nil {
		return nil, fmt.Errorf("read a snapshot: %w", err)
	}
	keys, err := r.board.vault.Clinic(ctx, tx)
	if err != nil {
		return nil, fmt.Errorf("clinic keys: %w", err)
	}
	body, err := keys.Open(snapshotField(id), sealed)
	if err != nil {
		return nil, err
	}
	v, err := decode(body)
	whole, ok := v.(map[string]any)
	if err != nil || !ok {
		return nil, fmt.Errorf("read a snapshot: %w", errors.Join(err, errors.New("it is no object")))
	}
	return whole, nil
}

// Snapshot is an assistant as it was before we changed it.
type Snapshot struct {
	ID      uuid.UUID
	Reason  string // push or restore
	TakenAt time.Time
}

// Snapshots answers the last twenty of an agent, the newest first.
func Snapshots(ctx context.Context, tx *tenancy.Tx, agent uuid.UUID) ([]Snapshot, error) {
	rows, err := tx.Query(ctx, `select id, reason, taken_at from assistant_snapshots where clinic_id = @clinic and agent_id = @agent order by taken_at desc, id desc limit 20`,
		tenancy.Args{"clinic": tx.Clinic(), "agent": agent})
	if err != nil {
		return nil, fmt.Errorf("list snapshots: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Snapshot])
	if err != nil {
		return nil, fmt.Errorf("list snapshots: %w", err)
	}
	return list, nil
}

const noteCheck = `update vapi_accounts set checked_at = @now, check_code = @code where clinic_id = @clinic`

// Test asks Vapi whether it takes the clinic's key, and keeps the answer for the page. Admins only.
func (r *Remote) Test(ctx context.Context, scope tenancy.Scope) error {
	var key string
	err := r.board.db.WithClinic(ctx, scope, func(tx *tenancy.Tx) (err error) {
		if err = mustAdminister(tx); err == nil {
			key, err = r.board.key(ctx, tx)
		}
		return err
	})
	if err != nil {
		return err
	}
	failed := r.api.Check(ctx, key)
	code := "ok"
	if f := fault.As(failed); f != nil {
		code = f.Code
	} else if failed != nil {
		return failed
	}
	noted := r.board.db.WithClinic(context.WithoutCancel(ctx), scope, func(tx *tenancy.Tx) error {
		now, err := tx.Now(ctx)
		if err != nil {
			return err
		}
		if _, err = tx.Exec(ctx, noteCheck, tenancy.Args{"clinic": tx.Clinic(), "now": now, "code": code}); err != nil {
			return fmt.Errorf("note the test of a key: %w", err)
		}
		return audit.Record(ctx, tx, audit.Event{Action: "vapi-key.tested", SubjectKind: "clinic", SubjectID: tx.Clinic(), Reason: code})
	})
	return errors.Join(failed, noted)
}
