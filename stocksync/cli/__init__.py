"""The program ``stocksync``: options for all commands, the list of commands, and error handling."""

from __future__ import annotations

import sys
import traceback
from datetime import UTC, datetime

import click

from stocksync import __version__
from stocksync.cli import (
    alerts,
    archive,
    audit,
    backup,
    batch,
    closing,
    counting,
    database,
    demo,
    doctor,
    fix,
    jobs,
    log,
    metrics,
    migrate,
    mode,
    reads,
    refresh,
    report,
    restore,
    schedule,
    sync,
    transfer,
    undo,
    worker,
)
from stocksync.cli.context import App, emit_event
from stocksync.cli.importing import import_
from stocksync.errors import ExitStatus, explain


class Program(click.Group):
    """The one place where errors are caught: rendered for people, traceback only with -v."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; turn any failure into lines on stderr and an exit status."""
        as_json = ctx.params.get("log_format") == "json"
        try:
            result = super().invoke(ctx)
            # here, not at interpreter exit, where a reader that went away cannot be handled
            sys.stdout.flush()
        except (click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except click.ClickException as error:
            if not as_json:
                raise
            emit_event(datetime.now(UTC), "error", error.format_message())
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            if as_json:
                emit_event(datetime.now(UTC), "error", "interrupted")
            else:
                click.echo("interrupted", err=True)
            ctx.exit(ExitStatus.INTERRUPTED)
        except Exception as error:
            explanation = explain(error)
            if as_json:
                emit_event(
                    datetime.now(UTC),
                    "error",
                    explanation.message,
                    sqlstate=getattr(error, "sqlstate", None),
                    detail=explanation.detail,
                    hint=explanation.hint,
                    traceback=traceback.format_exc() if ctx.params.get("verbose") else None,
                )
            else:
                if ctx.params.get("verbose"):
                    traceback.print_exc()
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
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    envvar="STOCKSYNC_LOG_FORMAT",
    help="How stderr is written: for people, or an object of JSON on each line.",
)
@click.pass_context
def cli(
    ctx: click.Context,
    database_url: str | None,
    quiet: bool,
    verbose: bool,
    statement_timeout: float,
    log_format: str,
) -> None:
    """Keep stock right in PostgreSQL.

    The database is the one of --database-url, else of STOCKSYNC_DATABASE_URL, else of libpq's
    variables (PGHOST, PGDATABASE, PGSERVICE, ...). Give a password in PGPASSWORD or ~/.pgpass.

    Data goes to stdout, everything else to stderr. Exit status: 0 done, 1 error, 2 wrong usage,
    3 a check failed, 4 refused by a rule, 130 interrupted.
    """
    ctx.obj = App(database_url, quiet, verbose, statement_timeout, log_format)


for _command in (
    migrate.migrate,
    import_,
    reads.stock,
    reads.movements,
    reads.explain,
    report.report,
    counting.count,
    transfer.transfer,
    batch.batch,
    mode.mode,
    sync.sync,
    refresh.refresh,
    audit.audit,
    fix.fix,
    closing.close,
    restore.snapshot,
    restore.restore,
    archive.archive,
    backup.backup,
    undo.undo,
    worker.worker,
    schedule.schedule,
    jobs.jobs,
    log.log,
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
