"""Writes off what is past its date: exactly, once, beside sales, and to be taken back."""

from collections.abc import Callable
from datetime import timedelta

import psycopg
import pytest
from helpers import (
    Actor,
    acting_as,
    differences,
    move,
    only,
    product,
    raises_sql,
    session,
    stock,
    wait_until,
    wait_until_blocked,
)

PAST = "2020-01-01"


@pytest.fixture
def dairy(ledger: psycopg.Connection) -> psycopg.Connection:
    """A and B: 5 past and 10 fresh each; of A 2 more past and quarantined."""
    fresh = only(ledger, "select stocksync._shop_day()") + timedelta(9)
    for sku in "AB":
        p = product(ledger, sku, tracks_batches=True)
        move(ledger, p, 5, batch_number="past", expiry_date=PAST, unit_cost=2)
        move(ledger, p, 10, batch_number="fresh", expiry_date=fresh)
    move(ledger, 1, 2, batch_number="bad", expiry_date=PAST)
    ledger.execute("select stocksync.quarantine_batch(1, 'bad')")
    return ledger


def test_live_does_what_dry_showed(dairy: psycopg.Connection) -> None:
    planned = dairy.execute("select * from stocksync.expire_dry_run()").fetchall()
    assert len(planned) == 3
    assert only(dairy, "call stocksync.expire()") == 1
    assert dairy.execute("select * from stocksync.expired(1)").fetchall() == planned
    assert dairy.execute("select * from stocksync.expire_dry_run()").fetchall() == []
    assert dairy.execute(
        "select product_id, movement_type, transaction_type, quantity, batch_id, reference,"
        " unit_cost from stock_movements where id > 5 order by id"
    ).fetchall() == [
        (1, "out", "expired", 5, 1, "expire 1", 2),
        (1, "out", "expired", 2, 5, "expire 1", None),
        (2, "out", "expired", 5, 3, "expire 1", 2),
    ]
    assert (stock(dairy, 1), stock(dairy, 2)) == (10, 10)
    assert differences(dairy) == []


def test_one_product_alone(dairy: psycopg.Connection) -> None:
    dairy.execute("call stocksync.expire(null, 2)")
    assert (stock(dairy, 1), stock(dairy, 2)) == (17, 10)


def test_an_undo_takes_it_back_into_the_same_batches(dairy: psycopg.Connection) -> None:
    batches = "select id, quantity_remaining, status from stock_batches order by id"
    before = dairy.execute(batches).fetchall()
    dairy.execute("call stocksync.expire()")
    dairy.execute("call stocksync.undo(1)")
    assert dairy.execute(batches).fetchall() == before
    assert differences(dairy) == []


def test_a_run_without_anything_to_do_is_a_run(ledger: psycopg.Connection) -> None:
    assert only(ledger, "call stocksync.expire()") == 1
    assert ledger.execute(
        "select command, isempty(movement_ids), finished_at >= started_at from stocksync.runs"
    ).fetchall() == [("expire", True, True)]


def test_it_is_logged_with_what_it_did(dairy: psycopg.Connection) -> None:
    dairy.execute("call stocksync.expire()")
    assert dairy.execute(
        "select level, message, (context ->> 'movements')::int, context ->> 'command'"
        " from stocksync.log where context ->> 'run' = '1' order by id"
    ).fetchall() == [
        ("info", "expiry started", None, "expire"),
        ("info", "expired batches written off", 3, "expire"),
    ]


def test_many_products_in_chunks(ledger: psycopg.Connection) -> None:
    ledger.execute(
        "insert into products (sku, name, tracks_batches)"
        " select 'P' || i, 'P', true from generate_series(1, 250) as i"
    )
    ledger.execute(
        "insert into stock_movements (product_id, transaction_type, quantity, expiry_date)"
        " select i, 'purchase', 2, %s from generate_series(1, 250) as i, generate_series(1, 2)",
        (PAST,),
    )
    ledger.execute("call stocksync.expire()")
    assert only(ledger, "select sum(quantity_on_hand) from products") == 0
    assert only(ledger, "select count(*) from stocksync.expired(1)") == 500
    # each chunk has committed by itself
    assert only(
        ledger,
        "select count(distinct m.xmin::text) from stock_movements as m"
        " where transaction_type = 'expired'",
    ) == 3  # fmt: skip
    assert differences(ledger) == []


def test_an_unknown_product_is_refused_and_no_run_is_left(ledger: psycopg.Connection) -> None:
    with raises_sql("P0002", "product 9 does not exist"):
        ledger.execute("call stocksync.expire(null, 9)")
    assert only(ledger, "select count(*) from stocksync.runs") == 0


