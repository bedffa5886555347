-- What another look at the API may explain: it was asked while movements were under way, or while its
-- pages moved.

create or replace function stocksync.api_suspects(p_reading_id bigint)
returns table (api_id text, product_id bigint, class text, quantity numeric, stock numeric)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform stocksync._check_api_reading(p_reading_id);

    return query
    select c.api_id, c.product_id,
        case
            when c.times = 0 then 'missing_from_api'
            when c.times > 1 then 'duplicate_in_api'
            else 'on_hand_vs_api'
        end,
        c.quantity, c.stock
    from stocksync._compare_api(p_reading_id, null) as c
    where c.pass = 1 and not c.is_right and c.problem is null and c.product_id is not null
    order by c.product_id;
end;
$function$;

comment on function stocksync.api_suspects(bigint) is
    'Of a reading that is complete, the products that the API shows with another stock than they had, or twice, or not at all: worth another look after the time of grace. class as in stocksync.api_discrepancies(); quantity that the API showed, stock that there was. Raises no_data_found for an unknown reading, object_not_in_prerequisite_state for one that is not complete.';
