-- How Vapi proves who it is, what a clinic has at Vapi, and what callers leave with its agents: wishes for a time, and messages.

-- +goose Up
alter table vapi_credentials
  add column name       text not null default '' check (length(name) <= 80),
  add column style      text not null default 'secret' check (style in ('secret', 'bearer', 'hmac', 'oauth')),
  add column settings   jsonb not null default '{}',
  add column sealed     bytea,       -- the key of an HMAC: it must be readable, and nobody can present it
  add column ends_at    timestamptz, -- a secret that was replaced lives on until then
  add column replaces_id uuid,
  add column used_at    timestamptz, -- to within some minutes
  add check ((style = 'hmac') = (sealed is not null)),
  add foreign key (clinic_id, replaces_id) references vapi_credentials (clinic_id, id);
create index vapi_credentials_id on vapi_credentials (id);
grant update (name, ends_at, used_at) on vapi_credentials to anteroom_app;

-- Access tokens by OAuth 2 client credentials. They live for an hour.
create table vapi_tokens (
  clinic_id     uuid not null,
  id            uuid not null,
  credential_id uuid not null,
  token_hash    bytea not null check (length(token_hash) = 32),
  expires_at    timestamptz not null,
  primary key (clinic_id, id),
  unique (clinic_id, token_hash),
  foreign key (clinic_id, credential_id) references vapi_credentials (clinic_id, id)
);
create index vapi_tokens_hash on vapi_tokens (token_hash);
create index vapi_tokens_expires on vapi_tokens (clinic_id, expires_at);

-- Signatures that were admitted, until they are stale anyway: a second one like it is a replay.
create table vapi_signatures (
  clinic_id  uuid not null references clinics,
  signature  bytea not null check (length(signature) = 32),
  expires_at timestamptz not null,
  primary key (clinic_id, signature)
);
create index vapi_signatures_expires on vapi_signatures (clinic_id, expires_at);

-- One row for a clinic: its own key at Vapi, and what its calls may do.
create table vapi_accounts (
  clinic_id           uuid not null references clinics,
  api_key             bytea, -- sealed
  api_key_hint        text not null default '' check (length(api_key_hint) <= 8),
  only_vapi_addresses boolean not null default false,
  transfer_number     text not null default '' check (length(transfer_number) <= 20), -- the clinic's own desk
  checked_at          timestamptz,
  check_code          text not null default '' check (length(check_code) <= 40),
  updated_at          timestamptz not null default now(),
  primary key (clinic_id)
);

-- An assistant as it was at Vapi before we changed it, to go back to.
create table assistant_snapshots (
  clinic_id    uuid not null,
  id           uuid not null,
  agent_id     uuid not null,
  assistant_id text not null check (length(assistant_id) <= 100),
  reason       text not null check (reason in ('push', 'restore')),
  body         bytea not null, -- sealed: prompts, and headers that may be secrets
  taken_at     timestamptz not null default now(),
  primary key (clinic_id, id),
  foreign key (clinic_id, agent_id) references agents (clinic_id, id)
);
create index assistant_snapshots_agent on assistant_snapshots (clinic_id, agent_id, taken_at desc);

-- Who called, as a keyed blind index, and which service the call is about: that is what is remembered of a caller.
alter table calls
  add column caller_token bytea check (length(caller_token) = 16),
  add column service_id uuid,
  add foreign key (clinic_id, service_id) references services (clinic_id, id);
create index calls_caller on calls (clinic_id, caller_token, started_at desc);
grant update (caller_token, service_id) on calls to anteroom_app;

-- Somebody would take an earlier or another time. Whom to ring is sealed: under the patient's key when the caller is one patient, else under the clinic's.
create table waitlist_entries (
  clinic_id       uuid not null references clinics,
  id              uuid not null,
  service_id      uuid not null,
  practitioner_id uuid,
  patient_id      uuid,
  call_id         uuid,
  caller          bytea not null,
  days            text[] not null default '{}' check (days <@ array['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']),
  parts           text[] not null default '{}' check (parts <@ array['morning', 'afternoon', 'evening']),
  from_date       date,
  until_date      date,
  state           text not null default 'open' check (state in ('open', 'done')),
  created_at      timestamptz not null default now(),
  done_at         timestamptz,
  primary key (clinic_id, id),
  foreign key (clinic_id, service_id) references services (clinic_id, id),
  foreign key (clinic_id, practitioner_id) references practitioners (clinic_id, id),
  foreign key (clinic_id, patient_id) references patients (clinic_id, id),
  foreign key (clinic_id, call_id) references calls (clinic_id, id)
);
create index waitlist_entries_state on waitlist_entries (clinic_id, state, created_at);

-- What a caller asked the agent to pass on.
create table call_messages (
  clinic_id  uuid not null references clinics,
  id         uuid not null,
  patient_id uuid,
  call_id    uuid not null,
  about      text not null check (about in ('call-back', 'appointment', 'results', 'prescription', 'billing', 'other')),
  urgent     boolean not null default false,
  body       bytea not null, -- sealed: who called, from which number, and what was said
  state      text not null default 'open' check (state in ('open', 'done')),
  created_at timestamptz not null default now(),
  done_at    timestamptz,
  primary key (clinic_id, id),
  foreign key (clinic_id, patient_id) references patients (clinic_id, id),
  foreign key (clinic_id, call_id) references calls (clinic_id, id)
);
create index call_messages_state on call_messages (clinic_id, state, created_at);

