-- Of each command the last run that was completed: the last to begin, whatever it looked at. A
-- probe into the index for each, and only for those that are asked for, however many runs are kept.
--
-- Whoever needs more of the run joins it: a view that reads a column keeps the migration that added
-- it from being rolled back.

drop view if exists stocksync._last_run cascade;

create view stocksync._last_run as
select c.command, r.id as run_id, r.started_at, r.finished_at
from (values ('refresh'), ('sync'), ('audit')) as c (command)
cross join lateral (
    select u.id, u.started_at, u.finished_at
    from stocksync.runs as u
    where u.command = c.command and u.finished_at is not null
    order by u.started_at desc
    limit 1
) as r;

comment on view stocksync._last_run is
    'Of each command the last run that was completed, none if there is none: not one that is running or was killed.';
