-- The walls: a tenant context that SQL cannot forge.
-- Roles are made before the first migration (domain/tenancy/bootstrap.go), since they belong to the cluster:
--   anteroom_owner   owns every table, runs migrations, never serves a request
--   anteroom_app     the running program: no ownership, no bypass, no create, no temp
--   anteroom_lookup  NOLOGIN, owns the few SECURITY DEFINER questions asked before a clinic is known

-- +goose Up
create schema app;
grant usage on schema app to anteroom_app, anteroom_lookup;
grant usage on schema public to anteroom_app, anteroom_lookup;

create extension if not exists btree_gist;
grant select on goose_db_version to anteroom_app; -- so that the program can refuse to start on an old schema

-- The HMAC keys of the context, kept as the two precomputed pads of RFC 2104, so that core sha256() suffices.
-- Only anteroom_lookup may read them, through the functions below.
create table app.context_keys (
  kid        text primary key,
  ipad       bytea not null check (length(ipad) = 64),
  opad       bytea not null check (length(opad) = 64),
  created_at timestamptz not null default now()
);
grant select on app.context_keys to anteroom_lookup;

-- v1.<key id>.<clinic>.<actor>.<expiry, unix seconds>.<hex HMAC-SHA-256 of all before the last dot>
-- The signature is checked before anything is cast, so a forged text never reaches a cast error. The expiry is compared with the
-- transaction's start: a context lives as long as the transaction it opened, and cannot open another one later.
-- +goose StatementBegin
create function app.verified_context_part(part integer) returns text
language plpgsql stable security definer parallel safe set search_path = pg_catalog, pg_temp as $$
declare
  c text := current_setting('app.context', true);
  k record;
  body text;
begin
  if c is null or c = '' then return null; end if;
  select ipad, opad into k from app.context_keys where kid = split_part(c, '.', 2);
  if not found then return null; end if;
  body := left(c, -65);
  if encode(sha256(k.opad || sha256(k.ipad || convert_to(body, 'UTF8'))), 'hex') <> right(c, 64)
     or substr(c, length(c) - 64, 1) <> '.'
     or split_part(c, '.', 1) <> 'v1' then
    return null;
  end if;
  if split_part(c, '.', 5)::bigint < extract(epoch from now()) then return null; end if;
  return split_part(c, '.', part);
end $$;
-- +goose StatementEnd

-- The clinic of the signed context; NULL without one, so that every policy refuses.
-- It repeats the check instead of calling verified_context_part: a nested call costs 5 µs for every table of every statement.
-- +goose StatementBegin
create function app.current_clinic() returns uuid
language plpgsql stable security definer parallel safe set search_path = pg_catalog, pg_temp as $$
declare
  c text := current_setting('app.context', true);
  k record;
begin
  if c is null or c = '' then return null; end if;
  select ipad, opad into k from app.context_keys where kid = split_part(c, '.', 2);
  if not found then return null; end if;
  if encode(sha256(k.opad || sha256(k.ipad || convert_to(left(c, -65), 'UTF8'))), 'hex') <> right(c, 64)
     or substr(c, length(c) - 64, 1) <> '.'
     or split_part(c, '.', 1) <> 'v1' then
    return null;
  end if;
  if split_part(c, '.', 5)::bigint < extract(epoch from now()) then return null; end if;
  return split_part(c, '.', 3)::uuid;
end $$;
-- +goose StatementEnd

-- The actor of the signed context, as kind:id (user:…, key:…, agent:…, link:…, system:…).
-- +goose StatementBegin
create function app.current_actor() returns text
language plpgsql stable security definer parallel safe set search_path = pg_catalog, pg_temp as $$
begin
  return app.verified_context_part(4);
end $$;
-- +goose StatementEnd

-- UUIDv7 (RFC 9562, 5.7): the time in milliseconds leads, so that new rows land at the right end of every index.
-- +goose StatementBegin
create function app.uuidv7() returns uuid
language plpgsql volatile parallel safe set search_path = pg_catalog, pg_temp as $$
declare
  ms bytea := substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3);
  u bytea := uuid_send(gen_random_uuid());
begin
  u := overlay(u placing ms from 1 for 6);
  u := set_byte(u, 6, (get_byte(u, 6) & 15) | 112);
  return encode(u, 'hex')::uuid;
end $$;
-- +goose StatementEnd

grant create on schema app to anteroom_lookup;
alter function app.verified_context_part(integer) owner to anteroom_lookup;
alter function app.current_clinic() owner to anteroom_lookup;
alter function app.current_actor() owner to anteroom_lookup;
revoke create on schema app from anteroom_lookup;

revoke execute on all functions in schema app from public;
alter default privileges in schema app revoke execute on functions from public;
grant execute on function app.verified_context_part(integer) to anteroom_lookup, anteroom_owner;
grant execute on function app.current_clinic(), app.current_actor(), app.uuidv7() to anteroom_app, anteroom_lookup, anteroom_owner;

-- Clinics are the tenants. The column is called clinic_id here too, so that one rule reads the whole catalog.
create table clinics (
  clinic_id     uuid primary key,
  slug          text not null check (slug ~ '^[a-z0-9-]{2,40}$'),
  name          text not null check (length(name) between 1 and 120),
  zone          text not null,
  locale        text not null default 'en-GB',
  country       text not null check (length(country) = 2),
  grain_minutes integer not null default 15 check (grain_minutes in (5, 10, 15, 20, 30, 60)),
  horizon_days  integer not null default 42 check (horizon_days between 1 and 400),
  hold_seconds  integer not null default 90 check (hold_seconds between 1 and 300),
  created_at    timestamptz not null default now()
);
alter table clinics enable row level security;
alter table clinics force row level security;
create policy clinics_select on clinics for select to anteroom_app using (clinic_id = (select app.current_clinic()));
create policy clinics_update on clinics for update to anteroom_app using (clinic_id = (select app.current_clinic()))
  with check (clinic_id = (select app.current_clinic()));
create policy clinics_insert on clinics for insert to anteroom_app with check (clinic_id = (select app.current_clinic()));
create policy clinics_lookup on clinics for select to anteroom_lookup using (true);
grant select, insert on clinics to anteroom_app;
grant update (name, zone, locale, country, grain_minutes, horizon_days, hold_seconds) on clinics to anteroom_app;
grant select on clinics to anteroom_lookup;

-- +goose Down
drop table clinics;
drop schema app cascade;
