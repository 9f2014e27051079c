-- What is kept of a call: each message as ciphertext until the call is made of it, then the turns with what gives people away taken out,
-- what was taken out as ciphertext, how fast every turn was, and who looked at what.

-- +goose Up
create extension if not exists btree_gin;

-- Bodies are raw transcripts: sealed here, and gone as soon as their call is recorded. The row stays for a while, so that a redelivery is known.
create table call_inbox (
  clinic_id    uuid not null references clinics,
  id           uuid not null,
  vapi_call_id text not null default '' check (length(vapi_call_id) <= 200),
  kind         text not null check (length(kind) between 1 and 60),
  dedup        bytea not null check (length(dedup) = 16), -- keyed: which message this is, and nothing of what it says
  body         bytea,
  sent_at      timestamptz not null,                      -- as the platform says; order of arrival is not promised
  received_at  timestamptz not null,
  processed_at timestamptz,
  primary key (clinic_id, id),
  unique (clinic_id, dedup)
);
alter table call_inbox alter column body set storage external; -- packed before it was sealed: there is nothing left to compress
create index call_inbox_call on call_inbox (clinic_id, vapi_call_id) where body is not null;
create index call_inbox_age on call_inbox (clinic_id, received_at);

alter table calls
  add column patient_id  uuid,
  add column known       bytea, -- what the tools were told of the caller, sealed like the number, to find it again under other rules
  add column caller_key  text not null default 'clinic' check (caller_key in ('clinic', 'patient')), -- what seals the caller's number
  add column outcome     text not null default '' check (outcome in ('', 'booked', 'not-booked', 'message', 'abandoned')),
  add column cost_cents  bigint check (cost_cents >= 0),
  add column recorded_at timestamptz,
  add column rule_set    text not null default '' check (length(rule_set) <= 40),
  add column spans       integer not null default 0 check (spans >= 0),
  add column review      text not null default 'none' check (review in ('none', 'wanted', 'done')),
  add constraint calls_patient_known check (caller_key = 'clinic' or patient_id is not null),
  add foreign key (clinic_id, patient_id) references patients (clinic_id, id);
create index calls_patient on calls (clinic_id, patient_id, started_at desc) where patient_id is not null;
create index calls_live on calls (clinic_id, started_at) where ended_at is null;
create index calls_unread on calls (clinic_id, started_at desc) where review = 'wanted';
grant update (started_at, patient_id, known, caller_key, outcome, cost_cents, recorded_at, rule_set, spans, review) on calls to anteroom_app;

-- What was said, redacted. 0 is the summary.
create table call_turns (
  clinic_id uuid not null,
  call_id   uuid not null,
  seq       integer not null check (seq >= 0),
  speaker   text not null check (speaker in ('agent', 'caller', 'summary')),
  text      text not null,
  starts_ms bigint check (starts_ms >= 0), -- from the start of the call; null when it was not told
  took_ms   bigint check (took_ms >= 0),
  primary key (clinic_id, call_id, seq),
  foreign key (clinic_id, call_id) references calls (clinic_id, id)
);

-- What was taken out: where its label stands in the redacted text, and the words themselves as ciphertext.
create table call_spans (
  clinic_id  uuid not null,
  id         uuid not null,
  call_id    uuid not null,
  seq        integer not null,
  starts     integer not null check (starts >= 0), -- bytes of the redacted text
  ends       integer not null check (ends > starts),
  kind       text not null check (kind ~ '^[A-Z_]{2,40}$'),
  size       text not null check (size in ('short', 'medium', 'long')), -- how long the words were, roughly
  rule_set   text not null check (length(rule_set) <= 40),
  route      text not null check (route in ('patient', 'notes', 'vault')),
  suggested  text not null default '' check (suggested in ('', 'open', 'taken', 'dismissed')),
  missed     boolean not null default false, -- marked by a reviewer: the rules had left it in
  patient_id uuid,                           -- whose key seals it; null: the clinic's
  sealed     bytea not null,
  created_at timestamptz not null default now(),
  retired_at timestamptz,                    -- a later rule set let the words stand
  primary key (clinic_id, id),
  foreign key (clinic_id, call_id, seq) references call_turns (clinic_id, call_id, seq),
  foreign key (clinic_id, patient_id) references patients (clinic_id, id)
);
create index call_spans_call on call_spans (clinic_id, call_id, seq, starts);
create index call_spans_patient on call_spans (clinic_id, patient_id) where patient_id is not null;

