"""A correction is an incident: inserting the row applies it, by adding."""

import psycopg
import pytest
from helpers import acting_as, move, only, product, raises_sql

INSERT = (
    "insert into stocksync.incidents (run_id, product_id, class, before, after)"
    " values (1, %s, %s, %s, %s)"
)


@pytest.fixture
def run(ledger: psycopg.Connection) -> psycopg.Connection:
    """A ledger with a run and 10 of product 1."""
    ledger.execute("insert into stocksync.runs (command) values ('test')")
    move(ledger, product(ledger), 10)
    return ledger


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("quantity_on_hand", (7, 10)), ("total_stock", (10, 7)), ("roll_up", (10, 10))],
)
def test_the_difference_is_added_to_the_column_of_its_class(
    run: psycopg.Connection, kind: str, expected: tuple[int, int]
) -> None:
    run.execute(INSERT, (1, kind, 5, 2))
    assert run.execute("select quantity_on_hand, total_stock from products").fetchall() == [
        expected
    ]
    assert only(run, "select count(*) from stocksync.log") == 0


def test_a_product_that_is_gone_is_an_error(run: psycopg.Connection) -> None:
    with raises_sql("09000", "the stock of product 999 could not be updated"):
        run.execute(INSERT, (999, "total_stock", 5, 2))


@pytest.mark.parametrize("role", ["stocksync_app", "stocksync_auditor", "stocksync_operator"])
def test_nobody_writes_incidents_by_hand(run: psycopg.Connection, role: str) -> None:
    with raises_sql("42501", "permission denied for table incidents"), acting_as(run, role):
        run.execute(INSERT, (1, "quantity_on_hand", 0, 1000))
