"""The commands ``stocksync schedule ...``: who runs the refresh every hour, the audit at night."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, tzinfo
from typing import Any, NamedTuple, TypeVar

import click
import psycopg
from click.core import ParameterSource

from stocksync import db
from stocksync.cli.context import App, pass_app
from stocksync.embedded import default_data_dir
from stocksync.errors import StocksyncError, explain
from stocksync.output import emit, output_options
from stocksync.schedule import (
    Cron,
    PgCron,
    Place,
    Plan,
    Scheduler,
    Systemd,
    Task,
    address,
    find_zone,
    next_time,
    program,
    secrets_in,
)

Command = TypeVar("Command", bound=Callable[..., Any])

_COLUMNS = (
    "task",
    "cron",
    "is_enabled",
    "installed_with",
    "is_current",
    "last_run_at",
    "next_at",
)

_SCHEDULERS: dict[str, Callable[[App, Plan], Scheduler]] = {
    "cron": lambda _app, plan: Cron(plan),
    "systemd": lambda _app, plan: Systemd(plan),
    "pg_cron": lambda app, plan: PgCron(plan, app.url, app.connection),
}


class _Row(NamedTuple):
    """What stocksync.schedule_status() returns."""

    task: str
    cron: str
    is_enabled: bool
    time_zone: str
    last_run_at: datetime | None
    last_finished_at: datetime | None
    workers: int


def _scheduler_options(command: Command) -> Command:
    for option in (
        click.option("--print", "as_text", is_flag=True, help="Print it, change nothing."),
        click.option(
            "--with",
            "name",
            type=click.Choice(list(_SCHEDULERS)),
            required=True,
            help="The crontab or the systemd units of this user, or pg_cron in the server.",
        ),
    ):
        command = option(command)
    return command


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def schedule() -> None:
    """Have the refresh run every hour and the audit every night.

    The times are in the table stocksync.schedules, in the time zone of the shop: change them with
    update, and install again. A worker keeps them without being installed.

    \b
    Example:
      stocksync schedule install --with cron --print
      stocksync schedule install --with cron
      stocksync schedule show
    """


@schedule.command()
@_scheduler_options
@pass_app
def install(app: App, name: str, as_text: bool) -> None:
    """Make cron, systemd or pg_cron run what stocksync.schedules says.

    Safe to repeat: what was installed for this database before is replaced, and nothing else is
    touched. cron and systemd run this program as this user, and know no password: write it to
    ~/.pgpass. Several that run the same do no harm: there is one refresh at a time.

    \b
    Example:
      stocksync schedule install --with systemd
      stocksync schedule install --with pg_cron --print

    In SQL, for pg_cron: select statement from stocksync.pg_cron_statements() \\gexec.
    """
    if name != "pg_cron" and secrets_in(app.url):
        raise StocksyncError(
            "a schedule cannot hold a password",
            detail="It would be in a crontab or a unit file, and in the list of processes.",
            hint="Write it to ~/.pgpass or to a service file, and leave it out of the URL.",
        )
    scheduler = _SCHEDULERS[name](app, _plan(app)[0])
    if as_text:
        click.echo(scheduler.install_text(), nl=False)
    else:
        scheduler.install()
        app.say(f"installed with {name}")
    for note in scheduler.notes():
        app.say(note)
    if name != "pg_cron" and os.environ.get("PGPASSWORD"):
        app.say("PGPASSWORD will not be there: write the password to ~/.pgpass.")


@schedule.command()
@_scheduler_options
@pass_app
def remove(app: App, name: str, as_text: bool) -> None:
    """Make cron, systemd or pg_cron run nothing of this database any more.

    \b
    Example:
      stocksync schedule remove --with cron

    In SQL, for pg_cron: select statement from stocksync.pg_cron_statements('remove') \\gexec.
    """
    scheduler = _SCHEDULERS[name](app, _plan(app)[0])
    if as_text:
        click.echo(scheduler.remove_text(), nl=False)
    else:
        app.say("removed" if scheduler.remove() else "was not installed")


@schedule.command()
@output_options
@pass_app
def show(app: App, output: str | None) -> None:
    """Show what runs when, who runs it, when it last began and when it is due next.

    Of cron and systemd it sees what belongs to this user on this machine. Where is_current is
    false, the schedule was changed since: install it again.

    \b
    Example:
      stocksync schedule show

    In SQL: select * from stocksync.schedule_status().
    """
    emit(output, _COLUMNS, _status(app))


def _plan(app: App) -> tuple[Plan, list[_Row]]:
    rows = [_Row(*row) for row in app.query("select * from stocksync.schedule_status()")[1]]
    is_private = db.is_private(app.database_url)
    plan = Plan(
        tasks=[Task(row.task, row.cron, row.is_enabled) for row in rows],
        time_zone=rows[0].time_zone if rows else "UTC",
        place=Place.of(app.connection),
        command=_command(app, is_private),
        is_private=is_private,
    )
    return plan, rows


def _command(app: App, is_private: bool) -> list[str]:
    """Return the words that start this program as it was started now, from anywhere."""
    if is_private:
        variables = {"STOCKSYNC_DATA_DIR": str(default_data_dir().absolute())}
        for name in ("STOCKSYNC_PG_BIN", "STOCKSYNC_PG_USER"):
            if value := os.environ.get(name):
                variables[name] = value
        env = shutil.which("env") or "/usr/bin/env"
        words = [env, *(f"{name}={value}" for name, value in variables.items()), *program(), "-q"]
    else:
        words = [*program(), "-q", "--database-url", address(app.url)]
    root = click.get_current_context().find_root()
    if root.get_parameter_source("statement_timeout") is not ParameterSource.DEFAULT:
        words += ["--statement-timeout", f"{app.statement_timeout:g}"]
    return words


def _status(app: App) -> Iterator[tuple[Any, ...]]:
    plan, rows = _plan(app)
    found = {name: _find(app, name, make(app, plan)) for name, make in _SCHEDULERS.items()}
    shop = find_zone(plan.time_zone)
    for row in rows:
        who: list[tuple[str | None, bool | None, tzinfo | None]] = [
            (name, tasks[row.task], zone)
            for name, (tasks, zone) in found.items()
            if row.task in tasks
        ]
        if row.workers:
            who.append(("worker", True, shop))
        for name, is_current, zone in who or [(None, None, None)]:
            next_at = next_time(row.cron, zone) if is_current and row.is_enabled else None
            yield (
                row.task,
                row.cron,
                row.is_enabled,
                name,
                is_current,
                row.last_run_at,
                next_at and next_at.astimezone(shop),
            )


def _find(app: App, name: str, scheduler: Scheduler) -> tuple[dict[str, bool], tzinfo | None]:
    """Return what a scheduler runs, and its time zone; say so if it cannot be asked."""
    try:
        tasks = scheduler.find()
        return tasks, scheduler.zone() if tasks else None
    except (StocksyncError, psycopg.Error) as error:
        app.say(f"{name} could not be asked: {explain(error).message}")
        return {}, None
