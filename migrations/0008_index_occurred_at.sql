-- Stock as of a time, for all products: the part of a day is found without reading the other days.
-- depends: 0007_create_closings
-- transactional: false

-- BRIN with several ranges a block, so that one back-dated movement among today's does not make its
-- block look like all of history.
create index concurrently if not exists stock_movements_occurred_at_idx
    on public.stock_movements using brin (occurred_at timestamptz_minmax_multi_ops)
    with (autosummarize = on);
