-- The findings of a report as rows, and which of them another report could have found too.

create or replace function stocksync._report_findings(p_report jsonb, p_other jsonb)
returns table (
    key jsonb,
    product_id bigint,
    api_id text,
    sku text,
    name text,
    classes text[],
    looked_at text[],
    difference numeric,
    offsets jsonb
)
language sql
stable
set jit = off
set search_path = pg_catalog, pg_temp
as $function$
    select
        jsonb_build_array(
            o.product_id,
            o.api_id,
            -- what an API shows twice and the shop does not know
            row_number() over (partition by o.product_id, o.api_id order by o.position)
        ),
        o.product_id, o.api_id, o.sku, o.name, o.classes, o.looked_at, o.difference,
        (
            select jsonb_object_agg(s.key, trim_scale(s.value::numeric - coalesce(o.ledger, 0)))
            from jsonb_each(o.stock) as s
            where s.key <> 'ledger'
                and jsonb_typeof(s.value) = 'number'
                and p_report -> 'sources' ? s.key
                and p_other -> 'sources' ? s.key
        )
    from (
        select e.position,
            p.product_id,
            case when p.product_id is null then e.finding ->> 'api_id' end as api_id,
            e.finding ->> 'sku' as sku,
            e.finding ->> 'name' as name,
            e.finding -> 'stock' as stock,
            (e.finding -> 'stock' ->> 'ledger')::numeric as ledger,
            (e.finding ->> 'difference')::numeric as difference,
            array(
                select c.class from jsonb_array_elements_text(e.finding -> 'classes') as c (class)
                order by c.class
            ) as classes,
            array(
                select c.class
                from jsonb_array_elements_text(e.finding -> 'classes') as c (class)
                where p_other -> 'sources' ? stocksync._class_source(c.class)
                    and (
                        p_other #> '{scope,products}' = 'null'
                        or p_other #> '{scope,product_id}' = e.finding -> 'product_id'
                    )
                    -- a day that is wrong, and another that is it the other way round
                    and (
                        c.class <> 'roll_up_vs_ledger'
                        or p_other #> '{scope,deep}' = 'true'
                        or p_report #> '{scope,deep}' = 'false'
                    )
                order by c.class
            ) as looked_at
        from jsonb_array_elements(p_report -> 'findings') with ordinality as e (finding, position)
        cross join lateral (select (e.finding ->> 'product_id')::bigint as product_id) as p
    ) as o
    -- what settled by itself was no mismatch
    where o.classes <> '{lag}';
$function$;

comment on function stocksync._report_findings(jsonb, jsonb) is
    'The findings of a report: looked_at are those of their classes that the other report, with its sources and its scope, would name too; offsets are the sources that both have, each less the ledger.';
