"""What is recorded of a message: that it was sent, or why not and when to try again."""

import psycopg
from helpers import only

from functions.test_raise_alerts import at, raise_alerts
from functions.test_take_alerts import BOTH, shop, take, told

__all__ = ["shop"]


def report(db: psycopg.Connection, delivery: int, minutes: float, *more: object) -> None:
    error, retry_after = (*more, None, None)[:2]
    db.execute(
        "select stocksync.alerts_sent('mail', %s, %s, %s, %s)",
        (delivery, error, retry_after, at(minutes)),
    )


def log(db: psycopg.Connection) -> list[tuple[str, str, dict[str, object]]]:
    return db.execute(
        "select level, message, context from stocksync.log where message like 'alerts %%'"
        " order by id"
    ).fetchall()


def test_a_failed_channel_is_tried_again_later_and_later(shop: psycopg.Connection) -> None:
    raise_alerts(shop, 0)
    minute, waited = 0.0, []
    for delivery in range(1, 10):
        assert told(take(shop, minute)) == BOTH
        report(shop, delivery, minute, "no luck")
        retry_at = only(shop, "select retry_at from stocksync.alert_channels")
        waited.append((retry_at - at(minute)).total_seconds())
        minute = (retry_at - at(0)).total_seconds() / 60
        assert take(shop, minute - 0.01) is None
    assert waited == [30, 60, 120, 240, 480, 960, 1920, 1920, 1920]


def test_the_log_tells_of_a_failing_channel_once_and_when_it_works_again(
    shop: psycopg.Connection,
) -> None:
    raise_alerts(shop, 0)
    for delivery in (1, 2, 3):
        take(shop, delivery * 10)
        report(shop, delivery, delivery * 10, f"no luck {delivery}")
    assert log(shop) == [
        (
            "error",
            "alerts could not be delivered",
            {"channel": "mail", "error": "no luck 1"},
        )
    ]
    assert shop.execute(
        "select failures, error, claimed_at, sent_at from stocksync.alert_channels"
    ).fetchall() == [(3, "no luck 3", None, None)]
    take(shop, 60)
    report(shop, 4, 60)
    assert log(shop)[1:] == [
        ("info", "alerts are delivered again", {"channel": "mail", "failures": 3})
    ]
    assert shop.execute(
        "select failures, error, claimed_at, sent_at, retry_at from stocksync.alert_channels"
    ).fetchall() == [(0, None, None, at(60), None)]


def test_a_server_that_asks_for_patience_gets_it(shop: psycopg.Connection) -> None:
    raise_alerts(shop, 0)
    take(shop, 0)
    report(shop, 1, 0, "HTTP 429", "2 hours")
    assert take(shop, 119) is None
    assert told(take(shop, 120)) == BOTH


def test_a_sender_that_was_given_up_changes_nothing(shop: psycopg.Connection) -> None:
    raise_alerts(shop, 0)
    take(shop, 0)
    take(shop, 2)
    report(shop, 1, 3)
    report(shop, 1, 3, "too late")
    assert shop.execute(
        "select delivery, failures, sent_at, claimed_at from stocksync.alert_channels"
    ).fetchall() == [(2, 0, None, at(2))]
    report(shop, 2, 3)
    assert only(shop, "select sent_at from stocksync.alert_channels") == at(3)
    report(shop, 2, 4, "twice")
    report(shop, 77, 4)
    assert only(shop, "select failures from stocksync.alert_channels") == 0
    assert log(shop) == []
