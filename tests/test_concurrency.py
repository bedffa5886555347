"""Sessions that meet: stock is exact in every snapshot, and whoever only writes never fails.

Where an order matters it is forced: a session is started in the background and the test goes on
when pg_stat_activity says that it waits. Nothing sleeps in the hope that another session got there.
"""

import os
import random
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from decimal import Decimal
from itertools import product as combinations
from pathlib import Path
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
    session,
    stock,
    wait_until,
    wait_until_blocked,
)
from psycopg import IsolationLevel
from psycopg.conninfo import make_conninfo
from psycopg.errors import (
    AdminShutdown,
    DeadlockDetected,
    ForeignKeyViolation,
    RestrictViolation,
    SerializationFailure,
    UniqueViolation,
)

from stocksync.embedded import Embedded
from stocksync.migrate import migrate

INSERT = "insert into stock_movements (product_id, transaction_type, quantity) values (%s, %s, %s)"


# Sessions -----------------------------------------------------------------------------------------


def together(*jobs: Callable[[], Any]) -> list[Any]:
    """Run all at the same time and return what they return; raise what any of them raises."""
    barrier = threading.Barrier(len(jobs), timeout=TIMEOUT)

    def run(job: Callable[[], Any]) -> Any:
        barrier.wait()
        return job()

    with ThreadPoolExecutor(len(jobs)) as pool:
        futures = [pool.submit(run, job) for job in jobs]
    return [future.result() for future in futures]


def at_once(url: str, count: int, query: str, parameters: Any = None) -> list[Any]:
    """Execute one query in many sessions at once; return the first row, or the error, of each."""

    @contextmanager
    def ready() -> Iterator[Callable[[], Any]]:
        with session(url) as connection:

            def job() -> Any:
                try:
                    cursor = connection.execute(query, parameters)
                    return cursor.fetchone() if cursor.description else None
                except psycopg.Error as error:
                    return job() if is_of_the_server(error) else error

            yield job

    def nest(jobs: list[Callable[[], Any]]) -> list[Any]:
        if len(jobs) == count:
            return together(*jobs)
        with ready() as job:
            return nest([*jobs, job])

    return nest([])


def products(ledger: psycopg.Connection, count: int, **columns: Any) -> list[int]:
    return [product(ledger, f"P{n}", **columns) for n in range(count)]


# I1: exact in every snapshot ----------------------------------------------------------------------


@pytest.mark.parametrize("count", [60, pytest.param(2000, marks=pytest.mark.long)])
def test_every_snapshot_is_exact_while_everybody_works(
    ledger: psycopg.Connection, ledger_url: str, count: int
) -> None:
    ids = products(ledger, 5)
    shelf = only(ledger, "insert into locations (name) values ('shelf') returning id")
    over = threading.Event()
    snapshots: list[int] = []

    def writer(seed: int) -> Callable[[], None]:
        def work() -> None:
            chance = random.Random(seed)
            with session(ledger_url) as connection:
                for _ in range(count):
                    with connection.transaction():
                        for _ in range(chance.randint(1, 3)):
                            lines = [
                                (
                                    chance.choice(ids),
                                    chance.choice(["purchase", "sale", "damage"]),
                                    Decimal(chance.randint(1, 999)) / 8,
                                    chance.choice([None, shelf]),
                                    chance.randint(0, 60),
                                )
                                for _ in range(chance.randint(1, 4))
                            ]
                            connection.execute(
                                "insert into stock_movements (product_id, transaction_type,"
                                " quantity, location_id, occurred_at) values "
                                + ", ".join(
                                    ["(%s, %s, %s, %s, now() - %s * interval '1 h')"] * len(lines)
                                ),
                                [field for line in lines for field in line],
                            )

        return work

    def until_over(step: Callable[[psycopg.Connection], None]) -> Callable[[], None]:
        def work() -> None:
            with session(ledger_url) as connection:
                while not over.is_set():
                    step(connection)

        return work

    def rewrite(connection: psycopg.Connection) -> None:
        with connection.transaction():
            connection.execute(
                "update stock_movements set quantity = quantity + 1,"
                " occurred_at = occurred_at - interval '1 day'"
                " where id in (select id from stock_movements order by random() limit 2)"
            )
            connection.execute(
                "delete from stock_movements"
                " where id in (select id from stock_movements order by random() limit 2)"
            )

    def look(connection: psycopg.Connection) -> None:
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        with connection.transaction():
            found = differences(connection)
            snapshots.append(only(connection, "select count(*) from stock_movements"))
        if found:
            over.set()
        assert found == []

    def writers() -> None:
        try:
            together(*(writer(seed) for seed in range(8)))
        finally:
            over.set()

    together(
        writers,
        until_over(look),
        until_over(rewrite),
        until_over(lambda connection: connection.execute("select stocksync.roll_up()")),
        until_over(lambda connection: connection.execute("call stocksync.sync(p_force => true)")),
    )
    assert len(set(snapshots)) > 3  # it did look in the middle
    assert differences(ledger) == []
    assert only(ledger, "select count(*) from stocksync.incidents") == 0
    assert (
        only(ledger, "select count(*) from stocksync.log where level in ('error', 'critical')") == 0
    )


# I2: writers never deadlock and never fail --------------------------------------------------------


def random_transactions(
    url: str,
    ids: list[int],
    seed: int,
    count: int,
    *,
    isolation: IsolationLevel = IsolationLevel.READ_COMMITTED,
    statements: int = 4,
) -> Counter[str]:
    """Write random transactions, each until it succeeds; return how often what went wrong."""
    chance = random.Random(seed)
    failures: Counter[str] = Counter()
    mine: list[int] = []  # others change other movements: rows of the ledger are not the subject

    def lines() -> tuple[str, list[Any]]:
        chosen = chance.sample(ids, chance.randint(1, 3))
        return (
            "insert into stock_movements (product_id, transaction_type, quantity) values "
            + ", ".join(["(%s, %s, %s)"] * len(chosen))
            + " returning id",
            [f for i in chosen for f in (i, chance.choice(["purchase", "sale"]), 1)],
        )

    def plan() -> list[tuple[str, list[Any]]]:
        steps = []
        for _ in range(chance.randint(1, statements)):
            match chance.randrange(8):
                case 0 if mine:
                    steps.append(
                        (
                            "update stock_movements set product_id = %s, quantity = 2"
                            " where id = any (%s) returning id",
                            [chance.choice(ids), chance.sample(mine, min(2, len(mine)))],
                        )
                    )
                case 1 if mine:
                    steps.append(
                        ("delete from stock_movements where id = %s", [chance.choice(mine)])
                    )
                case 2 if statements > 1:
                    steps += [("savepoint s", []), lines(), ("rollback to s", [])]
                case 3 if statements > 1:
                    steps += [("savepoint s", []), lines(), ("release s", [])]
                case _:
                    steps.append(lines())
        return steps

    with session(url) as connection:
        connection.isolation_level = isolation
        for _ in range(count):
            steps = plan()
            deadline = time.monotonic() + TIMEOUT
            while True:
                written: list[int] = []
                try:
                    with connection.transaction():
                        for query, parameters in steps:
                            cursor = connection.execute(query, parameters)
                            if cursor.description:
                                written += [row[0] for row in cursor]
                    break
                except psycopg.Error as error:
                    failures[type(error).__name__] += 1
                    assert time.monotonic() < deadline, failures
            mine += written
    return failures


