-- A newer rule set goes over every call by itself, and only ever hides more. What it would let be read, or call otherwise, waits for a person.

-- +goose Up
alter table calls add column waiting integer not null default 0 check (waiting >= 0); -- places that the rules of the call would treat otherwise
create index calls_waiting on calls (clinic_id, started_at desc) where waiting > 0;
create index calls_rules on calls (clinic_id, rule_set) where rule_set <> '';
grant update (waiting) on calls to anteroom_app;

-- Whoever opened everything may close it again before the hour is over, and never later than that.
alter table glass_breaks add constraint glass_breaks_hour check (until <= at + interval '1 hour');
grant update (until) on glass_breaks to anteroom_app;

-- +goose StatementBegin
create function app.clinics_with_outdated_calls(rules text) returns setof uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select k.clinic_id from public.clinics k
   where exists (select from public.calls c where c.clinic_id = k.clinic_id and c.rule_set <> '' and c.rule_set < rules)
      or exists (select from public.calls c where c.clinic_id = k.clinic_id and c.rule_set <> '' and c.rule_set > rules)
   order by k.clinic_id
$$;
-- +goose StatementEnd
grant select (rule_set) on calls to anteroom_lookup;
grant create on schema app to anteroom_lookup;
alter function app.clinics_with_outdated_calls(text) owner to anteroom_lookup;
revoke create on schema app from anteroom_lookup;
revoke execute on all functions in schema app from public;
grant execute on function app.clinics_with_outdated_calls(text) to anteroom_app;

-- +goose Down
drop function app.clinics_with_outdated_calls(text);
revoke select (rule_set) on calls from anteroom_lookup;
revoke update (until) on glass_breaks from anteroom_app;
alter table glass_breaks drop constraint glass_breaks_hour;
drop index calls_rules;
alter table calls drop column waiting;
