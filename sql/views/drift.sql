-- What somebody other than "stocksync migrate" did to the objects of stocksync since it last ran.

drop view if exists stocksync.drift cascade;

create view stocksync.drift as
select
    coalesce(d.kind, l.kind) as kind,
    coalesce(d.identity, l.identity) as identity,
    case
        when l.identity is null then 'missing'
        when d.identity is null then 'extra'
        else 'changed'
    end as state,
    coalesce(l.path, d.path) as path
from stocksync.deployed_object as d
full join stocksync.live_object() as l on l.kind = d.kind and l.identity = d.identity
where d.md5 is distinct from l.md5;

comment on view stocksync.drift is
    'Objects that are not as "stocksync migrate" left them: one row each, none if all is well.';
comment on column stocksync.drift.kind is '"table", "column", "function", "trigger", ...';
comment on column stocksync.drift.identity is 'Qualified name.';
comment on column stocksync.drift.state is
    '"changed", "missing", or "extra": not ours, but in schema stocksync or on a table of ours.';
comment on column stocksync.drift.path is
    'The file under sql/ that puts it back; null for what migrations make.';
