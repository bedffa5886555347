"""What was measured: ratios with their spread, verdicts, on what machine; as Markdown and JSON."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import psycopg

from stocksync import __version__

Unit = Literal["tx/s", "s", "us", "bytes", "MB", "members", "share"]


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
    """One side of one figure, with the base measured beside it."""

    figure: str
    side: str
    unit: Unit
    values: list[float]
    base: list[float] = field(default_factory=list)
    target: Target | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def ratios(self) -> list[float]:
        """Return each measurement divided by that of the base next to it in time."""
        return [value / base for value, base in zip(self.values, self.base, strict=True) if base]

    @property
    def told_apart(self) -> bool:
        """Return whether the difference is larger than the spread towards it: 1 is not within."""
        return min(self.ratios) > 1 or max(self.ratios) < 1

    @property
    def ratio(self) -> str:
        if not self.base:
            return ""
        if len(self.ratios) < len(self.values):
            return "the base is zero"
        ratios = self.ratios
        spread = f"({min(ratios):.2f}..{max(ratios):.2f})"
        if not self.told_apart:
            return f"not told apart {spread}"
        middle = statistics.median(ratios)
        return f"{middle:.3g} {spread}" if middle < 0.1 else f"{middle:.2f} {spread}"

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
            "values": self.values,
            "base": self.base,
            "ratios": self.ratios if self.base else [],
            "told_apart": self.told_apart if self.base else None,
            "target": str(self.target) if self.target else None,
            "verdict": self.verdict or None,
            "notes": self.notes,
        }


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
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _suffix(unit: Unit) -> str:
    return {"share": " %", "members": ""}.get(unit, f" {unit}")


def markdown(rows: Sequence[Row], machine: dict[str, str]) -> str:
    """Return the table of figures and on what they were taken."""
    lines = [
        "| figure | side | measured | bare | ratio to bare | target | verdict | |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        cells = [
            row.figure,
            row.side,
            measured(row.values, row.unit),
            measured(row.base, row.unit),
            row.ratio,
            str(row.target or ""),
            row.verdict,
            "; ".join(row.notes),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    lines += ["", "Median (smallest..largest). Taken on:", ""]
    lines += [f"- {name}: {value}" for name, value in machine.items()]
    return "\n".join(lines) + "\n"


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
