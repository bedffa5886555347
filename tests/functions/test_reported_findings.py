"""The findings of a report, one by one."""

import psycopg
import pytest
from audit_helpers import record_audit, stock
from helpers import only, product, raises_sql


@pytest.mark.parametrize("sources", [None, ["total_stock"], ["api"]])
@pytest.mark.parametrize("limit", [None, 0, 1, 5])
def test_they_are_those_of_the_report(
    ledger: psycopg.Connection, sources: list[str] | None, limit: int | None
) -> None:
    for sku in "AB":
        product(ledger, sku)
    run = record_audit(
        ledger,
        stock(1, total_stock=3, classes=["stock_vs_total_stock"]),
        stock(2, total_stock=1, classes=["stock_vs_total_stock", "missing_from_api"]),
    )
    arguments = (run, sources, limit)
    rows = ledger.execute("select * from stocksync.reported_findings(%s, %s, %s)", arguments)
    report = only(ledger, "select stocksync.audit_report(%s, %s, %s)", arguments)
    assert [finding for (finding,) in rows] == report["findings"]


def test_a_source_that_there_is_not_is_refused(ledger: psycopg.Connection) -> None:
    with raises_sql("22023", 'unknown source "shelf"'):
        ledger.execute("select * from stocksync.reported_findings(1, '{shelf}')")
