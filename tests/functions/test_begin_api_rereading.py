"""The second look: only at what differed."""

import psycopg
from api_helpers import begin, end, found, read, reread, stage
from helpers import move, product, raises_sql


def test_nothing_differs_and_nothing_is_read_again(ledger: psycopg.Connection) -> None:
    move(ledger, product(ledger, "A"), 5)
    reading = read(ledger, {1: 5})
    assert reread(ledger, reading, {}) == 0
    assert found(ledger, reading) == []


def test_what_settles_is_a_lag(ledger: psycopg.Connection) -> None:
    for sku in ("A", "B", "C", "D"):
        move(ledger, product(ledger, sku), 5)
    reading = begin(ledger)
    stage(
        ledger,
        reading,
        [{"id": 1, "quantity": 4}, {"id": 2, "quantity": 5}, {"id": 2, "quantity": 5}],
    )
    stage(ledger, reading, [{"id": 4, "quantity": 4}])
    end(ledger, reading)
    assert reread(ledger, reading, {1: 5, 2: 5, 3: 5, 4: 3}) == 4
    assert found(ledger, reading) == [
        (1, 5, "lag", "api_lag"),
        (2, 5, "lag", "api_lag"),
        (3, 5, "lag", "api_lag"),
        (4, 3, "on_hand_vs_api", "unknown"),
    ]


def test_what_was_right_is_not_asked_again(ledger: psycopg.Connection) -> None:
    for sku in ("A", "B"):
        move(ledger, product(ledger, sku), 5)
    reading = read(ledger, {1: 5, 2: 4})
    assert reread(ledger, reading, {1: 99, 2: 5, 77: 1}) == 1
    assert found(ledger, reading) == [(2, 5, "lag", "api_lag")]


def test_what_is_gone_at_the_second_look_is_missing(ledger: psycopg.Connection) -> None:
    for sku in ("A", "B"):
        move(ledger, product(ledger, sku), 5)
    reading = read(ledger, {1: 4, 2: 4})
    move(ledger, 2, 5, "sale")
    assert reread(ledger, reading, {}) == 2
    assert found(ledger, reading) == [
        (1, None, "missing_from_api", "filtered"),
        (2, None, "lag", "api_lag"),
    ]


def test_a_second_look_that_was_broken_off_says_nothing(ledger: psycopg.Connection) -> None:
    move(ledger, product(ledger, "A"), 5)
    reading = read(ledger, {1: 4})
    begin_again = "select * from stocksync.begin_api_rereading(%s)"
    assert ledger.execute(begin_again, (reading,)).fetchall() == [("1", "on_hand_vs_api")]
    with raises_sql("55000", f"reading {reading} is not complete"):
        found(ledger, reading)


def test_there_is_one_second_look(ledger: psycopg.Connection) -> None:
    move(ledger, product(ledger, "A"), 5)
    reading = read(ledger, {1: 4})
    reread(ledger, reading, {1: 4})
    with raises_sql("55000", f"reading {reading} has been read again already"):
        reread(ledger, reading, {})


def test_a_file_of_a_moment_stays_what_it_is(ledger: psycopg.Connection) -> None:
    move(ledger, product(ledger, "A"), 5)
    reading = read(ledger, {1: 4}, shown_at="now")
    assert reread(ledger, reading, {1: 5}) == 0
    assert len(found(ledger, reading)) == 1


def test_of_a_reading_that_is_not_complete(ledger: psycopg.Connection) -> None:
    reading = begin(ledger)
    with raises_sql("55000", f"reading {reading} is not complete"):
        reread(ledger, reading, {})
