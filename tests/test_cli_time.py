"""The commands close, snapshot, restore and archive: what they print and what they leave behind."""

from __future__ import annotations

import csv
import gzip
import io
import json
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result
from helpers import differences, only, stock
from time_helpers import until

from stocksync.cli import cli
from stocksync.db import to_url

PROGRAM = [str(Path(sys.executable).with_name("stocksync"))]
Run = Callable[..., Result]


@pytest.fixture
def shop(ledger: psycopg.Connection) -> psycopg.Connection:
    """7 on hand: 10 came in January, 2 went in February, 1 in March."""
    ledger.execute("insert into products (sku, name) values ('TEA', 'Thé vert [red]')")
    ledger.execute("""
        insert into stock_movements (product_id, transaction_type, quantity, occurred_at) values
            (1, 'purchase', 10, '2024-01-10'), (1, 'sale', 2, '2024-02-10'),
            (1, 'sale', 1, '2024-03-10')
    """)
    return ledger


@pytest.fixture
def operator_url(ledger: psycopg.Connection, ledger_url: str) -> Iterator[str]:
    """An ordinary operator: a login, and no more than the membership."""
    ledger.execute("create role time_operator login in role stocksync_operator")
    try:
        yield to_url(ledger_url, user="time_operator")
    finally:
        ledger.execute("drop owned by time_operator")
        ledger.execute("drop role time_operator")


@pytest.fixture
def run(operator_url: str) -> Run:
    """Run the program as an operator who is no superuser."""

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(cli, ["--database-url", operator_url, *arguments])

    return run


def ok(result: Result) -> Result:
    assert result.exit_code == 0, result.output
    return result


def rows(result: Result) -> list[dict[str, Any]]:
    return json.loads(ok(result).stdout)  # type: ignore[no-any-return]


# Closings -----------------------------------------------------------------------------------------


def test_close_list_and_reopen(shop: psycopg.Connection, run: Run) -> None:
    assert ok(run("close", "2024-01-31")).stderr == "The books are closed through 2024-01-31.\n"
    assert ok(run("close", "2024-02-29")).stdout == ""
    assert [r["state"] for r in rows(run("close", "--list", "--json"))] == ["closed", "closed"]
    listed = list(csv.DictReader(io.StringIO(ok(run("close", "--list", "--csv")).stdout)))
    assert [(r["closed_through"], r["balances"], r["closed_by"]) for r in listed] == [
        ("2024-02-29", "1", "time_operator"),
        ("2024-01-31", "1", "time_operator"),
    ]
    assert ok(run("close", "--reopen")).stderr == "Closings taken back: 1\n"
    assert ok(run("close", "--reopen", "2024-01-01")).stderr == "Closings taken back: 1\n"
    result = run("close", "--reopen")
    assert result.exit_code == 1
    assert result.stderr.startswith("error: no period is closed\n")


def test_programs_are_told_what_was_made(
    shop: psycopg.Connection, run: Run, tmp_path: Path
) -> None:
    assert rows(run("close", "2024-01-31", "--json")) == [{"closing_id": 1}]
    assert rows(run("snapshot", "--json")) == [{"snapshot_id": 2}]
    file = str(tmp_path / "a.csv.gz")
    [made] = rows(run("archive", "--before", "2024-01-31", "--to", file, "--json"))
    assert made["archive_id"] == 1
    assert made["sha256"] == only(shop, "select sha256 from stocksync.archives")
    assert rows(run("archive", "--restore", file, "--json")) == [{"restored": 1}]
    assert rows(run("close", "--reopen", "--json")) == [{"reopened": 1}]


def test_restore_from_a_file_of_balances(
    shop: psycopg.Connection, run: Run, tmp_path: Path
) -> None:
    file = tmp_path / "balances.csv"
    file.write_text("sku,quantity\nTEA,20\n")
    asked = ("restore", "--from-date", "2024-02-01", "--balances", str(file))
    [row] = rows(run(*asked, "--json"))
    assert (row["sku"], row["balance"], row["restored"]) == ("TEA", 20, 17)
    assert only(shop, "select count(*) from stocksync.snapshots") == 0, "a dry run keeps nothing"
    [row] = rows(run(*asked, "--json", "--live"))
    assert row["restored"] == stock(shop, 1) == 17
    assert differences(shop) == []
    ok(run("undo", "1", "--live"))
    assert stock(shop, 1) == 7

    file.write_text("sku,quantity\nCOFFEE,20\n")
    result = run(*asked, "--live")
    assert result.exit_code == 1
    assert result.stderr.startswith("line 2: sku 'COFFEE' unknown sku\nerror: nothing imported")
    assert run(*asked, "--snapshot", "1").exit_code == 2


