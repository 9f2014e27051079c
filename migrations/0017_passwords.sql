-- Who invites somebody knows their first password, so it is good for one thing only: to choose another. And an account that is there already
-- comes into a second clinic by the operator alone, since whoever made it may still know its password.

-- +goose Up
alter table people add column password_temporary boolean not null default false;
grant update (password_hash, password_temporary) on people to anteroom_lookup;

-- +goose StatementBegin
-- Makes a person whose password is temporary, or finds the one with this e-mail if they work in the signed clinic, or did and never in
-- another; NULL for everybody else. Only inside a signed clinic, whose membership is then written by the program.
create function app.invite_person(new_id uuid, address text, full_name text, hash text) returns uuid
language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
  with made as (
    insert into public.people (id, email, name, password_hash, password_temporary)
    select new_id, lower(address), full_name, hash, true where app.current_clinic() is not null
    on conflict (email) do nothing returning id)
  select id from made
  union all
  select p.id from public.people p join public.memberships m on m.person_id = p.id and m.clinic_id = app.current_clinic()
  where p.email = lower(address) and (m.ended_at is null
    or not exists (select from public.memberships o where o.person_id = p.id and o.clinic_id <> m.clinic_id))
  limit 1
$$;

-- What a person signs in with, and whether they must change it first: the caller has proved to be that person by a session.
create function app.password_of_person(person uuid) returns table (email text, password_hash text, temporary boolean)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select p.email, p.password_hash, p.password_temporary from public.people p where p.id = person and p.disabled_at is null
$$;

-- A person's own password in place of the one they proved to know, if that is still theirs; every session but theirs ends with it.
create function app.password_changed(person uuid, old_hash text, new_hash text, kept_session uuid) returns boolean
language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
  with changed as (update public.people p set password_hash = new_hash, password_temporary = false
         where p.id = person and p.password_hash = old_hash and p.disabled_at is null returning p.id),
       closed as (delete from public.person_sessions s using changed where s.person_id = changed.id and s.id <> kept_session returning s.token_hash),
       gone as (delete from public.sessions s using closed where s.token = closed.token_hash)
  select exists (select from changed)
$$;
-- +goose StatementEnd

grant create on schema app to anteroom_lookup;
alter function app.invite_person(uuid, text, text, text) owner to anteroom_lookup;
alter function app.password_of_person(uuid) owner to anteroom_lookup;
alter function app.password_changed(uuid, text, text, uuid) owner to anteroom_lookup;
revoke create on schema app from anteroom_lookup;
revoke execute on all functions in schema app from public;
grant execute on function app.invite_person(uuid, text, text, text), app.password_of_person(uuid), app.password_changed(uuid, text, text, uuid) to anteroom_app;

-- +goose Down
drop function app.invite_person(uuid, text, text, text);
drop function app.password_of_person(uuid);
drop function app.password_changed(uuid, text, text, uuid);
revoke update (password_hash, password_temporary) on people from anteroom_lookup;
alter table people drop column password_temporary;
