"""``stocksync sync``: make the stock what the movements say."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from time import perf_counter
from typing import Any

import click
from psycopg.rows import TupleRow

from stocksync.cli.context import App, pass_app
from stocksync.errors import StocksyncError
from stocksync.output import emit, output_options, signed_number

_HEADINGS = {
    "product_id": "Product ID",
    "name": "Product Name",
    "quantity_on_hand": "System Stock",
    "ledger": "Calculated Stock",
    "balance": "Balance",
    "since": "Since",
    "restored": "Restored",
    "difference": "Difference",
    "movements": "Movements",
    "differs": "Differs",
}


@click.command()
@click.option("--dry-run", is_flag=True, help="Show what would be corrected, change nothing.")
@click.option("--product-id", type=int, metavar="ID", help="Only this product.")
@click.option("--sku", help="Only this product, by its sku.")
@click.option(
    "--from-date",
    metavar="TIME",
    help="Only products with movements since then, in the shop's time zone.",
)
@click.option("--force", is_flag=True, help="Compare every day and type too, not only the totals.")
@click.option("--queue", is_flag=True, help="Let a worker do it: print the number of the job.")
@output_options
@pass_app
def sync(
    app: App,
    dry_run: bool,
    product_id: int | None,
    sku: str | None,
    from_date: str | None,
    force: bool,
    queue: bool,
    output: str | None,
) -> None:
    """Correct the products whose stock differs from their movements.

    The whole of each product's movements is summed, also with --from-date, which only chooses the
    products. Differences are added, so that movements made meanwhile are kept; each correction is
    recorded as an incident.

    \b
    Example:
      stocksync sync --dry-run
      stocksync sync --sku TEA-EARL-GREY
      stocksync sync --from-date '2025-01-01 00:00:00' --force
      stocksync sync --queue

    In SQL: select * from stocksync.sync_dry_run(); call stocksync.sync();
    select stocksync.enqueue('sync').
    """
    if product_id is not None and sku is not None:
        raise click.UsageError("--product-id and --sku name one product each; give one of them.")
    if dry_run and queue:
        raise click.UsageError("--dry-run shows its result at once: it cannot be queued.")

    app.say("Starting stock synchronization from movements...")
    app.say(f"  Product:   {sku or product_id or 'all products'}")
    app.say(f"  From date: {from_date or 'beginning of time'}")
    app.say(f"  Force:     {'yes' if force else 'no'}")
    app.say(f"  Dry run:   {'yes' if dry_run else 'no'}")
    app.say(f"  Use queue: {'yes' if queue else 'no'}")

    scope = {"product_id": product_id, "sku": sku, "since": from_date, "force": force}
    if dry_run:
        count = print_products(
            app,
            output,
            "select * from stocksync.sync_dry_run("
            "coalesce(%(product_id)s, stocksync.product_id(%(sku)s)), %(since)s, %(force)s)",
            scope,
        )
        app.say(f"Products with discrepancies: {count}")
        if count:
            app.say("Run the same without --dry-run to correct them.")
        return

    if queue:
        columns, rows = app.change(
            "select stocksync.enqueue('sync', coalesce(%(product_id)s::bigint,"
            " stocksync.product_id(%(sku)s)), %(since)s, %(force)s) as job",
            scope,
        )
        [(job,)] = rows
        if output is None:
            click.echo(job)  # alone, for scripts
        else:
            emit(output, columns, [(job,)])
        app.say(f"Queued as job {job}; see `stocksync jobs show {job}`.")
        return

    start = perf_counter()
    _, returned = app.change(
        "call stocksync.sync(null, coalesce(%(product_id)s::bigint,"
        " stocksync.product_id(%(sku)s)), %(since)s, %(force)s)",
        scope,
    )
    [(run,)] = returned
    seconds = perf_counter() - start
    app.tell_events(run)
    count = print_products(
        app, output, "select * from stocksync.corrections(%(run)s)", {"run": run}
    )
    app.say(f"Products corrected: {count}")
    app.say(f"Stock synchronization completed in {seconds:.6f} seconds (run {run})")
    raise_failures(app, run)


def raise_failures(app: App, run: int) -> None:
    """Raise an error if a run could not correct every product that it found wrong."""
    [(failed,)] = app.query("select stocksync.failed_corrections(%s)", (run,))[1]
    if failed:
        raise StocksyncError(
            f"{failed} product{'s' * (failed > 1)} could not be corrected",
            hint="See `stocksync log --level error`.",
        )


def print_products(app: App, output: str | None, query: str, parameters: dict[str, Any]) -> int:
    """Print the products of a dry or a live run; return how many there are."""
    columns, rows = app.query(query, parameters)
    count = 0

    def counted() -> Iterator[TupleRow]:
        nonlocal count
        for row in rows:
            count += 1
            yield row

    if output is None:
        shown = [columns.index(column) for column in _HEADINGS if column in columns]
        emit(
            output,
            [_HEADINGS[columns[i]] for i in shown],
            ([_cell(columns[i], row[i]) for i in shown] for row in counted()),
        )
    else:
        emit(output, columns, counted())
    return count


def _cell(column: str, value: object) -> object:
    """Return a value as the table shows it: a difference with its sign, names with commas."""
    if column == "difference" and isinstance(value, Decimal):
        return signed_number(value)
    if column == "differs" and isinstance(value, list):
        return ", ".join(value)
    return value
