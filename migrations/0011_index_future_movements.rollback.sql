drop index public.stock_movements_future_idx;
