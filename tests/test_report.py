"""``stocksync report``: what people and programs read."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import re
import subprocess
import sys
import threading
from pathlib import Path

import psycopg
import pytest
from by_force import VIEWS
from helpers import move, only, product, session

PROGRAM = [sys.executable, "-m", "stocksync"]
ROOT = Path(__file__).parent.parent


@pytest.fixture
def stocksync(ledger_url: str):
    """Run the program on the test's database; returns the finished process."""

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*PROGRAM, "--database-url", ledger_url, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
            env=os.environ | {"LC_ALL": "C.UTF-8", **environment},
        )

    return run


@pytest.fixture
def shop(ledger: psycopg.Connection) -> psycopg.Connection:
    """Two products that sell, one that lies, one that never moved; refreshed."""
    ledger.execute("""
        insert into products (sku, name, unit_cost) values
            ('TEA', 'Thé vert [red]', 2), ('CUP', E'Cup\\x1b[31m', 5), ('OLD', 'Lies', null),
            ('NEW', 'New', null);
        insert into stock_movements (product_id, transaction_type, quantity, occurred_at)
        select p, t, q, now() - make_interval(days => d)
        from (values
            (1, 'purchase', 100, 200), (1, 'sale', 30.5, 3), (1, 'sale', 14.5, 12),
            (2, 'purchase', 20, 200), (2, 'sale', 3, 29), (3, 'opening_stock', 7, 200)
        ) as m (p, t, q, d)
    """)
    ledger.execute("call stocksync.refresh()")
    return ledger


def test_stock_what_runs_out_first_at_the_top(shop, stocksync) -> None:
    assert stocksync("report", "stock").stdout == (
        "SKU  Name            On hand  Sold/day  Cover  Last 30 days\n"
        "---  --------------  -------  --------  -----  ---------------\n"
        "TEA  Thé vert [red]       55       1.5   36.7  ▁▁▁▁▁▁▁▁▁▄▁▁▁█▁\n"
        "CUP  Cup\\x1b[31m          17       0.1    170  █▁▁▁▁▁▁▁▁▁▁▁▁▁▁\n"
        "NEW  New                   0         0         ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁\n"
        "OLD  Lies                  7         0         ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁\n"
    )


def test_movers_what_sold_for_most_at_the_top(shop, stocksync) -> None:
    assert stocksync("report", "movers").stdout == (
        "SKU  Class  Sold  Share          Turned  On hand  Idle\n"
        "---  -----  ----  -------------  ------  -------  ----\n"
        "TEA  A        45   85.7% █████▏    0.47       55     3\n"
        "CUP  B         3   14.3% ██████    0.16       17    29\n"
        "OLD  dead      0                      0        7    89\n"
        "NEW            0                               0\n"
    )


def test_trends_in_order_of_time(shop, stocksync) -> None:
    lines = stocksync("report", "trends", "--period", "day", "--type", "sale").stdout.splitlines()
    assert lines[0].split() == ["Type", "Day", "Quantity", "Movements"]
    drawn = [line.split()[2:] for line in lines[2:] if " 0 " not in line]
    assert drawn == [["3", "1", "█"], ["14.5", "1", "████▊"], ["30.5", "1", "██████████"]]
    assert len(lines) == 2 + 27  # every day between the first and the last


def test_the_period_that_is_not_over_is_marked(shop, stocksync) -> None:
    move(shop, 1, 1, "sale")
    shop.execute("call stocksync.refresh()")
    rows = json.loads(stocksync("report", "trends", "--period", "day", "--json").stdout)
    assert [row["is_complete"] for row in rows if row["transaction_type"] == "sale"][-2:] == [
        True,
        False,
    ]
    assert stocksync("report", "trends", "--period", "day").stdout.splitlines()[-1].endswith("▍+")


def test_programs_get_all_columns_as_they_are(shop, stocksync) -> None:
    tea, *_ = json.loads(stocksync("report", "stock", "--json").stdout)
    assert (tea["daily_sales_90"], tea["days_of_cover"], tea["movements"]) == (0.5, 36.7, 3)
    assert (len(tea["sold_by_day"]), tea["sold_by_day"][-3]) == (30, 30.5)
    printed = stocksync("report", "movers", "--csv", "--class", "B").stdout
    (cup,) = csv.DictReader(io.StringIO(printed))
    assert (cup["sku"], cup["share"], cup["is_dead_stock"]) == ("CUP", "0.142857", "false")


@pytest.mark.parametrize(
    ("arguments", "skus"),
    [
        (("stock", "--sku", "OLD"), ["OLD"]),
        (("stock", "--cover-below", "40"), ["TEA"]),
        (("stock", "--limit", "2"), ["TEA", "CUP"]),
        (("movers", "--dead"), ["OLD"]),
        (("movers", "--class", "A"), ["TEA"]),
        (("movers", "--sku", "NEW"), ["NEW"]),
        (("movers", "--limit", "1"), ["TEA"]),
    ],
)
def test_what_is_asked_for(shop, stocksync, arguments: tuple[str, ...], skus: list[str]) -> None:
    rows = json.loads(stocksync("report", *arguments, "--json").stdout)
    assert [row["sku"] for row in rows] == skus


