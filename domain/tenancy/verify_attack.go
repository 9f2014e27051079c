package tenancy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// victim is one row that its own clinic could read.
type victim struct {
	clinic string
	row    map[string]json.RawMessage
}

func (v *victim) json() string {
	b, err := json.Marshal(v.row)
	if err != nil {
		panic(err) // raw messages that PostgreSQL made
	}
	return string(b)
}

// guise is a context to attack with. me is the clinic that it would honestly be for, "" for none.
type guise struct {
	name    string
	context string
	set     bool // whether a context is set at all
	before  string
	me      string
	real    bool // me is a clinic with rows of its own
	full    bool // every attack, instead of the few that tell contexts apart
}

var proofActor = Actor{Kind: System, ID: uuid.Nil, Role: "system"}

func (p *probe) sign(clinic string, at time.Time) string {
	return p.signer.sign(Scope{Clinic: uuid.MustParse(clinic), Actor: proofActor}, at)
}

// guises are every context somebody might try on a clinic's rows. Only the first three are what the program itself could produce.
func (p *probe) guises(target string) []guise {
	now, phantom := time.Now(), NewID().String()
	me, real := phantom, false
	if i := slices.IndexFunc(p.clinics, func(c string) bool { return c != target }); i >= 0 {
		me, real = p.clinics[i], true
	}
	mine, theirs := p.sign(me, now), p.sign(target, now)
	wrongKey := (&Signer{kid: p.signer.kid, key: []byte(strings.Repeat("x", 32))}).sign(Scope{Clinic: uuid.MustParse(target), Actor: proofActor}, now)
	unknown := (&Signer{kid: "00000000", key: p.signer.key}).sign(Scope{Clinic: uuid.MustParse(target), Actor: proofActor}, now)
	flipped := theirs[:len(theirs)-1] + "0"
	if flipped == theirs {
		flipped = theirs[:len(theirs)-1] + "1"
	}
	set := func(name, context string) guise { return guise{name: name, context: context, set: true} }
	list := []guise{
		{name: "no context", full: true},
		{name: "another clinic's context", context: mine, set: true, me: me, real: real, full: true},
		{name: "the context of a clinic that does not exist", context: p.sign(phantom, now), set: true, me: phantom, full: true},
		set("the id swapped under one's own signature", strings.Replace(mine, me, target, 1)),
		set("an altered signature", flipped),
		set("a cut signature", theirs[:len(theirs)-2]),
		set("an unknown key", unknown),
		set("a wrong key", wrongKey),
		set("no signature", target),
		set("an empty context", ""),
		set("garbage", "v1..'; select 1 --."+strings.Repeat("é", 80)),
		set("a very long context", strings.Repeat("v1.", 100_000)),
		set("an expired context", p.sign(target, now.Add(-ContextLife-time.Minute))),
	}
	return append(list,
		guise{name: "row_security off", context: mine, set: true, me: me, real: real, before: "set local row_security = off; "},
		// The clinic's own context in a transaction that has ended: the next one on this connection must not have it.
		guise{name: "a context left over from a committed transaction", context: theirs, set: true, before: "commit; begin; "})
}

// as runs fn inside a transaction under the guise, and undoes everything.
func (p *probe) as(ctx context.Context, g guise, fn func() error) error {
	if err := p.raw(ctx, "begin"); err != nil {
		return err
	}
	defer func() { _ = p.raw(context.WithoutCancel(ctx), "rollback") }()
	if g.set {
		if _, err := p.conn.Exec(ctx, `select set_config('app.context', $1, true)`, pgx.QueryExecModeExec, g.context); err != nil {
			return err
		}
	}
	if err := p.raw(ctx, g.before+"set local lock_timeout = '200ms'; set local statement_timeout = '1s'; set constraints all immediate; savepoint attack"); err != nil {
		return err
	}
	return fn()
}

func (p *probe) raw(ctx context.Context, sql string) error {
	_, err := p.conn.PgConn().Exec(ctx, sql).ReadAll()
	return err
}

// attack is one statement. Its arguments are strings, or nil for NULL.
type attack struct {
	verb   string
	insert bool // running at all is a breach
	sql    string
	args   []any
}

// outcome is what the server answered.
type outcome struct {
	rows    int64
	values  []string // all values but NULLs
	refused *pgconn.PgError
}

