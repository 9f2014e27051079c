-- Voice agents, the credentials by which Vapi is known, calls, and the tool calls that were answered.

-- +goose Up
create table agents (
  clinic_id         uuid not null references clinics,
  id                uuid not null,
  name              text not null check (length(name) between 1 and 80),
  direction         text not null check (direction in ('inbound', 'outbound')),
  vapi_assistant_id text not null default '' check (length(vapi_assistant_id) <= 100),
  vapi_phone_id     text not null default '' check (length(vapi_phone_id) <= 100),
  active            boolean not null default true,
  created_at        timestamptz not null default now(),
  primary key (clinic_id, id)
);

create table vapi_credentials (
  clinic_id   uuid not null references clinics,
  id          uuid not null,
  secret_hash bytea not null check (length(secret_hash) = 32),
  created_at  timestamptz not null default now(),
  revoked_at  timestamptz,
  primary key (clinic_id, id),
  unique (clinic_id, secret_hash)
);
create index vapi_credentials_secret on vapi_credentials (secret_hash);

create table calls (
  clinic_id    uuid not null references clinics,
  id           uuid not null,
  vapi_call_id text not null check (length(vapi_call_id) between 1 and 200),
  agent_id     uuid,
  started_at   timestamptz not null default now(),
  ended_at     timestamptz,
  ended_reason text not null default '' check (length(ended_reason) <= 120),
  caller       bytea,
  primary key (clinic_id, id),
  unique (clinic_id, vapi_call_id),
  foreign key (clinic_id, agent_id) references agents (clinic_id, id)
);
create index calls_started on calls (clinic_id, started_at desc);

-- Exactly once: the answer is stored in the transaction that did the work, and replayed.
create table tool_calls (
  clinic_id      uuid not null,
  id             uuid not null default app.uuidv7(),
  call_id        uuid not null,
  tool_call_id   text not null check (length(tool_call_id) <= 200),
  arguments_hash bytea not null check (length(arguments_hash) = 32),
  name           text not null check (length(name) <= 80),
  answer         bytea,
  failed         boolean not null default false,
  at             timestamptz not null default now(),
  took_micros    bigint,
  primary key (clinic_id, id),
  unique (clinic_id, call_id, tool_call_id, arguments_hash),
  foreign key (clinic_id, call_id) references calls (clinic_id, id)
);

-- +goose StatementBegin
do $$
declare t text;
begin
  foreach t in array array['agents', 'vapi_credentials', 'calls', 'tool_calls'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy %I on %I for select to anteroom_app using (clinic_id = (select app.current_clinic()))', t || '_select', t);
    execute format('create policy %I on %I for insert to anteroom_app with check (clinic_id = (select app.current_clinic()))', t || '_insert', t);
    execute format('create policy %I on %I for update to anteroom_app using (clinic_id = (select app.current_clinic())) with check (clinic_id = (select app.current_clinic()))', t || '_update', t);
    execute format('grant select, insert on %I to anteroom_app', t);
  end loop;
end $$;

create function app.clinic_of_vapi_secret(hash bytea) returns table (clinic_id uuid, credential_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select v.clinic_id, v.id from public.vapi_credentials v where v.secret_hash = hash and v.revoked_at is null
$$;
-- +goose StatementEnd
grant update (name, vapi_assistant_id, vapi_phone_id, active) on agents to anteroom_app;
grant update (revoked_at) on vapi_credentials to anteroom_app;
grant update (agent_id, ended_at, ended_reason, caller) on calls to anteroom_app;
grant update (answer, failed, took_micros) on tool_calls to anteroom_app;
create policy vapi_credentials_lookup on vapi_credentials for select to anteroom_lookup using (true);
grant select on vapi_credentials to anteroom_lookup;
grant create on schema app to anteroom_lookup;
alter function app.clinic_of_vapi_secret(bytea) owner to anteroom_lookup;
revoke create on schema app from anteroom_lookup;
revoke execute on all functions in schema app from public;
grant execute on function app.clinic_of_vapi_secret(bytea) to anteroom_app;

-- +goose Down
drop table tool_calls, calls, vapi_credentials, agents;
