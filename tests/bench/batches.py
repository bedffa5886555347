"""Batches: what it costs to find them, for many lines at once, and behind many exhausted ones."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager

from tests.bench.figure import Figure, Measure, Shown
from tests.bench.harness import Bench, Database, Sample
from tests.bench.pgbench import BenchError
from tests.bench.report import Target

BATCHES = 20  # of each product
ONE_BY_ONE = 50  # every so many lines, where each is a statement of its own
EXHAUSTED = {"few": 10, "many": 10_000}

RECEIVE = """
    insert into stock_movements (
        product_id, movement_type, transaction_type, quantity, batch_number, expiry_date, unit_cost,
        occurred_at
    )
    select p.id, 'in', 'purchase', %s, 'L' || n, current_date + n, n, now() - interval '1 day'
    from products as p
    cross join generate_series(1, %s) as n
"""
SELL = """
    insert into stock_movements (product_id, movement_type, transaction_type, quantity)
    select 1 + n %% %s, 'out', 'sale', 1 + n %% 9 from generate_series(1, %s) as n
"""
SELL_ONE = """
    insert into stock_movements (product_id, movement_type, transaction_type, quantity)
    values (%s, 'out', 'sale', %s)
"""


def batches(bench: Bench) -> Generator[Figure, None, None]:
    """Many out lines in one insert, with batches and without; a sale behind exhausted ones."""
    count = bench.size.rows // 5
    products = count // 100
    alone = "an insert for each line"
    yield Figure(
        f"insert of {count:,} out lines, {products:,} products with {BATCHES} batches each",
        "s",
        {
            "no batches": lambda: _selling(bench, products, count, tracks=False),
            "ours": lambda: _selling(bench, products, count, tracks=True),
            alone: lambda: _one_by_one(bench, products, count),
        },
        [
            Shown("ours", "no batches", Target(most=3)),
            Shown(
                "ours",
                alone,
                Target(most=1 / 20),
                notes=(f"of each line: every {ONE_BY_ONE}th one, times that",),
            ),
        ],
    )

    few, many = (f"behind {number:,} exhausted batches" for number in EXHAUSTED.values())
    with _exhausted(bench, "few") as short, _exhausted(bench, "many") as long:
        yield Figure(
            "a sale of a product with batches",
            "s",
            {
                # the first session plans, and finds the index entries that are dead
                "warm up": lambda: (_sale(bench, short)(), _sale(bench, long)())[1],
                few: _sale(bench, short),
                many: _sale(bench, long),
            },
            [Shown(many, few, Target(most=1.3))],
        )
        for database in (short, long):
            _check(bench, database)


@contextmanager
def _stocked(bench: Bench, products: int, tracks: bool, name: str = "run") -> Iterator[Database]:
    with bench.fresh("ours", products, name) as database:
        database.connection.execute("update products set tracks_batches = %s", (tracks,))
        database.connection.execute(RECEIVE, (1000, BATCHES))
        database.connection.execute("vacuum (analyze)")
        database.connection.execute("checkpoint")
        yield database


def _selling(bench: Bench, products: int, count: int, tracks: bool) -> Sample:
    with _stocked(bench, products, tracks) as database:
        start = time.perf_counter()
        database.connection.execute(SELL, (products, count))
        taken = time.perf_counter() - start
        _check(bench, database)
        return Sample(taken)


def _one_by_one(bench: Bench, products: int, count: int) -> Sample:
    with _stocked(bench, products, tracks=True) as database:
        start = time.perf_counter()
        for number in range(ONE_BY_ONE, count + 1, ONE_BY_ONE):
            database.connection.execute(SELL_ONE, (1 + number % products, 1 + number % 9))
        taken = time.perf_counter() - start
        _check(bench, database)
        return Sample(taken * ONE_BY_ONE)


@contextmanager
def _exhausted(bench: Bench, name: str) -> Iterator[Database]:
    """One product whose batches are sold out, and some left to sell from."""
    with bench.fresh("ours", 1, name) as database:
        connection = database.connection
        connection.execute("update products set tracks_batches = true")
        connection.execute(RECEIVE, (1, EXHAUSTED[name]))
        connection.execute(
            "insert into stock_movements (product_id, transaction_type, quantity)"
            " values (1, 'sale', %s)",
            (EXHAUSTED[name],),
        )
        connection.execute(
            "insert into stock_movements (product_id, transaction_type, quantity, expiry_date)"
            " select 1, 'purchase', 100000, current_date + 30000 + n from generate_series(1, 5) n"
        )
        connection.execute("vacuum (analyze)")
        yield database


def _sale(bench: Bench, database: Database) -> Measure:
    def measure() -> Sample:
        start = time.perf_counter()
        for _ in range(bench.size.questions):
            database.connection.execute(SELL_ONE, (1, 1))
        return Sample((time.perf_counter() - start) / bench.size.questions)

    return measure


def _check(bench: Bench, database: Database) -> None:
    """The stock is exact, and so is every batch."""
    bench.check(database, int(database.number("select count(*) from stock_movements")))
    if wrong := database.number("select count(*) from stocksync.batch_discrepancies()"):
        raise BenchError(f"INEXACT: {wrong:.0f} discrepancies of batches")
