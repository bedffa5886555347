"""What an API answers is kept as it is, beside the stock of that moment."""

from decimal import Decimal

import psycopg
import pytest
from api_helpers import begin, stage
from helpers import move, only, product, raises_sql
from psycopg.types.json import Jsonb


def kept(db: psycopg.Connection) -> list[tuple]:
    return db.execute(
        "select api_id, product_id, times, quantity, stock, problem from stocksync.api_items"
        ' order by api_id collate "C"'
    ).fetchall()


def test_products_are_found_by_id_or_by_sku(ledger: psycopg.Connection) -> None:
    a, b = product(ledger, "2"), product(ledger, "b")
    move(ledger, b, 7)
    items = [{"id": "1", "quantity": 1}, {"id": 2, "quantity": 2}, {"id": "b", "quantity": 3}]
    stage(ledger, begin(ledger), items)
    assert [row[:2] for row in kept(ledger)] == [("1", a), ("2", b), ("b", None)]
    assert [row[4] for row in kept(ledger)] == [0, 7, None]
    ledger.execute("delete from stocksync.api_readings")
    stage(ledger, begin(ledger, match_by="sku"), items)
    assert [row[:2] for row in kept(ledger)] == [("1", None), ("2", a), ("b", b)]


@pytest.mark.parametrize(
    "name", ["01", "1.5", "+1", " 1", "1e0", "9" * 30, "'; drop table products --", "\x1b[31m", "%"]
)
def test_an_id_that_is_no_number_of_ours_is_unknown(ledger: psycopg.Connection, name: str) -> None:
    product(ledger, "A")
    stage(ledger, begin(ledger), [{"id": name, "quantity": 1}])
    assert kept(ledger) == [(name, None, 1, 1, None, None)]


def test_an_id_may_be_a_number_with_decimals_that_say_nothing(ledger: psycopg.Connection) -> None:
    a = product(ledger, "A")
    stage(ledger, begin(ledger), [{"id": Decimal("1.00"), "quantity": 1}])
    assert kept(ledger)[0][:2] == ("1", a)


@pytest.mark.parametrize(
    ("value", "quantity"),
    [(5, 5), (-5, -5), (1.5, 1.5), ("12.500", 12.5), (" 7 ", 7), ("-1e2", -100), ("0", 0)],
)
def test_a_quantity_is_a_number_also_as_text(ledger, value, quantity) -> None:
    stage(ledger, begin(ledger), [{"id": 1, "quantity": value}])
    assert [(row[3], row[5]) for row in kept(ledger)] == [(quantity, None)]


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (None, "it has no quantity"),
        ("", "it has no quantity"),
        ("NaN", "its quantity is no number: NaN"),
        ("Infinity", "its quantity is no number: Infinity"),
        ("many", "its quantity is no number: many"),
        ("1,5", "its quantity is no number: 1,5"),
        (True, "its quantity is no number: true"),
        ([1], "its quantity is no number: [1]"),
        ({"a": 1}, 'its quantity is no number: {"a": 1}'),
        ("1e999999999", "its quantity is no number: 1e999999999"),
        ("1e15", "its quantity is out of range: 1e15"),
        ("x" * 1000, "its quantity is no number: " + "x" * 60),
    ],
)
def test_what_is_no_quantity_is_told(ledger, value, problem) -> None:
    stage(ledger, begin(ledger), [{"id": 1, "quantity": value}])
    assert [(row[3], row[5]) for row in kept(ledger)] == [(None, problem)]


def test_items_without_an_id_are_counted(ledger: psycopg.Connection) -> None:
    stage(
        ledger,
        begin(ledger),
        [{"quantity": 1}, {"id": None}, {"id": ""}, {"id": True}, {"id": [1]}, 7, None, "x"],
    )
    assert kept(ledger) == [("", None, 8, None, None, "it has no id")]


def test_what_no_index_could_hold_is_cut(ledger: psycopg.Connection) -> None:
    stage(
        ledger,
        begin(ledger, match_by="sku"),
        [{"id": "é" * 100_000, "quantity": 1, "status": "s" * 1000}],
    )
    [(name, *_, problem)] = kept(ledger)
    assert (name, problem) == ("é" * 500, "its id is longer than 500 characters")
    assert only(ledger, "select length(status) from stocksync.api_items") == 200


def test_an_id_twice_is_counted_on_one_page_and_over_pages(ledger: psycopg.Connection) -> None:
    a = product(ledger, "A")
    reading = begin(ledger)
    stage(ledger, reading, [{"id": 1, "quantity": 3}, {"id": "1", "quantity": 4}])
    stage(ledger, reading, [{"id": 1, "quantity": 5}])
    assert kept(ledger) == [("1", a, 3, 3, 0, None)]


def test_the_time_of_reading_is_between_the_page_before_and_now(
    ledger: psycopg.Connection,
) -> None:
    reading = begin(ledger)
    stage(ledger, reading, [{"id": 1, "quantity": 3}])
    between = only(ledger, "select clock_timestamp()")
    stage(ledger, reading, [{"id": 2, "quantity": 3}])
    [(began,)] = ledger.execute("select started_at from stocksync.api_readings").fetchall()
    [first, second] = ledger.execute(
        "select read_from, read_at from stocksync.api_items order by api_id"
    ).fetchall()
    assert began <= first[0] <= first[1] <= second[0] <= between <= second[1]


def test_a_file_is_of_its_moment(ledger: psycopg.Connection) -> None:
    stage(ledger, begin(ledger, shown_at="2026-01-01Z"), [{"id": 1, "quantity": 3}])
    assert only(
        ledger,
        "select bool_and(read_from = '2026-01-01Z' and read_at = read_from"
        " and staged_at > now() - interval '1 minute') from stocksync.api_items",
    )


def test_what_is_complete_takes_no_more(ledger: psycopg.Connection) -> None:
    reading = begin(ledger)
    ledger.execute("select stocksync.end_api_reading(%s)", (reading,))
    with raises_sql("55000", f"reading {reading} is complete"):
        stage(ledger, reading, [])
    with raises_sql("P0002", "reading 77 does not exist"):
        stage(ledger, 77, [])
    with raises_sql("22023", "cannot extract elements from an object"):
        ledger.execute(
            "select stocksync.stage_api_items(%s, %s)", (begin(ledger), Jsonb({"id": 1}))
        )
