"""``stocksync archive``: move closed movements to a file, and back."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click
import psycopg

from stocksync import archive as files
from stocksync.cli.context import App, pass_app
from stocksync.errors import StocksyncError
from stocksync.objects import value
from stocksync.output import emit_if_asked, output_options, progress

_PATH = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.option(
    "--before",
    "closing",
    metavar="CLOSING",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The last day of a closing: what is dated until its end goes.",
)
@click.option("--to", "target", metavar="FILE", type=_PATH, help="The file to write, a new one.")
@click.option("--restore", "source", metavar="FILE", type=_PATH, help="Put movements back.")
@click.option("--list", "list_", is_flag=True, help="List the archives.")
@output_options
@pass_app
def archive(
    app: App,
    closing: datetime | None,
    target: Path | None,
    source: Path | None,
    list_: bool,
    output: str | None,
) -> None:
    """Move the movements of closed periods to a file.

    They are written (CSV packed with gzip), read back, compared one by one with the ledger, and
    only then removed, in one transaction. Stock, turnovers by day and balances of closings stay as
    they are; idempotency keys are kept, and so is what a later movement takes back.

    \b
    Example:
      stocksync archive --before 2025-12-31 --to movements-2025.csv.gz
      stocksync archive --restore movements-2025.csv.gz
      stocksync archive --list

    In SQL: begin; select stocksync.stage_archive(); \\copy the file;
    select stocksync.archive_movements('2025-12-31', 'movements-2025.csv', SHA256); commit.
    """
    asked = [bool(closing or target), bool(source), list_]
    if sum(asked) != 1 or bool(closing) != bool(target):
        raise click.UsageError("Give --before CLOSING and --to FILE, or --restore FILE, or --list.")

    if list_:
        app.show(output, "select * from stocksync.list_archives()")
    elif closing and target:
        _archive(app, closing, target, output)
    elif source:
        with app.connection.transaction():
            checksum = _read_back(app, source)
            count = value(app.connection, "select stocksync.restore_archive(%s)", checksum)
        emit_if_asked(output, ("restored",), (count,))
        app.say(f"{count} movements are back.")


def _archive(app: App, closing: datetime, path: Path, output: str | None) -> None:
    day = closing.date()
    try:
        with app.connection.transaction(), progress("writing", quiet=app.hides_progress):
            written = files.write(app.connection, day, path)
    except OSError as error:
        raise StocksyncError(f'cannot write "{path}": {error.strerror}') from error
    try:
        with app.connection.transaction():
            if _read_back(app, path) != written:
                raise StocksyncError(
                    f'"{path}" was not read back as it was written',
                    hint="Nothing was removed. Is the disk broken?",
                )
            number = value(
                app.connection,
                "select stocksync.archive_movements(%s, %s, %s)",
                day,
                path.name,
                written,
            )
    except psycopg.Error as error:
        # Where the server has said no, nothing was removed, and the file is of no use. A connection
        # that was lost says nothing.
        if error.sqlstate:
            path.unlink()
        raise
    emit_if_asked(output, ("archive_id", "sha256"), (number, number and written))
    if number is None:
        path.unlink()
        app.say("There is nothing to archive.")
    else:
        app.say(f'Archive {number} is in "{path}", sha256 {written}.')


def _read_back(app: App, path: Path) -> str:
    try:
        total = path.stat().st_size
        with progress(f"reading {path.name}", total, quiet=app.hides_progress) as advance:
            return files.read_back(app.connection, path, advance)
    except OSError as error:
        raise StocksyncError(f'cannot read "{path}": {error.strerror}') from error
