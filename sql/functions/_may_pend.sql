-- Whether what a statement changed has a product that need not be waited for. Inserts find out on the
-- way.

create or replace function stocksync._may_pend(p_lines stocksync._line[])
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select exists (
        select
        from (select distinct l.product_id from unnest(p_lines) as l) as l
        join public.products as p on p.id = l.product_id
        cross join stocksync.settings as s
        where stocksync._settles_as(p, s) in ('never_wait', 'escrow')
    );
$function$;

comment on function stocksync._may_pend(stocksync._line[]) is
    'True if any product of these lines settles otherwise than in "wait".';
