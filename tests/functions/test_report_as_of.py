"""As of when a report is."""

import psycopg
import pytest
from by_force import VIEWS
from helpers import only


@pytest.mark.parametrize("view", VIEWS)
def test_it_is_that_of_the_last_refresh_or_of_the_deployment(
    ledger: psycopg.Connection, view: str
) -> None:
    as_of = f"select stocksync.report_as_of('{view}')"
    deployed = only(
        ledger,
        "select deployed_at from stocksync.deployed_file"
        f" where path = 'materialized_views/{view}.sql'",
    )
    assert only(ledger, as_of) == deployed
    before = only(ledger, "select clock_timestamp()")
    ledger.execute("call stocksync.refresh()")
    refreshed = only(ledger, as_of)
    assert before < refreshed < only(ledger, "select clock_timestamp()")
    ledger.execute("call stocksync.refresh()")  # has nothing to do
    assert only(ledger, as_of) == refreshed


def test_there_is_none_of_what_is_no_report(ledger: psycopg.Connection) -> None:
    assert only(ledger, "select stocksync.report_as_of('live_object')") is None
