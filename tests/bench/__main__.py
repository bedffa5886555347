"""Run the benchmark: ``python -m tests.bench``."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

import click

from stocksync.embedded import Embedded
from tests.bench import report
from tests.bench.figures import COMMITS, FIGURES
from tests.bench.harness import SERVER_OPTIONS, Bench, BenchError, Size

FULL = Size(
    repetitions=3,
    seconds=4,
    rows=500_000,
    ledger=1_000_000,
    history=1_000_000,
    transactions=10_000,
    thorough=True,
)
QUICK = Size(
    repetitions=3,
    seconds=1,
    rows=50_000,
    ledger=100_000,
    history=50_000,
    transactions=2_000,
    thorough=False,
)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--quick", is_flag=True, help="Smaller and shorter: to see that it works.")
@click.option("--only", multiple=True, type=click.Choice(list(FIGURES)), help="May be repeated.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write raw figures.")
@click.option("--markdown", type=click.Path(path_type=Path), help="Write the table.")
@click.option("--repetitions", type=click.IntRange(min=1), help="Of each measurement.")
@click.option("--seconds", type=click.IntRange(min=1), help="Of each measurement of throughput.")
@click.option("--rows", type=click.IntRange(min=100), help="Of the large insert.")
@click.option(
    "--lines",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A csv.gz of movements to import, instead of a generated one.",
)
def main(
    quick: bool,
    only: tuple[str, ...],
    json_file: Path | None,
    markdown: Path | None,
    lines: Path | None,
    **sizes: int | None,
) -> None:
    """Measure what keeping stock costs.

    Every figure is a ratio to the same tables without triggers ("bare"), measured in turn in one
    run; every measurement is followed by a check that no product is wrong and no movement missing.

    BENCH_URL names a server to use, as a superuser; else a private one is started in TMPDIR, with
    fsync on. Databases called stocksync_bench_* are made and dropped. Exit status 1: a check
    failed, so the figures are void.
    """
    size = replace(QUICK if quick else FULL, **{k: v for k, v in sizes.items() if v})
    started = time.monotonic()
    rows: list[report.Row] = []
    with (
        _server() as url,
        Bench(url, size, lambda line: click.echo(line, err=True), lines) as bench,
    ):
        machine = report.describe(bench.admin) | bench.commit_times(COMMITS)
        try:
            for name in only or FIGURES:
                rows += FIGURES[name](bench)
        except BenchError as error:
            click.echo(f"error: {error}", err=True)
            sys.exit(1)
        machine["sizes"] = ", ".join(f"{name} {value:,}" for name, value in asdict(size).items())
        machine["load average at end"] = f"{os.getloadavg()[0]:.2f}"
        machine["taken in"] = f"{time.monotonic() - started:.0f} s"
        machine["exact"] = f"after each of {bench.checks} measurements of ours"
    table = report.markdown(rows, machine)
    click.echo(table, nl=False)
    if markdown:
        markdown.write_text(table)
    if json_file:
        figures = {"machine": machine, "figures": [row.as_json() for row in rows]}
        json_file.write_text(json.dumps(figures, indent=2) + "\n")


@contextmanager
def _server() -> Iterator[str]:
    if url := os.environ.get("BENCH_URL"):
        yield url
        return
    directory = Path(tempfile.mkdtemp(prefix="stocksync-bench-"))
    directory.chmod(0o755)  # as root the server runs as another user, who must get in
    try:
        with Embedded(directory / "pg", fsync=True, options=SERVER_OPTIONS) as server:
            yield server.url("postgres")
    finally:
        shutil.rmtree(directory)


if __name__ == "__main__":
    main(prog_name="python -m tests.bench")
