"""Migrations: once, whoever calls and however often; from any point where a run was killed."""

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import psycopg
import pytest
from psycopg import sql

from stocksync import __version__, paths
from stocksync.db import connect, to_url
from stocksync.embedded import Embedded
from stocksync.errors import ExitStatus, StocksyncError
from stocksync.migrate import BOOKKEEPING, LOCK_KEY, history, migrate, pending, plain_sql, rollback
from stocksync.objects import read_files

MIGRATIONS = paths.data_dir("migrations")
FILES = sorted(path.name for path in MIGRATIONS.glob("*.sql"))
IDS = [name.removesuffix(".sql") for name in FILES if not name.endswith(".rollback.sql")]
OWN_FILES = (
    "functions/live_object.sql",
    "functions/_record_objects.sql",
    "functions/_accept_drift.sql",
    "functions/_finish_deployment.sql",
    "functions/doctor.sql",
    "views/drift.sql",
)


@pytest.fixture
def new_database(pg_server) -> Iterator[Callable[[], str]]:
    """Make an empty database and return its URL, as often as it is called."""
    given = {
        "host": pg_server.host,
        "port": pg_server.port,
        "user": pg_server.user,
        "password": pg_server.password,
    }
    names: list[str] = []
    with connect(to_url(dbname=pg_server.maintenance_dbname, **given)) as server:

        def create() -> str:
            names.append(f"stocksync_migrations_{os.getpid()}_{len(names)}")
            server.execute(sql.SQL("create database {}").format(sql.Identifier(names[-1])))
            return to_url(dbname=names[-1], **given)

        yield create
        for name in names:
            server.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture
def empty(new_database) -> str:
    return new_database()


