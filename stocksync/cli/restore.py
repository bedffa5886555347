"""``stocksync snapshot`` and ``stocksync restore``: keep balances, and start again from them."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import click

from stocksync.cli.context import App, pass_app
from stocksync.cli.importing import import_file
from stocksync.cli.sync import print_products, raise_failures
from stocksync.output import emit_if_asked, output_options, progress


@click.command()
@click.option("--at", metavar="TIME", help="Of this time; by default of now.")
@click.option("--note", default="", help="Why: shown by --list and by restore.")
@click.option("--list", "list_", is_flag=True, help="List the snapshots.")
@output_options
@pass_app
def snapshot(app: App, at: str | None, note: str, list_: bool, output: str | None) -> None:
    """Keep the stock of all products, to restore from.

    Waits for transactions that are writing movements; none of them waits for it. A TIME without
    offset is in the shop's time zone, a day alone is the end of that day.

    \b
    Example:
      stocksync snapshot --note 'before the import'
      stocksync snapshot --at 2026-10-31
      stocksync snapshot --list

    In SQL: call stocksync.take_snapshot(p_note => 'before the import');
    select * from stocksync.list_snapshots().
    """
    if list_:
        if at or note:
            raise click.UsageError("--list shows all snapshots: it takes no --at and no --note.")
        app.show(output, "select * from stocksync.list_snapshots()")
        return
    with progress("waiting for writers", quiet=app.hides_progress):
        [(number,)] = app.change(
            "call stocksync.take_snapshot(stocksync.moment(%s), %s)", (at, note)
        )[1]
    emit_if_asked(output, ("snapshot_id",), (number,))
    app.say(f"Snapshot {number} taken.")


@click.command()
@click.option(
    "--from-date",
    required=True,
    metavar="TIME",
    help="Movements since then are added to the balance before it.",
)
@click.option("--live", is_flag=True, help="Apply it; without, only show it.")
@click.option("--product-id", type=int, metavar="ID", help="Only this product.")
@click.option("--sku", help="Only this product, by its sku.")
@click.option("--snapshot", type=int, metavar="N", help="Start from this snapshot.")
@click.option("--balances", metavar="FILE", help="Start from the balances in FILE, as of TIME.")
@output_options
@pass_app
def restore(
    app: App,
    from_date: str,
    live: bool,
    product_id: int | None,
    sku: str | None,
    snapshot: int | None,
    balances: str | None,
    output: str | None,
) -> None:
    """Restore the stock: a balance that can be trusted, plus the movements since.

    The balance is that of the last closing or snapshot before TIME; where there is none, the
    movements are trusted alone. What the movements lack of it is booked, and stored quantities are
    corrected. Shows what would change; --live does it, as a run that `stocksync undo` takes back.

    FILE is CSV or JSON lines with the columns sku (or product_id), quantity and, where there are
    places, location; what is not in it is left as it is.

    \b
    Example:
      stocksync restore --from-date 2026-11-01
      stocksync restore --from-date 2026-11-01 --sku TEA-EARL-GREY --live
      stocksync restore --from-date 2026-11-01 --balances counted.csv

    In SQL: select * from stocksync.restore_source('2026-11-01');
    select * from stocksync.restore_dry_run('2026-11-01'); call stocksync.restore('2026-11-01').
    """
    if product_id is not None and sku is not None:
        raise click.UsageError("--product-id and --sku name one product each; give one of them.")
    if snapshot is not None and balances:
        raise click.UsageError("--snapshot and --balances are two things to start from.")
    scope = {"from": from_date, "product_id": product_id, "sku": sku, "snapshot": snapshot}

    # The balances of a dry run are only lent.
    with app.ledger.transaction(force_rollback=not live) if balances else nullcontext():
        if balances:
            scope["snapshot"], *_ = import_file(
                app,
                "balances",
                balances,
                output,
                "select * from stocksync.import_balances(%s, %s)",
                from_date,
            )
        count = _show(app, output, scope)
    app.say(f"Products that differ: {count}")
    if not live:
        if count:
            app.say("Run the same with --live to restore them.")
        return

    with progress("restoring", quiet=app.hides_progress):
        [(run,)] = app.change(
            "call stocksync.restore(%(from)s, null,"
            " coalesce(%(product_id)s::bigint, stocksync.product_id(%(sku)s)), %(snapshot)s)",
            scope,
        )[1]
    app.tell_events(run)
    app.say(f"Restored (run {run}). Take it back with `stocksync undo {run}`.")
    raise_failures(app, run)


def _show(app: App, output: str | None, scope: dict[str, Any]) -> int:
    """Tell from what the restore starts and print what it changes; return how many products."""
    [(source, at, _, _, balances)] = app.query(
        "select * from stocksync.restore_source(%(from)s, %(snapshot)s)", scope
    )[1]
    if at is None:
        app.say("Starting from the movements alone: there is no closing and no snapshot before.")
    else:
        app.say(f"Starting from {source}, which holds {balances} balances as of {at}.")
    return print_products(
        app,
        output,
        "select * from stocksync.restore_dry_run(%(from)s,"
        " coalesce(%(product_id)s::bigint, stocksync.product_id(%(sku)s)), %(snapshot)s)",
        scope,
    )
