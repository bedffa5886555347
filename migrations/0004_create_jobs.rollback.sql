alter table stocksync.settings
    drop column job_attempts,
    drop column job_backoff,
    drop column job_timeout,
    drop column keep_jobs;
drop table stocksync.schedules cascade;
drop table stocksync.jobs cascade;
