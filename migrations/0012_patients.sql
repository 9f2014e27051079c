-- Patients: dated notes with their author, versions against stale forms, who was looked at last, and merging two records in a way that can
-- be undone.

-- +goose Up
alter table patients add column version integer not null default 1;
alter table patients add column merged_into uuid; -- the record that stands for this one; always one that stands itself
alter table patients add constraint patients_merged_into_fkey foreign key (clinic_id, merged_into) references patients (clinic_id, id);
alter table patients add constraint patients_merged_into_other check (merged_into <> id);
create index patients_merged on patients (clinic_id, merged_into) where merged_into is not null;
grant update (version, merged_into) on patients to anteroom_app;

create table patient_notes (
  clinic_id  uuid not null,
  id         uuid not null,
  patient_id uuid not null,
  kind       text not null check (kind in ('desk', 'clinical')), -- who reads it: the desk as well, or those who treat the patient
  body       bytea not null,                                     -- under the patient's key
  actor      text not null default app.current_actor(),
  at         timestamptz not null default now(),
  primary key (clinic_id, id),
  foreign key (clinic_id, patient_id) references patients (clinic_id, id)
);
create index patient_notes_patient on patient_notes (clinic_id, patient_id, at desc);

-- What a merge did, so that it can be undone: which rows went over, and, sealed under the kept patient's key, the fields before and after.
create table patient_merges (
  clinic_id  uuid not null,
  id         uuid not null,
  kept_id    uuid not null,
  merged_id  uuid not null,
  actor      text not null default app.current_actor(),
  at         timestamptz not null,
  undo_until timestamptz not null,
  details    bytea not null,
  moved      jsonb not null, -- ids by table
  undone_at  timestamptz,
  primary key (clinic_id, id),
  foreign key (clinic_id, kept_id) references patients (clinic_id, id),
  foreign key (clinic_id, merged_id) references patients (clinic_id, id),
  check (kept_id <> merged_id)
);
create unique index patient_merges_standing on patient_merges (clinic_id, merged_id) where undone_at is null;
create index patient_merges_kept on patient_merges (clinic_id, kept_id, at desc);
create index patient_merges_merged on patient_merges (clinic_id, merged_id, at desc);

-- Two records that somebody has looked at and that are two people: they are not held against each other again.
create table patient_namesakes (
  clinic_id uuid not null,
  one_id    uuid not null,
  other_id  uuid not null,
  actor     text not null default app.current_actor(),
  at        timestamptz not null default now(),
  primary key (clinic_id, one_id, other_id),
  foreign key (clinic_id, one_id) references patients (clinic_id, id),
  foreign key (clinic_id, other_id) references patients (clinic_id, id),
  check (one_id <> other_id) -- the smaller id is written first; a check of that would tell ids of other clinics apart by their order
);
create index patient_namesakes_other on patient_namesakes (clinic_id, other_id);

-- +goose StatementBegin
do $$
declare t text;
begin
  foreach t in array array['patient_notes', 'patient_merges', 'patient_namesakes'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy %I on %I for select to anteroom_app using (clinic_id = (select app.current_clinic()))', t || '_select', t);
    execute format('create policy %I on %I for insert to anteroom_app with check (clinic_id = (select app.current_clinic()))', t || '_insert', t);
    execute format('grant select on %I to anteroom_app', t);
  end loop;
  foreach t in array array['patient_notes', 'patient_merges'] loop
    execute format('create policy %I on %I for update to anteroom_app using (clinic_id = (select app.current_clinic())) with check (clinic_id = (select app.current_clinic()))', t || '_update', t);
  end loop;
end $$;

-- Nothing is given to a record that was merged, whichever code does it: what is booked for it while it is being merged goes to the one that
-- was kept. The lock is the one of the foreign key's own check, and waits for a merge that is under way.
create function app.give_to_the_kept_patient() returns trigger
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
declare kept uuid;
begin
  loop
    select p.merged_into into kept from public.patients p where p.clinic_id = new.clinic_id and p.id = new.patient_id for key share;
    exit when kept is null;
    new.patient_id := kept;
  end loop;
  return new;
end $$;
-- +goose StatementEnd
grant insert (clinic_id, id, patient_id, kind, body, at) on patient_notes to anteroom_app; -- the actor is the context's
grant update (patient_id, body) on patient_notes to anteroom_app;
grant insert (clinic_id, id, kept_id, merged_id, at, undo_until, details, moved) on patient_merges to anteroom_app;
grant update (undone_at) on patient_merges to anteroom_app;
grant insert (clinic_id, one_id, other_id) on patient_namesakes to anteroom_app;
create trigger appointments_kept_patient before insert or update of patient_id on appointments for each row
  when (new.patient_id is not null) execute function app.give_to_the_kept_patient();
revoke execute on all functions in schema app from public;
grant execute on function app.give_to_the_kept_patient() to anteroom_app;

-- Whose records a person opened last.
create index audit_events_records_opened on audit_events (clinic_id, actor, at desc) where action = 'patient.viewed';

-- +goose Down
drop index audit_events_records_opened;
drop trigger appointments_kept_patient on appointments;
drop function app.give_to_the_kept_patient();
drop table patient_namesakes, patient_merges, patient_notes;
alter table patients drop column merged_into, drop column version;
