-- The times that are offered to a caller: each start once, however many practitioners are free then. With twenty of them free, sixty free times were
-- three starts, and sixty runs of slots had been looked at for them.

-- +goose Up
-- As app.free_times, which answers every practitioner's. From one start it goes straight to the next one: a step in slots_open, and one run of
-- slots looked at, for each. Who is free at the same time is taken in the order of their ids.
-- +goose StatementBegin
create function app.free_starts(p_service text, p_practitioner uuid, p_from timestamptz, p_to timestamptz, p_now timestamptz, p_zone text, p_after integer, p_before integer, p_limit integer)
returns table (id uuid, practitioner_id uuid, practitioner text, starts_at timestamptz, ends_at timestamptz)
language plpgsql stable set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan
set enable_sort = off set enable_hashjoin = off set enable_bitmapscan = off as $$
declare
  c uuid := app.current_clinic();
  span interval;
  who uuid[];
  names text[];
begin
  select make_interval(mins => v.duration_minutes), array_agg(p.id), array_agg(p.name) into span, who, names
    from public.services v
    join public.practitioner_services ps on ps.clinic_id = c and ps.service_id = v.id and (p_practitioner is null or ps.practitioner_id = p_practitioner)
    join public.practitioners p on p.clinic_id = c and p.id = ps.practitioner_id and p.active
   where v.clinic_id = c and v.slug = p_service and v.active
   group by v.duration_minutes;
  if not found then return; end if;
  return query
  with recursive walk (n, id, practitioner_id, starts_at) as (
    select 0, null::uuid, null::uuid, greatest(p_from - interval '1 microsecond', p_now)
    union all
    select w.n + 1, x.id, x.practitioner_id, x.starts_at from walk w cross join lateral (
      select s.id, s.practitioner_id, s.starts_at from public.slots s
       where s.clinic_id = c and s.starts_at > w.starts_at and s.starts_at < p_to and s.practitioner_id = any(who)
         and (s.status = 'free' or (s.status = 'busy-tentative' and s.hold_expires_at <= p_now and s.availability = 'open'))
         and (p_before = 0 or extract(hour from s.starts_at at time zone p_zone) * 60 + extract(minute from s.starts_at at time zone p_zone) between p_after and p_before - 1)
         and (span <= s.ends_at - s.starts_at or span <= (
           select sum(least(r.ends_at, s.starts_at + span) - r.starts_at) from public.slots r
            where r.clinic_id = c and r.practitioner_id = s.practitioner_id and r.starts_at >= s.starts_at and r.starts_at < s.starts_at + span
              and (r.status = 'free' or (r.status = 'busy-tentative' and r.hold_expires_at <= p_now and r.availability = 'open'))))
       order by s.starts_at, s.practitioner_id limit 1) x
     where w.n < p_limit)
  select w.id, w.practitioner_id, names[array_position(who, w.practitioner_id)], w.starts_at, w.starts_at + span from walk w where w.n > 0;
end $$;
-- +goose StatementEnd
revoke execute on all functions in schema app from public;
grant execute on function app.free_starts(text, uuid, timestamptz, timestamptz, timestamptz, text, integer, integer, integer) to anteroom_app;

-- +goose Down
drop function app.free_starts;
