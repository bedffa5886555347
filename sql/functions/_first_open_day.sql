-- The day with which an instant begins, for who counts whole days: where clocks go back over
-- midnight, the day before may come once more. Written out, so that the planner puts it where it is
-- called: a curve asks it for each of its points.

create or replace function stocksync._first_open_day(p_at timestamptz, p_zone text)
returns date
language sql
stable
return least(
    (p_at at time zone p_zone)::date,
    ((p_at + interval '15 minutes') at time zone p_zone)::date,
    ((p_at + interval '30 minutes') at time zone p_zone)::date,
    ((p_at + interval '45 minutes') at time zone p_zone)::date,
    ((p_at + interval '60 minutes') at time zone p_zone)::date,
    ((p_at + interval '75 minutes') at time zone p_zone)::date,
    ((p_at + interval '90 minutes') at time zone p_zone)::date,
    ((p_at + interval '105 minutes') at time zone p_zone)::date,
    ((p_at + interval '120 minutes') at time zone p_zone)::date
);

comment on function stocksync._first_open_day(timestamptz, text) is
    'The first day, in this time zone, of which anything lies at p_at or within two hours after it.';
