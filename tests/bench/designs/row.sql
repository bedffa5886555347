-- The textbook's: each inserted row adds itself to its product at once.

create function keep_stock() returns trigger language plpgsql as $$
begin
    update products as p
    set quantity_on_hand = p.quantity_on_hand
        + case new.movement_type when 'in' then new.quantity else -new.quantity end
    where p.id = new.product_id;
    return null;
end;
$$;

create trigger keep_stock
    after insert on stock_movements
    for each row
    execute function keep_stock();
