"""The server, a fresh database for each measurement, load by pgbench, and the check afterwards."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from stocksync import db
from stocksync.embedded import find_tool
from stocksync.migrate import migrate
from tests.helpers import measured

HERE = Path(__file__).parent
DESIGNS = ("ours", "bare", *sorted(path.stem for path in HERE.glob("designs/*.sql")))

# The same for every side. Large enough that no checkpoint falls into a measurement: each begins
# with one.
SERVER_OPTIONS = {
    "shared_buffers": "1GB",
    "max_wal_size": "16GB",
    "checkpoint_timeout": "1h",
    "max_connections": "100",
}

# Written here, not taken from stocksync: products whose column is not the sum of their movements.
WRONG_STOCK = """
select count(*)
from products as p
left join (
    select m.product_id,
        sum(case m.movement_type when 'in' then m.quantity else -m.quantity end) as quantity
    from stock_movements as m
    group by m.product_id
) as m on m.product_id = p.id
where p.quantity_on_hand <> coalesce(m.quantity, 0)
"""


class BenchError(Exception):
    """A measurement is void."""


@dataclass(frozen=True)
class Size:
    """How much is measured. ``seconds`` come after one second to warm up."""

    repetitions: int
    seconds: int
    rows: int  # of one large insert, and of an import
    ledger: int  # movements that the comparison reads
    history: int  # movements of the shorter of two histories, 100 of each product
    transactions: int  # one-row transactions of which processor time, WAL and roll-up are taken
    thorough: bool  # both costs of a commit, all designs, shares of failed transactions repeated
    clients: int = 16


@dataclass(frozen=True)
class Sample:
    """One measurement of one side."""

    value: float
    failed: float = 0.0  # share of the transactions
    wrong: int = 0  # products with the wrong stock afterwards
    extra: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Load:
    """What pgbench reports: committed transactions, failed ones, committed ones a second."""

    done: int
    failed: int
    rate: float

    @property
    def failed_share(self) -> float:
        return self.failed / (self.done + self.failed)


@dataclass
class Database:
    """A database made for one measurement."""

    design: str
    url: str
    connection: psycopg.Connection
    products: int

    def value(self, query: str, *parameters: object) -> object:
        row = self.connection.execute(query, parameters or None).fetchone()  # type: ignore[arg-type]
        return row[0] if row else None

    def number(self, query: str, *parameters: object) -> float:
        return float(str(self.value(query, *parameters)))

    def pgbench(
        self,
        script: str,
        *,
        clients: int,
        seconds: int | None = None,
        transactions: int | None = None,
        settings: dict[str, str] | None = None,
    ) -> Load:
        """Run ``load/<script>.sql``; transactions are per client."""
        limit = ["-t", str(transactions)] if seconds is None else ["-T", str(seconds + 1)]
        options = " ".join(f"-c {name}={value}" for name, value in (settings or {}).items())
        run = subprocess.run(
            [
                *(str(find_tool("pgbench")), "--no-vacuum", "--protocol=prepared", "--progress=1"),
                *("--max-tries=1", "--failures-detailed"),
                *("--client", str(clients), "--jobs", str(min(clients, 2)), *limit),
                *("--define", f"products={self.products}"),
                *("--file", str(HERE / "load" / f"{script}.sql"), self.url),
            ],
            env={**os.environ, "PGOPTIONS": options},
            capture_output=True,
            text=True,
            check=False,
        )
        if run.returncode != 0:
            raise BenchError(f"pgbench failed on {self.design}:\n{run.stderr[-2000:]}")
        return _parse(run.stdout, run.stderr)

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

        ``deep`` compares the roll-up day by day, too.
        """
        found = self.number("select count(*) from stock_movements")
        if found != rows:
            raise BenchError(f"{self.design}: {found:.0f} movements, {rows} were inserted")
        if self.design == "bare":
            return 0
        wrong = int(self.number(WRONG_STOCK))
        if self.design == "ours":
            wrong += int(
                self.number("select count(*) from stocksync.discrepancies(p_force => %s)", deep)
            )
            wrong += int(self.number("select count(*) from stocksync._unsettled"))
        return wrong


