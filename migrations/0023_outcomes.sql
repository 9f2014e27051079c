-- +goose Up
-- A call that moved or cancelled an appointment, or put its caller on the waitlist, has done what it was made for: nobody is to be chased for it.
alter table calls drop constraint calls_outcome_check;
alter table calls add constraint calls_outcome_check
  check (outcome in ('', 'booked', 'moved', 'cancelled', 'waitlist', 'message', 'not-booked', 'abandoned'));
-- What a tool call changed, which its sealed answer does not show.
alter table tool_calls add column did text not null default '' check (did in ('', 'moved', 'cancelled'));

-- +goose Down
alter table tool_calls drop column did;
update calls set outcome = 'not-booked' where outcome in ('moved', 'cancelled', 'waitlist');
alter table calls drop constraint calls_outcome_check;
alter table calls add constraint calls_outcome_check check (outcome in ('', 'booked', 'not-booked', 'message', 'abandoned'));
