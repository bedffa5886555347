"""A movement that can be retried."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from helpers import acting_as, differences, only, product, raises_sql, session, stock

CALL = (
    "select id from stocksync.record_movement(1, 'purchase', 2, 'k', p_location_id => 1,"
    " p_occurred_at => '2025-01-01 00:00:00+00', p_unit_cost => 3, p_reference => 'r',"
    " p_user_id => 'u', p_notes => 'n', p_metadata => '{\"a\": 1}')"
)


@pytest.fixture
def filled(ledger: psycopg.Connection) -> psycopg.Connection:
    """A ledger with products 1 and 2, locations 1 and 2, and movement 1 with key "k"."""
    product(ledger, "A"), product(ledger, "B")
    ledger.execute("insert into locations (name) values ('shelf'), ('yard')")
    ledger.execute(CALL)
    return ledger


def test_the_same_key_with_the_same_content_is_the_same_movement(
    filled: psycopg.Connection,
) -> None:
    assert only(filled, CALL) == 1
    with filled.transaction():
        assert only(filled, CALL.replace("2, 'k'", "2.0, 'k'")) == 1
        assert only(filled, CALL) == 1
    assert stock(filled, 1) == 2
    assert differences(filled) == []


def test_who_sends_it_again_need_not_know_when_it_was_first_booked(
    ledger: psycopg.Connection,
) -> None:
    a = product(ledger)
    call = "select id from stocksync.record_movement(1, 'purchase', 2, 'k')"
    assert only(ledger, call) == only(ledger, call) == 1
    assert stock(ledger, a) == 2


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("(1, 'purchase', 2", "(2, 'purchase', 2"),
        ("'purchase'", "'opening_stock'"),
        ("'purchase', 2", "'purchase', 3"),
        ("location_id => 1", "location_id => 2"),
        ("location_id => 1", "location_id => null"),
        ("2025-01-01 00", "2025-01-01 01"),
        ("unit_cost => 3", "unit_cost => 4"),
        ("unit_cost => 3", "unit_cost => null"),
        ("reference => 'r'", "reference => 's'"),
        ("user_id => 'u'", "user_id => null"),
        ("notes => 'n'", "notes => 'm'"),
        ('{"a": 1}', '{"a": 2}'),
        ("'{\"a\": 1}'", "null"),
    ],
)
def test_the_same_key_with_another_content_is_refused(
    filled: psycopg.Connection, old: str, new: str
) -> None:
    assert old in CALL
    with raises_sql(
        "SS002",
        'idempotency key "k" belongs to another movement',
        message_detail="Movement 1 has this key and another content.",
        message_hint="Use a new key for a new movement; send the same content to retry.",
        table_name="stock_movements",
        column_name="idempotency_key",
    ):
        filled.execute(CALL.replace(old, new))
    assert stock(filled, 1) == 2


def test_the_key_of_a_reversal_is_not_that_of_a_movement(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    ledger.execute(
        "insert into stock_movements (product_id, transaction_type, quantity, reverses_id,"
        " idempotency_key) values (1, 'sale', 2, null, 'j'), (1, 'sale', 2, 1, 'k')"
    )
    with raises_sql("SS002", 'idempotency key "k" belongs to another movement'):
        ledger.execute("select stocksync.record_movement(%s, 'sale', 2, 'k')", (a,))


def test_without_a_key_each_call_is_a_movement(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    for _ in range(2):
        ledger.execute("select stocksync.record_movement(1, 'sale', 2)")
    assert stock(ledger, a) == -4


@pytest.mark.parametrize(
    ("arguments", "sqlstate", "message"),
    [
        ("1, 'nonsense', 1", "23503", 'unknown transaction type "nonsense"'),
        (
            "1, 'sale', 'NaN'",
            "23514",
            'new row for relation "stock_movements" violates check constraint'
            ' "stock_movements_quantity_bounded"',
        ),
        (
            "999, 'sale', 1",
            "23503",
            'insert or update on table "stock_movements" violates foreign key constraint'
            ' "stock_movements_product_exists"',
        ),
    ],
)
def test_it_raises_what_an_insert_raises(
    ledger: psycopg.Connection, arguments: str, sqlstate: str, message: str
) -> None:
    product(ledger)
    with raises_sql(sqlstate, message):
        ledger.execute(f"select stocksync.record_movement({arguments})")


def test_it_raises_at_commit_where_stock_lacks(ledger: psycopg.Connection) -> None:
    product(ledger, allow_negative=False)
    with raises_sql("SS001", 'insufficient stock of "A"'):
        ledger.execute("select stocksync.record_movement(1, 'sale', 1, 'k')")
    assert only(ledger, "select count(*) from stock_movements") == 0


def test_an_application_may_call_it(filled: psycopg.Connection) -> None:
    with acting_as(filled, "stocksync_app"):
        assert only(filled, CALL) == 1
        assert only(filled, CALL.replace("'k'", "'l'")) > 1


def test_many_sessions_that_send_the_same_book_it_once(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    a = product(ledger)

    def send(_: int) -> list[int]:
        with session(ledger_url) as other:
            return [
                only(other, f"select id from stocksync.record_movement(1, 'sale', 1, 'k{n}')")
                for n in range(10)
            ]

    with ThreadPoolExecutor(4) as pool:
        ids = list(pool.map(send, range(4)))
    assert ids == [ids[0]] * 4
    assert stock(ledger, a) == -10
    assert differences(ledger) == []
