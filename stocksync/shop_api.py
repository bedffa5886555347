"""Reads what a customer-facing API shows: from a URL, page by page, or from a file.

What an id or a quantity means, and whether it is right, SQL decides (stocksync.stage_api_items).
Here an API that cannot be read to its end is an error, never a shorter list: what it did not say
would be taken for not shown. Secrets come from the environment, go to one host only, and are in no
message.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import logging
import os
import re
import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from decimal import Decimal
from itertools import count, islice
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urljoin, urlsplit

import jsonpath
import urllib3
from urllib3 import exceptions as http

from stocksync import __version__
from stocksync.errors import ExitStatus, StocksyncError
from stocksync.importing import Advance, open_text, title
from stocksync.output import printable

Item = dict[str, Any]
JSONPath = jsonpath.CompoundJSONPath | jsonpath.JSONPath

TOKEN = "STOCKSYNC_API_TOKEN"  # noqa: S105
HEADERS = "STOCKSYNC_API_HEADERS"

_ATTEMPTS = 5
_BACKOFF = 0.5  # seconds, doubled each time
_LONGEST_RETRY_AFTER = 300  # seconds, whatever a server asks for
_CONNECT_TIMEOUT = 10
_LONGEST_ANSWER = 600  # seconds: a server that sends a byte now and then never times out
_LARGEST = 64 << 20  # bytes of a page, unpacked: all of it is in memory
_MOST_PAGES = 100_000
_MOST_REDIRECTS = 5
_BATCH = 1000

_PLACE = re.compile(r"\{(?:(page|offset)(?:=([0-9]{1,9}))?|cursor)\}")
_LINK = re.compile(r'<([^>]*)>((?:\s*;\s*[^;,=\s]+(?:\s*=\s*(?:"[^"]*"|[^;,"]*))?)*)')
_REL_NEXT = re.compile(r';\s*rel\s*=\s*(?:"[^"]*\bnext\b[^"]*"|next\b)', re.IGNORECASE)
# How APIs say that this is not all, by their names without "_".
_MORE = {"next", "nextpage", "nextcursor", "nexturl", "nextlink", "nexttoken", "hasmore", "hasnext"}

_JSON_LINES = {".jsonl", ".ndjson"}

# Its warnings tell the whole URL.
logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)


class ApiError(StocksyncError):
    """The API, or the file of it, could not be read to its end."""


class Names(NamedTuple):
    """Where an item says what: JSON paths, or the columns of a CSV file."""

    id: str
    quantity: str
    status: str | None = None
    reserved: str | None = None


class Api:
    """An API at a URL.

    ``{page}`` or ``{offset}`` in the URL is counted up until a page is empty, ``{cursor}`` is what
    ``next_path`` finds in the page before; without any of them ``next_path`` finds the next URL, or
    a Link header says it.
    """

    def __init__(
        self,
        url: str,
        names: Names,
        *,
        items_path: str | None = None,
        next_path: str | None = None,
        rate: float = 10,
        timeout: float = 30,
        ca_file: str | None = None,
    ) -> None:
        self.url = url
        self.pages_read = 0
        self._picker = _Picker(names)
        self._items = compile_path(items_path)
        self._next = compile_path(next_path)
        self._pause = 1 / rate
        self._timeout = timeout
        self._origin = _origin(url)
        if "{cursor}" in url and next_path is None:
            raise ApiError(
                "nothing says where the cursor is",
                hint="Give its JSON path with --api-next.",
                exit_status=ExitStatus.USAGE,
            )
        self._headers, self._has_secrets = _headers()
        self._asked_at = float("-inf")
        try:
            context = ssl.create_default_context(cafile=ca_file)
        except (OSError, ssl.SSLError) as error:
            raise ApiError(
                f"cannot read certificates from {title(str(ca_file))}",
                detail=printable(str(error)),
                hint="--api-ca names a file of certificates in PEM format.",
            ) from error
        self._pool = urllib3.PoolManager(ssl_context=context)

    def pages(self) -> Iterator[list[Item]]:
        """Yield the items page by page, to the end of the list; raise ApiError if it has none."""
        self.pages_read = 0
        place = _PLACE.search(self.url)
        counted = place is not None and place[1] is not None
        position = int((place and place[2]) or (place and place[1] == "page") or 0)
        url: str | None = _PLACE.sub(str(position) if counted else "", self.url)
        asked: set[str] = set()
        seen: dict[bytes, int] = {}
        while url is not None:
            if url in asked or len(asked) >= _MOST_PAGES:
                raise ApiError(
                    "the API never ends"
                    if url not in asked
                    else f"page {len(asked) + 1} of the API leads back to one that was read",
                    detail=f"{len(asked)} pages were read from {public(self.url)}.",
                    hint="What says where the next page is? See --api-next.",
                )
            asked.add(url)
            document, response = self._document(url)
            elements = self._elements(document)
            if len(asked) == 1 and elements:
                self._picker.check(elements, "id", "quantity")
            items = self._picker.pick(elements)
            self._refuse_repetition(items, len(asked), seen)
            self.pages_read = len(asked)
            if items:
                yield items
            if counted:
                position += 1 if place and place[1] == "page" else len(items)
                ended = not items or (self._next is not None and not self._following(document))
                url = None if ended else _PLACE.sub(str(position), self.url)
            else:
                url = self._next_url(document, response, has_cursor=place is not None)

    def item(self, url: str, api_id: str) -> list[Item]:
        """Return what the API shows of one product at ``url`` with {id}: nothing if it does not."""
        document, _ = self._document(url.replace("{id}", quote(api_id, safe="")), may_be_gone=True)
        elements = document if isinstance(document, list) else [document]
        if document is None or not elements:
            return []
        self._picker.check(elements, "quantity")
        # the answer is to this question, whatever name it has for it
        return [{**item, "id": api_id} for item in self._picker.pick(elements)]

    def _refuse_repetition(self, items: list[Item], page: int, seen: dict[bytes, int]) -> None:
        """Raise if the ids of a page are those of an earlier one: it would go on for ever."""
        if not items:
            return
        ids = [item.get("id") for item in items]
        digest = hashlib.sha256(repr(ids if any(ids) else items).encode()).digest()
        if digest in seen:
            raise ApiError(
                f"page {page} of the API is page {seen[digest]} again",
                detail=f"Read from {public(self.url)}.",
                hint="Does the API look at what changes in the address? See --api-url, --api-next.",
            )
        seen[digest] = page

    def _elements(self, document: object) -> list[object]:
        return _elements(document, self._items, f"the answer of {public(self.url)}")

    def _following(self, document: object) -> object:
        """Return what says that there is another page, or where; None for nothing."""
        match = _match(self._next, document) if self._next else None
        return match.obj if match and match.obj is not False and match.obj != "" else None

    def _next_url(self, document: object, response: _Answer, *, has_cursor: bool) -> str | None:
        if self._next is None:
            if linked := _linked(response.link):
                return urljoin(response.url, linked)
            if (name := _says_more(document)) is not None:
                raise ApiError(
                    "the API has more pages",
                    detail=f'Its answer says so: "{name}".',
                    hint="Say where the next page is with --api-next, or with {page}, {offset} or"
                    " {cursor} in --api-url.",
                )
            return None
        following = self._following(document)
        if following is None:
            return None
        if has_cursor and isinstance(following, (str, int, Decimal)):
            return _PLACE.sub(quote(str(following), safe="").replace("\\", r"\\"), self.url)
        if isinstance(following, str) and re.match(r"https?://|[/?]", following):
            return urljoin(response.url, following)
        raise ApiError(
            f"what --api-next finds is no address: {printable(str(following))[:60]}",
            hint="If it is a cursor, write {cursor} in --api-url where it goes.",
        )

    # One answer ---------------------------------------------------------------------------------

    def _document(self, url: str, *, may_be_gone: bool = False) -> tuple[object, _Answer]:
        answer = self._ask(url, may_be_gone=may_be_gone)
        if answer.body is None:
            return None, answer
        return _parse(answer.body, f"the answer of {public(answer.url)}"), answer

    def _ask(self, url: str, *, may_be_gone: bool) -> _Answer:
        """Return the answer to a GET, after redirects and retries."""
        for _ in range(_MOST_REDIRECTS + 1):
            self._refuse_strangers(url)
            answer = self._try(url)
            if answer.location is None:
                break
            url = urljoin(url, answer.location)
        else:
            raise ApiError(f"{public(self.url)} redirects in a circle")
        if answer.status in (404, 410) and may_be_gone:
            return answer._replace(body=None)
        if answer.status != 200:
            raise ApiError(
                f"{public(url)} answers with HTTP {answer.status}",
                hint=f"Set {TOKEN} or {HEADERS} to what it asks for."
                if answer.status in (401, 403)
                else "Is this the address of the list? If pages end like this, see --api-next."
                if answer.status == 404
                else None,
            )
        return answer

    def _refuse_strangers(self, url: str) -> None:
        """Raise if a secret would go to another host than the one that it is for, or in the clear.

        Where there is none, another host may be asked, but never in the clear instead of by TLS.
        """
        origin = _origin(url)
        if origin == self._origin:
            return
        if self._has_secrets:
            raise ApiError(
                f"{public(self.url)} leads to another host: {public(url)}",
                detail=f"What {TOKEN} and {HEADERS} hold is not sent there.",
                hint="If it may go there, give that address as --api-url.",
            )
        if self._origin[0] == "https" and origin[0] != "https":
            raise ApiError(f"{public(self.url)} leads to an address without TLS: {public(url)}")

    def _try(self, url: str) -> _Answer:
        """Ask until there is an answer, or no more attempts are left."""
        retries = urllib3.Retry(
            total=_ATTEMPTS - 1,
            status_forcelist=(429, 500, 502, 503, 504),
            backoff_factor=_BACKOFF,
            retry_after_max=_LONGEST_RETRY_AFTER,
        )
        while True:
            time.sleep(max(0.0, self._asked_at + self._pause - time.monotonic()))
            self._asked_at = time.monotonic()
            response: urllib3.BaseHTTPResponse | None = None
            try:
                response = self._pool.request(
                    "GET",
                    url,
                    headers=self._headers,
                    timeout=urllib3.Timeout(
                        connect=min(self._timeout, _CONNECT_TIMEOUT), read=self._timeout
                    ),
                    retries=False,
                    redirect=False,
                    preload_content=False,
                )
                if not retries.is_retry("GET", response.status):
                    return self._answer(url, response)
                response.close()
                retries = retries.increment("GET", url, response=response)
            except (http.SSLError, http.LocationParseError, http.MaxRetryError) as error:
                # without its cause, whose text is the whole address
                raise self._failed(url, error) from None
            except http.HTTPError as error:
                try:
                    retries = retries.increment("GET", url, error=error)
                except http.HTTPError:
                    raise self._failed(url, error) from None
            try:
                retries.sleep(response)
            except http.InvalidHeader:
                retries.sleep()

    def _answer(self, url: str, response: urllib3.BaseHTTPResponse) -> _Answer:
        """Read an answer to its end."""
        location = response.get_redirect_location() or None
        body = io.BytesIO()
        deadline = time.monotonic() + _LONGEST_ANSWER
        try:
            for chunk in response.stream(1 << 16, decode_content=True):
                body.write(chunk)
                if body.tell() > _LARGEST:
                    raise ApiError(
                        f"a page of {public(url)} is larger than {_LARGEST >> 20} MB",
                        hint="Ask for smaller pages: with {page} or {offset} in --api-url, and the"
                        " parameter that says how many.",
                    )
                if time.monotonic() > deadline:
                    raise ApiError(
                        f"{public(url)} did not end its answer within {_LONGEST_ANSWER} seconds"
                    )
        except BaseException:
            response.close()
            raise
        response.release_conn()
        return _Answer(
            url, response.status, response.headers.get("Link", ""), location, body.getvalue()
        )

    def _failed(self, url: str, error: Exception) -> ApiError:
        """Say in words why there is no answer."""
        where = public(url)
        match error:
            case http.MaxRetryError(reason=http.ResponseError() as reason):
                return ApiError(
                    f"{where} fails", detail=f"The last of {_ATTEMPTS} attempts: {reason}."
                )
            case http.SSLError():
                return ApiError(
                    f"no secure connection to {where}",
                    detail=printable(str(error)),
                    hint="--api-ca FILE names an authority of your own.",
                )
            case http.NameResolutionError():
                return ApiError(
                    f"no such host: {where}", hint="Correct --api-url, or look at the network."
                )
            case http.NewConnectionError() | http.ConnectTimeoutError():
                return ApiError(
                    f"cannot connect to {where}", hint="Is it running there, and let you in?"
                )
            case http.ReadTimeoutError():
                return ApiError(
                    f"{where} does not answer within {self._timeout:g} seconds",
                    detail=f"{_ATTEMPTS} attempts were made.",
                    hint="Give it more time with --api-timeout, or ask for smaller pages.",
                )
            case http.DecodeError():
                return ApiError(f"{where} answers with what cannot be unpacked")
            case http.LocationParseError():
                return ApiError(f"{where} leads to what is no address")
            case _:
                return ApiError(
                    f"{where} breaks off its answer", detail=f"{_ATTEMPTS} attempts were made."
                )


class _Answer(NamedTuple):
    url: str
    status: int
    link: str
    location: str | None
    body: bytes | None


def read_file(
    file: str, names: Names, advance: Advance, *, items_path: str | None = None
) -> Iterator[list[Item]]:
    """Yield the items of a file: JSON as the API has it, JSON lines, or CSV with a header line.

    ``advance`` is told the bytes read. Raises StocksyncError if it cannot be read to its end.
    """
    suffix = Path(file.removesuffix(".gz")).suffix
    with open_text(file, advance) as stream:
        beginning = stream.peek(1).lstrip()[:1]
        is_json = suffix == ".json" or beginning in (b"[", b"{")
        if suffix in _JSON_LINES or (
            suffix != ".json" and beginning == b"{" and items_path is None
        ):
            elements: Iterable[object] = _json_lines(stream, title(file))
        elif is_json:
            text = stream.read(_LARGEST + 1)
            if len(text) > _LARGEST:
                raise ApiError(
                    f"{title(file)} is larger than {_LARGEST >> 20} MB",
                    hint="Save it as JSON lines or CSV, which are read piece by piece.",
                )
            elements = _elements(_parse(text, title(file)), compile_path(items_path), title(file))
        else:
            yield from _read_csv(stream, names, title(file))
            return
        picker = _Picker(names)
        remaining = iter(elements)
        is_first = True
        while batch := list(islice(remaining, _BATCH)):
            if is_first:
                picker.check(batch, "id", "quantity")
                is_first = False
            yield picker.pick(batch)


def compile_path(path: str | None) -> JSONPath | None:
    """Return a JSON path (RFC 9535, the leading "$." may be left out), None for None.

    Raises ApiError if it is none.
    """
    if path is None:
        return None
    try:
        return jsonpath.compile(path)
    except jsonpath.JSONPathError as error:
        raise ApiError(
            f'"{printable(path)}" is no JSON path',
            detail=printable(str(error).splitlines()[0]) + ".",
            hint="Write it like products, $.data.items, or $['stock level'].",
            exit_status=ExitStatus.USAGE,
        ) from error


def public(url: str) -> str:
    """Return a URL for messages and records: without user, parameters and fragment."""
    with suppress(ValueError):
        parts = urlsplit(url)
        return printable(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}")
    return "the address"


class _Picker:
    """Takes from an element of the list what is compared."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._paths = [
            (name, path)
            for name, text in names._asdict().items()
            if (path := compile_path(text)) is not None
        ]

    def pick(self, elements: Iterable[object]) -> list[Item]:
        return [
            {
                name: _clean(match.obj)
                for name, path in self._paths
                if (match := _match(path, element)) is not None
            }
            for element in elements
        ]

    def check(self, elements: list[object], *needed: str) -> None:
        """Raise if none of the elements has what is needed: the path is wrong then."""
        for name, path in self._paths:
            if name in needed and all(_match(path, element) is None for element in elements):
                example = elements[0]
                raise ApiError(
                    f'no item has "{printable(getattr(self._names, name))}"',
                    detail="The first one has: " + _listed(example)
                    if isinstance(example, dict)
                    else "The first one is no object.",
                    hint=f"Say with --api-{name} where it is.",
                )