-- The tools as the report tells of them; our own side is in tool_calls, found by the tool call's id whichever came first.
create table call_tools (
  clinic_id    uuid not null,
  call_id      uuid not null,
  n            integer not null check (n >= 0),
  tool_call_id text not null check (length(tool_call_id) <= 200),
  name         text not null check (length(name) <= 80),
  starts_ms    bigint check (starts_ms >= 0),
  ends_ms      bigint check (ends_ms >= 0),
  primary key (clinic_id, call_id, n),
  foreign key (clinic_id, call_id) references calls (clinic_id, id)
);

-- In milliseconds, as the platform measured. Null: it did not say.
create table call_metrics (
  clinic_id               uuid not null,
  call_id                 uuid not null,
  turn_ms                 integer,
  endpointing_ms          integer,
  transcriber_ms          integer,
  model_ms                integer,
  voice_ms                integer,
  from_transport_ms       integer,
  to_transport_ms         integer,
  user_interruptions      integer,
  assistant_interruptions integer,
  primary key (clinic_id, call_id),
  foreign key (clinic_id, call_id) references calls (clinic_id, id)
);
create table call_latencies (
  clinic_id         uuid not null,
  call_id           uuid not null,
  n                 integer not null check (n >= 0),
  turn_ms           integer,
  endpointing_ms    integer,
  transcriber_ms    integer,
  model_ms          integer,
  voice_ms          integer,
  from_transport_ms integer,
  to_transport_ms   integer,
  primary key (clinic_id, call_id, n),
  foreign key (clinic_id, call_id) references calls (clinic_id, id)
);

-- The words of the redacted text, for search. Only app.calls_saying() reads them.
create table call_search (
  clinic_id uuid not null,
  call_id   uuid not null,
  words     tsvector not null,
  primary key (clinic_id, call_id),
  foreign key (clinic_id, call_id) references calls (clinic_id, id)
);
create index call_search_words on call_search using gin (clinic_id, words) with (fastupdate = off); -- a list of rows yet to be sorted in makes every search slow

-- Who saw which words, and why: the reason in words is sealed, since people write names into reasons.
create table call_reveals (
  clinic_id uuid not null,
  id        uuid not null,
  span_id   uuid not null,
  actor     text not null default app.current_actor(),
  reason    text not null check (reason ~ '^[a-z-]{2,40}$'),
  note      bytea,
  at        timestamptz not null,
  until     timestamptz not null,
  primary key (clinic_id, id),
  foreign key (clinic_id, span_id) references call_spans (clinic_id, id)
);
create index call_reveals_span on call_reveals (clinic_id, span_id, at desc);

create table glass_breaks (
  clinic_id   uuid not null references clinics,
  id          uuid not null,
  actor       text not null default app.current_actor(),
  call_id     uuid,
  patient_id  uuid,
  reason      text not null check (reason ~ '^[a-z-]{2,40}$'),
  note        bytea,
  at          timestamptz not null,
  until       timestamptz not null,
  reviewed_at timestamptz,
  reviewed_by text,
  verdict     text not null default '' check (verdict in ('', 'justified', 'not-justified')),
  review_note bytea,
  primary key (clinic_id, id),
  foreign key (clinic_id, call_id) references calls (clinic_id, id),
  foreign key (clinic_id, patient_id) references patients (clinic_id, id),
  check ((call_id is null) <> (patient_id is null)),
  check ((reviewed_at is null) = (verdict = '') and (reviewed_at is null) = (reviewed_by is null)),
  check (reviewed_by <> actor) -- nobody reviews oneself
);
create index glass_breaks_actor on glass_breaks (clinic_id, actor, until);
create index glass_breaks_owed on glass_breaks (clinic_id, at) where reviewed_at is null;

