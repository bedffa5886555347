"""Closing the books while everybody works: who is in, who is refused, and nobody waits.

Where an order matters it is forced: a session goes on when pg_stat_activity says that another one
waits. Nothing sleeps in the hope that another session got there.
"""

import random
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from helpers import (
    TIMEOUT,
    Actor,
    differences,
    move,
    only,
    product,
    raises_sql,
    session,
    wait_until,
)
from psycopg.errors import SerializationFailure, UniqueViolation

CLOSE = "call stocksync.close_period('2026-01-31')"
LATE = (
    "insert into stock_movements (product_id, transaction_type, quantity, occurred_at)"
    " values (%s, 'purchase', %s, '2026-01-15 12:00Z')"
)
OPEN = LATE.replace("2026-01-15", "2026-02-15")


@pytest.fixture
def tea(ledger: psycopg.Connection) -> int:
    tea = product(ledger, "TEA")
    move(ledger, tea, 10, occurred_at="2026-01-10 12:00Z")
    return tea


def begin_to_close(ledger: psycopg.Connection, closer: Actor) -> Future[list[tuple[Any, ...]]]:
    """Start a closing in the background; return when it waits for writers."""
    closing = closer.start(CLOSE)
    wait_until(
        ledger,
        "select exists (select from pg_stat_activity"
        " where application_name = %s and wait_event = 'PgSleep')",
        closer.name,
    )
    return closing


def balance(ledger: psycopg.Connection, product_id: int) -> Decimal:
    """Return the balance that the closing keeps."""
    return only(
        ledger,
        "select coalesce(sum(b.quantity), 0) from stocksync.closings as c"
        " join stocksync.snapshot_balances as b on b.snapshot_id = c.snapshot_id"
        " where c.reopened_at is null and b.product_id = %s",
        (product_id,),
    )


def late_stock(ledger: psycopg.Connection, product_id: int) -> Decimal:
    """Return what the movements dated before the end of the period add up to."""
    return only(
        ledger,
        "select coalesce(sum(case movement_type when 'in' then quantity else -quantity end), 0)"
        " from stock_movements where product_id = %s and occurred_at < '2026-02-01Z'",
        (product_id,),
    )


# In flight ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("isolation", ["read committed", "repeatable read", "serializable"])
@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_who_wrote_before_is_in_the_closing_if_it_commits(
    ledger: psycopg.Connection, actor: Callable[[str], Actor], tea: int, isolation: str, end: str
) -> None:
    writer, closer = actor("writer"), actor("closer")
    writer(f"begin isolation level {isolation}")
    writer(LATE, (tea, 5))
    closing = begin_to_close(ledger, closer)
    writer(end)
    closing.result(TIMEOUT)
    assert balance(ledger, tea) == late_stock(ledger, tea) == (15 if end == "commit" else 10)
    assert differences(ledger) == []


def test_who_writes_again_while_the_closing_waits_is_refused_whole(
    ledger: psycopg.Connection, actor: Callable[[str], Actor], tea: int
) -> None:
    writer, closer = actor("writer"), actor("closer")
    writer("begin")
    writer(LATE, (tea, 5))
    closing = begin_to_close(ledger, closer)
    with raises_sql("SS005", "the period of 2026-01-15 12:00:00+00 is closed"):
        writer(LATE, (tea, 5))
    writer("commit")  # that is a rollback
    closing.result(TIMEOUT)
    assert balance(ledger, tea) == late_stock(ledger, tea) == 10


def test_a_savepoint_saves_what_was_written_before(
    ledger: psycopg.Connection, actor: Callable[[str], Actor], tea: int
) -> None:
    writer, closer = actor("writer"), actor("closer")
    writer("begin")
    writer(LATE, (tea, 5))
    writer("savepoint s")
    closing = begin_to_close(ledger, closer)
    with raises_sql("SS005", "the period of 2026-01-15 12:00:00+00 is closed"):
        writer(LATE, (tea, 5))
    writer("rollback to s")
    writer("commit")
    closing.result(TIMEOUT)
    assert balance(ledger, tea) == late_stock(ledger, tea) == 15


