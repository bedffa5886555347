"""Brings files of products, movements, counts and balances into the database.

What a value means, and what is wrong with it, SQL decides. Here a file becomes numbered lines for
COPY: unpacked, known to be text, and each line at which COPY would stop replaced by the reason.
Memory does not grow with the file.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, LiteralString, cast

import click

from stocksync.db import Connection
from stocksync.errors import StocksyncError
from stocksync.objects import value
from stocksync.output import to_json

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

Kind = Literal["products", "movements", "counts", "balances"]
Advance = Callable[[float], None]
Record = tuple[int, bytes]

_BUFFER = 1 << 18  # bytes
_BATCH = 2000  # lines
# Of a record, in bytes: without a limit, a quote that is never closed takes the rest of the file.
_LONGEST = 1 << 24
_GZIP = b"\x1f\x8b"
_JSON_SUFFIXES = {".jsonl", ".ndjson"}


def stage(connection: Connection, kind: Kind, file: str, advance: Advance) -> None:
    """Copy ``file`` ("-" is standard input) to the staging table of this transaction.

    ``advance`` is told the bytes read. Raises StocksyncError for a file that cannot be read as a
    whole, psycopg.Error for a header that does not fit.
    """
    with open_text(file, advance) as stream:
        is_json = _is_json(file, stream)
        records = _records(stream, file, is_csv=not is_json)
        if is_json:
            columns = connection.execute("select * from stocksync.import_columns(%s)", (kind,))
            refused = {name: reason for name, _, reason in columns}
            header = [name for name, reason in refused.items() if reason is None]
            lines = (_from_json(record, header, refused) for record in records)
        else:
            _, first = next(records, (0, b"\n"))
            header = [name.strip() for name in next(csv.reader(io.StringIO(first.decode())))]
            lines = (_from_csv(record, len(header)) for record in records)

        statement = value(connection, "select stocksync.stage_import(%s, %s)", kind, header)
        with connection.cursor().copy(cast(LiteralString, statement)) as copy:
            while batch := b"".join(islice(lines, _BATCH)):
                copy.write(batch)


def title(file: str) -> str:
    """Return how to name ``file`` in a message."""
    return "standard input" if file == "-" else f'"{file}"'


def size(file: str) -> int | None:
    """Return the bytes of ``file``, None if nobody knows."""
    return Path(file).stat().st_size if Path(file).is_file() else None


class _Measured(io.RawIOBase):
    """Tells how much has been read."""

    def __init__(self, stream: BinaryIO, advance: Advance) -> None:
        self._stream = stream
        self._advance = advance

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        chunk = self._stream.read(memoryview(buffer).nbytes)
        self._advance(len(chunk))
        memoryview(buffer)[: len(chunk)] = chunk
        return len(chunk)


class _Text(io.RawIOBase):
    """Passes on UTF-8, and says in which line a file stops being that.

    COPY would find out too, but name a line of what it is sent.
    """

    def __init__(self, stream: io.BufferedIOBase, name: str) -> None:
        self._stream = stream
        self._name = name
        self._line = 1
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        chunk = self._stream.read1(memoryview(buffer).nbytes)
        try:
            self._decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            raise self._refused(error.object[: error.start], "is not UTF-8") from error
        if (position := chunk.find(b"\0")) >= 0:
            raise self._refused(chunk[:position], "holds a null byte")
        self._line += chunk.count(b"\n")
        memoryview(buffer)[: len(chunk)] = chunk
        return len(chunk)

    def _refused(self, before: bytes, why: str) -> StocksyncError:
        line = self._line + before.count(b"\n")
        return StocksyncError(f"{self._name} {why} in line {line}", hint="Save it as UTF-8 text.")


@contextmanager
def open_text(file: str, advance: Advance) -> Iterator[io.BufferedReader[_Text]]:
    """Open ``file``, unpacked, at its first character; raise StocksyncError if it has none.

    Reading it raises StocksyncError where it is no UTF-8. ``advance`` is told the bytes read.
    """
    name = title(file)
    try:
        with click.open_file(file, "rb") as raw:
            packed = io.BufferedReader(_Measured(cast(BinaryIO, raw), advance), _BUFFER)
            is_packed = packed.peek(2).startswith(_GZIP)
            unpacked = gzip.GzipFile(fileobj=packed) if is_packed else packed
            stream = io.BufferedReader(_Text(unpacked, name), _BUFFER)
            if stream.peek(3).startswith(codecs.BOM_UTF8):
                stream.read(3)
            if not stream.peek(1):
                raise StocksyncError(f"{name} is empty")
            yield stream
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise StocksyncError(f"{name} is a damaged or incomplete gzip file") from error
    except OSError as error:
        raise StocksyncError(f"cannot read {name}: {error.strerror or error}") from error


def _is_json(file: str, stream: io.BufferedReader[_Text]) -> bool:
    suffix = Path(file.removesuffix(".gz")).suffix
    # no column is called {, so that standard input needs no name
    return suffix in _JSON_SUFFIXES or stream.peek(1).startswith(b"{")


def _records(stream: io.BufferedReader[_Text], file: str, *, is_csv: bool) -> Iterator[Record]:
    """Yield each record with the number of the line where it begins, blank ones left out.

    A record of CSV goes on to the next line while its quotes are odd in number, as it does for
    COPY.
    """
    lines = enumerate(iter(partial(stream.readline, _LONGEST), b""), 1)
    for number, line in lines:
        record = line
        if is_csv and line.count(b'"') % 2:
            parts, length = [line], len(line)
            for _, part in lines:
                parts.append(part)
                length += len(part)
                if part.count(b'"') % 2 or length >= _LONGEST:
                    break
            record = b"".join(parts)
        if len(record) >= _LONGEST:
            raise StocksyncError(
                f"line {number} of {title(file)} does not end within {_LONGEST >> 20} MB",
                hint="Is a closing quotation mark missing?",
            )
        record = record.removesuffix(b"\n").removesuffix(b"\r")
        if record:
            yield number, record


def _from_csv(record: Record, width: int) -> bytes:
    """Return the line for COPY: number, no problem, the record as it is."""
    number, text = record
    bare = text
    if b'"' in text:
        pieces = text.split(b'"')
        if not len(pieces) % 2:
            return _unreadable(number, width, "a quotation mark is not closed")
        bare = b"".join(pieces[::2])
    if (found := bare.count(b",") + 1) != width:
        values = "value" if found == 1 else "values"
        return _unreadable(number, width, f"{found} {values} for {width} columns")
    if b"\r" in bare:
        return _unreadable(number, width, "a carriage return outside quotation marks")
    return b"%d,,%b\n" % (number, text)


def _from_json(record: Record, header: Sequence[str], refused: dict[str, str | None]) -> bytes:
    """Return the line for COPY: number, no problem, the values as texts."""
    number, text = record
    try:
        document = json.loads(
            text.decode(),
            parse_float=_number,
            parse_constant=_no_number,
            object_pairs_hook=_object,
        )
        if not isinstance(document, dict):
            raise ValueError("not an object")
        for name in document:
            if name not in refused:
                raise ValueError(f"unknown column {name!r}, known are {', '.join(header)}")
            if reason := refused[name]:
                raise ValueError(f'column "{name}" cannot be imported. {reason}')
        values = [_csv_value(name, document.get(name)) for name in header]
        return b"%d,,%b\n" % (number, ",".join(values).encode())
    except json.JSONDecodeError as error:
        return _unreadable(number, len(header), f"not JSON: {error.msg} at column {error.colno}")
    except RecursionError:
        return _unreadable(number, len(header), "not JSON: nested too deeply")
    except UnicodeEncodeError:
        return _unreadable(number, len(header), "not JSON: half of a surrogate pair")
    except (ValueError, ArithmeticError) as error:
        return _unreadable(number, len(header), str(error))


def _csv_value(name: str, value: object) -> str:
    """Return a JSON value as a quoted CSV one."""
    if value is None:
        return ""
    if name == "metadata" or isinstance(value, bool):
        text = to_json(value)
    elif isinstance(value, (dict, list)):
        raise ValueError(f"{name} is no single value")
    else:
        text = str(value)
    if "\0" in text:
        raise ValueError(f"{name} holds a null character")
    return '"' + text.replace('"', '""') + '"'


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        raise ValueError("a name is there twice")
    return document


def _number(text: str) -> Decimal:
    """Return a number with all its digits; written out, 1e999999999 would fill the memory."""
    number = Decimal(text)
    if abs(number.adjusted()) > 1000:
        raise ValueError(f"number out of range: {text[:40]}")
    return number


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not a number")


def _unreadable(number: int, width: int, why: str) -> bytes:
    quoted = why.encode(errors="backslashreplace").replace(b'"', b'""')
    return b'%d,"%b"%b\n' % (number, quoted, b"," * width)
