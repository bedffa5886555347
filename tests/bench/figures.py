"""The figures, one function each: measure the sides in turn, return rows with their targets."""

from __future__ import annotations

import csv
import gzip
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg

from stocksync.embedded import find_tool
from tests.bench import audit, batches, hourly, past
from tests.bench.harness import DESIGNS, Bench, BenchError, Database, Sample, values
from tests.bench.report import Row, Target

# A commit of 2 ms, as on a disk in a network, for both sides; and what the machine itself takes.
COMMITS = {
    "commit of 2 ms": {"commit_delay": "2000", "commit_siblings": "0"},
    "no commit delay": {"commit_delay": "0"},
}
SLOW = "commit of 2 ms"

# Of a file to import. The direction is not in it; INWARD is what the types in it mean.
COLUMNS = ("sku", "transaction_type", "quantity", "occurred_at", "reference", "idempotency_key")
INWARD = {"opening_stock", "purchase", "sale_return", "recovery_found", "stock_count_correction"}


def spread(bench: Bench) -> list[Row]:
    """1. One-row inserts over 1,000 products."""
    rows = []
    for commit, settings in _commits(bench):
        title = f"one-row inserts, 1,000 products, {commit}"
        sides = _loads(bench, ("bare", "ours"), "one_row", 1000, settings)
        target = Target(least=0.93) if commit == SLOW else None
        rows += _throughput(title, bench.alternate(title, sides), target)
    return rows


def lines(bench: Bench) -> list[Row]:
    """2. Transactions of three lines in random order over 20 products."""
    rows = []
    for commit, settings in _commits(bench):
        title = f"three-line transactions, 20 products, {commit}"
        sides = _loads(bench, ("bare", "ours", "ordered"), "three_lines", 20, settings)
        samples = bench.alternate(title, sides)
        target = Target(least=0.2) if commit == SLOW else None
        rows += _throughput(title, samples, target)
        rows.append(
            Row(
                f"failed, {title}",
                "ours",
                "share",
                [sample.failed for sample in samples["ours"]],
                target=Target(most=0),
            )
        )
    return rows


def hot(bench: Bench) -> list[Row]:
    """3 and 7. One hot product; multixact members that its foreign key uses."""
    rows = []
    members: dict[str, list[Sample]] = {}
    for commit, settings in _commits(bench):
        title = f"one hot product, {commit}"
        designs = ("bare", "ours", "ordered", "row", "recompute") if commit == SLOW else DESIGNS[:2]
        sides = _loads(bench, designs, "one_row", 1, settings)
        samples = bench.alternate(title, sides)
        rows += _throughput(title, samples, None)
        for design in ("bare", "ours"):
            members.setdefault(design, []).extend(samples[design])
    rows.append(
        Row(
            "multixact members per insert, hot",
            "ours",
            "members",
            [sample.extra["members_per_insert"] for sample in members["ours"]],
            [sample.extra["members_per_insert"] for sample in members["bare"]],
        )
    )
    return rows


def bulk(bench: Bench) -> list[Row]:
    """4. One large insert over 10,000 products: direction given, by COPY, direction derived."""
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

    def side(design: str, run: Callable[[psycopg.Connection], None]) -> Callable[[], Sample]:
        def measure() -> Sample:
            with bench.fresh(design, products) as database:
                start = time.perf_counter()
                run(database.connection)
                taken = time.perf_counter() - start
                bench.check(database, count)
                return Sample(taken)

        return measure

    title = f"insert of {count:,} rows, {products:,} products"
    samples = bench.alternate(
        title,
        {
            "bare": side("bare", lambda c: insert(c, given)),
            "ours": side("ours", lambda c: insert(c, given)),
            "bare, copy": side("bare", copy),
            "ours, copy": side("ours", copy),
            "ours, derived": side("ours", lambda c: insert(c, derived)),
        },
    )
    base = values(samples["bare"])
    return [
        Row(title, "ours", "s", values(samples["ours"]), base, Target(most=1.15)),
        Row(
            f"copy of {count:,} rows, {products:,} products",
            "ours",
            "s",
            values(samples["ours, copy"]),
            values(samples["bare, copy"]),
            Target(most=1.15),
        ),
        Row(
            f"{title}, direction left out",
            "ours",
            "s",
            values(samples["ours, derived"]),
            base,
            Target(most=2.0),
        ),
    ]


