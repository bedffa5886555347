"""The command ``stocksync doctor``."""

from __future__ import annotations

from collections.abc import Iterator

import click
import psycopg

from stocksync import migrate, objects
from stocksync.cli.context import App, pass_app
from stocksync.errors import ExitStatus
from stocksync.output import emit, output_options

COLUMNS = ("check_name", "status", "detail", "cure")
Finding = tuple[str, str, str, str | None]


@click.command()
@output_options
@pass_app
def doctor(app: App, output: str | None) -> None:
    """Check the installation, and say what cures each finding.

    Exits with 3 if a check fails; a warning does not count. The checks made in the database are
    those of the function stocksync.doctor().

    \b
    Example:
      stocksync doctor --json
    """
    findings = [*_of_database(app), *_of_version(app)]
    emit(output, COLUMNS, findings)
    if any(status == "failure" for _, status, _, _ in findings):
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
