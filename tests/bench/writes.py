"""Writes: one row, three lines, many rows at once, what they cost, and a file of them."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Generator
from pathlib import Path

import psycopg

from tests.bench.figure import Figure, Measure, Shown, commits, loads, throughput
from tests.bench.harness import BY_HAND, SIDES, SLOW, Bench, Database, Sample, named
from tests.bench.report import Target


def spread(bench: Bench) -> Generator[Figure, None, None]:
    """One-row inserts over 1,000 products."""
    for commit, designs in commits(bench):
        sides = loads(bench, designs, "one_row", 1000, commit=commit)
        targets = {"wait": Target(least=0.93)} if commit == SLOW else {}
        yield throughput(f"one-row inserts, 1,000 products, {named(commit)}", sides, targets)


def lines(bench: Bench) -> Generator[Figure, None, None]:
    """Transactions of three lines in random order over 20 products."""
    for commit, designs in commits(bench):
        title = f"three-line transactions, 20 products, {named(commit)}"
        sides = loads(bench, designs, "three_lines", 20, commit=commit)
        targets = {"never_wait": Target(least=0.7)} if commit == SLOW else {}
        rows = throughput(title, sides, targets)
        failed = [
            Shown(side, None, Target(most=0), f"failed, {title}", "share", part="failed")
            for side in ("wait", "never_wait")
        ]
        yield Figure(title, "tx/s", sides, [*rows.shown, *failed])


def bulk(bench: Bench) -> Generator[Figure, None, None]:
    """One large insert over 10,000 products: direction given, by COPY, direction derived."""
    count = bench.size.rows
    products = max(1, count // 50)  # a smaller run keeps the shape
    columns = "product_id, transaction_type, quantity"
    select = f"select 1 + n % {products}, {{}} 1 + n % 7 from generate_series(1, {count}) as n"
    given = (
        "insert into stock_movements (product_id, transaction_type, movement_type, quantity) "
        + select.format("'sale', 'out',")
    )
    derived = f"insert into stock_movements ({columns}) " + select.format("'sale',")
    data = "".join(f"{1 + n % products}\tsale\tout\t{1 + n % 7}\n" for n in range(1, count + 1))
    data_bytes = data.encode()

    def insert(connection: psycopg.Connection, statement: str) -> None:
        connection.execute(statement.encode())

    def copy(connection: psycopg.Connection) -> None:
        with connection.cursor().copy(
            "copy stock_movements (product_id, transaction_type, movement_type, quantity)"
            " from stdin"
        ) as stream:
            for start in range(0, len(data_bytes), 1 << 18):
                stream.write(data_bytes[start : start + (1 << 18)])

    def side(design: str, run: Callable[[psycopg.Connection], None]) -> Measure:
        def measure() -> Sample:
            with bench.fresh(design, products) as database:
                lsn = database.value("select pg_current_wal_insert_lsn()")
                start = time.perf_counter()
                run(database.connection)
                taken = time.perf_counter() - start
                wal = _wal_since(database, lsn) / count
                wrong = bench.check(database, count)
                return Sample(taken, wrong=wrong, extra={"wal": wal})

        return measure

    title = f"insert of {count:,} rows, {products:,} products"
    yield Figure(
        title,
        "s",
        {
            "bare": side("bare", lambda c: insert(c, given)),
            "wait": side("wait", lambda c: insert(c, given)),
            "never_wait": side("never_wait", lambda c: insert(c, given)),
            "row": side("row", lambda c: insert(c, given)),
            "ordered": side("ordered", lambda c: insert(c, given)),
            "bare, copy": side("bare", copy),
            "wait, copy": side("wait", copy),
            "wait, derived": side("wait", lambda c: insert(c, derived)),
        },
        [
            Shown("wait", target=Target(most=1.15)),
            Shown("never_wait"),
            Shown("row"),
            Shown("ordered"),
            Shown("wait, copy", "bare, copy", Target(most=1.15), title.replace("insert", "copy")),
            Shown("wait, derived", target=Target(most=2), title=f"{title}, direction left out"),
            *(
                Shown(name, title=f"WAL of a row, {title}", unit="bytes", part="wal")
                for name in ("wait", "never_wait", "row", "ordered")
            ),
        ],
    )


def cost(bench: Bench) -> Generator[Figure, None, None]:
    """Processor time and WAL of a one-row insert in a single session."""
    count = bench.size.transactions

    def side(design: str) -> Measure:
        def measure() -> Sample:
            with bench.fresh(design, 1000) as database:
                return _session(bench, database, count)

        return measure

    title = "processor time of a one-row insert"
    designs = SIDES + BY_HAND if bench.size.thorough else SIDES
    shown = [
        Shown(
            name,
            target=Target(most=1.5) if name == "wait" else None,
            title="WAL of a one-row insert",
            unit="bytes",
            part="wal",
        )
        for name in designs[1:]
    ]
    if _is_visible(bench.admin):
        limit = Target(most=1.5)
        time_rows = [Shown(name, target=limit if name == "wait" else None) for name in designs[1:]]
        shown = time_rows + shown
    # Autovacuum would write WAL of its own, and not the same in each measurement.
    bench.admin.execute("alter system set autovacuum = off")
    bench.admin.execute("select pg_reload_conf()")
    try:
        sides = {name: side(name) for name in designs}
        yield Figure(title, "us", sides, shown, 5 if bench.size.thorough else None)
    finally:
        bench.admin.execute("alter system reset autovacuum")
        bench.admin.execute("select pg_reload_conf()")


def _session(bench: Bench, database: Database, count: int) -> Sample:
    """Measure ``count`` prepared inserts of one session after a warm-up."""
    choice = random.Random(1)
    warm_up = 300
    insert = (
        "insert into stock_movements (product_id, movement_type, transaction_type, quantity)"
        " values (%s, 'out', 'sale', %s)"
    )
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute("set synchronous_commit = off")
        for _ in range(warm_up):
            connection.execute(insert, (choice.randint(1, 1000), 2), prepare=True)
        connection.execute("checkpoint")
        lsn = database.value("select pg_current_wal_insert_lsn()")
        before = _processor_time(connection)
        for _ in range(count):
            connection.execute(
                insert, (choice.randint(1, 1000), choice.randint(1, 9)), prepare=True
            )
        taken = _processor_time(connection) - before
        wal = _wal_since(database, lsn)
    wrong = bench.check(database, warm_up + count)
    return Sample(taken / count * 1e6, wrong=wrong, extra={"wal": wal / count})


def _schedstat(connection: psycopg.Connection) -> Path:
    return Path(f"/proc/{connection.info.backend_pid}/schedstat")


def _is_visible(connection: psycopg.Connection) -> bool:
    """Return whether the backend is a process of this machine, which shows the time it runs."""
    return connection.info.host.startswith("/") and _schedstat(connection).exists()


def _processor_time(connection: psycopg.Connection) -> float:
    """Return the seconds, of user and system, that the backend has run; 0 if that is not seen."""
    if not _is_visible(connection):
        return 0.0
    return int(_schedstat(connection).read_text().split()[0]) / 1e9


def _wal_since(database: Database, lsn: object) -> float:
    return database.number("select pg_current_wal_insert_lsn() - %s::pg_lsn", lsn)
