-- The figures for a monitoring system, cheap enough to be asked for every few seconds: nothing here
-- reads the movements, the days or the log.

create or replace function stocksync.metrics()
returns table (name text, type text, help text, labels jsonb, value numeric)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select
        'stocksync_info', 'gauge', 'Always 1; the version of stocksync is a label.',
        jsonb_build_object('version', i.version), 1::numeric
    from stocksync.installation as i

    union all
    select m.name, 'gauge', m.help, '{}', m.value
    from (
        select count(*) as products,
            count(*) filter (where p.quantity_on_hand < 0) as negative
        from stocksync._stock as p
        where not p.is_deleted
    ) as p
    cross join lateral (
        values
        ('stocksync_products', 'Products that are not deleted.', p.products),
        ('stocksync_negative_products', 'Those of them whose stock is below zero.', p.negative)
    ) as m (name, help, value)

    union all
    select m.name, 'gauge', m.help, '{}', m.value
    from (
        select count(*) filter (where b.expiry_date < y.today) as expired,
            count(*) filter (where b.expiry_date >= y.today and b.status = 'active') as expiring
        from stocksync.settings as s
        cross join (select stocksync._shop_day() as today) as y
        join public.stock_batches as b on b.expiry_date <= y.today + s.expiring_days
        where b.is_open and b.status <> 'retired'
    ) as e
    cross join lateral (
        values
        ('stocksync_expired_batches', 'Batches past their date with something left.', e.expired),
        (
            'stocksync_expiring_batches', 'Batches that expire within settings.expiring_days.',
            e.expiring
        )
    ) as m (name, help, value)

    union all
    select
        'stocksync_movements', 'gauge',
        'Movements in the ledger. Not a counter: somebody privileged may delete some.',
        '{}', coalesce((select sum(t.movements) from stocksync.stock_total as t), 0) + j.movements
    from (
        select coalesce(sum(l.movements), 0) as movements
        from stocksync._journal as w
        cross join unnest(w.lines) as l
    ) as j

    union all
    select
        'stocksync_journal_rows', 'gauge', 'Transactions that are not yet rolled up.',
        '{}', count(*)
    from stocksync._journal as w

    union all
    select m.name, 'gauge', m.help, '{}', m.value
    from (
        select count(*) as rows, min(d.queued_at) as oldest_at
        from stocksync._pending as d
        where d.quantity <> 0
    ) as q
    cross join lateral (
        values
        (
            'stocksync_pending_rows', 'Changes of stock that wait for a busy product.', q.rows
        ),
        (
            'stocksync_pending_oldest_seconds', 'For how long the oldest of them has waited.',
            coalesce(extract(epoch from clock_timestamp() - q.oldest_at), 0)
        )
    ) as m (name, help, value)

    union all
    select
        'stocksync_refresh_age_seconds', 'gauge',
        'Since the last refresh that was completed; without one, since stocksync was deployed.',
        '{}',
        extract(epoch from clock_timestamp() - coalesce(r.finished_at, i.deployed_at))
    from stocksync.installation as i
    left join stocksync._last_run as r on r.command = 'refresh'

    union all
    select m.name, 'gauge', m.help, jsonb_build_object('command', r.command), m.value
    from stocksync._last_run as l
    join stocksync.runs as r on r.id = l.run_id
    cross join lateral (
        values
        (
            'stocksync_discrepancies', 'Products that the last run found wrong.',
            greatest(r.products_found, r.products_corrected + r.products_failed)
        ),
        (
            'stocksync_last_run_duration_seconds', 'What the last run took.',
            extract(epoch from r.finished_at - r.started_at)
        ),
        (
            'stocksync_last_run_timestamp_seconds', 'When the last run ended.',
            extract(epoch from r.finished_at)
        )
    ) as m (name, help, value)

    union all
    select
        'stocksync_jobs', 'gauge', 'Jobs by state; those that have ended as long as they are kept.',
        jsonb_build_object('state', s.state), count(j.id)
    from unnest(array['queued', 'running', 'done', 'failed', 'cancelled', 'merged']) as s (state)
    left join stocksync.jobs as j on j.state = s.state
    group by s.state

    union all
    select
        'stocksync_alerts', 'gauge', 'Open alerts by rule.',
        jsonb_build_object('rule', r.rule), count(a.id)
    from stocksync.settings as s
    cross join unnest(s.alert_rules) as r (rule)
    left join stocksync.alerts as a on a.rule = r.rule and a.resolved_at is null
    group by r.rule

    union all
    select
        'stocksync_alert_failures', 'gauge',
        'Failed messages of a channel since its last one that was sent.',
        jsonb_build_object('channel', c.channel), c.failures
    from stocksync.alert_channels as c

    order by 1, 4
$function$;

comment on function stocksync.metrics() is
    'Figures for Prometheus and others, a row per metric and labels: name, type, what it means, labels, value. Reads products, open batches, totals, journal and what is open; never the movements.';
