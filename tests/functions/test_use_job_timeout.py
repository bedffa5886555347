"""The server ends a statement that takes longer than a job may."""

import psycopg
import pytest
from helpers import only, raises_sql


@pytest.mark.parametrize(
    ("timeout", "shown"),
    [("300 seconds", "5min"), ("1500 milliseconds", "1500ms"), ("1 microsecond", "1ms"),
     ("1 day", "1d")],
)  # fmt: skip
def test_it_is_the_setting_for_the_session(
    ledger: psycopg.Connection, timeout: str, shown: str
) -> None:
    ledger.execute("update stocksync.settings set job_timeout = %s", (timeout,))
    ledger.execute("select stocksync.use_job_timeout()")
    assert only(ledger, "show statement_timeout") == shown


def test_it_ends_a_procedure_that_commits(ledger: psycopg.Connection) -> None:
    ledger.execute("update stocksync.settings set job_timeout = '0.2 seconds'")
    assert only(ledger, "select stocksync.use_job_timeout()") == "200ms"
    with raises_sql("57014", "canceling statement due to statement timeout"):
        ledger.execute(
            "do $$begin for i in 1..1000 loop perform pg_sleep(0.01); commit; end loop; end$$"
        )


@pytest.mark.parametrize("timeout", ["0", "-1 second", "25 hours", "infinity"])
def test_other_timeouts_are_refused(ledger: psycopg.Connection, timeout: str) -> None:
    with pytest.raises((psycopg.errors.CheckViolation, psycopg.errors.InvalidDatetimeFormat)):
        ledger.execute("update stocksync.settings set job_timeout = %s", (timeout,))
