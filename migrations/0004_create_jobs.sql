-- The queue "stock-sync", and when what is put into it.
-- depends: 0003_create_refresh

create table stocksync.jobs (
    id bigint generated always as identity constraint jobs_pkey primary key,
    task text not null
        constraint jobs_task_known check (task in ('sync', 'refresh', 'audit')),
    arguments jsonb not null default '{}',
    subject text not null,
    state text not null default 'queued'
        constraint jobs_state_known
            check (state in ('queued', 'running', 'done', 'failed', 'cancelled', 'merged')),
    attempts bigint not null default 0,
    failures bigint not null default 0,
    is_cancelled boolean not null default false,
    run_at timestamptz not null default clock_timestamp()
        constraint jobs_run_at_finite check (isfinite(run_at)),
    enqueued_at timestamptz not null default clock_timestamp(),
    enqueued_by text not null default session_user,
    started_at timestamptz,
    seen_at timestamptz,
    finished_at timestamptz,
    worker text,
    -- as pg_stat_activity has it
    -- squawk-ignore prefer-bigint-over-int
    pid integer,
    run_id bigint constraint jobs_run_exists references stocksync.runs (id) on delete set null,
    merged_into bigint constraint jobs_merged_exists references stocksync.jobs (id) on delete set null,
    sqlstate text,
    error text,
    constraint jobs_arguments_of_sync check (task = 'sync' or arguments = '{}')
);

-- One queued and one running job per subject, whatever the workers do.
create unique index jobs_queued_subject_idx on stocksync.jobs (subject) where state = 'queued';
create unique index jobs_running_subject_idx on stocksync.jobs (subject) where state = 'running';
create index jobs_queued_run_at_idx on stocksync.jobs (run_at, id) where state = 'queued';
create index jobs_finished_at_idx on stocksync.jobs (finished_at) where finished_at is not null;
create index jobs_run_id_idx on stocksync.jobs (run_id) where run_id is not null;
create index jobs_merged_into_idx on stocksync.jobs (merged_into) where merged_into is not null;

comment on table stocksync.jobs is
    'The queue "stock-sync": what is to be run, runs, and ran. Filled by stocksync.enqueue(), run by stocksync.run_job().';
comment on column stocksync.jobs.task is 'What to run: "sync", "refresh" or "audit".';
comment on column stocksync.jobs.arguments is
    'With what: product_id, since and force of a sync, where given.';
comment on column stocksync.jobs.subject is
    'What the job is about: of one subject one job at most is queued and one running.';
comment on column stocksync.jobs.state is
    '"queued", "running", "done", "failed" for good, "cancelled", or "merged": when it was to be tried again, the same was queued already, as job merged_into.';
comment on column stocksync.jobs.attempts is
    'How often it was begun. Whoever reports the end of an attempt names its number, so that a late report counts for nothing.';
comment on column stocksync.jobs.failures is
    'How often it failed since somebody asked for it: settings.job_attempts times are final.';
comment on column stocksync.jobs.is_cancelled is
    'Somebody cancelled it: it is not tried again, though its statement may still be running.';
comment on column stocksync.jobs.run_at is 'Not before: now, a time given, or the end of a back-off.';
comment on column stocksync.jobs.enqueued_by is 'The session user who asked for it.';
comment on column stocksync.jobs.started_at is 'When the last attempt began.';
comment on column stocksync.jobs.seen_at is 'When its worker was last heard of.';
comment on column stocksync.jobs.worker is 'Who runs it, or ran it.';
comment on column stocksync.jobs.pid is 'The server process that runs it, or ran it.';
comment on column stocksync.jobs.run_id is 'The run it made; null while there is none.';
comment on column stocksync.jobs.merged_into is 'The job as which it goes on; null unless "merged".';
comment on column stocksync.jobs.sqlstate is
    'Of the last failure; null if it had none, because the worker or its connection was lost.';
comment on column stocksync.jobs.error is 'Of the last failure.';

create table stocksync.schedules (
    task text constraint schedules_pkey primary key
        constraint schedules_task_known check (task in ('sync', 'refresh', 'audit')),
    cron text not null
        -- one line of printable characters, whoever pastes it into a crontab
        constraint schedules_cron_has_five_fields
            check (cron ~ '^[0-9A-Za-z*/,#-]+( [0-9A-Za-z*/,#-]+){4}$'),
    is_enabled boolean not null default true,
    last_due_at timestamptz not null default clock_timestamp()
        constraint schedules_last_due_at_finite check (isfinite(last_due_at))
);

comment on table stocksync.schedules is
    'When what runs, in the time zone of the shop. Change it with update.';
comment on column stocksync.schedules.task is '"refresh", "audit" or "sync".';
comment on column stocksync.schedules.cron is
    'Minute, hour, day of month, month, day of week, as in crontab(5): "0 * * * *" is every hour at minute 0.';
comment on column stocksync.schedules.is_enabled is 'False: not now.';
comment on column stocksync.schedules.last_due_at is
    'The last time for which a worker has put it into the queue: each time is taken once, however many workers there are.';

insert into stocksync.schedules (task, cron) values
    ('refresh', '0 * * * *'),
    ('audit', '0 2 * * *');

alter table stocksync.settings
    add column job_attempts bigint not null default 3
        constraint settings_job_attempts_positive check (job_attempts between 1 and 100),
    add column job_backoff interval[] not null default '{1 minute,5 minutes,15 minutes}'
        constraint settings_job_backoff_not_empty
            check (cardinality(job_backoff) > 0 and array_position(job_backoff, null) is null),
    add column job_timeout interval not null default '300 seconds'
        constraint settings_job_timeout_bounded
            check (job_timeout > '0' and job_timeout <= '1 day'),
    add column keep_jobs interval not null default '30 days'
        constraint settings_keep_jobs_positive check (keep_jobs > '0');

comment on column stocksync.settings.job_attempts is
    'How often a job is tried, where what failed may pass, before it has failed for good.';
comment on column stocksync.settings.job_backoff is
    'How long to wait after the first, second, ... failure; the last one again for more.';
comment on column stocksync.settings.job_timeout is 'The server ends a job that takes longer; it has then failed.';
comment on column stocksync.settings.keep_jobs is 'How long jobs that have ended are kept.';
