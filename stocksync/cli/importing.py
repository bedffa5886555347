"""The commands ``stocksync import ...``."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from itertools import islice
from typing import LiteralString, cast

import click
from psycopg.rows import TupleRow

from stocksync import importing
from stocksync.cli.context import App, pass_app
from stocksync.errors import StocksyncError
from stocksync.output import emit, output_options, progress

COLUMNS = ("line", "column_name", "value", "problem")
LISTED = 50  # problems that people are shown
SHOWN = 60  # characters of a value


@click.group("import", context_settings={"help_option_names": ["-h", "--help"]})
def import_() -> None:
    """Bring in products, movements or counts from a file.

    FILE is CSV with a header line, or JSON lines, in UTF-8, packed with gzip or not; - is standard
    input. Its columns are those of the table, in any order, some or all. An empty cell means the
    default.

    All of the file is imported, or nothing: then every bad line is listed, on stderr, or as rows
    with --json and --csv, and the exit status is 1.

    \b
    Example:
      stocksync import products products.csv
      stocksync import movements movements.csv.gz
      stocksync import counts stock-take.csv
    """


@import_.command()
@click.argument("file")
@click.option("--update", is_flag=True, help="Change products that are there with other values.")
@output_options
@pass_app
def products(app: App, file: str, update: bool, output: str | None) -> None:
    """Create the products in FILE.

    It has the columns sku and name, and may have status, is_deleted, allow_negative, reorder_point,
    unit_cost, tracks_batches and batch_strategy (fefo, fifo or lifo). Products that are there
    already are left as they are.

    \b
    Example:
      stocksync import products products.csv
      zcat products.csv.gz | stocksync import products - --update

    In SQL: stocksync.stage_import(), COPY, stocksync.import_products().
    """
    inserted, updated, already, differing, _ = _import(
        app, "products", file, output, "select * from stocksync.import_products(%s, %s)", update
    )
    app.say(
        f"{inserted} inserted, {updated} updated, {already} were there already"
        + (f", {differing} with other values (see --update)" if differing else "")
    )


@import_.command()
@click.argument("file")
@click.option("--create-products", is_flag=True, help="Create unknown skus, with the sku as name.")
@output_options
@pass_app
def movements(app: App, file: str, create_products: bool, output: str | None) -> None:
    """Book the movements in FILE.

    It has the columns sku (or product_id), transaction_type and quantity, and may have occurred_at,
    location (or location_id), movement_type, unit_cost, reference, idempotency_key, user_id, notes,
    metadata, batch_number and expiry_date. A time without an offset is in the time zone of the
    installation.

    Lines whose idempotency_key is booked already are skipped, so that a file can be sent again. A
    line without one is booked every time.

    \b
    Example:
      stocksync import movements movements.csv.gz --create-products
      stocksync import movements movements.jsonl --json > problems.json

    In SQL: stocksync.stage_import(), COPY, stocksync.import_movements().
    """
    inserted, already, created, _ = _import(
        app,
        "movements",
        file,
        output,
        "select * from stocksync.import_movements(%s, %s)",
        create_products,
    )
    app.say(
        f"{inserted} inserted, {already} were there already"
        + (f", {created} products created" if created else "")
    )


@import_.command()
@click.argument("file")
@output_options
@pass_app
def counts(app: App, file: str, output: str | None) -> None:
    """Record the counts in FILE.

    It has the columns sku (or product_id) and quantity, and may have counted_at, location (or
    location_id), batch_number, user_id and notes. A line without counted_at is of now; a day alone
    is its end. A time without an offset is in the time zone of the installation.

    What is booked is the difference to the ledger of each moment, as `stocksync count` does: sent
    again, a file books nothing.

    \b
    Example:
      stocksync import counts stock-take.csv
      stocksync import counts stock-take.jsonl --json > problems.json

    In SQL: stocksync.stage_import(), COPY, stocksync.import_counts().
    """
    counted, corrected, equal, moved_since, _ = _import(
        app, "counts", file, output, "select * from stocksync.import_counts(%s)"
    )
    app.say(
        f"{counted} counted, {corrected} corrected, {equal} equal"
        + (f", {moved_since} of which the stock has moved since" if moved_since else "")
    )


def import_file(
    app: App,
    kind: importing.Kind,
    file: str,
    output: str | None,
    query: LiteralString,
    *options: object,
) -> tuple[int, ...]:
    """Stage the file, import it by ``query``, return its counts: the last is that of problems.

    Raises StocksyncError if there are any, after telling them.
    """
    name = importing.title(file)
    with app.connection.transaction():
        with progress(f"reading {name}", importing.size(file), quiet=app.hides_progress) as advance:
            importing.stage(app.connection, kind, file, advance)
        counts = app.connection.execute(query, (file, *options)).fetchone() or ()
        if problems := counts[-1]:
            _report(app, kind, output, problems, kind == "movements" and bool(options[0]))
            raise StocksyncError(
                f"nothing imported: {problems} problem{'s' * (problems > 1)} in {name}"
            )
    return counts


def _import(
    app: App,
    kind: importing.Kind,
    file: str,
    output: str | None,
    query: LiteralString,
    *options: bool,
) -> tuple[int, ...]:
    """Import the file; with --json and --csv, the list of its problems is empty then."""
    counts = import_file(app, kind, file, output, query, *options)
    if output:
        emit(output, COLUMNS, ())
    return counts


def _report(app: App, kind: str, output: str | None, problems: int, create_products: bool) -> None:
    found = app.connection.cursor().stream(
        "select * from stocksync.import_problems(%s, %s)", (kind, create_products)
    )
    # closed, since the rollback would wait for a query whose reader has gone away
    with closing(cast(Generator[TupleRow], found)) as rows:
        if output:
            emit(output, COLUMNS, rows)
            return
        for line, column, value, problem in islice(rows, LISTED):
            app.tell("error", f"line {line}: {_subject(column, value)}{problem}")
    if problems > LISTED:
        app.tell("error", f"… and {problems - LISTED} more: --json and --csv list all")


def _subject(column: str | None, value: str | None) -> str:
    if column is None:
        return ""
    if value is None:
        return f"{column} "
    # repr, since the value may hold what a terminal obeys
    return f"{column} {value if len(value) <= SHOWN else value[:SHOWN] + '…'!r} "
