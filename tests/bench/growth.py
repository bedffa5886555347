"""What grows with the history, and what with the number of products.

Movements grow at 10,000 products, and products at 1,000,000 movements. The databases of one axis
are all there at once, so that a ratio to the smallest is of neighbours in time, too.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

from tests.bench.figure import Figure, Measure, Shown
from tests.bench.harness import Bench, Database, Sample
from tests.bench.history import REFRESH, filled
from tests.bench.past import ALL, ONE, asking
from tests.bench.report import Unit

LIMIT = 12 * 60  # seconds of both axes: what would begin later is left out, and the report says so
NEW = 10_000  # movements of one statement, and of a refresh
SINGLE = 500  # inserts of one row, one after another
ONE_ROW = (
    "insert into stock_movements (product_id, movement_type, transaction_type, quantity)"
    " values (%s, 'out', 'sale', 1)"
)
MANY_ROWS = """
    insert into stock_movements (product_id, movement_type, transaction_type, quantity)
    select 1 + mod(n * 104729, %s), 'out', 'sale', 1 + mod(n, 7)
    from generate_series(1::bigint, %s) as n
"""
COMPARE = "select count(*) from stocksync.discrepancies()"  # what sync does, dry or live


@dataclass(frozen=True)
class Axis:
    """What becomes more, beside what stays as it is; movements and products of each size."""

    name: str
    fixed: str
    sizes: dict[int, tuple[int, int]]


@dataclass
class Grown:
    """A database of one size, and how many movements it should have."""

    database: Database
    size: int  # along the axis
    movements: int

    @property
    def days(self) -> int:
        return max(1, self.movements // self.database.products)


def growth(bench: Bench) -> Generator[Figure, None, None]:
    """Insert, refresh, as of, audit and sync, as movements and as products become more."""
    deadline = time.monotonic() + LIMIT
    movements: tuple[int, ...] = (100_000, 1_000_000, 10_000_000)
    products: tuple[int, ...] = (1_000, 100_000, 1_000_000)
    if not bench.size.thorough:
        movements, products = (1_000, 10_000), (100, 1_000)
    fixed_products, fixed_movements = movements[1] // 100, movements[1]
    for axis in (
        Axis(
            "movements", f"{fixed_products:,} products", {n: (n, fixed_products) for n in movements}
        ),
        Axis(
            "products",
            f"{fixed_movements:,} movements",
            {n: (fixed_movements, n) for n in products},
        ),
    ):
        yield from _along(bench, axis, deadline)


def _along(bench: Bench, axis: Axis, deadline: float) -> Iterator[Figure]:
    with ExitStack() as stack:
        grown: dict[str, Grown] = {}
        for number, (size, (movements, products)) in enumerate(axis.sizes.items()):
            if time.monotonic() > deadline:
                bench.leave_out(f"{size:,} {axis.name}")
                continue
            database = stack.enter_context(
                filled(bench, movements, products, name=f"size_{number}")
            )
            grown[f"{size:,} {axis.name}"] = Grown(database, size, movements)
        for figure in _figures(bench, axis, grown) if grown else ():
            if time.monotonic() > deadline:
                bench.leave_out(f"{figure.title}, by {axis.name}")
                continue
            yield figure
        for one in grown.values():
            bench.check(one.database, one.movements)


def _figures(bench: Bench, axis: Axis, grown: dict[str, Grown]) -> Iterator[Figure]:
    def figure(
        title: str, unit: Unit, measure: Callable[[Bench, Grown], Sample], **parts: str
    ) -> Figure:
        """Return a figure whose ``parts``, by their names, are costs of their own."""
        sides: dict[str, Measure] = {
            name: partial(measure, bench, one) for name, one in grown.items()
        }
        smallest = next(iter(sides))
        shown = [
            Shown(
                name,
                smallest if name != smallest else None,
                title=f"{cost}, {axis.fixed}",
                part=part,
                place={
                    "plot": "growth",
                    "axis": axis.name,
                    "fixed": axis.fixed,
                    "x": grown[name].size,
                    "cost": cost,
                },
            )
            for part, cost in {"value": title, **parts}.items()
            for name in sides
        ]
        return Figure(f"{title}, {axis.fixed}", unit, sides, shown)

    yield figure("insert of one row", "us", _insert)
    yield figure(
        f"refresh after {NEW:,} movements", "s", _refresh, insert=f"insert of {NEW:,} rows"
    )
    yield figure("as of a time, one product", "ms", _as_of)
    yield figure("as of a time, all products", "s", _all_as_of)
    yield figure("audit", "s", _audit)
    yield figure("sync, the comparison", "s", _compare)


def _insert(bench: Bench, one: Grown) -> Sample:
    connection = one.database.connection
    connection.execute("set synchronous_commit = off")
    start = time.perf_counter()
    for number in range(SINGLE):
        connection.execute(ONE_ROW, (1 + number * 7919 % one.database.products,), prepare=True)
    taken = time.perf_counter() - start
    connection.execute("reset synchronous_commit")
    one.movements += SINGLE
    bench.check(one.database, one.movements, deep=False)
    return Sample(taken / SINGLE * 1e6)


def _refresh(bench: Bench, one: Grown) -> Sample:
    inserted = one.database.time(MANY_ROWS, one.database.products, NEW)
    taken = one.database.time(REFRESH)
    one.movements += NEW
    bench.check(one.database, one.movements, deep=False)
    return Sample(taken, extra={"insert": inserted})


def _as_of(bench: Bench, one: Grown) -> Sample:
    ask = asking(bench, one.database, ONE.format("stock_as_of"), one.days)
    return Sample(ask().value * 1e3)


def _all_as_of(_: Bench, one: Grown) -> Sample:
    return Sample(one.database.time(ALL.format("stock_as_of"), one.days // 2))


def _audit(_: Bench, one: Grown) -> Sample:
    return Sample(one.database.time("call stocksync.audit()"))


def _compare(_: Bench, one: Grown) -> Sample:
    return Sample(one.database.time(COMPARE))