@pytest.mark.parametrize("isolation", ["repeatable read", "serializable"])
@pytest.mark.parametrize("has_ended", [False, True])
def test_a_snapshot_older_than_the_closing_fails_to_write_late(
    ledger: psycopg.Connection,
    actor: Callable[[str], Actor],
    tea: int,
    isolation: str,
    has_ended: bool,
) -> None:
    """It cannot see that the period is closed; what it left on the row tells."""
    writer, other, closer = actor("writer"), actor("other"), actor("closer")
    writer(f"begin isolation level {isolation}")
    writer("select count(*) from stock_movements")
    other("begin")
    other(LATE, (tea, 1))
    closing = begin_to_close(ledger, closer)
    if has_ended:
        other("commit")
        closing.result(TIMEOUT)
    with pytest.raises(SerializationFailure):
        writer(LATE, (tea, 5))
    writer("rollback")
    if not has_ended:
        other("commit")
        closing.result(TIMEOUT)
    assert balance(ledger, tea) == late_stock(ledger, tea) == 11


def test_a_copy_that_began_before_and_ends_after_is_refused(
    ledger: psycopg.Connection, ledger_url: str, actor: Callable[[str], Actor], tea: int
) -> None:
    closer = actor("closer")
    with (
        session(ledger_url) as writer,
        pytest.raises(psycopg.Error) as caught,
        writer.cursor().copy(
            "copy stock_movements (product_id, movement_type, transaction_type, quantity,"
            " occurred_at) from stdin"
        ) as copy,
    ):
        copy.write(f"{tea}\tin\tpurchase\t5\t2026-01-15 12:00Z\n")
        wait_until(
            ledger,
            "select exists (select from pg_locks where pid = %s"
            " and relation = 'stock_movements'::regclass and mode = 'RowExclusiveLock')",
            writer.info.backend_pid,
        )
        closing = begin_to_close(ledger, closer)
    assert caught.value.sqlstate == "SS005"
    closing.result(TIMEOUT)
    assert balance(ledger, tea) == late_stock(ledger, tea) == 10


@pytest.mark.parametrize("prepared", ["before", "meanwhile"])
def test_a_prepared_transaction_is_waited_for(
    ledger: psycopg.Connection, actor: Callable[[str], Actor], tea: int, prepared: str
) -> None:
    writer, closer = actor("writer"), actor("closer")
    name = f"closing {ledger.info.dbname}"
    writer("begin")
    writer(LATE, (tea, 5))
    if prepared == "before":
        writer(f"prepare transaction '{name}'")
        closing = begin_to_close(ledger, closer)
    else:
        closing = begin_to_close(ledger, closer)
        writer(f"prepare transaction '{name}'")
    assert not closing.done()
    assert only(ledger, "select count(*) from stocksync.snapshots") == 0
    ledger.execute(f"commit prepared '{name}'")
    closing.result(TIMEOUT)
    assert balance(ledger, tea) == late_stock(ledger, tea) == 15


def test_nobody_waits_for_a_closing_nor_fails_for_it(
    ledger: psycopg.Connection, actor: Callable[[str], Actor], tea: int
) -> None:
    slow, writer, closer = actor("slow"), actor("writer"), actor("closer")
    slow("begin")
    slow(LATE, (tea, 5))
    closing = begin_to_close(ledger, closer)
    writer("set lock_timeout = '1ms'")
    for isolation in ("read committed", "repeatable read", "serializable"):
        writer(f"begin isolation level {isolation}")
        writer(OPEN, (tea, 1))
        writer("commit")
    writer("select * from stocksync.stock_as_of(now())")
    assert not closing.done()
    slow("commit")
    closing.result(TIMEOUT)
    assert (balance(ledger, tea), only(ledger, "select quantity_on_hand from products")) == (15, 18)


