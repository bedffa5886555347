"""``stocksync batch ...`` and ``stocksync transfer``: what people see and type."""

import json
from datetime import timedelta

import psycopg
import pytest
from helpers import differences, move, only, product, stock
from test_cli import stocksync as stocksync


def day(db: psycopg.Connection, after: int) -> str:
    return (only(db, "select stocksync._shop_day()") + timedelta(after)).isoformat()


@pytest.fixture
def dairy(db: psycopg.Connection) -> psycopg.Connection:
    """MILK: 5 of L-1 past its date, 10 of a number with a quote and a control character."""
    db.execute("insert into locations (name) values ('Paris')")
    p = product(db, "MILK", name="Milk", tracks_batches=True)
    move(db, p, 5, batch_number="L-1", expiry_date=day(db, -1), unit_cost="0.5")
    move(db, p, 10, batch_number="it's \x1b[31m", expiry_date=day(db, 9))
    return db


def test_the_list_fits_a_terminal_and_obeys_nothing(dairy, stocksync) -> None:
    done = stocksync("batch", "list")
    assert done.returncode == 0
    heading, rule, *rows = done.stdout.splitlines()
    assert heading.split() == [
        "ID", "SKU", "Batch", "Location", "Left", "Cost", "Expires", "Days", "State"
    ]  # fmt: skip
    assert len(rule) < 80
    assert [row.split() for row in rows] == [
        ["2", "MILK", "it's", "\\x1b[31m", "10", day(dairy, 9), "9", "available"],
        ["1", "MILK", "L-1", "5", "0.5", day(dairy, -1), "-1", "expired"],
    ]
    [row] = json.loads(stocksync("batch", "list", "--expired", "--json").stdout)
    assert (row["name"], row["received"], row["state"]) == ("Milk", 5, "expired")
    assert stocksync("batch", "list", "--expiring", "9", "--csv").stdout.count("\n") == 2


def test_receive_shows_the_batch_and_can_be_repeated(dairy, stocksync) -> None:
    options = ("--batch", "L-2", "--expires", "2030-12-07", "--cost", "0.89", "--key", "k",
               "--location", "Paris", "--at", "2026-01-01", "--reference", "PO-1")  # fmt: skip
    first = stocksync("batch", "receive", "MILK", "24", *options, "--json")
    [row] = json.loads(first.stdout)
    assert (row["batch_number"], row["expiry_date"], row["cost_price"], row["remaining"]) == (
        "L-2", "2030-12-07", 0.89, 24
    )  # fmt: skip
    assert stocksync("batch", "receive", "MILK", "24", *options, "--json").stdout == first.stdout
    assert stock(dairy, 1) == 39
    done = stocksync("batch", "receive", "MILK", "25", *options)
    assert done.returncode == 4
    assert done.stderr.startswith('error: idempotency key "k" belongs to another movement\n')
    assert differences(dairy) == []


def test_expire_is_dry_until_it_is_live(dairy, stocksync) -> None:
    dry = stocksync("batch", "expire")
    assert dry.stdout.splitlines()[2].split() == ["MILK", "L-1", day(dairy, -1), "5", "0.5", "2.5"]
    assert dry.stderr == (
        "Batches to be written off: 1\nNothing is changed yet. Run the same with --live to apply.\n"
    )
    assert stock(dairy, 1) == 15
    live = stocksync("batch", "expire", "--sku", "MILK", "--live")
    assert (live.returncode, live.stdout) == (0, dry.stdout)
    assert live.stderr == (
        "Batches written off: 1\nWritten off by run 1. Take it back with `stocksync undo 1`.\n"
    )
    assert stock(dairy, 1) == 10
    assert stocksync("batch", "expire", "--live").stderr == "Batches written off: 0\n"
    assert stocksync("undo", "1", "--live").returncode == 0
    assert stock(dairy, 1) == 15
    assert differences(dairy) == []


def test_expire_tells_its_events_as_json(dairy, stocksync) -> None:
    done = stocksync("--log-format", "json", "batch", "expire", "--live")
    events = [json.loads(line) for line in done.stderr.splitlines()]
    assert [event["message"] for event in events][:2] == [
        "expiry started", "expired batches written off"
    ]  # fmt: skip


def test_quarantine_and_lift(dairy, stocksync) -> None:
    done = stocksync("batch", "quarantine", "MILK", "it's \x1b[31m", "--reason", "recall")
    assert done.stdout.splitlines()[2].split() == ["2", "10", "quarantined"]
    assert only(dairy, "select stocksync.available(1)") == 0
    assert stocksync("batch", "quarantine", "MILK", "it's \x1b[31m", "--lift").returncode == 0
    assert only(dairy, "select stocksync.available(1)") == 10
    done = stocksync("batch", "quarantine", "MILK", "L-9")
    assert done.returncode == 1
    assert done.stderr.startswith('error: product "MILK" has no batch "L-9"\nhint: ')


@pytest.mark.parametrize(
    ("options", "number", "expires", "cost"),
    [
        (["--batch", "M-1"], "M-1", "", "0.5"),
        (["--expires", "2030-12-07"], "L-1", "2030-12-07", "0.5"),
        (["--never-expires"], "L-1", None, "0.5"),
        (["--cost", "0"], "L-1", "", "0"),
    ],
)
def test_a_slip_of_the_pen_is_corrected(
    dairy, stocksync, options: list[str], number: str, expires: str | None, cost: str
) -> None:
    done = stocksync("batch", "correct", "1", *options)
    assert done.returncode == 0
    expires = day(dairy, -1) if expires == "" else expires
    assert dairy.execute(
        "select batch_number, expiry_date::text, cost_price::text from stock_batches where id = 1"
    ).fetchall() == [(number, expires, cost)]


