"""Says how movements settle, of all products or of some."""

from typing import Any

import psycopg
import pytest
from helpers import acting_as, differences, move, only, product, raises_sql, session, stock


def use(db: psycopg.Connection, mode: str | None, *ids: int) -> list[tuple[Any, ...]]:
    return db.execute(
        "select sku, mode, settles_as, pending from stocksync.use_mode(%s, %s)",
        (mode, list(ids) or None),
    ).fetchall()


def test_of_the_installation(ledger: psycopg.Connection) -> None:
    product(ledger)
    assert use(ledger, "never_wait") == [(None, "never_wait", "never_wait", 0)]
    assert only(ledger, "select contention from stocksync.settings") == "never_wait"
    assert only(ledger, "select contention from products") is None
    assert use(ledger, "wait") == [(None, "wait", "wait", 0)]


def test_of_some_products(ledger: psycopg.Connection) -> None:
    a, b, _ = (product(ledger, sku) for sku in "ABC")
    assert use(ledger, "never_wait", b, a, b) == [
        ("A", "never_wait", "never_wait", 0),
        ("B", "never_wait", "never_wait", 0),
    ]
    assert use(ledger, None, a) == [("A", None, "wait", 0)]
    assert ledger.execute("select contention from products order by id").fetchall() == [
        (None,),
        ("never_wait",),
        (None,),
    ]


@pytest.mark.parametrize(
    ("columns", "mode", "settles_as"),
    [
        ({"allow_negative": False}, "never_wait", "wait"),
        ({"allow_negative": True}, "escrow", "never_wait"),
        ({"allow_negative": False}, "escrow", "escrow"),
        ({"tracks_batches": True}, "never_wait", "wait"),
        ({"tracks_batches": True, "allow_negative": False}, "escrow", "wait"),
        ({}, "wait", "wait"),
    ],
)
def test_it_says_what_comes_of_it_by_the_rules_of_the_product(
    ledger: psycopg.Connection, columns: dict[str, Any], mode: str, settles_as: str
) -> None:
    a = product(ledger, **columns)
    assert use(ledger, mode, a) == [("A", mode, settles_as, 0)]
    move(ledger, a, 5)
    move(ledger, a, 2, "sale")
    assert only(ledger, "select quantity_on_hand from stock_on_hand") == 3
    assert differences(ledger) == []


@pytest.mark.parametrize("mode", ["wait", None])
def test_what_was_left_beside_a_product_is_folded(
    ledger: psycopg.Connection, mode: str | None
) -> None:
    a, b = (product(ledger, sku, contention="never_wait") for sku in "AB")
    for each in (a, b):
        ledger.execute("begin isolation level repeatable read")
        move(ledger, each, 5)
        ledger.execute("commit")
    use(ledger, mode, a)
    assert (stock(ledger, a), stock(ledger, b)) == (5, 0)
    assert only(ledger, "select sum(quantity) from stocksync._pending") == 5
    use(ledger, "never_wait")
    use(ledger, "wait")
    assert (stock(ledger, b), differences(ledger)) == (5, [])


@pytest.mark.parametrize("of_all", [True, False])
def test_what_the_transaction_has_written_itself_is_settled_first(
    ledger: psycopg.Connection, of_all: bool
) -> None:
    a = product(ledger)
    with ledger.transaction():
        move(ledger, a, 5)
        use(ledger, "never_wait", *([] if of_all else [a]))
        assert stock(ledger, a) == 5
        move(ledger, a, 1)
        use(ledger, "wait", *([] if of_all else [a]))
        assert stock(ledger, a) == 6
    assert differences(ledger) == []


@pytest.mark.parametrize(
    ("mode", "ids", "sqlstate", "message"),
    [
        ("quickly", [], "22023", 'unknown mode "quickly"'),
        ("quickly", [1], "22023", 'unknown mode "quickly"'),
        ("escrow", [], "22023", '"escrow" is a mode of single products'),
        (None, [], "22023", '"default" is a mode of single products'),
        ("wait", [1, 9], "P0002", "product 9 does not exist"),
    ],
)
def test_bad_input_is_refused(
    ledger: psycopg.Connection, mode: str | None, ids: list[int], sqlstate: str, message: str
) -> None:
    product(ledger)
    with raises_sql(sqlstate, message):
        use(ledger, mode, *ids)


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
def test_above_read_committed_it_is_refused(ledger: psycopg.Connection, level: str) -> None:
    a = product(ledger, contention="never_wait")
    for ids in ([], [a]):
        ledger.execute(f"begin isolation level {level}")
        with raises_sql(
            "55000",
            f"what others leave beside {f'product {a}' if ids else 'products'} can only be waited"
            " for at READ COMMITTED",
            message_hint="Begin the transaction with isolation level read committed.",
        ):
            use(ledger, "wait" if ids else "never_wait", *ids)
        ledger.execute("rollback")


def test_it_waits_no_longer_than_lock_timeout_allows(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    a = product(ledger, contention="never_wait")
    with session(ledger_url) as writer:
        writer.execute("begin isolation level repeatable read")
        move(writer, a, 5)
        writer.execute("set constraints all immediate")
        for timeout in ("10ms", "450ms"):
            ledger.execute(f"set lock_timeout = '{timeout}'")
            for ids in ([], [a]):
                whose = f"product {a}" if ids else "products"
                with raises_sql("55P03", f"movements of {whose} are being written"):
                    use(ledger, "wait" if ids else "never_wait", *ids)
            assert only(ledger, "show lock_timeout") == timeout
        writer.execute("commit")
    use(ledger, "wait", a)
    assert only(ledger, "show lock_timeout") == timeout
    assert (stock(ledger, a), differences(ledger)) == (5, [])


def test_writers_above_read_committed_do_not_lock_the_settings_afterwards(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    use(ledger, "never_wait")
    a = product(ledger)
    with session(ledger_url) as writer:
        writer.execute("begin isolation level repeatable read")
        move(writer, a, 5)
        ledger.execute("set lock_timeout = '50ms'")
        ledger.execute("update stocksync.settings set manual_updates = 'refuse'")
        writer.execute("commit")
    assert differences(ledger) == []


def test_who_may(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    for role in ("stocksync_app", "stocksync_auditor"):
        with (
            raises_sql("42501", "permission denied for function use_mode"),
            acting_as(ledger, role),
        ):
            use(ledger, "wait", a)
    with acting_as(ledger, "stocksync_operator"):
        use(ledger, "never_wait", a)
        use(ledger, "never_wait")
