"""The command ``stocksync log``: what stocksync did and noticed, and what the ledger was told."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import click
from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb

from stocksync.cli.context import App, pass_app
from stocksync.output import emit, emit_lines, output_options

# A table leaves out what tells programs one entry from another.
_COLUMNS = ("logged_at", "level", "message", "sku", "actor", "context", "log_id")
_SHOWN = len(_COLUMNS) - 1

_POLL = 1.0  # seconds


@click.command()
@click.option(
    "--level",
    type=click.Choice(["info", "warning", "error", "critical"]),
    help="Only events of this level and of those above it.",
)
@click.option(
    "--grep",
    metavar="TEXT",
    help="Only events with this text in message, sku or context, in upper or lower case. Of the "
    "movements those of the last day are searched, with --since or a product all of them.",
)
@click.option("--since", metavar="TIME", help="Only events since then, in the shop's time zone.")
@click.option("--product-id", type=int, metavar="ID", help="Only events about this product.")
@click.option("--sku", help="Only events about this product, by its sku.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=50,
    show_default=True,
    metavar="N",
    help="Only the newest N.",
)
@click.option("-f", "--follow", is_flag=True, help="Go on with what is new, until Ctrl-C.")
@output_options
@pass_app
def log(
    app: App,
    level: str | None,
    grep: str | None,
    since: str | None,
    product_id: int | None,
    sku: str | None,
    limit: int,
    follow: bool,
    output: str | None,
) -> None:
    """Show what stocksync did and noticed, oldest first.

    The creation of a movement is an event of level info, read from the ledger itself; to see the
    rest alone, ask for --level warning. With --follow each event is a line, with --json an object
    on a line.

    \b
    Example:
      stocksync log --level warning
      stocksync log --level=info --grep="stock synchronization"
      stocksync log --sku TEA-EARL-GREY --since '2026-01-01'
      stocksync log --follow

    In SQL: select * from stocksync.read_log(p_level => 'warning', p_limit => 50).
    """
    if product_id is not None and sku is not None:
        raise click.UsageError("--product-id and --sku name one product each; give one of them.")
    filters = {
        "level": level,
        "grep": grep,
        "since": since,
        "product_id": product_id,
        "sku": sku,
    }

    if follow:
        if output == "csv":
            emit(output, _COLUMNS, [])
        for batch in _follow(app, filters, limit):
            emit_lines(output, _COLUMNS, batch if output else _for_people(batch))
            sys.stdout.flush()
    elif output:
        emit(output, _COLUMNS, _read(app, filters, limit))
    else:
        emit(output, _COLUMNS[:_SHOWN], _for_people(_read(app, filters, limit)))


def _read(
    app: App, filters: dict[str, Any], limit: int | None, read_from: str | None = None
) -> Iterator[TupleRow]:
    _, rows = app.query(
        "select * from stocksync.read_log(%(level)s, %(limit)s::bigint, %(grep)s,"
        " greatest(%(since)s::timestamptz, %(from)s::timestamptz),"
        " coalesce(%(product_id)s::bigint, stocksync.product_id(%(sku)s)))",
        {**filters, "limit": limit, "from": read_from},
    )
    return rows


def _follow(app: App, filters: dict[str, Any], limit: int) -> Iterator[list[TupleRow]]:
    """Yield the last events, then for ever those that were committed since, each once.

    To find what was committed late, some is read again: the database says from when on, and
    ``seen`` is what was there before.
    """
    state = _look(app, None)
    seen = {_key(row): row[0] for row in _read(app, filters, None, state["since"])}
    new = list(_read(app, filters, limit))
    while True:
        yield new
        oldest = datetime.fromisoformat(state["oldest"])
        seen.update((_key(row), row[0]) for row in new)
        seen = {key: at for key, at in seen.items() if at >= oldest}
        time.sleep(_POLL)
        state = _look(app, state)
        rows = _read(app, filters, None, state["since"])
        new = [row for row in rows if _key(row) not in seen]


def _look(app: App, last: dict[str, Any] | None) -> dict[str, Any]:
    _, [(state,)] = app.query("select stocksync.follow_log(%s)", (last and Jsonb(last),))
    return dict(state)


def _key(row: TupleRow) -> object:
    """Return what an event has alone: its number in the log, or the movement's."""
    context, log_id = row[-2:]
    return log_id if log_id is not None else ("movement", context["movement_id"])


def _for_people(rows: Iterable[TupleRow]) -> Iterator[TupleRow]:
    """Return events as a table shows them; the sku has its own column."""
    for row in rows:
        context = row[_SHOWN - 1]
        figures = " ".join(f"{name}={value}" for name, value in context.items() if name != "sku")
        yield (*row[: _SHOWN - 1], figures)
