"""The command ``stocksync doctor``."""

from __future__ import annotations

from collections.abc import Iterator

import click
import psycopg

from stocksync import inject, migrate, objects
from stocksync.cli.context import App, pass_app
from stocksync.errors import ExitStatus
from stocksync.output import emit, output_options, progress

COLUMNS = ("check_name", "status", "detail", "cure")
INJECT_COLUMNS = ("fault", "found", "class", "cause", "cured", "detail")
Finding = tuple[str, str, str, str | None]


@click.command()
@click.option(
    "--inject",
    "injects",
    is_flag=True,
    help="Plant every known fault in scratch databases; see whether each is found and cured.",
)
@output_options
@pass_app
def doctor(app: App, injects: bool, output: str | None) -> None:
    """Check the installation, and say what cures each finding.

    Exits with 3 if a check fails; a warning does not count. The checks made in the database are
    those of the function stocksync.doctor().

    With --inject your database is not looked at: on its server a small shop is made in a database
    of its own (stocksync's schemas have fixed names), and copied for each fault. A copy is spoiled,
    audited, cured and audited again; nothing but what was spoiled may have changed. Exits with 3 if
    a fault is not found, by the right class and cause and of no other product, or not cured. What
    was made is dropped in the end. Needs a role that may create databases and set
    session_replication_role: a superuser, or use the private server of `stocksync db start`.

    \b
    Example:
      stocksync doctor --json
      stocksync doctor --inject
    """
    if injects:
        _inject(app, output)
        return
    findings = [*_of_database(app), *_of_version(app)]
    emit(output, COLUMNS, findings)
    if any(status == "failure" for _, status, _, _ in findings):
        click.get_current_context().exit(ExitStatus.CHECK_FAILED)


def _inject(app: App, output: str | None) -> None:
    faults = inject.read_faults()
    with progress("planting faults", len(faults), quiet=app.hides_progress) as advance:
        outcomes = inject.run(app.url, faults, advance)
    emit(
        output,
        INJECT_COLUMNS,
        [
            (
                outcome.fault.name,
                outcome.found,
                ", ".join(outcome.classes),
                ", ".join(outcome.causes),
                outcome.cured,
                "; ".join(outcome.complaints) or None,
            )
            for outcome in outcomes
        ],
    )
    failed = sum(not (outcome.found and outcome.cured) for outcome in outcomes)
    app.say(f"{len(outcomes)} faults: {len(outcomes) - failed} found and cured, {failed} not.")
    if failed:
        click.get_current_context().exit(ExitStatus.CHECK_FAILED)


def _of_database(app: App) -> Iterator[Finding]:
    try:
        yield from app.connection.execute("select * from stocksync.doctor()").fetchall()
    except (
        psycopg.errors.InvalidSchemaName,
        psycopg.errors.UndefinedFunction,
        psycopg.errors.UndefinedTable,
        psycopg.errors.UndefinedColumn,
    ) as error:
        reason = error.diag.message_primary
        detail = f"stocksync is not, or not completely, installed in this database: {reason}"
        yield "installation", "failure", detail, "Run `stocksync migrate`."


def _of_version(app: App) -> Iterator[Finding]:
    """Compare the database with the files of this version, which only the program has."""
    waiting = {
        "migrations": migrate.pending(app.url),
        "files": objects.outdated(app.connection),
    }
    for check, names in waiting.items():
        if names:
            detail = f"not yet deployed: {', '.join(names)}"
            yield check, "failure", detail, "Run `stocksync migrate`."
        else:
            yield check, "ok", "as in this version of stocksync", None
