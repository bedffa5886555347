"""The stock of a product in all that keeps it, side by side."""

from typing import Any

import psycopg
import pytest
from helpers import acting_as, move, product
from time_helpers import archive, close

COLUMNS = "quantity_on_hand, total_stock, ledger, rolled_up, by_location, batches, movements"


def sources(db: psycopg.Connection, *ids: int) -> list[tuple[Any, ...]]:
    return db.execute(
        f"select sku, {COLUMNS} from stocksync.stock_sources(%s)", (list(ids) or None,)
    ).fetchall()


@pytest.fixture
def shop(ledger: psycopg.Connection) -> psycopg.Connection:
    a = product(ledger, "A")
    b = product(ledger, "B", tracks_batches=True)
    product(ledger, "C")
    move(ledger, a, "10.50")
    move(ledger, b, 7)
    ledger.execute("select stocksync.roll_up()")
    move(ledger, a, 3, "sale")
    move(ledger, b, 2, "sale")
    return ledger


def test_all_sources_of_a_right_ledger_agree(shop: psycopg.Connection) -> None:
    assert [tuple(map(str, row)) for row in sources(shop)] == [
        ("A", "7.5", "7.5", "7.5", "7.5", "7.5", "None", "2"),
        ("B", "5", "5", "5", "5", "5", "5", "2"),
        ("C", "0", "0", "0", "0", "0", "None", "0"),
    ]


def test_each_source_says_what_it_keeps(shop: psycopg.Connection) -> None:
    shop.execute("set session_replication_role = replica")
    shop.execute("update products set quantity_on_hand = 1, total_stock = 2 where id = 1")
    shop.execute("update stocksync.stock_daily set quantity = 20 where product_id = 1")
    shop.execute("update stocksync.stock_total set quantity = 30 where product_id = 1")
    shop.execute("update stock_batches set quantity_remaining = 6")
    shop.execute("insert into stocksync._pending (product_id, quantity) values (1, 0.5)")
    shop.execute("set session_replication_role = origin")
    assert [tuple(map(str, row)) for row in sources(shop, 1, 2)] == [
        ("A", "1.5", "2.5", "7.5", "17", "27", "None", "2"),
        ("B", "5", "5", "5", "5", "5", "6", "2"),
    ]


def test_movements_whose_product_is_gone_are_there(shop: psycopg.Connection) -> None:
    shop.execute("set session_replication_role = replica")
    shop.execute("delete from products where id = 1")
    shop.execute("set session_replication_role = origin")
    assert sources(shop, 1) == [(None, None, None, 7.5, 7.5, 7.5, None, 2)]


def test_what_is_archived_is_part_of_the_ledger(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 4, occurred_at="2024-01-10")
    move(ledger, a, 1, occurred_at="2024-03-10")
    close(ledger, "2024-01-31")
    archive(ledger, "2024-01-31")
    assert sources(ledger, a) == [("A", 5, 5, 5, 5, 5, None, 2)]
    assert ledger.execute("select from stocksync.mismatches(p_deep => true)").fetchall() == []


def test_auditors_read_it_and_applications_do_not(shop: psycopg.Connection) -> None:
    with acting_as(shop, "stocksync_auditor"):
        assert len(sources(shop)) == 3
    with acting_as(shop, "stocksync_app"), pytest.raises(psycopg.errors.InsufficientPrivilege):
        sources(shop)
