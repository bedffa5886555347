"""The options that name a customer-facing API, and the reading of it for a comparison."""

from __future__ import annotations

import functools
import math
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import click
from click.core import ParameterSource
from psycopg.types.json import Jsonb

from stocksync import importing
from stocksync.cli.context import App
from stocksync.output import progress, to_json
from stocksync.shop_api import Api, Item, Names, public, read_file

Command = TypeVar("Command", bound=Callable[..., Any])

_STEP = 0.2  # seconds


class ApiOptions(NamedTuple):
    """What the options of `api_options` say."""

    url: str | None = None
    file: str | None = None
    items: str | None = None
    id: str = "id"
    quantity: str = "quantity"
    status: str | None = None
    reserved: str | None = None
    match: str = "id"
    next: str | None = None
    item_url: str | None = None
    at: str | None = None
    grace: float = 10
    rate: float = 10
    timeout: float = 30
    ca: str | None = None


def api_options(command: Command) -> Command:
    """Give a command the options ``--api-...``; it receives ``api``, to be handed to `read_api`."""

    @functools.wraps(command)
    def with_api(*arguments: object, **options: object) -> object:
        given: dict[str, Any] = {name: options.pop(f"api_{name}") for name in ApiOptions._fields}
        if given["url"] and given["file"]:
            source = click.get_current_context().get_parameter_source
            # a URL in the environment is for every day, a file for today
            if ParameterSource.ENVIRONMENT not in (source("api_url"), source("api_file")):
                raise click.UsageError("--api-url and --api-file are two sources: give one.")
            less = "url" if source("api_url") is ParameterSource.ENVIRONMENT else "file"
            given[less] = None
        return command(*arguments, api=ApiOptions(**given), **options)

    wrapped: Any = with_api
    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped  # type: ignore[no-any-return]


def read_api(app: App, options: ApiOptions) -> int | None:
    """Read what the API shows, and what differs a second time; return the number of the reading.

    None if no API is named. Raises StocksyncError if it cannot be read to its end.
    """
    if options.file:
        return _read_file(app, options, options.file)
    if options.url:
        return _read_url(app, options, options.url)
    return None


def _read_file(app: App, options: ApiOptions, file: str) -> int:
    reading = _begin(app, options, importing.title(file), _moment(app, options, file))
    with progress("reading the file", importing.size(file), quiet=app.hides_progress) as advance:
        for items in read_file(file, _names(options), advance, items_path=options.items):
            _stage(app, reading, items)
    _end(app, reading)
    return reading


def _read_url(app: App, options: ApiOptions, url: str) -> int:
    if options.item_url and "{id}" not in options.item_url:
        raise click.UsageError("--api-item-url needs {id} where the id goes.")
    api = Api(
        url,
        _names(options),
        items_path=options.items,
        next_path=options.next,
        rate=options.rate,
        timeout=options.timeout,
        ca_file=options.ca,
    )
    reading = _begin(app, options, public(url), None)
    _stage_all(app, reading, "reading the API", api.pages())
    _end(app, reading)

    [(differs,)] = app.query("select exists (select from stocksync.api_suspects(%s))", (reading,))[
        1
    ]
    if not differs:
        return reading
    _wait(app, options.grace)
    _, rows = app.change("select * from stocksync.begin_api_rereading(%s)", (reading,))
    if remaining := list(rows):
        # one by one is for few, and cannot tell what the list leaves out or shows twice
        if (
            options.item_url
            and len(remaining) <= api.pages_read
            and all(kind == "on_hand_vs_api" for _, kind in remaining)
        ):
            address = options.item_url
            again: Iterable[list[Item]] = (api.item(address, name) for name, _ in remaining)
        else:
            again = api.pages()
        _stage_all(app, reading, "reading again what differs", again)
        _end(app, reading)
    return reading


def _names(options: ApiOptions) -> Names:
    return Names(options.id, options.quantity, options.status, options.reserved)


