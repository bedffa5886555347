-- What was recorded long after it occurred: what was known at a time is found without reading the rest.
-- depends: 0009_create_counts
-- transactional: false

-- Most movements are recorded when they occur, and this index does not see them.
create index concurrently if not exists stock_movements_late_idx
    on public.stock_movements (product_id, recorded_at)
    where recorded_at - occurred_at > interval '1 day';