def test_a_day_that_is_not_over_and_one_that_is_closed_already(
    shop: psycopg.Connection, run: Run
) -> None:
    result = run("close", "2999-01-01")
    assert (result.exit_code, result.stderr) == (
        1,
        "error: the day 2999-01-01 is not over\n"
        "hint: Give the last day of the period: at the latest that of yesterday.\n",
    )
    ok(run("close", "2024-02-29"))
    assert run("close", "2024-01-31").exit_code == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("close",),
        ("close", "31.01.2024"),
        ("close", "2024-02-30"),
        ("close", "2024-01-31", "--list"),
        ("close", "--list", "--reopen"),
        ("snapshot", "--list", "--at", "2024-01-31"),
        ("snapshot", "--list", "--note", "x"),
        ("restore",),
        ("restore", "--from-date", "2024-01-01", "--sku", "TEA", "--product-id", "1"),
        ("restore", "--from-date", "2024-01-01", "--snapshot", "x"),
        ("archive",),
        ("archive", "--before", "2024-01-31"),
        ("archive", "--to", "x"),
        ("archive", "--list", "--restore", "x"),
        ("archive", "--before", "2024-01-31", "--to", "x", "--restore", "x"),
        ("archive", "--before", "yesterday", "--to", "x"),
        ("archive", "--before", "2024-01-31", "--to", "/tmp"),
    ],
)
def test_usage(run: Run, arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert "Usage:" in result.stderr


# Snapshots and restores ---------------------------------------------------------------------------


def test_snapshot_and_restore(shop: psycopg.Connection, run: Run) -> None:
    assert ok(run("snapshot", "--at", "2024-01-31", "--note", "[red] it's")).stderr == (
        "Snapshot 1 taken.\n"
    )
    [listed] = rows(run("snapshot", "--list", "--json"))
    assert (listed["note"], listed["balances"], listed["at"][:26]) == (
        "[red] it's",
        1,
        "2024-01-31T23:59:59.999999",
    )
    shop.execute("set session_replication_role = replica")
    shop.execute("delete from stock_movements where id = 1")
    shop.execute("set session_replication_role = origin")

    dry = run("restore", "--from-date", "2024-02-01")
    assert ok(dry).stderr.startswith("Starting from snapshot 1: [red] it's, which holds 1 balances")
    assert dry.stderr.endswith(
        "Products that differ: 1\nRun the same with --live to restore them.\n"
    )
    assert dry.stdout.splitlines()[0].split("  ")[0] == "Product ID"
    assert only(shop, "select count(*) from stocksync.runs") == 0

    [row] = rows(run("restore", "--from-date", "2024-02-01", "--sku", "TEA", "--live", "--json"))
    assert (row["balance"], row["since"], row["restored"], row["booked"]) == (10, -3, 7, 10)
    assert stock(shop, 1) == 7
    assert differences(shop) == []
    again = run("restore", "--from-date", "2024-02-01", "--live", "--json")
    assert rows(again) == []


def test_what_restore_cannot_do(shop: psycopg.Connection, run: Run) -> None:
    for arguments, message in [
        (["2999-01-01"], "in the future"),
        (["nonsense"], "invalid input syntax"),
        (["2024-01-01", "--snapshot", "9"], "snapshot 9 does not exist"),
        (["2024-01-01", "--sku", "NO"], 'unknown sku "NO"'),
        (["2024-01-01", "--product-id", "9"], "product 9 does not exist"),
    ]:
        result = run("restore", "--live", "--from-date", *arguments)
        assert result.exit_code == 1, arguments
        assert message in result.stderr
    assert only(shop, "select count(*) from stocksync.runs") == 0
    result = run("snapshot", "--at", "yesterday")
    assert (result.exit_code, '"yesterday" is not a time' in result.stderr) == (1, True)


def test_a_restore_that_would_go_below_zero_is_refused(shop: psycopg.Connection, run: Run) -> None:
    shop.execute("update products set allow_negative = false")
    ok(run("close", "2024-01-31"))
    shop.execute("set session_replication_role = replica")
    shop.execute("update stocksync.snapshot_balances set quantity = 1")
    shop.execute("set session_replication_role = origin")
    result = run("restore", "--from-date", "2024-02-01", "--live")
    assert result.exit_code == 4
    assert 'insufficient stock of "TEA"' in result.stderr
    assert stock(shop, 1) == 7


# Archives -----------------------------------------------------------------------------------------


def test_archive_list_and_restore(shop: psycopg.Connection, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "the 'first' [red].csv.gz"
    ok(run("close", "2024-01-31"))
    assert ok(run("archive", "--before", "2024-01-31", "--to", str(file))).stderr.startswith(
        f'Archive 1 is in "{file}", sha256 '
    )
    lines = gzip.decompress(file.read_bytes()).decode().splitlines()
    assert lines[0].startswith("id,product_id,")
    assert len(lines) == 2
    assert "2024-01-10 00:00:00+00" in lines[1]
    [listed] = rows(run("archive", "--list", "--json"))
    assert (listed["movements"], listed["file"]) == (1, file.name)
    assert len(listed["sha256"]) == 64
    assert stock(shop, 1) == 7
    assert differences(shop) == []
    assert run("close", "--reopen").exit_code == 1
    assert ok(run("archive", "--restore", str(file))).stderr == "1 movements are back.\n"
    assert run("archive", "--restore", str(file)).exit_code == 1
    assert differences(shop) == []


def test_nothing_to_archive_leaves_no_file(
    shop: psycopg.Connection, run: Run, tmp_path: Path
) -> None:
    ok(run("close", "2023-12-31"))
    result = run("archive", "--before", "2023-12-31", "--to", str(tmp_path / "a"))
    assert ok(result).stderr == "There is nothing to archive.\n"
    result = run("archive", "--before", "2023-11-30", "--to", str(tmp_path / "a"))
    assert result.exit_code == 1
    assert "the books are not closed through 2023-11-30" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_not_touched(
    shop: psycopg.Connection, run: Run, tmp_path: Path
) -> None:
    ok(run("close", "2024-01-31"))
    file = tmp_path / "a"
    file.write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for path in (file, Path("/dev/full"), tmp_path / "link"):
        result = run("archive", "--before", "2024-01-31", "--to", str(path))
        assert (result.exit_code, result.stderr) == (
            1,
            f'error: "{path}" is there already\nhint: Give the archive a name of its own.\n',
        )
    assert file.read_text() == "mine"
    assert only(shop, "select count(*) from stock_movements") == 3


def test_a_directory_that_is_not_there(shop: psycopg.Connection, run: Run, tmp_path: Path) -> None:
    ok(run("close", "2024-01-31"))
    path = tmp_path / "no" / "a"
    result = run("archive", "--before", "2024-01-31", "--to", str(path))
    assert (result.exit_code, result.stderr) == (
        1,
        f'error: cannot write "{path}": No such file or directory\n',
    )
    result = run("archive", "--restore", str(path))
    assert (result.exit_code, result.stderr) == (
        1,
        f'error: cannot read "{path}": No such file or directory\n',
    )


def many(shop: psycopg.Connection, rows: int) -> None:
    shop.execute(
        "insert into stock_movements (product_id, transaction_type, quantity, occurred_at, notes)"
        " select 1, 'purchase', 1, '2024-01-10', md5(i::text) || md5((-i)::text)"
        " from generate_series(1, %s) as i",
        (rows,),
    )


def test_a_full_disk_leaves_no_file_and_removes_nothing(
    shop: psycopg.Connection, operator_url: str, run: Run, tmp_path: Path
) -> None:
    many(shop, 20_000)
    ok(run("close", "2024-01-31"))

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    done = subprocess.run(
        [*PROGRAM, "--database-url", operator_url, "archive", "--before", "2024-01-31",
         "--to", str(tmp_path / "a")],
        preexec_fn=limit, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (
        1,
        f'error: cannot write "{tmp_path / "a"}": File too large\n',
    )
    assert list(tmp_path.iterdir()) == []
    assert only(shop, "select count(*) from stock_movements") == 20_003


def test_ctrl_c_while_writing_leaves_no_file(
    shop: psycopg.Connection, operator_url: str, run: Run, tmp_path: Path
) -> None:
    many(shop, 2_000)
    ok(run("close", "2024-01-31"))
    # the table is locked, so that it waits with the file open
    with shop.transaction():
        shop.execute("lock table stock_movements in access exclusive mode")
        process = subprocess.Popen(
            [*PROGRAM, "--database-url", operator_url, "archive", "--before", "2024-01-31",
             "--to", str(tmp_path / "a")],
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        until(
            shop,
            # databases made from one template have the same numbers
            "select from pg_locks as l join pg_database as d on d.oid = l.database"
            " where d.datname = current_database()"
            " and not l.granted and l.relation = 'stock_movements'::regclass",
        )
        assert (tmp_path / "a").exists()
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=60)
    assert process.returncode == 130, told
    assert list(tmp_path.iterdir()) == []
    assert only(shop, "select count(*) from stock_movements") == 2_003


@pytest.fixture
def archived(shop: psycopg.Connection, run: Run, tmp_path: Path) -> Path:
    many(shop, 500)
    ok(run("close", "2024-01-31"))
    ok(run("archive", "--before", "2024-01-31", "--to", str(tmp_path / "a.gz")))
    return tmp_path / "a.gz"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda b: b[:-1], "is not a whole gzip file"),
        (lambda b: b[: len(b) // 2], "is not a whole gzip file"),
        (lambda b: b[:5], "is not a whole gzip file"),
        (lambda b: gzip.decompress(b), "is not a whole gzip file"),
        (lambda b: b[:2000] + bytes([b[2000] ^ 1]) + b[2001:], ""),
        (lambda b: b[:-8] + b"\x00" * 8, "is not a whole gzip file"),
        (lambda b: b + b"x", "is not a whole gzip file"),
        (lambda _: b"", "does not hold movements"),
        (lambda _: gzip.compress(b""), "does not hold movements"),
        (lambda b: gzip.compress(gzip.decompress(b).replace(b",1,20", b",2,20", 1)),
         "the file is no archive of this database"),
        (lambda _: gzip.compress(b"\x00\xff nonsense"), "does not hold movements"),
        (lambda b: gzip.compress(gzip.decompress(b) + b"\xff\n"), "does not hold movements"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_whole_is_refused(
    shop: psycopg.Connection,
    run: Run,
    archived: Path,
    change: Callable[[bytes], bytes],
    message: str,
) -> None:
    good = archived.read_bytes()
    archived.write_bytes(change(good))
    result = run("archive", "--restore", str(archived))
    assert result.exit_code == 1
    assert result.stderr.startswith("error: ")
    assert "Traceback" not in result.stderr
    assert message in result.stderr
    assert only(shop, "select count(*) from stock_movements") == 2
    archived.write_bytes(gzip.compress(gzip.decompress(good)))  # packed anew is the same
    assert ok(run("archive", "--restore", str(archived))).stderr == "501 movements are back.\n"
    assert differences(shop) == []


def test_a_file_of_another_database(shop: psycopg.Connection, run: Run, archived: Path) -> None:
    ok(run("archive", "--restore", str(archived)))
    shop.execute("select stocksync.reopen_period()")
    shop.execute("delete from stocksync.archives")
    result = run("archive", "--restore", str(archived))
    assert (result.exit_code, result.stderr.splitlines()[0]) == (
        1,
        "error: the file is no archive of this database",
    )


def test_the_roles_sessions_have_their_habits(
    shop: psycopg.Connection, run: Run, tmp_path: Path
) -> None:
    shop.execute("alter role time_operator set datestyle = 'SQL, DMY'")
    shop.execute("alter role time_operator set timezone = 'Asia/Kathmandu'")
    shop.execute("alter role time_operator set default_transaction_isolation = 'repeatable read'")
    before = shop.execute("select * from stock_movements order by id").fetchall()
    ok(run("close", "2024-01-31"))
    ok(run("archive", "--before", "2024-01-31", "--to", str(tmp_path / "a")))
    shop.execute("alter role time_operator set datestyle = 'German'")
    ok(run("archive", "--restore", str(tmp_path / "a")))
    assert shop.execute("select * from stock_movements order by id").fetchall() == before


def test_quiet_says_nothing(shop: psycopg.Connection, run: Run, tmp_path: Path) -> None:
    for arguments in (
        ["close", "2024-01-31"],
        ["snapshot"],
        ["restore", "--from-date", "2024-02-01", "--live", "--csv"],
        ["archive", "--before", "2024-01-31", "--to", str(tmp_path / "a")],
        ["archive", "--restore", str(tmp_path / "a")],
        ["close", "--reopen"],
    ):
        assert ok(run("-q", *arguments)).stderr == ""


# Roles --------------------------------------------------------------------------------------------


def test_an_auditor_reads_and_changes_nothing(
    shop: psycopg.Connection, ledger_url: str, run: Run, tmp_path: Path
) -> None:
    ok(run("close", "2024-01-31"))
    shop.execute("create role time_auditor login in role stocksync_auditor")
    try:
        url = to_url(ledger_url, user="time_auditor")

        def look(*arguments: str) -> Result:
            return CliRunner().invoke(cli, ["--database-url", url, *arguments])

        for arguments in (
            ["close", "--list"],
            ["snapshot", "--list"],
            ["archive", "--list"],
            ["restore", "--from-date", "2024-02-01"],
        ):
            ok(look(*arguments))
        file = str(tmp_path / "a")
        for arguments in (
            ["close", "2024-02-29"],
            ["close", "--reopen"],
            ["snapshot"],
            ["restore", "--from-date", "2024-02-01", "--live"],
            ["archive", "--before", "2024-01-31", "--to", file],
        ):
            result = look(*arguments)
            assert result.exit_code == 1, arguments
            assert "permission denied" in result.stderr
        assert only(shop, "select count(*) from stock_movements") == 3
    finally:
        shop.execute("drop role time_auditor")