class Tree:
    """sql/ and migrations/ of a small version of our own, so that a test can release the next."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in OWN_FILES:
            self.add(name, (paths.data_dir("sql") / name).read_text())
        for name in FILES[:2]:
            self.migration(name, (MIGRATIONS / name).read_text())
        self.migration(
            "0002_create_thing.sql",
            "-- A thing.\n-- depends: 0001_create_stocksync\n"
            "create table stocksync.thing (id bigint primary key, size numeric);",
        )
        self.migration("0002_create_thing.rollback.sql", "drop table stocksync.thing cascade;")
        self.add(
            "materialized_views/sizes.sql",
            "drop materialized view if exists stocksync.sizes cascade;\n"
            "create materialized view stocksync.sizes as select t.size from stocksync.thing as t;\n"
            "create unique index sizes_size_idx on stocksync.sizes (size);",
        )
        self.add(
            "views/sizes_in_use.sql",
            "drop view if exists stocksync.sizes_in_use cascade;\n"
            "create view stocksync.sizes_in_use as select s.size from stocksync.sizes as s;",
        )
        self.add(
            "triggers/thing__keep.sql",
            "create or replace function stocksync.tg_thing__keep() returns trigger\n"
            "language plpgsql set search_path = pg_catalog, pg_temp\n"
            "as $function$begin return old; end$function$;\n"
            "create or replace trigger _500_keep before delete on stocksync.thing\n"
            "for each row execute function stocksync.tg_thing__keep();",
        )

    def add(self, path: str, text: str) -> None:
        file = self.root / "sql" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        manifest = self.root / "sql" / "manifest"
        names = manifest.read_text().split() if manifest.exists() else []
        if path not in names:
            manifest.write_text("\n".join([*names, path]) + "\n")

    def migration(self, name: str, text: str) -> None:
        directory = self.root / "migrations"
        directory.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(text)
        sums = {
            file.name: hashlib.sha256(file.read_bytes()).hexdigest()
            for file in sorted(directory.glob("*.sql"))
        }
        (directory / "SHA256SUMS").write_text(
            "".join(f"{value}  {key}\n" for key, value in sums.items())
        )

    def next_version(self) -> None:
        """What the next release brings: a column, a changed materialized view, a new function."""
        self.migration(
            "0003_add_colour.sql",
            "-- Things have colours.\n-- depends: 0002_create_thing\n"
            "alter table stocksync.thing add colour text;",
        )
        self.migration(
            "0003_add_colour.rollback.sql",
            "drop materialized view if exists stocksync.sizes cascade;\n"
            "alter table stocksync.thing drop colour;",
        )
        self.add(
            "materialized_views/sizes.sql",
            "drop materialized view if exists stocksync.sizes cascade;\n"
            "create materialized view stocksync.sizes as\n"
            "select t.size, t.colour from stocksync.thing as t;",
        )
        self.add(
            "functions/two.sql",
            "create or replace function stocksync.two() returns integer language sql\n"
            "as $function$select 2$function$;",
        )


@pytest.fixture
def tree(tmp_path, monkeypatch) -> Tree:
    # a glob character in the path: yoyo would find nothing there
    small = Tree(tmp_path / "[v1]")
    monkeypatch.setattr(paths, "_PACKAGE", small.root)
    return small


def state(url: str) -> dict[str, object]:
    """Everything a deployment leaves, but for times and random ids."""
    queries = {
        "live": "select * from stocksync.live_object()",
        "objects": "select * from stocksync.deployed_object",
        "files": "select path, sha256 from stocksync.deployed_file",
        "version": "select version from stocksync.installation",
        "applied": "select migration_hash, migration_id from stocksync._yoyo_migration",
        "yoyo": "select version from stocksync._yoyo_version",
    }
    with connect(url) as connection:
        return {name: sorted(connection.execute(text)) for name, text in queries.items()}


def drift(url: str) -> list[tuple[str, ...]]:
    with connect(url) as connection:
        return connection.execute("select kind, identity, state from stocksync.drift").fetchall()


def log(url: str) -> list[tuple[str, str]]:
    with connect(url) as connection:
        return connection.execute(
            "select migration_id, operation from stocksync._yoyo_log order by created_at_utc"
        ).fetchall()


def test_ids_are_linear() -> None:
    previous = ""
    for number, name in enumerate(IDS, start=1):
        head = (MIGRATIONS / f"{name}.sql").read_text().splitlines()[:2]
        assert name.startswith(f"{number:04}_")
        assert head[0].startswith("-- ") and not head[0].startswith("-- depends")
        assert head[1] == f"-- depends: {previous}".rstrip()
        previous = name


def test_every_migration_has_a_rollback_file() -> None:
    assert sorted(f"{name}{end}" for name in IDS for end in (".sql", ".rollback.sql")) == FILES


def test_every_file_is_as_released() -> None:
    sums = "".join(
        f"{hashlib.sha256((MIGRATIONS / name).read_bytes()).hexdigest()}  {name}\n"
        for name in FILES
    )
    assert (MIGRATIONS / "SHA256SUMS").read_text() == sums, (
        "a released migration is never edited; for a new one: "
        "cd migrations && sha256sum *.sql > SHA256SUMS"
    )


def test_manifest_names_every_file_once() -> None:
    directory = paths.data_dir("sql")
    on_disk = sorted(str(path.relative_to(directory)) for path in directory.rglob("*.sql"))
    assert sorted((directory / "manifest").read_text().split()) == on_disk


def test_every_file_of_sql_makes_an_object_of_its_name(db) -> None:
    made = {path for (path,) in db.execute("select path from stocksync.live_object()")}
    assert {file.path for file in read_files()} <= made


def test_every_table_in_public_is_watched(db) -> None:
    tables = db.execute(
        "select format('public.%I', tablename) from pg_tables where schemaname = 'public'"
    ).fetchall()
    watched = db.execute(
        "select identity from stocksync.live_object() where kind = 'table'"
    ).fetchall()
    assert set(tables) <= set(watched)


def test_applying_again_changes_nothing(empty) -> None:
    done = migrate(empty)
    assert done == [*IDS, *(f"sql/{file.path}" for file in read_files())]
    assert pending(empty) == []
    before = state(empty), log(empty)
    assert migrate(empty) == []
    assert (state(empty), log(empty)) == before
    assert drift(empty) == []


def test_every_file_of_sql_can_run_twice(db, db_url) -> None:
    before = state(db_url)
    db.execute("update stocksync.deployed_file set sha256 = repeat('0', 64)")
    assert migrate(db_url) == [f"sql/{file.path}" for file in read_files()]
    assert state(db_url) == before


def test_listing_needs_no_installation_and_makes_none(empty) -> None:
    assert pending(empty) == IDS
    with connect(empty) as connection:
        assert connection.execute("select to_regnamespace('stocksync')").fetchone() == (None,)
    migrate(empty)
    assert [name for name, applied_at in history(empty) if applied_at] == IDS


def test_key_value_strings_and_url_parameters_reach_the_server(empty) -> None:
    parameters = psycopg.conninfo.conninfo_to_dict(empty, options="-c lock_timeout=1234")
    assert migrate(psycopg.conninfo.make_conninfo(**parameters))
    with pytest.raises(psycopg.OperationalError, match="sslmode"):
        migrate(to_url(empty, sslmode="nonsense"))


def test_a_role_without_name_on_this_machine_may_migrate(empty, monkeypatch) -> None:
    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 54321")

    monkeypatch.setattr("getpass.getuser", nobody)
    migrate(empty)
    assert [name for name, _ in log(empty)] == IDS


def test_eight_at_once_deploy_once(empty) -> None:
    command = [sys.executable, "-m", "stocksync", "--database-url", empty, "migrate"]
    running = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(8)]
    messages = [process.communicate(timeout=120)[1] for process in running]
    assert [process.returncode for process in running] == [0] * 8, messages
    assert sum("applying" in text for text in messages) == 1
    assert sum(text == "up to date\n" for text in messages) == 7
    assert [name for name, _ in log(empty)] == IDS


def test_waits_for_a_running_one_and_gives_up_in_time(empty, monkeypatch) -> None:
    monkeypatch.setattr("stocksync.migrate.LOCK_WAIT_SECONDS", 0.3)
    with connect(empty) as other:
        other.execute("select pg_advisory_lock(%s)", (LOCK_KEY,))
        with pytest.raises(StocksyncError, match="another migration has been running"):
            migrate(empty)
    assert migrate(empty)


# Where a run is killed: the function of a module of stocksync that is replaced, and which of its
# calls does not return (before it has done its work, or after).
KILLED_AT = [
    "migrate._take_lock after 1",
    "migrate._Record.apply before 1",
    "migrate._Record.apply after 1",
    "migrate._process after 1",
    "migrate._Record.apply before 2",
    "migrate._Record.apply after 2",
    "migrate._process after 2",
    "objects.read_files after 1",
    "objects._run before 1",
    "objects._run after 1",
    "objects._run before 3",
    "objects._run after 5",
    "objects.sync after 1",
]

CHILD = """
    import os, signal, sys
    from pathlib import Path
    from stocksync import migrate, objects, paths

    url, root, place, when, number = sys.argv[1:]
    paths._PACKAGE = Path(root)
    left = int(number)
    *path, name = place.split(".")
    owner = {"migrate": migrate, "objects": objects}[path[0]]
    for part in path[1:]:
        owner = getattr(owner, part)
    original = getattr(owner, name)

    def deadly(*arguments, **named):
        global left
        left -= 1
        if left == 0 and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(*arguments, **named)
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, deadly)
    migrate.migrate(url)
