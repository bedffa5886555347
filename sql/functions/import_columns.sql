-- What a file may hold, said once: for the header of a CSV file, for the keys of JSON lines, and for
-- people.

create or replace function stocksync.import_columns(p_kind text)
returns table (column_name text, required_as text, refused_because text)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select c.column_name, c.required_as, c.refused_because
    from (
        values
        ('products', 'sku', 'sku', null),
        ('products', 'name', 'name', null),
        ('products', 'status', null, null),
        ('products', 'is_deleted', null, null),
        ('products', 'allow_negative', null, null),
        ('products', 'reorder_point', null, null),
        ('products', 'unit_cost', null, null),
        ('products', 'tracks_batches', null, null),
        ('products', 'batch_strategy', null, null),
        ('products', 'contention', null, 'Set it with "stocksync mode".'),
        ('products', 'id', null, 'The database numbers products: leave it out.'),
        ('products', 'quantity_on_hand', null,
            'It is derived: leave it out, and import a movement of type opening_stock for each product.'),
        ('products', 'total_stock', null,
            'It is derived: leave it out, and import a movement of type opening_stock for each product.'),
        ('movements', 'sku', 'product', null),
        ('movements', 'product_id', 'product', null),
        ('movements', 'transaction_type', 'transaction_type', null),
        ('movements', 'quantity', 'quantity', null),
        ('movements', 'occurred_at', null, null),
        ('movements', 'location', null, null),
        ('movements', 'location_id', null, null),
        ('movements', 'movement_type', null, null),
        ('movements', 'unit_cost', null, null),
        ('movements', 'reference', null, null),
        ('movements', 'idempotency_key', null, null),
        ('movements', 'user_id', null, null),
        ('movements', 'notes', null, null),
        ('movements', 'metadata', null, null),
        ('movements', 'batch_number', null, null),
        ('movements', 'expiry_date', null, null),
        ('movements', 'id', null, 'The database numbers movements: leave it out.'),
        ('movements', 'recorded_at', null, 'It is when the database was told: leave it out.'),
        ('movements', 'reverses_id', null,
            'Take a movement back with stocksync.reverse_movement().'),
        ('movements', 'batch_id', null, 'The database numbers batches: say the batch_number.'),
        ('counts', 'sku', 'product', null),
        ('counts', 'product_id', 'product', null),
        ('counts', 'quantity', 'quantity', null),
        ('counts', 'counted_at', null, null),
        ('counts', 'location', null, null),
        ('counts', 'location_id', null, null),
        ('counts', 'user_id', null, null),
        ('counts', 'batch_number', null, null),
        ('counts', 'notes', null, null),
        ('counts', 'id', null, 'The database numbers counts: leave it out.'),
        ('counts', 'expected', null, 'It is what the ledger says: leave it out.'),
        ('counts', 'balance', null, 'It is what the ledger says: leave it out.'),
        ('counts', 'recorded_at', null, 'It is when the database was told: leave it out.'),
        ('counts', 'recorded_by', null, 'It is who tells the database: leave it out.'),
        ('counts', 'run_id', null, 'It is this import: leave it out.'),
        ('counts', 'batch_id', null, 'The database numbers batches: say the batch_number.'),
        ('balances', 'sku', 'product', null),
        ('balances', 'product_id', 'product', null),
        ('balances', 'quantity', 'quantity', null),
        ('balances', 'location', null, null),
        ('balances', 'location_id', null, null)
    ) as c (kind, column_name, required_as, refused_because)
    where c.kind = p_kind;
$function$;

comment on function stocksync.import_columns(text) is
    'The columns that a file of "products", "movements", "counts" or "balances" may have. Of those with the same required_as there must be one; null is optional. A column with refused_because cannot be imported.';
