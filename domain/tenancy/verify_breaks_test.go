package tenancy_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"anteroom/domain/tenancy"
	"anteroom/domain/tenancy/tenancytest"
)

// asOwner makes the change as the owner of the tables would, who is no superuser.
const asOwner = "set role anteroom_owner; "

// named says whether a finding of this check is about the object and contains the words.
func named(r tenancy.Report, check, object, words string) bool {
	return slices.ContainsFunc(r.Findings, func(f tenancy.Finding) bool {
		return f.Check == check && f.Object == object && strings.Contains(f.Problem, words)
	})
}

type crack struct{ name, sql, check, object, words string }

// cracks are everything that would open a wall. The proof must name the check and the object.
var cracks = []crack{
	{"row security off", `alter table slots disable row level security`, "row-security", "public.slots", "not enabled"},
	{"row security not forced", `alter table slots no force row level security`, "row-security-forced", "public.slots", "not forced"},
	{"policy dropped", `drop policy slots_update on slots`, "policy-per-command", "public.slots", "no policy for UPDATE"},
	{"policy for everything", `create policy open on slots for select to anteroom_app using (true)`, "policy-rule", "public.slots", "policy open lets rows through by true"},
	{"policy that lets anything in", `create policy open on slots for insert to anteroom_app with check (true)`, "policy-rule", "public.slots", "policy open lets rows in by true"},
	{"policy with a hole", `alter policy slots_select on slots using (clinic_id = (select app.current_clinic()) or status = 'free')`,
		"policy-rule", "public.slots", "policy slots_select lets rows through by"},
	{"policy for PUBLIC", `create policy open on slots using (clinic_id = (select app.current_clinic()))`, "policy-role", "public.slots", "policy open is for PUBLIC"},
	{"policy for a stranger", `create policy open on slots for select to pg_monitor using (true)`, "policy-role", "public.slots", "policy open is for pg_monitor"},
	{"lookup may write", `create policy open on slots for delete to anteroom_lookup using (true)`, "policy-role", "public.slots", "more than SELECT"},
	{"clinic table without a wall", `create table referrals (clinic_id uuid not null, id uuid, primary key (clinic_id, id)); grant select on referrals to anteroom_app`,
		"row-security", "public.referrals", "not enabled"},
	{"table without a clinic", `create table referrals (id uuid primary key)`, "no-wall", "public.referrals", "a table without a wall"},
	{"table without a clinic in a new schema", `create table app.referrals (id uuid primary key)`, "no-wall", "app.referrals", "a table without a wall"},
	{"clinic_id may be null", `alter table closures drop constraint closures_pkey; alter table closures alter clinic_id drop not null`, "clinic-column", "public.closures", "NOT NULL"},
	{"primary key without the clinic", `alter table closures drop constraint closures_pkey, add primary key (id, clinic_id)`, "primary-key", "public.closures", "does not lead"},
	{"unique index without the clinic", `create unique index slugs on services (slug, clinic_id)`, "unique-key", "public.services", "unique index slugs"},
	{"exclusion without the clinic", `alter table closures add constraint once exclude using gist (practitioner_id with =, tstzrange(starts_at, ends_at) with &&)`,
		"exclusion", "public.closures", "exclusion constraint once"},
	{"foreign key without the clinic", `alter table patients add constraint alone unique (id); alter table closures add patient_id uuid constraint crossing references patients (id)`,
		"foreign-key", "public.closures", "foreign key crossing to public.patients"},
	{"foreign key from a platform table", `alter table people add clinic uuid constraint home references clinics`, "foreign-key", "public.people", "foreign key home"},
	{"ENUM column", `create type colour as enum ('red'); alter table slots add colour colour`, "enum", "public.slots", "column colour is an ENUM"},
	{"ENUM in an array", `create type colour as enum ('red'); alter table slots add colours colour[]`, "enum", "public.slots", "column colours is an ENUM"},
	{"indexed ENUM", `create type colour as enum ('red'); alter table slots add colour colour; create index colours on slots (clinic_id, colour)`,
		"index-leakproof", "public.slots", "index colours is over anyenum"},
	{"indexed jsonb", `alter table slots add extra jsonb; create index extras on slots using gin (extra)`, "index-leakproof", "public.slots", "index extras"},
	{"indexed numeric", `alter table slots add price numeric; create index prices on slots (clinic_id, price)`, "index-leakproof", "public.slots", "index prices is over numeric"},
	{"indexed expression", `create index lower_slugs on services (clinic_id, lower(slug))`, "index-leakproof", "public.services", "index lower_slugs is over an expression"},
	{"rewrite rule", `create rule sneaky as on delete to closures do instead nothing`, "rule", "public.closures", "rewrite rule"},
	{"TRUNCATE", `grant truncate on slots to anteroom_app`, "grant", "public.slots", "TRUNCATE is granted to anteroom_app"},
	{"REFERENCES on a column", `grant references (id) on slots to anteroom_app`, "grant", "public.slots", "REFERENCES is granted to anteroom_app on column id"},
	{"TRIGGER", `grant trigger on slots to anteroom_app`, "grant", "public.slots", "TRIGGER is granted to anteroom_app"},
	{"grant option", `grant select on slots to anteroom_app with grant option`, "grant", "public.slots", "may pass SELECT on"},
	{"granted to PUBLIC", `grant select (id) on slots to public`, "grant-public", "public.slots", "SELECT is granted to PUBLIC"},
	{"granted to a stranger", `grant select on slots to pg_monitor`, "grant", "public.slots", "pg_monitor"},
	{"lookup granted to write", `grant delete on slots to anteroom_lookup`, "grant", "public.slots", "only read"},
	{"platform table opened", `grant select on people to anteroom_app`, "platform-grant", "public.people", "SELECT is granted"},
	{"context keys opened", `grant select (kid) on app.context_keys to anteroom_app`, "platform-grant", "app.context_keys", "SELECT is granted"},
	{"granted by default", `alter default privileges in schema public grant select on tables to anteroom_app`, "default-grant", "public", "new tables are granted"},
	{"view", `create view everything as select * from slots; grant select on everything to anteroom_app`, "view", "public.everything", "not security_invoker"},
	{"view that says false", `create view everything with (security_invoker = false) as select * from slots`, "view", "public.everything", "not security_invoker"},
	{"materialised view", `create materialized view frozen as select * from slots`, "materialised-view", "public.frozen", "materialised view"},
	{"partition granted", `create table log (clinic_id uuid not null, id uuid, primary key (clinic_id, id)) partition by hash (clinic_id);
		create table log_0 partition of log for values with (modulus 1, remainder 0); grant select on log_0 to anteroom_app`, "partition-grant", "public.log_0", "on a partition"},
	{"owned by a superuser", `reset role; alter table slots owner to postgres`, "owner", "public.slots", "a superuser"},
	{"owned by the program", `reset role; alter table slots owner to anteroom_app`, "owner", "public.slots", "owned by anteroom_app"},
	{"the program owns something", `reset role; alter schema river owner to anteroom_app`, "role-owns", "anteroom_app", "schema river"},
	{"function without a search path", `alter function app.uuidv7() reset all`, "function-search-path", "app.uuidv7()", "not pinned"},
	{"definer's search path without pg_temp", `reset role; alter function app.team() set search_path = pg_catalog, public`, "function-search-path", "app.team()", "end with pg_temp"},
	{"function for PUBLIC", `grant execute on function app.team() to public`, "function-public", "app.team()", "PUBLIC may execute it"},
	{"leakproof function", `reset role; alter function app.uuidv7() leakproof`, "function-leakproof", "app.uuidv7()", "LEAKPROOF"},
	{"unlisted definer", `create function app.peek() returns bigint language sql security definer set search_path = pg_catalog, pg_temp as 'select 1::bigint';
		revoke execute on function app.peek() from public; grant create on schema app to anteroom_lookup; alter function app.peek() owner to anteroom_lookup;
		revoke create on schema app from anteroom_lookup`, "function-definer", "app.peek()", "not among the named questions"},
	{"definer owned by a superuser", `reset role; alter function app.team() owner to postgres`, "function-definer", "app.team()", "owned by postgres"},
	{"definer owned by the owner", `reset role; alter function app.team() owner to anteroom_owner`, "function-definer", "app.team()", "owned by anteroom_owner"},
	{"TEMP for PUBLIC", `reset role; do $$ begin execute format('grant temp on database %I to public', current_database()); end $$`, "database", "", "TEMPORARY is granted to PUBLIC"},
	{"CREATE in the database", `reset role; do $$ begin execute format('grant create on database %I to anteroom_app', current_database()); end $$`, "database", "", "CREATE is granted to anteroom_app"},
	{"CREATE in a schema", `reset role; grant create on schema public to public`, "schema", "public", "anteroom_app may create"},
	{"CREATE left with lookup", `grant create on schema app to anteroom_lookup`, "schema", "app", "anteroom_lookup may create"},
	{"another database within reach", `reset role; create extension dblink`, "extension", "dblink", "other databases"},
}

