"""``stocksync undo``: take back a run, or a batch of movements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, LiteralString

import click
from psycopg.rows import TupleRow

from stocksync.cli.context import App, pass_app
from stocksync.output import emit, output_options, progress, signed_number

_HEADINGS = {
    "sku": "SKU",
    "name": "Name",
    "movements": "Movements",
    "corrections": "Corrections",
    "quantity_before": "Before",
    "change": "Change",
    "quantity_after": "After",
}
_LEFT_OUT = {
    "already_reversed": "Left out, reversed already",
    "reversals": "Left out, reversals themselves",
    "gone": "Deleted since",
}


@click.command()
@click.argument("run", type=click.IntRange(1, 2**63 - 1), required=False)
@click.option("--movements", is_flag=True, help="Undo movements by what they are, not a run.")
@click.option(
    "--since",
    metavar="TIME",
    help="Movements recorded since then, in the shop's time zone, whenever they occurred.",
)
@click.option("--type", "type_", metavar="TYPE", help="Only this transaction type.")
@click.option("--reference", metavar="TEXT", help="Only movements with this reference.")
@click.option("--live", is_flag=True, help="Do it; without, show what would be done.")
@output_options
@pass_app
def undo(
    app: App,
    run: int | None,
    movements: bool,
    since: str | None,
    type_: str | None,
    reference: str | None,
    live: bool,
    output: str | None,
) -> None:
    """Take back what RUN did: an import, a stock-take, a restore, a sync. Or a batch of movements.

    Movements are reversed by opposite ones of the same date (or, where that is closed, of when the
    ledger opens), corrections put back by opposite ones; nothing is deleted. Whole or not at all.
    What is reversed already is left as it is. A count whose correction goes stands no longer;
    another count since stands, and the stock with it. Shows what it would do, and does it with
    --live.

    The number of a run is in the log. An undo is a run too, and cannot be undone. The keys of an
    import that was undone stay used: import again with new ones.

    \b
    Example:
      stocksync log --grep imported
      stocksync undo 17
      stocksync undo 17 --live
      stocksync undo --movements --since '2026-10-31 17:00' --type sale --reference ORDER-9

    In SQL: select * from stocksync.undo_dry_run(17); call stocksync.undo(17);
    call stocksync.undo(p_since => '2026-10-31 17:00', p_type => 'sale').
    """
    if movements == (run is not None):
        raise click.UsageError("Give the number of a run, or --movements --since TIME.")
    if movements and since is None:
        raise click.UsageError("--movements needs --since: when the first of them was recorded.")
    if run is not None and (since or type_ or reference):
        raise click.UsageError("--since, --type and --reference choose --movements, not a run.")

    scope = (run, since, type_, reference)
    undo_run = None
    if live:
        # before, since what is undone then counts as reversed
        left_out = _left_out(app, scope)
        with progress("undoing", quiet=app.hides_progress):
            [(undo_run,)] = app.change("call stocksync.undo(%s, %s, %s, %s)", scope)[1]
        app.tell_events(undo_run)
        reversed_, put_back = _print(app, output, "select * from stocksync.undone(%s)", (undo_run,))
    else:
        reversed_, put_back = _print(
            app, output, "select * from stocksync.undo_dry_run(%s, %s, %s, %s)", scope
        )
        left_out = _left_out(app, scope)

    app.say(f"Movements {'' if live else 'to be '}reversed: {reversed_}")
    app.say(f"Corrections {'' if live else 'to be '}put back: {put_back}")
    for text in left_out:
        app.say(text)
    if not reversed_ and not put_back:
        app.say("Nothing is left to undo.")
    elif live:
        app.say(f"Undone by run {undo_run}.")
    else:
        app.say("Nothing is changed yet. Run the same with --live to apply.")


def _left_out(app: App, scope: tuple[Any, ...]) -> list[str]:
    """Return in words what an undo leaves as it is."""
    columns, rows = app.query("select * from stocksync.undo_counts(%s, %s, %s, %s)", scope)
    [row] = rows
    counts = dict(zip(columns, row, strict=True))
    return [f"{text}: {counts[name]}" for name, text in _LEFT_OUT.items() if counts[name]]


def _print(
    app: App, output: str | None, query: LiteralString, parameters: tuple[Any, ...]
) -> tuple[int, int]:
    """Print the products of a dry or a live undo, for people with fewer columns.

    Returns how many movements and corrections it is about.
    """
    columns, rows = app.query(query, parameters)
    totals = Counter[str]()

    def counted() -> Iterator[TupleRow]:
        for row in rows:
            totals.update({name: row[columns.index(name)] for name in ("movements", "corrections")})
            yield row

    if output:
        emit(output, columns, counted())
    else:
        emit(
            None,
            list(_HEADINGS.values()),
            ([_cell(name, row[columns.index(name)]) for name in _HEADINGS] for row in counted()),
        )
    return totals["movements"], totals["corrections"]


def _cell(name: str, value: object) -> object:
    """Return a value as the table shows it: a change with its sign."""
    if name == "change" and isinstance(value, Decimal):
        return signed_number(value)
    return value
