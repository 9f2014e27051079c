-- What the standing proof of the walls found (domain/tenancy/verify.go). No clinic's data: names of tables and counts.

-- +goose Up
create table isolation_runs (
  id          uuid primary key,
  started_at  timestamptz not null,
  finished_at timestamptz not null,
  version     text not null,
  tables      integer not null,
  attacks     integer not null,
  failures    integer not null,
  report      jsonb not null
);
create index isolation_runs_finished on isolation_runs (finished_at desc);
grant select, insert on isolation_runs to anteroom_app;

-- +goose Down
drop table isolation_runs;