@pytest.mark.parametrize("count", [60, pytest.param(2000, marks=pytest.mark.long)])
def test_random_transactions_of_twelve_sessions_neither_deadlock_nor_fail(
    ledger: psycopg.Connection, ledger_url: str, count: int
) -> None:
    ids = products(ledger, 6)
    failures = together(
        *(lambda s=seed: random_transactions(ledger_url, ids, s, count) for seed in range(12))
    )
    assert sum(failures, Counter()) == {}
    assert differences(ledger) == []


@pytest.mark.parametrize(
    ("isolation", "statements"),
    [
        (IsolationLevel.REPEATABLE_READ, 3),
        (IsolationLevel.SERIALIZABLE, 1),
        (IsolationLevel.SERIALIZABLE, 2),
    ],
)
def test_above_read_committed_failures_are_serialization_failures_and_a_retry_is_exact(
    ledger: psycopg.Connection, ledger_url: str, isolation: IsolationLevel, statements: int
) -> None:
    ids = products(ledger, 6)
    over = threading.Event()

    def writers() -> Counter[str]:
        try:
            return sum(
                together(
                    *(
                        lambda s=seed: random_transactions(
                            ledger_url, ids, s, 8, isolation=isolation, statements=statements
                        )
                        for seed in range(6)
                    )
                ),
                Counter(),
            )
        finally:
            over.set()

    def roll_up() -> None:
        with session(ledger_url) as connection:
            connection.isolation_level = isolation
            while not over.is_set():
                with suppress(SerializationFailure), connection.transaction():
                    connection.execute("select stocksync.roll_up()")

    failures, _ = together(writers, roll_up)
    assert set(failures) <= {"SerializationFailure"}
    assert differences(ledger) == []


SHAPES = {
    "one statement": [
        "insert into stock_movements (product_id, transaction_type, quantity)"
        " values (%(first)s, 'purchase', 1), (%(second)s, 'purchase', 2)"
    ],
    "two statements": [
        "insert into stock_movements (product_id, transaction_type, quantity)"
        " values (%(first)s, 'purchase', 1)",
        "insert into stock_movements (product_id, transaction_type, quantity)"
        " values (%(second)s, 'purchase', 2)",
    ],
    "savepoints": [
        "insert into stock_movements (product_id, transaction_type, quantity)"
        " values (%(first)s, 'purchase', 1)",
        "savepoint s",
        "insert into stock_movements (product_id, transaction_type, quantity)"
        " values (%(second)s, 'purchase', 2)",
        "release s",
    ],
    "rolled back first": [
        "savepoint s",
        "insert into stock_movements (product_id, transaction_type, quantity)"
        " values (%(second)s, 'purchase', 2)",
        "rollback to s",
        "insert into stock_movements (product_id, transaction_type, quantity)"
        " values (%(first)s, 'purchase', 1)",
        "insert into stock_movements (product_id, transaction_type, quantity)"
        " values (%(second)s, 'purchase', 2)",
    ],
    "one query, two inserts": [
        "with a as (insert into stock_movements (product_id, transaction_type, quantity)"
        " values (%(first)s, 'purchase', 1))"
        " insert into stock_movements (product_id, transaction_type, quantity)"
        " values (%(second)s, 'purchase', 2)"
    ],
    "moved": [
        "update stock_movements set product_id = %(second)s"
        " where id = (select max(id) from stock_movements where product_id = %(first)s)"
    ],
    "deleted": [
        "delete from stock_movements"
        " where id = (select min(id) from stock_movements where product_id = %(first)s)",
        "delete from stock_movements"
        " where id = (select min(id) from stock_movements where product_id = %(second)s)",
    ],
}


@pytest.mark.parametrize("held", ["lower", "higher"])
@pytest.mark.parametrize(
    ("one", "other"),
    [
        pair
        for pair in combinations(SHAPES, SHAPES)
        # Two changes of one movement wait for each other's rows of the ledger.
        if pair[0] <= pair[1] and not {"moved", "deleted"} >= set(pair)
    ],
)
def test_opposite_orders_of_products_do_not_deadlock(
    ledger: psycopg.Connection, actor: Callable[[str], Actor], one: str, other: str, held: str
) -> None:
    lower, higher = products(ledger, 2)
    for each in (lower, higher, lower, higher):
        move(ledger, each, 10)
    holder, forth, back = actor("holder"), actor("forth"), actor("back")

    holder("begin")
    holder(
        "select from products where id = %s for no key update",
        [lower if held == "lower" else higher],
    )
    for who, shape, first, second in (
        (forth, one, lower, higher),
        (back, other, higher, lower),
    ):
        who("begin")
        for statement in SHAPES[shape]:
            who(statement, {"first": first, "second": second} if "%(" in statement else None)
    # No lock on a product has been waited for until here; now both wait, in the same order.
    ends = forth.start("commit"), back.start("commit")
    wait_until_blocked(ledger, "forth", "back")
    if held == "lower":
        ledger.execute("select from products where id = %s for no key update nowait", (higher,))
    holder("commit")
    for end in ends:
        end.result(TIMEOUT)
    assert differences(ledger) == []


