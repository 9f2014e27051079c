package tenancy

import (
	"context"
	"strings"
)

type function struct {
	Name       string // schema.function(types)
	Ident      string // schema.function, quoted where it must be
	Owner      string
	Definer    bool
	Leakproof  bool
	SearchPath string // '' when it is not pinned
	Public     bool   // PUBLIC may call it
	Callable   bool   // anteroom_app may
	Types      []string
	Extension  bool
}

const functionsSQL = `
select f.oid::regprocedure::text as name, quote_ident(n.nspname) || '.' || quote_ident(f.proname) as ident, o.rolname::text as owner,
  f.prosecdef as definer, f.proleakproof as leakproof,
  coalesce((select substr(c, length('search_path=') + 1) from unnest(f.proconfig) c where c like 'search\_path=%'), '') as search_path,
  exists (select from aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) x where x.grantee = 0) as public,
  has_function_privilege(@app, f.oid, 'execute') as callable,
  array(select format_type(t, null) from unnest(f.proargtypes::oid[]) with ordinality a(t, n) order by a.n) as types,
  exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = f.oid and d.deptype = 'e') as extension
from pg_proc f join pg_namespace n on n.oid = f.pronamespace join pg_roles o on o.oid = f.proowner
where ` + ours + ` order by 1`

func (p *probe) checkFunctions(ctx context.Context) error {
	functions, err := read[function](ctx, p, functionsSQL, Args{"app": p.roles.app})
	if err != nil {
		return err
	}
	for _, f := range functions {
		if f.Extension && !f.Definer {
			continue // PostgreSQL's own contributions
		}
		p.catalog.functions = append(p.catalog.functions, f)
		if f.SearchPath == "" {
			p.find("function-search-path", f.Name, "search_path is not pinned: the caller chooses what its names mean")
		}
		if f.Public {
			p.find("function-public", f.Name, "PUBLIC may execute it")
		}
		if f.Leakproof {
			p.find("function-leakproof", f.Name, "marked LEAKPROOF: it is asked about rows before the policies are")
		}
		if f.Definer {
			p.checkDefiner(f)
		}
	}
	return nil
}

func (p *probe) checkDefiner(f function) {
	if _, ok := questions[f.Name]; !ok {
		p.find("function-definer", f.Name, "a SECURITY DEFINER function that is not among the named questions")
	}
	if f.Owner != p.roles.lookup {
		p.find("function-definer", f.Name, "SECURITY DEFINER and owned by %s: only %s may own such functions", f.Owner, p.roles.lookup)
	}
	if f.SearchPath != "" && (!strings.HasSuffix(f.SearchPath, "pg_temp") || strings.Contains(f.SearchPath, "$user")) {
		p.find("function-search-path", f.Name, "search_path must end with pg_temp, or temporary objects come first")
	}
}

type sentence struct{ Object, Problem string }