-- +goose StatementBegin
do $$
declare t text;
begin
  foreach t in array array['vapi_tokens', 'vapi_signatures', 'vapi_accounts', 'assistant_snapshots', 'waitlist_entries', 'call_messages'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy %I on %I for select to anteroom_app using (clinic_id = (select app.current_clinic()))', t || '_select', t);
    execute format('create policy %I on %I for insert to anteroom_app with check (clinic_id = (select app.current_clinic()))', t || '_insert', t);
    execute format('grant select, insert on %I to anteroom_app', t);
  end loop;
  foreach t in array array['vapi_accounts', 'waitlist_entries', 'call_messages'] loop
    execute format('create policy %I on %I for update to anteroom_app using (clinic_id = (select app.current_clinic())) with check (clinic_id = (select app.current_clinic()))', t || '_update', t);
  end loop;
  foreach t in array array['vapi_tokens', 'vapi_signatures'] loop
    execute format('create policy %I on %I for delete to anteroom_app using (clinic_id = (select app.current_clinic()))', t || '_delete', t);
    execute format('grant delete on %I to anteroom_app', t);
  end loop;
end $$;
-- +goose StatementEnd
grant update (api_key, api_key_hint, only_vapi_addresses, transfer_number, checked_at, check_code, updated_at) on vapi_accounts to anteroom_app;
grant update (patient_id, caller, state, done_at) on waitlist_entries to anteroom_app;
grant update (patient_id, body, state, done_at) on call_messages to anteroom_app;

-- The questions of a request that no clinic is known for yet. The first is asked with the hash of a whole secret or token; the second with a
-- public id, and answers nothing that opens anything: the key of the signature stays behind the clinic's wall.
drop function app.clinic_of_vapi_secret(bytea);
-- +goose StatementBegin
create function app.vapi_credential_of_secret(hash bytea) returns table (clinic_id uuid, id uuid, style text, settings jsonb, ends_at timestamptz, used_at timestamptz, only_vapi boolean, by_token boolean)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select v.clinic_id, v.id, v.style, v.settings, v.ends_at, v.used_at, coalesce(a.only_vapi_addresses, false), false
  from public.vapi_credentials v left join public.vapi_accounts a on a.clinic_id = v.clinic_id
  where v.secret_hash = hash and v.revoked_at is null and v.style <> 'hmac'
  union all
  select v.clinic_id, v.id, v.style, v.settings, least(v.ends_at, t.expires_at), v.used_at, coalesce(a.only_vapi_addresses, false), true
  from public.vapi_tokens t join public.vapi_credentials v on v.clinic_id = t.clinic_id and v.id = t.credential_id
    left join public.vapi_accounts a on a.clinic_id = v.clinic_id
  where t.token_hash = hash and v.revoked_at is null and v.style = 'oauth'
$$;

create function app.vapi_credential_by_id(credential uuid) returns table (clinic_id uuid, id uuid, style text, settings jsonb, ends_at timestamptz, used_at timestamptz, only_vapi boolean, by_token boolean)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select v.clinic_id, v.id, v.style, v.settings, v.ends_at, v.used_at, coalesce(a.only_vapi_addresses, false), false
  from public.vapi_credentials v left join public.vapi_accounts a on a.clinic_id = v.clinic_id
  where v.id = credential and v.revoked_at is null
$$;

-- Whether an assistant or a number is another clinic's than the one in the signed context: yes, or nothing.
create function app.vapi_agent_elsewhere(assistant text, phone text) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select true from public.agents a
  where app.current_clinic() is not null and a.clinic_id <> app.current_clinic() and a.active
    and (a.vapi_assistant_id = assistant and assistant <> '' or a.vapi_phone_id = phone and phone <> '') limit 1
$$;
-- +goose StatementEnd
create index agents_assistant on agents (vapi_assistant_id) where vapi_assistant_id <> '';
create index agents_phone on agents (vapi_phone_id) where vapi_phone_id <> '';
create policy vapi_accounts_lookup on vapi_accounts for select to anteroom_lookup using (true);
create policy vapi_tokens_lookup on vapi_tokens for select to anteroom_lookup using (true);
create policy agents_lookup on agents for select to anteroom_lookup using (true);
grant select (clinic_id, only_vapi_addresses) on vapi_accounts to anteroom_lookup;
grant select (clinic_id, credential_id, token_hash, expires_at) on vapi_tokens to anteroom_lookup;
grant select (clinic_id, vapi_assistant_id, vapi_phone_id, active) on agents to anteroom_lookup;
grant create on schema app to anteroom_lookup;
alter function app.vapi_credential_of_secret(bytea) owner to anteroom_lookup;
alter function app.vapi_credential_by_id(uuid) owner to anteroom_lookup;
alter function app.vapi_agent_elsewhere(text, text) owner to anteroom_lookup;
revoke create on schema app from anteroom_lookup;
revoke execute on all functions in schema app from public;
grant execute on function app.vapi_credential_of_secret(bytea), app.vapi_credential_by_id(uuid), app.vapi_agent_elsewhere(text, text) to anteroom_app;

-- +goose Down
drop table call_messages, waitlist_entries, assistant_snapshots, vapi_accounts, vapi_signatures, vapi_tokens;
