"""Alerts: one for each incident, open as long as it lasts."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from helpers import acting_as, move, only, product, session

START = datetime(2026, 1, 1, 12, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def raise_alerts(db: psycopg.Connection, minutes: float = 0) -> int | None:
    return only(db, "select stocksync.raise_alerts(%s)", (at(minutes),))


def alerts(db: psycopg.Connection) -> list[tuple[int, str, datetime, datetime | None]]:
    return db.execute(
        "select id, message, raised_at, resolved_at from stocksync.alerts order by id"
    ).fetchall()


@pytest.fixture
def shop(ledger: psycopg.Connection) -> psycopg.Connection:
    """One product, A, of which one too many was sold; only negative stock is told."""
    ledger.execute("update stocksync.settings set alert_rules = '{negative_stock}'")
    move(ledger, product(ledger, "A"), 1, "sale")
    return ledger


def test_an_incident_is_raised_once_and_resolved_once(shop: psycopg.Connection) -> None:
    assert raise_alerts(shop, 0) == 1
    assert raise_alerts(shop, 1) == 0
    assert alerts(shop) == [(1, 'the stock of "A" is -1', at(0), None)]
    move(shop, 1, 1)
    assert raise_alerts(shop, 2) == 0
    assert raise_alerts(shop, 3) == 0
    assert alerts(shop) == [(1, 'the stock of "A" is -1', at(0), at(2))]


def test_what_comes_again_later_is_another_incident(shop: psycopg.Connection) -> None:
    raise_alerts(shop, 0)
    move(shop, 1, 1)
    raise_alerts(shop, 1)
    move(shop, 1, 2, "sale")
    assert raise_alerts(shop, 16) == 1
    assert alerts(shop) == [
        (1, 'the stock of "A" is -1', at(0), at(1)),
        (2, 'the stock of "A" is -2', at(16), None),
    ]


def test_flapping_is_one_incident(shop: psycopg.Connection) -> None:
    for minute in range(0, 100, 10):
        raise_alerts(shop, minute)
        move(shop, 1, 1)
        raise_alerts(shop, minute + 5)
        move(shop, 1, 1, "sale")
    raise_alerts(shop, 100)
    assert alerts(shop) == [(1, 'the stock of "A" is -1', at(0), None)]


def test_an_open_alert_says_how_it_is_now(shop: psycopg.Connection) -> None:
    raise_alerts(shop)
    move(shop, 1, "1.5", "sale")
    raise_alerts(shop)
    assert shop.execute(
        "select message, context -> 'on_hand' from stocksync.alerts"
    ).fetchall() == [('the stock of "A" is -2.5', -2.5)]


def test_nothing_is_written_while_nothing_changes(shop: psycopg.Connection) -> None:
    raise_alerts(shop)
    before = only(shop, "select array_agg(xmin::text || ctid::text) from stocksync.alerts")
    raise_alerts(shop)
    assert only(shop, "select array_agg(xmin::text || ctid::text) from stocksync.alerts") == before


def test_another_occurrence_is_another_alert_at_once(ledger: psycopg.Connection) -> None:
    ledger.execute("update stocksync.settings set alert_rules = '{job_failed}'")
    ledger.execute(
        "insert into stocksync.jobs (task, subject, state, attempts)"
        " values ('sync', 'x', 'failed', 3)"
    )
    assert raise_alerts(ledger, 0) == 1
    ledger.execute("update stocksync.jobs set attempts = 6")
    assert raise_alerts(ledger, 1) == 1
    assert [resolved for *_, resolved in alerts(ledger)] == [at(1), None]
    ledger.execute("delete from stocksync.jobs")
    raise_alerts(ledger, 2)
    assert [resolved for *_, resolved in alerts(ledger)] == [at(1), at(2)]


def test_a_rule_that_is_switched_off_resolves_its_alerts(shop: psycopg.Connection) -> None:
    raise_alerts(shop, 0)
    shop.execute("update stocksync.settings set alert_rules = '{}'")
    raise_alerts(shop, 1)
    assert [resolved for *_, resolved in alerts(shop)] == [at(1)]


def test_a_second_one_does_not_wait_and_raises_nothing_twice(
    shop: psycopg.Connection, ledger_url: str
) -> None:
    with session(ledger_url) as other:
        with other.transaction():
            assert raise_alerts(other) == 1
            shop.execute("set lock_timeout = '1s'")
            assert raise_alerts(shop) is None
        assert raise_alerts(shop) == 0
    assert len(alerts(shop)) == 1


def test_thousands_at_once(shop: psycopg.Connection) -> None:
    shop.execute("update stocksync.settings set alert_rules = '{below_reorder_point}'")
    shop.execute(
        "insert into products (sku, name, reorder_point)"
        " select 'P' || n, 'P' || n, 1 from generate_series(1, 5000) as n"
    )
    assert raise_alerts(shop, 0) == 5000
    assert raise_alerts(shop, 1) == 0
    shop.execute("update products set reorder_point = null where sku <> 'P7'")
    assert raise_alerts(shop, 2) == 0
    assert only(shop, "select count(*) from stocksync.alerts where resolved_at is null") == 1


def test_an_operator_may(shop: psycopg.Connection) -> None:
    with acting_as(shop, "stocksync_operator"):
        assert raise_alerts(shop) == 1
