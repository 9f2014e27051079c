-- Keys are changed while work goes on. A clinic's new data key first only opens, until every process has read it; then it seals; then what the
-- old one sealed is sealed anew, piece by piece; then the old one is destroyed.

-- +goose Up
create table key_rotations (
  clinic_id    uuid not null references clinics,
  id           uuid not null,
  kind         text not null check (kind in ('clinic', 'patient')),
  key_id       uuid,                        -- the new key of the clinic
  patient_id   uuid,
  started_at   timestamptz not null default clock_timestamp(),
  activated_at timestamptz,                 -- from here on the new key seals
  place        integer not null default 0,  -- how far the pass has come: the table,
  after        uuid,                        -- and the row
  looked       bigint not null default 0,
  resealed     bigint not null default 0,
  finished_at  timestamptz,
  actor        text not null default app.current_actor(),
  primary key (clinic_id, id),
  foreign key (clinic_id, key_id) references clinic_keys (clinic_id, id),
  foreign key (clinic_id, patient_id) references patients (clinic_id, id),
  check ((kind = 'clinic') = (key_id is not null) and (kind = 'patient') = (patient_id is not null))
);
create unique index key_rotations_one on key_rotations (clinic_id) where kind = 'clinic' and finished_at is null;
alter table key_rotations enable row level security;
alter table key_rotations force row level security;
create policy key_rotations_select on key_rotations for select to anteroom_app using (clinic_id = (select app.current_clinic()));
create policy key_rotations_insert on key_rotations for insert to anteroom_app with check (clinic_id = (select app.current_clinic()));
create policy key_rotations_update on key_rotations for update to anteroom_app using (clinic_id = (select app.current_clinic()))
  with check (clinic_id = (select app.current_clinic()));
grant select on key_rotations to anteroom_app;
grant insert (clinic_id, id, kind, key_id, patient_id, resealed, looked, finished_at) on key_rotations to anteroom_app;
grant update (activated_at, place, after, looked, resealed, finished_at) on key_rotations to anteroom_app;

-- Whatever is sealed can be sealed anew.
create policy assistant_snapshots_update on assistant_snapshots for update to anteroom_app using (clinic_id = (select app.current_clinic()))
  with check (clinic_id = (select app.current_clinic()));
grant update (body) on assistant_snapshots to anteroom_app;
grant update (sealed) on vapi_credentials to anteroom_app;
grant update (details) on patient_merges to anteroom_app;
grant update (body) on patient_notes to anteroom_app;

-- +goose Down
revoke update (sealed) on vapi_credentials from anteroom_app;
revoke update (body) on assistant_snapshots from anteroom_app;
drop policy assistant_snapshots_update on assistant_snapshots;
drop table key_rotations;