def cost(bench: Bench) -> list[Row]:
    """5. Processor time and WAL of a one-row insert in a single session."""
    count = bench.size.transactions

    def side(design: str) -> Callable[[], Sample]:
        def measure() -> Sample:
            with bench.fresh(design, 1000) as database:
                return _session(bench, database, count)

        return measure

    # Autovacuum would write WAL of its own, and not the same in each measurement.
    bench.admin.execute("alter system set autovacuum = off")
    bench.admin.execute("select pg_reload_conf()")
    try:
        title = "processor time of a one-row insert"
        samples = bench.alternate(
            title, {"bare": side("bare"), "ours": side("ours")}, 5 if bench.size.thorough else None
        )
    finally:
        bench.admin.execute("alter system reset autovacuum")
        bench.admin.execute("select pg_reload_conf()")
    wal = {name: [s.extra["wal"] for s in taken] for name, taken in samples.items()}
    rows = []
    if samples["bare"][0].value:
        rows.append(
            Row(
                title,
                "ours",
                "us",
                values(samples["ours"]),
                values(samples["bare"]),
                Target(most=2.6),
            )
        )
    rows.append(
        Row("WAL of a one-row insert", "ours", "bytes", wal["ours"], wal["bare"], Target(most=1.8))
    )
    return rows


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
        stat = Path(f"/proc/{connection.info.backend_pid}/schedstat")
        for _ in range(warm_up):
            connection.execute(insert, (choice.randint(1, 1000), 2), prepare=True)
        connection.execute("checkpoint")
        lsn = database.value("select pg_current_wal_insert_lsn()")
        before = _processor_time(stat)
        for _ in range(count):
            connection.execute(
                insert, (choice.randint(1, 1000), choice.randint(1, 9)), prepare=True
            )
        taken = _processor_time(stat) - before
        wal = database.number("select pg_current_wal_insert_lsn() - %s::pg_lsn", lsn)
    bench.check(database, warm_up + count)
    return Sample(taken / count * 1e6, extra={"wal": wal / count})


def _processor_time(schedstat: Path) -> float:
    """Return the seconds a local backend has run, 0 if it cannot be seen (another machine)."""
    try:
        return int(schedstat.read_text().split()[0]) / 1e9
    except OSError:
        return 0.0


def isolation(bench: Bench) -> list[Row]:
    """6. Share of failed transactions at each isolation level."""
    rows = []
    designs, seconds, repetitions = ("bare", "ours"), 1, None
    if not bench.size.thorough:
        designs, seconds, repetitions = ("ours",), 0, 1
    for level in ("read committed", "repeatable read", "serializable"):
        settings = {"default_transaction_isolation": level.replace(" ", r"\ "), **COMMITS[SLOW]}
        for script, shape in (("one_row", "one-row"), ("three_lines", "three-line")):
            for products in (1000, 1):
                title = f"failed, {shape}, {products:,} product{'s'[: products - 1]}, {level}"
                sides = _loads(bench, designs, script, products, settings, seconds)
                samples = bench.alternate(title, sides, repetitions)
                row = Row(title, "ours", "share", [sample.failed for sample in samples["ours"]])
                if level == "read committed":
                    row.target = Target(most=0)
                if "bare" in samples:
                    most = max(sample.failed for sample in samples["bare"])
                    row.notes.append(f"bare: at most {most * 100:.3g} %")
                rows.append(row)
    return rows


