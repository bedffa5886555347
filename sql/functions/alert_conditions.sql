-- What is alerting right now: every rule as a query, and nothing remembered. raise_alerts()
-- compares this with what it has raised.

create or replace function stocksync.alert_conditions(
    p_at timestamptz default clock_timestamp()
)
returns table (
    rule text,
    subject text,
    occurrence text,
    level text,
    message text,
    context jsonb
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with last_run as (
        -- Of each command the last run that looked at everything, or found something.
        select r.*,
            not r.options ?| '{product_id,products,since}' as is_whole,
            -- an audit corrects nothing
            case r.command when 'audit' then r.products_found else r.products_failed end as wrong
        from (values ('refresh'), ('sync'), ('audit')) as c (command)
        cross join lateral (
            select u.*
            from stocksync.runs as u
            where u.command = c.command
                and u.finished_at is not null
                and (
                    not u.options ?| '{product_id,products,since}'
                    or u.products_corrected > 0
                    or u.products_failed > 0
                )
            order by u.started_at desc
            limit 1
        ) as r
    )

    select c.rule, c.subject, c.occurrence, c.level, c.message, c.context
    from (
        select
            'discrepancies_found' as rule,
            r.command as subject,
            -- Each correction is news; what stays wrong from run to run is one incident.
            case when r.products_corrected > 0 then r.id::text else '' end as occurrence,
            case when r.wrong > 0 then 'error' else 'warning' end as level,
            format(
                '%s %s %s',
                r.command,
                r.id,
                concat_ws(
                    ' and ',
                    case when r.products_corrected > 0 then format(
                        'corrected the stock of %s',
                        case r.products_corrected
                            when 1 then '1 product' else r.products_corrected || ' products'
                        end
                    ) end,
                    case when r.wrong > 0 then format(
                        case r.command
                            when 'audit' then 'found %s not as the movements say'
                            else 'could not correct %s'
                        end,
                        case r.wrong when 1 then '1 product' else r.wrong || ' products' end
                    ) end
                )
            ) || coalesce(': ' || n.skus, '') as message,
            jsonb_build_object(
                'run', r.id,
                'products_found', r.products_found,
                'products_corrected', r.products_corrected,
                'products_failed', r.products_failed
            ) as context
        from last_run as r
        cross join lateral (
            select string_agg(
                case when f.position <= 3 then f.sku else '…' end, ', ' order by f.position
            ) as skus
            from (
                select s.sku, row_number() over (order by s.sku) as position
                from (
                    select p.sku
                    from public.products as p
                    where p.id in (
                        select i.product_id from stocksync.incidents as i where i.run_id = r.id
                        union all
                        select d.product_id from stocksync.findings as d where d.run_id = r.id
                    )
                    order by p.sku
                    limit 4
                ) as s
            ) as f
        ) as n
        where (r.products_corrected > 0 or r.wrong > 0)
            -- A later look from the movements themselves, as deep as this one, left nothing wrong.
            and not exists (
                select
                from last_run as y
                where y.started_at >= r.finished_at
                    and y.is_whole
                    and y.wrong = 0
                    and (
                        y.command = 'audit' and (y.options ? 'deep' or not r.options ? 'deep')
                        or y.command = 'sync' and y.options @> '{"force": true}'
                        or y.command = 'sync' and r.command = 'refresh'
                    )
            )

        union all
        select
            'refresh_late',
            'refresh',
            '',
            'error',
            case
                when f.finished_at is null then 'no refresh has been completed'
                else 'no refresh has been completed since '
                    || to_char(f.finished_at at time zone s.time_zone, 'YYYY-MM-DD HH24:MI ')
                    || s.time_zone
            end,
            jsonb_build_object('last_completed_at', f.finished_at)
        from stocksync.settings as s
        left join stocksync.installation as i on true
        left join stocksync._last_run as f on f.command = 'refresh'
        where coalesce(f.finished_at, i.deployed_at) < p_at - s.refresh_late_after

        union all
        select
            'job_failed',
            'job ' || j.id,
            j.attempts::text,
            'critical',
            format(
                'job %s (%s) has failed for good: %s', j.id, j.task,
                coalesce(left(j.error, 300), 'no reason known')
            ),
            jsonb_strip_nulls(jsonb_build_object(
                'job', j.id, 'task', j.task, 'arguments', j.arguments, 'attempts', j.attempts,
                'sqlstate', j.sqlstate, 'run', j.run_id
            ))
        from stocksync.jobs as j
        where j.state = 'failed'

        union all
        select
            v.rule,
            'product ' || p.product_id,
            '',
            'warning',
            v.message,
            v.context || jsonb_build_object(
                'product_id', p.product_id, 'sku', p.sku, 'name', p.name, 'on_hand', p.on_hand
            )
        from (
            select o.*, trim_scale(o.quantity_on_hand) as on_hand from stocksync._stock as o
        ) as p
        cross join lateral (
            select
                'negative_stock' as rule,
                format('the stock of "%s" is %s', p.sku, p.on_hand) as message,
                '{}'::jsonb as context
            where p.on_hand < 0
            union all
            select
                'below_reorder_point',
                format(
                    'the stock of "%s" is %s, its reorder point %s',
                    p.sku, p.on_hand, trim_scale(p.reorder_point)
                ),
                jsonb_build_object('reorder_point', p.reorder_point)
            where p.on_hand <= p.reorder_point and p.status = 'active'
                -- NaN and Infinity are no reorder points
                and p.reorder_point < 'Infinity'
        ) as v
        where not p.is_deleted
            and (p.on_hand < 0 or p.on_hand <= p.reorder_point)

        union all
        select
            e.rule,
            'product ' || p.id,
            '',
            'warning',
            format(
                '%s of "%s" %s with %s left',
                case e.batches
                    when 1 then format('batch "%s"', e.batch_number) else e.batches || ' batches'
                end,
                p.sku,
                case e.rule
                    when 'batch_expired' then case e.batches when 1 then 'has' else 'have' end || ' expired'
                    else case e.batches
                        when 1 then format('expires on %s', to_char(e.first_on, 'YYYY-MM-DD'))
                        else format('expire, the first on %s', to_char(e.first_on, 'YYYY-MM-DD')) || ','
                    end
                end,
                trim_scale(e.quantity)
            ),
            jsonb_build_object(
                'product_id', p.id, 'sku', p.sku, 'name', p.name, 'batches', e.batches,
                'quantity', trim_scale(e.quantity), 'first_on', e.first_on
            )
        from (
            select d.product_id,
                case when d.expiry_date < y.today then 'batch_expired' else 'batch_expiring' end as rule,
                count(*) as batches, min(d.batch_number) as batch_number,
                min(d.expiry_date) as first_on, sum(d.quantity_remaining) as quantity
            from stocksync.settings as s
            cross join (
                select (p_at at time zone z.time_zone)::date as today from stocksync.settings as z
            ) as y
            join public.stock_batches as d on d.expiry_date <= y.today + s.expiring_days
            where d.is_open
                and d.status <> 'retired'
                -- quarantined, it need not be sold in time
                and (d.expiry_date < y.today or d.status = 'active')
            group by 1, 2
        ) as e
        join public.products as p on p.id = e.product_id

        union all
        select
            'pending_late',
            'pending',
            '',
            'error',
            'changes of stock have waited for a busy product since '
                || to_char(q.oldest_at at time zone s.time_zone, 'YYYY-MM-DD HH24:MI:SS ')
                || s.time_zone,
            jsonb_build_object('oldest_at', q.oldest_at, 'rows', q.rows)
        from stocksync.settings as s
        cross join (
            select min(d.queued_at) as oldest_at, count(*) as rows
            from stocksync._pending as d
            where d.quantity <> 0
        ) as q
        where q.oldest_at < p_at - s.pending_late_after
    ) as c
    where c.rule = any ((select s.alert_rules from stocksync.settings as s)::text[])
$function$;

comment on function stocksync.alert_conditions(timestamptz) is
    'What somebody should be told as of p_at, one row per rule and subject, by the rules that settings.alert_rules names: "discrepancies_found" (the last run of refresh, sync or audit corrected or found something, and no look as deep has found all well since), "refresh_late", "job_failed" (for good), "negative_stock" and "below_reorder_point" (products that are not deleted; the latter only active ones), "pending_late", "batch_expired" (past their last day of sale with something left) and "batch_expiring" (within settings.expiring_days).';
