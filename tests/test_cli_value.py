"""``stocksync report value``: what it prints, and what it says of the rest."""

from __future__ import annotations

import csv
import io
import json

import psycopg
import pytest
from click.testing import CliRunner, Result
from helpers import move, product

from stocksync.cli import cli


@pytest.fixture
def run(ledger_url: str):
    """Run a command on the ledger of the test."""

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(
            cli, ["--database-url", ledger_url, "report", "value", *arguments]
        )

    return invoke


@pytest.fixture
def shop(ledger: psycopg.Connection) -> psycopg.Connection:
    milk = product(ledger, "MILK", tracks_batches=True)
    move(ledger, milk, 10, unit_cost=1, occurred_at="2026-10-01 12:00+00")
    move(ledger, milk, 10, unit_cost=2, occurred_at="2026-10-02 12:00+00")
    move(ledger, milk, 12, "sale", occurred_at="2026-10-03 12:00+00")
    move(ledger, milk, 1, "damage", occurred_at="2026-10-04 00:00+00")
    for sku in ("[red]", "TEA"):
        move(ledger, product(ledger, sku), 1)
    return ledger


def test_a_table_for_people(shop: psycopg.Connection, run) -> None:
    done = run()
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        "SKU   Quantity  Unit value  Value  Sold  Cost of sales  Other cost  No cost",
        "----  --------  ----------  -----  ----  -------------  ----------  -------",
        "MILK         7           2     14    12             14           2",
    ]
    assert done.stderr == "In stock and not valued, as they do not track batches: 2 products.\n"
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_units_without_cost_are_shown(shop: psycopg.Connection, run) -> None:
    salt = product(shop, "SALT", tracks_batches=True)
    move(shop, salt, 5)
    move(shop, salt, 2, "sale")
    assert run("--sku", "SALT").stdout.splitlines()[2].endswith("  3 here, 2 gone")


@pytest.mark.parametrize(
    ("method", "value", "sold", "other_cost"),
    [("batch", 14, 14, 2), ("fifo", 14, 14, 2), ("average", 10.5, 18, 1.5)],
)
def test_every_method(
    shop: psycopg.Connection, run, method: str, value: float, sold: float, other_cost: float
) -> None:
    [row] = json.loads(run("--method", method, "--json").stdout)
    assert (row["value"], row["cost_of_sales"], row["other_cost"]) == (value, sold, other_cost)


def test_days_are_whole_and_those_of_the_shop(shop: psycopg.Connection, run) -> None:
    def row(*arguments: str) -> list[str]:
        [row] = csv.DictReader(io.StringIO(run("--csv", *arguments).stdout))
        return [row[name] for name in ("quantity", "sold", "other_cost")]

    assert row("--at", "2026-10-02") == ["20", "0", "0"]
    assert row("--at", "2026-10-03") == ["8", "12", "0"]
    assert row("--from", "2026-10-03") == ["7", "12", "2"]
    assert row("--from", "2026-10-04") == ["7", "0", "2"]
    shop.execute("update stocksync.settings set time_zone = 'America/New_York'")
    assert row("--at", "2026-10-03") == ["7", "12", "2"]
    assert row("--from", "2026-10-04") == ["7", "0", "0"]


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (("--method", "lifo"), 2, "Usage: "),
        (("--at", "2026-02-30"), 1, "error: "),
        (("--sku", "x"), 1, 'error: unknown sku "x"'),
        (("--at", "2026-10-01", "--from", "2026-10-05"), 1, "error: 2026-10-04 23:59:59.999999+00"),
    ],
)
def test_what_is_wrong_is_said(
    shop: psycopg.Connection, run, arguments: tuple[str, ...], status: int, message: str
) -> None:
    done = run(*arguments)
    assert (done.exit_code, done.stdout) == (status, "")
    assert done.stderr.startswith(message)


def test_one_product_that_does_not_track_batches(shop: psycopg.Connection, run) -> None:
    done = run("--sku", "TEA", "--json")
    assert (done.exit_code, done.stdout) == (0, "[]\n")
    assert done.stderr == "In stock and not valued, as they do not track batches: 1 products.\n"
