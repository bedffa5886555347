"""``stocksync stock``, ``movements`` and ``explain``: what the ledger says."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

import click

from stocksync.cli.context import App, pass_app
from stocksync.output import output_options


class Number(click.ParamType[Decimal]):
    """A decimal number, without the rounding of a float."""

    name = "number"

    def convert(
        self, value: str | Decimal, param: click.Parameter | None, ctx: click.Context | None
    ) -> Decimal:
        """Return ``value`` as a decimal; fail as click does."""
        try:
            number = Decimal(value)
        except InvalidOperation:
            number = Decimal("nan")
        if not number.is_finite():
            self.fail(f"{value!r} is not a number", param, ctx)
        return number


@click.command()
@click.option("--sku", help="Only this product.")
@click.option("--below", type=Number(), metavar="N", help="Only products with less than N.")
@output_options
@pass_app
def stock(app: App, sku: str | None, below: Decimal | None, output: str | None) -> None:
    """Show the quantity on hand.

    \b
    Example:
      stocksync stock --below 10
      stocksync stock --sku TEA-EARL-GREY --json

    In SQL: select * from stocksync.stock(p_sku => 'TEA-EARL-GREY').
    """
    app.show(output, "select * from stocksync.stock(p_sku => %s, p_below => %s)", (sku, below))


@click.command()
@click.option("--sku", required=True, help="The product.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Only the newest N.")
@output_options
@pass_app
def movements(app: App, sku: str, limit: int | None, output: str | None) -> None:
    """List the movements of a product, newest first.

    \b
    Example:
      stocksync movements --sku TEA-EARL-GREY --limit 20

    In SQL: select * from stocksync.movements('TEA-EARL-GREY', 20).
    """
    app.show(output, "select * from stocksync.movements(%s, %s)", (sku, limit))


@click.command()
@click.argument("sku")
@output_options
@pass_app
def explain(app: App, sku: str, output: str | None) -> None:
    """Show how the quantity on hand of a product comes about.

    \b
    Example:
      stocksync explain TEA-EARL-GREY

    In SQL: select * from stocksync.explain('TEA-EARL-GREY').
    """
    app.show(output, "select * from stocksync.explain(%s)", (sku,))
