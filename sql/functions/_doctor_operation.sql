-- Tells whether what must run from time to time does, and whether the stock is as it should be.

create or replace function stocksync._doctor_operation()
returns table (check_name text, status text, detail text, cure text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with setting as (
        select *, clock_timestamp() as now from stocksync.settings
    )

    select 'settings', f.status, f.detail, f.cure
    from setting as s
    cross join lateral (
        select
            'ok' as status,
            format(
                'days of %s; negative stock %s; manual updates: %s', s.time_zone,
                case when s.allow_negative then 'is allowed' else 'is refused' end, s.manual_updates
            ) as detail,
            null as cure
        union all
        select
            'warning', 'no alert is ever raised',
            'Run `update stocksync.settings set alert_rules = default;`.'
        where s.alert_rules = '{}'
        union all
        select
            'warning', 'a refresh is forgotten before it would be late',
            'Make stocksync.settings.keep_log longer than refresh_late_after.'
        where s.keep_log <= s.refresh_late_after
    ) as f

    union all
    select 'mode', 'ok', 'mode: wait', null

    union all
    select
        'closing',
        case when c.closed_at is null then 'warning' else 'ok' end,
        case
            when c.closed_at is null
                then format('the closing through %s has not ended', c.closed_through)
            else format('the books are closed through %s', c.closed_through)
        end,
        case when c.closed_at is null then format(
            'It waits for transactions that write movements, or it was killed: run `stocksync close %s`.',
            c.closed_through
        ) end
    from (
        select *
        from stocksync.closings as o
        where o.reopened_at is null
        order by o.closed_before desc
        limit 1
    ) as c

    union all
    select
        'refresh',
        case when coalesce(r.finished_at, i.deployed_at) < s.now - s.refresh_late_after
            then 'failure' else 'ok' end,
        case
            when r.finished_at is null then 'none has been completed'
            else format(
                'the last one was completed at %s and took %s s',
                to_char(r.finished_at at time zone s.time_zone, 'YYYY-MM-DD HH24:MI:SS'),
                round(extract(epoch from r.finished_at - r.started_at), 3)
            )
        end,
        case when coalesce(r.finished_at, i.deployed_at) < s.now - s.refresh_late_after
            then 'Run `stocksync refresh`, and every hour: `stocksync schedule install`.'
        end
    from setting as s
    left join stocksync.installation as i on true
    left join stocksync._last_run as r on r.command = 'refresh'

    union all
    select 'jobs', f.status, f.detail, f.cure
    from setting as s
    cross join lateral (
        select
            count(*) filter (where j.state = 'failed') as failed,
            max(j.id) filter (where j.state = 'failed') as last_failed,
            count(*) filter (where j.state = 'running') as running,
            -- the server should have ended it, or another worker taken it over
            count(*) filter (
                where j.state = 'running'
                    and j.started_at < s.now - s.job_timeout - interval '1 minute'
            ) as stuck,
            count(*) filter (where j.state = 'queued') as queued,
            count(*) filter (
                where j.state = 'queued' and j.run_at < s.now - s.job_timeout
            ) as waiting
        from stocksync.jobs as j
        where j.state in ('failed', 'running', 'queued')
    ) as j
    cross join lateral (
        select
            'failure' as status,
            format('failed for good: %s, the last of them job %s', j.failed, j.last_failed)
                as detail,
            format(
                'See `stocksync jobs show %1$s`; then `stocksync jobs retry %1$s`.', j.last_failed
            ) as cure
        where j.failed > 0
        union all
        select
            'failure',
            format('running for longer than they may: %s', j.stuck),
            'Run `stocksync worker`: it takes over what a lost one left.'
        where j.stuck > 0
        union all
        select
            'failure',
            format('queued for longer than %s: %s; nobody takes them', s.job_timeout, j.waiting),
            'Run `stocksync worker`.'
        where j.waiting > 0
        union all
        select 'ok', format('%s queued, %s running, none failed', j.queued, j.running), null
        where j.failed + j.stuck + j.waiting = 0
    ) as f

    union all
    select
        'pending',
        case when q.oldest_at < s.now - s.pending_late_after then 'failure' else 'ok' end,
        case
            when q.rows = 0 then 'no change of stock waits'
            else format(
                'changes of stock that wait for a busy product: %s, since %s', q.rows,
                to_char(q.oldest_at at time zone s.time_zone, 'YYYY-MM-DD HH24:MI:SS')
            )
        end,
        case when q.oldest_at < s.now - s.pending_late_after
            then 'Run `stocksync worker`, or `select stocksync.fold();`.' end
    from setting as s
    cross join (
        select count(*) as rows, min(p.queued_at) as oldest_at
        from stocksync._pending as p
        where p.quantity <> 0
    ) as q

    union all
    select
        'stock',
        case when n.products > 0 then 'warning' else 'ok' end,
        case
            when n.products > 0 then format('products whose stock is below zero: %s', n.products)
            else 'no stock is below zero'
        end,
        case when n.products > 0
            then 'See `stocksync stock --below 0`, and book what is missing.' end
    from (
        select count(*) as products
        from stocksync._stock as p
        where not p.is_deleted and p.quantity_on_hand < 0
    ) as n
$function$;

comment on function stocksync._doctor_operation() is
    'The part of stocksync.doctor() that looks at settings, refreshes, jobs, pending changes and negative stock.';
