"""The commands ``stocksync db ...``: the embedded server."""

from __future__ import annotations

import os

import click
from psycopg.conninfo import conninfo_to_dict

from stocksync.cli.context import App, pass_app
from stocksync.db import LIBPQ_VARIABLES
from stocksync.embedded import Embedded, default_data_dir
from stocksync.errors import ExitStatus
from stocksync.output import emit, output_options


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def db() -> None:
    """Run the embedded PostgreSQL server.

    It is there for a machine without a database: a command that is told of no other one starts it,
    and it stays up until `stocksync db stop`. Its files are in STOCKSYNC_DATA_DIR, by default in
    your data directory.

    \b
    Example:
      stocksync db start
      stocksync db psql -- -c 'select 1'
      stocksync db stop
    """


@db.command()
@pass_app
def start(app: App) -> None:
    """Start the server, creating it the first time.

    Does nothing if it is running.

    \b
    Example:
      stocksync db start
    """
    server = Embedded(default_data_dir()).start()
    app.say(f'running in "{server.data}"; end it with: stocksync db stop')


@db.command()
@pass_app
def stop(app: App) -> None:
    """Stop the server, disconnecting whoever uses it.

    Does nothing if it is not running. The data stays.

    \b
    Example:
      stocksync db stop
    """
    app.say("stopped" if Embedded(default_data_dir()).stop() else "was not running")


@db.command()
@output_options
def status(output: str | None) -> None:
    """Show whether the server runs, and where its files are.

    Exits with 3 if it does not run.

    \b
    Example:
      stocksync db status || stocksync db start
    """
    found = Embedded(default_data_dir()).status()
    state = "running" if found.running else "stopped" if found.version else "not created"
    row = (state, found.version, found.pid, str(found.data), str(found.log))
    emit(output, ("status", "version", "pid", "data", "log"), [row])
    if not found.running:
        click.get_current_context().exit(ExitStatus.CHECK_FAILED)


@db.command()
def url() -> None:
    """Print the URL of the server, starting it if need be.

    \b
    Example:
      pg_dump "$(stocksync db url)" > dump.sql
    """
    click.echo(Embedded(default_data_dir()).start().url())


@db.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def psql(arguments: tuple[str, ...]) -> None:
    """Open psql on the server, starting it if need be; ARGUMENTS are psql's.

    \b
    Example:
      stocksync db psql
      stocksync db psql -- -c 'select 1'
    """
    program = Embedded.tool("psql")
    server = Embedded(default_data_dir()).start()
    # PGHOSTADDR or a service would have a say, too.
    environment = {k: v for k, v in os.environ.items() if k not in LIBPQ_VARIABLES}
    # Not as --dbname: with a -d of the user's nothing of it would be left.
    for name, value in conninfo_to_dict(server.url()).items():
        environment["PGDATABASE" if name == "dbname" else f"PG{name.upper()}"] = str(value)
    # Replacing this process gives psql the terminal, the signals and the exit status.
    os.execve(program, [str(program), *arguments], environment)  # noqa: S606
