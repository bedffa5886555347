"""Settling: one statement, many products, and what is refused at commit."""

import psycopg
import pytest
from helpers import differences, move, only, product, raises_sql, stock


def refuse_negative(db: psycopg.Connection, *, by: str) -> None:
    if by == "installation":
        db.execute("update stocksync.settings set allow_negative = false")
    else:
        db.execute("update products set allow_negative = false")


@pytest.mark.parametrize("by", ["installation", "product"])
def test_more_than_there_is_is_refused_whole(ledger: psycopg.Connection, by: str) -> None:
    a = product(ledger)
    refuse_negative(ledger, by=by)
    move(ledger, a, 10)
    with raises_sql(
        "SS001",
        'insufficient stock of "A"',
        message_detail="There are 10, and 30 were asked for.",
        message_hint="Take less, or receive stock first. products.allow_negative and"
        " stocksync.settings decide whether stock may fall below zero.",
        schema_name="public",
        table_name="products",
        column_name="quantity_on_hand",
    ):
        move(ledger, a, 30, "sale")
    assert stock(ledger, a) == 10
    assert only(ledger, "select count(*) from stock_movements") == 1
    move(ledger, a, 10, "sale")
    assert stock(ledger, a) == 0
    assert differences(ledger) == []


def test_the_product_is_asked_before_the_installation(ledger: psycopg.Connection) -> None:
    ledger.execute("update stocksync.settings set allow_negative = false")
    a = product(ledger, allow_negative=True)
    move(ledger, a, 1, "sale")
    assert stock(ledger, a) == -1


def test_what_is_below_zero_already_may_come_up_but_not_go_down(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 5, "sale")
    refuse_negative(ledger, by="product")
    move(ledger, a, 2)
    with raises_sql(
        "SS001",
        'insufficient stock of "A"',
        message_detail="There are -3, and 1 were asked for.",
    ):
        move(ledger, a, 1, "sale")
    assert stock(ledger, a) == -3


def test_one_product_that_lacks_stock_refuses_the_whole_statement(
    ledger: psycopg.Connection,
) -> None:
    a, b = product(ledger, "A"), product(ledger, "B")
    refuse_negative(ledger, by="installation")
    move(ledger, a, 10)
    with raises_sql(
        "SS001",
        'insufficient stock of "B"',
        message_detail="There are 0, and 1 were asked for.",
    ):
        ledger.execute(
            "insert into stock_movements (product_id, transaction_type, quantity)"
            " values (1, 'sale', 1), (2, 'sale', 1)"
        )
    assert (stock(ledger, a), stock(ledger, b)) == (10, 0)


def test_a_statement_counts_as_a_whole(ledger: psycopg.Connection) -> None:
    a = product(ledger, allow_negative=False)
    ledger.execute(
        "insert into stock_movements (product_id, transaction_type, quantity)"
        " values (1, 'sale', 10), (1, 'purchase', 12)"
    )
    assert stock(ledger, a) == 2


def test_both_columns_follow_without_trailing_zeros(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, "1.500000")
    move(ledger, a, "0.50", "sale")
    assert ledger.execute(
        "select quantity_on_hand::text, total_stock::text from products"
    ).fetchall() == [("1", "1")]


def test_the_detail_has_no_trailing_zeros(ledger: psycopg.Connection) -> None:
    a = product(ledger, allow_negative=False)
    move(ledger, a, "1.5")
    with raises_sql(
        "SS001",
        'insufficient stock of "A"',
        message_detail="There are 1.5, and 2 were asked for.",
    ):
        move(ledger, a, "2.00", "sale")


def test_movements_of_a_product_that_is_gone_are_an_error(ledger: psycopg.Connection) -> None:
    """Not even without the foreign key is stock lost silently."""
    a = product(ledger)
    with (
        raises_sql(
            "23503",
            "product 1 does not exist, but has movements",
            constraint_name="stock_movements_product_exists",
            message_hint="Delete the movements of a product before the product, or keep both.",
        ),
        ledger.transaction(),
    ):
        move(ledger, a, 10)
        ledger.execute("set local session_replication_role = replica")
        ledger.execute("delete from products")
        ledger.execute("set local session_replication_role = origin")
    assert stock(ledger, a) == 0


def test_an_update_that_something_suppresses_is_an_error(db: psycopg.Connection) -> None:
    a = product(db)
    db.execute(
        "create function swallow() returns trigger language plpgsql as 'begin return null; end';"
        "create trigger swallow before update on products"
        " for each row execute function swallow()"
    )
    for quantities in ((1,), (1, 2)):
        with (
            raises_sql(
                "09000",
                "the stock of product 1 could not be updated",
                message_hint="A trigger, rule or policy on products suppresses the update.",
            ),
            db.transaction(),
        ):
            for quantity in quantities:
                move(db, a, quantity)
