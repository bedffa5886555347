"""``stocksync refresh`` and ``stocksync audit``: what runs every hour and every night."""

from __future__ import annotations

from typing import LiteralString

import click

from stocksync.cli.context import App, pass_app
from stocksync.cli.sync import print_products, raise_failures
from stocksync.errors import ExitStatus
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
    run = _run(app, "call stocksync.refresh()", "refreshing")
    if run is None:
        app.say("Another refresh is running.")
        return
    columns, rows = app.query("select * from stocksync.run_cost(%s)", (run,))
    if output is None:
        rows = ((step, round(seconds, 3), _told(done)) for step, seconds, done in rows)
    emit(output, columns, rows)
    _, corrected = app.query("select * from stocksync.corrections(%s)", (run,))
    if count := sum(1 for _ in corrected):
        app.say(f"Products corrected: {count}. See `stocksync log --level warning`.")
    raise_failures(app, run)


@click.command()
@output_options
@pass_app
def audit(app: App, output: str | None) -> None:
    """Compare every product with its movements, and correct nothing.

    Looks at every day and type too, as `stocksync sync --force` does, and at the balances of the
    last closing. What differs is recorded, and the exit status is 3. Where a closing differs, what
    it closed was changed behind the triggers: `stocksync restore` books what is missing.

    \b
    Example:
      stocksync audit

    In SQL: call stocksync.audit(); select * from stocksync.findings(1).
    """
    run = _run(app, "call stocksync.audit()", "comparing")
    count = print_products(app, output, "select * from stocksync.findings(%(run)s)", {"run": run})
    [(_, _, done)] = app.query("select * from stocksync.run_cost(%s)", (run,))[1]
    if done["once_negative"]:
        app.say(
            f"Products once below zero: {done['once_negative']}. See `stocksync report negative`."
        )
    app.say(f"Products with discrepancies: {count}")
    if count:
        app.say("Correct them with `stocksync sync --force`.")
        click.get_current_context().exit(ExitStatus.CHECK_FAILED)


def _run(app: App, call: LiteralString, doing: str) -> int | None:
    """Call a procedure that makes a run; return the run's number."""
    with progress(doing, quiet=app.hides_progress):
        [(run,)] = app.change(call)[1]
    if run is None:
        return None
    app.tell_events(run)
    return int(run)


def _told(done: dict[str, object]) -> str:
    """Return what a step dealt with as a table shows it."""
    return ", ".join(f"{name} {value}" for name, value in done.items())
