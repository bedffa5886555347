"""What waits for a busy product is added to it as soon as nobody holds it."""

import psycopg
import pytest
from helpers import differences, move, only, product, session, stock
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st


def hold_back(db: psycopg.Connection, product_id: int, *quantities: object) -> None:
    """Let changes of a product wait: on hand and pending together stay what they were."""
    with db.transaction():
        db.execute("set local session_replication_role = replica")
        for quantity in quantities:
            db.execute(
                "insert into stocksync._pending (product_id, quantity) values (%s, %s)",
                (product_id, quantity),
            )
            db.execute(
                "update products set quantity_on_hand = quantity_on_hand - %s,"
                " total_stock = total_stock - %s where id = %s",
                (quantity, quantity, product_id),
            )


def test_nothing_waits_and_nothing_is_folded(ledger: psycopg.Connection) -> None:
    product(ledger)
    assert only(ledger, "select stocksync.fold()") == 0


def test_what_waits_is_stock_before_and_after(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 10)
    hold_back(ledger, a, 3, -1, "0.5")
    assert (stock(ledger, a), differences(ledger)) == (7.5, [])
    assert only(ledger, "select quantity_on_hand from stock_on_hand") == 10
    assert only(ledger, "select stocksync.fold()") == 3
    assert (stock(ledger, a), differences(ledger)) == (10, [])
    assert only(ledger, "select quantity_on_hand::text from stock_on_hand") == "10"


def test_a_product_that_somebody_holds_is_left_for_later(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    a, b = product(ledger, "A"), product(ledger, "B")
    move(ledger, a, 10)
    move(ledger, b, 10)
    hold_back(ledger, a, 3)
    hold_back(ledger, b, 4)
    with session(ledger_url) as other:
        other.execute("begin")
        other.execute("select from products where id = %s for no key update", (a,))
        ledger.execute("set statement_timeout = '5s'")  # it would wait for ever
        assert only(ledger, "select stocksync.fold()") == 1
        assert (stock(ledger, a), stock(ledger, b)) == (7, 10)
        other.execute("commit")
    assert only(ledger, "select stocksync.fold()") == 1
    assert differences(ledger) == []


def test_two_at_once_fold_each_change_once(ledger: psycopg.Connection, ledger_url: str) -> None:
    a = product(ledger)
    move(ledger, a, 10)
    hold_back(ledger, a, 3, 4)
    with session(ledger_url) as other:
        other.execute("begin")
        assert only(other, "select stocksync.fold()") == 2
        assert only(ledger, "select stocksync.fold()") == 0
        other.execute("commit")
    assert only(ledger, "select stocksync.fold()") == 0
    assert (stock(ledger, a), differences(ledger)) == (10, [])


def test_a_fold_that_is_rolled_back_folded_nothing(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 10)
    hold_back(ledger, a, 3)
    with ledger.transaction(force_rollback=True):
        assert only(ledger, "select stocksync.fold()") == 1
    assert (stock(ledger, a), differences(ledger)) == (7, [])
    assert only(ledger, "select stocksync.fold()") == 1


def test_a_writer_meanwhile_loses_nothing(ledger: psycopg.Connection, ledger_url: str) -> None:
    a = product(ledger)
    move(ledger, a, 10)
    hold_back(ledger, a, 3)
    with session(ledger_url) as other:
        other.execute("begin")
        move(other, a, 5)
        assert only(ledger, "select stocksync.fold()") == 1
        other.execute("commit")
    assert (stock(ledger, a), differences(ledger)) == (15, [])


def test_what_waits_for_a_product_goes_with_it(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 10)
    hold_back(ledger, a, 3)
    ledger.execute("delete from stock_movements")
    ledger.execute("delete from products")
    assert only(ledger, "select count(*) from stocksync._pending") == 0
    ledger.execute("insert into products (id, sku, name) values (%s, 'B', 'B')", (a,))
    assert (stock(ledger, a), differences(ledger)) == (0, [])


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.decimals(-99, 99, places=2).filter(bool)),
        min_size=1,
        max_size=8,
    )
)
def test_whatever_waits_the_stock_is_what_the_movements_say(
    ledger: psycopg.Connection, changes: list[tuple[int, object]]
) -> None:
    ledger.execute("delete from stock_movements")
    ledger.execute("delete from products")
    ids = [product(ledger, name) for name in "ABC"]
    for n in ids:
        move(ledger, n, 50)
    for n, quantity in changes:
        hold_back(ledger, ids[n], quantity)
        assert differences(ledger) == []
    assert only(ledger, "select stocksync.fold()") == len(changes)
    assert [stock(ledger, n) for n in ids] == [50, 50, 50]
    assert differences(ledger) == []


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
def test_an_older_snapshot_folds_nothing_twice(
    ledger: psycopg.Connection, ledger_url: str, level: str
) -> None:
    a = product(ledger)
    move(ledger, a, 10)
    hold_back(ledger, a, 3)
    with session(ledger_url) as other:
        other.execute(f"begin isolation level {level}")
        other.execute("select count(*) from stocksync._pending")
        assert only(ledger, "select stocksync.fold()") == 1
        with pytest.raises(psycopg.errors.SerializationFailure):
            other.execute("select stocksync.fold()")
        other.execute("rollback")
    assert (stock(ledger, a), differences(ledger)) == (10, [])


def busy(db: psycopg.Connection, product_id: int, fold_at: str) -> None:
    db.execute(
        "insert into stocksync._hot (product_id, fold_at) values (%s, %s)", (product_id, fold_at)
    )


def test_a_product_that_was_busy_a_moment_ago_is_left_alone(ledger: psycopg.Connection) -> None:
    a, b = product(ledger, "A"), product(ledger, "B")
    for each, fold_at in ((a, "infinity"), (b, "-infinity")):
        move(ledger, each, 10)
        hold_back(ledger, each, 3)
        busy(ledger, each, fold_at)
    assert only(ledger, "select stocksync.fold(p_only_due => true)") == 1
    assert (stock(ledger, a), stock(ledger, b), differences(ledger)) == (7, 10, [])
    assert only(
        # It was busy until now: it may be again.
        ledger,
        "select fold_at > now() from stocksync._hot where product_id = %s",
        (b,),
    )
    assert only(ledger, "select stocksync.fold()") == 1
    assert (stock(ledger, a), differences(ledger)) == (10, [])


def test_a_product_beside_which_nothing_waits_is_no_longer_busy(
    ledger: psycopg.Connection,
) -> None:
    a, b = product(ledger, "A"), product(ledger, "B")
    busy(ledger, a, "infinity")
    busy(ledger, b, "-infinity")
    assert only(ledger, "select stocksync.fold(p_only_due => true)") == 0
    assert only(ledger, "select product_id from stocksync._hot") == a
    assert only(ledger, "select stocksync.fold()") == 0
    assert only(ledger, "select count(*) from stocksync._hot") == 0


def test_slots_from_which_nobody_took_are_no_changes(ledger: psycopg.Connection) -> None:
    a = product(ledger, contention="escrow", allow_negative=False)
    move(ledger, a, 40)
    assert only(ledger, "select stocksync.fold()") == 1
    slots = "select array_agg(ctid::text) from stocksync._pending"
    before = only(ledger, slots)
    assert only(ledger, "select stocksync.fold()") == 0
    assert only(ledger, slots) == before
    move(ledger, a, 1, "sale")
    assert only(ledger, "select stocksync.fold()") == 1
    assert only(ledger, "select sum(reserve) from stocksync._pending where quantity = 0") == 39
    assert (stock(ledger, a), differences(ledger)) == (39, [])
