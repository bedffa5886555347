"""The commands ``stocksync batch ...``: what came in together, and until when it may be sold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal

import click
from psycopg.rows import TupleRow

from stocksync.cli.context import App, pass_app
from stocksync.cli.reads import Number
from stocksync.output import emit, output_options, progress

_DAY = click.DateTime(["%Y-%m-%d"])

# Columns and headings for people, few enough to fit a terminal.
_LISTED = {
    "batch_id": "ID",
    "sku": "SKU",
    "batch_number": "Batch",
    "location": "Location",
    "remaining": "Left",
    "cost_price": "Cost",
    "expiry_date": "Expires",
    "days_left": "Days",
    "state": "State",
}
_WRITTEN_OFF = {
    "sku": "SKU",
    "batch_number": "Batch",
    "location": "Location",
    "expiry_date": "Expires",
    "quantity": "Quantity",
    "cost_price": "Cost",
    "value": "Value",
}
_OPENING = {
    "sku": "SKU",
    "name": "Name",
    "location": "Location",
    "quantity": "Quantity",
    "cost_price": "Cost",
}
_TRACKED = {"sku": "SKU", "name": "Name", "quantity_on_hand": "On hand"}


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def batch() -> None:
    """List, receive, quarantine, correct and write off batches; let products track them.

    \b
    Example:
      stocksync batch track --sku MILK --live
      stocksync batch receive MILK 24 --batch L-1207 --expires 2026-12-07 --cost 0.89
      stocksync batch list --expiring 7
    """


@batch.command("list")
@click.option("--sku", help="Only this product.")
@click.option(
    "--expiring",
    type=click.IntRange(0, 36500),
    metavar="DAYS",
    help="Only what expires within so many days.",
)
@click.option("--expired", is_flag=True, help="Only what has expired.")
@click.option("--all", "is_all", is_flag=True, help="Exhausted and retired batches too.")
@output_options
@pass_app
def list_(
    app: App,
    sku: str | None,
    expiring: int | None,
    expired: bool,
    is_all: bool,
    output: str | None,
) -> None:
    """List the batches in which something is left, in the order in which they are taken.

    With --expiring or --expired, or both, the most urgent come first. A batch is "available",
    "expired" or "quarantined"; with --all also "exhausted", or "retired": of a time when the
    product tracked batches.

    \b
    Example:
      stocksync batch list --sku MILK
      stocksync batch list --expiring 7 --expired

    In SQL: select * from stocksync.list_batches(p_sku => 'MILK');
    select * from stocksync.list_batches(p_expiring_days => 7, p_expired => true).
    """
    _print(
        output,
        _LISTED,
        *app.query(
            "select * from stocksync.list_batches(%s, %s, %s, %s)", (sku, expiring, expired, is_all)
        ),
    )


@batch.command()
@click.argument("sku")
@click.argument("quantity", type=Number(), metavar="QTY")
@click.option("--batch", "number", metavar="NUMBER", help="What is printed on it.")
@click.option("--expires", type=_DAY, metavar="DAY", help="The last day on which it may be sold.")
@click.option("--cost", type=Number(), metavar="N", help="What one unit costs.")
@click.option("--location", metavar="NAME", help="Where, if the shop has several places.")
@click.option("--type", "type_", default="purchase", show_default=True, help="Why it comes in.")
@click.option("--at", metavar="TIME", help="When it came in, if not now. A day is its beginning.")
@click.option("--reference", metavar="TEXT", help="The document behind it.")
@click.option("--key", metavar="TEXT", help="Makes it safe to repeat: one key is booked once.")
@output_options
@pass_app
def receive(
    app: App,
    sku: str,
    quantity: Decimal,
    number: str | None,
    expires: datetime | None,
    cost: Decimal | None,
    location: str | None,
    type_: str,
    at: str | None,
    reference: str | None,
    key: str | None,
    output: str | None,
) -> None:
    """Book QTY units of SKU that come in, and show the batch that they are of.

    It is one that is there, if number, expiry date and cost agree, or a new one. Without a number
    it is a batch of its own; what else is left out is as the last batch of the number says.

    \b
    Example:
      stocksync batch receive MILK 24 --batch L-1207 --expires 2026-12-07 --cost 0.89
      stocksync batch receive MILK 24 --batch L-1207 --reference PO-17 --key PO-17/1

    In SQL: select * from stocksync.receive_batch(stocksync.product_id('MILK'), 24,
    p_batch_number => 'L-1207', p_expiry_date => '2026-12-07', p_unit_cost => 0.89).
    """
    emit(
        output,
        *app.change(
            """
            select * from stocksync.receive_batch(
                stocksync.product_id(%s), %s, %s, %s, %s, %s, stocksync.location_id(%s), %s, %s, %s
            )
            """,
            (
                sku, quantity, number, expires.date() if expires else None, cost, type_, location,
                at, reference, key,
            ),
        ),
    )  # fmt: skip


@batch.command()
@click.option("--sku", help="Only this product.")
@click.option("--live", is_flag=True, help="Do it; without, show what would be written off.")
@output_options
@pass_app
def expire(app: App, sku: str | None, live: bool, output: str | None) -> None:
    """Write off what remains of batches whose last day is over, quarantined or not.

    Books a movement of type "expired" for each, as a run that `stocksync undo` takes back. Shows
    what it would do, and does it with --live. Can be called every night.

    \b
    Example:
      stocksync batch expire
      stocksync batch expire --live

    In SQL: select * from stocksync.expire_dry_run(); call stocksync.expire();
    select * from stocksync.expired(17).
    """
    if not live:
        count = _print(
            output,
            _WRITTEN_OFF,
            *app.query("select * from stocksync.expire_dry_run(stocksync.product_id(%s))", (sku,)),
        )
        app.say(f"Batches to be written off: {count}")
        if count:
            app.say("Nothing is changed yet. Run the same with --live to apply.")
        return

    with progress("writing off", quiet=app.hides_progress):
        [(run,)] = app.change("call stocksync.expire(null, stocksync.product_id(%s))", (sku,))[1]
    app.tell_events(run)
    count = _print(output, _WRITTEN_OFF, *app.query("select * from stocksync.expired(%s)", (run,)))
    app.say(f"Batches written off: {count}")
    if count:
        app.say(f"Written off by run {run}. Take it back with `stocksync undo {run}`.")


@batch.command()
@click.argument("sku")
@click.argument("number")
@click.option("--lift", is_flag=True, help="Let it be sold again.")
@click.option("--reason", metavar="TEXT", help="Why: kept in the log.")
@output_options
@pass_app
def quarantine(
    app: App, sku: str, number: str, lift: bool, reason: str | None, output: str | None
) -> None:
    """Keep all that has this batch NUMBER, at whatever place, from being sold or used.

    It can still be written off, moved, counted and sent back. --lift takes it back.

    \b
    Example:
      stocksync batch quarantine MILK L-1207 --reason 'recall of 12 November'
      stocksync batch quarantine MILK L-1207 --lift

    In SQL: select * from stocksync.quarantine_batch(stocksync.product_id('MILK'), 'L-1207').
    """
    emit(
        output,
        *app.change(
            "select * from stocksync.quarantine_batch(stocksync.product_id(%s), %s, %s, %s)",
            (sku, number, lift, reason),
        ),
    )


@batch.command()
@click.argument("batch_id", metavar="ID", type=click.IntRange(1, 2**63 - 1))
@click.option("--batch", "number", metavar="NUMBER", help="What is really printed on it.")
@click.option("--expires", type=_DAY, metavar="DAY", help="The right last day.")
@click.option("--never-expires", is_flag=True, help="It has no last day.")
@click.option("--cost", type=Number(), metavar="N", help="What one unit really cost.")
@click.option("--reason", metavar="TEXT", help="Why: kept in the log.")
@output_options
@pass_app
def correct(
    app: App,
    batch_id: int,
    number: str | None,
    expires: datetime | None,
    never_expires: bool,
    cost: Decimal | None,
    reason: str | None,
    output: str | None,
) -> None:
    """Correct the number, the expiry date or the cost of a batch, by its ID in `batch list`.

    What is alike (same number, date and cost) at other places is corrected with it. What was taken
    from it stays taken.

    \b
    Example:
      stocksync batch correct 12 --expires 2027-12-07 --reason 'a slip of the pen'

    In SQL: select * from stocksync.correct_batch(12, p_expiry_date => '2027-12-07').
    """
    if expires and never_expires:
        raise click.UsageError("--expires and --never-expires contradict each other.")
    if number is None and cost is None and not (expires or never_expires):
        raise click.UsageError("What is wrong? Give --batch, --expires, --never-expires or --cost.")
    day = "infinity" if never_expires else expires.date().isoformat() if expires else None
    emit(
        output,
        *app.change(
            "select * from stocksync.correct_batch(%s, %s, %s, %s, %s)",
            (batch_id, number, day, cost, reason),
        ),
    )


@batch.command()
@click.option("--sku", "skus", multiple=True, help="This product; can be given several times.")
@click.option("--all", "is_all", is_flag=True, help="All products that are not deleted.")
@click.option("--off", is_flag=True, help="Track no longer: the batches are retired.")
@click.option("--live", is_flag=True, help="Do it; without, show what would become of the stock.")
@output_options
@pass_app
def track(
    app: App, skus: tuple[str, ...], is_all: bool, off: bool, live: bool, output: str | None
) -> None:
    """Let products track batches, or no longer.

    What is in stock becomes an opening batch at each place, without expiry date. Shows them, and
    does it with --live. With --off shows the batches that would be retired.

    \b
    Example:
      stocksync batch track --sku MILK
      stocksync batch track --sku MILK --live
      stocksync batch track --sku MILK --off --live

    In SQL: select * from stocksync.opening_batches(array[1]);
    select * from stocksync.track_batches(array[1]);
    update products set tracks_batches = true where id = 1.
    """
    if is_all == bool(skus):
        raise click.UsageError("Which products? Give --sku, or --all.")

    scope = {"skus": None if is_all else list(skus), "on": not off}
    if live:
        columns, rows = app.change(
            """
            select * from stocksync.track_batches(
                (select array_agg(stocksync.product_id(s)) from unnest(%(skus)s::text[]) as s),
                %(on)s
            )
            """,
            scope,
        )
        count = _print(output, _TRACKED, columns, rows)
        app.say(f"Products that track batches {'no longer' if off else 'now'}: {count}")
        return
    if off:
        count = _print(
            output,
            _LISTED,
            *app.query(
                "select b.* from unnest(coalesce(%(skus)s::text[], array[null])) as s"
                " cross join stocksync.list_batches(s) as b",
                scope,
            ),
        )
        app.say(f"Batches that would be retired: {count}")
    else:
        count = _print(
            output,
            _OPENING,
            *app.query(
                """
                select * from stocksync.opening_batches(
                    (select array_agg(stocksync.product_id(s)) from unnest(%(skus)s::text[]) as s)
                )
                """,
                scope,
            ),
        )
        app.say(f"Batches to begin with: {count}")
    app.say("Nothing is changed yet. Run the same with --live to apply.")


def _print(
    output: str | None,
    headings: dict[str, str],
    columns: Sequence[str],
    rows: Iterable[TupleRow],
) -> int:
    """Print rows, for people only the columns with a heading; return how many there are."""
    count = 0

    def counted() -> Iterator[TupleRow]:
        nonlocal count
        for row in rows:
            count += 1
            yield row

    if output:
        emit(output, columns, counted())
    else:
        positions = [columns.index(name) for name in headings]
        emit(None, list(headings.values()), ([row[i] for i in positions] for row in counted()))
    return count
