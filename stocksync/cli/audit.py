"""``stocksync audit``: compare the stock in every source, and say what differs and why."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from stocksync.audits import SOURCES, Finding, Report, check_export, export
from stocksync.cli.api_options import ApiOptions, api_options, read_api
from stocksync.cli.context import App, pass_app
from stocksync.errors import ExitStatus, StocksyncError
from stocksync.output import emit, progress, signed_number

_STATES = {
    "new": "New",
    "changed": "Still there, changed",
    "same": "Still there",
    "not_compared": "Not looked at by both",
    "resolved": "Resolved",
}


@click.command()
@click.option("--product-id", type=int, metavar="ID", help="Only this product.")
@click.option("--sku", help="Only this product, by its sku.")
@click.option(
    "--deep",
    is_flag=True,
    help="Compare each day and type of the roll-up too, and tell who was once below zero.",
)
@click.option(
    "--source",
    "sources",
    multiple=True,
    type=click.Choice(list(SOURCES)),
    help="Tell only what is wrong with this source; may be given several times.",
)
@click.option(
    "--export",
    "exports",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the report to FILE too: .json, .csv or .html; may be given several times.",
)
@click.option(
    "--compare",
    nargs=2,
    type=click.Path(path_type=Path),
    metavar="BEFORE AFTER",
    help="Do not audit: compare the JSON reports of two audits.",
)
@click.option(
    "--exit-code",
    type=click.IntRange(0, 125),
    default=int(ExitStatus.CHECK_FAILED),
    show_default=True,
    help="End with this status where something was found; 0 never fails for that.",
)
@api_options
@click.option("--json", "output", flag_value="json", type=str, help="Print the report as JSON.")
@click.option("--csv", "output", flag_value="csv", type=str, help="Print a line for each finding.")
@pass_app
def audit(
    app: App,
    product_id: int | None,
    sku: str | None,
    deep: bool,
    sources: tuple[str, ...],
    exports: tuple[Path, ...],
    compare: tuple[Path, Path] | None,
    exit_code: int,
    api: ApiOptions,
    output: str | None,
) -> None:
    """Compare the stock of every product in every source, and correct nothing.

    Looks at the batches and the balances of the last closing too, and with --deep, which takes
    longer, at each day and type, as `stocksync sync --force` does. What differs is recorded, with
    its causes where the database can tell them, and the exit status is 3, or what --exit-code says.

    With --compare, shows what has become of the mismatches between two audits; the exit status is
    as above unless all are resolved.

    \b
    Example:
      stocksync audit
      stocksync audit --sku TEA-EARL-GREY
      stocksync audit --export report.json --export report.html
      stocksync audit --deep --source batches --source total_stock --exit-code 0
      stocksync audit --compare before.json after.json
      stocksync audit --api-url 'https://shop.example/products?page={page}' --api-match sku

    In SQL: call stocksync.audit(); select stocksync.audit_report(1);
    select * from stocksync.compare_reports('...', '...').
    """
    if compare:
        if product_id is not None or sku is not None or deep or sources or exports:
            raise click.UsageError("--compare reads two reports: it goes with no other choice.")
        _end(exit_code, unless=_compare(app, output, *compare))
        return
    if product_id is not None and sku is not None:
        raise click.UsageError("--product-id and --sku name one product each; give one of them.")
    for path in exports:
        check_export(path)

    if "api" in sources and not (api.url or api.file):
        raise click.UsageError("--source api needs one: name it by --api-url or --api-file.")
    reading = read_api(app, api)
    with progress("comparing", quiet=app.hides_progress):
        _, returned = app.change(
            "call stocksync.audit(null, nullif(array_remove(array[%(product_id)s,"
            " stocksync.product_id(%(sku)s)], null), '{}'), %(reading)s, %(deep)s)",
            {"product_id": product_id, "sku": sku, "reading": reading, "deep": deep},
        )
    [(run,)] = returned
    app.tell_events(run)
    report = Report(app.ledger, run, list(sources) or None)
    for path in exports:
        export(report, path)

    summary = report.head["summary"]
    if output == "json":
        report.write_json()
    elif output == "csv":
        report.write_csv()
    elif summary["by_class"]:
        _print(report, summary["by_class"])
    _summarize(app, summary)
    _end(exit_code, unless=not summary["mismatches"])


def _end(exit_code: int, *, unless: bool) -> None:
    if not unless:
        click.get_current_context().exit(exit_code)


# For people ---------------------------------------------------------------------------------------


def _print(report: Report, by_class: dict[str, int]) -> None:
    """Print what was found as tables: the stock of each source, why, and what no customer sees."""
    known = {
        source
        for finding in report.findings()
        for source, quantity in finding["stock"].items()
        if quantity is not None
    }
    shown = [source for source in SOURCES if source in known]
    click.echo("Stock mismatches")
    emit(
        None,
        ["Product", *(SOURCES[source] for source in shown)],
        ([_product(f), *(f["stock"][source] for source in shown)] for f in report.findings()),
    )
    if by_class.keys() - {"missing_from_api"}:
        click.echo("\nTypes and causes")
        emit(None, ["Product", "Name", "Type", "Why"], _reasons(report))
    if "missing_from_api" in by_class:
        click.echo("\nIn stock, but the API does not show it")
        emit(None, ["Product", "Name", "On hand", "Status", "Why"], _hidden(report))


def _hidden(report: Report) -> Iterator[list[object]]:
    for f in report.findings():
        why = [r["text"] for r in f["reasons"] if r["class"] == "missing_from_api"]
        if why:
            status = "deleted" if f["is_deleted"] else f["status"]
            on_hand = f["stock"]["quantity_on_hand"]
            yield [_product(f), f["name"], on_hand, status, " ".join(why)]


def _reasons(report: Report) -> Iterator[list[object]]:
    for f in report.findings():
        # one fault as a rule shows in several sources
        types: dict[str, list[str]] = {}
        for reason in f["reasons"]:
            if reason["class"] != "missing_from_api":
                types.setdefault(reason["text"], []).append(reason["class"])
        for text, classes in types.items():
            yield [_product(f), f["name"], ", ".join(dict.fromkeys(classes)), text]


def _product(finding: Finding) -> str:
    """Return what people call it; what is gone, or what only the API knows, has no sku."""
    if finding["sku"] is not None:
        return str(finding["sku"])
    if finding["product_id"] is not None:
        return f"product {finding['product_id']}"
    return f"API: {'no id' if finding['api_id'] is None else finding['api_id']}"


def _summarize(app: App, summary: dict[str, Any]) -> None:
    if once := summary["once_negative"]:
        app.say(f"Products once below zero: {once}. See `stocksync report negative`.")
    app.say(f"Products compared: {summary['products']}")
    app.say(f"Products with discrepancies: {summary['mismatches']}")
    for name, counts in (("type", summary["by_class"]), ("cause", summary["by_cause"])):
        if counts:
            listed = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
            app.say(f"  by {name}: {', '.join(f'{key} {count}' for key, count in listed)}")
    if summary["lag"]:
        app.say(f"Settled while the API was read: {summary['lag']}")
    if summary["mismatches"]:
        app.say("See what would be mended with `stocksync fix --all`.")


# Two reports --------------------------------------------------------------------------------------


def _compare(app: App, output: str | None, before: Path, after: Path) -> bool:
    """Print what became of the mismatches between two reports; return whether all is resolved."""
    columns, rows = app.change(
        "select * from stocksync.compare_reports(%s::jsonb, %s::jsonb)",
        (_read_report(before), _read_report(after)),
    )
    states = Counter[str]()

    def counted() -> Iterator[dict[str, Any]]:
        for row in rows:
            found = dict(zip(columns, row, strict=True))
            states[found["state"]] += 1
            yield found

    if output:
        emit(output, columns, (list(found.values()) for found in counted()))
    else:
        emit(
            None,
            ["State", "Product", "Name", "Before", "After", "Difference"],
            (
                [
                    _STATES[found["state"]],
                    _product(found),
                    found["name"],
                    ", ".join(found["classes_before"] or ()),
                    ", ".join(found["classes_after"] or ()),
                    _change(found["difference_before"], found["difference_after"]),
                ]
                for found in counted()
            ),
        )
    for state, text in _STATES.items():
        app.say(f"{text}: {states[state]}")
    return states.keys() <= {"resolved"}


def _change(before: Decimal | None, after: Decimal | None) -> str:
    """Return how much too much there was and is, as far as known: once if it is the same."""
    texts = [signed_number(value) for value in (before, after) if value is not None]
    return " → ".join(dict.fromkeys(texts))


def _read_report(path: Path) -> str:
    """Return the text of a report, which is JSON; whether it is a report, the database decides."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        json.loads(text)
    except OSError as error:
        raise StocksyncError(f'cannot read "{path}": {error.strerror or error}') from error
    except (ValueError, RecursionError) as error:
        raise StocksyncError(
            f'"{path}" is no JSON',
            detail=str(error),
            hint="Give what `stocksync audit --export FILE.json` wrote, as it was.",
        ) from error
    return text
