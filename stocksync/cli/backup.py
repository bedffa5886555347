"""The commands ``stocksync backup ...``: the whole database in a file, and back."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from stocksync import backup as backups
from stocksync import db, migrate, objects
from stocksync.cli.context import App, pass_app
from stocksync.db import Connection
from stocksync.errors import ExitStatus
from stocksync.output import emit, emit_if_asked, output_options, progress

_PATH = click.Path(path_type=Path, dir_okay=False)
_COLUMNS = ("file", "size", "state", "taken_at", "database", "server", "detail")
_LISTED = 20  # of what is to be done


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def backup() -> None:
    """Back up the whole database to a file, and restore it.

    A backup is made by pg_dump in its custom format, with the schemas public and stocksync and all
    else that the database holds; not roles, and not settings of the database itself: for these,
    pg_dumpall --globals-only. The programs are those of STOCKSYNC_PG_BIN, else the newest
    installed; they must not be older than the server.

    Files are in STOCKSYNC_BACKUP_DIR, by default in your data directory. Only you can read them.

    \b
    Example:
      stocksync backup create
      stocksync backup list
      stocksync backup restore shop-20261121T020000Z.dump --database shop_restored
    """


@backup.command()
@click.argument("file", type=_PATH, required=False)
@output_options
@pass_app
def create(app: App, file: Path | None, output: str | None) -> None:
    """Back up the database to FILE, or to one named by database and time.

    The file is read back whole, and must hold the tables of the ledger; only then has it its name.
    Where anything fails nothing is left. Writers do not wait; a migration and pg_dump wait for each
    other.

    \b
    Example:
      stocksync backup create
      stocksync backup create /mnt/safe/shop.dump

    The same by hand: pg_dump --format=custom --file=shop.dump shop;
    pg_restore --file=/dev/null shop.dump.
    """
    made = make(app, file)
    emit_if_asked(output, _COLUMNS, made)
    if output is None:
        click.echo(made.file)  # alone, for scripts


@backup.command()
@click.argument("file", type=_PATH)
@click.option("--database", metavar="NAME", help="Into this database of the server, made if new.")
@click.option("--replace", is_flag=True, help="Drop all that the database holds.")
@click.option("--no-owner", is_flag=True, help="All is yours: for a server without the same roles.")
@output_options
@pass_app
def restore(
    app: App,
    file: Path,
    database: str | None,
    replace: bool,
    no_owner: bool,
    output: str | None,
) -> None:
    """Restore FILE in an empty database: that of --database-url, or --database.

    Whole or not at all, in one transaction. One that is not empty is refused, unless with
    --replace: then what it holds is lost, and its users wait. FILE is a path, or the name of one of
    `stocksync backup list`. Compares the result with this version of stocksync and audits it, and
    exits with 3 if something is to be done.

    \b
    Example:
      stocksync backup restore shop-20261121T020000Z.dump --database shop_restored
      stocksync backup restore /mnt/safe/shop.dump --replace

    The same by hand: createdb -T template0 shop_restored;
    pg_restore --single-transaction --exit-on-error --dbname=shop_restored shop.dump.
    """
    if not file.exists() and file.name == str(file):
        file = backups.directory() / file
    is_new = database is not None and backups.make_database(app.connection, database)
    url = app.url if database is None else db.to_url(app.url, dbname=database)
    with db.connect(url, statement_timeout_ms=0) as connection:
        try:
            backups.restore(
                connection,
                file,
                replace=replace,
                owner=not no_owner,
                bar=partial(progress, quiet=app.hides_progress),
            )
        except BaseException:
            if is_new and database is not None:
                backups.drop_database(app.connection, database)
            raise
        name = connection.info.dbname
        app.say(f'Restored "{file}" in database "{name}".')
        to_do = _to_do(url, connection)
        mismatches = None if to_do else _mismatches(connection)
    emit_if_asked(
        output, ("file", "database", "to_do", "mismatches"), (str(file), name, to_do, mismatches)
    )
    if to_do:
        app.say("It is not as this version of stocksync would have it:")
        for line in to_do[:_LISTED]:
            app.say(f"  {line}")
        if len(to_do) > _LISTED:
            app.say(f"  … and {len(to_do) - _LISTED} more")
        app.say("Run `stocksync migrate` there (with --force if asked), then `stocksync audit`.")
    else:
        app.say("It is as this version of stocksync would have it.")
        app.say(f"Products that an audit finds wrong: {mismatches}")
    if to_do or mismatches:
        click.get_current_context().exit(ExitStatus.CHECK_FAILED)


@backup.command("list")
@click.option("--check", is_flag=True, help="Read each of them whole; without, its head.")
@output_options
@pass_app
def list_(app: App, check: bool, output: str | None) -> None:
    """List the backups, the newest last, and whether they can be read.

    "readable" was read whole, of "unchecked" only the head; "incomplete" is being written, or what
    wrote it was killed. Exits with 3 if one is unreadable.

    \b
    Example:
      stocksync backup list
      stocksync backup list --check
    """
    found = backups.listed(check=check, bar=partial(progress, quiet=app.hides_progress))
    emit(output, _COLUMNS, found)
    app.say(f"They are in {backups.directory()}.")
    if any(each.state == "unreadable" for each in found):
        click.get_current_context().exit(ExitStatus.CHECK_FAILED)


def make(app: App, file: Path | None = None) -> backups.Backup:
    """Make a backup, show how it goes, and say where it is."""
    made = backups.create(app.connection, file, bar=partial(progress, quiet=app.hides_progress))
    app.say(f'Backup of {made.size:,} bytes, read back whole: "{made.file}".')
    return made


def _to_do(url: str, connection: Connection) -> list[str]:
    """Return what of a restored database is not as this version deploys it."""
    waiting = migrate.pending(url) or [f"sql/{path}" for path in objects.outdated(connection)]
    if waiting:
        return [f"not yet deployed: {name}" for name in waiting]
    rows = connection.execute("select kind, identity, state from stocksync.drift")
    return [f"{kind} {identity} is {state}" for kind, identity, state in rows]


def _mismatches(connection: Connection) -> int:
    """Audit the database, and return how many products are wrong."""
    run = objects.value(connection, "call stocksync.audit()")
    rows = connection.execute("select classes from stocksync.findings(%s)", (run,))
    return sum(classes != ["lag"] for (classes,) in rows)
