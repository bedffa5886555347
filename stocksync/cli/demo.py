"""The command ``stocksync demo``."""

from __future__ import annotations

import shlex

import click

from stocksync import demo as shop
from stocksync.cli.batch import list_ as list_batches
from stocksync.cli.context import App
from stocksync.cli.log import log
from stocksync.cli.reads import explain, stock
from stocksync.cli.refresh import refresh
from stocksync.cli.report import stock as report_stock
from stocksync.cli.sync import sync
from stocksync.embedded import Embedded, default_data_dir


@click.command()
@click.pass_context
def demo(ctx: click.Context) -> None:
    """Show the main job on a small shop in a private PostgreSQL.

    The shop lives in a database of its own on the embedded server and is made anew each time; no
    other database is touched.

    \b
    Example:
      stocksync demo
    """
    server = Embedded(default_data_dir()).start()

    _step(1, "A private PostgreSQL, and stocksync in it", "stocksync migrate")
    url = shop.create_database(server)
    ctx.obj = app = App(url, quiet=True)
    click.echo("Tables products, stock_movements, ... are there, and the triggers that keep them.")

    _step(
        2,
        "A shop opens: an application inserts movements, nothing else",
        "insert into stock_movements (product_id, transaction_type, quantity)\n"
        "  values (1, 'opening_stock', 400);",
    )
    click.echo(f"{shop.open_shop(url)} products with their opening stock.")

    _step(3, f"It sells, from {shop.WRITERS} sessions at once, several products an order")
    count = shop.trade(url)
    click.echo(f"{count} movements written; no deadlock, none failed.")

    _step(4, "The stock is right", "stocksync stock")
    ctx.invoke(stock)
    _dry_run(ctx, app)

    _step(
        5,
        "Somebody edits the stock of two products by hand",
        "update products set quantity_on_hand = 50, total_stock = 50\n"
        "  where sku = 'TEA-GREEN-LOOSE';",
    )
    shop.edit_by_hand(url)
    click.echo("Nothing stopped it (that is a setting), but it was noticed.")

    _step(6, "What a sync would correct", "stocksync sync --dry-run")
    _dry_run(ctx, app)

    _step(7, "The hour comes, and the refresh corrects it", "stocksync refresh")
    ctx.invoke(refresh)
    _dry_run(ctx, app)

    _step(8, "The log tells what happened", "stocksync log --level warning")
    ctx.invoke(log, level="warning")

    _step(9, "And why a stock is what it is", "stocksync explain KETTLE-1L")
    ctx.invoke(explain, sku="KETTLE-1L")

    _step(10, "How long does the stock last?", "stocksync report stock --limit 5")
    ctx.invoke(report_stock, limit=5)

    _step(
        11,
        "Honey expires: it tracks batches, and 50 are sold of what expires first",
        "stocksync batch list --sku HONEY-CRÈME",
    )
    shop.sell_honey(url)
    ctx.invoke(list_batches, sku="HONEY-CRÈME")

    click.secho("\nGo on yourself:", bold=True)
    click.echo(f"  export STOCKSYNC_DATABASE_URL={shlex.quote(url)}")
    click.echo("  stocksync movements --sku KETTLE-1L --limit 5")
    click.echo(f"  stocksync db psql -- -d {shop.DATABASE}")
    click.echo("  stocksync worker        # every hour by itself; Ctrl-C ends it")
    click.echo("  stocksync db stop       # when you have seen enough")


def _dry_run(ctx: click.Context, app: App) -> None:
    app.quiet = False
    ctx.invoke(sync, dry_run=True)
    app.quiet = True


def _step(number: int, title: str, command: str | None = None) -> None:
    click.secho(f"\n{number}. {title}", bold=True)
    if command:
        click.secho("  " + command.replace("\n", "\n  "), fg="cyan")
    click.echo()
