"""Load by pgbench, and what it reports: transactions a second, failed ones, latencies."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from stocksync.embedded import find_tool

SCRIPTS = Path(__file__).parent / "load"
WARM_UP = 1  # seconds in which sessions compile functions and plan, once each


class BenchError(Exception):
    """A measurement is void."""


@dataclass(frozen=True)
class Load:
    """What pgbench reports: committed transactions, failed ones, committed ones a second."""

    done: int
    failed: int
    rate: float
    rates: list[float] = field(default_factory=list)  # of each second, the first one included
    latencies: list[int] = field(default_factory=list)  # microseconds, if they were asked for

    @property
    def failed_share(self) -> float:
        return self.failed / max(self.done + self.failed, 1)


def run(
    url: str,
    script: str,
    *,
    products: int,
    clients: int,
    seconds: int | None = None,
    transactions: int | None = None,
    settings: Mapping[str, str] | None = None,
    latencies: bool = False,
) -> Load:
    """Run ``load/<script>.sql``, ``seconds`` after the warm-up or so many transactions a client."""
    limit = ["-t", str(transactions)] if seconds is None else ["-T", str(seconds + WARM_UP)]
    options = " ".join(f"-c {name}={value}" for name, value in (settings or {}).items())
    with tempfile.TemporaryDirectory(prefix="stocksync-bench-") as directory:
        log = ["--log", "--log-prefix", f"{directory}/log"] if latencies else []
        done = subprocess.run(
            [
                *(str(find_tool("pgbench")), "--no-vacuum", "--protocol=prepared", "--progress=1"),
                *("--max-tries=1", "--failures-detailed"),
                *("--client", str(clients), "--jobs", str(min(clients, 2)), *limit, *log),
                *("--define", f"products={products}"),
                *("--file", str(SCRIPTS / f"{script}.sql"), url),
            ],
            env={**os.environ, "PGOPTIONS": options},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise BenchError(f"pgbench failed:\n{done.stderr[-2000:]}")
        lines = [
            line for path in Path(directory).glob("log.*") for line in path.read_text().splitlines()
        ]
    return parse(done.stdout, done.stderr, lines)


def parse(output: str, progress: str, log: list[str] | None = None) -> Load:
    """Return what was reported, the warm-up left out of the rate and of the latencies."""
    done = int(_find(r"actually processed: (\d+)", output))
    failed = int(_find(r"number of failed transactions: (\d+)", output))
    rate = float(_find(r"tps = ([\d.]+)", output))
    seconds = [
        (float(at), float(tps))
        for at, tps in re.findall(r"progress: ([\d.]+) s, ([\d.]+) t", progress)
    ]
    if seconds and rate > 0:
        warm_up, warm_rate = seconds[0]
        rest = done / rate - warm_up
        if rest > 0.5:
            rate = (done - warm_up * warm_rate) / rest
    return Load(done, failed, rate, [tps for _, tps in seconds], _latencies(log or []))


def _latencies(log: list[str]) -> list[int]:
    """Return the latencies after the warm-up; a transaction that failed has none.

    A line says client, number, microseconds, script, and the second and microsecond of its end.
    """
    taken = [line.split() for line in log]
    ended = [(int(words[4]) + int(words[5]) / 1e6, words[2]) for words in taken]
    begun = min((at for at, _ in ended), default=0.0)
    return [int(time) for at, time in ended if at >= begun + WARM_UP and time.isdigit()]


def _find(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    if not found:
        raise BenchError(f"pgbench did not say {pattern}:\n{text}")
    return found[1]
