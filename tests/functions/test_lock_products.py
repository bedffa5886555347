"""Locks products in the order in which stock is settled."""

import psycopg
from helpers import acting_as, move, product, raises_sql, session, stock


def test_it_locks_these_products_and_no_others(ledger: psycopg.Connection, ledger_url: str) -> None:
    a, b, c = (product(ledger, sku) for sku in "ABC")
    with session(ledger_url) as other, other.transaction():
        other.execute("select stocksync.lock_products(%s)", ([b, a, 999, a],))
        locked = "select id from products for no key update skip locked"
        assert ledger.execute(locked).fetchall() == [(c,)]
        ledger.execute("set lock_timeout = '100ms'")
        with raises_sql("55P03", "canceling statement due to lock timeout"):
            move(ledger, a, 1)


def test_movements_can_still_name_a_locked_product(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    """The foreign key's lock goes with this one; only settling waits."""
    a = product(ledger)
    with session(ledger_url) as other, ledger.transaction():
        with other.transaction():
            other.execute("select stocksync.lock_products(array[1])")
            move(ledger, a, 5)
        ledger.execute("set constraints all immediate")
        assert stock(ledger, a) == 5


def test_nothing_and_null_lock_nothing(ledger: psycopg.Connection) -> None:
    ledger.execute("select stocksync.lock_products('{}'), stocksync.lock_products(null)")


def test_the_application_may_and_the_auditor_may_not(ledger: psycopg.Connection) -> None:
    product(ledger)
    with acting_as(ledger, "stocksync_app"):
        ledger.execute("select stocksync.lock_products(array[1])")
    with (
        raises_sql("42501", "permission denied for function lock_products"),
        acting_as(ledger, "stocksync_auditor"),
    ):
        ledger.execute("select stocksync.lock_products(array[1])")
