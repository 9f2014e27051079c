-- What a person at the desk may do beyond one booking: overbook with a permission, book a series, move, and take it back for a few seconds.

-- +goose Up
alter table memberships add column may_overbook boolean not null default false;
grant update (may_overbook) on memberships to anteroom_app;

-- It answers one column more; a function's answer cannot be changed in place.
drop function app.clinics_of_person(uuid);
-- +goose StatementBegin
create function app.clinics_of_person(person uuid) returns table (clinic_id uuid, clinic text, slug text, zone text, locale text, country text, role text, practitioner_id uuid, person_name text, may_overbook boolean)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select c.clinic_id, c.name, c.slug, c.zone, c.locale, c.country, m.role, m.practitioner_id, p.name, m.may_overbook
  from public.memberships m join public.clinics c using (clinic_id) join public.people p on p.id = m.person_id
  where m.person_id = person and m.ended_at is null and p.disabled_at is null
  order by c.name
$$;
-- +goose StatementEnd
grant create on schema app to anteroom_lookup;
alter function app.clinics_of_person(uuid) owner to anteroom_lookup;
revoke create on schema app from anteroom_lookup;

-- Appointments that were booked together, every so many weeks or months. Who and when is in the appointments.
create table appointment_series (
  clinic_id   uuid not null references clinics,
  id          uuid not null,
  every       smallint not null check (every between 1 and 12),
  unit        text not null check (unit in ('week', 'month')),
  occurrences smallint not null check (occurrences between 2 and 52), -- asked for; those that could not be had were left out
  created_at  timestamptz not null default now(),
  primary key (clinic_id, id)
);

alter table appointments add column series_id uuid, add foreign key (clinic_id, series_id) references appointment_series (clinic_id, id);
create index appointments_series on appointments (clinic_id, series_id) where series_id is not null;
create index appointments_replaces on appointments (clinic_id, replaces_id) where replaces_id is not null;

-- A change that a person made at the desk and can take back until undo_until. Whatever would tell the patient of it waits until then.
create table desk_changes (
  clinic_id  uuid not null references clinics,
  id         uuid not null,
  actor      text not null default app.current_actor(),
  kind       text not null check (kind in ('book', 'move', 'cancel', 'status', 'series')),
  at         timestamptz not null default now(), -- as updated_at of its appointments: another one there means that somebody went on
  undo_until timestamptz not null,
  undone_at  timestamptz check (undone_at < undo_until),
  undone_in  xid8,                               -- the transaction that takes it back: what is legal only then is legal only there
  primary key (clinic_id, id)
);
create table desk_change_steps (
  clinic_id      uuid not null,
  change_id      uuid not null,
  appointment_id uuid not null,
  from_status    text not null, -- empty: the change made the appointment
  to_status      text not null,
  primary key (clinic_id, change_id, appointment_id),
  foreign key (clinic_id, change_id) references desk_changes (clinic_id, id),
  foreign key (clinic_id, appointment_id) references appointments (clinic_id, id)
);
create index desk_change_steps_appointment on desk_change_steps (clinic_id, appointment_id);

-- +goose StatementBegin
do $$
declare t text;
begin
  foreach t in array array['appointment_series', 'desk_changes', 'desk_change_steps'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy %I on %I for select to anteroom_app using (clinic_id = (select app.current_clinic()))', t || '_select', t);
    execute format('create policy %I on %I for insert to anteroom_app with check (clinic_id = (select app.current_clinic()))', t || '_insert', t);
    execute format('grant select on %I to anteroom_app', t);
  end loop;
end $$;

-- Once, by the one who did it.
create function app.check_undo() returns trigger
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
  if old.undone_at is not null or new.undone_at is null or old.actor is distinct from app.current_actor() then
    raise exception 'this change cannot be undone' using errcode = 'AR002';
  end if;
  new.undone_in := pg_current_xact_id();
  return new;
end $$;
-- +goose StatementEnd
create policy desk_changes_update on desk_changes for update to anteroom_app using (clinic_id = (select app.current_clinic()))
  with check (clinic_id = (select app.current_clinic()));
create trigger desk_changes_undone before update on desk_changes for each row execute function app.check_undo();
grant insert on appointment_series, desk_change_steps to anteroom_app;
grant insert (clinic_id, id, kind, undo_until) on desk_changes to anteroom_app; -- the actor is the context's
grant update (undone_at) on desk_changes to anteroom_app;

-- What an undo alone may do: a cancelled appointment stands again, a step is taken back that has no way back in a day's work.
alter table appointment_transitions add column undo_only boolean not null default false;
insert into appointment_transitions (from_status, to_status, undo_only) values
  ('cancelled', 'booked', true), ('cancelled', 'arrived', true), ('cancelled', 'checked-in', true),
  ('entered-in-error', 'booked', true), ('entered-in-error', 'arrived', true), ('entered-in-error', 'checked-in', true),
  ('entered-in-error', 'fulfilled', true), ('entered-in-error', 'noshow', true),
  ('checked-in', 'booked', true), ('fulfilled', 'arrived', true), ('arrived', 'noshow', true);
-- +goose StatementBegin
create or replace function app.check_appointment_transition() returns trigger
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
  if not exists (select from public.appointment_transitions t where t.from_status = old.status and t.to_status = new.status
       and (not t.undo_only or exists (
         select from public.desk_change_steps s join public.desk_changes c on c.clinic_id = s.clinic_id and c.id = s.change_id
          where s.clinic_id = new.clinic_id and s.appointment_id = new.id and s.from_status = new.status and s.to_status = old.status
            and c.undone_in = pg_current_xact_id()))) then
    raise exception 'an appointment cannot go from % to %', old.status, new.status using errcode = 'AR001';
  end if;
  return new;
end $$;
-- +goose StatementEnd
revoke execute on all functions in schema app from public;
grant execute on function app.clinics_of_person(uuid), app.check_undo() to anteroom_app;

-- +goose Down
delete from appointment_transitions where undo_only;
-- +goose StatementBegin
create or replace function app.check_appointment_transition() returns trigger
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
  if not exists (select from public.appointment_transitions where from_status = old.status and to_status = new.status) then
    raise exception 'an appointment cannot go from % to %', old.status, new.status using errcode = 'AR001';
  end if;
  return new;
end $$;
-- +goose StatementEnd
alter table appointment_transitions drop column undo_only;
drop table desk_change_steps, desk_changes;
drop function app.check_undo();
alter table appointments drop column series_id;
drop table appointment_series;
drop function app.clinics_of_person(uuid);
-- +goose StatementBegin
create function app.clinics_of_person(person uuid) returns table (clinic_id uuid, clinic text, slug text, zone text, locale text, country text, role text, practitioner_id uuid, person_name text)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select c.clinic_id, c.name, c.slug, c.zone, c.locale, c.country, m.role, m.practitioner_id, p.name
  from public.memberships m join public.clinics c using (clinic_id) join public.people p on p.id = m.person_id
  where m.person_id = person and m.ended_at is null and p.disabled_at is null
  order by c.name
$$;
-- +goose StatementEnd
grant create on schema app to anteroom_lookup;
alter function app.clinics_of_person(uuid) owner to anteroom_lookup;
revoke create on schema app from anteroom_lookup;
revoke execute on function app.clinics_of_person(uuid) from public;
grant execute on function app.clinics_of_person(uuid) to anteroom_app;
alter table memberships drop column may_overbook;
drop index appointments_replaces;
