"""What people mean by a time from which on."""

import psycopg
import pytest
from helpers import only, raises_sql


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("2026-10-25", "2026-10-24T21:59:59.999999Z"),
        ("2026-10-26", "2026-10-25T22:59:59.999999Z"),
        ("2026-10-25 00:00", "2026-10-24T22:00:00Z"),
        ("2026-10-25T12:00:00Z", "2026-10-25T12:00:00Z"),
        (None, None),
    ],
)
def test_a_day_alone_is_the_instant_before_it(
    ledger: psycopg.Connection, text: str | None, begins: str | None
) -> None:
    ledger.execute("update stocksync.settings set time_zone = 'Europe/Berlin'")
    assert only(
        ledger,
        "select stocksync.beginning(%s) is not distinct from %s::timestamptz",
        (text, begins),
    )


def test_what_is_no_time_is_refused(ledger: psycopg.Connection) -> None:
    with raises_sql("22007", '"2026-02-30" is not a time'):
        ledger.execute("select stocksync.beginning('2026-02-30')")
