"""Stock that goes from one place to another, and its batch with it."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from helpers import acting_as, differences, move, only, product, raises_sql, session, stock

PLACES = "insert into locations (name) values ('warehouse'), ('Paris'), ('Rome')"
BATCHES = (
    "select batch_number, location_id, quantity_remaining::int, expiry_date::text, cost_price::int"
    " from stock_batches where quantity_remaining > 0 order by location_id nulls first, id"
)


@pytest.fixture
def dairy(ledger: psycopg.Connection) -> psycopg.Connection:
    """Product 1 with 10 of L-1 and 10 of L-2 in the warehouse, L-1 to be sold first."""
    ledger.execute(PLACES)
    p = product(ledger, tracks_batches=True)
    for number, day in (("L-1", 1), ("L-2", 2)):
        move(ledger, p, 10, batch_number=number, expiry_date=f"2030-01-0{day}", unit_cost=day,
             location_id=1)  # fmt: skip
    return ledger


def test_the_batch_keeps_its_number_cost_and_date(dairy: psycopg.Connection) -> None:
    dairy.execute("select stocksync.transfer_stock(1, 12, 1, 2)")
    assert dairy.execute(BATCHES).fetchall() == [
        ("L-2", 1, 8, "2030-01-02", 2),
        ("L-1", 2, 10, "2030-01-01", 1),
        ("L-2", 2, 2, "2030-01-02", 2),
    ]
    dairy.execute("select stocksync.transfer_stock(1, 3, 2, 1)")
    assert dairy.execute(BATCHES).fetchall()[0][:3] == ("L-1", 1, 3)
    assert stock(dairy, 1) == 20
    assert differences(dairy) == []


@pytest.mark.parametrize("named", ["p_batch_number => 'L-2'", "p_batch_id => 2"])
def test_a_named_batch_is_moved(dairy: psycopg.Connection, named: str) -> None:
    dairy.execute(f"select stocksync.transfer_stock(1, 4, 1, null, {named})")
    assert dairy.execute(BATCHES).fetchall()[0] == ("L-2", None, 4, "2030-01-02", 2)
    assert differences(dairy) == []


def test_two_transfers_of_one_document_do_not_change_places(dairy: psycopg.Connection) -> None:
    with dairy.transaction():
        for number, place in (("L-2", 2), ("L-1", 3)):
            dairy.execute(
                "select stocksync.transfer_stock(1, 5, 1, %s, p_batch_number => %s,"
                " p_reference => 'D-1')",
                (place, number),
            )
    assert [row[:3] for row in dairy.execute(BATCHES)] == [
        ("L-1", 1, 5), ("L-2", 1, 5), ("L-2", 2, 5), ("L-1", 3, 5)
    ]  # fmt: skip
    assert differences(dairy) == []


def test_a_retry_moves_nothing_again(dairy: psycopg.Connection) -> None:
    call = "select * from stocksync.transfer_stock(1, 4, 1, 2, p_idempotency_key => 'k')"
    first = dairy.execute(call).fetchall()
    assert dairy.execute(call).fetchall() == first
    assert only(dairy, "select count(*) from stock_movements") == 4
    for changed in (call.replace("4, 1, 2", "4, 1, 3"), call.replace("(1, 4", "(1, 5")):
        with raises_sql("SS002", f'idempotency key "k {"in" if "3" in changed else "out"}" belongs'
                        " to another movement"):  # fmt: skip
            dairy.execute(changed)
    assert differences(dairy) == []


def test_what_is_not_there_is_refused_whole(dairy: psycopg.Connection) -> None:
    before = dairy.execute(BATCHES).fetchall()
    for arguments in ("1, 21, 1, 2", "1, 11, 1, 2, p_batch_number => 'L-1'", "1, 1, 2, 3"):
        with raises_sql("SS001", 'insufficient stock of "A"'):
            dairy.execute(f"select stocksync.transfer_stock({arguments})")
    assert dairy.execute(BATCHES).fetchall() == before
    assert only(dairy, "select count(*) from stock_movements") == 2


def test_a_product_without_batches_is_moved_too(ledger: psycopg.Connection) -> None:
    ledger.execute(PLACES)
    p = product(ledger)
    move(ledger, p, 10, location_id=1)
    [(out, in_, reference)] = ledger.execute(
        "select * from stocksync.transfer_stock(1, 4, 1, null, p_user_id => 'ann')"
    ).fetchall()
    assert ledger.execute(
        "select id, transaction_type, quantity, location_id, reference, user_id"
        " from stock_movements where id > 1 order by id"
    ).fetchall() == [
        (out, "transfer_out", 4, 1, reference, "ann"),
        (in_, "transfer_in", 4, None, reference, "ann"),
    ]
    assert reference.startswith("transfer ")
    assert stock(ledger, p) == 10
    assert differences(ledger) == []


@pytest.mark.parametrize(
    ("arguments", "sqlstate", "message"),
    [
        ("1, 1, 2, 2", "22023", "stock is transferred from one place to another"),
        ("1, 1, null, null", "22023", "stock is transferred from one place to another"),
        ("1, -1, 1, 2", "23514",
         'new row for relation "stock_movements" violates check constraint'
         ' "stock_movements_quantity_positive"'),
        ("9, 1, 1, 2", "23503",
         "product 9 does not exist"),
        ("1, 1, 1, 9", "23503",
         'insert or update on table "stock_movements" violates foreign key constraint'
         ' "stock_movements_location_exists"'),
        ("1, 1, 1, 2, p_batch_number => 'L-9'", "SS001", 'insufficient stock of "A"'),
    ],
)  # fmt: skip
def test_bad_input_is_refused(
    dairy: psycopg.Connection, arguments: str, sqlstate: str, message: str
) -> None:
    with raises_sql(sqlstate, message):
        dairy.execute(f"select stocksync.transfer_stock({arguments})")
    assert only(dairy, "select count(*) from stock_movements") == 2


def test_an_application_may_call_it(dairy: psycopg.Connection) -> None:
    with acting_as(dairy, "stocksync_app"):
        dairy.execute("select stocksync.transfer_stock(1, 1, 1, 2)")


def test_transfers_there_and_back_at_once_lose_nothing(
    dairy: psycopg.Connection, ledger_url: str
) -> None:
    def carry(number: int) -> None:
        way = (1, 2) if number % 2 else (2, 1)
        with session(ledger_url) as other:
            for _ in range(10):
                other.execute("select stocksync.transfer_stock(1, 1, %s, %s)", way)

    dairy.execute("select stocksync.transfer_stock(1, 10, 1, 2)")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(carry, range(4)))
    assert stock(dairy, 1) == 20
    assert only(dairy, "select sum(quantity_remaining) from stock_batches") == 20
    assert dairy.execute(
        "select location_id, sum(quantity_remaining)::int from stock_batches group by 1 order by 1"
    ).fetchall() == [(1, 10), (2, 10)]
    assert differences(dairy) == []
