-- A fingerprint of everything the materialized views are made of. They are refreshed when it has
-- changed, and only then: an idle concurrent refresh costs many times what this does.

create or replace function stocksync._view_input()
returns text
language sql
stable
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
    select md5(concat_ws(
        ' ',
        (select v.version from stocksync._roll_up_version as v),
        s.time_zone,
        s.report_days,
        -- a window of days moves on at midnight
        (now() at time zone s.time_zone)::date,
        (
            select concat_ws(' ', count(*), bit_xor(
                hashint8extended(p.id, coalesce(hash_numeric_extended(p.unit_cost, 1), 0))
            ))
            from public.products as p
        ),
        (
            select string_agg(format('%L %L %L', t.name, t.movement_type, t.counts_as), ' ' order by t.name)
            from public.transaction_types as t
        )
    ))
    from stocksync.settings as s;
$function$;

comment on function stocksync._view_input() is
    'Changes when the roll-up, the day, the settings of the reports, a product or its cost, or a type does.';
