"""How long a writer waits: the median, and the worst of a hundred and of a thousand."""

from __future__ import annotations

import math
from collections.abc import Generator

from tests.bench.figure import Figure, Measure, Shown
from tests.bench.harness import COMMITS, SIDES, SLOW, Bench, Sample, named
from tests.bench.pgbench import BenchError
from tests.bench.sweep import LOADS

PERCENTILES = {"p50": 0.5, "p99": 0.99, "p99.9": 0.999}


def latency(bench: Bench) -> Generator[Figure, None, None]:
    """Percentiles of the time that a one-row insert takes."""
    shapes, repetitions = list(LOADS.items()), bench.size.repetitions
    if not bench.size.thorough:
        shapes, repetitions = shapes[-1:], 1
    for load, products in shapes:

        def side(name: str, products: int = products) -> Measure:
            return lambda: _measured(bench, name, products)

        title = f"latency of a one-row insert, {load}, {named(SLOW)}"
        yield Figure(
            title,
            "ms",
            {name: side(name) for name in SIDES},
            [
                Shown(
                    name,
                    None if name == "bare" else "bare",
                    title=f"{percentile} {title}",
                    part=percentile,
                    place={"plot": "latency", "load": load, "percentile": percentile},
                )
                for percentile in PERCENTILES
                for name in SIDES
            ],
            repetitions,
        )


def _measured(bench: Bench, side: str, products: int) -> Sample:
    with bench.fresh(side, products) as database:
        load = database.pgbench(
            "one_row",
            clients=bench.size.clients,
            seconds=max(1, bench.size.seconds),
            settings=COMMITS[SLOW],
            latencies=True,
        )
        wrong = bench.check(database, load.done)
    return Sample(
        percentile(load.latencies, 0.5) / 1e3,
        load.failed_share,
        wrong,
        {name: percentile(load.latencies, share) / 1e3 for name, share in PERCENTILES.items()},
    )


def percentile(latencies: list[int], share: float) -> int:
    """Return what that share of the transactions did not exceed."""
    if not latencies:
        raise BenchError("no transaction was logged after the warm-up")
    return sorted(latencies)[math.ceil(share * len(latencies)) - 1]
