"""A day is a day of the shop."""

import psycopg
from helpers import acting_as, only


def test_the_session_gets_the_time_zone_of_the_shop(ledger: psycopg.Connection) -> None:
    ledger.execute("update stocksync.settings set time_zone = 'Asia/Tokyo'")
    for role in ("none", "stocksync_app", "stocksync_auditor"):
        ledger.execute("set time zone 'UTC'")
        with acting_as(ledger, role):
            assert only(ledger, "select stocksync.use_shop_time()") == "Asia/Tokyo"
        assert only(ledger, "show time zone") == "Asia/Tokyo"
