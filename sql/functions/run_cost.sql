-- What the steps of a run took, in the order in which they were done.

create or replace function stocksync.run_cost(p_run_id bigint)
returns table (step text, seconds numeric, done jsonb)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select c.value ->> 'step', (c.value ->> 'seconds')::numeric, c.value -> 'done'
    from stocksync.runs as u
    cross join jsonb_array_elements(u.cost) with ordinality as c (value, position)
    where u.id = p_run_id
    order by c.position;
$function$;

comment on function stocksync.run_cost(bigint) is
    'The steps of a run: name, seconds, and what each dealt with. Empty for an unknown run.';
