"""The commands ``stocksync alerts ...``: what somebody must be told."""

from __future__ import annotations

import click

from stocksync import alerts as channels
from stocksync.cli.context import App, pass_app
from stocksync.errors import ExitStatus, StocksyncError
from stocksync.output import emit, output_options


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def alerts() -> None:
    """Show and send alerts.

    Which rules raise them, and how often people are told, is in stocksync.settings. Where they go
    is configured by environment variables of the machine that sends:

    \b
      STOCKSYNC_ALERT_MAIL           recipients, separated by commas
      STOCKSYNC_ALERT_FROM           sender
      STOCKSYNC_SMTP_URL             smtp://host, smtp+starttls://user@host, smtps://user@host
      STOCKSYNC_SMTP_PASSWORD
      STOCKSYNC_ALERT_WEBHOOK        URL that gets a JSON POST
      STOCKSYNC_ALERT_WEBHOOK_TOKEN  sent as bearer
      STOCKSYNC_ALERT_COMMAND        program that gets the JSON on stdin

    \b
    Example:
      stocksync alerts test
      stocksync alerts list
    """


@alerts.command("list")
@click.option("--all", "all_", is_flag=True, help="Those that are resolved, too.")
@output_options
@pass_app
def list_(app: App, all_: bool, output: str | None) -> None:
    """List the open alerts, oldest first, and which channels were told of each.

    \b
    Example:
      stocksync alerts list --all

    In SQL: select * from stocksync.read_alerts(p_all => true).
    """
    columns, rows = app.query("select * from stocksync.read_alerts(%s)", (all_,))
    if output is None:
        rows = ((*row[:-1], ", ".join(row[-1])) for row in rows)
    emit(output, columns, rows)


@alerts.command()
@output_options
@pass_app
def send(app: App, output: str | None) -> None:
    """Raise what is alerting and send it where it is due.

    `stocksync worker` does this every half minute; without one, run it from cron. A channel that
    was told something a moment ago, or did not answer, is left for the next time. Exits with 1 if
    one fails.

    \b
    Example:
      stocksync alerts send

    In SQL: stocksync.raise_alerts(), stocksync.take_alerts(), stocksync.alerts_sent().
    """
    outcomes = channels.deliver(app.ledger)
    _refuse_none()
    _show(output, outcomes)
    if not outcomes:
        app.say("nothing to send")


@alerts.command()
@output_options
def test(output: str | None) -> None:
    """Send a test message on every configured channel.

    Needs no database. Exits with 1 if one failed.

    \b
    Example:
      STOCKSYNC_ALERT_COMMAND=/usr/local/bin/notify stocksync alerts test
    """
    _refuse_none()
    _show(output, channels.send_test())


def _refuse_none() -> None:
    if not channels.configured():
        raise StocksyncError(
            "no channel is configured",
            hint="Set STOCKSYNC_ALERT_MAIL, STOCKSYNC_ALERT_WEBHOOK or STOCKSYNC_ALERT_COMMAND;"
            " see `stocksync alerts --help`.",
        )


def _show(output: str | None, outcomes: list[channels.Outcome]) -> None:
    rows = [(o.channel, "failure" if o.error else "ok", o.error) for o in outcomes]
    if rows or output:
        emit(output, ("channel", "status", "detail"), rows)
    if any(outcome.error for outcome in outcomes):
        click.get_current_context().exit(ExitStatus.ERROR)
