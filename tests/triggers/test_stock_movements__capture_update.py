"""Updated movements: the stock follows exactly, whatever was updated, and the log tells."""

import psycopg
import pytest
from helpers import acting_as, differences, move, only, product, raises_sql, stock
from time_helpers import close


@pytest.mark.parametrize("rolled_up", [False, True])
@pytest.mark.parametrize(
    ("change", "of_a", "of_b"),
    [
        ("quantity = 7", 7, 0),
        ("product_id = 2", 0, 10),
        ("transaction_type = 'sale', movement_type = 'out'", -10, 0),
        ("location_id = 1", 10, 0),
        ("occurred_at = '2001-01-01', notes = 'long ago'", 10, 0),
        ("product_id = 2, quantity = 3, location_id = 1", 0, 3),
    ],
)
def test_the_stock_follows(
    ledger: psycopg.Connection, rolled_up: bool, change: str, of_a: int, of_b: int
) -> None:
    a, b = product(ledger, "A"), product(ledger, "B")
    ledger.execute("insert into locations (name) values ('shelf')")
    move(ledger, a, 10)
    if rolled_up:
        ledger.execute("select stocksync.roll_up()")
    ledger.execute(f"update stock_movements set {change}")
    assert (stock(ledger, a), stock(ledger, b)) == (of_a, of_b)
    assert differences(ledger) == []


def test_the_log_names_the_movements_that_were_updated(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    for _ in range(12):
        move(ledger, a, 1)
    ledger.execute("update stock_movements set quantity = 2")
    assert ledger.execute(
        "select level, message, context, actor from stocksync.log"
    ).fetchall() == [
        (
            "warning",
            "movements updated",
            {"movements": 12, "first_movement_ids": list(range(1, 11))},
            only(ledger, "select session_user::text"),
        )
    ]


def test_an_update_that_changes_nothing_is_no_event(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 1)
    ledger.execute("update stock_movements set quantity = quantity")
    ledger.execute("update stock_movements set quantity = 2 where false")
    assert only(ledger, "select count(*) from stocksync.log") == 0
    assert only(ledger, "select count(*) from stocksync.movement_history") == 0


@pytest.mark.parametrize(
    ("change", "sqlstate", "message"),
    [
        ("transaction_type = 'nonsense'", "23503", 'unknown transaction type "nonsense"'),
        ("transaction_type = 'sale'", "23514", 'transaction type "sale" is "out", not "in"'),
        ("movement_type = 'out'", "23514", 'transaction type "purchase" is "in", not "out"'),
        (
            "quantity = 'NaN'",
            "23514",
            'new row for relation "stock_movements" violates check constraint'
            ' "stock_movements_quantity_bounded"',
        ),
        (
            "product_id = 999",
            "23503",
            "product 999 does not exist",
        ),
    ],
)
def test_what_an_insert_may_not_say_an_update_may_not_either(
    ledger: psycopg.Connection, change: str, sqlstate: str, message: str
) -> None:
    a = product(ledger)
    move(ledger, a, 10)
    with raises_sql(sqlstate, message):
        ledger.execute(f"update stock_movements set {change}")
    assert stock(ledger, a) == 10
    assert differences(ledger) == []


@pytest.mark.parametrize("number", [1, 2], ids=["the original", "the reversal"])
def test_a_movement_and_its_reversal_stay_alike(ledger: psycopg.Connection, number: int) -> None:
    a = product(ledger)
    move(ledger, a, 10, reverses_id=move(ledger, a, 10))
    with raises_sql("23514", "movement 2 does not match movement 1, which it reverses"):
        ledger.execute("update stock_movements set quantity = 7 where id = %s", (number,))
    ledger.execute("update stock_movements set quantity = 7")
    assert stock(ledger, a) == 0
    assert differences(ledger) == []


def test_a_reversal_does_not_become_a_movement_of_its_own(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 10, reverses_id=move(ledger, a, 10))
    with raises_sql("23514", 'transaction type "purchase" is "in", not "out"'):
        ledger.execute("update stock_movements set reverses_id = null")


def test_an_update_may_not_make_stock_negative_where_that_is_refused(
    ledger: psycopg.Connection,
) -> None:
    a = product(ledger, allow_negative=False)
    move(ledger, a, 10)
    move(ledger, a, 8, "sale")
    with raises_sql(
        "SS001",
        'insufficient stock of "A"',
        message_detail="There are 2, and 5 were asked for.",
    ):
        ledger.execute(
            "update stock_movements set quantity = 5 where transaction_type = 'purchase'"
        )
    assert stock(ledger, a) == 2


def test_the_application_updates_no_movement(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 10)
    with (
        raises_sql("42501", "permission denied for table stock_movements"),
        acting_as(ledger, "stocksync_app"),
    ):
        ledger.execute("update stock_movements set notes = 'x'")


def test_an_upsert_counts_what_it_inserts_and_what_it_updates(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 10, idempotency_key="k")
    ledger.execute(
        "insert into stock_movements (product_id, transaction_type, quantity, idempotency_key)"
        " values (1, 'purchase', 3, 'k'), (1, 'purchase', 4, 'l')"
        " on conflict (idempotency_key) where idempotency_key is not null"
        " do update set quantity = excluded.quantity"
    )
    assert stock(ledger, a) == 7
    assert differences(ledger) == []


@pytest.mark.parametrize(
    "change",
    [
        "quantity = 7",
        "occurred_at = '2024-01-09'",
        "occurred_at = '2024-02-09'",
        "transaction_type = 'sale_return'",
        "idempotency_key = 'x'",
        "recorded_at = now()",
        "location_id = 1",
    ],
)
def test_what_is_closed_is_final(ledger: psycopg.Connection, change: str) -> None:
    a = product(ledger)
    ledger.execute("insert into locations (name) values ('shelf')")
    move(ledger, a, 10, occurred_at="2024-01-10")
    close(ledger, "2024-01-31")
    move(ledger, a, 1, occurred_at="2024-02-10")
    ledger.execute("set time zone 'UTC'")
    first = "2024-01-09" if "01-09" in change else "2024-01-10"
    with raises_sql("SS005", f"the period of {first} 00:00:00+00 is closed"):
        ledger.execute(f"update stock_movements set {change} where id = 1")
    with raises_sql("SS005", "the period of 2024-01-31 00:00:00+00 is closed"):
        ledger.execute("update stock_movements set occurred_at = '2024-01-31' where id = 2")


def test_what_is_summed_nowhere_may_be_put_right(ledger: psycopg.Connection) -> None:
    move(ledger, product(ledger), 10, occurred_at="2024-01-10")
    close(ledger, "2024-01-31")
    ledger.execute("update stock_movements set notes = 'x', reference = 'y', unit_cost = 3")
    assert only(ledger, "select count(*) from stocksync.movement_history") == 1
    assert differences(ledger) == []
