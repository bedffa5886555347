"""``stocksync worker``: run what is in the queue, and keep the schedule."""

from __future__ import annotations

import click

from stocksync import db
from stocksync.cli.context import App, pass_app
from stocksync.db import Connection
from stocksync.output import printable
from stocksync.worker import Worker


@click.command()
@click.option("--once", is_flag=True, help="Do what is due now, then end: for cron.")
@pass_app
def worker(app: App, once: bool) -> None:
    """Run jobs, keep the schedule, fold what waits for busy products, send alerts.

    Any number of workers can run. On SIGTERM or Ctrl-C a worker ends after the job it runs; the
    second time it ends the job, which goes back into the queue. It connects again when the server
    was restarted. A job that takes longer than settings.job_timeout is cancelled by the server.

    Ends with 0 when told to, with 130 when told twice; with --once also with 1 if a job failed for
    good.

    \b
    Example:
      stocksync worker
      * * * * *  stocksync -q worker --once      (in a crontab)

    In SQL: call stocksync.run_job(); select stocksync.fold().
    """

    def connect() -> Connection:
        timeout = round(app.statement_timeout * 1000)
        connection = db.connect(app.url, statement_timeout_ms=timeout)
        # Statements outlive deployments here: a plan made before one could be wrong after it.
        connection.prepare_threshold = None
        return connection

    def tell_events(connection: Connection, job_id: int) -> None:
        if app.log_format == "json":
            query = "select run_id from stocksync.show_job(%s)"
            for (run_id,) in connection.execute(query, (job_id,)):
                app.tell_events(run_id, connection)

    status = Worker(
        connect,
        say=lambda text: app.say(printable(text)),
        complain=lambda text: app.tell("error", printable(text)),
        done=tell_events,
        once=once,
    ).run()
    click.get_current_context().exit(status)
