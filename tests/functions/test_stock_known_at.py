"""What somebody who asked then was told."""

import psycopg
from helpers import acting_as, move, only, product, raises_sql
from time_helpers import close

NOW = "select clock_timestamp()"
KNOWN = "select quantity from stocksync.stock_known_at(%s, %s)"


def test_what_was_recorded_by_then_whenever_it_occurred(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    before = only(ledger, NOW)
    movement = move(ledger, a, 10, occurred_at="2030-01-01")
    then = only(ledger, NOW)
    move(ledger, a, 3, occurred_at="2020-01-01")
    ledger.execute("update stock_movements set quantity = 7 where id = %s", (movement,))
    ledger.execute("update stock_movements set quantity = 6 where id = %s", (movement,))
    assert [only(ledger, KNOWN, (known, a)) for known in (before, then, "infinity", None)] == [
        0, 10, 9, 9,
    ]  # fmt: skip


def test_a_note_added_to_a_closed_movement_changes_no_quantity(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    movement = move(ledger, a, 10, occurred_at="2024-01-01")
    close(ledger, "2024-01-31")
    then = only(ledger, NOW)
    ledger.execute("update stock_movements set notes = 'x' where id = %s", (movement,))
    assert only(ledger, KNOWN, (then, a)) == 10


def test_a_late_movement_is_known_from_when_it_was_recorded(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    close(ledger, "2024-01-31")
    ledger.execute("update stocksync.settings set late_movements = 'first_open_day'")
    before = only(ledger, NOW)
    move(ledger, a, 5, occurred_at="2024-01-10")
    assert only(ledger, KNOWN, (before, a)) == 0
    assert only(ledger, KNOWN, ("infinity", a)) == 5


def test_reopened_closings_freeze_nothing(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 10, occurred_at="2024-01-01")
    close(ledger, "2024-01-31")
    then = only(ledger, NOW)
    ledger.execute("select stocksync.reopen_period()")
    move(ledger, a, 5, occurred_at="2024-01-10")
    close(ledger, "2024-01-31")
    assert only(ledger, KNOWN, (then, a)) == 10
    assert only(ledger, KNOWN, (None, a)) == 15


def test_an_unknown_product_and_who_may_ask(ledger: psycopg.Connection) -> None:
    with acting_as(ledger, "stocksync_app"), raises_sql("P0002", "product 999 does not exist"):
        ledger.execute(KNOWN, (None, 999))
