-- Practitioners, services, hours, slots and appointments. A hold is an appointment that is pending on slots that are busy-tentative.

-- +goose Up
create table practitioners (
  clinic_id  uuid not null references clinics,
  id         uuid not null,
  name       text not null check (length(name) between 1 and 120),
  room       text not null default '' check (length(room) <= 60),
  position   integer not null default 0,
  active     boolean not null default true,
  created_at timestamptz not null default now(),
  primary key (clinic_id, id)
);

create table services (
  clinic_id        uuid not null references clinics,
  id               uuid not null,
  slug             text not null check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(slug) <= 60),
  name             text not null check (length(name) between 1 and 120),
  duration_minutes integer not null check (duration_minutes between 5 and 720),
  active           boolean not null default true,
  created_at       timestamptz not null default now(),
  primary key (clinic_id, id),
  unique (clinic_id, slug)
);

create table practitioner_services (
  clinic_id       uuid not null,
  practitioner_id uuid not null,
  service_id      uuid not null,
  primary key (clinic_id, practitioner_id, service_id),
  foreign key (clinic_id, practitioner_id) references practitioners (clinic_id, id),
  foreign key (clinic_id, service_id) references services (clinic_id, id)
);
create index practitioner_services_service on practitioner_services (clinic_id, service_id);

-- Hours are wall clock in the clinic's zone: 09:00 stays 09:00 on both sides of a clock change. Minutes from midnight; 1440 is midnight's end.
create table weekly_hours (
  clinic_id       uuid not null,
  id              uuid not null,
  practitioner_id uuid not null,
  weekday         smallint not null check (weekday between 0 and 6), -- 0 is Sunday, as in Go's time.Weekday
  starts_minute   smallint not null check (starts_minute between 0 and 1439),
  ends_minute     smallint not null check (ends_minute between 1 and 1440),
  primary key (clinic_id, id),
  check (ends_minute > starts_minute),
  foreign key (clinic_id, practitioner_id) references practitioners (clinic_id, id),
  exclude using gist (clinic_id with =, practitioner_id with =, weekday with =, int4range(starts_minute, ends_minute) with &&)
);

-- A date on which a practitioner's hours differ: other hours (one row each), or none.
create table hours_exceptions (
  clinic_id       uuid not null,
  id              uuid not null,
  practitioner_id uuid not null,
  on_date         date not null,
  starts_minute   smallint check (starts_minute between 0 and 1439),
  ends_minute     smallint check (ends_minute between 1 and 1440),
  reason          text not null default '' check (length(reason) <= 120),
  primary key (clinic_id, id),
  check ((starts_minute is null) = (ends_minute is null) and (ends_minute is null or ends_minute > starts_minute)),
  foreign key (clinic_id, practitioner_id) references practitioners (clinic_id, id),
  exclude using gist (clinic_id with =, practitioner_id with =, on_date with =, int4range(starts_minute, ends_minute) with &&) -- nulls are the whole day
);
create index hours_exceptions_date on hours_exceptions (clinic_id, practitioner_id, on_date);

-- Time off of one practitioner (practitioner_id set) or a closure of the whole clinic (practitioner_id null): blocked, with a reason shown to staff.
create table closures (
  clinic_id       uuid not null references clinics,
  id              uuid not null,
  practitioner_id uuid,
  starts_at       timestamptz not null,
  ends_at         timestamptz not null check (ends_at > starts_at),
  reason          text not null check (length(reason) between 1 and 120),
  created_at      timestamptz not null default now(),
  primary key (clinic_id, id),
  foreign key (clinic_id, practitioner_id) references practitioners (clinic_id, id)
);
create index closures_time on closures (clinic_id, starts_at);

