"""A stock-take from a file: all of it or nothing, as one run."""

import time
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from helpers import acting_as, differences, move, only, product, session, stock

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
HEADER = ("sku", "quantity", "counted_at", "location")


def load(db: psycopg.Connection, *lines: str, header: tuple[str, ...] = HEADER) -> tuple[int, ...]:
    with db.transaction():
        statement = only(db, "select stocksync.stage_import('counts', %s)", (list(header),))
        with db.cursor().copy(statement) as copy:
            for number, line in enumerate(lines, 2):
                copy.write(f"{number},,{line}\n")
        [row] = db.execute("select * from stocksync.import_counts('a file')").fetchall()
        load.problems = db.execute("select * from stocksync.import_problems('counts')").fetchall()
    return row


def test_what_differs_is_corrected_and_what_is_equal_remembered(
    ledger: psycopg.Connection,
) -> None:
    ids = [product(ledger, f"P{n}") for n in range(4)]
    ledger.execute("insert into locations (name) values ('shelf')")
    for p in ids:
        move(ledger, p, 10, occurred_at=NOON - timedelta(days=1))
    move(ledger, ids[0], 1, "sale", occurred_at=NOON + timedelta(days=1))
    lines = (
        "P3,12,2026-03-10 12:00,",
        "P0,8,2026-03-10 12:00,",
        "P1,10,2026-03-10 12:00,",
        "P1,3,2026-03-10 12:00,shelf",
        "P2,0,,",
    )
    assert load(ledger, *lines) == (5, 4, 1, 1, 0)
    assert [stock(ledger, p) for p in ids] == [7, 13, 0, 12]
    assert load(ledger, *lines[:4]) == (4, 0, 4, 1, 0)
    assert differences(ledger) == []


def test_one_product_several_times(ledger: psycopg.Connection) -> None:
    p = product(ledger)
    move(ledger, p, 10, occurred_at=NOON - timedelta(days=1))
    lines = ("A,9,2026-03-11,", "A,7,2026-03-10,")
    assert load(ledger, *lines) == (2, 2, 0, 1, 0)
    assert stock(ledger, p) == 9
    assert ledger.execute(
        "select counted_at, expected, quantity from stocksync.counts order by counted_at"
    ).fetchall() == [
        # a day alone is its end
        (datetime(2026, 3, 10, 23, 59, 59, 999999, tzinfo=UTC), 10, 7),
        (datetime(2026, 3, 11, 23, 59, 59, 999999, tzinfo=UTC), 7, 9),
    ]


def test_every_problem_is_told_and_nothing_is_recorded(ledger: psycopg.Connection) -> None:
    product(ledger)
    product(ledger, "B")
    ledger.execute("call stocksync.close_period('2026-01-31')")
    lines = (
        "A,1,2026-03-10,",
        "A,1,2026-03-10,",
        "B,NaN,2026-03-10,",
        "B,-1,,",
        "B,0.0000001,2026-03-11,",
        "B,1e15,2026-03-12,",
        "B,,2026-03-13,",
        ",1,,",
        "X,1,,",
        "B,1,9000-01-01,",
        "B,1,2026-01-31,",
        "B,1,noon,",
        "B,1,2026-03-14,nowhere",
    )
    assert load(ledger, *lines) == (0, 0, 0, 0, 13 - 1)
    assert load.problems == [
        (3, "sku", "A", "is in line 2 already"),
        (4, "quantity", "NaN", "is not a number"),
        (5, "quantity", "-1", "is below zero"),
        (6, "quantity", "0.0000001", "has more than 6 decimals"),
        (7, "quantity", "1e15", "is not below 1e15"),
        (8, "quantity", None, "is missing"),
        (9, "sku", None, "is missing"),
        (10, "sku", "X", "unknown sku"),
        (11, "counted_at", "9000-01-01", "is in the future"),
        (12, "counted_at", "2026-01-31", "is in a period that is closed"),
        (13, "counted_at", "noon", "is not a time like 2010-12-01 08:26:00+00"),
        (14, "location", "nowhere", "unknown location"),
    ]
    assert only(ledger, "select count(*) from stocksync.counts") == 0
    assert only(ledger, "select count(*) from stocksync.runs") == 0


def test_numbers_name_products_and_places_too(ledger: psycopg.Connection) -> None:
    p = product(ledger)
    shelf = only(ledger, "insert into locations (name) values ('shelf') returning id")
    header = ("product_id", "quantity", "location_id", "user_id", "notes")
    assert load(ledger, f"{p},3,{shelf},eve,first", header=header)[:2] == (1, 1)
    assert ledger.execute(
        "select c.location_id, c.user_id, c.notes, m.user_id, m.notes from stocksync.counts as c"
        " join stocksync.count_corrections as k on k.count_id = c.id"
        " join stock_movements as m on m.id = k.movement_id"
    ).fetchall() == [(shelf, "eve", "first", "eve", "first")]
    load(ledger, "77,1,88,,", f"{p},1,,,", f"{p},1,,,", header=header)
    assert [(line, column, problem) for line, column, _, problem in load.problems] == [
        (2, "product_id", "unknown product"),
        (2, "location_id", "unknown location"),
        (4, "product_id", "is in line 3 already"),
    ]


