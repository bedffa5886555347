"""Databases with a history: filled once in a run, then copied for each figure that wants it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.bench.harness import Bench, Database, add_products, redesign

REFRESH = "call stocksync.refresh()"
CHUNK = 500_000


@contextmanager
def filled(
    bench: Bench, count: int, products: int, *, side: str = "ours", name: str = "run"
) -> Iterator[Database]:
    """Yield a copy with so many movements, one a day of each product.

    It was filled through our triggers; any other ``side`` than ours gets it without them.
    """
    kept = f"history_{count}_{products}"
    if kept not in bench.databases:
        bench.create(kept, "ours")
        with bench.opened("ours", products, kept) as database:
            add_products(database)
            fill(bench, database, count, max(1, count // products))
    # By the log it would be written twice, and read again by whoever measures the log.
    bench.create(name, kept, "file_copy")
    try:
        with bench.opened(side, products, name) as database:
            if not database.is_ours:
                redesign(database.connection, side)
            yield database
    finally:
        bench.drop(name)


def fill(bench: Bench, database: Database, count: int, days: int) -> None:
    """Insert a history of so many days, rolled up, and refresh once."""
    for start in range(0, count, CHUNK):
        database.connection.execute(
            "insert into stock_movements"
            " (product_id, movement_type, transaction_type, quantity, occurred_at, recorded_at)"
            " select 1 + mod(n * 7919, %(products)s),"
            " case mod(n, 3) when 0 then 'in' else 'out' end,"
            " case mod(n, 3) when 0 then 'purchase' else 'sale' end, 1 + mod(n, 7), t.at, t.at"
            " from generate_series(%(start)s::bigint, %(end)s) as n"
            " cross join lateral (select now() - make_interval(secs =>"
            " 86400.0 * %(days)s * (%(count)s - n) / %(count)s)) as t (at)",
            {
                "products": database.products,
                "days": days,
                "count": count,
                "start": start + 1,
                "end": min(count, start + CHUNK),
            },
        )
        database.connection.execute("select stocksync.roll_up()")
        bench.tell(f"history of {min(count, start + CHUNK):,} of {count:,} movements")
    database.connection.execute("vacuum (analyze)")
    database.connection.execute(REFRESH)
    database.connection.execute("checkpoint")
