-- Keys: the master key (outside the database) wraps a key set per clinic; that wraps a key per patient, kept with the patient.

-- +goose Up
create table clinic_keys (
  clinic_id  uuid not null references clinics,
  id         uuid not null,
  purpose    text not null check (purpose in ('data', 'index')),
  wrapped    bytea not null,
  created_at timestamptz not null default now(),
  retired_at timestamptz,
  primary key (clinic_id, id)
);
create unique index clinic_keys_current on clinic_keys (clinic_id, purpose) where retired_at is null;
alter table clinic_keys enable row level security;
alter table clinic_keys force row level security;
create policy clinic_keys_select on clinic_keys for select to anteroom_app using (clinic_id = (select app.current_clinic()));
create policy clinic_keys_insert on clinic_keys for insert to anteroom_app with check (clinic_id = (select app.current_clinic()));
create policy clinic_keys_update on clinic_keys for update to anteroom_app using (clinic_id = (select app.current_clinic()))
  with check (clinic_id = (select app.current_clinic()));
grant select, insert on clinic_keys to anteroom_app;
grant update (wrapped, retired_at) on clinic_keys to anteroom_app;

-- +goose Down
drop table clinic_keys;
