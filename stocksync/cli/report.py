"""``stocksync report ...``: what the materialized views say, and what the past was like."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, LiteralString

import click
from psycopg.rows import TupleRow

from stocksync.cli.context import App, pass_app
from stocksync.cli.reads import Number
from stocksync.output import Drawing, bar, emit, output_options, plain_number, sparkline

Row = Mapping[str, Any]
# Headings of a table for people, and what stands below them. JSON and CSV have all columns.
Shown = Mapping[str, Callable[[Row], object]]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def report() -> None:
    """Show what the reports say: how long stock lasts, what moves, what sells.

    They are made of the movements by `stocksync refresh`; each says as of when.

    \b
    Example:
      stocksync report stock --limit 20
      stocksync report trends --period week
      stocksync report movers --dead
    """


@report.command()
@click.option("--sku", help="Only this product.")
@output_options
@pass_app
def negative(app: App, sku: str | None, output: str | None) -> None:
    """Show whose stock was below zero at any time since the books were last closed.

    By when movements occurred: a movement dated back can bring that about, where negative stock is
    allowed. The lowest first.

    \b
    Example:
      stocksync report negative

    In SQL: select * from stocksync.negative_in_past().
    """
    app.show(
        output,
        "select * from stocksync.negative_in_past("
        "case when %(sku)s::text is not null then array[stocksync.product_id(%(sku)s)] end)",
        {"sku": sku},
    )


@report.command()
@click.option("--sku", help="Only this product.")
@click.option(
    "--cover-below", type=Number(), metavar="DAYS", help="Only what lasts less than DAYS."
)
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Only the first N.")
@output_options
@pass_app
def stock(
    app: App, sku: str | None, cover_below: Decimal | None, limit: int | None, output: str | None
) -> None:
    """Show how long the stock lasts, what runs out first at the top.

    Sold/day is the average of the last 30 whole days; the last column draws two of these days in
    each character. Cover is how many days the stock lasts at this rate.

    \b
    Example:
      stocksync report stock --cover-below 14
      stocksync report stock --sku TEA-EARL-GREY --json

    In SQL: select * from stocksync.report_stock(p_cover_below => 14).
    """
    _show(
        app,
        output,
        "stock_summary",
        "select * from stocksync.report_stock(%s, %s, %s)",
        (sku, cover_below, limit),
        {
            "SKU": lambda row: row["sku"],
            "Name": lambda row: row["name"],
            "On hand": lambda row: row["on_hand"],
            "Sold/day": lambda row: round(row["daily_sales_30"], 2),
            "Cover": lambda row: row["days_of_cover"],
            "Last 30 days": lambda row: sparkline(_in_pairs(row["sold_by_day"])),
        },
    )


@report.command()
@click.option(
    "--period",
    type=click.Choice(["day", "week", "month"]),
    default="month",
    show_default=True,
    help="How long a row is.",
)
@click.option("--type", "transaction_type", metavar="TYPE", help="Only this transaction type.")
@output_options
@pass_app
def trends(app: App, period: str, transaction_type: str | None, output: str | None) -> None:
    """Show what moved in each day, week or month, by transaction type.

    Quantities are counted in the direction of the type, bars in parts of its best period; that of
    the period that is not over ends in +.

    \b
    Example:
      stocksync report trends --period week --type sale

    In SQL: select * from stocksync.report_trends('week', 'sale').
    """
    columns, rows = _query(
        app,
        "movement_trends",
        "select * from stocksync.report_trends(%s, %s)",
        (period, transaction_type),
    )
    if output:
        emit(output, columns, rows)
        return
    found = [dict(zip(columns, row, strict=True)) for row in rows]
    most: dict[str, Decimal] = {}
    for row in found:
        name = row["transaction_type"]
        most[name] = max(row["quantity"], most.get(name, row["quantity"]))
    _emit(
        found,
        {
            "Type": lambda row: row["transaction_type"],
            period.title(): lambda row: row["starts_on"],
            "Quantity": lambda row: row["quantity"],
            "Movements": lambda row: row["movements"],
            "": lambda row: Drawing(
                bar(row["quantity"], most[row["transaction_type"]], 10)
                + ("" if row["is_complete"] else "+")
            ),
        },
    )


@report.command()
@click.option("--at", metavar="DATE", help="As of then.  [default: now]")
@click.option("--from", "from_", metavar="DATE", help="What was sold since then.  [default: ever]")
@click.option(
    "--method",
    type=click.Choice(["batch", "fifo", "average"]),
    default="batch",
    show_default=True,
    help="What a unit costs.",
)
@click.option("--sku", help="Only this product.")
@output_options
@pass_app
def value(
    app: App, at: str | None, from_: str | None, method: str, sku: str | None, output: str | None
) -> None:
    """Show what the stock is worth, and what that which was sold had cost.

    Of products that track batches, by the costs of these. With batch, each unit costs what its own
    batch did; with fifo, what came in first goes out first, whatever batch it was taken from; with
    average, what goes out costs the average of what is there then. What customers bring back is
    taken off; Other cost is that of what else went out: lost, used, sent back. No cost is how many
    units of unknown cost are here and have gone: they are in no value. Transfers change nothing.
    Before a product began to track batches, nothing of it is known.

    A day alone is its end; in --from it is its beginning.

    \b
    Example:
      stocksync report value
      stocksync report value --from 2026-10-01 --at 2026-10-31 --method fifo --csv

    In SQL: select * from stocksync.report_value(stocksync.moment('2026-10-31'), 'fifo',
    stocksync.beginning('2026-10-01')).
    """
    columns, rows = app.query(
        "select * from stocksync.report_value("
        "stocksync.moment(%s), %s, stocksync.beginning(%s), %s)",
        (at, method, from_, sku),
    )
    if output:
        emit(output, columns, rows)
    else:
        _emit(
            (dict(zip(columns, row, strict=True)) for row in rows),
            {
                "SKU": lambda row: row["sku"],
                "Quantity": lambda row: row["quantity"],
                "Unit value": lambda row: row["unit_value"],
                "Value": lambda row: row["value"],
                "Sold": lambda row: row["sold"],
                "Cost of sales": lambda row: row["cost_of_sales"],
                "Other cost": lambda row: row["other_cost"],
                "No cost": lambda row: _in_words(
                    {"here": row["without_cost"], "gone": row["gone_without_cost"]}
                ),
            },
        )
    [(left_out,)] = app.query("select stocksync.not_valued(%s)", (sku,))[1]
    if left_out:
        app.say(f"In stock and not valued, as they do not track batches: {left_out} products.")


@report.command()
@click.option("--sku", help="Only this product.")
@click.option("--class", "abc_class", type=click.Choice(["A", "B", "C"]), help="Only this class.")
@click.option("--dead", is_flag=True, help="Only dead stock.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Only the first N.")
@output_options
@pass_app
def movers(
    app: App, sku: str | None, abc_class: str | None, dead: bool, limit: int | None,
    output: str | None,
) -> None:  # fmt: skip
    """Show what sells and what lies, what sold for most at the top.

    About the last days, as many as report_days of the settings says. Class A makes the first 80 %
    of the value sold, B the next 15 %, C the rest, dead is stock of which nothing was sold. Share
    is that of the product, the bar that of all down to it. Turned is how often the stock was sold,
    Idle the days without a sale.

    \b
    Example:
      stocksync report movers --limit 20
      stocksync report movers --dead --csv

    In SQL: select * from stocksync.report_movers(p_dead => true).
    """
    _show(
        app,
        output,
        "slow_and_fast_movers",
        "select * from stocksync.report_movers(%s, %s, %s, %s)",
        (sku, abc_class, dead, limit),
        {
            "SKU": lambda row: row["sku"],
            "Class": lambda row: row["abc_class"] or ("dead" if row["is_dead_stock"] else None),
            "Sold": lambda row: row["sold"],
            "Share": lambda row: _share(row["share"], row["cumulative_share"]),
            "Turned": lambda row: None if row["turnover"] is None else round(row["turnover"], 2),
            "On hand": lambda row: row["on_hand"],
            "Idle": lambda row: row["days_without_sale"],
        },
    )


def _show(
    app: App,
    output: str | None,
    view: LiteralString,
    query: LiteralString,
    parameters: Sequence[Any],
    shown: Shown,
) -> None:
    columns, rows = _query(app, view, query, parameters)
    if output:
        emit(output, columns, rows)
    else:
        _emit((dict(zip(columns, row, strict=True)) for row in rows), shown)


def _query(
    app: App, view: LiteralString, query: LiteralString, parameters: Sequence[Any]
) -> tuple[list[str], Iterator[TupleRow]]:
    """Query a report, and tell as of when it is."""
    [(as_of,)] = app.query("select stocksync.report_as_of(%s)", (view,))[1]
    columns, rows = app.query(query, parameters)
    app.say(f"As of {as_of.isoformat(' ', 'seconds')}. `stocksync refresh` makes it new.")
    return columns, rows


def _emit(rows: Iterable[Row], shown: Shown) -> None:
    emit(None, list(shown), ([show(row) for show in shown.values()] for row in rows))


def _in_pairs(values: Sequence[Decimal]) -> list[Decimal]:
    return [sum(values[i : i + 2], Decimal(0)) for i in range(0, len(values), 2)]


def _in_words(numbers: Mapping[str, Decimal]) -> str:
    return ", ".join(f"{plain_number(number)} {name}" for name, number in numbers.items() if number)


def _share(share: Decimal | None, cumulative: Decimal | None) -> Drawing | None:
    if share is None or cumulative is None:
        return None
    return Drawing(f"{share:6.1%} {bar(cumulative, Decimal(1), 6)}")