def test_until_the_balances_are_there_nothing_is_read_from_a_closing(
    ledger: psycopg.Connection, actor: Callable[[str], Actor], tea: int
) -> None:
    slow, closer = actor("slow"), actor("closer")
    slow("begin")
    slow(LATE, (tea, 5))
    closing = begin_to_close(ledger, closer)
    asked = "select quantity from stocksync.stock_as_of('2026-02-10Z', %s)"
    assert only(ledger, asked, (tea,)) == 10
    [(state,)] = ledger.execute("select state from stocksync.list_closings()").fetchall()
    assert state == "waits for writers"
    slow("commit")
    closing.result(TIMEOUT)
    assert only(ledger, asked, (tea,)) == 15


def test_no_number_of_what_is_closed_changes_under_an_older_snapshot(
    ledger: psycopg.Connection, actor: Callable[[str], Actor], tea: int
) -> None:
    """Nor what changes no sum, and so is not captured."""
    writer = actor("writer")
    writer("begin isolation level repeatable read")
    writer("select count(*) from stock_movements")
    ledger.execute(CLOSE)
    with pytest.raises(SerializationFailure):
        writer("update stock_movements set idempotency_key = 'k'")


# Two at once, and none ----------------------------------------------------------------------------


def test_two_closings_of_one_day_are_one(
    ledger: psycopg.Connection, actor: Callable[[str], Actor], tea: int
) -> None:
    slow, first, second = actor("slow"), actor("first"), actor("second")
    slow("begin")
    slow(LATE, (tea, 5))
    closings = [begin_to_close(ledger, first), begin_to_close(ledger, second)]
    slow("commit")
    assert [closing.result(TIMEOUT) for closing in closings] == [[(1,)], [(1,)]]
    assert only(ledger, "select count(*) from stocksync.snapshots") == 1
    assert balance(ledger, tea) == 15


def test_a_closing_that_was_killed_goes_on_when_it_is_called_again(
    ledger: psycopg.Connection, actor: Callable[[str], Actor], tea: int
) -> None:
    slow, closer = actor("slow"), actor("closer")
    slow("begin")
    slow(LATE, (tea, 5))
    closing = begin_to_close(ledger, closer)
    ledger.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'closer'"
    )
    with pytest.raises(psycopg.Error):
        closing.result(TIMEOUT)
    with raises_sql("SS005", "the period of 2026-01-15 12:00:00+00 is closed"):
        ledger.execute(LATE, (tea, 1))
    with raises_sql("55000", "the closing through 2026-01-31 has not ended"):
        ledger.execute("call stocksync.close_period('2026-02-28')")
    slow("commit")
    ledger.execute(CLOSE)
    assert balance(ledger, tea) == late_stock(ledger, tea) == 15


def test_a_closing_that_is_taken_back_while_it_waits_ends_with_an_error(
    ledger: psycopg.Connection, actor: Callable[[str], Actor], tea: int
) -> None:
    slow, closer = actor("slow"), actor("closer")
    slow("begin")
    slow(LATE, (tea, 5))
    closing = begin_to_close(ledger, closer)
    ledger.execute("select stocksync.reopen_period()")
    ledger.execute(LATE, (tea, 1))
    slow("commit")
    with raises_sql("55000", "the closing through 2026-01-31 was taken back meanwhile"):
        closing.result(TIMEOUT)
    assert only(ledger, "select count(*) from stocksync.snapshots") == 0
    assert late_stock(ledger, tea) == 16