def _match(path: JSONPath, element: object) -> jsonpath.JSONPathMatch | None:
    # a text would be read as JSON
    return path.match(element) if isinstance(element, (dict, list)) else None


def _listed(names: Iterable[object]) -> str:
    return printable(", ".join(map(str, islice(names, 20))))[:500] + "."


def _clean(value: object) -> object:
    """Return a value as the database can take it: what is no text, number or boolean as text."""
    if isinstance(value, str):
        return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    if isinstance(value, (dict, list)):
        return json.dumps(value, default=str)[:1000]
    return value


def _elements(document: object, path: JSONPath | None, where: str) -> list[object]:
    """Return the elements of the list in a document."""
    if path is None:
        if isinstance(document, list):
            return document
        raise ApiError(
            f"{where} is no list",
            detail="It has: "
            + _listed(f"{k} (a list)" if isinstance(v, list) else k for k, v in document.items())
            if isinstance(document, dict)
            else None,
            hint="Say with --api-items where the list is.",
        )
    found = path.findall(document) if isinstance(document, (dict, list)) else []
    if not (isinstance(path, jsonpath.JSONPath) and path.singular_query()):
        return list(found)
    if found and isinstance(found[0], list):
        return found[0]
    raise ApiError(
        f"{where} has no list where --api-items says",
        detail="It has: " + _listed(document) if isinstance(document, dict) else None,
    )


