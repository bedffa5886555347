"""``stocksync stock`` at another time, at a place, and as a curve."""

import csv
import io
import json
from pathlib import Path

import psycopg
import pytest
from helpers import move, product
from test_cli import stocksync as stocksync


@pytest.fixture
def tea(db: psycopg.Connection) -> psycopg.Connection:
    """Tea in Berlin: 10 from 2 October noon, sold out on the 25th, when clocks go back."""
    db.execute("update stocksync.settings set time_zone = 'Europe/Berlin'")
    db.execute("insert into locations (name) values ('Paris')")
    a = product(db, "TEA", name="Tea\x1b[31m")
    product(db, "NONE")
    told = {"recorded_at": "2026-10-28T12:00Z"}
    move(db, a, 10, occurred_at="2026-10-02T12:00Z", recorded_at="2026-10-02T12:00Z")
    move(db, a, 4, "sale", occurred_at="2026-10-25T22:59:59Z", location_id=1, **told)
    return db


def quantities(done) -> list[object]:
    assert done.returncode == 0, done.stderr
    return [row["quantity"] for row in json.loads(done.stdout)]


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["--at", "2026-10-02"], 10),
        (["--at", "2026-10-02 13:59"], 0),
        (["--at", "2026-10-02T12:00Z"], 10),
        (["--at", "2026-10-25"], 6),
        (["--at", "2026-10-25", "--known-at", "2026-10-27"], 10),
        (["--known-at", "2026-10-28"], 6),
        (["--known-at", "2026-10-28 12:59:59"], 10),
        (["--at", "2026-10-25", "--location", "Paris"], -4),
        (["--location", "Paris"], -4),
    ],
)
def test_stock_at_a_time_as_known_and_at_a_place(tea, stocksync, options, found) -> None:
    assert quantities(stocksync("stock", "--sku", "TEA", "--json", *options)) == [found]


def test_without_a_sku_it_is_about_all_products(tea, stocksync) -> None:
    done = stocksync("stock", "--at", "2026-10-02", "--csv")
    rows = [(row["sku"], row["quantity"]) for row in csv.DictReader(io.StringIO(done.stdout))]
    assert rows == [("NONE", "0"), ("TEA", "10")]


def test_a_curve_has_the_opening_and_the_end_of_each_day(tea, stocksync) -> None:
    done = stocksync(
        "stock", "--sku", "TEA", "--from", "2026-10-24", "--to", "2026-10-26", "--json"
    )
    assert [(row["at"][:19], row["quantity"]) for row in json.loads(done.stdout)] == [
        ("2026-10-23T23:59:59", 10),
        ("2026-10-24T23:59:59", 10),
        ("2026-10-25T23:59:59", 6),
        ("2026-10-26T23:59:59", 6),
    ]


def test_a_curve_goes_on_until_now_and_in_any_step(tea, stocksync) -> None:
    done = stocksync("stock", "--sku", "TEA", "--from", "2026-10-01", "--step", "1 week", "--json")
    assert quantities(done)[-1] == 6


def test_a_curve_is_drawn_where_there_is_no_terminal_too(tea, stocksync) -> None:
    done = stocksync("stock", "--sku", "TEA", "--from", "2026-10-01", "--to", "2026-10-31")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("10 ┤")
    assert lines[-1].split() == ["2026-09-30", "23:59", "2026-10-31", "23:59"]
    assert max(map(len, lines)) < 80


@pytest.mark.parametrize("output", [[], ["--csv"]])
def test_a_curve_is_plotted_to_a_file(tea, stocksync, tmp_path: Path, output: list[str]) -> None:
    file = tmp_path / "tea.svg"
    done = stocksync(
        "stock", "--sku", "TEA", "--from", "2026-10-01", "--to", "2026-10-31",
        "--location", "Paris", "--plot", str(file), *output,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, f'written to "{file}"\n')
    assert done.stdout.count("\n") == (33 if output else 0)
    assert "<svg" in file.read_text()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--below 5 --at 2026-10-01", "leave out --at"),
        ("--below 5 --location Paris", "leave out --location"),
        ("--to 2026-10-01", "--to needs --from"),
        ("--sku TEA --step 1d --plot x.svg", "--step, --plot needs --from"),
        ("--from 2026-10-01", "give its --sku"),
        ("--from 2026-10-01 --sku TEA --at 2026-10-01", "leave out --at"),
        ("--from 2026-10-01 --sku TEA --known-at 2026-10-01", "leave out --known-at"),
    ],
)
def test_contradictions_are_wrong_usage(stocksync, options: str, message: str) -> None:
    done = stocksync("stock", *options.split())
    assert done.returncode == 2
    assert message in done.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--at", "yesterday"], '"yesterday" is not a time'),
        (["--location", "Atlantis"], 'unknown location "Atlantis"'),
        (["--sku", "tea", "--at", "2026-10-01"], 'unknown sku "tea"'),
        (["--sku", "TEA", "--from", "2026-10-02", "--to", "2026-10-01", "--step", "0"], "step"),
        (["--sku", "TEA", "--from", "2026-10-03", "--to", "2026-10-01"], "is after"),
        (["--sku", "TEA", "--from", "2026-10-01", "--step", "soon"], "invalid input syntax"),
        (["--sku", "TEA", "--from", "2026-10-01", "--plot", "x.gif"], 'cannot plot to "x.gif"'),
    ],
)
def test_what_cannot_be_answered_is_an_error(tea, stocksync, options, message) -> None:
    done = stocksync("stock", *options)
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_curve_through_what_is_archived_is_exact_by_the_day_and_else_refused(
    tea, stocksync, tmp_path: Path
) -> None:
    days = ("stock", "--sku", "TEA", "--from", "2026-10-01", "--to", "2026-10-28", "--json")
    before = quantities(stocksync(*days))
    assert stocksync("close", "2026-10-25").returncode == 0
    file = str(tmp_path / "old.gz")
    done = stocksync("archive", "--before", "2026-10-25", "--to", file)
    assert done.returncode == 0, done.stderr

    assert quantities(stocksync(*days)) == before
    hours = stocksync(*days, "--step", "5 hours")
    assert hours.returncode == 4
    assert "movements that tell this are archived" in hours.stderr
    untouched = ("stock", "--sku", "TEA", "--from", "2026-10-26", "--step", "5 hours", "--json")
    assert set(quantities(stocksync(*untouched))) == {6}
