"""The balance that can be trusted most."""

import psycopg
import pytest
from helpers import acting_as, move, only, product, raises_sql
from time_helpers import at, close

SOURCE = "select source, snapshot_id, balances from stocksync.restore_source(%s, %s)"


@pytest.fixture
def shop(ledger: psycopg.Connection) -> psycopg.Connection:
    move(ledger, product(ledger), 5, occurred_at="2024-01-10")
    return ledger


def test_movements_where_there_is_nothing_else(shop: psycopg.Connection) -> None:
    for since in ("2024-02-01", "-infinity", None):
        assert shop.execute(SOURCE, (since, None)).fetchall() == [("movements", None, 0)]


def test_a_closing_then_a_snapshot_then_the_movements(shop: psycopg.Connection) -> None:
    close(shop, "2024-01-31")  # 1
    shop.execute("call stocksync.take_snapshot('2024-02-15 00:00+00', 'ours')")  # 2
    close(shop, "2024-02-29")  # 3
    shop.execute("call stocksync.take_snapshot('2024-01-20 00:00+00')")  # 4
    found = {
        since: shop.execute(SOURCE, (since, None)).fetchone()
        for since in ("2024-01-19", "2024-01-20", "2024-01-21", "2024-02-01", "2024-03-01")
    }
    assert found == {
        "2024-01-19": ("movements", None, 0),
        "2024-01-20": ("movements", None, 0),
        "2024-01-21": ("snapshot 4", 4, 1),
        "2024-02-01": ("closing through 2024-01-31", 1, 1),
        "2024-03-01": ("closing through 2024-02-29", 3, 1),
    }
    shop.execute("select stocksync.reopen_period('2024-01-01')")
    assert shop.execute(SOURCE, ("2024-03-01", None)).fetchone() == ("snapshot 2: ours", 2, 1)
    assert shop.execute(SOURCE, ("2024-03-01", 4)).fetchone() == ("snapshot 4", 4, 1)


def test_the_times_are_those_of_the_balances(shop: psycopg.Connection) -> None:
    shop.execute("call stocksync.take_snapshot('2024-02-15 00:00+00')")
    assert shop.execute(
        "select r.at, r.known_at = s.known_at from stocksync.restore_source('2024-03-01') as r"
        " join stocksync.snapshots as s on s.id = r.snapshot_id"
    ).fetchall() == [(at("2024-02-15"), True)]


def test_what_is_not_there_is_refused(shop: psycopg.Connection) -> None:
    with raises_sql(
        "P0002",
        "snapshot 999 does not exist",
        message_hint='List the snapshots with "stocksync snapshot --list".',
    ):
        shop.execute(SOURCE, (None, 999))
    shop.execute("set time zone 'UTC'")
    with raises_sql("22023", "2999-01-01 00:00:00+00 is in the future"):
        shop.execute(SOURCE, ("2999-01-01", None))


def test_an_auditor_may_ask(shop: psycopg.Connection) -> None:
    with acting_as(shop, "stocksync_auditor"):
        assert only(shop, "select source from stocksync.restore_source(null)") == "movements"