def _begin(app: App, options: ApiOptions, source: str, shown_at: object) -> int:
    [(reading,)] = app.change(
        "select stocksync.begin_api_reading(%s, %s, make_interval(secs => %s), %s::timestamptz)",
        (source, options.match, options.grace, shown_at),
    )[1]
    return int(reading)


def _stage_all(app: App, reading: int, doing: str, pages: Iterable[list[Item]]) -> None:
    with progress(doing, quiet=app.hides_progress) as advance:
        for items in pages:
            _stage(app, reading, items)
            advance(len(items))


def _stage(app: App, reading: int, items: list[Item]) -> None:
    app.change("select stocksync.stage_api_items(%s, %s)", (reading, Jsonb(items, dumps=to_json)))


def _end(app: App, reading: int) -> None:
    app.change("select stocksync.end_api_reading(%s)", (reading,))


def _wait(app: App, seconds: float) -> None:
    end = time.monotonic() + seconds
    with progress("giving the API time to catch up", seconds, quiet=app.hides_progress) as advance:
        while (left := end - time.monotonic()) > 0:
            step = min(_STEP, left)
            time.sleep(step)
            advance(step)


def _moment(app: App, options: ApiOptions, file: str) -> object:
    """Return the moment that a file is of: as given, else when it was written."""
    if options.at:
        [(at,)] = app.query("select stocksync.moment(%s)", (options.at,))[1]
        return at
    with suppress(OSError):
        written = Path(file).stat().st_mtime
        # one of just now may be of the future by the clock of the server
        if Path(file).is_file() and time.time() - written > options.grace:
            return datetime.fromtimestamp(written, UTC)
    return "now"


def _finite(
    _context: click.Context, _parameter: click.Parameter, value: float | None
) -> float | None:
    if value is not None and not math.isfinite(value):
        raise click.BadParameter(f"{value} is no number to count with.")
    return value


def _option(name: str, **attributes: Any) -> Callable[[Any], Any]:  # noqa: ANN401
    variable = f"STOCKSYNC_API_{name.upper().replace('-', '_')}"
    return click.option(
        f"--api-{name}", f"api_{name.replace('-', '_')}", envvar=variable, **attributes
    )


_OPTIONS = (
    _option(
        "url",
        metavar="URL",
        help="Compare with an API, too: https://host/products?page={page}, or {offset}, {cursor};"
        " Link headers are followed.",
    ),
    _option("file", metavar="FILE", help="Compare with a file of it: JSON, JSON lines or CSV."),
    _option("items", metavar="PATH", help="JSON path of the list, as $.data.products."),
    _option("id", metavar="PATH", default="id", show_default=True, help="Of each item: its id."),
    _option(
        "quantity", metavar="PATH", default="quantity", show_default=True, help="... its stock."
    ),
    _option("status", metavar="PATH", help="... its status."),
    _option("reserved", metavar="PATH", help="... what is reserved, and not in its stock."),
    _option(
        "match",
        type=click.Choice(["id", "sku"]),
        default="id",
        show_default=True,
        help="What its id is of a product.",
    ),
    _option(
        "next", metavar="PATH", help="JSON path of the next cursor or URL; nothing at the end."
    ),
    _option(
        "item-url",
        metavar="URL",
        help="Where one product is: https://host/products/{id}. What differs is read again there.",
    ),
    _option(
        "at", metavar="TIME", help="The moment that the file is of.  [default: when it was written]"
    ),
    _option(
        "grace",
        metavar="SECONDS",
        type=click.FloatRange(0, 86400),
        default=10,
        show_default=True,
        callback=_finite,
        help="How late or early the API may be; what differs is read again after it.",
    ),
    _option(
        "rate",
        metavar="N",
        type=click.FloatRange(0, min_open=True),
        default=10,
        show_default=True,
        callback=_finite,
        help="Ask so many times a second at most.",
    ),
    _option(
        "timeout",
        metavar="SECONDS",
        type=click.FloatRange(0, min_open=True),
        default=30,
        show_default=True,
        callback=_finite,
        help="Wait so long for an answer.",
    ),
    _option("ca", metavar="FILE", help="Trust these certificates instead of the system's."),
)
