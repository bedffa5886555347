-- What most people arrive at: one update per statement, of its products in order. Locks are held
-- from the first statement of a transaction to its end, in the order of the statements.

create function keep_stock() returns trigger language plpgsql as $$
begin
    update products as p
    set quantity_on_hand = p.quantity_on_hand + d.quantity
    from (
        select n.product_id,
            sum(case n.movement_type when 'in' then n.quantity else -n.quantity end) as quantity
        from new_rows as n
        group by n.product_id
        order by n.product_id
    ) as d
    where p.id = d.product_id;
    return null;
end;
$$;

create trigger keep_stock
    after insert on stock_movements
    referencing new table as new_rows
    for each statement
    execute function keep_stock();