create table appointments (
  clinic_id       uuid not null references clinics,
  id              uuid not null,
  practitioner_id uuid not null,
  service_id      uuid not null,
  patient_id      uuid,
  status          text not null check (status in ('proposed', 'pending', 'booked', 'arrived', 'checked-in', 'fulfilled', 'cancelled', 'noshow', 'waitlist', 'entered-in-error')),
  starts_at       timestamptz not null,
  ends_at         timestamptz not null check (ends_at > starts_at),
  during          tstzrange not null generated always as (tstzrange(starts_at, ends_at, '[)')) stored,
  hold_expires_at timestamptz,
  hold_extended   boolean not null default false,
  call_id         text not null default '' check (length(call_id) <= 200),
  caller          bytea,             -- who asked, as ciphertext, until the hold becomes a patient's appointment or ends
  source          text not null check (source in ('agent', 'api', 'staff', 'link')),
  overbooked      boolean not null default false,
  replaces_id     uuid,
  created_at      timestamptz not null default now(),
  updated_at      timestamptz not null default now(),
  primary key (clinic_id, id),
  foreign key (clinic_id, practitioner_id) references practitioners (clinic_id, id),
  foreign key (clinic_id, service_id) references services (clinic_id, id),
  foreign key (clinic_id, patient_id) references patients (clinic_id, id),
  foreign key (clinic_id, replaces_id) references appointments (clinic_id, id),
  check ((status = 'pending') = (hold_expires_at is not null)),
  check (status not in ('booked', 'arrived', 'checked-in', 'fulfilled', 'noshow') or patient_id is not null),
  -- The second line: whatever the code does, two appointments that occupy time never overlap for a practitioner.
  constraint appointments_never_overlap exclude using gist (clinic_id with =, practitioner_id with =, during with &&)
    where (status in ('pending', 'booked', 'arrived', 'checked-in', 'fulfilled') and not overbooked)
);
create index appointments_time on appointments (clinic_id, starts_at);
create index appointments_patient on appointments (clinic_id, patient_id, starts_at desc);
create index appointments_call on appointments (clinic_id, call_id) where call_id <> '';
create index appointments_holds on appointments (clinic_id, hold_expires_at) where status = 'pending';

-- Slots are rows on the clinic's grain. status is FHIR's; availability is what the hours say, so that a slot which is given back returns to it.
create table slots (
  clinic_id       uuid not null,
  id              uuid not null default app.uuidv7(),
  practitioner_id uuid not null,
  starts_at       timestamptz not null,
  ends_at         timestamptz not null check (ends_at > starts_at),
  status          text not null default 'free' check (status in ('free', 'busy-tentative', 'busy', 'busy-unavailable')),
  availability    text not null default 'open' check (availability in ('open', 'blocked', 'gone')),
  appointment_id  uuid,
  hold_expires_at timestamptz,
  primary key (clinic_id, id),
  unique (clinic_id, practitioner_id, starts_at),
  foreign key (clinic_id, practitioner_id) references practitioners (clinic_id, id),
  foreign key (clinic_id, appointment_id) references appointments (clinic_id, id) deferrable initially deferred,
  check ((status in ('busy', 'busy-tentative')) = (appointment_id is not null)),
  check ((status = 'busy-tentative') = (hold_expires_at is not null))
) with (fillfactor = 80);
create index slots_open on slots (clinic_id, starts_at) where status in ('free', 'busy-tentative');
create index slots_appointment on slots (clinic_id, appointment_id) where appointment_id is not null;

-- The legal transitions; reference data without a clinic.
create table appointment_transitions (
  from_status text not null,
  to_status   text not null,
  primary key (from_status, to_status)
);
insert into appointment_transitions values
  ('pending', 'booked'), ('pending', 'cancelled'),
  ('proposed', 'booked'), ('proposed', 'cancelled'), ('waitlist', 'proposed'), ('waitlist', 'pending'), ('waitlist', 'booked'), ('waitlist', 'cancelled'),
  ('booked', 'arrived'), ('booked', 'checked-in'), ('booked', 'cancelled'), ('booked', 'noshow'), ('booked', 'entered-in-error'),
  ('arrived', 'checked-in'), ('arrived', 'booked'), ('arrived', 'cancelled'), ('arrived', 'fulfilled'), ('arrived', 'entered-in-error'),
  ('checked-in', 'fulfilled'), ('checked-in', 'arrived'), ('checked-in', 'cancelled'), ('checked-in', 'entered-in-error'),
  ('fulfilled', 'checked-in'), ('fulfilled', 'entered-in-error'),
  ('noshow', 'booked'), ('noshow', 'arrived'), ('noshow', 'entered-in-error');
grant select on appointment_transitions to anteroom_app;

-- Each change of status is a row: who, when, why.
create table appointment_status_changes (
  clinic_id      uuid not null,
  id             uuid not null default app.uuidv7(),
  appointment_id uuid not null,
  from_status    text not null,
  to_status      text not null,
  at             timestamptz not null default clock_timestamp(), -- not the transaction's start: one that waited for another comes after it
  actor          text not null default app.current_actor(),
  reason         text not null default '' check (length(reason) <= 300),
  primary key (clinic_id, id),
  foreign key (clinic_id, appointment_id) references appointments (clinic_id, id)
);
create index appointment_status_changes_appointment on appointment_status_changes (clinic_id, appointment_id, at);

