"""Closing: what is dated until then is final, and its balances are kept."""

from collections.abc import Callable

import psycopg
import pytest
from helpers import Actor, acting_as, differences, move, only, product, raises_sql, stock
from time_helpers import at, close, until

LISTED = "select closed_through::text, state, balances from stocksync.list_closings()"


def test_the_balances_are_those_of_the_end_of_the_day(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    ledger.execute("insert into locations (name) values ('shelf')")
    move(ledger, a, 10, occurred_at="2024-01-31 23:59:59.999999+00")
    move(ledger, a, 3, location_id=1, occurred_at="2024-01-01")
    move(ledger, a, 1, "sale", occurred_at="2024-02-01 00:00+00")
    closing = close(ledger, "2024-01-31")
    assert ledger.execute(
        "select b.location_id, b.quantity from stocksync.closings as c"
        " join stocksync.snapshot_balances as b using (snapshot_id) where c.id = %s order by 1",
        (closing,),
    ).fetchall() == [(1, 3), (None, 10)]
    ledger.execute("set time zone 'UTC'")
    with raises_sql(
        "SS005",
        "the period of 2024-01-31 23:59:59.999999+00 is closed",
        message_detail="Movements before 2024-02-01 00:00:00+00 are final.",
        column_name="occurred_at",
    ):
        move(ledger, a, 1, occurred_at="2024-01-31 23:59:59.999999+00")
    move(ledger, a, 1, occurred_at="2024-02-01 00:00+00")
    assert ledger.execute("select message from stocksync.log order by id").fetchall() == [
        ("closing started",),
        ("period closed",),
    ]


@pytest.mark.parametrize("day", ["current_date", "current_date + 1", "'infinity'", "null"])
def test_a_day_that_is_not_over(ledger: psycopg.Connection, day: str) -> None:
    shown = only(ledger, f"select coalesce(({day})::date::text, '<NULL>')")
    with raises_sql("22023", f"the day {shown} is not over"):
        ledger.execute(f"call stocksync.close_period({day})")
    assert ledger.execute(LISTED).fetchall() == []


@pytest.mark.parametrize("day", ["0001-01-01", "0001-01-02", "4713-01-02 BC"])
def test_the_first_of_days_and_an_empty_ledger(ledger: psycopg.Connection, day: str) -> None:
    close(ledger, day)
    move(ledger, product(ledger), 1, occurred_at="0001-01-03 00:00+00")
    close(ledger, "0001-01-03")
    assert ledger.execute(LISTED).fetchall()[0] == ("0001-01-03", "closed", 1)
    assert stock(ledger, 1) == 1


def test_yesterday_is_one_of_the_shop(ledger: psycopg.Connection) -> None:
    ledger.execute("update stocksync.settings set time_zone = 'Pacific/Kiritimati'")
    ledger.execute("set time zone 'Pacific/Pago_Pago'")  # a day behind
    [(yesterday,)] = ledger.execute("select stocksync._shop_day() - 1").fetchall()
    close(ledger, str(yesterday))
    ledger.execute("select stocksync.reopen_period()")
    with raises_sql("22023", f"the day {only(ledger, 'select stocksync._shop_day()')} is not over"):
        ledger.execute("call stocksync.close_period(stocksync._shop_day())")


@pytest.mark.parametrize(
    ("zone", "day", "before"),
    [
        ("America/Havana", "2024-11-02", "2024-11-03 04:00"),  # the first of two midnights
        ("America/Havana", "2024-03-09", "2024-03-10 05:00"),  # there is none: it is 01:00
        ("America/St_Johns", "2010-11-06", "2010-11-07 02:30"),
        ("Asia/Beirut", "2021-10-30", "2021-10-30 22:00"),
        ("Pacific/Apia", "2011-12-29", "2011-12-30 10:00"),
        ("Pacific/Apia", "2011-12-30", "2011-12-30 10:00"),
    ],
)
def test_where_clocks_change_a_day_ends_at_its_first_end(
    ledger: psycopg.Connection, zone: str, day: str, before: str
) -> None:
    ledger.execute("update stocksync.settings set time_zone = %s", (zone,))
    close(ledger, day)
    assert only(ledger, "select closed_before from stocksync.closings") == at(before)
    assert only(ledger, "select before from stocksync._closed") == at(before)


def test_again_is_the_same_closing_and_an_earlier_day_is_refused(
    ledger: psycopg.Connection,
) -> None:
    first = close(ledger, "2024-01-31")
    assert close(ledger, "2024-01-31") == first
    close(ledger, "2024-02-29")
    assert close(ledger, "2024-01-31") == first
    with raises_sql("55000", "the books are closed through a later day than 2024-01-30"):
        close(ledger, "2024-01-30")


def test_a_closing_that_was_killed_is_taken_up_again(
    ledger: psycopg.Connection, actor: Callable[[str], Actor]
) -> None:
    a = product(ledger)
    writer = actor("writer")
    writer("begin")
    writer("insert into stock_movements (product_id, transaction_type, quantity, occurred_at)"
           " values (%s, 'purchase', 5, '2024-01-10')", (a,))  # fmt: skip
    closer = actor("closer")
    waiting = closer.start("call stocksync.close_period('2024-01-31')")
    until(ledger, LISTED)
    assert ledger.execute(LISTED).fetchall() == [("2024-01-31", "waits for writers", 0)]
    ledger.execute("select pg_terminate_backend(%s)", (closer.connection.info.backend_pid,))
    with pytest.raises(psycopg.OperationalError):
        waiting.result(60)

    # It holds from its first step on, but there is no balance yet.
    with raises_sql("SS005", "the period of 2024-01-10 00:00:00+00 is closed"):
        ledger.execute("set time zone 'UTC'")
        move(ledger, a, 1, occurred_at="2024-01-10")
    with raises_sql(
        "55000",
        "the closing through 2024-01-31 has not ended",
        message_hint='End it with "stocksync close 2024-01-31", or take it back with'
        ' "stocksync close --reopen".',
    ):
        close(ledger, "2024-02-29")
    assert only(ledger, "select source from stocksync.restore_source('2024-03-01')") == "movements"
    with raises_sql("55000", "the books are not closed through 2024-01-31"):
        ledger.execute("select * from stocksync.archivable('2024-01-31')")
    assert only(ledger, "select count(*) from stocksync.negative_in_past()") == 0

    writer("commit")
    close(ledger, "2024-01-31")
    assert ledger.execute(LISTED).fetchall() == [("2024-01-31", "closed", 1)]
    assert differences(ledger) == []


def test_one_that_was_killed_can_be_taken_back(ledger: psycopg.Connection) -> None:
    closing = only(ledger, "select stocksync._start_closing('2024-01-31')")
    assert only(ledger, "select stocksync.reopen_period()") == 1
    move(ledger, product(ledger), 5, occurred_at="2024-01-10")
    with raises_sql("55000", "the closing through 2024-01-31 was taken back meanwhile"):
        ledger.execute("select stocksync._finish_closing(%s)", (closing,))
    close(ledger, "2024-01-31")
    assert only(ledger, "select quantity from stocksync.snapshot_balances") == 5


def test_a_prepared_transaction_is_waited_for(
    ledger: psycopg.Connection, actor: Callable[[str], Actor]
) -> None:
    a = product(ledger)
    writer = actor("writer")
    writer("begin")
    writer("insert into stock_movements (product_id, transaction_type, quantity, occurred_at)"
           " values (%s, 'purchase', 5, '2024-01-10')", (a,))  # fmt: skip
    writer("prepare transaction 'closing'")
    waiting = actor("closer").start("call stocksync.close_period('2024-01-31')")
    until(ledger, LISTED)
    assert not waiting.done()
    ledger.execute("commit prepared 'closing'")
    waiting.result(60)
    assert only(ledger, "select quantity from stocksync.snapshot_balances") == 5


def test_a_balance_stands_on_the_one_before(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 5, occurred_at="2024-01-10")
    close(ledger, "2024-01-31")
    move(ledger, a, 5, "sale", occurred_at="2024-02-10")
    close(ledger, "2024-02-29")
    assert ledger.execute(LISTED).fetchall() == [
        ("2024-02-29", "closed", 0),
        ("2024-01-31", "closed", 1),
    ]


def test_not_in_a_transaction_block(ledger: psycopg.Connection) -> None:
    with raises_sql("2D000", "invalid transaction termination"), ledger.transaction():
        ledger.execute("call stocksync.close_period('2024-01-31')")


def test_whatever_the_sessions_isolation(ledger: psycopg.Connection) -> None:
    ledger.execute("set default_transaction_isolation = serializable")
    close(ledger, "2024-01-31")
    assert ledger.execute(LISTED).fetchall() == [("2024-01-31", "closed", 0)]


def test_an_operator_may_and_the_others_may_not(ledger: psycopg.Connection) -> None:
    for role in ("stocksync_app", "stocksync_auditor"):
        with (
            acting_as(ledger, role),
            raises_sql("42501", "permission denied for procedure close_period"),
        ):
            close(ledger, "2024-01-31")
    with acting_as(ledger, "stocksync_operator"):
        close(ledger, "2024-01-31")
