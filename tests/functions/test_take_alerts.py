"""What a channel is to be told: once, again when it is time, and that it is over."""

from datetime import datetime
from typing import Any

import psycopg
import pytest
from audit_helpers import record_audit, stock
from helpers import move, only, product, session

from functions.test_raise_alerts import at, raise_alerts

Message = dict[str, Any]


def take(db: psycopg.Connection, minutes: float, channel: str = "mail") -> Message | None:
    return only(db, "select stocksync.take_alerts(%s, %s)", (channel, at(minutes)))


def told(message: Message | None) -> list[tuple[str, str]]:
    """Return event and sku, or else subject, of what a message says."""
    told_of = [] if message is None else message["alerts"]
    return [(a["event"], a["context"].get("sku", a["subject"])) for a in told_of]


def sent(db: psycopg.Connection, minutes: float, channel: str = "mail") -> list[tuple[str, str]]:
    """Raise what is alerting, take what is due, say that it was sent; return what it said."""
    raise_alerts(db, minutes)
    message = take(db, minutes, channel)
    if message:
        db.execute(
            "select stocksync.alerts_sent(%s, %s, p_at => %s)",
            (channel, message["delivery"], at(minutes)),
        )
    return told(message)


@pytest.fixture
def shop(ledger: psycopg.Connection) -> psycopg.Connection:
    """Products A and B, of each one too many was sold; only negative stock is told."""
    ledger.execute("update stocksync.settings set alert_rules = '{negative_stock}'")
    for sku in "AB":
        move(ledger, product(ledger, sku), 1, "sale")
    return ledger


BOTH = [("raised", "A"), ("raised", "B")]


def test_what_is_new_is_told_once_on_each_channel(shop: psycopg.Connection) -> None:
    for channel in ("mail", "webhook", "pager of my own"):
        assert sent(shop, 0, channel) == BOTH
        assert sent(shop, 0.5, channel) == []
        assert sent(shop, 60, channel) == []


def test_the_message(shop: psycopg.Connection) -> None:
    shop.execute("set timezone = 'UTC'")
    raise_alerts(shop, 0)
    message = take(shop, 0)
    assert message is not None
    assert message["alerts"][0] == {
        "id": 1,
        "event": "raised",
        "rule": "negative_stock",
        "subject": "product 1",
        "level": "warning",
        "message": 'the stock of "A" is -1',
        "context": {"product_id": 1, "sku": "A", "name": "A", "on_hand": -1},
        "raised_at": "2026-01-01T12:00:00+00:00",
        "resolved_at": None,
    }
    del message["alerts"]
    assert message == {
        "channel": "mail",
        "delivery": 1,
        "database": shop.info.dbname,
        "counts": [{"event": "raised", "rule": "negative_stock", "count": 2}],
        "audits": [],
    }


def test_an_audit_is_told_of_in_short(ledger: psycopg.Connection) -> None:
    ledger.execute("update stocksync.settings set alert_rules = '{discrepancies_found}'")
    move(ledger, product(ledger, "A"), 10)
    ledger.execute("update products set total_stock = 9")
    run = only(ledger, "call stocksync.audit()")
    ledger.execute("update stocksync.runs set started_at = %s, finished_at = %s", (at(0), at(0)))
    raise_alerts(ledger, 1)
    message = take(ledger, 1)
    assert message is not None
    report = only(ledger, "select stocksync.audit_report(%s, p_limit => 0)", (run,))
    report.pop("findings")
    assert message["audits"] == [report]
    assert report["omitted"] == 1


def test_an_alert_of_an_audit_that_is_forgotten_is_told_without(ledger: psycopg.Connection) -> None:
    ledger.execute("update stocksync.settings set alert_rules = '{discrepancies_found}'")
    run = record_audit(ledger, stock(1, classes=["negative"]), started_at=at(0).isoformat())
    raise_alerts(ledger, 1)
    ledger.execute("delete from stocksync.findings where run_id = %s", (run,))
    ledger.execute("delete from stocksync.runs where id = %s", (run,))
    message = take(ledger, 1)
    assert message is not None
    assert (len(message["alerts"]), message["audits"]) == (1, [])


def test_what_is_new_waits_until_the_channel_has_been_silent(shop: psycopg.Connection) -> None:
    assert sent(shop, 0) == BOTH
    for minute, sku in ((1, "C"), (10, "D")):
        move(shop, product(shop, sku), 1, "sale")
        assert sent(shop, minute) == []
    assert sent(shop, 15) == [("raised", "C"), ("raised", "D")]


def test_what_is_still_open_is_told_again_in_one_message(shop: psycopg.Connection) -> None:
    day = 24 * 60
    assert sent(shop, 0) == BOTH
    move(shop, product(shop, "C"), 1, "sale")
    assert sent(shop, 11 * 60) == [("raised", "C")]
    move(shop, product(shop, "D"), 1, "sale")
    assert sent(shop, 13 * 60) == [("raised", "D")]
    assert sent(shop, day - 1) == []
    # C would have to be told half a day later: it is taken along, and then D with it
    assert sent(shop, day) == [("reminder", "A"), ("reminder", "B"), ("reminder", "C")]
    assert sent(shop, day + 13 * 60 - 1) == []
    assert [subject for _, subject in sent(shop, day + 13 * 60)] == ["A", "B", "C", "D"]


def test_a_resolution_is_told_when_it_has_lasted(shop: psycopg.Connection) -> None:
    sent(shop, 0)
    move(shop, 1, 1)
    assert sent(shop, 20) == []
    assert sent(shop, 34) == []
    assert sent(shop, 35) == [("resolved", "A")]
    assert sent(shop, 90) == []
    assert only(shop, "select resolved_at from stocksync.alerts where id = 1") == at(20)


