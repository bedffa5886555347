"""The program ``stocksync``: options for all commands, the list of commands, and error handling."""

from __future__ import annotations

import sys
import traceback

import click

from stocksync import __version__
from stocksync.cli import (
    alerts,
    database,
    demo,
    doctor,
    jobs,
    metrics,
    migrate,
    reads,
    refresh,
    sync,
    worker,
)
from stocksync.cli.context import App
from stocksync.cli.importing import import_
from stocksync.errors import ExitStatus, explain


class Program(click.Group):
    """The one place where errors are caught: rendered for people, traceback only with -v."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; turn any failure into lines on stderr and an exit status."""
        try:
            result = super().invoke(ctx)
            # here, not at interpreter exit, where a reader that went away cannot be handled
            sys.stdout.flush()
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            ctx.exit(ExitStatus.INTERRUPTED)
        except Exception as error:
            if ctx.params.get("verbose"):
                traceback.print_exc()
            explanation = explain(error)
            click.echo(explanation, err=True)
            ctx.exit(explanation.exit_status)
        return result


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="stocksync")
@click.option(
    "--database-url",
    metavar="URL",
    help="postgresql://user@host:port/database, or key=value pairs.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print data and errors only.")
@click.option("-v", "--verbose", is_flag=True, help="Print the traceback of an error.")
@click.option(
    "--statement-timeout",
    metavar="SECONDS",
    type=click.FloatRange(min=0),
    default=300,
    show_default=True,
    envvar="STOCKSYNC_STATEMENT_TIMEOUT",
    help="Cancel a statement that takes longer; 0 means never. Migrations have no limit.",
)
@click.pass_context
def cli(
    ctx: click.Context,
    database_url: str | None,
    quiet: bool,
    verbose: bool,
    statement_timeout: float,
) -> None:
    """Keep stock right in PostgreSQL.

    The database is the one of --database-url, else of STOCKSYNC_DATABASE_URL, else of libpq's
    variables (PGHOST, PGDATABASE, PGSERVICE, ...). Give a password in PGPASSWORD or ~/.pgpass.

    Data goes to stdout, everything else to stderr. Exit status: 0 done, 1 error, 2 wrong usage,
    3 a check failed, 4 refused by a rule, 130 interrupted.
    """
    ctx.obj = App(database_url, quiet, verbose, statement_timeout)


for _command in (
    migrate.migrate,
    import_,
    reads.stock,
    reads.movements,
    reads.explain,
    sync.sync,
    refresh.refresh,
    refresh.audit,
    worker.worker,
    jobs.jobs,
    reads.log,
    alerts.alerts,
    metrics.metrics,
    doctor.doctor,
    demo.demo,
    database.db,
):
    cli.add_command(_command)


def main() -> None:
    """Run the program."""
    cli(prog_name="stocksync")