// fire runs the attacks, each undone before the next, in one round trip. Only a broken connection is an error.
func (p *probe) fire(ctx context.Context, attacks []attack) ([]outcome, error) {
	p.report.Attacks += len(attacks)
	line := p.conn.PgConn().StartPipeline(ctx)
	for _, a := range attacks {
		args := make([][]byte, len(a.args))
		for i, v := range a.args {
			if s, ok := v.(string); ok {
				args[i] = []byte(s)
			}
		}
		line.SendQueryParams(a.sql, args, nil, nil, nil)
		line.SendPipelineSync()
		line.SendQueryParams("rollback to savepoint attack", nil, nil, nil, nil)
		line.SendPipelineSync()
	}
	if err := line.Flush(); err != nil {
		return nil, errors.Join(err, line.Close())
	}
	out := make([]outcome, len(attacks))
	for i := range attacks {
		var err error
		if out[i], err = answer(line); err != nil {
			return nil, errors.Join(err, line.Close())
		}
		undone, err := answer(line)
		if err != nil || undone.refused != nil {
			return nil, errors.Join(fmt.Errorf("%s could not be undone", attacks[i].verb), err, line.Close())
		}
	}
	return out, line.Close()
}

// answer reads up to the next synchronisation point.
func answer(line *pgconn.Pipeline) (outcome, error) {
	var o outcome
	for {
		result, err := line.GetResults()
		if r, ok := result.(*pgconn.ResultReader); ok && err == nil {
			read := r.Read()
			err = read.Err
			o.rows = read.CommandTag.RowsAffected()
			for _, row := range read.Rows {
				for _, v := range row {
					if v != nil {
						o.values = append(o.values, string(v))
					}
				}
			}
		}
		if err != nil && !errors.As(err, &o.refused) {
			return o, err
		}
		if _, ok := result.(*pgconn.PipelineSync); ok {
			return o, nil
		}
	}
}

// judge says what an attack met. An insert must be refused; everything else may also run and find nothing.
func judge(insert bool, rows int64, refused *pgconn.PgError) (met, detail string) {
	switch {
	case refused == nil && (insert || rows > 0):
		return Breach, "it went through"
	case refused == nil:
		return NothingFound, ""
	case refused.Code == "55P03" || refused.Code == "57014": // lock_timeout, statement_timeout
		return Unfinished, "no answer in time (" + refused.Code + ")"
	case refused.Code == "42501" && refused.Routine == "aclcheck_error": // the routine is the same in every language of the server
		return NotGranted, ""
	case refused.Code == "42501":
		return Refused, ""
	case refused.Code == "0A000" && !insert: // COPY FROM behind a policy
		return Refused, ""
	default:
		return Breach, "it got past the policy and met only " + refused.Code
	}
}

// hole gathers the contexts under which the same attack on the same object got through.
type hole struct {
	object, verb, detail string
	guises               []string
}

func (h *hole) finding() Finding {
	return Finding{"attack", h.object, fmt.Sprintf("%s: %s (with %s)", h.verb, h.detail, strings.Join(h.guises, ", "))}
}

func (p *probe) hole(object, verb, detail, under string) {
	for _, h := range p.holes {
		if h.object == object && h.verb == verb && h.detail == detail {
			if !slices.Contains(h.guises, under) {
				h.guises = append(h.guises, under)
			}
			return
		}
	}
	p.holes = append(p.holes, &hole{object, verb, detail, []string{under}})
}

// severity: best first.
var severity = []string{Refused, NotGranted, NothingFound, Unfinished, Breach}

// note keeps the worst answer for a verb, and everything that is not an answer of a wall as a hole.
func (p *probe) note(t *TableResult, verb, under, answer, detail string) {
	t.Attacks++
	if slices.Index(severity, answer) >= slices.Index(severity, t.Verbs[verb]) {
		t.Verbs[verb] = answer
	}
	if answer == Breach || answer == Unfinished {
		p.hole(t.Name, verb, detail, under)
	}
}

func (p *probe) result(t *table) *TableResult {
	if p.results == nil {
		p.results = map[string]*TableResult{}
	}
	r, ok := p.results[t.Name]
	if !ok {
		r = &TableResult{Name: t.Name, Kind: ClinicTable, Verbs: map[string]string{}}
		if !t.Clinic {
			listed, _ := platform(t.Name)
			r.Kind, r.Reason = PlatformTable, listed.reason
		}
		p.results[t.Name] = r
		p.order = append(p.order, t.Name)
	}
	return r
}
