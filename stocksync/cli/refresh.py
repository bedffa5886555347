"""``stocksync refresh``: what runs every hour."""

from __future__ import annotations

import click

from stocksync.cli.context import App, pass_app
from stocksync.cli.sync import raise_failures
from stocksync.output import emit, output_options, progress


@click.command()
@output_options
@pass_app
def refresh(app: App, output: str | None) -> None:
    """Do what is to be done every hour, and print what each step took.

    Folds pending changes, rolls up the journal, compares every product with the roll-up, corrects
    from the movements what differs, refreshes the reports whose input changed, tidies log and
    jobs. Does nothing if another refresh is running.

    \b
    Example:
      stocksync refresh
      stocksync -q refresh --json

    In SQL: call stocksync.refresh().
    """
    with progress("refreshing", quiet=app.hides_progress):
        [(run,)] = app.change("call stocksync.refresh()")[1]
    if run is None:
        app.say("Another refresh is running.")
        return
    app.tell_events(run)
    columns, rows = app.query("select * from stocksync.run_cost(%s)", (run,))
    if output is None:
        rows = ((step, round(seconds, 3), _told(done)) for step, seconds, done in rows)
    emit(output, columns, rows)
    _, corrected = app.query("select * from stocksync.corrections(%s)", (run,))
    if count := sum(1 for _ in corrected):
        app.say(f"Products corrected: {count}. See `stocksync log --level warning`.")
    raise_failures(app, run)


def _told(done: dict[str, object]) -> str:
    """Return what a step dealt with as a table shows it."""
    return ", ".join(f"{name} {value}" for name, value in done.items())
