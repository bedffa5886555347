"""``stocksync fix``: plan what an audit asks for, and do it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, LiteralString

import click
import psycopg
from psycopg.errors import Diagnostic
from psycopg.rows import TupleRow

from stocksync import hooks
from stocksync.cli.backup import make as make_backup
from stocksync.cli.context import App, pass_app
from stocksync.cli.sync import raise_failures
from stocksync.errors import ExitStatus, StocksyncError
from stocksync.fixer import KINDS
from stocksync.objects import value
from stocksync.output import emit, output_options, printable, progress, to_json

_HEADINGS = {
    "product_id": "Product ID",
    "sku": "SKU",
    "name": "Name",
    "kind": "Kind",
    "change": "Change",
    "before": "Before",
    "after": "After",
    "skipped": "Skipped",
}
_FIXED = re.compile(r"fixed (\d+) of (\d+) products")
_LARGEST_REPORT = 200_000_000  # bytes; of jsonb PostgreSQL allows 268,435,455
_TOLD = 10_000  # products that a hook is told by name
_PLAN = """
    select * from stocksync.fix_dry_run(
        %(kinds)s,
        nullif(
            array_remove(
                array[coalesce(%(product_id)s::bigint, stocksync.product_id(%(sku)s))], null
            ),
            '{}'
        ),
        %(report)s::text::jsonb
    )
"""
_FIX = """
    call stocksync.fix(
        %(kinds)s,
        null,
        null,
        nullif(
            array_remove(
                array[coalesce(%(product_id)s::bigint, stocksync.product_id(%(sku)s))], null
            ),
            '{}'
        ),
        %(report)s::text::jsonb
    )
