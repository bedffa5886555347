"""The past: what it costs to ask for the stock of then, beside what the history has become."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from tests.bench.harness import Bench, Database, Sample, values
from tests.bench.hourly import fill
from tests.bench.report import Row, Target

DAYS = 365
ASKED = 300  # questions of one measurement

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


def past(bench: Bench) -> list[Row]:
    """14. Stock as of a time and as known at a time, of one product and of all."""
    products = bench.size.history // 100
    count = {"short": bench.size.history // 10, "long": bench.size.history * 10}
    rows = []
    with (
        bench.fresh("ours", products, "short") as short,
        bench.fresh("ours", products, "long") as long,
    ):
        databases = {"short": short, "long": long}
        for name, database in databases.items():
            fill(database, count[name], DAYS, bench.tell)
        for closed in (False, True):
            if closed:
                for database in databases.values():
                    _close(database)
            state = "months closed" if closed else "nothing closed"
            for what, question in (
                ("as of", ONE.format("stock_as_of")),
                ("as known at", ONE.format("stock_known_at")),
                ("both", BOTH),
            ):
                title = f"one product, {what} a time, {state}: {count['long']:,} movements"
                samples = bench.alternate(
                    title,
                    {
                        "short": _asking(short, question),
                        "long": _asking(long, question),
                    },
                )
                rows.append(
                    Row(
                        f"{title} beside {count['short']:,}",
                        "ours",
                        "s",
                        values(samples["long"]),
                        values(samples["short"]),
                        Target(most=2),
                        ["bare here is the short history"],
                    )
                )
            title = f"all {products:,} products, {state}"
            samples = bench.alternate(
                title,
                {
                    "group by": lambda: Sample(_time(long, GROUP_BY)),
                    "as of": lambda: Sample(_time(long, ALL.format("stock_as_of"), 20)),
                    "as of long ago": lambda: Sample(_time(long, ALL.format("stock_as_of"), 170)),
                    "known": lambda: Sample(_time(long, ALL.format("stock_known_at"), 20)),
                },
            )
            rows += [
                Row(
                    f"{title}: {what}",
                    "ours",
                    "s",
                    values(samples[side]),
                    values(samples["group by"]),
                    target,
                    ["bare here is a group by over the last month's movements"],
                )
                for side, what, target in (
                    ("as of", "as of 20 days ago", Target(most=2)),
                    ("as of long ago", "as of 170 days ago", Target(most=2) if closed else None),
                    ("known", "as known 20 days ago", Target(most=2)),
                )
            ]
        for name, database in databases.items():
            bench.check(database, count[name])
    return rows


def _close(database: Database) -> None:
    """Close each of the last twelve months."""
    for month in range(11, -1, -1):
        database.connection.execute(
            "call stocksync.close_period((date_trunc('month', now())"
            " - make_interval(months => %s))::date - 1)",
            (month,),
        )
    database.connection.execute("vacuum (analyze)")


def _asking(database: Database, question: str) -> Callable[[], Sample]:
    """Ask for a random product at a random time of the past, many times over."""

    def measure() -> Sample:
        chance = random.Random(1)
        asked = [
            [
                chance.uniform(0, DAYS * 86400) if mark == "at" else chance.randint(1, products)
                for mark in marks
            ]
            for _ in range(ASKED)
        ]
        start = time.perf_counter()
        for parameters in asked:
            database.connection.execute(question.encode(), parameters)
        return Sample((time.perf_counter() - start) / ASKED)

    products = database.products
    marks = ["at", "product", "at"][: question.count("%s")]
    return measure


def _time(database: Database, statement: str, *parameters: object) -> float:
    start = time.perf_counter()
    database.connection.execute(statement.encode(), parameters or None)
    return time.perf_counter() - start