@pytest.mark.parametrize(
    "bystander",
    [
        "select from products where id = %s for update",
        "select from products where id = %s for key share",
        "update products set sku = 'renamed' where id = %s",
    ],
)
def test_an_insert_locks_no_product_until_it_settles(
    ledger: psycopg.Connection, actor: Callable[[str], Actor], bystander: str
) -> None:
    a = product(ledger)
    one, two, third = actor("one"), actor("two"), actor("third")
    for who in (one, two):
        who("begin")
        who(INSERT, [a, "purchase", 1])
    third(bystander, [a])
    one("commit")
    two("commit")
    assert stock(ledger, a) == 2
    assert differences(ledger) == []


def test_updating_a_product_before_inserting_can_deadlock_and_the_survivor_is_exact(
    ledger: psycopg.Connection, actor: Callable[[str], Actor]
) -> None:
    a, b = products(ledger, 2)
    one, two = actor("one"), actor("two")
    for who, mine, other in ((one, a, b), (two, b, a)):
        who("begin")
        who("update products set name = 'mine' where id = %s", [mine])
        who(INSERT, [other, "purchase", 1])
    first = one.start("commit")
    wait_until_blocked(ledger, "one")
    second = two.start("commit")
    errors = [future.exception(TIMEOUT) for future in (first, second)]
    assert [type(e) for e in errors if e] == [DeadlockDetected]
    assert stock(ledger, a) + stock(ledger, b) == 1
    assert differences(ledger) == []


def test_lock_products_is_the_remedy(
    ledger: psycopg.Connection, actor: Callable[[str], Actor]
) -> None:
    a, b = products(ledger, 2)
    one, two = actor("one"), actor("two")
    one("begin")
    one("select stocksync.lock_products(%s)", [[b, a]])
    two("begin")
    waiting = two.start("select stocksync.lock_products(%s)", [[a, b]])
    wait_until_blocked(ledger, "two")
    one("update products set name = 'mine' where id = %s", [b])
    one(INSERT, [a, "purchase", 1])
    one("commit")
    waiting.result(TIMEOUT)
    two("update products set name = 'mine' where id = %s", [a])
    two(INSERT, [b, "purchase", 1])
    two("commit")
    assert stock(ledger, a) == stock(ledger, b) == 1
    assert differences(ledger) == []


CHANGES = {
    "update": "update stock_movements set quantity = quantity + 5 where id = %(id)s",
    "move": "update stock_movements set product_id = %(other)s, quantity = quantity * 2"
    " where id = %(id)s",
    "upsert": "insert into stock_movements"
    " (product_id, transaction_type, quantity, idempotency_key)"
    " values (%(other)s, 'purchase', 3, 'key')"
    " on conflict (idempotency_key) where idempotency_key is not null do update"
    " set quantity = stock_movements.quantity + excluded.quantity, product_id = %(other)s",
    "merge": "merge into stock_movements as m using (select %(id)s::bigint as id) as s"
    " on m.id = s.id"
    " when matched then update set quantity = m.quantity + 7, occurred_at = '2020-01-01'"
    " when not matched then insert (product_id, movement_type, transaction_type, quantity)"
    " values (%(other)s, 'in', 'purchase', 4)",
    "merge away": "merge into stock_movements as m using (select %(id)s::bigint as id) as s"
    " on m.id = s.id when matched and m.quantity > 11 then delete"
    " when matched then update set quantity = 1",
    "delete": "delete from stock_movements where id = %(id)s",
}


@pytest.mark.parametrize("end", ["commit", "rollback"])
@pytest.mark.parametrize(("one", "other"), list(combinations(CHANGES, CHANGES)))
def test_changes_of_one_movement_in_two_sessions_are_captured_as_they_come_out(
    ledger: psycopg.Connection, actor: Callable[[str], Actor], one: str, other: str, end: str
) -> None:
    a, b = products(ledger, 2)
    names = {"id": move(ledger, a, 10, idempotency_key="key"), "other": b}
    first, second = actor("first"), actor("second")
    first("begin")
    first(CHANGES[one], names)
    future = second.start(CHANGES[other], names)
    wait_until_blocked(ledger, "second")
    first(end)
    # A MERGE may meet its row gone, or find it there where it wanted to insert.
    with suppress(UniqueViolation):
        future.result(TIMEOUT)
    assert differences(ledger) == []


# Time zone, types, products that change while writers write ---------------------------------------


