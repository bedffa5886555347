-- The ledger, as everything that compares or recounts it reads it: the movements that are there, and
-- the days of those that are archived.

drop view if exists stocksync._turnovers cascade;

create view stocksync._turnovers as
select
    m.product_id,
    m.location_id,
    (m.occurred_at at time zone s.time_zone)::date as day,
    m.transaction_type,
    case m.movement_type when 'in' then m.quantity else -m.quantity end as quantity,
    1::bigint as movements
from public.stock_movements as m
cross join stocksync.settings as s
union all
select a.product_id, a.location_id, a.day, a.transaction_type, a.quantity, a.movements
from stocksync._archived_turnovers as a;

comment on view stocksync._turnovers is
    'Every movement with its day and signed quantity, and the sums by day of those that are archived.';
