"""``stocksync undo``: shows first, does it with --live, and says what it left."""

import json
from pathlib import Path

import psycopg
import pytest
from helpers import differences, move, product, stock
from test_cli import stocksync as stocksync

IMPORT = "sku,transaction_type,quantity,idempotency_key\nA,purchase,5,k1\nB,sale,2,k2\n"


@pytest.fixture
def imported(db: psycopg.Connection, stocksync, tmp_path: Path) -> psycopg.Connection:
    """Run 1: a file of two lines."""
    product(db, "A"), product(db, "B", name="B\x1b[31m")
    file = tmp_path / "in.csv"
    file.write_text(IMPORT)
    assert stocksync("import", "movements", str(file)).returncode == 0
    return db


def test_it_is_dry_and_says_how_to_apply(imported, stocksync) -> None:
    done = stocksync("undo", "1")
    assert done.returncode == 0
    assert done.stdout == (
        "SKU  Name       Movements  Corrections  Before  Change  After\n"
        "---  ---------  ---------  -----------  ------  ------  -----\n"
        "A    A                  1            0       5  -5          0\n"
        "B    B\\x1b[31m          1            0      -2  +2          0\n"
    )
    assert done.stderr == (
        "Movements to be reversed: 2\n"
        "Corrections to be put back: 0\n"
        "Nothing is changed yet. Run the same with --live to apply.\n"
    )
    assert stock(imported, 1) == 5


def test_live_does_what_dry_showed(imported, stocksync) -> None:
    dry = stocksync("undo", "1", "--json")
    live = stocksync("undo", "1", "--live", "--json")
    assert live.returncode == 0
    assert json.loads(live.stdout) == json.loads(dry.stdout)
    assert live.stderr.endswith("Undone by run 2.\n")
    assert (stock(imported, 1), stock(imported, 2)) == (0, 0)
    assert differences(imported) == []


def test_the_same_file_is_not_counted_again(imported, stocksync, tmp_path: Path) -> None:
    stocksync("undo", "1", "--live")
    done = stocksync("import", "movements", str(tmp_path / "in.csv"))
    assert done.stderr == "0 inserted, 2 were there already\n"
    assert stock(imported, 1) == 0


def test_what_is_left_out_is_counted(imported, stocksync) -> None:
    imported.execute("select stocksync.reverse_movement(1, 'x')")
    done = stocksync("undo", "--movements", "--since", "2020-01-01")
    assert "Left out, reversed already: 1\nLeft out, reversals themselves: 1\n" in done.stderr
    imported.execute("delete from stock_movements where id = 2")
    done = stocksync("undo", "1", "--live")
    assert done.returncode == 0
    assert "Deleted since: 1\nNothing is left to undo.\n" in done.stderr
    assert stocksync("-q", "undo", "1", "--live").stderr == ""


def test_a_batch_by_type_and_reference(imported, stocksync) -> None:
    move(imported, 1, 9, reference='it\'s "bad"')
    options = ("--movements", "--since", "2020-01-01", "--type", "purchase")
    rows = json.loads(stocksync("undo", *options, "--json").stdout)
    assert [(row["sku"], row["change"]) for row in rows] == [("A", -14)]
    done = stocksync("undo", *options, "--reference", 'it\'s "bad"', "--live")
    assert done.returncode == 0
    assert stock(imported, 1) == 5


def test_a_refusal_of_stock_is_shown_whole(imported, stocksync) -> None:
    move(imported, 1, 3, "sale")
    imported.execute("update products set allow_negative = false where sku = 'A'")
    done = stocksync("undo", "1", "--live")
    assert done.returncode == 4
    assert done.stderr.startswith(
        'error: insufficient stock of "A"\ndetail: There are 2, and 5 were asked for.\nhint: '
    )
    assert (stock(imported, 1), stock(imported, 2)) == (2, -2)
    assert json.loads(stocksync("undo", "1", "--json").stdout)[0]["quantity_after"] == -3


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["1", "--movements", "--since", "2020-01-01"],
        ["--movements"],
        ["--since", "2020-01-01"],
        ["1", "--type", "sale"],
        ["1", "--reference", "X"],
        ["one"],
        ["0"],
        ["9223372036854775808"],
    ],
)
def test_contradictions_are_wrong_usage(stocksync, options: list[str]) -> None:
    assert stocksync("undo", *options).returncode == 2


@pytest.mark.parametrize("live", [[], ["--live"]])
def test_what_cannot_be_undone_is_an_error_with_a_hint(imported, stocksync, live) -> None:
    stocksync("undo", "1", "--live")
    for options, message in (
        (["1"], "run 1 was undone by run 2"),
        (["2"], "run 2 is an undo"),
        (["77"], "run 77 does not exist"),
        (["--movements", "--since", "soon"], "invalid input syntax for type timestamp"),
    ):
        done = stocksync("undo", *options, *live)
        assert done.returncode == 1
        assert message in done.stderr
        assert "Traceback" not in done.stderr


def test_json_events_tell_it_too(imported, stocksync) -> None:
    done = stocksync("--log-format", "json", "undo", "1", "--live", "--csv")
    events = [json.loads(line) for line in done.stderr.splitlines()]
    [event] = [event for event in events if event["message"] == "run undone"]
    assert (event["level"], event["context"]["movements"]) == ("warning", 2)
