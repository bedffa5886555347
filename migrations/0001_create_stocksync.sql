-- The schema of the machinery, and the record of what of sql/ is deployed in it.
-- depends:

-- yoyo looks for its record of applied migrations along the search path. Two records, one of them in
-- public, would disagree sooner or later.
do $$
begin
    if current_schema() is distinct from 'stocksync' then
        raise exception 'yoyo would keep its record of migrations outside schema "stocksync"'
            using errcode = 'object_not_in_prerequisite_state',
                  hint = 'Run "stocksync migrate", or create the schema and add ?schema=stocksync to the URL given to yoyo.';
    end if;
end
$$;

comment on schema stocksync is
    'What keeps the stock right. Names that start with _ are private.';

create table stocksync.installation (
    only_row boolean constraint installation_pkey primary key default true
        constraint installation_one_row check (only_row),
    version text not null,
    deployed_at timestamptz not null default now(),
    to_do text[] not null default '{}'
);

comment on table stocksync.installation is
    'Which stocksync deployed last: one row, or none while a deployment has begun and not ended.';
comment on column stocksync.installation.only_row is 'Always true: there is one row.';
comment on column stocksync.installation.version is 'Version of the Python package, like "0.1.0".';
comment on column stocksync.installation.deployed_at is 'When it last changed something here.';
comment on column stocksync.installation.to_do is
    'Statements that somebody with more rights must run before the next "stocksync migrate".';

create table stocksync.deployed_file (
    path text constraint deployed_file_pkey primary key,
    sha256 text not null
        constraint deployed_file_sha256_is_hexadecimal check (sha256 ~ '^[0-9a-f]{64}$'),
    deployed_at timestamptz not null default now()
);

comment on table stocksync.deployed_file is
    'The files under sql/ as they were last run. One that differs, or is not here, runs at the next "stocksync migrate".';
comment on column stocksync.deployed_file.path is 'Below sql/, like "views/drift.sql".';
comment on column stocksync.deployed_file.sha256 is 'Of the file''s bytes, in hexadecimal.';
comment on column stocksync.deployed_file.deployed_at is 'When the file was last run.';

create table stocksync.deployed_object (
    kind text not null,
    identity text not null,
    md5 text not null,
    path text,
    constraint deployed_object_pkey primary key (kind, identity)
);

comment on table stocksync.deployed_object is
    'stocksync.live_object() as it was after the last deployment: what stocksync.drift compares with.';
comment on column stocksync.deployed_object.kind is '"table", "column", "function", "trigger", ...';
comment on column stocksync.deployed_object.identity is
    'Qualified name, of functions with argument types: "stocksync.live_object()".';
comment on column stocksync.deployed_object.md5 is 'Of the definition, as the server deparses it.';
comment on column stocksync.deployed_object.path is
    'The file under sql/ that makes it; null for what migrations make.';
