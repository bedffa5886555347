-- What waits is added to the products; where the key no longer holds, this says so and changes nothing.
lock table public.stock_movements in access exclusive mode;
delete from stocksync._pending;
alter table public.stock_movements
    add constraint stock_movements_product_exists
        foreign key (product_id) references public.products (id);
drop table stocksync._groups;
drop table stocksync._hot cascade;
alter table stocksync._unsettled drop column may_pend;
alter table stocksync._journal drop column may_pend;
alter table stocksync._pending drop column reserve;
alter table public.products drop column contention cascade;
alter table stocksync.settings drop column contention cascade;
drop function if exists stocksync._capture(
    stocksync._line[], timestamptz, bigint[], bigint[], boolean
);
drop function if exists stocksync.fold(boolean);
