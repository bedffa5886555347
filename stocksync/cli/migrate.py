"""The command ``stocksync migrate``."""

from __future__ import annotations

import click

from stocksync import migrate as migrations
from stocksync.cli.context import App, pass_app
from stocksync.output import emit, output_options


@click.command()
@click.option("--list", "show", is_flag=True, help="List the migrations and change nothing.")
@click.option("--rollback", is_flag=True, help="Undo the migration that was applied last.")
@click.option("--sql", "as_sql", is_flag=True, help="Print all of it as a script for psql.")
@click.option("--force", is_flag=True, help="Put back or accept what was changed by hand.")
@click.option("--yes", is_flag=True, help="Do it: --rollback may drop tables.")
@output_options
@pass_app
def migrate(
    app: App,
    show: bool,
    rollback: bool,
    as_sql: bool,
    force: bool,
    yes: bool,
    output: str | None,
) -> None:
    """Install stocksync in the database, or bring it up to date.

    Safe to repeat, to run several times at once, and to kill. Refuses if the objects of stocksync
    were changed by hand (see `stocksync doctor`), or if a newer stocksync was here.

    \b
    Example:
      stocksync migrate --list
      stocksync migrate
      stocksync migrate --sql | psql -X -1 -v ON_ERROR_STOP=1 -f - shop
    """
    if show + rollback + as_sql > 1:
        raise click.UsageError("--list, --rollback and --sql exclude each other")
    if show:
        rows = (
            (name, "applied" if applied_at else "pending", applied_at)
            for name, applied_at in migrations.history(app.url)
        )
        emit(output, ("migration", "state", "applied_at"), rows)
    elif as_sql:
        click.echo(migrations.plain_sql())
    elif rollback:
        if not yes:
            raise click.UsageError("--rollback may drop tables: confirm with --yes")
        app.say(f"rolled back {migrations.rollback(app.url)}")
    elif not migrations.migrate(app.url, force=force, progress=app.say):
        app.say("up to date")
