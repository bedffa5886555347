-- The days of what is archived, as the roll-up has them. Where the shop has had another time zone
-- then, they are about the same days; but none may lie after the end of what was archived: it would
-- be counted once more on top of the closing that holds it.

drop view if exists stocksync._archived_turnovers cascade;

create view stocksync._archived_turnovers as
select
    d.archive_id,
    d.product_id,
    d.location_id,
    case a.time_zone
        when s.time_zone then d.day
        else least(
            d.day,
            ((a.archived_before - interval '1 microsecond') at time zone s.time_zone)::date
        )
    end as day,
    d.transaction_type,
    d.quantity,
    d.movements
from stocksync.archived_daily as d
join stocksync.archives as a on a.id = d.archive_id
cross join stocksync.settings as s;

comment on view stocksync._archived_turnovers is
    'The sums by day of the movements that are archived, none on a day after the end of its archive in the time zone of stocksync.settings.';
