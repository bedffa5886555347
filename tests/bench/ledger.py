"""The ledger as a whole: comparing the stock with it, and rolling it up."""

from __future__ import annotations

import time
from collections.abc import Generator

from tests.bench.figure import Figure, Shown
from tests.bench.harness import Bench, Database, Sample
from tests.bench.pgbench import BenchError
from tests.bench.report import Target

SUM = (
    "select product_id, sum(case movement_type when 'in' then quantity else -quantity end)"
    " from stock_movements group by 1"
)


def sync(bench: Bench) -> Generator[Figure, None, None]:
    """The comparison behind sync, and the memory of its dry run."""
    count = bench.size.ledger
    products = count // 100  # a smaller run keeps the shape
    with bench.fresh("ours", products) as database:
        for start in range(0, count, 100_000):
            database.connection.execute(
                "insert into stock_movements"
                " (product_id, movement_type, transaction_type, quantity, occurred_at)"
                " select 1 + mod(n * 7919, %s), case mod(n, 3) when 0 then 'in' else 'out' end,"
                " case mod(n, 3) when 0 then 'purchase' else 'sale' end, 1 + mod(n, 7),"
                " now() - mod(n, 365) * interval '1 day'"
                " from generate_series(%s::bigint, %s) as n",
                (products, start + 1, min(start + 100_000, count)),
            )
        database.value("select stocksync.roll_up()")
        database.connection.execute("vacuum (analyze)")
        bench.check(database, count)
        yield Figure(
            f"discrepancies() over {count:,} movements, {products:,} products",
            "s",
            {
                "the sum by product": lambda: Sample(_server_time(database, SUM)),
                "ours": lambda: Sample(
                    _server_time(database, "select * from stocksync.discrepancies()")
                ),
            },
            [Shown("ours", "the sum by product", Target(most=1.3))],
            bench.size.repetitions + 2,
        )
        yield _memory(database, "none")
        yield _memory(database, "all")
    with bench.fresh("ours", 10 * products) as database:
        yield _memory(database, "all")


def rollup(bench: Bench) -> Generator[Figure, None, None]:
    """Draining the journal."""
    clients = bench.size.clients
    each = max(1, bench.size.transactions * 10 // clients)

    def measure() -> Sample:
        with bench.fresh("ours", 10_000) as database:
            database.pgbench(
                "one_row",
                clients=clients,
                transactions=each,
                settings={"synchronous_commit": "off"},
            )
            waiting = database.number("select count(*) from stocksync._journal")
            start = time.perf_counter()
            drained = database.number("select stocksync.roll_up()")
            taken = time.perf_counter() - start
            if drained != waiting or waiting != each * clients:
                raise BenchError(f"{drained:.0f} of {waiting:.0f} journal rows drained")
            bench.check(database, each * clients)
            return Sample(taken / drained * 1e6)

    title = f"roll-up of {each * clients:,} journal rows, per row"
    yield Figure(title, "us", {"ours": measure}, [Shown("ours", None)])


def peak_memory(title: str, database: Database, most: int, *command: str) -> Figure:
    """Return a figure of a command's memory, measured once: it does not vary."""
    return Figure(
        title,
        "MB",
        {"ours": lambda: Sample(database.peak_memory(*command))},
        [Shown("ours", None, Target(most=most))],
        1,
    )


def _server_time(database: Database, query: str) -> float:
    """Return the seconds of planning and running a query, as the server takes them."""
    plan: list[dict[str, float]] = database.value(  # type: ignore[assignment]
        f"explain (analyze, timing off, buffers off, format json) {query}"
    )
    return (plan[0]["Planning Time"] + plan[0]["Execution Time"]) / 1e3


def _memory(database: Database, wrong: str) -> Figure:
    """Return the peak memory of a dry run that finds none or all of the products wrong."""
    if wrong == "all":
        with database.connection.transaction():
            database.connection.execute("set local session_replication_role = replica")
            database.connection.execute("update products set quantity_on_hand = 1e6")
    found = database.number("select count(*) from stocksync.discrepancies()")
    if found != (database.products if wrong == "all" else 0):
        raise BenchError(f"{found:.0f} discrepancies, {wrong} of {database.products} expected")
    title = f"peak memory of stocksync sync --dry-run, {found:,.0f} discrepancies"
    return peak_memory(title, database, 150, "sync", "--dry-run")
