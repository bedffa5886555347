-- Keeps stocksync.alerts equal to what is alerting: one row per incident. What comes and goes
-- within settings.alert_every is one incident, so that a product that hovers about its reorder
-- point is told of once.

create or replace function stocksync.raise_alerts(p_at timestamptz default clock_timestamp())
returns bigint
language plpgsql
volatile
security definer -- nobody writes alerts by hand
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_raised bigint;
begin
    -- Every worker calls this; one at a time is enough, and the others have better to do than wait.
    if not pg_try_advisory_xact_lock(stocksync._lock_key('raise_alerts')) then
        return null;
    end if;

    update stocksync.alerts as a
    set resolved_at = p_at
    where a.resolved_at is null
        and not exists (
            select
            from stocksync.alert_conditions(p_at) as c
            where c.rule = a.rule and c.subject = a.subject and c.occurrence = a.occurrence
        );

    with condition as materialized (
        select * from stocksync.alert_conditions(p_at)
    ),
    -- What is open, or was a moment ago; of one subject the last.
    known as (
        select distinct on (u.rule, u.subject) u.*
        from (
            select * from stocksync.alerts as a where a.resolved_at is null
            union all
            select *
            from stocksync.alerts as a
            where a.resolved_at > p_at - (select s.alert_every from stocksync.settings as s)
        ) as u
        order by u.rule, u.subject, u.id desc
    ),
    kept as (
        update stocksync.alerts as a
        set resolved_at = null, level = c.level, message = c.message, context = c.context
        from known as k
        join condition as c
            on c.rule = k.rule and c.subject = k.subject and c.occurrence = k.occurrence
        where a.id = k.id
            and (
                a.resolved_at is not null
                or (a.level, a.message, a.context) is distinct from (c.level, c.message, c.context)
            )
    ),
    raised as (
        insert into stocksync.alerts
            (rule, subject, occurrence, level, message, context, raised_at)
        select c.rule, c.subject, c.occurrence, c.level, c.message, c.context, p_at
        from condition as c
        where not exists (
            select
            from known as k
            where k.rule = c.rule and k.subject = c.subject
                -- One that was open until this moment, with another occurrence, has to be resolved
                -- first: next time.
                and (k.resolved_at is null or k.occurrence = c.occurrence)
        )
        order by c.rule, c.message
        returning 1
    )
    select count(*) into v_raised from raised;

    return v_raised;
end;
$function$;

comment on function stocksync.raise_alerts(timestamptz) is
    'Raises an alert for everything that stocksync.alert_conditions(p_at) names and that has none, resolves those that are no longer so, and returns how many it raised; null if another session is at it. An alert that was resolved for less than settings.alert_every is opened again instead.';
