-- People, their roles in clinics, sessions, API keys. A person may work at several clinics, so people are outside the walls and out of the
-- program's direct reach: it asks through the functions below, which answer one question each.

-- +goose Up
create table people (
  id            uuid primary key,
  email         text not null unique check (email = lower(email) and length(email) between 3 and 254),
  name          text not null check (length(name) between 1 and 120),
  password_hash text not null,
  created_at    timestamptz not null default now(),
  disabled_at   timestamptz
);
grant select on people to anteroom_lookup;

create table memberships (
  clinic_id       uuid not null references clinics,
  person_id       uuid not null references people,
  role            text not null check (role in ('admin', 'frontdesk', 'clinician', 'compliance')),
  practitioner_id uuid,
  created_at      timestamptz not null default now(),
  ended_at        timestamptz,
  primary key (clinic_id, person_id)
);
alter table memberships enable row level security;
alter table memberships force row level security;
create policy memberships_select on memberships for select to anteroom_app using (clinic_id = (select app.current_clinic()));
create policy memberships_insert on memberships for insert to anteroom_app with check (clinic_id = (select app.current_clinic()));
create policy memberships_update on memberships for update to anteroom_app using (clinic_id = (select app.current_clinic()))
  with check (clinic_id = (select app.current_clinic()));
create policy memberships_lookup on memberships for select to anteroom_lookup using (true);
grant select, insert on memberships to anteroom_app;
grant update (role, practitioner_id, ended_at) on memberships to anteroom_app;
grant select on memberships to anteroom_lookup;

-- scs: the token is a hash, the data holds ids only.
create table sessions (
  token  text primary key,
  data   bytea not null,
  expiry timestamptz not null
);
create index sessions_expiry on sessions (expiry);
grant select, insert, update, delete on sessions to anteroom_app;

-- A person's own sessions, to list and end them: without a row here a session is dead, whatever the store says. token_hash is the
-- store's key (a hash of the cookie); id is another one, so that a page can name a session.
create table person_sessions (
  id         uuid primary key,
  person_id  uuid not null references people,
  token_hash text not null unique,
  address    text not null default '',
  user_agent text not null default '',
  created_at timestamptz not null default now(),
  seen_at    timestamptz not null default now()
);
create index person_sessions_person on person_sessions (person_id, seen_at desc);
grant select, insert, delete on person_sessions to anteroom_lookup;
grant update (token_hash, seen_at) on person_sessions to anteroom_lookup;
grant select, delete on sessions to anteroom_lookup;

-- Failed sign-ins by account and by address, for the lockout. Keys are keyed hashes, not e-mails or addresses. tries holds those in a row,
-- the newest last, so that a good password can take its own back without a trace.
create table sign_in_failures (
  key          bytea primary key,
  tries        timestamptz[] not null default '{}',
  locked_until timestamptz
);
grant select, insert, update, delete on sign_in_failures to anteroom_lookup;

create table api_keys (
  clinic_id    uuid not null references clinics,
  id           uuid not null,
  name         text not null check (length(name) between 1 and 80),
  token_hash   bytea not null check (length(token_hash) = 32),
  hint         text not null default '',
  created_at   timestamptz not null default now(),
  revoked_at   timestamptz,
  primary key (clinic_id, id),
  unique (clinic_id, token_hash)
);
create index api_keys_token on api_keys (token_hash);
alter table api_keys enable row level security;
alter table api_keys force row level security;
create policy api_keys_select on api_keys for select to anteroom_app using (clinic_id = (select app.current_clinic()));
create policy api_keys_insert on api_keys for insert to anteroom_app with check (clinic_id = (select app.current_clinic()));
create policy api_keys_update on api_keys for update to anteroom_app using (clinic_id = (select app.current_clinic()))
  with check (clinic_id = (select app.current_clinic()));
create policy api_keys_lookup on api_keys for select to anteroom_lookup using (true);
grant select, insert on api_keys to anteroom_app;
grant update (name, revoked_at) on api_keys to anteroom_app;
grant select on api_keys to anteroom_lookup;

