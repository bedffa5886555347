"""One product that everybody wants: what its queue costs, and what it costs not to have one."""

from __future__ import annotations

import random
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager

import psycopg

from tests.bench import sales
from tests.bench.figure import Figure, Measure, Shown, commits, loads, throughput
from tests.bench.harness import COMMITS, SLOW, WRONG_COLUMN, Bench, Database, Sample, named
from tests.bench.pgbench import BenchError
from tests.bench.report import Target

LAST = 10  # seconds of a long run, in which a snapshot held open costs most
ALONE = 20  # seconds of the run without: nothing grows in it
PENDING = 10_000  # changes, one of each product

# Reading the quantity makes the view look for what is pending, of each product.
ALL = "select sum(quantity_on_hand) from {}"
ONE = "select quantity_on_hand from {} where {} = %s"
SOURCES = {"products": "id", "stock_on_hand": "product_id"}


def hot(bench: Bench) -> Generator[Figure, None, None]:
    """One hot product, and the multixact members that a foreign key to it uses."""
    for commit, designs in commits(bench):
        title = f"one hot product, {named(commit)}"
        targets = {"never_wait": Target(least=0.85)} if commit == SLOW else {}
        figure = throughput(title, loads(bench, designs, "one_row", 1, commit=commit), targets)
        members = [
            Shown(
                side,
                target=Target(most=1) if side == "never_wait" else None,
                title=f"multixact members per insert, {title}",
                unit="members",
                part="members_per_insert",
            )
            for side in ("wait", "never_wait")
        ]
        yield Figure(title, "tx/s", figure.sides, [*figure.shown, *members])


def snapshot(bench: Bench) -> Generator[Figure, None, None]:
    """A hot product while another session holds a snapshot open, so no version may be removed."""
    last = min(LAST, bench.size.held)

    def side(is_held: bool) -> Measure:
        seconds = bench.size.held if is_held else min(ALONE, bench.size.held)

        def measure() -> Sample:
            with bench.fresh("never_wait", 1) as database, _snapshot(database, is_held):
                load = database.pgbench(
                    "one_row",
                    clients=bench.size.clients,
                    seconds=seconds,
                    settings=COMMITS[SLOW],
                )
                ending = load.rates[-last:]
                bench.check(database, load.done)
            return Sample(load.rate, load.failed_share, extra={"ending": sum(ending) / len(ending)})

        return measure

    title = f"one hot product, {named(SLOW)}, a snapshot held open for {bench.size.held} s"
    without, held = "never_wait, none held", "never_wait"
    yield Figure(
        title,
        "tx/s",
        {without: side(False), held: side(True)},
        [
            Shown(held, without, Target(least=0.5)),
            Shown(held, without, title=f"{title}: the last {last} s", part="ending"),
        ],
        2 if bench.size.thorough else 1,
    )


@contextmanager
def _snapshot(database: Database, is_held: bool) -> Iterator[None]:
    """Hold a snapshot open, as a dump does."""
    if not is_held:
        yield
        return
    with psycopg.connect(database.url) as session:
        session.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        session.execute("select count(*) from products")
        yield
        session.rollback()


def burst(bench: Bench) -> Generator[Figure, None, None]:
    """How soon quantity_on_hand itself is exact after the last commit of a burst."""
    count = 20 if bench.size.thorough else 3

    def measure() -> Sample:
        waited = []
        with bench.fresh("never_wait", 1) as database, database.worker():
            for _ in range(count):
                database.pgbench(
                    "one_row", clients=bench.size.clients, seconds=1, settings=COMMITS[SLOW]
                )
                start = time.perf_counter()
                while database.number(WRONG_COLUMN):
                    time.sleep(0.005)
                waited.append(time.perf_counter() - start)
            bench.check(database, int(database.number("select count(*) from stock_movements")))
        return Sample(sorted(waited)[len(waited) // 2], extra={"longest": max(waited)})

    title = f"from the last commit of a burst on one product until its row is exact, of {count}"
    yield Figure(
        title,
        "s",
        {"never_wait": measure},
        [
            Shown("never_wait", None),
            Shown("never_wait", None, Target(most=1), f"{title}: the longest", part="longest"),
        ],
        1,
    )


def pending(bench: Bench) -> Generator[Figure, None, None]:
    """The exact view, with many changes pending, beside the table of products as it stands."""
    count = bench.size.transactions if not bench.size.thorough else PENDING
    with bench.fresh("never_wait", count) as database:
        # While a session has locked all products, every writer leaves its change and goes on.
        with psycopg.connect(database.url) as session:
            session.execute("select from products order by id for no key update")
            with psycopg.connect(database.url, autocommit=True) as writer:
                writer.execute("set synchronous_commit = off")
                writer.execute("set lock_timeout = '10s'")  # one that waits is a mistake
                for product in range(1, count + 1):
                    writer.execute(
                        "insert into stock_movements"
                        " (product_id, movement_type, transaction_type, quantity)"
                        " values (%s, 'out', 'sale', 1)",
                        (product,),
                    )
            session.rollback()
        found = database.number("select count(*) from stocksync._pending")
        if found != count:
            raise BenchError(f"{found:.0f} changes are pending, not {count}")
        database.connection.execute("vacuum (analyze)")
        for title, question in (
            (f"stock of {count:,} products, {count:,} changes pending", ALL),
            (f"stock of one product, {count:,} changes pending", ONE),
        ):
            yield Figure(
                title,
                "s",
                {
                    name: _asking(bench, database, question.format(name, key))
                    for name, key in SOURCES.items()
                },
                [Shown("stock_on_hand", "products", Target(most=2))],
                bench.size.repetitions + 2,
            )
        bench.check(database, count)


def _asking(bench: Bench, database: Database, question: str) -> Measure:
    def measure() -> Sample:
        if "%s" not in question:
            return Sample(database.time(question))
        choice = random.Random(1)
        start = time.perf_counter()
        for _ in range(bench.size.questions):
            database.connection.execute(
                question.encode(), (choice.randint(1, database.products),), prepare=True
            )
        return Sample((time.perf_counter() - start) / bench.size.questions)

    return measure


def escrow(bench: Bench) -> Generator[Figure, None, None]:
    """The last units of one product, sold until everybody is refused."""
    units = bench.size.units
    title = f"{bench.size.clients} sessions sell the last {units:,} units, {named(SLOW)}"
    yield Figure(
        title,
        "tx/s",
        {mode: _selling(bench, mode, units) for mode in ("wait", "escrow")},
        [
            Shown("escrow", "wait", Target(least=5)),
            *(
                Shown(mode, None, title=f"unsold or oversold, {title}", unit="units", part="left")
                for mode in ("wait", "escrow")
            ),
        ],
    )


def _selling(bench: Bench, mode: str, units: int) -> Measure:
    def measure() -> Sample:
        with bench.fresh(mode, 1) as database:
            database.connection.execute("update products set allow_negative = false")
            database.connection.execute("select stocksync.use_mode(%s, array[1])", (mode,))
            database.connection.execute(
                "insert into stock_movements (product_id, transaction_type, quantity)"
                " values (1, 'purchase', %s)",
                (units,),
            )
            outcome = sales.sell(database.url, bench.size.clients, COMMITS[SLOW])
            left = units - outcome.sold
            if left:
                raise BenchError(f"{mode}: {left} of {units} units left, everybody refused")
            if outcome.late:
                raise BenchError(f"{mode}: {outcome.late} sales began after somebody was refused")
            bench.check(database, 1 + outcome.sold)
            return Sample(outcome.rate, extra={"left": left})

    return measure
