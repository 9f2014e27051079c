-- The claim: one statement, one round trip. The winner takes every slot the service needs, in the order of time; a loser changes nothing and
-- gets the nearest free times in the same answer. That answer reads slots, services and practitioners, and nothing about patients.

-- +goose Up
-- Free starts for a service, nearest to a time, at most how_many; in the order of time. The run of slots is asked for in place (as run_is_free
-- does): a call for every candidate costs more than the rest.
-- +goose StatementBegin
create function app.nearest_free(p_service uuid, p_minutes integer, p_near timestamptz, p_now timestamptz, how_many integer)
returns table (slot_id uuid, starts_at timestamptz, ends_at timestamptz, practitioner_id uuid, practitioner text)
language plpgsql stable set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
  c uuid := app.current_clinic();
  span interval := make_interval(mins => p_minutes);
begin
  return query
  with performer as materialized (
    select pr.id, pr.name from public.practitioner_services ps
    join public.practitioners pr on pr.clinic_id = c and pr.id = ps.practitioner_id and pr.active
    where ps.clinic_id = c and ps.service_id = p_service),
  found as (
    (select s.id, s.starts_at, s.practitioner_id, p.name from public.slots s join performer p on p.id = s.practitioner_id
     where s.clinic_id = c and s.starts_at >= greatest(p_near, p_now)
       and (s.status = 'free' or (s.status = 'busy-tentative' and s.hold_expires_at <= p_now and s.availability = 'open'))
       and span <= (select sum(least(x.ends_at, s.starts_at + span) - x.starts_at) from public.slots x
                     where x.clinic_id = c and x.practitioner_id = s.practitioner_id and x.starts_at >= s.starts_at and x.starts_at < s.starts_at + span
                       and (x.status = 'free' or (x.status = 'busy-tentative' and x.hold_expires_at <= p_now and x.availability = 'open')))
     order by s.starts_at limit how_many)
    union all
    (select s.id, s.starts_at, s.practitioner_id, p.name from public.slots s join performer p on p.id = s.practitioner_id
     where s.clinic_id = c and s.starts_at > p_now and s.starts_at < p_near
       and (s.status = 'free' or (s.status = 'busy-tentative' and s.hold_expires_at <= p_now and s.availability = 'open'))
       and span <= (select sum(least(x.ends_at, s.starts_at + span) - x.starts_at) from public.slots x
                     where x.clinic_id = c and x.practitioner_id = s.practitioner_id and x.starts_at >= s.starts_at and x.starts_at < s.starts_at + span
                       and (x.status = 'free' or (x.status = 'busy-tentative' and x.hold_expires_at <= p_now and x.availability = 'open')))
     order by s.starts_at desc limit how_many)),
  near as (select f.* from found f order by abs(extract(epoch from f.starts_at - p_near)), f.starts_at limit how_many)
  select n.id, n.starts_at, n.starts_at + span, n.practitioner_id, n.name from near n order by n.starts_at, n.name;
end $$;

-- Whether the slots from s to e are all there without a gap, and all to be had.
create function app.run_is_free(c uuid, p uuid, s timestamptz, e timestamptz, at timestamptz) returns boolean
language sql stable set search_path = pg_catalog, public, pg_temp as $$
  select coalesce(sum(least(x.ends_at, e) - x.starts_at), interval '0') >= e - s from public.slots x
  where x.clinic_id = c and x.practitioner_id = p and x.starts_at >= s and x.starts_at < e
    and (x.status = 'free' or (x.status = 'busy-tentative' and x.hold_expires_at <= at and x.availability = 'open'))
$$;
-- +goose StatementEnd

-- outcome: held, taken, past, no-slot, no-service, not-performed. The plans are kept: making them anew costs as much as running them.
-- +goose StatementBegin
create function app.claim_slot(
  p_slot uuid, p_service text, p_seconds integer, p_call text, p_caller bytea, p_appointment uuid, p_source text,
  p_role text, p_address text, p_request text, p_clock timestamptz)
returns table (outcome text, practitioner_id uuid, practitioner text, service_id uuid, starts_at timestamptz, ends_at timestamptz, expires_at timestamptz, next jsonb)
language plpgsql volatile set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
  c uuid := app.current_clinic();
  t timestamptz := coalesce(p_clock, now());
  want record;
  got record;
