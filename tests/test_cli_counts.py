"""``stocksync count`` and ``stocksync import counts``: what they print, and how they end."""

from __future__ import annotations

import json
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result
from helpers import move, only, product, stock

from stocksync.cli import cli


@pytest.fixture
def run(ledger_url: str):
    """Run a command on the ledger of the test."""

    def invoke(*arguments: str, text: str | None = None) -> Result:
        return CliRunner().invoke(cli, ["--database-url", ledger_url, *arguments], input=text)

    return invoke


@pytest.fixture
def tea(ledger: psycopg.Connection) -> int:
    """A product with 15 units since March, of which 3 were sold at noon of the 10th."""
    number = product(ledger, 'Thé "[red]"')
    ledger.execute("insert into locations (name) values ('Étagère')")
    move(ledger, number, 15, occurred_at="2026-03-01 10:00+00")
    move(ledger, number, 3, "sale", occurred_at="2026-03-10 12:00+00")
    return number


def test_a_count_is_printed_as_one_row(ledger: psycopg.Connection, tea: int, run) -> None:
    done = run("count", 'Thé "[red]"', "12.50", "--json")
    assert (done.exit_code, done.stderr) == (0, "")
    [row] = json.loads(done.stdout)
    assert {name: row[name] for name in list(row)[2:]} == {
        "counted": 12.5, "expected": 12, "difference": 0.5, "on_hand": 12.5,
        "movement_id": 3, "movements_since": 0, "moved_since": 0,
    }  # fmt: skip
    assert str(stock(ledger, tea)) == "12.5"


def test_the_other_reading_is_a_warning_also_with_q(tea: int, run) -> None:
    done = run("-q", "count", 'Thé "[red]"', "14", "--at", "2026-03-10 11:59:59", "--csv")
    assert done.exit_code == 0
    assert done.stdout.splitlines()[1].endswith(",14,15,-1,11,3,1,-3")
    assert done.stderr == (
        "warning: 15 were expected at that time, 14 were counted; -3 moved since, so that now there"
        " are 11. If 14 are there now, count without a time.\n"
    )
    done = run("--log-format", "json", "count", 'Thé "[red]"', "14", "--at", "2026-03-10T11:59Z")
    event = json.loads(done.stderr)
    assert (event["level"], event["message"][:24]) == ("warning", "15 were expected at that")


def test_times_are_those_of_the_shop_and_a_day_is_its_end(
    ledger: psycopg.Connection, tea: int, run
) -> None:
    ledger.execute("update stocksync.settings set time_zone = 'Asia/Tokyo'")
    [row] = json.loads(run("count", 'Thé "[red]"', "12", "--at", "2026-03-10", "--json").stdout)
    assert row["counted_at"] == "2026-03-10T23:59:59.999999+09:00"
    # noon in London is nine in the evening in Tokyo
    [row] = json.loads(
        run("count", 'Thé "[red]"', "15", "--at", "2026-03-10 20:59", "--json").stdout
    )
    assert (row["expected"], row["difference"]) == (15, 0)


def test_a_place_is_named(ledger: psycopg.Connection, tea: int, run) -> None:
    done = run("count", 'Thé "[red]"', "4", "--location", "Étagère")
    assert done.exit_code == 0
    assert str(stock(ledger, tea)) == "16"
    done = run("count", 'Thé "[red]"', "4", "--location", "étagère")
    assert (done.exit_code, done.stderr.splitlines()[0]) == (1, 'error: unknown location "étagère"')


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (("A", "nan"), 2, "is not a number"),
        (("A", "1e999"), 1, "error: a count must be below 1e15"),
        (("A", "0.0000001"), 1, "error: a count has at most 6 decimals"),
        (("A", "--", "-1"), 1, "error: a count cannot be below zero"),
        (("nothing", "1"), 1, 'error: unknown sku "nothing"'),
        (("A", "1", "--at", "9999-01-01"), 1, "is in the future"),
        (("A", "1", "--at", "yesterday"), 1, 'error: "yesterday" is not a time'),
        (("A", "1", "--at", "2026-01-31"), 4, "error: the period of 2026-01-31"),
        (("A", "1", "--at", "2026-03-01"), 4, 'error: insufficient stock of "A"'),
        (("A",), 2, "Missing argument 'QTY'"),
    ],
)
def test_what_cannot_be_is_told_and_nothing_is_recorded(
    ledger: psycopg.Connection, run, arguments: tuple[str, ...], status: int, told: str
) -> None:
    a = product(ledger, allow_negative=False)
    ledger.execute("call stocksync.close_period('2026-01-31')")
    move(ledger, a, 9, occurred_at="2026-02-01 10:00+00")
    move(ledger, a, 9, "sale", occurred_at="2026-03-10 10:00+00")
    done = run("count", *arguments)
    assert (done.exit_code, told in done.stderr) == (status, True), done.stderr
    assert done.stdout == ""
    assert only(ledger, "select count(*) from stocksync.counts") == 0
    assert only(ledger, "select count(*) from stock_movements") == 2