def sync(bench: Bench) -> list[Row]:
    """8. The comparison behind sync, and the memory of its dry run."""
    count = bench.size.ledger
    products = count // 100  # a smaller run keeps the shape
    least = (
        "select product_id, sum(case movement_type when 'in' then quantity else -quantity end)"
        " from stock_movements group by 1"
    )
    rows = []
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

        title = f"discrepancies() over {count:,} movements, {products:,} products"
        samples = bench.alternate(
            title,
            {
                "bare": lambda: Sample(_server_time(database, least)),
                "ours": lambda: Sample(
                    _server_time(database, "select * from stocksync.discrepancies()")
                ),
            },
            bench.size.repetitions + 2,
        )
        rows.append(
            Row(
                title,
                "ours",
                "s",
                values(samples["ours"]),
                values(samples["bare"]),
                Target(most=1.3),
                ["bare here is the sum by product"],
            )
        )
        rows.append(_memory(database, "none"))
        rows.append(_memory(database, "all"))
    with bench.fresh("ours", 10 * products) as database:
        rows.append(_memory(database, "all"))
    return rows


def _server_time(database: Database, query: str) -> float:
    """Return the seconds of planning and running a query, as the server takes them."""
    plan: list[dict[str, float]] = database.value(  # type: ignore[assignment]
        f"explain (analyze, timing off, buffers off, format json) {query}"
    )
    return (plan[0]["Planning Time"] + plan[0]["Execution Time"]) / 1e3


def _memory(database: Database, wrong: str) -> Row:
    """Return the peak memory of a dry run that finds none or all of the products wrong."""
    if wrong == "all":
        with database.connection.transaction():
            database.connection.execute("set local session_replication_role = replica")
            database.connection.execute("update products set quantity_on_hand = 1e6")
    found = database.number("select count(*) from stocksync.discrepancies()")
    if found != (database.products if wrong == "all" else 0):
        raise BenchError(f"{found:.0f} discrepancies, {wrong} of {database.products} expected")
    return Row(
        f"peak memory of stocksync sync --dry-run, {found:,.0f} discrepancies",
        "ours",
        "MB",
        [database.peak_memory("sync", "--dry-run")],
        target=Target(most=150),
    )


def imports(bench: Bench) -> list[Row]:
    """9. A file of movements."""
    with tempfile.TemporaryDirectory(prefix="stocksync-bench-") as directory:
        source, plain = bench.lines, Path(directory) / "plain.csv"
        if source is None:
            source = Path(directory) / "movements.csv.gz"
            _generate(source, bench.size.rows)
        skus, count = _resolve(source, plain)

        def load(design: str, command: Callable[[str], list[str]]) -> Callable[[], Sample]:
            def measure() -> Sample:
                with bench.fresh(design, 0) as database:
                    with database.connection.cursor() as cursor:
                        cursor.executemany(
                            "insert into products (id, sku, name) values (%s, %s, %s)",
                            [(number, sku, sku) for sku, number in skus.items()],
                        )
                    database.connection.execute("vacuum (analyze)")
                    database.connection.execute("checkpoint")
                    start = time.perf_counter()
                    run = subprocess.run(
                        command(database.url), capture_output=True, text=True, check=False
                    )
                    taken = time.perf_counter() - start
                    if run.returncode != 0:
                        raise BenchError(f"{design}: {run.stderr[-2000:]}")
                    bench.check(database, count)
                    return Sample(taken)

            return measure

        title = f"import of {count:,} lines, {len(skus):,} products"
        copy = (
            "\\copy stock_movements (product_id, movement_type, transaction_type, quantity,"
            f" occurred_at, reference, idempotency_key) from '{plain}' with (format csv)"
        )
        psql, python = str(find_tool("psql")), sys.executable
        samples = bench.alternate(
            title,
            {
                "bare": load("bare", lambda url: [psql, "-X", "-d", url, "-c", copy]),
                "ours": load(
                    "ours",
                    lambda url: [
                        *(python, "-m", "stocksync", "--database-url", url),
                        *("import", "movements", str(source)),
                    ],
                ),
            },
        )
    return [
        Row(
            title,
            "ours",
            "s",
            values(samples["ours"]),
            values(samples["bare"]),
            Target(most=2.5),
            ["bare here is \\copy of the same lines with ids instead of skus, not compressed"],
        )
    ]