begin
  select s.practitioner_id as pid, s.starts_at as s, pr.name as pname, v.id as vid, v.duration_minutes as mins,
         s.starts_at + make_interval(mins => v.duration_minutes) as e,
         coalesce(p_seconds, cl.hold_seconds) as seconds, ps.service_id is not null as performed
    into want
    from public.slots s
    join public.clinics cl on cl.clinic_id = s.clinic_id
    join public.practitioners pr on pr.clinic_id = s.clinic_id and pr.id = s.practitioner_id
    left join public.services v on v.clinic_id = c and v.slug = p_service and v.active
    left join public.practitioner_services ps on ps.clinic_id = c and ps.practitioner_id = s.practitioner_id and ps.service_id = v.id and pr.active
   where s.clinic_id = c and s.id = p_slot;
  if not found then outcome := 'no-slot'; return next; return; end if;
  practitioner_id := want.pid; practitioner := want.pname; service_id := want.vid; starts_at := want.s; ends_at := want.e;
  if want.vid is null then outcome := 'no-service'; return next; return; end if;
  if not want.performed then outcome := 'not-performed'; return next; return; end if;

  if want.s > t then
    -- Every claim locks in the order of time, so two claims that overlap never wait for each other in a circle.
    select array_agg(l.id) as ids, array_agg(distinct l.old) filter (where l.old is not null) as old,
           coalesce(sum(least(l.upto, want.e) - l.since), interval '0') >= want.e - want.s as whole
      into got
      from (select x.id, x.appointment_id as old, x.starts_at as since, x.ends_at as upto from public.slots x
             where x.clinic_id = c and x.practitioner_id = want.pid and x.starts_at >= want.s and x.starts_at < want.e
               and (x.status = 'free' or (x.status = 'busy-tentative' and x.hold_expires_at <= t and x.availability = 'open'))
             order by x.starts_at for update) l;
    if got.whole then
      expires_at := t + make_interval(secs => want.seconds);
      if got.old is not null then perform app.end_holds(c, got.old, 'expired'); end if;
      update public.slots x set status = 'busy-tentative', appointment_id = p_appointment, hold_expires_at = expires_at
       where x.clinic_id = c and x.id = any(got.ids);
      insert into public.appointments (clinic_id, id, practitioner_id, service_id, status, starts_at, ends_at, hold_expires_at, call_id, caller, source)
      values (c, p_appointment, want.pid, want.vid, 'pending', want.s, want.e, expires_at, p_call, p_caller, p_source);
      insert into public.appointment_status_changes (clinic_id, appointment_id, from_status, to_status) values (c, p_appointment, '', 'pending');
      insert into public.audit_events (clinic_id, id, role, action, subject_kind, subject_id, address, request_id)
      values (c, app.uuidv7(), p_role, 'slot.held', 'appointment', p_appointment, p_address, p_request);
      outcome := 'held'; return next; return;
    end if;
    outcome := 'taken';
  else
    outcome := 'past';
  end if;
  next := coalesce((select jsonb_agg(jsonb_build_object('id', f.slot_id, 'starts_at', f.starts_at, 'ends_at', f.ends_at, 'practitioner', f.practitioner))
                      from app.nearest_free(want.vid, want.mins, want.s, t, 5) f), '[]');
  return next;
end $$;

-- Ends holds whose slots the caller has locked, and answers those that had not ended yet. The caller is responsible for the slots.
create function app.end_holds(c uuid, holds uuid[], why text) returns setof uuid
language plpgsql volatile set search_path = pg_catalog, public, pg_temp as $$
begin
  return query
  with ended as (
    update public.appointments a set status = 'cancelled', hold_expires_at = null, caller = null, updated_at = now()
     where a.clinic_id = c and a.id = any(holds) and a.status = 'pending' returning a.id),
  told as (
    insert into public.appointment_status_changes (clinic_id, appointment_id, from_status, to_status, reason)
    select c, e.id, 'pending', 'cancelled', why from ended e)
  select e.id from ended e;
end $$;

-- Gives the slots of appointments back to what the hours say of them. The caller has locked them.
create function app.free_slots(c uuid, appointments uuid[]) returns void
language plpgsql volatile set search_path = pg_catalog, public, pg_temp as $$
begin
  delete from public.slots x where x.clinic_id = c and x.appointment_id = any(appointments) and x.availability = 'gone';
  update public.slots x set appointment_id = null, hold_expires_at = null,
         status = case x.availability when 'blocked' then 'busy-unavailable' else 'free' end
   where x.clinic_id = c and x.appointment_id = any(appointments);
end $$;

-- Ends every hold of the clinic that has run out, leaving those that a claim or a confirmation has just locked; answers the holds ended.
create function app.sweep_holds(p_clock timestamptz) returns setof uuid
language plpgsql volatile set search_path = pg_catalog, public, pg_temp as $$
declare
  c uuid := app.current_clinic();
  t timestamptz := coalesce(p_clock, now());
  locked uuid[];
  holds uuid[];
begin
  -- Only what is locked here is given back: a wait for the rest could meet a claim that waits for these.
  select array_agg(l.id), array_agg(distinct l.appointment_id) into locked, holds
    from (select x.id, x.appointment_id from public.slots x where x.clinic_id = c and x.status = 'busy-tentative' and x.hold_expires_at <= t
           order by x.practitioner_id, x.starts_at for update skip locked) l;
  if holds is null then return; end if;
  holds := array(select app.end_holds(c, holds, 'expired'));
  delete from public.slots x where x.clinic_id = c and x.id = any(locked) and x.availability = 'gone';
  update public.slots x set appointment_id = null, hold_expires_at = null,
         status = case x.availability when 'blocked' then 'busy-unavailable' else 'free' end
   where x.clinic_id = c and x.id = any(locked);
  return query select unnest(holds);
end $$;
-- +goose StatementEnd
revoke execute on all functions in schema app from public;
grant execute on function app.nearest_free(uuid, integer, timestamptz, timestamptz, integer), app.run_is_free(uuid, uuid, timestamptz, timestamptz, timestamptz),
  app.claim_slot(uuid, text, integer, text, bytea, uuid, text, text, text, text, timestamptz), app.end_holds(uuid, uuid[], text),
  app.free_slots(uuid, uuid[]), app.sweep_holds(timestamptz), app.check_appointment_transition() to anteroom_app;

-- +goose Down
drop function app.sweep_holds, app.free_slots, app.end_holds, app.claim_slot, app.run_is_free, app.nearest_free;
