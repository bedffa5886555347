"""``stocksync count``: what somebody counted."""

from __future__ import annotations

from decimal import Decimal

import click

from stocksync.cli.context import App, pass_app
from stocksync.cli.reads import Number
from stocksync.output import emit, output_options


@click.command()
@click.argument("sku")
@click.argument("quantity", type=Number(), metavar="QTY")
@click.option("--at", metavar="TIME", help="When it was counted, if not now. A day is its end.")
@click.option("--location", metavar="NAME", help="Where, if the shop has several places.")
@click.option("--batch", metavar="NUMBER", help="Only this batch was counted.")
@output_options
@pass_app
def count(
    app: App,
    sku: str,
    quantity: Decimal,
    at: str | None,
    location: str | None,
    batch: str | None,
    output: str | None,
) -> None:
    """Record that QTY units of SKU were counted.

    The difference to what the ledger says of that moment is booked at that moment; a count that is
    equal books nothing, and is remembered. Where the stock has moved since, both readings are
    shown. What happens when movements before the count are entered later, the setting
    late_movements_before_count says: the count stands (keep_count), or the difference does
    (keep_difference).

    A product that tracks batches is better counted batch by batch, with --batch: else what is too
    much becomes a batch of its own, of unknown expiry, and what is missing is taken from the batch
    that would be sold first.

    \b
    Example:
      stocksync count TEA-EARL-GREY 12
      stocksync count TEA-EARL-GREY 12 --at "2026-10-31 17:00" --location shelf
      stocksync count TEA-EARL-GREY 5 --batch L2031

    In SQL: select * from stocksync.record_count(stocksync.product_id('TEA-EARL-GREY'), 12).
    """
    columns, rows = app.change(
        """
        select * from stocksync.record_count(
            stocksync.product_id(%(sku)s), %(quantity)s, stocksync.moment(%(at)s),
            stocksync.location_id(%(location)s),
            p_batch_id => stocksync.batch_id(
                stocksync.product_id(%(sku)s), %(batch)s, stocksync.location_id(%(location)s)
            )
        )
        """,
        {"sku": sku, "quantity": quantity, "at": at, "location": location, "batch": batch},
    )
    [(*row, warning)] = rows
    emit(output, columns[:-1], [row])
    if warning:
        app.tell("warning", f"warning: {warning}" if app.log_format == "text" else warning)