def _generate(target: Path, count: int) -> None:
    """Write lines like those of a shop: invoices of some lines over a year, few products busy."""
    choice = random.Random(1)
    start = datetime(2025, 1, 1, tzinfo=UTC)
    types = ("sale",) * 17 + ("sale_return", "damage", "purchase")
    with gzip.open(target, "wt", newline="", compresslevel=6) as stream:
        lines = csv.writer(stream)
        lines.writerow(COLUMNS)
        for n in range(count):
            lines.writerow(
                (
                    f"SKU-{int(4000 * choice.random() ** 2):05}",
                    choice.choice(types),
                    choice.randint(1, 24),
                    (start + timedelta(minutes=n * 525_600 // count)).isoformat(" "),
                    f"INV-{n // 20:06}",
                    f"line-{n}",
                )
            )


def _resolve(source: Path, plain: Path) -> tuple[dict[str, int], int]:
    """Write the lines as plain COPY takes them; return the products' numbers and how many lines."""
    numbers: dict[str, int] = {}
    count = 0
    with gzip.open(source, "rt", newline="") as stream, plain.open("w", newline="") as target:
        lines, out = csv.DictReader(stream), csv.writer(target)
        if tuple(lines.fieldnames or ()) != COLUMNS:
            raise BenchError(f"{source}: the first line must be {','.join(COLUMNS)}")
        for line in lines:
            number = numbers.setdefault(line["sku"], len(numbers) + 1)
            direction = "in" if line["transaction_type"] in INWARD else "out"
            out.writerow((number, direction, *(line[name] for name in COLUMNS[1:])))
            count += 1
    return numbers, count


def rollup(bench: Bench) -> list[Row]:
    """10. Draining the journal."""
    clients = bench.size.clients
    each = max(1, bench.size.transactions * 10 // clients)
    title = f"roll-up of {each * clients:,} journal rows, per row"

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

    return [Row(title, "ours", "us", values(bench.alternate(title, {"ours": measure})["ours"]))]


def _commits(bench: Bench) -> list[tuple[str, dict[str, str]]]:
    return [
        (commit, settings)
        for commit, settings in COMMITS.items()
        if bench.size.thorough or commit == SLOW
    ]


def _loads(
    bench: Bench,
    designs: tuple[str, ...],
    script: str,
    products: int,
    settings: dict[str, str],
    seconds: int | None = None,
) -> dict[str, Callable[[], Sample]]:
    def side(design: str) -> Callable[[], Sample]:
        return lambda: bench.transactions(design, script, products, settings, seconds)

    return {design: side(design) for design in designs}


def _throughput(title: str, samples: dict[str, list[Sample]], target: Target | None) -> list[Row]:
    rows = []
    for design, taken in samples.items():
        if design == "bare":
            continue
        row = Row(title, design, "tx/s", values(taken), values(samples["bare"]))
        if design == "ours":
            row.target = target
        if failed := max(sample.failed for sample in taken):
            row.notes.append(f"{failed * 100:.2g} % failed")
        if wrong := max(sample.wrong for sample in taken):
            row.notes.append(f"stock wrong of {wrong} product" + "s" * (wrong > 1))
        rows.append(row)
    return rows


FIGURES: dict[str, Callable[[Bench], list[Row]]] = {
    function.__name__: function
    for function in (
        *(spread, lines, hot, bulk, cost, isolation, sync, imports, rollup),
        *(hourly.history, hourly.idle, hourly.writers),
        past.past,
        batches.batches,
        audit.audit,
    )
}