"""


@click.command()
@click.option("--fields", is_flag=True, help="Make quantities and roll-up what the movements say.")
@click.option("--batches", is_flag=True, help="Make the batches what the movements say.")
@click.option(
    "--ledger", is_flag=True, help="Book what is missing; give back product rows that are gone."
)
@click.option("--missing", is_flag=True, help="Make products active that the API should show.")
@click.option("--all", "all_", is_flag=True, help="All four.")
@click.option(
    "--from-report",
    "report",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Only what this JSON report of an audit names; of all kinds, or those given.",
)
@click.option("--product-id", type=int, metavar="ID", help="Only this product.")
@click.option("--sku", help="Only this product, by its sku.")
@click.option("--live", is_flag=True, help="Do it; without, show what would be done.")
@click.option("--backup", is_flag=True, help="With --live, make a backup first, or stop.")
@output_options
@pass_app
def fix(
    app: App,
    fields: bool,
    batches: bool,
    ledger: bool,
    missing: bool,
    all_: bool,
    report: Path | None,
    product_id: int | None,
    sku: str | None,
    live: bool,
    backup: bool,
    output: str | None,
) -> None:
    """Fix what `stocksync audit` finds. Shows what it would do, and does it with --live.

    Chunk by chunk, each whole; what is not as the report has it is skipped. Ends with an audit of
    what it touched, and exits with 3 if that finds something. `stocksync undo` takes it back; the
    roll-up and the batches stay what the movements say.

    --fields is what `stocksync sync` does, which also runs every hour, in a queue, or since a date.
    Use sync to keep the stock right, fix to work through a report.

    After a live fix a shop can be told, to clear its cache: STOCKSYNC_FIX_WEBHOOK is a URL that
    gets a JSON POST (with STOCKSYNC_FIX_WEBHOOK_TOKEN as bearer), STOCKSYNC_FIX_COMMAND a program
    that gets it on stdin. If that fails the fix stands, and the exit status is 1.

    \b
    Example:
      stocksync fix --all
      stocksync fix --batches --sku TEA-EARL-GREY --live
      stocksync fix --from-report report.json --live --backup

    In SQL: select * from stocksync.fix_dry_run('{fields,batches}');
    call stocksync.fix('{fields,batches}'); select * from stocksync.fixed(17).
    """
    if product_id is not None and sku is not None:
        raise click.UsageError("--product-id and --sku name one product each; give one of them.")
    asked = dict(zip(KINDS, (fields, ledger, batches, missing), strict=True))
    if all_ or (report and not any(asked.values())):
        kinds = list(KINDS)
    else:
        kinds = [kind for kind, is_asked in asked.items() if is_asked]
    if not kinds:
        raise click.UsageError(
            "Give --fields, --batches, --ledger, --missing, --all or --from-report FILE."
        )

    scope = {
        "kinds": kinds,
        "product_id": product_id,
        "sku": sku,
        "report": report and _read(report),
    }
    if not live:
        with _explaining(report):
            plan = _print(app, output, _PLAN, scope)
        _tell(app, plan, "to be fixed")
        if plan.products:
            app.say("Nothing is changed yet. Run the same with --live to apply.")
        return

    if backup:
        make_backup(app)
    with _explaining(report), progress("fixing", 1, quiet=app.hides_progress) as advance:
        app.ledger.add_notice_handler(_Bar(advance))
        [(run, audit)] = app.change(_FIX, scope)[1]
    app.tell_events(run)
    done = _print(app, output, "select * from stocksync.fixed(%(run)s)", {"run": run})
    _tell(app, done, "fixed")
    if not done.products:
        app.say("Nothing was fixed.")
        raise_failures(app, run)
        return
    app.say(f"Fixed by run {run}. {_undo_hint(app, run)}")
    found = value(app.ledger, "select products_found from stocksync.runs where id = %s", audit)
    app.say(f"Products that the audit afterwards (run {audit}) finds wrong: {found}")
    if found:
        app.say("See them with `stocksync audit`.")
    is_told = _tell_shop(app, run, kinds, done)
    raise_failures(app, run)
    if not is_told:
        click.get_current_context().exit(ExitStatus.ERROR)
    if found:
        click.get_current_context().exit(ExitStatus.CHECK_FAILED)


@dataclass
class _Bar:
    """Advances a bar by what the procedure says after each chunk."""

    advance: Callable[[float], None]
    share: float = 0.0

    def __call__(self, diagnostic: Diagnostic) -> None:
        if said := _FIXED.fullmatch(diagnostic.message_primary or ""):
            share = int(said[1]) / int(said[2])
            self.advance(share - self.share)
            self.share = share


@dataclass
class _Counts:
    """What was printed."""

    products: dict[int, str | None] = field(default_factory=dict)
    skipped: Counter[str] = field(default_factory=Counter)


def _read(path: Path) -> str:
    """Return what is in the file of a report."""
    try:
        if (size := path.stat().st_size) > _LARGEST_REPORT:
            raise StocksyncError(
                f'"{path}" is too big for a report: {size:,} bytes',
                hint=f"At most {_LARGEST_REPORT:,} are read. Fix by kind, without a report.",
            )
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise StocksyncError(f'cannot read "{path}": {error.strerror}') from error
    except UnicodeDecodeError as error:
        raise _no_report(path, "It is not text in UTF-8.") from error


@contextmanager
def _explaining(report: Path | None) -> Iterator[None]:
    """Say of a file that is no JSON that it is not a report; the database says all else."""
    try:
        yield
    except psycopg.errors.InvalidParameterValue:
        raise
    except psycopg.DataError as error:
        if report is None:
            raise
        raise _no_report(report, error.diag.message_primary or str(error)) from error


def _no_report(path: Path, detail: str) -> StocksyncError:
    return StocksyncError(
        f'"{path}" is not the report of an audit',
        detail=detail,
        hint="Make one with `stocksync audit --export FILE.json`.",
    )


def _print(app: App, output: str | None, query: LiteralString, scope: dict[str, Any]) -> _Counts:
    """Print a plan, or what was done, for people with fewer columns; return what it was about."""
    columns, rows = app.query(query, scope)
    counts = _Counts()

    def counted() -> Iterator[TupleRow]:
        for row in rows:
            named = dict(zip(columns, row, strict=True))
            if named["skipped"] is None:
                counts.products[named["product_id"]] = named["sku"]
            else:
                counts.skipped[named["skipped"]] += 1
            yield row

    if output:
        emit(output, columns, counted())
    else:
        shown = [columns.index(name) for name in _HEADINGS]
        emit(None, list(_HEADINGS.values()), ([row[i] for i in shown] for row in counted()))
    return counts


def _tell(app: App, counts: _Counts, what: str) -> None:
    app.say(f"Products {what}: {len(counts.products)}")
    for why, times in counts.skipped.most_common():
        app.say(f"Changes skipped, {printable(why)}: {times}")


def _undo_hint(app: App, run: int) -> str:
    query = "select movements + corrections > 0 from stocksync.undo_counts(%s)"
    if value(app.ledger, query, run):
        return f"Take it back with `stocksync undo {run} --live`."
    return "Nothing to take back: batches, roll-up and product rows stay as they are now."


def _tell_shop(app: App, run: int, kinds: Sequence[str], done: _Counts) -> bool:
    """Tell the hooks what was fixed, and people how that went; return whether all were told."""
    database = app.ledger.info.dbname
    total = len(done.products)
    listed = [{"id": id_, "sku": sku} for id_, sku in list(done.products.items())[:_TOLD]]
    message = {
        "text": f"stocksync {database}: fix {run} ({', '.join(kinds)}) changed {total}"
        f" product{'s' * (total != 1)}",
        "database": database,
        "run": run,
        "kinds": kinds,
        "products_total": total,
        "products_cut": total > _TOLD,
        "products": listed,
    }
    is_told = True
    for channel, error in hooks.tell("STOCKSYNC_FIX", to_json(message).encode()):
        if error is None:
            app.say(f"Told the {channel} of STOCKSYNC_FIX_{channel.upper()}.")
        else:
            is_told = False
            app.tell(
                "error",
                f"error: the {channel} of STOCKSYNC_FIX_{channel.upper()} was not told: {error}\n"
                "hint: The fix stands. Clear the shop's cache by hand.",
            )
    return is_told
