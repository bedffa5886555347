"""Products begin and cease to track batches, one or all; what then happens the trigger does."""

import psycopg
import pytest
from helpers import acting_as, differences, move, only, product, raises_sql


@pytest.fixture
def shop(ledger: psycopg.Connection) -> psycopg.Connection:
    """A with 5, B with none, C deleted with 2."""
    move(ledger, product(ledger, "A"), 5)
    product(ledger, "B")
    move(ledger, product(ledger, "C", is_deleted=True), 2)
    return ledger


def tracking(db: psycopg.Connection) -> list[str]:
    return [r[0] for r in db.execute("select sku from products where tracks_batches order by 1")]


def test_what_is_there_becomes_an_opening_batch_and_is_retired_again(
    shop: psycopg.Connection,
) -> None:
    planned = shop.execute("select sku, quantity from stocksync.opening_batches(array[1])")
    assert planned.fetchall() == [("A", 5)]
    call = "select sku, quantity_on_hand from stocksync.track_batches(array[1, 2])"
    assert shop.execute(call).fetchall() == [("A", 5), ("B", 0)]
    assert shop.execute(call).fetchall() == []
    assert only(shop, "select sum(quantity_remaining) from stock_batches") == 5
    assert differences(shop) == []
    off = "select sku from stocksync.track_batches(array[1], false)"
    assert shop.execute(off).fetchall() == [("A",)]
    assert tracking(shop) == ["B"]
    assert shop.execute("select * from stocksync.list_batches()").fetchall() == []
    assert differences(shop) == []


def test_all_products_are_those_that_are_not_deleted(shop: psycopg.Connection) -> None:
    shop.execute("select stocksync.track_batches()")
    assert tracking(shop) == ["A", "B"]
    shop.execute("select stocksync.track_batches(p_on => false)")
    assert tracking(shop) == []


def test_one_below_zero_is_refused_and_with_it_all(shop: psycopg.Connection) -> None:
    move(shop, 2, 1, "sale")
    with pytest.raises(psycopg.Error) as caught:
        shop.execute("select stocksync.track_batches()")
    assert caught.value.sqlstate == "SS001"
    assert tracking(shop) == []


def test_an_unknown_product_is_refused(shop: psycopg.Connection) -> None:
    with raises_sql("P0002", "product 9 does not exist"):
        shop.execute("select stocksync.track_batches(array[1, 9])")
    assert tracking(shop) == []


def test_an_operator_may(shop: psycopg.Connection) -> None:
    with acting_as(shop, "stocksync_operator"):
        shop.execute("select stocksync.track_batches(array[1])")
    assert tracking(shop) == ["A"]
