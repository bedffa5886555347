"""``stocksync stock``, ``movements`` and ``explain``: what the ledger says."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

import click

from stocksync import charts
from stocksync.cli.context import App, pass_app
from stocksync.output import emit, output_options, printable


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
@click.option("--location", metavar="NAME", help="Only what is at this place.")
@click.option("--at", metavar="TIME", help="The stock then: what had occurred.")
@click.option("--known-at", metavar="TIME", help="As it was known then: what had been recorded.")
@click.option("--from", "from_", metavar="TIME", help="Draw the stock of --sku from then on.")
@click.option("--to", metavar="TIME", help="... until then.  [default: now]")
@click.option("--step", metavar="INTERVAL", help="... at every step.  [default: 1 day]")
@click.option("--plot", metavar="FILE", help="... to FILE.svg or FILE.png, not to the terminal.")
@output_options
@pass_app
def stock(
    app: App,
    sku: str | None,
    below: Decimal | None,
    location: str | None,
    at: str | None,
    known_at: str | None,
    from_: str | None,
    to: str | None,
    step: str | None,
    plot: str | None,
    output: str | None,
) -> None:
    """Show the quantity on hand: now, at a time, or as a curve.

    --at is about when movements occurred, --known-at about when the database was told of them;
    both together are what was known then about that time. A movement counts from its instant on.

    Times are ISO 8601, in the time zone of the shop unless they have an offset. A day alone is its
    end; in --from it is its beginning, the last instant of the day before, so that steps of a day
    show the stock with which each day ended.

    \b
    Example:
      stocksync stock --below 10
      stocksync stock --sku TEA-EARL-GREY --json
      stocksync stock --at 2026-10-31 --known-at '2026-11-03 17:00' --location Paris
      stocksync stock --sku TEA-EARL-GREY --from 2026-10-01 --to 2026-10-31
      stocksync stock --sku TEA-EARL-GREY --from 2026-01-01 --step '1 week' --plot tea.svg

    In SQL: select * from stocksync.stock(p_sku => 'TEA-EARL-GREY');
    select * from stocksync.stock_as_of(stocksync.moment('2026-10-31'));
    select * from stocksync.stock_history(stocksync.product_id('TEA-EARL-GREY'),
    stocksync.beginning('2026-10-01'), stocksync.moment('2026-10-31')).
    """
    then = {"--at": at, "--known-at": known_at}
    curve = {"--to": to, "--step": step, "--plot": plot}
    if below is not None and (given := _given({**then, "--from": from_, "--location": location})):
        raise click.UsageError(f"--below is about all the stock there is now: leave out {given}.")
    if from_ is None:
        if given := _given(curve):
            raise click.UsageError(f"{given} needs --from: where the curve begins.")
        if _given({**then, "--location": location}):
            app.show(
                output,
                "select * from stocksync.stock_as_of(stocksync.moment(%s),"
                " stocksync.product_id(%s), stocksync.location_id(%s), stocksync.moment(%s))",
                (at, sku, location, known_at),
            )
        else:
            app.show(
                output, "select * from stocksync.stock(p_sku => %s, p_below => %s)", (sku, below)
            )
        return

    if sku is None:
        raise click.UsageError("--from draws the curve of one product: give its --sku.")
    if given := _given(then):
        raise click.UsageError(f"--from is about many times: leave out {given}.")
    if plot is not None:
        charts.check(plot)

    columns, rows = app.query(
        "select * from stocksync.stock_history(stocksync.product_id(%(sku)s),"
        " stocksync.beginning(%(from)s), coalesce(stocksync.moment(%(to)s), now()),"
        " coalesce(%(step)s::interval, '1 day'), stocksync.location_id(%(location)s))",
        {"sku": sku, "from": from_, "to": to, "step": step, "location": location},
    )
    if output and plot is None:
        emit(output, columns, rows)
        return
    points = [charts.Point(*row) for row in rows]
    if output:
        emit(output, columns, points)
    if plot is not None:
        [(name,)] = app.query("select name from stocksync.stock(%s)", (sku,))[1]
        charts.plot(points, _title(sku, name, location), plot)
        app.say(f'written to "{plot}"')
    elif not output:
        for line in charts.draw(points, *charts.room()):
            click.echo(line)


def _given(options: dict[str, str | None]) -> str:
    """Return the names of the options that were given."""
    return ", ".join(name for name, value in options.items() if value is not None)


def _title(sku: str, name: str, location: str | None) -> str:
    place = f", {location}" if location else ""
    return printable(f"{sku}: {name}{place}")


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
