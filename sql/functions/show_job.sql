-- All that is known of one job.

create or replace function stocksync.show_job(p_job_id bigint)
returns stocksync.jobs
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_job stocksync.jobs;
begin
    select * into v_job from stocksync.jobs as j where j.id = p_job_id;

    if not found then
        raise exception 'job % does not exist', p_job_id
            using errcode = 'no_data_found',
                  hint = 'List the jobs with "stocksync jobs list".';
    end if;
    return v_job;
end;
$function$;

comment on function stocksync.show_job(bigint) is
    'One job with all its columns. Raises no_data_found for an unknown number.';
