"""The alerts, as people ask for them."""

import psycopg
from helpers import acting_as, move

from functions.test_raise_alerts import raise_alerts
from functions.test_take_alerts import sent, shop

__all__ = ["shop"]


def test_what_is_open_and_who_was_told(shop: psycopg.Connection) -> None:
    sent(shop, 0, "webhook")
    sent(shop, 1, "mail")
    move(shop, 1, 1)
    raise_alerts(shop, 2)
    with acting_as(shop, "stocksync_auditor"):
        assert shop.execute(
            "select level, rule, message, resolved_at, told from stocksync.read_alerts()"
        ).fetchall() == [
            ("warning", "negative_stock", 'the stock of "B" is -1', None, ["mail", "webhook"])
        ]
        assert shop.execute(
            "select id, resolved_at is null from stocksync.read_alerts(p_all => true)"
        ).fetchall() == [(1, False), (2, True)]


def test_who_was_not_told_is_not_named(shop: psycopg.Connection) -> None:
    raise_alerts(shop, 0)
    shop.execute("select stocksync.take_alerts('mail')")
    assert shop.execute("select told from stocksync.read_alerts()").fetchall() == [([],), ([],)]
