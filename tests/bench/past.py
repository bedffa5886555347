"""The past: what it costs to ask for the stock of then, beside what the history has become."""

from __future__ import annotations

import random
import time
from collections.abc import Generator

from tests.bench.figure import Figure, Measure, Shown
from tests.bench.harness import Bench, Database, Sample
from tests.bench.history import fill
from tests.bench.report import Target

DAYS = 365

ONE = "select * from stocksync.{}(now() - make_interval(secs => %s), %s)"
BOTH = """
    select *
    from stocksync.stock_as_of(
        now() - make_interval(secs => %s), %s, null, now() - make_interval(secs => %s)
    )
"""
ALL = "select * from stocksync.{}(now() - make_interval(days => %s))"
GROUP_BY = """
    select product_id, sum(case movement_type when 'in' then quantity else -quantity end)
    from stock_movements
    where occurred_at >= now() - interval '1 month'
    group by product_id
"""


def past(bench: Bench) -> Generator[Figure, None, None]:
    """Stock as of a time and as known at a time, of one product and of all."""
    products = bench.size.history // 100
    count = {"short": bench.size.history // 10, "long": bench.size.history * 10}
    with (
        bench.fresh("ours", products, "short") as short,
        bench.fresh("ours", products, "long") as long,
    ):
        databases = {"short": short, "long": long}
        for name, database in databases.items():
            fill(bench, database, count[name], DAYS)
        for is_closed in (False, True):
            if is_closed:
                for database in databases.values():
                    _close(database)
            state = "months closed" if is_closed else "nothing closed"
            names = {name: f"{count[name]:,} movements" for name in databases}
            for what, question in (
                ("as of", ONE.format("stock_as_of")),
                ("as known at", ONE.format("stock_known_at")),
                ("as of and as known at", BOTH),
            ):
                yield Figure(
                    f"one product, {what} a time, {state}",
                    "s",
                    {
                        names[name]: asking(bench, database, question, DAYS)
                        for name, database in databases.items()
                    },
                    [Shown(names["long"], names["short"], Target(most=2))],
                )
            least = "a group by over the last month's movements"
            limit = Target(most=2)
            yield Figure(
                f"all {products:,} products, {names['long']}, {state}",
                "s",
                {
                    least: lambda: Sample(long.time(GROUP_BY)),
                    "as of 20 days ago": lambda: Sample(long.time(ALL.format("stock_as_of"), 20)),
                    "as of 170 days ago": lambda: Sample(long.time(ALL.format("stock_as_of"), 170)),
                    "as known 20 days ago": lambda: Sample(
                        long.time(ALL.format("stock_known_at"), 20)
                    ),
                },
                [
                    Shown("as of 20 days ago", least, limit),
                    Shown("as of 170 days ago", least, limit if is_closed else None),
                    Shown("as known 20 days ago", least, limit),
                ],
            )
        for name, database in databases.items():
            bench.check(database, count[name])


def _close(database: Database) -> None:
    """Close each of the last twelve months."""
    for month in range(11, -1, -1):
        database.connection.execute(
            "call stocksync.close_period((date_trunc('month', now())"
            " - make_interval(months => %s))::date - 1)",
            (month,),
        )
    database.connection.execute("vacuum (analyze)")


def asking(bench: Bench, database: Database, question: str, days: int) -> Measure:
    """Ask for a random product at a random time of the past, many times over."""

    def measure() -> Sample:
        chance = random.Random(1)
        asked = [
            [
                chance.uniform(0, days * 86400) if mark == "at" else chance.randint(1, products)
                for mark in marks
            ]
            for _ in range(bench.size.questions)
        ]
        start = time.perf_counter()
        for parameters in asked:
            database.connection.execute(question.encode(), parameters)
        return Sample((time.perf_counter() - start) / len(asked))

    products = database.products
    marks = ["at", "product", "at"][: question.count("%s")]
    return measure
