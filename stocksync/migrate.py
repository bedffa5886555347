"""yoyo, made safe: against several at once, against being killed anywhere, against silent drift.

yoyo orders the migrations, splits their files into statements and keeps the record, in schema
stocksync. What it leaves open is closed here:

- it marks a migration in a second transaction: ours is marked in its own;
- a killed run leaves its lock behind: the lock that counts here is PostgreSQL's;
- it never notices that an applied file was edited: SHA256SUMS tells.
"""

from __future__ import annotations

import glob
import hashlib
import re
import socket
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from psycopg import sql
from psycopg.errors import Diagnostic
from yoyo import read_migrations
from yoyo.backends.core.postgresql import PostgresqlPsycopgBackend
from yoyo.migrations import Migration, MigrationList, StepBase, default_migration_table

from stocksync import __version__, db, objects
from stocksync.db import Connection
from stocksync.errors import ExitStatus, StocksyncError
from stocksync.paths import data_dir

LOCK_KEY = 0x73746F63  # "stoc"
LOCK_WAIT_SECONDS = 300

# What yoyo 9 would create itself, but here in one transaction, in our schema, and as text that a
# DBA can read and run. yoyo finds its own version in _yoyo_version and leaves the tables alone.
BOOKKEEPING = """
do $$
begin
    -- "if not exists" asks for the right to create even where the schema is there
    if to_regnamespace('stocksync') is null then
        create schema stocksync;
    end if;
end
$$;

create table stocksync._yoyo_migration (
    migration_hash varchar(64) constraint _yoyo_migration_pkey primary key,
    migration_id varchar(255),
    applied_at_utc timestamp
);

create table stocksync._yoyo_log (
    id varchar(36) constraint _yoyo_log_pkey primary key,
    migration_hash varchar(64),
    migration_id varchar(255),
    operation varchar(10),
    username varchar(255),
    hostname varchar(255),
    comment varchar(255),
    created_at_utc timestamp
);

create table stocksync._yoyo_version (
    version int not null constraint _yoyo_version_pkey primary key,
    installed_at_utc timestamp
);

create table stocksync.yoyo_lock (
    locked int default 1 constraint yoyo_lock_pkey primary key,
    ctime timestamp,
    pid int not null
);

insert into stocksync._yoyo_version (version, installed_at_utc)
values (2, now() at time zone 'UTC');

comment on table stocksync._yoyo_migration is 'The migrations that are applied. Kept by yoyo.';
comment on table stocksync._yoyo_log is 'Who applied or rolled back what, and when.';
comment on table stocksync._yoyo_version is 'The layout of yoyo''s own tables.';
comment on table stocksync.yoyo_lock is 'One row while migrations run.';
"""

_PLAIN_HEAD = """\
-- stocksync {version}, complete, for an empty database. Run it with
--     psql -X -1 -v ON_ERROR_STOP=1 -f THIS_FILE
-- and "stocksync migrate" finds nothing to do.

do $$
begin
    if to_regclass('stocksync._yoyo_migration') is not null then
        raise exception 'stocksync is installed in this database already'
            using errcode = 'duplicate_schema',
                  hint = 'Bring it up to date with "stocksync migrate".';
    end if;
end
$$;
"""

_PLAIN_RECORD = """
insert into stocksync._yoyo_migration (migration_hash, migration_id, applied_at_utc)
values (%(hash)s, %(id)s, clock_timestamp() at time zone 'UTC');
insert into stocksync._yoyo_log
    (id, migration_hash, migration_id, operation, username, hostname, created_at_utc)
values
    (gen_random_uuid(), %(hash)s, %(id)s, 'apply', session_user, 'psql',
     clock_timestamp() at time zone 'UTC');
"""

Progress = Callable[[str], None]


