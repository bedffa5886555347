alter table stocksync.settings
    drop column alert_rules,
    drop column remind_every;
drop table stocksync.alert_deliveries;
drop table stocksync.alerts;
