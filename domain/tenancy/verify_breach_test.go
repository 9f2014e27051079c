package tenancy_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"anteroom/domain/tenancy"
)

// breach is a wall that is open in fact. The attack itself must get through, whatever the catalog says of it.
type breach struct{ object, verb, words string }

// breaches share a database where they do not stand in each other's way.
var breaches = map[string]struct {
	sql  string
	want []breach
}{
	"tables": {`
		alter policy patients_select on patients using (clinic_id is not null);
		alter policy services_insert on services with check (clinic_id is not null);
		alter policy slots_select on slots using (true);
		alter policy slots_update on slots using (true) with check (true);
		alter policy slots_delete on slots using (true);
		create view everything as select * from slots;
		grant select on everything to anteroom_app;
		alter table agents disable row level security;
		analyze agents;
		grant truncate on all tables in schema public to anteroom_app;
		grant update (clinic_id) on closures to anteroom_app;
		create policy moving on closures for update to anteroom_app using (clinic_id = (select app.current_clinic())) with check (true);
		alter policy closures_select on closures using (true);`,
		[]breach{
			{"public.patients", "select", "an expired context"},
			{"public.patients", "select by id", "another clinic's context"},
			{"public.patients", "copy out", "no context"},
			{"public.patients", "leak by error", "22P02"},
			{"public.services", "insert", "another clinic's context"},
			{"public.services", "upsert", "upsert"},
			{"public.slots", "update", "no signature"},
			{"public.slots", "delete", "a wrong key"},
			{"public.slots", "select for update", "it went through"},
			{"public.slots", "merge", "it went through"},
			{"public.slots", "select by ctid", "it went through"},
			{"public.everything", "select", "an altered signature"},
			{"public.agents", "count", "garbage"},
			{"public.agents", "copy in", "COPY FROM asks no policy"},
			{"public.agents", "statistics", "it went through"},
			{"public.idempotency_keys", "truncate", "it went through"},
			{"public.closures", "move a row", "it got past the policy and met only 23503"},
		}},
	"commands": {`
		create policy open on patients for select to anteroom_app using (app.current_clinic() is null);
		alter policy agents_update on agents using (true) with check (true);
		alter policy closures_delete on closures using (true);
		alter table api_keys owner to anteroom_app;`,
		[]breach{
			{"public.patients", "copy out", "no context"},
			{"public.patients", "select", "an unknown key"},
			{"public.agents", "blind update", "no context"},
			{"public.closures", "blind delete", "no context"},
			{"public.api_keys", "take the policies away", "it went through"},
		}},
	"keys": {`
		create unique index calls_of_vapi on calls (vapi_call_id);
		alter table api_keys add constraint once exclude using gist (token_hash with =);
		alter table patients add constraint alone unique (id);
		alter table appointments drop constraint appointments_clinic_id_patient_id_fkey, add constraint crossing foreign key (patient_id) references patients (id);`,
		[]breach{
			{"public.calls", "share a key", "calls_of_vapi tells that another clinic has this value"},
			{"public.api_keys", "share a key", "once tells that another clinic has this value"},
			{"public.appointments", "point at another's row", "another clinic's public.patients by crossing"},
		}},
	"platform and questions": {`
		grant select on people to anteroom_app;
		grant insert, select on app.context_keys to anteroom_app;
		grant execute on function app.verified_context_part(integer) to anteroom_app;
		grant execute on function pg_read_file(text) to anteroom_app;
		grant create on schema public to anteroom_app;
		do $$ begin execute format('grant temp on database %I to anteroom_app', current_database()); end $$;
		create or replace function app.clinic_of_key(hash bytea) returns table (clinic_id uuid, key_id uuid)
		language sql stable security definer set search_path = pg_catalog, public, pg_temp as
		$$ select k.clinic_id, k.id from public.api_keys k where k.token_hash = hash or hash is null $$;
		create or replace function app.team() returns table (person_id uuid, name text, email text, role text, practitioner_id uuid, ended_at timestamptz)
		language sql stable security definer set search_path = pg_catalog, public, pg_temp as
		$$ select p.id, p.name, p.email, '', null::uuid, null::timestamptz from public.people p where app.current_clinic() is not null $$;`,
		[]breach{
			{"public.people", "select", "it went through"},
			{"app.context_keys", "insert", "23502"},
			{"app.verified_context_part(integer)", "call", "may call it"},
			{"app.clinic_of_key(bytea)", "call", "nulls"},
			{"app.team()", "call", "another clinic's context"},
			{"anteroom_app", "create a temporary table", "it went through"},
			{"anteroom_app", "create a table", "it went through"},
			{"anteroom_app", "read the context keys", "it went through"},
			{"anteroom_app", "read a file", "it went through"},
		}},
	"expiry not looked at": {forget(`if to_timestamp(split_part(c, '.', 5)::double precision) >= now() then`, `if true then`),
		[]breach{{"public.agents", "select", "an expired context"}}},
	"signature not looked at": {forget(`convert_to(encode(sha256(k.opad || sha256(k.ipad || substr(b, 1, greatest(length(b) - 65, 0)))), 'hex'), 'UTF8') = substr(b, length(b) - 63)`, `true`),
		[]breach{{"public.agents", "select", "the id swapped under one's own signature"}, {"public.agents", "select", "an altered signature"}}},
	"context that stays": {`create or replace function app.current_clinic() returns uuid language sql stable security definer set search_path = pg_catalog, public, pg_temp as
		$$ select clinic_id from public.clinics order by 1 limit 1 $$`,
		[]breach{{"public.agents", "select", "a context left over from a committed transaction"}}},
}

// forget puts less in the place of a part of app.current_clinic().
func forget(part, less string) string {
	return `do $do$ declare def text := regexp_replace(pg_get_functiondef('app.current_clinic()'::regprocedure), '\s+', ' ', 'g'); part text := $part$` + part + `$part$;
		begin if position(part in def) = 0 then raise 'nothing to forget in %', def; end if; execute replace(def, part, '` + less + `'); end $do$`
}

func TestEveryBreachIsFoundByAttack(t *testing.T) {
	t.Parallel()
	for name, c := range breaches {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := two(t)
			if _, err := db.Owner(t).Exec(context.Background(), c.sql); err != nil {
				t.Fatal(err)
			}
			r := verify(t, db)
			for _, b := range c.want {
				if !breached(r, b) {
					t.Errorf("no attack says %s, %s: %q", b.object, b.verb, b.words)
				}
			}
			if t.Failed() {
				t.Log(text(t, r))
			}
		})
	}
}

func breached(r tenancy.Report, b breach) bool {
	for _, table := range r.Tables {
		if table.Name == b.object && table.Verbs[b.verb] != tenancy.Breach {
			return false
		}
	}
	return slices.ContainsFunc(r.Findings, func(f tenancy.Finding) bool {
		return f.Check == "attack" && f.Object == b.object && strings.HasPrefix(f.Problem, b.verb+":") && strings.Contains(f.Problem, b.words)
	})
}