-- A person has read the call: how much the rules had found, and how much they had missed. Recall is measured over these.
create table redaction_reviews (
  clinic_id   uuid not null,
  call_id     uuid not null,
  rule_set    text not null check (length(rule_set) between 1 and 40),
  found       integer not null check (found >= 0),
  missed      integer not null check (missed >= 0),
  reviewed_at timestamptz not null,
  reviewed_by text not null default app.current_actor(),
  primary key (clinic_id, call_id, rule_set),
  foreign key (clinic_id, call_id) references calls (clinic_id, id)
);

-- A newer rule set was run over a call: what it took out besides, and what it let stand. Positions and kinds, no words.
create table redaction_reruns (
  clinic_id  uuid not null,
  id         uuid not null,
  call_id    uuid not null,
  from_rules text not null,
  to_rules   text not null,
  added      integer not null,
  removed    integer not null,
  changes    jsonb not null,
  at         timestamptz not null,
  actor      text not null default app.current_actor(),
  primary key (clinic_id, id),
  foreign key (clinic_id, call_id) references calls (clinic_id, id)
);
create index redaction_reruns_call on redaction_reruns (clinic_id, call_id, at desc);

-- +goose StatementBegin
do $$
declare t text;
begin
  foreach t in array array['call_inbox', 'call_turns', 'call_spans', 'call_tools', 'call_metrics', 'call_latencies', 'call_search', 'call_reveals', 'glass_breaks',
                           'redaction_reviews', 'redaction_reruns'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy %I on %I for select to anteroom_app using (clinic_id = (select app.current_clinic()))', t || '_select', t);
    execute format('create policy %I on %I for insert to anteroom_app with check (clinic_id = (select app.current_clinic()))', t || '_insert', t);
    execute format('grant select on %I to anteroom_app', t);
  end loop;
  foreach t in array array['call_inbox', 'call_turns', 'call_spans', 'call_search', 'call_reveals', 'glass_breaks', 'redaction_reviews'] loop
    execute format('create policy %I on %I for update to anteroom_app using (clinic_id = (select app.current_clinic())) with check (clinic_id = (select app.current_clinic()))', t || '_update', t);
  end loop;
  foreach t in array array['call_inbox', 'call_turns', 'call_spans', 'call_tools', 'call_metrics', 'call_latencies', 'call_search'] loop
    execute format('grant insert on %I to anteroom_app', t);
  end loop;
end $$;
-- +goose StatementEnd
create policy call_inbox_delete on call_inbox for delete to anteroom_app using (clinic_id = (select app.current_clinic()));
grant delete on call_inbox to anteroom_app;
grant update (id, body, sent_at, received_at, processed_at) on call_inbox to anteroom_app;
grant update (text) on call_turns to anteroom_app;
grant update (starts, ends, rule_set, suggested, missed, patient_id, sealed, retired_at) on call_spans to anteroom_app;
grant update (words) on call_search to anteroom_app;
grant insert (clinic_id, id, span_id, reason, note, at, until) on call_reveals to anteroom_app; -- the actor is the context's
grant update (note) on call_reveals to anteroom_app;                                            -- under another key, when the clinic's is changed
grant insert (clinic_id, id, call_id, patient_id, reason, note, at, until) on glass_breaks to anteroom_app;
grant update (patient_id, note, reviewed_at, reviewed_by, verdict, review_note) on glass_breaks to anteroom_app;
grant insert (clinic_id, call_id, rule_set, found, missed, reviewed_at) on redaction_reviews to anteroom_app;
grant update (found, missed, reviewed_at) on redaction_reviews to anteroom_app;
grant insert (clinic_id, id, call_id, from_rules, to_rules, added, removed, changes, at) on redaction_reruns to anteroom_app;

-- Full text search is not leakproof, so behind a policy it would read every call of the clinic. This question reads the index instead, and adds
-- the clinic of the signed context itself. What many calls hold is found among the newest ones; what few hold, by the index. Left to itself the
-- planner expects every beginning of a word in a fiftieth of all rows, and walks back through all calls for a rare one.
-- +goose StatementBegin
create function app.calls_saying(said text, since timestamptz, before timestamptz, before_id uuid, agent uuid, ended text, spans boolean, reviews text, most integer)
returns setof uuid
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  clinic uuid := app.current_clinic();
  wanted tsquery := said::tsquery;
  newest constant integer := 600;
  near uuid[];  -- the newest calls that the rest of the question is about
  found uuid[]; -- of those, the ones that say it
begin
  if clinic is null then return; end if;
  select array_agg(r.id order by r.started_at desc, r.id desc) into near from (
    select c.id, c.started_at from public.calls c where c.clinic_id = clinic
       and (since is null or c.started_at >= since) and (before is null or (c.started_at, c.id) < (before, before_id))
       and (agent is null or c.agent_id = agent) and (ended is null or c.outcome = ended) and (calls_saying.spans is null or (c.spans > 0) = calls_saying.spans)
       and (reviews is null or c.review = reviews)
     order by c.started_at desc, c.id desc limit newest) r;
  select array_agg(x.id order by x.n) into found from (
    select r.id, r.n from unnest(near) with ordinality r (id, n)
     where exists (select from public.call_search s where s.clinic_id = clinic and s.call_id = r.id and s.words @@ wanted offset 0)
     limit most) x;
  if cardinality(found) = most or coalesce(cardinality(near), 0) < newest then
    return query select unnest(found);
    return;
  end if;
  return query with hits as materialized (select s.call_id from public.call_search s where s.clinic_id = clinic and s.words @@ wanted)
    select c.id from hits join public.calls c on c.id = hits.call_id where c.clinic_id = clinic
       and (since is null or c.started_at >= since) and (before is null or (c.started_at, c.id) < (before, before_id))
       and (agent is null or c.agent_id = agent) and (ended is null or c.outcome = ended) and (calls_saying.spans is null or (c.spans > 0) = calls_saying.spans)
       and (reviews is null or c.review = reviews)
     order by c.started_at desc, c.id desc limit most;
end $$;
-- +goose StatementEnd
create policy call_search_lookup on call_search for select to anteroom_lookup using (true);
grant select (clinic_id, call_id, words) on call_search to anteroom_lookup;
create policy calls_lookup on calls for select to anteroom_lookup using (true);
grant select (clinic_id, id, started_at, agent_id, outcome, spans, review) on calls to anteroom_lookup;
grant create on schema app to anteroom_lookup;
alter function app.calls_saying(text, timestamptz, timestamptz, uuid, uuid, text, boolean, text, integer) owner to anteroom_lookup;
revoke create on schema app from anteroom_lookup;
revoke execute on all functions in schema app from public;
grant execute on function app.calls_saying(text, timestamptz, timestamptz, uuid, uuid, text, boolean, text, integer) to anteroom_app;

-- +goose Down
drop function app.calls_saying(text, timestamptz, timestamptz, uuid, uuid, text, boolean, text, integer);
drop table redaction_reruns, redaction_reviews, glass_breaks, call_reveals, call_search, call_latencies, call_metrics, call_tools, call_spans, call_turns, call_inbox;
drop policy calls_lookup on calls;
revoke select (clinic_id, id, started_at, agent_id, outcome, spans, review) on calls from anteroom_lookup;
alter table calls drop column patient_id, drop column known, drop column caller_key, drop column outcome, drop column cost_cents, drop column recorded_at, drop column rule_set,
  drop column spans, drop column review;