"""


def kill_migration(url: str, tree: Tree, killed_at: str) -> None:
    command = [sys.executable, "-c", textwrap.dedent(CHILD), url, str(tree.root)]
    child = subprocess.run([*command, *killed_at.split()], timeout=60, check=False)
    assert child.returncode == -signal.SIGKILL


@pytest.mark.parametrize("killed_at", KILLED_AT)
def test_a_killed_installation_goes_on(new_database, tree, killed_at) -> None:
    interrupted, whole = new_database(), new_database()
    kill_migration(interrupted, tree, killed_at)
    migrate(interrupted)
    migrate(whole)
    assert state(interrupted) == state(whole)
    assert drift(interrupted) == []
    assert migrate(interrupted) == []


@pytest.mark.parametrize("killed_at", [place for place in KILLED_AT if place[-1] == "1"])
def test_a_killed_upgrade_goes_on_and_is_not_drift(new_database, tree, killed_at) -> None:
    interrupted, whole = new_database(), new_database()
    migrate(interrupted)
    tree.next_version()
    kill_migration(interrupted, tree, killed_at)
    migrate(interrupted)
    migrate(whole)
    assert state(interrupted) == state(whole)
    assert drift(interrupted) == []
    assert migrate(interrupted) == []


def test_an_upgrade_gives_what_an_installation_gives(new_database, tree) -> None:
    upgraded, installed = new_database(), new_database()
    migrate(upgraded)
    tree.next_version()
    # sizes_in_use did not change: "cascade" took it and it has come back
    assert migrate(upgraded) == [
        "0003_add_colour",
        "sql/materialized_views/sizes.sql",
        "sql/views/sizes_in_use.sql",
        "sql/functions/two.sql",
    ]
    migrate(installed)
    assert state(upgraded) == state(installed)


def test_a_file_that_left_the_manifest_is_forgotten(empty, tree) -> None:
    migrate(empty)
    tree.next_version()
    migrate(empty)
    manifest = tree.root / "sql" / "manifest"
    manifest.write_text(manifest.read_text().replace("functions/two.sql\n", ""))
    tree.migration(
        "0004_drop_two.sql",
        "-- Two is gone.\n-- depends: 0003_add_colour\ndrop function if exists stocksync.two();",
    )
    assert migrate(empty) == ["0004_drop_two"]
    assert ("functions/two.sql",) not in [row[:1] for row in state(empty)["files"]]
    assert drift(empty) == []


def test_a_failed_migration_leaves_nothing(empty, tree) -> None:
    migrate(empty)
    before = state(empty)
    tree.migration(
        "0003_fail.sql",
        "-- Fails.\n-- depends: 0002_create_thing\n"
        "create table stocksync.half (id bigint);\nselect 1 / 0;",
    )
    with pytest.raises(psycopg.errors.DivisionByZero) as caught:
        migrate(empty)
    assert caught.value.__notes__ == ["in migration 0003_fail"]
    assert state(empty) == before


def test_a_failed_file_leaves_nothing_and_is_named(empty, tree) -> None:
    migrate(empty)
    before = state(empty)
    tree.add(
        "functions/first.sql",
        "create function stocksync.first() returns int\n"
        "language sql as $function$select 1$function$;",
    )
    tree.add("views/wrong.sql", "create view stocksync.wrong as\nselect nothing;")
    with pytest.raises(psycopg.errors.UndefinedColumn) as caught:
        migrate(empty)
    assert caught.value.__notes__ == ["in sql/views/wrong.sql, line 2"]
    assert state(empty) == before


def test_rolling_back_and_applying_again_is_where_we_were(empty, tree) -> None:
    migrate(empty)
    tree.next_version()
    migrate(empty)
    before = state(empty)
    assert rollback(empty) == "0003_add_colour"
    assert pending(empty) == ["0003_add_colour"]
    assert drift(empty) == []
    assert migrate(empty) == [
        "0003_add_colour",
        "sql/materialized_views/sizes.sql",
        "sql/views/sizes_in_use.sql",
    ]
    assert state(empty) == before


def test_every_migration_rolls_back_or_says_why_not(db_url) -> None:
    before = state(db_url)
    for name in reversed(IDS[1:]):
        assert rollback(db_url) == name
    with pytest.raises(psycopg.errors.FeatureNotSupported, match="0001 cannot be rolled back"):
        rollback(db_url)
    assert pending(db_url) == IDS[1:]
    migrate(db_url)
    assert state(db_url) == before


def test_what_has_more_arguments_now_does_not_stay_beside_what_had_fewer(
    db: psycopg.Connection, db_url: str
) -> None:
    while rollback(db_url) != "0012_create_batches":
        pass
    names = ["_capture", "_content_md5", "record_count", "record_movement", "stage_archive"]
    assert (
        db.execute(
            "select proname from pg_proc where pronamespace = 'stocksync'::regnamespace"
            " and proname = any (%s)",
            (names,),
        ).fetchall()
        == []
    )


def test_a_migration_without_rollback_file_is_not_merely_forgotten(empty, tree) -> None:
    (tree.root / "migrations" / "0002_create_thing.rollback.sql").unlink()
    sums = tree.root / "migrations" / "SHA256SUMS"
    sums.write_text(
        "\n".join(line for line in sums.read_text().splitlines() if "rollback" not in line)
    )
    migrate(empty)
    with pytest.raises(StocksyncError, match="has no rollback file"):
        rollback(empty)
    assert pending(empty) == []


CONCURRENTLY = (
    "-- Speed.\n-- depends: 0002_create_thing\n-- transactional: false\n"
    "create {}index concurrently if not exists thing_size_idx on stocksync.thing (size);"
)


def test_an_index_is_built_concurrently_while_others_wait(empty, tree) -> None:
    migrate(empty)
    tree.migration("0003_index_thing.sql", CONCURRENTLY.format(""))
    code = (
        "import sys; from pathlib import Path; from stocksync import migrate, paths;"
        "paths._PACKAGE = Path(sys.argv[2]); migrate.migrate(sys.argv[1])"
    )
    command = [sys.executable, "-c", code, empty, str(tree.root)]
    running = [subprocess.Popen(command) for _ in range(4)]
    assert [process.wait(timeout=60) for process in running] == [0] * 4
    assert drift(empty) == []


def test_a_half_built_index_is_not_taken_for_done(empty, tree) -> None:
    migrate(empty)
    tree.migration("0003_index_thing.sql", CONCURRENTLY.format("unique "))
    with connect(empty) as connection:
        connection.execute("insert into stocksync.thing values (1, 1), (2, 1)")
        with pytest.raises(psycopg.errors.UniqueViolation):
            migrate(empty)
        connection.execute("update stocksync.thing set size = id")
        with pytest.raises(StocksyncError) as caught:
            migrate(empty, force=True)
        assert "stocksync.thing_size_idx" in caught.value.message
        connection.execute("drop index concurrently stocksync.thing_size_idx")
    assert migrate(empty, force=True) == ["0003_index_thing"]
    assert drift(empty) == []


def test_an_edited_migration_is_refused(empty, tree) -> None:
    migrate(empty)
    file = tree.root / "migrations" / "0002_create_thing.sql"
    file.write_text(file.read_text().replace("numeric", "integer"))
    with pytest.raises(StocksyncError, match="is not as it was released"):
        migrate(empty)


def test_a_database_with_unknown_migrations_is_refused(empty, tree) -> None:
    tree.next_version()
    migrate(empty)
    before = state(empty)
    for file in (tree.root / "migrations").glob("0003*"):
        file.unlink()
    tree.migration("0001_create_stocksync.sql", (MIGRATIONS / FILES[1]).read_text())
    for call in (migrate, rollback, lambda url: migrate(url, force=True)):
        with pytest.raises(StocksyncError, match="belongs to a newer stocksync") as caught:
            call(empty)
        assert "0003_add_colour" in str(caught.value.detail)
        assert caught.value.exit_status == ExitStatus.REFUSED
    assert state(empty) == before


def test_a_database_of_a_newer_version_is_refused_unless_forced(db, db_url) -> None:
    db.execute("update stocksync.installation set version = '999.10.0rc1'")
    with pytest.raises(StocksyncError, match="belongs to a newer stocksync") as caught:
        migrate(db_url)
    assert caught.value.exit_status == ExitStatus.REFUSED
    migrate(db_url, force=True)
    assert state(db_url)["version"] == [(__version__,)]


def dump(url: str) -> str:
    """The schema as pg_dump sees it: also comments, grants, owners, storage parameters."""
    command = [Embedded.tool("pg_dump"), "--schema-only", f"--dbname={url}"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return re.sub(r"(?m)^\\(un)?restrict .*$", "", text)


def psql(url: str, script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Embedded.tool("psql"), "-X", "-1", "-q", "-v", "ON_ERROR_STOP=1", f"--dbname={url}"],
        input=script,
        check=False,
        capture_output=True,
        text=True,
    )


def test_the_plain_script_gives_the_same_database(new_database) -> None:
    plain, migrated = new_database(), new_database()
    migrate(migrated)
    ran = psql(plain, plain_sql())
    assert (ran.returncode, ran.stdout) == (0, ""), ran.stderr
    assert state(plain) == state(migrated)
    assert dump(plain) == dump(migrated)
    assert log(plain) == log(migrated)
    assert migrate(plain) == []


def test_the_plain_script_runs_once_and_in_one_transaction(new_database) -> None:
    installed, empty = new_database(), new_database()
    migrate(installed)
    again = psql(installed, plain_sql())
    assert again.returncode == 3
    assert "stocksync is installed in this database already" in again.stderr
    assert psql(empty, plain_sql() + "\nselect 1 / 0;").returncode == 3
    assert pending(empty) == IDS


def test_the_plain_script_builds_indexes_in_its_transaction(new_database, tree) -> None:
    plain, migrated = new_database(), new_database()
    tree.migration("0003_index_thing.sql", CONCURRENTLY.format(""))
    migrate(migrated)
    assert psql(plain, plain_sql()).returncode == 0
    assert state(plain) == state(migrated)


def yoyo(url: str, schema: str | None) -> subprocess.CompletedProcess[str]:
    given = psycopg.conninfo.conninfo_to_dict(url)
    name = given.pop("dbname")
    if schema:
        given["schema"] = schema
    address = f"postgresql+psycopg:///{name}?{urlencode(given)}"
    program = Path(sys.executable).with_name("yoyo")
    return subprocess.run(
        [program, "apply", "--batch", "--no-config-file", "--database", address, MIGRATIONS],
        check=False,
        capture_output=True,
        text=True,
    )


def test_plain_yoyo_gives_the_same_database(new_database) -> None:
    plain, migrated = new_database(), new_database()
    migrate(migrated)
    with connect(plain) as connection:
        connection.execute("create schema stocksync")
    ran = yoyo(plain, "stocksync")
    assert ran.returncode == 0, ran.stderr
    assert state(plain) == state(migrated)
    assert migrate(plain) == []


@pytest.mark.parametrize("installed", [False, True])
def test_plain_yoyo_cannot_keep_a_second_record(empty, installed) -> None:
    if installed:
        migrate(empty)
    ran = yoyo(empty, schema=None)
    assert ran.returncode != 0
    assert "add ?schema=stocksync to the URL" in ran.stderr


def test_our_tables_are_those_that_yoyo_makes(new_database) -> None:
    ours, theirs = new_database(), new_database()
    columns = """
        select table_name, column_name, data_type, character_maximum_length, is_nullable,
            column_default, ordinal_position
        from information_schema.columns
        where table_schema = 'stocksync' and table_name ~ 'yoyo'
        order by table_name, ordinal_position
    """
    with connect(ours) as connection:
        connection.execute(BOOKKEEPING)
        made_here = connection.execute(columns).fetchall()
    with connect(theirs) as connection:
        connection.execute("create schema stocksync")
        yoyo(theirs, "stocksync")
        assert connection.execute(columns).fetchall() == made_here


def test_a_dump_restored_has_not_drifted(new_database) -> None:
    original, restored = new_database(), new_database()
    migrate(original)
    command = [Embedded.tool("pg_dump"), f"--dbname={original}"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    # a newer pg_dump says it to every server
    ran = psql(restored, text.replace("SET transaction_timeout = 0;\n", ""))
    assert ran.returncode == 0, ran.stderr
    assert drift(restored) == []
    assert migrate(restored) == []


def test_a_wheel_finds_its_files(tmp_path, monkeypatch) -> None:
    for name in ("sql", "migrations"):
        shutil.copytree(paths.data_dir(name), tmp_path / name)
    monkeypatch.setattr(paths, "_PACKAGE", tmp_path)
    assert paths.data_dir("sql") == tmp_path / "sql"
    shutil.rmtree(tmp_path / "sql")
    monkeypatch.setattr(paths, "_PACKAGE", tmp_path / "elsewhere")
    with pytest.raises(FileNotFoundError, match="reinstall"):
        paths.data_dir("sql")


def test_every_statement_of_a_migration_is_split_right() -> None:
    """yoyo splits with sqlparse, which must find what PostgreSQL's own parser finds."""
    pglast = pytest.importorskip("pglast")
    from yoyo.migrations import read_sql_migration

    for name in FILES:
        text = (MIGRATIONS / name).read_text()
        _, _, statements = read_sql_migration(str(MIGRATIONS / name))
        parsed = [len(pglast.parse_sql(statement)) for statement in statements]
        assert [n for n in parsed if n] == [1] * len(pglast.parse_sql(text)), name
