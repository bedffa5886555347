"""Where movements went."""

import psycopg
from helpers import acting_as, move, product
from time_helpers import archive, checksum, close, unarchive


def test_every_archive_the_last_first(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    contents = []
    for day in ("2024-01-31", "2024-02-29"):
        move(ledger, a, 1, occurred_at=day)
        close(ledger, day)
        contents.append(archive(ledger, day))
    unarchive(ledger, contents[0])
    with acting_as(ledger, "stocksync_auditor"):
        assert ledger.execute(
            "select archive_id, closed_through::text, movements, file, sha256,"
            " archived_by = session_user, restored_at is null from stocksync.list_archives()"
        ).fetchall() == [
            (2, "2024-02-29", 1, "file.csv", checksum(contents[1]), True, True),
            (1, "2024-01-31", 1, "file.csv", checksum(contents[0]), True, False),
        ]
