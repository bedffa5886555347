"""A product's number stands for one stock."""

import psycopg
import pytest
from helpers import acting_as, differences, move, only, product, raises_sql, stock
from time_helpers import archive, close


@pytest.mark.parametrize("role", [None, "stocksync_app"])
def test_the_number_of_a_product_cannot_change(
    ledger: psycopg.Connection, role: str | None
) -> None:
    product(ledger)
    with (
        raises_sql(
            "23001",
            "the number of product 1 cannot change",
            constraint_name="products_id_is_fixed",
            message_hint="Insert a new product; change the sku to rename one.",
        ),
        acting_as(ledger, role or "none"),
    ):
        ledger.execute("update products set id = 100")
    ledger.execute("update products set id = id, sku = 'B', name = 'renamed'")
    assert only(ledger, "select sku from products where id = 1") == "B"


def test_a_product_with_movements_is_not_deleted(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 10)
    with raises_sql(
        "23503",
        f"product {a} has movements",
        constraint_name="stock_movements_product_exists",
        message_hint="Keep the product, and set is_deleted instead.",
    ):
        ledger.execute("delete from products")
    assert stock(ledger, a) == 10


def test_the_application_deletes_a_product_that_has_none(ledger: psycopg.Connection) -> None:
    product(ledger)
    with acting_as(ledger, "stocksync_app"):
        ledger.execute("delete from products")
    assert only(ledger, "select count(*) from products") == 0


def test_a_delete_settles_what_the_transaction_has_written_of_others(
    ledger: psycopg.Connection,
) -> None:
    a, b = product(ledger, "A"), product(ledger, "B")
    with ledger.transaction():
        move(ledger, a, 10)
        move(ledger, a, 1)
        ledger.execute("delete from products where id = %s", (b,))
        assert stock(ledger, a) == 11
        move(ledger, a, 5)
        assert stock(ledger, a) == 11
    assert stock(ledger, a) == 16
    assert differences(ledger) == []


def test_a_product_with_archived_movements_stays(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 1, occurred_at="2024-01-10")
    close(ledger, "2024-01-31")
    archive(ledger, "2024-01-31")
    with pytest.raises(psycopg.errors.ForeignKeyViolation) as caught:
        ledger.execute("delete from products where id = %s", (a,))
    assert caught.value.diag.constraint_name == "products_archived_is_kept"
