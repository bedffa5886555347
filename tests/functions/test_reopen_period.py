"""Closings are taken back from the last on, and stay on record."""

import psycopg
from helpers import acting_as, move, only, product, raises_sql
from time_helpers import archive, close, unarchive

STATES = "select closed_through::text, state from stocksync.list_closings()"


def test_the_last_or_everything_from_a_day_on(ledger: psycopg.Connection) -> None:
    for day in ("2024-01-31", "2024-02-29", "2024-03-31"):
        close(ledger, day)
    assert only(ledger, "select stocksync.reopen_period()") == 1
    assert only(ledger, "select before::date::text from stocksync._closed") == "2024-03-01"
    assert only(ledger, "select stocksync.reopen_period('2024-01-15')") == 2
    assert only(ledger, "select before::text from stocksync._closed") == "-infinity"
    move(ledger, product(ledger), 5, occurred_at="2024-01-10")
    close(ledger, "2024-01-31")
    assert ledger.execute(STATES).fetchall() == [
        ("2024-01-31", "closed"),
        ("2024-03-31", "reopened"),
        ("2024-02-29", "reopened"),
        ("2024-01-31", "reopened"),
    ]
    assert ledger.execute(
        "select level, context ->> 'closings' from stocksync.log where message = 'period reopened'"
        " order by id"
    ).fetchall() == [("warning", "1"), ("warning", "2")]


def test_nothing_to_take_back(ledger: psycopg.Connection) -> None:
    with raises_sql("P0002", "no period is closed", message_detail="No closing holds."):
        ledger.execute("select stocksync.reopen_period()")
    close(ledger, "2024-01-31")
    with raises_sql(
        "P0002",
        "no period is closed",
        message_detail="No closing through 2024-02-01 or a later day holds.",
    ):
        ledger.execute("select stocksync.reopen_period('2024-02-01')")


def test_what_is_archived_must_be_put_back_first(ledger: psycopg.Connection) -> None:
    move(ledger, product(ledger), 5, occurred_at="2024-01-10")
    close(ledger, "2024-01-31")
    content = archive(ledger, "2024-01-31")
    close(ledger, "2024-02-29")
    assert only(ledger, "select stocksync.reopen_period()") == 1
    ledger.execute("set time zone 'UTC'")
    with raises_sql(
        "55000",
        "movements of that period are archived",
        message_detail='Movements before 2024-02-01 00:00:00+00 are in "file.csv".',
        message_hint='Put them back first with "stocksync archive --restore FILE".',
    ):
        ledger.execute("select stocksync.reopen_period()")
    assert ledger.execute(STATES).fetchall()[-1] == ("2024-01-31", "closed")
    unarchive(ledger, content)
    assert only(ledger, "select stocksync.reopen_period()") == 1


def test_only_an_operator(ledger: psycopg.Connection) -> None:
    close(ledger, "2024-01-31")
    for role in ("stocksync_app", "stocksync_auditor"):
        with (
            acting_as(ledger, role),
            raises_sql("42501", "permission denied for function reopen_period"),
        ):
            ledger.execute("select stocksync.reopen_period()")
    with acting_as(ledger, "stocksync_operator"):
        assert only(ledger, "select stocksync.reopen_period()") == 1
    assert only(ledger, "select reopened_by = session_user from stocksync.closings")
