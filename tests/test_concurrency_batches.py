"""Sessions that want the same batches: never one unit too many, never one left that was wanted.

Where an order matters it is forced, as in test_concurrency.
"""

import random
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from helpers import (
    TIMEOUT,
    Actor,
    differences,
    is_of_the_server,
    move,
    only,
    product,
    raises_sql,
    session,
    stock,
    wait_until_blocked,
)
from psycopg import IsolationLevel
from psycopg.errors import AdminShutdown
from test_concurrency import at_once, together

Make = Callable[[str], Actor]
SELL = (
    "insert into stock_movements (product_id, transaction_type, quantity) values (%s, 'sale', %s)"
)
QUARANTINE = "select stocksync.quarantine_batch(%s, 'L1', %s)"


def left(db: psycopg.Connection) -> list[Decimal]:
    return [q for (q,) in db.execute("select quantity_remaining from stock_batches order by id")]


# The last units -----------------------------------------------------------------------------------


@pytest.mark.parametrize("units", [1, 5])
@pytest.mark.parametrize("batches", [1, 5])
def test_of_sixteen_buyers_exactly_as_many_get_a_unit_as_there_are(
    exact: psycopg.Connection, ledger_url: str, units: int, batches: int
) -> None:
    a = product(exact, tracks_batches=True)
    for n in range(min(batches, units)):
        move(exact, a, units // min(batches, units), batch_number=f"L{n}")
    outcomes = Counter(
        error.sqlstate if error else "sold" for error in at_once(ledger_url, 16, SELL, (a, 1))
    )
    assert outcomes == {"sold": units, "SS001": 16 - units}
    assert set(left(exact)) == {0}


def test_a_buyer_who_waits_gets_the_unit_that_another_gives_up(
    exact: psycopg.Connection, actor: Make
) -> None:
    a = product(exact, tracks_batches=True)
    move(exact, a, 1)
    holder, buyer = actor("holder"), actor("buyer")
    holder("begin")
    holder(SELL, (a, 1))
    holder("set constraints all immediate")
    sold = buyer.start(SELL, (a, 1))
    wait_until_blocked(exact, "buyer")
    holder("rollback")
    sold.result(TIMEOUT)
    assert left(exact) == [0]


@pytest.mark.parametrize("end", ["commit", "prepare transaction 'sale'"])
def test_a_buyer_who_waits_is_refused_when_the_unit_is_gone(
    exact: psycopg.Connection, actor: Make, end: str
) -> None:
    a = product(exact, tracks_batches=True)
    move(exact, a, 1)
    holder, buyer = actor("holder"), actor("buyer")
    holder("begin")
    holder(SELL, (a, 1))
    holder("set constraints all immediate")
    sold = buyer.start(SELL, (a, 1))
    wait_until_blocked(exact, "buyer")
    holder(end)
    if end != "commit":
        wait_until_blocked(exact, "buyer")
        exact.execute("commit prepared 'sale'")
    with raises_sql("SS001", 'insufficient stock of "A"'):
        sold.result(TIMEOUT)
    assert left(exact) == [0]


def test_a_buyer_gets_the_unit_of_a_prepared_transaction_that_is_rolled_back(
    exact: psycopg.Connection, actor: Make
) -> None:
    a = product(exact, tracks_batches=True)
    move(exact, a, 1)
    holder, buyer = actor("holder"), actor("buyer")
    holder("begin")
    holder(SELL, (a, 1))
    holder("prepare transaction 'sale'")
    sold = buyer.start(SELL, (a, 1))
    wait_until_blocked(exact, "buyer")
    exact.execute("rollback prepared 'sale'")
    sold.result(TIMEOUT)
    assert left(exact) == [0]


def test_a_buyer_gets_the_unit_of_a_session_that_is_killed(
    exact: psycopg.Connection, actor: Make
) -> None:
    a = product(exact, tracks_batches=True)
    move(exact, a, 1)
    holder, buyer = actor("holder"), actor("buyer")
    holder("begin")
    holder(SELL, (a, 1))
    holder("set constraints all immediate")
    sold = buyer.start(SELL, (a, 1))
    wait_until_blocked(exact, "buyer")
    exact.execute("select pg_terminate_backend(%s)", (holder.connection.info.backend_pid,))
    sold.result(TIMEOUT)
    with pytest.raises(AdminShutdown):
        holder("commit")
    assert left(exact) == [0]


def test_many_lines_are_sold_all_or_not_at_all(exact: psycopg.Connection, ledger_url: str) -> None:
    ids = [product(exact, f"P{n}", tracks_batches=True) for n in range(8)]
    for n, p in enumerate(ids):
        move(exact, p, 3 if n == 5 else 100)
    everything = (
        "insert into stock_movements (product_id, transaction_type, quantity)"
        " select p, 'sale', 1 from unnest(%s::bigint[]) as p order by random()"
    )
    outcomes = Counter(
        error.sqlstate if error else "sold" for error in at_once(ledger_url, 16, everything, [ids])
    )
    assert outcomes == {"sold": 3, "SS001": 13}
    assert left(exact) == [0 if n == 5 else 97 for n in range(8)]
    assert only(exact, "select count(*) from stock_movements where transaction_type = 'sale'") == 24


def test_a_sale_that_waits_gets_what_a_return_brings_back(
    exact: psycopg.Connection, actor: Make
) -> None:
    a = product(exact, tracks_batches=True)
    move(exact, a, 2)
    move(exact, a, 2, "sale", reference="r1")
    bringer, buyer = actor("bringer"), actor("buyer")
    bringer("begin")
    bringer(
        "insert into stock_movements (product_id, transaction_type, quantity, reference)"
        " values (%s, 'sale_return', 1, 'r1')",
        (a,),
    )
    bringer("set constraints all immediate")
    sold = buyer.start(SELL, (a, 1))
    wait_until_blocked(exact, "buyer")
    bringer("commit")
    sold.result(TIMEOUT)
    assert left(exact) == [0]


def test_two_returns_of_one_sale_bring_no_more_back_into_its_batch_than_it_took(
    exact: psycopg.Connection, actor: Make
) -> None:
    a = product(exact, tracks_batches=True)
    move(exact, a, 3, batch_number="L1")
    move(exact, a, 3, batch_number="L2")
    move(exact, a, 4, "sale", reference="r1")
    first, second = actor("first"), actor("second")
    bring = (
        "insert into stock_movements (product_id, transaction_type, quantity, reference)"
        " values (%s, 'sale_return', 3, 'r1')"
    )
    first("begin")
    first(bring, (a,))
    first("set constraints all immediate")
    done = second.start(bring, (a,))
    wait_until_blocked(exact, "second")
    first("commit")
    done.result(TIMEOUT)
    # what nobody took is a batch of its own
    assert left(exact) == [3, 3, 2]


@pytest.mark.parametrize("status", ["quarantined", "active"])
def test_a_sale_that_waits_sees_the_status_that_others_gave_the_batch(
    exact: psycopg.Connection, actor: Make, status: str
) -> None:
    a = product(exact, tracks_batches=True)
    move(exact, a, 2, batch_number="L1")
    exact.execute(QUARANTINE, (a, status == "quarantined"))
    buyer = actor("buyer")
    with exact.transaction():
        exact.execute(QUARANTINE, (a, status == "active"))
        sold = buyer.start(SELL, (a, 1))
        wait_until_blocked(exact, "buyer")
    if status == "active":
        sold.result(TIMEOUT)
        assert left(exact) == [1]
    else:
        with raises_sql("SS001", 'insufficient stock of "A"'):
            sold.result(TIMEOUT)


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
def test_with_an_older_snapshot_nothing_is_sold_out_of_quarantine(
    exact: psycopg.Connection, actor: Make, level: str
) -> None:
    a = product(exact, tracks_batches=True)
    move(exact, a, 2, batch_number="L1")
    buyer = actor("buyer")
    buyer(f"begin isolation level {level}")
    buyer("select from products")
    exact.execute(QUARANTINE, (a, False))
    buyer(SELL, (a, 1))
    with raises_sql("40001", "could not serialize access due to concurrent update"):
        buyer("commit")
    assert left(exact) == [2]


# Switching ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("on", [True, False])
@pytest.mark.parametrize("settled", [True, False], ids=["settled", "captured"])
@pytest.mark.parametrize("kind", ["purchase", "sale"])
def test_tracking_is_switched_while_somebody_writes(
    exact: psycopg.Connection, actor: Make, on: bool, settled: bool, kind: str
) -> None:
    a = product(exact, tracks_batches=not on)
    move(exact, a, 10)
    writer, switch = actor("writer"), actor("switch")
    writer("begin")
    writer(
        "insert into stock_movements (product_id, transaction_type, quantity) values (%s, %s, 4)",
        (a, kind),
    )
    if settled:
        writer("set constraints all immediate")
    done = switch.start("update products set tracks_batches = %s where id = %s", (on, a))
    if settled:
        wait_until_blocked(exact, "switch")
    else:
        done.result(TIMEOUT)
    writer("commit")
    done.result(TIMEOUT)
    assert stock(exact, a) == (14 if kind == "purchase" else 6)
    exact.execute("update products set tracks_batches = true")
    move(exact, a, 1, "sale")


def test_tracking_goes_on_and_off_while_everybody_writes(
    exact: psycopg.Connection, ledger_url: str
) -> None:
    ids = [product(exact, f"P{n}") for n in range(4)]
    for p in ids:
        move(exact, p, 1000)
    over = threading.Event()

    def writers() -> Counter[str]:
        try:
            jobs = [random_shop(ledger_url, ids, seed, 15) for seed in range(6)]
            return sum(together(*jobs), Counter())
        finally:
            over.set()

    def switch() -> int:
        switched, chance = 0, random.Random(0)
        with session(ledger_url) as connection:
            while not over.is_set():
                with suppress(psycopg.errors.DatabaseError), connection.transaction():
                    connection.execute(
                        "update products set tracks_batches = not tracks_batches where id = %s",
                        (chance.choice(ids),),
                    )
                    switched += 1
        return switched

    failures, switched = together(writers, switch)
    assert set(failures) <= {"SS001"}
    assert switched > 4
    assert differences(exact) == []
    exact.execute("update products set tracks_batches = true")


# Everybody at once --------------------------------------------------------------------------------


def random_shop(
    url: str,
    ids: list[int],
    seed: int,
    count: int,
    isolation: IsolationLevel = IsolationLevel.READ_COMMITTED,
) -> Callable[[], Counter[str]]:
    """Return a job that buys, sells, moves, brings back and reverses, and counts what failed."""
    chance = random.Random(seed)
    failures: Counter[str] = Counter()
    mine: list[int] = []

    def lines() -> tuple[str, list[Any]]:
        rows = [
            (
                chance.choice(ids),
                chance.choice(
                    ["purchase", "sale", "sale", "sale_return", "transfer_out", "transfer_in"]
                ),
                Decimal(chance.randint(1, 12)) / 4,
                chance.choice([None, None, "L1", "L2"]),
                chance.choice([None, "r1", "r2"]),
                chance.randint(0, 2),
            )
            for _ in range(chance.randint(1, 5))
        ]
        return (
            "insert into stock_movements (product_id, transaction_type, quantity, batch_number,"
            " reference, occurred_at) values "
            + ", ".join(["(%s, %s, %s, %s, %s, now() - %s * interval '1 h')"] * len(rows))
            + " returning id",
            [value for row in rows for value in row],
        )

    def plan() -> list[tuple[str, list[Any]]]:
        steps = []
        for _ in range(chance.randint(1, 4)):
            match chance.randrange(10):
                case 0 if mine:
                    steps.append(
                        (
                            "update stock_movements set quantity = 1, product_id = %s"
                            " where id = %s and reverses_id is null and not exists"
                            " (select from stock_movements as r where r.reverses_id = %s)",
                            [chance.choice(ids), *[chance.choice(mine)] * 2],
                        )
                    )
                case 1 if mine:
                    steps.append(
                        (
                            "select stocksync.reverse_movement(id, 'random')"
                            " from stock_movements as m where id = %s and reverses_id is null"
                            " and not exists"
                            " (select from stock_movements as r where r.reverses_id = m.id)",
                            [chance.choice(mine)],
                        )
                    )
                case 2:
                    steps += [("savepoint s", []), lines(), ("rollback to s", [])]
                case _:
                    steps.append(lines())
        return steps

    def work() -> Counter[str]:
        with session(url) as connection:
            connection.isolation_level = isolation
            for _ in range(count):
                written: list[int] = []
                steps = plan()
                try:
                    with connection.transaction():
                        for query, parameters in steps:
                            cursor = connection.execute(query, parameters)
                            if "returning" in query and steps[-1][0] != "rollback to s":
                                written += [row[0] for row in cursor]
                except psycopg.Error as error:
                    if not is_of_the_server(error):
                        failures[error.sqlstate or repr(error)] += 1
                    continue
                mine.extend(written)
        return failures

    return work


@pytest.mark.parametrize("count", [12, pytest.param(300, marks=pytest.mark.long)])
def test_sixteen_sessions_neither_deadlock_nor_take_what_is_not_there(
    exact: psycopg.Connection, ledger_url: str, count: int
) -> None:
    ids = [product(exact, f"P{n}", tracks_batches=n > 0) for n in range(6)]
    for p in ids:
        move(exact, p, 50, batch_number="L1")
    jobs = [random_shop(ledger_url, ids, seed, count) for seed in range(16)]
    failures = sum(together(*jobs), Counter())
    assert set(failures) <= {"SS001"}
    assert only(exact, "select count(*) from stock_movements") > 16 * count


@pytest.mark.parametrize("isolation", [IsolationLevel.REPEATABLE_READ, IsolationLevel.SERIALIZABLE])
def test_above_read_committed_only_conflicts_and_refusals_fail(
    exact: psycopg.Connection, ledger_url: str, isolation: IsolationLevel
) -> None:
    ids = [product(exact, f"P{n}", tracks_batches=True) for n in range(6)]
    for p in ids:
        move(exact, p, 50, batch_number="L1")
    jobs = [random_shop(ledger_url, ids, seed, 10, isolation) for seed in range(8)]
    failures = sum(together(*jobs), Counter())
    assert set(failures) <= {"SS001", "40001"}
    assert only(exact, "select count(*) from stock_movements") > 10


def test_every_snapshot_of_batches_is_exact_while_everybody_works(
    exact: psycopg.Connection, ledger_url: str
) -> None:
    ids = [product(exact, f"P{n}", tracks_batches=True) for n in range(3)]
    for p in ids:
        move(exact, p, 500, batch_number="L1")
    over, looked = threading.Event(), []

    def writers() -> None:
        try:
            together(*(random_shop(ledger_url, ids, seed, 15) for seed in range(6)))
        finally:
            over.set()

    def look() -> None:
        with session(ledger_url) as connection:
            connection.isolation_level = IsolationLevel.REPEATABLE_READ
            while not over.is_set():
                with connection.transaction():
                    found = differences(connection)
                    looked.append(only(connection, "select count(*) from stock_movements"))
                if found:
                    over.set()
                assert found == []

    together(writers, look)
    assert len(set(looked)) > 2
