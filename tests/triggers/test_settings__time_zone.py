"""Days are those of the shop; changing its time zone counts them anew."""

from datetime import timedelta

import psycopg
import pytest
from helpers import differences, move, only, product, raises_sql
from time_helpers import archive, at, close, stock_at, unarchive

DAYS = "select day::text, quantity from stocksync.stock_daily order by day"


def test_days_are_counted_anew(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 1, occurred_at="2024-12-31 23:30:00+00")
    move(ledger, a, 2, occurred_at="2025-01-01 00:30:00+00")
    ledger.execute("select stocksync.roll_up()")
    assert ledger.execute(DAYS).fetchall() == [("2024-12-31", 1), ("2025-01-01", 2)]
    ledger.execute("update stocksync.settings set time_zone = 'Europe/Paris'")
    assert ledger.execute(DAYS).fetchall() == [("2025-01-01", 3)]
    move(ledger, a, 4, occurred_at="2024-12-31 23:30:00+00")
    ledger.execute("select stocksync.roll_up()")
    assert ledger.execute(DAYS).fetchall() == [("2025-01-01", 7)]
    assert differences(ledger) == []
    assert ledger.execute("select level, message, context from stocksync.log").fetchall() == [
        ("warning", "time zone changed", {"before": "UTC", "after": "Europe/Paris"})
    ]


@pytest.mark.parametrize("zone", ["Europe/Nowhere", "", "nonsense5", "+25"])
def test_a_zone_that_does_not_exist_is_refused(ledger: psycopg.Connection, zone: str) -> None:
    with raises_sql("22023", f'time zone "{zone}" does not exist'):
        ledger.execute("update stocksync.settings set time_zone = %s", (zone,))
    assert only(ledger, "select time_zone from stocksync.settings") == "UTC"


def test_it_needs_a_snapshot_of_its_own(ledger: psycopg.Connection) -> None:
    with (
        raises_sql("55000", "the time zone can only be changed at READ COMMITTED"),
        ledger.transaction(),
    ):
        ledger.execute("set transaction isolation level repeatable read")
        ledger.execute("update stocksync.settings set time_zone = 'Asia/Tokyo'")


def test_the_sessions_time_zone_decides_nothing(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    ledger.execute("set time zone 'Pacific/Kiritimati'")
    move(ledger, a, 1, occurred_at="2024-12-31 23:30:00+00")
    ledger.execute("select stocksync.roll_up()")
    assert ledger.execute(DAYS).fetchall() == [("2024-12-31", 1)]
    assert differences(ledger) == []


def test_closings_and_archives_keep_their_instants(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 1, occurred_at="2024-01-31 23:30+00")
    move(ledger, a, 2, occurred_at="2024-02-01 00:30+00")
    closing = close(ledger, "2024-01-31")
    content = archive(ledger, "2024-01-31")
    end = at("2024-02-01") - timedelta(microseconds=1)
    for zone in ("Asia/Tokyo", "America/Havana", "UTC"):
        ledger.execute("update stocksync.settings set time_zone = %s", (zone,))
        assert only(ledger, "select before from stocksync._closed") == at("2024-02-01")
        assert stock_at(ledger, end) == {"A": "1"}
        assert stock_at(ledger, "2024-02-01 01:00+00") == {"A": "3"}
        assert differences(ledger) == []
        unarchive(ledger, content)
        assert differences(ledger) == []
        archive(ledger, "2024-01-31", content)
        assert differences(ledger) == []
    # the same day ends at another instant, an hour later than what is closed
    ledger.execute("update stocksync.settings set time_zone = 'Atlantic/Azores'")
    assert close(ledger, "2024-01-31") != closing
    assert only(ledger, "select before from stocksync._closed") == at("2024-02-01 01:00")
    assert stock_at(ledger, end) == {"A": "1"}
