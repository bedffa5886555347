"""How rows reach stdout: a table for people, JSON and CSV for programs.

stdout carries data only; progress goes to stderr.
"""

from __future__ import annotations

import csv
import datetime
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from itertools import islice
from typing import Any, TypeVar

import click
from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

Command = TypeVar("Command", bound=Callable[..., Any])
Row = Sequence[Any]

_PAGE = 1000  # rows of a table that are in memory at once

# Of a column: nothing at all, then from little to most. Of a bar: the eighths of a character.
_COLUMNS = "▁▂▃▄▅▆▇█"
_BARS = "▏▎▍▌▋▊▉█"

_STATUS_STYLES = {
    "ok": "green",
    "warning": "yellow",
    "failure": "red",
    "error": "red",
    "critical": "bold red",
}


class Drawing(str):
    """Text that means nothing when it is broken over two lines."""

    __slots__ = ()


def output_options(command: Command) -> Command:
    """Give a command ``--json`` and ``--csv``; it receives ``output``, to be handed to `emit`."""
    for name, text in (("csv", "Print CSV with a header line."), ("json", "Print a JSON array.")):
        command = click.option(
            f"--{name}", "output", flag_value=name, type=str, default=None, help=text
        )(command)
    return command


def emit(output: str | None, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Print ``rows`` as ``output`` says ("json", "csv", or None for a table).

    JSON and CSV are written row by row, so that an iterator of any length needs no memory. A table
    must see its rows to know its widths: a long one is printed in pages, each with its own.
    """
    if output == "json":
        _emit_json(columns, rows)
    elif output == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_text(value) for value in row] for row in rows)
    else:
        emit_page = _emit_table if sys.stdout.isatty() else _emit_aligned
        remaining = iter(rows)
        page = list(islice(remaining, _PAGE))
        emit_page(columns, page)
        while page := list(islice(remaining, _PAGE)):
            emit_page(columns, page)


def emit_if_asked(output: str | None, columns: Sequence[str], row: Row) -> None:
    """Print the result of a change for programs; people are told in words."""
    if output:
        emit(output, columns, [row])


def emit_lines(output: str | None, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Print each of ``rows`` on a line of its own, for whoever reads them as they come.

    That is an object with ``output`` "json", a line of CSV, or for people values without columns.
    """
    for row in rows:
        if output == "json":
            sys.stdout.write(to_json(dict(zip(columns, row, strict=True))) + "\n")
        elif output == "csv":
            csv.writer(sys.stdout, lineterminator="\n").writerow(_text(value) for value in row)
        else:
            sys.stdout.write("  ".join(filter(None, map(_cell, row))) + "\n")


@contextmanager
def progress(
    description: str, total: float | None = None, *, quiet: bool = False
) -> Iterator[Callable[[float], None]]:
    """Show a progress bar on stderr and yield the function that advances it.

    Nothing is shown if ``quiet``, or if stderr is not a terminal.
    """
    if quiet or not sys.stderr.isatty():
        yield lambda _amount: None
        return
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(description, total=total)
        yield lambda amount: bar.advance(task, amount)


def sparkline(values: Sequence[Decimal]) -> Drawing:
    """Draw each value as a column, the largest as the highest; nothing, or less, as the lowest."""
    columns = _COLUMNS if can_print(_COLUMNS) else "_.:-=+*#"
    steps = len(columns) - 1
    most = max(values, default=Decimal(0))
    return Drawing("".join(columns[_step(value, most, steps)] for value in values))


def bar(value: Decimal, most: Decimal, width: int = 20) -> Drawing:
    """Draw a value as a bar, ``width`` characters long if it is ``most``."""
    eighths = _step(value, most, width * len(_BARS))
    full, rest = divmod(eighths, len(_BARS))
    if not can_print(_BARS):
        return Drawing("#" * (full + bool(rest)))
    return Drawing(_BARS[-1] * full + _BARS[rest - 1 : rest])


def plain_number(number: Decimal) -> str:
    """Return a decimal as people write it: ``15``, not ``15.000000`` and never ``1.5E+1``."""
    text = f"{number:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def signed_number(number: Decimal) -> str:
    """Return a decimal as people write a change: with its sign, also of a rise."""
    return ("+" if not number.is_nan() and number > 0 else "") + plain_number(number)


def printable(text: str) -> str:
    """Return ``text`` as one line, with nothing in it that a terminal obeys."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def to_json(value: object) -> str:
    """Return ``value`` as JSON in which a decimal is a number with all its digits."""
    # json.dumps would need Decimal as float or as string: the first rounds, the second is no number
    if isinstance(value, Decimal) and value.is_finite():
        return plain_number(value)
    if isinstance(value, dict):
        pairs = (f"{json.dumps(str(key))}: {to_json(item)}" for key, item in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(to_json, value)) + "]"
    if value is None or isinstance(value, (bool, int, float, str)):
        return json.dumps(value, ensure_ascii=False)
    return json.dumps(_text(value), ensure_ascii=False)


def _step(value: Decimal, most: Decimal, steps: int) -> int:
    """Return how many of ``steps`` a value is, if ``most`` is all of them; at least one if any."""
    return max(1, round(value * steps / most)) if value > 0 else 0


def can_print(text: str) -> bool:
    """Tell whether stdout knows these characters."""
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def _emit_json(columns: Sequence[str], rows: Iterable[Row]) -> None:
    separator = "["
    for row in rows:
        sys.stdout.write(f"{separator}\n  {to_json(dict(zip(columns, row, strict=True)))}")
        separator = ","
    sys.stdout.write("[]\n" if separator == "[" else "\n]\n")


def _emit_table(columns: Sequence[str], rows: Sequence[Row]) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for position, (column, number) in enumerate(zip(columns, _numeric(columns, rows), strict=True)):
        drawn = any(isinstance(row[position], Drawing) for row in rows)
        table.add_column(
            Text(column),
            justify="right" if number else "left",
            no_wrap=number or drawn,
            overflow="fold",
        )
    for row in rows:
        # Text, since a plain string would be read as markup: "[red]" may be a product's name
        table.add_row(*(Text(_cell(value), style=_style(value)) for value in row))
    Console().print(table)


def _emit_aligned(columns: Sequence[str], rows: Sequence[Row]) -> None:
    numeric = _numeric(columns, rows)
    cells = [list(columns), *([_cell(value) for value in row] for row in rows)]
    widths = [max(map(cell_len, column)) for column in zip(*cells, strict=True)]
    cells.insert(1, ["-" * width for width in widths])
    for line in cells:
        padded = (
            padding + cell if number else cell + padding
            for cell, width, number in zip(line, widths, numeric, strict=True)
            for padding in [" " * (width - cell_len(cell))]
        )
        sys.stdout.write("  ".join(padded).rstrip() + "\n")


def _numeric(columns: Sequence[str], rows: Sequence[Row]) -> list[bool]:
    """Tell for each column whether it holds numbers, which are aligned to the right."""

    def is_numeric(position: int) -> bool:
        values = [row[position] for row in rows if row[position] is not None]
        return bool(values) and all(
            isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)
            for value in values
        )

    return [is_numeric(position) for position in range(len(columns))]


def _style(value: object) -> str:
    if isinstance(value, Drawing):
        return "cyan"
    return _STATUS_STYLES.get(value, "") if isinstance(value, str) else ""


def _cell(value: object) -> str:
    """Return ``value`` for a table: one line, whole seconds, nothing a terminal obeys."""
    return printable(
        value.isoformat(" ", "seconds") if isinstance(value, datetime.datetime) else _text(value)
    )


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case Decimal():
            return plain_number(value)
        case datetime.date() | datetime.time():
            return value.isoformat()
        case dict() | list() | tuple():
            return to_json(value)
        case bytes():
            return "\\x" + value.hex()
        case _:
            return str(value)