def _parse(text: bytes, where: str) -> object:
    try:
        return json.loads(
            text, parse_int=_integer, parse_float=_number, parse_constant=lambda name: name
        )
    except RecursionError as error:
        raise ApiError(f"{where} is nested too deeply") from error
    except ValueError as error:
        shown = printable(text[:60].decode("utf-8", "replace"))
        raise ApiError(
            f"{where} is no JSON",
            detail=f"It begins with: {shown}" if shown else "It is empty.",
            hint="Is this the API itself, and not a page for people? Does it end in the middle?",
        ) from error


def _integer(text: str) -> int | Decimal | str:
    return int(text) if len(text) < 19 else _number(text)


def _number(text: str) -> Decimal | str:
    """Return a number with all its digits; one that no stock has as text, for SQL to refuse.

    Written out, 1e999999999 would fill the memory.
    """
    number = Decimal(text)
    return number if len(text) <= 100 and abs(number.adjusted()) <= 30 else text


def _json_lines(stream: io.BufferedReader[Any], name: str) -> Iterator[object]:
    for number in count(1):
        line = stream.readline(_LARGEST)
        if not line:
            return
        if line.strip():
            yield _parse(line, f"line {number} of {name}")


def _read_csv(stream: io.BufferedReader[Any], names: Names, name: str) -> Iterator[list[Item]]:
    text = io.TextIOWrapper(stream, encoding="utf-8", newline="")
    header = text.readline(1 << 20)
    # spreadsheets write ; or tabs where the comma is in the numbers
    delimiter = max(",;\t", key=header.count)
    columns = [column.strip() for column in next(csv.reader([header], delimiter=delimiter))]
    wanted = {key: column for key, column in names._asdict().items() if column is not None}
    for key, column in wanted.items():
        if columns.count(column) != 1:
            raise ApiError(
                f'{name} has no column "{printable(column)}"'
                if column not in columns
                else f'{name} has the column "{printable(column)}" twice',
                detail="It has: " + _listed(columns),
                hint=f"Say with --api-{key} what it is called.",
            )
    places = {key: columns.index(column) for key, column in wanted.items()}
    reader = csv.reader(text, delimiter=delimiter)
    try:
        while rows := list(islice(filter(None, reader), _BATCH)):
            yield [
                {key: row[place] for key, place in places.items() if place < len(row)}
                for row in rows
            ]
    except csv.Error as error:
        raise ApiError(
            f"line {reader.line_num + 1} of {name} is no CSV: {error}",
            hint="Is a closing quotation mark missing?",
        ) from error


