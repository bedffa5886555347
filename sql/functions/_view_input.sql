-- A fingerprint of everything the materialized views are made of. They are refreshed when it has
-- changed, and only then: an idle concurrent refresh costs many times what this does.

create or replace function stocksync._view_input(p_is_past boolean)
returns text
language sql
stable
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
    select md5(concat_ws(
        ' ',
        case when p_is_past then v.past_version else v.version end,
        s.time_zone,
        s.report_days,
        -- a window of days moves on at midnight
        stocksync._shop_day(),
        case when not p_is_past then (
            select concat_ws(' ', count(*), bit_xor(
                hashint8extended(p.id, coalesce(hash_numeric_extended(p.unit_cost, 1), 0))
            ))
            from public.products as p
        ) end,
        (
            select string_agg(
                format('%L %L %L', t.name, t.movement_type, t.counts_as), ' ' order by t.name
            )
            from public.transaction_types as t
        )
    ))
    from stocksync.settings as s
    cross join stocksync._roll_up_version as v;
$function$;

comment on function stocksync._view_input(boolean) is
    'Changes when the roll-up (p_is_past: of the days before today), the day, the settings of the reports, a type, or (unless p_is_past) a product or its cost does.';
