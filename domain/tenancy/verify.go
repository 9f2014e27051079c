package tenancy

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Finding is one thing that does not hold. It names tables, functions and roles, never a clinic or a row.
type Finding struct {
	Check   string `json:"check"`   // which rule, for example "policy-per-command", "foreign-key", "attack"
	Object  string `json:"object"`  // what it is about, for example "public.slots"
	Problem string `json:"problem"` // in words
}

// What an attack met, from best to worst.
const (
	NotGranted   = "not granted"   // the program's role has no such privilege
	Refused      = "refused"       // a policy, a key or a signature refused
	NothingFound = "nothing found" // the statement ran and met no row of another clinic
	Unfinished   = "unfinished"    // no answer in time, or one that proves nothing
	Breach       = "BREACH"
)

// Kinds of table.
const (
	ClinicTable   = "clinic"   // has a clinic_id and stands behind the wall
	PlatformTable = "platform" // belongs to no clinic, and is listed with its reason
)

// TableResult is what happened to one table or view.
type TableResult struct {
	Name    string            `json:"name"`
	Kind    string            `json:"kind"`
	Reason  string            `json:"reason,omitempty"` // why a platform table has no wall
	Rows    bool              `json:"rows"`             // false: empty in every clinic, so the structure is proven and there was nothing to steal
	Attacks int               `json:"attacks"`
	Verbs   map[string]string `json:"verbs"` // worst answer for each verb
}

// FunctionResult is what happened to one SECURITY DEFINER question.
type FunctionResult struct {
	Name    string `json:"name"`
	Reason  string `json:"reason"`
	Attacks int    `json:"attacks"`
	Answer  string `json:"answer"`
}

// Report is one run of the proof.
type Report struct {
	StartedAt  time.Time        `json:"started_at"`
	FinishedAt time.Time        `json:"finished_at"`
	Version    string           `json:"version"` // of the program
	Server     string           `json:"server"`  // of PostgreSQL
	Tables     []TableResult    `json:"tables"`
	Functions  []FunctionResult `json:"functions"`
	Attacks    int              `json:"attacks"`
	Findings   []Finding        `json:"findings"`
	Warnings   []Finding        `json:"warnings"` // worth changing on the server, but no hole in the walls
}

// OK says whether every wall holds.
func (r Report) OK() bool { return len(r.Findings) == 0 }

// Verify reads the whole catalog and then attacks every table, as the weak role: it needs no privilege that the program does not have.
// Everything is undone and nothing waits for more than a fifth of a second for a lock. The error says that the proof could not be
// made; what does not hold is in the report.
func (db *DB) Verify(ctx context.Context, version string) (Report, error) {
	return db.verify(ctx, version, roleNames{app: AppRole, lookup: LookupRole})
}

// roleNames are parameters so that a test can judge a strong role of its own: roles belong to the whole server.
type roleNames struct{ app, lookup string }

func (db *DB) verify(ctx context.Context, version string, roles roleNames) (Report, error) {
	pooled, err := db.pool.Acquire(ctx)
	if err != nil {
		return Report{}, fmt.Errorf("get a connection: %w", err)
	}
	conn := pooled.Hijack() // whatever an attack leaves behind on the connection never reaches a request
	defer conn.Close(context.WithoutCancel(ctx))
	p := &probe{conn: conn, signer: db.signer, roles: roles, report: Report{StartedAt: time.Now().UTC(), Version: version}}
	if err := conn.QueryRow(ctx, `select current_setting('server_version')`).Scan(&p.report.Server); err != nil {
		return Report{}, fmt.Errorf("ask for the server's version: %w", err)
	}
	for _, step := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"read the catalog", p.readCatalog},
		{"check the tables", p.checkTables},
		{"check the functions", p.checkFunctions},
		{"check the roles", p.checkRoles},
		{"find rows to attack", p.findVictims},
		{"attack the tables", p.attackTables},
		{"attack the keys", p.attackKeys},
		{"attack the platform's tables", p.attackPlatform},
		{"attack the questions", p.attackQuestions},
		{"attack the roles", p.attackRoles},
	} {
		if err := step.do(ctx); err != nil {
			return Report{}, fmt.Errorf("%s: %w", step.name, err)
		}
	}
	return p.finish(), nil
}

// probe is one run.
type probe struct {
	conn    *pgx.Conn
	signer  *Signer
	roles   roleNames
	catalog catalog
	report  Report

	clinics []string           // every clinic's id
	victims map[string]*victim // by table: a row of some clinic
	results map[string]*TableResult
	order   []string
	holes   []*hole
}

func (p *probe) find(check, object, problem string, args ...any) {
	p.report.Findings = append(p.report.Findings, Finding{check, object, fmt.Sprintf(problem, args...)})
}

func (p *probe) warn(check, object, problem string, args ...any) {
	p.report.Warnings = append(p.report.Warnings, Finding{check, object, fmt.Sprintf(problem, args...)})
}

func (p *probe) finish() Report {
	for _, name := range p.order {
		p.report.Tables = append(p.report.Tables, *p.results[name])
	}
	for _, h := range p.holes {
		p.report.Findings = append(p.report.Findings, h.finding())
	}
	p.report.FinishedAt = time.Now().UTC()
	return p.report
}

// StoreRun keeps the report for the Isolation page.
func (db *DB) StoreRun(ctx context.Context, r Report) error {
	body, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("store the isolation run: %w", err)
	}
	_, err = db.pool.Exec(ctx, `insert into isolation_runs (id, started_at, finished_at, version, tables, attacks, failures, report)
		values (@id, @started, @finished, @version, @tables, @attacks, @failures, @report)`, Args{
		"id": NewID(), "started": r.StartedAt, "finished": r.FinishedAt, "version": r.Version,
		"tables": len(r.Tables), "attacks": r.Attacks, "failures": len(r.Findings), "report": body,
	})
	if err != nil {
		return fmt.Errorf("store the isolation run: %w", err)
	}
	return nil
}

// LastRun is the newest stored report, or nil when the walls have never been proven here.
func (db *DB) LastRun(ctx context.Context) (*Report, error) {
	var body []byte
	err := db.pool.QueryRow(ctx, `select report from isolation_runs order by finished_at desc limit 1`).Scan(&body)
	if IsNone(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the last isolation run: %w", err)
	}
	var r Report
	if err := json.Unmarshal(body, &r); err != nil {
		return nil, fmt.Errorf("read the last isolation run: %w", err)
	}
	return &r, nil
}