def migrate(url: str, *, force: bool = False, progress: Progress | None = None) -> list[str]:
    """Apply pending migrations, then deploy what changed under sql/; return what was done.

    ``progress`` is told each step in words. Raises StocksyncError if the database was changed by
    hand or belongs to a newer stocksync. With ``force``, what sql/ defines is put back, other
    changes are accepted, and a newer version that left no unknown migration is replaced.
    """
    tell = progress or (lambda _message: None)
    migrations = _read()
    done: list[str] = []
    with _exclusive(url) as backend:
        connection: Connection = backend.connection
        connection.add_notice_handler(lambda diagnostic: _pass_on(diagnostic, tell))
        _refuse_newer(connection, migrations, force)
        _refuse_drift(connection, force, tell)
        for migration in backend.to_apply(migrations):
            tell(f"applying migration {migration.id}")
            _process(backend, migration, "apply")
            done.append(migration.id)
        for path in objects.sync(connection):
            tell(f"deployed sql/{path}")
            done.append(f"sql/{path}")
    return done


def rollback(url: str) -> str:
    """Roll back the migration that was applied last and return its id.

    What it drops of sql/ comes back with the next `migrate`.
    """
    migrations = _read()
    with _exclusive(url) as backend:
        _refuse_newer(backend.connection, migrations, force=False)
        applied = backend.to_rollback(migrations)
        if not applied:
            raise StocksyncError("no migration is applied")
        migration = applied[0]
        # yoyo would only forget a migration without this file, and fail to apply it again
        if not Path(migration.path).with_suffix(".rollback.sql").exists():
            raise StocksyncError(f"migration {migration.id} has no rollback file")
        _process(backend, migration, "rollback")
    return str(migration.id)


def history(url: str) -> list[tuple[str, datetime | None]]:
    """Return every migration of this version and when it was applied; None if it is pending."""
    with db.connect(url) as connection:
        applied = _applied(connection)
    return [(migration.id, applied.get(migration.id)) for migration in _read()]


def pending(url: str) -> list[str]:
    """Return the ids of the migrations that are not applied yet."""
    return [name for name, applied_at in history(url) if applied_at is None]


def plain_sql() -> str:
    """Return a script for psql that makes of an empty database what `migrate` makes of it."""
    parts = [_PLAIN_HEAD.format(version=__version__), BOOKKEEPING]
    parts.append("set local search_path = stocksync;\n")
    for migration in _read():
        migration.load()
        text = Path(migration.path).read_text(encoding="utf-8")
        if not migration.use_transactions:
            # the script is one transaction, and on empty tables "concurrently" gains nothing
            text = re.sub(r"\bindex concurrently\b", "index", text)
        parts += [text, _literals(_PLAIN_RECORD, {"hash": migration.hash, "id": migration.id})]
    files = objects.read_files()
    parts.append(f"{objects.PREPARE}\n")
    for file in files:
        parts.append(file.text)
        parts.append(_literals(objects.RECORD_FILE, (file.path, file.sha256)) + ";\n")
    paths = [file.path for file in files]
    parts.append(_literals(objects.FINISH, (__version__, paths)) + r" \g /dev/null" + "\n")
    return "\n".join(parts)


class _Backend(PostgresqlPsycopgBackend):  # type: ignore[misc]
    """yoyo's backend on a libpq connection string, with its record in schema stocksync."""

    def connect(self, url: str) -> Connection:
        self.schema = "stocksync"
        return db.connect(url)

    def list_tables(self, **_: object) -> list[str]:
        rows = self.execute("select tablename from pg_tables where schemaname = 'stocksync'")
        return [name for (name,) in rows]

    def get_log_data(self, migration: Migration = None, operation: str = "apply") -> dict[str, Any]:
        # yoyo asks for the name of the system user, which a container need not have, and for the
        # full name of the host, for which it may wait on a name server
        return {
            "id": str(uuid.uuid4()),
            "migration_id": migration.id if migration else None,
            "migration_hash": migration.hash if migration else None,
            "operation": operation,
            "username": self.connection.info.user,
            "hostname": socket.gethostname(),
            "created_at_utc": datetime.now(UTC).replace(tzinfo=None),
        }