def test_two_batches_cannot_become_one(dairy, stocksync) -> None:
    move(dairy, 1, 1, batch_number="L-1", expiry_date=day(dairy, -1), unit_cost=9)
    done = stocksync("batch", "correct", "3", "--cost", "0.5")
    assert done.returncode == 1
    assert done.stderr.startswith("error: there is a batch like this already\ndetail: ")


def test_track_shows_the_opening_batches_and_then_makes_them(db, stocksync) -> None:
    move(db, product(db, "TEA", unit_cost=2), 15)
    product(db, "NONE")
    dry = stocksync("batch", "track", "--sku", "TEA", "--sku", "NONE")
    assert dry.stdout.splitlines()[2].split() == ["TEA", "TEA", "15", "2"]
    assert dry.stderr.startswith("Batches to begin with: 1\nNothing is changed yet.")
    assert only(db, "select count(*) from stock_batches") == 0
    live = stocksync("batch", "track", "--all", "--live")
    assert live.stderr == "Products that track batches now: 2\n"
    dry = stocksync("batch", "track", "--sku", "TEA", "--off")
    assert "opening" in dry.stdout
    assert dry.stderr.startswith("Batches that would be retired: 1\n")
    assert stocksync("batch", "track", "--all", "--off").stdout == dry.stdout
    live = stocksync("batch", "track", "--sku", "TEA", "--off", "--live", "--json")
    assert [row["sku"] for row in json.loads(live.stdout)] == ["TEA"]
    assert only(db, "select count(*) from products where tracks_batches") == 1
    assert differences(db) == []


def test_a_transfer_takes_the_batch_along(dairy, stocksync) -> None:
    done = stocksync("transfer", "MILK", "4", "--to", "Paris", "--batch", "L-1", "--key", "k")
    assert done.returncode == 0
    assert done.stdout.splitlines()[2].split() == ["3", "4", "transfer", "k"]
    rows = json.loads(stocksync("batch", "list", "--json").stdout)
    assert [(r["batch_number"], r["location"], r["remaining"]) for r in rows if r["location"]] == [
        ("L-1", "Paris", 4)
    ]
    rows = json.loads(stocksync("movements", "--sku", "MILK", "--json").stdout)
    assert [row["batch"] for row in rows][:2] == ["L-1", "L-1"]
    done = stocksync("transfer", "MILK", "99", "--from", "Paris")
    assert done.returncode == 4
    assert done.stderr.startswith('error: insufficient stock of "MILK"\ndetail: There are 4, ')
    assert differences(dairy) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["batch", "track"],
        ["batch", "track", "--all", "--sku", "MILK"],
        ["batch", "correct", "1"],
        ["batch", "correct", "1", "--reason", "x"],
        ["batch", "correct", "0", "--cost", "1"],
        ["batch", "correct", "1", "--expires", "2030-01-01", "--never-expires"],
        ["batch", "list", "--expiring", "-1"],
        ["batch", "receive", "MILK", "many"],
        ["batch", "receive", "MILK", "NaN"],
        ["batch", "receive", "MILK", "1", "--expires", "soon"],
        ["transfer", "MILK", "1"],
    ],
)
def test_wrong_usage(stocksync, arguments: list[str]) -> None:
    assert stocksync(*arguments).returncode == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["batch", "list", "--sku", "X"], 'unknown sku "X"'),
        (["batch", "receive", "X", "1"], 'unknown sku "X"'),
        (["batch", "receive", "TEA", "1"], 'product "TEA" does not track batches'),
        (["batch", "receive", "MILK", "1", "--location", "X"], 'unknown location "X"'),
        (["batch", "receive", "MILK", "1", "--at", "soon"], "invalid input syntax"),
        (["batch", "expire", "--sku", "X", "--live"], 'unknown sku "X"'),
        (["batch", "track", "--sku", "TEA", "--sku", "X", "--live"], 'unknown sku "X"'),
        (["batch", "track", "--sku", "X", "--off"], 'unknown sku "X"'),
        (["batch", "correct", "77", "--cost", "1"], "batch 77 does not exist"),
        (["transfer", "MILK", "1", "--to", "X"], 'unknown location "X"'),
        (["transfer", "MILK", "1", "--from", "Paris", "--to", "Paris"], "one place to another"),
    ],
)
def test_an_error_has_a_message(dairy, stocksync, arguments: list[str], message: str) -> None:
    product(dairy, "TEA")
    done = stocksync(*arguments)
    assert done.returncode == 1
    assert message in done.stderr.splitlines()[0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("receive", "MILK", "4", "--batch", " "), "the number of a batch cannot be empty"),
        (("correct", "1", "--batch", ""), "the number of a batch cannot be empty"),
        (("correct", "1", "--batch", "x" * 2001), "the number of a batch has at most 2000 bytes"),
        (("correct", "1", "--cost", "-1"), "a cost must be zero or more, and below 1e15"),
        (
            ("receive", "MILK", "4", "--expires", "9999-12-31"),
            "an expiry date must be between 0001-01-02 and 9999-12-30",
        ),
    ],
)
def test_what_no_batch_can_be_is_said_in_words(
    dairy, stocksync, arguments: tuple[str, ...], message: str
) -> None:
    done = stocksync("batch", *arguments)
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {message}\n")
    assert "\nhint: Give " in done.stderr
