"""Run the benchmark: ``python -m tests.bench``."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

import click
import psycopg

from stocksync.embedded import Embedded
from tests.bench import figure, plots, report
from tests.bench.figures import FIGURES
from tests.bench.harness import SERVER_OPTIONS, Bench, Size
from tests.bench.pgbench import BenchError

FULL = Size(
    repetitions=3,
    seconds=3,
    rows=500_000,
    ledger=1_000_000,
    history=1_000_000,
    transactions=10_000,
    questions=300,
    units=10_000,
    held=60,
    thorough=True,
)
QUICK = Size(
    repetitions=2,
    seconds=0,
    rows=10_000,
    ledger=20_000,
    history=10_000,
    transactions=1_000,
    questions=50,
    units=300,
    held=2,
    thorough=False,
)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--quick", is_flag=True, help="Smaller and shorter: to see that it works.")
@click.option("--only", multiple=True, type=click.Choice(list(FIGURES)), help="May be repeated.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write raw figures.")
@click.option("--markdown", type=click.Path(path_type=Path), help="Write the table.")
@click.option("--plots", "plot_dir", type=click.Path(path_type=Path), help="Write SVG files here.")
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
    plot_dir: Path | None,
    lines: Path | None,
    **sizes: int | None,
) -> None:
    """Measure what keeping stock costs.

    The sides of a figure are measured in turn in one run: ours, the same tables without triggers
    ("bare"), and what people build by hand. Every measurement is followed by a check that no
    product is wrong and no movement missing. A ratio is printed only if it is larger than its
    spread. The raw figures are written after each one, so an interrupted run loses nothing.

    BENCH_URL names a server to use, as a superuser; else a private one is started in TMPDIR, with
    fsync on. Databases called stocksync_bench_* are made and dropped. Exit status 1: a check
    failed, so the figures are void.
    """
    size = replace(QUICK if quick else FULL, **{k: v for k, v in sizes.items() if v})  # type: ignore[arg-type]
    for path in (json_file, markdown):
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    rows: list[report.Row] = []
    with (
        _server() as url,
        Bench(url, size, lambda line: click.echo(line, err=True), lines) as bench,
    ):
        machine = report.describe(bench.admin) | bench.commit_times()
        machine["sizes"] = ", ".join(f"{name} {value:,}" for name, value in asdict(size).items())
        taken: dict[str, float] = {}
        try:
            for name in only or FIGURES:
                begun = time.monotonic()
                for more in figure.run(bench, FIGURES[name]):
                    rows += more
                    _write(json_file, machine, rows)
                taken[name] = time.monotonic() - begun
        except (BenchError, psycopg.Error) as error:
            click.echo(f"error: {name}: {error}", err=True)
            sys.exit(1)
        machine["load average at end"] = f"{os.getloadavg()[0]:.2f}"
        machine["taken in"] = f"{time.monotonic() - started:.0f} s: " + ", ".join(
            f"{name} {seconds:.0f} s" for name, seconds in taken.items()
        )
        if bench.left_out:
            machine["left out, for time"] = "; ".join(bench.left_out)
        machine["exact"] = f"after each of {bench.checks} measurements of ours"
    table = report.markdown(rows, machine)
    click.echo(table, nl=False)
    if markdown:
        markdown.write_text(table)
    _write(json_file, machine, rows)
    if plot_dir:
        for path in plots.draw([row.as_json() for row in rows], plot_dir):
            click.echo(f"wrote {path}", err=True)


def _write(file: Path | None, machine: Mapping[str, str], rows: Sequence[report.Row]) -> None:
    """Write what is there so far, whole or not at all."""
    if file:
        new = file.with_name(f"{file.name}.new")
        figures = {"machine": machine, "figures": [row.as_json() for row in rows]}
        new.write_text(json.dumps(figures, indent=2) + "\n")
        new.replace(file)


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
