"""The schedule, and what is needed to tell what is due."""

import psycopg
import pytest
from helpers import acting_as


def test_the_schedule_with_the_shops_zone_and_the_servers_time(ledger: psycopg.Connection) -> None:
    ledger.execute("update stocksync.settings set time_zone = 'Europe/Paris'")
    ledger.execute("update stocksync.schedules set is_enabled = false where task = 'audit'")
    with acting_as(ledger, "stocksync_auditor"):
        rows = ledger.execute(
            "select task, cron, is_enabled, time_zone, last_due_at <= asked_at,"
            " asked_at between now() and clock_timestamp() from stocksync.list_schedules()"
        ).fetchall()
    assert rows == [
        ("audit", "0 2 * * *", False, "Europe/Paris", True, True),
        ("refresh", "0 * * * *", True, "Europe/Paris", True, True),
    ]


@pytest.mark.parametrize(
    "cron", ["", "* * * *", "* * * * * *", "@hourly", "0 * * * *\n* * * * * rm", "0 * * * * ", "%"]
)
def test_what_is_no_line_of_five_fields_is_refused(ledger: psycopg.Connection, cron: str) -> None:
    with pytest.raises(psycopg.errors.CheckViolation) as caught:
        ledger.execute("update stocksync.schedules set cron = %s", (cron,))
    assert caught.value.diag.constraint_name == "schedules_cron_has_five_fields"
