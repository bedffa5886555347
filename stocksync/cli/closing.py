"""``stocksync close``: close the books through a day, or open them again."""

from __future__ import annotations

from datetime import datetime

import click

from stocksync.cli.context import App, pass_app
from stocksync.output import emit_if_asked, output_options, progress


@click.command()
@click.argument("day", required=False, metavar="DAY", type=click.DateTime(["%Y-%m-%d"]))
@click.option("--reopen", is_flag=True, help="Take back the closing of DAY and later, or the last.")
@click.option("--list", "list_", is_flag=True, help="List the closings.")
@output_options
@pass_app
def close(app: App, day: datetime | None, reopen: bool, list_: bool, output: str | None) -> None:
    """Close the books through DAY, in the shop's time zone.

    Movements dated until then are final: late ones are refused, or booked on the first open day, as
    stocksync.settings.late_movements says. The balances are kept. Waits for transactions that are
    writing movements; none of them waits for it.

    \b
    Example:
      stocksync close 2026-10-31
      stocksync close --list
      stocksync close --reopen

    In SQL: call stocksync.close_period('2026-10-31'); select stocksync.reopen_period();
    select * from stocksync.list_closings().
    """
    if list_ and (reopen or day):
        raise click.UsageError("--list shows all closings: it takes no DAY and no --reopen.")
    if not (list_ or reopen or day):
        raise click.UsageError("Which DAY? Or --reopen, or --list.")

    date = day.date() if day else None
    if list_:
        app.show(output, "select * from stocksync.list_closings()")
    elif reopen:
        columns, rows = app.change("select stocksync.reopen_period(%s) as reopened", (date,))
        [(count,)] = rows
        emit_if_asked(output, columns, (count,))
        app.say(f"Closings taken back: {count}")
    else:
        with progress("closing", quiet=app.hides_progress):
            [(closing,)] = app.change("call stocksync.close_period(%s)", (date,))[1]
        emit_if_asked(output, ("closing_id",), (closing,))
        app.say(f"The books are closed through {date}.")