def test_the_time_zone_changes_while_writers_write(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    ids = products(ledger, 3)
    over = threading.Event()

    def write() -> None:
        try:
            together(
                *(lambda s=seed: random_transactions(ledger_url, ids, s, 30) for seed in range(4))
            )
        finally:
            over.set()

    def change() -> None:
        with session(ledger_url) as connection:
            while not over.is_set():
                for zone in ("Asia/Tokyo", "America/Los_Angeles", "Pacific/Kiritimati"):
                    connection.execute("update stocksync.settings set time_zone = %s", (zone,))

    def repeat(query: str) -> Callable[[], None]:
        def work() -> None:
            with session(ledger_url) as connection:
                while not over.is_set():
                    connection.execute(query)

        return work

    together(
        write,
        change,
        repeat("select stocksync.roll_up()"),
        repeat("call stocksync.sync(p_force => true)"),
    )
    assert differences(ledger) == []
    assert only(ledger, "select count(*) from stocksync.incidents") == 0


@pytest.mark.parametrize("first", ["writer", "zone"])
def test_the_time_zone_and_a_writer_wait_for_each_other(
    ledger: psycopg.Connection, actor: Callable[[str], Actor], first: str
) -> None:
    a = product(ledger)
    writer, zone = actor("writer"), actor("zone")
    insert = (
        "insert into stock_movements (product_id, transaction_type, quantity, occurred_at)"
        f" values ({a}, 'purchase', 1, '2024-01-01 20:00+00')"
    )
    change = "update stocksync.settings set time_zone = 'Asia/Tokyo'"
    one, two = (writer, zone) if first == "writer" else (zone, writer)
    one("begin")
    one(insert if first == "writer" else change)
    waiting = two.start(change if first == "writer" else insert)
    wait_until_blocked(ledger, two.name)
    one("commit")
    waiting.result(TIMEOUT)
    assert differences(ledger) == []
    assert only(
        ledger,
        "select l.day = '2024-01-02' from stocksync._journal as j, unnest(j.lines) as l"
        " union all select day = '2024-01-02' from stocksync.stock_daily",
    )


TYPE_CHANGES = [
    "delete from transaction_types where name = 'mine'",
    "update transaction_types set name = 'yours' where name = 'mine'",
    "update transaction_types set movement_type = 'out' where name = 'mine'",
]


def contradicting_types(ledger: psycopg.Connection) -> list[tuple[Any, ...]]:
    return ledger.execute(
        "select m.* from stock_movements as m"
        " left join transaction_types as t on t.name = m.transaction_type"
        " where m.reverses_id is null and t.movement_type is distinct from m.movement_type"
    ).fetchall()


@pytest.mark.parametrize("end", ["commit", "rollback"])
@pytest.mark.parametrize("given", ["", "in"], ids=["direction left out", "direction given"])
@pytest.mark.parametrize("change", TYPE_CHANGES)
@pytest.mark.parametrize("first", ["writer", "change"])
def test_a_type_that_changes_and_a_writer_wait_for_each_other(
    ledger: psycopg.Connection,
    actor: Callable[[str], Actor],
    first: str,
    change: str,
    given: str,
    end: str,
) -> None:
    a = product(ledger)
    ledger.execute("insert into transaction_types (name, movement_type) values ('mine', 'in')")
    insert = (
        "insert into stock_movements (product_id, transaction_type, movement_type, quantity)"
        f" values ({a}, 'mine', nullif('{given}', ''), 1)"
    )
    one, two = actor("one"), actor("two")
    one("begin")
    one(insert if first == "writer" else change)
    waiting = two.start(change if first == "writer" else insert)
    wait_until_blocked(ledger, "two")
    one(end)
    with suppress(
        RestrictViolation, psycopg.errors.ForeignKeyViolation, psycopg.errors.CheckViolation
    ):
        waiting.result(TIMEOUT)
    if end == "rollback":
        assert waiting.exception() is None
    assert contradicting_types(ledger) == []
    assert differences(ledger) == []


@pytest.mark.parametrize("isolation", ["read committed", "repeatable read", "serializable"])
@pytest.mark.parametrize(
    "change", ["update stocksync.settings set time_zone = 'Asia/Tokyo'", *TYPE_CHANGES]
)
def test_a_writer_goes_on_writing_while_a_change_waits_for_it(
    ledger: psycopg.Connection, actor: Callable[[str], Actor], change: str, isolation: str
) -> None:
    a = product(ledger)
    ledger.execute("insert into transaction_types (name, movement_type) values ('mine', 'in')")
    insert = (
        "insert into stock_movements (product_id, transaction_type, quantity, occurred_at)"
        f" values ({a}, 'mine', 1, '2024-01-01 20:00+00')"
    )
    writer, other = actor("writer"), actor("other")
    writer(f"begin isolation level {isolation}")
    writer(insert)
    waiting = other.start(change)
    wait_until_blocked(ledger, "other")
    writer(insert)
    writer("commit")
    with suppress(RestrictViolation):
        waiting.result(TIMEOUT)
    assert stock(ledger, a) == 2
    assert contradicting_types(ledger) == []
    assert differences(ledger) == []


@pytest.mark.parametrize("isolation", ["repeatable read", "serializable"])
@pytest.mark.parametrize("change", TYPE_CHANGES)
def test_a_type_is_not_changed_from_an_older_snapshot(
    ledger: psycopg.Connection, actor: Callable[[str], Actor], change: str, isolation: str
) -> None:
    a = product(ledger)
    ledger.execute("insert into transaction_types (name, movement_type) values ('mine', 'in')")
    late = actor("late")
    late(f"begin isolation level {isolation}")
    late("select from products")
    ledger.execute(
        "insert into stock_movements (product_id, transaction_type, quantity)"
        f" values ({a}, 'mine', 1)"
    )
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
        late(change)
    late("rollback")
    assert contradicting_types(ledger) == []


@pytest.mark.parametrize("isolation", ["read committed", "repeatable read", "serializable"])
@pytest.mark.parametrize("end", ["commit", "rollback"])
@pytest.mark.parametrize("first", ["deletion", "writer", "settled writer"])
def test_a_product_that_is_deleted_and_a_writer_wait_for_each_other(
    ledger: psycopg.Connection, actor: Callable[[str], Actor], first: str, end: str, isolation: str
) -> None:
    a, b = products(ledger, 2)
    writer, deleter = actor("writer"), actor("deleter")
    for who in (writer, deleter):
        who(f"begin isolation level {isolation}")
        who("select from products")
    insert, delete = (
        "insert into stock_movements (product_id, transaction_type, quantity)"
        f" values ({b}, 'purchase', 1), ({a}, 'purchase', 1)",
        f"delete from products where id = {a}",
    )
    if first == "deletion":
        deleter(delete)
    writer(insert)
    if first == "settled writer":
        writer("set constraints all immediate")
        ender, other, waiting = writer, deleter, deleter.start(delete)
        wait_until_blocked(ledger, "deleter")
    else:
        if first == "writer":
            deleter(delete)
        ender, other, waiting = deleter, writer, writer.start("commit")
        wait_until_blocked(ledger, "writer")
    ender(end)
    if end == "commit":
        with pytest.raises((ForeignKeyViolation, SerializationFailure)):
            waiting.result(TIMEOUT)
        other("rollback")
    else:
        waiting.result(TIMEOUT)
        if other is deleter:
            deleter("commit")
    assert differences(ledger) == []
    assert only(
        ledger,
        "select not exists (select product_id from stock_movements except select id from products)",
    )


# I3: corrections add ------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", ["quantity_on_hand", "total_stock", "both"])
@pytest.mark.parametrize("isolation", ["read committed", "repeatable read", "serializable"])
def test_movements_committed_after_the_measurement_are_kept(
    ledger: psycopg.Connection, actor: Callable[[str], Actor], isolation: str, wrong: str
) -> None:
    a, b = products(ledger, 2)
    for each in (a, b):
        move(ledger, each, 10)
    ledger.execute(
        {
            "quantity_on_hand": "update products set quantity_on_hand = 15",
            "total_stock": "update products set total_stock = 15",
            "both": "update products set quantity_on_hand = 15, total_stock = 4",
        }[wrong]
    )
    holder, sync = actor("holder"), actor("sync")
    holder("begin")
    holder("select from products where id = %s for no key update", [a])
    sync(f"set default_transaction_isolation = '{isolation}'")
    run = sync.start("call stocksync.sync()")
    wait_until_blocked(ledger, "sync")  # both are measured, none is corrected
    move(ledger, b, 7)
    holder(INSERT, [a, "sale", 3])
    holder("commit")
    run.result(TIMEOUT)
    assert (stock(ledger, a), stock(ledger, b)) == (7, 17)
    assert differences(ledger) == []


def test_movements_rolled_up_or_deleted_while_the_roll_up_is_corrected_are_kept(
    ledger: psycopg.Connection, actor: Callable[[str], Actor]
) -> None:
    a, b = products(ledger, 2)
    for each in (a, b):
        move(ledger, each, 10)
    doomed = move(ledger, b, 1)
    ledger.execute("select stocksync.roll_up()")
    ledger.execute("update products set quantity_on_hand = 15")
    ledger.execute("update stocksync.stock_daily set quantity = quantity + 5")
    ledger.execute("update stocksync.stock_total set quantity = quantity - 2")
    holder, sync = actor("holder"), actor("sync")
    holder("begin")
    holder("select from products where id = %s for no key update", [a])
    run = sync.start("call stocksync.sync(p_force => true)")
    wait_until_blocked(ledger, "sync")
    move(ledger, b, 7)
    ledger.execute("delete from stock_movements where id = %s", (doomed,))
    assert only(ledger, "select stocksync.roll_up()") is None  # not while a correction runs
    holder("commit")
    run.result(TIMEOUT)
    assert differences(ledger) == []
    ledger.execute("select stocksync.roll_up()")
    assert differences(ledger) == []


@pytest.mark.parametrize("isolation", ["read committed", "repeatable read", "serializable"])
def test_four_syncs_at_once_correct_exactly_once_while_writers_write(
    ledger: psycopg.Connection, ledger_url: str, isolation: str
) -> None:
    ids = products(ledger, 6)
    for each in ids:
        move(ledger, each, 10)
    ledger.execute("select stocksync.roll_up()")
    ledger.execute("update products set quantity_on_hand = 15, total_stock = 4")
    ledger.execute("update stocksync.stock_daily set quantity = quantity + 5")
    ledger.execute("update stocksync.stock_total set quantity = quantity - 2")

    def sync() -> None:
        with session(ledger_url) as connection:
            connection.execute(f"set default_transaction_isolation = '{isolation}'")
            connection.execute("call stocksync.sync(p_force => true)")

    together(
        *[sync] * 4,
        *(lambda s=seed: random_transactions(ledger_url, ids, s, 10) for seed in range(4)),
    )
    assert differences(ledger) == []
    assert ledger.execute(
        "select product_id, class from stocksync.incidents order by 1, 2"
    ).fetchall() == [
        (each, name) for each in ids for name in ("quantity_on_hand", "roll_up", "total_stock")
    ]
    assert only(ledger, "select count(*) from stocksync.runs where finished_at is null") == 0


def test_a_sync_waits_for_another_and_finds_nothing_left(
    ledger: psycopg.Connection, actor: Callable[[str], Actor]
) -> None:
    a = product(ledger)
    ledger.execute("update products set quantity_on_hand = 15")
    holder, one, two = actor("holder"), actor("one"), actor("two")
    holder("begin")
    holder("select from products where id = %s for no key update", [a])
    first = one.start("call stocksync.sync()")
    wait_until_blocked(ledger, "one")
    second = two.start("call stocksync.sync()")
    # It has measured and polls for the lock, with no snapshot that would hold up others.
    wait_until(
        ledger,
        "select exists (select from pg_stat_activity"
        " where application_name = 'two' and wait_event = 'PgSleep')",
    )
    holder("rollback")
    first.result(TIMEOUT)
    second.result(TIMEOUT)
    assert differences(ledger) == []
    assert only(ledger, "select count(*) from stocksync.incidents") == 1


def test_a_sync_is_read_committed_from_its_beginning_whatever_the_default(
    ledger: psycopg.Connection, actor: Callable[[str], Actor]
) -> None:
    # At SERIALIZABLE, among other serializable transactions, one sync in six failed at a commit.
    holder, sync = actor("holder"), actor("sync")
    holder("begin")
    holder("lock table stocksync.log in access exclusive mode")
    sync("set default_transaction_isolation = 'serializable'")
    run = sync.start("call stocksync.sync()")
    wait_until_blocked(ledger, "sync")
    serializable = only(
        ledger,
        "select count(*) from pg_locks join pg_stat_activity using (pid)"
        " where datname = current_database() and application_name = 'sync'"
        " and mode = 'SIReadLock'",
    )
    holder("commit")
    run.result(TIMEOUT)
    assert serializable == 0


def test_a_sync_that_is_killed_leaves_whole_chunks_and_the_next_one_finishes(
    ledger: psycopg.Connection, actor: Callable[[str], Actor]
) -> None:
    ledger.execute(
        "insert into products (sku, name) select n, n from generate_series(1, 1200) as n"
    )
    ids = [row[0] for row in ledger.execute("select id from products order by id")]
    ledger.execute("update products set quantity_on_hand = 3, total_stock = 3")
    holder, sync = actor("holder"), actor("sync")
    holder("begin")
    holder("select from products where id = %s for no key update", [ids[700]])
    run = sync.start("call stocksync.sync()")
    wait_until_blocked(ledger, "sync")
    ledger.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'sync'"
    )
    with pytest.raises(AdminShutdown):
        run.result(TIMEOUT)
    holder("commit")
    right = [
        row[0] for row in ledger.execute("select id from products where total_stock = 0 order by 1")
    ]
    assert right == ids[:700]
    assert ledger.execute(
        "select products_corrected, finished_at from stocksync.runs"
    ).fetchall() == [(700, None)]

    ledger.execute("call stocksync.sync()")
    assert differences(ledger) == []
    # Each once, the killed run's and the next one's together.
    assert only(ledger, "select count(*) from stocksync.incidents") == 2 * len(ids)
    assert only(ledger, "select sum(products_corrected) from stocksync.runs") == len(ids)


