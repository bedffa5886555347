-- The safe-looking one: each inserted row sums its product's movements afresh. It does not see what
-- others have inserted and not yet committed, so it loses movements, and it slows with the history.

create function keep_stock() returns trigger language plpgsql as $$
begin
    update products as p
    set quantity_on_hand = (
        select sum(case m.movement_type when 'in' then m.quantity else -m.quantity end)
        from stock_movements as m
        where m.product_id = new.product_id
    )
    where p.id = new.product_id;
    return null;
end;
$$;

create trigger keep_stock
    after insert on stock_movements
    for each row
    execute function keep_stock();
