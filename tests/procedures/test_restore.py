"""A balance that can be trusted, plus the movements since: nothing more and nothing less."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from helpers import Actor, acting_as, differences, move, only, product, raises_sql, stock
from time_helpers import close, stock_at


@contextmanager
def unnoticed(db: psycopg.Connection) -> Iterator[None]:
    """Do it as somebody does who disables the triggers."""
    db.execute("set session_replication_role = replica")
    try:
        yield
    finally:
        db.execute("set session_replication_role = origin")


def restore(db: psycopg.Connection, since: str, **arguments: object) -> int:
    names = "".join(f", {name} => %s" for name in arguments)
    return int(only(db, f"call stocksync.restore(%s, null{names})", [since, *arguments.values()]))


@pytest.fixture
def shop(ledger: psycopg.Connection) -> psycopg.Connection:
    """7 on hand: 10 came in January, 2 were sold in February, 1 in March; January is closed."""
    a = product(ledger)
    move(ledger, a, 10, occurred_at="2024-01-10")
    close(ledger, "2024-01-31")
    move(ledger, a, 2, "sale", occurred_at="2024-02-10")
    move(ledger, a, 1, "sale", occurred_at="2024-03-10")
    return ledger


def test_a_right_ledger_is_left_alone(shop: psycopg.Connection) -> None:
    before = shop.execute("select * from stock_movements order by id").fetchall()
    run = restore(shop, "2024-02-01")
    assert shop.execute("select * from stock_movements order by id").fetchall() == before
    assert shop.execute(
        "select command, finished_at is not null, movement_ids::text, products_corrected"
        " from stocksync.runs where id = %s",
        (run,),
    ).fetchall() == [("restore", True, "{}", 0)]


def test_what_was_lost_before_the_closing_is_there_again(shop: psycopg.Connection) -> None:
    with unnoticed(shop):
        shop.execute("delete from stock_movements where id = 1")
    assert shop.execute(
        "select balance, since, restored, quantity_on_hand, difference, booked, differs"
        " from stocksync.restore_dry_run('2024-02-01')"
    ).fetchall() == [
        (10, -3, 7, 7, 0, 10, ["movements", "quantity_on_hand", "total_stock", "roll_up"])
    ]
    run = restore(shop, "2024-02-01")
    assert stock(shop, 1) == 7
    assert differences(shop) == []
    assert shop.execute(
        "select transaction_type, quantity, occurred_at = '2024-02-01 00:00+00', reference"
        " from stock_movements where id > 3"
    ).fetchall() == [("stock_count_correction", 10, True, f"restore {run}")]
    assert only(shop, "select count(*) from stocksync.restore_dry_run('2024-02-01')") == 0


def test_what_was_lost_since_is_lost_and_the_stock_follows(shop: psycopg.Connection) -> None:
    with unnoticed(shop):
        shop.execute("delete from stock_movements where id = 3")
    restore(shop, "2024-02-01")
    assert stock(shop, 1) == 8
    assert differences(shop) == []


def test_twice_and_from_one_source_after_another_books_once(shop: psycopg.Connection) -> None:
    close(shop, "2024-02-29")
    with unnoticed(shop):
        shop.execute("delete from stock_movements where id = 1")
    for since in ("2024-02-01", "2024-02-01", "2024-03-01", "2024-02-01", "2024-03-01"):
        assert only(shop, "select sum(restored) from stocksync.restore_dry_run(%s)", (since,)) in (
            None,
            7,
        )
        restore(shop, since)
        assert stock(shop, 1) == 7, since
        assert differences(shop) == []
    assert only(shop, "select count(*) from stock_movements") == 3


def test_what_the_later_source_alone_lacks(shop: psycopg.Connection) -> None:
    close(shop, "2024-02-29")
    with unnoticed(shop):
        shop.execute("delete from stock_movements where id = 2")
    restore(shop, "2024-02-01")  # February's sale is gone, and January's balance does not know it
    assert stock(shop, 1) == 9
    restore(shop, "2024-03-01")
    assert stock(shop, 1) == 7
    restore(shop, "2024-02-01")
    assert stock(shop, 1) == 9
    assert differences(shop) == []


def test_a_snapshot_knows_what_was_recorded_before_it(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    old = move(ledger, a, 10, occurred_at="2024-01-10")
    ledger.execute("call stocksync.take_snapshot()")
    move(ledger, a, 5, occurred_at="2024-01-05")  # late
    ledger.execute("update stock_movements set quantity = 8 where id = %s", (old,))  # corrected
    restore(ledger, "now")
    assert stock(ledger, a) == 13
    assert only(ledger, "select count(*) from stock_movements") == 2
    with unnoticed(ledger):
        ledger.execute("update stock_movements set quantity = 1 where id = %s", (old,))
    restore(ledger, "now")
    # The version before it is in the history, so what was corrected is known. What was done
    # unnoticed is a movement of today's quantity.
    assert differences(ledger) == []
    assert stock(ledger, a) == 6


def test_after_a_restore_was_taken_back_it_can_be_done_again(shop: psycopg.Connection) -> None:
    with unnoticed(shop):
        shop.execute("delete from stock_movements where id = 1")
    restore(shop, "2024-02-01")
    booked = only(shop, "select max(id) from stock_movements")
    shop.execute("select stocksync.reverse_movement(%s, 'undo')", (booked,))
    assert stock(shop, 1) == -3
    restore(shop, "2024-02-01")
    assert stock(shop, 1) == 7
    assert differences(shop) == []


def test_one_product(shop: psycopg.Connection) -> None:
    b = product(shop, "B")
    move(shop, b, 5, occurred_at="2024-03-01")
    close(shop, "2024-03-31")
    with unnoticed(shop):
        shop.execute("delete from stock_movements")
    restore(shop, "2024-04-01", p_product_id=b)
    assert stock(shop, b) == 5
    assert only(shop, "select count(*) from stock_movements") == 1
    restore(shop, "2024-04-01")
    assert stock(shop, 1) == 7
    assert differences(shop) == []
    assert only(shop, "select count(*) from stock_movements") == 2


def test_each_location_has_its_balance_back(shop: psycopg.Connection) -> None:
    shop.execute("insert into locations (name) values ('shelf'), ('cellar')")
    move(shop, 1, 5, location_id=1, occurred_at="2024-03-01")
    move(shop, 1, 5, location_id=2, occurred_at="2024-03-01")
    close(shop, "2024-03-31")
    with unnoticed(shop):
        shop.execute("update stock_movements set location_id = 1 where location_id = 2")
    assert only(shop, "select differs from stocksync.restore_dry_run('2024-04-01')") == [
        "movements",
        "roll_up",
    ]
    restore(shop, "2024-04-01")
    assert shop.execute(
        "select location_id, quantity from stocksync.stock_by_location order by 1"
    ).fetchall() == [(1, 5), (2, 5), (None, 7)]
    assert differences(shop) == []


def test_where_negative_stock_is_refused_nothing_at_all_is_booked(
    shop: psycopg.Connection,
) -> None:
    b = product(shop, "B", allow_negative=False)
    move(shop, b, 5, occurred_at="2024-03-05")
    close(shop, "2024-03-31")
    with unnoticed(shop):
        shop.execute("delete from stock_movements where product_id = 1")
        shop.execute("update stock_movements set quantity = 9 where product_id = %s", (b,))
    shop.execute("call stocksync.sync(p_force => true)")
    move(shop, b, 9, "sale")
    with raises_sql("SS001", 'insufficient stock of "B"'):
        restore(shop, "2024-04-01")
    assert (stock(shop, 1), stock(shop, b)) == (0, 0)
    assert only(shop, "select count(*) from stock_movements") == 2
    restore(shop, "2024-04-01", p_product_id=1)
    assert stock(shop, 1) == 7


def test_a_product_that_is_gone_keeps_nobody_from_restoring_the_others(
    shop: psycopg.Connection,
) -> None:
    b = product(shop, "B")
    move(shop, b, 5, occurred_at="2024-03-05")
    shop.execute("call stocksync.take_snapshot()")
    with unnoticed(shop):
        shop.execute("delete from stock_movements where product_id = %s", (b,))
        shop.execute("delete from stock_movements where id = 3")
    shop.execute("call stocksync.sync(p_force => true)")
    shop.execute("delete from products where id = %s", (b,))
    snapshot = only(shop, "select max(id) from stocksync.snapshots")
    restore(shop, "now", p_snapshot_id=snapshot)
    assert stock(shop, 1) == 7
    assert differences(shop) == []


def test_soft_deleted_products_are_restored_too(shop: psycopg.Connection) -> None:
    shop.execute("update products set is_deleted = true")
    with unnoticed(shop):
        shop.execute("delete from stock_movements where id = 1")
    restore(shop, "2024-02-01")
    assert stock(shop, 1) == 7


def test_two_at_once_book_once(shop: psycopg.Connection, actor: Callable[[str], Actor]) -> None:
    with unnoticed(shop):
        shop.execute("delete from stock_movements where id = 1")
    with shop.transaction():
        shop.execute("select pg_advisory_xact_lock(stocksync._lock_key('restore'))")
        waiting = [actor(n).start("call stocksync.restore('2024-02-01')") for n in ("x", "y")]
    for one in waiting:
        one.result(60)
    assert stock(shop, 1) == 7
    assert only(shop, "select count(*) from stock_movements") == 3
    assert differences(shop) == []


def test_writers_go_on_and_what_they_write_is_kept(shop: psycopg.Connection) -> None:
    shop.execute("update products set quantity_on_hand = 99")
    move(shop, 1, 4)
    restore(shop, "2024-02-01")
    assert stock(shop, 1) == 11
    assert stock_at(shop, None) == {"A": "11"}


@pytest.mark.parametrize(("since", "sqlstate"), [("infinity", "22023"), ("2999-01-01", "22023")])
def test_not_from_the_future(shop: psycopg.Connection, since: str, sqlstate: str) -> None:
    with pytest.raises(psycopg.Error) as caught:
        restore(shop, since)
    assert caught.value.sqlstate == sqlstate
    assert only(shop, "select count(*) from stocksync.runs where command = 'restore'") == 0


def test_an_operator_may_and_an_auditor_only_looks(shop: psycopg.Connection) -> None:
    with unnoticed(shop):
        shop.execute("delete from stock_movements where id = 1")
    with acting_as(shop, "stocksync_auditor"):
        assert only(shop, "select booked from stocksync.restore_dry_run('2024-02-01')") == 10
        with raises_sql("42501", "permission denied for procedure restore"):
            restore(shop, "2024-02-01")
    with acting_as(shop, "stocksync_operator"):
        restore(shop, "2024-02-01")
    assert stock(shop, 1) == 7
