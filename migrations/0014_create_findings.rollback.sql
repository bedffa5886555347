drop function if exists stocksync.findings(bigint) cascade;
drop procedure if exists stocksync.audit(bigint, bigint[], bigint, boolean) cascade;
delete from stocksync.findings where product_id is null or quantity_on_hand is null;
update stocksync.findings as f
set classes = (
    select coalesce(array_agg(distinct case c
        when 'on_hand_vs_ledger' then 'quantity_on_hand'
        when 'stock_vs_total_stock' then 'total_stock'
        when 'roll_up_vs_ledger' then 'roll_up'
        when 'location_vs_ledger' then 'roll_up'
        when 'on_hand_vs_batches' then 'batches'
        when 'batch_vs_movements' then 'batches'
        when 'closing_vs_ledger' then 'closing'
        else c
    end), '{}')
    from unnest(f.classes) as c
);
alter table stocksync.findings rename column classes to differs;
alter table stocksync.findings
    drop constraint findings_run_id_product_id_key,
    drop column id,
    drop column by_location,
    drop column batches,
    drop column api_id,
    drop column api,
    drop column api_status,
    drop column status,
    drop column is_deleted,
    drop column reasons,
    alter column product_id set not null,
    alter column quantity_on_hand set not null,
    alter column total_stock set not null,
    alter column rolled_up set not null,
    alter column ledger set not null,
    add constraint findings_pkey primary key (run_id, product_id);
delete from stocksync.incidents where class in ('batches', 'status', 'product');
alter table stocksync.incidents
    drop constraint incidents_say_what_was,
    drop constraint incidents_class_known,
    drop column images,
    alter column before set not null,
    alter column after set not null,
    add constraint incidents_class_known
        check (class in ('quantity_on_hand', 'total_stock', 'roll_up'));
update stocksync.runs set options = options - '{deep,products,product_id,reading,fix}'::text[]
where command = 'audit';
