"""The hourly refresh: what it costs beside the history, and what writers notice of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import psycopg

from tests.bench.harness import Bench, BenchError, Database, Sample, values
from tests.bench.report import Row, Target

REFRESH = "call stocksync.refresh()"
CHUNK = 500_000

# All that a refresh keeps, made anew from the movements: turnovers by day, totals, the views.
RECOMPUTE = """
    create table public.recomputed_daily as
    select m.product_id, m.location_id, (m.occurred_at at time zone s.time_zone)::date as day,
        m.transaction_type,
        sum(case m.movement_type when 'in' then m.quantity else -m.quantity end) as quantity,
        count(*) as movements
    from stock_movements as m
    cross join stocksync.settings as s
    group by 1, 2, 3, 4;
    alter table public.recomputed_daily
        add unique nulls not distinct (product_id, day, transaction_type, location_id);
    create table public.recomputed_total as
    select product_id, location_id, sum(quantity) as quantity, sum(movements) as movements
    from public.recomputed_daily
    group by 1, 2;
    refresh materialized view stocksync.stock_summary;
    refresh materialized view stocksync.movement_trends;
    refresh materialized view stocksync.slow_and_fast_movers;
    drop table public.recomputed_daily, public.recomputed_total;
"""


JOIN = """
    select count(*)
    from products as p
    join side as s on s.id = p.id
    where s.q <> p.quantity_on_hand
