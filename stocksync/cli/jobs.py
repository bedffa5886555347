"""The commands ``stocksync jobs ...``: the queue."""

from __future__ import annotations

import click

from stocksync.cli.context import App, pass_app
from stocksync.output import emit, output_options

STATES = ("queued", "running", "done", "failed", "cancelled", "merged")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def jobs() -> None:
    """Look into the queue; try a job again or cancel it.

    \b
    Example:
      stocksync jobs list
      stocksync jobs retry --all
    """


@jobs.command("list")
@click.option("--state", type=click.Choice(STATES), help="Only jobs in this state.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=50,
    show_default=True,
    metavar="N",
    help="Only the first N.",
)
@output_options
@pass_app
def list_(app: App, state: str | None, limit: int, output: str | None) -> None:
    """List the jobs: failed, running, queued, then those that have ended, newest first.

    \b
    Example:
      stocksync jobs list --state failed

    In SQL: select * from stocksync.list_jobs(p_state => 'failed').
    """
    app.show(output, "select * from stocksync.list_jobs(%s, %s)", (state, limit))


@jobs.command()
@click.argument("job_id", metavar="ID", type=int)
@output_options
@pass_app
def show(app: App, job_id: int, output: str | None) -> None:
    """Show all that is known of a job.

    \b
    Example:
      stocksync jobs show 7

    In SQL: select * from stocksync.show_job(7).
    """
    columns, rows = app.query("select * from stocksync.show_job(%s)", (job_id,))
    if output is None:
        [row] = rows
        emit(output, ("column", "value"), zip(columns, row, strict=True))
    else:
        emit(output, columns, rows)


@jobs.command()
@click.argument("job_id", metavar="[ID]", type=int, required=False)
@click.option("--all", "is_all", is_flag=True, help="Every job that has failed.")
@output_options
@pass_app
def retry(app: App, job_id: int | None, is_all: bool, output: str | None) -> None:
    """Try a failed or cancelled job again, or do not let a queued one wait any longer.

    It has all its attempts again. Prints the number under which it is queued: that of another job
    if the same was queued already.

    \b
    Example:
      stocksync jobs retry 7
      stocksync jobs retry --all

    In SQL: select stocksync.retry_job(7); select stocksync.retry_failed_jobs().
    """
    if (job_id is None) != is_all:
        raise click.UsageError("Give the ID of a job, or --all.")
    if is_all:
        emit(output, *app.change("select * from stocksync.retry_failed_jobs() as job"))
    else:
        emit(output, *app.change("select stocksync.retry_job(%s) as job", (job_id,)))


@jobs.command()
@click.argument("job_id", metavar="ID", type=int)
@output_options
@pass_app
def cancel(app: App, job_id: int, output: str | None) -> None:
    """Cancel a job that is queued, running or failed.

    It is not tried again. One that runs is ended; what it has committed stays. Prints the state
    that the job is in now: still "running" until its statement has ended.

    \b
    Example:
      stocksync jobs cancel 7

    In SQL: select stocksync.cancel_job(7).
    """
    emit(
        output,
        *app.change("select %s::bigint as job, stocksync.cancel_job(%s) as state", (job_id,) * 2),
    )