def _linked(header: str) -> str | None:
    """Return the address of the next page in a Link header."""
    return next((url for url, rest in _LINK.findall(header) if _REL_NEXT.search(rest)), None)


def _says_more(document: object) -> str | None:
    """Return the name with which an answer says that it is not all, None if it does not."""
    if not isinstance(document, dict):
        return None
    nested = [value for value in document.values() if isinstance(value, dict)]
    for part in (document, *nested):
        for name, value in part.items():
            if value and name.replace("_", "").lower() in _MORE and not isinstance(value, list):
                return printable(name)
    return None


def _origin(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port; raise ApiError if it is no address to ask."""
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme.lower(), parts.hostname, parts.port
    except ValueError:
        scheme, host, port, parts = "", None, None, urlsplit("")
    if scheme not in ("http", "https") or not host:
        raise ApiError(f"{public(url)} is not like https://host/path", exit_status=ExitStatus.USAGE)
    if parts.username is not None or parts.password is not None:
        raise ApiError(
            f"the address of {public(url)} holds a password",
            hint=f"Give it in {HEADERS}: " + """'{"Authorization": "Basic ..."}'.""",
            exit_status=ExitStatus.USAGE,
        )
    return scheme, host.lower(), port or (443 if scheme == "https" else 80)


def _headers() -> tuple[dict[str, str], bool]:
    """Return the headers of every request, and whether some of them are secrets."""
    own: dict[str, str] = {}
    if token := os.environ.get(TOKEN):
        own["Authorization"] = f"Bearer {token}"
    if text := os.environ.get(HEADERS):
        try:
            given = json.loads(text)
        except ValueError:
            given = None
        if not isinstance(given, dict) or not all(isinstance(v, str) for v in given.values()):
            raise ApiError(
                f"{HEADERS} is no JSON object of texts",
                hint="""Write it like '{"X-Api-Key": "..."}'.""",
            )
        own |= given
    for name, value in own.items():
        # what http.client refuses it would repeat in the error
        if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name) or not re.fullmatch(
            r"[\x20-\x7e\xa0-\xff]*", value
        ):
            raise ApiError(f"{TOKEN} or {HEADERS} holds what a header of HTTP cannot")
    standard = {
        "Accept": "application/json",
        "Accept-Encoding": "gzip",
        "User-Agent": f"stocksync/{__version__}",
    }
    return {**standard, **own}, bool(own)
