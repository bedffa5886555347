-- What somebody must be told, and what each channel was told; who may do what, for doctor to compare.
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
    occurrence text not null default '',
    level text not null
        constraint alerts_level_known check (level in ('warning', 'error', 'critical')),
    message text not null,
    context jsonb not null default '{}',
    raised_at timestamptz not null default clock_timestamp(),
    resolved_at timestamptz
);

create unique index alerts_open_idx on stocksync.alerts (rule, subject) where resolved_at is null;
create index alerts_rule_subject_id_idx on stocksync.alerts (rule, subject, id);
create index alerts_resolved_at_idx on stocksync.alerts (resolved_at) where resolved_at is not null;

comment on table stocksync.alerts is
    'What somebody must be told: one row per incident, open until what it says is no longer so. Kept by stocksync.raise_alerts().';
comment on column stocksync.alerts.rule is 'Which rule raised it.';
comment on column stocksync.alerts.subject is
    'What it is about: "product 7", "job 3", "refresh"; of one subject one alert is open per rule.';
comment on column stocksync.alerts.occurrence is
    'Which time: a run, an attempt of a job. Another one is another alert, even if the first was open. Empty where there is only one.';
comment on column stocksync.alerts.level is '"warning", "error" or "critical".';
comment on column stocksync.alerts.message is 'One sentence, as it is now or was when it was resolved.';
comment on column stocksync.alerts.context is 'The figures behind the message.';
comment on column stocksync.alerts.resolved_at is 'Since when it is no longer so; null while it is.';

create table stocksync.alert_channels (
    channel text constraint alert_channels_pkey primary key
        constraint alert_channels_channel_not_empty check (channel <> ''),
    known_since timestamptz not null default clock_timestamp(),
    delivery bigint not null default 0,
    claimed_at timestamptz,
    sent_at timestamptz,
    failures bigint not null default 0,
    retry_at timestamptz,
    error text
);

comment on table stocksync.alert_channels is
    'The ways by which people are told. Where each leads to is configured on the machine that sends, not here.';
comment on column stocksync.alert_channels.channel is
    '"mail", "webhook", "command", or a name of your own.';
comment on column stocksync.alert_channels.known_since is 'When alerts were first asked for.';
comment on column stocksync.alert_channels.delivery is 'Number of the last message.';
comment on column stocksync.alert_channels.claimed_at is
    'Since when somebody is sending the last message; null if nobody is.';
comment on column stocksync.alert_channels.sent_at is 'When a message was last sent; null if never.';
comment on column stocksync.alert_channels.failures is 'Failed messages since then.';
comment on column stocksync.alert_channels.retry_at is 'After a failure: not before.';
comment on column stocksync.alert_channels.error is 'Of the last message; null if it was sent.';

create table stocksync.alert_deliveries (
    alert_id bigint not null
        constraint alert_deliveries_alert_exists references stocksync.alerts (id) on delete cascade,
    channel text not null,
    delivery bigint not null,
    event text not null
        constraint alert_deliveries_event_known check (event in ('raised', 'reminder', 'resolved')),
    sent_at timestamptz,
    resolution_sent_at timestamptz,
    constraint alert_deliveries_pkey primary key (alert_id, channel)
);

create index alert_deliveries_channel_delivery_idx
    on stocksync.alert_deliveries (channel, delivery);

comment on table stocksync.alert_deliveries is 'What each channel was told of each alert.';
comment on column stocksync.alert_deliveries.channel is 'As in stocksync.alert_channels.';
comment on column stocksync.alert_deliveries.delivery is
    'The last message with this alert, sent or not.';
comment on column stocksync.alert_deliveries.event is
    'What that message says of it: "raised", "reminder" or "resolved".';
comment on column stocksync.alert_deliveries.sent_at is
    'When the channel was last told that it is open; null if never.';
comment on column stocksync.alert_deliveries.resolution_sent_at is
    'When the channel was told that it is resolved; null if it was not.';

alter table stocksync.settings
    add column alert_rules text[] not null default
        '{discrepancies_found,refresh_late,job_failed,negative_stock,below_reorder_point,pending_late}'
        constraint settings_alert_rules_known check (
            alert_rules <@ array[
                'discrepancies_found', 'refresh_late', 'job_failed', 'negative_stock',
                'below_reorder_point', 'pending_late'
            ]
        ),
    add column alert_every interval not null default '15 minutes'
        constraint settings_alert_every_positive check (alert_every > '0'),
    add column remind_every interval not null default '1 day'
        constraint settings_remind_every_positive check (remind_every > '0');

comment on column stocksync.settings.alert_rules is 'Which rules raise alerts.';
comment on column stocksync.settings.alert_every is
    'A channel gets at most one message in so long, with all that has happened meanwhile; and what was not so for less than this is the same incident.';
comment on column stocksync.settings.remind_every is 'An alert that is still open is told again after so long.';

-- The rule "job_failed" and doctor look for these every half minute.
-- squawk-ignore require-concurrent-index-creation
create index jobs_failed_idx on stocksync.jobs (id) where state = 'failed';

create table stocksync.deployed_grant (
    object text not null,
    grantee text not null,
    privilege text not null,
    constraint deployed_grant_pkey primary key (object, grantee, privilege)
);

comment on table stocksync.deployed_grant is
    'Who might do what when stocksync was last deployed: what doctor compares with.';
comment on column stocksync.deployed_grant.object is
    'As GRANT names it: "table stocksync.log", "function stocksync.doctor()", "role stocksync_app".';
comment on column stocksync.deployed_grant.grantee is 'One of the three roles, or "public".';
comment on column stocksync.deployed_grant.privilege is
    'As GRANT names it, with its column where it is granted on one: "SELECT", "INSERT (notes)", "MEMBER".';
