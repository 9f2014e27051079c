package tenancy_test

import (
	"context"
	"testing"

	"anteroom/domain/tenancy"
)

// breach is a wall that is open in fact. The attack itself must get through, whatever the catalog says of it.
type breach struct{ name, sql, object, verb, words string }

var breaches = []breach{
	{"reads", `alter policy patients_select on patients using (clinic_id is not null)`, "public.patients", "select", "an expired context"},
	{"reads without a context", `create policy open on patients for select to anteroom_app using (app.current_clinic() is null)`, "public.patients", "copy out", "no context"},
	{"inserts", `alter policy services_insert on services with check (clinic_id is not null)`, "public.services", "insert", "another clinic's context"},
	{"upserts", `alter policy services_insert on services with check (clinic_id is not null)`, "public.services", "upsert", "it got past the policy"},
	{"updates", `alter policy slots_select on slots using (true); alter policy slots_update on slots using (true) with check (true)`, "public.slots", "update", "no signature"},
	{"updates unread rows", `alter policy slots_update on slots using (true) with check (true)`, "public.slots", "blind update", "it went through"},
	{"deletes unread rows", `alter policy slots_delete on slots using (true)`, "public.slots", "blind delete", "it went through"},
	{"deletes", `alter policy slots_select on slots using (true); alter policy slots_delete on slots using (true)`, "public.slots", "merge", "it went through"},
	{"moves", `grant update (clinic_id) on closures to anteroom_app;
		create policy moving on closures for update to anteroom_app using (clinic_id = (select app.current_clinic())) with check (true);
		alter policy closures_select on closures using (true)`, "public.closures", "move a row", "it went through"},
	{"truncates", `grant truncate on all tables in schema public to anteroom_app`, "public.idempotency_keys", "truncate", "it went through"},
	{"no row security", `alter table agents disable row level security`, "public.agents", "count", "garbage"},
	{"copies in", `alter table agents disable row level security`, "public.agents", "copy in", "COPY FROM asks no policy"},
	{"statistics", `alter table agents disable row level security; analyze agents`, "public.agents", "statistics", "it went through"},
	{"leaks by error", `alter policy agents_select on agents using (clinic_id is not null)`, "public.agents", "leak by error", "22P02"},
	{"view", `create view everything as select * from slots; grant select on everything to anteroom_app; alter policy slots_lookup on slots to anteroom_owner`,
		"public.everything", "select", "an altered signature"},
	{"unique key", `create unique index calls_of_vapi on calls (vapi_call_id)`, "public.calls", "share a key", "calls_of_vapi tells that another clinic has this value"},
	{"exclusion", `alter table closures add constraint once exclude using gist (tstzrange(starts_at, ends_at) with &&)`, "public.closures", "share a key", "once tells"},
	{"foreign key", `alter table patients add constraint alone unique (id); alter table appointments drop constraint appointments_clinic_id_patient_id_fkey,
		add constraint crossing foreign key (patient_id) references patients (id)`, "public.appointments", "point at another's row", "another clinic's public.patients by crossing"},
	{"expiry not looked at", forget(`if split_part(c, '.', 5)::bigint < extract(epoch from now()) then return null; end if;`), "public.agents", "select", "an expired context"},
	{"signature not looked at", forget(`encode(sha256(k.opad || sha256(k.ipad || convert_to(left(c, -65), 'UTF8'))), 'hex') <> right(c, 64) or`),
		"public.agents", "select", "the id swapped under one's own signature"},
	{"context in a session", `create or replace function app.current_clinic() returns uuid language sql stable security definer set search_path = pg_catalog, pg_temp as
		$$ select clinic_id from public.clinics order by 1 limit 1 $$`, "public.agents", "select", "a context left over from a committed transaction"},
	{"platform table", `grant select on people to anteroom_app`, "public.people", "select", "it went through"},
	{"platform update", `grant update (name) on people to anteroom_app; grant insert on app.context_keys to anteroom_app`, "app.context_keys", "insert", "23502"},
	{"question too wide", `create or replace function app.clinic_of_key(hash bytea) returns table (clinic_id uuid, key_id uuid)
		language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$ select k.clinic_id, k.id from public.api_keys k where k.token_hash = hash or hash is null $$`,
		"app.clinic_of_key(bytea)", "call", "nulls"},
	{"team of everybody", `create or replace function app.team() returns table (person_id uuid, name text, email text, role text, practitioner_id uuid, ended_at timestamptz)
		language sql stable security definer set search_path = pg_catalog, public, pg_temp as
		$$ select p.id, p.name, p.email, '', null::uuid, null::timestamptz from public.people p where app.current_clinic() is not null $$`, "app.team()", "call", "another clinic's context"},
	{"hidden function opened", `grant execute on function app.verified_context_part(integer) to anteroom_app`, "app.verified_context_part(integer)", "call", "may call it"},
	{"temporary tables", `do $$ begin execute format('grant temp on database %I to anteroom_app', current_database()); end $$`, "anteroom_app", "create a temporary table", "it went through"},
	{"tables", `grant create on schema public to anteroom_app`, "anteroom_app", "create a table", "it went through"},
	{"context keys", `grant select on app.context_keys to anteroom_app`, "anteroom_app", "read the context keys", "it went through"},
	{"files", `grant execute on function pg_read_file(text) to anteroom_app`, "anteroom_app", "read a file", "it went through"},
}

// forget takes a part of app.current_clinic() away.
func forget(part string) string {
	return `do $do$ declare def text := regexp_replace(pg_get_functiondef('app.current_clinic()'::regprocedure), '\s+', ' ', 'g'); part text := $part$` + part + `$part$;
		begin if position(part in def) = 0 then raise 'nothing to forget in %', def; end if; execute replace(def, part, ''); end $do$`
}

func TestEveryBreachIsFoundByAttack(t *testing.T) {
	t.Parallel()
	for _, b := range breaches {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			db := two(t)
			if _, err := db.Owner(t).Exec(context.Background(), b.sql); err != nil {
				t.Fatal(err)
			}
			r := verify(t, db)
			if !named(r, "attack", b.object, b.words) || !breached(r, b) {
				t.Errorf("no attack says %s, %s: %q\n%s", b.object, b.verb, b.words, text(t, r))
			}
		})
	}
}

func breached(r tenancy.Report, b breach) bool {
	for _, table := range r.Tables {
		if table.Name == b.object {
			return table.Verbs[b.verb] == tenancy.Breach
		}
	}
	return named(r, "attack", b.object, b.verb)
}
