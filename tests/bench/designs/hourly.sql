-- The job: movements are inserted and nothing else happens, until once an hour every product is
-- summed up afresh. The stock is wrong in between, and what each run costs grows with the history.

create procedure keep_stock() language sql as $$
update products as p
set quantity_on_hand = coalesce(
    (
        select sum(case m.movement_type when 'in' then m.quantity else -m.quantity end)
        from stock_movements as m
        where m.product_id = p.id
    ),
    0
);
$$;
