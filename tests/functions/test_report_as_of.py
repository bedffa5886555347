"""How old a report is."""

import psycopg
from helpers import only, product

AS_OF = "select stocksync.report_as_of('stock_summary')"


def test_before_the_first_refresh_it_is_as_of_its_deployment(db: psycopg.Connection) -> None:
    assert only(db, AS_OF) == only(
        db,
        "select deployed_at from stocksync.deployed_file"
        " where path = 'materialized_views/stock_summary.sql'",
    )


def test_then_as_of_the_last_refresh_that_had_something_to_read(db: psycopg.Connection) -> None:
    before = only(db, AS_OF)
    product(db)
    db.execute("call stocksync.refresh()")
    after = only(db, AS_OF)
    assert after > before
    db.execute("call stocksync.refresh()")
    assert only(db, AS_OF) == after


def test_of_no_such_view_it_is_null(db: psycopg.Connection) -> None:
    assert only(db, "select stocksync.report_as_of('nothing')") is None
