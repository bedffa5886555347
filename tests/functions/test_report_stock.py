"""How long the stock lasts, as people ask for it."""

import psycopg
from helpers import move, only, product, raises_sql
from materialized_views.test_stock_summary import REFRESH, ago


def filled(db: psycopg.Connection) -> None:
    """Let three products last 2 days, 20 days, and nobody knows how long; delete a fourth."""
    for sku, on_hand, sold in (("SLOW", 100, 10), ("FAST", 10, 10), ("IDLE", 5, 0), ("GONE", 1, 1)):
        number = product(db, sku, is_deleted=sku == "GONE")
        move(db, number, on_hand + sold, occurred_at=ago(db, 2))
        if sold:
            move(db, number, sold, "sale", occurred_at=ago(db, 1))
    db.execute(REFRESH)


def skus(db: psycopg.Connection, arguments: str) -> list[str]:
    return [sku for (sku,) in db.execute(f"select sku from stocksync.report_stock({arguments})")]


def test_what_runs_out_first_is_at_the_top(ledger: psycopg.Connection) -> None:
    filled(ledger)
    assert skus(ledger, "") == ["FAST", "SLOW", "IDLE"]
    assert skus(ledger, "p_limit => 1") == ["FAST"]
    assert skus(ledger, "p_cover_below => 20") == ["FAST"]
    assert skus(ledger, "p_cover_below => 20.1") == ["FAST", "SLOW"]
    assert skus(ledger, "'SLOW'") == ["SLOW"]
    assert skus(ledger, "'GONE'") == ["GONE"]  # asked for by name


def test_sold_by_day_is_of_thirty_whole_days_oldest_first(ledger: psycopg.Connection) -> None:
    filled(ledger)
    sold = only(ledger, "select sold_by_day from stocksync.report_stock('FAST')")
    assert sold == [0] * 29 + [10]
    move(ledger, 2, 3, "sale", occurred_at=ago(ledger, 30))
    ledger.execute(REFRESH)
    assert only(ledger, "select sold_by_day[1] from stocksync.report_stock('FAST')") == 3


def test_an_unknown_sku(ledger: psycopg.Connection) -> None:
    with raises_sql("P0002", 'unknown sku "NONE"'):
        skus(ledger, "'NONE'")