// try makes the change in a transaction that is undone, and reads the catalog inside it.
func try(t *testing.T, owner *pgx.Conn, sql, app, lookup string) tenancy.Report {
	t.Helper()
	ctx := context.Background()
	tx, err := owner.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(ctx)
	if _, err := tx.Exec(ctx, sql); err != nil {
		t.Fatal(err)
	}
	r, err := tenancy.VerifyCatalog(ctx, owner, app, lookup)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestEveryCrackIsNamed(t *testing.T) {
	t.Parallel()
	owner := tenancytest.New(t).Owner(t)
	whole := try(t, owner, asOwner, tenancy.AppRole, tenancy.LookupRole)
	for _, f := range whole.Findings {
		if f.Check != "connection" { // this test is not the program
			t.Errorf("before any crack: %+v", f)
		}
	}
	for _, c := range cracks {
		t.Run(c.name, func(t *testing.T) {
			object := c.object
			if object == "" {
				object = owner.Config().Database
			}
			if named(whole, c.check, object, c.words) {
				t.Fatal("named before the crack was there")
			}
			if r := try(t, owner, asOwner+c.sql, tenancy.AppRole, tenancy.LookupRole); !named(r, c.check, object, c.words) {
				t.Errorf("nothing says %s %s: %q\n%s", c.check, object, c.words, text(t, r))
			}
		})
	}
}

func TestAMissingKeyProvesNothing(t *testing.T) {
	t.Parallel()
	db := two(t)
	if _, err := db.Owner(t).Exec(context.Background(), `delete from app.context_keys`); err != nil {
		t.Fatal(err)
	}
	if r := verify(t, db); !named(r, "control", "app.current_clinic()", "not accepted") {
		t.Errorf("a proof without a key holds:\n%s", text(t, r))
	}
}

func TestAStrongRoleIsNamed(t *testing.T) {
	t.Parallel()
	owner := tenancytest.New(t).Owner(t)
	role := "t_" + strings.ReplaceAll(tenancy.NewID().String(), "-", "")
	for attributes, words := range map[string]string{
		"noinherit superuser": "is a superuser", "noinherit bypassrls": "BYPASSRLS", "noinherit createrole": "may create roles",
		"noinherit createdb": "may create databases", "noinherit replication": "may replicate", "inherit": "inherits",
		"noinherit in role pg_read_all_data": "is a member of pg_read_all_data",
	} {
		create := "create role " + role + " " + attributes
		if r := try(t, owner, create, role, tenancy.LookupRole); !named(r, "role", role, words) {
			t.Errorf("the program's role: nothing says that it %s:\n%s", words, text(t, r))
		}
		if r := try(t, owner, create, tenancy.AppRole, role); !named(r, "role", role, words) {
			t.Errorf("the questions' owner: nothing says that it %s:\n%s", words, text(t, r))
		}
	}
	create := "create role " + role + " noinherit login"
	if r := try(t, owner, create, tenancy.AppRole, role); !named(r, "role", role, "can log in") {
		t.Errorf("the questions' owner: nothing says that it can log in:\n%s", text(t, r))
	}
	if r := try(t, owner, create, role, tenancy.LookupRole); named(r, "role", role, "") {
		t.Errorf("a weak role is called strong:\n%s", text(t, r))
	}
	if r := try(t, owner, "", tenancy.AppRole, "t_nobody"); !named(r, "role", "t_nobody", "does not exist") {
		t.Errorf("a role that does not exist:\n%s", text(t, r))
	}
}
