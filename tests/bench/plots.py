"""The plots of the README, from the raw figures: ``python -m tests.bench.plots FILE DIRECTORY``."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

Row = Mapping[str, Any]  # of the raw figures

# The same figures, the same file: no date, and no identifier drawn by chance.
STYLE: Any = {
    "svg.hashsalt": "stocksync",
    "svg.fonttype": "none",  # text stays text, in the font of whoever looks at it
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": "#dddddd",
    "legend.frameon": False,
}
# Ours in full colours, what people build by hand in dashes.
SIDES = {
    "bare": {"color": "#777777", "marker": "s", "label": "bare: no stock kept"},
    "wait": {"color": "#1f77b4", "marker": "o", "label": "wait"},
    "never_wait": {"color": "#2ca02c", "marker": "o", "label": "never_wait"},
    "recompute": {
        "color": "#d62728",
        "marker": "x",
        "linestyle": "--",
        "label": "by hand: sum recomputed per insert",
    },
    "row": {"color": "#ff7f0e", "marker": "^", "linestyle": "--", "label": "by hand: row trigger"},
    "ordered": {
        "color": "#9467bd",
        "marker": "v",
        "linestyle": "--",
        "label": "by hand: ordered statement trigger",
    },
}
SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6}


def draw(rows: Sequence[Row], directory: Path) -> list[Path]:
    """Write each plot for which there are figures; return the paths."""
    directory.mkdir(parents=True, exist_ok=True)
    plots: dict[str, Callable[[Sequence[Row]], Figure]] = {
        "throughput": throughput,
        "latency": latency,
        "growth": growth,
    }
    written = []
    with mpl.rc_context(STYLE):
        for name, plot in plots.items():
            if found := [row for row in rows if row["place"].get("plot") == name]:
                path = directory / f"{name}.svg"
                plot(found).savefig(path, metadata={"Date": None}, facecolor="white")
                written.append(path)
    return written


def throughput(rows: Sequence[Row]) -> Figure:
    """Transactions a second by clients: a line of panels for each load, one for each commit."""
    loads, commits = _places(rows, "load"), sorted(_places(rows, "commit"))
    figure = Figure(figsize=(2.6 * len(commits) + 1.4, 2.6 * len(loads) + 1.2))
    panels = figure.subplots(len(loads), len(commits), sharex=True, sharey=True, squeeze=False)
    for line, load in zip(panels, loads, strict=True):
        for axes, commit in zip(line, commits, strict=True):
            here = [
                r for r in rows if r["place"]["load"] == load and r["place"]["commit"] == commit
            ]
            for side, style in SIDES.items():
                points = sorted(
                    (row["place"]["clients"], row["median"]) for row in here if row["side"] == side
                )
                if points:
                    axes.plot(*zip(*points, strict=True), markersize=4, linewidth=1.5, **style)
            axes.set_xscale("log", base=2)
            axes.set_yscale("log")
            axes.set_title(f"{load}\ncommit of {commit:g} ms", fontsize=9)
            clients = sorted({row["place"]["clients"] for row in rows})
            axes.set_xticks(clients, [f"{count:g}" for count in clients])
            axes.minorticks_off()
    for axes in panels[-1]:
        axes.set_xlabel("clients")
    for line in panels:
        line[0].set_ylabel("transactions a second")
        line[0].yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    _legend(figure, panels.flat)
    return figure


def latency(rows: Sequence[Row]) -> Figure:
    """Percentiles of the latency: a panel for each load, a group of bars for each percentile."""
    loads, percentiles = _places(rows, "load"), _places(rows, "percentile")
    figure = Figure(figsize=(4.2 * len(loads) + 0.6, 3.8))
    panels = figure.subplots(1, len(loads), sharey=True, squeeze=False)[0]
    sides = [side for side in SIDES if any(row["side"] == side for row in rows)]
    width = 0.8 / len(sides)
    for axes, load in zip(panels, loads, strict=True):
        for number, side in enumerate(sides):
            median = {
                row["place"]["percentile"]: row["median"]
                for row in rows
                if row["place"]["load"] == load and row["side"] == side
            }
            bars = axes.bar(
                [at + (number - (len(sides) - 1) / 2) * width for at in range(len(percentiles))],
                [median.get(name, 0) for name in percentiles],
                width,
                color=SIDES[side]["color"],
                label=SIDES[side]["label"],
            )
            axes.bar_label(bars, fmt="{:.3g}", padding=2, fontsize=8)
        axes.set_yscale("log")
        axes.set_xticks(range(len(percentiles)), percentiles)
        axes.set_title(load, fontsize=9)
        axes.grid(visible=False, axis="x")
        axes.margins(y=0.12)
    panels[0].set_ylabel("milliseconds of a one-row insert")
    panels[0].yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    _legend(figure, panels)
    return figure


def growth(rows: Sequence[Row]) -> Figure:
    """What each cost is at each size: a panel for each axis."""
    kinds, costs = _places(rows, "axis"), _places(rows, "cost")
    figure = Figure(figsize=(4.4 * len(kinds) + 0.6, 4.6))
    panels = figure.subplots(1, len(kinds), sharey=True, squeeze=False)[0]
    for axes, kind in zip(panels, kinds, strict=True):
        for number, cost in enumerate(costs):
            points = sorted(
                (row["place"]["x"], row["median"] * SECONDS[row["unit"]])
                for row in rows
                if row["place"]["axis"] == kind and row["place"]["cost"] == cost
            )
            if points:
                axes.plot(
                    *zip(*points, strict=True),
                    color=f"C{number}",
                    marker="osv^Dx*"[number % 7],
                    markersize=4,
                    label=cost,
                )
        here = [row["place"] for row in rows if row["place"]["axis"] == kind]
        sizes = sorted({place["x"] for place in here})
        axes.set_title(here[0]["fixed"], fontsize=9)
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
        axes.minorticks_off()
        axes.set_xlabel(kind)
    panels[0].set_ylabel("seconds")
    panels[0].yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    _legend(figure, panels)
    return figure


def _places(rows: Iterable[Row], name: str) -> list[Any]:
    """Return the different places of one name, in the order in which they come."""
    return list(dict.fromkeys(row["place"][name] for row in rows))


def _legend(figure: Figure, panels: Iterable[Axes]) -> None:
    """Put one legend below all panels, with room for it."""
    found = {
        label: handle
        for axes in panels
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)
    }
    columns = max(1, min(3, int(figure.get_figwidth() // 2.8)))
    height = 0.19 * -(-len(found) // columns) + 0.15
    figure.legend(found.values(), found.keys(), loc="lower center", ncols=columns)
    figure.tight_layout(rect=(0, height / figure.get_figheight(), 1, 1), w_pad=2)


if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:])
    for path in draw(json.loads(source.read_text())["figures"], target):
        print(path)
