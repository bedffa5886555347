"""All that is known of one job."""

import psycopg
from helpers import acting_as, raises_sql
from job_helpers import enqueue, job


def test_every_column_of_the_job(ledger: psycopg.Connection) -> None:
    number = enqueue(ledger)
    with acting_as(ledger, "stocksync_auditor"):
        cursor = ledger.execute("select * from stocksync.show_job(%s)", (number,))
    assert dict(zip([c.name for c in cursor.description], cursor.fetchone(), strict=True)) == vars(
        job(ledger, number)
    )


def test_an_unknown_number_is_an_error(ledger: psycopg.Connection) -> None:
    with raises_sql("P0002", "job 7 does not exist"):
        ledger.execute("select * from stocksync.show_job(7)")
    with raises_sql("P0002", "job <NULL> does not exist"):
        ledger.execute("select * from stocksync.show_job(null)")