// Each query answers what is wrong, and nothing when nothing is.
var roleChecks = []struct{ check, sql string }{
	{"connection", `select current_user::text as object, 'the program must run as ' || @app || ', and as nobody else underneath (' || session_user || ')' as problem
		where current_user <> session_user or (current_user <> @app)`},
	{"connection", `select current_user::text as object, 'row_security is off on this connection' as problem where current_setting('row_security') <> 'on'`},
	{"role", `select r.rolname::text as object, a.what as problem from pg_roles r, lateral (values
		(r.rolsuper, 'is a superuser'), (r.rolbypassrls, 'passes every policy (BYPASSRLS)'), (r.rolcreaterole, 'may create roles'),
		(r.rolcreatedb, 'may create databases'), (r.rolreplication, 'may replicate, which reads everything'),
		(r.rolinherit, 'inherits (INHERIT): a membership would act by itself'),
		(r.rolcanlogin and r.rolname = @lookup, 'can log in')) a(wrong, what)
		where r.rolname in (@app, @lookup) and a.wrong`},
	{"role", `select want.name as object, 'the role does not exist' as problem from (values (@lookup::text)) want(name)
		where not exists (select from pg_roles where rolname = want.name)`},
	{"role", `select m.rolname::text as object, 'is a member of ' || g.rolname as problem from pg_auth_members x
		join pg_roles m on m.oid = x.member join pg_roles g on g.oid = x.roleid where m.rolname in (@app, @lookup)`},
	{"role-owns", `select r.rolname::text as object, 'owns ' || pg_describe_object(d.classid, d.objid, 0) as problem from pg_shdepend d join pg_roles r on r.oid = d.refobjid
		where d.refclassid = 'pg_authid'::regclass and d.deptype = 'o' and d.dbid = (select oid from pg_database where datname = current_database())
		  and (r.rolname = @app or (r.rolname = @lookup and d.classid <> 'pg_proc'::regclass))`},
	{"database", `select datname::text as object, x.privilege_type || ' is granted to ' || coalesce(r.rolname::text, 'PUBLIC') as problem
		from pg_database, aclexplode(coalesce(datacl, acldefault('d', datdba))) x left join pg_roles r on r.oid = x.grantee
		where datname = current_database() and (x.grantee = 0 or (r.rolname in (@app, @lookup) and x.privilege_type <> 'CONNECT'))`},
	{"schema", `select n.nspname::text as object, r.rolname || ' may create in it' as problem from pg_namespace n, pg_roles r
		where r.rolname in (@app, @lookup) and n.nspname !~ '^pg_(toast_)?temp_' and has_schema_privilege(r.oid, n.oid, 'create')`},
	{"default-grant", `select coalesce(n.nspname::text, 'every schema') as object, 'new tables are granted to ' || coalesce(r.rolname::text, 'PUBLIC') || ' before they have a wall' as problem
		from pg_default_acl d left join pg_namespace n on n.oid = d.defaclnamespace, aclexplode(d.defaclacl) x left join pg_roles r on r.oid = x.grantee
		where d.defaclobjtype = 'r' and (x.grantee = 0 or r.rolname in (@app, @lookup))`},
	{"setting-grant", `select a.parname as object, 'may be ' || lower(x.privilege_type) || ' by ' || coalesce(r.rolname::text, 'PUBLIC') as problem
		from pg_parameter_acl a, aclexplode(a.paracl) x left join pg_roles r on r.oid = x.grantee where x.grantee = 0 or r.rolname in (@app, @lookup)`},
	{"extension", `select extname::text as object, 'opens files or other databases to SQL' as problem from pg_extension
		where extname in ('dblink', 'postgres_fdw', 'file_fdw', 'adminpack', 'plpython3u', 'plperlu', 'pltclu')`},
}

// Settings that are no hole between clinics, but would write what statements carry into the server's log.
var settingChecks = []struct{ check, sql string }{
	{"server-setting", `select 'log_parameter_max_length' as object, 'set it to 0, or slow statements put their parameters into the log' as problem
		where current_setting('log_parameter_max_length') <> '0' and
		  (current_setting('log_statement') <> 'none' or current_setting('log_min_duration_statement') <> '-1' or current_setting('log_min_duration_sample') <> '-1')`},
	{"server-setting", `select 'log_parameter_max_length_on_error' as object, 'set it to 0, or failing statements put their parameters into the log' as problem
		where current_setting('log_parameter_max_length_on_error') <> '0'`},
}

func (p *probe) checkRoles(ctx context.Context) error {
	args := Args{"app": p.roles.app, "lookup": p.roles.lookup}
	for _, c := range roleChecks {
		wrong, err := read[sentence](ctx, p, c.sql, args)
		if err != nil {
			return err
		}
		for _, w := range wrong {
			p.find(c.check, w.Object, "%s", w.Problem)
		}
	}
	for _, c := range settingChecks {
		wrong, err := read[sentence](ctx, p, c.sql, nil)
		if err != nil {
			return err
		}
		for _, w := range wrong {
			p.warn(c.check, w.Object, "%s", w.Problem)
		}
	}
	return nil
}
