"""Files of archived movements: CSV packed with gzip, and the SHA-256 of what is in them.

Memory does not grow with the file.
"""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import LiteralString, cast

import psycopg

from stocksync.db import Connection
from stocksync.errors import StocksyncError
from stocksync.objects import value

_CHUNK = 1 << 18  # bytes


def write(connection: Connection, through: object, path: Path) -> str:
    """Write the movements of ``stocksync.archivable(through)`` to a new file, safely on disk.

    Returns the checksum in hexadecimal. Raises StocksyncError if the file is there already,
    OSError if it cannot be written, and leaves no part of it behind.
    """
    checksum = sha256()
    try:
        raw = path.open("xb")
    except FileExistsError as error:
        raise StocksyncError(
            f'"{path}" is there already', hint="Give the archive a name of its own."
        ) from error
    try:
        with raw, connection.cursor() as cursor:
            cursor.execute("set local timezone = 'UTC'")
            cursor.execute("set local datestyle = 'ISO'")
            with (
                gzip.GzipFile(path.name, "wb", fileobj=raw, mtime=0) as packed,
                cursor.copy(
                    "copy (select * from stocksync.archivable(%s))"
                    " to stdout with (format csv, header, encoding 'UTF8')",
                    (through,),
                ) as copy,
            ):
                for chunk in copy:
                    checksum.update(chunk)
                    packed.write(chunk)
            raw.flush()
            os.fsync(raw.fileno())
        sync_directory(path.parent)
    except BaseException:
        path.unlink()
        raise
    return checksum.hexdigest()


def read_back(connection: Connection, path: Path, advance: Callable[[float], None]) -> str:
    """Copy a file to the staging table of this transaction and return its checksum.

    ``advance`` is told the bytes read, as they are packed. Raises StocksyncError for a file that
    cannot be unpacked or holds anything but movements, OSError if it cannot be read.
    """
    checksum = sha256()
    try:
        with path.open("rb") as raw, gzip.GzipFile(fileobj=raw) as packed:
            position = 0
            chunk = packed.readline(_CHUNK)
            header = chunk.decode(errors="replace")
            statement = value(connection, "select stocksync.stage_archive(%s)", header)
            with connection.cursor().copy(cast(LiteralString, statement)) as copy:
                while chunk:
                    checksum.update(chunk)
                    copy.write(chunk)
                    advance(raw.tell() - position)
                    position = raw.tell()
                    chunk = packed.read(_CHUNK)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise StocksyncError(
            f'"{path}" is not a whole gzip file', hint="Use the file as it was written."
        ) from error
    except psycopg.DataError as error:
        raise StocksyncError(
            f'"{path}" does not hold movements',
            detail=error.diag.message_primary,
            hint="Use the file as it was written.",
        ) from error
    return checksum.hexdigest()


def sync_directory(directory: Path) -> None:
    """Make sure that a new name in a directory outlives a crash."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
