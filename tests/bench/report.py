"""What was measured: ratios with their spread, verdicts, on what machine; as Markdown and JSON.

A ratio is one of two measurements that are neighbours in time, one for each round; what is given is
their median, with the smallest and the largest. It is refused ("not told apart") when the spread is
larger than the difference: when the largest ratio divided by the smallest is no less than the
median's own distance from 1, as a factor. So it is whenever one round says more and another less.
Of one round nothing is known of the spread: no ratio either.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import psycopg

from stocksync import __version__

Unit = Literal["tx/s", "s", "ms", "us", "bytes", "MB", "members", "share", "units"]
LARGER_IS_BETTER: tuple[Unit, ...] = ("tx/s", "units")  # of the others, smaller


@dataclass(frozen=True)
class Target:
    """A limit for the ratio to the base, or for the figure itself where it has no base."""

    least: float | None = None
    most: float | None = None

    def __str__(self) -> str:
        return f">= {self.least:g}" if self.least is not None else f"<= {self.most:g}"

    def holds(self, value: float) -> bool:
        return value >= self.least if self.least is not None else value <= (self.most or 0.0)


@dataclass
class Row:
    """One side of one figure, with what was measured beside it."""

    figure: str
    side: str
    unit: Unit
    values: list[float]
    beside: str = ""
    base: list[float] = field(default_factory=list)
    target: Target | None = None
    notes: list[str] = field(default_factory=list)
    place: Mapping[str, str | float] = field(default_factory=dict)  # in a plot

    @property
    def ratios(self) -> list[float]:
        """Return each measurement divided by that of the base next to it in time."""
        return [value / base for value, base in zip(self.values, self.base, strict=True) if base]

    @property
    def told_apart(self) -> bool:
        """Return whether the difference is larger than the spread, both as factors."""
        ratios = self.ratios
        if len(ratios) < 2 or min(ratios) <= 0:
            return False
        middle = statistics.median(ratios)
        return max(ratios) / min(ratios) < max(middle, 1 / middle)

    @property
    def ratio(self) -> str:
        if not self.base:
            return ""
        ratios = self.ratios
        if len(ratios) < len(self.values):
            return "the base is zero"
        if len(ratios) < 2:
            return "one round only"
        spread = f"({_ratio(min(ratios))}..{_ratio(max(ratios))})"
        if not self.told_apart:
            return f"not told apart {spread}"
        return f"{_ratio(statistics.median(ratios))} {spread}"

    @property
    def verdict(self) -> str:
        if self.target is None:
            return ""
        measured = self.ratios if self.base else self.values
        if not measured:
            return "not measured"
        held = [self.target.holds(value) for value in measured]
        if all(held) or not any(held):
            return "met" if all(held) else "**not met**"
        met = self.target.holds(statistics.median(measured))
        return ("met" if met else "**not met**") + " by the median, within the spread"

    def as_json(self) -> dict[str, Any]:
        return {
            "figure": self.figure,
            "side": self.side,
            "unit": self.unit,
            "better": "larger" if self.unit in LARGER_IS_BETTER else "smaller",
            "values": self.values,
            "median": statistics.median(self.values) if self.values else None,
            "beside": self.beside or None,
            "base": self.base,
            "ratios": self.ratios if self.base else [],
            "ratio": statistics.median(self.ratios) if self.base and self.told_apart else None,
            "told_apart": self.told_apart if self.base else None,
            "target": str(self.target) if self.target else None,
            "verdict": self.verdict or None,
            "notes": self.notes,
            "place": dict(self.place),
        }


def _ratio(value: float) -> str:
    return f"{value:.2f}" if 0.1 <= value < 1000 else f"{value:.3g}"


def measured(values: Sequence[float], unit: Unit) -> str:
    """Return the median and the spread."""
    if not values:
        return ""
    if max(values) == min(values):
        return f"{_number(values[0], unit)}{_suffix(unit)}"
    low, middle, high = (
        _number(value, unit) for value in (min(values), statistics.median(values), max(values))
    )
    return f"{middle} ({low}..{high}){_suffix(unit)}"


def _number(value: float, unit: Unit) -> str:
    if unit == "share":
        return f"{value * 100:.3g}"
    return f"{value:,.0f}" if abs(value) >= 999.5 else f"{value:.3g}"


def _suffix(unit: Unit) -> str:
    return {"share": " %", "members": ""}.get(unit, f" {unit}")


def markdown(rows: Sequence[Row], machine: Mapping[str, str]) -> str:
    """Return the table of figures, the grid of the sweep, and on what they were taken."""
    lines = []
    if table := [row for row in rows if row.place.get("plot") != "throughput"]:
        lines += [
            "| figure | side | measured | beside | that measured | ratio | target | verdict | |",
            "|---|---|---|---|---|---|---|---|---|",
            *map(_line, table),
            "",
            "Median (smallest..largest) of rounds in which the sides were measured in turn. Not "
            "told apart: the spread of the ratios, the largest divided by the smallest, is no "
            "smaller than the median's difference from 1, as a factor. Beside never_wait and "
            "escrow a worker folds what is pending, four times a second.",
            "",
        ]
    if swept := [row for row in rows if row.place.get("plot") == "throughput"]:
        lines += [*_grid(swept), ""]
    lines += ["Taken on:", ""]
    lines += [f"- {name}: {value}" for name, value in machine.items()]
    return "\n".join(lines) + "\n"


def _line(row: Row) -> str:
    cells = [
        row.figure,
        row.side,
        measured(row.values, row.unit),
        row.beside,
        measured(row.base, row.unit),
        row.ratio,
        str(row.target or ""),
        row.verdict,
        "; ".join(row.notes),
    ]
    return "| " + " | ".join(cells) + " |"


def _grid(rows: Sequence[Row]) -> Iterator[str]:
    """Yield what was swept, measured once each: a line for each load, commit and side."""
    clients = sorted({float(row.place["clients"]) for row in rows})
    lines: dict[tuple[str, float, str], dict[float, Row]] = {}
    for row in rows:
        key = (str(row.place["load"]), float(row.place["commit"]), row.side)
        lines.setdefault(key, {})[float(row.place["clients"])] = row
    yield "| tx/s by clients, one round | commit | side |" + "".join(f" {c:g} |" for c in clients)
    yield "|---|---|---|" + "---|" * len(clients)
    for (load, commit, side), cells in lines.items():
        rates = (measured(cells[c].values, "tx/s")[:-5] if c in cells else "" for c in clients)
        yield f"| {load} | {commit:g} ms | {side} |" + "".join(f" {rate} |" for rate in rates)


def describe(connection: psycopg.Connection) -> dict[str, str]:
    """Return on what the figures are taken: machine, server, settings."""
    version = connection.execute("select version()").fetchone()
    settings = connection.execute(
        "select string_agg(name || ' = ' || current_setting(name), ', ' order by name)"
        " from pg_settings"
        " where name in ('autovacuum', 'checkpoint_timeout', 'deadlock_timeout', 'fsync',"
        " 'full_page_writes', 'jit', 'max_wal_size', 'shared_buffers', 'synchronous_commit',"
        " 'wal_level', 'wal_sync_method', 'work_mem')"
    ).fetchone()
    return {
        "stocksync": f"{__version__}, commit {_commit()}",
        "server": str(version and version[0]),
        "settings": str(settings and settings[0]),
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GB",
        "system": platform.platform(),
        "load average at start": f"{os.getloadavg()[0]:.2f}",
    }


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _commit() -> str:
    run = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return run.stdout.strip() or "unknown"
