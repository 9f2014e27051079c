-- Who did what to whose data, when, why and from where. Never content: ids, pseudonyms and digests only.
-- The running program may insert and read, nothing else; the actor comes from the signed context, not from the statement.

-- +goose Up
create table audit_events (
  clinic_id    uuid not null references clinics,
  id           uuid not null,
  at           timestamptz not null default clock_timestamp(),
  actor        text not null default app.current_actor(),
  role         text not null default '',
  action       text not null check (action ~ '^[a-z-]+\.[a-z-]+$'),
  subject_kind text not null check (subject_kind ~ '^[a-z-]*$'),
  subject_id   uuid,
  patients     uuid[] not null default '{}',
  reason       text not null default '' check (length(reason) <= 500),
  address      text not null default '',
  request_id   text not null default '',
  before       bytea,
  after        bytea,
  primary key (clinic_id, id)
);
alter table audit_events enable row level security;
alter table audit_events force row level security;
create policy audit_events_select on audit_events for select to anteroom_app using (clinic_id = (select app.current_clinic()));
create policy audit_events_insert on audit_events for insert to anteroom_app with check (clinic_id = (select app.current_clinic()));
grant select on audit_events to anteroom_app;
grant insert (clinic_id, id, role, action, subject_kind, subject_id, patients, reason, address, request_id, before, after) on audit_events to anteroom_app;
create index audit_events_at on audit_events (clinic_id, at desc);
create index audit_events_subject on audit_events (clinic_id, subject_id, at desc);

-- +goose Down
drop table audit_events;
