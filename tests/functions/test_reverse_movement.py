"""A movement is taken back by its opposite, once."""

import psycopg
from helpers import acting_as, differences, move, only, product, raises_sql, stock


def test_the_opposite_is_booked_with_the_reason(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    ledger.execute("insert into locations (name) values ('shelf')")
    move(ledger, a, 10)
    original = move(
        ledger, a, "2.5", "sale", location_id=1, unit_cost=3, reference="INV-1", notes="x",
        idempotency_key="k", occurred_at="2020-01-01",
    )  # fmt: skip
    assert ledger.execute(
        "select id, product_id, location_id, movement_type, transaction_type, quantity::text,"
        " unit_cost, reference, idempotency_key, reverses_id, notes, occurred_at > '2021-01-01'"
        " from stocksync.reverse_movement(%s, 'mistake')",
        (original,),
    ).fetchall() == [(3, a, 1, "in", "sale", "2.5", 3, "INV-1", None, original, "mistake", True)]
    assert stock(ledger, a) == 10
    assert differences(ledger) == []


def test_a_movement_that_does_not_exist(ledger: psycopg.Connection) -> None:
    with raises_sql(
        "P0002",
        "movement 999 does not exist",
        message_hint='List the movements of a product with "stocksync movements --sku SKU".',
    ):
        ledger.execute("select stocksync.reverse_movement(999, 'mistake')")


def test_once(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    original = move(ledger, a, 10)
    reversal = only(ledger, "select id from stocksync.reverse_movement(%s, 'x')", (original,))
    with raises_sql(
        "23505",
        'duplicate key value violates unique constraint "stock_movements_reverses_id_idx"',
        constraint_name="stock_movements_reverses_id_idx",
    ):
        ledger.execute("select stocksync.reverse_movement(%s, 'x')", (original,))
    with raises_sql(
        "23514",
        f"movement {reversal} is itself a reversal",
        constraint_name="stock_movements_reversal_of_original",
    ):
        ledger.execute("select stocksync.reverse_movement(%s, 'x')", (reversal,))
    assert stock(ledger, a) == 0


def test_what_was_sold_meanwhile_cannot_be_taken_back(ledger: psycopg.Connection) -> None:
    a = product(ledger, allow_negative=False)
    original = move(ledger, a, 10)
    move(ledger, a, 4, "sale")
    with raises_sql(
        "SS001",
        'insufficient stock of "A"',
        message_detail="There are 6, and 10 were asked for.",
    ):
        ledger.execute("select stocksync.reverse_movement(%s, 'x')", (original,))
    assert stock(ledger, a) == 6


def test_an_application_may_call_it(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    original = move(ledger, a, 10)
    with acting_as(ledger, "stocksync_app"):
        ledger.execute("select stocksync.reverse_movement(%s, 'x')", (original,))
    assert stock(ledger, a) == 0