class _Record(StepBase):  # type: ignore[misc]
    """The last step of a migration: its bookkeeping, in its own transaction."""

    def __init__(self, migration: Migration) -> None:
        self.migration = migration

    def apply(self, backend: _Backend, force: bool = False) -> None:  # noqa: ARG002
        backend.mark_one(self.migration, log=False)
        self._note(backend, "apply")

    def rollback(self, backend: _Backend, force: bool = False) -> None:  # noqa: ARG002
        backend.unmark_one(self.migration, log=False)
        self._note(backend, "rollback")

    def _note(self, backend: _Backend, operation: str) -> None:
        backend.log_migration(self.migration, operation)
        # Drift was refused before, so what differs now is the migration's doing. A run that is
        # killed after this must not find it as drift, and must know that sync is still to come.
        if objects.can_tell_drift(backend.connection):
            backend.execute("select stocksync._accept_drift()")
        backend.execute("delete from stocksync.installation")


@contextmanager
def _exclusive(url: str) -> Iterator[_Backend]:
    """Yield a backend once no other migration runs; none can begin until it is closed."""
    with _Backend(url, default_migration_table) as backend:
        connection: Connection = backend.connection
        connection.execute("set idle_session_timeout = 0")  # the lock lives in this session
        _take_lock(connection)
        if "_yoyo_version" not in backend.list_tables():
            with connection.transaction():
                connection.execute(BOOKKEEPING)
        # whoever left a lock here is gone: a living one would hold PostgreSQL's
        backend.break_lock()
        with backend.lock():
            yield backend


def _take_lock(connection: Connection) -> None:
    # A session that waits inside pg_advisory_lock holds a snapshot, and "create index concurrently"
    # waits for all of those: whoever holds the lock would never come to an end. So ask repeatedly.
    end = time.monotonic() + LOCK_WAIT_SECONDS
    while not objects.value(connection, "select pg_try_advisory_lock(%s)", LOCK_KEY):
        if time.monotonic() > end:
            raise StocksyncError(
                f"another migration has been running for {LOCK_WAIT_SECONDS} seconds",
                hint="Look for application_name stocksync in pg_stat_activity.",
            )
        time.sleep(0.2)


def _read() -> MigrationList:
    """Read migrations/, making sure that yoyo sees every file and that none was edited."""
    directory = data_dir("migrations")
    _verify_sums(directory)
    files = [f for f in directory.glob("*.sql") if not f.name.endswith(".rollback.sql")]
    migrations = read_migrations(glob.escape(str(directory)))
    if not files or len(migrations) != len(files):
        raise StocksyncError(
            f"{directory}: {len(files)} migrations on disk, {len(migrations)} read",
            hint="Reinstall stocksync.",
        )
    return migrations


