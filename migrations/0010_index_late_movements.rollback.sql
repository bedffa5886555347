drop index public.stock_movements_late_idx;
