-- The source that a class of mismatch is about: what a choice of sources chooses, and what two reports
-- must both have looked at to be compared.

create or replace function stocksync._class_source(p_class text)
returns text
language sql
immutable
parallel safe
as $function$
    select case p_class
        when 'on_hand_vs_ledger' then 'quantity_on_hand'
        when 'negative' then 'quantity_on_hand'
        when 'stock_vs_total_stock' then 'total_stock'
        when 'orphan_movement' then 'ledger'
        when 'closing_vs_ledger' then 'ledger'
        when 'roll_up_vs_ledger' then 'rolled_up'
        when 'location_vs_ledger' then 'by_location'
        when 'on_hand_vs_batches' then 'batches'
        when 'batch_vs_movements' then 'batches'
        when 'on_hand_vs_api' then 'api'
        when 'missing_from_api' then 'api'
        when 'unknown_to_shop' then 'api'
        when 'duplicate_in_api' then 'api'
        when 'unreadable_in_api' then 'api'
        when 'lag' then 'api'
    end
$function$;

comment on function stocksync._class_source(text) is
    'The one source that a class of mismatch is about, by its name in a report; null for a class that is none.';
