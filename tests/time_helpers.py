"""Builders for closings and archives, as a DBA makes them: by SQL alone."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from time import monotonic

import psycopg
from helpers import TIMEOUT, only

DAY = timedelta(days=1)


def at(text: str) -> datetime:
    """Return a time written without offset, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def close(db: psycopg.Connection, through: str) -> int:
    """Close the books through a day and return the number of the closing."""
    return int(only(db, "call stocksync.close_period(%s)", (through,)))


def stock_at(db: psycopg.Connection, time: object, known_at: object = None) -> dict[str, str]:
    """Return the stock of each product as text, so that 5 is not 5.0."""
    return dict(
        db.execute(
            "select sku, quantity::text from stocksync.stock_as_of(%s, p_known_at => %s)",
            (time, known_at),
        ).fetchall()
    )


def written(db: psycopg.Connection, through: str) -> bytes:
    """Return what the file of an archive holds."""
    with (
        db.transaction(),
        db.execute("set local datestyle = 'ISO'").copy(
            f"copy (select * from stocksync.archivable('{through}'))"
            " to stdout (format csv, header, encoding 'UTF8')"
        ) as copy,
    ):
        return b"".join(bytes(chunk) for chunk in copy)


def stage(db: psycopg.Connection, content: bytes) -> None:
    """Read it back, in the transaction that is open."""
    header = content.split(b"\n")[0].decode()
    with db.cursor().copy(only(db, "select stocksync.stage_archive(%s)", (header,))) as copy:
        copy.write(content)


def checksum(content: bytes) -> str:
    return sha256(content).hexdigest()


def archive(db: psycopg.Connection, through: str, content: bytes | None = None) -> bytes:
    """Archive a closed period and return what the file holds."""
    content = written(db, through) if content is None else content
    with db.transaction():
        stage(db, content)
        db.execute(
            "select stocksync.archive_movements(%s, 'file.csv', %s)", (through, checksum(content))
        )
    return content


def unarchive(db: psycopg.Connection, content: bytes, sha: str | None = None) -> int:
    """Put an archive back and return how many movements it held."""
    with db.transaction():
        stage(db, content)
        return int(only(db, "select stocksync.restore_archive(%s)", (sha or checksum(content),)))


def until(db: psycopg.Connection, query: str) -> None:
    """Wait until a query returns anything."""
    deadline = monotonic() + TIMEOUT
    while not db.execute(query).fetchall():
        assert monotonic() < deadline, query
