"""``stocksync transfer``: stock that goes from one place to another."""

from __future__ import annotations

from decimal import Decimal

import click

from stocksync.cli.context import App, pass_app
from stocksync.cli.reads import Number
from stocksync.output import emit, output_options


@click.command()
@click.argument("sku")
@click.argument("quantity", type=Number(), metavar="QTY")
@click.option("--from", "from_", metavar="NAME", help="From here; by default the unnamed place.")
@click.option("--to", metavar="NAME", help="To here; by default the unnamed place.")
@click.option("--batch", metavar="NUMBER", help="Of this batch; by default of what is next.")
@click.option("--reference", metavar="TEXT", help="The document behind it.")
@click.option("--key", metavar="TEXT", help="Makes it safe to repeat: one key is booked once.")
@output_options
@pass_app
def transfer(
    app: App,
    sku: str,
    quantity: Decimal,
    from_: str | None,
    to: str | None,
    batch: str | None,
    reference: str | None,
    key: str | None,
    output: str | None,
) -> None:
    """Move QTY units of SKU from one place to another: transfer_out and transfer_in, or neither.

    Of a product that tracks batches what arrives is the same batch, with its cost and its date.

    \b
    Example:
      stocksync transfer MILK 6 --from warehouse --to Paris
      stocksync transfer MILK 6 --to Paris --batch L-1207

    In SQL: select * from stocksync.transfer_stock(stocksync.product_id('MILK'), 6,
    stocksync.location_id('warehouse'), stocksync.location_id('Paris')).
    """
    if from_ is None and to is None:
        raise click.UsageError("Between which places? Give --from, --to or both.")
    emit(
        output,
        *app.change(
            """
            select * from stocksync.transfer_stock(
                stocksync.product_id(%s), %s, stocksync.location_id(%s), stocksync.location_id(%s),
                p_batch_number => %s, p_reference => %s, p_idempotency_key => %s
            )
            """,
            (sku, quantity, from_, to, batch, reference, key),
        ),
    )
