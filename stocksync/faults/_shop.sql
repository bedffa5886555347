-- A small shop with a little of everything, for faults to be planted in: times long past, closed and
-- archived, times since, places, batches, counts, reversals, and what is not rolled up yet.

insert into locations (name) values ('shop'), ('store');

insert into products (sku, name, tracks_batches, allow_negative) values
    ('KETTLE', 'Kettle', false, null),
    ('CUP', 'Cup', false, null),
    ('TEA', 'Tea, at two places', false, null),
    ('ROPE', 'Rope, with archived movements', false, null),
    ('LAMP', 'Lamp, counted and returned', false, null),
    ('GRINDER', 'Grinder, never below zero', false, false),
    ('OWED', 'Sold before it came', false, null),
    ('NEW', 'New, with no closed movement', false, null),
    ('NOTHING', 'Never moved', false, null),
    ('HONEY', 'Honey, in batches', true, null),
    ('YOGURT', 'Yogurt, in batches at two places', true, null);

-- Archived.
insert into stock_movements (product_id, transaction_type, quantity, occurred_at)
select p.id, m.transaction_type, m.quantity, now() - m.age
from (
    values
        ('ROPE', 'opening_stock', 100, interval '90 days'),
        ('ROPE', 'sale', 12.5, interval '85 days')
) as m (sku, transaction_type, quantity, age)
join products as p using (sku);

call stocksync.close_period((now() at time zone 'UTC')::date - 80);

begin;
select stocksync.stage_archive();
insert into pg_temp.stocksync_archive
select * from stocksync.archivable((now() at time zone 'UTC')::date - 80);
select stocksync.archive_movements((now() at time zone 'UTC')::date - 80, 'scratch.csv', repeat('0', 64));
commit;

-- Closed.
insert into stock_movements (product_id, transaction_type, quantity, location_id, occurred_at)
select p.id, m.transaction_type, m.quantity, l.id, now() - m.age
from (
    values
        ('KETTLE', 'opening_stock', 300, null, interval '60 days'),
        ('KETTLE', 'sale', 4, null, interval '50 days'),
        ('CUP', 'opening_stock', 90, null, interval '60 days'),
        ('TEA', 'opening_stock', 40, 'shop', interval '60 days'),
        ('TEA', 'opening_stock', 60, 'store', interval '60 days'),
        ('LAMP', 'opening_stock', 20, null, interval '60 days'),
        ('GRINDER', 'opening_stock', 15, null, interval '60 days')
) as m (sku, transaction_type, quantity, location, age)
join products as p using (sku)
left join locations as l on l.name = m.location;

insert into stock_movements
    (product_id, transaction_type, quantity, batch_number, expiry_date, unit_cost, occurred_at)
select p.id, 'purchase', m.quantity, m.batch_number, current_date + m.days, 2.5, now() - m.age
from (
    values
        ('HONEY', 50, 'H1', 400, interval '60 days'),
        ('HONEY', 30, 'H2', 500, interval '50 days')
) as m (sku, quantity, batch_number, days, age)
join products as p using (sku);

call stocksync.close_period((now() at time zone 'UTC')::date - 40);

-- Open, and rolled up.
insert into stock_movements (product_id, transaction_type, quantity, location_id, occurred_at)
select p.id, m.transaction_type, m.quantity, l.id, now() - m.age
from (
    values
        ('KETTLE', 'sale', 3, null, interval '20 days'),
        ('KETTLE', 'sale', 2, null, interval '10 days'),
        ('KETTLE', 'purchase', 25, null, interval '9 days'),
        ('CUP', 'sale', 6, null, interval '20 days'),
        ('CUP', 'purchase', 12, null, interval '9 days'),
        ('TEA', 'transfer_out', 15, 'store', interval '20 days'),
        ('TEA', 'transfer_in', 15, 'shop', interval '20 days'),
        ('TEA', 'sale', 1.25, 'shop', interval '10 days'),
        ('ROPE', 'sale', 7, null, interval '20 days'),
        ('LAMP', 'sale', 2, null, interval '20 days'),
        ('LAMP', 'damage', 1, null, interval '10 days'),
        ('GRINDER', 'sale', 5, null, interval '20 days'),
        ('OWED', 'sale', 4, null, interval '20 days'),
        ('NEW', 'opening_stock', 80, null, interval '20 days'),
        ('NEW', 'sale', 3, null, interval '10 days')
) as m (sku, transaction_type, quantity, location, age)
join products as p using (sku)
left join locations as l on l.name = m.location;

insert into stock_movements
    (product_id, transaction_type, quantity, location_id, batch_number, expiry_date, occurred_at)
select p.id, 'purchase', m.quantity, l.id, m.batch_number, current_date + m.days, now() - m.age
from (
    values
        ('YOGURT', 24, 'shop', 'Y1', 30, interval '20 days'),
        ('YOGURT', 36, 'store', 'Y1', 30, interval '20 days'),
        ('YOGURT', 48, 'store', 'Y2', 60, interval '10 days')
) as m (sku, quantity, location, batch_number, days, age)
join products as p using (sku)
join locations as l on l.name = m.location;

insert into stock_movements (product_id, transaction_type, quantity, location_id, occurred_at)
select p.id, 'sale', m.quantity, l.id, now() - m.age
from (
    values
        ('HONEY', 55, null, interval '20 days'),
        ('YOGURT', 10, 'shop', interval '9 days'),
        ('YOGURT', 40, 'store', interval '8 days')
) as m (sku, quantity, location, age)
join products as p using (sku)
left join locations as l on l.name = m.location;

select stocksync.reverse_movement(m.id, 'it was not broken')
from stock_movements as m
join products as p on p.id = m.product_id
where p.sku = 'LAMP' and m.transaction_type = 'damage';

select stocksync.record_count(p.id, 17) from products as p where p.sku = 'LAMP';

call stocksync.refresh();

-- In the journal.
insert into stock_movements (product_id, transaction_type, quantity, location_id)
select p.id, m.transaction_type, m.quantity, l.id
from (
    values
        ('KETTLE', 'sale', 1, null),
        ('TEA', 'sale', 2, 'shop'),
        ('HONEY', 'sale', 3, null)
) as m (sku, transaction_type, quantity, location)
join products as p using (sku)
left join locations as l on l.name = m.location;
