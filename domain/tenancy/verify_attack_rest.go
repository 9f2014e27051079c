package tenancy

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// attackPlatform tries every verb that is not listed for a platform table.
func (p *probe) attackPlatform(ctx context.Context) error {
	return p.as(ctx, guise{name: "no context"}, func() error {
		for _, t := range p.catalog.tables {
			if t.Clinic {
				continue
			}
			r := p.result(t)
			attacks := platformAttacks(t)
			outcomes, err := p.fire(ctx, attacks)
			if err != nil {
				return err
			}
			for i, o := range outcomes {
				met, detail := judge(true, 0, o.refused)
				p.note(r, attacks[i].verb, "no context", met, detail)
			}
		}
		return nil
	})
}

func platformAttacks(t *table) []attack {
	list := []attack{{verb: "select", sql: "select * from " + t.Ident + " limit 1"}}
	if t.stored() && len(t.columns) > 0 {
		column := quote(t.columns[0].Name)
		list = append(list,
			attack{verb: "insert", sql: "insert into " + t.Ident + " default values"},
			attack{verb: "update", sql: "update " + t.Ident + " set " + column + " = default where false"},
			attack{verb: "delete", sql: "delete from " + t.Ident + " where false"},
			attack{verb: "truncate", sql: "truncate " + t.Ident + " cascade"},
			attack{verb: "alter", sql: "alter table " + t.Ident + " add column stolen text"})
	}
	listed, _ := platform(t.Name)
	return slices.DeleteFunc(list, func(a attack) bool {
		return slices.ContainsFunc(commands, func(c struct{ code, privilege, letter string }) bool {
			return strings.EqualFold(c.privilege, a.verb) && strings.Contains(listed.app, c.letter)
		})
	})
}