def test_flapping_is_told_once(shop: psycopg.Connection) -> None:
    messages = []
    for minute in range(0, 600, 10):
        messages += sent(shop, minute)
        move(shop, 1, 1)
        messages += sent(shop, minute + 5)
        move(shop, 1, 1, "sale")
    assert messages == BOTH


def test_what_was_resolved_before_it_could_be_told_is_told_once(shop: psycopg.Connection) -> None:
    raise_alerts(shop, 0)
    assert take(shop, 0) is not None  # and the sender dies
    move(shop, 1, 1)
    assert sent(shop, 1) == []
    assert sent(shop, 3) == [("raised", "B")]
    assert sent(shop, 18) == [("resolved", "A")]
    assert sent(shop, 60) == []


def test_a_new_channel_is_told_what_is_open_and_nothing_of_before(shop: psycopg.Connection) -> None:
    sent(shop, 0)
    move(shop, 1, 1)
    for minute in (1, 16, 60):
        sent(shop, minute)
    assert sent(shop, 60, "webhook") == [("raised", "B")]
    assert sent(shop, 120, "webhook") == []


def test_of_several_occurrences_only_the_last_is_resolved(ledger: psycopg.Connection) -> None:
    ledger.execute("update stocksync.settings set alert_rules = '{job_failed}'")
    ledger.execute(
        "insert into stocksync.jobs (task, subject, state, attempts)"
        " values ('sync', 'x', 'failed', 3)"
    )
    assert sent(ledger, 0) == [("raised", "job 1")]
    ledger.execute("update stocksync.jobs set attempts = 6")
    assert sent(ledger, 20) == [("raised", "job 1")]
    assert sent(ledger, 40) == []
    ledger.execute("update stocksync.jobs set state = 'queued'")
    assert sent(ledger, 60) == []
    assert sent(ledger, 80) == [("resolved", "job 1")]


def test_what_is_switched_off_is_not_told(shop: psycopg.Connection) -> None:
    sent(shop, 0)
    shop.execute("update stocksync.settings set alert_rules = '{}'")
    for minute in (1, 20, 24 * 60, 48 * 60):
        assert sent(shop, minute) == []


def test_five_thousand_alerts_are_one_message_that_can_be_read(shop: psycopg.Connection) -> None:
    shop.execute("update stocksync.settings set alert_rules = default")
    shop.execute(
        "insert into products (sku, name, reorder_point)"
        " select 'P' || n, 'P' || n, 1 from generate_series(1, 5000) as n"
    )
    shop.execute(
        "insert into stocksync.jobs (task, subject, state, attempts)"
        " values ('sync', 'x', 'failed', 3)"
    )
    shop.execute("select stocksync.raise_alerts()")
    message = only(shop, "select stocksync.take_alerts('mail')")
    assert message["counts"] == [
        {"event": "raised", "rule": "below_reorder_point", "count": 5000},
        {"event": "raised", "rule": "job_failed", "count": 1},
        {"event": "raised", "rule": "negative_stock", "count": 2},
    ]
    rules = [alert["rule"] for alert in message["alerts"]]
    # the most urgent first
    assert rules == ["job_failed"] + 50 * ["below_reorder_point"] + 2 * ["negative_stock"]
    shop.execute("select stocksync.alerts_sent('mail', 1)")
    told_of = "select count(*) from stocksync.alert_deliveries where sent_at is not null"
    assert only(shop, told_of) == 5003
    assert only(shop, "select stocksync.take_alerts('mail')") is None


# Senders ------------------------------------------------------------------------------------------


def test_a_message_is_handed_to_one_sender(shop: psycopg.Connection, ledger_url: str) -> None:
    assert take(shop, 0) is None  # the channel is known
    raise_alerts(shop, 0)
    with session(ledger_url) as other:
        with other.transaction():
            assert told(take(other, 0)) == BOTH
            shop.execute("set lock_timeout = '1s'")
            assert take(shop, 0) is None  # not committed yet
            assert told(take(shop, 0, "webhook")) == BOTH  # another channel does not wait
        assert take(shop, 0) is None


def test_what_a_dead_sender_has_taken_is_handed_out_again(shop: psycopg.Connection) -> None:
    raise_alerts(shop, 0)
    assert told(take(shop, 0)) == BOTH
    assert take(shop, 1.9) is None
    move(shop, product(shop, "C"), 1, "sale")
    raise_alerts(shop, 1.9)
    message = take(shop, 2)
    assert message is not None
    assert told(message) == [*BOTH, ("raised", "C")]
    assert message["delivery"] == 2


def test_what_is_taken_and_rolled_back_is_not_taken(
    shop: psycopg.Connection, ledger_url: str
) -> None:
    raise_alerts(shop, 0)
    with session(ledger_url) as other, other.transaction(force_rollback=True):
        assert told(take(other, 0)) == BOTH
    assert told(take(shop, 0)) == BOTH


def test_a_channel_has_a_name(ledger: psycopg.Connection) -> None:
    for name in ("", None):
        with pytest.raises(psycopg.errors.IntegrityError):
            take(ledger, 0, name)  # type: ignore[arg-type]


def test_an_alert_keeps_its_times(shop: psycopg.Connection) -> None:
    sent(shop, 0)
    sent(shop, 24 * 60)
    times: list[datetime] = only(shop, "select array_agg(sent_at) from stocksync.alert_deliveries")
    assert times == 2 * [at(24 * 60)]
