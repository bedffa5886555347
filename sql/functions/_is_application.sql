-- Tells the application role from everybody else, also from inside a definer function. A superuser
-- counts as a member of every role, but is no application.

create or replace function stocksync._is_application()
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select exists (
        select
        from pg_roles as application
        join pg_roles as me
            -- "none" until the session has changed its role
            on me.rolname = coalesce(nullif(current_setting('role'), 'none'), session_user)
        where application.rolname = 'stocksync_app'
            and not me.rolsuper
            and pg_has_role(me.oid, application.oid, 'usage')
    );
$function$;

comment on function stocksync._is_application() is
    'True if the session acts as stocksync_app or a member of it, and not as a superuser.';
