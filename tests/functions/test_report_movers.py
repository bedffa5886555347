"""What sells and what lies, as people ask for it."""

import psycopg
from helpers import move, product, raises_sql
from materialized_views.test_slow_and_fast_movers import sell
from materialized_views.test_stock_summary import REFRESH, ago


def filled(db: psycopg.Connection) -> None:
    for sku, quantity in (("C", 40), ("A", 800), ("B", 150)):
        sell(db, sku, quantity)
    move(db, product(db, "DEAD"), 5, occurred_at=ago(db, 100))
    sell(db, "GONE", 1, is_deleted=True)
    db.execute(REFRESH)


def skus(db: psycopg.Connection, arguments: str) -> list[str]:
    return [sku for (sku,) in db.execute(f"select sku from stocksync.report_movers({arguments})")]


def test_what_sold_for_most_is_at_the_top(ledger: psycopg.Connection) -> None:
    filled(ledger)
    assert skus(ledger, "") == ["A", "B", "C", "DEAD"]
    assert skus(ledger, "p_limit => 2") == ["A", "B"]
    assert skus(ledger, "p_abc_class => 'C'") == ["C"]
    assert skus(ledger, "p_dead => true") == ["DEAD"]
    assert skus(ledger, "'GONE'") == ["GONE"]


def test_an_unknown_class_and_an_unknown_sku(ledger: psycopg.Connection) -> None:
    with raises_sql("22023", 'unknown class "D"', message_hint='Classes are "A", "B" and "C".'):
        skus(ledger, "p_abc_class => 'D'")
    with raises_sql("P0002", 'unknown sku "NONE"'):
        skus(ledger, "'NONE'")
