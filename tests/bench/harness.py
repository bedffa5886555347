"""The server, a fresh database for each measurement, and the check afterwards."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from stocksync import db
from stocksync.migrate import migrate
from tests.bench import pgbench
from tests.bench.pgbench import BenchError, Load
from tests.helpers import measured

HERE = Path(__file__).parent
MODES = ("wait", "never_wait", "escrow")  # of ours, which waits if nothing is said
SIDES = ("bare", "wait", "never_wait")  # of most figures
BY_HAND = ("recompute", "row", "ordered")  # what people build, and writers notice
DESIGNS = (*BY_HAND, "hourly")

# The same for every side. Large enough that no checkpoint falls into a measurement: each begins
# with one.
SERVER_OPTIONS = {
    "shared_buffers": "1GB",
    "max_wal_size": "16GB",
    "checkpoint_timeout": "1h",
    "max_connections": "100",
}

# What a commit takes, for all sides alike: a disk in a network takes 2 ms. At 0 nobody waits for
# the disk; the others wait for it and then so long, so what is reached is measured and said.
COMMITS = {
    0.0: {"synchronous_commit": "off", "commit_delay": "0"},
    **{ms: {"commit_delay": f"{ms * 1000:.0f}", "commit_siblings": "0"} for ms in (0.5, 2.0, 5.0)},
}
SLOW = 2.0  # ms, of the figures that know one commit only

# Written here, not taken from stocksync: products whose stock is not the sum of their movements.
WRONG_STOCK = """
select count(*)
from {source} as p
left join (
    select m.product_id,
        sum(case m.movement_type when 'in' then m.quantity else -m.quantity end) as quantity
    from stock_movements as m
    group by m.product_id
) as m on m.product_id = p.{key}
where p.quantity_on_hand <> coalesce(m.quantity, 0)
"""
WRONG_COLUMN = WRONG_STOCK.format(source="products", key="id")
WRONG_VIEW = WRONG_STOCK.format(source="stock_on_hand", key="product_id")

# What a shop has that keeps no stock: the key that ours does without, too.
PRODUCT_KEY = """
    alter table stock_movements
        add constraint stock_movements_product_exists
        foreign key (product_id) references products (id)
