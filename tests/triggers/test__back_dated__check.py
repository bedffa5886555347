"""Where negative stock is refused, no moment of the past becomes negative either."""

from collections.abc import Callable

import psycopg
import pytest
from helpers import Actor, differences, move, product, raises_sql, stock
from time_helpers import archive, close


@pytest.fixture
def shop(ledger: psycopg.Connection) -> psycopg.Connection:
    """10 came on the 10th, 8 went on the 20th, 5 came on the 25th."""
    a = product(ledger, allow_negative=False)
    move(ledger, a, 10, occurred_at="2024-01-10")
    move(ledger, a, 8, "sale", occurred_at="2024-01-20")
    move(ledger, a, 5, occurred_at="2024-01-25")
    ledger.execute("set time zone 'UTC'")
    return ledger


def test_a_sale_dated_back_may_not_take_what_was_sold_later(shop: psycopg.Connection) -> None:
    with raises_sql(
        "SS001",
        'insufficient stock of "A" on 2024-01-20 00:00:00+00',
        message_detail="There were 2 then, and 3 were asked for.",
        message_hint="Date the movement later, take less, or record first what had come in by"
        " then.",
    ):
        move(shop, 1, 3, "sale", occurred_at="2024-01-15")
    with raises_sql("SS001", 'insufficient stock of "A" on 2024-01-05 00:00:00+00'):
        move(shop, 1, 1, "sale", occurred_at="2024-01-05")
    move(shop, 1, 2, "sale", occurred_at="2024-01-15")
    move(shop, 1, 5, "sale", occurred_at="2024-01-25")
    assert stock(shop, 1) == 0
    assert differences(shop) == []


def test_what_comes_in_by_the_same_transaction_counts(shop: psycopg.Connection) -> None:
    with shop.transaction():
        move(shop, 1, 4, "sale", occurred_at="2024-01-12")
        move(shop, 1, 4, occurred_at="2024-01-11")
    assert stock(shop, 1) == 7


def test_updates_and_deletes_are_looked_at_too(shop: psycopg.Connection) -> None:
    for statement in (
        "delete from stock_movements where id = 1",
        "update stock_movements set occurred_at = '2024-01-21' where id = 1",
        "update stock_movements set quantity = 7 where id = 1",
        "update stock_movements set occurred_at = '2024-01-09' where id = 2",
    ):
        with pytest.raises(psycopg.Error) as caught:
            shop.execute(statement)
        assert caught.value.sqlstate == "SS001"
    shop.execute("update stock_movements set occurred_at = '2024-01-01' where id = 1")
    assert stock(shop, 1) == 7


def test_a_moment_that_was_negative_before_is_nobodys_fault_now(shop: psycopg.Connection) -> None:
    shop.execute("update products set allow_negative = true")
    move(shop, 1, 6, "sale", occurred_at="2024-01-12")
    shop.execute("update products set allow_negative = false")
    move(shop, 1, 1, occurred_at="2024-01-11")
    move(shop, 1, 2, "sale", occurred_at="2024-01-13")
    assert stock(shop, 1) == 0


def test_where_it_is_allowed_nobody_asks(ledger: psycopg.Connection) -> None:
    move(ledger, product(ledger), 3, "sale", occurred_at="2024-01-15")
    assert stock(ledger, 1) == -3


def test_after_a_closing_that_is_archived(shop: psycopg.Connection) -> None:
    close(shop, "2024-01-31")
    archive(shop, "2024-01-31")
    for zone in ("UTC", "Asia/Tokyo", "America/Havana"):
        shop.execute("update stocksync.settings set time_zone = %s", (zone,))
        with raises_sql("SS001", 'insufficient stock of "A"'):
            move(shop, 1, 8, "sale", occurred_at="2024-02-01 00:00+00")
        move(shop, 1, 1, "sale", occurred_at="2024-02-01 00:00+00")
    assert stock(shop, 1) == 4


def test_two_at_once_cannot_take_the_same_past(
    shop: psycopg.Connection, actor: Callable[[str], Actor]
) -> None:
    sale = (
        "insert into stock_movements (product_id, transaction_type, quantity, occurred_at)"
        " values (1, 'sale', 2, '2024-01-15')"
    )
    first, second = actor("first"), actor("second")
    first("begin")
    first(sale)
    first("set constraints all immediate")
    waiting = second.start(sale)
    first("commit")
    with pytest.raises(psycopg.Error) as caught:
        waiting.result(60)
    assert caught.value.sqlstate == "SS001"
    assert stock(shop, 1) == 5


def test_where_settling_waits_for_the_commit_again_so_does_this_look(
    shop: psycopg.Connection,
) -> None:
    gone = product(shop, "GONE")
    with shop.transaction():
        shop.execute("set constraints all immediate")
        # it settles what there is, and from then on nothing before its time
        shop.execute("update products set tracks_batches = true where id = %s", (gone,))
        move(shop, 1, 4, "sale", occurred_at="2024-01-12")
        move(shop, 1, 4, occurred_at="2024-01-11")
    assert stock(shop, 1) == 7
    assert differences(shop) == []
