"""The hourly refresh: what it costs beside the history, and what writers notice of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator

import psycopg

from tests.bench.figure import Figure, Measure, Shown
from tests.bench.harness import COMMITS, SLOW, Bench, Database, Sample, named
from tests.bench.history import REFRESH, fill, filled
from tests.bench.ledger import peak_memory
from tests.bench.pgbench import BenchError
from tests.bench.report import Target

SUM = "select product_id, sum(quantity) from stock_movements group by 1"

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


def history(bench: Bench) -> Generator[Figure, None, None]:
    """A refresh after new movements, with a short history and with one ten times as long."""
    count, new = bench.size.history, bench.size.transactions
    products = count // 100  # one movement a day of each
    rows = {"short": count, "long": 10 * count}
    with (
        filled(bench, rows["short"], products, name="short") as short,
        filled(bench, rows["long"], products, name="long") as long,
        filled(bench, rows["long"], products, side="hourly", name="job") as job,
    ):
        databases = {"short": short, "long": long}

        def side(name: str) -> Measure:
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
                taken = databases[name].time(REFRESH)
                bench.check(databases[name], rows[name], deep=False)
                return Sample(taken)

            return measure

        def hourly_job() -> Sample:
            taken = job.time("call keep_stock()")
            return Sample(taken, wrong=bench.check(job, 10 * count))

        ours, least = f"a history of {10 * count:,}", f"a history of {count:,}"
        yield Figure(
            f"refresh after {new:,} movements, {products:,} products",
            "s",
            {
                least: side("short"),
                ours: side("long"),
                "the sum by product": lambda: Sample(long.time(SUM)),
                "recomputing all": lambda: Sample(long.time(RECOMPUTE)),
                "the hourly job": hourly_job,
            },
            [
                Shown(ours, least, Target(most=1.3)),
                Shown("recomputing all", ours, Target(least=50)),
                Shown("the sum by product", ours),
                Shown("the hourly job", ours, notes=("one update of products by their sums",)),
            ],
        )
        for name, database in databases.items():
            bench.check(database, rows[name])


def idle(bench: Bench) -> Generator[Figure, None, None]:
    """A refresh with nothing to do, and the memory of the program."""
    sizes = (1_000, 100_000) if bench.size.thorough else (100, 10_000)
    for products in sizes:
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
            if products == sizes[-1]:
                join = "one join of products with a table of the same size"
                yield Figure(
                    f"refresh with nothing new, {products:,} products",
                    "s",
                    {join: _timed(database, JOIN), "ours": _timed(database, REFRESH)},
                    [Shown("ours", join, Target(most=3))],
                    bench.size.repetitions + 4,
                )
            title = f"peak memory of stocksync refresh, {products:,} products"
            yield peak_memory(title, database, 150, "refresh")
            bench.check(database, products)


def writers(bench: Bench) -> Generator[Figure, None, None]:
    """Writers while refreshes run one after another, each with something to correct."""
    count = bench.size.history
    products = count // 100
    with bench.fresh("ours", products) as database:
        fill(bench, database, count, 100)
        written = count

        def side(refreshing: bool) -> Measure:
            def measure() -> Sample:
                nonlocal written
                beside = _Refreshes(database) if refreshing else None
                load = database.pgbench(
                    "one_row",
                    clients=bench.size.clients,
                    seconds=bench.size.seconds,
                    settings=COMMITS[SLOW],
                )
                written += load.done
                extra = beside.stop() if beside else {}
                bench.check(database, written, deep=False)
                note = f"{extra['refreshes']:.0f} refreshes" if beside else ""
                return Sample(load.rate, load.failed_share, extra=extra, note=note)

            return measure

        title = f"one-row inserts, {products:,} products, {named(SLOW)}"
        alone, beside = "no refresh", "refreshes one after another"
        yield Figure(
            title,
            "tx/s",
            {alone: side(False), beside: side(True)},
            [
                Shown(beside, alone, Target(least=0.8)),
                Shown(
                    beside,
                    None,
                    Target(most=0.05),
                    "longest wait of a writer for a lock of the refresh",
                    "s",
                    "longest_wait",
                ),
            ],
        )
        bench.check(database, written)


def _timed(database: Database, statement: str) -> Measure:
    return lambda: Sample(database.time(statement))


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