// attackQuestions calls every SECURITY DEFINER function with arguments that nobody honest would send.
func (p *probe) attackQuestions(ctx context.Context) error {
	target := NewID().String()
	if len(p.clinics) > 0 {
		target = p.clinics[0]
	}
	var asked []function
	for _, f := range p.catalog.functions {
		if f.Definer {
			asked = append(asked, f)
			p.report.Functions = append(p.report.Functions, FunctionResult{Name: f.Name, Reason: questions[f.Name].reason, Answer: Refused})
		}
	}
	for _, g := range p.guises(target) {
		err := p.as(ctx, g, func() error {
			for i, f := range asked {
				ask := p.ask
				if g.real {
					ask = p.askInside // a real clinic may be answered about itself
				}
				if err := ask(ctx, f, &p.report.Functions[i], g, target); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *probe) ask(ctx context.Context, f function, r *FunctionResult, g guise, target string) error {
	var attacks []attack
	for _, kind := range []string{"nulls", "empty", "wild", "another clinic's"} {
		args, casts := make([]any, len(f.Types)), make([]string, len(f.Types))
		for i, t := range f.Types {
			args[i], casts[i] = hostile(t, kind, target), fmt.Sprintf("$%d::%s", i+1, t)
		}
		attacks = append(attacks, attack{verb: kind, sql: "select * from " + f.Ident + "(" + strings.Join(casts, ", ") + ")", args: args})
	}
	outcomes, err := p.fire(ctx, attacks)
	if err != nil {
		return err
	}
	for i, o := range outcomes {
		met, detail := p.judgeAnswer(questions[f.Name].promise, attacks[i], o, g)
		p.noteAnswer(r, g, met, detail)
	}
	return nil
}

func (p *probe) judgeAnswer(promised promise, a attack, o outcome, g guise) (met, detail string) {
	wrong := func(v string) bool { return !innocent(v, a.args, g) }
	if promised == promiseIDs {
		wrong = func(v string) bool { return !slices.Contains(p.clinics, v) }
	}
	switch {
	case o.refused != nil && o.refused.Code == "42501":
		return NotGranted, ""
	case o.refused != nil:
		return Refused, ""
	case promised == promiseHidden:
		return Breach, "the program's role may call it"
	case slices.ContainsFunc(o.values, wrong):
		return Breach, "it answers more than it promises to " + a.verb + " as arguments"
	}
	return NothingFound, ""
}

func (p *probe) noteAnswer(r *FunctionResult, g guise, met, detail string) {
	r.Attacks++
	if slices.Index(severity, met) > slices.Index(severity, r.Answer) {
		r.Answer = met
	}
	if met == Breach {
		p.hole(r.Name, "call", detail, g.name)
	}
}

// askInside asks inside a real clinic whether the answer reaches over the wall.
func (p *probe) askInside(ctx context.Context, f function, r *FunctionResult, g guise, _ string) error {
	leak := questions[f.Name].leak
	if leak == "" || g.before != "" {
		return nil
	}
	outcomes, err := p.fire(ctx, []attack{{verb: "call", sql: leak}})
	if err != nil {
		return err
	}
	met, detail := judge(false, outcomes[0].rows, outcomes[0].refused)
	p.noteAnswer(r, g, met, detail)
	return nil
}

// innocent values say nothing that the caller has not said: the arguments themselves, the honest context's own clinic and actor, no, none.
func innocent(value string, args []any, g guise) bool {
	if slices.Contains([]string{"", "f", "0"}, value) || slices.Contains(args, any(value)) {
		return true
	}
	return g.me != "" && (value == g.me || value == proofActor.String())
}

// hostile makes an argument of a type.
func hostile(kind, how, target string) any {
	values := map[string][3]any{ // empty, wild, another clinic's
		"text":                     {"", "%' or true --", target},
		"uuid":                     {uuid.Nil.String(), uuid.NewString(), target},
		"bytea":                    {`\x`, `\x` + strings.Repeat("00", 32), `\x` + hex.EncodeToString([]byte(target))},
		"timestamp with time zone": {"-infinity", "infinity", "2100-01-01"},
		"integer":                  {"0", "-2147483648", "2147483647"},
		"bigint":                   {"0", "-9223372036854775808", "9223372036854775807"},
		"boolean":                  {"f", "t", "t"},
		"uuid[]":                   {"{}", "{NULL}", "{" + target + "}"},
		"text[]":                   {"{}", "{NULL,%}", "{" + target + "}"},
		"bytea[]":                  {"{}", "{NULL}", `{"\\x` + hex.EncodeToString([]byte(target)) + `"}`},
		"jsonb":                    {"{}", "[null]", `"` + target + `"`},
	}[kind]
	switch how {
	case "empty":
		return values[0]
	case "wild":
		return values[1]
	case "another clinic's":
		return values[2]
	}
	return nil
}

// escapes are statements by which injected SQL would leave its role. Each must be refused.
func (p *probe) escapes() []attack {
	return []attack{
		{verb: "become the owner", sql: "set role " + OwnerRole},
		{verb: "become the owner", sql: "set session authorization " + OwnerRole},
		{verb: "become the questions' owner", sql: "set role " + p.roles.lookup},
		{verb: "make oneself strong", sql: "alter role current_user bypassrls"},
		{verb: "make oneself a member", sql: "grant " + OwnerRole + " to current_user"},
		{verb: "create a role", sql: "create role anteroom_probe superuser"},
		{verb: "create a table", sql: "create table public.anteroom_probe (x text)"},
		{verb: "create a temporary table", sql: "create temporary table anteroom_probe (x text)"},
		{verb: "create a view", sql: "create view public.anteroom_probe as select 1"},
		{verb: "create a schema", sql: "create schema anteroom_probe"},
		{verb: "create a function", sql: "create function public.anteroom_probe() returns integer language sql as 'select 1'"},
		{verb: "create a function", sql: "create function app.anteroom_probe() returns integer language sql security definer as 'select 1'"},
		{verb: "replace the wall's function", sql: "create or replace function app.current_clinic() returns uuid language sql as 'select null::uuid'"},
		{verb: "change the wall's function", sql: "alter function app.current_clinic() reset all"},
		{verb: "create an operator", sql: "create operator public.=== (leftarg = text, rightarg = text, procedure = texteq)"},
		{verb: "create an extension", sql: "create extension dblink"},
		{verb: "load a library", sql: "load 'auto_explain'"},
		{verb: "run untrusted code", sql: "do language plpython3u 'pass'"},
		{verb: "switch triggers off", sql: "set local session_replication_role = replica"},
		{verb: "change the server", sql: "alter system set log_statement = 'all'"},
		{verb: "read a file", sql: "select pg_read_file('PG_VERSION')"},
		{verb: "list files", sql: "select pg_ls_dir('.')"},
		{verb: "import a file", sql: "select lo_import('/etc/passwd')"},
		{verb: "run a program", sql: "copy (select 1) to program 'true'"},
		{verb: "write a file", sql: "copy (select 1) to '/tmp/anteroom_probe'"},
		{verb: "reach another database", sql: "select public.dblink('', 'select 1')"},
		{verb: "read the context keys", sql: "select 1 from app.context_keys"},
		{verb: "add a context key", sql: "insert into app.context_keys (kid, ipad, opad) values ('x', '', '')"},
		{verb: "read passwords", sql: "select 1 from pg_catalog.pg_authid"},
		{verb: "read the raw statistics", sql: "select 1 from pg_catalog.pg_statistic"},
		{verb: "read logged statements", sql: "select pg_current_logfile()"},
		{verb: "publish every table", sql: "create publication anteroom_probe for all tables"},
		{verb: "change the catalog", sql: "update pg_catalog.pg_class set relrowsecurity = false where false"},
	}
}

func (p *probe) attackRoles(ctx context.Context) error {
	return p.as(ctx, guise{name: "no context"}, func() error {
		attacks := p.escapes()
		outcomes, err := p.fire(ctx, attacks)
		if err != nil {
			return err
		}
		for i, o := range outcomes {
			switch {
			case o.refused == nil:
				p.hole(p.roles.app, attacks[i].verb, "it went through", "no context")
			case o.refused.Code == "55P03" || o.refused.Code == "57014":
				p.hole(p.roles.app, attacks[i].verb, "no answer in time", "no context")
			}
		}
		return nil
	})
}