def test_without_a_database_it_says_so() -> None:
    done = CliRunner().invoke(
        cli, ["--database-url", "postgresql://nobody@127.0.0.1:1/none", "count", "A", "1"]
    )
    assert done.exit_code == 1
    assert "error: connection failed" in done.stderr


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_a_stock_take_is_imported(
    ledger: psycopg.Connection, tea: int, run, tmp_path: Path, suffix: str
) -> None:
    b = product(ledger, "B")
    path = tmp_path / f"take.{suffix}"
    rows = [
        {"sku": 'Thé "[red]"', "quantity": "14", "counted_at": "2026-03-10 11:00"},
        {"sku": "B", "quantity": "0", "counted_at": None},
    ]
    if suffix == "csv":
        path.write_text('sku,quantity,counted_at\n"Thé ""[red]""",14,2026-03-10 11:00\nB,0,\n')
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = run("import", "counts", str(path))
    assert done.exit_code == 0, done.stderr
    assert done.stderr.splitlines()[-1] == (
        "2 counted, 1 corrected, 1 equal, 1 of which the stock has moved since"
    )
    assert (stock(ledger, tea), stock(ledger, b)) == (11, 0)
    assert only(ledger, "select options ->> 'file' from stocksync.runs") == str(path)


def test_a_bad_stock_take_is_told_line_by_line(ledger: psycopg.Connection, tea: int, run) -> None:
    text = "sku,quantity\nX,1\nX,two\n"
    done = run("import", "counts", "-", text=text)
    assert done.exit_code == 1
    assert done.stderr.splitlines()[-4:] == [
        "line 2: sku 'X' unknown sku",
        "line 3: sku 'X' unknown sku",
        "line 3: quantity 'two' is not a number",
        "error: nothing imported: 3 problems in standard input",
    ]
    rows = json.loads(run("import", "counts", "-", "--json", text=text).stdout)
    assert [row["line"] for row in rows] == [2, 3, 3]
    done = run("import", "counts", "-", text="sku,quantity,expected\nA,1,2\n")
    assert 'error: column "expected" cannot be imported' in done.stderr
    assert only(ledger, "select count(*) from stocksync.counts") == 0


def test_a_batch_is_named_by_what_is_printed_on_it(ledger: psycopg.Connection, run) -> None:
    number = product(ledger, "MILK", tracks_batches=True)
    ledger.execute("insert into locations (name) values ('shelf')")
    for place, cost in ((None, 1), (1, 1)):
        move(ledger, number, 10, batch_number="L'1", location_id=place, unit_cost=cost)
    done = run("count", "MILK", "8", "--batch", "L'1", "--location", "shelf", "--json")
    assert (done.exit_code, done.stderr) == (0, "")
    [row] = json.loads(done.stdout)
    assert (row["expected"], row["difference"], row["on_hand"]) == (10, -2, 8)
    assert only(
        ledger, "select array_agg(quantity_remaining order by id) from stock_batches"
    ) == [10, 8]  # fmt: skip
    done = run("count", "MILK", "8", "--batch", "L2")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        'error: there is no batch "L2" of "MILK" at this place',
        'hint: List them with "stocksync batch list --sku SKU"; what is new comes in with'
        ' "stocksync batch receive".',
    ]
    move(ledger, number, 10, batch_number="L'1", unit_cost=2)
    done = run("count", "MILK", "8", "--batch", "L'1")
    assert done.exit_code == 1
    assert done.stderr.startswith('error: there are several batches "L\'1" of "MILK" at this place')