def test_it_is_a_run_with_its_movements(ledger: psycopg.Connection) -> None:
    product(ledger)
    product(ledger, "B")
    load(ledger, "A,3,,", "B,0,,")
    assert ledger.execute(
        "select u.command, u.options, u.finished_at is not null,"
        " (select array_agg(m.id) from stock_movements as m where m.id <@ any (array("
        " select unnest(u.movement_ids)))) = (select array_agg(m.id) from stock_movements as m),"
        " (select count(*) from stocksync.counts as c where c.run_id = u.id)"
        " from stocksync.runs as u"
    ).fetchall() == [("import counts", {"file": "a file"}, True, True, 2)]
    assert ledger.execute("select message, context from stocksync.log").fetchall() == [
        (
            "counts imported",
            {
                "run": 1,
                "file": "a file",
                "counted": 2,
                "corrected": 1,
                "equal": 1,
                "moved_since": 0,
            },
        )
    ]


def test_an_empty_file_is_no_error(ledger: psycopg.Connection) -> None:
    assert load(ledger) == (0, 0, 0, 0, 0)


def test_an_operator_imports_and_an_application_does_not(ledger: psycopg.Connection) -> None:
    p = product(ledger)
    with acting_as(ledger, "stocksync_operator"):
        assert load(ledger, "A,3,,") == (1, 1, 0, 0, 0)
    assert stock(ledger, p) == 3
    with (
        acting_as(ledger, "stocksync_app"),
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        load(ledger, "A,3,,")


def test_a_stock_take_of_all_products_takes_seconds(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    """Each at a moment of its own, where each has some movements."""
    ledger.execute(
        "insert into products (sku, name) select 'P' || n, 'P' from generate_series(1, 2000) as n"
    )
    ledger.execute(
        "insert into stock_movements"
        " (product_id, movement_type, transaction_type, quantity, occurred_at)"
        " select p, 'in', 'purchase', 1, %s - d * interval '6 hours'"
        " from generate_series(1, 2000) as p, generate_series(1, 20) as d",
        (NOON,),
    )
    lines = [
        f"P{n},{n % 40},{NOON + timedelta(seconds=n):%Y-%m-%d %H:%M:%S}," for n in range(1, 2001)
    ]
    began = time.monotonic()
    assert load(ledger, *lines) == (2000, 1950, 50, 0, 0)
    assert time.monotonic() - began < 30
    # and a late movement of every one of them, in one statement
    with session(ledger_url) as other:
        other.execute(
            "insert into stock_movements"
            " (product_id, movement_type, transaction_type, quantity, occurred_at)"
            " select id, 'in', 'purchase', 1, %s from products",
            (NOON - timedelta(days=2),),
        )
    assert only(
        ledger, "select count(*) from products where quantity_on_hand <> substr(sku, 2)::int % 40"
    ) == 0  # fmt: skip
    assert differences(ledger) == []


def test_batches_are_counted_line_by_line(ledger: psycopg.Connection) -> None:
    a = product(ledger, "A", tracks_batches=True)
    product(ledger, "B")
    ledger.execute("insert into locations (name) values ('shelf')")
    for name, place in (("L1", None), ("L2", None), ("L1", 1)):
        move(ledger, a, 10, batch_number=name, location_id=place, occurred_at=NOON)
    header = (*HEADER, "batch_number")
    lines = ("A,9,,,L1", "A,12,,,L2", "A,10,,shelf,L1", "B,3,,,")
    assert load(ledger, *lines, header=header) == (4, 3, 1, 0, 0)
    remaining = "select array_agg(quantity_remaining order by id) from stock_batches"
    assert only(ledger, remaining) == [9, 12, 10]
    assert load(ledger, *lines, header=header) == (4, 0, 4, 0, 0)
    assert differences(ledger) == []
    [(run,)] = ledger.execute("select min(id) from stocksync.runs").fetchall()
    ledger.execute("call stocksync.undo(%s)", (run,))
    assert only(ledger, remaining) == [10, 10, 10]
    assert differences(ledger) == []


def test_a_batch_at_two_moments_and_all_of_the_product_in_one_file(
    ledger: psycopg.Connection,
) -> None:
    a = product(ledger, "A", tracks_batches=True)
    for name in ("L1", "L2"):
        move(ledger, a, 10, batch_number=name, occurred_at=NOON - timedelta(days=9))
    header = (*HEADER, "batch_number")
    lines = ("A,15,2026-03-12,,", "A,7,2026-03-11,,L1", "A,9,2026-03-10,,L1")
    assert load(ledger, *lines, header=header) == (3, 3, 0, 2, 0)
    assert ledger.execute(
        "select batch_id is not null, expected, quantity from stocksync.counts order by counted_at"
    ).fetchall() == [(True, 10, 9), (True, 9, 7), (False, 17, 15)]
    assert only(ledger, "select sum(quantity_remaining) from stock_batches") == 15
    assert differences(ledger) == []


def test_what_is_no_batch_is_told_by_line(ledger: psycopg.Connection) -> None:
    a = product(ledger, "A", tracks_batches=True)
    ledger.execute("insert into locations (name) values ('shelf')")
    move(ledger, a, 10, batch_number="L1", unit_cost=1)
    move(ledger, a, 10, batch_number="L1", unit_cost=2)
    move(ledger, a, 10, batch_number="L2")
    header = (*HEADER, "batch_number")
    assert load(
        ledger, "A,9,,,L1", "A,9,,,L3", "A,9,,shelf,L2", "A,9,,,L2", "A,8,,,L2", "x,1,,,L1",
        "A,9,,nowhere,L1", header=header,
    ) == (0, 0, 0, 0, 6)  # fmt: skip
    assert load.problems == [
        (2, "batch_number", "L1", "is the number of several batches"),
        (3, "batch_number", "L3", "unknown batch"),
        (4, "batch_number", "L2", "unknown batch"),
        (6, "sku", "A", "is in line 5 already"),
        (7, "sku", "x", "unknown sku"),
        (8, "location", "nowhere", "unknown location"),
    ]
    assert only(ledger, "select count(*) from stocksync.counts") == 0