@dataclass
class Bench:
    """The databases that measurements are cloned from, one per design."""

    url: str
    size: Size
    tell: Callable[[str], None]
    lines: Path | None = None  # a file to import, instead of a generated one
    checks: int = 0  # of ours, passed

    def __post_init__(self) -> None:
        self.admin = psycopg.connect(self.url, autocommit=True, application_name="stocksync-bench")
        self.prefix = f"stocksync_bench_{os.getpid()}"

    def url_of(self, name: str) -> str:
        return db.to_url(self.url, dbname=f"{self.prefix}_{name}")

    def __enter__(self) -> Bench:
        self._create("ours")
        migrate(self.url_of("ours"))
        for design in DESIGNS[1:]:
            self._create(design, "ours" if design == "bare" else "bare")
            with psycopg.connect(self.url_of(design), autocommit=True) as connection:
                if design == "bare":
                    # The very same tables, so the same columns, checks, indexes and foreign keys.
                    _drop_triggers(connection)
                else:
                    connection.execute((HERE / "designs" / f"{design}.sql").read_bytes())
        return self

    def __exit__(self, *_: object) -> None:
        for name in ("run", "long", "few", "many", *DESIGNS):
            self._drop(name)
        self.admin.close()

    @contextmanager
    def fresh(self, design: str, products: int, name: str = "run") -> Iterator[Database]:
        """Yield a database with so many products, numbered from 1, and no movement."""
        self._create(name, design)
        url = self.url_of(name)
        try:
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute(
                    "insert into products (sku, name)"
                    " select 'SKU-' || n, 'Product ' || n from generate_series(1, %s) as n",
                    (products,),
                )
                connection.execute("vacuum (analyze)")
                connection.execute("checkpoint")
                yield Database(design, url, connection, products)
        finally:
            self._drop(name)

    def check(self, database: Database, rows: int, deep: bool = True) -> int:
        wrong = database.check(rows, deep)
        if database.design == "ours":
            if wrong:
                raise BenchError(f"INEXACT: {wrong} discrepancies after {rows} movements")
            self.checks += 1
        return wrong

    def alternate(
        self, title: str, sides: dict[str, Callable[[], Sample]], repetitions: int | None = None
    ) -> dict[str, list[Sample]]:
        """Measure A B C, A B C, ... so that what changes on the machine meets every side."""
        samples: dict[str, list[Sample]] = {name: [] for name in sides}
        for repetition in range(repetitions or self.size.repetitions):
            for name, measure in sides.items():
                sample = measure()
                samples[name].append(sample)
                self.tell(f"{title} [{repetition + 1}] {name}: {sample.value:,.4g}")
        return samples

    def commit_times(self, commits: dict[str, dict[str, str]]) -> dict[str, str]:
        """Return what a transaction that inserts one row takes a single session, bare."""
        taken = {}
        for commit, settings in commits.items():
            with self.fresh("bare", 1) as database:
                load = database.pgbench("one_row", clients=1, seconds=1, settings=settings)
            taken[f"one session, bare, {commit}"] = f"{1e3 / load.rate:.2f} ms a transaction"
        return taken

    def transactions(
        self,
        design: str,
        script: str,
        products: int,
        settings: dict[str, str] | None = None,
        seconds: int | None = None,
    ) -> Sample:
        """Measure committed transactions a second; rows are checked by what pgbench committed."""
        with self.fresh(design, products) as database:
            before = _multixact_members(database) if products == 1 else 0
            load = database.pgbench(
                script,
                clients=self.size.clients,
                seconds=self.size.seconds if seconds is None else seconds,
                settings=settings,
            )
            used = (_multixact_members(database) - before) % 2**32 if products == 1 else 0
            rows = load.done * (3 if script == "three_lines" else 1)
            wrong = self.check(database, rows)
            return Sample(
                load.rate, load.failed_share, wrong, {"members_per_insert": used / max(rows, 1)}
            )

    def _create(self, name: str, template: str | None = None) -> None:
        self._drop(name)
        source = f" template {self.prefix}_{template}" if template else ""
        self.admin.execute(f"create database {self.prefix}_{name}{source}".encode())

    def _drop(self, name: str) -> None:
        self.admin.execute(f"drop database if exists {self.prefix}_{name} with (force)".encode())


def _drop_triggers(connection: psycopg.Connection) -> None:
    rows = connection.execute(
        "select format('drop trigger %I on %s', t.tgname, t.tgrelid::regclass)"
        " from pg_trigger as t join pg_class as c on c.oid = t.tgrelid"
        " where not t.tgisinternal and c.relnamespace = 'public'::regnamespace"
    ).fetchall()
    for (statement,) in rows:
        connection.execute(statement)


def _multixact_members(database: Database) -> float:
    database.connection.execute("checkpoint")
    return database.number("select next_multi_offset::text from pg_control_checkpoint()")


def _parse(output: str, progress: str) -> Load:
    """Leave the first second out: sessions compile functions and plan in it, once each."""
    done = int(_find(r"actually processed: (\d+)", output))
    failed = int(_find(r"number of failed transactions: (\d+)", output))
    rate = float(_find(r"tps = ([\d.]+)", output))
    first = re.search(r"progress: ([\d.]+) s, ([\d.]+) tps", progress)
    if first and rate > 0:
        warm_up, warm_rate = float(first[1]), float(first[2])
        rest = done / rate - warm_up
        if rest > 0.5:
            rate = (done - warm_up * warm_rate) / rest
    return Load(done, failed, rate)


def _find(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    if not found:
        raise BenchError(f"pgbench did not say {pattern}:\n{text}")
    return found[1]


def values(samples: Sequence[Sample]) -> list[float]:
    return [sample.value for sample in samples]
