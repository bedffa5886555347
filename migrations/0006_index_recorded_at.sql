-- The log tells of movements in the order in which they were recorded, also of ten million.
-- depends: 0005_create_alerts
-- transactional: false

-- BRIN, because movements lie on disk nearly in that order: of 10,000,000 movements it takes 48 kB, an
-- insert writes nothing to it, and the build is one scan (1 s).
create index concurrently if not exists stock_movements_recorded_at_idx
    on public.stock_movements using brin (recorded_at) with (autosummarize = on);
