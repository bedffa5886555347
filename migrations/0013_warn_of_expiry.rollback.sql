drop function if exists stocksync.movements(text, bigint) cascade;
delete from stocksync.alerts where rule in ('batch_expired', 'batch_expiring');
alter table stocksync.alerts
    drop constraint alerts_rule_known,
    add constraint alerts_rule_known check (
        rule in (
            'discrepancies_found', 'refresh_late', 'job_failed', 'negative_stock',
            'below_reorder_point', 'pending_late'
        )
    );
update stocksync.settings
set alert_rules = array_remove(array_remove(alert_rules, 'batch_expired'), 'batch_expiring');
alter table stocksync.settings
    drop column expiring_days cascade,
    drop constraint settings_alert_rules_known,
    add constraint settings_alert_rules_known check (
        alert_rules <@ array[
            'discrepancies_found', 'refresh_late', 'job_failed', 'negative_stock',
            'below_reorder_point', 'pending_late'
        ]
    ),
    alter column alert_rules set default
        '{discrepancies_found,refresh_late,job_failed,negative_stock,below_reorder_point,pending_late}';