def _verify_sums(directory: Path) -> None:
    for line in (directory / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        expected, name = line.split()
        path = directory / name
        if not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() != expected:
            raise StocksyncError(
                f'migration file "{name}" is not as it was released',
                detail=f"{path} does not have the sum that SHA256SUMS gives.",
                hint="Reinstall stocksync. What a released migration did is changed by a new one.",
            )


def _process(
    backend: _Backend, migration: Migration, direction: Literal["apply", "rollback"]
) -> None:
    migration.load()
    record = _Record(migration)
    if migration.use_transactions:
        # steps are undone from last to first, and the record is the last in both directions
        migration.steps.insert(len(migration.steps) if direction == "apply" else 0, record)
    elif len(migration.steps) != 1:
        raise StocksyncError(
            f"migration {migration.id} is not transactional and has several statements",
            detail="What a failure left done of them could not be told.",
        )
    # on a connection of its own: a setting made by a migration ends with it
    with backend.copy() as work:
        try:
            migration.process_steps(work, direction)
        except Exception as error:
            error.add_note(f"in migration {migration.id}")
            raise
    if not migration.use_transactions:
        _refuse_invalid_index(backend.connection, migration)
        with backend.transaction():
            getattr(record, direction)(backend)


def _refuse_invalid_index(connection: Connection, migration: Migration) -> None:
    """An interrupted "create index concurrently if not exists" succeeds when it is repeated."""
    index = objects.value(
        connection,
        """
        select min(format('%%I.%%I', n.nspname, c.relname))
        from pg_index as i
        join pg_class as c on c.oid = i.indexrelid
        join pg_namespace as n on n.oid = c.relnamespace
        where not i.indisvalid and position(c.relname in %s) > 0
        """,
        migration.source,
    )
    if index:
        raise StocksyncError(
            f'index "{index}" is invalid: building it was interrupted',
            hint=f"Run `drop index concurrently {index}`, then `stocksync migrate` again.",
        )


def _applied(connection: Connection) -> dict[str, datetime]:
    if not objects.value(connection, "select to_regclass('stocksync._yoyo_migration') is not null"):
        return {}
    rows = connection.execute(
        "select migration_id, applied_at_utc at time zone 'UTC' from stocksync._yoyo_migration"
    )
    return dict(rows)


def _refuse_newer(connection: Connection, migrations: MigrationList, force: bool) -> None:
    unknown = sorted(_applied(connection).keys() - {migration.id for migration in migrations})
    deployed = None
    if objects.value(connection, "select to_regclass('stocksync.installation') is not null"):
        deployed = objects.value(connection, "select version from stocksync.installation")
    is_newer = deployed is not None and _release(str(deployed)) > _release(__version__)
    if unknown or (is_newer and not force):
        raise StocksyncError(
            f"this database belongs to a newer stocksync than {__version__}",
            detail=f"It has the migrations {', '.join(unknown)}, unknown here."
            if unknown
            else f"Version {deployed} deployed it.",
            hint="Upgrade stocksync: pip install --upgrade stocksync"
            + ("" if unknown else ". To put the older code back, use --force."),
            exit_status=ExitStatus.REFUSED,
        )


def _release(version: str) -> list[int]:
    """Return the numbers of a version: [0, 10, 1] of "0.10.1rc2"."""
    release = re.match(r"\d+(\.\d+)*", version)
    return [int(number) for number in release[0].split(".")] if release else []


def _refuse_drift(connection: Connection, force: bool, tell: Progress) -> None:
    if not objects.value(connection, "select to_regclass('stocksync.deployed_file') is not null"):
        return
    if objects.can_tell_drift(connection):
        drift = [
            f"{kind} {identity} is {state}"
            for kind, identity, state in connection.execute(
                "select kind, identity, state from stocksync.drift order by kind, identity"
            )
        ]
    elif objects.value(connection, "select exists (select from stocksync.deployed_file)"):
        drift = ["what compares the database with its record is gone"]
    else:
        return  # killed before the first deployment
    if drift and not force:
        raise StocksyncError(
            "the database is not as stocksync left it",
            detail="\n".join(drift),
            hint="`stocksync migrate --force` puts back what sql/ defines and accepts the rest. "
            "Run it once, too, after an upgrade of PostgreSQL itself.",
            exit_status=ExitStatus.REFUSED,
        )
    for line in drift:
        tell(f"put back or accepted: {line}")
    if drift and objects.can_tell_drift(connection):
        connection.execute("select stocksync._accept_drift()")


def _pass_on(diagnostic: Diagnostic, tell: Progress) -> None:
    if diagnostic.severity_nonlocalized == "WARNING":
        tell(f"warning: {diagnostic.message_primary}")
        if diagnostic.message_hint:
            tell(f"hint: {diagnostic.message_hint}")


def _literals(template: str, values: tuple[object, ...] | dict[str, str]) -> str:
    """Return ``template`` with literals for its placeholders, as psycopg would fill them in."""
    if isinstance(values, dict):
        return template % {name: sql.Literal(v).as_string() for name, v in values.items()}
    return template % tuple(sql.Literal(v).as_string() for v in values)
