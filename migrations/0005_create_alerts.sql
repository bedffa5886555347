-- What somebody must be told, and who was told.
-- depends: 0004_create_jobs

create table stocksync.alerts (
    id bigint generated always as identity constraint alerts_pkey primary key,
    rule text not null
        constraint alerts_rule_known check (
            rule in (
                'discrepancies_found', 'refresh_late', 'job_failed', 'negative_stock',
                'below_reorder_point', 'pending_late'
            )
        ),
    subject text not null,
    level text not null
        constraint alerts_level_known check (level in ('warning', 'error', 'critical')),
    message text not null,
    context jsonb not null default '{}',
    raised_at timestamptz not null default clock_timestamp(),
    resolved_at timestamptz
);

create unique index alerts_open_idx on stocksync.alerts (rule, subject) where resolved_at is null;
create index alerts_resolved_at_idx on stocksync.alerts (resolved_at) where resolved_at is not null;

comment on table stocksync.alerts is
    'What somebody must be told: one row per incident, open until what it says is no longer so.';
comment on column stocksync.alerts.rule is 'Which rule raised it.';
comment on column stocksync.alerts.subject is 'What it is about: a sku, a run, a job; of one subject one alert is open per rule.';
comment on column stocksync.alerts.level is '"warning", "error" or "critical".';
comment on column stocksync.alerts.message is 'One sentence.';
comment on column stocksync.alerts.context is 'The figures behind the message.';
comment on column stocksync.alerts.resolved_at is 'Since when it is no longer so; null while it is.';

create table stocksync.alert_deliveries (
    alert_id bigint not null
        constraint alert_deliveries_alert_exists references stocksync.alerts (id) on delete cascade,
    channel text not null,
    sent_at timestamptz,
    claimed_at timestamptz,
    attempts bigint not null default 0,
    error text,
    constraint alert_deliveries_pkey primary key (alert_id, channel)
);

comment on table stocksync.alert_deliveries is 'Who was told of an alert, and when last.';
comment on column stocksync.alert_deliveries.channel is '"mail", "webhook" or "command".';
comment on column stocksync.alert_deliveries.sent_at is 'When it was last delivered; null if never.';
comment on column stocksync.alert_deliveries.claimed_at is 'Since when somebody is delivering it; null if nobody is.';
comment on column stocksync.alert_deliveries.attempts is 'Failed attempts since the last delivery.';
comment on column stocksync.alert_deliveries.error is 'Of the last attempt; null if it went well.';

alter table stocksync.settings
    add column alert_rules text[] not null default
        '{discrepancies_found,refresh_late,job_failed,negative_stock,below_reorder_point,pending_late}',
    add column remind_every interval not null default '1 day'
        constraint settings_remind_every_positive check (remind_every > '0');

comment on column stocksync.settings.alert_rules is 'Which rules raise alerts.';
comment on column stocksync.settings.remind_every is 'An alert that is still open is sent again after so long.';
