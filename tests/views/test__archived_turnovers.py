"""The days of what is archived, wherever the shop has moved since."""

import psycopg
from helpers import move, product
from time_helpers import archive, close


def test_no_day_is_after_the_end_of_the_archive(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 4, occurred_at="2024-10-20 13:00+00")
    move(ledger, a, 25, occurred_at="2024-10-29 13:00+00")
    close(ledger, "2024-10-29")
    ledger.execute("update stocksync.settings set time_zone = 'Pacific/Apia'")
    archive(ledger, "2024-10-29")
    for zone, last_day in (
        ("Pacific/Apia", "2024-10-30"),  # as it was archived
        ("Asia/Kathmandu", "2024-10-30"),  # where the archive ends in the middle of a day
        ("UTC", "2024-10-29"),
        ("America/New_York", "2024-10-29"),
    ):
        ledger.execute("update stocksync.settings set time_zone = %s", (zone,))
        days = ledger.execute(
            "select day::text, quantity, movements from stocksync._archived_turnovers order by 1"
        ).fetchall()
        assert days == [("2024-10-21", 4, 1), (last_day, 25, 1)]
