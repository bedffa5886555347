-- What is dated later than it was recorded: known by then, though it had not occurred.
-- depends: 0010_index_late_movements
-- transactional: false

-- Most shops have none, and this index does not see the others.
create index concurrently if not exists stock_movements_future_idx
    on public.stock_movements (product_id, occurred_at)
    where occurred_at > recorded_at;
