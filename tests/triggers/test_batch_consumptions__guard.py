"""Nobody writes batch_consumptions by hand; the rest is in test_stock_batches__guard.py."""

import psycopg
import pytest
from helpers import move, only, product, raises_sql


@pytest.mark.parametrize(
    "statement",
    [
        "update batch_consumptions set quantity = 1",
        "delete from batch_consumptions",
        "truncate batch_consumptions",
        "insert into batch_consumptions select * from batch_consumptions",
    ],
)
def test_the_owner_is_refused(ledger: psycopg.Connection, statement: str) -> None:
    move(ledger, product(ledger, tracks_batches=True), 10)
    move(ledger, 1, 3, "sale")
    with raises_sql(
        "SS003", "batches are derived from the movements", table_name="batch_consumptions"
    ):
        ledger.execute(statement)
    assert only(ledger, "select count(*) from batch_consumptions") == 1
