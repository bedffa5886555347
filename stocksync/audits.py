"""What an audit found, as documents: JSON and CSV for programs, a page of HTML for people.

What a report says is decided by ``stocksync.audit_report()``; here it only gets its form.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined

from stocksync.db import Connection
from stocksync.errors import StocksyncError
from stocksync.output import emit, plain_number, to_json

Finding = dict[str, Any]
Document = dict[str, Any]

SOURCES = {
    "quantity_on_hand": "On hand",
    "total_stock": "Total",
    "ledger": "Ledger",
    "rolled_up": "Rolled up",
    "by_location": "Locations",
    "batches": "Batches",
    "api": "API",
}

# On the page; a browser is slow with more, and nobody reads them.
_LISTED = 2000
_DRAWN = 8
_PAST = 30

_PLAIN = ("product_id", "sku", "name", "status", "is_deleted")
_COLUMNS = (
    *_PLAIN,
    *SOURCES,
    *("spread", "difference", "movements", "api_id", "api_status", "classes", "causes", "reasons"),
)


def parse(text: str) -> Document:
    """Return what an object of JSON from the database says, with every digit of its numbers."""
    parsed: Document = json.loads(text, parse_float=Decimal, parse_int=_whole)
    return parsed


class Report(NamedTuple):
    """The report of a run, whose findings are read one by one: there may be many."""

    connection: Connection
    run: int
    sources: list[str] | None

    @property
    def head(self) -> Document:
        """Everything but the findings."""
        document = self.document(0)
        document.pop("findings")
        return document | {"omitted": 0}

    def document(self, limit: int | None) -> Document:
        """Return the report, with at most so many findings."""
        query = "select stocksync.audit_report(%s, %s, %s)::text"
        [(text,)] = self.connection.execute(query, (self.run, self.sources, limit))
        return parse(text)

    def findings(self) -> Iterator[Finding]:
        """Yield the findings, those that are furthest apart first."""
        rows = self.connection.cursor().stream(
            "select f::text from stocksync.reported_findings(%s, %s) as f", (self.run, self.sources)
        )
        for (text,) in rows:
            yield parse(text)

    def write_json(self) -> None:
        """Print the report as the document that it is, a finding on each line."""
        head = self.head
        first = {"schema": head.pop("schema"), **head}
        sys.stdout.write(to_json(first)[:-1] + ', "findings": [')
        separator = "\n"
        for finding in self.findings():
            sys.stdout.write(separator + to_json(finding))
            separator = ",\n"
        sys.stdout.write("\n]}\n")

    def write_csv(self) -> None:
        """Print a line for each finding."""
        emit("csv", _COLUMNS, map(_row, self.findings()))

    def write_html(self) -> None:
        """Print the report as a page."""
        sys.stdout.write(page(self.connection, self.document(_LISTED)))


# Files --------------------------------------------------------------------------------------------

_FORMATS: dict[str, Callable[[Report], None]] = {
    ".json": Report.write_json,
    ".csv": Report.write_csv,
    ".html": Report.write_html,
}


def check_export(path: Path) -> None:
    """Raise StocksyncError if no report could be written to ``path``: before the audit runs."""
    reason = hint = None
    if path.suffix.lower() not in _FORMATS:
        reason, hint = "its suffix says no format", "Give a name that ends in .json, .csv or .html."
    elif not path.parent.is_dir():
        reason, hint = f'there is no directory "{path.parent}"', "Make it, or give another one."
    elif path.is_dir():
        reason, hint = "it is a directory", "Give the name of a file."
    elif not os.access(path.parent, os.W_OK):
        reason, hint = f'"{path.parent}" may not be written to', "Give another directory."
    if reason:
        raise StocksyncError(f'cannot export to "{path}": {reason}', hint=hint)


def export(report: Report, path: Path) -> None:
    """Write a report to a file, in the format that its suffix says: whole, or not at all."""
    try:
        with _whole_file(path):
            _FORMATS[path.suffix.lower()](report)
    except OSError as error:
        raise StocksyncError(
            f'cannot write "{path}": {error.strerror or error}',
            hint=f"What was found is kept: select stocksync.audit_report({report.run}).",
        ) from error


@contextmanager
def _whole_file(path: Path) -> Iterator[None]:
    """Let stdout be a file, which comes into its place when all is written."""
    with tempfile.NamedTemporaryFile(
        "w", dir=path.parent, prefix=f".{path.name}.", delete=False, encoding="utf-8", newline=""
    ) as file:
        written = Path(file.name)
        try:
            with redirect_stdout(file):
                yield
            file.flush()
            os.fsync(file.fileno())
            written.chmod(0o666 & ~_umask())
            written.replace(path)
        except BaseException:
            written.unlink(missing_ok=True)
            raise


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _row(finding: Finding) -> Sequence[object]:
    """Return a finding as a line of CSV: lists in words."""
    values = finding | finding["stock"]
    values["classes"] = ", ".join(finding["classes"])
    values["causes"] = ", ".join(finding["causes"])
    # one fault as a rule shows in several sources
    values["reasons"] = " ".join(dict.fromkeys(reason["text"] for reason in finding["reasons"]))
    return [values[column] for column in _COLUMNS]


def _whole(digits: str) -> Decimal | int:
    """Return a whole number; one that is longer than Python cares to read, as a decimal."""
    return int(digits) if len(digits) < 100 else Decimal(digits)


# The page -----------------------------------------------------------------------------------------


class Bar(NamedTuple):
    """A bar of a chart: where it begins and how long it is, in percent of the room."""

    label: str
    text: str
    start: float
    length: float
    differs: bool = False


def page(connection: Connection, document: Document) -> str:
    """Return a report as a page of HTML that asks nobody for anything."""
    rows = connection.execute("select * from stocksync.list_audits(%s)", (_PAST,))
    names = [column.name for column in rows.description or ()]
    past = [dict(zip(names, row, strict=True)) for row in rows][::-1]
    environment = Environment(
        loader=PackageLoader("stocksync"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": _number, "words": _words, "label": SOURCES.__getitem__}
    most = max((audit["mismatches"] for audit in past), default=0)
    return environment.get_template("audit.html.jinja").render(
        report=document,
        sources={name: SOURCES[name] for name in SOURCES if _is_shown(document, name)},
        worst=[
            (finding, _side_by_side(finding))
            for finding in document["findings"][:_DRAWN]
            if finding["spread"] and finding["classes"] != ["lag"]
        ],
        causes=_counts(document["summary"]["by_cause"]),
        classes=_counts(document["summary"]["by_class"]),
        hidden=[f for f in document["findings"] if "missing_from_api" in f["classes"]],
        past=past,
        most=most,
    )


def _words(name: str) -> str:
    """Return the name of a class or a cause as people write it."""
    return " ".join("API" if word == "api" else word for word in name.split("_"))


def _number(value: Decimal | int | str | None) -> str:
    return "" if value is None else plain_number(Decimal(value))


def _is_shown(document: Document, source: str) -> bool:
    """Tell whether a source has anything to show: not all shops have batches, or an API."""
    return any(finding["stock"][source] is not None for finding in document["findings"])


def _side_by_side(finding: Finding) -> list[Bar]:
    """Return the stock of a product in each source, on one scale that has a zero."""
    known = {name: stock for name, stock in finding["stock"].items() if stock is not None}
    # NaN and infinity come as text, and no bar is so long
    drawn = {name: 0 if isinstance(stock, str) else stock for name, stock in known.items()}
    least = min(0, *drawn.values())
    room = (max(0, *drawn.values()) - least) or 1
    bars = [
        Bar(
            label,
            _number(known[source]),
            float((min(drawn[source], 0) - least) * 100 / room),
            float(abs(drawn[source]) * 100 / room),
            known[source] != known.get("ledger", 0),
        )
        for source, label in SOURCES.items()
        if source in known
    ]
    if "api" not in known and "missing_from_api" in finding["classes"]:
        bars.append(Bar(SOURCES["api"], "not shown", float(-least * 100 / room), 0, differs=True))
    return bars


def _counts(counts: dict[str, int]) -> list[Bar]:
    """Return how often each name was found, the most frequent first."""
    most = max(counts.values(), default=0)
    return [
        Bar(_words(name), str(count), 0, count * 100 / most)
        for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]
