"""The stock as a curve: drawn with characters, or as SVG or PNG by matplotlib.

It is a step: a quantity holds until the next movement.
"""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from stocksync.errors import StocksyncError
from stocksync.output import can_print, plain_number

_HEIGHT = 12
# axis, zero line, level, upright; the corners of a rise (below, above) and a fall (above, below)
_LINES = "┤┄─│╯╭╮╰"
_ASCII = "|.-|++++"


class Point(NamedTuple):
    """The stock at a time."""

    at: datetime
    quantity: Decimal


def room() -> tuple[int, int]:
    """Return width and height of a chart on this terminal, or where there is none."""
    size = shutil.get_terminal_size()
    return size.columns - 1, max(3, min(_HEIGHT, size.lines - 4))


def draw(points: Sequence[Point], width: int, height: int) -> Iterator[str]:
    """Yield the lines of a chart, at most ``width`` characters wide.

    Where there are more points than columns, a column reaches from the least to the most of its
    points, and goes on from the last.
    """
    lines = _LINES if can_print(_LINES) else _ASCII
    axis, zero, level, upright, rise, risen, fall, fallen = list(lines)
    quantities = [point.quantity for point in points]
    most, least = max(quantities), min(quantities)
    zero_row = None
    if most == least:
        height = 1
    elif least < 0 < most:
        zero_row = _row(Decimal(0), least, most, height)
    labels = {0: plain_number(least), height - 1: plain_number(most)}
    if zero_row is not None:
        labels.setdefault(zero_row, "0")
    margin = max(map(len, labels.values()))
    columns = max(2, width - margin - 2)

    grid = [[" "] * columns for _ in range(height)]
    if zero_row is not None:
        grid[zero_row] = [zero] * columns
    before = _row(quantities[0], least, most, height)
    for x in range(columns):
        first = x * len(points) // columns
        last = max(first + 1, (x + 1) * len(points) // columns)
        rows = [_row(quantity, least, most, height) for quantity in quantities[first:last]]
        now = rows[-1]
        for y in range(min(before, *rows), max(before, *rows) + 1):
            grid[y][x] = upright
        if before == now:
            if min(rows) == max(rows) == now:
                grid[now][x] = level
        else:
            if before in (min(before, *rows), max(before, *rows)):
                grid[before][x] = rise if now > before else fall
            if now in (min(before, *rows), max(before, *rows)):
                grid[now][x] = risen if now > before else fallen
        before = now

    for y in reversed(range(height)):
        yield f"{labels.get(y, ''):>{margin}} {axis}{''.join(grid[y])}".rstrip()
    begin, end = (point.at.isoformat(" ", "minutes")[:16] for point in (points[0], points[-1]))
    yield f"{'':{margin}}  {begin}{end:>{max(len(end) + 1, columns - len(begin))}}"


def check(file: str) -> None:
    """Raise StocksyncError if ``plot`` could not write ``file``."""
    if Path(file).suffix.lower() not in (".svg", ".png"):
        raise StocksyncError(
            f'cannot plot to "{file}"', hint="Give a name that ends in .svg or .png."
        )
    if find_spec("matplotlib") is None:
        raise StocksyncError(
            "matplotlib is not installed",
            hint="Run: pip install 'stocksync[plot]'. Without --plot the terminal shows the curve.",
        )


def plot(points: Sequence[Point], title: str, file: str) -> None:
    """Write a chart to ``file``, an SVG or a PNG by its suffix."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib.figure import Figure

    # An SVG keeps its text, for the fonts of whoever looks at it. What the fonts of matplotlib lack
    # is a box in a PNG, and nothing to warn of.
    with (
        mpl.rc_context({"date.converter": "concise", "svg.fonttype": "none"}),
        warnings.catch_warnings(),
    ):
        warnings.filterwarnings("ignore", r"Glyph \d+ .* missing", UserWarning)
        figure = Figure(figsize=(10, 5), layout="constrained")
        axes = figure.subplots()
        # the times know their zone, and matplotlib labels them in it
        times: Any = [point.at for point in points]
        axes.step(times, [float(point.quantity) for point in points], where="post")
        if any(point.quantity < 0 for point in points):
            axes.axhline(0, color="black", linewidth=0.8)
        axes.set_title(title, parse_math=False, wrap=True)
        axes.set_xlabel(f"time ({points[0].at.tzinfo})")
        axes.set_ylabel("units in stock")
        axes.grid(visible=True, alpha=0.3)
        try:
            figure.savefig(file, dpi=150)
        except OSError as error:
            raise StocksyncError(f'cannot write "{file}": {error.strerror or error}') from error


def _row(quantity: Decimal, least: Decimal, most: Decimal, height: int) -> int:
    return 0 if most == least else round((quantity - least) * (height - 1) / (most - least))
