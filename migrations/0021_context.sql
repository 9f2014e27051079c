-- The context is checked some twenty times for a tool call: by every policy of every statement. Here it is checked on bytes, which have no
-- characters to count, and with the expiry as a time, which saves a number of arbitrary precision: 25 to 40 % less, measured on PostgreSQL 18.
-- Both functions still hold the whole check, since a nested call costs more than it saves. What they promise is as in 0001: nothing is cast before the signature holds, and a context opens no transaction after its expiry.

-- +goose Up
-- +goose StatementBegin
create or replace function app.verified_context_part(part integer) returns text
language plpgsql stable security definer parallel safe set search_path = pg_catalog, pg_temp as $$
declare
  c text := current_setting('app.context', true);
  b bytea := convert_to(c, 'UTF8');
  k record;
begin
  select ipad, opad into k from app.context_keys where kid = split_part(c, '.', 2);
  if found and convert_to(encode(sha256(k.opad || sha256(k.ipad || substr(b, 1, greatest(length(b) - 65, 0)))), 'hex'), 'UTF8') = substr(b, length(b) - 63)
     and substr(b, length(b) - 64, 1) = '.' and substr(b, 1, 3) = 'v1.' then
    if to_timestamp(split_part(c, '.', 5)::double precision) >= now() then return split_part(c, '.', part); end if;
  end if;
  return null;
end $$;

create or replace function app.current_clinic() returns uuid
language plpgsql stable security definer parallel safe set search_path = pg_catalog, pg_temp as $$
declare
  c text := current_setting('app.context', true);
  b bytea := convert_to(c, 'UTF8');
  k record;
begin
  select ipad, opad into k from app.context_keys where kid = split_part(c, '.', 2);
  if found and convert_to(encode(sha256(k.opad || sha256(k.ipad || substr(b, 1, greatest(length(b) - 65, 0)))), 'hex'), 'UTF8') = substr(b, length(b) - 63)
     and substr(b, length(b) - 64, 1) = '.' and substr(b, 1, 3) = 'v1.' then
    if to_timestamp(split_part(c, '.', 5)::double precision) >= now() then return split_part(c, '.', 3)::uuid; end if;
  end if;
  return null;
end $$;
-- +goose StatementEnd

-- A call's row is written again by nearly every message: with room on its page that touches none of its nine indexes.
alter table calls set (fillfactor = 70);

-- +goose Down
alter table calls reset (fillfactor);
-- +goose StatementBegin
create or replace function app.verified_context_part(part integer) returns text
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

create or replace function app.current_clinic() returns uuid
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
