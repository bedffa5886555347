"""Transactions of several statements settle once, at their end, as a whole."""

import psycopg
from helpers import differences, move, only, product, raises_sql, session, stock


def test_a_transaction_counts_as_a_whole(ledger: psycopg.Connection) -> None:
    a = product(ledger, allow_negative=False)
    with ledger.transaction():
        move(ledger, a, 10, "sale")
        move(ledger, a, 12)
    assert stock(ledger, a) == 2
    assert differences(ledger) == []


def test_it_is_refused_at_commit_with_the_sum_of_what_it_asked_for(
    ledger: psycopg.Connection,
) -> None:
    a = product(ledger, allow_negative=False)
    move(ledger, a, 10)
    with (
        raises_sql(
            "SS001",
            'insufficient stock of "A"',
            message_detail="There are 10, and 12 were asked for.",
        ),
        ledger.transaction(),
    ):
        move(ledger, a, 8, "sale")
        move(ledger, a, 4, "sale")
    assert stock(ledger, a) == 10
    assert only(ledger, "select count(*) from stock_movements") == 1


def test_it_can_be_refused_earlier_when_asked_to(ledger: psycopg.Connection) -> None:
    a = product(ledger, allow_negative=False)
    with ledger.transaction():
        move(ledger, a, 5)
        move(ledger, a, 1)
        with (
            raises_sql(
                "SS001",
                'insufficient stock of "A"',
                message_detail="There are 6, and 9 were asked for.",
            ),
            ledger.transaction(),
        ):
            ledger.execute("set constraints all immediate")
            move(ledger, a, 9, "sale")
    assert stock(ledger, a) == 6
    assert differences(ledger) == []


def test_nothing_is_left_behind_and_others_see_all_or_nothing(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    a, b = product(ledger, "A"), product(ledger, "B")
    with session(ledger_url) as other:
        with ledger.transaction():
            for _ in range(5):
                move(ledger, b, 1)
                move(ledger, a, 2)
            assert (stock(other, a), stock(other, b)) == (0, 0)
        assert (stock(other, a), stock(other, b)) == (10, 5)
    assert only(ledger, "select count(*) from stocksync._unsettled") == 0
    assert only(ledger, "select count(*) from stocksync._journal") == 2
    assert differences(ledger) == []
