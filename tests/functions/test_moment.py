"""What people mean by a time they write."""

from datetime import timedelta

import psycopg
import pytest
from helpers import acting_as, only, raises_sql
from time_helpers import at

MICROSECOND = timedelta(microseconds=1)


@pytest.mark.parametrize("style", ["ISO, MDY", "SQL, DMY", "German"])
@pytest.mark.parametrize(
    ("zone", "text", "moment"),
    [
        ("UTC", "2026-10-31", at("2026-11-01") - MICROSECOND),
        ("UTC", "2026-10-31 00:00", at("2026-10-31")),
        ("Europe/Berlin", "2026-10-31 17:00", at("2026-10-31 16:00")),
        ("Europe/Berlin", "2026-10-31T17:00:00.000001Z", at("2026-10-31 17:00") + MICROSECOND),
        ("Europe/Berlin", "2026-10-31 17:00+05:30", at("2026-10-31 11:30")),
        ("Europe/Berlin", "2026-10-25", at("2026-10-25 23:00") - MICROSECOND),  # of 25 hours
        ("America/Havana", "2024-11-02", at("2024-11-03 04:00") - MICROSECOND),
        ("America/St_Johns", "2010-11-06", at("2010-11-07 02:30") - MICROSECOND),
        ("Pacific/Apia", "2011-12-30", at("2011-12-30 10:00") - MICROSECOND),  # never was
        ("UTC", "0001-01-01", at("0001-01-02") - MICROSECOND),
        ("UTC", "2024-02-29", at("2024-03-01") - MICROSECOND),
    ],
)
def test_a_day_is_all_of_it_and_a_time_is_one_of_the_shop(
    ledger: psycopg.Connection, zone: str, text: str, moment: object, style: str
) -> None:
    ledger.execute("update stocksync.settings set time_zone = %s", (zone,))
    ledger.execute("set time zone 'Asia/Kathmandu'")
    ledger.execute(f"set datestyle = '{style}'")
    with acting_as(ledger, "stocksync_app"):
        assert only(ledger, "select stocksync.moment(%s) = %s", (text, moment)) is True


def test_the_last_day(ledger: psycopg.Connection) -> None:
    assert only(
        ledger,
        "select stocksync.moment('9999-12-31')"
        " = timestamptz '10000-01-01 00:00+00' - interval '1 microsecond'",
    )


@pytest.mark.parametrize(
    "text",
    ["", " ", "now", "today", "infinity", "-infinity", "03/04/2026", "2026-02-30", "2026-13-01",
     " 2026-10-31", "2026-10-31 ", "2026-10-31T25:00", "20261031", "1", "'; drop table x"],
)  # fmt: skip
def test_anything_else_is_refused(ledger: psycopg.Connection, text: str) -> None:
    with raises_sql("22007", f'"{text}" is not a time'):
        ledger.execute("select stocksync.moment(%s)", (text,))


def test_null_for_null(ledger: psycopg.Connection) -> None:
    assert only(ledger, "select stocksync.moment(null)") is None