"""


def history(bench: Bench) -> list[Row]:
    """11. A refresh after new movements, with a short history and with one ten times as long."""
    count, new = bench.size.history, bench.size.transactions
    products = count // 100  # one movement a day of each
    rows = {"short": count, "long": 10 * count}
    with (
        bench.fresh("ours", products) as short,
        bench.fresh("ours", products, "long") as long,
    ):
        databases = {"short": short, "long": long}
        for name, database in databases.items():
            fill(database, rows[name], rows[name] // products, bench.tell)

        def side(name: str) -> Callable[[], Sample]:
            def measure() -> Sample:
                clients = bench.size.clients
                each = max(1, new // clients)
                databases[name].pgbench(
                    "one_row",
                    clients=clients,
                    transactions=each,
                    settings={"synchronous_commit": "off"},
                )
                rows[name] += each * clients
                taken = _time(databases[name], REFRESH)
                bench.check(databases[name], rows[name], deep=False)
                return Sample(taken)

            return measure

        title = f"refresh after {new:,} movements, {products:,} products"
        samples = bench.alternate(
            title,
            {
                "short": side("short"),
                "long": side("long"),
                "sum": lambda: Sample(
                    _time(long, "select product_id, sum(quantity) from stock_movements group by 1")
                ),
                "recompute": lambda: Sample(_time(long, RECOMPUTE)),
            },
        )
        for name, database in databases.items():
            bench.check(database, rows[name])
    ours = values(samples["long"])
    return [
        Row(
            f"{title}: history of {10 * count:,} beside one of {count:,}",
            "ours",
            "s",
            ours,
            values(samples["short"]),
            Target(most=1.3),
            ["bare here is the short history"],
        ),
        Row(
            f"recomputing all at {10 * count:,}, beside a refresh",
            "recompute",
            "s",
            values(samples["recompute"]),
            ours,
            Target(least=50),
            ["bare here is the refresh"],
        ),
        Row(
            f"the sum by product alone at {10 * count:,}, beside a refresh",
            "sum",
            "s",
            values(samples["sum"]),
            ours,
            notes=["bare here is the refresh"],
        ),
    ]


def idle(bench: Bench) -> list[Row]:
    """12. A refresh with nothing to do, and the memory of the program."""
    rows = []
    for products in (1_000, 100_000):
        with bench.fresh("ours", products) as database:
            database.connection.execute(
                "insert into stock_movements (product_id, transaction_type, quantity)"
                " select id, 'purchase', 1 + id % 9 from products"
            )
            database.connection.execute(REFRESH)
            database.connection.execute(
                "create table side as select id, quantity_on_hand as q from products"
            )
            database.connection.execute("alter table side add primary key (id)")
            database.connection.execute("vacuum (analyze)")
            if products == 100_000:
                title = f"refresh with nothing new, {products:,} products"
                samples = bench.alternate(
                    title,
                    {
                        "bare": lambda d=database: Sample(_time(d, JOIN)),  # type: ignore[misc]
                        "ours": lambda d=database: Sample(_time(d, REFRESH)),  # type: ignore[misc]
                    },
                    bench.size.repetitions + 4,
                )
                rows.append(
                    Row(
                        title,
                        "ours",
                        "s",
                        values(samples["ours"]),
                        values(samples["bare"]),
                        Target(most=3),
                        ["bare here is one join of products with a table of the same size"],
                    )
                )
            rows.append(_memory(database))
            bench.check(database, products)
    return rows


def writers(bench: Bench) -> list[Row]:
    """13. Writers while refreshes run one after another, each with something to correct."""
    count = bench.size.history
    products = count // 100
    seconds = bench.size.seconds
    rows = []
    with bench.fresh("ours", products) as database:
        fill(database, count, 100, bench.tell)
        written = count

        def side(refreshing: bool) -> Callable[[], Sample]:
            def measure() -> Sample:
                nonlocal written
                beside = _Refreshes(database) if refreshing else None
                load = database.pgbench(
                    "one_row",
                    clients=bench.size.clients,
                    seconds=seconds,
                    settings={"commit_delay": "2000", "commit_siblings": "0"},
                )
                written += load.done
                extra = beside.stop() if beside else {}
                bench.check(database, written, deep=False)
                return Sample(load.rate, load.failed_share, extra=extra)

            return measure

        title = (
            f"one-row inserts, {products:,} products, commit of 2 ms, refreshes one after another"
        )
        samples = bench.alternate(title, {"alone": side(False), "beside": side(True)})
        bench.check(database, written)
    beside = samples["beside"]
    refreshes = sum(sample.extra["refreshes"] for sample in beside)
    rows.append(
        Row(
            title,
            "ours",
            "tx/s",
            values(beside),
            values(samples["alone"]),
            Target(least=0.8),
            ["bare here is the same without refreshes", f"{refreshes:.0f} refreshes"],
        )
    )
    rows.append(
        Row(
            "longest wait of a writer for a lock of the refresh",
            "ours",
            "s",
            [sample.extra["longest_wait"] for sample in beside],
            target=Target(most=0.05),
            notes=[f"{sum(s.extra['corrected'] for s in beside):.0f} products corrected meanwhile"],
        )
    )
    return rows


class _Refreshes:
    """Refreshes one after another in a session of their own, watched by another."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.ended = threading.Event()
        self.figures = {"refreshes": 0.0, "corrected": 0.0, "longest_wait": 0.0}
        self.error: BaseException | None = None
        self.session = psycopg.connect(database.url, autocommit=True)
        self.threads = [
            threading.Thread(target=self.guarded, args=(task,)) for task in (self.run, self.watch)
        ]
        for thread in self.threads:
            thread.start()

    def guarded(self, task: Callable[[], None]) -> None:
        try:
            task()
        except BaseException as error:
            self.error = error

    def run(self) -> None:
        while not self.ended.is_set():
            with self.session.transaction():
                self.session.execute("set local session_replication_role = replica")
                self.session.execute(
                    "update products set quantity_on_hand = quantity_on_hand + 1"
                    " where id in (select id from products order by random() limit 50)"
                )
            self.refresh()
        self.refresh()  # and leaves nothing wrong behind

    def refresh(self) -> None:
        run = self.session.execute(REFRESH).fetchone()
        found = self.session.execute(
            "select products_corrected, products_failed from stocksync.runs where id = %s", run
        ).fetchone()
        if found is None or found[1]:
            raise BenchError(f"a refresh failed: {found}")
        self.figures["refreshes"] += 1
        self.figures["corrected"] += found[0]

    def watch(self) -> None:
        pid = self.session.info.backend_pid
        with psycopg.connect(self.database.url, autocommit=True) as watcher:
            while not self.ended.wait(0.005):
                row = watcher.execute(
                    "select extract(epoch from max(clock_timestamp() - l.waitstart))"
                    " from pg_locks as l"
                    " where not l.granted and %s = any (pg_blocking_pids(l.pid))",
                    (pid,),
                ).fetchone()
                waited = float(row[0]) if row and row[0] is not None else 0.0
                self.figures["longest_wait"] = max(self.figures["longest_wait"], waited)

    def stop(self) -> dict[str, float]:
        self.ended.set()
        for thread in self.threads:
            thread.join()
        self.session.close()
        if self.error:
            raise BenchError(f"refreshes beside writers: {self.error}")
        return self.figures


def fill(database: Database, count: int, days: int, tell: Callable[[str], None]) -> None:
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
        tell(f"history of {min(count, start + CHUNK):,} of {count:,} movements")
    database.connection.execute("vacuum (analyze)")
    database.connection.execute(REFRESH)
    database.connection.execute("checkpoint")


def _time(database: Database, statement: str) -> float:
    start = time.perf_counter()
    database.connection.execute(statement.encode())
    return time.perf_counter() - start


def _memory(database: Database) -> Row:
    return Row(
        f"peak memory of stocksync refresh, {database.products:,} products",
        "ours",
        "MB",
        [database.peak_memory("refresh")],
        target=Target(most=150),
    )
