"""A fix among others: aborted, at the same time as another, among writers; and no false alarm."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from helpers import (
    TIMEOUT,
    Actor,
    differences,
    is_of_the_server,
    only,
    product,
    session,
    stock,
    wait_until,
    wait_until_blocked,
)

from stocksync.embedded import Embedded
from stocksync.migrate import migrate

PRODUCTS = 1000
CHUNK = 100
WRITERS = 16
FIX = "call stocksync.fix('{fields,batches}')"

# All have 10; every tenth tracks batches. Then each has one too many, and batches have two too few.
BREAK = """
insert into products (sku, name, tracks_batches)
select 'P' || n, 'P' || n, n % 10 = 0 from generate_series(1, 1000) as n;
insert into stock_movements (product_id, transaction_type, quantity)
select id, 'purchase', 10 from products order by id;
set constraints all immediate;
set session_replication_role = replica;
update products set quantity_on_hand = 11, total_stock = 11;
update stock_batches set quantity_remaining = 8;
set session_replication_role = origin;
analyze products, stock_movements, stock_batches, batch_receipts;
"""


@pytest.fixture
def broken(ledger: psycopg.Connection) -> psycopg.Connection:
    ledger.execute(BREAK)
    return ledger


def fixed_chunks(db: psycopg.Connection) -> list[int]:
    """Return the chunks that are fixed; each is whole, or as it was."""
    states = db.execute(
        """
        select (p.id - 1) / 100, array_agg(distinct p.quantity_on_hand),
            array_agg(distinct p.total_stock),
            array_agg(distinct b.quantity_remaining) filter (where b.id is not null),
            sum(i.incidents)
        from products as p
        left join stock_batches as b on b.product_id = p.id
        cross join lateral (
            select count(*) as incidents from stocksync.incidents as i where i.product_id = p.id
        ) as i
        group by 1
        """
    ).fetchall()
    right = ([10], [10], [10], 2 * CHUNK + CHUNK // 10)
    assert all(tuple(state) in (right, ([11], [11], [8], 0)) for _, *state in states)
    return sorted(int(chunk) for chunk, *state in states if tuple(state) == right)


def finish_and_take_back(db: psycopg.Connection) -> None:
    """What an aborted run left is done by the next one, once; and undo takes back what it did.

    Except to batches: they are what the movements say, whatever the stock is.
    """
    db.execute(FIX)
    assert fixed_chunks(db) == list(range(PRODUCTS // CHUNK))
    assert differences(db) == []
    db.execute(FIX)
    assert only(db, "select count(*) from stocksync.incidents") == 2 * PRODUCTS + PRODUCTS // 10
    runs = db.execute(
        "select distinct run_id from stocksync.incidents order by run_id desc"
    ).fetchall()
    for (run,) in runs:
        db.execute("call stocksync.undo(%s)", (run,))
    assert db.execute(
        "select distinct p.quantity_on_hand, p.total_stock, b.quantity_remaining"
        " from products as p left join stock_batches as b on b.product_id = p.id order by 3"
    ).fetchall() == [(11, 11, 10), (11, 11, None)]


# Aborted -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "held",
    [1, 455, *(pytest.param(n, marks=pytest.mark.long) for n in (100, 101, 900, 901, 1000))],
)
def test_a_fix_that_is_terminated_at_a_product_leaves_whole_chunks(
    broken: psycopg.Connection, actor: Callable[[str], Actor], held: int
) -> None:
    holder, fixer = actor("holder"), actor("fixer")
    holder("begin")
    holder("select from products where id = %s for no key update", (held,))
    done = fixer.start(FIX)
    wait_until_blocked(broken, "fixer")
    broken.execute("select pg_terminate_backend(%s)", (fixer.connection.info.backend_pid,))
    with pytest.raises(psycopg.errors.AdminShutdown):
        done.result(TIMEOUT)
    assert fixed_chunks(broken) == list(range((held - 1) // CHUNK))
    holder("rollback")
    finish_and_take_back(broken)


@pytest.mark.parametrize("times", [2, pytest.param(30, marks=pytest.mark.long)])
def test_a_fix_that_is_terminated_at_any_moment_leaves_whole_chunks(
    broken: psycopg.Connection,
    actor: Callable[[str], Actor],
    empty: Callable[[], None],
    times: int,
) -> None:
    chance = random.Random(6)
    began = time.monotonic()
    broken.execute(FIX)
    takes = time.monotonic() - began
    cut = set()
    for n in range(times):
        empty()
        broken.execute(BREAK)
        fixer = actor(f"fixer {n}")
        done = fixer.start(FIX)
        # a moment, not an order of events: any will do
        time.sleep(chance.random() * takes)
        broken.execute("select pg_terminate_backend(%s)", (fixer.connection.info.backend_pid,))
        with suppress(psycopg.OperationalError):
            done.result(TIMEOUT)
        cut.add(len(fixed_chunks(broken)))
        finish_and_take_back(broken)
    assert len(cut) > times // 10


def test_a_fix_whose_client_is_killed_leaves_whole_chunks(
    broken: psycopg.Connection, ledger_url: str, actor: Callable[[str], Actor]
) -> None:
    holder = actor("holder")
    holder("begin")
    holder("select from products where id = 555 for no key update")
    client = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import psycopg, sys; psycopg.connect(sys.argv[1], autocommit=True,"
            " application_name='client').execute(sys.argv[2])",
            ledger_url,
            FIX,
        ]
    )
    wait_until_blocked(broken, "client")
    client.kill()
    client.wait(TIMEOUT)
    assert fixed_chunks(broken) == [0, 1, 2, 3, 4]
    holder("rollback")
    # the server need not notice before it has something to say
    wait_until(
        broken,
        "select not exists (select from pg_stat_activity where application_name = 'client')",
    )
    assert fixed_chunks(broken)[:5] == [0, 1, 2, 3, 4]
    finish_and_take_back(broken)


@pytest.fixture
def mortal() -> Iterator[str]:
    """A server of its own, since it goes down with the process that is killed."""
    with tempfile.TemporaryDirectory(prefix="stocksync-test-") as directory:
        Path(directory).chmod(0o755)
        with Embedded(Path(directory) / "pg", fsync=False) as server:
            migrate(server.url())
            yield server.url()


def test_a_fix_whose_server_process_is_killed_leaves_whole_chunks(mortal: str) -> None:
    with session(mortal) as db:
        db.execute(BREAK)
    for held in (1, 333, 900):
        holder, fixer = Actor(mortal, "holder"), Actor(mortal, "fixer")
        try:
            holder("begin")
            holder("select from products where id = %s for no key update", (held,))
            done = fixer.start(FIX)
            with session(mortal) as db:
                wait_until_blocked(db, "fixer")
                before = fixed_chunks(db)
                os.kill(fixer.connection.info.backend_pid, signal.SIGKILL)
                # the server takes all sessions down, and comes back
                with pytest.raises(psycopg.OperationalError):
                    wait_until(db, "select false")
            with pytest.raises(psycopg.OperationalError):
                done.result(TIMEOUT)
        finally:
            holder.close()
            fixer.close()
        with revived(mortal) as db:
            assert fixed_chunks(db) == before == list(range((held - 1) // CHUNK))
    with session(mortal) as db:
        finish_and_take_back(db)


def revived(url: str) -> Any:
    deadline = time.monotonic() + TIMEOUT
    while True:
        try:
            return psycopg.connect(url, autocommit=True)
        except psycopg.OperationalError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


# At the same time --------------------------------------------------------------------------------


def test_two_fixes_at_once_fix_everything_once(
    broken: psycopg.Connection, actor: Callable[[str], Actor]
) -> None:
    runs = [actor(name).start(FIX) for name in ("one", "other")]
    for run in runs:
        run.result(TIMEOUT)
    assert fixed_chunks(broken) == list(range(PRODUCTS // CHUNK))
    assert differences(broken) == []


def test_a_product_that_somebody_holds_is_named_and_left_for_the_next_time(
    broken: psycopg.Connection, actor: Callable[[str], Actor]
) -> None:
    holder = actor("holder")
    holder("begin")
    holder("select from products where id = 42 for no key update")
    began = time.monotonic()
    run, audit = broken.execute(FIX).fetchone()
    assert 2 <= time.monotonic() - began < TIMEOUT
    assert broken.execute(
        "select product_id, skipped from stocksync.fixed(%s) where skipped is not null", (run,)
    ).fetchall() == [(42, "canceling statement due to lock timeout")]
    assert broken.execute("select product_id from stocksync.findings(%s)", (audit,)).fetchall() == [
        (42,)
    ]
    assert broken.execute("select id from products where quantity_on_hand <> 10").fetchall() == [
        (42,)
    ]
    holder("rollback")
    broken.execute(FIX)
    assert differences(broken) == []


class Writers:
    """Sessions that do, one after the other, whatever may be done to a ledger."""

    def __init__(self, url: str, count: int, products: int, pause: float = 0) -> None:
        self.url = url
        self.pause = pause
        self.products = products
        self.is_over = threading.Event()
        self.written = 0
        self.pool = ThreadPoolExecutor(count)
        self.futures = [self.pool.submit(self._write, n) for n in range(count)]

    def end(self) -> None:
        self.is_over.set()
        self.pool.shutdown()
        for future in self.futures:
            future.result()

    def __enter__(self) -> Writers:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def _write(self, seed: int) -> None:
        chance = random.Random(seed)
        with psycopg.connect(self.url, autocommit=True) as connection:
            mine: list[int] = []
            while not self.is_over.wait(self.pause):
                try:
                    self._act(connection, chance, mine)
                    self.written += 1
                except psycopg.Error as error:
                    # There is not so much: the only thing that may be refused.
                    if error.sqlstate != "SS001" and not is_of_the_server(error):
                        raise

    def _act(self, connection: psycopg.Connection, chance: random.Random, mine: list[int]) -> None:
        kind = chance.choice(("lines", "lines", "lines", "transfer", "reversal", "delete"))
        if kind == "lines" or (kind in ("reversal", "delete") and not mine):
            with connection.transaction():
                for _ in range(chance.randint(1, 3)):
                    rows = connection.execute(
                        "insert into stock_movements"
                        " (product_id, transaction_type, quantity, location_id)"
                        " select %s, %s, n, %s from generate_series(1, %s) as n returning id",
                        (
                            chance.randint(1, self.products),
                            chance.choice(("purchase", "purchase", "sale", "damage")),
                            chance.choice((1, 2)),
                            chance.randint(1, 4),
                        ),
                    ).fetchall()
            mine.extend(number for (number,) in rows)
        elif kind == "transfer":
            connection.execute(
                "select stocksync.transfer_stock(%s, 1, 1, 2)",
                (chance.randint(1, self.products),),
            )
        elif kind == "reversal":
            number = mine.pop(chance.randrange(len(mine)))
            connection.execute("select stocksync.reverse_movement(%s, 'by mistake')", (number,))
        else:
            number = mine.pop(chance.randrange(len(mine)))
            connection.execute("delete from stock_movements where id = %s", (number,))


def test_a_fix_among_writers_is_exact(broken: psycopg.Connection, ledger_url: str) -> None:
    broken.execute("insert into locations (name) values ('one'), ('two')")
    with Writers(ledger_url, WRITERS, PRODUCTS, pause=0.05) as writers:
        deadline = time.monotonic() + TIMEOUT
        # what writers hold at the wrong moment is left for the next time
        while broken.execute("select from stocksync.mismatches() limit 1").fetchall():
            assert time.monotonic() < deadline
            broken.execute(FIX)
    assert writers.written > WRITERS
    assert differences(broken) == []
    # one too many was taken from each, once, whatever else moved
    assert broken.execute(
        "select class, sum(after - before), count(distinct product_id), count(*)"
        " from stocksync.incidents where class <> 'batches' group by class order by class"
    ).fetchall() == [
        ("quantity_on_hand", -PRODUCTS, PRODUCTS, PRODUCTS),
        ("total_stock", -PRODUCTS, PRODUCTS, PRODUCTS),
    ]


# No false alarm ----------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [4, pytest.param(60, marks=pytest.mark.long)])
def test_an_audit_of_what_is_right_finds_nothing_however_busy_it_is(
    ledger: psycopg.Connection, ledger_url: str, seconds: float
) -> None:
    ledger.execute("insert into locations (name) values ('one'), ('two')")
    for n in range(1, 31):
        product(ledger, f"P{n}", tracks_batches=n % 3 == 0)
    end = time.monotonic() + seconds
    audits = 0
    with Writers(ledger_url, WRITERS, 30) as writers:
        while time.monotonic() < end:
            [(run,)] = ledger.execute(
                "call stocksync.audit(null, p_deep => %s)", (audits % 2 == 0,)
            ).fetchall()
            assert ledger.execute("select * from stocksync.findings(%s)", (run,)).fetchall() == []
            if audits % 3 == 0:
                ledger.execute("select stocksync.roll_up()")
            audits += 1
    assert audits > seconds / 10
    assert writers.written > WRITERS * seconds
    assert differences(ledger) == []
    assert stock(ledger, 1) == only(
        ledger,
        "select sum(case movement_type when 'in' then quantity else -quantity end)"
        " from stock_movements where product_id = 1",
    )