# Roll-up ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["commit", "rollback"])
@pytest.mark.parametrize("meanwhile", ["insert", "delete", "both"])
def test_the_roll_up_counts_each_journal_row_once_whatever_happens_meanwhile(
    ledger: psycopg.Connection, actor: Callable[[str], Actor], meanwhile: str, end: str
) -> None:
    a = product(ledger)
    doomed = move(ledger, a, 10)
    move(ledger, a, 5)
    one = actor("one")
    one("begin")
    assert one("select stocksync.roll_up()") == [(2,)]
    if meanwhile != "delete":
        move(ledger, a, 2)
    if meanwhile != "insert":
        ledger.execute("delete from stock_movements where id = %s", (doomed,))
    assert only(ledger, "select stocksync.roll_up()") is None
    assert differences(ledger) == []
    one(end)
    assert differences(ledger) == []
    late = 2 if meanwhile == "both" else 1
    assert only(ledger, "select stocksync.roll_up()") == late + (2 if end == "rollback" else 0)
    assert differences(ledger) == []
    assert only(ledger, "select count(*) from stocksync._journal") == 0


def test_roll_ups_at_once_drain_everything_once(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    ids = products(ledger, 4)
    over = threading.Event()

    def write() -> None:
        try:
            together(
                *(lambda s=seed: random_transactions(ledger_url, ids, s, 20) for seed in range(4))
            )
        finally:
            over.set()

    def roll_up() -> None:
        with session(ledger_url) as connection:
            while not over.is_set():
                connection.execute("select stocksync.roll_up()")

    together(write, *[roll_up] * 4)
    assert differences(ledger) == []
    ledger.execute("select stocksync.roll_up()")
    assert only(ledger, "select count(*) from stocksync._journal") == 0
    assert differences(ledger) == []


# The last unit ------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", ["product", "settings"])
def test_stock_is_never_oversold_and_no_unit_stays_that_somebody_was_refused(
    ledger: psycopg.Connection, ledger_url: str, rule: str
) -> None:
    a, b = products(ledger, 2, **({"allow_negative": False} if rule == "product" else {}))
    if rule == "settings":
        ledger.execute("update stocksync.settings set allow_negative = false")
    for each in (a, b):
        move(ledger, each, 60)

    def buyer(seed: int) -> Callable[[], list[dict[int, int]]]:
        def work() -> list[dict[int, int]]:
            chance = random.Random(seed)
            refused = []
            with session(ledger_url) as connection:
                for _ in range(14):
                    basket = {i: chance.randint(1, 3) for i in chance.sample([a, b], 2)}
                    if chance.random() < 0.5:
                        basket.popitem()
                    try:
                        with connection.transaction():
                            for each, quantity in basket.items():
                                connection.execute(INSERT, [each, "sale", quantity])
                    except psycopg.Error as error:
                        assert error.sqlstate == "SS001" or is_of_the_server(error)
                        if error.sqlstate == "SS001":
                            refused.append(basket)
            return refused

        return work

    refused = [basket for baskets in together(*map(buyer, range(8))) for basket in baskets]
    left = {each: stock(ledger, each) for each in (a, b)}
    assert min(left.values()) >= 0
    assert refused  # else the test tested nothing
    # Stock only fell, so what was too much then is too much now.
    assert [x for x in refused if all(left[i] >= quantity for i, quantity in x.items())] == []
    assert differences(ledger) == []


def test_eight_buyers_of_five_units(ledger: psycopg.Connection, ledger_url: str) -> None:
    a = product(ledger, allow_negative=False)
    move(ledger, a, 5)
    outcomes = at_once(ledger_url, 8, INSERT, [a, "sale", 1])
    assert sorted(getattr(x, "sqlstate", "ok") for x in outcomes) == ["SS001"] * 3 + ["ok"] * 5
    assert stock(ledger, a) == 0
    assert differences(ledger) == []


@pytest.mark.parametrize("isolation", ["read committed", "repeatable read"])
@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_a_buyer_waits_to_see_whether_the_last_unit_is_really_sold(
    ledger: psycopg.Connection, actor: Callable[[str], Actor], end: str, isolation: str
) -> None:
    a = product(ledger, allow_negative=False)
    move(ledger, a, 1)
    one, two = actor("one"), actor("two")
    for who in (one, two):
        who(f"begin isolation level {isolation}")
        who(INSERT, [a, "sale", 1])
    one("set constraints all immediate")
    waiting = two.start("commit")
    wait_until_blocked(ledger, "two")
    one(end)
    if end == "rollback":
        waiting.result(TIMEOUT)
    else:
        error = waiting.exception(TIMEOUT)
        expected = "SS001" if isolation == "read committed" else "40001"
        assert getattr(error, "sqlstate", None) == expected
    assert stock(ledger, a) == 0
    assert differences(ledger) == []


# Once and only once -------------------------------------------------------------------------------

KEYED = (
    "insert into stock_movements (product_id, transaction_type, quantity, idempotency_key)"
    " values (%(a)s, 'purchase', 3, 'key')"
)
RETRIES = {
    "record_movement": "select id from stocksync.record_movement("
    "%(a)s, 'purchase', 3, p_idempotency_key => 'key')",
    "on conflict": KEYED + " on conflict (idempotency_key) where idempotency_key is not null"
    " do nothing returning id",
    "on any conflict": KEYED + " on conflict do nothing returning id",
    "plain": KEYED + " returning id",
}


@pytest.mark.parametrize("way", RETRIES)
def test_an_idempotency_key_raced_by_eight_sessions_books_one_movement(
    ledger: psycopg.Connection, ledger_url: str, way: str
) -> None:
    a = product(ledger)
    outcomes = at_once(ledger_url, 8, RETRIES[way], {"a": a})
    booked = only(ledger, "select array_agg(id) from stock_movements")
    assert len(booked) == 1
    expected: dict[str, Any] = {"record_movement": (booked[0],), "plain": UniqueViolation}
    others = [x for x in outcomes if x != (booked[0],)]
    if way == "record_movement":
        assert others == []
    elif way == "plain":
        assert [type(x) for x in others] == [expected["plain"]] * 7
    else:
        assert others == [None] * 7
    assert stock(ledger, a) == 3
    assert differences(ledger) == []


@pytest.mark.parametrize("end", ["commit", "rollback"])
@pytest.mark.parametrize("way", RETRIES)
def test_a_retry_waits_for_the_first_try(
    ledger: psycopg.Connection, actor: Callable[[str], Actor], way: str, end: str
) -> None:
    a = product(ledger)
    one, two = actor("one"), actor("two")
    one("begin")
    first = one(RETRIES[way], {"a": a})
    waiting = two.start(RETRIES[way], {"a": a})
    wait_until_blocked(ledger, "two")
    one(end)
    if end == "commit" and way == "plain":
        with pytest.raises(UniqueViolation):
            waiting.result(TIMEOUT)
    elif end == "rollback":
        assert waiting.result(TIMEOUT) not in ([], first)
    else:
        assert waiting.result(TIMEOUT) == (first if way == "record_movement" else [])
    assert stock(ledger, a) == 3
    assert differences(ledger) == []


def test_the_same_keys_in_opposite_orders_can_deadlock_and_the_survivor_is_exact(
    ledger: psycopg.Connection, actor: Callable[[str], Actor]
) -> None:
    # No design can help it: a unique index makes the second wait for the first.
    a = product(ledger)
    insert = (
        "insert into stock_movements (product_id, transaction_type, quantity, idempotency_key)"
        " values (%s, 'purchase', 1, %s) on conflict do nothing"
    )
    one, two = actor("one"), actor("two")
    for who, key in ((one, "x"), (two, "y")):
        who("begin")
        who(insert, [a, key])
    first = one.start(insert, [a, "y"])
    wait_until_blocked(ledger, "one")
    second = two.start(insert, [a, "x"])
    errors = [future.exception(TIMEOUT) for future in (first, second)]
    assert [type(e) for e in errors if e] == [DeadlockDetected]
    for who in (one, two):
        who("commit")
    assert stock(ledger, a) == 2
    assert differences(ledger) == []


def test_a_reversal_raced_by_eight_sessions_is_booked_once(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    a = product(ledger)
    original = move(ledger, a, 10)
    outcomes = at_once(
        ledger_url, 8, "select id from stocksync.reverse_movement(%s, 'mistake')", [original]
    )
    errors = [x for x in outcomes if isinstance(x, psycopg.Error)]
    assert [type(x) for x in errors] == [UniqueViolation] * 7
    assert {x.diag.constraint_name for x in errors} == {"stock_movements_reverses_id_idx"}
    assert stock(ledger, a) == 0
    assert differences(ledger) == []


# Another role at commit ---------------------------------------------------------------------------


@pytest.fixture
def roles(ledger: psycopg.Connection) -> Iterator[tuple[str, str]]:
    """A member of stocksync_app, and a role without rights that it may become."""
    member, nobody = f"member_{os.getpid()}", f"nobody_{os.getpid()}"
    ledger.execute(f"create role {member} login; create role {nobody} nologin")
    ledger.execute(f"grant stocksync_app to {member}; grant {nobody} to {member}")
    yield member, nobody
    ledger.execute(f"drop owned by {member}, {nobody}; drop role {member}; drop role {nobody}")


@pytest.mark.parametrize("statements", [1, 2])
@pytest.mark.parametrize(
    "become",
    [
        "set role {nobody}",
        "set local role {nobody}",
        "set session authorization default",
        "reset role",
    ],
)
def test_a_transaction_settles_whoever_the_session_is_at_commit(
    ledger: psycopg.Connection,
    ledger_url: str,
    roles: tuple[str, str],
    become: str,
    statements: int,
) -> None:
    member, nobody = roles
    a, b = products(ledger, 2)
    with session(ledger_url) as connection:
        connection.execute(f"set session authorization {member}")
        with connection.transaction():
            for each in (b, a)[:statements]:
                connection.execute(INSERT, [each, "purchase", 1])
            connection.execute(become.format(nobody=nobody))
    assert stock(ledger, a) + stock(ledger, b) == statements
    assert differences(ledger) == []


# Dumps, loads that bypass the triggers, crashes ---------------------------------------------------


def fill(ledger: psycopg.Connection) -> list[int]:
    ids = products(ledger, 4)
    shelf = only(ledger, "insert into locations (name) values ('shelf') returning id")
    ledger.execute(
        "insert into stock_movements"
        " (product_id, location_id, transaction_type, quantity, occurred_at)"
        " select (%s::bigint[])[1 + n %% 4], case when n %% 3 = 0 then %s::bigint end,"
        " case when n %% 5 = 0 then 'sale' else 'purchase' end, n,"
        " now() - n * interval '7 hours' from generate_series(1, 40) as n",
        (ids, shelf),
    )
    ledger.execute("select stocksync.roll_up()")
    for each in ids:  # and something that is not rolled up
        move(ledger, each, 5)
    return ids


def run(*command: Any, stdin: str | None = None) -> str:
    result = subprocess.run(
        [str(word) for word in command], input=stdin, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def restore(dump: Path, url: str, *options: str) -> None:
    """Restore in ``url``, stopping at the first error."""
    script = run(Embedded.tool("pg_restore"), *options, "--file=-", dump)
    # A pg_restore that is newer than the server sets what that does not know.
    script = script.replace("SET transaction_timeout = 0;\n", "")
    psql = [Embedded.tool("psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", f"--dbname={url}"]
    run(*psql, stdin=script)


def test_a_dump_taken_and_restored_under_load_goes_on_exactly(
    ledger: psycopg.Connection, ledger_url: str, tmp_path: Path
) -> None:
    ids = fill(ledger)
    over = threading.Event()
    dump = tmp_path / "dump"

    def write() -> None:
        seed = 0
        while not over.is_set():
            seed += 1
            random_transactions(ledger_url, ids, seed, 5)

    def take() -> None:
        try:
            run(
                Embedded.tool("pg_dump"),
                "--format=custom",
                f"--file={dump}",
                f"--dbname={ledger_url}",
            )
        finally:
            over.set()

    together(take, write, write)
    copy = f"copy_{ledger.info.dbname}"
    ledger.execute(f'create database "{copy}" template template0')
    try:
        url = make_conninfo(ledger_url, dbname=copy)
        restore(dump, url)
        with session(url) as restored:
            assert only(restored, "select count(*) from stock_movements") >= 44
            assert differences(restored) == []
            random_transactions(url, ids, 1, 10)
            assert differences(restored) == []
            restored.execute("select stocksync.roll_up()")
            assert differences(restored) == []
            move(restored, ids[0], 1)
            restored.execute("call stocksync.sync(p_force => true)")
            assert differences(restored) == []
            assert only(restored, "select count(*) from stocksync.incidents") == 0
            assert only(restored, "select count(*) from stocksync.drift") == 0
    finally:
        ledger.execute(f'drop database "{copy}" with (force)')


LEDGER = (
    "public.products",
    "public.locations",
    "public.stock_movements",
    "stocksync._journal",
    "stocksync.stock_daily",
    "stocksync.stock_total",
)


@pytest.mark.parametrize(
    ("tables", "options", "is_exact"),
    [
        (LEDGER, ["--disable-triggers"], True),
        (LEDGER, [], False),
        (LEDGER[:3], ["--disable-triggers"], False),
        (LEDGER[:3], [], False),
    ],
    ids=["all, triggers off", "all, triggers on", "shop only, off", "shop only, on"],
)
def test_a_data_only_restore_is_exact_or_found_and_healed(
    ledger: psycopg.Connection,
    ledger_url: str,
    tmp_path: Path,
    tables: tuple[str, ...],
    options: list[str],
    is_exact: bool,
) -> None:
    ids = fill(ledger)
    dump = tmp_path / "dump"
    run(
        Embedded.tool("pg_dump"),
        "--format=custom",
        "--data-only",
        *(f"--table={table}" for table in tables),
        f"--file={dump}",
        f"--dbname={ledger_url}",
    )
    with ledger.transaction():
        ledger.execute("set local session_replication_role = replica")
        for table in LEDGER:
            ledger.execute(f"delete from {table}")
    restore(dump, ledger_url, *options)
    assert only(ledger, "select count(*) from stock_movements") == 44
    assert (differences(ledger) == []) == is_exact
    assert (only(ledger, "select count(*) from stocksync.discrepancies()") == 0) == is_exact
    ledger.execute("call stocksync.sync(p_force => true)")
    assert differences(ledger) == []
    random_transactions(ledger_url, ids, 1, 5)
    ledger.execute("select stocksync.roll_up()")
    assert differences(ledger) == []


BYPASSES = {
    "insert": "insert into stock_movements (product_id, movement_type, transaction_type, quantity)"
    " select id, 'in', 'purchase', 9 from products",
    "update": "update stock_movements set quantity = quantity + 1",
    "delete": "delete from stock_movements where quantity < 20",
    "truncate": "truncate stock_movements",
}


@pytest.mark.parametrize("way", ["replica", "disabled"])
@pytest.mark.parametrize("change", BYPASSES)
def test_what_bypasses_the_triggers_is_found_and_healed(
    ledger: psycopg.Connection, ledger_url: str, change: str, way: str
) -> None:
    ids = fill(ledger)
    with ledger.transaction():
        if way == "replica":
            ledger.execute("set local session_replication_role = replica")
        else:
            ledger.execute("alter table stock_movements disable trigger user")
        ledger.execute(BYPASSES[change])
        if way == "disabled":
            ledger.execute("alter table stock_movements enable trigger user")
    found = ledger.execute("select product_id from stocksync.discrepancies() order by 1").fetchall()
    assert found == [(each,) for each in ids]
    ledger.execute("call stocksync.sync()")
    assert ledger.execute("select * from stocksync.discrepancies()").fetchall() == []
    assert differences(ledger) == []
    random_transactions(ledger_url, ids, 1, 5)
    ledger.execute("select stocksync.roll_up()")
    assert differences(ledger) == []


def test_what_bypasses_the_triggers_and_leaves_the_sums_is_found_by_force(
    ledger: psycopg.Connection,
) -> None:
    ids = fill(ledger)
    with ledger.transaction():
        ledger.execute("set local session_replication_role = replica")
        ledger.execute("update stock_movements set occurred_at = occurred_at - interval '3 days'")
    assert ledger.execute("select * from stocksync.discrepancies()").fetchall() == []
    found = ledger.execute(
        "select product_id, differs from stocksync.discrepancies(p_force => true) order by 1"
    ).fetchall()
    assert found == [(each, ["roll_up"]) for each in ids]
    ledger.execute("call stocksync.sync(p_force => true)")
    assert differences(ledger) == []


@pytest.mark.long
@pytest.mark.parametrize("fsync", [True, False])
def test_stock_is_exact_and_nothing_acknowledged_is_lost_after_kill_9(fsync: bool) -> None:
    directory = Path(tempfile.mkdtemp(prefix="stocksync-test-"))
    directory.chmod(0o755)  # as root the server runs as another user, who must get in
    options = {"max_prepared_transactions": "5"}
    server = Embedded(directory / "pg", fsync=fsync, options=options)
    chance = random.Random(7)
    try:
        url = server.start().url()
        migrate(url)
        with session(url) as connection:
            ids = products(connection, 5)
        booked: list[str] = []

        def writer(name: str) -> None:
            mine = random.Random(name)
            with suppress(psycopg.Error), session(url) as connection:
                for n in range(1_000_000):
                    key = f"{name}-{n}"
                    with connection.transaction():
                        for line, each in enumerate(mine.sample(ids, mine.randint(1, 3))):
                            connection.execute(
                                "insert into stock_movements"
                                " (product_id, transaction_type, quantity, idempotency_key)"
                                " values (%s, 'purchase', 1, %s)",
                                (each, key if line == 0 else None),
                            )
                    booked.append(key)

        def repeat(query: str) -> None:
            with suppress(psycopg.Error), session(url) as connection:
                while True:
                    connection.execute(query)

        def kill(after: int) -> None:
            with session(url) as connection:
                wait_until(connection, "select count(*) >= %s from stock_movements", after)
                pids = [row[0] for row in connection.execute("select pid from pg_stat_activity")]
            postmaster = server.status().pid
            assert postmaster is not None
            for pid in [postmaster, *pids]:  # first who would restart the others
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

        with session(url) as connection:
            spare = product(connection, "spare")
            connection.execute("begin")
            for _ in range(2):  # the second statement's lines go through an unlogged table
                move(connection, spare, 1)
            connection.execute("prepare transaction 'survivor'")

        for turn in range(4):
            with session(url) as connection:
                after = only(connection, "select count(*) from stock_movements")
            after += chance.randint(50, 400)
            together(
                *(lambda n=f"{turn}-{n}": writer(n) for n in range(8)),
                lambda: repeat("select stocksync.roll_up()"),
                lambda: repeat("call stocksync.sync(p_force => true)"),
                lambda after=after: kill(after),
            )
            while server.status().running:  # the killed one may answer once more
                pass
            server.start()
            with session(url) as connection:
                assert differences(connection) == []
                kept = {
                    row[0]
                    for row in connection.execute("select idempotency_key from stock_movements")
                }
                assert set(booked) <= kept
                assert only(connection, "select count(*) from stocksync.incidents") == 0
                move(connection, ids[0], 1)
                connection.execute("select stocksync.roll_up()")
                assert differences(connection) == []

        with session(url) as connection:
            connection.execute("commit prepared 'survivor'")
            assert stock(connection, spare) == 2
            assert differences(connection) == []
    finally:
        server.stop()
        shutil.rmtree(directory)
