"""The audit: what it costs beside the query that anybody would write, and its memory."""

from __future__ import annotations

from collections.abc import Generator

from tests.bench.figure import Figure, Measure, Shown
from tests.bench.harness import Bench, Database, Sample
from tests.bench.history import fill
from tests.bench.ledger import SUM, peak_memory
from tests.bench.report import Target

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


def audit(bench: Bench) -> Generator[Figure, None, None]:
    """An audit, and one that looks deep, beside a group by over the same movements."""
    count = bench.size.ledger * 5
    products = count // 50
    with bench.fresh("ours", products) as database:
        fill(bench, database, count // 2, 365)
        database.connection.execute(PLACES.format(products=products, count=count // 2).encode())
        database.connection.execute("vacuum (analyze)")
        title = f"audit of {count:,} movements, {products:,} products"
        least = "the sum by product"
        yield Figure(
            title,
            "s",
            {least: _timed(database, SUM), "ours": _timed(database, "call stocksync.audit()")},
            [
                Shown("ours", least, Target(most=1.5), f"{title}, less a second", part="less"),
                Shown("ours", least),
            ],
            bench.size.repetitions + 2,
        )
        yield Figure(
            f"deep {title}",
            "s",
            {
                least: _timed(database, SUM),
                "ours": _timed(database, "call stocksync.audit(p_deep => true)"),
            },
            [Shown("ours", least)],
            1,
        )
        title = f"peak memory of stocksync audit, {products:,} products"
        yield peak_memory(title, database, 200, "audit")
        bench.check(database, count // 2 * 2)


def _timed(database: Database, statement: str) -> Measure:
    """Return what measures a statement; "less" is what the limit of an audit is said of."""

    def measure() -> Sample:
        taken = database.time(statement)
        return Sample(taken, extra={"less": taken if statement == SUM else max(0.0, taken - 1)})

    return measure