-- Only legal transitions, whoever writes.
-- +goose StatementBegin
create function app.check_appointment_transition() returns trigger
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
  if not exists (select from public.appointment_transitions where from_status = old.status and to_status = new.status) then
    raise exception 'an appointment cannot go from % to %', old.status, new.status using errcode = 'AR001';
  end if;
  return new;
end $$;
-- +goose StatementEnd
create trigger appointments_transition before update of status on appointments for each row
  when (old.status is distinct from new.status) execute function app.check_appointment_transition();

-- An answer that was given is given again. The body holds ids and times only.
create table idempotency_keys (
  clinic_id    uuid not null references clinics,
  actor        text not null default app.current_actor(),
  key          text not null check (length(key) between 1 and 255),
  request_hash bytea not null,
  status       integer,
  body         bytea,
  created_at   timestamptz not null default now(),
  primary key (clinic_id, actor, key)
);
create index idempotency_keys_age on idempotency_keys (clinic_id, created_at);

-- +goose StatementBegin
do $$
declare t text;
begin
  foreach t in array array['practitioners', 'services', 'practitioner_services', 'weekly_hours', 'hours_exceptions', 'closures', 'appointments', 'slots',
                           'appointment_status_changes', 'idempotency_keys'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy %I on %I for select to anteroom_app using (clinic_id = (select app.current_clinic()))', t || '_select', t);
    execute format('create policy %I on %I for insert to anteroom_app with check (clinic_id = (select app.current_clinic()))', t || '_insert', t);
    execute format('grant select on %I to anteroom_app', t);
    if t <> 'appointment_status_changes' then execute format('grant insert on %I to anteroom_app', t); end if;
  end loop;
  foreach t in array array['practitioners', 'services', 'appointments', 'slots', 'idempotency_keys'] loop
    execute format('create policy %I on %I for update to anteroom_app using (clinic_id = (select app.current_clinic())) with check (clinic_id = (select app.current_clinic()))', t || '_update', t);
  end loop;
  foreach t in array array['practitioner_services', 'weekly_hours', 'hours_exceptions', 'closures', 'slots', 'idempotency_keys'] loop
    execute format('create policy %I on %I for delete to anteroom_app using (clinic_id = (select app.current_clinic()))', t || '_delete', t);
    execute format('grant delete on %I to anteroom_app', t);
  end loop;
end $$;
-- +goose StatementEnd
grant insert (clinic_id, id, appointment_id, from_status, to_status, reason) on appointment_status_changes to anteroom_app; -- the actor is the context's
grant update (name, room, position, active) on practitioners to anteroom_app;
grant update (slug, name, duration_minutes, active) on services to anteroom_app;
grant update (practitioner_id, service_id, patient_id, status, starts_at, ends_at, hold_expires_at, hold_extended, caller, source, overbooked, updated_at) on appointments to anteroom_app;
grant update (ends_at, status, availability, appointment_id, hold_expires_at) on slots to anteroom_app;
grant update (status, body) on idempotency_keys to anteroom_app;

-- Which clinics have something to do for the jobs: ids only.
-- +goose StatementBegin
create function app.clinics_with_ended_holds(at timestamptz) returns setof uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select distinct clinic_id from public.slots where status = 'busy-tentative' and hold_expires_at <= coalesce(at, now())
$$;
create function app.all_clinics() returns setof uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select clinic_id from public.clinics order by clinic_id
$$;
-- +goose StatementEnd
create index slots_held on slots (hold_expires_at) where status = 'busy-tentative';
create policy slots_lookup on slots for select to anteroom_lookup using (true);
grant select (clinic_id, status, hold_expires_at) on slots to anteroom_lookup;
grant create on schema app to anteroom_lookup;
alter function app.clinics_with_ended_holds(timestamptz) owner to anteroom_lookup;
alter function app.all_clinics() owner to anteroom_lookup;
revoke create on schema app from anteroom_lookup;
revoke execute on all functions in schema app from public;
grant execute on function app.clinics_with_ended_holds(timestamptz), app.all_clinics() to anteroom_app;

-- +goose Down
drop table idempotency_keys, appointment_status_changes, appointment_transitions, slots, appointments, closures, hours_exceptions, weekly_hours,
  practitioner_services, services, practitioners;