def test_an_operator_may_and_an_auditor_may_not(dairy: psycopg.Connection) -> None:
    with (
        acting_as(dairy, "stocksync_auditor"),
        raises_sql("42501", "permission denied for procedure expire"),
    ):
        dairy.execute("call stocksync.expire()")
    with acting_as(dairy, "stocksync_operator"):
        dairy.execute("call stocksync.expire()")
    assert stock(dairy, 1) == 10


# Beside others ------------------------------------------------------------------------------------


@pytest.mark.parametrize("default", ["read committed", "repeatable read", "serializable"])
def test_a_sale_of_expired_goods_that_was_first_keeps_them(
    dairy: psycopg.Connection, actor: Callable[[str], Actor], default: str
) -> None:
    dairy.execute("update stocksync.settings set expired_batches = 'last'")
    buyer, clerk = actor("buyer"), actor("clerk")
    buyer("begin")
    buyer(
        "insert into stock_movements (product_id, transaction_type, quantity)"
        " values (1, 'sale', 13)"
    )
    buyer("set constraints all immediate")
    clerk(f"set default_transaction_isolation = '{default}'")
    run = clerk.start("call stocksync.expire()")
    wait_until_blocked(dairy, "clerk")
    buyer("commit")
    assert run.result(60) == [(1,)]
    assert dairy.execute(
        "select sku, batch_number, quantity::int from stocksync.expired(1)"
    ).fetchall() == [("A", "past", 2), ("A", "bad", 2), ("B", "past", 5)]
    assert stock(dairy, 1) == 0
    assert differences(dairy) == []


def test_a_sale_of_expired_goods_that_comes_after_is_refused(
    dairy: psycopg.Connection, actor: Callable[[str], Actor]
) -> None:
    """The run is held at product B, with A written off in the same chunk."""
    dairy.execute("update stocksync.settings set expired_batches = 'last'")
    holder, clerk, buyer = actor("holder"), actor("clerk"), actor("buyer")
    holder("begin")
    holder("select stocksync.lock_products(array[2])")
    run = clerk.start("call stocksync.expire()")
    wait_until_blocked(dairy, "clerk")
    sale = buyer.start(
        "insert into stock_movements (product_id, transaction_type, quantity)"
        " values (1, 'sale', 13)"
    )
    wait_until_blocked(dairy, "buyer")
    holder("commit")
    run.result(60)
    with raises_sql("SS001", 'insufficient stock of "A"'):
        sale.result(60)
    assert stock(dairy, 1) == 10
    assert differences(dairy) == []


def test_two_at_once_write_everything_off_once(
    dairy: psycopg.Connection, actor: Callable[[str], Actor]
) -> None:
    holder, one, two = actor("holder"), actor("one"), actor("two")
    holder("begin")
    holder("select stocksync.lock_products(array[1])")
    runs = [one.start("call stocksync.expire()"), two.start("call stocksync.expire()")]
    wait_until_blocked(dairy, "one", "two")
    holder("commit")
    assert sorted(run.result(60) for run in runs) == [[(1,)], [(2,)]]
    written = [only(dairy, "select count(*) from stocksync.expired(%s)", (n,)) for n in (1, 2)]
    assert sorted(written) == [0, 3]
    assert (stock(dairy, 1), stock(dairy, 2)) == (10, 10)
    assert differences(dairy) == []


def test_one_that_is_killed_leaves_whole_chunks_and_the_next_goes_on(
    ledger: psycopg.Connection, ledger_url: str, actor: Callable[[str], Actor]
) -> None:
    ledger.execute(
        "insert into products (sku, name, tracks_batches)"
        " select 'P' || i, 'P', true from generate_series(1, 150) as i"
    )
    ledger.execute(
        "insert into stock_movements (product_id, transaction_type, quantity, expiry_date)"
        " select i, 'purchase', 2, %s from generate_series(1, 150) as i",
        (PAST,),
    )
    with session(ledger_url) as holder:
        holder.execute("begin")
        holder.execute("select stocksync.lock_products(array[150])")
        clerk = actor("clerk")
        run = clerk.start("call stocksync.expire()")
        wait_until_blocked(ledger, "clerk")
        ledger.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and application_name = 'clerk'"
        )
        with pytest.raises(psycopg.OperationalError):
            run.result(60)
        wait_until(
            ledger,
            "select not exists (select from pg_stat_activity"
            " where datname = current_database() and application_name = 'clerk')",
        )
    assert only(ledger, "select sum(quantity_on_hand) from products") == 100
    assert differences(ledger) == []
    ledger.execute("call stocksync.expire()")
    assert only(ledger, "select sum(quantity_on_hand) from products") == 0
    # and each can be taken back
    for killed in (1, 2):
        ledger.execute("call stocksync.undo(%s)", (killed,))
    assert only(ledger, "select sum(quantity_on_hand) from products") == 300
    assert differences(ledger) == []
