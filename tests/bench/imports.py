"""A file of movements: the import beside ``\\copy`` of what it comes to."""

from __future__ import annotations

import csv
import gzip
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from stocksync.embedded import find_tool
from tests.bench.figure import Figure, Measure, Shown
from tests.bench.harness import Bench, Sample
from tests.bench.pgbench import BenchError
from tests.bench.report import Target

# Of a file to import. The direction is not in it; INWARD is what the types in it mean.
COLUMNS = ("sku", "transaction_type", "quantity", "occurred_at", "reference", "idempotency_key")
INWARD = {"opening_stock", "purchase", "sale_return", "recovery_found", "stock_count_correction"}


def imports(bench: Bench) -> Generator[Figure, None, None]:
    """A file of movements."""
    with tempfile.TemporaryDirectory(prefix="stocksync-bench-") as directory:
        source, plain = bench.lines, Path(directory) / "plain.csv"
        if source is None:
            source = Path(directory) / "movements.csv.gz"
            _generate(source, bench.size.rows)
        skus, count = _resolve(source, plain)

        def load(design: str, command: Callable[[str], list[str]]) -> Measure:
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

        copy = (
            "\\copy stock_movements (product_id, movement_type, transaction_type, quantity,"
            f" occurred_at, reference, idempotency_key) from '{plain}' with (format csv)"
        )
        psql, python = str(find_tool("psql")), sys.executable
        yield Figure(
            f"import of {count:,} lines, {len(skus):,} products",
            "s",
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
            [
                Shown(
                    "ours",
                    target=Target(most=2.5),
                    notes=("bare: \\copy of the same lines with ids, not compressed",),
                )
            ],
        )


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
