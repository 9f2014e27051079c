-- Patients: every personal field is ciphertext under the patient's own key; search works by keyed blind indexes.

-- +goose Up
create table patients (
  clinic_id   uuid not null references clinics,
  id          uuid not null,
  wrapped_key bytea,               -- destroyed on erasure: then nothing below can be read, backups included
  name        bytea,
  phone       bytea,
  email       bytea,
  birth_date  bytea,
  address     bytea,
  notes       bytea,
  created_at  timestamptz not null default now(),
  updated_at  timestamptz not null default now(),
  primary key (clinic_id, id)
);
alter table patients enable row level security;
alter table patients force row level security;
create policy patients_select on patients for select to anteroom_app using (clinic_id = (select app.current_clinic()));
create policy patients_insert on patients for insert to anteroom_app with check (clinic_id = (select app.current_clinic()));
create policy patients_update on patients for update to anteroom_app using (clinic_id = (select app.current_clinic()))
  with check (clinic_id = (select app.current_clinic()));
grant select, insert on patients to anteroom_app;
grant update (wrapped_key, name, phone, email, birth_date, address, notes, updated_at) on patients to anteroom_app;

-- HMAC-SHA-256 under the clinic's index key, cut to 16 bytes: equal tokens mean equal values, and nothing else can be read from them.
create table patient_tokens (
  clinic_id  uuid not null,
  kind       text not null check (kind in ('name', 'name-prefix', 'phone', 'phone-end', 'email', 'birth-date')),
  token      bytea not null check (length(token) = 16),
  patient_id uuid not null,
  primary key (clinic_id, kind, token, patient_id),
  foreign key (clinic_id, patient_id) references patients (clinic_id, id) on delete cascade
);
create index patient_tokens_patient on patient_tokens (clinic_id, patient_id);
alter table patient_tokens enable row level security;
alter table patient_tokens force row level security;
create policy patient_tokens_select on patient_tokens for select to anteroom_app using (clinic_id = (select app.current_clinic()));
create policy patient_tokens_insert on patient_tokens for insert to anteroom_app with check (clinic_id = (select app.current_clinic()));
create policy patient_tokens_delete on patient_tokens for delete to anteroom_app using (clinic_id = (select app.current_clinic()));
grant select, insert, delete on patient_tokens to anteroom_app;

-- +goose Down
drop table patient_tokens, patients;
