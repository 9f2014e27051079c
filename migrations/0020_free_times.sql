-- Free times, soonest first. A caller waits on the line for these: the schedule is walked in the order of time, and the walk ends with the last
-- time that is asked for.

-- +goose Up
-- The practitioner stands in the index, so that the slots of those who do not perform the service are passed over inside it.
drop index slots_open;
create index slots_open on slots (clinic_id, starts_at, practitioner_id) where status in ('free', 'busy-tentative');

-- The plan is kept, and made without knowing how many slots there are: it would then look at all of them and sort. With sorting, hashing and
-- bitmaps off it walks slots_open. p_after and p_before are minutes of the day in p_zone; p_before 0 means any. Whoever calls sees only their
-- own clinic's rows: the function has no rights of its own.
-- +goose StatementBegin
create function app.free_times(p_service text, p_practitioner uuid, p_from timestamptz, p_to timestamptz, p_now timestamptz, p_zone text, p_after integer, p_before integer, p_limit integer)
returns table (id uuid, practitioner_id uuid, practitioner text, starts_at timestamptz, ends_at timestamptz)
language plpgsql stable set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan
set enable_sort = off set enable_hashjoin = off set enable_bitmapscan = off as $$
declare
  c uuid := app.current_clinic();
  wanted uuid;
  span interval;
  who uuid[];
begin
  if p_service = '' then
    who := array(select p.id from public.practitioners p where p.clinic_id = c and (p_practitioner is null or p.id = p_practitioner));
  else
    select v.id, make_interval(mins => v.duration_minutes) into wanted, span from public.services v where v.clinic_id = c and v.slug = p_service and v.active;
    if not found then return; end if;
    who := array(select ps.practitioner_id from public.practitioner_services ps
                  where ps.clinic_id = c and ps.service_id = wanted and (p_practitioner is null or ps.practitioner_id = p_practitioner));
  end if;
  -- The run of slots is asked for in place, as in app.nearest_free, and not at all where the first slot is long enough.
  return query
  select s.id, s.practitioner_id, p.name, s.starts_at, coalesce(s.starts_at + span, s.ends_at)
    from public.slots s join public.practitioners p on p.clinic_id = c and p.id = s.practitioner_id and p.active
   where s.clinic_id = c and s.starts_at > p_now and s.starts_at >= p_from and s.starts_at < p_to and s.practitioner_id = any(who)
     and (s.status = 'free' or (s.status = 'busy-tentative' and s.hold_expires_at <= p_now and s.availability = 'open'))
     and (p_before = 0 or extract(hour from s.starts_at at time zone p_zone) * 60 + extract(minute from s.starts_at at time zone p_zone) between p_after and p_before - 1)
     and (span is null or span <= s.ends_at - s.starts_at or span <= (
       select sum(least(x.ends_at, s.starts_at + span) - x.starts_at) from public.slots x
        where x.clinic_id = c and x.practitioner_id = s.practitioner_id and x.starts_at >= s.starts_at and x.starts_at < s.starts_at + span
          and (x.status = 'free' or (x.status = 'busy-tentative' and x.hold_expires_at <= p_now and x.availability = 'open'))))
   order by s.starts_at, p.name, p.id limit p_limit;
end $$;
-- +goose StatementEnd
revoke execute on all functions in schema app from public;
grant execute on function app.free_times(text, uuid, timestamptz, timestamptz, timestamptz, text, integer, integer, integer) to anteroom_app;

-- +goose Down
drop function app.free_times;
drop index slots_open;
create index slots_open on slots (clinic_id, starts_at) where status in ('free', 'busy-tentative');