-- The named questions that are asked before a clinic is known.

-- +goose StatementBegin
create function app.clinic_of_key(hash bytea) returns table (clinic_id uuid, key_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select k.clinic_id, k.id from public.api_keys k where k.token_hash = hash and k.revoked_at is null
$$;

create function app.person_by_email(address text) returns table (id uuid, name text, password_hash text, disabled boolean)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select p.id, p.name, p.password_hash, p.disabled_at is not null from public.people p where p.email = address
$$;

-- One person's clinics: the caller has proved to be that person by a session or a password.
create function app.clinics_of_person(person uuid) returns table (clinic_id uuid, clinic text, slug text, zone text, locale text, country text, role text, practitioner_id uuid, person_name text)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select c.clinic_id, c.name, c.slug, c.zone, c.locale, c.country, m.role, m.practitioner_id, p.name
  from public.memberships m join public.clinics c using (clinic_id) join public.people p on p.id = m.person_id
  where m.person_id = person and m.ended_at is null and p.disabled_at is null
  order by c.name
$$;

-- The names of a clinic's own people: only of the clinic in the signed context.
create function app.team() returns table (person_id uuid, name text, email text, role text, practitioner_id uuid, ended_at timestamptz)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select p.id, p.name, p.email, m.role, m.practitioner_id, m.ended_at
  from public.memberships m join public.people p on p.id = m.person_id
  where m.clinic_id = app.current_clinic() order by p.name
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create function app.sign_in_locked(keys bytea[]) returns timestamptz
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select max(locked_until) from public.sign_in_failures where key = any(keys) and locked_until > now()
$$;

-- Counts one try before its password is looked at, so that many at once cannot slip past the limit; a good password takes it back
-- (sign_in_succeeded). Answers the end of a lock that was there before, and then counts nothing. Free until the limit in a row, then
-- 30 s doubling to an hour; forget_after seconds without a failure forget them all.
create function app.sign_in_tried(tried bytea, free integer, forget_after integer) returns timestamptz
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  f public.sign_in_failures;
  n integer;
begin
  insert into public.sign_in_failures (key) values (tried) on conflict (key) do nothing;
  select * into f from public.sign_in_failures where key = tried for update;
  if f.locked_until > clock_timestamp() then return f.locked_until; end if;
  if f.tries[cardinality(f.tries)] < clock_timestamp() - make_interval(secs => forget_after) then f.tries := '{}'; end if;
  f.tries := (f.tries || clock_timestamp())[greatest(1, cardinality(f.tries) - free - 9):]; -- more would lock no longer
  n := cardinality(f.tries);
  update public.sign_in_failures set tries = f.tries,
    locked_until = case when n >= free
      then clock_timestamp() + least(interval '1 hour', interval '30 seconds' * power(2, least(n - free, 10))) end
  where key = tried;
  return null;
end $$;

-- The account starts afresh. The address only gets its own try back, and else somebody with one account of their own could go on guessing
-- at others for ever; with the try goes its lock, since a try is counted only where there was none. Of several at once any may take the
-- newest back: what stays is as many, at most moments older.
create function app.sign_in_succeeded(account bytea, address bytea) returns void
language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
  delete from public.sign_in_failures where key = account;
  update public.sign_in_failures set tries = tries[:cardinality(tries) - 1], locked_until = null where key = address;
$$;

-- A person's new session; what is left of theirs that ran out goes.
create function app.session_opened(session uuid, person uuid, hash text, from_address text, agent text) returns void
language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
  delete from public.person_sessions p where p.person_id = person and p.seen_at < now() - interval '1 minute'
    and not exists (select from public.sessions s where s.token = p.token_hash and s.expiry > now());
  insert into public.person_sessions (id, person_id, token_hash, address, user_agent) values (session, person, hash, left(from_address, 60), left(agent, 200))
$$;

-- The token changed: at a change of clinic or of role.
create function app.session_renewed(old_hash text, new_hash text) returns boolean
language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
  with moved as (update public.person_sessions set token_hash = new_hash, seen_at = now() where token_hash = old_hash returning 1)
  select exists (select from moved)
$$;

-- False when the session was ended: a request that was under way must not write it back.
create function app.session_seen(hash text) returns boolean
language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
  with seen as (update public.person_sessions set seen_at = now() where token_hash = hash returning 1)
  select exists (select from seen)
$$;

create function app.session_alive(person uuid, hash text) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select exists (select from public.person_sessions s where s.token_hash = hash and s.person_id = person)
$$;

create function app.sessions_of_person(person uuid) returns table (id uuid, token_hash text, address text, user_agent text, created_at timestamptz, seen_at timestamptz)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select p.id, p.token_hash, p.address, p.user_agent, p.created_at, p.seen_at
  from public.person_sessions p join public.sessions s on s.token = p.token_hash
  where p.person_id = person and s.expiry > now() order by p.seen_at desc
$$;

-- Ends one session of a person (or, with NULL, all), in the store too; with a hash only while its token is still that one.
create function app.session_closed(person uuid, session uuid, hash text) returns setof text
language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
  with closed as (delete from public.person_sessions p where p.person_id = person and (session is null or p.id = session)
         and (hash is null or p.token_hash = hash) returning p.token_hash),
       gone as (delete from public.sessions s using closed where s.token = closed.token_hash)
  select token_hash from closed
$$;

-- Makes a person, or finds the one with this e-mail; only inside a signed clinic, whose membership is then written by the program.
create function app.ensure_person(new_id uuid, address text, full_name text, hash text) returns uuid
language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
  with made as (
    insert into public.people (id, email, name, password_hash)
    select new_id, lower(address), full_name, hash where app.current_clinic() is not null
    on conflict (email) do nothing returning id)
  select id from made union all select id from public.people where email = lower(address) and app.current_clinic() is not null limit 1
$$;
-- +goose StatementEnd
grant insert on people to anteroom_lookup;

grant create on schema app to anteroom_lookup;
alter function app.clinic_of_key(bytea) owner to anteroom_lookup;
alter function app.person_by_email(text) owner to anteroom_lookup;
alter function app.clinics_of_person(uuid) owner to anteroom_lookup;
alter function app.team() owner to anteroom_lookup;
alter function app.sign_in_locked(bytea[]) owner to anteroom_lookup;
alter function app.sign_in_tried(bytea, integer, integer) owner to anteroom_lookup;
alter function app.sign_in_succeeded(bytea, bytea) owner to anteroom_lookup;
alter function app.session_opened(uuid, uuid, text, text, text) owner to anteroom_lookup;
alter function app.session_renewed(text, text) owner to anteroom_lookup;
alter function app.session_seen(text) owner to anteroom_lookup;
alter function app.session_alive(uuid, text) owner to anteroom_lookup;
alter function app.sessions_of_person(uuid) owner to anteroom_lookup;
alter function app.session_closed(uuid, uuid, text) owner to anteroom_lookup;
alter function app.ensure_person(uuid, text, text, text) owner to anteroom_lookup;
revoke create on schema app from anteroom_lookup;
revoke execute on all functions in schema app from public;
grant execute on function app.clinic_of_key(bytea), app.person_by_email(text), app.clinics_of_person(uuid), app.team(), app.sign_in_locked(bytea[]),
  app.sign_in_tried(bytea, integer, integer), app.sign_in_succeeded(bytea, bytea), app.session_opened(uuid, uuid, text, text, text),
  app.session_renewed(text, text), app.session_seen(text), app.session_alive(uuid, text), app.sessions_of_person(uuid),
  app.session_closed(uuid, uuid, text), app.ensure_person(uuid, text, text, text) to anteroom_app;

-- +goose Down
drop table person_sessions, sign_in_failures, api_keys, sessions, memberships, people;