@pytest.mark.parametrize("rounds", [10, pytest.param(300, marks=pytest.mark.long)])
def test_closings_and_reopenings_among_writers_leave_every_balance_exact(
    ledger: psycopg.Connection, ledger_url: str, rounds: int
) -> None:
    """Whoever commits is in; whoever is refused is nowhere; what is closed never changes."""
    ids = [product(ledger, f"P{n}") for n in range(4)]
    over = threading.Event()
    ends: Counter[str | None] = Counter()

    def write(seed: int) -> None:
        chance = random.Random(seed)
        with session(ledger_url) as connection:
            while not over.is_set():
                level = chance.choice(["read committed", "repeatable read"])
                try:
                    connection.execute(f"begin isolation level {level}")
                    for _ in range(chance.randint(1, 3)):
                        connection.execute(
                            "insert into stock_movements"
                            " (product_id, transaction_type, quantity, occurred_at)"
                            " values (%s, %s, %s, %s)",
                            (
                                chance.choice(ids),
                                chance.choice(["purchase", "sale"]),
                                chance.randint(1, 9),
                                datetime(2026, chance.randint(1, 2), chance.randint(1, 28)),
                            ),
                        )
                    connection.execute("commit")
                    ends["committed"] += 1
                except psycopg.Error as error:
                    connection.execute("rollback")
                    ends[error.sqlstate] += 1

    compared = (
        "select p.id, coalesce(b.quantity, 0), m.quantity"
        " from stocksync.closings as c cross join unnest(%s::bigint[]) as p (id)"
        " left join stocksync.snapshot_balances as b"
        " on b.snapshot_id = c.snapshot_id and b.product_id = p.id"
        " cross join lateral (select coalesce(sum(case movement_type when 'in'"
        " then quantity else -quantity end), 0) as quantity from stock_movements"
        " where product_id = p.id and occurred_at < '2026-02-01Z') as m"
        " where c.reopened_at is null"
    )
    threads = [threading.Thread(target=write, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    kept: list[list[tuple[Any, ...]]] = []
    try:
        for _ in range(rounds):
            ledger.execute(CLOSE)
            kept += [ledger.execute(compared, (ids,)).fetchall() for _ in range(3)]
            ledger.execute("select stocksync.reopen_period()")
    finally:
        over.set()
        for thread in threads:
            thread.join(TIMEOUT)
    # No deadlock, and at READ COMMITTED nothing but the refusal.
    assert set(ends) <= {"committed", "SS005", "40001"}, ends
    assert ends["committed"] and ends["SS005"], ends
    assert [row for rows in kept for row in rows if row[1] != row[2]] == []
    assert len(kept) == 3 * rounds
    assert differences(ledger) == []


# Archives -----------------------------------------------------------------------------------------


def archived_in(connection: Actor | psycopg.Connection, through: date) -> None:
    """Archive in this session's transaction, by way of a table instead of a file."""
    execute = connection if isinstance(connection, Actor) else connection.execute
    execute("select stocksync.stage_archive()")
    execute(
        "insert into pg_temp.stocksync_archive select * from stocksync.archivable(%s)", (through,)
    )
    execute("select stocksync.archive_movements(%s, 'file', repeat('a', 64))", (through,))


def test_who_asks_while_an_archive_is_made_sees_all_of_it_or_nothing(
    ledger: psycopg.Connection, actor: Callable[[str], Actor], tea: int
) -> None:
    ledger.execute("select stocksync.roll_up()")
    ledger.execute(CLOSE)
    move(ledger, tea, 3, "sale", occurred_at="2026-02-10Z")
    archiver, reader = actor("archiver"), actor("reader")
    ends = ["2026-01-10 11:00Z", "2026-01-10 23:59:59.999999Z", "2026-01-31Z", "2026-03-01Z"]

    def asked(times: list[str]) -> list[Decimal]:
        return [
            reader("select quantity from stocksync.stock_as_of(%s, %s)", (at, tea))[0][0]
            for at in times
        ]

    archiver("begin")
    archived_in(archiver, date(2026, 1, 31))
    assert asked(ends) == [0, 10, 10, 7]
    assert differences(ledger) == []
    reader("begin isolation level repeatable read")
    assert asked(ends) == [0, 10, 10, 7]
    archiver("commit")
    assert asked(ends) == [0, 10, 10, 7]
    reader("commit")
    assert asked(ends[1:]) == [10, 10, 7]
    with raises_sql("SS006", "movements that tell this are archived"):
        asked(ends[:1])
    assert differences(ledger) == []


@pytest.mark.parametrize("isolation", ["read committed", "repeatable read"])
def test_a_key_that_is_being_archived_is_not_counted_again(
    ledger: psycopg.Connection, actor: Callable[[str], Actor], tea: int, isolation: str
) -> None:
    move(ledger, tea, 5, occurred_at="2026-01-11Z", idempotency_key="k")
    ledger.execute(CLOSE)
    archiver, retrier = actor("archiver"), actor("retrier")
    retrier(f"begin isolation level {isolation}")
    retrier("select 1 from stock_movements")
    archiver("begin")
    archived_in(archiver, date(2026, 1, 31))
    retry = retrier.start(
        "insert into stock_movements (product_id, transaction_type, quantity, idempotency_key)"
        " values (%s, 'purchase', 5, 'k') on conflict (idempotency_key)"
        " where idempotency_key is not null do nothing",
        (tea,),
    )
    wait_until(
        ledger,
        "select exists (select from pg_stat_activity"
        " where application_name = 'retrier' and wait_event_type = 'Lock')",
    )
    archiver("commit")
    error = UniqueViolation if isolation == "read committed" else SerializationFailure
    with pytest.raises(error):
        retry.result(TIMEOUT)
    retrier("rollback")
    assert only(ledger, "select quantity_on_hand from products") == 15
    assert differences(ledger) == []


def test_writers_go_on_while_an_archive_is_made(
    ledger: psycopg.Connection, actor: Callable[[str], Actor], tea: int
) -> None:
    ledger.execute(CLOSE)
    archiver, writer = actor("archiver"), actor("writer")
    archiver("begin")
    archived_in(archiver, date(2026, 1, 31))
    writer("set lock_timeout = '1ms'")
    writer(OPEN, (tea, 1))
    writer("update stocksync.settings set late_movements = 'first_open_day'")
    writer(LATE, (tea, 1))
    archiver("commit")
    assert only(ledger, "select quantity_on_hand from products") == 12
    assert differences(ledger) == []


def test_a_movement_that_changes_while_it_is_archived_stays(
    ledger: psycopg.Connection, actor: Callable[[str], Actor], tea: int
) -> None:
    """Its note was changed after the file was written: the file does not hold what is there."""
    ledger.execute(CLOSE)
    archiver, clerk = actor("archiver"), actor("clerk")
    archiver("begin")
    archiver("select stocksync.stage_archive()")
    archiver(
        "insert into pg_temp.stocksync_archive select * from stocksync.archivable('2026-01-31')"
    )
    clerk("begin")
    clerk("update stock_movements set notes = 'counted by hand'")
    removal = archiver.start(
        "select stocksync.archive_movements('2026-01-31', 'file', repeat('a', 64))"
    )
    wait_until(
        ledger,
        "select exists (select from pg_stat_activity"
        " where application_name = 'archiver' and wait_event_type = 'Lock')",
    )
    clerk("commit")
    with raises_sql("XX001", "the file does not hold the movements that are to be archived"):
        removal.result(TIMEOUT)
    archiver("rollback")
    assert only(ledger, "select notes from stock_movements") == "counted by hand"
    assert differences(ledger) == []


# Snapshots ----------------------------------------------------------------------------------------


def test_a_snapshot_holds_what_was_in_flight_or_restore_adds_it(
    ledger: psycopg.Connection, actor: Callable[[str], Actor], tea: int
) -> None:
    """Both times are exact: nothing is in it twice, and nothing is left out."""
    writer, taker = actor("writer"), actor("taker")
    writer("begin")
    writer(LATE, (tea, 5))
    taking = taker.start("call stocksync.take_snapshot()")
    wait_until(
        ledger,
        "select exists (select from pg_stat_activity"
        " where application_name = 'taker' and wait_event = 'PgSleep')",
    )
    ledger.execute(LATE, (tea, 1))  # recorded later
    writer("commit")
    taking.result(TIMEOUT)
    assert only(ledger, "select quantity from stocksync.snapshot_balances") == 15
    assert ledger.execute("select * from stocksync.restore_dry_run(now())").fetchall() == []
    assert only(ledger, "select quantity_on_hand from products") == 16
