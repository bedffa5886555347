-- Somebody is told of batches that expire, or have expired with something left.
-- depends: 0012_create_batches

-- Its columns have changed; deploying makes it again.
-- squawk-ignore ban-drop-function
drop function if exists stocksync.movements(text, bigint) cascade;

alter table stocksync.settings
    -- added to a date
    -- squawk-ignore prefer-bigint-over-int
    add column expiring_days integer not null default 30
        constraint settings_expiring_days_bounded check (expiring_days between 0 and 36500);

comment on column stocksync.settings.expiring_days is
    'Alerts and metrics speak of batches that expire within so many days.';

-- The rules are two more. One row is looked at, and one per incident.
alter table stocksync.settings
    -- squawk-ignore ban-drop-constraint
    drop constraint settings_alert_rules_known,
    -- squawk-ignore constraint-missing-not-valid
    add constraint settings_alert_rules_known check (
        alert_rules <@ array[
            'discrepancies_found', 'refresh_late', 'job_failed', 'negative_stock',
            'below_reorder_point', 'pending_late', 'batch_expired', 'batch_expiring'
        ]
    ),
    alter column alert_rules set default
        '{discrepancies_found,refresh_late,job_failed,negative_stock,below_reorder_point,pending_late,batch_expired,batch_expiring}';

update stocksync.settings set alert_rules = alert_rules || '{batch_expired,batch_expiring}';

alter table stocksync.alerts
    -- squawk-ignore ban-drop-constraint
    drop constraint alerts_rule_known,
    -- squawk-ignore constraint-missing-not-valid
    add constraint alerts_rule_known check (
        rule in (
            'discrepancies_found', 'refresh_late', 'job_failed', 'negative_stock',
            'below_reorder_point', 'pending_late', 'batch_expired', 'batch_expiring'
        )
    );