"""


@dataclass(frozen=True)
class Size:
    """How much is measured. ``seconds`` come after one second to warm up."""

    repetitions: int
    seconds: int
    rows: int  # of one large insert, and of an import
    ledger: int  # movements that the comparison reads
    history: int  # movements of the shorter of two histories, 100 of each product
    transactions: int  # one-row transactions of which processor time, WAL and roll-up are taken
    questions: int  # or single sales, one after another, of one measurement
    units: int  # the last ones of a product, to be sold
    held: int  # seconds that a snapshot is held open
    thorough: bool  # the whole grids, all designs, and shares of failed transactions repeated
    clients: int = 16


@dataclass(frozen=True)
class Sample:
    """One measurement of one side."""

    value: float
    failed: float = 0.0  # share of the transactions
    wrong: int = 0  # products with the wrong stock afterwards
    extra: dict[str, float] = field(default_factory=dict)
    note: str = ""

    def part(self, name: str) -> float:
        """Return one of its figures: "value", "failed", or what it has besides."""
        match name:
            case "value":
                return self.value
            case "failed":
                return self.failed
        return self.extra[name]


@dataclass
class Database:
    """A database made for one measurement."""

    side: str
    url: str
    connection: psycopg.Connection
    products: int

    @property
    def is_ours(self) -> bool:
        return self.side == "ours" or self.side in MODES

    @property
    def may_pend(self) -> bool:
        """Return whether movements may be left beside a busy product, for a worker to fold."""
        return self.side in ("never_wait", "escrow")

    def value(self, query: str, *parameters: object) -> object:
        row = self.connection.execute(query, parameters or None).fetchone()
        return row[0] if row else None

    def number(self, query: str, *parameters: object) -> float:
        return float(str(self.value(query, *parameters)))

    def time(self, statement: str, *parameters: object) -> float:
        """Return the seconds that a statement takes, its rows fetched."""
        start = time.perf_counter()
        self.connection.execute(statement.encode(), parameters or None)
        return time.perf_counter() - start

    def pgbench(
        self,
        script: str,
        *,
        clients: int,
        seconds: int | None = None,
        transactions: int | None = None,
        settings: Mapping[str, str] | None = None,
        latencies: bool = False,
    ) -> Load:
        """Run ``load/<script>.sql``, with a worker beside it where an installation has one."""
        with self.worker() if self.may_pend else nullcontext():
            return pgbench.run(
                self.url,
                script,
                products=self.products,
                clients=clients,
                seconds=seconds,
                transactions=transactions,
                settings=settings,
                latencies=latencies,
            )

    @contextmanager
    def worker(self) -> Iterator[None]:
        """Fold what is pending four times a second, as ``stocksync worker`` does."""
        ended = threading.Event()
        errors: list[psycopg.Error] = []

        def fold() -> None:
            try:
                with psycopg.connect(self.url, autocommit=True) as connection:
                    while not ended.wait(0.25):
                        connection.execute("select stocksync.fold(true)")
            except psycopg.Error as error:
                errors.append(error)

        thread = threading.Thread(target=fold)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
        if errors:
            raise BenchError(f"the worker failed: {errors[0]}")

    def peak_memory(self, *command: str) -> float:
        """Run a command of stocksync on this database; return the most it had in memory, in MB."""
        done, peak = measured(
            *(sys.executable, "-m", "stocksync", "--database-url", self.url, *command)
        )
        if done.returncode != 0:
            raise BenchError(f"stocksync {' '.join(command)} ended with {done.returncode}")
        return peak / 1024

    def check(self, rows: int, deep: bool = True) -> int:
        """Return how many products are wrong; raise BenchError if movements are missing.

        Of ours, the view is right at once and the column when nothing is pending any more.
        ``deep`` compares the roll-up day by day, too.
        """
        found = self.number("select count(*) from stock_movements")
        if found != rows:
            raise BenchError(f"{self.side}: {found:.0f} movements, {rows} were inserted")
        if self.side == "bare":
            return 0
        if not self.is_ours:
            return int(self.number(WRONG_COLUMN))
        wrong = int(self.number(WRONG_VIEW)) if self.may_pend else 0
        if self.may_pend:
            self.connection.execute("select stocksync.fold()")
        return wrong + sum(
            int(self.number(question, *parameters))
            for question, *parameters in (
                (WRONG_COLUMN,),
                ("select count(*) from stocksync.discrepancies(p_force => %s)", deep),
                ("select count(*) from stocksync._unsettled",),
            )
        )


@dataclass
class Bench:
    """The databases that measurements are cloned from, one per design."""

    url: str
    size: Size
    tell: Callable[[str], None]
    lines: Path | None = None  # a file to import, instead of a generated one
    checks: int = 0  # of ours, passed
    left_out: list[str] = field(default_factory=list)  # for time

    def __post_init__(self) -> None:
        self.admin = psycopg.connect(self.url, autocommit=True, application_name="stocksync-bench")
        self.prefix = f"stocksync_bench_{os.getpid()}"
        self.databases: set[str] = set()

    def url_of(self, name: str) -> str:
        return db.to_url(self.url, dbname=f"{self.prefix}_{name}")

    def __enter__(self) -> Bench:
        self.create("ours")
        migrate(self.url_of("ours"))
        for design in ("bare", *DESIGNS):
            self.create(design, "ours")
            with psycopg.connect(self.url_of(design), autocommit=True) as connection:
                redesign(connection, design)
        return self

    def __exit__(self, *_: object) -> None:
        for name in list(self.databases):
            self.drop(name)
        self.admin.close()

    @contextmanager
    def fresh(self, side: str, products: int, name: str = "run") -> Iterator[Database]:
        """Yield a database with so many products, numbered from 1, and no movement."""
        self.create(name, "ours" if side in MODES else side)
        try:
            with self.opened(side, products, name) as database:
                add_products(database)
                yield database
        finally:
            self.drop(name)

    @contextmanager
    def opened(self, side: str, products: int, name: str) -> Iterator[Database]:
        url = self.url_of(name)
        with psycopg.connect(url, autocommit=True) as connection:
            if side == "never_wait":
                connection.execute("select stocksync.use_mode(%s)", (side,))
            yield Database(side, url, connection, products)

    def check(self, database: Database, rows: int, deep: bool = True) -> int:
        wrong = database.check(rows, deep)
        if database.is_ours:
            if wrong:
                raise BenchError(f"INEXACT: {wrong} discrepancies after {rows} movements")
            self.checks += 1
        return wrong

    def leave_out(self, what: str) -> None:
        self.left_out.append(what)
        self.tell(f"left out, for time: {what}")

    def commit_times(self) -> dict[str, str]:
        """Return what a transaction that inserts one row takes a single session, bare."""
        taken = {}
        for commit, settings in COMMITS.items():
            with self.fresh("bare", 1) as database:
                load = database.pgbench("one_row", clients=1, seconds=0, settings=settings)
            title = f"one session, bare, {named(commit)}"
            taken[title] = f"{1e3 / load.rate:.2f} ms a transaction"
        return taken

    def transactions(
        self,
        side: str,
        script: str,
        products: int,
        settings: Mapping[str, str],
        *,
        seconds: int | None = None,
        clients: int | None = None,
    ) -> Sample:
        """Measure committed transactions a second; rows are checked by what pgbench committed."""
        with self.fresh(side, products) as database:
            before = _multixact_members(database) if products == 1 else 0
            load = database.pgbench(
                script,
                clients=clients or self.size.clients,
                seconds=self.size.seconds if seconds is None else seconds,
                settings=settings,
            )
            used = (_multixact_members(database) - before) % 2**32 if products == 1 else 0
            rows = load.done * (3 if script == "three_lines" else 1)
            wrong = self.check(database, rows)
            return Sample(
                load.rate, load.failed_share, wrong, {"members_per_insert": used / max(rows, 1)}
            )

    def create(self, name: str, template: str | None = None, strategy: str = "wal_log") -> None:
        self.drop(name)
        source = f" template {self.prefix}_{template} strategy {strategy}" if template else ""
        self.admin.execute(f"create database {self.prefix}_{name}{source}".encode())
        self.databases.add(name)

    def drop(self, name: str) -> None:
        self.admin.execute(f"drop database if exists {self.prefix}_{name} with (force)".encode())
        self.databases.discard(name)


def named(commit: float) -> str:
    return f"commit of {commit:g} ms"


def add_products(database: Database) -> None:
    database.connection.execute(
        "insert into products (sku, name)"
        " select 'SKU-' || n, 'Product ' || n from generate_series(1, %s) as n",
        (database.products,),
    )
    database.connection.execute("vacuum (analyze)")
    database.connection.execute("checkpoint")


def redesign(connection: psycopg.Connection, design: str) -> None:
    """Make a database of ours keep its stock otherwise, or none at all ("bare").

    The very same tables, so the same columns, checks, indexes and foreign keys, without our
    triggers.
    """
    triggers = connection.execute(
        "select format('drop trigger %I on %s', t.tgname, t.tgrelid::regclass)"
        " from pg_trigger as t join pg_class as c on c.oid = t.tgrelid"
        " where not t.tgisinternal and c.relnamespace = 'public'::regnamespace"
    ).fetchall()
    for (statement,) in triggers:
        connection.execute(statement)
    if not connection.execute(
        "select 1 from pg_constraint where conname = 'stock_movements_product_exists'"
    ).fetchone():
        connection.execute(PRODUCT_KEY)
    if design != "bare":
        connection.execute((HERE / "designs" / f"{design}.sql").read_bytes())


def _multixact_members(database: Database) -> float:
    database.connection.execute("checkpoint")
    return database.number("select next_multi_offset::text from pg_control_checkpoint()")


def values(samples: Sequence[Sample], part: str = "value") -> list[float]:
    return [sample.part(part) for sample in samples]
