"""The audit: what it costs beside the query that anybody would write, and its memory."""

from __future__ import annotations

import time

from tests.bench.harness import Bench, Database, Sample, values
from tests.bench.hourly import fill
from tests.bench.report import Row, Target

LEAST = """
    select product_id, sum(case movement_type when 'in' then quantity else -quantity end)
    from stock_movements
    group by product_id
"""
# Half of the movements are at one of two places, the others at the unnamed one.
PLACES = """
    insert into locations (name) values ('shop'), ('store');
    insert into stock_movements
        (product_id, movement_type, transaction_type, quantity, location_id, occurred_at)
    select 1 + mod(n * 104729, {products}), 'in', 'purchase', 1 + mod(n, 5),
        1 + mod(n, 2), now() - mod(n, 365) * interval '1 day'
    from generate_series(1::bigint, {count}) as n;
    select stocksync.roll_up();
"""


def audit(bench: Bench) -> list[Row]:
    """16. An audit, and one that looks deep, beside a group by over the same movements."""
    count = bench.size.ledger * 5
    products = count // 50
    rows = []
    with bench.fresh("ours", products) as database:
        fill(database, count // 2, 365, bench.tell)
        database.connection.execute(PLACES.format(products=products, count=count // 2).encode())
        database.connection.execute("vacuum (analyze)")
        title = f"audit of {count:,} movements, {products:,} products"
        samples = bench.alternate(
            title,
            {
                "bare": lambda: Sample(_time(database, LEAST)),
                "ours": lambda: Sample(_time(database, "call stocksync.audit()")),
            },
            bench.size.repetitions + 2,
        )
        deep = bench.alternate(
            f"deep {title}",
            {
                "bare": lambda: Sample(_time(database, LEAST)),
                "deep": lambda: Sample(_time(database, "call stocksync.audit(p_deep => true)")),
            },
            1,
        )
        note = "bare here is the sum by product"
        least = values(samples["bare"])
        rows += [
            Row(
                f"{title}, less a second",
                "ours",
                "s",
                [max(0.0, value - 1) for value in values(samples["ours"])],
                least,
                Target(most=1.5),
                [note],
            ),
            Row(title, "ours", "s", values(samples["ours"]), least, notes=[note]),
            Row(
                f"deep {title}",
                "ours",
                "s",
                values(deep["deep"]),
                values(deep["bare"]),
                notes=[note],
            ),
            Row(
                f"peak memory of stocksync audit, {products:,} products",
                "ours",
                "MB",
                [database.peak_memory("audit")],
                target=Target(most=200),
            ),
        ]
        bench.check(database, count // 2 * 2)
    return rows


def _time(database: Database, statement: str) -> float:
    start = time.perf_counter()
    database.connection.execute(statement.encode())
    return time.perf_counter() - start