@pytest.mark.parametrize("report", ["stock", "trends", "movers"])
def test_it_says_as_of_when_unless_it_is_to_be_quiet(shop, stocksync, report: str) -> None:
    shop.execute("update stocksync.settings set time_zone = 'Asia/Kolkata'")
    assert re.fullmatch(
        r"As of \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+05:30\. `stocksync refresh` makes it new\.\n",
        stocksync("report", report).stderr,
    )
    assert stocksync("-q", "report", report).stderr == ""


@pytest.mark.parametrize("report", ["stock", "trends", "movers"])
@pytest.mark.parametrize("output", ["--json", "--csv", None])
def test_nothing_to_tell(ledger, stocksync, report: str, output: str | None) -> None:
    ledger.execute("call stocksync.refresh()")
    done = stocksync("report", report, *filter(None, [output]))
    assert done.returncode == 0
    if output == "--json":
        assert json.loads(done.stdout) == []
    else:
        assert len(done.stdout.splitlines()) == (1 if output else 2)


@pytest.mark.parametrize(
    ("arguments", "status", "error"),
    [
        (("stock", "--sku", "tea"), 1, 'error: unknown sku "tea"\nhint: Skus are'),
        (("movers", "--sku", "x'; drop table products --"), 1, "error: unknown sku"),
        (("trends", "--type", "Sale"), 1, 'error: unknown transaction type "Sale"\nhint: '),
        (("trends", "--period", "year"), 2, "'year' is not one of"),
        (("movers", "--class", "D"), 2, "'D' is not one of"),
        (("stock", "--cover-below", "NaN"), 2, "'NaN' is not a number"),
        (("stock", "--limit", "0"), 2, "0 is not in the range"),
        (("values",), 2, "No such command"),
    ],
)
def test_bad_input_gets_one_clear_error(
    shop, stocksync, arguments: tuple[str, ...], status: int, error: str
) -> None:
    done = stocksync("-q", "report", *arguments)
    assert done.returncode == status
    assert error in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_bars_where_stdout_knows_ascii_only(shop, stocksync) -> None:
    shop.execute("update products set name = sku")
    done = stocksync("report", "stock", PYTHONIOENCODING="ascii")
    assert done.stdout.splitlines()[2].split()[-1] == "_________-___#_"


def on_a_terminal(url: str, *arguments: str) -> list[str]:
    """Run the program on a terminal of 80 columns; return its lines without colours."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(ROOT)
        os.environ |= {"COLUMNS": "80", "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
        os.execv(sys.executable, [*PROGRAM, "--database-url", url, *arguments])
    written = b""
    while True:
        try:
            part = os.read(terminal, 4096)
        except OSError:  # Linux says EIO where the other end is closed
            break
        if not part:
            break
        written += part
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, written
    return re.sub(r"\x1b\[[0-9;]*m", "", written.decode()).splitlines()


@pytest.mark.parametrize("report", ["stock", "trends", "movers"])
def test_it_fits_a_terminal_of_80_columns(shop, ledger_url, report: str) -> None:
    shop.execute("update products set sku = repeat('SKU-', 6) || id, name = repeat('Tea ', 20)")
    move(shop, 1, 123456, "stock_count_correction_minus")
    shop.execute("call stocksync.refresh()")
    lines = on_a_terminal(ledger_url, "report", report)
    assert max(map(len, lines)) <= 80
    drawings = {"stock": "▄▁▁▁█", "trends": "██████████", "movers": "██████"}
    assert any(drawings[report] in line for line in lines)


@pytest.mark.parametrize("view", VIEWS)
def test_reports_are_read_while_they_are_refreshed(shop, ledger_url, view: str) -> None:
    """Two refreshes in turn, beside a reader who sees the report as it was to the end."""
    everything = f"select * from stocksync.{view} order by 1, 2, 3"
    with session(ledger_url) as reader:
        reader.execute("begin isolation level repeatable read")
        before = reader.execute(everything).fetchall()
        shop.execute("set statement_timeout = '10s'")  # they would wait for ever
        for _ in range(2):
            move(shop, 1, 1, "sale")
            shop.execute("call stocksync.refresh()")
        assert reader.execute(everything).fetchall() == before
        reader.execute("commit")
        assert reader.execute(everything).fetchall() != before
        assert only(reader, "select sold from stocksync.slow_and_fast_movers limit 1") is not None


def test_two_refreshes_of_a_view_follow_each_other(shop, ledger_url) -> None:
    product(shop, "X")
    statement = "refresh materialized view concurrently stocksync.stock_summary"
    with session(ledger_url) as first, session(ledger_url) as second:
        first.execute("begin")
        first.execute(statement)
        other = threading.Thread(target=second.execute, args=(statement,))
        other.start()
        first.execute("set statement_timeout = '10s'")
        first.execute(
            "do $$ begin while not exists (select from pg_stat_activity"
            f" where pid = {second.info.backend_pid} and wait_event_type = 'Lock')"
            " loop perform pg_sleep(0.005); end loop; end $$"
        )
        first.execute("commit")
        other.join(10)
        assert not other.is_alive()
    assert only(shop, "select count(*) from stocksync.stock_summary") == 5
