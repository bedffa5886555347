"""``stocksync mode``: how movements of a product settle that many sessions write at once."""

from __future__ import annotations

import click

from stocksync.cli.context import App, pass_app
from stocksync.output import emit, output_options

_SHOWN = "select sku, name, mode, settles_as, pending"
_PRODUCTS = "(select array_agg(stocksync.product_id(s)) from unnest(%(skus)s::text[]) as s)"


@click.command()
@click.argument(
    "mode", required=False, type=click.Choice(["wait", "never_wait", "escrow", "default"])
)
@click.option("--sku", "skus", multiple=True, help="Of this product; may be repeated.")
@output_options
@pass_app
def mode(app: App, mode: str | None, skus: tuple[str, ...], output: str | None) -> None:
    """Show or set how movements settle: of all products, or of --sku.

    \b
    wait        writers of a product follow each other; quantity_on_hand is exact at every commit
    never_wait  what cannot be added at once is left beside the product and folded within a moment;
                stock_on_hand is exact; for products whose stock may fall below zero
    escrow      stock that may not fall below zero is sold from 32 slots at once; by --sku only
    default     as the installation; by --sku only

    Settles as what its rules allow: what tracks batches waits, what refuses negative stock waits
    instead of never_wait. Nobody is interrupted: whoever is writing is waited for.

    \b
    Example:
      stocksync mode
      stocksync mode never_wait
      stocksync mode escrow --sku TEA-EARL-GREY
      stocksync mode default --sku TEA-EARL-GREY

    In SQL: select * from stocksync.list_modes(); select * from stocksync.use_mode('never_wait');
    select * from stocksync.use_mode('escrow', array[1]).
    """
    if mode is None:
        app.show(
            output,
            f"{_SHOWN} from stocksync.list_modes({_PRODUCTS})",
            {"skus": list(skus)},
        )
        return
    columns, rows = app.change(
        f"{_SHOWN} from stocksync.use_mode(%(mode)s, {_PRODUCTS})",
        {"mode": None if mode == "default" else mode, "skus": list(skus)},
    )
    emit(output, columns, rows)
