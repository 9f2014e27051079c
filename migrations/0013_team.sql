-- When a person last came to work in a clinic. It is the clinic's own: a session, which may be of several clinics, tells nothing of it.

-- +goose Up
alter table memberships add column entered_at timestamptz;
grant update (entered_at) on memberships to anteroom_app;

-- +goose Down
alter table memberships drop column entered_at;
